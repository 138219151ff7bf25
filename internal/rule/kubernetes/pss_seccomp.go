// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// seccompPrefix are the annotations of clusters before 1.27; newer ones ignore them.
const (
	seccompPod       = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainer = "container.seccomp.security.alpha.kubernetes.io/"
)

// confined is true for a profile that is one of those allowed.
func confined(profile *document.Node) bool {
	t := profile.Get("type")
	return t.Str() == "RuntimeDefault" || t.Str() == "Localhost" || !t.Known() || !profile.Known()
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "seccomp-unconfined", Aliases: ids("KSV-0104"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("pss-baseline cis-kubernetes-5.6.2 nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("Every system call of the kernel is in reach.", "カーネルの全システムコールに届くため。"),
		Title:      w("Seccomp is switched off", "seccomp が無効"),
		Why:        w("Flaws of the kernel in rarely used system calls, which the default profile closes, become a way out of the container.", "既定プロファイルが塞いでいる、めったに使われないシステムコールの脆弱性がコンテナからの脱出路になります。"),
		Fix:        w("Set seccompProfile.type to RuntimeDefault, or to Localhost with a profile of your own.", "seccompProfile.type を RuntimeDefault、または独自プロファイルの Localhost にしてください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if s := p.Spec.Get("securityContext", "seccompProfile"); s.Get("type").Present() && !confined(s) {
			found(p.Owner.field(s, "type"))
		}
		for _, c := range p.Containers {
			if s := c.Security("seccompProfile"); s.Get("type").Present() && !confined(s) {
				found(c.has(s, "type"))
			}
		}
		notes := p.Meta.Get("annotations")
		for key, v := range notes.Members() {
			if (key == seccompPod || strings.HasPrefix(key, seccompContainer)) && v.Str() == "unconfined" {
				found(p.Owner.field(notes, key))
			}
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-seccomp", Aliases: ids("KSV-0030 CKV_K8S_31 CKV_K8S_32 C-0055 C-0210"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("pss-restricted cis-kubernetes-5.6.2 nist-800-190-4.4.3 nsa-cisa-pod-security"),
		Because:    w("Clusters may set a default for pods that say nothing.", "何も指定しない Pod に既定値を与えるクラスターもあるため。"),
		Title:      w("Container {0} asks for no seccomp profile", "コンテナ {0} に seccomp プロファイルの指定がない"),
		Why:        w("Unless the kubelet was told otherwise, a container without a profile may make every system call.", "kubelet の設定がなければ、プロファイルのないコンテナは全システムコールを呼べます。"),
		Fix:        w("Write securityContext.seccompProfile.type: RuntimeDefault for the pod.", "Pod の securityContext に seccompProfile.type: RuntimeDefault を書いてください。"),
	},
	Judge: eachPod(func(p *Pod, found func(check.Hit)) {
		if p.Windows() {
			return
		}
		for _, c := range p.Containers {
			// A profile that is named and wrong is seccomp-unconfined's.
			if s := c.Effective("seccompProfile"); !s.Get("type").Present() && s.Known() && !c.Security("privileged").True() {
				found(c.named())
			}
		}
	}),
})
