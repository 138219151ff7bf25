// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The pages name every field and every rule of the presets, and no other.
func TestPages(t *testing.T) {
	var want []string
	objects := map[string]bool{}
	all := fields()
	for i := range all {
		if strings.HasPrefix(all[i].kind.TypeName(), "sekisho.") && all[i].kind != severityType {
			objects[all[i].path()] = true
			continue
		}
		want = append(want, all[i].path())
	}
	slices.Sort(want)
	for _, page := range []string{"../../../docs/policy.md", "../../../docs/policy.ja.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(string(text)) {
			cells := strings.Split(line, "|")
			if len(cells) != 5 {
				continue
			}
			for _, m := range regexp.MustCompile("`([a-zA-Z.]+)`").FindAllStringSubmatch(cells[1], -1) {
				if strings.Contains(m[1], ".") || slices.Contains(want, m[1]) {
					got = append(got, m[1])
				}
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			for _, f := range want {
				if !slices.Contains(got, f) {
					t.Errorf("%s has no field %s", page, f)
				}
			}
			for _, f := range got {
				if !slices.Contains(want, f) {
					t.Errorf("%s has %s, which is no field", page, f)
				}
			}
		}
		for _, name := range Presets() {
			for _, r := range preset(t, name).Rules {
				if !strings.Contains(string(text), "`"+r.Name+"`") {
					t.Errorf("%s does not name the rule %s of %s", page, r.Name, name)
				}
			}
		}
	}
}
