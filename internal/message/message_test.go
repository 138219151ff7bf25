// SPDX-License-Identifier: Apache-2.0

package message

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var aVerb = regexp.MustCompile(`%(\[\d+\])?[-+# 0-9.]*[a-zA-Z%]`)

// Every text of the catalogue has both languages with the same verbs.
func TestBothLanguages(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range v.Values {
				lit, ok := value.(*ast.CompositeLit)
				if id, isID := ast.Expr(nil), false; ok && lit.Type != nil {
					id = lit.Type
					var name *ast.Ident
					if name, isID = id.(*ast.Ident); !isID || name.Name != "Text" {
						continue
					}
				} else {
					continue
				}
				count++
				var texts []string
				for _, e := range lit.Elts {
					texts = append(texts, stringOf(t, e))
				}
				if len(texts) != 2 || texts[0] == "" || texts[1] == "" {
					t.Errorf("%s needs both languages", v.Names[i].Name)
					continue
				}
				en, ja := verbs(texts[0]), verbs(texts[1])
				if !slices.Equal(en, ja) {
					t.Errorf("%s: verbs %v in English, %v in Japanese", v.Names[i].Name, en, ja)
				}
			}
			return true
		})
	}
	if count < 20 {
		t.Errorf("only %d texts were found: does the test still see the catalogue?", count)
	}
}

// verbs in the order of their arguments: "%[2]s" names one out of turn.
func verbs(s string) []string {
	var out []string
	next := 1
	for _, m := range aVerb.FindAllString(s, -1) {
		if m == "%%" {
			continue
		}
		at := next
		if i := strings.IndexByte(m, ']'); i > 0 {
			at, _ = strconv.Atoi(m[2:i])
			m = "%" + m[i+1:]
		}
		next = at + 1
		out = append(out, strconv.Itoa(at)+m)
	}
	slices.Sort(out)
	return out
}

func stringOf(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	case *ast.BinaryExpr:
		return stringOf(t, e.X) + stringOf(t, e.Y)
	}
	t.Fatalf("texts are plain strings, this is %T", e)
	return ""
}

func TestDetect(t *testing.T) {
	for _, tt := range []struct {
		env  map[string]string
		want Lang
	}{
		{nil, En},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, Ja},
		{map[string]string{"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, En},
		{map[string]string{"LC_MESSAGES": "ja", "LANG": "en_US.UTF-8"}, Ja},
		{map[string]string{"LANG": "de_DE"}, En},
	} {
		if got := Detect(func(k string) string { return tt.env[k] }); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.env, got, tt.want)
		}
	}
	if _, err := Parse("klingon"); err == nil {
		t.Error("an unknown language was taken")
	}
	if got := Ja.Of(Text{"%d of %s", "%[2]s の %[1]d"}, 3, "x"); got != "x の 3" {
		t.Error(got)
	}
}
