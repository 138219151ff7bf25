// SPDX-License-Identifier: Apache-2.0

package rule

import (
	"os"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
)

// libraries are rooms of the family without rules of their own.
var libraries = map[string]bool{"cloudformation": true, "terraform": true, "shell": true}

// scanners are rooms whose checker belongs to a scanner of its own: the command
// line adds it.
var scanners = map[string]bool{"license": true, "malware": true, "secret": true}

// A folder that the index forgets would judge nothing without a word.
func TestIndexNamesEveryFolder(t *testing.T) {
	text, err := os.ReadFile("rule.go")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || libraries[e.Name()] {
			continue
		}
		for _, call := range []string{".Checker(", ".Rules()"} {
			if call == ".Checker(" && scanners[e.Name()] {
				continue
			}
			if !strings.Contains(string(text), "\t"+e.Name()+call) {
				t.Errorf("rule.go does not call %s%s", e.Name(), call)
			}
		}
	}
}

func TestCatalogue(t *testing.T) {
	seen := map[string]string{}
	aliases := map[string]string{}
	for _, r := range Rules() {
		name := r.Kind + "/" + r.ID
		for _, bad := range check.Lint(&r) {
			t.Error(bad)
		}
		if seen[name] != "" {
			t.Errorf("two rules are called %s", name)
		}
		seen[name] = name
		for _, a := range r.Aliases {
			key := r.Kind + " " + strings.ToLower(a)
			if other := aliases[key]; other != "" {
				t.Errorf("%s and %s both answer to %s", other, name, a)
			}
			aliases[key] = name
		}
	}
}
