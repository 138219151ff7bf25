// SPDX-License-Identifier: Apache-2.0

package base

import (
	"slices"
	"strings"
)

// step is one entry of a history, taken apart.
type step struct {
	// keyword in upper case; body is what stands behind it, a command line with
	// its shell for RUN.
	keyword, body string
}

var keywords = [...]string{
	"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER",
	"VOLUME", "WORKDIR",
}

// makers are the instructions that make layers.
var makers = []string{"ADD", "COPY", "RUN", "WORKDIR"}

// parse reads what builders write: the classic one and buildah "/bin/sh -c
// #(nop)  CMD [...]" with the shell that is set, and the command line alone for
// RUN, with the arguments "|1 A=b" before it; BuildKit and kaniko the
// instruction, BuildKit with "# buildkit" behind it.
func parse(createdBy string) step {
	s := strings.TrimSpace(createdBy)
	const nop = "#(nop)"
	if i := strings.Index(s, nop); i >= 0 && i < 200 && shellLike(s[:i]) {
		word, rest := cut(s[i+len(nop):])
		return step{strings.ToUpper(word), rest}
	}
	s = strings.TrimSpace(strings.TrimSuffix(s, "# buildkit"))
	if word, rest := cut(s); slices.Contains(keywords[:], word) {
		return step{word, rest}
	}
	return step{"RUN", s}
}

// shellLike says whether text before "#(nop)" may be a shell's command line.
func shellLike(s string) bool {
	s = strings.TrimSpace(s)
	return s == "" || s[0] == '/' || s[0] == '|' || strings.HasPrefix(s, "cmd") || strings.HasPrefix(s, "powershell")
}

// cut takes the first word off.
func cut(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, " \t\n"); i >= 0 {
		return s[:i], strings.TrimSpace(s[i:])
	}
	return s, ""
}

// any stands for the value of a variable.
const anything = '\x00'

// squeeze leaves out quotes, brackets, commas and backslashes, which builders
// write in different ways, and makes one blank of many. With vars, a variable is
// anything.
func squeeze(s string, vars bool) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := false
	put := func(c byte) {
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteByte(c)
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			blank = true
		case strings.IndexByte("\"'[],\\", c) >= 0, c == anything:
		case c == '$' && vars && i+1 < len(s):
			n := variable(s[i+1:])
			if n == 0 {
				put(c)
				continue
			}
			put(anything)
			i += n
		default:
			put(c)
		}
	}
	return b.String()
}

// variable is the length of the name behind "$", with its braces; 0 for none.
func variable(s string) int {
	if s[0] == '{' {
		depth := 0
		for i := range len(s) {
			switch s[i] {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return 0
	}
	n := 0
	for n < len(s) && (s[n] == '_' || s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || n > 0 && s[n] >= '0' && s[n] <= '9') {
		n++
	}
	return n
}

// like compares a text with a pattern in which anything stands for any text.
func like(pattern, s string) bool {
	parts := strings.Split(pattern, string(anything))
	if len(parts) == 1 {
		return pattern == s
	}
	first, last := parts[0], parts[len(parts)-1]
	rest, ok := strings.CutPrefix(s, first)
	if !ok {
		return false
	}
	if rest, ok = strings.CutSuffix(rest, last); !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return true
}
