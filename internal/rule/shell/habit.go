// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// hasSetE reports a script that ends with the first command that fails.
func (s *Script) hasSetE() bool {
	if first, _, _ := strings.Cut(s.Text, "\n"); strings.HasPrefix(first, "#!") && strings.Contains(first, " -e") {
		return true
	}
	for i := range s.Commands {
		c := &s.Commands[i]
		if c.Name != "set" || len(c.Via) > 0 {
			continue
		}
		for j, a := range c.Args {
			if len(a.Text) > 1 && a.Text[0] == '-' && a.Text[1] != '-' && strings.Contains(a.Text, "e") ||
				a.Text == "errexit" && j > 0 && strings.HasSuffix(c.Args[j-1].Text, "o") && c.Args[j-1].Text[0] == '-' {
				return true
			}
		}
	}
	return false
}

// value is the text of a word, what expands left out.
func value(w *syntax.Word) string {
	var b strings.Builder
	for _, p := range w.Parts {
		valuePart(&b, p, false)
	}
	return b.String()
}

func valuePart(b *strings.Builder, p syntax.WordPart, quoted bool) {
	switch p := p.(type) {
	case *syntax.Lit:
		unescape(b, p.Value, quoted)
	case *syntax.SglQuoted:
		if !p.Dollar || !ansi(b, p.Value) {
			b.WriteString(p.Value)
		}
	case *syntax.DblQuoted:
		for _, inner := range p.Parts {
			valuePart(b, inner, true)
		}
	}
}

// commandName is the base name of a command that is called by a literal.
func commandName(c *syntax.CallExpr) string {
	if v := value(c.Args[0]); v != "" {
		return path.Base(v)
	}
	return ""
}

// habits judges how single commands are used.
func (r *review) habits(c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	name := commandName(c)
	args := c.Args[1:]
	if name == "command" || name == "builtin" {
		if len(args) > 0 && value(args[0]) == "cd" {
			name, args = "cd", args[1:]
		}
	}
	switch name {
	case "cd", "pushd", "popd":
		r.changeDir(c, name, args)
	case "read":
		if !hasShort(args, 'r', "pdntNui") && !(len(args) > 1 && value(args[0]) == "-t" && value(args[1]) == "0") {
			r.report(2162, "", c.Args[0])
		}
	case "echo":
		if r.s.Dialect != Dash {
			r.escapes(args)
		}
	case ".", "source", "eval":
		r.sourced = true
	}
	if name == "[" || name == "test" {
		r.guards(args)
	}
	if name != "echo" && name != "printf" && name != "[" && name != "test" {
		for _, a := range args {
			if value(a) == "--" {
				break
			}
			if l, ok := a.Parts[0].(*syntax.Lit); ok && (l.Value[0] == '*' || l.Value[0] == '?') {
				r.report(2035, "", a)
			}
		}
	}
}

// hasShort reports a short option of a built-in; valued are those that take the
// rest of the word or the next one.
func hasShort(args []*syntax.Word, want byte, valued string) bool {
	for i := 0; i < len(args); i++ {
		t := value(args[i])
		if len(t) < 2 || t[0] != '-' || t == "--" {
			return false
		}
		for at := 1; at < len(t); at++ {
			if t[at] == want {
				return true
			}
			if strings.IndexByte(valued, t[at]) >= 0 {
				if at == len(t)-1 {
					i++
				}
				break
			}
		}
	}
	return false
}

// changeDir judges a cd whose failure nobody would see: what follows runs in
// the wrong directory.
func (r *review) changeDir(c *syntax.CallExpr, name string, args []*syntax.Word) {
	if r.hasSetE || r.condition(c) {
		return
	}
	if name != "cd" && hasShort(args, 'n', "") {
		return
	}
	if len(args) == 1 && safeDir(value(args[0])) && args[0].Lit() != "" {
		return
	}
	r.report(2164, name, c)
}

// safeDir reports a directory that is always there: "/", "..", "../..".
func safeDir(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		if part != "" && part != "." && part != ".." {
			return false
		}
	}
	return dir != ""
}

// condition reports whether somebody looks at how the visited node ends: it is
// on the left of && or ||, or in a condition.
func (r *review) condition(n syntax.Node) bool {
	below := n
	for i := 0; ; i++ {
		switch p := r.parent(i).(type) {
		case nil:
			return false
		case *syntax.BinaryCmd:
			if (p.Op == syntax.AndStmt || p.Op == syntax.OrStmt) && below == p.X {
				return true
			}
		case *syntax.IfClause:
			if len(p.Cond) > 0 && below == p.Cond[len(p.Cond)-1] {
				return true
			}
		case *syntax.WhileClause:
			if len(p.Cond) > 0 && below == p.Cond[len(p.Cond)-1] {
				return true
			}
		}
		below = r.parent(i)
	}
}

