// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"bytes"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/rule/shell"
)

// Script is a text that a shell runs.
type Script struct {
	Node *document.Node
	Job  string
	// Text as it is written.
	Text string
	// Shell is nil when the text is not of a shell that is known, or is broken.
	Shell *shell.Script

	d      *Definition
	prefix int
}

// The expressions that the systems fill in before the shell sees the text.
var (
	githubExpression   = pattern.New(`(?s)\$\{\{.*?\}\}`)
	gitlabExpression   = pattern.New(`\$\[\[[^\]]*\]\]`)
	circleciExpression = pattern.New(`<<\s*[a-zA-Z][\w.\-/ ]*>>`)
	tektonExpression   = pattern.New(`\$\((?:params|workspaces|results|context|tasks|steps|step|inputs|outputs)[.\[][^)]*\)`)
)

// script adds a text; bash says whether bash or a nameless sh runs it.
func (d *Definition) script(n *document.Node, job string, dialect shell.Dialect, known bool) {
	if n == nil || n.Kind != document.String && n.Kind != document.Number && n.Kind != document.Bool || n.Text == "" {
		return
	}
	s := &Script{Node: n, Job: job, Text: n.Text, d: d}
	d.Scripts = append(d.Scripts, s)
	if known {
		s.parse(n.Text, dialect)
	}
}

func (s *Script) parse(text string, dialect shell.Dialect) {
	forms := []*pattern.Pattern{}
	switch s.d.System {
	case githubWorkflow, githubAction:
		forms = append(forms, githubExpression)
	case gitlab:
		forms = append(forms, gitlabExpression)
	case circleci:
		forms = append(forms, circleciExpression)
	case tekton:
		forms = append(forms, tektonExpression)
	}
	for _, form := range forms {
		text = form.ReplaceAllStringFunc(text, placeholder)
	}
	if sh, err := shell.Parse(text, dialect); err == nil {
		s.Shell = sh
	}
}

// placeholder is a variable of the same length: what follows does not move,
// unless the expression goes over several lines.
func placeholder(expression string) string {
	return "${" + strings.Repeat("_", len(expression)-3) + "}"
}

// options reads the options of a container as those of docker run.
func (d *Definition) options(n *document.Node, job string) *Script {
	if n.Str() == "" {
		return nil
	}
	const prefix = "docker run "
	s := &Script{Node: n, Job: job, Text: n.Text, d: d, prefix: len(prefix)}
	s.parse(prefix+n.Text, shell.POSIX)
	if s.Shell == nil {
		return nil
	}
	return s
}

// source is what was written for a span.
func (s *Script) source(sp shell.Span) string {
	if s.Shell == nil {
		return ""
	}
	line, start := 1, 0
	text := s.Shell.Text
	for line < sp.Line {
		i := strings.IndexByte(text[start:], '\n')
		if i < 0 {
			return ""
		}
		start += i + 1
		line++
	}
	from := min(start+max(sp.Column-1, 0), len(text))
	for line < sp.EndLine {
		i := strings.IndexByte(text[start:], '\n')
		if i < 0 {
			break
		}
		start += i + 1
		line++
	}
	to := min(start+max(sp.EndColumn-1, 0), len(text))
	from, to = max(from, s.prefix), max(to, s.prefix)
	if to < from {
		return ""
	}
	if s.prefix == 0 && len(s.Text) == len(text) {
		return s.Text[from:to]
	}
	return text[from:to]
}

// at is a hit at a span of the script.
func (s *Script) at(sp shell.Span, excerpt string, args ...string) check.Hit {
	h := hit(s.Node, s.Job, excerpt, args...)
	h.Line, h.Column = s.place(sp.Line, sp.Column)
	h.EndLine, h.EndColumn = s.place(sp.EndLine, sp.EndColumn)
	if h.EndLine < h.Line || h.EndLine == h.Line && h.EndColumn < h.Column {
		h.EndLine, h.EndColumn = 0, 0
	}
	return h
}

// offset is a hit at bytes of the text as it is written.
func (s *Script) offset(from, to int, excerpt string, args ...string) check.Hit {
	return s.at(span(s.Text, from, to), excerpt, args...)
}

func span(text string, from, to int) shell.Span {
	line := 1 + strings.Count(text[:from], "\n")
	col := from - strings.LastIndexByte(text[:from], '\n')
	el := 1 + strings.Count(text[:to], "\n")
	ec := to - strings.LastIndexByte(text[:to], '\n')
	return shell.Span{Line: line, Column: col, EndLine: el, EndColumn: ec}
}

// place maps a place in the text to the file: exactly for literal blocks and
// words on one line, else the line of the value.
func (s *Script) place(line, col int) (l, c int) {
	n := s.Node
	if line == 1 {
		col = max(col-s.prefix, 1)
	}
	if n.Line < 1 || n.Line > len(s.d.lines) || n.Column < 1 {
		return max(n.Line, 1), 0
	}
	row := s.d.row(n.Line)
	var mark byte
	if n.Column <= len(row) {
		mark = row[n.Column-1]
	}
	switch {
	case mark == '|' && n.EndColumn == 0:
		// The indentation is that of the first line that is not blank.
		for at := n.Line + 1; at <= len(s.d.lines); at++ {
			if r := s.d.row(at); len(bytes.TrimSpace(r)) > 0 {
				return n.Line + line, len(r) - len(bytes.TrimLeft(r, " ")) + col
			}
		}
		return n.Line + line, 0
	case mark == '>' && n.EndColumn == 0, line > 1 || strings.Contains(n.Text, "\n"):
		return n.Line, 0
	case mark == '"' || mark == '\'':
		col++
	}
	return n.Line, n.Column + col - 1
}

// row is a line of the file, without its end.
func (d *Definition) row(line int) []byte {
	from := d.lines[line-1]
	to := len(d.text)
	if line < len(d.lines) {
		to = d.lines[line] - 1
	}
	return bytes.TrimRight(d.text[from:max(from, to)], "\r\n")
}

// commands calls f for each command of each script.
func (d *Definition) commands(f func(s *Script, c *shell.Command)) {
	for _, s := range d.Scripts {
		if s.Shell == nil {
			continue
		}
		for i := range s.Shell.Commands {
			f(s, &s.Shell.Commands[i])
		}
	}
}
