// SPDX-License-Identifier: Apache-2.0

package document

import (
	"strings"
	"testing"
)

const located = `{"a": {"b": [{"c": "one"}, "two", ["three"]], "x.y/z": "four", "]": "five", "7": "six"}}`

func TestLocate(t *testing.T) {
	n, err := JSON([]byte(located))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct{ text, key string }{
		"a.b[0].c": {"one", "c"}, "a.b[1]": {"two", ""}, "a.b[2][0]": {"three", ""}, `a["x.y/z"]`: {"four", "x.y/z"}, `a['x.y/z']`: {"four", "x.y/z"}, `a["]"]`: {"five", "]"},
		"a.7": {"six", "7"}, "a[7]": {"six", "7"}, "a.b.1": {"two", ""}, "a.b[0].c.more[3]": {"one", "c"}, "a.b[1].c": {"two", ""},
	} {
		got, in, key := n.Locate(path)
		if got.Str() != want.text || key != want.key || (in == nil) != (key == "") || in != nil && in.Get(key) != got {
			t.Errorf("%q is %q at %q", path, got.Str(), key)
		}
	}
	for _, path := range []string{"", "none", "none.a", "[0]", "[", "..", "]"} {
		if got, in, key := n.Locate(path); got != n || in != nil || key != "" {
			t.Errorf("%q is %q at %q", path, got.Flow((*Node).Str), key)
		}
	}
	for _, path := range []string{"a.b[9].c", "a.b[-1]", "a.b[x]", "a.b["} {
		if got, _, key := n.Locate(path); got != n.Get("a", "b") || key != "b" {
			t.Errorf("%q is %q at %q", path, got.Flow((*Node).Str), key)
		}
	}
	if got, in, key := (*Node)(nil).Locate("a.b"); got != nil || in != nil || key != "" {
		t.Errorf("nothing holds %v", got)
	}
}

func TestFlow(t *testing.T) {
	n, err := JSON([]byte(`{"a": [1, true, null, "x"], "b": {}, "c": []}`))
	if err != nil {
		t.Fatal(err)
	}
	scalar := func(n *Node) string { return "<" + n.Str() + ">" }
	if got, want := n.Flow(scalar), "{a: [<1>, <true>, <>, <x>], b: {}, c: []}"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := (*Node)(nil).Flow(scalar); got != "" {
		t.Errorf("nothing is %q", got)
	}
	many := &Node{Kind: List}
	for range 100_000 {
		many.Items = append(many.Items, &Node{Kind: Number, Text: "1"})
	}
	if got := many.Flow(scalar); len(got) > flowBytes+16 || !strings.HasPrefix(got, "[<1>, <1>") {
		t.Errorf("%d bytes of 100,000 items", len(got))
	}
}

func FuzzLocate(f *testing.F) {
	for _, path := range []string{"a.b[0].c", `a["x.y/z"]`, "a.b[", "..[[]]", `["`} {
		f.Add(path)
	}
	n, err := JSON([]byte(located))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, in, key := n.Locate(path)
		if got == nil || in != nil && in.Get(key) != got || in == nil && key != "" {
			t.Fatalf("%q is %v in %v at %q", path, got, in, key)
		}
	})
}
