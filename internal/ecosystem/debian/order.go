// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Debian's and Ubuntu's versions,
// [epoch:]upstream[-revision], as deb-version(7) defines it and dpkg compares
// it: an absent epoch is 0, an absent revision is equal to "0", and "~" is
// below the end of the text.
func Order() sekisho.Order {
	return sekisho.Order{Name: "dpkg", Compare: compare}
}

var (
	errEmpty    = errors.New("empty")
	errEpoch    = errors.New("the epoch is no number")
	errRevision = errors.New("the revision is empty")
)

// version is a version taken apart; the texts are parts of the whole.
type version struct {
	epoch              int
	upstream, revision string
}

func compare(a, b string) (int, error) {
	x, err := parseVersion(a)
	if err != nil {
		return 0, fmt.Errorf("dpkg version %q: %w", a, err)
	}
	y, err := parseVersion(b)
	if err != nil {
		return 0, fmt.Errorf("dpkg version %q: %w", b, err)
	}
	if n := cmp.Compare(x.epoch, y.epoch); n != 0 {
		return n, nil
	}
	if n := comparePart(x.upstream, y.upstream); n != 0 {
		return n, nil
	}
	return comparePart(x.revision, y.revision), nil
}

// parseVersion refuses what dpkg refuses, and characters that dpkg warns of.
// A version that does not begin with a digit is one, as for dpkg.
func parseVersion(s string) (version, error) {
	var v version
	s = strings.Trim(s, " \t\n")
	if i := strings.IndexByte(s, ':'); i >= 0 {
		if i == 0 || i > 9 {
			return v, errEpoch
		}
		for _, c := range []byte(s[:i]) {
			if c < '0' || c > '9' {
				return v, errEpoch
			}
			v.epoch = v.epoch*10 + int(c-'0')
		}
		s = s[i+1:]
	}
	v.upstream = s
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		v.upstream, v.revision = s[:i], s[i+1:]
		if v.revision == "" {
			return v, errRevision
		}
	}
	if v.upstream == "" {
		return v, errEmpty
	}
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c), isLetter(c), c == '.', c == '-', c == '+', c == '~', c == ':':
		default:
			return v, fmt.Errorf("the character %q", c)
		}
	}
	return v, nil
}

// comparePart compares two upstream versions or two revisions: in turn what is
// no digit, by weight, and numbers, by value.
func comparePart(a, b string) int {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		for i < len(a) && !isDigit(a[i]) || j < len(b) && !isDigit(b[j]) {
			if n := weight(a, i) - weight(b, j); n != 0 {
				return n
			}
			i++
			j++
		}
		for i < len(a) && a[i] == '0' {
			i++
		}
		for j < len(b) && b[j] == '0' {
			j++
		}
		first := 0
		for i < len(a) && isDigit(a[i]) && j < len(b) && isDigit(b[j]) {
			if first == 0 {
				first = int(a[i]) - int(b[j])
			}
			i++
			j++
		}
		switch {
		case i < len(a) && isDigit(a[i]):
			return 1
		case j < len(b) && isDigit(b[j]):
			return -1
		case first != 0:
			return first
		}
	}
	return 0
}

// weight of the character at i: "~" is below the end and below digits, letters
// are above them, all else is above letters.
func weight(s string, i int) int {
	switch {
	case i >= len(s), isDigit(s[i]):
		return 0
	case s[i] == '~':
		return -1
	case isLetter(s[i]):
		return int(s[i])
	}
	return int(s[i]) + 256
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
