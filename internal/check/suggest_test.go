// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestSuggest(t *testing.T) {
	hide := func(line string) string { return strings.ReplaceAll(line, "hunter2", "***") }
	for name, tt := range map[string]struct {
		before, after string
		want          *sekisho.Suggestion
	}{
		"a line":                {"a\nb\nc\n", "a\nB\nc\n", &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{"B"}}},
		"two lines":             {"a\nb\nc\nd\n", "a\nB\nc\nD\n", &sekisho.Suggestion{Line: 2, Before: []string{"b", "c", "d"}, After: []string{"B", "c", "D"}}},
		"a line goes":           {"a\nb\nc\n", "a\nc\n", &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{}}},
		"the last line goes":    {"a\nb", "a\n", &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{}}},
		"a line is added":       {"a\nc\n", "a\nb\nc\n", &sekisho.Suggestion{Line: 2, Before: []string{"c"}, After: []string{"b", "c"}}},
		"a line at the end":     {"a\n", "a\nb\n", &sekisho.Suggestion{Line: 1, Before: []string{"a"}, After: []string{"a", "b"}}},
		"returns are no part":   {"a\r\nb\r\n", "a\r\nB\r\n", &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{"B"}}},
		"tabs and characters":   {"\tä\n", "\tö\n", &sekisho.Suggestion{Line: 1, Before: []string{"\tä"}, After: []string{"\tö"}}},
		"nothing":               {"a\n", "a\n", nil},
		"nothing before":        {"", "a\n", nil},
		"a secret before":       {"a=hunter2\n", "a\n", nil},
		"a secret after":        {"a\n", "a=hunter2\n", nil},
		"a secret beside":       {"a=hunter2\nb\n", "a=hunter2\nB\n", &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{"B"}}},
		"a byte order mark":     {"\ufeffa\nb\n", "\ufeffA\nb\n", nil},
		"below such a mark":     {"\ufeffa\nb\n", "\ufeffa\nB\n", &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{"B"}}},
		"a return in a line":    {"a\rb\n", "a\rB\n", nil},
		"no UTF-8":              {"a\xff\n", "b\n", nil},
		"more than one look":    {strings.Repeat("a\n", 41), strings.Repeat("b\n", 41), nil},
		"lines that are longer": {strings.Repeat("a", 5000), "b", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := Suggest([]byte(tt.before), []byte(tt.after), hide)
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Fatal(d)
			}
			if got == nil {
				return
			}
			text, ok := Follow([]byte(tt.before), got)
			if !ok || string(text) != tt.after && string(text) != tt.after+"\n" {
				t.Errorf("followed it is %q, %v", text, ok)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	s := &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{"x", "y"}}
	for text, want := range map[string]string{
		"a\nb\nc\n":       "a\nx\ny\nc\n",
		"a\r\nb\r\nc\r\n": "a\r\nx\r\ny\r\nc\r\n",
		"a\nb":            "a\nx\ny",
		"a\r\nb":          "a\r\nx\r\ny",
		"a\nb\n":          "a\nx\ny\n",
	} {
		if got, ok := Follow([]byte(text), s); !ok || string(got) != want {
			t.Errorf("%q becomes %q, %v, not %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "a", "a\n", "a\nB\n", "a\nb \n", "a\n\nb\n"} {
		if got, ok := Follow([]byte(text), s); ok {
			t.Errorf("%q is another text and became %q", text, got)
		}
	}
	gone := &sekisho.Suggestion{Line: 2, Before: []string{"b"}, After: []string{}}
	if got, ok := Follow([]byte("a\nb\nc\n"), gone); !ok || string(got) != "a\nc\n" {
		t.Errorf("%q, %v", got, ok)
	}
}

func TestMembers(t *testing.T) {
	m := Members{
		"privileged": {{Key: "privileged", Was: "true", Now: "false"}},
		"host":       {{Key: "pid", Was: "host"}},
		"profile":    {{Key: "type", Was: "Unconfined", Now: "RuntimeDefault"}},
		"all":        {{Key: "permissions", Was: "write-all", Now: "\n  contents: read"}},
		"old":        {{Key: "account", Name: "accountName", Safe: true}},
	}
	for _, tt := range []struct {
		rule, text   string // "^" stands where the hit begins, and is no part of it
		after        []string
		safe, refuse bool
	}{
		{rule: "privileged", text: "  ^privileged: true", after: []string{"  privileged: false"}},
		{rule: "privileged", text: "  - ^privileged:   true  # why not", after: []string{"  - privileged:   false  # why not"}},
		{rule: "privileged", text: "  ^\"privileged\": true,", after: []string{"  \"privileged\": false,"}},
		{rule: "privileged", text: "{^\"privileged\":true}", after: []string{"{\"privileged\":false}"}},
		{rule: "privileged", text: "\t^\"privileged\":\ttrue", refuse: true},
		{rule: "privileged", text: "  ^privileged: \"true\"", after: []string{"  privileged: \"false\""}},
		{rule: "privileged", text: "securityContext: {^privileged: true}", after: []string{"securityContext: {privileged: false}"}},
		{rule: "privileged", text: "^privileged: true\r\nb: c", after: []string{"privileged: false"}},
		{rule: "privileged", text: "^privileged: trueish", refuse: true},
		{rule: "privileged", text: "^privileged: &yes true", refuse: true},
		{rule: "privileged", text: "^privileged: *yes", refuse: true},
		{rule: "privileged", text: "^privileged:true", refuse: true},
		{rule: "privileged", text: "^privileged: {{ .Values.privileged }}", refuse: true},
		{rule: "privileged", text: "^privileged: false", refuse: true},
		{rule: "privileged", text: "^unprivileged: true", refuse: true},
		{rule: "privileged", text: "# ^privileged: true", refuse: true},
		{rule: "privileged", text: "{password: hunter2, ^privileged: true}", refuse: true},
		{rule: "privileged", text: "{^privileged: true, password: hunter2}", refuse: true},
		{rule: "privileged", text: "^privileged: true # password=hunter2", refuse: true},
		{rule: "privileged", text: "名前: {^privileged: true}", refuse: true},
		{rule: "host", text: "a: b\n^pid: host", after: []string{}},
		{rule: "host", text: "^pid: host\na: b", after: []string{}},
		{rule: "host", text: "a:\n  b:\n    c: d\n  ^pid: host\ne: f", after: []string{}},
		{rule: "host", text: "- a: b\n  ^pid: host", after: []string{}},
		{rule: "host", text: "a:\n  ^pid: host", refuse: true},
		{rule: "host", text: "- ^pid: host\n  a: b", refuse: true},
		{rule: "host", text: "{^pid: host}", refuse: true},
		{rule: "profile", text: "p: {^type: Unconfined}", after: []string{"p: {type: RuntimeDefault}"}},
		{rule: "profile", text: "^type: 'Unconfined'", after: []string{"type: 'RuntimeDefault'"}},
		{rule: "all", text: "  ^permissions: write-all", after: []string{"  permissions:", "    contents: read"}},
		{rule: "all", text: "{^permissions: write-all}", refuse: true},
		{rule: "all", text: "^permissions: write-all # all", refuse: true},
		{rule: "old", text: "^account: web", after: []string{"accountName: web"}, safe: true},
		{rule: "old", text: "^account: {{ x }}", refuse: true},
		{rule: "old", text: "a:\n  accountName: x\n  b:\n    - c\n  # d\n  ^account: web", refuse: true},
		{rule: "old", text: "  ^account: web\n  b:\n  - c: d\n  \"accountName\": x", refuse: true},
		{rule: "old", text: "- accountName: x\n  ^account: web", refuse: true},
		{rule: "old", text: "{^account: web, accountName: x}", refuse: true},
		{rule: "old", text: "- accountName: x\n- ^account: web\n- accountName: y", after: []string{"- accountName: web"}, safe: true},
		{rule: "old", text: "a:\n  accountName: x\nb:\n  ^account: web\nc:\n  accountName: y", after: []string{"  accountName: web"}, safe: true},
		{rule: "another", text: "^privileged: true", refuse: true},
	} {
		line, column := 1, 1
		before, _, _ := strings.Cut(tt.text, "^")
		line += strings.Count(before, "\n")
		column += len(before) - strings.LastIndex(before, "\n") - 1
		text := strings.Replace(tt.text, "^", "", 1)
		got := m.In([]byte(text))(&sekisho.Rule{ID: tt.rule}, &Hit{Line: line, Column: column})
		if tt.refuse {
			if got != nil {
				t.Errorf("%q: %+v", tt.text, got)
			}
			continue
		}
		want := &sekisho.Suggestion{Line: line, Before: []string{linesOf([]byte(text))[line-1]}, After: tt.after, Unsafe: !tt.safe}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%q: %s", tt.text, d)
		}
	}
	for _, h := range []Hit{{Line: 9, Column: 1}, {Line: 1, Column: 0}, {Line: 1, Column: 99}} {
		if got := m.In([]byte("privileged: true"))(&sekisho.Rule{ID: "privileged"}, &h); got != nil {
			t.Errorf("%+v: %+v", h, got)
		}
	}
}

