// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/rule/shell"
)

// word is where a word of a script stands in the file, when it is written there
// as it is read: without quotes, on one line.
func (x *fixer) word(s *Script, w *shell.Word) (from, to int, ok bool) {
	if s.Exec || !w.Known || w.Text == "" {
		return 0, 0, false
	}
	return x.exact(w.Text)(s.Place(w.Line, w.Column))
}

// behind puts text behind a word.
func (x *fixer) behind(s *Script, w *shell.Word, text string, unsafe bool) {
	if _, to, ok := x.word(s, w); ok {
		x.edit(Edit{From: to, To: to, Text: text, Line: s.At.First, Unsafe: unsafe})
	}
}

// sub is the word of a use's sub command.
func sub(u *shell.Use) *shell.Word {
	for i := range u.Command.Args {
		if w := &u.Command.Args[i]; w.Text == u.Sub {
			return w
		}
	}
	return &shell.Word{}
}

func (x *fixer) yes() {
	x.packages(func(s *Script, u *shell.Use) {
		switch {
		case !asks(u):
		case u.Family == "zypper":
			x.behind(s, &u.Command.Program, " --non-interactive", false)
		default:
			x.behind(s, sub(u), " -y", false)
		}
	})
}

// needs are packages that builds use and that do not do what they are installed
// for without some of what they, or the library behind them, recommend: by the
// indexes of Debian 12.
var needs = map[string][]string{
	"curl": {"ca-certificates"}, "wget": {"ca-certificates"}, "git": {"ca-certificates"}, "nodejs": {"ca-certificates"}, "docker.io": {"ca-certificates"},
	"gcc": {"libc6-dev"}, "golang": {"gcc", "libc6-dev"}, "golang-go": {"gcc", "libc6-dev"}, "cmake": {"make"}, "rustc": {"cargo"},
	"python3-pip": {"build-essential", "python3-dev"}, "npm": {"git"}, "composer": {"git", "unzip"}, "chromium": {"chromium-sandbox"}, "imagemagick": {"ghostscript"},
}

// leansOnRecommended says whether one of the packages is known to need what it
// recommends, or is not known by name.
func leansOnRecommended(u *shell.Use) bool {
	have := map[string]bool{}
	for i := range u.Packages {
		have[u.Packages[i].Name] = true
	}
	have["libc6-dev"] = have["libc6-dev"] || have["build-essential"] || have["g++"]
	have["gcc"] = have["gcc"] || have["build-essential"]
	have["make"] = have["make"] || have["build-essential"] || have["ninja-build"]
	for i := range u.Packages {
		p := &u.Packages[i]
		if !p.Word.Known && p.Name == "" || strings.HasPrefix(p.Name, "task-") || strings.HasSuffix(p.Name, "-desktop") || strings.HasPrefix(p.Name, "texlive-") || strings.HasPrefix(p.Name, "libreoffice") {
			return true
		}
		for _, name := range needs[p.Name] {
			if !have[name] {
				return true
			}
		}
	}
	return false
}

func (x *fixer) noRecommends() {
	x.recommended(func(s *Script, u *shell.Use) {
		x.behind(s, sub(u), " --no-install-recommends", leansOnRecommended(u))
	})
}

// aptNames are the sub commands of apt that are those of apt-get, and apt-cache.
var aptNames = map[string]string{
	"install": "apt-get", "update": "apt-get", "remove": "apt-get", "purge": "apt-get", "autoremove": "apt-get", "clean": "apt-get", "autoclean": "apt-get",
	"upgrade": "apt-get", "build-dep": "apt-get", "source": "apt-get", "search": "apt-cache", "show": "apt-cache", "policy": "apt-cache",
}

