// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of rpm's versions, [epoch:]version[-release], as rpm
// compares them (rpm-version(7)): an absent or "(none)" epoch is 0, "~" is
// below the end of the text and "^" just above it. Where one of the two has no
// release the releases are not compared, so that "1.0" is equal to "1.0-1" and
// to "1.0-2".
func Order() sekisho.Order {
	return sekisho.Order{Name: "rpm", Compare: compare}
}

var (
	errNoVersion = errors.New("no letter and no digit")
	errRelease   = errors.New("the release is empty")
)

// label is a version taken apart; the texts are parts of the whole.
type label struct {
	epoch, version, release string
}

func compare(a, b string) (int, error) {
	x, err := parseEVR(a)
	if err != nil {
		return 0, fmt.Errorf("rpm version %q: %w", a, err)
	}
	y, err := parseEVR(b)
	if err != nil {
		return 0, fmt.Errorf("rpm version %q: %w", b, err)
	}
	if n := comparePart(x.epoch, y.epoch); n != 0 {
		return n, nil
	}
	if n := comparePart(x.version, y.version); n != 0 || x.release == "" || y.release == "" {
		return n, nil
	}
	return comparePart(x.release, y.release), nil
}

func parseEVR(s string) (label, error) {
	var v label
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "(none):")
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i < len(s) && s[i] == ':' {
		v.epoch, s = s[:i], s[i+1:]
	}
	if v.epoch == "" {
		v.epoch = "0"
	}
	v.version = s
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		v.version, v.release = s[:i], s[i+1:]
		if v.release == "" {
			return v, errRelease
		}
	}
	some := false
	for i := range len(v.version) {
		some = some || isAlnum(v.version[i])
	}
	if !some {
		return v, errNoVersion
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '=' {
			return v, fmt.Errorf("the character %q", c)
		}
	}
	return v, nil
}

// comparePart compares two versions, or two releases, by runs of digits and
// runs of letters. Other characters but "~" and "^" only part the runs.
func comparePart(a, b string) int {
	if a == b {
		return 0
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		i, j = skip(a, i), skip(b, j)
		x, y := at(a, i), at(b, j)
		if x == '~' || y == '~' {
			if x != y {
				return choose(y == '~')
			}
			i++
			j++
			continue
		}
		if x == '^' || y == '^' {
			switch {
			case x == y:
				i++
				j++
				continue
			case x == 0:
				return -1
			case y == 0:
				return 1
			}
			return choose(y == '^')
		}
		if x == 0 || y == 0 {
			break
		}
		number := isDigit(x)
		k, l := runEnd(a, i, number), runEnd(b, j, number)
		if l == j {
			// A number is above letters.
			return choose(number)
		}
		p, q := a[i:k], b[j:l]
		i, j = k, l
		if number {
			p, q = strings.TrimLeft(p, "0"), strings.TrimLeft(q, "0")
			if len(p) != len(q) {
				return choose(len(p) > len(q))
			}
		}
		if p != q {
			return choose(p > q)
		}
	}
	if i >= len(a) && j >= len(b) {
		return 0
	}
	return choose(i < len(a))
}

// skip passes over what only parts the runs.
func skip(s string, i int) int {
	for i < len(s) && !isAlnum(s[i]) && s[i] != '~' && s[i] != '^' {
		i++
	}
	return i
}

// runEnd is the end of the digits, or letters, that begin at i.
func runEnd(s string, i int, number bool) int {
	for i < len(s) && isAlnum(s[i]) && isDigit(s[i]) == number {
		i++
	}
	return i
}

// at is the character at i, or 0 at the end.
func at(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

func choose(first bool) int {
	if first {
		return 1
	}
	return -1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }
