// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "runtime-socket", Aliases: ids("CIS-Docker-5.32 exposing-docker-socket-volume"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.32 nist-800-190-4.4.3 cwe-250"),
		Because:    w("The socket of the engine is root on the host; that of a user's own engine is all that the user has, and is rated medium.", "エンジンのソケットはホストの root と同じであるため。ユーザー自身の rootless エンジンなら中。"),
		Title:      w("The socket of the container engine is given to {0}: {1}", "コンテナエンジンのソケットを {0} に渡している: {1}"),
		Why:        w("Whoever can talk to the socket starts a privileged container with the host's disk. Read-only makes no difference: it is the file that is not written, the requests are.", "ソケットと通信できる者は、ホストのディスクを持つ特権コンテナを起動できます。読み取り専用でもファイル自体が保護されるだけで、要求は送れます。"),
		Fix:        w("Remove {how}. Give the program a filtering proxy of the socket that allows only the requests it needs, or a rootless engine of its own.", "{how} を削除してください。必要な要求だけを通すソケットプロキシか、専用の rootless エンジンを使います。"),
	},
	Compose: "/var/run/docker.sock:/var/run/docker.sock", Quadlet: "Volume=%t/podman/podman.sock", Run: "-v /var/run/docker.sock:/var/run/docker.sock",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Mounts {
			m := &s.Mounts[i]
			if is, own := m.socket(); is {
				h := s.hit(m.Value, strings.ReplaceAll(m.Source, hole, "?"))
				if own || s.Rootless {
					h.Severity = sekisho.SeverityMedium
				}
				found(h)
			}
		}
		if s.APISocket.True() {
			found(s.hit(s.APISocket, "use_api_socket"))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "sensitive-host-path", Aliases: ids("CIS-Docker-5.6"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.6 nist-800-190-4.4.3 nist-800-190-4.5.5"),
		Because:    w("High when the container may write; medium when it may only read, and low for what monitors read (/proc, /sys, logs) or when the engine is rootless.", "書き込めるなら高、読み取りのみなら中。監視用の読み取り (/proc、/sys、ログ) や rootless では低。"),
		Title:      w("The path {1} of the host is mounted in {0}", "ホストの {1} を {0} にマウント"),
		Why:        w("From {1} an intruder reads keys and the data of other containers or, where it is writable, puts what the host will run.", "侵入者は {1} から鍵や他のコンテナのデータを読み、書き込めればホストが実行するものを置けます。"),
		Fix:        w("Use a named volume, or mount the one file that is needed, read-only ({how}).", "名前付きボリュームを使うか、必要なファイルだけを読み取り専用 ({how}) でマウントしてください。"),
	},
	Compose: "path:path:ro", Quadlet: "Volume=path:path:ro", Run: "-v path:path:ro",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Mounts {
			m := &s.Mounts[i]
			p := m.host()
			if is, _ := m.socket(); is || p == "" || !isSensitive(p) {
				continue
			}
			h := s.hit(m.Value, p)
			switch fact := slices.Contains(factPaths, p) || strings.HasPrefix(p, "/proc/") || strings.HasPrefix(p, "/sys/"); {
			case s.Rootless, m.ReadOnly && fact:
				h.Severity = sekisho.SeverityLow
			case m.ReadOnly, p == "/var/log":
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "credential-mount", Aliases: ids("C-0020"), Severity: sekisho.SeverityMedium, References: ids("nist-800-190-4.1.4 cwe-522"),
		Because: w("The keys of a person open more than this container needs.", "個人の鍵はこのコンテナに必要な範囲より多くを開くため。"),
		Title:   w("Container {0} is given a person's credentials ({1})", "コンテナ {0} に個人の認証情報 ({1}) を渡している"),
		Why:     w("A dependency that was tampered with takes {1} home, and with it every account and host that it opens.", "改ざんされた依存物が {1} を持ち出せば、それで開ける全アカウントとホストに届きます。"),
		Fix:     w("Give the container a key of its own with the rights it needs, as a secret or by the agent's socket; not {how}.", "{how} ではなく、必要な権限だけの専用の鍵をシークレットやエージェント経由で渡してください。"),
	},
	Compose: "~/.aws:/root/.aws", Quadlet: "Volume=%h/.aws", Run: "-v ~/.aws:/root/.aws",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Mounts {
			if dir := s.Mounts[i].credentials(); dir != "" {
				found(s.hit(s.Mounts[i].Value, "~/"+dir))
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "mount-propagation", Aliases: ids("CIS-Docker-5.20"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.20 nist-800-190-4.4.3"),
		Because:    w("Making a mount needs a capability as well.", "マウントにはケーパビリティも必要なため。"),
		Title:      w("Mounts made in container {0} appear on the host", "コンテナ {0} 内のマウントがホストに現れる"),
		Why:        w("A mount over a directory of the host replaces programs or settings there, for everybody.", "ホストのディレクトリにマウントを重ね、プログラムや設定を全員に対して差し替えられます。"),
		Fix:        w("Remove {how}; rslave is enough to see new mounts of the host.", "{how} を削除してください。ホストの新しいマウントを見るだけなら rslave で足ります。"),
	},
	Compose: "propagation: shared", Quadlet: ":shared", Run: ":shared",
	Judge: func(s *Service, found func(check.Hit)) {
		for i := range s.Mounts {
			if p := s.Mounts[i].Propagation; p == "shared" || p == "rshared" {
				found(s.hit(s.Mounts[i].Value))
			}
		}
	},
})

// deepDevices are those behind which the memory, the disks or the kernel are.
var deepDevices = strings.Fields("/dev/mem /dev/kmem /dev/port /dev/kmsg /dev/sd /dev/hd /dev/vd /dev/xvd /dev/nvme /dev/mmcblk /dev/dm- /dev/mapper /dev/md /dev/disk /dev/block /dev/loop /dev/uinput /dev/watchdog /dev/rtc /dev/tpm0 /dev/cpu")

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-device", Aliases: ids("CIS-Docker-5.18"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.18 nist-800-190-4.4.3"),
		Because:    w("Disks and memory are the host itself. Devices made for users (GPU, sound, serial lines, tun, fuse, kvm) are not reported.", "ディスクとメモリはホストそのものであるため。利用者向けのデバイス (GPU、音声、シリアル、tun、fuse、kvm) は報告しません。"),
		Title:      w("Container {0} is given the device {1}", "コンテナ {0} にデバイス {1} を渡している"),
		Why:        w("Through {1} an intruder reads and writes the host's files or memory past every permission.", "侵入者は {1} を通じ、あらゆる権限設定を越えてホストのファイルやメモリを読み書きできます。"),
		Fix:        w("Remove it from {how}; to watch disks, read-only (:r) and one disk.", "{how} から削除してください。ディスクの監視なら 1 台だけを読み取り専用 (:r) で渡します。"),
	},
	Compose: "devices", Quadlet: "AddDevice=", Run: "--device",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.Devices {
			source, rest, _ := strings.Cut(v.Text, ":")
			for _, d := range deepDevices {
				if source == "/dev" || strings.HasPrefix(source, d) {
					h := s.hit(v, source)
					if parts := strings.Split(rest, ":"); s.Rootless || parts[len(parts)-1] == "r" {
						h.Severity = sekisho.SeverityMedium
					}
					found(h)
					break
				}
			}
		}
		for _, v := range s.DeviceRules {
			if f := strings.Fields(v.Text); len(f) == 3 && (f[0] == "a" || f[0] == "b" && strings.HasPrefix(f[1], "*")) && strings.Contains(f[2], "w") {
				found(s.hit(v, v.Text))
			}
		}
	},
})
