// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	loopback = pattern.New(`(?:localhost|127\.0\.0\.1|\[::1\]|\bkind-registry\b)`)
	// tlsOptions turn the check off, by program.
	tlsOptions = map[string][]string{
		"curl": {"-k", "--insecure"}, "wget": {"--no-check-certificate"}, "executor": {"--insecure", "--insecure-pull", "--skip-tls-verify", "--skip-tls-verify-pull", "--insecure-registry", "--skip-tls-verify-registry"},
		"skopeo": {"--tls-verify", "--src-tls-verify", "--dest-tls-verify"}, "buildah": {"--tls-verify"}, "podman": {"--tls-verify"}, "dockerd": {"--insecure-registry"}, "crane": {"--insecure"}, "oras": {"--insecure", "--plain-http"},
		"helm": {"--insecure-skip-tls-verify"}, "kubectl": {"--insecure-skip-tls-verify"}, "cosign": {"--allow-insecure-registry"}, "nerdctl": {"--insecure-registry"}, "argocd": {"--insecure", "--plaintext"}, "git": {},
	}
	// tlsValues are the environment's ways.
	tlsValues = map[string]string{"GIT_SSL_NO_VERIFY": "1 true yes", "NODE_TLS_REJECT_UNAUTHORIZED": "0", "PYTHONHTTPSVERIFY": "0", "NPM_CONFIG_STRICT_SSL": "false", "npm_config_strict_ssl": "false"}
)

func tlsOff(name, value string) bool {
	want, ok := tlsValues[name]
	return ok && value != "" && strings.Contains(" "+want+" ", " "+strings.ToLower(value)+" ")
}

// unverified finds the word by which a command does without certificates.
func unverified(c *shell.Command) (word shell.Word, ok bool) {
	needsFalse := c.Name == "skopeo" || c.Name == "buildah" || c.Name == "podman"
	for _, name := range tlsOptions[c.Name] {
		if needsFalse {
			for i := range c.Args {
				if c.Args[i].Text == name+"=false" || c.Args[i].Text == name && i+1 < len(c.Args) && c.Args[i+1].Text == "false" {
					return c.Args[i], true
				}
			}
			continue
		}
		if !c.Has(name) {
			continue
		}
		for i := range c.Args {
			t := c.Args[i].Text
			if t == name || strings.HasPrefix(t, name+"=") || len(name) == 2 && len(t) > 1 && t[0] == '-' && t[1] != '-' && strings.Contains(t, name[1:]) {
				return c.Args[i], true
			}
		}
	}
	for i := range c.Args {
		t := c.Args[i].Text
		switch {
		case c.Name == "git" && (strings.EqualFold(t, "http.sslVerify=false") || strings.EqualFold(t, "http.sslVerify") && i+1 < len(c.Args) && c.Args[i+1].Text == "false"),
			(c.Name == "npm" || c.Name == "yarn" || c.Name == "pnpm") && (t == "strict-ssl" && i+1 < len(c.Args) && c.Args[i+1].Text == "false" || t == "strict-ssl=false" || t == "--strict-ssl=false"):
			return c.Args[i], true
		}
	}
	return word, false
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "tls-verify-off", Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("What the build downloads is what it ships.", "ビルドがダウンロードしたものがそのまま出荷されるため。"),
		Title:      w("The check of TLS certificates is off ({0})", "TLS 証明書の検証が無効 ({0})"),
		Why:        w("Anybody between the build and the server can replace images and packages, and read the passwords that are sent.", "ビルドとサーバーの間にいる誰もが、イメージやパッケージを差し替え、送信されるパスワードを読めます。"),
		Fix:        w("Give the builder the certificate of the registry's authority, and leave the check on.", "レジストリの認証局の証明書をビルダーに渡し、検証は有効のままにしてください。"),
		References: ids("nist-800-190-4.2.1 cis-docker-2.5 cwe-295"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		d.commands(func(s *Script, c *shell.Command) {
			for _, a := range c.Assigns {
				if a.Value != nil && tlsOff(a.Name, a.Value.Text) {
					found(s.at(a.Span, s.source(a.Span), a.Name))
				}
			}
			if text := s.source(c.Span); !loopback.MatchString(text) {
				if word, ok := unverified(c); ok {
					found(s.at(c.Span, mask(text), word.Text))
				}
			}
		})
		for _, v := range d.Variables {
			if tlsOff(v.Name, v.Value.Str()) || strings.Contains(v.Value.Str(), "--insecure-registry") && !loopback.MatchString(v.Value.Str()) {
				found(pair(v.Key, v.Value, v.Job, v.Name))
			}
		}
		for i := range d.Containers {
			c := &d.Containers[i]
			for _, n := range append(append(lists(c.Node), strs(c.Node.Get("args"))...), strs(c.Node.Get("command"))...) {
				name, _, _ := strings.Cut(n.Str(), "=")
				switch {
				case name == "--insecure-registry", strings.Contains(c.Image, "kaniko") && has(tlsOptions["executor"], name) && !strings.HasSuffix(n.Str(), "=false"):
					if !loopback.MatchString(n.Str()) {
						found(hit(n, c.Job, n.Str(), name))
					}
				}
			}
		}
	},
})

