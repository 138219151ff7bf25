// SPDX-License-Identifier: Apache-2.0

package manifest

import "strings"

// tomlString is a string of a TOML document on one line, with the keys that lead
// to it ("[]" for an element of an array) and where its text stands.
// See https://toml.io/en/v1.0.0.
type tomlString struct {
	path     []string
	value    string
	from, to int
	// escaped is true when the text is not the value as it stands.
	escaped bool
}

// tomlScanner finds the strings of a document. It checks no more than it needs to
// find them.
type tomlScanner struct {
	text string
	at   int
	out  []tomlString
	bad  bool
}

const maxTOMLDepth = 100

// tomlStrings are the strings of a document; false when it cannot be read.
func tomlStrings(text []byte) ([]tomlString, bool) {
	s := &tomlScanner{text: string(text)}
	if strings.HasPrefix(s.text, "\ufeff") {
		s.at = 3
	}
	var table []string
	for {
		s.space(true)
		switch {
		case s.bad:
			return nil, false
		case s.at >= len(s.text):
			return s.out, true
		case s.take("[["):
			table = append(s.key(), "[]")
			s.bad = s.bad || !s.take("]]")
		case s.take("["):
			table = s.key()
			s.bad = s.bad || !s.take("]")
		default:
			s.pair(table, 0)
		}
		s.endOfLine()
	}
}

// space skips white space and comments, with lines also the ends of lines.
func (s *tomlScanner) space(lines bool) {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' || c == '\t', lines && (c == '\n' || c == '\r'):
			s.at++
		case c == '#' && lines:
			i := strings.IndexByte(s.text[s.at:], '\n')
			if i < 0 {
				s.at = len(s.text)
				return
			}
			s.at += i
		default:
			return
		}
	}
}

func (s *tomlScanner) endOfLine() {
	s.space(false)
	if s.at < len(s.text) && !strings.ContainsRune("\r\n#", rune(s.text[s.at])) {
		s.bad = true
	}
}

func (s *tomlScanner) take(mark string) bool {
	if strings.HasPrefix(s.text[s.at:], mark) {
		s.at += len(mark)
		return true
	}
	return false
}

// key is a dotted key.
func (s *tomlScanner) key() (out []string) {
	for !s.bad {
		s.space(false)
		switch {
		case s.at >= len(s.text):
			s.bad = true
		case s.text[s.at] == '"' || s.text[s.at] == '\'':
			from, to, _ := s.quoted()
			if !s.bad {
				out = append(out, s.text[from:to])
			}
		default:
			from := s.at
			for s.at < len(s.text) && (isVersionByte(s.text[s.at]) && strings.IndexByte(".!+", s.text[s.at]) < 0) {
				s.at++
			}
			if s.bad = s.at == from; !s.bad {
				out = append(out, s.text[from:s.at])
			}
		}
		s.space(false)
		if s.bad || !s.take(".") {
			return out
		}
		if len(out) > maxTOMLDepth {
			s.bad = true
		}
	}
	return out
}

// quoted reads a string of one line and gives the place of its text.
func (s *tomlScanner) quoted() (from, to int, escaped bool) {
	quote := s.text[s.at]
	s.at++
	from = s.at
	for s.at < len(s.text) && s.text[s.at] != '\n' {
		switch c := s.text[s.at]; {
		case c == quote:
			s.at++
			return from, s.at - 1, escaped
		case c == '\\' && quote == '"':
			escaped = true
			s.at++
		}
		s.at++
	}
	s.bad = true
	return from, from, false
}

func (s *tomlScanner) pair(table []string, depth int) {
	path := append(append([]string(nil), table...), s.key()...)
	s.space(false)
	if s.bad = s.bad || !s.take("="); !s.bad {
		s.value(path, depth)
	}
}

func (s *tomlScanner) value(path []string, depth int) {
	s.space(false)
	rest := s.text[s.at:]
	switch {
	case s.bad || rest == "" || depth > maxTOMLDepth:
		s.bad = true
	case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, "'''"):
		s.long(rest[:3])
	case rest[0] == '"' || rest[0] == '\'':
		from, to, escaped := s.quoted()
		if !s.bad {
			s.out = append(s.out, tomlString{path: path, value: s.text[from:to], from: from, to: to, escaped: escaped})
		}
	case rest[0] == '[':
		s.at++
		s.list("]", func() { s.value(append(append([]string(nil), path...), "[]"), depth+1) })
	case rest[0] == '{':
		s.at++
		s.list("}", func() { s.pair(path, depth+1) })
	default:
		i := strings.IndexAny(rest, ",]}#\r\n")
		if i < 0 {
			i = len(rest)
		}
		s.bad = i == 0
		s.at += i
	}
}

// long skips a string of several lines.
func (s *tomlScanner) long(mark string) {
	s.at += 3
	for s.at < len(s.text) {
		switch {
		case s.text[s.at] == '\\' && mark[0] == '"':
			s.at++
		case s.take(mark):
			for s.at < len(s.text) && s.text[s.at] == mark[0] {
				s.at++ // a quote before the end
			}
			return
		}
		s.at++
	}
	s.bad = true
}

func (s *tomlScanner) list(end string, element func()) {
	for !s.bad {
		s.space(true)
		if s.take(end) {
			return
		}
		if s.at >= len(s.text) {
			s.bad = true
			return
		}
		element()
		s.space(true)
		if !s.bad && !s.take(",") {
			s.bad = !s.take(end)
			return
		}
	}
}
