// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// directive is a comment that silences codes for the command below it, or for
// the whole script where it stands before the first one
// (https://www.shellcheck.net/wiki/Directive).
type directive struct {
	ranges [][2]int
	whole  bool
	Span
}

// directives reads the comments. The text is read again for them: few scripts
// have any.
func directives(s *Script) []directive {
	if !strings.Contains(s.Text, "shellcheck ") || !strings.Contains(s.Text, "disable=") {
		return nil
	}
	file, err := syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(s.Text), "")
	if err != nil {
		return nil
	}
	var out []directive
	var statements []*syntax.Stmt
	syntax.Walk(file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Comment:
			if d, ok := parseDirective(n); ok && len(out) < maxDirectives {
				out = append(out, d)
			}
		case *syntax.Stmt:
			statements = append(statements, n)
		}
		return true
	})
	for i := range out {
		d := &out[i]
		var best *syntax.Stmt
		for j, stmt := range statements {
			line := number(stmt.Pos().Line())
			if line <= d.Line {
				continue
			}
			// Of those that begin at one place the outermost is visited first.
			if best == nil || stmt.Pos().Offset() < best.Pos().Offset() {
				best = statements[j]
			}
		}
		if best == nil {
			continue
		}
		d.whole = len(file.Stmts) > 0 && best == file.Stmts[0]
		d.Span = where{line: 1, col: 1}.span(best.Pos(), best.End())
	}
	return out
}

// maxDirectives bounds the directives of a script, and the codes of one.
const maxDirectives = 100

func parseDirective(c *syntax.Comment) (directive, bool) {
	text, ok := strings.CutPrefix(strings.TrimSpace(c.Text), "shellcheck ")
	if !ok {
		return directive{}, false
	}
	d := directive{Span: Span{Line: number(c.Pos().Line())}}
	for field := range strings.FieldsSeq(text) {
		if strings.HasPrefix(field, "#") {
			break
		}
		list, ok := strings.CutPrefix(field, "disable=")
		if !ok {
			continue
		}
		for code := range strings.SplitSeq(list, ",") {
			from, to, ranged := strings.Cut(code, "-")
			if code == "all" {
				from, to, ranged = "SC0", "SC9999", true
			}
			a, err := strconv.Atoi(strings.TrimPrefix(from, "SC"))
			b := a
			if ranged && err == nil {
				b, err = strconv.Atoi(strings.TrimPrefix(to, "SC"))
			}
			if err == nil && len(d.ranges) < maxDirectives {
				d.ranges = append(d.ranges, [2]int{a, b})
			}
		}
	}
	return d, len(d.ranges) > 0
}

// silences reports a finding that the directive speaks of.
func (d *directive) silences(f Finding) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(f.Code, "SC"))
	if err != nil {
		return false
	}
	for _, r := range d.ranges {
		if r[0] <= n && n <= r[1] {
			return d.whole || d.EndLine > 0 && d.covers(f.Line, f.Column)
		}
	}
	return false
}

func (d *directive) covers(line, col int) bool {
	after := line > d.Line || line == d.Line && col >= d.Column
	before := line < d.EndLine || line == d.EndLine && col < d.EndColumn
	return after && before
}
