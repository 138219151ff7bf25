// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// packageJSON finds the requirements of a package in the objects of these names
// at the top of a JSON text.
func packageJSON(text []byte, w Want, sections []string, st style) (out []site, why string) {
	start := 0
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		start = 3
	}
	dec := json.NewDecoder(bytes.NewReader(text[start:]))
	// The path of keys, one an open object; depth counts arrays too.
	type level struct {
		object bool
		key    string
		seen   map[string]bool
	}
	var stack []level
	for {
		before := start + int(dec.InputOffset())
		token, err := dec.Token()
		if errors.Is(err, io.EOF) && len(stack) == 0 {
			return out, ""
		}
		if err != nil {
			return nil, RefusedUnreadable
		}
		var top *level
		if len(stack) > 0 {
			top = &stack[len(stack)-1]
		}
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{', '[':
				if len(stack) > 100 {
					return nil, RefusedUnreadable
				}
				stack = append(stack, level{object: t == '{'})
				continue
			default:
				stack = stack[:len(stack)-1]
			}
		case string:
			if top != nil && top.object && top.key == "" {
				watched := len(stack) == 1 && slices.Contains(sections, t) || len(stack) == 2 && slices.Contains(sections, stack[0].key) && sameName(t, w.Name, st.fold)
				if watched && top.seen[t] {
					return nil, RefusedDuplicate
				}
				if watched {
					if top.seen == nil {
						top.seen = map[string]bool{}
					}
					top.seen[t] = true
				}
				top.key = "\x00" + t
				if len(stack) <= 2 {
					top.key = t
				}
				if top.key == "" {
					top.key = "\x00"
				}
				continue
			}
			if len(stack) == 2 && top.object && stack[0].object && slices.Contains(sections, stack[0].key) && sameName(top.key, w.Name, st.fold) {
				end := start + int(dec.InputOffset())
				i := before + bytes.IndexByte(text[before:end], '"') + 1
				s := site{from: i, to: end - 1, style: st}
				if string(text[s.from:s.to]) != t {
					s.refused = RefusedUnreadable // written with escapes
				}
				if strings.HasPrefix(t, "npm:") || strings.HasPrefix(t, "dev-") {
					s.refused = RefusedSource
				}
				out = append(out, s)
			}
		}
		if n := len(stack); n > 0 && stack[n-1].object {
			stack[n-1].key = ""
		}
	}
}

func sameName(a, b string, fold bool) bool {
	return a == b || fold && strings.EqualFold(a, b)
}
