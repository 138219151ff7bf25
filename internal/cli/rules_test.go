// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/rules.md is what the program says of its rules: make docs writes it.
func TestCatalogueInDocs(t *testing.T) {
	for name, lang := range map[string]string{"../../docs/rules.md": "en", "../../docs/rules.ja.md": "ja"} {
		var out, errs bytes.Buffer
		a := &App{Stdout: &out, Stderr: &errs, Env: os.Environ(), Version: "test"}
		if status := a.Run(t.Context(), []string{"rules", "list", "-f", "markdown", "--lang", lang}); status != 0 {
			t.Fatal(status, errs.String())
		}
		want, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(want, out.Bytes()) {
			t.Errorf("%s is not what sekisho rules list -f markdown --lang %s prints (%v): run make docs", name, lang, err)
		}
	}
}

func TestRuleKinds(t *testing.T) {
	kinds := map[string]bool{}
	for _, r := range allRules() {
		kinds[r.Kind] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(kinds)), ruleKinds); diff != "" {
		t.Error("the flag --kind names other kinds than the catalogue has (-catalogue +flag):\n" + diff)
	}
}
