// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// jsonValue is a value of a JSON text and where it stands: from its first byte
// to behind its last one.
type jsonValue struct {
	from, to int
	object   bool
	// text of a string, and whether it is one without escapes.
	text    string
	plain   bool
	members []jsonMember
}

// jsonMember is a key of an object with its value; at is where the key begins.
type jsonMember struct {
	key   string
	at    int
	value jsonValue
}

// maxJSONDepth bounds the objects and lists within each other.
const maxJSONDepth = 100

// jsonObject reads a text that is one object; false for anything else, and for one
// that has a key twice.
func jsonObject(text []byte) (jsonValue, bool) {
	r := jsonText{text: text}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		r.start = 3
	}
	r.dec = json.NewDecoder(bytes.NewReader(text[r.start:]))
	v, ok := r.value(0)
	if !ok || !v.object {
		return v, false
	}
	_, err := r.dec.Token()
	return v, errors.Is(err, io.EOF)
}

type jsonText struct {
	text  []byte
	start int
	dec   *json.Decoder
}

// next is a token and where it stands.
func (r *jsonText) next() (t json.Token, from, to int, ok bool) {
	from = r.start + int(r.dec.InputOffset())
	t, err := r.dec.Token()
	if err != nil {
		return nil, 0, 0, false
	}
	for from < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[from]) >= 0 {
		from++
	}
	return t, from, r.start + int(r.dec.InputOffset()), true
}

func (r *jsonText) value(depth int) (v jsonValue, ok bool) {
	t, from, to, ok := r.next()
	if !ok || depth > maxJSONDepth {
		return v, false
	}
	v = jsonValue{from: from, to: to}
	switch t := t.(type) {
	case string:
		v.text, v.plain = t, string(r.text[from:to]) == `"`+t+`"`
	case json.Delim:
		v.object = t == '{'
		seen := map[string]bool{}
		for r.dec.More() {
			m := jsonMember{}
			if v.object {
				key, at, _, ok := r.next()
				name, text := key.(string)
				if !ok || !text || seen[name] {
					return v, false
				}
				seen[name] = true
				m.key, m.at = name, at
			}
			if m.value, ok = r.value(depth + 1); !ok {
				return v, false
			}
			if v.object {
				v.members = append(v.members, m)
			}
		}
		if _, _, v.to, ok = r.next(); !ok {
			return v, false
		}
	}
	return v, true
}

// member of an object by its key; nil when it has none.
func (v *jsonValue) member(key string) *jsonValue {
	for i := range v.members {
		if v.members[i].key == key {
			return &v.members[i].value
		}
	}
	return nil
}
