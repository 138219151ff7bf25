// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hostMode judges a mode of the task that has the value "host".
func hostMode(names ...string) func(*Item, func(check.Hit)) {
	return eachTask(func(t *Task, found func(check.Hit)) {
		for _, key := range names {
			if t.Body.Get(key).Str() == "host" && !t.Fargate {
				found(t.field(t.Body, key))
			}
		}
	})
}

var _ = add(sekisho.Rule{
	ID: "host-network", Aliases: ids("ECS.17 CIS-Docker-5.10"), Severity: sekisho.SeverityHigh, Owner: amazon,
	References: ids("nist-800-190-4.3.3 cwe-653"),
	Because:    w("Everything that listens on the instance is in reach. Fargate has no such mode.", "インスタンスで待ち受けるすべてに届くため。Fargate にこのモードはありません。"),
	Title:      w("The task uses the network of the instance", "タスクがインスタンスのネットワークを使用"),
	Why:        w("The task reaches the instance's own services and, past every block, its metadata with the role of the instance; security groups of its own it has none.", "タスクからインスタンス自身のサービスに届き、遮断設定を越えてメタデータからインスタンスのロールも取得できます。タスク専用のセキュリティグループも使えません。"),
	Fix:        w("Use the network mode awsvpc.", "ネットワークモード awsvpc を使ってください。"),
}, hostMode("network_mode"))

var _ = add(sekisho.Rule{
	ID: "host-pid", Aliases: ids("CKV_AWS_335 ECS.3 CIS-Docker-5.16"), Severity: sekisho.SeverityHigh, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-653"),
	Because:    w("Processes of the instance and of all its tasks are in reach. Fargate refuses it.", "インスタンスと全タスクのプロセスに手が届くため。Fargate はこの設定を拒否します。"),
	Title:      w("The task sees the processes of the instance", "タスクがインスタンスの PID 名前空間を使用"),
	Why:        w("Environments of other tasks, with their secrets, can be read through /proc, and their processes taken over.", "他タスクの環境変数に含まれるシークレットを /proc から読め、プロセスを乗っ取ることもできます。"),
	Fix:        w("Remove pidMode, or use \"task\", which shares processes within the task only.", "pidMode を削除するか、タスク内だけで共有する \"task\" を使ってください。"),
}, hostMode("pid_mode"))

var _ = add(sekisho.Rule{
	ID: "host-ipc", Aliases: ids("CIS-Docker-5.17"), Severity: sekisho.SeverityHigh, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-653"),
	Because:    w("Shared memory of the instance's processes can be read and changed. Fargate has no such mode.", "インスタンスのプロセスの共有メモリを読み書きできるため。Fargate にこのモードはありません。"),
	Title:      w("The task uses the IPC namespace of the instance", "タスクがインスタンスの IPC 名前空間を使用"),
	Why:        w("Shared memory and semaphores of other programs on the instance are open to the task.", "インスタンス上の他プログラムの共有メモリとセマフォに触れられます。"),
	Fix:        w("Remove ipcMode, or use \"task\".", "ipcMode を削除するか、\"task\" を使ってください。"),
}, hostMode("ipc_mode"))

var sockets = []string{"docker.sock", "containerd.sock", "crio.sock", "podman.sock"}

// sensitivePaths are those that hold more than a task needs.
var sensitivePaths = []string{"/", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var", "/var/lib", "/var/lib/docker", "/var/lib/ecs", "/var/run", "/etc/ecs", "/var/log"}

var _ = add(sekisho.Rule{
	ID: "runtime-socket", Aliases: ids("CIS-Docker-5.32"), Severity: sekisho.SeverityCritical, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-250"),
	Because:    w("Whoever has the socket is root on the instance. Fargate mounts nothing of its host.", "ソケットを持つ者はインスタンスの root になれるため。Fargate ではホストをマウントできません。"),
	Title:      w("The task mounts the container runtime's socket {0}", "タスクがコンテナランタイムのソケット {0} をマウント"),
	Why:        w("One call to the socket starts a privileged container with the instance's disk in it.", "ソケットへの一度の呼び出しで、インスタンスのディスクを載せた特権コンテナを起動できます。"),
	Fix:        w("Remove the volume. Agents read what they need from the task metadata endpoint.", "ボリュームを削除してください。エージェントが必要とする情報はタスクメタデータエンドポイントから得られます。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	t.hostVolumes(func(p string, in *document.Node, key string) {
		if slices.Contains(sockets, path.Base(p)) || strings.HasPrefix(path.Clean(p), "/run/containerd") {
			found(t.field(in, key, p))
		}
	})
}))

