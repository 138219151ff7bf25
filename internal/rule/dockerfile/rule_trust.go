// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

// interpreters run what they read; fetchers bring it.
var (
	interpreters = map[string]bool{"sh": true, "bash": true, "ash": true, "dash": true, "zsh": true, "ksh": true, "python": true, "python3": true, "python2": true, "perl": true, "ruby": true, "node": true, "php": true, "source": true, ".": true, "eval": true}
	fetchers     = map[string]bool{"curl": true, "wget": true, "fetch": true, "aria2c": true, "http": true}
	fetched      = pattern.New("(?:\\$\\(|<\\(|`)\\s*(?:curl|wget)\\s")
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "download-and-run", Severity: sekisho.SeverityMedium, Stages: build,
		Because:    words("The server is most often the vendor's own; without TLS, anybody on the way will do, and it is rated high.", "多くは提供元のサーバーです。TLS がなければ経路上の誰でも差し替えられるため「重要」とします。"),
		Title:      words("A script is fetched and run unseen ({0})", "取得したスクリプトを確認せずに実行 ({0})"),
		Why:        words("Whoever controls the server, or its DNS, runs commands in the build; and the script may be another each time.", "サーバーや DNS を支配する者がビルド内で任意のコマンドを実行できます。内容は毎回変わり得ます。"),
		Fix:        words("Fetch a version by ADD --checksum=sha256:..., or save it, check sha256sum -c, and run it then; or use the distribution's package.", "ADD --checksum=sha256:... で特定の版を取得するか、保存して sha256sum -c で確認してから実行します。ディストリビューションのパッケージも使えます。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.11 cwe-494"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.Runs(func(s *Script) {
			told := map[int]bool{}
			for i := range s.Commands {
				c := &s.Commands[i]
				at := c
				switch {
				case interpreters[c.Name] && c.Pipe.Index > 0 && runsInput(c):
					if at = fetcher(s, c); at == nil {
						continue
					}
				case interpreters[c.Name] && contains(c.Args, fetched):
				default:
					continue
				}
				if told[c.Pipe.ID] {
					continue
				}
				told[c.Pipe.ID] = true
				h := s.Hit(at.Span, c.Name)
				if at != c {
					h.EndLine, h.EndColumn = s.Place(c.EndLine, c.EndColumn)
					h.Excerpt = maskText(s.cut(shell.Span{Line: at.Line, Column: at.Column, EndLine: c.EndLine, EndColumn: c.EndColumn}))
				}
				if strings.Contains(s.cut(at.Span), "http://") {
					h.Severity = sekisho.SeverityHigh
				}
				found(h)
			}
		})
	},
})

// runsInput says whether an interpreter runs what it reads: "python3 -c ..." and
// "python3 file" run something else.
func runsInput(c *shell.Command) bool {
	switch c.Name {
	case "sh", "bash", "ash", "dash", "zsh", "ksh":
		return !c.Has("-c") && (c.Has("-s") || len(c.Operands()) == 0 || c.Operands()[0].Text == "-" || c.Operands()[0].Text == "/dev/stdin")
	case "eval", "source", ".":
		return false
	}
	ops := c.Operands()
	return !c.Has("-c", "-e", "-m", "-n", "-p", "-r", "-ne", "-pe", "--eval") && (len(ops) == 0 || ops[0].Text == "-")
}

// fetcher is the command of the same pipe, before the interpreter, that brings
// the script.
func fetcher(s *Script, c *shell.Command) *shell.Command {
	for _, i := range s.Pipe(c) {
		if o := &s.Commands[i]; o.Pipe.Index < c.Pipe.Index && fetchers[o.Name] {
			return o
		}
	}
	return nil
}

func contains(words []shell.Word, form *pattern.Pattern) bool {
	for _, w := range words {
		if form.MatchString(w.Text) {
			return true
		}
	}
	return false
}

// off says whether a value switches something off.
func off(value string) bool {
	switch strings.ToLower(strings.Trim(value, `"'`)) {
	case "0", "false", "no", "off":
		return true
	}
	return false
}

