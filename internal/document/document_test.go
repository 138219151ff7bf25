// SPDX-License-Identifier: Apache-2.0

package document

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestPlaces(t *testing.T) {
	yaml := "# a comment\nkind: Pod\nspec:\n  containers:\n    - name: \"web\"\n      ports: [80, 443]\n      tty: yes\n      command: |\n        one\n        two\n"
	json := "\ufeff{\n  \"kind\": \"Pod\",\n  \"spec\": {\"containers\": [\n    {\"name\": \"web\", \"ports\": [80, 443], \"tty\": true}]}\n}\n"
	docs, err := YAML([]byte(yaml))
	if err != nil || len(docs) != 1 {
		t.Fatal(docs, err)
	}
	j, err := JSON([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		n    *Node
		want string
	}{
		{docs[0].Get("kind"), `String "Pod" 2:7-2:10`},
		{docs[0].Get("spec", "containers").At(0).Get("name"), `String "web" 5:13-5:18`},
		{docs[0].Get("spec", "containers").At(0).Get("ports").At(1), `Number "443" 6:19-6:22`},
		{docs[0].Get("spec", "containers").At(0).Get("command"), "String \"one\\ntwo\\n\" 8:16-10:0"},
		{docs[0].Get("spec", "containers").At(0), `Map "" 5:7-10:0`},
		{docs[0].Get("spec", "none", "more"), "absent"},
		{j.Get("kind"), `String "Pod" 2:11-2:16`},
		{j.Key("spec"), `String "spec" 3:3-3:9`},
		{j.Get("spec", "containers").At(0), `Map "" 4:5-4:53`},
		{j.Get("spec", "containers").At(0).Get("ports").At(1), `Number "443" 4:35-4:38`},
		{j.Get("spec", "containers").At(0).Get("tty"), `Bool "true" 4:48-4:52`},
		{j.Get("kind").At(0), "absent"},
	} {
		got := "absent"
		if n := tt.n; n != nil {
			got = fmt.Sprintf("%s %q %d:%d-%d:%d", [...]string{"Null", "Bool", "Number", "String", "List", "Map", "Unknown"}[n.Kind], n.Text, n.Line, n.Column, n.EndLine, n.EndColumn)
		}
		if got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}

func TestValues(t *testing.T) {
	docs, err := YAML([]byte("a: &x {n: 1, s: '1', f: 1.5, b: true, z: null, l: [a, {k: v}], q: \"true\"}\nb:\n  <<: *x\n  n: 2\nc: *x\n1: int\ndup: 1\ndup: 2\n---\nsecond: 0o17\n"))
	if err != nil || len(docs) != 2 {
		t.Fatal(docs, err)
	}
	a := map[string]any{"n": int64(1), "s": "1", "f": 1.5, "b": true, "z": nil, "l": []any{"a", map[string]any{"k": "v"}}, "q": "true"}
	b := map[string]any{"n": int64(2), "s": "1", "f": 1.5, "b": true, "z": nil, "l": []any{"a", map[string]any{"k": "v"}}, "q": "true"}
	if got, want := docs[0].Value(), any(map[string]any{"a": a, "b": b, "c": a, "1": "int", "dup": int64(2)}); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if v, ok := docs[1].Get("second").Int(); v != 15 || !ok {
		t.Error(v, ok)
	}
	x := docs[0].Get("a")
	if !x.Get("b").True() || !x.Get("q").True() || x.Get("s").True() || x.Get("none").False() || x.Get("z").Present() || !x.Get("s").Present() {
		t.Error("booleans and presence")
	}
	if v, ok := x.Get("s").Int(); v != 1 || !ok {
		t.Error("a number as text")
	}
	if _, ok := x.Get("f").Int(); ok {
		t.Error("a fraction is no whole number")
	}
	u := &Node{Kind: Map, Keys: []*Node{{Kind: String, Text: "id"}}, Items: []*Node{{Kind: Unknown}}}
	if u.Get("id").Known() || !u.Get("other").Known() || len(u.Value().(map[string]any)) != 0 {
		t.Error("unknown values")
	}
}

func TestRefusals(t *testing.T) {
	deep := strings.Repeat("[", 1000) + strings.Repeat("]", 1000)
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 9; i++ {
		r := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ",")
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, r)
	}
	for _, tt := range []struct {
		name, text, want string
		read             func([]byte) error
	}{
		{"yaml", "a: [1\nb: 2\n", "line", yamlOnly},
		{"tab", "a:\n\tb: 1\n", "line 2: this is no YAML", yamlOnly},
		{"deep yaml", deep, "deep", yamlOnly},
		{"bomb", bomb, "aliases", yamlOnly},
		{"loop", "a: &a [*a]\n", "", yamlOnly},
		{"json", "{\n\"a\": 1,\n}", "line 3: this is no JSON", jsonOnly},
		{"cut", "{\n\"a\": [1,", "the text ends in the middle", jsonOnly},
		{"behind", "{} {}", "behind the end", jsonOnly},
		{"deep json", deep, "deep", jsonOnly},
		{"empty", "", "the text ends in the middle", jsonOnly},
	} {
		if err := tt.read([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func yamlOnly(b []byte) error { _, err := YAML(b); return err }
func jsonOnly(b []byte) error { _, err := JSON(b); return err }

// What is JSON is YAML as well, with the same values.
func FuzzDocument(f *testing.F) {
	f.Add([]byte("a: [1, {b: c}]\n---\nd: |\n  e\n"))
	f.Add([]byte(`{"a": [1, {"b": null}], "a": true}`))
	f.Add([]byte("a: &x [*x]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if docs, err := YAML(b); err == nil {
			for _, d := range docs {
				walk(t, d)
			}
		}
		if n, err := JSON(b); err == nil {
			walk(t, n)
		}
	})
}

func walk(t *testing.T, n *Node) {
	if n.Kind == Map && len(n.Keys) != len(n.Items) {
		t.Fatal("keys and values differ")
	}
	_ = n.Value()
	for _, c := range n.Items {
		walk(t, c)
	}
}

func BenchmarkYAML(b *testing.B) {
	text := []byte(strings.Repeat("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: example.com/web:1.2\n          securityContext: {runAsNonRoot: true, capabilities: {drop: [ALL]}}\n---\n", 100))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if docs, err := YAML(text); err != nil || len(docs) != 101 && len(docs) != 100 {
			b.Fatal(len(docs), err)
		}
	}
}

func TestTags(t *testing.T) {
	docs, err := YAML([]byte("a: !Ref Role\nb: !Join [\"\", [x]]\nc: !If {d: e}\nf: !!str 1\ng: !Sub '${x}'\n"))
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"a": "!Ref", "b": "!Join", "c": "!If", "f": "", "g": "!Sub"} {
		if got := docs[0].Get(key).Tag; got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// What aliases stand for is bounded apart from what is written: a bomb costs
// what its bound lets it, and files with many aliases are read.
func TestAliases(t *testing.T) {
	bomb := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 9; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), i-1)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := YAML([]byte(bomb))
	runtime.ReadMemStats(&after)
	if e, ok := errors.AsType[*Error](err); !ok || !e.Aliases || e.Line == 0 {
		t.Errorf("%v", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("a bomb of %d bytes took %d MB", len(bomb), took>>20)
	}
	many := "x: &x {a: 1, b: [1, 2, 3]}\nlist:\n" + strings.Repeat("  - {<<: *x, c: *x}\n", 5000)
	if docs, err := YAML([]byte(many)); err != nil || len(docs[0].Get("list").List()) != 5000 {
		t.Errorf("5000 uses of an anchor: %v", err)
	}
	if _, err := YAML([]byte("list:\n" + strings.Repeat("  - [1, 2]\n", maxAliased/2))); err != nil {
		t.Errorf("what is written counts as aliases: %v", err)
	}
}
