// SPDX-License-Identifier: Apache-2.0

package pattern_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sekisho/sekisho/internal/pattern"
)

func TestPattern(t *testing.T) {
	p := pattern.New(`(a+)b`)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if !p.MatchString("xaab") || p.MatchString("b") {
				t.Error("what matches is wrong")
			}
		})
	}
	all.Wait()
	if got := p.FindStringSubmatch("xaab"); len(got) != 2 || got[1] != "aa" {
		t.Error(got)
	}
	if got := p.ReplaceAllString("xaab", "$1"); got != "xaa" {
		t.Error(got)
	}
	wrong := pattern.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a wrong text does not panic at its first use")
		}
	}()
	wrong.MatchString("")
}

// Texts that are compiled late are right all the same, in every room: a text is a
// literal, or literals put together.
func TestTextsOfRooms(t *testing.T) {
	found := 0
	err := filepath.WalkDir("..", func(p string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		tree, err := parser.ParseFile(files, p, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		compiledAtStart(t, files, tree)
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "New" || !isName(f.X, "pattern") {
				return true
			}
			found++
			text, ok := literal(call.Args[0])
			if !ok {
				t.Errorf("%s: the text is no literal", files.Position(call.Pos()))
			} else if _, err := regexp.Compile(text); err != nil {
				t.Errorf("%s: %v", files.Position(call.Pos()), err)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 50 {
		t.Fatalf("only %d texts were found: the test looks in the wrong place", found)
	}
}

// compiledAtStart reports the variables of a package that hold expressions compiled
// before the program begins: each costs every run.
func compiledAtStart(t *testing.T, files *token.FileSet, tree *ast.File) {
	t.Helper()
	for _, d := range tree.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.VAR {
			continue
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if f, ok := n.(*ast.SelectorExpr); ok && isName(f.X, "regexp") && f.Sel.Name == "MustCompile" {
				t.Errorf("%s: use pattern.New: this expression is compiled at every start", files.Position(f.Pos()))
			}
			_, later := n.(*ast.FuncLit)
			return !later
		})
	}
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// literal is the value of a text in Go.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		a, ok1 := literal(e.X)
		b, ok2 := literal(e.Y)
		return a + b, ok1 && ok2
	}
	return "", false
}
