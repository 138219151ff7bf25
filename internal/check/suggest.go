// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of a suggestion: what a person takes in at one look.
const (
	suggestedLines = 40
	suggestedBytes = 4096
)

const byteOrderMark = "\ufeff"

// Suggest makes a suggestion of a text and of what it is to become: the lines
// between those that stay at both ends. It is nil where nothing differs, where it
// would be too large or show what hide changes, and for the first line of a text
// with a byte order mark, which tools do not agree about.
func Suggest(before, after []byte, hide func(string) string) *sekisho.Suggestion {
	a, b := linesOf(before), linesOf(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	switch {
	case head == len(a) && head == len(b), len(a) == 0:
		return nil
	case head+tail < len(a):
	case tail > 0: // lines are added: the one behind them holds the place
		tail--
	default:
		head--
	}
	s := &sekisho.Suggestion{Line: head + 1, Before: slices.Clone(a[head : len(a)-tail]), After: slices.Clone(b[head : len(b)-tail])}
	return shown(s, hide)
}

// shown is the suggestion if people may and can look at it.
func shown(s *sekisho.Suggestion, hide func(string) string) *sekisho.Suggestion {
	size := 0
	for _, line := range slices.Concat(s.Before, s.After) {
		size += len(line)
		if strings.Contains(line, byteOrderMark) || strings.ContainsRune(line, '\r') || strings.ContainsRune(line, 0) || strings.ToValidUTF8(line, "") != line || hide != nil && hide(line) != line {
			return nil
		}
	}
	if size > suggestedBytes || len(s.Before)+len(s.After) > suggestedLines {
		return nil
	}
	return s
}

// linesOf are the lines of a text, without their ends.
func linesOf(text []byte) []string {
	out := make([]string, 0, bytes.Count(text, []byte("\n"))+1)
	for line := range bytes.Lines(text) {
		out = append(out, string(endless(line)))
	}
	return out
}

// endless is a line without its end.
func endless(line []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
}

// Member is a member of a map in YAML or JSON whose value is wrong, "privileged:
// true", and what is certain to be right.
type Member struct {
	Key, Was string
	// Now is the value to write: several lines in YAML stand below the key. Empty
	// where the member is to go.
	Now string
	// Name is written in place of Key, where that is old, whatever the value.
	Name string
	// Safe is true when nothing behaves differently for it.
	Safe bool
}

// Members are those that the rules of a kind know the right value of, by the id of
// the rule.
type Members map[string][]Member

// Mark says of the rules whose right value is known that they can be rewritten.
func (m Members) Mark(rules []sekisho.Rule) []sekisho.Rule {
	for i := range rules {
		rules[i].Fixable = rules[i].Fixable || len(m[rules[i].ID]) > 0
	}
	return rules
}

// In is what makes suggestions for a text of YAML or JSON: where a hit begins with
// one of the members of its rule, on one line and with no more on that line than
// can be a secret.
func (m Members) In(text []byte) func(*sekisho.Rule, *Hit) *sekisho.Suggestion {
	var lines []string
	return func(r *sekisho.Rule, h *Hit) *sekisho.Suggestion {
		if len(m[r.ID]) == 0 {
			return nil
		}
		if lines == nil {
			lines = linesOf(text)
		}
		if h.Line > len(lines) || h.Column < 1 {
			return nil
		}
		line, column := lines[h.Line-1], h.Column-1
		if column > len(line) || strings.Contains(line[:column], "#") {
			return nil
		}
		for i := range m[r.ID] {
			if after, ok := m[r.ID][i].write(lines, h.Line-1, column); ok {
				s := &sekisho.Suggestion{Line: h.Line, Before: []string{line}, After: after, Unsafe: !m[r.ID][i].Safe}
				return shown(s, nil)
			}
		}
		return nil
	}
}

// write gives the lines in place of the one that the member is on; ok is false
// where it does not stand there by itself.
func (m *Member) write(lines []string, at, column int) (after []string, ok bool) {
	line := lines[at]
	head, rest := line[:column], line[column:]
	quote, rest := quoteOf(rest)
	rest, ok = strings.CutPrefix(rest, m.Key+quote)
	colon, found := strings.CutPrefix(strings.TrimLeft(rest, " "), ":")
	if !ok || !found {
		return nil, false
	}
	between := rest[:len(rest)-len(colon)]
	value := strings.TrimLeft(colon, " ")
	if value == colon && quote != `"` {
		return nil, false // "a:b" is a text
	}
	between += colon[:len(colon)-len(value)]
	mark, value := quoteOf(value)
	if m.Name != "" { // whatever the value is
		alone := strings.Trim(head, " -") == "" && !siblings(lines, at, column, func(key string) bool { return key == m.Name })
		return []string{head + quote + m.Name + quote + between + mark + value}, alone && word(value, mark)
	}
	tail, ok := strings.CutPrefix(value, m.Was+mark)
	if !ok || tail != "" && !strings.ContainsRune(" ,}]", rune(tail[0])) || !plain(head) || !plain(tail) {
		return nil, false
	}
	switch block := strings.Split(m.Now, "\n"); {
	case m.Now == "":
		if strings.Trim(head, " ") != "" || strings.Trim(tail, " ") != "" && !strings.HasPrefix(strings.Trim(tail, " "), "#") || !beside(lines, at, column) {
			return nil, false
		}
		return []string{}, true
	case len(block) > 1:
		if strings.Trim(head, " ") != "" || strings.Trim(tail, " ") != "" || quote != "" {
			return nil, false
		}
		after = append(after, head+m.Key+":")
		for _, l := range block[1:] {
			after = append(after, head+l)
		}
		return after, true
	}
	if isBool(m.Now) != isBool(m.Was) {
		mark = ""
	}
	return []string{head + quote + m.Key + quote + between + mark + m.Now + mark + tail}, true
}

func isBool(s string) bool { return s == "true" || s == "false" }

// quoteOf takes a quotation mark from the beginning of a text.
func quoteOf(s string) (quote, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		return s[:1], s[1:]
	}
	return "", s
}

