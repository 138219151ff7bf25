// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// parseImage takes a reference apart; a tag that is not known is a hole. False
// for one that names nothing in a registry.
func parseImage(s string) (m imageref.Reference, ok bool) {
	s = strings.TrimPrefix(s, "docker://")
	if s == "" || strings.HasPrefix(s, hole) || strings.HasPrefix(s, "sha256:") || strings.ContainsAny(s, "<>{}* ") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, ".") || strings.Contains(s, "://") || strings.HasPrefix(s, "dir:") || strings.HasPrefix(s, "oci-archive:") || strings.HasPrefix(s, "docker-archive:") || strings.HasPrefix(s, "containers-storage:") {
		return m, false
	}
	return imageref.Parse(s, hole), true
}

// local reports an image that is made here: nobody else moves its tag.
func (s *Service) local(m *imageref.Reference) bool {
	return s.Build.Set || s.LocalImage || m.Registry == "localhost"
}

// eachImage judges the image of a service, when it comes from a registry.
func eachImage(judge func(s *Service, m *imageref.Reference, found func(check.Hit))) func(*Service, func(check.Hit)) {
	return func(s *Service, found func(check.Hit)) {
		if m, ok := parseImage(s.Image.Text); ok && s.Image.Set && !s.local(&m) {
			judge(s, &m, found)
		}
	}
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "latest-tag", Aliases: ids("DL3007 DS-0001 CIS-Docker-5.28"), Severity: sekisho.SeverityMedium,
		References: ids("nist-800-190-4.2.2 cwe-1104"),
		Because:    w("Nobody knows which program runs, and going back brings nothing back; low where podman auto-update is meant to move it, or for a command run once.", "動いているプログラムが特定できず、元に戻せないため。podman auto-update の対象や一度きりの実行なら低。"),
		Title:      w("Container {0} uses the image {1} by a moving tag", "コンテナ {0} がイメージ {1} を固定されていないタグで使用"),
		Why:        w("The same file starts another program tomorrow: what was scanned is not what runs, and whoever can push the tag decides.", "同じファイルが明日は別のプログラムを起動します。検査したものと動くものが異なり、タグを push できる者が中身を決めます。"),
		Fix:        w("Name a version and, better, its digest: {how}.", "バージョンを指定し、できればダイジェストも付けてください ({how})。"),
	},
	Compose: "image: name:1.2.3@sha256:...", Quadlet: "Image=name:1.2.3@sha256:...", Run: "name:1.2.3@sha256:...",
	Judge: eachImage(func(s *Service, m *imageref.Reference, found func(check.Hit)) {
		if m.Digest != "" || m.Tag != "" && m.Tag != "latest" || strings.Contains(m.Repository, hole) {
			return
		}
		h := s.hit(s.Image, strings.ReplaceAll(s.Image.Text, hole, "?"))
		if s.AutoUpdate.Set || s.Kind == sekisho.ResourceDockerRun && !s.Lasting {
			h.Severity = sekisho.SeverityLow
		}
		found(h)
	}),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "unpinned-image", Aliases: ids("C-0306"), Severity: sekisho.SeverityLow, Off: true,
		References: ids("nist-800-190-4.1.5 nist-800-190-4.4.5"),
		Because:    w("Low: a version tag rarely moves; a digest never does.", "バージョンタグが動くことはまれだが、ダイジェストは決して動かないため低。"),
		Title:      w("The image of container {0} is not pinned by digest", "コンテナ {0} のイメージがダイジェストで固定されていない"),
		Why:        w("A tag can be moved by whoever may push to the repository; signatures and scans speak of a digest.", "タグはリポジトリへ push できる者が動かせます。署名もスキャン結果もダイジェストに対するものです。"),
		Fix:        w("Append the digest: {how}. Renovate keeps it up to date.", "ダイジェストを付けてください ({how})。Renovate などで自動更新できます。"),
	},
	Compose: "image: name:1.2.3@sha256:...", Quadlet: "Image=name:1.2.3@sha256:...", Run: "name:1.2.3@sha256:...",
	Judge: eachImage(func(s *Service, m *imageref.Reference, found func(check.Hit)) {
		if m.Digest == "" && s.Image.Known() {
			found(s.hit(s.Image))
		}
	}),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "registry-not-allowed", Aliases: ids("DL3026 C-0001 C-0078"), Severity: sekisho.SeverityMedium,
		References: ids("nist-800-190-4.1.5"),
		Because:    w("The organisation named the registries that it trusts.", "組織が信頼するレジストリを定めているため。"),
		Title:      w("The image of container {0} is from {1}", "コンテナ {0} のイメージの取得元が {1}"),
		Why:        w("Images from elsewhere went through none of the scans and signatures of the registries that are allowed.", "許可外のレジストリのイメージは、許可されたレジストリの検査や署名を通っていません。"),
		Fix:        w("Copy the image to an allowed registry and name it there ({how}).", "許可されたレジストリにイメージを複製し、そちらを指定してください ({how})。"),
	},
	Compose: "image:", Quadlet: "Image=", Run: "the image",
	Judge: eachImage(func(s *Service, m *imageref.Reference, found func(check.Hit)) {
		if s.Settings != nil && len(s.Settings.Registries) > 0 && !strings.Contains(m.Registry+m.Repository, hole) && !m.Allowed(s.Settings.Registries) {
			found(s.hit(s.Image, m.Registry))
		}
	}),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "retired-registry", Aliases: ids("C-0253"), Severity: sekisho.SeverityMedium,
		References: ids("nist-800-190-4.2.2"),
		Because:    w("The images there get no fixes any more.", "もう修正が提供されないため。"),
		Title:      w("The image of container {0} is from {1}, which is retired", "コンテナ {0} のイメージの取得元 {1} は廃止済み"),
		Why:        w("{1} has been frozen: security fixes go elsewhere, and the old images will disappear.", "{1} は凍結されています。修正は別の場所で公開され、古いイメージはいずれ消えます。"),
		Fix:        w("Use the publisher's present registry ({how}): registry.k8s.io instead of k8s.gcr.io.", "公開元の現在のレジストリ (k8s.gcr.io なら registry.k8s.io) を {how} に指定してください。"),
	},
	Compose: "image:", Quadlet: "Image=", Run: "the image",
	Judge: eachImage(func(s *Service, m *imageref.Reference, found func(check.Hit)) {
		switch {
		case m.Registry == "k8s.gcr.io":
			found(s.hit(s.Image, m.Registry))
		case m.Registry == "docker.io" && strings.HasPrefix(m.Repository, "bitnamilegacy/"):
			found(s.hit(s.Image, "docker.io/bitnamilegacy"))
		}
	}),
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "tls-verify-off", Severity: sekisho.SeverityHigh, References: ids("nist-800-190-4.2.1 cwe-295"),
		Because: w("Whoever is on the way decides what runs, or reads what is sent.", "経路上の者が動くものを決め、送信内容を読めるため。"),
		Title:   w("The check of TLS certificates is off for {0} ({1})", "{0} で TLS 証明書の検証が無効 ({1})"),
		Why:     w("Anybody between the host and the server hands out another image or answer under the same name.", "ホストとサーバーの間にいる者が、同じ名前で別のイメージや応答を返せます。"),
		Fix:     w("Remove {how}, and give the engine or the program the authority's certificate.", "{how} を削除し、認証局の証明書をエンジンやプログラムに渡してください。"),
	},
	Compose: "the variable", Quadlet: "TLSVerify=false", Run: "--tls-verify=false",
	Judge: func(s *Service, found func(check.Hit)) {
		if s.TLSVerify.Is("false", "no", "0", "off") {
			found(s.hit(s.TLSVerify, s.TLSVerify.Written))
		}
		if s.InsecureRegistry.True() {
			found(s.hit(s.InsecureRegistry, "--insecure-registry"))
		}
		for _, p := range s.Environment {
			if p.Given && unverified(p.Name, p.Text) {
				found(s.hit(p.Value, p.Name))
			}
		}
	},
})

// unverified says whether a variable switches the check of certificates off.
func unverified(name, value string) bool {
	off := value == "0" || strings.EqualFold(value, "false") || strings.EqualFold(value, "no")
	switch strings.ToUpper(name) {
	case "PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED", "NPM_CONFIG_STRICT_SSL", "YARN_STRICT_SSL":
		return off
	case "GIT_SSL_NO_VERIFY":
		return value != "" && !off && !strings.Contains(value, hole)
	}
	return false
}
