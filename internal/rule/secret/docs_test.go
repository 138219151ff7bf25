// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of detectors into docs/secrets.md")

// The table of the documentation is made of the detectors.
func TestDocs(t *testing.T) {
	const name, begin, end = "../../../docs/secrets.md", "<!-- detectors -->\n", "<!-- end -->\n"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), begin)
	old, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the marks of the table are missing")
	}
	var table strings.Builder
	table.WriteString("| id | what | severity | |\n|---|---|---|---|\n")
	for _, r := range Rules() {
		off := ""
		if r.Off {
			off = "off"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", r.ID, r.Title.EN, r.Severity, off)
	}
	if table.String() == old {
		return
	}
	if !*update {
		t.Fatal("docs/secrets.md is out of date: run go test ./internal/rule/secret -run TestDocs -update")
	}
	if err := os.WriteFile(name, []byte(head+begin+table.String()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
