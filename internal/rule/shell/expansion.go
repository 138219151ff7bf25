// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// call follows a simple command.
func (f *flow) call(c *syntax.CallExpr) {
	for _, a := range c.Assigns {
		f.assign(a, true, len(c.Args) == 0)
	}
	if len(c.Args) == 0 {
		return
	}
	name := c.Args[0].Lit()
	for i, a := range c.Args {
		f.word(a, i == 0 && len(a.Parts) == 1 || name == ":" && setsDefault(a))
	}
	f.ended = f.ended || name == "exit" || name == "return"
	for _, v := range targets(c) {
		had := f.r.assigned[v]
		f.set(v, false)
		if name == "unset" && !had {
			delete(f.r.assigned, v)
		}
	}
	for _, v := range f.calls[name] {
		f.set(v, false)
	}
}

// setsDefault reports ${X:=value}, which is there for what it sets.
func setsDefault(w *syntax.Word) bool {
	p, ok := w.Parts[0].(*syntax.ParamExp)
	return ok && len(w.Parts) == 1 && p.Exp != nil && (p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull)
}

// decl follows export, local and the like.
func (f *flow) decl(c *syntax.DeclClause) {
	for _, a := range c.Args {
		switch {
		case a.Name == nil:
			f.word(a.Value, false)
		case a.Naked:
			f.r.assigned[a.Name.Value] = true
			if c.Variant.Value == "local" || c.Variant.Value == "declare" {
				f.set(a.Name.Value, false)
			}
		default:
			f.assign(a, f.r.s.Dialect != POSIX, true)
		}
	}
}

func (f *flow) assign(a *syntax.Assign, free, keep bool) {
	f.word(a.Value, free)
	safe := false
	switch {
	case a.Array != nil:
		for _, e := range a.Array.Elems {
			f.word(e.Value, true)
		}
	case a.Value != nil:
		safe = f.safeWord(a.Value) && a.Index == nil
	}
	if a.Name == nil || !keep {
		return
	}
	if a.Append {
		safe = safe && f.get(a.Name.Value)
	}
	f.set(a.Name.Value, safe)
}

// word follows the expansions of a word; free is true where nothing is split.
func (f *flow) word(w *syntax.Word, free bool) {
	if w == nil {
		return
	}
	for _, p := range w.Parts {
		f.part(p, free)
	}
}

func (f *flow) part(p syntax.WordPart, free bool) {
	switch p := p.(type) {
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			f.part(inner, true)
		}
	case *syntax.ParamExp:
		f.param(p, free)
	case *syntax.CmdSubst:
		f.apart(func() { f.stmts(p.Stmts) })
	case *syntax.ProcSubst:
		f.apart(func() { f.stmts(p.Stmts) })
	case *syntax.ArithmExp:
		f.node(p)
	}
}

// node follows arithmetic and tests: nothing in them is split.
func (f *flow) node(n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.BinaryArithm:
			if name, ok := n.X.(*syntax.Word); ok && assigns(n.Op) {
				if isName(name.Lit()) {
					f.set(name.Lit(), true)
				}
			}
		case *syntax.LetClause:
			for _, x := range n.Exprs {
				if w, ok := x.(*syntax.Word); ok {
					if name, _, ok := strings.Cut(value(w), "="); ok && isName(name) {
						f.set(name, true)
					}
				}
			}
		case *syntax.UnaryArithm:
			if name, ok := n.X.(*syntax.Word); ok && (n.Op == syntax.Inc || n.Op == syntax.Dec) && isName(name.Lit()) {
				f.set(name.Lit(), true)
			}
		case *syntax.UnaryTest:
			if w, ok := n.X.(*syntax.Word); ok {
				switch n.Op {
				case syntax.TsVarSet:
					f.r.guarded[value(w)] = true
				case syntax.TsEmpStr, syntax.TsNempStr:
					for _, name := range params(w) {
						f.r.guarded[name] = true
					}
				}
			}
		case *syntax.ParamExp:
			f.param(n, true)
			return false
		case *syntax.CmdSubst:
			f.part(n, true)
			return false
		case *syntax.ProcSubst:
			f.part(n, true)
			return false
		}
		return true
	})
}

