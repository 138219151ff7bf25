// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestOverride(t *testing.T) {
	under := []Parent{{Name: "p"}}
	for _, c := range []struct {
		name, manager string
		text          string
		parents       []Parent
		want, refused string
	}{
		{"made", "npm", "{\n  \"name\": \"x\"\n}\n", nil, "{\n  \"name\": \"x\",\n  \"overrides\": {\n    \"a\": \"^1.2.6\"\n  }\n}\n", ""},
		{"tabs and CRLF", "yarn", "{\r\n\t\"name\": \"x\"\r\n}\r\n", nil, "{\r\n\t\"name\": \"x\",\r\n\t\"resolutions\": {\r\n\t\t\"a\": \"^1.2.6\"\r\n\t}\r\n}\r\n", ""},
		{"two levels", "pnpm", "{\n  \"name\": \"x\"\n}", nil, "{\n  \"name\": \"x\",\n  \"pnpm\": {\n    \"overrides\": {\n      \"a\": \"^1.2.6\"\n    }\n  }\n}", ""},
		{"one line", "npm", `{"name":"x"}`, nil, `{"name":"x","overrides":{"a":"^1.2.6"}}`, ""},
		{"empty", "npm", "{\n  \"overrides\": {}\n}", nil, "{\n  \"overrides\": {\n    \"a\": \"^1.2.6\"\n  }\n}", ""},
		{"beside others", "npm", "{\n  \"overrides\": {\n    \"b\": \"1.0.0\"\n  }\n}", nil, "{\n  \"overrides\": {\n    \"b\": \"1.0.0\",\n    \"a\": \"^1.2.6\"\n  }\n}", ""},
		{"under a parent", "npm", `{"name":"x"}`, under, `{"name":"x","overrides":{"p":{"a":"^1.2.6"}}}`, ""},
		{"under a parent that is there", "npm", `{"overrides":{"p":{"b":"1.0.0"}}}`, under, `{"overrides":{"p":{"b":"1.0.0","a":"^1.2.6"}}}`, ""},
		{"a version of a parent", "npm", `{"name":"x"}`, []Parent{{"p", "2.0.0"}}, `{"name":"x","overrides":{"p@2.0.0":{"a":"^1.2.6"}}}`, ""},
		{"pnpm under a parent", "pnpm", `{"name":"x"}`, []Parent{{"p", "2.0.0"}}, `{"name":"x","pnpm":{"overrides":{"p@2.0.0>a":"^1.2.6"}}}`, ""},
		{"yarn under a parent", "yarn", `{"name":"x"}`, under, `{"name":"x","resolutions":{"p/a":"^1.2.6"}}`, ""},
		{"yarn knows no version of a parent", "yarn", `{"name":"x"}`, []Parent{{"p", "2.0.0"}}, "", RefusedOverride},
		{"old", "npm", `{"overrides": {"a": "1.2.5"}}`, nil, `{"overrides": {"a": "1.2.6"}}`, ""},
		{"good", "npm", `{"overrides":{"a":"~1.3.0"}}`, nil, `{"overrides":{"a":"~1.3.0"}}`, ""},
		{"old, of itself", "npm", `{"overrides":{"a":{".":"^1.2.0","b":"1.0.0"}}}`, nil, `{"overrides":{"a":{".":"^1.2.6","b":"1.0.0"}}}`, ""},
		{"old, under a parent", "npm", `{"overrides":{"p":{"a":"1.2.5"}}}`, under, `{"overrides":{"p":{"a":"1.2.6"}}}`, ""},
		{"old, of any depth", "yarn", `{"resolutions":{"**/a":"1.2.5"}}`, nil, `{"resolutions":{"**/a":"1.2.6"}}`, ""},
		{"another scope", "yarn", `{"resolutions":{"@s/a":"1.2.5"}}`, nil, `{"resolutions":{"@s/a":"1.2.5","a":"^1.2.6"}}`, ""},
		{"an older series", "pnpm", `{"pnpm":{"overrides":{"a@0":"0.2.4"}}}`, under, `{"pnpm":{"overrides":{"a@0":"0.2.4","p>a":"^1.2.6"}}}`, ""},
		{"a reference", "npm", `{"overrides":{"a":"$a"}}`, nil, "", RefusedOverride},
		{"a parent that is set", "npm", `{"overrides":{"p":"1.0.0"}}`, under, "", RefusedOverride},
		{"a hostile parent", "pnpm", `{"name":"x"}`, []Parent{{Name: "p>q\xff"}}, "", RefusedOverride},
		{"twice", "npm", `{"overrides":{},"overrides":{}}`, nil, "", RefusedUnreadable},
		{"no object", "npm", `{"overrides":[]}`, nil, "", RefusedUnreadable},
		{"truncated", "npm", `{"overrides":{`, nil, "", RefusedUnreadable},
	} {
		w := Want{Name: "a", From: "1.2.0", To: "1.2.6", Order: order}
		got := Manager{Name: c.manager}.Override([]byte(c.text), w, c.parents)
		if c.refused != "" {
			c.want = c.text
		}
		if string(got.Text) != c.want || got.Refused != c.refused {
			t.Errorf("%s: %q, refused %q", c.name, got.Text, got.Refused)
		}
		if c.refused == "" && got.Line == 0 {
			t.Errorf("%s: no line", c.name)
		}
	}
}

