// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"unicode"

	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/licensetext"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// definitions are the names that a copyright file made up for itself ("SGI",
// "custom-1"), by the reference that they become, with what their texts are. Such
// a name means nothing outside of the file, and the same one has other texts
// elsewhere: only the text counts. A nil licence is a text that is not known.
type definitions map[string]*license.Expression

// maxDefinition is the length of a text that is looked at, in bytes: names are
// made up for short texts.
const maxDefinition = 16 << 10

// add looks at the text below a License field whose name nobody knows. All
// of it has to be the text of one licence: a sentence more may be another term.
func (d definitions) add(name string, body []byte) {
	if len(body) == 0 || len(body) > maxDefinition || len(name) > maxLicense || excepted(name) {
		return
	}
	e := license.Normalise(sekisho.EcosystemDeb, []string{name})
	if e.IsZero() || e.Op != license.Leaf || e.Exception != "" || e.Known() {
		return
	}
	var found *license.Expression
	if id := textOf(plain(body)); id != "" {
		if r, err := license.Parse(id); err == nil {
			found = &r
		}
	}
	if old, ok := d[e.ID]; ok && (old == nil || found == nil || old.String() != found.String()) {
		found = nil // one name, two texts
	}
	d[e.ID] = found
}

// textOf is the id of the licence that the whole text is; empty for none.
func textOf(text []byte) string {
	if id, ok := wordSums[wordSum(text)]; ok {
		return id
	}
	s := shortTexts()
	if s == nil {
		return ""
	}
	if ids, percent := s.Scan(text); len(ids) == 1 && percent == 100 {
		return ids[0]
	}
	return ""
}

// wordSums are texts that the library does not have, by the sum of their words.
var wordSums = map[string]string{
	"abe1885c5a6a42ff63b7f480a35cb837": "BSD-4.3TAHOE",       // of the University of California, as in util-linux
	"b400dcfe9ebe698a6300d22fedec08c0": "MIT-Modern-Variant", // of the same, as in vim
}

// wordSum is the sum over the words of a text, in lower case and without marks.
func wordSum(text []byte) string {
	h := sha256.New()
	for _, w := range bytes.FieldsFunc(bytes.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		h.Write(w)
		h.Write([]byte{' '})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// apply writes what the texts say in the place of the names.
func (d definitions) apply(declared []string) []string {
	by := map[string]license.Expression{}
	for id, e := range d {
		if e != nil {
			by[id] = *e
		}
	}
	if len(by) == 0 {
		return declared
	}
	var out []string
	for _, name := range declared {
		if !excepted(name) {
			before := license.Normalise(sekisho.EcosystemDeb, []string{name})
			if after := before.Replace(by); after.String() != before.String() {
				name = after.String()
			}
		}
		out = addLicense(out, []byte(name))
	}
	return out
}

// excepted says whether a name has an exception, which its reference does not keep.
func excepted(name string) bool { return strings.Contains(strings.ToLower(name), " with ") }

// continued is what follows a field's first line: the lines that begin with a
// space or a tab, see https://www.debian.org/doc/debian-policy/ch-controlfields.html.
func continued(b []byte) []byte {
	end := 0
	for end < len(b) && (b[end] == ' ' || b[end] == '\t') {
		n := bytes.IndexByte(b[end:], '\n')
		if n < 0 {
			return b
		}
		end += n + 1
	}
	return b[:end]
}

// plain takes the form of the field away: a line with a dot is an empty one.
func plain(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); !bytes.Equal(line, []byte(".")) {
			out = append(out, line...)
		}
		out = append(out, '\n')
	}
	return out
}

// shortTexts are the licences that copyright files give names of their own; made
// when the first such name is met.
var shortTexts = sync.OnceValue(func() *licensetext.Set {
	s, err := licensetext.New("0BSD", "AML", "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "BSD-4-Clause-UC", "BSL-1.0", "FSFAP", "FSFULLR", "HPND", "HPND-sell-variant",
		"ISC", "MIT", "MIT-CMU", "NCSA", "NTP", "PostgreSQL", "SGI-B-2.0", "Spencer-86", "Spencer-94", "Spencer-99", "TCL", "TU-Berlin-1.0", "Zlib", "bzip2-1.0.6", "libtiff")
	if err != nil {
		return nil // a test sees it
	}
	return s
})
