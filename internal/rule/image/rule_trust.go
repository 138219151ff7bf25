// SPDX-License-Identifier: Apache-2.0

package image

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// insecureVariables switch off the check of certificates, with the values that
// do; "*" for any value.
var insecureVariables = map[string][]string{
	"NODE_TLS_REJECT_UNAUTHORIZED": {"0"}, "PYTHONHTTPSVERIFY": {"0"}, "GIT_SSL_NO_VERIFY": {"1", "true", "yes", "on"}, "NPM_CONFIG_STRICT_SSL": {"false"}, "npm_config_strict_ssl": {"false"},
	"PIP_TRUSTED_HOST": {"*"}, "GOINSECURE": {"*"}, "UV_INSECURE_HOST": {"*"}, "CURL_INSECURE": {"1", "true"}, "YARN_STRICT_SSL": {"false"}, "VAULT_SKIP_VERIFY": {"1", "true"},
	"PERL_LWP_SSL_VERIFY_HOSTNAME": {"0"}, "CONDA_SSL_VERIFY": {"false", "0"}, "COMPOSER_DISABLE_TLS": {"1", "true"}, "BUNDLE_SSL_VERIFY_MODE": {"0", "none"},
}

// noCertificates and noSignatures are the options that switch off the check of
// the one or the other, by program.
var (
	noCertificates = map[string][]string{
		"curl": {"-k", "--insecure", "--proxy-insecure"}, "wget": {"--no-check-certificate"}, "pip": {"--trusted-host"}, "pip3": {"--trusted-host"}, "uv": {"--allow-insecure-host"},
		"apk": {"--no-check-certificate"}, "npm": {"--no-strict-ssl", "--strict-ssl=false"}, "yarn": {"--no-strict-ssl"},
	}
	noSignatures = map[string][]string{
		"apk": {"--allow-untrusted"}, "apt-get": {"--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"}, "apt": {"--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"},
		"yum": {"--nogpgcheck", "--nogpg"}, "dnf": {"--nogpgcheck", "--no-gpgchecks"}, "microdnf": {"--nogpgcheck"}, "tdnf": {"--nogpgcheck"},
		"rpm": {"--nosignature", "--nodigest", "--noverify"}, "zypper": {"--no-gpg-checks", "--allow-unsigned-rpm"},
	}
)

// given is the first of the options that a command has.
func given(c *shell.Command, options map[string][]string) string {
	for _, o := range options[c.Name] {
		if c.Has(o) {
			return o
		}
	}
	return ""
}

// local says whether a command speaks with its own machine only.
func local(c *shell.Command) bool {
	return slices.ContainsFunc(c.Args, func(w shell.Word) bool {
		return strings.Contains(w.Text, "://localhost") || strings.Contains(w.Text, "://127.")
	})
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "tls-verify-off", Aliases: ids("CKV2_DOCKER_2 CKV2_DOCKER_3 CKV2_DOCKER_4 CKV2_DOCKER_5 CKV2_DOCKER_6 CKV2_DOCKER_12 CKV2_DOCKER_13 CKV2_DOCKER_14 CKV2_DOCKER_15 CKV2_DOCKER_16"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("A variable holds for every connection that the program makes, in every container of the image. A step of the build that is over is rated medium.", "環境変数は、このイメージの全コンテナでプログラムのすべての通信に及びます。完了したビルド手順の場合は中とします。"),
		Title:      words("The check of TLS certificates is off ({0})", "TLS 証明書の検証が無効 ({0})"),
		Why:        words("Whoever sits between the program and the other side reads and changes everything, passwords and programs too.", "通信経路にいる者が、パスワードやプログラムを含むすべてを読み取り、改ざんできます。"),
		Fix:        words("Take it away; add the certificate of the private authority to the image's trust store.", "設定を外し、独自認証局の証明書をイメージの信頼ストアに追加します。"),
		References: ids("nist-800-190-4.2.1 cwe-295"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		for _, e := range i.Config.Env {
			name, value, _ := strings.Cut(e, "=")
			if bad := insecureVariables[name]; value != "" && (slices.Contains(bad, "*") || slices.Contains(bad, strings.ToLower(value))) {
				found(i.config("env", name+"="+maskText(value), "ENV", name, name))
			}
		}
		i.runs(func(s *Step, c *shell.Command) {
			if o := given(c, noCertificates); o != "" && !local(c) {
				h := i.step(s, c.Name+" "+o)
				h.Severity = sekisho.SeverityMedium
				found(h)
			}
		})
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "signature-check-off", Aliases: ids("CKV2_DOCKER_7 CKV2_DOCKER_8 CKV2_DOCKER_9 CKV2_DOCKER_10 CKV2_DOCKER_11 CIS-Docker-4.11 CIS-Docker-4.12 CIS-DI-0011"), Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("The signature is what ties a package to its distribution; mirrors and caches are anybody's.", "署名はパッケージと配布元を結び付ける唯一の手段で、ミラーやキャッシュは誰でも運営できます。"),
		Title:      words("The build installed packages without a check of their signatures ({0})", "署名を検証せずにパッケージを導入 ({0})"),
		Why:        words("What a broken mirror, or somebody on the way, put in its place is in the image now.", "侵害されたミラーや経路上の誰かが差し替えたものが、イメージに入っている恐れがあります。"),
		Fix:        words("Install the key of the repository, leave the check on, and build the image again.", "リポジトリの鍵を導入し、検証を有効のままイメージを作り直します。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.11 cis-docker-4.12 cwe-347"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		i.runs(func(s *Step, c *shell.Command) {
			if o := given(c, noSignatures); o != "" {
				found(i.step(s, c.Name+" "+o))
			}
		})
	},
})
