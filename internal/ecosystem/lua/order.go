// SPDX-License-Identifier: Apache-2.0

package lua

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of rocks, VERSION[-REVISION], as LuaRocks compares them:
// an absent number is 0, known words raise or lower the place that they stand
// at, and revisions are compared where both have one, so that "1.0" is equal
// to "1.0-1" and to "1.0-2".
func Order() sekisho.Order {
	return sekisho.Order{Name: "luarocks", Compare: compare}
}

var errForm = errors.New("not numbers and words")

func compare(a, b string) (int, error) {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if !valid(a) {
		return 0, fmt.Errorf("lua version %q: %w", a, errForm)
	}
	if !valid(b) {
		return 0, fmt.Errorf("lua version %q: %w", b, errForm)
	}
	x, xr := cutRevision(a)
	y, yr := cutRevision(b)
	for x != "" || y != "" {
		var p, q float64
		p, x = next(x)
		q, y = next(y)
		if n := cmp.Compare(p, q); n != 0 {
			return n, nil
		}
	}
	if xr == "" || yr == "" {
		return 0, nil
	}
	return cmp.Compare(value(xr), value(yr)), nil
}

// cutRevision splits "1.0-2".
func cutRevision(s string) (version, revision string) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 || i+1+run(s[i+1:], isDigit) < len(s) {
		return s, ""
	}
	return s[:i], s[i+1:]
}

// next reads one place: a number, or words and the number after them, which
// then counts for little.
func next(s string) (place float64, rest string) {
	for s != "" && isLetter(s[0]) {
		n := run(s, isLetter)
		place = weight(s[:n])
		s = s[n:]
		s = s[run(s, isSeparator):]
		if s == "" {
			return place, ""
		}
		if isDigit(s[0]) {
			n := run(s, isDigit)
			place += value(s[:n]) / 100000
			s = s[n:]
			return place, s[run(s, isSeparator):]
		}
	}
	n := run(s, isDigit)
	place = value(s[:n])
	s = s[n:]
	return place, s[run(s, isSeparator):]
}

func weight(word string) float64 {
	switch word {
	case "dev":
		return 120000000
	case "scm":
		return 110000000
	case "cvs":
		return 100000000
	case "rc":
		return -1000
	case "pre":
		return -10000
	case "beta":
		return -100000
	case "alpha":
		return -1000000
	}
	return float64(word[0]) / 1000
}

func value(digits string) float64 {
	f, _ := strconv.ParseFloat(digits, 64) // none is 0, and too many are infinite
	return f
}

func valid(s string) bool {
	if s == "" || isSeparator(s[0]) {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) && !isLetter(s[i]) && !isSeparator(s[i]) {
			return false
		}
	}
	return true
}

func run(s string, of func(byte) bool) int {
	i := 0
	for i < len(s) && of(s[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isLetter(c byte) bool    { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }
