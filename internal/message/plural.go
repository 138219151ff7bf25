// SPDX-License-Identifier: Apache-2.0

package message

import (
	"fmt"
	"strings"
)

// counted are the nouns, in the plural, that English texts write behind a number.
const counted = " findings packages layers files programs places actions problems commits contents parts rows days tests exceptions statements rules flaws "

// agreeing are verbs right behind such a noun, and what they are behind one thing.
var agreeing = [][2]string{{" were ", " was "}, {" have ", " has "}, {" are ", " is "}, {" come ", " comes "}, {" close ", " closes "}, {" that close ", " that closes "}, {" that were ", " that was "}}

// singular is an English text with the nouns behind a verb whose argument is one
// in the singular: "%d findings" of 1 is "%d finding". Arguments are not touched.
func singular(text string, args []any) string {
	var out strings.Builder
	next := 0
	for {
		at := strings.IndexByte(text, '%')
		if at < 0 || at+1 >= len(text) {
			break
		}
		out.WriteString(text[:at])
		text = text[at:]
		if text[1] == '%' {
			out.WriteString("%%")
			text = text[2:]
			continue
		}
		end := strings.IndexAny(text, "abcdefghijklmnopqrstuvwxyz")
		if end < 0 {
			break
		}
		verb := text[:end+1]
		out.WriteString(verb)
		text = text[end+1:]
		if n := 0; strings.HasPrefix(verb, "%[") {
			if _, err := fmt.Sscanf(verb, "%%[%d]", &n); err == nil {
				next = n - 1
			}
		}
		if next < len(args) && next >= 0 && fmt.Sprint(args[next]) == "1" {
			// "1 of 4 findings are" counts the first number.
			if before := strings.TrimSuffix(out.String(), verb); !strings.HasSuffix(before, " of ") {
				text = one(text)
			}
		}
		next++
	}
	return out.String() + text
}

// one is a text that goes on behind the number one.
func one(text string) string {
	for _, between := range []string{" more ", " "} {
		rest, ok := strings.CutPrefix(text, between)
		if !ok {
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < 'a' || r > 'z' })
		if end < 0 {
			end = len(rest)
		}
		if end == 0 || !strings.Contains(counted, " "+rest[:end]+" ") {
			continue
		}
		noun, behind := strings.TrimSuffix(rest[:end], "s"), rest[end:]
		for _, a := range agreeing {
			if after, ok := strings.CutPrefix(behind, a[0]); ok {
				behind = a[1] + after
				break
			}
		}
		return between + noun + behind
	}
	return text
}
