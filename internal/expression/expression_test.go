// SPDX-License-Identifier: Apache-2.0

package expression

import (
	"strings"
	"testing"

	"cel.dev/cel-go/cel"

	"github.com/sekisho/sekisho/internal/document"
)

func TestCompile(t *testing.T) {
	env, err := cel.NewEnv(append(Bounds(), cel.Variable("a", cel.StringType))...)
	if err != nil {
		t.Fatal(err)
	}
	deep, long := "when: "+strings.Repeat("(", 300), "when: a == '"+strings.Repeat("x", MaxBytes)+"'"
	for text, want := range map[string]Mistake{
		long:                           {1, 7, "expression code point size exceeds limit: size: 16391, limit 16384", nil},
		deep:                           {1, 7, "expression recursion limit exceeded: 100", nil},
		"when: a == ''":                {},
		"when: a == 1":                 {1, 9, "found no matching overload for '_==_' applied to '(string, int)'", nil},
		"when: 'a == 1'":               {1, 10, "found no matching overload for '_==_' applied to '(string, int)'", nil},
		"x: 1\nwhen: b == 1":           {2, 7, "undeclared reference to 'b'", nil},
		"when: |\n  a == '' ||\n  b\n": {3, 0, "undeclared reference to 'b'", nil},
	} {
		docs, err := document.YAML([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		ast, got := Compile(env, docs[0].Get("when"))
		if want == (Mistake{}) {
			if ast == nil || len(got) > 0 {
				t.Errorf("%s: %v", text, got)
			}
			continue
		}
		if ast != nil || len(got) == 0 || got[0].Line != want.Line || got[0].Column != want.Column || got[0].Text != want.Text {
			t.Errorf("%.60s: %+v, want %+v", text, got, want)
		}
	}
}
