// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The tables of the peers say what the rules do: an id stands beside the rule
// that answers to it, each rule is in the list, and no alias is left out.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules-kubernetes.md")
	if err != nil {
		t.Fatal(err)
	}
	all := Rules()
	row := regexp.MustCompile("(?m)^\\| `([A-Za-z0-9_-]+)` \\| (?:`([a-z0-9-]+)`|([a-z]+|—)) \\|")
	listed, told := map[string]bool{}, map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		id, rule := m[1], m[2]
		if rule == "" {
			if m[3] != "—" {
				listed[id] = true
			} else if i := slices.IndexFunc(all, func(r sekisho.Rule) bool { return check.Names(id, &r) }); i >= 0 {
				t.Errorf("%s is said to be not covered, and %s answers to it", id, all[i].ID)
			}
			continue
		}
		told[id] = true
		i := slices.IndexFunc(all, func(r sekisho.Rule) bool { return r.ID == rule })
		if i < 0 || !check.Names(id, &all[i]) {
			t.Errorf("%s is said to be %s, which does not answer to it", id, rule)
		}
	}
	if len(told) < 200 {
		t.Errorf("only %d ids are in the tables", len(told))
	}
	for _, r := range all {
		if !listed[r.ID] {
			t.Errorf("%s is not in the list of rules", r.ID)
		}
	}
}
