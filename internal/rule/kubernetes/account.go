// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// account is the service account of a pod, by its present field or the old one.
func (p *Pod) account() (name string, known bool) {
	for _, key := range [...]string{"serviceAccountName", "serviceAccount"} {
		if n := p.Spec.Get(key); n.Present() {
			return n.Str(), n.Known() && n.Str() != ""
		}
	}
	return "default", true
}

// bound says whether a binding of the world gives the account a role: its
// token is there to be used.
func (w *World) bound(namespace, name string) bool {
	for _, kind := range [...]string{"RoleBinding", "ClusterRoleBinding"} {
		for _, b := range w.Of(kind) {
			for _, s := range b.Node.Get("subjects").List() {
				if s.Get("kind").Str() == "ServiceAccount" && s.Get("name").Str() == name && sameNamespace(s.Get("namespace").Str(), namespace) {
					return true
				}
			}
		}
	}
	return false
}

var (
	_ = rules.Add(over("service-account-token", "KSV-0036 CKV_K8S_38 C-0034 C-0190 C-0261 C-0053", "cis-kubernetes-5.1.6 nist-800-190-4.3.1 nsa-cisa-authorization", sekisho.SeverityLow, false,
		w("A token without rights lets an intruder look around, no more.", "権限のないトークンでできるのは様子見程度のため。"),
		w("The pod is given a service account token", "Pod にサービスアカウントのトークンが渡る"),
		w("An intruder asks the API server with the pod's token; later rights of the account are the intruder's at once.", "侵入者は Pod のトークンで API サーバーに問い合わせられ、後からアカウントに与えた権限もすぐ使えます。"),
		w("Write automountServiceAccountToken: false where the program does not ask the API.", "API を使わないプログラムには automountServiceAccountToken: false を書いてください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			auto := p.Spec.Get("automountServiceAccountToken")
			if auto.False() || !auto.Known() {
				return
			}
			name, ok := p.account()
			if !auto.Present() && p.Owner.World != nil {
				// The account may say no for all its pods; one that has a role is
				// meant to use it.
				sa := p.Owner.World.Find("ServiceAccount", p.Owner.Namespace, name)
				if !ok || sa != nil && sa.Node.Get("automountServiceAccountToken").False() || p.Owner.World.bound(p.Owner.Namespace, name) {
					return
				}
			}
			if auto.Present() {
				found(p.Owner.field(p.Spec, "automountServiceAccountToken"))
			} else {
				found(p.Owner.self())
			}
		})))
	_ = rules.Add(over("default-service-account", "default-service-account C-0189", "cis-kubernetes-5.1.5", sekisho.SeverityLow, true,
		w("It has no rights unless somebody binds some.", "誰かが権限を与えない限り無権限のため。"),
		w("The pod uses the default service account", "Pod が default サービスアカウントを使用"),
		w("Rights that are given to one program of the namespace are given to all.", "Namespace 内の一つのプログラムに与えた権限が全体に渡ります。"),
		w("Make a service account for the program.", "プログラム専用のサービスアカウントを作ってください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			if name, ok := p.account(); ok && name == "default" {
				found(p.Owner.self())
			}
		})))
	_ = rules.Add(over("default-account-token", "CKV_K8S_41", "cis-kubernetes-5.1.5 cis-kubernetes-5.1.6", sekisho.SeverityLow, false,
		w("The account is written out, and still hands its token to every pod.", "アカウントを明示しながら全 Pod にトークンを渡すため。"),
		w("The default service account hands out its token", "default サービスアカウントがトークンを渡す"),
		w("Every pod that names no account gets the token.", "アカウントを指定しない全ての Pod にトークンが渡ります。"),
		w("Write automountServiceAccountToken: false in the ServiceAccount.", "この ServiceAccount に automountServiceAccountToken: false を書いてください。"),
		func(o *Object, found func(check.Hit)) {
			if auto := o.Node.Get("automountServiceAccountToken"); o.Is("ServiceAccount") && o.Name == "default" && !auto.False() && auto.Known() {
				found(o.self())
			}
		}))
	_ = rules.Add(over("deprecated-service-account-field", "C-0294 deprecated-service-account-field", "", sekisho.SeverityNegligible, false,
		w("The old field still works.", "古いフィールドもまだ有効なため。"),
		w("The pod names its account by the old field serviceAccount", "Pod が古いフィールド serviceAccount を使用"),
		w("Tools and policies that look at serviceAccountName see the default account.", "serviceAccountName だけを見るツールやポリシーには default に見えます。"),
		w("Write serviceAccountName.", "serviceAccountName と書いてください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			if s := p.Spec.Get("serviceAccount").Str(); s != "" && s != p.Spec.Get("serviceAccountName").Str() {
				found(p.Owner.field(p.Spec, "serviceAccount"))
			}
		})))
	_ = rules.Add(over("missing-service-account", "C-0307 non-existent-service-account", "", sekisho.SeverityLow, false,
		w("The pods do not start; nothing is opened.", "Pod が起動しないだけで攻撃口にはならないため。"),
		w("There is no service account {0}", "サービスアカウント {0} が存在しない"),
		w("Pods of an account that does not exist are refused.", "存在しないアカウントを使う Pod は拒否されます。"),
		w("Add the ServiceAccount, or correct its name.", "ServiceAccount を追加するか、名前を直してください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			name, ok := p.account()
			world := p.Owner.World
			// Only where accounts are written beside the workloads is one missing.
			if !ok || name == "default" || world == nil || len(world.Of("ServiceAccount")) == 0 || !world.Whole && world.Find("ServiceAccount", p.Owner.Namespace, name) == nil && !sameDirectory(world.Of("ServiceAccount"), p.Owner) {
				return
			}
			if world.Find("ServiceAccount", p.Owner.Namespace, name) == nil {
				key := "serviceAccountName"
				if p.Spec.Get(key) == nil {
					key = "serviceAccount"
				}
				found(p.Owner.field(p.Spec, key, name))
			}
		})))
)

