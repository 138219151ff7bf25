// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// piece is a text that is given to sh -c.
type piece struct {
	file    *syntax.File
	text    string
	at      where
	dialect Dialect
}

// where maps places in a text to places in the script.
type where struct {
	line, col int
	// fixed is set when the text is not written as it will be read (it has
	// escapes): everything in it is there.
	fixed *Span
}

func (w where) span(from, to syntax.Pos) Span {
	if w.fixed != nil {
		return *w.fixed
	}
	l, c := w.point(from)
	el, ec := w.point(to)
	return Span{l, c, el, ec}
}

func (w where) point(p syntax.Pos) (line, col int) {
	line, col = number(p.Line()), number(p.Col())
	if line == 1 {
		col += w.col - 1
	}
	return line + w.line - 1, col
}

// state is what is known of the statements that are being walked.
type state struct {
	via                              []string
	subst, cond, background, negated bool
	branch                           bool
	function                         string
	pipe                             Pipeline
	chain                            Chain
	redirects                        []*syntax.Redirect
}

// walker collects the commands of a text.
type walker struct {
	s       *Script
	text    string
	at      where
	dialect Dialect
	depth   int
}

func (w *walker) stmts(list []*syntax.Stmt, st state) {
	w.s.lists++
	block := w.s.lists
	for i, stmt := range list {
		w.s.lists++
		st.chain = Chain{Block: block, List: w.s.lists}
		if i > 0 {
			st.chain.Op = ";"
		}
		w.list(stmt, st)
	}
}

// list walks what is joined by && and ||. The tree is as deep as the list is
// long, on the left: it is taken apart without recursion.
func (w *walker) list(stmt *syntax.Stmt, st state) {
	var parts []*syntax.Stmt
	var ops []string
	background := stmt.Background
	for {
		b, ok := stmt.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.AndStmt && b.Op != syntax.OrStmt || stmt.Negated || len(stmt.Redirs) > 0 {
			break
		}
		parts, ops = append(parts, b.Y), append(ops, b.Op.String())
		stmt = b.X
	}
	parts, ops = append(parts, stmt), append(ops, st.chain.Op)
	st.background = st.background || background
	for i, part := range slices.Backward(parts) {
		st.chain.Index, st.chain.Op = len(parts)-1-i, ops[i]
		w.pipeline(part, st)
	}
}

func (w *walker) pipeline(stmt *syntax.Stmt, st state) {
	st.negated = stmt.Negated
	st.background = st.background || stmt.Background
	var parts []*syntax.Stmt
	for {
		b, ok := stmt.Cmd.(*syntax.BinaryCmd)
		if !ok || b.Op != syntax.Pipe && b.Op != syntax.PipeAll || len(stmt.Redirs) > 0 {
			break
		}
		parts = append(parts, b.Y)
		stmt = b.X
	}
	parts = append(parts, stmt)
	w.s.pipes++
	st.pipe = Pipeline{ID: w.s.pipes, Length: len(parts)}
	for i, part := range slices.Backward(parts) {
		st.pipe.Index = len(parts) - 1 - i
		w.stmt(part, st)
	}
}

func (w *walker) stmt(stmt *syntax.Stmt, st state) {
	st.redirects = stmt.Redirs
	inner := st
	inner.pipe, inner.negated, inner.redirects = Pipeline{}, false, nil
	if _, ok := stmt.Cmd.(*syntax.CallExpr); !ok {
		for _, r := range stmt.Redirs {
			w.word(r.Word, inner)
			w.word(r.Hdoc, inner)
		}
	}
	branch, cond := inner, inner
	branch.branch, cond.cond = true, true
	switch c := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		w.call(c, stmt, st)
	case *syntax.BinaryCmd:
		// A list in a pipeline or behind "!": it is not joined with its outside.
		w.stmts([]*syntax.Stmt{{Cmd: c, Position: c.Pos()}}, inner)
	case *syntax.DeclClause:
		w.decl(c, stmt, st)
	case *syntax.Subshell:
		w.stmts(c.Stmts, inner)
	case *syntax.Block:
		w.stmts(c.Stmts, inner)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			w.stmts(c.Cond, cond)
			w.stmts(c.Then, branch)
		}
	case *syntax.WhileClause:
		w.stmts(c.Cond, cond)
		w.stmts(c.Do, branch)
	case *syntax.ForClause:
		switch l := c.Loop.(type) {
		case *syntax.WordIter:
			for _, word := range l.Items {
				w.word(word, inner)
			}
		case *syntax.CStyleLoop:
			w.node(l, inner)
		}
		w.stmts(c.Do, branch)
	case *syntax.CaseClause:
		w.word(c.Word, inner)
		for _, item := range c.Items {
			for _, p := range item.Patterns {
				w.word(p, inner)
			}
			w.stmts(item.Stmts, branch)
		}
	case *syntax.FuncDecl:
		if c.Name != nil {
			inner.function = c.Name.Value
		}
		if c.Body != nil {
			w.stmts([]*syntax.Stmt{c.Body}, inner)
		}
	case *syntax.TimeClause:
		if c.Stmt != nil {
			w.list(c.Stmt, st)
		}
	case *syntax.CoprocClause:
		if c.Stmt != nil {
			w.list(c.Stmt, inner)
		}
	case *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause:
		w.node(c, inner)
	}
}

