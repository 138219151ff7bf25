// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"
)

const (
	// maxWords bounds one text, and maxName a name within it, in words.
	maxWords = 600
	maxName  = 16
)

// lenient reads what people write where an expression belongs: names between
// words and signs that join them.
type lenient struct {
	words []string
	at    int
}

// split gives words, and the signs that join or group names, each by itself.
func split(text string) []string {
	var out []string
	start := -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, text[start:end])
		}
		start = -1
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r':
			flush(i)
		case '(', ')', ',', ';', '|', '&', '[', ']':
			flush(i)
			out = append(out, text[i:i+1])
		case '/':
			// "w/" is a word; "://" is part of an address.
			if w := text[max(start, 0):i]; start >= 0 && (strings.EqualFold(w, "w") || strings.HasSuffix(w, ":") || strings.Contains(w, "://")) {
				continue
			}
			flush(i)
			out = append(out, "/")
		default:
			if start < 0 {
				start = i
			}
		}
	}
	flush(len(text))
	return out
}

func (l *lenient) peek() string {
	if l.at < len(l.words) {
		return l.words[l.at]
	}
	return ""
}

// sign is what the word at the place joins by: '&' and, '|' or, ',' a comma, '('
// and ')' groups, 'w' an exception, 0 a word of a name.
func sign(w string) byte {
	switch strings.ToLower(w) {
	case "and", "&", "and/or", "plus", "und", "et":
		return '&'
	case "or", "|", "/", "oder", "ou", "alternatively":
		return '|'
	case ",", ";":
		return ','
	case "(", "[":
		return '('
	case ")", "]":
		return ')'
	case "with", "w/":
		return 'w'
	}
	return 0
}

// list is the loosest level: lists with commas. "A, B or C" is a choice of three.
func (l *lenient) list(depth int) Expression {
	var terms []Expression
	op, stated := And, false
	for l.at < len(l.words) {
		before := l.at
		e := l.or(depth)
		if !e.IsZero() {
			terms = append(terms, e)
		}
		s := sign(l.peek())
		if s == ')' && depth > 0 {
			break
		}
		if s == ')' || s == ',' {
			l.at++
			switch sign(l.peek()) {
			case '&':
				stated = true
				l.at++
			case '|':
				op, stated = Or, true
				l.at++
			}
		}
		if l.at == before {
			l.at++ // nothing fits: the word is left out, and the reading ends
		}
	}
	if !stated && len(terms) > 1 && terms[len(terms)-1].Op == Or && !slices.ContainsFunc(terms[:len(terms)-1], func(e Expression) bool { return e.Op != Leaf }) {
		op = Or
	}
	return join(op, terms...)
}

func (l *lenient) or(depth int) Expression {
	terms := []Expression{l.and(depth)}
	for sign(l.peek()) == '|' {
		l.at++
		terms = append(terms, l.and(depth))
	}
	return join(Or, terms...)
}

func (l *lenient) and(depth int) Expression {
	terms := []Expression{l.one(depth)}
	for sign(l.peek()) == '&' {
		l.at++
		terms = append(terms, l.one(depth))
	}
	return join(And, terms...)
}

// one is a name or a group.
func (l *lenient) one(depth int) Expression {
	for l.at < len(l.words) && (sign(l.peek()) == '|' || sign(l.peek()) == '&') {
		l.at++ // "||", "&&", "and or"
	}
	if l.at >= len(l.words) {
		return Expression{}
	}
	if e, ok := l.name(); ok {
		return l.with(e)
	}
	if sign(l.peek()) == '(' {
		if depth >= maxDepth {
			l.at = len(l.words)
			return Expression{ID: "LicenseRef-too-deep"}
		}
		l.at++
		e := l.list(depth + 1)
		if sign(l.peek()) == ')' {
			l.at++
		}
		if sign(l.peek()) == 'w' && e.Op == Leaf {
			return l.with(e)
		}
		return e
	}
	start := l.at
	for l.at < len(l.words) && sign(l.words[l.at]) == 0 {
		l.at++
	}
	text := strings.Join(l.words[start:l.at], " ")
	return l.with(odd(text))
}

// name takes the longest run of words that is a name, joining words included.
func (l *lenient) name() (Expression, bool) {
	if s := sign(l.peek()); s == ')' || s == ',' {
		return Expression{}, false
	}
	for n := min(maxName, len(l.words)-l.at); n > 0; n-- {
		end := l.at + n
		// A name ends where another sign, a group or the text does.
		if end < len(l.words) && sign(l.words[end]) == 0 || sign(l.words[end-1]) != 0 && l.words[end-1] != ")" {
			continue
		}
		if depthOf(l.words[l.at:end]) != 0 {
			continue
		}
		k := key(strings.Join(l.words[l.at:end], " "))
		if k == "" {
			continue
		}
		if e, ok := named(k); ok {
			l.at = end
			return e, true
		}
		if n == 1 {
			if e, ok := leaf(l.words[l.at]); ok {
				l.at = end
				return e, true
			}
		}
	}
	return Expression{}, false
}

