// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// writeJSON writes the result itself; docs/report.schema.json describes it.
func writeJSON(w io.Writer, r *sekisho.Result, _ Options) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// maxReport bounds a report that is read back, in bytes.
const maxReport = 1 << 30

// ReadJSON reads a report that writeJSON wrote, of this or an earlier version
// of the schema.
func ReadJSON(in io.Reader) (*sekisho.Result, error) {
	d := json.NewDecoder(io.LimitReader(in, maxReport))
	var r sekisho.Result
	if err := d.Decode(&r); err != nil {
		var typ *json.UnmarshalTypeError
		switch {
		case errors.As(err, &typ):
			return nil, message.Errorf("it is no report of sekisho: %s is a %s", typ.Field, typ.Value)
		case errors.Is(err, io.EOF):
			return nil, message.New("it is empty")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, message.New("it ends too early, it was cut off: write it again")
		}
		return nil, message.Errorf("it is no JSON: %w", err)
	}
	major, _, _ := strings.Cut(r.SchemaVersion, ".")
	ours, _, _ := strings.Cut(sekisho.SchemaVersion, ".")
	switch {
	case r.SchemaVersion == "":
		return nil, message.New("it is JSON, but no report of sekisho: there is no schemaVersion; sekisho scan -f json writes one")
	case major != ours:
		return nil, message.Errorf("its schema version is %s and this program reads %s.x: use the version of sekisho that wrote it", r.SchemaVersion, ours)
	}
	return &r, nil
}