var _ = add(sekisho.Rule{
	ID: "sensitive-host-path", Aliases: ids("CIS-Docker-5.6"), Severity: sekisho.SeverityHigh, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-668"),
	Because:    w("The instance's own files are there. Fargate mounts nothing of its host.", "インスタンス自身のファイルがあるため。Fargate ではホストをマウントできません。"),
	Title:      w("The task mounts {0} of the instance", "タスクがインスタンスの {0} をマウント"),
	Why:        w("Credentials of the ECS agent and of other tasks lie there, and a file written in the right place runs as root on the instance.", "ECS エージェントや他タスクの認証情報があり、適切な場所に書き込めばインスタンスの root として実行されます。"),
	Fix:        w("Remove the volume; keep data in EFS, EBS or a Docker volume, and mount what an agent needs read-only.", "ボリュームを削除し、データは EFS、EBS または Docker ボリュームに置いてください。エージェントに必要なものは読み取り専用でマウントします。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	t.hostVolumes(func(p string, in *document.Node, key string) {
		clean := path.Clean(p)
		if slices.Contains(sensitivePaths, clean) || strings.HasPrefix(clean, "/etc/") || strings.HasPrefix(clean, "/proc/") || strings.HasPrefix(clean, "/sys/") || strings.HasPrefix(clean, "/root/") {
			found(t.field(in, key, p))
		}
	})
}))

var _ = add(sekisho.Rule{
	ID: "host-path", Severity: sekisho.SeverityLow, Owner: amazon, Off: true,
	References: ids("nist-800-190-4.4.3 cwe-668"),
	Because:    w("An ordinary directory of the instance holds little, and ties the task to it.", "通常のディレクトリに重要なものは少ないものの、タスクがインスタンスに縛られるため。"),
	Title:      w("The task mounts {0} of the instance", "タスクがインスタンスの {0} をマウント"),
	Why:        w("What one task leaves there, another one reads.", "あるタスクが残したものを別のタスクが読めます。"),
	Fix:        w("Use EFS, EBS or a Docker volume.", "EFS、EBS または Docker ボリュームを使ってください。"),
}, eachTask(func(t *Task, found func(check.Hit)) {
	t.hostVolumes(func(p string, in *document.Node, key string) { found(t.field(in, key, p)) })
}))

// hostVolumes calls visit for each path of the instance that a task mounts.
func (t *Task) hostVolumes(visit func(p string, in *document.Node, key string)) {
	if t.Fargate {
		return
	}
	for _, v := range t.volumes() {
		if p, in, key := hostPath(v); p != "" && cloud.Whole(p) {
			visit(p, in, key)
		}
	}
}

var _ = add(sekisho.Rule{
	ID: "host-device", Aliases: ids("CIS-Docker-5.18"), Severity: sekisho.SeverityMedium, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-250"),
	Because:    w("What a device opens depends on the device. Fargate has none.", "デバイスによって影響が異なるため。Fargate ではデバイスを使えません。"),
	Title:      w("Container {0} has the device {1} of the instance", "コンテナ {0} がインスタンスのデバイス {1} を使用"),
	Why:        w("A disk as a device is every file on it, and drivers are the softest part of a kernel.", "ディスクのデバイスはその上の全ファイルを意味し、ドライバーはカーネルの最も脆い部分です。"),
	Fix:        w("Remove linuxParameters.devices; GPUs are asked for with resourceRequirements.", "linuxParameters.devices を削除してください。GPU は resourceRequirements で要求します。"),
}, onInstances(func(c *Container, found func(check.Hit)) {
	for _, d := range cloud.Blocks(c.Node, "linuxParameters", "devices") {
		if p := d.Get("hostPath").Str(); p != "" && p != "/dev/fuse" && cloud.Whole(p) {
			found(c.has(d, "hostPath", p))
		}
	}
}))

