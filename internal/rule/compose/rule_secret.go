// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "secret-in-env", Aliases: ids("C-0012 DS-0031 CIS-DI-0010"), Severity: sekisho.SeverityHigh,
		References: ids("nist-800-190-4.1.4 cwe-798"),
		Because:    w("It stays in the repository's history. A password that everybody guesses was never a secret, and is rated medium.", "リポジトリの履歴に残り続けるため。誰でも推測できるパスワードは秘密とは言えず、中とします。"),
		Title:      w("Container {0} has a secret in clear in {1}", "コンテナ {0} の {1} にシークレットが平文で存在"),
		Why:        w("The value of {1} is in the file, in docker inspect and in every child process and crash report.", "{1} の値がファイル、docker inspect、全ての子プロセスやクラッシュレポートに残ります。"),
		Fix:        w("Use {how}, and change the value, as it is known now.", "{how} を使い、知られた値は変更してください。"),
	},
	Compose: "secrets: with NAME_FILE, or ${NAME} from an environment that is not committed", Quadlet: "Secret=name,type=env", Run: "--env-file, or -e NAME without a value",
	Judge: func(s *Service, found func(check.Hit)) {
		s.secretPairs(s.Environment, found)
		s.secretPairs(s.BuildArgs, found)
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "secret-in-command", Severity: sekisho.SeverityHigh, References: ids("nist-800-190-4.1.4 cwe-214 cwe-798"),
		Because: w("Command lines are readable by every process of the host.", "コマンドラインはホストの全プロセスから読めるため。"),
		Title:   w("The command of container {0} has a secret in clear ({1})", "コンテナ {0} のコマンドにシークレットが平文で存在 ({1})"),
		Why:     w("The value is in the file, in ps and docker inspect, and in logs of what was started.", "値がファイル、ps、docker inspect、起動ログに残ります。"),
		Fix:     w("Let the program read a file: {how}.", "プログラムにファイルから読ませてください ({how})。"),
	},
	Compose: "secrets:", Quadlet: "Secret=name", Run: "--mount or --secret",
	Judge: func(s *Service, found func(check.Hit)) {
		s.secretWords(s.Command, found)
		s.secretWords(s.Health, found)
	},
})

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "secret-in-env-file", Severity: sekisho.SeverityMedium, References: ids("nist-800-190-4.1.4 cwe-312 cwe-538"),
		Because: w("Whether the file is shared cannot be seen from it; the scan of a repository reads what git tracks.", "ファイルが共有されるかは内容から分からないため。リポジトリの検査では git 管理下のファイルを読みます。"),
		Title:   w("The file {1} of container {0} holds secrets in clear ({2})", "コンテナ {0} の {1} にシークレットが平文で存在 ({2})"),
		Why:     w("A file of variables beside the project is copied, backed up and committed with it.", "プロジェクトと同じ場所の変数ファイルは、一緒にコピー、バックアップ、コミットされます。"),
		Fix:     w("Keep an example without values in the repository, and the secrets outside ({how}); change those that were committed.", "リポジトリには値のない見本だけを置き、秘密は外部に移してください ({how})。コミット済みの値は変更が必要です。"),
	},
	Compose: "secrets:", Quadlet: "Secret=name,type=env", Run: "a secret store",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range s.EnvFiles {
			name := strings.TrimPrefix(v.Text, "-")
			e := s.envs[path.Join(path.Dir(v.File), name)]
			if e == nil || len(e.secrets) == 0 || strings.Contains(name, "example") || strings.Contains(name, "sample") || strings.Contains(name, "template") {
				continue
			}
			names := strings.Join(e.secrets[:min(3, len(e.secrets))], ", ")
			if len(e.secrets) > 3 {
				names += ", ..."
			}
			found(s.hit(v, name, names))
		}
	},
})

