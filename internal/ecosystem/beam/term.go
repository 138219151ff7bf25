// SPDX-License-Identifier: Apache-2.0

package beam

import "bytes"

// scanner reads the tokens that Erlang's and Elixir's literal terms share:
// quoted strings, words and punctuation. Comments begin with % (Erlang) or
// # (Elixir).
type scanner struct {
	b       []byte
	pos     int
	line    int
	comment byte
}

// kind of a token.
type kind byte

const (
	end    kind = iota
	text        // a quoted string or <<"binary">> part; value is the inside, escapes kept
	word        // an atom, a number, a key with its colon
	symbol      // one character of punctuation
)

type token struct {
	kind  kind
	value []byte
	line  int
}

func (s *scanner) next() token {
	for s.pos < len(s.b) {
		c := s.b[s.pos]
		switch {
		case c == '\n':
			s.line++
			s.pos++
		case c == ' ' || c == '\t' || c == '\r':
			s.pos++
		case c == s.comment:
			i := bytes.IndexByte(s.b[s.pos:], '\n')
			if i < 0 {
				s.pos = len(s.b)
				break
			}
			s.pos += i
		case c == '"' || c == '\'':
			return s.quoted(c)
		case letter(c):
			start := s.pos
			for s.pos < len(s.b) && (letter(s.b[s.pos]) || s.b[s.pos] == '.' && s.pos+1 < len(s.b) && letter(s.b[s.pos+1])) {
				s.pos++
			}
			return token{word, s.b[start:s.pos], s.line}
		default:
			s.pos++
			return token{symbol, s.b[s.pos-1 : s.pos], s.line}
		}
	}
	return token{kind: end, line: s.line}
}

func (s *scanner) quoted(q byte) token {
	line := s.line
	start := s.pos + 1
	for i := start; i < len(s.b); i++ {
		switch s.b[i] {
		case '\\':
			i++
			if i < len(s.b) && s.b[i] == '\n' {
				s.line++
			}
		case '\n':
			s.line++
		case q:
			s.pos = i + 1
			return token{text, s.b[start:i], line}
		}
	}
	s.pos = len(s.b)
	return token{text, s.b[start:], line}
}

func letter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '@' || c >= 0x80
}
