// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// flow follows the script from its beginning, to know which variables hold text
// that needs no quotes: words without blanks and patterns. It is right where the
// order of the text is the order of the commands, and doubts elsewhere.
type flow struct {
	r    *review
	vars map[string]bool
	// base answers for what is not in vars, in functions.
	base map[string]bool
	log  []change
	// calls are the variables to which a function gives text that is not known.
	calls map[string][]string
	first map[string]*syntax.ParamExp
	seen  []string
	later []*syntax.FuncDecl
	// ended is true behind exit: nothing of the branch reaches what follows it.
	ended bool
	// work counts the nodes that were looked at more than once; a script that
	// makes too much of it is not judged further.
	work int
}

// maxWork bounds what loops in loops in loops cost.
const maxWork = 1_000_000

type change struct {
	name     string
	had, was bool
}

// flow judges the uses of variables.
func (r *review) flow() {
	f := &flow{r: r, vars: map[string]bool{}, calls: map[string][]string{}, first: map[string]*syntax.ParamExp{}}
	f.stmts(r.s.file.Stmts)
	for i := 0; i < len(f.later); i++ {
		body := f.later[i].Body
		f.vars, f.base, f.log = map[string]bool{}, r.safe, nil
		if body != nil {
			f.stmt(body)
		}
	}
	if r.sourced {
		return
	}
	for _, name := range f.seen {
		if !r.assigned[name] && !r.guarded[name] && !r.known[name] {
			r.report(2154, name, f.first[name])
		}
	}
}

func (f *flow) get(name string) bool {
	if v, ok := f.vars[name]; ok {
		return v
	}
	return f.base[name]
}

// set gives a variable a value that needs no quotes, or one that may.
func (f *flow) set(name string, safe bool) {
	was, had := f.vars[name]
	f.log = append(f.log, change{name, had, was})
	f.vars[name] = safe
	f.r.assigned[name] = true
	if old, ok := f.r.safe[name]; !ok || old {
		f.r.safe[name] = safe
	}
}

// undo takes back what was set since the mark, and returns it.
func (f *flow) undo(mark int) map[string]bool {
	if mark == len(f.log) {
		return nil
	}
	out := map[string]bool{}
	for i := len(f.log) - 1; i >= mark; i-- {
		c := f.log[i]
		if _, ok := out[c.name]; !ok {
			out[c.name] = f.vars[c.name]
		}
		if c.had {
			f.vars[c.name] = c.was
		} else {
			delete(f.vars, c.name)
		}
	}
	f.log = f.log[:mark]
	return out
}

// either runs alternatives of which one will happen, or, unless all is true,
// none.
func (f *flow) either(all bool, alternatives ...func()) {
	mark := len(f.log)
	var results []map[string]bool
	for _, run := range alternatives {
		f.ended = false
		run()
		if m := f.undo(mark); !f.ended {
			results = append(results, m)
		}
	}
	f.ended = false
	if !all {
		results = append(results, nil)
	}
	names := map[string]bool{}
	for _, m := range results {
		for name := range m {
			names[name] = true
		}
	}
	for name := range names {
		safe := true
		for _, m := range results {
			v, ok := m[name]
			if !ok {
				v = f.get(name)
			}
			safe = safe && v
		}
		f.set(name, safe)
	}
}

// apart runs what is a process of its own: its variables end with it.
func (f *flow) apart(run func()) {
	mark := len(f.log)
	run()
	f.undo(mark)
	f.ended = false
}

func (f *flow) stmts(list []*syntax.Stmt) {
	for _, s := range list {
		f.stmt(s)
	}
}

func (f *flow) stmt(s *syntax.Stmt) {
	if s.Background {
		f.apart(func() { f.list(s) })
		return
	}
	f.list(s)
}

// list follows a && b || c. Behind && all that is before was run; what follows
// the list cannot know.
func (f *flow) list(s *syntax.Stmt) {
	var parts []*syntax.BinaryCmd
	for {
		b, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.AndStmt && b.Op != syntax.OrStmt {
			break
		}
		parts = append(parts, b)
		s = b.X
	}
	f.pipeline(s)
	if len(parts) == 0 {
		return
	}
	f.either(false, func() {
		for _, b := range slices.Backward(parts) {
			if b.Op == syntax.AndStmt {
				f.pipeline(b.Y)
				continue
			}
			f.either(false, func() { f.pipeline(b.Y) })
		}
	})
}

func (f *flow) pipeline(s *syntax.Stmt) {
	for {
		b, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.Pipe && b.Op != syntax.PipeAll {
			break
		}
		f.apart(func() { f.pipeline(b.Y) })
		s = b.X
		if _, more := s.Cmd.(*syntax.BinaryCmd); !more {
			f.apart(func() { f.command(s) })
			return
		}
	}
	f.command(s)
}

