// SPDX-License-Identifier: Apache-2.0

package lockfile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// JSON walks a JSON text value by value, so that each value's line is known
// and only the parts that are asked for are built.
type JSON struct {
	dec  *json.Decoder
	b    []byte
	off  int
	line int
}

// NewJSON reads b, without a byte order mark.
func NewJSON(b []byte) *JSON {
	b = bytes.TrimPrefix(b, bom)
	return &JSON{dec: json.NewDecoder(bytes.NewReader(b)), b: b, line: 1}
}

// Line is the line, 1 based, on which the next value or key begins; it is
// asked in rising order of the text.
func (j *JSON) Line() int {
	off := min(int(j.dec.InputOffset()), len(j.b))
	for off < len(j.b) && bytes.IndexByte([]byte(" \t\r\n,:"), j.b[off]) >= 0 {
		off++
	}
	if off > j.off {
		j.line += bytes.Count(j.b[j.off:off], []byte{'\n'})
		j.off = off
	}
	return j.line
}

// Decode reads the next value into v. A field of the wrong type is an error,
// after which the walk can go on.
func (j *JSON) Decode(v any) error { return j.dec.Decode(v) }

// Skip passes over the next value.
func (j *JSON) Skip() error {
	var raw json.RawMessage
	return j.dec.Decode(&raw)
}

// Object calls value for each key of the next value, which value must read or
// Skip; keyLine is the key's line. Null is an object without keys.
func (j *JSON) Object(ctx context.Context, value func(key string, keyLine int) error) error {
	if ok, err := j.begin('{'); !ok {
		return err
	}
	for j.dec.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		line := j.Line()
		t, err := j.dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if err := value(key, line); err != nil {
			return err
		}
	}
	_, err := j.dec.Token()
	return err
}

// Array calls value before each element of the next value, which value must
// read or Skip. Null is an array without elements.
func (j *JSON) Array(ctx context.Context, value func() error) error {
	if ok, err := j.begin('['); !ok {
		return err
	}
	for j.dec.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := value(); err != nil {
			return err
		}
	}
	_, err := j.dec.Token()
	return err
}

// IsArray reports whether the next value is an array.
func (j *JSON) IsArray() bool {
	j.Line()
	return j.off < len(j.b) && j.b[j.off] == '['
}

func (j *JSON) begin(want json.Delim) (bool, error) {
	t, err := j.dec.Token()
	switch {
	case err != nil:
		return false, err
	case t == nil:
		return false, nil
	case t != want:
		return false, fmt.Errorf("JSON line %d: found %v where %v should begin", j.Line(), t, want)
	}
	return true, nil
}
