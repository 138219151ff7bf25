// SPDX-License-Identifier: Apache-2.0

// Package semver compares versions in the order of Semantic Versioning 2.0
// (https://semver.org, section 11), for the worlds whose versions follow it.
// It reads loosely, as advisories and manifests are written loosely, and must
// not know any one world's names or files.
package semver

import (
	"errors"
	"fmt"
	"strings"
)

// Rules are where worlds differ.
type Rules struct {
	// Name of the order in errors.
	Name string
	// Build metadata counts: pub and Julia put it above its absence.
	Build bool
	// Fold ignores the case of prereleases, as NuGet does.
	Fold bool
}

var (
	errEmpty  = errors.New("empty")
	errNumber = errors.New("does not begin with a number")
	errRange  = errors.New("a range of versions")
)

// version is a version taken apart; the texts are parts of the whole.
type version struct {
	// numbers are digits and dots: "1.2.3".
	numbers string
	// pre and build are what follows "-" and "+".
	pre, build string
	isPre      bool
}

// Compare compares two versions: numbers, then the prerelease, which is below
// its absence. Beyond the standard it accepts a leading "v" or "=", less than
// three numbers (absent ones are 0) and more, leading zeros, and a prerelease
// without its hyphen ("1.0.0rc1", "1.0.0.beta").
func (r Rules) Compare(a, b string) (int, error) {
	x, err := parse(a)
	if err != nil {
		return 0, fmt.Errorf("%s version %q: %w", r.Name, a, err)
	}
	y, err := parse(b)
	if err != nil {
		return 0, fmt.Errorf("%s version %q: %w", r.Name, b, err)
	}
	if n := Numbers(x.numbers, y.numbers); n != 0 {
		return n, nil
	}
	if x.isPre != y.isPre {
		if x.isPre {
			return -1, nil
		}
		return 1, nil
	}
	if n := r.identifiers(x.pre, y.pre); n != 0 || !r.Build {
		return n, nil
	}
	return r.identifiers(x.build, y.build), nil
}

// Numbers compares dotted numbers of any length; absent ones are 0.
func Numbers(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if n := Number(x, y); n != 0 {
			return n
		}
	}
	return 0
}

// Number compares two texts of digits, of any length, by value.
func Number(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func parse(s string) (version, error) {
	var v version
	s = strings.TrimSpace(s)
	if s != "" && (s[0] == '=' || s[0] == 'v' || s[0] == 'V') {
		s = s[1:]
		if s != "" && s[0] == 'v' {
			s = s[1:]
		}
	}
	if s == "" {
		return v, errEmpty
	}
	i := 0
	for i < len(s) && isDigit(s[i]) {
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		if i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
			i++
			continue
		}
		break
	}
	if i == 0 {
		return v, errNumber
	}
	v.numbers, s = s[:i], s[i:]
	rest, build, _ := strings.Cut(s, "+")
	v.build = build
	if rest != "" {
		v.isPre = true
		v.pre = rest
		if rest[0] == '-' || rest[0] == '.' {
			v.pre = rest[1:]
		}
	}
	for i := range len(s) {
		c := s[i]
		if !isDigit(c) && !('a' <= c|0x20 && c|0x20 <= 'z') && c != '-' && c != '.' && c != '+' && c != '_' && c != '~' {
			return v, fmt.Errorf("the character %q", c)
		}
	}
	if v.isPre && rest[0] == '.' && isWildcard(v.pre) {
		return v, errRange
	}
	return v, nil
}

// isWildcard tells "1.x" and "1.2.X" from versions.
func isWildcard(pre string) bool {
	first, _, _ := strings.Cut(pre, ".")
	return first == "x" || first == "X"
}

// identifiers compares prereleases, or build metadata: numbers by value and
// below words, words by their bytes, the shorter list below the longer.
func (r Rules) identifiers(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		xn, yn := isNumber(x), isNumber(y)
		n := 0
		switch {
		case xn && yn:
			n = Number(x, y)
		case xn:
			n = -1
		case yn:
			n = 1
		case r.Fold:
			n = compareFold(x, y)
		default:
			n = strings.Compare(x, y)
		}
		if n != 0 {
			return n
		}
	}
	return len(a) - len(b)
}

// compareFold compares without regard to the case of ASCII letters.
func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if n := int(lower(a[i])) - int(lower(b[i])); n != 0 {
			return n
		}
	}
	return len(a) - len(b)
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
