// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of apk's versions, as apk-package(5) of apk-tools 2.14 and
// 3 defines it: NUMBER{.NUMBER}[LETTER]{_SUFFIX[NUMBER]}[~HASH][-rN]. Of two
// versions that differ only in having "-rN" the one without is below. A letter may be
// followed by a number, as it might in apk-tools before 2.14.
func Order() sekisho.Order {
	return sekisho.Order{Name: "apk", Compare: compare}
}

var errForm = errors.New("not of apk's form")

// The kinds of token, in the order in which they may follow each other. Of two
// versions that are equal up to a token, the one whose next token is of a later
// kind is below.
type tokenKind uint8

const (
	firstNumber tokenKind = iota
	fraction
	letter
	suffix
	suffixNumber
	commit
	revision
	end
	invalid
)

// token is one part of a version, and a place in its text.
type token struct {
	kind tokenKind
	// text of numbers and of the hash.
	text string
	// rank of a letter or suffix.
	rank int
}

// suffixes in their order; the first four are below the release.
var suffixes = [...]string{"alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"}

// released is the rank of the first suffix above the release.
const released = 4

func compare(a, b string) (int, error) {
	if err := check(a); err != nil {
		return 0, err
	}
	if err := check(b); err != nil {
		return 0, err
	}
	x, a := firstToken(a)
	y, b := firstToken(b)
	for x.kind == y.kind && x.kind != end {
		if n := compareTokens(x, y); n != 0 {
			return n, nil
		}
		x, a = nextToken(x.kind, a)
		y, b = nextToken(y.kind, b)
	}
	switch {
	case x.kind == y.kind:
		return 0, nil
	case x.kind == suffix && x.rank < released:
		return -1, nil
	case y.kind == suffix && y.rank < released:
		return 1, nil
	}
	return int(y.kind) - int(x.kind), nil
}

func check(s string) error {
	t, rest := firstToken(s)
	for t.kind < end {
		t, rest = nextToken(t.kind, rest)
	}
	if t.kind == invalid {
		return fmt.Errorf("apk version %q: %w", s, errForm)
	}
	return nil
}

func compareTokens(x, y token) int {
	switch x.kind {
	case letter, suffix:
		return x.rank - y.rank
	case commit:
		return strings.Compare(x.text, y.text)
	case fraction:
		// Like the digits after a decimal point, where one begins with zero.
		if x.text[0] == '0' || y.text[0] == '0' {
			return strings.Compare(x.text, y.text)
		}
	}
	return semver.Number(x.text, y.text)
}

func firstToken(s string) (t token, rest string) {
	n := digits(s)
	if n == 0 {
		return token{kind: invalid}, ""
	}
	return token{kind: firstNumber, text: s[:n]}, s[n:]
}

// nextToken reads what follows a token of the kind.
func nextToken(before tokenKind, s string) (t token, rest string) {
	bad := token{kind: invalid}
	if s == "" {
		return token{kind: end}, ""
	}
	c := s[0]
	switch {
	case c == '.':
		n := digits(s[1:])
		if before > fraction || n == 0 {
			return bad, ""
		}
		return token{kind: fraction, text: s[1 : 1+n]}, s[1+n:]
	case 'a' <= c && c <= 'z':
		if before > fraction {
			return bad, ""
		}
		return token{kind: letter, rank: int(c)}, s[1:]
	case '0' <= c && c <= '9':
		n := digits(s)
		switch before {
		case suffix:
			return token{kind: suffixNumber, text: s[:n]}, s[n:]
		case letter:
			// Older releases of Alpine have "6.6.2p1-r0".
			return token{kind: fraction, text: s[:n]}, s[n:]
		}
		return bad, ""
	case c == '_':
		if before > suffixNumber {
			return bad, ""
		}
		n := 1
		for n < len(s) && 'a' <= s[n] && s[n] <= 'z' {
			n++
		}
		for i, known := range suffixes {
			if s[1:n] == known {
				return token{kind: suffix, rank: i}, s[n:]
			}
		}
	case c == '~':
		n := 1
		for n < len(s) && ('0' <= s[n] && s[n] <= '9' || 'a' <= s[n] && s[n] <= 'f') {
			n++
		}
		if before < commit && n > 1 {
			return token{kind: commit, text: s[1:n]}, s[n:]
		}
	case strings.HasPrefix(s, "-r"):
		if n := digits(s[2:]); before < revision && n > 0 {
			return token{kind: revision, text: s[2 : 2+n]}, s[2+n:]
		}
	}
	return bad, ""
}

// digits counts the digits that s begins with.
func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}
