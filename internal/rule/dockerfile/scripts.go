// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"errors"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/rule/shell"
)

// Script is shell text of a file: the body of RUN, CMD, ENTRYPOINT or HEALTHCHECK.
type Script struct {
	*shell.Script
	At *Statement
	// Exec is true when the words were a JSON list and no shell runs.
	Exec bool
	// Pipefail is true when the shell is called with the option.
	Pipefail bool
	// Sh is what runs the text: "/bin/sh".
	Sh string

	off  int // of the text in the logical line; -1 for a heredoc
	line int // of the file where a heredoc's text begins

	// What follows is worked out once, for scripts of thousands of commands.
	lines   []int // where the lines of the text begin
	uses    []*shell.Use
	places  map[*shell.Command]int
	pipes   map[int][]int
	cleaned map[string]int
}

// index works out what is looked up by place.
func (s *Script) index() {
	s.lines = append(s.lines, 0)
	for i := range len(s.Text) {
		if s.Text[i] == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	s.uses = s.Script.Uses()
	s.places, s.pipes, s.cleaned = make(map[*shell.Command]int, len(s.Commands)), make(map[int][]int, len(s.Commands)), map[string]int{}
	for i := range s.Commands {
		c := &s.Commands[i]
		s.places[c] = i
		s.pipes[c.Pipe.ID] = append(s.pipes[c.Pipe.ID], i)
	}
}

// Uses are the uses of package managers.
func (s *Script) Uses() []*shell.Use { return s.uses }

// LastCleaning is the index of the last command that removes what the family's
// managers leave; -1 for none.
func (s *Script) LastCleaning(family string) int {
	at, ok := s.cleaned[family]
	if !ok {
		at = -1
		for i := range s.Commands {
			if s.Commands[i].Cleans(family) {
				at = i
			}
		}
		s.cleaned[family] = at
	}
	return at
}

// Pipe are the commands of the pipe that a command is in.
func (s *Script) Pipe(c *shell.Command) []int { return s.pipes[c.Pipe.ID] }

// Place gives the place in the file of one in the script's text.
func (s *Script) Place(line, column int) (int, int) {
	if s.off >= 0 && line == 1 {
		return s.At.Place(s.off + column - 1)
	}
	if s.off >= 0 {
		return s.At.bodyLine + line - 2, column
	}
	return s.line + line - 1, column
}

// Hit is a part of the script as a place that breaks a rule.
func (s *Script) Hit(at shell.Span, args ...string) check.Hit {
	h := check.Hit{Args: args, Excerpt: maskText(s.cut(at))}
	if s.Exec {
		h = hit(s.At, args...)
		return h
	}
	h.Line, h.Column = s.Place(at.Line, at.Column)
	h.EndLine, h.EndColumn = s.Place(at.EndLine, at.EndColumn)
	return h
}

// cut is the text of a span.
func (s *Script) cut(at shell.Span) string {
	from, to := s.offset(at.Line, at.Column), s.offset(at.EndLine, at.EndColumn)
	if from >= to {
		return ""
	}
	return s.Text[from:to]
}

func (s *Script) offset(line, column int) int {
	if line < 1 || line > len(s.lines) {
		return len(s.Text)
	}
	return min(len(s.Text), s.lines[line-1]+max(0, column-1))
}

// broken is a script that no shell would run.
type broken struct {
	at           *Statement
	line, column int
	text         string
}

// read makes scripts of the statements.
func (f *File) read() {
	if f.scriptsRead {
		return
	}
	f.scriptsRead = true
	for _, s := range f.Statements {
		t := s
		if s.Trigger != nil {
			t = s.Trigger
		}
		var line instructions.ShellDependantCmdLine
		switch c := t.Command.(type) {
		case *instructions.RunCommand:
			line = c.ShellDependantCmdLine
		case *instructions.CmdCommand:
			line = c.ShellDependantCmdLine
		case *instructions.EntrypointCommand:
			line = c.ShellDependantCmdLine
		case *instructions.HealthCheckCommand:
			if test := c.Health.Test; len(test) > 1 {
				line = instructions.ShellDependantCmdLine{CmdLine: test[1:], PrependShell: test[0] == "CMD-SHELL"}
			}
		}
		if len(line.CmdLine) > 0 {
			f.script(t, line)
		}
	}
}

// shellOf is the shell that runs a statement's text: SHELL, else /bin/sh.
func (f *File) shellOf(s *Statement) []string {
	if _, c := Before[*instructions.ShellCommand](s); c != nil {
		return c.Shell
	}
	if s.Stage != nil && windows(s.Stage.Root().Base) {
		return []string{"cmd", "/S", "/C"}
	}
	return []string{"/bin/sh", "-c"}
}

// windows says whether a base image is known to be one of Windows.
func windows(base string) bool {
	return strings.HasPrefix(base, "mcr.microsoft.com/windows") || strings.Contains(base, "nanoserver") || strings.Contains(base, "windowsservercore") || strings.Contains(base, "servercore")
}

func (f *File) script(s *Statement, line instructions.ShellDependantCmdLine) {
	sc := &Script{At: s, off: -1}
	if !line.PrependShell {
		sc.Exec = true
		f.exec(sc, line.CmdLine)
		return
	}
	sh := f.shellOf(s)
	sc.Sh = sh[0]
	sc.Pipefail = pipefail(sh)
	text := line.CmdLine[0]
	sc.off = strings.LastIndex(s.Logical, text)
	if len(s.heredocs) > 0 {
		body := strings.TrimSpace(text)
		if doc := s.heredocs[0]; len(s.heredocs) == 1 && strings.HasPrefix(body, "<<") && strings.Trim(body, `<-"' `) == doc.Name {
			sc.off, sc.line, text = -1, s.bodyLine, doc.Content
			if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "#!") {
				sh = shebang(first)
				sc.Sh, sc.Pipefail = sh[0], pipefail(sh)
			}
		} else {
			var b strings.Builder
			b.WriteString(text)
			for _, doc := range s.heredocs {
				b.WriteByte('\n')
				b.WriteString(doc.Content)
				b.WriteString(doc.Name)
			}
			text = b.String()
		}
	}
	dialect, ok := shell.DialectOf(sc.Sh)
	if !ok {
		return
	}
	if dialect == shell.POSIX {
		dialect = f.shDialect(s)
	}
	script, err := shell.Parse(text, dialect)
	var syntax *shell.SyntaxError
	switch {
	case errors.As(err, &syntax):
		l, c := sc.Place(max(1, syntax.Line), max(1, syntax.Column))
		f.broken = append(f.broken, broken{s, l, c, syntax.Text})
		return
	case err != nil:
		f.broken = append(f.broken, broken{s, s.First, 1, err.Error()})
		return
	}
	sc.Script = script
	sc.index()
	f.scripts = append(f.scripts, sc)
}

// shDialect is the shell that is /bin/sh in the base, where its name tells.
func (f *File) shDialect(s *Statement) shell.Dialect {
	if s.Stage == nil {
		return shell.POSIX
	}
	i := imageref.Parse(s.Stage.Root().Base, "")
	switch name := official(i); {
	case name == "alpine" || name == "busybox" || strings.Contains(i.Tag, "alpine"):
		return shell.Ash
	case name == "debian" || name == "ubuntu":
		return shell.Dash
	case name == "fedora" || name == "centos" || name == "rockylinux" || name == "almalinux" || name == "amazonlinux" || name == "oraclelinux" || name == "archlinux" || strings.HasPrefix(i.Repository, "ubi"):
		return shell.Bash
	}
	return shell.POSIX
}

// exec reads a JSON list as one command; a shell in it with -c is read as such
// by the shell room.
func (f *File) exec(sc *Script, words []string) {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("'" + strings.ReplaceAll(w, "'", `'\''`) + "'")
	}
	sc.Sh, sc.Pipefail = words[0], true
	script, err := shell.Parse(b.String(), shell.POSIX)
	if err != nil {
		return // a list of words is nothing that can be wrong
	}
	sc.Script = script
	sc.index()
	f.scripts = append(f.scripts, sc)
}

// pipefail says whether the words of SHELL set the option.
func pipefail(sh []string) bool {
	for i, w := range sh[1:] {
		if w == "pipefail" && i > 0 || strings.HasPrefix(w, "-") && strings.HasSuffix(w, "o pipefail") {
			return true
		}
	}
	return false
}

// shebang takes "#!/usr/bin/env bash -e" apart.
func shebang(line string) []string {
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if len(words) > 1 && strings.HasSuffix(words[0], "/env") {
		words = words[1:]
	}
	if len(words) > 1 && words[0] == "-S" {
		words = words[1:]
	}
	if len(words) == 0 {
		return []string{"/bin/sh"}
	}
	return words
}

// Runs are the scripts of RUN, in the order of the file.
func (f *File) Runs(visit func(*Script)) {
	f.read()
	for _, s := range f.scripts {
		if s.At.Keyword == "run" {
			visit(s)
		}
	}
}

// Starts are the scripts of CMD and ENTRYPOINT.
func (f *File) Starts(visit func(*Script)) {
	f.read()
	for _, s := range f.scripts {
		if s.At.Keyword == "cmd" || s.At.Keyword == "entrypoint" {
			visit(s)
		}
	}
}

// commands calls judge for each command of each RUN.
func (f *File) commands(judge func(*Script, *shell.Command)) {
	f.Runs(func(s *Script) {
		for i := range s.Commands {
			judge(s, &s.Commands[i])
		}
	})
}

// modes finds the modes that COPY, ADD, chmod, install and mkdir give.
func (f *File) modes(bad func(string) bool, found func(check.Hit)) {
	f.transfers(func(t transfer) {
		if w := f.Expand(t.at, t.chmod); t.chmod != "" && w.Known && bad(w.Text) {
			found(hitWord(t.at, "--chmod="+t.chmod, w.Text))
		}
	})
	f.commands(func(s *Script, c *shell.Command) {
		switch c.Name {
		case "chmod":
			if ops := c.Operands(); len(ops) > 1 && ops[0].Known && bad(ops[0].Text) && !temporary(ops[1:]) {
				found(s.Hit(c.Span, ops[0].Text))
			} else if len(c.Args) > 1 && strings.HasPrefix(c.Args[0].Text, "+") && bad(c.Args[0].Text) && len(ops) > 0 {
				found(s.Hit(c.Span, c.Args[0].Text))
			}
		case "install", "mkdir":
			if w, ok := c.Value("-m", "--mode"); ok && w.Known && bad(w.Text) && !temporary(c.Operands()) {
				found(s.Hit(c.Span, w.Text))
			}
		}
	})
}

// temporary says whether all of the files are directories for everybody.
func temporary(words []shell.Word) bool {
	for _, w := range words {
		if t := strings.TrimSuffix(w.Text, "/"); t != "/tmp" && t != "/var/tmp" && !strings.HasPrefix(t, "/tmp/") {
			return false
		}
	}
	return len(words) > 0
}
