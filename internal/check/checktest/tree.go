// SPDX-License-Identifier: Apache-2.0

package checktest

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extract makes facts of the files of a tree, in the order of their paths, as a
// scan does of files that stand alone. An extractor's error ends the test.
func Extract(t testing.TB, extractors []sekisho.Extractor, files map[string][]byte) *sekisho.Inventory {
	t.Helper()
	inv := &sekisho.Inventory{}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		for _, e := range extractors {
			size := int64(len(files[p]))
			if !e.Wants(&sekisho.File{Path: p, Size: size}) {
				continue
			}
			got, err := e.Extract(t.Context(), &sekisho.Input{Path: p, Content: bytes.NewReader(files[p]), Size: size})
			if err != nil {
				t.Fatal(err)
			}
			inv.Merge(got)
		}
	}
	return inv
}

// Aliases wants each alias to belong to one rule of a kind.
func Aliases(t *testing.T, rules []sekisho.Rule) {
	t.Helper()
	of := map[string]string{}
	for i := range rules {
		r := &rules[i]
		for _, a := range r.Aliases {
			if other := of[r.Kind+" "+a]; other != "" {
				t.Errorf("%s is an alias of %s and %s", a, other, r.ID)
			}
			of[r.Kind+" "+a] = r.ID
		}
	}
}
