// SPDX-License-Identifier: Apache-2.0

// Package expression is what the expressions that users write have in common,
// whatever they judge: CEL (https://cel.dev) with bounds, and mistakes told at
// their place in the file. It knows no rule and no policy.
package expression

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/sekisho/sekisho/internal/document"
)

// MaxBytes is how long an expression may be.
const MaxBytes = 16 << 10

// Bounds are the options of every environment: how long and how deep an
// expression may be.
func Bounds() []cel.EnvOption {
	return []cel.EnvOption{cel.ParserExpressionSizeLimit(MaxBytes), cel.ParserRecursionLimit(100)}
}

// Mistake is what is wrong with an expression, and where in the file; Column is
// 0 where it is not known.
type Mistake struct {
	Line, Column int
	Text         string
	// Cause is the text as an error that is said in every language, if there is one.
	Cause error
}

// Err is the text as an error.
func (m *Mistake) Err() error {
	if m.Cause != nil {
		return m.Cause
	}
	return errors.New(m.Text)
}

// Compile parses and checks the expression that a node of a file holds. There is
// no expression where there are mistakes.
func Compile(env *cel.Env, n *document.Node) (*cel.Ast, []Mistake) {
	ast, issues := env.Compile(n.Str())
	if issues.Err() == nil {
		return ast, nil
	}
	var out []Mistake
	for _, e := range issues.Errors() {
		at := Mistake{Line: n.Line + e.Location.Line() - 1, Column: e.Location.Column() + 1}
		switch {
		case e.Location.Line() < 1: // it is about the whole
			at.Line, at.Column = n.Line, n.Column
		case n.EndLine != n.Line: // a block of lines below its key: the indentation is not known
			at.Line++
			at.Column = 0
		case e.Location.Line() == 1:
			at.Column += n.Column - 1
			if n.EndColumn-n.Column > len(n.Text) {
				at.Column++ // behind the quote
			}
		}
		at.Text, _, _ = strings.Cut(e.Message, " expecting {") // a list of everything
		at.Text = strings.TrimSuffix(at.Text, " (in container '')")
		out = append(out, at)
	}
	return nil, out
}
