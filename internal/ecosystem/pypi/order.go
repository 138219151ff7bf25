// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of PEP 440
// (https://packaging.python.org/en/latest/specifications/version-specifiers/).
// Versions from before it ("2004d") are none.
func Order() sekisho.Order {
	return sekisho.Order{Name: "pep440", Compare: compare}
}

var errForm = errors.New("not of PEP 440")

// The places of what may follow the release, from the lowest.
const (
	lowest = iota
	alpha
	beta
	candidate
	present
	highest
)

// part is an alpha, beta, candidate, post or development number; absent ones
// are the lowest or the highest.
type part struct {
	kind   int
	number string
}

// version is a version taken apart; the texts are parts of the whole.
type version struct {
	epoch, release, local string
	pre, post, dev        part
	hasLocal              bool
}

func compare(a, b string) (int, error) {
	x, ok := parseVersion(a)
	if !ok {
		return 0, fmt.Errorf("python version %q: %w", a, errForm)
	}
	y, ok := parseVersion(b)
	if !ok {
		return 0, fmt.Errorf("python version %q: %w", b, errForm)
	}
	if n := semver.Number(x.epoch, y.epoch); n != 0 {
		return n, nil
	}
	if n := semver.Numbers(x.release, y.release); n != 0 {
		return n, nil
	}
	if n := comparePart(x.pre, y.pre); n != 0 {
		return n, nil
	}
	if n := comparePart(x.post, y.post); n != 0 {
		return n, nil
	}
	if n := comparePart(x.dev, y.dev); n != 0 {
		return n, nil
	}
	return compareLocal(&x, &y), nil
}

func comparePart(a, b part) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), semver.Number(a.number, b.number))
}

// compareLocal compares what follows "+": words without regard to case, below
// numbers; none is below any.
func compareLocal(x, y *version) int {
	switch {
	case x.hasLocal && !y.hasLocal:
		return 1
	case y.hasLocal && !x.hasLocal:
		return -1
	}
	a, b := x.local, y.local
	for a != "" && b != "" {
		var p, q string
		p, a = cutLocal(a)
		q, b = cutLocal(b)
		pn, qn := digits(p) == len(p), digits(q) == len(q)
		n := 0
		switch {
		case pn && qn:
			n = semver.Number(p, q)
		case pn:
			n = 1
		case qn:
			n = -1
		default:
			n = compareFold(p, q)
		}
		if n != 0 {
			return n
		}
	}
	return len(a) - len(b)
}

// cutLocal splits a local version after its first part.
func cutLocal(s string) (first, rest string) {
	if i := strings.IndexAny(s, ".-_"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if n := int(lower(a[i])) - int(lower(b[i])); n != 0 {
			return n
		}
	}
	return len(a) - len(b)
}

func parseVersion(s string) (v version, ok bool) {
	s = strings.TrimSpace(s)
	if s != "" && lower(s[0]) == 'v' {
		s = s[1:]
	}
	if i := digits(s); i > 0 && i < len(s) && s[i] == '!' {
		v.epoch, s = s[:i], s[i+1:]
	}
	i := digits(s)
	for i > 0 && i+1 < len(s) && s[i] == '.' && digits(s[i+1:]) > 0 {
		i += 1 + digits(s[i+1:])
	}
	if i == 0 {
		return v, false
	}
	v.release, s = s[:i], s[i:]
	v.pre, s = parsePart(s, word{"alpha", alpha}, word{"a", alpha}, word{"beta", beta}, word{"b", beta},
		word{"preview", candidate}, word{"pre", candidate}, word{"rc", candidate}, word{"c", candidate})
	if n := digits(s[min(1, len(s)):]); n > 0 && s[0] == '-' {
		v.post, s = part{present, s[1 : 1+n]}, s[1+n:]
	} else {
		v.post, s = parsePart(s, word{"post", present}, word{"rev", present}, word{"r", present})
	}
	v.dev, s = parsePart(s, word{"dev", present})
	// A development release of the version itself is below its prereleases.
	if v.pre.kind == lowest && (v.post.kind != lowest || v.dev.kind == lowest) {
		v.pre.kind = highest
	}
	if v.dev.kind == lowest {
		v.dev.kind = highest
	}
	if s != "" && s[0] == '+' {
		v.local, v.hasLocal = s[1:], true
		return v, validLocal(v.local)
	}
	return v, s == ""
}

// word is a spelling of a kind of part.
type word struct {
	text string
	kind int
}

// parsePart reads "[.-_]WORD[[.-_]NUMBER]" in one of the spellings. Where there
// is none it gives the lowest part and all of s.
func parsePart(s string, spellings ...word) (p part, rest string) {
	t := s
	if t != "" && isSeparator(t[0]) {
		t = t[1:]
	}
	for _, w := range spellings {
		if len(t) < len(w.text) || compareFold(t[:len(w.text)], w.text) != 0 {
			continue
		}
		p.kind, t = w.kind, t[len(w.text):]
		// A separator may follow even where no number does.
		if t != "" && isSeparator(t[0]) {
			t = t[1:]
		}
		n := digits(t)
		p.number = t[:n]
		return p, t[n:]
	}
	return p, s
}

func validLocal(s string) bool {
	for i := range len(s) {
		if isSeparator(s[i]) {
			if i == 0 || i+1 == len(s) || isSeparator(s[i-1]) {
				return false
			}
		} else if c := lower(s[i]); (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// digits counts the digits that s begins with.
func digits(s string) int {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

func isSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