// openDoors are variables by which programs ask for no password.
var openDoors = map[string][]string{
	"POSTGRES_HOST_AUTH_METHOD": {"trust"}, "MYSQL_ALLOW_EMPTY_PASSWORD": nil, "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": nil, "MARIADB_ALLOW_EMPTY_PASSWORD": nil, "ALLOW_EMPTY_PASSWORD": nil,
	"ALLOW_PLAINTEXT_LISTENER": nil, "GF_AUTH_ANONYMOUS_ENABLED": nil, "ALLOW_ANONYMOUS_LOGIN": nil, "ME_CONFIG_BASICAUTH": {"false"},
	"xpack.security.enabled": {"false"}, "plugins.security.disabled": {"true"}, "DISABLE_SECURITY_PLUGIN": {"true"}, "DISABLE_SECURITY_DASHBOARDS_PLUGIN": {"true"}, "NEO4J_AUTH": {"none"},
	"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": {"true"}, "QUICKWIT_DISABLE_AUTH": nil, "DISABLE_AUTH": {"true", "1"}, "AUTH_DISABLED": {"true", "1"},
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "no-authentication", Severity: sekisho.SeverityMedium, References: ids("nist-800-190-4.4.2 cwe-306"),
		Because: w("The file does not say who reaches the container.", "誰がコンテナに届くかはファイルから分からないため。"),
		Title:   w("Container {0} lets everybody in ({1})", "コンテナ {0} が認証なしで利用できる ({1})"),
		Why:     w("Whoever reaches the port, another container that was taken among them, reads and changes all data.", "乗っ取られた他のコンテナも含め、ポートに届く者が全データを読み書きできます。"),
		Fix:     w("Set a password from {how} and remove {1}.", "{how} でパスワードを設定し、{1} を削除してください。"),
	},
	Compose: "secrets:", Quadlet: "Secret=", Run: "--env-file",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, p := range s.Environment {
			values, ok := openDoors[p.Name]
			if !ok || !p.Given || !p.Known() {
				continue
			}
			if values == nil {
				values = []string{"true", "yes", "1", "on"}
			}
			if p.Is(values...) {
				found(s.hit(p.Value, p.Name))
			}
		}
	},
})

// insecureOptions of programs; the value decides where one is named.
var insecureOptions = map[string]bool{
	"--insecure": true, "--insecure-skip-tls-verify": true, "--insecure-skip-verify": true, "--api.insecure": true, "--api.insecure=true": true, "--insecure=true": true,
	"--no-auth": true, "--disable-auth": true, "--noauth": true, "--auth=none": true, "--skip-tls-verify": true, "--tls-skip-verify": true, "--no-check-certificate": true,
	"--no-tls": true, "--tls=false": true, "--tlsverify=false": true, "--host=tcp://0.0.0.0:2375": true, "--serverstransport.insecureskipverify=true": true,
	"--insecure-skip-tls-verify=true": true, "--anonymous-auth=true": true, "--enable-insecure": true, "--disable-security": true, "--no-sandbox": true, "--api-insecure": true,
}

var _ = add(rule{
	Rule: sekisho.Rule{
		ID: "insecure-option", Severity: sekisho.SeverityMedium, References: ids("nist-800-190-4.4.3 cwe-1188"),
		Because: w("The program's own authors call it so.", "プログラムの作者自身が安全でないとしている設定のため。"),
		Title:   w("Container {0} is started with {1}", "コンテナ {0} を {1} 付きで起動"),
		Why:     w("{1} takes away the check of passwords, certificates or the sandbox of the program.", "{1} は、パスワードや証明書の検証、またはプログラムのサンドボックスを外します。"),
		Fix:     w("Remove {1} from {how} and set up what it stands in for (a certificate, a password).", "{how} から {1} を削除し、証明書やパスワードを設定してください。"),
	},
	Compose: "command", Quadlet: "Exec=", Run: "the command",
	Judge: func(s *Service, found func(check.Hit)) {
		for _, v := range splitWords(s.Command) {
			if strings.HasPrefix(v.Text, "--") && insecureOptions[strings.ToLower(v.Text)] {
				h := s.hit(v, v.Text)
				h.Excerpt = v.Text
				found(h)
			}
		}
	},
})