var interpreters = map[string]bool{"sh": true, "bash": true, "zsh": true, "dash": true, "ash": true, "ksh": true, "python": true, "python2": true, "python3": true, "perl": true, "ruby": true, "node": true, "php": true}

// runsInput reports an interpreter that runs what it reads.
func runsInput(c *shell.Command) bool {
	for i := range c.Args {
		t := c.Args[i].Text
		switch {
		case t == "-" || t == "-s" || t == "--" || t == "/dev/stdin":
			return true
		case strings.HasPrefix(t, "-") && !strings.HasPrefix(t, "--"):
			if strings.ContainsAny(t, "cmnpr") && c.Name != "sh" && c.Name != "bash" || strings.Contains(t, "c") || t == "-e" && c.Name != "sh" && c.Name != "bash" {
				return false
			}
		case strings.HasPrefix(t, "--"):
		default:
			return false
		}
	}
	return true
}

var fetched = pattern.New("(?:\\$\\(|`|<\\()\\s*(?:curl|wget)\\s")

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "download-and-run", Severity: sekisho.SeverityMedium, Stages: build(),
		Because:    w("The server is most often the vendor's own; without TLS it is rated high.", "多くは提供元のサーバーです。TLS がない場合は高とします。"),
		Title:      w("A script is fetched and run unseen ({0})", "取得したスクリプトを確認せずに実行 ({0})"),
		Why:        w("Whoever controls the server, or its name, runs commands with the secrets of the build. That is how the Codecov uploader leaked the environments of its users.", "サーバーや名前を支配する者が、ビルドのシークレットを持ったまま任意のコマンドを実行できます。Codecov のアップローダーではこの方法で利用者の環境変数が流出しました。"),
		Fix:        w("Save the script of a fixed version, compare sha256sum -c, and run it then; or use the package.", "固定した版のスクリプトを保存し、sha256sum -c で確認してから実行してください。パッケージも使えます。"),
		References: ids("nist-800-190-4.1.5 cwe-494"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, s := range d.Scripts {
			if s.Shell == nil {
				continue
			}
			fetchers := map[int]*shell.Command{}
			told := map[int]bool{}
			for i := range s.Shell.Commands {
				c := &s.Shell.Commands[i]
				if c.Name == "curl" || c.Name == "wget" {
					fetchers[c.Pipe.ID] = c
				}
				at := c
				switch {
				case !interpreters[c.Name]:
					continue
				case c.Pipe.Index > 0 && fetchers[c.Pipe.ID] != nil && runsInput(c):
					at = fetchers[c.Pipe.ID]
				case contains(c.Args, fetched):
				default:
					continue
				}
				if told[c.Pipe.ID] {
					continue
				}
				told[c.Pipe.ID] = true
				sp := at.Span
				if at != c {
					sp.EndLine, sp.EndColumn = c.EndLine, c.EndColumn
				}
				text := s.source(sp)
				h := s.at(sp, mask(text), c.Name)
				if strings.Contains(text, "http://") {
					h.Severity = sekisho.SeverityHigh
				}
				found(h)
			}
		}
	},
})

func contains(words []shell.Word, form *pattern.Pattern) bool {
	for i := range words {
		if !words[i].Known && form.MatchString(words[i].Text) {
			return true
		}
	}
	return false
}

