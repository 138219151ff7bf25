// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "privileged", Aliases: ids("CIS-Docker-5.5 privileged-service"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.5 nist-800-190-4.4.3 cwe-250"),
		Because:    w("Whoever takes the process has the host; medium where the engine is known to run without root.", "プロセスを奪われるとホストを奪われるため。エンジンが rootless と分かる場合は中とします。"),
		Title:      w("Container {0} is privileged", "コンテナ {0} が特権で動作"),
		Why:        w("A privileged container has every capability and every device, and no seccomp, AppArmor or SELinux around it: an intruder mounts the host's disk and is out.", "特権コンテナは全ケーパビリティと全デバイスを持ち、seccomp・AppArmor・SELinux も外れます。侵入者はホストのディスクをマウントして抜け出せます。"),
		Fix:        w("Remove {how}; add the one capability or the one device that is needed.", "{how} を削除し、必要なケーパビリティかデバイスだけを追加してください。"),
	},
	Compose: "privileged: true", Quadlet: "PodmanArgs=--privileged", Run: "--privileged",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.Privileged.True() {
			h := s.hit(s.Privileged)
			if s.Rootless {
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "exec-privileged", Aliases: ids("CIS-Docker-5.23"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.23 cwe-250"),
		Because:    w("The process has all rights in a container that was to have few.", "権限を絞ったはずのコンテナ内で全権限のプロセスが動くため。"),
		Title:      w("A privileged process is started in a container that runs", "動作中のコンテナ内で特権プロセスを起動"),
		Why:        w("The extended process has every capability: what reaches it in the container reaches the host.", "そのプロセスは全ケーパビリティを持ち、コンテナ内から届けばホストにも届きます。"),
		Fix:        w("Remove {how}; give the container the one capability that the task needs, or do the task on the host.", "{how} を削除し、必要なケーパビリティだけをコンテナに与えるか、ホスト側で作業してください。"),
	},
	Run: "--privileged", Exec: true,
	Judge: func(s *Service, found func(check.Hit)) {
		if s.Privileged.True() {
			found(s.hit(s.Privileged))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "exec-as-root", Aliases: ids("CIS-Docker-5.24"), Severity: sekisho.SeverityNegligible, Off: true,
		References: ids("cis-docker-5.24"),
		Because:    w("Administration often needs it; the benchmark asks for it to be noticed.", "運用では必要なことも多く、把握しておくことが目的のため。"),
		Title:      w("A process is started as root in a container that runs", "動作中のコンテナ内で root のプロセスを起動"),
		Why:        w("Files that root leaves behind, and the process itself, have rights that the container's own user was denied.", "root が残すファイルやプロセスは、コンテナ本来のユーザーに与えられていない権限を持ちます。"),
		Fix:        w("Remove {how}, and let the container's own user do it.", "{how} を削除し、コンテナ本来のユーザーで実行してください。"),
	},
	Run: "--user root", Exec: true,
	Judge: func(s *Service, found func(check.Hit)) {
		if isRoot(s.User) {
			found(s.hit(s.User))
		}
	},
})

// isRoot reports a user that is known to be root.
func isRoot(v Value) bool {
	user, _, _ := strings.Cut(v.Text, ":")
	return v.Set && (user == "root" || user == "0")
}

// namespace judges one of the namespaces.
func namespace(of func(*Service) Value) func(*Service, func(check.Hit)) {
	return func(s *Service, found func(check.Hit)) {
		if v := of(s); v.Is("host") {
			found(s.hit(v))
		}
	}
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-network", Aliases: ids("CIS-Docker-5.10"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.10 nist-800-190-4.3.3 nist-800-190-4.4.2"),
		Because:    w("What listens on the loopback of the host is in reach, and every port that the program opens is open on the host; low for a command that runs and ends.", "ホストのループバックで待ち受けるものに届き、プログラムが開く全ポートがホストで開くため。一度きりの実行なら低。"),
		Title:      w("Container {0} uses the network of the host", "コンテナ {0} がホストのネットワークを使用"),
		Why:        w("An intruder reaches local services that trust the loopback (databases, metadata and debug ports, abstract sockets) and sees the host's traffic.", "侵入者はループバックを信頼するサービス (データベース、メタデータ、デバッグ用ポート、抽象ソケット) に届き、ホストの通信も観察できます。"),
		Fix:        w("Remove {how}, put the container on a network of its own and publish the ports that it needs.", "{how} を削除して専用のネットワークに置き、必要なポートだけを公開してください。"),
	},
	Compose: "network_mode: host", Quadlet: "Network=host", Run: "--network host",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, n := range s.Network {
			if n.Is("host") {
				h := s.hit(n)
				if s.Kind == sekisho.ResourceDockerRun && !s.Lasting {
					h.Severity = sekisho.SeverityLow
				}
				found(h)
			}
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-pid", Aliases: ids("CIS-Docker-5.16"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.16 nist-800-190-4.4.3"),
		Because:    w("Every process of the host is in reach.", "ホストの全プロセスに手が届くため。"),
		Title:      w("Container {0} sees the processes of the host", "コンテナ {0} がホストの PID 名前空間を使用"),
		Why:        w("Environments and files of the host's processes can be read through /proc and, with one more right, the processes taken over.", "/proc からホストのプロセスの環境変数やファイルを読め、もう一つ権限があれば乗っ取れます。"),
		Fix:        w("Remove {how}; to watch one container, join its namespace (container:NAME).", "{how} を削除してください。特定のコンテナを見るだけなら、その名前空間 (container:NAME) に参加します。"),
	},
	Compose: "pid: host", Quadlet: "PodmanArgs=--pid=host", Run: "--pid host",
	Judge: namespace(func(s *Service) Value { return s.PID }),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-ipc", Aliases: ids("CIS-Docker-5.17"), Severity: sekisho.SeverityHigh,
		References: ids("cis-docker-5.17 nist-800-190-4.4.3"),
		Because:    w("Shared memory of the host's processes can be read and changed.", "ホストのプロセスの共有メモリを読み書きできるため。"),
		Title:      w("Container {0} uses the IPC namespace of the host", "コンテナ {0} がホストの IPC 名前空間を使用"),
		Why:        w("Databases, browsers and agents of the host keep data in shared memory, open to the container.", "ホスト上のデータベースやブラウザー、エージェントが共有メモリに置くデータに触れられます。"),
		Fix:        w("Remove {how}; a larger /dev/shm is asked for by its size (shm_size, --shm-size).", "{how} を削除してください。/dev/shm の拡大が目的なら shm_size (--shm-size) で指定します。"),
	},
	Compose: "ipc: host", Quadlet: "PodmanArgs=--ipc=host", Run: "--ipc host",
	Judge: namespace(func(s *Service) Value { return s.IPC }),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-uts", Aliases: ids("CIS-Docker-5.21"), Severity: sekisho.SeverityLow,
		References: ids("cis-docker-5.21"),
		Because:    w("Only the name of the host is at stake, and changing it needs a capability.", "影響はホスト名に限られ、変更にはケーパビリティが必要なため。"),
		Title:      w("Container {0} shares the host name's namespace", "コンテナ {0} がホストの UTS 名前空間を使用"),
		Why:        w("With SYS_ADMIN the container renames the host, which misleads logs and certificates.", "SYS_ADMIN があればホスト名を変更でき、ログや証明書の扱いを誤らせます。"),
		Fix:        w("Remove {how}; a name is given by hostname.", "{how} を削除してください。名前は hostname で指定します。"),
	},
	Compose: "uts: host", Quadlet: "PodmanArgs=--uts=host", Run: "--uts host",
	Judge: namespace(func(s *Service) Value { return s.UTS }),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-user-namespace", Aliases: ids("CIS-Docker-5.31"), Severity: sekisho.SeverityMedium,
		References: ids("cis-docker-5.31 nist-800-190-4.4.3"),
		Because:    w("It undoes a protection that the engine was set up to give; under a rootless engine it changes little, and is not reported.", "エンジンに設定した保護を外すため。rootless ではほとんど影響がなく報告しません。"),
		Title:      w("Container {0} leaves the engine's user namespace", "コンテナ {0} がホストのユーザー名前空間を使用"),
		Why:        w("Root of the container is root of the host again, where the engine maps it to a powerless id.", "エンジンが無権限の ID に対応付けていたコンテナの root が、ホストの root に戻ります。"),
		Fix:        w("Remove {how}; make the files of volumes belong to the mapped ids instead.", "{how} を削除し、ボリュームの所有者を対応付け後の ID に合わせてください。"),
	},
	Compose: "userns_mode: host", Quadlet: "UserNS=host", Run: "--userns host",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.UserNS.Is("host") && !s.Rootless {
			found(s.hit(s.UserNS))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "host-cgroup", Severity: sekisho.SeverityLow, References: ids("nist-800-190-4.4.3"),
		Because: w("What is seen is little while nothing can be written.", "書き込めない限り、見えるものは限られるため。"),
		Title:   w("Container {0} sees the control groups of the host", "コンテナ {0} がホストの cgroup 名前空間を使用"),
		Why:     w("The tree names every service and container of the host; with a writable mount of it, limits are lifted and, in version 1, programs of the host are started.", "ホストの全サービスとコンテナの構成が見えます。書き込み可能なら制限を外せ、v1 ではホスト上でプログラムを起動できます。"),
		Fix:     w("Remove {how}.", "{how} を削除してください。"),
	},
	Compose: "cgroup: host", Quadlet: "PodmanArgs=--cgroupns=host", Run: "--cgroupns host",
	Judge: namespace(func(s *Service) Value { return s.Cgroup }),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "cgroup-parent", Aliases: ids("CIS-Docker-5.25"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("cis-docker-5.25"),
		Because:    w("Low: a slice of one's own is a good use of it.", "専用のスライスを使うのは正当な用途でもあるため低。"),
		Title:      w("Container {0} is put under the control group {1}", "コンテナ {0} の親 cgroup を {1} に指定"),
		Why:        w("Under another group the limits that the administrator set for containers do not hold.", "別の cgroup の下では、管理者がコンテナに課した制限が効きません。"),
		Fix:        w("Remove {how} unless the group has limits of its own.", "親の cgroup に制限がない限り、{how} を削除してください。"),
	},
	Compose: "cgroup_parent", Quadlet: "PodmanArgs=--cgroup-parent", Run: "--cgroup-parent",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.CgroupParent.Set && s.CgroupParent.Known() {
			found(s.hit(s.CgroupParent, s.CgroupParent.Text))
		}
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "privileged-build", Severity: sekisho.SeverityHigh, References: ids("nist-800-190-4.4.3 cwe-250"),
		Because: w("Every command of the build, and of what it downloads, has the host.", "ビルド中の全コマンドと取得物がホストを操作できるため。"),
		Title:   w("The image of {0} is built with elevated rights", "{0} のイメージを特権でビルド"),
		Why:     w("A package or base image that was tampered with runs with all rights on the machine that builds.", "改ざんされたパッケージやベースイメージが、ビルドするマシン上で全権限で動作します。"),
		Fix:     w("Remove {how}; most builds that ask for it need one mount (RUN --mount) or none.", "{how} を削除してください。多くの場合は RUN --mount で足ります。"),
	},
	Compose: "build.privileged / security.insecure",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.BuildPrivileged {
			found(s.hit(v))
		}
	},
})
