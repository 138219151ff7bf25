// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// Op is what an Expression is made of.
type Op uint8

// The kinds of Expression.
const (
	// Leaf is one licence.
	Leaf Op = iota
	// And: all of the terms have to be kept.
	And
	// Or: whoever uses it chooses one of the terms.
	Or
)

// Expression is an SPDX licence expression as a tree, see
// https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/. The zero value
// is no expression.
type Expression struct {
	Op    Op
	Terms []Expression // of And and Or, two at least
	// ID of a leaf as the list spells it: "GPL-2.0-or-later",
	// "LicenseRef-x", "DocumentRef-d:LicenseRef-x".
	ID string
	// Plus says "or any later version", of ids without "-or-later".
	Plus bool
	// Exception of WITH; empty for none.
	Exception string
}

// Bounds of an expression; what is longer or deeper is refused.
const (
	maxText  = 16 << 10
	maxDepth = 64
)

var (
	errEmpty = message.New("the licence expression is empty")
	errLong  = message.Errorf("the licence expression is longer than %d bytes", maxText)
	errDeep  = message.Errorf("the licence expression has more than %d levels of parentheses", maxDepth)
)

// IsZero is true for no expression.
func (e Expression) IsZero() bool { return e.Op == Leaf && e.ID == "" }

// String writes the expression with as few parentheses as it can.
func (e Expression) String() string {
	var b strings.Builder
	e.write(&b, false)
	return b.String()
}

func (e Expression) write(b *strings.Builder, inside bool) {
	if e.Op == Leaf {
		b.WriteString(e.ID)
		if e.Plus {
			b.WriteByte('+')
		}
		if e.Exception != "" {
			b.WriteString(" WITH " + e.Exception)
		}
		return
	}
	word := " AND "
	if e.Op == Or {
		word = " OR "
	}
	if inside {
		b.WriteByte('(')
	}
	for i, t := range e.Terms {
		if i > 0 {
			b.WriteString(word)
		}
		t.write(b, true)
	}
	if inside {
		b.WriteByte(')')
	}
}

// Leaves calls f for each licence of the expression, from the left.
func (e Expression) Leaves(f func(leaf Expression)) {
	if e.Op == Leaf {
		if e.ID != "" {
			f(e)
		}
		return
	}
	for _, t := range e.Terms {
		t.Leaves(f)
	}
}

// Replace puts other expressions in the place of leaves, by their id, where they
// stand without an exception.
func (e Expression) Replace(by map[string]Expression) Expression {
	if e.Op == Leaf {
		if r, ok := by[e.ID]; ok && e.Exception == "" && !e.Plus {
			return r
		}
		return e
	}
	terms := make([]Expression, len(e.Terms))
	for i, t := range e.Terms {
		terms[i] = t.Replace(by)
	}
	return join(e.Op, terms...)
}

func (e Expression) equal(o Expression) bool {
	return e.Op == o.Op && e.ID == o.ID && e.Plus == o.Plus && e.Exception == o.Exception && slices.EqualFunc(e.Terms, o.Terms, Expression.equal)
}

// join makes one expression of several: terms of the same kind are merged, and
// what is there already is not said again.
func join(op Op, terms ...Expression) Expression {
	var out []Expression
	seen := map[string]bool{}
	add := func(t Expression) {
		if s := t.String(); !t.IsZero() && !seen[s] {
			seen[s] = true
			out = append(out, t)
		}
	}
	for _, t := range terms {
		if t.Op != op {
			add(t)
			continue
		}
		for _, u := range t.Terms {
			add(u)
		}
	}
	switch len(out) {
	case 0:
		return Expression{}
	case 1:
		return out[0]
	}
	return Expression{Op: op, Terms: out}
}

// Parse reads an SPDX licence expression. Ids are known in any case, operators in
// upper or lower case; an id that is not on the list is an error. Deprecated ids
// of the GNU licences and "+" become what replaced them.
func Parse(text string) (Expression, error) {
	if len(text) > maxText {
		return Expression{}, errLong
	}
	p := &parser{tokens: tokens(text)}
	if len(p.tokens) == 0 {
		return Expression{}, errEmpty
	}
	e, err := p.or(0)
	if err == nil && p.at < len(p.tokens) {
		err = message.Errorf("%q is in the way", p.tokens[p.at])
	}
	if err != nil {
		return Expression{}, err
	}
	return e, nil
}

// tokens are words and parentheses.
func tokens(text string) (out []string) {
	for len(text) > 0 {
		i := strings.IndexAny(text, " \t\r\n()")
		switch {
		case i < 0:
			return append(out, text)
		case i > 0:
			out = append(out, text[:i])
		}
		if c := text[i]; c == '(' || c == ')' {
			out = append(out, string(c))
		}
		text = text[i+1:]
	}
	return out
}

type parser struct {
	tokens []string
	at     int
}

func (p *parser) next(upper, lower string) bool {
	if p.at < len(p.tokens) && (p.tokens[p.at] == upper || p.tokens[p.at] == lower) {
		p.at++
		return true
	}
	return false
}

