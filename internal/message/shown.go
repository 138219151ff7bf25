// SPDX-License-Identifier: Apache-2.0

package message

import (
	"strings"
	"unicode"
)

// Unseen says whether a character shows nothing by itself, or changes how others
// are shown: control characters and the escape sequences that begin with them,
// marks that turn the direction of writing, characters without a width, and ends
// of lines and paragraphs.
func Unseen(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0'
}

// Shown makes one line of a text of others, safe for terminals, logs and pages:
// what is hidden is shown as a replacement character, and what a build service
// would take for a command in its log ("##[add-mask]", "##vso[...]", wherever it
// stands in a line) is taken apart.
// See https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands.
func Shown(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return Unseen(r) || r == unicode.ReplacementChar }) >= 0 {
		s = strings.Map(func(r rune) rune {
			if Unseen(r) {
				return unicode.ReplacementChar
			}
			return r
		}, s)
	}
	if i, _ := LogCommand(s); i < 0 {
		return s
	}
	var out strings.Builder
	for {
		i, n := LogCommand(s)
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:i] + "# #" + s[i+2:i+n])
		s = s[i+n:]
	}
}

// LogCommand finds the first "##", letters and a bracket: where it begins and how
// long it is; -1 for none.
func LogCommand[T string | []byte](s T) (at, length int) {
	for i := 0; i+2 < len(s); i++ {
		if s[i] != '#' || s[i+1] != '#' {
			continue
		}
		n := i + 2
		for n < len(s) && (s[n] >= 'a' && s[n] <= 'z' || s[n] >= 'A' && s[n] <= 'Z' || s[n] == '.' || s[n] == '-' || s[n] == '_') {
			n++
		}
		if n < len(s) && s[n] == '[' {
			return i, n + 1 - i
		}
	}
	return -1, 0
}
