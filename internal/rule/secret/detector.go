// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// detector knows one kind of secret.
type detector struct {
	id       string
	words    words
	severity sekisho.Severity
	off      bool
	// chosen values are made up by people: guessable, so nothing of them is shown
	// and their hash is slow. Opaque ones are long, and no part of them says anything.
	chosen, opaque bool
	// rank decides between two that claim the same place: the higher one has it.
	rank     int
	keywords []string
	fold     bool // keywords are lower case and stand for any case
	// find judges the place of a keyword.
	find func(t *text, at int, found func(hit))
	// file says whether the detector reads the lines of a file of this path.
	file func(path string) bool
	// eachLine judges the line b[start:end] of such a file.
	eachLine func(t *text, start, end int, found func(hit))
}

// The ranks: a form of its own, a place that says what it is, a name that
// suggests it.
const (
	rankName = iota
	rankPlace
	rankForm
	rankWhole // a document that contains others: a service account's key file
)

// text is what a detector looks at: the window, with the keyword somewhere in it.
type text struct {
	b    []byte
	path string
	// work counts the bytes that detectors looked at, see maxWork.
	work int
}

func (t *text) find(d *detector, at int, found func(hit)) {
	d.find(t, at, func(h hit) { h.detector = d; found(h) })
}

func (t *text) line(d *detector, start, end int, found func(hit)) {
	d.eachLine(t, start, end, func(h hit) { h.detector = d; found(h) })
}

// set is an alphabet.
type set [256]bool

func newSet(ranges string, more string) *set {
	var s set
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := int(ranges[i]); c <= int(ranges[i+1]); c++ {
			s[c] = true
		}
	}
	for i := range len(more) {
		s[more[i]] = true
	}
	return &s
}

var (
	digits    = newSet("09", "")
	lowerHex  = newSet("09af", "")
	anyHex    = newSet("09afAF", "")
	upperNum  = newSet("09AZ", "")
	lowerNum  = newSet("09az", "")
	alnum     = newSet("09azAZ", "")
	letters   = newSet("azAZ", "")
	base32Set = newSet("27AZ", "")
	urlSafe   = newSet("09azAZ", "_-")
	urlDots   = newSet("09azAZ", "_-.")
	base64Set = newSet("09azAZ", "+/=")
	wordSet   = newSet("09azAZ", "_")
)

// run is where the bytes of the alphabet that begin at i end, at most limit of them.
func (t *text) run(i int, s *set, limit int) int {
	end := min(len(t.b), i+limit)
	from := i
	for i < end && s[t.b[i]] {
		i++
	}
	t.work += i - from
	return i
}

// back is where the bytes of the alphabet that end before i begin.
func (t *text) back(i int, s *set, limit int) int {
	end := max(0, i-limit)
	from := i
	for i > end && s[t.b[i-1]] {
		i--
	}
	t.work += from - i
	return i
}

// begins says whether a word begins at i: nothing of a word is before it, unless
// it is the letter of an escape ("\n").
func (t *text) begins(i int) bool {
	if i == 0 || !wordSet[t.b[i-1]] {
		return true
	}
	return i > 1 && t.b[i-2] == '\\' && (t.b[i-1] == 'n' || t.b[i-1] == 't' || t.b[i-1] == 'r')
}

// ends says whether a word ends before i.
func (t *text) ends(i int) bool { return i >= len(t.b) || !wordSet[t.b[i]] && t.b[i] != '-' }

// near says whether one of the words (lower case) is within n bytes before or
// after i, in any case.
func (t *text) near(i, n int, words ...string) bool {
	t.work += 8 * n
	around := bytes.ToLower(t.b[max(0, i-n):min(len(t.b), i+n)])
	return slices.ContainsFunc(words, func(w string) bool { return bytes.Contains(around, []byte(w)) })
}

// form is a token with a prefix.
type form struct {
	prefix   string
	set      *set
	min, max int
	// check looks at all of the token; it says what that makes sure.
	check func(token []byte) (level string, ok bool)
}

// forms makes a detector of tokens that have a prefix, an alphabet and a length.
func forms(d detector, list ...form) *detector {
	for i := range list {
		if !slices.Contains(d.keywords, list[i].prefix) {
			d.keywords = append(d.keywords, list[i].prefix)
		}
	}
	d.rank = rankForm
	d.find = func(t *text, at int, found func(hit)) {
		if !t.begins(at) {
			return
		}
		for i := range list {
			f := &list[i]
			body := at + len(f.prefix)
			if body > len(t.b) || string(t.b[at:body]) != f.prefix {
				continue
			}
			end := t.run(body, f.set, f.max+1)
			for end > body && f.set['.'] && t.b[end-1] == '.' {
				end-- // the end of a sentence
			}
			if n := end - body; n < f.min || n > f.max || !t.ends(end) {
				continue
			}
			if placeholder(t.b[body:end]) {
				continue
			}
			level := levelForm
			if f.check != nil {
				var ok bool
				if level, ok = f.check(t.b[at:end]); !ok {
					continue
				}
			}
			found(hit{start: at, end: end, level: level})
			return
		}
	}
	return &d
}

// entropy of the bytes, in bits a byte.
func entropy(b []byte) float64 {
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	var e float64
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(b))
			e -= p * math.Log2(p)
		}
	}
	return e
}

// placeholder says whether what should be random is not: one character over and
// over, a sequence, words that stand for a value.
func placeholder(b []byte) bool {
	if len(b) >= 16 && entropy(b) < 2.6 {
		return true
	}
	steps, same := 0, 0
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case b[i-1] + 1:
			steps++
		case b[i-1]:
			same++
		}
	}
	if len(b) >= 8 && (steps*2 >= len(b) || same*2 >= len(b)) {
		return true
	}
	lower := strings.ToLower(string(b))
	for _, w := range [...]string{"xxxx", "example", "placeholder", "your", "changeme", "redacted", "dummy", "fake", "00000000", "11111111", "12345678", "abcdefgh", "deadbeef", "....", "****"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// mixed says whether random bytes of this length would look so: digits and
// letters, and enough of different ones.
func mixed(b []byte, bits float64) bool {
	var digit, letter bool
	for _, c := range b {
		digit = digit || digits[c]
		letter = letter || letters[c]
	}
	return digit && letter && entropy(b) >= bits && !placeholder(b)
}