// sameDirectory says whether one of the objects is written beside the other.
func sameDirectory(all []*Object, o *Object) bool {
	for _, a := range all {
		if dir(a.Path) == dir(o.Path) {
			return true
		}
	}
	return false
}

func dir(p string) string { return p[:strings.LastIndexByte(p, '/')+1] }

var (
	_ = rules.Add(over("default-namespace", "KSV-0110 CKV_K8S_21 C-0061 C-0212 use-namespace", "cis-kubernetes-5.6.4 nist-800-190-4.3.4", sekisho.SeverityLow, false,
		w("Low, and only where the namespace is written out: one that is not written is given when the manifest is applied.", "明示された場合のみ低として指摘。書かれていない Namespace は適用時に与えられるため。"),
		w("The object is put into the namespace default", "default Namespace に配置"),
		w("Quotas, network policies and rights are given by namespace; in default everybody meets.", "クォータ・ネットワークポリシー・権限は Namespace 単位です。default では全てが混在します。"),
		w("Give each application a namespace of its own.", "アプリケーションごとに Namespace を分けてください。"),
		func(o *Object, found func(check.Hit)) {
			if o.Namespace == "default" && (len(o.Pods) > 0 || o.Is("Service", "Secret", "ConfigMap", "Role", "RoleBinding", "Ingress")) && (o.Name != "kubernetes" || !o.Is("Service")) {
				found(o.field(o.Node.Get("metadata"), "namespace"))
			}
		}))
	_ = rules.Add(over("system-namespace", "KSV-0037", "nist-800-190-4.3.4", sekisho.SeverityLow, false,
		w("Agents of the cluster belong there; applications do not.", "クラスターのエージェント用であり、アプリケーションの置き場ではないため。"),
		w("The workload is put into {0}", "ワークロードを {0} に配置"),
		w("Pod standards are often not enforced in the system's namespaces, and strong service accounts live there.", "システムの Namespace では Pod 標準が強制されないことが多く、強い権限のサービスアカウントがあります。"),
		w("Use a namespace of its own.", "専用の Namespace を使ってください。"),
		func(o *Object, found func(check.Hit)) {
			if len(o.Pods) == 0 || o.Namespace != "kube-system" && o.Namespace != "kube-public" && o.Namespace != "kube-node-lease" {
				return
			}
			for _, p := range o.Pods {
				if strings.HasPrefix(p.Spec.Get("priorityClassName").Str(), "system-") {
					return // a part of the cluster
				}
			}
			found(o.field(o.Node.Get("metadata"), "namespace", o.Namespace))
		}))
	_ = rules.Add(over("no-pod-security-level", "C-0213", "cis-kubernetes-5.2.1 nist-800-190-4.4.3 pss-baseline", sekisho.SeverityLow, false,
		w("Another policy engine may do it.", "別のポリシーエンジンが担うこともあるため。"),
		w("The Namespace {0} enforces no Pod Security Standard", "Namespace {0} で Pod セキュリティ標準が強制されていない"),
		w("Whoever may create pods there may create privileged ones, and has the node.", "そこで Pod を作れる者は特権 Pod も作れ、ノードを奪えます。"),
		w("Label it pod-security.kubernetes.io/enforce: restricted (or baseline).", "ラベル pod-security.kubernetes.io/enforce: restricted (または baseline) を付けてください。"),
		func(o *Object, found func(check.Hit)) {
			if !o.Is("Namespace") || o.Group != "" {
				return
			}
			labels := o.Labels()
			const key = "pod-security.kubernetes.io/enforce"
			switch l := labels.Get(key); {
			case !l.Known() || l.Str() == "baseline" || l.Str() == "restricted":
			case l.Present():
				h := o.field(labels, key, o.Name)
				if l.Str() == "privileged" {
					h.Severity = sekisho.SeverityMedium
				}
				found(h)
			default:
				found(o.self(o.Name))
			}
		}))
	_ = rules.Add(over("no-resource-quota", "KSV-0039 KSV-0040", "nist-800-190-4.3.4 nsa-cisa-pod-security", sekisho.SeverityLow, true,
		w("It matters where tenants share a cluster.", "テナントがクラスターを共有する場合にだけ問題になるため。"),
		w("The Namespace {0} has no {1}", "Namespace {0} に {1} がない"),
		w("One namespace uses up the cluster.", "一つの Namespace がクラスターを使い切れます。"),
		w("Add a LimitRange and a ResourceQuota.", "LimitRange と ResourceQuota を追加してください。"),
		func(o *Object, found func(check.Hit)) {
			if !o.Is("Namespace") || o.World == nil {
				return
			}
			for _, kind := range [...]string{"LimitRange", "ResourceQuota"} {
				has := false
				for _, q := range o.World.Of(kind) {
					has = has || sameNamespace(q.Namespace, o.Name)
				}
				if !has {
					h := o.self(o.Name, kind)
					h.Key = kind
					found(h)
				}
			}
		}))
	_ = rules.Add(over("mixed-sensitivity", "", "nist-800-190-4.3.4", sekisho.SeverityLow, true,
		w("It needs labels that say how sensitive a workload is.", "機密度を示すラベルが前提となるため。"),
		w("Nothing keeps the pod of sensitivity {0} from the nodes of others", "機密度 {0} の Pod を他と分けるノード指定がない"),
		w("Workloads of different sensitivity share a kernel: a break-in of the lesser reaches the greater.", "機密度の異なるワークロードがカーネルを共有し、低い側への侵入が高い側に届きます。"),
		w("Give the pod a nodeSelector or node affinity for nodes of its sensitivity, with taints there.", "機密度ごとのノードを用意してテイントを付け、nodeSelector やノードアフィニティで指定してください。"),
		eachPod(func(p *Pod, found func(check.Hit)) {
			for _, key := range [...]string{"sensitivity", "data-classification", "security-tier", "sekisho.dev/sensitivity"} {
				l := p.Meta.Get("labels", key)
				if l.Str() == "" || !empty(p.Spec.Get("nodeSelector")) || p.Spec.Get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution").Present() {
					continue
				}
				found(p.Owner.field(p.Meta.Get("labels"), key, l.Str()))
			}
		})))
	_ = rules.Add(over("open-ended-repository", "KSV-0124", "nist-800-190-4.1.5", sekisho.SeverityHigh, false,
		w("The allow list lets in what it was made against.", "許可リストが本来拒むべきものを通すため。"),
		w("The allowed repository {0} has no end", "許可されたリポジトリ {0} が前方一致で無制限"),
		w("Gatekeeper compares the beginning: registry.example.com also allows registry.example.com.attacker.example.", "Gatekeeper は前方一致で比較するため、registry.example.com は registry.example.com.attacker.example も許可します。"),
		w("End the prefix with a slash.", "末尾に / を付けてください。"),
		func(o *Object, found func(check.Hit)) {
			if o.Kind != "K8sAllowedRepos" && o.Kind != "K8sAllowedReposv2" {
				return
			}
			for _, r := range o.Node.Get("spec", "parameters", "repos").List() {
				if s := r.Str(); s != "" && !strings.HasSuffix(s, "/") && !strings.Contains(s, "@") && (o.Kind == "K8sAllowedRepos" || strings.HasSuffix(s, "*") && !strings.HasSuffix(s, "/*")) {
					found(o.at(r, "repos: "+s, s))
				}
			}
		}))
)
