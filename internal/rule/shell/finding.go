// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"cmp"
	"slices"
	"strconv"

	"mvdan.cc/sh/v3/syntax"
)

// Finding is a mistake in a script, named as ShellCheck names it
// (https://www.shellcheck.net/wiki/). Codes says what each code means.
type Finding struct {
	// Code is "SC2086".
	Code string
	Span
	// Arg is what the title speaks of: the name of a variable, a command, what
	// sh does not have.
	Arg string
	// Message is ShellCheck's own sentence, when the program itself found it.
	Message string
}

// maxFindings bounds what one script gives.
const maxFindings = 1000

// Findings are the mistakes in the script, in the order of the places. known
// are the variables that are set outside of it. The texts of sh -c are not
// judged: their variables may be those of the script around them.
func (s *Script) Findings(known map[string]bool) []Finding {
	r := &review{
		s: s, at: where{line: 1, col: 1}, known: known, assigned: map[string]bool{}, guarded: map[string]bool{},
		safe: map[string]bool{}, hasSetE: s.hasSetE(),
	}
	syntax.Walk(s.file, func(n syntax.Node) bool {
		if n == nil {
			r.path = r.path[:len(r.path)-1]
			return false
		}
		r.visit(n)
		r.path = append(r.path, n)
		return true
	})
	r.flow()
	r.specials()
	slices.SortStableFunc(r.out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	out := slices.Compact(r.out)
	for _, d := range directives(s) {
		out = slices.DeleteFunc(out, d.silences)
	}
	return out
}

// review looks at each node once, knowing the nodes around it.
type review struct {
	s  *Script
	at where
	// path are the nodes around the one that is visited, outermost first.
	path  []syntax.Node
	known map[string]bool
	// assigned are the variables that get a value somewhere; guarded those of
	// which somebody asks whether they have one; safe those whose every value
	// needs no quotes.
	assigned, guarded, safe map[string]bool
	special                 []*syntax.ParamExp
	hasSetE                 bool
	sourced                 bool
	out                     []Finding
}

func (r *review) report(code int, arg string, n syntax.Node) {
	r.reportAt(code, arg, r.at.span(n.Pos(), n.End()))
}

func (r *review) reportAt(code int, arg string, sp Span) {
	if len(r.out) < maxFindings {
		r.out = append(r.out, Finding{Code: "SC" + strconv.Itoa(code), Span: sp, Arg: arg})
	}
}

// posix reports whether the script may run in a shell that has no more than
// POSIX asks for; dash has little more. BusyBox has much of bash.
func (r *review) posix() bool { return r.s.Dialect != Bash }

// parent is the i-th node around the visited one, 0 the nearest.
func (r *review) parent(i int) syntax.Node {
	if i >= len(r.path) {
		return nil
	}
	return r.path[len(r.path)-1-i]
}

func (r *review) visit(n syntax.Node) {
	if r.posix() {
		r.bashism(n)
	}
	switch n := n.(type) {
	case *syntax.CallExpr:
		r.habits(n)
	case *syntax.Assign:
		r.masked(n)
	case *syntax.BinaryCmd:
		r.shorthand(n)
	case *syntax.CmdSubst:
		if n.Backquotes && len(n.Stmts) > 0 {
			r.report(2006, "", n)
		}
		if !r.free(false) && !splits(n) {
			r.report(2046, "", n)
		}
	case *syntax.ParamExp:
		r.arrays(n)
	}
}

// splits reports a substitution whose words are wanted: $(seq 3).
func splits(n *syntax.CmdSubst) bool {
	if len(n.Stmts) == 0 {
		return true
	}
	if len(n.Stmts) != 1 {
		return false
	}
	c, ok := n.Stmts[0].Cmd.(*syntax.CallExpr)
	if !ok || len(c.Args) == 0 {
		return false
	}
	name := c.Args[0].Lit()
	return name == "seq" || name == "pgrep"
}

// free reports whether what is visited stands where nothing is split into
// words: in quotes, in arithmetic, in [[ ]], as the value of a variable or the
// name of a command. strict is false where splitting is wanted, as in for.
func (r *review) free(strict bool) bool {
	var below syntax.Node
	for i := 0; ; i++ {
		switch p := r.parent(i).(type) {
		case *syntax.DblQuoted, *syntax.ArithmExp, *syntax.ArithmCmd, *syntax.LetClause, *syntax.TestClause, *syntax.CaseItem, *syntax.CaseClause, *syntax.ArrayExpr, nil:
			return true
		case *syntax.ParamExp:
			if p.Exp == nil || !defaults(p.Exp.Op) {
				return true
			}
		case *syntax.Assign:
			// sh splits the arguments of export; bash and dash know better.
			_, decl := r.parent(i + 1).(*syntax.DeclClause)
			return !decl || r.s.Dialect != POSIX || p.Array != nil
		case *syntax.Redirect:
			return below == p.Hdoc
		case *syntax.WordIter:
			return !strict
		case *syntax.CallExpr:
			// A variable that is the whole name of the command, and no more.
			return !strict && len(p.Args) > 0 && below == p.Args[0] && len(p.Args[0].Parts) == 1
		case *syntax.Stmt, *syntax.DeclClause:
			return false
		}
		below = r.parent(i)
	}
}

// defaults reports the operators whose word is split as the value is.
func defaults(op syntax.ParExpOperator) bool {
	switch op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		return true
	}
	return false
}

func alternate(p *syntax.ParamExp) bool {
	return p.Exp != nil && (p.Exp.Op == syntax.AlternateUnset || p.Exp.Op == syntax.AlternateUnsetOrNull)
}

// arrays judges $@, $* and the elements of arrays.
func (r *review) arrays(p *syntax.ParamExp) {
	if p.Param == nil || p.Length || alternate(p) || !list(p) || r.free(true) {
		return
	}
	if star(p) {
		if w, ok := r.parent(0).(*syntax.Word); ok && len(w.Parts) == 1 {
			r.report(2048, p.Param.Value, p)
		}
		return
	}
	r.report(2068, p.Param.Value, p)
}

// list reports $@, $*, ${x[@]} and ${x[*]}.
func list(p *syntax.ParamExp) bool {
	return p.Param != nil && (p.Param.Value == "@" || p.Param.Value == "*" || index(p) == "@" || index(p) == "*")
}

func star(p *syntax.ParamExp) bool { return p.Param.Value == "*" || index(p) == "*" }

// index is the literal index of an array's element; "" for others.
func index(p *syntax.ParamExp) string {
	if w, ok := p.Index.(*syntax.Word); ok {
		return w.Lit()
	}
	return ""
}
