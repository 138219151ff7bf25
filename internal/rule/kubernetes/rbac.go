// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// grant is one rule of a role
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/).
type grant struct {
	node                     *document.Node
	groups, resources, verbs []string
	names                    []string
}

func texts(n *document.Node) []string {
	var out []string
	for _, item := range n.List() {
		out = append(out, item.Str())
	}
	return out
}

// grants are the rules of a role.
func (o *Object) grants() (out []grant) {
	if !o.Is("Role", "ClusterRole") {
		return nil
	}
	for _, n := range o.Node.Get("rules").List() {
		out = append(out, grant{n, texts(n.Get("apiGroups")), texts(n.Get("resources")), texts(n.Get("verbs")), texts(n.Get("resourceNames"))})
	}
	return out
}

// verb returns the first verb of the grant that is one of those, also by "*".
func (g *grant) verb(verbs string) string {
	for _, v := range g.verbs {
		if v == "*" || slices.Contains(strings.Fields(verbs), v) {
			return v
		}
	}
	return ""
}

// resource returns the first resource of the grant that is one of those. All
// resources by "*" are told by rbac-wildcard alone.
func (g *grant) resource(group, resources string) string {
	if slices.Contains(g.resources, "*") || !slices.Contains(g.groups, group) && !slices.Contains(g.groups, "*") {
		return ""
	}
	for _, r := range g.resources {
		if slices.Contains(strings.Fields(resources), r) {
			return r
		}
	}
	return ""
}

// line is a hit at the grant, shown in one line.
func (g *grant) line(o *Object, args ...string) check.Hit {
	group := ""
	if len(g.groups) == 1 && g.groups[0] != "" {
		group = g.groups[0] + "/"
	}
	return o.at(g.node, strings.Join(g.verbs, ",")+" "+group+strings.Join(g.resources, ","), args...)
}

const rbacGroup = "rbac.authorization.k8s.io"

