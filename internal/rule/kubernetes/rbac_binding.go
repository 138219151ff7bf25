// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"slices"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// eachSubject judges the subjects of bindings of roles.
func eachSubject(judge func(o *Object, role string, s *document.Node, found func(check.Hit))) func(*Object, func(check.Hit)) {
	return func(o *Object, found func(check.Hit)) {
		if !o.Is("RoleBinding", "ClusterRoleBinding") {
			return
		}
		role := o.Node.Get("roleRef", "name").Str()
		for _, s := range o.Node.Get("subjects").List() {
			judge(o, role, s, found)
		}
	}
}

// publicRoles are bound to everybody by Kubernetes itself.
var publicRoles = []string{"system:public-info-viewer", "system:discovery", "system:basic-user", "system:service-account-issuer-discovery", "kubeadm:bootstrap-signer-clusterinfo", "kubeadm:get-nodes", "kubeadm:kubelet-config", "kubeadm:nodes-kubeadm-config"}

// boundTo is a hit at the name of a subject.
func boundTo(o *Object, s *document.Node, args ...string) check.Hit {
	return o.field(s, "name", args...)
}

var (
	_ = rules.Add(over("cluster-admin-binding", "KSV-0111 C-0035 C-0185 C-0272 cluster-admin-role-binding", "cis-kubernetes-5.1.1 nist-800-190-4.3.1 nsa-cisa-authorization cwe-250", sekisho.SeverityHigh, false,
		w("The subject may do everything in the cluster, or in the namespace.", "クラスターまたは Namespace 内で何でもできるため。"),
		w("{0} is bound to cluster-admin", "{0} に cluster-admin を付与"),
		w("Whoever takes the token of the subject has the whole cluster (by a RoleBinding: the namespace).", "その主体のトークンを奪った者がクラスター全体 (RoleBinding なら Namespace) を掌握します。"),
		w("Bind a role with what the subject needs.", "必要な権限だけのロールを割り当ててください。"),
		func(o *Object, found func(check.Hit)) {
			ref := o.Node.Get("roleRef")
			if !o.Is("RoleBinding", "ClusterRoleBinding") || ref.Get("name").Str() != "cluster-admin" || ref.Get("kind").Str() != "ClusterRole" {
				return
			}
			for _, s := range o.Node.Get("subjects").List() {
				if name := s.Get("name").Str(); name != "" && name != "system:masters" && name != "system:authenticated" && name != "system:unauthenticated" && name != "system:anonymous" {
					h := boundTo(o, s, s.Get("kind").Str()+" "+name)
					if o.Kind == "RoleBinding" {
						h.Severity = sekisho.SeverityMedium
					}
					found(h)
				}
			}
		}))
	_ = rules.Add(over("anonymous-binding", "KSV-0122 C-0262", "cis-kubernetes-4.2.1 nist-800-190-4.3.2 cwe-306", sekisho.SeverityCritical, false,
		w("Nobody has to log in.", "ログインすら不要なため。"),
		w("{0} is bound to the role {1}", "{0} にロール {1} を付与"),
		w("Whoever reaches the API server has the rights of the role, without any credentials.", "API サーバーに届く者は誰でも、認証なしでロールの権限を使えます。"),
		w("Remove the subject.", "この主体を削除してください。"),
		eachSubject(func(o *Object, role string, s *document.Node, found func(check.Hit)) {
			if n := s.Get("name").Str(); (n == "system:anonymous" || n == "system:unauthenticated") && !slices.Contains(publicRoles, role) {
				found(boundTo(o, s, n, role))
			}
		})))
	_ = rules.Add(over("authenticated-binding", "KSV-01011 C-0265", "nist-800-190-4.3.2", sekisho.SeverityHigh, false,
		w("Every service account of every pod is authenticated.", "全ての Pod のサービスアカウントが認証済みに含まれるため。"),
		w("{0} is bound to the role {1}", "{0} にロール {1} を付与"),
		w("Every user and every pod has the rights of the role; on some clouds everybody with an account there.", "全ユーザーと全 Pod がロールの権限を持ちます。クラウドによってはアカウントを持つ全員が含まれます。"),
		w("Bind the role to the group or service account that needs it.", "必要なグループまたはサービスアカウントに割り当ててください。"),
		eachSubject(func(o *Object, role string, s *document.Node, found func(check.Hit)) {
			if n := s.Get("name").Str(); (n == "system:authenticated" || n == "system:serviceaccounts") && !slices.Contains(publicRoles, role) {
				found(boundTo(o, s, n, role))
			}
		})))
	_ = rules.Add(over("system-masters", "KSV-0123 C-0246", "cis-kubernetes-5.1.7 nist-800-190-4.3.1", sekisho.SeverityHigh, false,
		w("The group's rights cannot be taken away.", "このグループの権限は取り消せないため。"),
		w("The group system:masters is used", "system:masters グループを使用"),
		w("Members go past RBAC and webhooks for ever: removing a binding changes nothing.", "メンバーは RBAC や Webhook を常に素通りします。バインディングを消しても変わりません。"),
		w("Use a group of your own with a ClusterRoleBinding that can be removed.", "取り消せる ClusterRoleBinding を持つ独自のグループを使ってください。"),
		eachSubject(func(o *Object, _ string, s *document.Node, found func(check.Hit)) {
			if s.Get("name").Str() == "system:masters" && o.Name != "cluster-admin" {
				found(boundTo(o, s))
			}
		})))
	_ = rules.Add(over("default-service-account-binding", "CKV_K8S_42", "cis-kubernetes-5.1.5 nsa-cisa-authorization", sekisho.SeverityMedium, false,
		w("Every pod that names no account gets the rights.", "アカウントを指定しない全ての Pod に権限が渡るため。"),
		w("The default service account is bound to {0}", "default サービスアカウントに {0} を付与"),
		w("All pods of the namespace that name no service account have the rights of the role.", "サービスアカウントを指定しない Namespace 内の全 Pod がロールの権限を持ちます。"),
		w("Make a service account for the program and bind that.", "プログラム専用のサービスアカウントを作って割り当ててください。"),
		eachSubject(func(o *Object, role string, s *document.Node, found func(check.Hit)) {
			if s.Get("kind").Str() == "ServiceAccount" && s.Get("name").Str() == "default" {
				found(boundTo(o, s, role))
			}
		})))
)
