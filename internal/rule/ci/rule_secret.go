// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/sensitive"
)

// secretName finds names of secrets; plainName those that only speak of one.
var (
	secretName = pattern.New(`(?i)(?:^|_|-|\.)(?:password|passwd|passphrase|pwd|secrets?|token|credentials?|apikey|api_key|access_key|secret_key|private_key|auth_key|pat)(?:$|_|-|\.)|(?:password|passwd|secret|token|apikey|privatekey)$`)
	plainName  = pattern.New(`(?i)(?:^|_|-|\.)(?:public|pub|files?|paths?|dirs?|version|id|ids|names?|urls?|uris?|endpoint|hosts?|types?|excluded|excludes?|detection|ruleset|image|log|level|count|format|prefixes|suffix|expiry|ttl|timeout|length|enabled|disabled|required|min|max|method|mode|provider|scope|audience|policy|username|user|mount|store|manager|header|prefix|field|arn|region)(?:$|_|-|\.)`)
	// tests are the passwords of services that live as long as the job.
	tests = pattern.New(`^(?:POSTGRES|PG|MYSQL|MARIADB|MONGO|REDIS|RABBITMQ|MSSQL|SA|MINIO|CLICKHOUSE|KEYCLOAK|LDAP|DB|DATABASE|TEST)[A-Z0-9]*(?:_|PASSWORD|PASSWD)|_TEST(?:_|$)|^SA_PASSWORD$|^PGPASSWORD$`)
	// examples are values that are no secret.
	examples = pattern.New(`(?i)^(?:true|false|yes|no|none|null|test|tests|testing|example|dummy|fake|changeme|password|passw0rd|postgres|root|admin|secret|mysecret|inherit|write|read|xxx+|\*+|[0-9.]+|<.*>)$|example|dummy|placeholder|not-?a-?secret|ci-only|localhost`)
)

func secret(name string) bool { return secretName.MatchString(name) && !plainName.MatchString(name) }

// literal reports a value that is written here, not filled in.
func literal(v string) bool {
	return len(v) >= 6 && !strings.ContainsAny(v, "$ \n") && !strings.Contains(v, "<<") && !strings.Contains(v, "{{") && !examples.MatchString(v) &&
		!sensitive.Placeholder(v) && !sensitive.Pointer(v) && !strings.Contains(v, "://")
}

// maskForms find what an excerpt must not show.
var (
	maskOption = pattern.New(`((?:^|\s)(?:-p|-u|--user|--password|--passwd|--token|--secret|--api-key)(?:=|\s+))("[^"]*"|'[^']*'|\S+)`)
	maskAssign = pattern.New(`([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|[^\s&;|]+)`)
	maskHeader = pattern.New(`(?i)((?:authorization|[a-z-]*token|[a-z-]*key)\s*:\s*(?:bearer |basic |token )?)[^\s"']+`)
)

const masked = sensitive.Mask