// granting makes the judge of a rule over grants: which verbs on which
// resources of a group.
func granting(group, resources, verbs string) func(*Object, func(check.Hit)) {
	return func(o *Object, found func(check.Hit)) {
		for _, g := range o.grants() {
			if r, v := g.resource(group, resources), g.verb(verbs); r != "" && v != "" {
				found(g.line(o, r, v))
			}
		}
	}
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "rbac-wildcard", Aliases: ids("KSV-0044 KSV-0045 KSV-0046 KSV-0112 CKV_K8S_49 C-0187 C-0267 wildcard-in-rules"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("cis-kubernetes-5.1.3 nist-800-190-4.3.1 nsa-cisa-authorization cwe-269"),
		Because:    w("Critical where everything may be done to everything, high where all resources are open, medium where all verbs of named ones are, low for the APIs of the program itself.", "全リソースへの全操作は致命的、全リソースが対象なら高、特定リソースへの全操作は中、独自 API だけなら低。"),
		Title:      w("The role grants {0} on {1}", "ロールが {1} に対して {0} を許可"),
		Why:        w("A wildcard also covers what is added later (subresources, new APIs), and with secrets and roles in it the holder has the cluster or the namespace.", "ワイルドカードは後から追加されるサブリソースや API も含みます。Secret やロールが含まれるため、持ち主はクラスターや Namespace を掌握できます。"),
		Fix:        w("Name the resources and verbs that the program uses.", "プログラムが使うリソースと動詞を列挙してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		for _, g := range o.grants() {
			allVerbs, allResources := slices.Contains(g.verbs, "*"), slices.Contains(g.resources, "*")
			if !allVerbs && !allResources && (!slices.Contains(g.groups, "*") || len(g.resources) == 0) {
				continue
			}
			h := g.line(o, strings.Join(g.verbs, ","), strings.Join(g.resources, ","))
			own := !slices.ContainsFunc(g.groups, coreGroup)
			switch core := slices.Contains(g.groups, "*") || slices.Contains(g.groups, ""); {
			case own && !slices.Contains(g.groups, "*"):
				h.Severity = sekisho.SeverityLow
			case allVerbs && allResources && core && o.Kind == "ClusterRole":
				h.Severity = sekisho.SeverityCritical
			case !allResources || !core:
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "rbac-secrets", Aliases: ids("KSV-0041 KSV-0113 CKV2_K8S_5 C-0015 C-0186 C-0255 access-to-secrets"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("cis-kubernetes-5.1.2 nist-800-190-4.3.1 nsa-cisa-authorization"),
		Because:    w("High for a whole cluster, medium for one namespace.", "クラスター全体なら高、一つの Namespace なら中。"),
		Title:      w("The role may {1} all secrets", "ロールが全ての Secret を {1} 可能"),
		Why:        w("Secrets hold the credentials of everything else; list and watch give their content as get does.", "Secret にはほかの全ての認証情報が入っています。list と watch でも get と同じく中身が読めます。"),
		Fix:        w("Name the secrets by resourceNames with the verb get, or mount them instead of asking the API.", "resourceNames で Secret を限定して get だけを許すか、API を使わずマウントしてください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		for _, g := range o.grants() {
			v := g.verb("get list watch")
			// Names do not limit list and watch of everything, but get.
			if g.resource("", "secrets") == "" || v == "" || len(g.names) > 0 && g.verb("*") == "" {
				continue
			}
			h := g.line(o, "secrets", v)
			if o.Kind == "Role" {
				h.Severity = sekisho.SeverityMedium
			}
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "rbac-escalate", Aliases: ids("KSV-0050 KSV-0051 KSV-0052 CKV_K8S_157 CKV_K8S_158 CKV2_K8S_1 C-0191"), Severity: sekisho.SeverityCritical, Stages: anywhere(),
		References: ids("cis-kubernetes-5.1.8 nist-800-190-4.3.1 cwe-269"),
		Because:    w("The holder gives itself every right.", "持ち主が自分に全ての権限を与えられるため。"),
		Title:      w("The role may {1} {0}", "ロールが {0} に対して {1} 可能"),
		Why:        w("escalate and bind switch off the check that nobody gives away more than they have: the holder becomes cluster-admin.", "escalate と bind は「自分が持つ以上の権限は渡せない」という検査を外します。持ち主は cluster-admin になれます。"),
		Fix:        w("Remove bind, escalate and * on roles; limit bind by resourceNames to the roles that must be given.", "ロールに対する bind・escalate・* を外し、必要な bind は resourceNames で渡すロールに限定してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		for _, g := range o.grants() {
			r, v := g.resource(rbacGroup, "roles clusterroles"), g.verb("escalate bind")
			if r != "" && v != "" && len(g.names) == 0 {
				found(g.line(o, r, v))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "rbac-impersonate", Aliases: ids("KSV-0043 CKV2_K8S_3 C-0065"), Severity: sekisho.SeverityCritical, Stages: anywhere(),
		References: ids("cis-kubernetes-5.1.8 nist-800-190-4.3.1 cwe-269"),
		Because:    w("The holder acts as anybody.", "誰にでもなりすませるため。"),
		Title:      w("The role may impersonate {0}", "ロールが {0} になりすまし可能"),
		Why:        w("With impersonate the holder acts as a cluster administrator, and the audit log names that one.", "impersonate により管理者として操作でき、監査ログにもその名前が残ります。"),
		Fix:        w("Remove it, or limit it by resourceNames to single users and groups.", "削除するか、resourceNames で個々のユーザーやグループに限定してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		for _, g := range o.grants() {
			if slices.Contains(g.verbs, "impersonate") && len(g.names) == 0 && len(g.resources) > 0 && !slices.Contains(g.resources, "*") {
				found(g.line(o, strings.Join(g.resources, ",")))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "rbac-exec", Aliases: ids("KSV-0053 KSV-0054 C-0002 C-0063"), Severity: sekisho.SeverityHigh, Stages: anywhere(),
		References: ids("nist-800-190-4.3.1 nsa-cisa-authorization"),
		Because:    w("It is a shell in every pod of the scope.", "範囲内の全ての Pod でシェルを得られるため。"),
		Title:      w("The role may use {0}", "ロールが {0} を使用可能"),
		Why:        w("The holder runs commands in pods, reads their secrets and service account tokens, and goes on with their rights.", "持ち主は Pod の中でコマンドを実行し、シークレットやサービスアカウントのトークンを読み、その権限で先へ進めます。"),
		Fix:        w("Remove it from programs; give it to people for a time, with an audit.", "プログラムからは外し、人には期限と監査付きで与えてください。"),
	},
	Judge: granting("", "pods/exec pods/attach pods/portforward pods/ephemeralcontainers", "create get update patch"),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "rbac-create-pods", Aliases: ids("KSV-0048 C-0188 access-to-create-pods"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("cis-kubernetes-5.1.4 nist-800-190-4.3.1"),
		Because:    w("Operators need it; where it is given, the pod standards must hold.", "オペレーターには必要だが、与えるなら Pod の標準の強制が前提となるため。"),
		Title:      w("The role may {1} {0}", "ロールが {0} を {1} 可能"),
		Why:        w("A new pod uses any service account and secret of the namespace, and the node where the Pod Security Standards are not enforced.", "新しい Pod は Namespace 内の任意のサービスアカウントと Secret を使え、Pod セキュリティ標準が強制されていなければノードも使えます。"),
		Fix:        w("Give it in a namespace of its own by a Role, and enforce the restricted standard there.", "専用の Namespace に限った Role で与え、そこで restricted 標準を強制してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		for _, g := range o.grants() {
			r := g.resource("", "pods replicationcontrollers")
			if r == "" {
				r = g.resource("apps", "deployments daemonsets statefulsets replicasets")
			}
			if r == "" {
				r = g.resource("batch", "jobs cronjobs")
			}
			if v := g.verb("create update patch"); r != "" && v != "" && len(g.names) == 0 {
				found(g.line(o, r, v))
			}
		}
	},
})

// over is a rule in short.
func over(id, aliases, refs string, severity sekisho.Severity, off bool, because, title, why, fix sekisho.Words, judge func(*Object, func(check.Hit))) check.Rule[*Object] {
	return check.Rule[*Object]{
		Rule:  sekisho.Rule{ID: id, Aliases: ids(aliases), References: ids(refs), Severity: severity, Off: off, Stages: anywhere(), Because: because, Title: title, Why: why, Fix: fix},
		Judge: judge,
	}
}

var (
	_ = rules.Add(over("rbac-node-proxy", "KSV-0047 CKV2_K8S_2 C-0279", "cis-kubernetes-5.1.10 nist-800-190-4.3.1", sekisho.SeverityHigh, false,
		w("The kubelet's API runs commands in every pod of the node.", "kubelet の API はノード上の全 Pod でコマンドを実行できるため。"),
		w("The role may reach the kubelets by {0}", "ロールが {0} で kubelet に到達可能"),
		w("Through the proxy the holder runs commands in any pod of a node; neither admission nor the audit log sees them. The verb get is enough.", "プロキシ経由でノード上の任意の Pod でコマンドを実行でき、アドミッションも監査ログも通りません。get だけで十分です。"),
		w("Grant nodes/metrics, nodes/stats or nodes/log instead.", "代わりに nodes/metrics、nodes/stats、nodes/log を許可してください。"),
		granting("", "nodes/proxy", "get create update patch")))
	_ = rules.Add(over("rbac-webhooks", "KSV-0114 CKV_K8S_155 C-0036 C-0039 C-0281", "cis-kubernetes-5.1.12 nist-800-190-4.3.1", sekisho.SeverityHigh, false,
		w("A webhook reads and changes everything that is created.", "Webhook は作成される全てのものを読み書きできるため。"),
		w("The role may {1} {0}", "ロールが {0} を {1} 可能"),
		w("An admission webhook of the holder's sees every secret that is written and changes every pod; removing one switches its policy off.", "持ち主の Admission Webhook は書き込まれる全ての Secret を読み、全ての Pod を変更できます。削除すればそのポリシーが無効になります。"),
		w("Limit it by resourceNames to the program's own configuration.", "resourceNames でそのプログラム自身の設定に限定してください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				r, v := g.resource("admissionregistration.k8s.io", "mutatingwebhookconfigurations validatingwebhookconfigurations mutatingadmissionpolicies mutatingadmissionpolicybindings"), g.verb("create update patch delete deletecollection")
				if r != "" && v != "" && len(g.names) == 0 {
					found(g.line(o, r, v))
				}
			}
		}))
	_ = rules.Add(over("rbac-csr-approval", "CKV_K8S_156 C-0280", "cis-kubernetes-5.1.11 nist-800-190-4.3.5", sekisho.SeverityHigh, false,
		w("A signed certificate is an identity, of a node or an administrator.", "署名された証明書はノードや管理者の身元そのものになるため。"),
		w("The role may approve certificates by {0}", "ロールが {0} で証明書を承認可能"),
		w("The holder asks for a certificate of any user that the signer serves, approves it, and is that user until it expires.", "持ち主は任意のユーザーの証明書を要求して自分で承認し、失効までそのユーザーとして振る舞えます。"),
		w("Leave approval to the controller manager or one approver limited by signer names.", "承認はコントローラーマネージャーか、署名者名で限定した一つの承認者に任せてください。"),
		granting("certificates.k8s.io", "certificatesigningrequests/approval signers", "update patch approve sign")))
	_ = rules.Add(over("rbac-token", "C-0282", "cis-kubernetes-5.1.13 nist-800-190-4.3.1", sekisho.SeverityHigh, false,
		w("The holder becomes any service account of the scope.", "範囲内の任意のサービスアカウントになれるため。"),
		w("The role may create service account tokens", "ロールがサービスアカウントのトークンを発行可能"),
		w("A token of a stronger service account, such as a controller's, gives its rights for as long as the token lives.", "コントローラーなど強い権限のサービスアカウントのトークンを作れば、有効期間中その権限を使えます。"),
		w("Limit it by resourceNames to the accounts that must be issued.", "resourceNames で発行が必要なアカウントに限定してください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				if g.resource("", "serviceaccounts/token") != "" && g.verb("create") != "" && len(g.names) == 0 {
					found(g.line(o))
				}
			}
		}))
	_ = rules.Add(over("rbac-persistent-volume", "C-0278", "cis-kubernetes-5.1.9", sekisho.SeverityMedium, false,
		w("A volume may be a path of any node.", "ボリュームとしてノードの任意のパスを指定できるため。"),
		w("The role may {1} persistent volumes", "ロールが PersistentVolume を {1} 可能"),
		w("A hostPath volume that is made as a PersistentVolume passes the Pod Security Standards of the pod that claims it.", "hostPath を PersistentVolume として作ると、それを要求する Pod は Pod セキュリティ標準を通過します。"),
		w("Leave it to the storage provisioner.", "ストレージプロビジョナーだけに許可してください。"),
		granting("", "persistentvolumes", "create update patch")))
	_ = rules.Add(over("rbac-delete-logs", "KSV-0042 C-0031", "nsa-cisa-logging", sekisho.SeverityLow, false,
		w("It hides what was done.", "操作の痕跡を消せるため。"),
		w("The role may {1} {0}", "ロールが {0} を {1} 可能"),
		w("An intruder removes the events and logs that tell of the break-in.", "侵入者は侵入を示すイベントやログを消せます。"),
		w("Remove the verb; ship logs off the cluster.", "動詞を外し、ログはクラスター外へ送ってください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				r := g.resource("", "pods/log events")
				if r == "" {
					r = g.resource("events.k8s.io", "events")
				}
				if v := g.verb("delete deletecollection"); r != "" && v != "" {
					found(g.line(o, r, v))
				}
			}
		}))
	_ = rules.Add(over("rbac-cluster-config-map", "KSV-0115 C-0037", "nist-800-190-4.3.1 cis-eks-5.5.1", sekisho.SeverityHigh, false,
		w("The ConfigMap decides who is an administrator, or where names lead.", "管理者や名前解決を決める ConfigMap であるため。"),
		w("The role may {1} the ConfigMap {0}", "ロールが ConfigMap {0} を {1} 可能"),
		w("aws-auth maps cloud identities to cluster groups, coredns answers for every name in the cluster.", "aws-auth はクラウドの ID をクラスターのグループに対応付け、coredns はクラスター内の全ての名前に応答します。"),
		w("Remove it; use EKS access entries instead of aws-auth.", "削除し、aws-auth の代わりに EKS のアクセスエントリを使ってください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				v := g.verb("update patch delete")
				for _, name := range g.names {
					if (name == "aws-auth" || name == "coredns") && g.resource("", "configmaps") != "" && v != "" {
						found(g.line(o, name, v))
					}
				}
			}
		}))
	_ = rules.Add(over("rbac-config-maps", "KSV-0049", "nist-800-190-4.3.1", sekisho.SeverityLow, true,
		w("Many programs keep their state there.", "多くのプログラムが状態を置くため。"),
		w("The role may {1} all ConfigMaps", "ロールが全ての ConfigMap を {1} 可能"),
		w("The holder changes the configuration of other programs.", "他のプログラムの設定を変更できます。"),
		w("Name the ConfigMaps by resourceNames.", "resourceNames で ConfigMap を限定してください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				if v := g.verb("create update patch delete deletecollection"); g.resource("", "configmaps") != "" && v != "" && len(g.names) == 0 {
					found(g.line(o, "configmaps", v))
				}
			}
		}))
	_ = rules.Add(over("rbac-network", "KSV-0056 CKV2_K8S_4", "nist-800-190-4.3.3", sekisho.SeverityLow, true,
		w("Controllers of networks need it.", "ネットワークのコントローラーには必要なため。"),
		w("The role may {1} {0}", "ロールが {0} を {1} 可能"),
		w("The holder leads traffic elsewhere or opens what a policy closed.", "通信を別の場所へ向けたり、ポリシーで閉じたものを開いたりできます。"),
		w("Grant it to the network controllers only.", "ネットワークのコントローラーだけに許可してください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				r := g.resource("", "services services/status endpoints")
				if r == "" {
					r = g.resource("networking.k8s.io", "ingresses networkpolicies")
				}
				if r == "" {
					r = g.resource("discovery.k8s.io", "endpointslices")
				}
				if v := g.verb("create update patch delete deletecollection"); r != "" && v != "" {
					found(g.line(o, r, v))
				}
			}
		}))
	_ = rules.Add(over("rbac-delete", "C-0007", "nist-800-190-4.3.1", sekisho.SeverityLow, true,
		w("Many controllers delete what they made.", "多くのコントローラーは自分が作ったものを削除するため。"),
		w("The role may {1} {0}", "ロールが {0} を {1} 可能"),
		w("An intruder destroys the workloads of the scope.", "侵入者が範囲内のワークロードを破壊できます。"),
		w("Remove the verb where the program does not need it.", "不要なら動詞を外してください。"),
		func(o *Object, found func(check.Hit)) {
			for _, g := range o.grants() {
				r := g.resource("", "secrets pods services namespaces persistentvolumeclaims")
				if r == "" {
					r = g.resource("apps", "deployments daemonsets statefulsets replicasets")
				}
				if v := g.verb("delete deletecollection"); r != "" && v != "" {
					found(g.line(o, r, v))
				}
			}
		}))
)