func (f *flow) command(s *syntax.Stmt) {
	for _, r := range s.Redirs {
		f.word(r.Word, false)
		f.word(r.Hdoc, true)
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		f.call(c)
	case *syntax.DeclClause:
		f.decl(c)
	case *syntax.BinaryCmd:
		f.list(s)
	case *syntax.Subshell:
		f.apart(func() { f.stmts(c.Stmts) })
	case *syntax.Block:
		f.stmts(c.Stmts)
	case *syntax.IfClause:
		f.ifs(c)
	case *syntax.WhileClause:
		f.loop(c, append(append([]*syntax.Stmt(nil), c.Cond...), c.Do...))
	case *syntax.ForClause:
		f.forLoop(c)
	case *syntax.CaseClause:
		f.cases(c)
	case *syntax.FuncDecl:
		f.function(c)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			f.stmt(c.Stmt)
		}
	case *syntax.CoprocClause:
		if c.Stmt != nil {
			f.apart(func() { f.stmt(c.Stmt) })
		}
	case *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause:
		f.node(c)
	}
}

func (f *flow) ifs(c *syntax.IfClause) {
	f.stmts(c.Cond)
	if c.Else == nil {
		f.either(false, func() { f.stmts(c.Then) })
		return
	}
	f.either(true, func() { f.stmts(c.Then) }, func() {
		if len(c.Else.Cond) == 0 {
			f.stmts(c.Else.Then)
			return
		}
		f.ifs(c.Else)
	})
}

// loop runs a body that may run again after itself.
func (f *flow) loop(c syntax.Node, body []*syntax.Stmt) {
	f.either(false, func() {
		for _, name := range f.doubtful(c) {
			f.set(name, false)
		}
		f.stmts(body)
	})
}

func (f *flow) forLoop(c *syntax.ForClause) {
	f.either(false, func() {
		switch l := c.Loop.(type) {
		case *syntax.WordIter:
			safe := len(l.Items) > 0 && !c.Select
			for _, w := range l.Items {
				f.word(w, true)
				safe = safe && f.safeWord(w)
			}
			f.set(l.Name.Value, safe)
		case *syntax.CStyleLoop:
			f.node(l)
		}
		f.loop(c, c.Do)
	})
}

func (f *flow) cases(c *syntax.CaseClause) {
	f.word(c.Word, true)
	all := false
	var runs []func()
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			f.word(p, true)
			all = all || p.Lit() == "*"
		}
		runs = append(runs, func() { f.stmts(item.Stmts) })
	}
	f.either(all, runs...)
}

// function notes a function: its body is followed at the end, when all that it
// may see is known.
func (f *flow) function(c *syntax.FuncDecl) {
	if c.Name == nil {
		return
	}
	f.calls[c.Name.Value] = f.doubtful(c)
	f.later = append(f.later, c)
	for _, name := range f.calls[c.Name.Value] {
		f.r.assigned[name] = true
	}
}

// doubtful are the variables to which something in n gives a text that may need
// quotes.
func (f *flow) doubtful(fn syntax.Node) []string {
	var out []string
	local := map[string]bool{}
	syntax.Walk(fn, func(n syntax.Node) bool {
		if f.work++; f.work > maxWork {
			return false
		}
		switch n := n.(type) {
		case *syntax.DeclClause:
			if _, ok := fn.(*syntax.FuncDecl); ok && n.Variant.Value != "export" && n.Variant.Value != "readonly" {
				for _, a := range n.Args {
					if a.Name != nil {
						local[a.Name.Value] = true
					}
				}
				return false
			}
		case *syntax.Assign:
			if n.Name != nil && (n.Value == nil || !f.safeWord(n.Value)) {
				out = append(out, n.Name.Value)
			}
		case *syntax.CmdSubst, *syntax.Subshell:
			return false
		case *syntax.CallExpr:
			if len(n.Args) > 0 {
				out = append(out, targets(n)...)
				return false
			}
		}
		return true
	})
	return slices.DeleteFunc(out, func(name string) bool { return local[name] })
}

// targets are the variables that a built-in command sets to text.
func targets(c *syntax.CallExpr) []string {
	if len(c.Args) < 2 {
		return nil
	}
	args := make([]string, 0, len(c.Args))
	for _, a := range c.Args[1:] {
		args = append(args, value(a))
	}
	switch commandName(c) {
	case "read":
		return names(args, "pdntNiu")
	case "mapfile", "readarray":
		return names(args, "dnOsuCc")
	case "unset":
		return names(args, "")
	case "getopts":
		if len(args) > 1 {
			return []string{args[1], "OPTARG"}
		}
	case "printf":
		if len(args) > 1 && args[0] == "-v" {
			return args[1:2]
		}
	case "wait":
		if len(args) > 1 && args[0] == "-p" {
			return args[1:2]
		}
	}
	return nil
}

// names are the operands that are names; the short options in valued take the
// next word.
func names(args []string, valued string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if t := args[i]; len(t) > 1 && t[0] == '-' {
			if t[1] != '-' && strings.IndexByte(valued, t[len(t)-1]) >= 0 {
				i++
			}
			continue
		}
		if isName(args[i]) {
			out = append(out, args[i])
		}
	}
	return out
}
