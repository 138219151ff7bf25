// SPDX-License-Identifier: Apache-2.0

package extracttest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Listed compares the packages of a file that a real tool wrote, testdata/NAME,
// with what the tool itself lists: the lines "name version" of the file "list"
// beside it.
func Listed(t *testing.T, e sekisho.Extractor, name string) {
	t.Helper()
	list, err := os.ReadFile(filepath.Join("testdata", filepath.Dir(name), "list"))
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for line := range strings.Lines(string(list)) {
		want = append(want, strings.TrimSpace(line))
	}
	for line := range strings.Lines(File(t, e, name)) {
		if f := strings.Fields(line); len(f) > 1 {
			got = append(got, f[0]+" "+f[1])
		}
	}
	for _, l := range []*[]string{&want, &got} {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
	if d := cmp.Diff(want, got); d != "" || len(want) == 0 {
		t.Errorf("%s: packages (- the tool, + ours): %s", name, d)
	}
}