// shorthand judges a && b || c, which is no if: c also runs when b fails.
func (r *review) shorthand(n *syntax.BinaryCmd) {
	left, ok := n.X.Cmd.(*syntax.BinaryCmd)
	if n.Op != syntax.OrStmt || !ok || left.Op != syntax.AndStmt || r.condition(n) {
		return
	}
	if c, ok := n.Y.Cmd.(*syntax.CallExpr); ok {
		if len(c.Args) == 0 {
			return
		}
		switch commandName(c) {
		case "echo", "exit", "return", "printf", "true", ":":
			return
		}
	}
	if tests(left.Y) {
		return
	}
	to := syntax.NewPos(left.OpPos.Offset()+2, left.OpPos.Line(), left.OpPos.Col()+2)
	r.reportAt(2015, "", r.at.span(left.OpPos, to))
}

func tests(s *syntax.Stmt) bool {
	switch c := s.Cmd.(type) {
	case *syntax.TestClause, *syntax.ArithmCmd:
		return true
	case *syntax.CallExpr:
		name := ""
		if len(c.Args) > 0 {
			name = c.Args[0].Lit()
		}
		return name == "[" || name == "test"
	}
	return false
}

// escapes judges echo "a\n": some shells print the backslash.
func (r *review) escapes(args []*syntax.Word) {
	for _, a := range args {
		if t := value(a); len(t) > 1 && t[0] == '-' && strings.Trim(t[1:], "neE") == "" && strings.Contains(t, "e") {
			return
		}
	}
	for _, a := range args {
		t := value(a)
		for i := 0; i+1 < len(t); i++ {
			if t[i] != '\\' {
				continue
			}
			i++
			if strings.IndexByte("rntabefv01234567", t[i]) >= 0 || t[i] == 'x' && i+1 < len(t) && strings.IndexByte("0123456789abcdefABCDEF", t[i+1]) >= 0 {
				r.report(2028, "", a)
				break
			}
		}
	}
}

// masked judges export x=$(cmd): the failure of cmd is lost.
func (r *review) masked(a *syntax.Assign) {
	decl, ok := r.parent(0).(*syntax.DeclClause)
	if !ok || a.Value == nil || a.Naked {
		return
	}
	switch decl.Variant.Value {
	case "local", "declare", "typeset":
		// A constant of a function cannot be declared first and set then.
		if r.inFunction() && constant(decl) {
			return
		}
	case "export", "readonly":
	default:
		return
	}
	for _, p := range a.Value.Parts {
		switch p := p.(type) {
		case *syntax.CmdSubst:
			r.report(2155, a.Name.Value, a)
			return
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				if _, ok := inner.(*syntax.CmdSubst); ok {
					r.report(2155, a.Name.Value, a)
					return
				}
			}
		}
	}
}

func (r *review) inFunction() bool {
	return slices.ContainsFunc(r.path, func(n syntax.Node) bool { _, ok := n.(*syntax.FuncDecl); return ok })
}

// constant reports local -r.
func constant(c *syntax.DeclClause) bool {
	for _, a := range c.Args {
		if !a.Naked || a.Name != nil || a.Value == nil {
			continue
		}
		if o := a.Value.Lit(); strings.HasPrefix(o, "-") && strings.Contains(o, "r") {
			return true
		}
	}
	return false
}

// guards notes the variables of which [ -n "$x" ] and [ -v x ] ask.
func (r *review) guards(args []*syntax.Word) {
	for i, a := range args {
		if len(args) == 1 || i == 0 && value(args[1]) == "]" {
			for _, name := range params(a) {
				r.guarded[name] = true
			}
		}
		if i == 0 {
			continue
		}
		switch value(args[i-1]) {
		case "-n", "-z":
			for _, name := range params(a) {
				r.guarded[name] = true
			}
		case "-v":
			r.guarded[value(a)] = true
		}
	}
}

// params are the variables that a word expands at its outside.
func params(w *syntax.Word) []string {
	var out []string
	var add func(parts []syntax.WordPart)
	add = func(parts []syntax.WordPart) {
		for _, p := range parts {
			switch p := p.(type) {
			case *syntax.ParamExp:
				if p.Param != nil {
					out = append(out, p.Param.Value)
				}
			case *syntax.DblQuoted:
				add(p.Parts)
			}
		}
	}
	add(w.Parts)
	return out
}
