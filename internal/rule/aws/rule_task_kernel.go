// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(sekisho.Rule{
	ID: "privileged", Aliases: ids("CKV_AWS_334 CKV_AWS_210 ECS.4 CIS-Docker-5.5"), Severity: sekisho.SeverityHigh, Owner: amazon,
	References: ids("nist-800-190-4.4.3 cwe-250"),
	Because:    w("Root in such a container is root on the instance. Fargate refuses such tasks.", "コンテナの root がそのままインスタンスの root になるため。Fargate はこの設定を拒否します。"),
	Title:      w("Container {0} is privileged", "コンテナ {0} が特権モード"),
	Why:        w("All capabilities and devices of the instance are open: an intruder mounts its disk, and takes the credentials of every other task on it.", "インスタンスの全ケーパビリティとデバイスが開放されます。侵入者はディスクをマウントし、同じインスタンス上の他タスクの認証情報まで奪えます。"),
	Fix:        w("Remove privileged; add the one capability that is needed with linuxParameters.capabilities.add, or run the task on Fargate.", "privileged を削除し、必要なケーパビリティだけを linuxParameters.capabilities.add で追加するか、Fargate で実行してください。"),
}, onInstances(func(c *Container, found func(check.Hit)) {
	if c.Node.Get("privileged").True() {
		found(c.has(c.Node, "privileged"))
	}
}))

// safeCapabilities are those that a container has by default, and SYS_PTRACE,
// the one that Fargate allows, is judged by itself.
var safeCapabilities = ids("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT")

// strongCapabilities are a way out of the container, or nearly one.
var strongCapabilities = ids("ALL SYS_ADMIN SYS_MODULE SYS_RAWIO DAC_READ_SEARCH BPF SYS_BOOT MAC_ADMIN MAC_OVERRIDE NET_ADMIN SYS_PTRACE PERFMON")

var _ = add(sekisho.Rule{
	ID: "added-capability", Aliases: ids("CIS-Docker-5.4"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.3 cwe-250"),
	Because:    w("It is high for those that lead out of the container: ALL, SYS_ADMIN, SYS_MODULE and the like.", "ALL、SYS_ADMIN、SYS_MODULE などコンテナからの脱出につながるものは高とします。"),
	Title:      w("Container {0} has the capability {1} added", "コンテナ {0} にケーパビリティ {1} を追加"),
	Why:        w("A capability beyond the default ones opens parts of the kernel to whoever takes over the program.", "既定を超えるケーパビリティは、プログラムを乗っ取った者にカーネルの機能を開放します。"),
	Fix:        w("Remove it from linuxParameters.capabilities.add; on Fargate SYS_PTRACE is the only one, for debuggers.", "linuxParameters.capabilities.add から削除してください。Fargate で追加できるのはデバッガー用の SYS_PTRACE のみです。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	for _, n := range c.Node.Get("linuxParameters", "capabilities", "add").List() {
		name := strings.TrimPrefix(strings.ToUpper(n.Str()), "CAP_")
		if name == "" || !cloud.Whole(name) || slices.Contains(safeCapabilities, name) {
			continue
		}
		h := c.Task.at(n, name, c.Name, name)
		h.Key = c.Name + "\x00" + name
		if slices.Contains(strongCapabilities, name) && !(c.Task.Fargate && name == "SYS_PTRACE") {
			h.Severity = sekisho.SeverityHigh
		}
		found(h)
	}
}))

var _ = add(sekisho.Rule{
	ID: "capabilities-not-dropped", Severity: sekisho.SeverityLow, Off: true,
	References: ids("nist-800-190-4.4.3 cwe-250"),
	Because:    w("The default set is small; giving it up is the last step of hardening.", "既定のケーパビリティは少なく、これを手放すのは堅牢化の最後の一歩であるため。"),
	Title:      w("Container {0} keeps the default capabilities", "コンテナ {0} が既定のケーパビリティを保持"),
	Why:        w("NET_RAW lets an intruder forge packets, DAC_OVERRIDE reads every file in the container.", "NET_RAW で偽のパケットを送れ、DAC_OVERRIDE でコンテナ内の全ファイルを読めます。"),
	Fix:        w(`Set linuxParameters.capabilities.drop to ["ALL"].`, `linuxParameters.capabilities.drop に ["ALL"] を指定してください。`),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	drop := c.Node.Get("linuxParameters", "capabilities", "drop")
	if !drop.Known() || c.Task.windows() {
		return
	}
	for _, n := range drop.List() {
		if !n.Known() || strings.EqualFold(n.Str(), "ALL") {
			return
		}
	}
	found(c.named())
}))