// unverified says whether a variable switches the check of certificates off.
func unverified(name, value string) bool {
	value = strings.Trim(value, `"'`)
	switch strings.ToUpper(name) {
	case "PYTHONHTTPSVERIFY", "NODE_TLS_REJECT_UNAUTHORIZED", "NPM_CONFIG_STRICT_SSL", "YARN_STRICT_SSL", "YARN_ENABLE_STRICT_SSL", "BUNDLE_SSL_VERIFY_MODE", "CONDA_SSL_VERIFY", "MAMBA_SSL_VERIFY", "PERL_LWP_SSL_VERIFY_HOSTNAME":
		return off(value) || strings.EqualFold(name, "BUNDLE_SSL_VERIFY_MODE") && value == "none"
	case "GIT_SSL_NO_VERIFY", "CURL_INSECURE", "UV_INSECURE_HOST", "PIP_TRUSTED_HOST", "GOINSECURE":
		return value != "" && !off(value)
	}
	return false
}

// unsigned says whether a variable switches the check of signatures or
// checksums off.
func unsigned(name, value string) bool {
	value = strings.Trim(value, `"'`)
	switch name {
	case "GOSUMDB":
		return value == "off"
	case "GONOSUMCHECK", "GONOSUMDB", "GOFLAGS":
		return name != "GOFLAGS" && (value == "*" || value == "1") || name == "GOFLAGS" && strings.Contains(value, "-insecure")
	}
	return false
}

// variables that the file sets, in ENV, ARG and in commands, judged by a test.
func (f *File) assignments(bad func(name, value string) bool, found func(check.Hit)) {
	f.pairs(func(p pair) {
		if w := f.Expand(p.at, p.value); w.Known && p.given && bad(p.name, w.Text) {
			found(hitWord(p.at, p.name, p.name))
		}
	})
	f.commands(func(s *Script, c *shell.Command) {
		for i := range c.Assigns {
			if a := &c.Assigns[i]; a.Value != nil && a.Value.Known && bad(a.Name, a.Value.Text) {
				found(s.Hit(a.Span, a.Name))
			}
		}
	})
}

var loopback = pattern.New(`://(?:localhost|127\.|\[::1\]|0\.0\.0\.0)`)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "tls-verify-off", Aliases: ids("CKV2_DOCKER_2 CKV2_DOCKER_3 CKV2_DOCKER_4 CKV2_DOCKER_5 CKV2_DOCKER_6 CKV2_DOCKER_12 CKV2_DOCKER_13 CKV2_DOCKER_14 CKV2_DOCKER_15 CKV2_DOCKER_16"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("In ENV it holds for the program as well, for as long as the image lives.", "ENV の場合はイメージが使われ続ける限り、プログラム自体にも効きます。"),
		Title:      words("The check of TLS certificates is off ({0})", "TLS 証明書の検証が無効 ({0})"),
		Why:        words("Anybody between the build and the server can replace what is downloaded, and read what is sent.", "ビルドとサーバーの間にいる誰もが、ダウンロード内容の差し替えと送信内容の閲覧ができます。"),
		Fix:        words("Install the certificate authority (ca-certificates, or your company's own) and leave the check on.", "認証局の証明書 (ca-certificates や社内 CA) を導入し、検証は有効のままにします。"),
		References: ids("nist-800-190-4.2.1 cwe-295"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.assignments(unverified, found)
		f.commands(func(s *Script, c *shell.Command) {
			text := s.cut(c.Span)
			if word := insecureOption(c, text); word != "" && !loopback.MatchString(text) {
				found(s.Hit(c.Span, word))
			}
		})
	},
})

// insecureOption is the word by which a command does without certificates.
func insecureOption(c *shell.Command, text string) string {
	pick := func(names ...string) string {
		for _, n := range names {
			if c.Has(n) {
				return n
			}
		}
		return ""
	}
	switch c.Name {
	case "curl":
		return pick("-k", "--insecure", "--proxy-insecure")
	case "wget":
		return pick("--no-check-certificate")
	case "pip", "pip3", "pip2", "uv":
		return pick("--trusted-host", "--allow-insecure-host")
	case "python", "python3":
		if strings.Contains(text, "-m pip") && strings.Contains(text, "--trusted-host") {
			return "--trusted-host"
		}
	case "git":
		return sslVerify.FindString(text)
	case "npm", "yarn", "pnpm":
		return strictSSL.FindString(text)
	case "yum", "dnf", "microdnf", "dnf5", "tdnf", "yum-config-manager":
		return rpmVerify.FindString(text)
	case "apt-get", "apt":
		return aptVerify.FindString(text)
	case "apk":
		return pick("--no-check-certificate")
	case "conda", "mamba", "micromamba":
		return condaVerify.FindString(text)
	case "composer":
		if strings.Contains(text, "disable-tls true") {
			return "disable-tls"
		}
	case "docker", "podman", "skopeo", "buildah":
		if w, ok := c.Value("--tls-verify", "--src-tls-verify", "--dest-tls-verify"); ok && off(w.Text) {
			return "--tls-verify=" + w.Text
		}
	case "echo", "printf", "sed", "tee":
		return rpmVerify.FindString(text)
	}
	return ""
}

