// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"go/constant"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The limits that docs/security.md names are those of the code.
func TestLimitsOfTheDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	value := func(s string) string {
		t.Helper()
		s = strings.NewReplacer("KiB", "<< 10", "MiB", "<< 20", "GiB", "<< 30").Replace(strings.TrimSpace(s))
		v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, s)
		if err != nil || v.Value == nil || v.Value.Kind() != constant.Int {
			t.Fatalf("%q: %v", s, err)
		}
		return v.Value.ExactString()
	}
	flags := (&App{}).root(nil)
	scan, _, err := flags.Find([]string{"scan"})
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| [^|]+ \\| ([0-9][^|]*) \\| `([^`]+)`(?: in `([^`]+)`)? \\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 13 {
		t.Fatalf("%d limits", len(rows))
	}
	for _, row := range rows {
		got := ""
		if name, ok := strings.CutPrefix(row[2], "--"); ok {
			f := scan.Flags().Lookup(name)
			if f == nil {
				t.Errorf("there is no %s", row[2])
				continue
			}
			got = regexp.MustCompile(`([0-9])([KMG]iB)`).ReplaceAllString(f.DefValue, "$1 $2")
		} else {
			code, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(row[3])))
			if err != nil {
				t.Fatal(err)
			}
			m := regexp.MustCompile(`(?m)^(?:const |\t)` + row[2] + ` *= ([0-9_ <]+)`).FindSubmatch(code)
			if m == nil {
				t.Errorf("%s has no %s", row[3], row[2])
				continue
			}
			got = string(m[1])
		}
		if value(got) != value(row[1]) {
			t.Errorf("%s: the docs say %s, the code %s", row[2], row[1], got)
		}
	}
}