// windows says whether the task is known to run on Windows, which has neither
// capabilities nor read-only file systems.
func (t *Task) windows() bool {
	for _, p := range [...]*document.Node{cloud.Block(t.Body, "runtime_platform"), cloud.Block(t.Definition, "runtimePlatform")} {
		for _, key := range [...]string{"operating_system_family", "operatingSystemFamily"} {
			if strings.HasPrefix(strings.ToUpper(p.Get(key).Str()), "WINDOWS") {
				return true
			}
		}
	}
	return false
}

// isRoot reads a user of a container: "0", "root", "0:1000".
func isRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "0" || name == "root" || strings.Trim(name, "0") == "" && name != ""
}

var _ = add(sekisho.Rule{
	ID: "run-as-root", Aliases: ids("ECS.1 ECS.20 CIS-Docker-4.1"), Severity: sekisho.SeverityHigh,
	References: ids("nist-800-190-4.1.2 cis-docker-4.1 cwe-250"),
	Because:    w("The definition says so itself.", "定義に明示されているため。"),
	Title:      w("Container {0} runs as {1}", "コンテナ {0} が {1} で動作"),
	Why:        w("As root an intruder changes every file of the container, installs tools, and needs one flaw of the kernel to own the instance.", "root の侵入者はコンテナ内のあらゆるファイルを変更し、ツールを導入でき、カーネルの欠陥が一つあればインスタンスを支配できます。"),
	Fix:        w("Name a user by number that the image allows for, such as user: \"10001:10001\".", "イメージで使えるユーザーを番号で指定してください。例: user: \"10001:10001\"。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	if user := c.Node.Get("user"); user.Str() != "" && cloud.Whole(user.Str()) && isRoot(user.Str()) && !c.Task.windows() {
		found(c.has(c.Node, "user", user.Str()))
	}
}))

var _ = add(sekisho.Rule{
	ID: "no-user", Severity: sekisho.SeverityLow,
	References: ids("nist-800-190-4.1.2 cis-docker-4.1 cwe-250"),
	Because:    w("The image may well set a user: this file does not say.", "イメージ側でユーザーが設定されている可能性があり、このファイルだけでは判断できないため。"),
	Title:      w("Container {0} has no user: the image decides whether it runs as root", "コンテナ {0} に user がなく、root で動くかはイメージ次第"),
	Why:        w("Most images run as root unless told otherwise, and a new version of an image can change its user.", "多くのイメージは指定がなければ root で動き、新しい版でユーザーが変わることもあります。"),
	Fix:        w("Say it in the definition: user: \"10001:10001\".", "定義に明示してください。例: user: \"10001:10001\"。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	if lacks(c.Node, "user") && !c.Task.windows() {
		found(c.named())
	}
}))

var _ = add(sekisho.Rule{
	ID: "writable-root", Aliases: ids("CKV_AWS_336 ECS.5 CIS-Docker-5.13"), Severity: sekisho.SeverityMedium,
	References: ids("nist-800-190-4.4.4 cwe-732"),
	Because:    w("It makes an intrusion harder to establish, and does not prevent it.", "侵入の定着を難しくするもので、侵入自体は防げないため。"),
	Title:      w("Container {0} can write to its root file system", "コンテナ {0} のルートファイルシステムが書き込み可能"),
	Why:        w("An intruder drops tools and changes the program; with a read-only root there is no place for either.", "侵入者はツールを置き、プログラムを書き換えられます。読み取り専用ならその場所がありません。"),
	Fix:        w("Set readonlyRootFilesystem to true and mount a volume where the program writes, such as /tmp.", "readonlyRootFilesystem を true にし、書き込みが必要な /tmp などにはボリュームをマウントしてください。"),
}, eachContainer(func(c *Container, found func(check.Hit)) {
	n := c.Node.Get("readonlyRootFilesystem")
	switch {
	case c.Task.windows():
	case n == nil || n.Kind == document.Null:
		found(c.named())
	case n.False():
		found(c.has(c.Node, "readonlyRootFilesystem"))
	}
}))
