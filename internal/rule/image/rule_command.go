// SPDX-License-Identifier: Apache-2.0

package image

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/rule/shell"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// started is a command that the image starts, and the instruction that says so.
type started struct {
	verb  string
	words []string
}

// line is what the image starts as a whole: CMD is what ENTRYPOINT gets.
func (i *Image) line() started {
	if len(i.Config.Cmd) > 0 {
		return started{"CMD", slices.Concat(i.Config.Entrypoint, i.Config.Cmd)}
	}
	return started{"ENTRYPOINT", i.Config.Entrypoint}
}

// script is the text that a shell gets: "sh -ec text".
func (l started) script() (text string, ok bool) {
	if len(l.words) < 3 || !strings.HasSuffix(l.words[0], "sh") {
		return "", false
	}
	for n, w := range l.words[1 : len(l.words)-1] {
		if len(w) > 1 && w[0] == '-' && w[1] != '-' && strings.HasSuffix(w, "c") {
			return l.words[n+2], true
		}
	}
	return "", false
}

// commands are those that the image starts. The text that a shell gets is taken
// apart as a shell would, where that is possible.
func (i *Image) commands() (out []started) {
	line := i.line()
	if len(line.words) == 0 {
		return nil
	}
	text, ok := line.script()
	if !ok {
		return []started{line}
	}
	script, err := shell.Parse(text, shell.Bash)
	if err != nil {
		return []started{{line.verb, strings.Fields(text)}}
	}
	for k := range script.Commands {
		c := &script.Commands[k]
		var words []string
		for n := range c.Assigns {
			if v := c.Assigns[n].Value; v != nil {
				words = append(words, c.Assigns[n].Name+"="+v.Text)
			}
		}
		words = append(words, c.Program.Text)
		for n := range c.Args {
			words = append(words, c.Args[n].Text)
		}
		out = append(out, started{line.verb, words})
	}
	return out
}

// commandHas says whether the image starts a program of this name, through
// whatever others.
func (i *Image) commandHas(name string) bool {
	for _, c := range i.commands() {
		for _, w := range c.words {
			if baseName(w) == name {
				return true
			}
		}
	}
	return false
}

// commandHit is a line that the image starts as a place that breaks a rule.
func (i *Image) commandHit(c started, args ...string) check.Hit {
	return i.config(strings.ToLower(c.verb), c.verb+" "+maskText(strings.Join(c.words, " ")), c.verb, "", args...)
}

