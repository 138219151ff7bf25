// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"unicode/utf8"
)

// columns turn columns in characters, as the reader of YAML counts them, into
// columns in bytes.
type columns struct {
	text []byte
	// starts of the lines; nil where every character is a byte.
	starts []int
	// marks of a line: the byte that each stride of characters begins at.
	marks map[int][]int
}

// stride is how many characters are counted at most for one column: a line may be
// long, and hold many values.
const stride = 64

func newColumns(text []byte) *columns {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	c := &columns{text: text, marks: map[int][]int{}}
	if bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
		c.starts = []int{0}
		for i, b := range text {
			if b == '\n' {
				c.starts = append(c.starts, i+1)
			}
		}
	}
	return c
}

// bytes is the column, 1 based, of a character; the same where nobody knows.
func (c *columns) bytes(line, column int) int {
	if line < 1 || line > len(c.starts) || column < 2 {
		return column
	}
	text := c.text[c.starts[line-1]:]
	if line < len(c.starts) {
		text = text[:c.starts[line]-c.starts[line-1]]
	}
	marks := c.marks[line]
	if marks == nil {
		n, at := 0, 0
		for at < len(text) {
			if n%stride == 0 {
				marks = append(marks, at)
			}
			_, size := utf8.DecodeRune(text[at:])
			at += size
			n++
		}
		c.marks[line] = marks
	}
	i := (column - 1) / stride
	if i >= len(marks) {
		if i == 0 || i > len(marks) || (column-1)%stride != 0 {
			return column
		}
		i--
	}
	at := marks[i]
	for n := i * stride; n < column-1 && at < len(text); n++ {
		_, size := utf8.DecodeRune(text[at:])
		at += size
	}
	return at + 1
}
