// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"sort"
	"strings"
)

// unit is a systemd unit file
// (https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html).
type unit struct {
	entries []entry
	// sections are the places of the headings.
	sections []Value
}

// entry is one assignment. Value.Written is "Key=value".
type entry struct {
	section, key string
	Value
	// starts are the lines that a continued value is made of: its offset in Text,
	// and where it stands.
	starts []start
	// parts of a continued value while it is read, and their length.
	parts  []string
	length int
}

type start struct{ offset, line, column int }

// parseUnit reads a unit. What is no assignment and no heading is the mistake,
// by its line; reading goes on behind it.
func parseUnit(file, text string) (u unit, bad []Value) {
	section := ""
	var open *entry
	line := 0
	for raw := range strings.Lines(text) {
		line++
		body := strings.TrimRight(raw, " \t\r\n")
		trimmed := strings.TrimLeft(body, " \t")
		indent := len(body) - len(trimmed)
		if trimmed != "" && (trimmed[0] == '#' || trimmed[0] == ';') {
			continue // also between the lines of a continued value
		}
		if open != nil {
			more := strings.HasSuffix(trimmed, `\`)
			open.add(strings.TrimSuffix(trimmed, `\`), line, indent+1, len(body)+1)
			if !more {
				u.entries = append(u.entries, open.close())
				open = nil
			}
			continue
		}
		here := Value{Set: true, Literal: true, Written: trimmed, File: file, Line: line, Column: indent + 1, EndLine: line, EndColumn: len(body) + 1}
		switch name, value, ok := strings.Cut(trimmed, "="); {
		case trimmed == "":
		case trimmed[0] == '[' && strings.HasSuffix(trimmed, "]"):
			section = trimmed[1 : len(trimmed)-1]
			here.Text = section
			u.sections = append(u.sections, here)
		case !ok || strings.TrimSpace(name) == "":
			bad = append(bad, here)
		default:
			lead := len(value) - len(strings.TrimLeft(value, " \t"))
			e := entry{section: section, key: strings.TrimSpace(name), Value: here}
			value = strings.TrimLeft(value, " \t")
			at := indent + len(name) + 1 + lead
			if cut, more := strings.CutSuffix(value, `\`); more {
				e.Text, e.starts = cut, []start{{0, line, at + 1}}
				e.Written = strings.TrimSuffix(e.Written, `\`)
				open = &e
				continue
			}
			e.Text, e.starts = value, []start{{0, line, at + 1}}
			u.entries = append(u.entries, e)
		}
	}
	if open != nil {
		u.entries = append(u.entries, open.close())
	}
	return u, bad
}

// maxContinued is how long a value of several lines may be; the rest is cut off.
const maxContinued = 256 << 10

// add continues a value on a line.
func (e *entry) add(text string, line, column, end int) {
	if e.length == 0 {
		e.parts, e.length = []string{e.Text}, len(e.Text)
	}
	if e.length+len(text) >= maxContinued {
		return
	}
	e.starts = append(e.starts, start{e.length + 1, line, column})
	e.parts = append(e.parts, text)
	e.length += len(text) + 1
	e.EndLine, e.EndColumn = line, end
}

// close ends a continued value.
func (e *entry) close() entry {
	if e.length > 0 {
		e.Text = strings.Join(e.parts, " ")
		e.Written = e.key + "=" + strings.Join(strings.Fields(e.Text[:min(len(e.Text), 4<<10)]), " ")
	}
	return *e
}

// place is where a part of the value stands.
func (e *entry) place(from, to int, v Value) Value {
	v.File = e.File
	v.Line, v.Column = e.at(from)
	v.EndLine, v.EndColumn = e.at(to)
	return v
}

func (e *entry) at(offset int) (line, column int) {
	i := sort.Search(len(e.starts), func(i int) bool { return e.starts[i].offset > offset })
	s := e.starts[max(i-1, 0)]
	return s.line, s.column + offset - s.offset
}

// words splits a value at spaces outside quotes, as systemd does.
func (e *entry) words() []Value {
	var out []Value
	text := e.Text
	for i := 0; i < len(text); {
		if text[i] == ' ' || text[i] == '\t' {
			i++
			continue
		}
		from := i
		var b strings.Builder
		quote := byte(0)
		for ; i < len(text) && (quote != 0 || text[i] != ' ' && text[i] != '\t'); i++ {
			switch c := text[i]; {
			case c == '\\' && i+1 < len(text):
				i++
				b.WriteByte(text[i])
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			default:
				b.WriteByte(c)
			}
		}
		i = min(i, len(text))
		word := strings.ReplaceAll(b.String(), hole, "?")
		marked := holes(word)
		out = append(out, e.place(from, i, Value{Set: true, Text: marked, Literal: marked == word, Written: word}))
	}
	return out
}

// holes puts a hole where a variable or a substitution of a shell stands.
func holes(text string) string {
	if !strings.ContainsAny(text, "$`") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '`':
			b.WriteString(hole)
			end := strings.IndexByte(text[i+1:], '`')
			if end < 0 {
				return b.String()
			}
			i += end + 1
		case c != '$' || i+1 == len(text):
			b.WriteByte(c)
		case text[i+1] == '{' || text[i+1] == '(':
			b.WriteString(hole)
			i = balanced(text, i+1)
		default:
			end := i + 1 + nameLen(text[i+1:])
			if end == i+1 {
				end++ // "$1", "$@"
			}
			b.WriteString(hole)
			i = end - 1
		}
	}
	return b.String()
}

// balanced is the index of what closes the bracket at from.
func balanced(text string, from int) int {
	depth := 0
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '(', '{':
			depth++
		case ')', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(text)
}