// Of any two texts the suggestion between them leads from one to the other.
func FuzzSuggest(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nB\nc\n", 2, 1)
	f.Add("a\r\npid: host\r\n", "", 2, 1)
	f.Add("\ufeffa: {privileged: true}", "x", 1, 5)
	m := Members{"r": {{Key: "privileged", Was: "true", Now: "false"}, {Key: "pid", Was: "host"}, {Key: "p", Was: "a", Now: "\n b"}, {Key: "n", Name: "m"}}}
	f.Fuzz(func(t *testing.T, a, b string, line, column int) {
		if s := m.In([]byte(a))(&sekisho.Rule{ID: "r"}, &Hit{Line: max(line, 1), Column: column}); s != nil {
			if _, ok := Follow([]byte(a), s); !ok {
				t.Fatalf("%q: %+v is not about it", a, s)
			}
		}
		s := Suggest([]byte(a), []byte(b), nil)
		if s == nil {
			return
		}
		got, ok := Follow([]byte(a), s)
		if !ok {
			t.Fatalf("%q to %q: %+v is not about it", a, b, s)
		}
		plain := func(text string) string { return strings.Join(linesOf([]byte(text)), "\n") }
		if !strings.Contains(a+b, "\r") && strings.HasSuffix(a, "\n") && strings.HasSuffix(b, "\n") && plain(string(got)) != plain(b) {
			t.Fatalf("%q to %q: %+v gives %q", a, b, s, got)
		}
	})
}