// securityOption finds an option of Docker's among those of a container.
func (c *Container) securityOption(match func(s string) bool) *document.Node {
	for _, n := range c.Node.Get("dockerSecurityOptions").List() {
		if match(strings.ReplaceAll(n.Str(), "=", ":")) {
			return n
		}
	}
	return nil
}

var _ = add(sekisho.Rule{
	ID: "seccomp-unconfined", Aliases: ids("CIS-Docker-5.22"), Severity: sekisho.SeverityHigh, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-693"),
	Because:    w("The filter that stops most ways out of a container is off. Fargate does not let it be.", "コンテナからの脱出の多くを止めるフィルターが無効になるため。Fargate では無効にできません。"),
	Title:      w("Container {0} runs without a seccomp profile", "コンテナ {0} が seccomp プロファイルなしで動作"),
	Why:        w("Every system call of the kernel is open to whoever takes over the program.", "プログラムを乗っ取った者がカーネルの全システムコールを使えます。"),
	Fix:        w("Remove seccomp:unconfined from dockerSecurityOptions.", "dockerSecurityOptions から seccomp:unconfined を削除してください。"),
}, onInstances(func(c *Container, found func(check.Hit)) {
	if n := c.securityOption(func(s string) bool { return s == "seccomp:unconfined" }); n != nil {
		found(c.Task.at(n, n.Str(), c.Name))
	}
}))

var _ = add(sekisho.Rule{
	ID: "apparmor-unconfined", Aliases: ids("CIS-Docker-5.2"), Severity: sekisho.SeverityMedium, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-693"),
	Because:    w("One of several walls is down. Fargate does not let it be.", "複数ある防壁の一つが外れるため。Fargate では外せません。"),
	Title:      w("Container {0} runs without its AppArmor or SELinux profile", "コンテナ {0} が AppArmor または SELinux の保護なしで動作"),
	Why:        w("Nothing but permissions keeps the container from files of the kernel under /proc and /sys.", "/proc や /sys のカーネルのファイルを守るものが権限だけになります。"),
	Fix:        w("Remove apparmor:unconfined and label:disable from dockerSecurityOptions.", "dockerSecurityOptions から apparmor:unconfined と label:disable を削除してください。"),
}, onInstances(func(c *Container, found func(check.Hit)) {
	if n := c.securityOption(func(s string) bool { return s == "apparmor:unconfined" || s == "label:disable" }); n != nil {
		found(c.Task.at(n, n.Str(), c.Name))
	}
}))

var _ = add(sekisho.Rule{
	ID: "privilege-escalation", Aliases: ids("CIS-Docker-5.26"), Severity: sekisho.SeverityLow, Owner: amazon, Off: true,
	References: ids("nist-800-190-4.4.3 cwe-250"),
	Because:    w("It matters where the image holds setuid programs and does not run as root. Fargate has no such option.", "イメージに setuid プログラムがあり root 以外で動く場合に意味を持つため。Fargate にこの設定はありません。"),
	Title:      w("Container {0} may gain privileges", "コンテナ {0} で権限昇格が可能"),
	Why:        w("A setuid program in the image makes an intruder root in the container.", "イメージ内の setuid プログラムで侵入者がコンテナの root になれます。"),
	Fix:        w("Add no-new-privileges to dockerSecurityOptions.", "dockerSecurityOptions に no-new-privileges を追加してください。"),
}, onInstances(func(c *Container, found func(check.Hit)) {
	if opts := c.Node.Get("dockerSecurityOptions"); !opts.Known() || c.Task.windows() {
		return
	}
	if c.securityOption(func(s string) bool {
		return strings.HasPrefix(s, "no-new-privileges") && !strings.HasSuffix(s, ":false")
	}) == nil {
		found(c.named())
	}
}))
