// SPDX-License-Identifier: Apache-2.0

package document

import (
	"encoding/json"

	"github.com/sekisho/sekisho/internal/message"
)

// MaxValues is how many values Decode reads of one JSON text.
const MaxValues = 200_000

// Decode decodes one JSON value into v, with a bound on how many values it holds:
// a few bytes of JSON can become hundreds of bytes in memory. A field of the wrong
// type is a *json.UnmarshalTypeError, after the others were decoded.
func Decode(text []byte, v any) error {
	values, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == ',' || c == '{' || c == '['):
			values++
		}
	}
	if values > MaxValues {
		return message.Errorf("it holds %d values, more than the %d that are read", values, MaxValues)
	}
	return json.Unmarshal(text, v)
}
