// SPDX-License-Identifier: Apache-2.0

package ruby

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of gems' versions, as Gem::Version compares them
// (https://docs.ruby-lang.org/en/master/Gem/Version.html): runs of digits and
// runs of letters, where letters make a prerelease and "-" reads ".pre.". A
// platform ("1.2.3-x86_64-linux") is no part of a version.
func Order() sekisho.Order {
	return sekisho.Order{Name: "gem", Compare: compare}
}

var errForm = errors.New("not numbers and words parted by dots")

func compare(a, b string) (int, error) {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if !valid(a) {
		return 0, fmt.Errorf("gem version %q: %w", a, errForm)
	}
	if !valid(b) {
		return 0, fmt.Errorf("gem version %q: %w", b, errForm)
	}
	x, y := newSegments(a), newSegments(b)
	for x.more() || y.more() {
		p, q := x.next(), y.next()
		pn, qn := isDigit(p[0]), isDigit(q[0])
		n := 0
		switch {
		case pn && qn:
			n = semver.Number(p, q)
		case pn:
			n = 1
		case qn:
			n = -1
		default:
			n = strings.Compare(p, q)
		}
		if n != 0 {
			return n, nil
		}
	}
	return 0, nil
}

// valid is Gem::Version.correct? without the empty version: a number, words
// after dots, and after a hyphen words in which hyphens are letters.
func valid(s string) bool {
	if s == "" || !isDigit(s[0]) {
		return false
	}
	hyphen, dots := false, 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c), c == '-' && hyphen:
		case isLetter(c):
			if !hyphen && dots == 0 {
				return false
			}
		case c == '-':
			if hyphen = true; s[i-1] == '.' {
				return false
			}
		case c == '.':
			if dots++; s[i-1] == '.' || s[i-1] == '-' && !strings.Contains(s[:i-1], "-") {
				return false
			}
		default:
			return false
		}
	}
	last := s[len(s)-1]
	return last != '.' && (last != '-' || strings.IndexByte(s, '-') < len(s)-1)
}

// segments walks a version's numbers and words. Zeros before the first word,
// and at the end, are left out, and "0" goes on for ever after the end.
type segments struct {
	s string
	// pos is where the next segment is looked for, release where the zeros
	// before the first word begin, word where that word begins, end where the
	// zeros at the end begin.
	pos, release, word, end int
}

// pre is what a hyphen reads as, beyond parting segments.
const pre = "pre"

func newSegments(s string) segments {
	g := segments{s: s, word: len(s), end: len(s)}
	for i := range len(s) {
		if isLetter(s[i]) || s[i] == '-' {
			g.word = i
			break
		}
	}
	g.release = zeros(s[:g.word])
	if g.word < len(s) {
		g.end = g.word + zeros(s[g.word:])
	} else {
		g.end = g.release
	}
	return g
}

// zeros is the length of s without the segments at its end that are zero.
func zeros(s string) int {
	i := len(s)
	for i > 0 && (s[i-1] == '0' || s[i-1] == '.') {
		i--
	}
	if i > 0 && isDigit(s[i-1]) {
		// The zeros at i end a number, 10: they stay.
		for i < len(s) && s[i] == '0' {
			i++
		}
	}
	return i
}

// skip passes over separators and over the zeros before the first word.
func (g *segments) skip() {
	if g.pos >= g.release && g.pos < g.word {
		g.pos = g.word
	}
	for g.pos < g.end && g.s[g.pos] == '.' {
		g.pos++
		if g.pos >= g.release && g.pos < g.word {
			g.pos = g.word
		}
	}
}

func (g *segments) more() bool {
	g.skip()
	return g.pos < g.end
}

func (g *segments) next() string {
	if !g.more() {
		return "0"
	}
	i := g.pos
	if g.s[i] == '-' {
		g.pos++
		return pre
	}
	for g.pos < g.end && g.s[g.pos] != '.' && g.s[g.pos] != '-' && isDigit(g.s[g.pos]) == isDigit(g.s[i]) {
		g.pos++
	}
	return g.s[i:g.pos]
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