// debugServer says how a line starts a program with a debugger or a server that
// is for development alone.
func debugServer(words []string) string {
	if len(words) == 0 {
		return ""
	}
	names := make([]string, len(words))
	for n, w := range words {
		names[n] = baseName(w)
	}
	for n, w := range words {
		rest := words[n+1:]
		next := ""
		if len(rest) > 0 {
			next = rest[0]
		}
		switch {
		case w == "--inspect" || strings.HasPrefix(w, "--inspect=") || strings.HasPrefix(w, "--inspect-brk") || strings.HasPrefix(w, "--inspect-wait"):
			return "node " + word(w, "=")
		case strings.HasPrefix(w, "-agentlib:jdwp"), strings.HasPrefix(w, "-Xrunjdwp"):
			return "JDWP"
		case strings.HasPrefix(w, "-Dcom.sun.management.jmxremote.authenticate=false"):
			return "JMX (authenticate=false)"
		}
		switch names[n] {
		case "dlv":
			return "Delve"
		case "gdbserver", "lldb-server":
			return names[n]
		case "debugpy", "ptvsd", "pydevd":
			if n > 0 && words[n-1] == "-m" {
				return names[n]
			}
		case "flask":
			if slices.Contains(rest, "--debug") {
				return "flask --debug"
			}
			if slices.Contains(rest, "run") {
				return "flask run"
			}
		case "rails":
			if (next == "s" || next == "server") && !slices.Contains(rest, "production") && !slices.Contains(rest, "-e=production") && slices.ContainsFunc(rest, func(s string) bool { return s == "development" || s == "--environment=development" }) {
				return "rails server -e development"
			}
		case "manage.py":
			if next == "runserver" || next == "runserver_plus" {
				return "manage.py " + next
			}
		case "nodemon", "ts-node-dev", "webpack-dev-server", "vite", "live-server", "browser-sync":
			if names[n] == "vite" && (next == "build" || next == "preview") {
				continue
			}
			return names[n]
		case "next", "nuxt", "astro", "gatsby", "remix":
			if next == "dev" || next == "develop" {
				return names[n] + " " + next
			}
		case "npm", "yarn", "pnpm", "bun":
			if next == "dev" || len(rest) > 1 && next == "run" && (rest[1] == "dev" || rest[1] == "serve:dev" || rest[1] == "watch") {
				return names[n] + " run dev"
			}
		case "ng":
			if next == "serve" {
				return "ng serve"
			}
		case "php":
			if slices.Contains(rest, "-S") {
				return "php -S"
			}
		case "artisan":
			if next == "serve" {
				return "artisan serve"
			}
		case "uvicorn", "gunicorn", "hypercorn":
			if slices.Contains(rest, "--reload") {
				return names[n] + " --reload"
			}
		case "dotnet":
			if next == "watch" {
				return "dotnet watch"
			}
		case "air", "reflex", "CompileDaemon":
			if n == 0 {
				return names[n]
			}
		}
	}
	return ""
}

// debugger says whether it is one, rather than a server for development.
func debugger(what string) bool {
	switch what {
	case "JDWP", "JMX (authenticate=false)", "Delve", "gdbserver", "lldb-server", "debugpy", "ptvsd", "pydevd", "flask --debug":
		return true
	}
	return strings.HasPrefix(what, "node --inspect")
}

func word(s, sep string) string {
	s, _, _ = strings.Cut(s, sep)
	return s
}

// debugVariables are variables that switch on debugging, with the values that do.
var debugVariables = map[string][]string{
	"FLASK_DEBUG": {"1", "true"}, "FLASK_ENV": {"development"}, "DJANGO_DEBUG": {"1", "true"}, "RAILS_ENV": {"development"}, "RACK_ENV": {"development"},
	"APP_DEBUG": {"1", "true"}, "ASPNETCORE_ENVIRONMENT": {"development"}, "DOTNET_ENVIRONMENT": {"development"}, "NODE_ENV": {"development"}, "WERKZEUG_DEBUG_PIN": {"off"},
	"GIN_MODE": {"debug"}, "SYMFONY_ENV": {"dev"}, "APP_ENV": {"dev", "local", "development"},
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "debug-server", Severity: sekisho.SeverityHigh, Stages: stages,
		Because:    words("Most of these run code that anybody sends them, or show the inside of the program. Rated medium for servers that are merely for development, and where a variable alone sets the mode.", "多くは送られたコードを実行するか、プログラムの内部を公開します。開発用サーバーや、環境変数によるモード指定だけの場合は中とします。"),
		Title:      words("The image starts a server for debugging or development: {0}", "デバッグ用または開発用サーバーを起動: {0}"),
		Why:        words("A debugger that listens is a shell without a password; servers for development are built for one trusted user and are not patched for more.", "待ち受けるデバッガーはパスワードのないシェルと同じです。開発用サーバーは信頼できる 1 人の利用を前提としています。"),
		Fix:        words("Start the program itself, through a server for production, with the mode for production.", "本番用サーバーと本番モードで、プログラム本体を起動します。"),
		References: ids("cwe-489 cwe-94 nist-800-190-4.1.2"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		seen := map[string]bool{}
		for _, c := range i.commands() {
			if what := debugServer(c.words); what != "" && !seen[what] {
				seen[what] = true
				h := i.commandHit(c, what)
				if !debugger(what) {
					h.Severity = sekisho.SeverityMedium
				}
				found(h)
			}
		}
		for _, e := range i.Config.Env {
			name, value, _ := strings.Cut(e, "=")
			if slices.Contains(debugVariables[name], strings.ToLower(value)) {
				h := i.config("env", e, "ENV", name, e)
				h.Severity = sekisho.SeverityMedium
				found(h)
				continue
			}
			if name == "JAVA_TOOL_OPTIONS" || name == "JAVA_OPTS" || name == "NODE_OPTIONS" || name == "JDK_JAVA_OPTIONS" {
				if what := debugServer(strings.Fields(value)); what != "" {
					found(i.config("env", name+"="+maskText(value), "ENV", name, what))
				}
			}
		}
	},
})

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "insecure-option", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("The option says of itself that it takes a protection away.", "保護を外すことを名前自体が示すオプションです。"),
		Title:      words("The image starts its program with {0}", "プログラムを {0} 付きで起動"),
		Why:        words("Checks of certificates, passwords or sandboxes are off in every container of the image.", "証明書やパスワードの確認、サンドボックスが、このイメージの全コンテナで無効になります。"),
		Fix:        words("Take the option away, and configure what it went round.", "オプションを外し、回避していた設定を正しく行います。"),
		References: ids("nist-800-190-4.4.3 cwe-1188"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		seen := map[string]bool{}
		for _, c := range i.commands() {
			for n, w := range c.words {
				option := word(w, "=")
				if seen[option] || !insecureOption(w) && !(option == "-k" && n > 0 && slices.ContainsFunc(c.words[:n], func(s string) bool { return baseName(s) == "curl" })) {
					continue
				}
				seen[option] = true
				found(i.commandHit(c, option))
			}
		}
	},
})

