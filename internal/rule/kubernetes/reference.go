// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// complete is true where what is not in the world is nowhere: the world is
// rendered, or the object has others of the kinds beside it; and nothing in it
// may make pods that are not seen.
func (w *World) complete(o *Object, kinds ...string) bool {
	if w == nil || w.indexed().foreign {
		return false
	}
	for _, k := range kinds {
		if all := w.Of(k); len(all) > 0 && (w.Whole || sameDirectory(all, o)) {
			return true
		}
	}
	return false
}

// workloads are the kinds whose pods others select.
var workloads = []string{"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job", "CronJob", "DeploymentConfig"}

// selected says whether the selector chooses a pod of the namespace.
func (w *World) selected(namespace string, chooses func(labels *document.Node) bool) bool {
	for _, kind := range workloads {
		for _, o := range w.Of(kind) {
			for _, p := range o.Pods {
				if sameNamespace(o.Namespace, namespace) && chooses(p.Meta.Get("labels")) {
					return true
				}
			}
		}
	}
	return false
}

var (
	lowBroken = w("Something does not work; nothing is opened.", "動作しないだけで攻撃口にはならないため。")

	_ = rules.Add(over("dangling-service", "C-0293 dangling-service", "", sekisho.SeverityLow, false, lowBroken,
		w("The Service selects no pod", "Service がどの Pod も選択しない"),
		w("Requests end nowhere, and whoever may create a pod with these labels receives them.", "通信の行き先がなく、このラベルの Pod を作れる者が通信を受け取れます。"),
		w("Make the selector equal to the labels of the pods.", "selector を Pod のラベルに一致させてください。"),
		func(o *Object, found func(check.Hit)) {
			s := o.Node.Get("spec", "selector")
			if o.Is("Service") && o.Group == "" && !empty(s) && s.Kind == document.Map && o.World.complete(o, workloads...) && !o.World.selected(o.Namespace, func(l *document.Node) bool { return matches(s, l) }) {
				found(o.field(o.Node.Get("spec"), "selector"))
			}
		}))
	_ = rules.Add(over("dangling-network-policy", "C-0299 dangling-networkpolicy dangling-networkpolicypeer-podselector", "", sekisho.SeverityLow, false, lowBroken,
		w("The NetworkPolicy selects no pod", "NetworkPolicy がどの Pod も選択しない"),
		w("The pods that it was written for are not held by it.", "対象のはずの Pod にポリシーが適用されません。"),
		w("Make podSelector equal to the labels of the pods.", "podSelector を Pod のラベルに一致させてください。"),
		func(o *Object, found func(check.Hit)) {
			s := o.Node.Get("spec", "podSelector")
			if o.Is("NetworkPolicy") && !empty(s) && o.World.complete(o, workloads...) && !o.World.selected(o.Namespace, func(l *document.Node) bool { return selects(s, l) }) {
				found(o.field(o.Node.Get("spec"), "podSelector"))
			}
		}))
	_ = rules.Add(over("dangling-ingress", "C-0298 C-0302 dangling-ingress", "", sekisho.SeverityLow, false, lowBroken,
		w("There is no Service {0} behind the {1}", "{1} の宛先 Service {0} が存在しない"),
		w("Requests end with an error, and whoever makes a Service of the name receives them.", "通信がエラーになり、その名前の Service を作った者が通信を受け取れます。"),
		w("Correct the name of the Service.", "Service の名前を直してください。"),
		func(o *Object, found func(check.Hit)) {
			if !o.Is("Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute") || !o.World.complete(o, "Service") && !(o.World != nil && o.World.Whole) {
				return
			}
			backend := func(m *document.Node, key string) {
				if name := m.Get(key); name.Str() != "" && o.World.Find("Service", o.Namespace, name.Str()) == nil {
					found(o.field(m, key, name.Str(), o.Kind))
				}
			}
			spec := o.Node.Get("spec")
			backend(spec.Get("defaultBackend", "service"), "name")
			for _, r := range spec.Get("rules").List() {
				for _, p := range r.Get("http", "paths").List() {
					backend(p.Get("backend", "service"), "name")
					backend(p.Get("backend"), "serviceName")
				}
				for _, b := range r.Get("backendRefs").List() {
					if k := b.Get("kind").Str(); (k == "" || k == "Service") && b.Get("namespace") == nil {
						backend(b, "name")
					}
				}
			}
		}))
	_ = rules.Add(over("dangling-autoscaler", "C-0300 dangling-horizontalpodautoscaler", "", sekisho.SeverityLow, false, lowBroken,
		w("There is no {0} that the autoscaler scales", "オートスケーラーの対象 {0} が存在しない"),
		w("The workload is not scaled.", "ワークロードがスケールされません。"),
		w("Correct scaleTargetRef.", "scaleTargetRef を直してください。"),
		func(o *Object, found func(check.Hit)) {
			ref := o.Node.Get("spec", "scaleTargetRef")
			kind, name := ref.Get("kind").Str(), ref.Get("name").Str()
			if o.Is("HorizontalPodAutoscaler") && slices.Contains(workloads, kind) && name != "" && o.World.complete(o, kind) && o.World.Find(kind, o.Namespace, name) == nil {
				found(o.field(ref, "name", kind+"/"+name))
			}
		}))
	_ = rules.Add(over("dangling-service-monitor", "dangling-servicemonitor", "", sekisho.SeverityLow, false, lowBroken,
		w("The ServiceMonitor selects no Service", "ServiceMonitor がどの Service も選択しない"),
		w("The service is not watched, and nobody is told.", "Service が監視されず、異常に誰も気づきません。"),
		w("Make spec.selector equal to the labels of the Service.", "spec.selector を Service のラベルに一致させてください。"),
		func(o *Object, found func(check.Hit)) {
			s := o.Node.Get("spec", "selector")
			if o.Kind != "ServiceMonitor" || o.Group != "monitoring.coreos.com" || empty(s) || o.Node.Get("spec", "namespaceSelector").Present() || !o.World.complete(o, "Service") {
				return
			}
			if !slices.ContainsFunc(o.World.Of("Service"), func(x *Object) bool { return sameNamespace(x.Namespace, o.Namespace) && selects(s, x.Labels()) }) {
				found(o.field(o.Node.Get("spec"), "selector"))
			}
		}))
	_ = rules.Add(over("mismatching-selector", "C-0296 mismatching-selector", "", sekisho.SeverityMedium, false,
		w("The API server refuses the workload.", "API サーバーがワークロードを拒否するため。"),
		w("The selector does not match the labels of the pods", "selector が Pod のラベルと一致しない"),
		w("The workload is refused, or adopts pods of others.", "ワークロードが拒否されるか、他の Pod を取り込みます。"),
		w("Make spec.selector.matchLabels a part of the labels of the template.", "spec.selector.matchLabels をテンプレートのラベルの一部にしてください。"),
		func(o *Object, found func(check.Hit)) {
			s := o.Node.Get("spec", "selector")
			if o.Is("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet") && len(o.Pods) == 1 && !empty(s) && !selects(s, o.Pods[0].Meta.Get("labels")) {
				found(o.field(o.Node.Get("spec"), "selector"))
			}
		}))
	_ = rules.Add(over("duplicate-env", "C-0295 duplicate-env-var", "", sekisho.SeverityLow, false, lowBroken,
		w("Container {0} has the variable {1} twice", "コンテナ {0} に環境変数 {1} が重複"),
		w("The last value wins; a protection that the first one sets is gone without a word.", "最後の値が使われ、最初の値による保護が黙って失われます。"),
		w("Remove one of them.", "一方を削除してください。"),
		eachContainer(func(c *Container, found func(check.Hit)) {
			seen := map[string]bool{}
			for _, e := range c.Node.Get("env").List() {
				name := e.Get("name").Str()
				if name != "" && seen[name] {
					found(c.has(e, "name", name))
				}
				seen[name] = true
			}
		})))
	_ = rules.Add(over("missing-config", "env-value-from", "", sekisho.SeverityLow, true, lowBroken,
		w("Container {0} reads {1}, which is not there", "コンテナ {0} が参照する {1} が存在しない"),
		w("The container does not start until somebody makes the object; whoever makes it decides what it holds.", "オブジェクトが作られるまで起動せず、作った者が内容を決められます。"),
		w("Add the object, or mark the reference optional.", "オブジェクトを追加するか、参照を optional にしてください。"),
		eachContainer(func(c *Container, found func(check.Hit)) {
			o := c.Pod.Owner
			check := func(kind string, m *document.Node) {
				if name := m.Get("name").Str(); name != "" && !m.Get("optional").True() && o.World.complete(o, kind) && o.World.Find(kind, o.Namespace, name) == nil {
					found(c.has(m, "name", kind+"/"+name))
				}
			}
			for _, e := range c.Node.Get("env").List() {
				check("Secret", e.Get("valueFrom", "secretKeyRef"))
				check("ConfigMap", e.Get("valueFrom", "configMapKeyRef"))
			}
			for _, e := range c.Node.Get("envFrom").List() {
				check("Secret", e.Get("secretRef"))
				check("ConfigMap", e.Get("configMapRef"))
			}
		})))
	_ = rules.Add(over("unknown-port", "invalid-target-ports liveness-port readiness-port startup-port", "", sekisho.SeverityLow, false, lowBroken,
		w("The port {0} is none that the containers name", "ポート {0} がコンテナの定義にない"),
		w("A probe on a port that does not exist restarts the container for ever; a Service leads nowhere.", "存在しないポートへのプローブはコンテナを再起動し続け、Service は行き先を失います。"),
		w("Name a port of the container.", "コンテナのポート名を指定してください。"),
		func(o *Object, found func(check.Hit)) {
			for _, p := range o.Pods {
				for _, c := range p.Containers {
					c.handlers(func(h *document.Node) {
						for _, kind := range [...]string{"httpGet", "tcpSocket"} {
							if a := h.Get(kind); a.Get("port").Str() != "" && !isNumber(a.Get("port")) && !c.hasPort(a.Get("port").Str()) {
								found(c.port(a))
							}
						}
					})
				}
			}
			if !o.Is("Service") || o.Group != "" || empty(o.Node.Get("spec", "selector")) || o.World == nil {
				return
			}
			for _, port := range o.Node.Get("spec", "ports").List() {
				t := port.Get("targetPort")
				if t.Str() == "" || isNumber(t) {
					continue
				}
				any, has := false, false
				for _, kind := range workloads {
					for _, w := range o.World.Of(kind) {
						for _, p := range w.Pods {
							if sameNamespace(w.Namespace, o.Namespace) && matches(o.Node.Get("spec", "selector"), p.Meta.Get("labels")) {
								any = true
								has = has || slices.ContainsFunc(p.Containers, func(c *Container) bool { return c.hasPort(t.Str()) })
							}
						}
					}
				}
				if any && !has {
					found(o.field(port, "targetPort", t.Str()))
				}
			}
		}))
	_ = rules.Add(over("naked-pod", "C-0073", "", sekisho.SeverityLow, false,
		w("Low: it is lost with its node.", "ノードと共に失われるだけのため低。"),
		w("The pod has no controller", "Pod にコントローラーがない"),
		w("Nobody starts the pod again when its node fails or is drained for an update.", "ノードの障害や更新時に、誰も Pod を起動し直しません。"),
		w("Make it a Deployment, StatefulSet or Job.", "Deployment、StatefulSet、Job にしてください。"),
		func(o *Object, found func(check.Hit)) {
			if o.Kind == "Pod" && o.Group == "" && len(o.Pods) == 1 && o.Node.Get("metadata", "ownerReferences") == nil && !strings.Contains(o.Path, "/etc/kubernetes/") && !static(o) {
				found(o.self())
			}
		}))
	_ = rules.Add(over("removed-api", "KSV-0107 no-extensions-v1beta", "nist-800-190-4.4.1", sekisho.SeverityMedium, false,
		w("Present clusters refuse the object; a policy that is refused protects nobody.", "現在のクラスターは受け付けず、拒否されたポリシーは何も守らないため。"),
		w("{0} {1} was removed in Kubernetes {2}", "{0} の {1} は Kubernetes {2} で削除済み"),
		w("The object is not applied on a cluster of that version or later.", "そのバージョン以降のクラスターには適用されません。"),
		w("Use {3}.", "{3} を使ってください。"),
		func(o *Object, found func(check.Hit)) {
			version := o.Node.Get("apiVersion").Str()
			for _, r := range removed {
				if r.version == version && slices.Contains(strings.Fields(r.kinds), o.Kind) {
					found(o.field(o.Node, "apiVersion", version, o.Kind, r.in, r.use))
				}
			}
		}))
)

