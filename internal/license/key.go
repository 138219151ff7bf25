// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"
)

// filler are words that tell no licence from another.
var filler = map[string]bool{
	"the": true, "a": true, "an": true, "license": true, "licence": true, "licenses": true, "licences": true, "licensed": true,
	"version": true, "ver": true, "v": true, "vers": true, "under": true, "of": true, "terms": true, "only": true, "software": true, "dual": true, "is": true, "released": true,
	"approved": true, "agreement": true, "conditions": true, "edition": true,
}

// phrases are names that have a short form; longer ones stand first.
var phrases = strings.NewReplacer(
	" gnu lesser general public ", " lgpl ", " gnu library general public ", " lgpl ", " gnu library or lesser general public ", " lgpl ", " gnu lesser public ", " lgpl ", " gnu library public ", " lgpl ",
	" lesser general public ", " lgpl ", " library general public ", " lgpl ", " gnu lesser ", " lgpl ", " lesser gpl ", " lgpl ", " gnu library gpl ", " lgpl ", " gnu lesser gpl ", " lgpl ",
	" gnu affero general public ", " agpl ", " gnu affero gpl ", " agpl ", " affero general public ", " agpl ", " affero gpl ", " agpl ", " gnu affero ", " agpl ",
	" gnu general public ", " gpl ", " gnu public ", " gpl ", " general public ", " gpl ", " gnu gpl ", " gpl ", " gnu lgpl ", " lgpl ", " gnu agpl ", " agpl ",
	" gnu free documentation ", " gfdl ", " gnu fdl ", " gfdl ", " gnu gfdl ", " gfdl ", " mozilla public ", " mpl ", " mozilla mpl ", " mpl ", " eclipse public ", " epl ", " share alike ", " sa ", " sharealike ", " sa ",
	" creative commons zero ", " cc 0 ", " creative commons attribution ", " cc by ", " creative commons by ", " cc by ", " creative commons ", " cc ", " attribution ", " by ",
	" non commercial ", " nc ", " noncommercial ", " nc ", " no derivatives ", " nd ", " noderivatives ", " nd ", " noderivs ", " nd ",
	" and or newer ", " + ", " or newer ", " + ", " or later ", " + ", " or greater ", " + ", " or above ", " + ", " or any later ", " + ", " or any newer ", " + ", " or higher ", " + ", " and later ", " + ", " and above ", " + ", " and newer ", " + ", " at your option any later ", " + ", " >= ", " >= ",
)

// key is the form in which names of licences are compared: lower case, without
// filler and punctuation, words apart from numbers, "2.0" as "2", "or later" as
// "+".
func key(s string) string {
	if len(s) > 400 {
		return ""
	}
	b := make([]byte, 0, len(s)+8)
	const (
		none = iota
		letter
		digit
	)
	last := none
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= 0x80:
			if last == digit {
				b = append(b, ' ')
			}
			if c < 0x80 {
				c |= 0x20
			}
			b = append(b, c)
			last = letter
		case c >= '0' && c <= '9':
			if last == letter {
				if i > 1 && s[i-1]|0x20 == 'v' && s[i-2]|0x20 >= 'a' && s[i-2]|0x20 <= 'z' {
					b = b[:len(b)-1] // "GPLv2"
				}
				b = append(b, ' ')
			}
			b = append(b, c)
			last = digit
		case (c == '.' || c == '_') && last == digit && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
			b = append(b, '.')
		case c == '+':
			b = append(b, " + "...)
			last = none
		case c == '>' && i+1 < len(s) && s[i+1] == '=':
			b = append(b, " >= "...)
			last = none
			i++
		default:
			b = append(b, ' ')
			last = none
		}
	}
	words := strings.Fields(string(b))
	b = append(b[:0], ' ')
	for _, w := range words {
		if filler[w] {
			continue
		}
		for strings.HasSuffix(w, ".0") {
			w = w[:len(w)-2]
		}
		b = append(b, w...)
		b = append(b, ' ')
	}
	text := string(b)
	// A phrase ends with the space that the next one begins with.
	for range 4 {
		next := phrases.Replace(text)
		if next == text {
			break
		}
		text = next
	}
	out := strings.Fields(text)
	// ">= 2" is "2 +".
	for i := 0; i+1 < len(out); i++ {
		if out[i] == ">=" {
			out[i], out[i+1] = out[i+1], "+"
		}
	}
	return strings.Join(slices.Compact(out), " ")
}
