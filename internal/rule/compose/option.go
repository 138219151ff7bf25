// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"
)

// valued are the options of run and create of docker, podman and nerdctl that
// take a value; all others are switches.
var valued = func() map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(`-a -c -e -h -l -m -p -u -v -w
		--add-host --annotation --arch --attach --authfile --blkio-weight --blkio-weight-device --cap-add --cap-drop --cert-dir --cgroup-conf
		--cgroup-manager --cgroup-parent --cgroupns --cgroups --chrootdirs --cidfile --conmon-pidfile --cpu-count --cpu-percent --cpu-period
		--cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-shares --cpus --cpuset-cpus --cpuset-mems --creds --decryption-key --detach-keys
		--device --device-cgroup-rule --device-read-bps --device-read-iops --device-write-bps --device-write-iops --dns --dns-opt --dns-option
		--dns-search --domainname --entrypoint --env --env-file --env-merge --expose --gidmap --gpus --group-add --group-entry --health-cmd
		--health-interval --health-log-destination --health-max-log-count --health-max-log-size --health-on-failure --health-retries
		--health-start-interval --health-start-period --health-startup-cmd --health-startup-interval --health-startup-retries
		--health-startup-success --health-startup-timeout --health-timeout --hostname --hosts-file --hostuser --image-volume --init-path
		--init-ctr --intel-rdt-closid --ip --ip6 --ipc --isolation --kernel-memory --label --label-file --link --link-local-ip --log-driver --log-opt
		--mac-address --memory --memory-reservation --memory-swap --memory-swappiness --mount --name --namespace --net --net-alias --network
		--network-alias --oom-score-adj --os --passwd-entry --personality --pid --pidfile --pids-limit --platform --pod --pod-id-file
		--preserve-fd --preserve-fds --publish --pull --rdt-class --requires --restart --retry --retry-delay --rootfs --runtime --sdnotify
		--seccomp-policy --secret --security-opt --shm-size --shm-size-systemd --snapshotter --stop-signal --stop-timeout --storage-opt
		--subgidname --subuidname --sysctl --systemd --timeout --tmpfs --tz --uidmap --ulimit --umask --unsetenv --user --userns --uts
		--variant --volume --volume-driver --volumes-from --workdir`) {
		out[name] = true
	}
	return out
}()

// longOf are the long names of short options.
var longOf = map[byte]string{
	'a': "--attach", 'c': "--cpu-shares", 'e': "--env", 'h': "--hostname", 'l': "--label", 'm': "--memory", 'p': "--publish", 'u': "--user",
	'v': "--volume", 'w': "--workdir", 'd': "--detach", 'i': "--interactive", 't': "--tty", 'P': "--publish-all", 'q': "--quiet",
}

// options reads the words behind "run" up to the image, and returns the words
// from the image on. Sure is false when a variable before them may have been the
// image already.
func (s *Service) options(words []Value) (rest []Value, sure bool) {
	sure = true
	for i := 0; i < len(words); i++ {
		word := words[i]
		text := word.Text
		switch {
		case text == "--":
			return words[i+1:], sure
		case strings.HasPrefix(text, hole):
			// "$IMAGE" is the image, "$OPTS" are options; of others nobody knows.
			switch nameOf(word.Written) {
			case "image":
				return words[i:], true
			case "options":
			default:
				sure = false
			}
			s.Partial = true
			continue
		case len(text) < 2 || text[0] != '-':
			return words[i:], sure
		case strings.HasPrefix(text, "--"):
			sure = true
			name, value, ok := strings.Cut(text, "=")
			switch {
			case ok:
				word.Text = value
				s.apply(name, word)
			case valued[name]:
				if i+1 < len(words) {
					i++
					s.apply(name, join(word, words[i]))
				}
			default:
				word.Text = "true"
				s.apply(name, word)
			}
		default:
			sure = true
			i = s.cluster(words, i)
		}
	}
	return nil, sure
}