// static is true for the pods that a kubelet runs from its own files.
func static(o *Object) bool {
	l := o.Labels()
	return l.Get("tier").Str() == "control-plane" || o.Namespace == "kube-system" && l.Get("component") != nil
}

func isNumber(n *document.Node) bool {
	_, err := strconv.Atoi(n.Str())
	return err == nil || !n.Known()
}

func (c *Container) hasPort(name string) bool {
	return slices.ContainsFunc(c.Node.Get("ports").List(), func(p *document.Node) bool { return p.Get("name").Str() == name || !p.Get("name").Known() })
}

func (c *Container) port(a *document.Node) check.Hit {
	h := c.Pod.Owner.field(a, "port", a.Get("port").Str())
	h.Key = c.Name + "\x00" + h.Excerpt
	return h
}

// removed are the versions of the API that are gone
// (https://kubernetes.io/docs/reference/using-api/deprecation-guide/).
var removed = []struct{ version, kinds, in, use string }{
	{"extensions/v1beta1", "Deployment DaemonSet ReplicaSet", "1.16", "apps/v1"},
	{"extensions/v1beta1", "NetworkPolicy", "1.16", "networking.k8s.io/v1"},
	{"extensions/v1beta1", "PodSecurityPolicy", "1.16", "Pod Security Admission"},
	{"extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"},
	{"apps/v1beta1", "Deployment StatefulSet ControllerRevision", "1.16", "apps/v1"},
	{"apps/v1beta2", "Deployment DaemonSet ReplicaSet StatefulSet ControllerRevision", "1.16", "apps/v1"},
	{"networking.k8s.io/v1beta1", "Ingress IngressClass", "1.22", "networking.k8s.io/v1"},
	{"rbac.authorization.k8s.io/v1alpha1", "Role ClusterRole RoleBinding ClusterRoleBinding", "1.22", "rbac.authorization.k8s.io/v1"},
	{"rbac.authorization.k8s.io/v1beta1", "Role ClusterRole RoleBinding ClusterRoleBinding", "1.22", "rbac.authorization.k8s.io/v1"},
	{"apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.22", "apiextensions.k8s.io/v1"},
	{"apiregistration.k8s.io/v1beta1", "APIService", "1.22", "apiregistration.k8s.io/v1"},
	{"admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration", "1.22", "admissionregistration.k8s.io/v1"},
	{"authentication.k8s.io/v1beta1", "TokenReview", "1.22", "authentication.k8s.io/v1"},
	{"authorization.k8s.io/v1beta1", "SubjectAccessReview LocalSubjectAccessReview SelfSubjectAccessReview", "1.22", "authorization.k8s.io/v1"},
	{"certificates.k8s.io/v1beta1", "CertificateSigningRequest", "1.22", "certificates.k8s.io/v1"},
	{"coordination.k8s.io/v1beta1", "Lease", "1.22", "coordination.k8s.io/v1"},
	{"scheduling.k8s.io/v1beta1", "PriorityClass", "1.22", "scheduling.k8s.io/v1"},
	{"storage.k8s.io/v1beta1", "StorageClass VolumeAttachment CSIDriver CSINode", "1.22", "storage.k8s.io/v1"},
	{"batch/v1beta1", "CronJob", "1.25", "batch/v1"},
	{"batch/v2alpha1", "CronJob", "1.21", "batch/v1"},
	{"discovery.k8s.io/v1beta1", "EndpointSlice", "1.25", "discovery.k8s.io/v1"},
	{"events.k8s.io/v1beta1", "Event", "1.25", "events.k8s.io/v1"},
	{"autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25", "autoscaling/v2"},
	{"autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"},
	{"policy/v1beta1", "PodDisruptionBudget", "1.25", "policy/v1"},
	{"policy/v1beta1", "PodSecurityPolicy", "1.25", "Pod Security Admission"},
	{"node.k8s.io/v1beta1", "RuntimeClass", "1.25", "node.k8s.io/v1"},
	{"storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27", "storage.k8s.io/v1"},
	{"flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema PriorityLevelConfiguration", "1.26", "flowcontrol.apiserver.k8s.io/v1"},
	{"flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema PriorityLevelConfiguration", "1.29", "flowcontrol.apiserver.k8s.io/v1"},
	{"flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema PriorityLevelConfiguration", "1.32", "flowcontrol.apiserver.k8s.io/v1"},
}
