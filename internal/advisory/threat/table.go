// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// table is a CSV whose first line names the columns.
type table struct {
	csv     *csv.Reader
	columns map[string]int
	row     []string
}

// newTable reads the header; its names are matched in any case. The columns
// that are named here must be there.
func newTable(r io.Reader, must ...string) (*table, error) {
	t := &table{csv: csv.NewReader(r), columns: map[string]int{}}
	t.csv.FieldsPerRecord = -1
	t.csv.LazyQuotes = true
	t.csv.ReuseRecord = true
	head, err := t.csv.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if _, ok := t.columns[name]; !ok {
			t.columns[name] = i
		}
	}
	if i := slices.IndexFunc(must, func(m string) bool { return !t.has(m) }); i >= 0 {
		return nil, fmt.Errorf("%s: %w", must[i], errHeader)
	}
	return t, nil
}

func (t *table) has(column string) bool {
	_, ok := t.columns[column]
	return ok
}

// next reads a row; the error is io.EOF after the last.
func (t *table) next() (err error) {
	t.row, err = t.csv.Read()
	return err
}

// get is a field of the row, "" where the row is shorter.
func (t *table) get(column string) string {
	if i, ok := t.columns[column]; ok && i < len(t.row) {
		return strings.TrimSpace(t.row[i])
	}
	return ""
}

// each reads the rows to the end, or to the first one that is no CSV. What use
// says of a row is reported with the number of its line.
func (t *table) each(use func() error, problem func(error)) {
	for {
		err := t.next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			problem(err)
			return
		}
		if err := use(); err != nil {
			line, _ := t.csv.FieldPos(0)
			problem(fmt.Errorf("line %d: %w", line, err))
		}
	}
}
