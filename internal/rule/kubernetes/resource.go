// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// lacksResource judges that a container says how much it may use or needs. A
// limit without a request is a request as well.
func lacksResource(kind, name string) func(*Object, func(check.Hit)) {
	return eachPod(func(p *Pod, found func(check.Hit)) {
		if n := p.Spec.Get("resources", kind, name); n.Present() {
			return // the pod's own, since Kubernetes 1.34
		}
		for _, c := range p.Containers {
			r := c.Node.Get("resources")
			n := r.Get(kind, name)
			if kind == "requests" && !n.Present() {
				n = r.Get("limits", name)
			}
			if c.Lasting() && !n.Present() && known(r, r.Get(kind)) {
				found(c.named())
			}
		}
	})
}

// known is false when one of the values cannot be known.
func known(nodes ...*document.Node) bool {
	for _, n := range nodes {
		if !n.Known() {
			return false
		}
	}
	return true
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-memory-limit", Aliases: ids("KSV-0018 CKV_K8S_13 C-0004 C-0009 C-0271 unset-memory-requirements"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("nist-800-190-4.4.3 nsa-cisa-pod-security cwe-770"),
		Because:    w("One container takes the memory of the node, and the kernel ends others.", "一つのコンテナがノードのメモリを使い切り、他のプロセスが強制終了されるため。"),
		Title:      w("Container {0} has no memory limit", "コンテナ {0} にメモリの上限がない"),
		Why:        w("A leak or an attack eats the memory of the node; pods that did nothing wrong are evicted.", "メモリリークや攻撃でノードのメモリが尽き、無関係な Pod が追い出されます。"),
		Fix:        w("Set resources.limits.memory, and requests.memory to what it usually needs.", "resources.limits.memory と、通常必要な量の requests.memory を設定してください。"),
	},
	Judge: lacksResource("limits", "memory"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-memory-request", Aliases: ids("KSV-0016 CKV_K8S_12 C-0269"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("nist-800-190-4.4.3"),
		Because:    w("Low: the scheduler places the pod badly; nothing is opened.", "配置が悪くなるだけで攻撃口にはならないため低。"),
		Title:      w("Container {0} requests no memory", "コンテナ {0} にメモリの要求量がない"),
		Why:        w("The scheduler counts the pod as nothing, and it is among the first to be evicted.", "スケジューラーはこの Pod を量ゼロとして扱い、真っ先に追い出します。"),
		Fix:        w("Set resources.requests.memory.", "resources.requests.memory を設定してください。"),
	},
	Judge: lacksResource("requests", "memory"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-cpu-request", Aliases: ids("KSV-0015 CKV_K8S_10 C-0050 C-0268 unset-cpu-requirements"), Severity: sekisho.SeverityLow, Stages: anywhere(),
		References: ids("nist-800-190-4.4.3"),
		Because:    w("Low: neighbours slow it down; nothing is opened.", "隣の Pod に遅くされるだけで攻撃口にはならないため低。"),
		Title:      w("Container {0} requests no CPU", "コンテナ {0} に CPU の要求量がない"),
		Why:        w("On a busy node the container gets next to no time: a noisy or hostile neighbour stops it.", "混雑したノードではほとんど実行時間を得られず、うるさい、または悪意ある隣の Pod に止められます。"),
		Fix:        w("Set resources.requests.cpu to what it usually needs.", "通常必要な量を resources.requests.cpu に設定してください。"),
	},
	Judge: lacksResource("requests", "cpu"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "no-cpu-limit", Aliases: ids("KSV-0011 CKV_K8S_11 C-0270"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("nist-800-190-4.4.3 nsa-cisa-pod-security cwe-770"),
		Because:    w("Low and off by default: requests divide the CPU already, and limits throttle without need.", "CPU は要求量で配分され、上限は不要な抑制を生むため、低かつ既定では無効。"),
		Title:      w("Container {0} has no CPU limit", "コンテナ {0} に CPU の上限がない"),
		Why:        w("A miner or a busy loop uses every free cycle of the node.", "マイニングや無限ループがノードの空き CPU を使い切ります。"),
		Fix:        w("Set resources.limits.cpu where nodes are shared with those you do not trust.", "信頼できない相手とノードを共有する場合は resources.limits.cpu を設定してください。"),
	},
	Judge: lacksResource("limits", "cpu"),
})
