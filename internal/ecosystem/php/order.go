// SPDX-License-Identifier: Apache-2.0

package php

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Composer's packages
// (https://getcomposer.org/doc/articles/versions.md): four numbers, or a date,
// then dev, alpha, beta, RC, the release, or a patch, each with its number.
// Branches ("dev-main") are no versions; "1.x-dev" is above all of 1.
func Order() sekisho.Order {
	return sekisho.Order{Name: "composer", Compare: compare}
}

var errForm = errors.New("not numbers with a stability")

// The places of stabilities.
const (
	rankDev = iota
	rankAlpha
	rankBeta
	rankCandidate
	rankRelease
	rankPatch
)

// version is a version taken apart; the texts are parts of the whole.
type version struct {
	// numbers are parted by dots, by hyphens and colons in a date; "x" stands
	// for the highest. Classical versions have four or more.
	numbers   string
	classical bool
	// pad stands for the numbers that a classical version leaves out.
	pad string
	// rank of the stability and its numbers, "" for none.
	rank  int
	level string
	// dev is true for a state before what the rest says.
	dev bool
}

func compare(a, b string) (int, error) {
	x, ok := parseVersion(a)
	if !ok {
		return 0, fmt.Errorf("composer version %q: %w", a, errForm)
	}
	y, ok := parseVersion(b)
	if !ok {
		return 0, fmt.Errorf("composer version %q: %w", b, errForm)
	}
	n, next := compareNumbers(&x, &y)
	if n != 0 {
		return n, nil
	}
	// Where one version has more numbers, the other's end is above a stability
	// before the release, and below a number.
	if next != 0 {
		return next, nil
	}
	if x.place() != y.place() {
		return x.place() - y.place(), nil
	}
	if x.rank == rankRelease {
		return 0, nil
	}
	if n := compareLevels(&x, &y); n != 0 {
		return n, nil
	}
	return 0, nil
}

// place is where the first word after the numbers stands.
func (v *version) place() int {
	if v.rank == rankRelease && v.dev {
		return rankDev
	}
	return v.rank
}

// compareNumbers compares number by number; more is which of the two has more.
func compareNumbers(x, y *version) (n, more int) {
	a, b := x.numbers, y.numbers
	for i := 0; ; i++ {
		p, restA, okA := cut(a)
		q, restB, okB := cut(b)
		if !okA && x.classical && i < 4 {
			p, okA = x.pad, true
		}
		if !okB && y.classical && i < 4 {
			q, okB = y.pad, true
		}
		switch {
		case !okA && !okB:
			return 0, 0
		case !okB:
			return 0, beyond(y, 1)
		case !okA:
			return 0, beyond(x, -1)
		}
		if n := compareNumber(p, q); n != 0 {
			return n, 0
		}
		a, b = restA, restB
	}
}

// beyond compares a further number with what the shorter version has in its
// place: it is above all but a patch. longer is the sign for it.
func beyond(shorter *version, longer int) int {
	if shorter.place() == rankPatch {
		return -longer
	}
	return longer
}

// cut takes the first number off.
func cut(s string) (first, rest string, ok bool) {
	if s == "" {
		return "", "", false
	}
	if i := strings.IndexAny(s, ".-:"); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", true
}

func compareNumber(p, q string) int {
	return semver.Number(number(p), number(q))
}

// number gives the number that a wildcard stands for.
func number(s string) string {
	if s == "x" || s == "X" || s == "*" {
		return "9999999"
	}
	return s
}

// compareLevels compares the numbers of a stability, then whether it is dev.
func compareLevels(x, y *version) int {
	a, b := x.level, y.level
	for a != "" || b != "" {
		p, restA, okA := cut(a)
		q, restB, okB := cut(b)
		switch {
		case !okB:
			return 1
		case !okA:
			return -1
		}
		if n := semver.Number(p, q); n != 0 {
			return n
		}
		a, b = restA, restB
	}
	switch {
	case x.dev == y.dev:
		return 0
	case x.dev:
		return -1
	}
	return 1
}

func parseVersion(s string) (v version, ok bool) {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '@'); i > 0 {
		s = s[:i] // "1.0@beta": what may be installed
	}
	if i := strings.IndexByte(s, '+'); i > 0 {
		s = s[:i]
	}
	if s != "" && (s[0] == 'v' || s[0] == 'V') {
		s = s[1:]
	}
	n := digits(s)
	if n == 0 {
		return v, false
	}
	v.classical = n <= 5
	v.rank = rankRelease
	wild := false
	i := n
	for i+1 < len(s) {
		if v.classical && n == 4 && i == 4 && (s[i] == '-' || s[i] == ':') && digits(s[i+1:]) > 0 {
			v.classical = false
		}
		if s[i] != '.' && (v.classical || s[i] != '-' && s[i] != ':') {
			break
		}
		if d := digits(s[i+1:]); d > 0 {
			i += 1 + d
			continue
		}
		if c := s[i+1]; s[i] == '.' && (c == 'x' || c == 'X' || c == '*') {
			wild, v.classical = true, true
			i += 2
			continue
		}
		break
	}
	v.numbers, s = s[:i], s[i:]
	if wild {
		// A branch; without "dev" it is a range.
		v.pad = "x"
		return v, v.ends(s) && v.dev
	}
	return v, v.stability(s)
}

// stability reads the rest, "-beta.2-dev", and says whether it is one.
func (v *version) stability(s string) bool {
	t := trimSeparator(s)
	for _, known := range [...]struct {
		word string
		rank int
	}{
		{"stable", rankRelease},
		{"alpha", rankAlpha},
		{"a", rankAlpha},
		{"beta", rankBeta},
		{"b", rankBeta},
		{"rc", rankCandidate},
		{"patch", rankPatch},
		{"pl", rankPatch},
		{"p", rankPatch},
	} {
		if len(t) < len(known.word) || !strings.EqualFold(t[:len(known.word)], known.word) {
			continue
		}
		v.rank = known.rank
		t = t[len(known.word):]
		n := 0
		for n < len(t) {
			m := n
			if t[m] == '.' || t[m] == '-' {
				m++
			}
			d := digits(t[m:])
			if d == 0 {
				break
			}
			n = m + d
		}
		v.level = strings.TrimLeft(t[:n], ".-")
		ok := v.ends(t[n:])
		// "1.0-stable-dev" is read as the release.
		v.dev = v.dev && v.rank != rankRelease
		return ok
	}
	return v.ends(s) || v.ends(t)
}

// ends reads "-dev", or nothing, at the end.
func (v *version) ends(s string) bool {
	if s != "" && (s[0] == '.' || s[0] == '-') {
		s = s[1:]
		if s == "" {
			return false
		}
	}
	v.dev = strings.EqualFold(s, "dev")
	return v.dev || s == ""
}

func trimSeparator(s string) string {
	if s != "" && (s[0] == '.' || s[0] == '-' || s[0] == '_') {
		return s[1:]
	}
	return s
}

// digits counts the digits that s begins with.
func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}