func (x *fixer) aptCommand() {
	x.Runs(func(s *Script) {
		for i := range s.Commands {
			c := &s.Commands[i]
			u, ok := c.Use()
			if c.Name != "apt" || !ok || aptNames[u.Sub] == "" {
				continue
			}
			from, to, ok := x.word(s, &c.Program)
			if !ok || c.Program.Text != "apt" {
				continue
			}
			x.edit(Edit{From: from, To: to, Text: aptNames[u.Sub], Line: s.At.First})
			if u.Sub == "upgrade" {
				// apt installs what new versions need beside them, apt-get does not.
				x.behind(s, sub(u), " --with-new-pkgs", false)
			}
		}
	})
}

func (x *fixer) sudo() {
	x.Runs(func(s *Script) {
		if !x.rootAt(s.At) {
			return
		}
		for i := range s.Commands {
			c := &s.Commands[i]
			if c.Name != "sudo" || len(c.Args) == 0 {
				continue
			}
			next := &c.Args[0]
			a, _, ok := x.word(s, &c.Program)
			b, _, is := x.word(s, next)
			if !ok || !is || b <= a || strings.HasPrefix(next.Text, "-") || strings.Contains(next.Text, "=") || bytes.ContainsAny(x.Text[a:b], "\n#") {
				continue
			}
			x.edit(Edit{From: a, To: b, Line: s.At.First})
		}
	})
}

// rootAt says whether the user at a statement is known to be root.
func (f *File) rootAt(s *Statement) bool {
	if s.Stage == nil {
		return false
	}
	if at, c := Before[*instructions.UserCommand](s); at != nil {
		w := f.Expand(at, c.User)
		return w.Known && rootUser(w.Text)
	}
	root := s.Stage.Root()
	return root.Known && f.baseUser(root.Base) == "root"
}

func (x *fixer) noLogInit() {
	x.commands(func(s *Script, c *shell.Command) {
		if largeUID(c) != "" {
			x.behind(s, &c.Program, " --no-log-init", false)
		}
	})
}

func (x *fixer) quietWget() {
	x.commands(func(s *Script, c *shell.Command) {
		if loudWget(s, c) {
			x.behind(s, &c.Program, " -q", false)
		}
	})
}

// builtins start nothing outside of a shell.
var builtins = map[string]bool{
	"cd": true, ".": true, "source": true, "ulimit": true, "umask": true, "export": true, "set": true, "eval": true, "exit": true, "return": true, "trap": true, "unset": true,
	"alias": true, "wait": true, "read": true, "type": true, "command": true, "builtin": true, "exec": true, ":": true, "shift": true, "local": true, "time": true, "times": true, "hash": true, "let": true,
}

func (x *fixer) execForm() {
	x.Starts(func(s *Script) {
		var line instructions.ShellDependantCmdLine
		other := "entrypoint"
		switch c := s.At.Command.(type) {
		case *instructions.CmdCommand:
			line = c.ShellDependantCmdLine
		case *instructions.EntrypointCommand:
			line, other = c.ShellDependantCmdLine, "cmd"
		}
		if s.Exec || s.At.raw == "" || s.Sh != "/bin/sh" || s.off < 0 || !shellForm(s.At, line) {
			return
		}
		c := plain(s)
		if c == nil {
			return
		}
		// CMD is given to ENTRYPOINT, and a shell form does not pass it on: where
		// there are both, the program gets other arguments. A script that does not
		// say which shell it is for starts in a shell alone.
		unsafe := strings.HasSuffix(c.Program.Text, ".sh") || x.related(s.At, other)
		words := append([]shell.Word{c.Program}, c.Args...)
		edits := make([]Edit, 0, len(words))
		for i := range words {
			w := &words[i]
			written := s.cut(w.Span)
			from, to, ok := x.exact(written)(s.Place(w.Line, w.Column))
			text, is := quoted(w.Text)
			if !ok || !is {
				return
			}
			if i == 0 {
				text = "[" + text
			}
			if i == len(words)-1 {
				text += "]"
			} else {
				text += ","
			}
			edits = append(edits, Edit{From: from, To: to, Text: text, Line: s.At.First, Unsafe: unsafe})
		}
		for _, e := range edits {
			x.edit(e)
		}
	})
}

// plain is the command of a script that is nothing but words.
func plain(s *Script) *shell.Command {
	var c *shell.Command
	for i := range s.Commands {
		switch one := &s.Commands[i]; {
		case one.Subst || one.Redirects != nil:
			return nil
		case len(one.Via) > 0:
		case c != nil:
			return nil
		default:
			c = one
		}
	}
	if c == nil || c.Name == "" || builtins[c.Name] || c.Assigns != nil || c.Background || c.Negated || c.Pipe.Length != 1 || s.cut(c.Span) != strings.TrimSpace(s.Text) {
		return nil
	}
	for _, w := range append([]shell.Word{c.Program}, c.Args...) {
		if !w.Known || w.Glob || !w.Quoted && (strings.HasPrefix(w.Text, "~") || strings.Contains(w.Text, "{")) {
			return nil
		}
	}
	return c
}

// quoted is a text as a JSON string.
func quoted(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return strings.TrimSpace(b.String()), err == nil
}

// related says whether an instruction of the keyword is in a stage that the
// statement's builds on, or that builds on it.
func (f *File) related(s *Statement, keyword string) bool {
	return slices.ContainsFunc(f.Statements, func(o *Statement) bool {
		return o.Keyword == keyword && o.Stage != nil && (descends(o.Stage, s.Stage) || descends(s.Stage, o.Stage))
	})
}

// descends says whether a stage is another, or builds on it.
func descends(s, from *Stage) bool {
	for n := 0; s != nil && n < maxChain; s, n = s.Parent, n+1 {
		if s == from {
			return true
		}
	}
	return false
}

// bashBases are official images that have /bin/bash, when their tag names no
// smaller distribution.
var bashBases = map[string]bool{
	"debian": true, "ubuntu": true, "fedora": true, "centos": true, "rockylinux": true, "almalinux": true, "amazonlinux": true, "oraclelinux": true, "archlinux": true, "buildpack-deps": true,
	"node": true, "python": true, "golang": true, "ruby": true, "rust": true, "php": true, "openjdk": true, "eclipse-temurin": true, "gcc": true, "perl": true, "nginx": true, "httpd": true, "tomcat": true, "maven": true, "gradle": true,
}

// pipefail puts a SHELL above the first RUN of a stage that needs it. What ran
// before may stop now.
func (x *fixer) pipefail() {
	done := map[*Stage]bool{}
	x.Runs(func(s *Script) {
		if lost(s) == nil || s.At.Stage == nil || s.At.raw == "" || done[s.At.Stage] || s.Sh != "/bin/sh" {
			return
		}
		done[s.At.Stage] = true
		i := imageref.Parse(s.At.Stage.Root().Base, "")
		sh := ""
		switch {
		case !s.At.Stage.Root().Known:
		case official(i) == "alpine" || strings.Contains(i.Tag, "alpine"):
			sh = `SHELL ["/bin/ash", "-eo", "pipefail", "-c"]`
		case bashBases[official(i)]:
			sh = `SHELL ["/bin/bash", "-o", "pipefail", "-c"]`
		}
		if sh != "" {
			x.above(s.At, []string{sh}, s.At.First)
		}
	})
}

// above puts instructions on lines of their own above a statement and its
// comments, which may silence a rule for it; it is unsafe by its nature.
func (x *fixer) above(s *Statement, instructions []string, line int) {
	first := s.First
	for first > 1 && strings.HasPrefix(strings.TrimLeft(x.line(first-1), " \t"), "#") {
		first--
	}
	at := x.at(first, 1)
	if at < 0 {
		return
	}
	text := strings.Join(instructions, x.eol) + x.eol
	x.edit(Edit{From: at, To: at, Text: text, Line: line, Unsafe: true, adds: len(instructions)})
}
