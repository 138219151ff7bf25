// SPDX-License-Identifier: Apache-2.0

// Package checktest runs the archives of a set of rules; only tests use it. A
// rule without its archive, an archive without its rule, and a rule that lacks a
// text in one of the languages fail.
package checktest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var update = flag.Bool("update", false, "write the findings that are there into the archives")

// Run tests the rules by dir/ID.txtar. Judge makes facts of the files of a case
// and judges them by the one rule, also when it is off by default.
func Run(t *testing.T, rules []sekisho.Rule, dir string, judge func(t *testing.T, files map[string][]byte, s *check.Settings) sekisho.Judgement) {
	t.Helper()
	known := map[string]bool{}
	for i := range rules {
		r := &rules[i]
		known[r.ID] = true
		for _, bad := range check.Lint(r) {
			t.Error(bad)
		}
		t.Run(r.ID, func(t *testing.T) {
			name := filepath.Join(dir, r.ID+".txtar")
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatalf("the rule has no archive: %v", err)
			}
			a, err := check.ParseArchive(text)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, bad := a.Run(r.ID, func(files map[string][]byte) sekisho.Judgement {
				return judge(t, files, &check.Settings{Only: []string{r.ID}})
			})
			if *update {
				rewrite(t, name, text, got)
				return
			}
			for _, line := range bad {
				t.Errorf("%s: %s", name, line)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if id := strings.TrimSuffix(filepath.Base(f), ".txtar"); !known[id] {
			t.Errorf("%s: there is no rule %s", f, id)
		}
	}
}

// rewrite puts what was found into the archive; whoever runs it reads the
// difference before believing it.
func rewrite(t *testing.T, name string, text []byte, got []string) {
	t.Helper()
	ar := txtar.Parse(text)
	files := ar.Files[:0]
	for _, f := range ar.Files {
		if f.Name != "want" {
			files = append(files, f)
		}
	}
	ar.Files = append(files, txtar.File{Name: "want", Data: []byte(strings.Join(got, "\n") + "\n")})
	if err := os.WriteFile(name, txtar.Format(ar), 0o600); err != nil {
		t.Fatal(err)
	}
}
