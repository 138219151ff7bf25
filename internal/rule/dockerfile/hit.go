// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// hit is a statement as a place that breaks a rule.
func hit(s *Statement, args ...string) check.Hit {
	line, column := s.Place(0)
	endLine, endColumn := s.Place(len(strings.TrimRight(s.Logical, " \t")))
	return check.Hit{Line: line, Column: column, EndLine: endLine, EndColumn: endColumn, Excerpt: Masked(s), Args: args}
}

// hitWord is a word of a statement, the first time that it stands there.
func hitWord(s *Statement, word string, args ...string) check.Hit {
	i := strings.Index(s.Logical[min(len(s.Logical), len(s.Written)):], word)
	if word == "" || i < 0 {
		return hit(s, args...)
	}
	return hitRange(s, len(s.Written)+i, len(s.Written)+i+len(word), args...)
}

// hitRange is a part of a statement, by offsets of its logical line.
func hitRange(s *Statement, from, to int, args ...string) check.Hit {
	h := hit(s, args...)
	h.Line, h.Column = s.Place(from)
	h.EndLine, h.EndColumn = s.Place(to)
	return h
}

// words makes the text of a rule.
func words(en, ja string) sekisho.Words { return sekisho.Words{EN: en, JA: ja} }

// build is where most rules of the room apply.
var build = []string{sekisho.StageSource, sekisho.StageBuild}

// Masked is the statement in one line, without the values that may be secret.
func Masked(s *Statement) string { return maskText(s.Logical) }

// ids takes a list of ids apart.
func ids(list string) []string { return strings.Fields(list) }

// all calls judge for each statement of a type, in the order of the file, those
// behind ONBUILD too.
func all[T any](f *File, judge func(*Statement, T)) {
	for _, s := range f.Statements {
		if s.Trigger != nil {
			s = s.Trigger
		}
		if c, ok := s.Command.(T); ok {
			judge(s, c)
		}
	}
}
