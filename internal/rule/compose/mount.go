// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"path"
	"slices"
	"strings"
)

// parseMount reads "source:target:options" of -v, Volume= and Compose's short
// form (https://docs.docker.com/engine/storage/bind-mounts/).
func parseMount(v Value) Mount {
	m := Mount{Value: v}
	parts := strings.Split(v.Text, ":")
	// A drive of Windows: "C:\data:/data".
	if len(parts) > 1 && len(parts[0]) == 1 && (strings.HasPrefix(parts[1], `\`) || strings.HasPrefix(parts[1], "/") && len(parts) > 2 && strings.HasPrefix(parts[2], "/")) {
		parts = append([]string{parts[0] + ":" + parts[1]}, parts[2:]...)
	}
	switch len(parts) {
	case 1:
		m.Type, m.Target = "volume", parts[0]
		return m
	default:
		m.Source, m.Target = parts[0], parts[1]
		for _, o := range parts[2:] {
			for opt := range strings.SplitSeq(o, ",") {
				m.option(opt)
			}
		}
	}
	m.Type = "volume"
	if hostPath(m.Source) || strings.HasPrefix(m.Source, hole) {
		m.Type = "bind"
	}
	return m
}

func (m *Mount) option(opt string) {
	switch opt {
	case "ro", "readonly":
		m.ReadOnly = true
	case "shared", "rshared", "slave", "rslave", "private", "rprivate":
		m.Propagation = opt
	}
}

// parseMountOption reads "type=bind,source=/x,target=/y,readonly" of --mount
// (https://docs.docker.com/reference/cli/docker/container/run/#mount).
func parseMountOption(v Value) Mount {
	m := Mount{Value: v, Type: "volume"}
	for opt := range strings.SplitSeq(v.Text, ",") {
		name, value, _ := strings.Cut(opt, "=")
		switch strings.ToLower(name) {
		case "type":
			m.Type = value
		case "source", "src":
			m.Source = value
		case "target", "dst", "destination":
			m.Target = value
		case "readonly", "ro":
			m.ReadOnly = value == "" || value == "true" || value == "1"
		case "bind-propagation":
			m.Propagation = value
		}
	}
	return m
}

// hostPath reports a source that is a path of the host.
func hostPath(source string) bool {
	return strings.HasPrefix(source, "/") || strings.HasPrefix(source, ".") || strings.HasPrefix(source, "~") || strings.HasPrefix(source, "%h") || strings.HasPrefix(source, "%t") || strings.Contains(source, `:\`)
}

// host is the path of the host that is mounted, clean; "" when it is none, or
// not known.
func (m *Mount) host() string {
	if m.Type != "bind" || strings.Contains(m.Source, hole) || !strings.HasPrefix(m.Source, "/") {
		return ""
	}
	return path.Clean(m.Source)
}

// runtimeSockets are where container engines listen.
var runtimeSockets = strings.Fields("/run/docker.sock /run/containerd/containerd.sock /run/containerd /run/crio/crio.sock /run/podman/podman.sock /run/podman /run/k3s/containerd/containerd.sock /run/cri-dockerd.sock /run/buildkit/buildkitd.sock /run/docker /run /run/balena-engine.sock")

// socket reports the mount of an engine's socket, or of the directory that it
// is in; own is true for that of a user's engine.
func (m *Mount) socket() (is, own bool) {
	src := m.Source
	if m.Type != "bind" && m.Type != "npipe" {
		return false, false
	}
	if strings.Contains(src, `pipe\docker_engine`) || strings.Contains(src, "pipe/docker_engine") {
		return true, false
	}
	if base := path.Base(src); base == "docker.sock" || base == "podman.sock" || base == "containerd.sock" {
		user := strings.HasPrefix(src, "/run/user/") || strings.HasPrefix(src, "%t/") || strings.HasPrefix(src, hole) || strings.HasPrefix(src, "~") || strings.HasPrefix(src, "%h")
		return true, user && base != "containerd.sock"
	}
	p := strings.TrimPrefix(m.host(), "/var")
	return p != "" && slices.Contains(runtimeSockets, p) && strings.HasPrefix(p, "/run"), false
}

// sensitivePaths of a host: reading or writing below them gives keys, programs
// or the kernel.
var sensitivePaths = strings.Fields("/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /proc /root /sbin /sys /usr /var /var/lib /var/lib/docker /var/lib/containerd /var/lib/containers /var/lib/kubelet /var/lib/etcd /var/spool/cron /var/log /run/systemd /run/dbus /run/secrets")

// sensitiveBelow are directories that are sensitive with all that is in them.
var sensitiveBelow = strings.Fields("/etc/ /root/ /boot/ /proc/ /sys/ /usr/ /bin/ /sbin/ /lib/ /lib64/ /var/lib/docker/ /var/lib/containerd/ /var/lib/kubelet/ /var/lib/etcd/ /var/spool/cron/ /dev/mem /dev/kmem /dev/kmsg /dev/disk")

// factPaths are read by monitors: what they tell is little, as long as nothing
// is written.
var factPaths = strings.Fields("/proc /sys /var/log /var/lib/docker /var/lib/docker/containers /var/lib/containers /run/systemd /run/dbus /etc/passwd /dev /dev/disk /var/lib/docker/volumes")

// harmlessPaths tell nothing, or hold public keys; monitors and programs that
// follow the time of the host need them.
var harmlessPaths = strings.Fields("/etc/localtime /etc/timezone /etc/os-release /etc/machine-id /etc/hostname /etc/hosts /etc/resolv.conf /etc/group /etc/nsswitch.conf /usr/share/zoneinfo /usr/lib/os-release /usr/local/share/ca-certificates /usr/share/ca-certificates /etc/ca-certificates /etc/pki/ca-trust /etc/ssl/certs /etc/letsencrypt/live /sys/fs/cgroup /sys/class /sys/devices /usr/share/fonts /usr/local/share /lib/modules /usr/src /dev/shm /dev/null /dev/dri /dev/snd /dev/net/tun /dev/fuse /dev/bus/usb /dev/log /var/run/dbus/system_bus_socket")

func isSensitive(p string) bool {
	if slices.Contains(sensitivePaths, p) {
		return true
	}
	for _, h := range harmlessPaths {
		if p == h || strings.HasPrefix(p, h+"/") {
			return false
		}
	}
	for _, below := range sensitiveBelow {
		if strings.HasPrefix(p, below) {
			return true
		}
	}
	return false
}

// credentialDirs are where the tools of a user keep keys, below the home.
var credentialDirs = strings.Fields(".ssh .aws .azure .kube .gnupg .config/gcloud .docker/config.json .docker .netrc .npmrc .pypirc .git-credentials .config/gh .vault-token")

// credentials is the directory of a user's keys that is mounted; "" for none.
func (m *Mount) credentials() string {
	src := strings.TrimSuffix(m.Source, "/")
	if m.Type != "bind" {
		return ""
	}
	home := strings.HasPrefix(src, "~/") || strings.HasPrefix(src, hole+"/") || strings.HasPrefix(src, "%h/") || strings.HasPrefix(src, "/home/") || strings.HasPrefix(src, "/Users/")
	if !home {
		return ""
	}
	for _, d := range credentialDirs {
		if strings.HasSuffix(src, "/"+d) || strings.Contains(src, "/"+d+"/") && d != ".docker" {
			return d
		}
	}
	return ""
}
