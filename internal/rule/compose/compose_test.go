// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// inventory extracts the files of a tree, as a scan does.
func inventory(t testing.TB, files map[string][]byte) *sekisho.Inventory {
	t.Helper()
	return checktest.Extract(t, Extractors(), files)
}

// judge judges a tree.
func judge(t testing.TB, files map[string][]byte, s *check.Settings) sekisho.Judgement {
	t.Helper()
	j, err := Checker(s).Check(t.Context(), inventory(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestRules(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			checktest.Run(t, sets[kind].Rules(), filepath.Join("testdata", kind), func(t *testing.T, files map[string][]byte, s *check.Settings) sekisho.Judgement {
				t.Helper()
				s.Registries = []string{"registry.example.com", "ghcr.io/team/*"}
				return judge(t, files, s)
			})
		})
	}
}

// An alias belongs to one rule of a kind.
func TestAliases(t *testing.T) { checktest.Aliases(t, Rules()) }

// The page names every rule, and no rule that is not there.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules-compose.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, r := range Rules() {
		known[r.ID] = true
		state := "on"
		if r.Off {
			state = "off"
		}
		if !regexp.MustCompile("(?m)^\\| `" + r.ID + "` \\|[^|]*\\| " + r.Severity.String() + " \\| " + state + " \\|").Match(text) {
			t.Errorf("docs/rules-compose.md lacks %s, %s, %s", r.ID, r.Severity, state)
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllSubmatch(text, -1) {
		if !known[string(m[1])] {
			t.Errorf("docs/rules-compose.md has %s, which is no rule", m[1])
		}
	}
}
