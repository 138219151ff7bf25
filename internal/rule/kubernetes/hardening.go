// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "writable-root", Aliases: ids("KSV-0014 CKV_K8S_22 C-0017 no-read-only-root-fs"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("nist-800-190-4.4.4 cis-docker-5.13 nsa-cisa-pod-security"),
		Because:    w("It makes what follows a break-in easier; it opens nothing.", "侵入後の活動を容易にするが、それ自体は攻撃口ではないため。"),
		Title:      w("Container {0} can write to its root file system", "コンテナ {0} のルートファイルシステムが書き込み可能"),
		Why:        w("An intruder replaces programs and puts tools where the program runs them from.", "侵入者はプログラムを差し替えたり、ツールを置いて実行したりできます。"),
		Fix:        w("Write readOnlyRootFilesystem: true, and mount an emptyDir where the program writes.", "readOnlyRootFilesystem: true を書き、書き込みが必要な場所には emptyDir をマウントしてください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		v := c.Security("readOnlyRootFilesystem")
		switch {
		case v.True() || !v.Known() || c.Pod.Windows() || c.Type == ephemeralContainer:
		case v.Present():
			found(c.has(c.Security(), "readOnlyRootFilesystem"))
		default:
			found(c.named())
		}
	}),
})

// lowID judges a user or group id that is small: those of the node's own users.
func lowID(field string) func(*Object, func(check.Hit)) {
	return eachContainer(func(c *Container, found func(check.Hit)) {
		n := c.Effective(field)
		// 0 is told by other rules.
		if id, ok := n.Int(); ok && id > 0 && id <= 10000 {
			h := c.Pod.Owner.at(n, field+": "+n.Str(), c.Name)
			h.Key = c.Name + "\x00" + h.Excerpt
			found(h)
		}
	})
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "low-user-id", Aliases: ids("KSV-0020 CKV_K8S_40"), Severity: sekisho.SeverityNegligible, Stages: anywhere(), Off: true,
		Because: w("It matters only beside another flaw, and nearly every image uses a small id.", "別の欠陥と重なったときだけ問題になり、ほとんどのイメージが小さい ID を使うため。"),
		Title:   w("Container {0} runs as a user id up to 10000", "コンテナ {0} のユーザー ID が 10000 以下"),
		Why:     w("The id can be that of a user of the node, whose files a process that escapes may then touch.", "ノードのユーザーと同じ ID の場合、脱出したプロセスがその人のファイルに触れられます。"),
		Fix:     w("Choose a runAsUser above 10000, or set hostUsers: false.", "10000 を超える runAsUser を選ぶか、hostUsers: false を設定してください。"),
	},
	Judge: lowID("runAsUser"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "low-group-id", Aliases: ids("KSV-0021"), Severity: sekisho.SeverityNegligible, Stages: anywhere(), Off: true,
		Because: w("It matters only beside another flaw.", "別の欠陥と重なったときだけ問題になるため。"),
		Title:   w("Container {0} runs as a group id up to 10000", "コンテナ {0} のグループ ID が 10000 以下"),
		Why:     w("The id can be that of a group of the node.", "ノードのグループと同じ ID になることがあります。"),
		Fix:     w("Choose a runAsGroup above 10000, or set hostUsers: false.", "10000 を超える runAsGroup を選ぶか、hostUsers: false を設定してください。"),
	},
	Judge: lowID("runAsGroup"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "root-group", Aliases: ids("KSV-0116"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("cis-kubernetes-5.2.7"),
		Because:    w("Files of the group root are often writable for it.", "root グループのファイルは書き込み可能なことが多いため。"),
		Title:      w("The pod asks for the group root by {0}", "{0} で root グループを指定"),
		Why:        w("Group 0 may write what images and volumes leave open to the group root.", "グループ 0 は、イメージやボリュームが root グループに許しているものに書き込めます。"),
		Fix:        w("Choose another group than 0.", "0 以外のグループを選んでください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if p.UserNamespace() {
			return
		}
		sc := p.Spec.Get("securityContext")
		for _, key := range [...]string{"runAsGroup", "fsGroup"} {
			if id, ok := sc.Get(key).Int(); ok && id == 0 {
				found(p.Owner.field(sc, key, key))
			}
		}
		for _, g := range sc.Get("supplementalGroups").List() {
			if id, ok := g.Int(); ok && id == 0 {
				found(p.Owner.at(g, "supplementalGroups: 0", "supplementalGroups"))
			}
		}
		for _, c := range p.Containers {
			if id, ok := c.Security("runAsGroup").Int(); ok && id == 0 {
				h := p.Owner.field(c.Security(), "runAsGroup", "runAsGroup")
				h.Key = c.Name + "\x00" + h.Excerpt
				found(h)
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-security-context", Aliases: ids("KSV-0118 CKV_K8S_29 CKV_K8S_30 C-0211"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("cis-kubernetes-5.6.3"),
		Because:    w("Each thing that lacks is told by a rule of its own.", "足りない項目はそれぞれの規則が指摘するため。"),
		Title:      w("Container {0} has no securityContext, nor its pod", "コンテナ {0} にも Pod にも securityContext がない"),
		Why:        w("Everything is at the defaults, which are made for compatibility.", "全てが互換性優先の既定値のままです。"),
		Fix:        w("Write a securityContext for the pod and the container.", "Pod とコンテナに securityContext を書いてください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		if empty(c.Node.Get("securityContext")) && empty(c.Pod.Spec.Get("securityContext")) {
			found(c.named())
		}
	}),
})