// insecureOption says whether an option takes a protection away.
func insecureOption(w string) bool {
	name, value, _ := strings.Cut(strings.ToLower(w), "=")
	if value == "false" || value == "0" || value == "no" || !strings.HasPrefix(name, "-") {
		return false
	}
	name = strings.TrimLeft(name, "-")
	switch name {
	case "no-check-certificate", "no-sandbox", "disable-auth", "no-auth", "noauth", "skip-grant-tables", "allow-root", "disable-web-security", "tls-skip-verify", "skip-tls-verify", "accept-invalid-certs", "allow-privileged", "trust-all-certificates":
		return true
	}
	for part := range strings.SplitSeq(name, "-") {
		if part == "insecure" {
			return true
		}
	}
	return false
}

var _ = rules.Add(check.Rule[*Image]{
	Rule: sekisho.Rule{
		ID: "runtime-install", Severity: sekisho.SeverityMedium, Stages: stages,
		Because:    words("What was scanned is not what runs.", "検査したものと動くものが異なります。"),
		Title:      words("The container installs software when it starts: {0}", "起動時にソフトウェアを導入: {0}"),
		Why:        words("Each start takes what the registry holds at that moment, as root and past every gate; without the network the container does not start.", "起動のたびに、その時点の配布元の内容を検査なしで導入します。ネットワークがなければ起動もできません。"),
		Fix:        words("Install in the build, and start the program alone.", "ビルド時に導入し、起動時はプログラムだけを動かします。"),
		References: ids("nist-800-190-4.1.1 nist-800-190-4.4.4"),
	},
	Judge: func(i *Image, found func(check.Hit)) {
		line := i.line()
		text, ok := line.script()
		if !ok {
			text = strings.Join(line.words, " ")
		}
		script, err := shell.Parse(text, shell.Bash)
		if err != nil {
			return // the line is judged word by word by the other rules
		}
		for _, u := range script.Uses() {
			if u.Action == shell.Install || u.Action == shell.Sync || u.Action == shell.Upgrade {
				found(i.commandHit(line, strings.TrimSpace(u.Manager+" "+u.Sub)))
				return
			}
		}
	},
})