// mask takes secrets out of a text that is shown.
func mask(text string) string {
	if len(text) > 2000 {
		text = text[:2000]
	}
	variable := func(v string) bool { return strings.HasPrefix(strings.Trim(v, `"'`), "$") }
	text = maskOption.ReplaceAllStringFunc(text, func(m string) string {
		p := maskOption.FindStringSubmatch(m)
		if o := strings.TrimSpace(p[1]); variable(p[2]) || (o == "-u" || o == "--user") && !strings.Contains(p[2], ":") || o == "-p" && strings.Trim(p[2], "0123456789:") == "" {
			return m
		}
		return p[1] + masked
	})
	text = maskAssign.ReplaceAllStringFunc(text, func(m string) string {
		p := maskAssign.FindStringSubmatch(m)
		if !secret(p[1]) || variable(p[2]) {
			return m
		}
		return p[1] + "=" + masked
	})
	text = sensitive.HidePasswords(text, func(string) bool { return true })
	text = maskHeader.ReplaceAllString(text, "${1}"+masked)
	return sensitive.All.Hide(text, nil)
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "secret-in-env", Aliases: ids("hardcoded-container-credentials"), Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("It is in the repository and in its history for ever.", "リポジトリとその履歴に残り続けます。"),
		Title:      w("{0} holds a secret in clear", "{0} にシークレットが平文で書かれている"),
		Why:        w("Whoever can read the repository has it, and so has every step of the build.", "リポジトリを読める者全員と、ビルドのすべての手順が入手できます。"),
		Fix:        w("Store it in the secrets of the CI service, name it here, and change it: it is known now.", "CI サービスのシークレットに保存して参照してください。すでに漏れているため、そのシークレットは変更してください。"),
		References: ids("nist-800-190-4.1.4 cwe-798"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		for _, v := range d.Variables {
			value := v.Value.Str()
			named := secret(v.Name) && literal(value) && !tests.MatchString(v.Name) && v.Value.Kind == document.String
			if !named && !sensitive.Services.In(value) {
				continue
			}
			h := hit(v.Value, v.Job, v.Name+": "+masked, v.Name)
			if v.Key != nil && v.Key.Line > 0 {
				h.Line, h.Column = v.Key.Line, v.Key.Column
			}
			h.Key = v.Name
			found(h)
		}
	},
})

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "secret-in-command", Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("A secret in clear is in the repository; one from a variable is seen by the other processes and in traces, and is rated low.", "平文のシークレットはリポジトリに残ります。変数から渡す場合は他のプロセスやトレースから見えるだけのため低とします。"),
		Title:      w("{0} gets a secret as an argument", "{0} にシークレットを引数で渡している"),
		Why:        w("Arguments are visible to every process of the machine, and appear in logs (set -x) and error messages.", "引数はマシン上の全プロセスから見え、ログ (set -x) やエラーメッセージにも現れます。"),
		Fix:        w("Hand it over by standard input: echo \"$TOKEN\" | docker login --password-stdin ..., or use the service's own login action.", "標準入力で渡してください: echo \"$TOKEN\" | docker login --password-stdin ...。サービスのログイン用アクションも使えます。"),
		References: ids("nist-800-190-4.1.4 cwe-214"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		d.commands(func(s *Script, c *shell.Command) {
			word, name, ok := secretArgument(c)
			if !ok {
				return
			}
			h := s.at(c.Span, mask(s.source(c.Span)), name)
			h.Key = name + " " + word.Text[:min(len(word.Text), 1)]
			if !literal(word.Text) {
				h.Severity = sekisho.SeverityLow
			}
			found(h)
		})
	},
})

// secretArgument finds the argument of a command that is a password.
func secretArgument(c *shell.Command) (v shell.Word, name string, ok bool) {
	switch c.Name {
	case "docker", "podman", "buildah", "nerdctl", "skopeo", "crane", "helm", "oras":
		login := false
		for _, o := range c.Operands("-p") {
			login = login || o.Text == "login"
		}
		if !login {
			return v, "", false
		}
		if v, ok = c.Value("--password", "-p"); ok && v.Text != "" {
			return v, c.Name + " login", true
		}
		// docker's -p takes a value; so does that of the others.
		for i := range c.Args {
			if c.Args[i].Text == "-p" && i+1 < len(c.Args) {
				return c.Args[i+1], c.Name + " login", true
			}
		}
		return v, "", false
	case "sshpass":
		v, ok = c.Value("-p")
		if !ok && len(c.Args) > 1 && c.Args[0].Text == "-p" {
			v, ok = c.Args[1], true
		}
		return v, "sshpass", ok && v.Text != ""
	case "curl":
		v, ok = c.Value("-u", "--user", "--proxy-user")
		if user, password, two := strings.Cut(v.Text, ":"); ok && two && user != "" && v.Known && literal(password) {
			v.Text = password
			return v, "curl", true
		}
	default:
		// Whether an option of an unknown program has a value, its name says.
		for i := range c.Args {
			option, value, joined := strings.Cut(c.Args[i].Text, "=")
			switch option {
			case "--password", "--token", "--api-key", "--passphrase":
			default:
				continue
			}
			v = c.Args[i]
			v.Text = value
			if !joined && i+1 < len(c.Args) {
				v = c.Args[i+1]
			}
			if v.Known && literal(v.Text) && !strings.HasPrefix(v.Text, "-") {
				return v, c.Name, true
			}
		}
	}
	for _, a := range c.Args {
		if sensitive.Services.In(a.Text) {
			return a, c.Name, true
		}
	}
	return v, "", false
}

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "secret-in-build-arg", Severity: sekisho.SeverityHigh, Stages: build(),
		Because:    w("Build arguments are written into the image.", "ビルド引数はイメージに書き込まれます。"),
		Title:      w("The secret {0} goes into the image as a build argument", "シークレット {0} がビルド引数としてイメージに入る"),
		Why:        w("Whoever can pull the image reads it with docker history, and it is in the provenance of the build.", "イメージを pull できる者は docker history で読めます。ビルドの来歴情報にも残ります。"),
		Fix:        w("Pass it as a secret: --secret id=token,env=TOKEN, and RUN --mount=type=secret,id=token in the Dockerfile (secrets: in docker/build-push-action).", "シークレットとして渡してください: --secret id=token,env=TOKEN と、Dockerfile の RUN --mount=type=secret,id=token (docker/build-push-action では secrets:)。"),
		References: ids("nist-800-190-4.1.4 cis-docker-4.10 cwe-538"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		d.commands(func(s *Script, c *shell.Command) {
			switch c.Name {
			case "docker", "podman", "buildah", "nerdctl", "executor", "docker-compose", "img":
			default:
				return
			}
			for _, v := range c.Values("--build-arg") {
				if name, _, _ := strings.Cut(v.Text, "="); secret(name) {
					found(s.at(v.Span, "--build-arg "+name+"="+masked, name))
				}
			}
		})
		for _, s := range d.Scripts {
			if rest, ok := strings.CutPrefix(s.Text, "--build-arg="); ok && d.System == tekton {
				if name, _, _ := strings.Cut(rest, "="); secret(name) {
					found(hit(s.Node, s.Job, "--build-arg="+name+"="+masked, name))
				}
			}
		}
		for _, u := range d.Uses {
			args := u.With.Get("build-args")
			for line := range strings.Lines(args.Str()) {
				name, _, ok := strings.Cut(strings.TrimSpace(line), "=")
				if ok && secret(name) {
					found(excerpted(u.With, "build-args", u.Job, "build-args: "+name+"="+masked, name))
				}
			}
		}
	},
})

