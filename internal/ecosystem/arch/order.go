// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of pacman's versions, [epoch:]version[-pkgrel], as
// vercmp(8) compares them: an absent epoch is 0, and package releases are
// compared where both have one, so that "1.0" is equal to "1.0-1" and "1.0-2".
func Order() sekisho.Order {
	return sekisho.Order{Name: "alpm", Compare: compare}
}

var errNoVersion = errors.New("no letter and no digit")

func compare(a, b string) (int, error) {
	x, err := parseVersion(a)
	if err != nil {
		return 0, fmt.Errorf("alpm version %q: %w", a, err)
	}
	y, err := parseVersion(b)
	if err != nil {
		return 0, fmt.Errorf("alpm version %q: %w", b, err)
	}
	if a == b {
		return 0, nil
	}
	if n := comparePart(x.epoch, y.epoch); n != 0 {
		return n, nil
	}
	if n := comparePart(x.version, y.version); n != 0 || !x.released || !y.released {
		return n, nil
	}
	return comparePart(x.release, y.release), nil
}

// label is a version taken apart; the texts are parts of the whole.
type label struct {
	epoch, version, release string
	released                bool
}

func parseVersion(s string) (label, error) {
	var v label
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
		v.version, v.release, v.released = s[:i], s[i+1:], true
	}
	some := false
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '=' {
			return v, fmt.Errorf("the character %q", c)
		}
		some = some || i < len(v.version) && isAlnum(c)
	}
	if !some {
		return v, errNoVersion
	}
	return v, nil
}

// comparePart compares by runs of digits and runs of letters; more separators
// are above fewer.
func comparePart(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		k, l := skip(a, i), skip(b, j)
		separators := (k - i) - (l - j)
		i, j = k, l
		if i >= len(a) || j >= len(b) {
			break
		}
		if separators != 0 {
			return separators
		}
		number := isDigit(a[i])
		k, l = runEnd(a, i, number), runEnd(b, j, number)
		if l == j {
			// A number is above letters.
			if number {
				return 1
			}
			return -1
		}
		n := 0
		if number {
			n = semver.Number(a[i:k], b[j:l])
		} else {
			n = strings.Compare(a[i:k], b[j:l])
		}
		if n != 0 {
			return n
		}
		i, j = k, l
	}
	// Letters at the end are below nothing, all else is above it.
	switch {
	case i >= len(a) && j >= len(b):
		return 0
	case i >= len(a) && !isLetter(b[j]), i < len(a) && isLetter(a[i]):
		return -1
	}
	return 1
}

// skip passes over separators.
func skip(s string, i int) int {
	for i < len(s) && !isAlnum(s[i]) {
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

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }
