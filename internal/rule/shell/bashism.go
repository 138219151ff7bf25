// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// busybox are the findings that hold for BusyBox's ash too: it has much of bash
// ([[ ]], $'...', ${x/a/b}, ${x:1:2}, &>, local, read -p), and not these.
var busybox = map[int]bool{
	3001: true, 3002: true, 3005: true, 3006: true, 3008: true, 3009: true, 3011: true, 3025: true, 3029: true, 3030: true, 3032: true, 3044: true, 3047: true, 3050: true,
	3053: true, 3054: true, 3055: true, 3056: true, 3059: true,
}

// strict are those that dash has, and POSIX does not speak of.
var strict = map[int]bool{3012: true, 3013: true, 3037: true, 3041: true, 3043: true}

// lacks reports what the dialect does not have.
func (r *review) lacks(code int, what string, n syntax.Node) {
	switch {
	case r.s.Dialect == Ash && !busybox[code], r.s.Dialect == Dash && strict[code]:
	default:
		r.report(code, what, n)
	}
}

// bashism judges what bash has and sh may not have.
func (r *review) bashism(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.ProcSubst:
		r.lacks(3001, n.Op.String()+"...)", n)
	case *syntax.ExtGlob:
		r.lacks(3002, n.Op.String()+"...)", n)
	case *syntax.SglQuoted:
		if n.Dollar {
			r.lacks(3003, "$'...'", n)
		}
	case *syntax.DblQuoted:
		if n.Dollar {
			r.lacks(3004, `$"..."`, n)
		}
	case *syntax.ForClause:
		if _, ok := n.Loop.(*syntax.CStyleLoop); ok {
			r.lacks(3005, "for ((...))", n)
		} else if n.Select {
			r.lacks(3008, "select", n)
		}
	case *syntax.ArithmCmd:
		r.lacks(3006, "((...))", n)
	case *syntax.ArithmExp:
		if n.Bracket {
			r.lacks(3007, "$[...]", n)
		}
	case *syntax.TestClause:
		r.lacks(3010, "[[ ]]", n)
	case *syntax.LetClause:
		r.lacks(3039, "let", n)
	case *syntax.UnaryArithm:
		if n.Op == syntax.Inc || n.Op == syntax.Dec {
			r.operator(3018, n.Op.String(), n.OpPos)
		}
	case *syntax.BinaryArithm:
		if n.Op == syntax.Pow {
			r.operator(3019, "**", n.OpPos)
		}
	case *syntax.Redirect:
		r.redirect(n)
	case *syntax.Assign:
		if n.Append {
			r.lacks(3024, "+=", n)
		}
		if n.Array != nil {
			r.lacks(3030, "=(...)", n.Array)
		}
	case *syntax.BinaryCmd:
		if n.Op == syntax.PipeAll {
			r.operator(3029, "|&", n.OpPos)
		}
	case *syntax.CoprocClause:
		r.lacks(3032, "coproc", n)
	case *syntax.FuncDecl:
		r.functionName(n)
	case *syntax.CmdSubst:
		r.fileSubst(n)
	case *syntax.ParamExp:
		r.expansion(n)
	case *syntax.Lit:
		r.literal(n)
	case *syntax.DeclClause:
		switch n.Variant.Value {
		case "local":
			r.lacks(3043, "local", n)
		case "declare", "typeset", "nameref":
			r.lacks(3044, n.Variant.Value, n)
		case "export":
			for _, a := range n.Args {
				if a.Naked && a.Name == nil && a.Value != nil && a.Value.Lit() == "-f" {
					r.lacks(3045, "export -f", a)
					break
				}
			}
		}
	case *syntax.CallExpr:
		r.builtins(n)
	}
}

// operator is lacks for a text that is no node.
func (r *review) operator(code int, what string, at syntax.Pos) {
	if r.s.Dialect == Ash && !busybox[code] {
		return
	}
	w := uint(len(what))
	r.reportAt(code, what, r.at.span(at, syntax.NewPos(at.Offset()+w, at.Line(), at.Col()+w)))
}

func (r *review) redirect(n *syntax.Redirect) {
	target := ""
	if n.Word != nil {
		target = n.Word.Lit()
	}
	switch n.Op {
	case syntax.WordHdoc:
		r.lacks(3011, "<<<", n)
	case syntax.RdrAll, syntax.AppAll:
		r.lacks(3020, n.Op.String(), n)
	case syntax.DplOut:
		if target != "" && target != "-" && strings.Trim(target, "0123456789-") != "" {
			r.lacks(3021, ">& file", n)
		}
	}
	if n.N != nil && len(n.N.Value) > 1 {
		if n.N.Value[0] == '{' {
			r.lacks(3022, n.N.Value+">", n)
		} else {
			r.lacks(3023, n.N.Value+">", n)
		}
	}
	if strings.HasPrefix(target, "/dev/tcp/") || strings.HasPrefix(target, "/dev/udp/") {
		r.lacks(3025, target[:len("/dev/tcp")], n)
	}
}

func (r *review) functionName(n *syntax.FuncDecl) {
	if n.Name != nil && !isName(n.Name.Value) {
		r.lacks(3033, n.Name.Value, n)
	} else if n.RsrvWord {
		r.lacks(2112, "function", n)
	}
}

// fileSubst judges $(<file).
func (r *review) fileSubst(n *syntax.CmdSubst) {
	if len(n.Stmts) != 1 || n.Stmts[0].Cmd != nil || len(n.Stmts[0].Redirs) != 1 || n.Stmts[0].Redirs[0].Op != syntax.RdrIn {
		return
	}
	if n.Backquotes {
		r.lacks(3035, "`<file`", n)
		return
	}
	r.lacks(3034, "$(<file)", n)
}

func (r *review) expansion(p *syntax.ParamExp) {
	if p.Param == nil {
		return
	}
	switch p.Param.Value {
	case "RANDOM", "SECONDS", "UID", "EUID", "BASH_SOURCE", "SHLVL", "OSTYPE", "HOSTTYPE", "GROUPS", "DIRSTACK", "PIPESTATUS", "FUNCNAME", "MACHTYPE", "EPOCHSECONDS", "EPOCHREALTIME":
		r.special = append(r.special, p)
	}
	if p.Excl {
		r.lacks(3053, "${!...}", p)
	}
	switch {
	case p.Names != 0:
		r.lacks(3056, "${!prefix*}", p)
	case p.Index != nil && p.Excl:
		r.lacks(3055, "${!array[@]}", p)
	case p.Index != nil:
		r.lacks(3054, "${array[...]}", p)
	}
	if p.Slice != nil {
		r.lacks(3057, "${x:1:2}", p)
	}
	if p.Repl != nil {
		r.lacks(3060, "${x/a/b}", p)
	}
	if p.Exp != nil {
		switch p.Exp.Op {
		case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll:
			r.lacks(3059, "${x"+p.Exp.Op.String()+"}", p)
		}
	}
}

// specials judges the variables that bash sets by itself, when nobody else does.
func (r *review) specials() {
	for _, p := range r.special {
		if name := p.Param.Value; !r.assigned[name] && !r.known[name] && !r.guarded[name] && (p.Exp == nil || !defaults(p.Exp.Op)) {
			r.lacks(3028, name, p)
		}
	}
}

// literal judges patterns, braces and numbers with a base.
func (r *review) literal(n *syntax.Lit) {
	if _, ok := r.parent(0).(*syntax.Word); !ok {
		return
	}
	switch r.parent(1).(type) {
	case *syntax.CallExpr, *syntax.WordIter:
		for i := range len(n.Value) {
			if end := brace(n.Value[i:]); end > 0 && !escaped(n.Value, i) {
				w := uint(i)
				from := syntax.NewPos(n.Pos().Offset()+w, n.Pos().Line(), n.Pos().Col()+w)
				r.operator(3009, n.Value[i:i+end], from)
				break
			}
		}
		if i := strings.Index(n.Value, "[^"); i >= 0 && !escaped(n.Value, i) && strings.Contains(n.Value[i:], "]") {
			r.lacks(3026, "[^...]", n)
		}
	case *syntax.ArithmExp, *syntax.BinaryArithm:
		if base, _, ok := strings.Cut(n.Value, "#"); ok && base != "" && strings.Trim(base, "0123456789") == "" {
			r.lacks(3052, n.Value, n)
		}
	}
}

func escaped(s string, i int) bool { return i > 0 && (s[i-1] == '\\' || s[i-1] == '$') }

