// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Maven's versions
// (https://maven.apache.org/pom.html#version-order-specification), as
// ComparableVersion of Maven 3.8.7 computes it.
func Order() sekisho.Order {
	return sekisho.Order{Name: "maven", Compare: compareVersions}
}

var (
	errNoVersion = errors.New("empty")
	errLong      = errors.New("longer than any version")
)

// maxVersion bounds the bytes of a version: the normal form of a list costs the
// square of its length.
const maxVersion = 1024

// A version is a list of items, the last of which may be a list of the rest:
// "1.0-rc-2" is [1 0 [rc [2]]]. It is kept flat, with a mark where a list
// begins, as every list ends with the version.
type item struct {
	kind itemKind
	// text of a number, without the zeros before it, or of a qualifier.
	text string
	// rank of a qualifier.
	rank qualifier
}

type itemKind uint8

const (
	noItem itemKind = iota
	number
	word
	list
)

// qualifier ranks the known ones; all others are above and in order of their
// letters.
type qualifier uint8

const (
	rankAlpha qualifier = iota
	rankBeta
	rankMilestone
	rankCandidate
	rankSnapshot
	rankRelease
	rankPack
	rankUnknown
)

// items is long enough for nearly every version without an allocation.
type items [24]item

func compareVersions(a, b string) (int, error) {
	if err := checkVersion(a); err != nil {
		return 0, err
	}
	if err := checkVersion(b); err != nil {
		return 0, err
	}
	var bufA, bufB items
	x, y := parseItems(bufA[:0], a), parseItems(bufB[:0], b)
	for i := range max(len(x), len(y)) {
		var p, q item
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if n := compareItems(&p, &q); n != 0 {
			return n, nil
		}
	}
	return 0, nil
}

// compareItems compares what stands at one place of two versions. Of different
// kinds a word is below a list, and a list below a number.
func compareItems(p, q *item) int {
	switch {
	case p.kind == noItem:
		return -toNothing(q)
	case q.kind == noItem:
		return toNothing(p)
	case p.kind != q.kind:
		return place(p.kind) - place(q.kind)
	case p.kind == number:
		return semver.Number(p.text, q.text)
	case p.kind == word && p.rank != q.rank:
		return int(p.rank) - int(q.rank)
	case p.kind == word && p.rank == rankUnknown:
		return compareFold(p.text, q.text)
	}
	return 0
}

// toNothing compares an item with the end of the other version.
func toNothing(p *item) int {
	switch {
	case p.kind == number && p.text != "":
		return 1
	case p.kind == word:
		return int(p.rank) - int(rankRelease)
	}
	return 0
}

func place(k itemKind) int {
	switch k {
	case word:
		return 1
	case list:
		return 2
	}
	return 3
}

func checkVersion(s string) error {
	if s == "" {
		return fmt.Errorf("maven version %q: %w", s, errNoVersion)
	}
	if len(s) > maxVersion {
		return fmt.Errorf("maven version %.40q...: %w", s, errLong)
	}
	for _, c := range []byte(s) {
		switch c {
		case '[', ']', '(', ')', '{', '}', '$', ',', '<', '>', '=', '*', '/', '\\', ':':
		default:
			if c > ' ' && c < 0x7f {
				continue
			}
		}
		return fmt.Errorf("maven version %q: the character %q", s, c)
	}
	return nil
}

// parseItems appends the items of a version: parted by dots, while a hyphen,
// and a change between digits and letters, begin a list.
func parseItems(all []item, s string) []item {
	start, digits := 0, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.', c == '-':
			if i == start {
				all = append(all, item{kind: number})
			} else {
				all = appendItem(all, s[start:i], digits, false)
			}
			start = i + 1
			if c == '-' {
				all = append(all, item{kind: list})
			}
		case isDigit(c):
			if !digits && i > start {
				if !opens(all) {
					all = append(all, item{kind: list})
				}
				all = appendItem(all, s[start:i], false, true)
				all = append(all, item{kind: list})
				start = i
			}
			digits = true
		default:
			if digits && i > start {
				all = appendItem(all, s[start:i], true, false)
				all = append(all, item{kind: list})
				start = i
			}
			digits = false
		}
	}
	if start < len(s) {
		if !digits && !opens(all) {
			all = append(all, item{kind: list})
		}
		all = appendItem(all, s[start:], digits, false)
	}
	return normalize(all)
}

// opens says that the list at the end has no items yet.
func opens(all []item) bool { return len(all) == 0 || all[len(all)-1].kind == list }

func appendItem(all []item, s string, digits, beforeDigit bool) []item {
	if digits {
		return append(all, item{kind: number, text: strings.TrimLeft(s, "0")})
	}
	return append(all, item{kind: word, text: s, rank: rank(s, beforeDigit)})
}

// rank knows the qualifiers and their aliases; a, b and m only before a digit.
func rank(s string, beforeDigit bool) qualifier {
	is := func(known string) bool { return len(s) == len(known) && compareFold(s, known) == 0 }
	switch {
	case is("alpha"), beforeDigit && is("a"):
		return rankAlpha
	case is("beta"), beforeDigit && is("b"):
		return rankBeta
	case is("milestone"), beforeDigit && is("m"):
		return rankMilestone
	case is("rc"), is("cr"):
		return rankCandidate
	case is("snapshot"):
		return rankSnapshot
	case is("ga"), is("final"), is("release"):
		return rankRelease
	case is("sp"):
		return rankPack
	}
	return rankUnknown
}

// normalize removes from the end of each list, innermost first, what is equal
// to nothing: zeros, releases and empty lists.
func normalize(all []item) []item {
	for end := len(all); end > 0; {
		// The list is all[begin:end]; what follows is the list in it, if any.
		begin := end
		for begin > 0 && all[begin-1].kind != list {
			begin--
		}
		for i := end - 1; i >= begin && null(&all[i]); i-- {
			all = append(all[:i], all[i+1:]...)
		}
		if begin == len(all) && begin > 0 {
			all = all[:begin-1]
		}
		end = begin - 1
	}
	return all
}

// null says that an item is equal to nothing.
func null(p *item) bool {
	return p.kind == number && p.text == "" || p.kind == word && p.rank == rankRelease
}

func compareFold(a, b string) int {
	for i := range min(len(a), len(b)) {
		if n := int(lower(a[i])) - int(lower(b[i])); n != 0 {
			return n
		}
	}
	return len(a) - len(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
