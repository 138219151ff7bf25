// SPDX-License-Identifier: Apache-2.0

package image

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// dockle are the ids that Dockle documents.
const dockle = "CIS-DI-0001 CIS-DI-0002 CIS-DI-0003 CIS-DI-0004 CIS-DI-0005 CIS-DI-0006 CIS-DI-0007 CIS-DI-0008 CIS-DI-0009 CIS-DI-0010 CIS-DI-0011 DKL-DI-0001 DKL-DI-0002 DKL-DI-0003 DKL-DI-0004 DKL-DI-0005 DKL-DI-0006 DKL-LI-0001 DKL-LI-0002 DKL-LI-0003"

// The page names every rule with its ids, and no rule that there is not; each of
// Dockle's ids has a word said of it.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../../docs/rules-image.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if id, ok := strings.CutPrefix(line, "| `"); ok {
			id, rest, _ := strings.Cut(id, "`")
			rows[id] = rest
		}
	}
	known := map[string]bool{}
	for _, r := range Rules() {
		known[r.ID] = true
		row, ok := rows[r.ID]
		if !ok {
			t.Errorf("%s is not in the table", r.ID)
		}
		off := "| on |"
		if r.Off {
			off = "| off |"
		}
		for _, want := range append([]string{"| " + r.Severity.String() + " |", off}, append(r.Aliases, r.References...)...) {
			if !strings.Contains(row, want) {
				t.Errorf("the row of %s lacks %q: %s", r.ID, want, row)
			}
		}
	}
	for _, m := range regexp.MustCompile("`([a-z]+(?:-[a-z]+)+)`").FindAllStringSubmatch(string(text), -1) {
		if !known[m[1]] && m[1] != "site-packages" {
			t.Errorf("there is no rule %s", m[1])
		}
	}
	for id := range strings.FieldsSeq(dockle) {
		if !regexp.MustCompile(`(?m)^\| (?:[A-Z0-9-]+, )*` + id + `[ ,]`).Match(text) {
			t.Errorf("nothing is said of %s", id)
		}
	}
}