// node walks the substitutions in what is neither a word nor a statement.
func (w *walker) node(n syntax.Node, st state) {
	syntax.Walk(n, func(n syntax.Node) bool {
		switch x := n.(type) {
		case *syntax.CmdSubst:
			w.substitution(x.Stmts, st)
			return false
		case *syntax.ProcSubst:
			w.substitution(x.Stmts, st)
			return false
		case *syntax.Stmt:
			return false
		}
		return true
	})
}

func (w *walker) substitution(list []*syntax.Stmt, st state) {
	st.subst, st.cond, st.background = true, false, false
	w.stmts(list, st)
}

func (w *walker) word(word *syntax.Word, st state) {
	if word == nil {
		return
	}
	for _, p := range word.Parts {
		switch p.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
		default:
			w.node(p, st)
		}
	}
}

// call adds a simple command, and what stands in it.
func (w *walker) call(c *syntax.CallExpr, stmt *syntax.Stmt, st state) {
	cmd := w.command(stmt, st)
	for _, a := range c.Assigns {
		cmd.Assigns = append(cmd.Assigns, w.assign(a))
	}
	words := make([]Word, 0, len(c.Args))
	for _, a := range c.Args {
		words = w.expand(words, a)
	}
	if len(words) > 0 {
		cmd.setName(words)
	}
	w.add(cmd, st)
	for _, a := range c.Assigns {
		if a.Value != nil || a.Array != nil {
			w.node(a, st.inside())
		}
	}
	for _, a := range c.Args {
		w.word(a, st.inside())
	}
	for _, r := range stmt.Redirs {
		w.word(r.Word, st.inside())
		w.word(r.Hdoc, st.inside())
	}
}

func (st state) inside() state {
	st.pipe, st.negated, st.redirects = Pipeline{}, false, nil
	return st
}

func (c *Command) setName(words []Word) {
	c.Program, c.Args = words[0], words[1:]
	if c.Program.Known {
		c.Name = path.Base(strings.TrimPrefix(c.Program.Text, `\`))
		if c.Program.Text == "" {
			c.Name = ""
		}
	}
}

// decl adds export, local, declare, readonly and typeset.
func (w *walker) decl(c *syntax.DeclClause, stmt *syntax.Stmt, st state) {
	cmd := w.command(stmt, st)
	cmd.Program = Word{Text: c.Variant.Value, Known: true, Span: w.at.span(c.Variant.Pos(), c.Variant.End())}
	cmd.Name = c.Variant.Value
	for _, a := range c.Args {
		if a.Naked && a.Name == nil && a.Value != nil {
			cmd.Args = w.expand(cmd.Args, a.Value)
			continue
		}
		cmd.Assigns = append(cmd.Assigns, w.assign(a))
	}
	w.add(cmd, st)
	for _, a := range c.Args {
		w.node(a, st.inside())
	}
}

func (w *walker) command(stmt *syntax.Stmt, st state) Command {
	cmd := Command{
		Pipe: st.pipe, Chain: st.chain, Via: st.via, Subst: st.subst,
		Condition: st.cond, Background: st.background, Negated: st.negated, Function: st.function, Branch: st.branch,
	}
	// Without "!" before, redirections and ";" behind it.
	cmd.Span = w.at.span(stmt.Cmd.Pos(), stmt.Cmd.End())
	if cmd.Pipe.Length == 0 {
		w.s.pipes++
		cmd.Pipe = Pipeline{ID: w.s.pipes, Length: 1}
	}
	for _, r := range stmt.Redirs {
		red := Redirect{Op: r.Op.String(), Span: w.at.span(r.Pos(), r.End())}
		if r.N != nil {
			red.FD = r.N.Value
		}
		if r.Word != nil {
			red.Target = w.plain(r.Word)
		}
		if r.Hdoc != nil {
			doc := w.plain(r.Hdoc)
			red.Heredoc = &doc
		}
		cmd.Redirects = append(cmd.Redirects, red)
	}
	return cmd
}

func (w *walker) assign(a *syntax.Assign) Assign {
	out := Assign{Append: a.Append, Span: w.at.span(a.Pos(), a.End())}
	if a.Name != nil {
		out.Name = a.Name.Value
	}
	switch {
	case a.Array != nil:
		out.Value = &Word{Text: w.source(a.Array), Span: w.at.span(a.Array.Pos(), a.Array.End())}
	case a.Value != nil:
		v := w.plain(a.Value)
		out.Value = &v
	case !a.Naked:
		out.Value = &Word{Known: true, Span: out.Span}
	}
	return out
}
