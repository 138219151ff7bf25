// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"fmt"
	"go/ast"
	"strings"
)

// speaking are the rooms and families whose errors people read in their language:
// they make them by the catalogue (message.Errorf, message.New), never of words of
// their own. The ecosystems are not among them yet.
var speaking = []string{
	"internal/source/", "internal/engine/", "internal/base", "internal/advisory", "internal/advisory/depot",
	"internal/advisory/starter", "internal/exception", "internal/layer", "internal/policy/userpolicy",
	"internal/rule/kubernetes", "internal/rule/dockerfile", "internal/scan", "internal/witness",
}

// untold are the places of a file that say something in one language alone: a
// Problem without a code, in any room, and an error that is in no catalogue, in
// those that speak.
func untold(room string, tree *ast.File) []string {
	if room == "internal/sekisho" {
		return nil // which defines them
	}
	speaks := false
	for _, r := range speaking {
		speaks = speaks || within(room, r)
	}
	var bad []string
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			for _, e := range fields(n) {
				if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Error" {
					bad = append(bad, "makes a Problem of words without a code: say it by sekisho.Problem{...}.Saying(message.Say(...))")
				}
			}
		case *ast.CallExpr:
			name, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || !speaks || len(n.Args) == 0 {
				return true
			}
			at := fmt.Sprint(name.X) + "." + name.Sel.Name
			if lit, ok := n.Args[0].(*ast.BasicLit); ok && (at == "fmt.Errorf" || at == "errors.New") {
				bad = append(bad, "makes an error that is in no catalogue: message.Errorf and message.New have it in every language ("+strings.Trim(lit.Value, "\"`")+")")
			}
		}
		return true
	})
	return bad
}

// fields are those of a Problem, or of a list of them whose elements do not repeat
// the type; none of any other literal.
func fields(n *ast.CompositeLit) []ast.Expr {
	if problemType(n.Type) {
		return n.Elts
	}
	list, ok := n.Type.(*ast.ArrayType)
	if !ok || !problemType(list.Elt) {
		return nil
	}
	var out []ast.Expr
	for _, e := range n.Elts {
		if one, ok := e.(*ast.CompositeLit); ok && one.Type == nil {
			out = append(out, one.Elts...)
		}
	}
	return out
}

func problemType(e ast.Expr) bool {
	name, ok := e.(*ast.SelectorExpr)
	return ok && name.Sel.Name == "Problem" && fmt.Sprint(name.X) == "sekisho"
}