// brace is the length of the brace expansion at the beginning of s; 0 for none.
func brace(s string) int {
	if s == "" || s[0] != '{' {
		return 0
	}
	end := strings.IndexByte(s, '}')
	if end < 0 {
		return 0
	}
	inner := s[1:end]
	if strings.Contains(inner, ",") || strings.Contains(inner, "..") && len(inner) > 3 {
		return end + 1
	}
	return 0
}

// lacking are the commands of bash that sh does not have.
var lacking = map[string]bool{
	"shopt": true, "pushd": true, "popd": true, "dirs": true, "disown": true, "mapfile": true, "readarray": true, "enable": true, "caller": true, "compgen": true, "complete": true, "suspend": true,
}

// builtins judges options that only bash's built-in commands have.
func (r *review) builtins(c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	name := c.Args[0].Lit()
	args := make([]string, 0, len(c.Args))
	for _, a := range c.Args[1:] {
		args = append(args, value(a))
	}
	at := func(i int) syntax.Node { return c.Args[i+1] }
	option := func(i int) bool { return len(args) > i && len(args[i]) > 1 && args[i][0] == '-' && args[i] != "--" }
	switch {
	case lacking[name]:
		r.lacks(3044, name, c)
	case name == "source":
		r.lacks(3046, name, c)
	case name == "echo" && option(0) && strings.Trim(args[0][1:], "neE") == "":
		if r.s.Dialect != Dash {
			r.lacks(3037, "echo "+args[0], at(0))
		} else if args[0] != "-n" {
			r.lacks(3036, "echo "+args[0], at(0))
		}
	case name == "exec" && option(0):
		r.lacks(3038, "exec "+args[0], at(0))
	case name == "set":
		r.setOptions(args, at)
	case name == "trap":
		for i := 1; i < len(args); i++ {
			switch {
			case args[i] == "ERR" || args[i] == "DEBUG" || args[i] == "RETURN":
				r.lacks(3047, args[i], at(i))
			case strings.HasPrefix(args[i], "SIG"):
				r.lacks(3048, args[i], at(i))
			}
		}
	case name == "printf" && option(0) && args[0] == "-v", name == "jobs" && option(0) && strings.Contains(args[0], "x"),
		name == "wait" && option(0), name == "type" && option(0), name == "ulimit" && len(args) > 0 && r.s.Dialect == POSIX && args[0] != "-f":
		r.lacks(3045, name+" "+args[0], at(0))
	case name == "printf" && len(args) > 0 && strings.Contains(strings.ReplaceAll(args[0], "%%", ""), "%q"):
		r.lacks(3050, "%q", at(0))
	case name == "read":
		for i := 0; option(i); i++ {
			have := "r"
			if r.s.Dialect == Dash {
				have = "rp"
			}
			if rest := strings.Trim(args[i][1:], have); rest != "" {
				r.lacks(3045, "read -"+rest[:1], at(i))
				break
			}
			if strings.HasSuffix(args[i], "p") {
				i++
			}
		}
	case name == "[" || name == "test":
		r.operators(args, at)
	}
}

func (r *review) setOptions(args []string, at func(int) syntax.Node) {
	for i, a := range args {
		switch {
		case len(a) < 2 || a == "--" || a[0] != '-' && a[0] != '+':
			return
		case strings.HasSuffix(a, "o") && i+1 < len(args):
			if args[i+1] == "pipefail" {
				r.lacks(3040, "set -o pipefail", at(i+1))
			}
			return
		case a[1] != '-' && strings.ContainsAny(a, "ETBHPk"):
			r.lacks(3041, "set "+a, at(i))
		}
	}
}

// operators judges those of [ ].
func (r *review) operators(args []string, at func(int) syntax.Node) {
	for i, a := range args {
		first := i == 0 || args[i-1] == "!" || args[i-1] == "-a" || args[i-1] == "-o"
		switch a {
		case "<", ">":
			r.lacks(3012, a, at(i))
		case "-ef", "-nt", "-ot":
			if !first {
				r.lacks(3013, a, at(i))
			}
		case "==":
			if !first {
				r.lacks(3014, a, at(i))
			}
		case "=~":
			r.lacks(3015, a, at(i))
		case "-v":
			if first && i+1 < len(args) {
				r.lacks(3016, a, at(i))
			}
		case "-a":
			if i == 0 && len(args) > 1 && args[1] != "]" && args[1] != "=" {
				r.lacks(3017, a, at(i))
			}
		}
	}
}
