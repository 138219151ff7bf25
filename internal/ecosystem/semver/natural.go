// SPDX-License-Identifier: Apache-2.0

package semver

import (
	"errors"
	"fmt"
	"strings"
)

var errNoNumber = errors.New("holds no number")

// Natural compares versions that follow no one standard, "1.1.1w", "8.2.0RC1",
// "1.8.0_392", "15.4", "1.2.3-4", by their runs of digits and of letters.
// Everything else only parts them. At one place, from the lowest:
//
//   - words for what comes before a release: dev, devel, snapshot, canary, nightly;
//     alpha; beta; m, milestone; pre, preview, ea; rc, cr. The letters a and b
//     are such words between two digits ("3.12.0b1"), m before one;
//   - the number 0, the end, and words that say nothing: final, ga, release,
//     stable, lts, fips;
//   - other words, by their letters without regard to case ("1.0.2k");
//   - numbers by value.
//
// So 5.7 is equal to 5.7.0. Name is the order's in errors.
func Natural(name, a, b string) (int, error) {
	if err := checkNatural(name, a); err != nil {
		return 0, err
	}
	if err := checkNatural(name, b); err != nil {
		return 0, err
	}
	x, y := walker{text: trimV(a)}, walker{text: trimV(b)}
	for x.more() || y.more() {
		p, q := x.next(), y.next()
		n := p.rank - q.rank
		switch {
		case n != 0:
		case p.rank == rankNumber:
			n = Number(p.text, q.text)
		case p.rank == rankWord:
			n = compareFold(p.text, q.text)
		}
		if n != 0 {
			return n, nil
		}
	}
	return 0, nil
}

func checkNatural(name, s string) error {
	if !strings.ContainsAny(s, "0123456789") {
		return fmt.Errorf("%s version %q: %w", name, s, errNoNumber)
	}
	for i := range len(s) {
		c := s[i]
		if !isDigit(c) && !isLetter(c) && c != '.' && c != '-' && c != '+' && c != '_' && c != '~' && c != ':' {
			return fmt.Errorf("%s version %q: the character %q", name, s, c)
		}
	}
	return nil
}

// trimV takes the v of "v1.2" off.
func trimV(s string) string {
	if len(s) > 1 && lower(s[0]) == 'v' && isDigit(s[1]) {
		return s[1:]
	}
	return s
}

// The ranks of runs; those of words before a release are below rankNothing.
const (
	rankNothing = 10
	rankWord    = 11
	rankNumber  = 12
)

type run struct {
	rank int
	text string
}

// walker walks the runs of a version.
type walker struct {
	text string
	pos  int
}

func (w *walker) more() bool {
	for w.pos < len(w.text) && !isDigit(w.text[w.pos]) && !isLetter(w.text[w.pos]) {
		w.pos++
	}
	return w.pos < len(w.text)
}

func (w *walker) next() run {
	if !w.more() {
		return run{rank: rankNothing}
	}
	begin := w.pos
	number := isDigit(w.text[begin])
	for w.pos < len(w.text) && isDigit(w.text[w.pos]) == number && (number || isLetter(w.text[w.pos])) {
		w.pos++
	}
	text := w.text[begin:w.pos]
	if number {
		if text = strings.TrimLeft(text, "0"); text == "" {
			return run{rank: rankNothing}
		}
		return run{rankNumber, text}
	}
	before := w.pos < len(w.text) && isDigit(w.text[w.pos])
	return run{rankOf(text, before && begin > 0 && isDigit(w.text[begin-1]), before), text}
}

// rankOf knows the words; between is true between two digits, before in front
// of one.
func rankOf(word string, between, before bool) int {
	is := func(known string) bool { return len(word) == len(known) && compareFold(word, known) == 0 }
	switch {
	case is("dev"), is("devel"), is("snapshot"), is("canary"), is("nightly"):
		return 0
	case is("alpha"), is("a") && between:
		return 1
	case is("beta"), is("b") && between:
		return 2
	case is("milestone"), is("m") && before:
		return 3
	case is("pre"), is("preview"), is("ea"):
		return 4
	case is("rc"), is("cr"):
		return 5
	case is("final"), is("ga"), is("release"), is("stable"), is("lts"), is("fips"):
		return rankNothing
	}
	return rankWord
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
