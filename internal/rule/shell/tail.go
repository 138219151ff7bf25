// SPDX-License-Identifier: Apache-2.0

package shell

import "mvdan.cc/sh/v3/syntax"

// Tail is the place behind the last statement, where " && command" adds a
// command that runs when the script has succeeded. ok is false where nothing can
// be put: behind a here-document, a function, a command in the background, or
// one whose failure is what is wanted.
func (s *Script) Tail() (line, column int, ok bool) {
	if len(s.file.Stmts) == 0 {
		return 0, 0, false
	}
	last := s.file.Stmts[len(s.file.Stmts)-1]
	if last.Background || last.Coprocess || last.Disown || last.Negated || last.Cmd == nil {
		return 0, 0, false
	}
	if _, function := last.Cmd.(*syntax.FuncDecl); function {
		return 0, 0, false
	}
	doc := false
	syntax.Walk(last, func(n syntax.Node) bool {
		if r, is := n.(*syntax.Redirect); is && r.Hdoc != nil {
			doc = true
		}
		return !doc
	})
	if doc {
		return 0, 0, false
	}
	end := last.Cmd.End()
	if n := len(last.Redirs); n > 0 && last.Redirs[n-1].End().After(end) {
		end = last.Redirs[n-1].End()
	}
	return number(end.Line()), number(end.Col()), true
}

// StopsAtErrors reports whether the script ends with the first command that
// fails: set -e.
func (s *Script) StopsAtErrors() bool { return s.hasSetE() }
