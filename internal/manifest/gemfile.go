// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"strings"
)

// gemfile finds the lines that ask for a gem by two plain strings. A Gemfile is a
// program: what else it does is not followed, and a line of another shape is
// refused.
func gemfile(text []byte, w Want) (out []site, why string) {
	at := 0
	for l := range bytes.Lines(text) {
		line, start := string(l), at
		at += len(l)
		i := skipBlank(line, 0)
		rest, ok := strings.CutPrefix(line[i:], "gem")
		if !ok || rest == "" || rest[0] != ' ' && rest[0] != '(' {
			continue
		}
		i = len(line) - len(strings.TrimLeft(rest, " ("))
		from, to, ok := rubyString(line, i)
		if !ok || line[from:to] != w.Name {
			continue
		}
		i = skipBlank(line, to+1)
		if i >= len(line) || line[i] != ',' {
			out = append(out, site{from: start + to, to: start + to}) // any version
			continue
		}
		from, to, ok = rubyString(line, skipBlank(line, i+1))
		tail := ""
		if ok {
			tail = strings.TrimSpace(line[to+1:])
		}
		s := site{from: start + from, to: start + to, style: style{commas: true}}
		switch next := strings.TrimSpace(strings.TrimPrefix(tail, ",")); {
		case !ok && strings.Contains(line, "git"), !ok && strings.Contains(line, "path"):
			s = site{from: start + i, to: start + i, refused: RefusedSource}
		case !ok:
			s = site{from: start + i, to: start + i} // options, and no version
		case strings.HasPrefix(next, "'"), strings.HasPrefix(next, `"`):
			s.refused = RefusedRange // several conditions
		}
		out = append(out, s)
	}
	return out, ""
}

// rubyString is the place of the text in a string without escapes or code.
func rubyString(line string, i int) (from, to int, ok bool) {
	if i >= len(line) || line[i] != '\'' && line[i] != '"' {
		return 0, 0, false
	}
	n := strings.IndexByte(line[i+1:], line[i])
	if n < 0 || strings.ContainsAny(line[i+1:i+1+n], `\#`) {
		return 0, 0, false
	}
	return i + 1, i + 1 + n, true
}