func TestDependents(t *testing.T) {
	npm := `{"packages":{"":{"name":"w","dependencies":{"p":"1","q":"1"}},"node_modules/p":{"version":"1.0.0","dependencies":{"a":"~1.2.0"}},"node_modules/q":{"version":"1.1.0","dependencies":{"a":"^2"}},"node_modules/a":{"version":"1.2.0"},"node_modules/q/node_modules/a":{"version":"2.0.0"}}}`
	yarn := "# yarn lockfile v1\n\na@^2:\n  version \"2.0.0\"\n\na@~1.2.0, a@1.2.0:\n  version \"1.2.0\"\n\np@1:\n  version \"1.0.0\"\n  dependencies:\n    a \"~1.2.0\"\n"
	berry := "__metadata:\n  version: 8\n\n\"a@npm:^2\":\n  version: 2.0.0\n\n\"a@npm:1.2.0, a@npm:~1.2.0\":\n  version: 1.2.0\n\n\"p@npm:1\":\n  version: 1.0.0\n  dependencies:\n    a: \"npm:~1.2.0\"\n"
	pnpm := "lockfileVersion: '9.0'\n\npackages:\n\n  a@1.2.0:\n    resolution: {}\n\n  a@2.0.0:\n    resolution: {}\n\nsnapshots:\n\n  p@1.0.0(x@1.0.0):\n    dependencies:\n      a: 1.2.0\n"
	for _, c := range []struct{ manager, lock, want string }{{"npm", npm, "~1.2.0"}, {"yarn", yarn, "~1.2.0"}, {"yarn", berry, "~1.2.0"}, {"pnpm", pnpm, ""}} {
		got, versions, ok := Manager{Name: c.manager}.Dependents([]byte(c.lock), "a", "1.2.0")
		slices.Sort(versions)
		if !ok || !slices.Equal(got, []Dependent{{"p", "1.0.0", c.want}}) || !slices.Equal(versions, []string{"1.2.0", "2.0.0"}) {
			t.Errorf("%s: %v %v %v", c.manager, got, versions, ok)
		}
		if _, _, ok := (Manager{Name: c.manager}).Dependents([]byte(c.lock[:9]), "a", "1.2.0"); ok {
			t.Errorf("%s: truncated", c.manager)
		}
	}
}

func TestAllows(t *testing.T) {
	for want, ok := range map[string]bool{
		"^1.2.0": true, "^1": true, "1.x": true, "*": true, ">=1.0.0": true, ">=1 <2": true, "^0.1.0 || ^1.0.0": true, "~1.2.0": true,
		"1.2.0": false, "~1.1.0": false, "^0.2.0": false, "^2.0.0": false, "<1.2.6": false, "git+https://example.com/a": false, "1.2.0 - 1.3.0": false, "^1.2.7": false,
	} {
		if Allows(want, "1.2.6", order) != ok {
			t.Errorf("%s: %v", want, !ok)
		}
	}
}

// Whatever the text is: the result is JSON, has the override, and a second edit
// changes nothing.
func FuzzOverride(f *testing.F) {
	f.Add("npm", []byte(`{"overrides":{"a":{".":"^1.2.0"}}}`), "p")
	f.Add("yarn", []byte("{\n\t\"resolutions\": {\"**/a\": \"1.2.5\"}\n}"), "")
	f.Add("pnpm", []byte(`{"pnpm":{"overrides":{"p>a":"1.2.5"}}}`), "p")
	f.Fuzz(func(t *testing.T, manager string, text []byte, parent string) {
		m := Manager{Name: manager}
		if !m.Overridable() {
			return
		}
		m.Dependents(text, "a", "1.2.0")
		var parents []Parent
		if parent != "" {
			parents = []Parent{{Name: parent}}
		}
		given := bytes.Clone(text)
		w := Want{Name: "a", From: "1.2.0", To: "1.2.6", Order: order}
		got := m.Override(text, w, parents)
		if !bytes.Equal(text, given) {
			t.Fatal("the given text was written to")
		}
		if got.Refused != "" {
			if !bytes.Equal(got.Text, text) {
				t.Fatalf("%q became %q", text, got.Text)
			}
			return
		}
		if !json.Valid(bytes.TrimPrefix(got.Text, []byte("\ufeff"))) || !strings.Contains(string(got.Text), "1.") {
			t.Fatalf("%q became %q", text, got.Text)
		}
		if again := m.Override(got.Text, w, parents); !bytes.Equal(again.Text, got.Text) {
			t.Fatalf("%q became %q and then %q", text, got.Text, again.Text)
		}
	})
}
