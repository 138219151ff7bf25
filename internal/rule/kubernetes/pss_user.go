// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "run-as-root", Aliases: ids("KSV-0012 KSV-0105 CKV_K8S_6 CKV_K8S_23 C-0013 run-as-non-root CIS-DI-0001 DS-0002 CKV_DOCKER_3 CKV_DOCKER_8 DL3002"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-restricted cis-kubernetes-5.2.7 nist-800-190-4.1.2 nsa-cisa-pod-security cwe-250"),
		Because:    w("Medium where the image may choose root, high where the manifest does.", "イメージ次第で root になり得る場合は中、マニフェストが root を指定する場合は高。"),
		Title:      w("Container {0} can run as root", "コンテナ {0} が root で動作し得る"),
		Why:        w("Root in the container is root on the node the moment anything else gives way: a kernel flaw, a mounted path, a capability.", "カーネルの欠陥、マウントされたパス、余分なケーパビリティなど、ほかの何かが破られた瞬間に、コンテナの root はノードの root になります。"),
		Fix:        w("Write runAsNonRoot: true and a runAsUser other than 0, in the pod's securityContext.", "Pod の securityContext に runAsNonRoot: true と、0 以外の runAsUser を書いてください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if p.UserNamespace() {
			return
		}
		sc := p.Spec.Get("securityContext")
		if uid, ok := sc.Get("runAsUser").Int(); ok && uid == 0 {
			h := p.Owner.field(sc, "runAsUser", "*")
			h.Severity = sekisho.SeverityHigh
			found(h)
		}
		for _, c := range p.Containers {
			uid, ok := c.Security("runAsUser").Int()
			nonRoot := c.Effective("runAsNonRoot")
			switch {
			case ok && uid == 0:
				h := c.has(c.Security(), "runAsUser")
				h.Severity = sekisho.SeverityHigh
				found(h)
			case nonRoot.True() || !nonRoot.Known() || !c.Effective("runAsUser").Known():
			case c.Security("runAsNonRoot").False():
				found(c.has(c.Security(), "runAsNonRoot"))
			case c.Effective("runAsUser").Present():
				// Another user than root: non-root-not-enforced speaks of it; or the
				// pod's 0, told above.
			default:
				found(c.named())
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "non-root-not-enforced", Severity: sekisho.SeverityNegligible, Stages: anywhere(), References: ids("pss-restricted"),
		Because: w("The container does not run as root; only the standard's check is missing.", "root では動作せず、標準が求める確認が欠けているだけのため。"),
		Title:   w("Container {0} sets a user but not runAsNonRoot", "コンテナ {0} に runAsUser はあるが runAsNonRoot がない"),
		Why:     w("A namespace that enforces the restricted standard refuses the pod, and nothing stops a later change of the user to 0.", "restricted 標準を強制する Namespace では Pod が拒否され、後で 0 に変更されても止めるものがありません。"),
		Fix:     w("Add runAsNonRoot: true beside runAsUser.", "runAsUser の隣に runAsNonRoot: true を追加してください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if p.UserNamespace() {
			return
		}
		// The standard forbids the pod to say no, also where each container says yes.
		sc := p.Spec.Get("securityContext")
		if sc.Get("runAsNonRoot").False() && !slices.ContainsFunc(p.Containers, func(c *Container) bool { return !c.Security("runAsNonRoot").True() }) {
			found(p.Owner.field(sc, "runAsNonRoot", "*"))
		}
		for _, c := range p.Containers {
			uid, ok := c.Effective("runAsUser").Int()
			if n := c.Effective("runAsNonRoot"); ok && uid != 0 && n.Known() && !n.True() && !c.Security("runAsNonRoot").False() {
				found(c.named())
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "privilege-escalation", Aliases: ids("KSV-0001 CKV_K8S_5 CKV_K8S_20 C-0016 privilege-escalation-container"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-restricted cis-kubernetes-5.2.6 nist-800-190-4.4.3 nsa-cisa-pod-security cwe-250"),
		Because:    w("It turns a process of a user into one of root.", "一般ユーザーのプロセスが root になれるため。"),
		Title:      w("Container {0} allows privilege escalation", "コンテナ {0} で権限昇格が可能"),
		Why:        w("Setuid programs and file capabilities in the image give an intruder more rights than the process began with.", "イメージ内の setuid プログラムやファイルケーパビリティにより、侵入者はプロセスが始めに持っていた以上の権限を得ます。"),
		Fix:        w("Write allowPrivilegeEscalation: false in the container's securityContext.", "コンテナの securityContext に allowPrivilegeEscalation: false を書いてください。"),
	},
	Judge: eachContainer(func(c *Container, found func(check.Hit)) {
		v := c.Security("allowPrivilegeEscalation")
		// A privileged container cannot forbid it, and is told of already.
		if v.False() || !v.Known() || c.Pod.Windows() || c.Security("privileged").True() {
			return
		}
		if v.Present() {
			found(c.has(c.Security(), "allowPrivilegeEscalation"))
		} else {
			found(c.named())
		}
	}),
})