// known reports a reference with nothing to fill in.
func known(ref string) bool { return !strings.ContainsAny(ref, "$<{%") }

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "latest-tag", Aliases: ids("unpinned-images CKV_CIRCLECIPIPELINES_1"), Severity: sekisho.SeverityMedium, Stages: build(),
		Because:    w("The image runs with the secrets of the build.", "イメージはビルドのシークレットを持って動くため。"),
		Title:      w("The build runs in {0}, whose tag is latest or missing", "ビルドで使う {0} のタグが latest または無指定"),
		Why:        w("Whoever can push to that tag runs commands in the next build; and the build changes without a change here.", "そのタグに push できる者は、次のビルドで任意のコマンドを実行できます。また、ファイルを変えなくてもビルドが変わります。"),
		Fix:        w("Name a version, and better its digest: name:1.2.3@sha256:... .", "バージョンを指定します。できればダイジェストも付けてください (name:1.2.3@sha256:...)。"),
		References: ids("nist-800-190-4.1.5 cwe-1357"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, i := range d.Images {
			if name, tag, digest := imageref.Split(i.Ref); known(i.Ref) && digest == "" && (tag == "" || tag == "latest") && name != "" && !(d.System == gitlab && strings.HasPrefix(name, "macos")) {
				found(hit(i.Node, i.Job, i.Ref, i.Ref))
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "unpinned-image", Aliases: ids("CKV_CIRCLECIPIPELINES_2"), Severity: sekisho.SeverityLow, Stages: build(), Off: true,
		Because:    w("A digest without a robot that renews it grows old: the rule is for those who have one.", "自動更新なしでダイジェストを固定すると古くなるため、自動更新がある環境向けのルールです。"),
		Title:      w("{0} is not pinned by a digest", "{0} がダイジェストで固定されていない"),
		Why:        w("Tags can be moved, also by whoever steals the publisher's password; a digest cannot.", "タグは付け替えられます。公開者の認証情報を盗んだ者にも可能です。ダイジェストは変えられません。"),
		Fix:        w("Write name:tag@sha256:... and let Renovate or Dependabot keep it fresh.", "name:tag@sha256:... と書き、Renovate や Dependabot で更新してください。"),
		References: ids("nist-800-190-4.1.5 cwe-1357"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, i := range d.Images {
			if _, _, digest := imageref.Split(i.Ref); known(i.Ref) && digest == "" {
				found(hit(i.Node, i.Job, i.Ref, i.Ref))
			}
		}
	},
})

var (
	commit  = pattern.New(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	release = pattern.New(`^v?[0-9]+\.[0-9]+\.[0-9]+`)
)

// movable says why a use may be another tomorrow; empty when it cannot, or when
// its owner is the service itself.
func movable(u *Use) string {
	if !known(u.Ref) && u.Kind != "component" {
		return ""
	}
	switch u.Kind {
	case "action", "workflow":
		name, ref, ok := strings.Cut(u.Ref, "@")
		owner, _, _ := strings.Cut(name, "/")
		if strings.HasPrefix(u.Ref, "./") || strings.HasPrefix(u.Ref, "../") || owner == "actions" || owner == "github" || commit.MatchString(ref) {
			return ""
		}
		if !ok {
			return "-"
		}
		return ref
	case "orb":
		name, version, _ := strings.Cut(u.Ref, "@")
		if release.MatchString(version) || strings.HasPrefix(name, "circleci/") && version != "volatile" {
			return ""
		}
		return version
	case "component":
		_, version, _ := strings.Cut(u.Ref, "@")
		if commit.MatchString(version) || release.MatchString(version) || strings.ContainsAny(version, "$") {
			return ""
		}
		return version
	case "project":
		ref := u.With.Get("ref").Str()
		if commit.MatchString(ref) || release.MatchString(ref) || strings.Contains(ref, "$") {
			return ""
		}
		if ref == "" {
			return "HEAD"
		}
		return ref
	case "remote":
		if u.With.Get("integrity").Present() {
			return ""
		}
		return "URL"
	}
	return ""
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "unpinned-action", Aliases: ids("unpinned-uses Pinned-Dependencies CKV_CIRCLECIPIPELINES_3 CKV_CIRCLECIPIPELINES_4 CICD-SEC-3"), Severity: sekisho.SeverityMedium, Stages: build(),
		Because:    w("It runs with the token and the secrets of the job, and its author is somebody else. A project of your own GitLab is rated low.", "他者が書いたコードが、ジョブのトークンとシークレットを持って動くため。自組織の GitLab プロジェクトは低とします。"),
		Title:      w("{0} can change under its name", "{0} は同じ名前のまま中身が変わり得る"),
		Why:        w("Tags and branches move. Whoever takes over the repository points the tag at other code, and the next build runs it: that is what happened to tj-actions/changed-files in 2025.", "タグやブランチは動きます。リポジトリを乗っ取った者がタグを別のコードに向けると、次のビルドで実行されます。2025 年の tj-actions/changed-files がその例です。"),
		Fix:        w("Write the full commit (owner/action@<40 digits> # v1.2.3), a full version for an orb or component, integrity: for a remote file; Dependabot and Renovate keep it fresh.", "完全なコミットハッシュを書いてください (owner/action@<40 桁> # v1.2.3)。orb や component は完全なバージョン、remote ファイルは integrity: を指定します。Dependabot や Renovate で更新できます。"),
		References: ids("slsa-source cwe-829 cwe-1357"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for i := range d.Uses {
			u := &d.Uses[i]
			if movable(u) == "" {
				continue
			}
			h := hit(u.Node, u.Job, u.Ref, u.Ref)
			if u.Kind == "project" {
				h.Severity = sekisho.SeverityLow
			}
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "reverse-shell", Aliases: ids("CKV_GHA_4 CKV_CIRCLECIPIPELINES_5"), Severity: sekisho.SeverityCritical, Stages: build(),
		Because:    w("No build needs it.", "通常のビルドでは必要ありません。"),
		Title:      w("A shell is connected to the network ({0})", "シェルがネットワークに接続されている ({0})"),
		Why:        w("Somebody outside gets a shell on the machine that builds, with its secrets.", "外部の者が、シークレットを持つビルドマシン上のシェルを得ます。"),
		Fix:        w("Remove the step, find out who added it, and change the secrets of the repository.", "この手順を削除し、誰が追加したかを調べ、リポジトリのシークレットを変更してください。"),
		References: ids("cwe-506"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		d.commands(func(s *Script, c *shell.Command) {
			switch c.Name {
			case "nc", "ncat", "netcat":
				if v := c.Operands("-e", "-c"); len(v) > 0 {
					for i := range c.Args {
						if t := c.Args[i].Text; (t == "-e" || t == "-c" || t == "--exec" || t == "--sh-exec") && i+1 < len(c.Args) {
							found(s.at(c.Span, s.source(c.Span), c.Name))
							break
						}
					}
				}
			case "bash", "sh", "zsh", "exec":
				for _, r := range c.Redirects {
					if strings.HasPrefix(r.Target.Text, "/dev/tcp/") || strings.HasPrefix(r.Target.Text, "/dev/udp/") {
						sp := c.Span
						sp.EndLine, sp.EndColumn = r.EndLine, r.EndColumn
						found(s.at(sp, s.source(sp), c.Name))
						break
					}
				}
			}
		})
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "syntax", Severity: sekisho.SeverityMedium, Stages: build(),
		Because: w("The build does not run, and nothing of the file could be judged.", "ビルドが動かず、ファイルの内容も検査できないため。"),
		Title:   w("The file cannot be read: {0}", "ファイルを読み取れない: {0}"),
		Why:     w("What cannot be read is not judged: a mistake may hide behind it.", "読み取れない部分は検査されず、問題が隠れている可能性があります。"),
		Fix:     w("Correct the line.", "該当行を修正してください。"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		if d.Broken != nil {
			found(check.Hit{Line: d.Root.Line, Excerpt: d.Broken.Error(), Args: []string{d.Broken.Error()}, Key: "syntax"})
		} else if d.Root.Kind != document.Map && d.Root.Kind != document.Null {
			found(check.Hit{Line: max(d.Root.Line, 1), Excerpt: d.System, Args: []string{"no mapping at the top"}, Key: "syntax"})
		}
	},
})