func assigns(op syntax.BinAritOperator) bool {
	switch op {
	case syntax.Assgn, syntax.AddAssgn, syntax.SubAssgn, syntax.MulAssgn, syntax.QuoAssgn, syntax.RemAssgn, syntax.AndAssgn, syntax.OrAssgn, syntax.XorAssgn, syntax.ShlAssgn, syntax.ShrAssgn:
		return true
	}
	return false
}

// param follows one expansion of a variable.
func (f *flow) param(p *syntax.ParamExp, free bool) {
	if p.Param == nil {
		return
	}
	name := p.Param.Value
	f.refer(p, name)
	if !free && !p.Length && !alternate(p) && (!list(p) || star(p)) && !harmless(name) && !f.get(name) && f.work <= maxWork {
		f.r.report(2086, name, p)
	}
	switch {
	case p.Exp != nil:
		f.word(p.Exp.Word, free || !defaults(p.Exp.Op))
		if p.Exp.Op == syntax.AssignUnset || p.Exp.Op == syntax.AssignUnsetOrNull {
			f.set(name, p.Exp.Word != nil && f.safeWord(p.Exp.Word) && f.get(name))
		}
	case p.Repl != nil:
		f.word(p.Repl.Orig, true)
		f.word(p.Repl.With, true)
	case p.Slice != nil:
		if p.Slice.Offset != nil {
			f.node(p.Slice.Offset)
		}
		if p.Slice.Length != nil {
			f.node(p.Slice.Length)
		}
	}
	if p.Index != nil {
		f.node(p.Index)
	}
}

// refer notes the first use of a variable that somebody must have set: names in
// capitals are taken for those of the environment.
func (f *flow) refer(p *syntax.ParamExp, name string) {
	if strings.ToUpper(name) == name || !isName(name) || environment[name] {
		return
	}
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull, syntax.ErrorUnset, syntax.ErrorUnsetOrNull, syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
			f.r.guarded[name] = true
			return
		}
	}
	if f.first[name] == nil {
		f.first[name] = p
		f.seen = append(f.seen, name)
	}
}

// environment are variables of small letters that come from outside: those of
// proxies, which Docker also predefines as build arguments.
var environment = map[string]bool{"http_proxy": true, "https_proxy": true, "ftp_proxy": true, "no_proxy": true, "all_proxy": true}

// harmless reports the variables of the shell that are numbers.
func harmless(name string) bool {
	switch name {
	case "$", "?", "#", "!", "-", "LINENO", "PPID", "RANDOM", "SRANDOM", "SECONDS", "UID", "EUID", "SHLVL", "COLUMNS", "LINES", "BASHPID", "EPOCHSECONDS", "OPTIND":
		return true
	}
	return false
}

// safeWord reports a value that needs no quotes when it is used: not empty,
// without blanks and patterns.
func (f *flow) safeWord(w *syntax.Word) bool {
	if len(w.Parts) == 0 {
		return false
	}
	empty := true
	for _, p := range w.Parts {
		if !f.safePart(p, &empty) {
			return false
		}
	}
	return !empty
}

func (f *flow) safePart(p syntax.WordPart, empty *bool) bool {
	switch p := p.(type) {
	case *syntax.Lit:
		*empty = *empty && p.Value == ""
		return !strings.ContainsAny(p.Value, " \t\n*?[{")
	case *syntax.SglQuoted:
		*empty = *empty && p.Value == ""
		return !p.Dollar && !strings.ContainsAny(p.Value, " \t\n*?[")
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			if !f.safePart(inner, empty) {
				return false
			}
		}
		return true
	case *syntax.ArithmExp:
		*empty = false
		return true
	case *syntax.ParamExp:
		*empty = false
		if p.Param == nil || p.Excl || p.Repl != nil || p.Slice != nil || p.Exp != nil && !defaults(p.Exp.Op) || p.Index != nil {
			return false
		}
		return p.Length || harmless(p.Param.Value) || f.get(p.Param.Value)
	}
	return false
}