func excerpted(m *document.Node, key, job, excerpt string, args ...string) check.Hit {
	h := hit(m.Get(key), job, excerpt, args...)
	if k := m.Key(key); k != nil && k.Line > 0 {
		h.Line, h.Column = k.Line, k.Column
	}
	return h
}

var allSecrets = pattern.New(`(?i)\$\{\{[^}]*toJSON\(\s*secrets\s*\)[^}]*\}\}`)

var _ = rules.Add(check.Rule[*Definition]{
	Rule: sekisho.Rule{
		ID: "all-secrets", Aliases: ids("overprovisioned-secrets secrets-inherit job_all_secrets"), Severity: sekisho.SeverityMedium, Stages: build(),
		Because:    w("One step that was taken over has every secret instead of one.", "手順を 1 つ奪われると、1 つではなくすべてのシークレットが漏れるため。"),
		Title:      w("All secrets are handed over ({0})", "すべてのシークレットを渡している ({0})"),
		Why:        w("The step, or the workflow of another repository, gets secrets that it does not need, those of the future too.", "手順や他リポジトリのワークフローに、不要なシークレットや今後追加されるものまで渡ります。"),
		Fix:        w("Name each secret that is needed.", "必要なシークレットだけを名前で渡してください。"),
		References: ids("cwe-272"),
	},
	Judge: func(d *Definition, found func(check.Hit)) {
		if d.System != githubWorkflow && d.System != githubAction {
			return
		}
		for name, job := range d.Root.Get("jobs").Members() {
			if job.Get("secrets").Str() == "inherit" && job.Get("uses").Str() != "" && !strings.HasPrefix(job.Get("uses").Str(), "./") {
				found(member(job, "secrets", "job/"+name, "inherit"))
			}
		}
		for _, v := range d.Variables {
			if allSecrets.MatchString(v.Value.Str()) {
				found(pair(v.Key, v.Value, v.Job, "toJSON(secrets)"))
			}
		}
		for _, s := range d.Scripts {
			for _, at := range allSecrets.FindAllStringIndex(s.Text, -1) {
				found(s.offset(at[0], at[1], s.Text[at[0]:at[1]], "toJSON(secrets)"))
			}
		}
		for _, u := range d.Uses {
			for key, v := range u.With.Members() {
				if allSecrets.MatchString(v.Str()) {
					found(member(u.With, key, u.Job, "toJSON(secrets)"))
				}
			}
		}
	},
})