func empty(n *document.Node) bool { return !n.Present() || n.Kind == document.Map && len(n.Items) == 0 }

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "host-aliases", Aliases: ids("KSV-0007"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		Because: w("It is seldom wrong.", "問題になることが少ないため。"),
		Title:   w("The pod overrides names in /etc/hosts", "Pod が /etc/hosts の名前を上書き"),
		Why:     w("A name leads to another address than everybody else sees, past DNS and its logs.", "DNS とその記録を通らず、その名前だけが別のアドレスに向きます。"),
		Fix:     w("Use a Service or an ExternalName instead of hostAliases.", "hostAliases の代わりに Service や ExternalName を使ってください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if len(p.Spec.Get("hostAliases").List()) > 0 {
			found(p.Owner.field(p.Spec, "hostAliases"))
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "mount-propagation", Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("cis-docker-5.20 nist-800-190-4.4.3"),
		Because:    w("Mounts of the container appear on the node.", "コンテナのマウントがノードに現れるため。"),
		Title:      w("Container {0} mounts with propagation to the node", "コンテナ {0} のマウントがノードへ伝播"),
		Why:        w("Whatever the container mounts is mounted on the node and in other pods too; it works for privileged containers only, and there it is a way out.", "コンテナがマウントしたものがノードや他の Pod にも現れます。特権コンテナでのみ有効で、脱出路になります。"),
		Fix:        w("Remove mountPropagation: Bidirectional, except for a storage driver in a namespace of its own.", "専用 Namespace のストレージドライバー以外では mountPropagation: Bidirectional を削除してください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, m := range c.Node.Get("volumeMounts").List() {
			if m.Get("mountPropagation").Str() == "Bidirectional" {
				found(c.has(m, "mountPropagation"))
			}
		}
	}),
})

// programs are the words of the commands of a container.
func (c *Container) programs(visit func(n *document.Node, text string)) {
	for _, key := range [...]string{"command", "args"} {
		for _, n := range c.Node.Get(key).List() {
			visit(n, n.Str())
		}
	}
	for _, hook := range [...]string{"postStart", "preStop"} {
		for _, n := range c.Node.Get("lifecycle", hook, "exec", "command").List() {
			visit(n, n.Str())
		}
	}
}

var sudoWord = pattern.New(`(^|[\s;&|(/])sudo(\s|$)`)

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "sudo", Aliases: ids("C-0062"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("cwe-250"),
		Because:    w("The container is made to become root.", "コンテナが root になる前提であるため。"),
		Title:      w("Container {0} calls sudo", "コンテナ {0} が sudo を実行"),
		Why:        w("sudo in the image lets an intruder become root as the program does.", "イメージ内の sudo により、侵入者もプログラムと同じように root になれます。"),
		Fix:        w("Run as the user that is needed, and do in the image's build what needs root.", "必要なユーザーで実行し、root が要る作業はイメージのビルド時に行ってください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		c.programs(func(n *document.Node, text string) {
			if sudoWord.MatchString(text) {
				h := c.Pod.Owner.at(n, text, c.Name)
				found(h)
			}
		})
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "ssh-port", Aliases: ids("C-0042 ssh-port"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("cis-docker-5.7 nist-800-190-4.1.2"),
		Because:    w("A second way in, with keys of its own.", "独自の鍵を持つもう一つの入口になるため。"),
		Title:      w("Container {0} opens port 22", "コンテナ {0} がポート 22 を公開"),
		Why:        w("An SSH server in a container goes past the access control and the audit log of the cluster.", "コンテナ内の SSH サーバーはクラスターのアクセス制御と監査ログを通りません。"),
		Fix:        w("Remove the server and the port; use kubectl exec or an ephemeral container.", "サーバーとポートを削除し、kubectl exec やエフェメラルコンテナを使ってください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, p := range c.Node.Get("ports").List() {
			if n, ok := p.Get("containerPort").Int(); ok && n == 22 && !strings.EqualFold(p.Get("protocol").Str(), "UDP") {
				found(c.has(p, "containerPort"))
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "privileged-port", Aliases: ids("KSV-0117 privileged-ports"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("cis-docker-5.8"),
		Because:    w("Engines let every user open them today.", "現在のエンジンは一般ユーザーにも許しているため。"),
		Title:      w("Container {0} listens on a port under 1024", "コンテナ {0} が 1024 未満のポートで待ち受け"),
		Why:        w("On older engines the program needs root or NET_BIND_SERVICE for it.", "古いエンジンでは root か NET_BIND_SERVICE が必要になります。"),
		Fix:        w("Listen above 1023 and let the Service map the port.", "1023 を超えるポートで待ち受け、Service でポートを変換してください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		for _, p := range c.Node.Get("ports").List() {
			if n, ok := p.Get("containerPort").Int(); ok && n > 0 && n < 1024 {
				found(c.has(p, "containerPort"))
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-runtime-class", Aliases: ids("C-0297"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("nist-800-190-4.5.2"),
		Because:    w("Only workloads that run what others wrote need it.", "他者のコードを実行するワークロードにだけ必要なため。"),
		Title:      w("The pod shares the kernel of the node", "Pod がノードのカーネルを共有"),
		Why:        w("Code of tenants or agents that reaches a flaw of the kernel reaches the node; a sandbox (gVisor, Kata) has a kernel between.", "テナントやエージェントのコードがカーネルの欠陥に届くとノードに届きます。サンドボックス (gVisor、Kata) は間に別のカーネルを挟みます。"),
		Fix:        w("Set runtimeClassName to a sandboxed runtime for workloads that you do not trust.", "信頼できないワークロードには、サンドボックス化されたランタイムを runtimeClassName に指定してください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if n := p.Spec.Get("runtimeClassName"); n.Str() == "" && n.Known() && len(p.Containers) > 0 {
			found(p.Owner.self())
		}
	}),
})