func (p *parser) or(depth int) (Expression, error) { return p.list(Or, "OR", "or", p.and, depth) }
func (p *parser) and(depth int) (Expression, error) {
	return p.list(And, "AND", "and", p.simple, depth)
}

func (p *parser) list(op Op, upper, lower string, term func(int) (Expression, error), depth int) (Expression, error) {
	var terms []Expression
	for {
		t, err := term(depth)
		if err != nil {
			return Expression{}, err
		}
		terms = append(terms, t)
		if !p.next(upper, lower) {
			return join(op, terms...), nil
		}
	}
}

func (p *parser) simple(depth int) (Expression, error) {
	if p.at >= len(p.tokens) {
		return Expression{}, message.New("the licence expression ends where a licence is expected")
	}
	if p.next("(", "(") {
		if depth >= maxDepth {
			return Expression{}, errDeep
		}
		e, err := p.or(depth + 1)
		if err == nil && !p.next(")", ")") {
			err = message.New("a parenthesis is not closed")
		}
		return e, err
	}
	word := p.tokens[p.at]
	p.at++
	e, ok := leaf(word)
	if !ok {
		return e, message.Errorf("%q is no id of the SPDX list", word)
	}
	if p.next("WITH", "with") {
		if p.at >= len(p.tokens) {
			return e, message.New("the licence expression ends where an exception is expected")
		}
		x, ok := table().exceptions[strings.ToLower(p.tokens[p.at])]
		if !ok && wellFormed(p.tokens[p.at], "AdditionRef-") {
			x, ok = p.tokens[p.at], true
		}
		if !ok || e.Exception != "" {
			return e, message.Errorf("%q is no exception of the SPDX list", p.tokens[p.at])
		}
		p.at++
		e.Exception = x
	}
	return e, nil
}

// leaf reads an id, with "+" where there is one.
func leaf(word string) (Expression, bool) {
	if document, ref, ok := strings.Cut(word, ":"); ok {
		return Expression{ID: word}, wellFormed(document, "DocumentRef-") && wellFormed(ref, "LicenseRef-")
	}
	if wellFormed(word, "LicenseRef-") {
		return Expression{ID: word}, true
	}
	id, plus := strings.CutSuffix(word, "+")
	e, ok := table().ids[strings.ToLower(id)]
	if !ok {
		return Expression{}, false
	}
	return current(e.ID, plus), true
}

func wellFormed(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	return ok && rest != "" && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.'
	})
}

// replaced are the deprecated ids that stand for a licence with an exception or
// under another name.
var replaced = map[string]Expression{
	"GPL-2.0-with-GCC-exception":       {ID: "GPL-2.0-only", Exception: "GCC-exception-2.0"},
	"GPL-2.0-with-autoconf-exception":  {ID: "GPL-2.0-only", Exception: "Autoconf-exception-2.0"},
	"GPL-2.0-with-bison-exception":     {ID: "GPL-2.0-only", Exception: "Bison-exception-2.2"},
	"GPL-2.0-with-classpath-exception": {ID: "GPL-2.0-only", Exception: "Classpath-exception-2.0"},
	"GPL-2.0-with-font-exception":      {ID: "GPL-2.0-only", Exception: "Font-exception-2.0"},
	"GPL-3.0-with-GCC-exception":       {ID: "GPL-3.0-only", Exception: "GCC-exception-3.1"},
	"GPL-3.0-with-autoconf-exception":  {ID: "GPL-3.0-only", Exception: "Autoconf-exception-3.0"},
	"BSD-2-Clause-FreeBSD":             {ID: "BSD-2-Clause"},
	"BSD-2-Clause-NetBSD":              {ID: "BSD-2-Clause"},
	"bzip2-1.0.5":                      {ID: "bzip2-1.0.6"},
	"StandardML-NJ":                    {ID: "SMLNJ"},
	"eCos-2.0":                         {ID: "GPL-2.0-or-later", Exception: "eCos-exception-2.0"},
	"wxWindows":                        {ID: "LGPL-2.0-or-later", Exception: "WxWindows-exception-3.1"},
}

// current spells an id of the list in the way that is not deprecated.
func current(id string, plus bool) Expression {
	if e, ok := replaced[id]; ok {
		if base, only := strings.CutSuffix(e.ID, "-only"); only && plus {
			e.ID, plus = base+"-or-later", false
		}
		e.Plus = plus && !strings.HasSuffix(e.ID, "-or-later")
		return e
	}
	if gnu(id) {
		base, only := strings.CutSuffix(id, "-only")
		switch {
		case strings.HasSuffix(id, "-or-later"):
			return Expression{ID: id}
		case plus:
			return Expression{ID: base + "-or-later"}
		case only:
			return Expression{ID: id}
		}
		return Expression{ID: base + "-only"}
	}
	return Expression{ID: id, Plus: plus}
}

// gnu says whether the id is of a family with "-only" and "-or-later".
func gnu(id string) bool {
	for _, p := range [...]string{"GPL-", "LGPL-", "AGPL-", "GFDL-"} {
		if rest, ok := strings.CutPrefix(id, p); ok {
			return rest != "" && rest[0] >= '0' && rest[0] <= '9'
		}
	}
	return false
}
