// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// lacksProbe judges the containers of workloads that run for ever.
func lacksProbe(probe string) func(*Object, func(check.Hit)) {
	return func(o *Object, found func(check.Hit)) {
		if o.Is("Job", "CronJob") || o.Kind == "PodTemplate" || !coreGroup(o.Group) {
			return
		}
		for _, p := range o.Pods {
			for _, c := range p.Containers {
				if c.Type == mainContainer && !c.Node.Get(probe).Present() && c.Node.Get(probe).Known() && p.Spec.Get("restartPolicy").Str() != "Never" {
					found(c.named())
				}
			}
		}
	}
}

// replicas are those that are written, or 1; false where an autoscaler decides.
func (o *Object) replicas() (int64, bool) {
	n := o.Node.Get("spec", "replicas")
	if !o.Is("Deployment", "StatefulSet") || !n.Known() {
		return 0, false
	}
	if o.World != nil {
		for _, h := range o.World.Of("HorizontalPodAutoscaler") {
			if h.Node.Get("spec", "scaleTargetRef", "name").Str() == o.Name && sameNamespace(h.Namespace, o.Namespace) {
				return 0, false
			}
		}
	}
	if v, ok := n.Int(); ok {
		return v, true
	}
	return 1, n == nil
}

var (
	offByDefault = w("Availability, not security; off by default.", "可用性に関する助言のため、既定では無効。")

	_ = rules.Add(over("no-liveness-probe", "CKV_K8S_8 C-0056 no-liveness-probe", "", sekisho.SeverityNegligible, true, offByDefault,
		w("Container {0} has no liveness probe", "コンテナ {0} に liveness プローブがない"),
		w("A program that hangs is not started again.", "固まったプログラムが再起動されません。"),
		w("Add a livenessProbe that asks only the program itself.", "プログラム自身だけを確認する livenessProbe を追加してください。"), lacksProbe("livenessProbe")))
	_ = rules.Add(over("no-readiness-probe", "CKV_K8S_9 C-0018 no-readiness-probe", "", sekisho.SeverityNegligible, true, offByDefault,
		w("Container {0} has no readiness probe", "コンテナ {0} に readiness プローブがない"),
		w("Requests reach the program before it can answer.", "応答できる前に通信が届きます。"),
		w("Add a readinessProbe.", "readinessProbe を追加してください。"), lacksProbe("readinessProbe")))
	_ = rules.Add(over("pdb-blocks-drain", "pdb-max-unavailable pdb-min-available", "nist-800-190-4.5.3", sekisho.SeverityLow, false,
		w("Nodes cannot be emptied for their security updates.", "セキュリティ更新のためにノードを空けられないため。"),
		w("The disruption budget allows no eviction: {0}", "PodDisruptionBudget が退避を一切許さない: {0}"),
		w("Draining a node waits for ever, so nodes stay unpatched.", "ノードの drain が終わらず、パッチが当たらないまま残ります。"),
		w("Allow one pod to be unavailable: maxUnavailable: 1.", "maxUnavailable: 1 のように一つの停止を許してください。"),
		func(o *Object, found func(check.Hit)) {
			spec := o.Node.Get("spec")
			if !o.Is("PodDisruptionBudget") {
				return
			}
			if m := spec.Get("maxUnavailable"); m.Present() && (m.Str() == "0" || m.Str() == "0%") {
				found(o.field(spec, "maxUnavailable", "maxUnavailable: "+m.Str()))
			}
			m := spec.Get("minAvailable")
			if m.Str() == "100%" {
				found(o.field(spec, "minAvailable", "minAvailable: 100%"))
				return
			}
			if n, ok := m.Int(); ok && o.World != nil {
				for _, kind := range [...]string{"Deployment", "StatefulSet"} {
					for _, w := range o.World.Of(kind) {
						r, known := w.replicas()
						if known && len(w.Pods) == 1 && r > 0 && n >= r && sameNamespace(w.Namespace, o.Namespace) && !empty(spec.Get("selector")) && selects(spec.Get("selector"), w.Pods[0].Meta.Get("labels")) {
							found(o.field(spec, "minAvailable", "minAvailable: "+m.Str()))
							return
						}
					}
				}
			}
		}))
	_ = rules.Add(over("pdb-unhealthy-eviction", "pdb-unhealthy-pod-eviction-policy", "", sekisho.SeverityNegligible, true, offByDefault,
		w("The disruption budget keeps pods that are not healthy", "PodDisruptionBudget が不健全な Pod の退避を妨げる"),
		w("A pod that never becomes ready stops the drain of its node.", "準備完了にならない Pod がノードの drain を止めます。"),
		w("Set unhealthyPodEvictionPolicy: AlwaysAllow.", "unhealthyPodEvictionPolicy: AlwaysAllow を設定してください。"),
		func(o *Object, found func(check.Hit)) {
			if v := o.Node.Get("spec", "unhealthyPodEvictionPolicy"); o.Is("PodDisruptionBudget") && v.Str() != "AlwaysAllow" && v.Known() {
				found(o.self())
			}
		}))
	_ = rules.Add(over("few-replicas", "minimum-three-replicas hpa-minimum-three-replicas", "", sekisho.SeverityNegligible, true, offByDefault,
		w("Fewer than three replicas", "レプリカが 3 未満"),
		w("One node or zone that fails takes the service down.", "一つのノードやゾーンの障害でサービスが止まります。"),
		w("Run three replicas or more.", "3 以上のレプリカを動かしてください。"),
		func(o *Object, found func(check.Hit)) {
			spec := o.Node.Get("spec")
			if n, ok := o.replicas(); ok && n < 3 && n > 0 {
				if spec.Get("replicas") != nil {
					found(o.field(spec, "replicas"))
				} else {
					found(o.self())
				}
			}
			if n, ok := spec.Get("minReplicas").Int(); o.Is("HorizontalPodAutoscaler") && (ok && n < 3 || spec.Get("minReplicas") == nil) {
				found(o.self())
			}
		}))
	_ = rules.Add(over("no-rolling-update", "C-0305 no-rolling-update-strategy", "", sekisho.SeverityNegligible, true, offByDefault,
		w("The Deployment is not updated step by step", "Deployment が段階的に更新されない"),
		w("Every pod stops before the new ones start.", "新しい Pod が起動する前に全ての Pod が止まります。"),
		w("Use the strategy RollingUpdate.", "strategy を RollingUpdate にしてください。"),
		func(o *Object, found func(check.Hit)) {
			for _, key := range [...]string{"strategy", "updateStrategy"} {
				if s := o.Node.Get("spec", key); o.Is("Deployment", "StatefulSet", "DaemonSet") && (s.Get("type").Str() == "Recreate" || s.Get("type").Str() == "OnDelete") {
					found(o.field(s, "type"))
				}
			}
		}))
	_ = rules.Add(over("no-anti-affinity", "no-anti-affinity", "", sekisho.SeverityNegligible, true, offByDefault,
		w("Replicas may all be on one node", "全レプリカが一つのノードに載り得る"),
		w("One node that fails takes all of them.", "一つのノードの障害で全滅します。"),
		w("Add podAntiAffinity or topologySpreadConstraints.", "podAntiAffinity か topologySpreadConstraints を追加してください。"),
		func(o *Object, found func(check.Hit)) {
			if n, ok := o.replicas(); !ok || n < 2 || len(o.Pods) != 1 {
				return
			}
			if s := o.Pods[0].Spec; empty(s.Get("affinity", "podAntiAffinity")) && len(s.Get("topologySpreadConstraints").List()) == 0 {
				found(o.self())
			}
		}))
	_ = rules.Add(over("no-node-affinity", "no-node-affinity", "nist-800-190-4.3.4", sekisho.SeverityNegligible, true, offByDefault,
		w("The pod may run on any node", "Pod がどのノードでも動作し得る"),
		w("Nodes cannot be kept apart by what they run.", "用途ごとにノードを分けられません。"),
		w("Add nodeAffinity or a nodeSelector.", "nodeAffinity か nodeSelector を追加してください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			if empty(p.Spec.Get("affinity", "nodeAffinity")) && empty(p.Spec.Get("nodeSelector")) {
				found(p.Owner.self())
			}
		})))
	_ = rules.Add(over("no-priority-class", "priority-class-name", "", sekisho.SeverityNegligible, true, offByDefault,
		w("The pod has no priority class", "Pod に PriorityClass の指定がない"),
		w("What matters is evicted as what does not.", "重要な Pod も同じように追い出されます。"),
		w("Set priorityClassName.", "priorityClassName を設定してください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			if n := p.Spec.Get("priorityClassName"); n.Str() == "" && n.Known() {
				found(p.Owner.self())
			}
		})))
	_ = rules.Add(over("no-job-ttl", "job-ttl-seconds-after-finished", "", sekisho.SeverityNegligible, true, offByDefault,
		w("Finished jobs are kept for ever", "完了した Job が残り続ける"),
		w("Their pods, logs and service accounts stay in the cluster.", "Pod やログがクラスターに残り続けます。"),
		w("Set ttlSecondsAfterFinished.", "ttlSecondsAfterFinished を設定してください。"),
		func(o *Object, found func(check.Hit)) {
			// A CronJob keeps a number of its jobs.
			if ttl := o.Node.Get("spec", "ttlSecondsAfterFinished"); o.Is("Job") && ttl == nil && len(o.Pods) > 0 {
				found(o.self())
			}
		}))
	_ = rules.Add(over("restart-policy", "restart-policy", "", sekisho.SeverityNegligible, true, offByDefault,
		w("The pod is not started again: {0}", "Pod が再起動されない: {0}"),
		w("A program that fails stays down.", "失敗したプログラムが止まったままになります。"),
		w("Use restartPolicy: Always or OnFailure.", "restartPolicy を Always か OnFailure にしてください。"),
		func(o *Object, found func(check.Hit)) {
			for _, p := range o.Pods {
				if v := p.Spec.Get("restartPolicy").Str(); v == "Never" && !o.Is("Job", "CronJob") {
					found(o.field(p.Spec, "restartPolicy", v))
				}
			}
		}))
	_ = rules.Add(over("dns-ndots", "dnsconfig-options", "", sekisho.SeverityNegligible, true, offByDefault,
		w("The pod keeps the default ndots of DNS", "Pod の DNS オプション ndots が既定のまま"),
		w("Each name of the outside is asked for several times, with the cluster's suffixes.", "外部の名前がクラスターのサフィックス付きで何度も問い合わせられます。"),
		w("Set dnsConfig.options with ndots.", "dnsConfig.options で ndots を設定してください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			for _, opt := range p.Spec.Get("dnsConfig", "options").List() {
				if opt.Get("name").Str() == "ndots" {
					return
				}
			}
			found(p.Owner.self())
		})))
	_ = rules.Add(over("required-labels", "C-0076 C-0077 required-label-owner required-annotation-email", "", sekisho.SeverityNegligible, true, offByDefault,
		w("The object lacks the label {0}", "オブジェクトにラベル {0} がない"),
		w("Nobody knows whom to call.", "誰に連絡すべきか分かりません。"),
		w("Add the recommended labels (app.kubernetes.io/name), and an owner.", "推奨ラベル (app.kubernetes.io/name) と owner を付けてください。"),
		func(o *Object, found func(check.Hit)) {
			if len(o.Pods) == 0 {
				return
			}
			var name, owner bool
			for _, m := range [...]*document.Node{o.Labels(), o.Node.Get("metadata", "annotations")} {
				for key := range m.Members() {
					name = name || key == "app.kubernetes.io/name" || key == "app"
					owner = owner || key == "owner" || strings.HasSuffix(key, "/owner") || key == "email" || key == "team"
				}
			}
			if !name {
				h := o.self("app.kubernetes.io/name")
				h.Key = "name"
				found(h)
			}
			if !owner {
				h := o.self("owner")
				h.Key = "owner"
				found(h)
			}
		}))
)