// cluster reads "-itd", "-p 80:80" and "-p80:80".
func (s *Service) cluster(words []Value, i int) int {
	word := words[i]
	for at := 1; at < len(word.Text); at++ {
		name := longOf[word.Text[at]]
		if !valued[name] {
			one := word
			one.Text = "true"
			s.apply(name, one)
			continue
		}
		if at+1 < len(word.Text) {
			word.Text = strings.TrimPrefix(word.Text[at+1:], "=")
			s.apply(name, word)
		} else if i+1 < len(words) {
			i++
			s.apply(name, join(word, words[i]))
		}
		return i
	}
	return i
}

// join is an option with the word behind it, as one value.
func join(name, value Value) Value {
	v := value
	v.Written = name.Written + " " + value.Written
	v.Line, v.Column = name.Line, name.Column
	return v
}

// nameOf says by its name what a variable may hold: "image", "options", or "".
func nameOf(written string) string {
	name := strings.ToUpper(written)
	for _, part := range [...]string{"IMAGE", "IMG", "TAG", "REPO"} {
		if strings.Contains(name, part) {
			return "image"
		}
	}
	for _, part := range [...]string{"ARG", "OPT", "FLAG", "PARAM", "ENV", "VOL", "PORT", "MOUNT", "[@]", "[*]", "+"} {
		if strings.Contains(name, part) {
			return "options"
		}
	}
	return ""
}

// apply notes an option of run or create
// (https://docs.podman.io/en/latest/markdown/podman-run.1.html).
func (s *Service) apply(name string, v Value) {
	v.Set = true
	if one := s.single(name); one != nil {
		*one = v
		return
	}
	switch name {
	case "--cap-add", "--cap-drop":
		for c := range strings.SplitSeq(v.Text, ",") {
			v.Text = c
			if name == "--cap-add" {
				s.CapAdd = append(s.CapAdd, v)
			} else {
				s.CapDrop = append(s.CapDrop, v)
			}
		}
	case "--security-opt":
		s.SecurityOpt = append(s.SecurityOpt, v)
	case "--net", "--network":
		s.Network = append(s.Network, v)
	case "--volume":
		s.Mounts = append(s.Mounts, parseMount(v))
	case "--mount":
		s.Mounts = append(s.Mounts, parseMountOption(v))
	case "--device":
		s.Devices = append(s.Devices, v)
	case "--device-cgroup-rule":
		s.DeviceRules = append(s.DeviceRules, v)
	case "--publish":
		s.Ports = append(s.Ports, parsePort(v))
	case "--env":
		s.env(v)
	case "--env-file":
		s.EnvFiles = append(s.EnvFiles, v)
	case "--ulimit":
		s.Ulimits = append(s.Ulimits, v)
	case "--health-cmd":
		s.Health, s.Healthcheck = []Value{v}, v
		if v.Is("none") {
			s.NoHealthcheck = v
		}
	case "--detach":
		s.Lasting = s.Lasting || v.True()
	case "--name":
		if v.Known() && v.Text != "" {
			s.Name = v.Text
		}
	}
}

// single is the setting that an option sets, for those that are set once.
func (s *Service) single(name string) *Value {
	switch name {
	case "--privileged":
		return &s.Privileged
	case "--user":
		return &s.User
	case "--pid":
		return &s.PID
	case "--ipc":
		return &s.IPC
	case "--userns":
		return &s.UserNS
	case "--uts":
		return &s.UTS
	case "--cgroupns":
		return &s.Cgroup
	case "--cgroup-parent":
		return &s.CgroupParent
	case "--read-only":
		return &s.ReadOnly
	case "--no-healthcheck":
		return &s.NoHealthcheck
	case "--restart":
		s.Lasting = true
		return &s.Restart
	case "--log-driver":
		return &s.Logging
	case "--memory":
		return &s.Memory
	case "--cpus", "--cpu-quota", "--cpu-shares":
		return &s.CPUs
	case "--pids-limit":
		return &s.Pids
	case "--oom-kill-disable":
		return &s.OOMKillDisable
	case "--tls-verify":
		return &s.TLSVerify
	case "--insecure-registry":
		return &s.InsecureRegistry
	}
	return nil
}

// env notes NAME=value, or NAME alone, which is handed on from the caller.
func (s *Service) env(v Value) {
	name, value, ok := strings.Cut(v.Text, "=")
	v.Text = value
	s.Environment = append(s.Environment, Pair{Name: name, Value: v, Given: ok})
}
