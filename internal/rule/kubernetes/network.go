// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// selects says whether a label selector chooses the labels
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/).
// An empty one chooses all; unknown values are taken to choose.
func selects(selector, labels *document.Node) bool {
	if !known(selector, labels) {
		return true
	}
	if !matches(selector.Get("matchLabels"), labels) {
		return false
	}
	for _, e := range selector.Get("matchExpressions").List() {
		v := labels.Get(e.Get("key").Str())
		in := slices.Contains(texts(e.Get("values")), v.Str())
		switch e.Get("operator").Str() {
		case "In":
			if v == nil || !in {
				return false
			}
		case "NotIn":
			if v != nil && in {
				return false
			}
		case "Exists":
			if v == nil {
				return false
			}
		case "DoesNotExist":
			if v != nil {
				return false
			}
		}
	}
	return true
}

// matches says whether labels have all the members of a map.
func matches(want, labels *document.Node) bool {
	for key, v := range want.Members() {
		l := labels.Get(key)
		if l == nil || known(v, l) && l.Str() != v.Str() {
			return false
		}
	}
	return true
}

var (
	_ = rules.Add(over("no-network-policy", "KSV-0038 CKV2_K8S_6 C-0030 C-0054 C-0206 C-0260 non-isolated-pod", "cis-kubernetes-5.3.2 nist-800-190-4.3.3 nsa-cisa-network", sekisho.SeverityLow, false,
		w("It opens nothing by itself, and policies are often kept elsewhere. Told once for a namespace that has none.", "それ自体は攻撃口ではなく、ポリシーは別の場所で管理されることも多いため。ポリシーが一つもない Namespace では一度だけ指摘します。"),
		w("No NetworkPolicy holds the pods of {0}", "{0} の Pod に NetworkPolicy が適用されない"),
		w("Every pod of the cluster may talk to these, and these to everybody: one break-in reaches all.", "クラスター内の全ての Pod と相互に通信できるため、一つの侵入が全体に及びます。"),
		w("Add a NetworkPolicy that denies all in the namespace, and one for each connection that is needed.", "Namespace に全拒否の NetworkPolicy を置き、必要な通信ごとに許可を追加してください。"),
		func(o *Object, found func(check.Hit)) {
			if len(o.Pods) == 0 || o.World == nil || o.Pods[0].Spec.Get("hostNetwork").True() || o.Kind == "PodTemplate" {
				return
			}
			var policies []*Object
			for _, p := range o.World.indexed().policies {
				if sameNamespace(p.Namespace, o.Namespace) || p.Kind == "GlobalNetworkPolicy" || p.Kind == "CiliumClusterwideNetworkPolicy" {
					policies = append(policies, p)
				}
			}
			if len(policies) == 0 {
				if o.World.indexed().first[o.Namespace] == o {
					h := o.self("namespace " + cmp.Or(o.Namespace, "default"))
					h.Group = h.Args[0]
					found(h)
				}
				return
			}
			for _, p := range o.Pods {
				held := slices.ContainsFunc(policies, func(n *Object) bool {
					return n.Kind != "NetworkPolicy" || selects(n.Node.Get("spec", "podSelector"), p.Meta.Get("labels"))
				})
				if !held {
					found(o.self(o.Title()))
				}
			}
		}))
	_ = rules.Add(over("open-network-policy", "C-0049", "nist-800-190-4.3.3 nsa-cisa-network", sekisho.SeverityLow, false,
		w("It is as if there was no policy.", "ポリシーがないのと同じであるため。"),
		w("The NetworkPolicy allows {0} with everybody", "NetworkPolicy が全ての相手との {0} を許可"),
		w("An empty rule allows every peer on every port.", "空のルールは全ての相手・全てのポートを許可します。"),
		w("Name the peers by podSelector, namespaceSelector or ipBlock, or leave the list empty ([]) to deny.", "podSelector、namespaceSelector、ipBlock で相手を指定するか、リストを空 ([]) にして拒否してください。"),
		func(o *Object, found func(check.Hit)) {
			if !o.Is("NetworkPolicy") {
				return
			}
			for _, side := range [...]string{"ingress", "egress"} {
				for _, rule := range o.Node.Get("spec", side).List() {
					if rule.Kind == document.Map && len(rule.Items) == 0 {
						found(o.at(rule, side+": [{}]", side))
					}
				}
			}
		}))
	_ = rules.Add(over("ingress-without-tls", "C-0263", "nist-800-190-4.2.1 cwe-319", sekisho.SeverityMedium, false,
		w("Passwords and sessions pass in clear, unless something in front ends TLS.", "手前で TLS を終端していない限り、パスワードやセッションが平文で流れるため。"),
		w("The Ingress has no TLS", "Ingress に TLS がない"),
		w("Whoever is on the way reads and changes what users send.", "経路上の誰もが利用者の通信を読み、書き換えられます。"),
		w("Add spec.tls with the hosts and a certificate (cert-manager), or silence this where a load balancer ends TLS.", "spec.tls にホストと証明書 (cert-manager など) を追加してください。ロードバランサーで TLS を終端する場合は抑制します。"),
		func(o *Object, found func(check.Hit)) {
			spec := o.Node.Get("spec")
			if !o.Is("Ingress") || len(spec.Get("tls").List()) > 0 || !spec.Get("tls").Known() {
				return
			}
			for key := range o.Node.Get("metadata", "annotations").Members() {
				if strings.Contains(key, "certificate-arn") || strings.Contains(key, "pre-shared-cert") || strings.Contains(key, "managed-certificates") || strings.Contains(key, "ssl-certificate") {
					return // the cloud's load balancer has the certificate
				}
			}
			found(o.self())
		}))
	_ = rules.Add(over("ingress-snippet", "C-0059 CKV_K8S_152 CKV_K8S_153 CKV_K8S_154 KCV-0093", "cwe-94 nist-800-190-4.3.1", sekisho.SeverityHigh, false,
		w("The text becomes configuration of the controller, which reads all secrets (CVE-2021-25742).", "文字列がコントローラーの設定になり、コントローラーは全ての Secret を読めるため (CVE-2021-25742)。"),
		w("The Ingress writes configuration of nginx by {0}", "Ingress が {0} で nginx の設定を記述"),
		w("Whoever may write an Ingress runs code in the controller and takes its service account.", "Ingress を書ける者がコントローラー内でコードを実行し、そのサービスアカウントを奪えます。"),
		w("Remove the snippet; use the annotations for the one setting, and keep allow-snippet-annotations off.", "スニペットを削除し、個別の設定用アノテーションを使ってください。allow-snippet-annotations は無効のままにします。"),
		func(o *Object, found func(check.Hit)) {
			switch {
			case o.Is("Ingress"):
				notes := o.Node.Get("metadata", "annotations")
				for key := range notes.Members() {
					if strings.Contains(key, "nginx.ingress.kubernetes.io/") && strings.HasSuffix(key, "-snippet") {
						found(o.field(notes, key, key))
					}
				}
			case o.Is("ConfigMap"):
				if data := o.Node.Get("data"); data.Get("allow-snippet-annotations").True() {
					found(o.field(data, "allow-snippet-annotations", "allow-snippet-annotations"))
				}
			}
		}))
	_ = rules.Add(over("ingress-nginx-retired", "C-0292", "nist-800-190-4.4.1", sekisho.SeverityMedium, false,
		w("The project ended; nobody fixes its flaws.", "開発が終了し、脆弱性が修正されないため。"),
		w("Container {0} is ingress-nginx, which is retired", "コンテナ {0} は開発終了した ingress-nginx"),
		w("The controller stands at the edge and reads the secrets of all namespaces; new flaws stay open since March 2026.", "クラスターの入口に立ち全 Namespace の Secret を読むコントローラーで、2026 年 3 月以降の脆弱性は修正されません。"),
		w("Move to a Gateway API implementation or another controller.", "Gateway API の実装か、別のコントローラーへ移行してください。"),
		eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
			if strings.HasSuffix(m.Repository, "ingress-nginx/controller") || strings.HasSuffix(m.Repository, "nginx-ingress-controller") && strings.Contains(m.Repository, "kubernetes") {
				found(c.has(c.Node, "image"))
			}
		})))
	_ = rules.Add(over("exposed-service", "C-0256 C-0266 C-0274 exposed-services", "nist-800-190-4.4.2", sekisho.SeverityLow, true,
		w("Much is meant to be reachable.", "意図して公開するものが多いため。"),
		w("The Service is reachable from outside by {0}", "Service が {0} で外部に公開"),
		w("What the pods offer is offered to everybody who reaches the nodes or the load balancer.", "ノードやロードバランサーに届く全員に Pod の機能が公開されます。"),
		w("Use ClusterIP behind an Ingress or Gateway, or limit loadBalancerSourceRanges.", "Ingress や Gateway の背後で ClusterIP を使うか、loadBalancerSourceRanges で制限してください。"),
		func(o *Object, found func(check.Hit)) {
			spec := o.Node.Get("spec")
			if t := spec.Get("type").Str(); o.Is("Service") && (t == "NodePort" || t == "LoadBalancer" && len(spec.Get("loadBalancerSourceRanges").List()) == 0) {
				internal := false
				for key, v := range o.Node.Get("metadata", "annotations").Members() {
					internal = internal || strings.Contains(key, "internal") || strings.EqualFold(v.Str(), "internal")
				}
				if !internal {
					found(o.field(spec, "type", t))
				}
			}
		}))
	_ = rules.Add(over("external-ip", "KSV-0108", "cis-kubernetes-1.2.3 nist-800-190-4.3.3", sekisho.SeverityHigh, false,
		w("A Service can take the traffic of any address (CVE-2020-8554).", "Service が任意のアドレス宛ての通信を横取りできるため (CVE-2020-8554)。"),
		w("The Service claims the external address {0}", "Service が外部アドレス {0} を主張"),
		w("Traffic of the cluster to that address ends in these pods, whoever it was for.", "そのアドレス宛てのクラスター内の通信は、本来の宛先に関わらずこの Pod に届きます。"),
		w("Remove externalIPs; use a load balancer or a Gateway.", "externalIPs を削除し、ロードバランサーか Gateway を使ってください。"),
		func(o *Object, found func(check.Hit)) {
			if !o.Is("Service") {
				return
			}
			for _, ip := range o.Node.Get("spec", "externalIPs").List() {
				found(o.at(ip, "externalIPs: "+ip.Str(), ip.Str()))
			}
		}))
	_ = rules.Add(over("dashboard", "C-0014 C-0021 CKV_K8S_33", "nist-800-190-4.3.2", sekisho.SeverityMedium, false,
		w("It was the way in of many break-ins, and it is archived.", "多くの侵入の入口となり、開発も終了しているため。"),
		w("The Kubernetes dashboard is deployed", "Kubernetes Dashboard をデプロイ"),
		w("Whoever reaches the dashboard acts with its service account.", "Dashboard に届く者は、そのサービスアカウントの権限で操作できます。"),
		w("Remove it; use a tool that runs with the user's own rights.", "削除し、利用者自身の権限で動くツールを使ってください。"),
		eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
			if strings.HasPrefix(m.Repository, "kubernetesui/dashboard") || strings.Contains(m.Repository, "kubernetes-dashboard") {
				found(c.has(c.Node, "image"))
			}
		})))
	_ = rules.Add(over("tiller", "KSV-0102 CKV_K8S_34 CKV_K8S_44 CKV_K8S_45", "nist-800-190-4.3.1", sekisho.SeverityCritical, false,
		w("It is cluster-admin for everybody in the cluster, without a password.", "クラスター内の誰にでも無認証で cluster-admin を与えるため。"),
		w("Tiller, the server of Helm 2, is deployed", "Helm 2 のサーバー Tiller をデプロイ"),
		w("Any pod asks Tiller to install what it wants.", "任意の Pod が Tiller に何でもインストールさせられます。"),
		w("Remove it; Helm 3 and 4 need no server.", "削除してください。Helm 3 以降にサーバーは不要です。"),
		func(o *Object, found func(check.Hit)) {
			eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
				if strings.HasSuffix(m.Repository, "/tiller") {
					found(c.has(c.Node, "image"))
				}
			})(o, found)
			if o.Is("Service") && o.Name == "tiller-deploy" {
				found(o.self())
			}
		}))
)
