// SPDX-License-Identifier: Apache-2.0

package license

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what declared texts become again")

// declaredFile has a line for each text that the packages of a large Debian with
// Node, Python, Java and Ruby, of Alpine, SLES and Azure Linux declare: the
// ecosystem, how many packages do, the text, and what it becomes.
const declaredFile = "testdata/declared.tsv"

func TestDeclared(t *testing.T) {
	b, err := os.ReadFile(declaredFile)
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ known, all, distinctKnown, distinct int }
	shares := map[string]*count{}
	var out strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		f := strings.Split(line, "\t")
		if len(f) < 3 {
			t.Fatalf("line %d has %d fields", i+1, len(f))
		}
		n, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		e := Normalise(f[0], []string{f[2]})
		fmt.Fprintf(&out, "%s\t%s\t%s\t%s\n", f[0], f[1], f[2], e)
		if len(f) > 3 && f[3] != e.String() && !*update {
			t.Errorf("%s %q is %q, was %q", f[0], f[2], e, f[3])
		}
		if e.IsZero() {
			continue // it declares nothing
		}
		c := shares[f[0]]
		if c == nil {
			c = &count{}
			shares[f[0]] = c
		}
		c.all += n
		c.distinct++
		if e.Known() {
			c.known += n
			c.distinctKnown++
		}
	}
	if *update {
		if err := os.WriteFile(declaredFile, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The short names that copyright files of Debian make up for themselves mean
	// nothing outside of the file: no table can know them.
	least := map[string]float64{"deb": 93}
	for ecosystem, c := range shares {
		share := 100 * float64(c.known) / float64(c.all)
		t.Logf("%s: %.1f %% of %d packages, %d of %d texts", ecosystem, share, c.all, c.distinctKnown, c.distinct)
		want := 97.0
		if l, ok := least[ecosystem]; ok {
			want = l
		}
		if share < want {
			t.Errorf("%s: only %.1f %% are known", ecosystem, share)
		}
	}
}

// The full names of the list lead to their ids, in other case and punctuation.
func TestNames(t *testing.T) {
	n, found := 0, 0
	for _, id := range listIDs {
		if id.Deprecated || id.Name == "" {
			continue
		}
		want := current(id.ID, false).String()
		for _, text := range []string{id.Name, strings.ToUpper(id.Name), "The " + id.Name, strings.ReplaceAll(id.ID, "-", " ")} {
			n++
			if got := Normalise("", []string{text}).String(); got == want {
				found++
			} else {
				t.Logf("%q is %q, want %q", text, got, want)
			}
		}
	}
	if found*100 < n*97 {
		t.Errorf("%d of %d names are found", found, n)
	}
	t.Logf("%d of %d", found, n)
}
