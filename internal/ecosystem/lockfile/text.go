// SPDX-License-Identifier: Apache-2.0

// Package lockfile keeps the line numbers while text and JSON are read, for
// the ecosystems whose files name many packages. It knows no format of its
// own, does no I/O and makes no facts.
package lockfile

import "bytes"

// bom is the mark that Windows tools write before UTF-8.
var bom = []byte("\xef\xbb\xbf")

// Text yields the lines of a file without copying them.
type Text struct {
	rest []byte
	// Line is the number of the line that Next returned last, 1 based.
	Line int
}

// NewText reads b, without a byte order mark.
func NewText(b []byte) *Text { return &Text{rest: bytes.TrimPrefix(b, bom)} }

// Next returns the next line without its line end. The bytes belong to the
// file: copy what is kept.
func (t *Text) Next() ([]byte, bool) {
	if len(t.rest) == 0 {
		return nil, false
	}
	line, rest, _ := bytes.Cut(t.rest, []byte{'\n'})
	t.rest = rest
	t.Line++
	return bytes.TrimSuffix(line, []byte{'\r'}), true
}

// Indent counts the spaces that a line begins with.
func Indent(line []byte) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// Unquote removes blanks, and then one pair of single or double quotes.
func Unquote(b []byte) []byte {
	b = bytes.TrimSpace(b)
	if n := len(b); n >= 2 && (b[0] == '"' || b[0] == '\'') && b[n-1] == b[0] {
		return b[1 : n-1]
	}
	return b
}