// depthOf counts parentheses; what closes before it opens is not balanced.
func depthOf(words []string) int {
	n := 0
	for _, w := range words {
		switch sign(w) {
		case '(':
			n++
		case ')':
			if n--; n < 0 {
				return -1
			}
		}
	}
	return n
}

// with reads exceptions: "with classpath exception", "with exceptions".
func (l *lenient) with(e Expression) Expression {
	if sign(l.peek()) != 'w' || e.Op != Leaf {
		return e
	}
	l.at++
	for n := min(maxName, len(l.words)-l.at); n > 0; n-- {
		x, ok := table().additions[key(strings.Join(l.words[l.at:l.at+n], " "))]
		if ok && (l.at+n == len(l.words) || sign(l.words[l.at+n]) != 0) {
			l.at += n
			return withException(e, x)
		}
	}
	start := l.at
	for l.at < len(l.words) && sign(l.words[l.at]) == 0 {
		l.at++
	}
	return additional(e, strings.Join(l.words[start:l.at], " "))
}

func withException(e Expression, x string) Expression {
	if strings.HasPrefix(e.ID, "LicenseRef-") || e.Exception != "" {
		return e
	}
	e.Exception = x
	return e
}

// additional is a licence with terms that are not on the list: a reference that
// keeps the name of the licence, see Expression.category.
func additional(e Expression, text string) Expression {
	slug := slugOf(text)
	if slug == "" || e.ID == "" {
		return e
	}
	if c, ok := name(text); ok && c.Op == Leaf && c.category() == SourceAvailable {
		return join(And, e, c) // "MIT with Commons Clause"
	}
	if strings.HasPrefix(e.ID, "LicenseRef-") {
		return e
	}
	return Expression{ID: "LicenseRef-" + e.ID + "-with-" + slug}
}

// odd reads a name that is not known: the forms of Debian's short names that say
// a known one and a particular ("BSD-3-clause~Google", "GPL-2+-openssl").
func odd(text string) Expression {
	if text == "" {
		return Expression{}
	}
	if base, rest, ok := strings.Cut(text, "~"); ok {
		if e, ok := name(base); ok && e.Op == Leaf {
			return additional(e, rest)
		}
	}
	if e, ok := address(text); ok {
		return e
	}
	lower := strings.ToLower(text)
	if i := strings.Index(lower, "-with-"); i > 0 {
		if e, ok := name(text[:i]); ok && e.Op == Leaf {
			if x, ok := table().additions[key(text[i+6:])]; ok {
				return withException(e, x)
			}
			return additional(e, text[i+6:])
		}
	}
	if e, ok := sequence(text); ok {
		return e
	}
	// "GPL-3+-autoconf-exception", "BSD-3-clause-Cambridge": the longest known
	// beginning, up to a dash or a space, and then what makes it another.
	for i := len(text) - 1; i > 1; i-- {
		if text[i] != '-' && text[i] != ' ' && text[i] != '_' && text[i] != '.' {
			continue
		}
		e, ok := name(text[:i])
		if !ok || e.Op != Leaf || e.Exception != "" {
			continue
		}
		rest := strings.Trim(text[i:], "-_. ")
		if mentions(rest) {
			return unknown(text)
		}
		if x, ok := table().additions[key(rest)]; ok {
			return withException(e, x)
		}
		if strings.Contains(strings.ToLower(rest), "exception") || gnu(e.ID) || e.category() == Permissive || e.category() == PublicDomain {
			if strings.HasPrefix(e.ID, "LicenseRef-") {
				return unknown(text)
			}
			return additional(e, rest)
		}
	}
	return unknown(text)
}

// sequence reads names with nothing but spaces between them, as old packages of
// Alpine have them: "MIT BSD GPL2+". All of them apply.
func sequence(text string) (Expression, bool) {
	words := strings.Fields(text)
	if len(words) < 2 {
		return Expression{}, false
	}
	var terms []Expression
	for _, w := range words {
		e, ok := name(w)
		if !ok {
			return e, false
		}
		terms = append(terms, e)
	}
	return join(And, terms...), true
}

// mentions is true when a part of the text is the name of a licence by itself:
// then what stands before it is not all.
func mentions(text string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '-' || r == '_' }), func(w string) bool {
		k := key(w)
		_, ok := table().names[k]
		return ok && (len(k) > 2 || k == "x")
	})
}
