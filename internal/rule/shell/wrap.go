// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"slices"
	"strings"
)

// maxVia is how many commands may run one another: sudo env nice ...
const maxVia = 12

// add adds a command, and those that it runs: sudo, env, xargs, sh -c.
func (w *walker) add(cmd Command, st state) {
	w.s.Commands = append(w.s.Commands, cmd)
	if len(cmd.Via) >= maxVia || cmd.Name == "" {
		return
	}
	if text, d, ok := cmd.shellText(); ok {
		w.embed(&cmd, text, d, st)
		return
	}
	n, assigns := cmd.wrapped()
	if n < 0 || n >= len(cmd.Args) {
		return
	}
	inner := cmd
	inner.Assigns, inner.Redirects = assigns, nil
	inner.Via = append(slices.Clone(cmd.Via), cmd.Name)
	inner.setNameOf(cmd.Args[n:])
	inner.Line, inner.Column = inner.Program.Line, inner.Program.Column
	w.add(inner, st)
}

func (c *Command) setNameOf(words []Word) {
	c.Name = ""
	c.setName(words)
}

// wrapped finds the command that a command runs: the index of its name among
// the arguments, -1 for none, and the variables that are set for it.
func (c *Command) wrapped() (at int, assigns []Assign) {
	skip := 0
	switch c.Name {
	case "sudo", "doas", "env", "nice", "ionice", "nohup", "setsid", "time", "stdbuf", "exec", "builtin", "command", "xargs",
		"eatmydata", "fakeroot", "catchsegv", "unbuffer", "busybox", "toybox", "tini", "dumb-init", "noglob", "retry", "chronic", "linux32", "linux64", "gosu", "su-exec", "setpriv", "faketime":
		if c.Name == "gosu" || c.Name == "su-exec" || c.Name == "faketime" {
			skip = 1
		}
		if c.Name == "command" && c.Has("-v", "-V") {
			return -1, nil
		}
	case "timeout", "chroot", "flock":
		skip = 1
	default:
		return -1, nil
	}
	valued := valuedOptions[c.Name]
	for i := 0; i < len(c.Args); i++ {
		arg := &c.Args[i]
		switch {
		case arg.Text == "--":
			if i+1+skip < len(c.Args) {
				return i + 1 + skip, assigns
			}
			return -1, nil
		case len(arg.Text) > 1 && arg.Text[0] == '-':
			if slices.Contains(valued, arg.Text) {
				i++
			}
		case c.takesAssigns() && assignment(arg):
			name, value, _ := strings.Cut(arg.Text, "=")
			v := *arg
			v.Text = value
			assigns = append(assigns, Assign{Name: name, Value: &v, Span: arg.Span})
		case skip > 0:
			skip--
		default:
			return i, assigns
		}
	}
	return -1, nil
}

func (c *Command) takesAssigns() bool { return c.Name == "env" || c.Name == "sudo" || c.Name == "doas" }

func assignment(w *Word) bool {
	name, _, ok := strings.Cut(w.Text, "=")
	return ok && isName(name)
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// shellText finds the text that a command gives to a shell.
func (c *Command) shellText() (text *Word, d Dialect, ok bool) {
	switch c.Name {
	case "eval":
		if len(c.Args) == 1 {
			return &c.Args[0], POSIX, true
		}
		return nil, 0, false
	case "su":
		if v, ok := c.Value("-c", "--command"); ok {
			return &v, POSIX, true
		}
		return nil, 0, false
	}
	if d, ok = DialectOf(c.Name); !ok || c.Name == "busybox" {
		return nil, 0, false
	}
	// sh -euxc 'text', bash -o pipefail -c 'text'
	command := false
	for i := 0; i < len(c.Args); i++ {
		a := &c.Args[i]
		switch {
		case a.Text == "-o" || a.Text == "+o" || a.Text == "-O" || a.Text == "+O":
			i++
		case strings.HasPrefix(a.Text, "--") && len(a.Text) > 2:
			if a.Text == "--rcfile" || a.Text == "--init-file" {
				i++
			}
		case len(a.Text) > 1 && (a.Text[0] == '-' || a.Text[0] == '+') && a.Text != "--":
			command = command || a.Text[0] == '-' && strings.Contains(a.Text, "c")
			if strings.HasSuffix(a.Text, "o") {
				i++
			}
		case a.Text == "--" && command:
		default:
			return a, d, command
		}
	}
	return nil, 0, false
}

// embed reads the text of sh -c. What expands before the shell sees it is left
// as it is: mostly these are variables, that the inner text could use as well.
// A text that cannot be read has no commands.
func (w *walker) embed(cmd *Command, text *Word, d Dialect, st state) {
	if w.depth >= maxNested || len(text.Text) == 0 {
		return
	}
	file, err := parse(text.Text, d)
	if err != nil {
		return
	}
	at := where{fixed: &text.Span}
	if text.Line > 0 && w.exact(text) {
		at = where{line: text.Line, col: text.Column}
		if text.Quoted {
			at.col++
		}
	}
	inner := &walker{s: w.s, text: text.Text, at: at, dialect: d, depth: w.depth + 1}
	w.s.pieces = append(w.s.pieces, piece{file: file, text: text.Text, at: at, dialect: d})
	inner.stmts(file.Stmts, state{
		via: append(slices.Clone(cmd.Via), cmd.Name), subst: st.subst, cond: st.cond, background: st.background, branch: st.branch, function: st.function,
	})
}

// exact reports whether the word is written as its text is: in one pair of
// quotes or none, with nothing escaped.
func (w *walker) exact(word *Word) bool {
	if w.at.fixed != nil {
		return false
	}
	from := offset(w.text, word.Line-w.at.line+1, word.Column-w.firstColumn(word.Line))
	if from < 0 {
		return false
	}
	rest := w.text[from:]
	if word.Quoted && rest != "" {
		rest = rest[1:]
	}
	return strings.HasPrefix(rest, word.Text)
}

func (w *walker) firstColumn(line int) int {
	if line == w.at.line {
		return w.at.col - 1
	}
	return 0
}

// offset of a place in the text, 1 based; -1 when it is outside.
func offset(text string, line, col int) int {
	at := 0
	for ; line > 1; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	if line < 1 || col < 1 || at+col-1 > len(text) {
		return -1
	}
	return at + col - 1
}