// word says whether a value is one plain word of a name, and nothing is behind it.
func word(value, mark string) bool {
	name, tail := value, ""
	if i := strings.IndexAny(value, mark+" ,}]"); i >= 0 {
		name, tail = value[:i], strings.TrimPrefix(value[i:], mark)
	}
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool { return !strings.ContainsRune(keyLetters, c) }) && plain(tail)
}

// plain says whether what stands beside a member on its line is marks, one key
// that it is in, and a comment without values: nothing that could be a secret.
func plain(s string) bool {
	s, comment, _ := strings.Cut(s, "#")
	s = strings.Trim(s, " ,{}[]-\t")
	if key, ok := strings.CutSuffix(s, ":"); ok {
		s = strings.Trim(key, `"`)
		if strings.ContainsFunc(s, func(c rune) bool { return !strings.ContainsRune(keyLetters, c) }) {
			return false
		}
		s = ""
	}
	return s == "" && !strings.ContainsAny(comment, "=:@/") && len(comment) < 120
}

const keyLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

// beside says whether another member of the same map is on a line of its own: one
// may go without leaving an empty map.
func beside(lines []string, at, column int) bool {
	return siblings(lines, at, column, func(string) bool { return true })
}

// siblings says whether one of the keys is right, of the members of the map that
// the one at a column of a line is in: those on lines of their own.
func siblings(lines []string, at, column int, right func(key string) bool) bool {
	for _, step := range [...]int{-1, 1} {
		if step < 0 && strings.Contains(lines[at][:column], "-") {
			continue // the item begins with it
		}
		for i := at + step; i >= 0 && i < len(lines); i += step {
			text := strings.TrimLeft(lines[i], " ")
			depth := len(lines[i]) - len(text)
			if text == "" || text[0] == '#' || depth > column {
				continue // nothing, or what is in a member
			}
			item := strings.TrimLeft(text, "- ")
			listed := item != text
			key, _, is := strings.Cut(item, ":")
			begins := listed && step < 0 && len(lines[i])-len(item) == column
			if is && (begins || !listed && depth == column) && right(strings.Trim(key, " \"'")) {
				return true
			}
			if depth < column { // what the map is in, or the item that begins with it
				break
			}
		}
	}
	return false
}

// Follow makes the edit of a suggestion; ok is false where the text is not what it
// is about. The ends of lines stay as the text has them.
func Follow(text []byte, s *sekisho.Suggestion) (after []byte, ok bool) {
	at, n := 0, 1
	for ; n < s.Line; n++ {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return nil, false
		}
		at += i + 1
	}
	end, eol := at, ""
	for _, want := range s.Before {
		if end == len(text) {
			return nil, false
		}
		line := text[end:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i+1]
		}
		body := endless(line)
		if string(body) != want {
			return nil, false
		}
		end += len(line)
		if eol == "" {
			eol = string(line[len(body):])
		}
	}
	if len(s.Before) == 0 {
		return nil, false
	}
	last := len(text) > 0 && end == len(text) && text[end-1] != '\n'
	after = append(after, text[:at]...)
	if eol == "" {
		eol = "\n"
		if bytes.Contains(text, []byte("\r\n")) {
			eol = "\r\n"
		}
	}
	for i, line := range s.After {
		after = append(after, line...)
		if i < len(s.After)-1 || !last {
			after = append(after, eol...)
		}
	}
	return append(after, text[end:]...), true
}
