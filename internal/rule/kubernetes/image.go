// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// parseImage takes a reference apart; false for one that holds a variable, or
// nothing.
func parseImage(s string) (imageref.Reference, bool) {
	if s == "" || strings.ContainsAny(s, "${}<>*% ") {
		return imageref.Reference{}, false
	}
	return imageref.Parse(s, ""), true
}

// eachImage judges the images of containers that are known.
func eachImage(judge func(c *Container, m *imageref.Reference, found func(check.Hit))) func(*Object, func(check.Hit)) {
	return eachContainer(func(c *Container, found func(check.Hit)) {
		if m, ok := parseImage(c.Node.Get("image").Str()); ok {
			judge(c, &m, found)
		}
	})
}

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "latest-tag", Aliases: ids("KSV-0013 CKV_K8S_14 C-0075 latest-tag DS-0001 DL3007 DKL-DI-0006"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("nist-800-190-4.2.2 cwe-1104"),
		Because:    w("Nobody knows which program runs, and a rollback brings nothing back.", "動いているプログラムが特定できず、ロールバックも効かないため。"),
		Title:      w("Container {0} uses the image {1} by a moving tag", "コンテナ {0} がイメージ {1} を固定されていないタグで使用"),
		Why:        w("The same manifest starts another program tomorrow: what was scanned is not what runs, and whoever can push the tag decides.", "同じマニフェストが明日は別のプログラムを起動します。検査したものと動くものが異なり、タグを push できる者が中身を決められます。"),
		Fix:        w("Name a version and, better, its digest: name:1.2.3@sha256:...", "バージョンを指定し、できればダイジェストも付けてください (name:1.2.3@sha256:...)。"),
	},
	Judge: eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
		if m.Digest == "" && (m.Tag == "" || m.Tag == "latest") {
			found(c.has(c.Node, "image", c.Node.Get("image").Str()))
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "unpinned-image", Aliases: ids("CKV_K8S_43 C-0306"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("nist-800-190-4.1.5 nist-800-190-4.4.5"),
		Because:    w("Low: a version tag rarely moves; a digest never does.", "バージョンタグが動くことはまれだが、ダイジェストは決して動かないため低。"),
		Title:      w("Container {0} does not pin its image by digest", "コンテナ {0} のイメージがダイジェストで固定されていない"),
		Why:        w("A tag can be moved by whoever may push to the repository; signatures and scans speak of a digest.", "タグはリポジトリへ push できる者が動かせます。署名もスキャン結果もダイジェストに対するものです。"),
		Fix:        w("Append @sha256:... to the image; Renovate and Flux keep it up to date.", "イメージに @sha256:... を付けてください。Renovate や Flux で自動更新できます。"),
	},
	Judge: eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
		if m.Digest == "" {
			found(c.has(c.Node, "image"))
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "registry-not-allowed", Aliases: ids("KSV-0125 KSV-0032 KSV-0033 KSV-0034 KSV-0035 C-0001 C-0078"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("nist-800-190-4.1.5 cis-eks-5.1.4"),
		Because:    w("The organisation named the registries that it trusts.", "組織が信頼するレジストリを定めているため。"),
		Title:      w("The image of container {0} is from {1}", "コンテナ {0} のイメージの取得元が {1}"),
		Why:        w("Images from elsewhere went through none of the scans and signatures of the registries that are allowed.", "許可外のレジストリのイメージは、許可されたレジストリの検査や署名を通っていません。"),
		Fix:        w("Copy the image to an allowed registry and name it there.", "許可されたレジストリにイメージを複製し、そちらを指定してください。"),
	},
	Judge: func(o *Object, found func(check.Hit)) {
		if o.World == nil || o.World.Settings == nil || len(o.World.Settings.Registries) == 0 {
			return
		}
		eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
			if !m.Allowed(o.World.Settings.Registries) {
				found(c.has(c.Node, "image", m.Registry))
			}
		})(o, found)
	},
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "retired-registry", Aliases: ids("C-0253"), Severity: sekisho.SeverityMedium, Stages: anywhere(),
		References: ids("nist-800-190-4.2.2"),
		Because:    w("The images there get no fixes any more.", "もう修正が提供されないため。"),
		Title:      w("The image of container {0} is from {1}, which is retired", "コンテナ {0} のイメージの取得元 {1} は廃止済み"),
		Why:        w("{1} has been frozen: new versions and security fixes go elsewhere, and the old ones will disappear.", "{1} は凍結されています。新しい版や修正は別の場所で公開され、古いイメージはいずれ消えます。"),
		Fix:        w("Use registry.k8s.io instead of k8s.gcr.io; for others, the publisher's present registry.", "k8s.gcr.io の代わりに registry.k8s.io を、ほかは公開元の現在のレジストリを使ってください。"),
	},
	Judge: eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
		if m.Registry == "k8s.gcr.io" || m.Registry == "gcr.io" && strings.HasPrefix(m.Repository, "google_containers/") || m.Registry == "docker.io" && strings.HasPrefix(m.Repository, "bitnamilegacy/") || m.Registry == "quay.io" && strings.HasPrefix(m.Repository, "kubernetes-ingress-controller/") {
			name := m.Registry
			if name != "k8s.gcr.io" {
				name += "/" + strings.SplitN(m.Repository, "/", 2)[0]
			}
			found(c.has(c.Node, "image", name))
		}
	}),
})

var _ = rules.Add(check.Rule[*Object]{
	Rule: sekisho.Rule{
		ID: "pull-policy", Aliases: ids("CKV_K8S_15"), Severity: sekisho.SeverityLow, Stages: anywhere(), Off: true,
		References: ids("cis-kubernetes-1.2.11"),
		Because:    w("Low: it matters where private images share nodes with others.", "非公開イメージが他者とノードを共有する場合に限り問題になるため低。"),
		Title:      w("Container {0} does not always pull its image", "コンテナ {0} が毎回イメージを取得しない"),
		Why:        w("A pod that may not pull the image can use the copy that another pod left on the node, and a moved tag is not noticed.", "取得権限のない Pod も、別の Pod がノードに残したイメージを使えます。タグが動いても気づけません。"),
		Fix:        w("Set imagePullPolicy: Always, or pin the digest.", "imagePullPolicy: Always にするか、ダイジェストで固定してください。"),
	},
	Judge: eachImage(func(c *Container, m *imageref.Reference, found func(check.Hit)) {
		p := c.Node.Get("imagePullPolicy")
		switch {
		case m.Digest != "" || p.Str() == "Always" || !p.Known():
		case p.Present():
			found(c.has(c.Node, "imagePullPolicy"))
		case m.Tag != "" && m.Tag != "latest":
			found(c.has(c.Node, "image"))
		}
	}),
})
