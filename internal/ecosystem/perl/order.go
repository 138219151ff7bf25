// SPDX-License-Identifier: Apache-2.0

package perl

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Perl's version objects
// (https://perldoc.perl.org/version): dotted versions ("v1.2", "1.2.3") are
// lists of numbers; a decimal version ("1.10") is one number whose fraction is
// read by three digits, so that 1.10 is v1.100 and below 1.9. Underscores do
// not count.
func Order() sekisho.Order {
	return sekisho.Order{Name: "cpan", Compare: compare}
}

var errForm = errors.New("neither decimal nor dotted")

// version walks the numbers of a version.
type version struct {
	rest    string
	decimal bool
	// fraction is true after the point of a decimal version.
	fraction bool
}

func compare(a, b string) (int, error) {
	x, ok := parseVersion(a)
	if !ok {
		return 0, fmt.Errorf("perl version %q: %w", a, errForm)
	}
	y, ok := parseVersion(b)
	if !ok {
		return 0, fmt.Errorf("perl version %q: %w", b, errForm)
	}
	for x.rest != "" || y.rest != "" {
		var p, q group
		x.next(&p)
		y.next(&q)
		if n := semver.Number(p.text(), q.text()); n != 0 {
			return n, nil
		}
	}
	return 0, nil
}

func parseVersion(s string) (v version, ok bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(s, "-TRIAL")
	dotted := s != "" && s[0] == 'v'
	if dotted {
		s = s[1:]
	}
	dots, digit := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			digit = true
		case c == '.':
			dots++
			if i > 0 && !isDigit(s[i-1]) {
				return v, false
			}
		case c == '_':
			if i == 0 || i+1 == len(s) || !isDigit(s[i-1]) || !isDigit(s[i+1]) {
				return v, false
			}
		default:
			return v, false
		}
	}
	if !digit || dots > 1 && !isDigit(s[len(s)-1]) || dotted && !isDigit(s[0]) {
		return v, false
	}
	return version{rest: s, decimal: !dotted && dots < 2}, true
}

// group is one number of a version: a part of its text, or three digits.
type group struct {
	whole  string
	digits [3]byte
	three  bool
}

func (g *group) text() string {
	if g.three {
		return string(g.digits[:])
	}
	return g.whole
}

// next takes the next number off; at the end it is 0.
func (v *version) next(g *group) {
	if v.fraction {
		g.three, g.digits = true, [3]byte{'0', '0', '0'}
		for n := 0; n < 3 && v.rest != ""; v.rest = v.rest[1:] {
			if v.rest[0] != '_' {
				g.digits[n] = v.rest[0]
				n++
			}
		}
		return
	}
	g.whole, v.rest, _ = strings.Cut(v.rest, ".")
	if strings.IndexByte(g.whole, '_') >= 0 {
		g.whole = strings.ReplaceAll(g.whole, "_", "")
	}
	v.fraction = v.decimal
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