var (
	sslVerify   = pattern.New(`(?i)http\.(?:[^\s=]*\.)?sslverify(?:=|\s+)["']?(?:false|0|no|off)\b`)
	strictSSL   = pattern.New(`(?i)--no-strict-ssl|strict-ssl[\s=]+["']?false|enableStrictSsl\s+["']?false`)
	rpmVerify   = pattern.New(`(?i)sslverify\s*=\s*["']?(?:0|false|no)\b`)
	aptVerify   = pattern.New(`(?i)Acquire::https::(?:[^:\s]*::)?Verify-(?:Peer|Host)[=\s]+["']?(?:false|0|no)\b`)
	condaVerify = pattern.New(`(?i)ssl_verify\s+["']?(?:false|no|0)\b`)
	rpmGPG      = pattern.New(`(?i)(?:\\n|\b|_)gpgcheck\s*=\s*["']?(?:0|false|no)\b`)
	aptUnsigned = pattern.New(`(?i)--allow-unauthenticated|--force-yes|--allow-insecure-repositories|(?:AllowUnauthenticated|AllowInsecureRepositories)[=\s]+["']?(?:true|1|yes)|\btrusted=yes\b`)
)

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "signature-check-off", Aliases: ids("CKV2_DOCKER_7 CKV2_DOCKER_8 CKV2_DOCKER_9 CKV2_DOCKER_10 CKV2_DOCKER_11"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("The signature is what ties a package to its distribution; mirrors and caches are anybody's.", "署名はパッケージと配布元を結び付ける唯一の手段で、ミラーやキャッシュは誰でも運営できます。"),
		Title:      words("The check of signatures is off ({0})", "署名の検証が無効 ({0})"),
		Why:        words("A mirror that was broken into, or anybody on the way, puts packages of their own into the image, and they install as root.", "侵害されたミラーや経路上の誰かが任意のパッケージを送り込み、root 権限で導入されます。"),
		Fix:        words("Install the key of the repository (apt: signed-by=, rpm --import, /etc/apk/keys) and leave the check on.", "リポジトリの鍵を導入し (apt の signed-by=、rpm --import、/etc/apk/keys)、検証は有効のままにします。"),
		References: ids("nist-800-190-4.1.5 cis-docker-4.11 cis-docker-4.12 cwe-347"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.assignments(unsigned, found)
		f.commands(func(s *Script, c *shell.Command) {
			if word := unsignedOption(c, s.cut(c.Span)); word != "" {
				found(s.Hit(c.Span, word))
			}
		})
	},
})

// unsignedOption is the word by which a command does without signatures.
func unsignedOption(c *shell.Command, text string) string {
	switch c.Name {
	case "apk":
		if c.Has("--allow-untrusted") {
			return "--allow-untrusted"
		}
	case "apt-get", "apt", "aptitude":
		return aptUnsigned.FindString(text)
	case "yum", "dnf", "microdnf", "dnf5", "tdnf":
		if c.Has("--nogpgcheck", "--no-gpgchecks") {
			return "--nogpgcheck"
		}
		return rpmGPG.FindString(text)
	case "rpm":
		for _, o := range [...]string{"--nosignature", "--nodigest", "--noverify", "--nofiledigest"} {
			if c.Has(o) {
				return o
			}
		}
	case "zypper":
		for _, o := range [...]string{"--no-gpg-checks", "--allow-unsigned-rpm"} {
			if c.Has(o) {
				return o
			}
		}
	case "echo", "printf", "sed", "tee":
		if m := rpmGPG.FindString(text); m != "" {
			return m
		}
		if strings.Contains(text, "deb ") {
			return aptUnsigned.FindString(text)
		}
	}
	return ""
}

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "password-set", Aliases: ids("CKV2_DOCKER_17"), Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("The same password in every container, for everybody who has the image.", "イメージを持つ全員が知る同じパスワードが、すべてのコンテナに入ります。"),
		Title:      words("A user gets a password ({0})", "ユーザーにパスワードを設定 ({0})"),
		Why:        words("Password or hash can be read from the layers and the history, and opens every container of the image.", "パスワードやハッシュはレイヤーや履歴から読め、このイメージのすべてのコンテナで使えます。"),
		Fix:        words("Users of containers need no password: leave it locked.", "コンテナのユーザーにパスワードは不要です。ロックしたままにします。"),
		References: ids("nist-800-190-4.1.4 cwe-798 cwe-259"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.commands(func(s *Script, c *shell.Command) {
			bad := false
			switch c.Name {
			case "chpasswd":
				bad = true
			case "passwd":
				bad = !c.Has("-l", "--lock", "-S", "--status", "-e", "--expire")
			case "usermod", "useradd":
				w, ok := c.Value("-p", "--password")
				bad = ok && w.Text != "" && w.Text[0] != '!' && w.Text[0] != '*' && w.Text[0] != 'x'
			}
			if bad {
				h := s.Hit(c.Span, c.Name)
				h.Excerpt, h.Key = c.Name+" "+mask, c.Name
				found(h)
			}
		})
	},
})

var _ = rules.Add(check.Rule[*File]{
	Rule: sekisho.Rule{
		ID: "secret-in-command", Severity: sekisho.SeverityHigh, Stages: build,
		Because:    words("It is in the file, in the history of the image and in every log of the build.", "ファイル・イメージの履歴・ビルドログのすべてに残ります。"),
		Title:      words("{0} is given a secret in clear", "{0} にシークレットを平文で指定"),
		Why:        words("Whoever reads the repository, the log or docker history has it.", "リポジトリ、ログ、docker history を読める誰もが入手できます。"),
		Fix:        words("RUN --mount=type=secret,id=...,env=NAME, and change the secret: it is known now.", "RUN --mount=type=secret,id=...,env=NAME で渡します。すでに漏れているため、そのシークレットは変更します。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-798"),
	},
	Judge: func(f *File, found func(check.Hit)) {
		f.commands(func(s *Script, c *shell.Command) {
			name := c.Name
			bad := false
			for i := range c.Assigns {
				a := &c.Assigns[i]
				if a.Value != nil && a.Value.Known && Secret(a.Name) && realSecret(a.Value.Text) {
					bad, name = true, a.Name
				}
			}
			if !bad && c.Name != "" && len(c.Args) > 0 {
				bad = literal(c, s.cut(c.Span))
			}
			if bad {
				h := s.Hit(c.Span, name)
				h.Key = name
				h.Excerpt = name + " " + mask
				found(h)
			}
		})
	},
})

// dummy begins values that stand in for a secret in a build.
var dummy = pattern.New(`(?i)^(?:dummy|fake|build|unused|not|temp|tmp|test|none|placeholder|x+$|abc|foo|bar|example|sample|secret$|password$|key$|token$|collectstatic|precompile|ci$|dev)`)

func realSecret(value string) bool {
	return len(value) > 3 && !noSecret.MatchString(value) && !dummy.MatchString(value) && !strings.ContainsAny(value, "$`")
}

// literal says whether a command has a secret among its words that no variable
// brings.
func literal(c *shell.Command, text string) bool {
	if !maybeSecret.MatchString(text) {
		return false
	}
	if sensitive.All.In(text) {
		return true
	}
	if _, ok := sensitive.Password(text, realSecret); ok {
		return true
	}
	for _, m := range header.FindAllStringSubmatch(text, -1) {
		if realSecret(m[2]) && len(m[2]) >= 8 {
			return true
		}
	}
	switch c.Name {
	case "curl":
		if w, ok := c.Value("-u", "--user"); ok {
			_, pw, has := strings.Cut(w.Text, ":")
			return has && realSecret(pw)
		}
	case "wget":
		if w, ok := c.Value("--password", "--http-password"); ok {
			return realSecret(w.Text)
		}
	case "docker", "podman", "skopeo", "buildah", "helm", "az", "oras":
		if w, ok := c.Value("-p", "--password"); ok && strings.Contains(text, "login") {
			return realSecret(w.Text)
		}
	}
	return false
}
