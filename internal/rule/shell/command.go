// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"slices"
	"strings"
)

// Word is a word of a command.
type Word struct {
	// Text without its quotes. What expands when the script runs stays in it as
	// it is written: "pkg=$VERSION".
	Text string
	// Known is true when nothing expands: the command will get Text. File name
	// patterns do not count, see Glob.
	Known bool
	// Quoted is true when any of it is in quotes; Glob when it has an unquoted
	// file name pattern.
	Quoted, Glob bool
	// Vars are the variables that are expanded in it, not those in command
	// substitutions.
	Vars []string
	Span
}

// Assign is NAME=value before a command, or in export and the like.
type Assign struct {
	Name string
	// Value is nil where there is none: "export NAME". That of an array is not
	// known.
	Value *Word
	// Append is true for "+=".
	Append bool
	Span
}

// Redirect is a redirection.
type Redirect struct {
	// FD is the number before the operator, "" for the usual one.
	FD string
	// Op is ">", ">>", "<", "<<", "<<<", "&>", ">&" ...
	Op     string
	Target Word
	// Heredoc is the text of a here-document.
	Heredoc *Word
	Span
}

// Pipeline is the place of a command in its pipeline.
type Pipeline struct {
	// ID is the same for the commands of one pipeline; Index counts from 0 to
	// Length-1. A command on its own is in a pipeline of one.
	ID, Index, Length int
}

// Chain is the place of a command among those joined by &&, || and ;.
type Chain struct {
	// Block is the same for all statements that follow one another; List for
	// those joined by && and ||.
	Block, List int
	// Index in the list, from 0.
	Index int
	// Op joins it with what is before: "&&", "||", ";" (a new line too), "" for
	// the first of a block.
	Op string
}

// Command is a simple command.
type Command struct {
	// Name is the base name of the program, "apt-get"; "" for assignments alone
	// and when it is not known. Program is the word as it is written.
	Name    string
	Program Word
	// Args are the words behind the name.
	Args      []Word
	Assigns   []Assign
	Redirects []Redirect
	Span
	Pipe  Pipeline
	Chain Chain
	// Via are the commands that run it, outermost first: "sudo", "env", "xargs",
	// "sh" for a text of sh -c. These are commands of their own as well.
	Via []string
	// Subst is true in $(...), `...` and <(...); Condition in the condition of
	// if, while and until; Background when it ends with &; Negated behind "!".
	Subst, Condition, Background, Negated bool
	// Function is the innermost one whose body it is in.
	Function string
	// Branch is true when it stands in a loop, a branch of if or case: it may
	// run never or several times.
	Branch bool
}

// Has reports whether one of the options is given: "-y", "--yes". Short ones are
// found in a cluster ("-qy"), long ones with a value ("--yes=true").
func (c *Command) Has(names ...string) bool {
	for _, o := range c.options() {
		if slices.Contains(names, o.name) && o.value != "false" {
			return true
		}
	}
	return false
}

// Value is the value of the first of the options that is given, "-t jammy",
// "--target=jammy"; ok is false when none is.
func (c *Command) Value(names ...string) (w Word, ok bool) {
	for _, o := range c.options() {
		if slices.Contains(names, o.name) {
			if o.word >= 0 && o.word < len(c.Args) {
				w = c.Args[o.word]
				w.Text = o.value
			}
			return w, o.word >= 0
		}
	}
	return Word{}, false
}

// Values are those of all of the options that are given.
func (c *Command) Values(names ...string) []Word {
	var out []Word
	for _, o := range c.options() {
		if slices.Contains(names, o.name) && o.word >= 0 && o.word < len(c.Args) {
			w := c.Args[o.word]
			w.Text = o.value
			out = append(out, w)
		}
	}
	return out
}

// Operands are the words that are neither options nor values of options. Which
// options have values is known for the programs that builds use; more can be
// given.
func (c *Command) Operands(valued ...string) []Word {
	var out []Word
	c.read(valued, func(option) {}, func(i int) { out = append(out, c.Args[i]) })
	return out
}

// Is reports whether the command is the program with these first operands:
// c.Is("apt-get", "install").
func (c *Command) Is(name string, sub ...string) bool {
	if c.Name != name {
		return false
	}
	if len(sub) == 0 {
		return true
	}
	ops := c.Operands()
	if len(ops) < len(sub) {
		return false
	}
	for i, want := range sub {
		if ops[i].Text != want {
			return false
		}
	}
	return true
}

// option is one that was found among the words. word is the index of the one
// that holds its value, -1 for none.
type option struct {
	name, value string
	word        int
}

func (c *Command) options() []option {
	var out []option
	c.read(nil, func(o option) { out = append(out, o) }, func(int) {})
	return out
}

// read tells options from operands.
func (c *Command) read(more []string, opt func(option), operand func(int)) {
	valued := valuedOptions[c.Name]
	has := func(name string) bool { return slices.Contains(valued, name) || slices.Contains(more, name) }
	single := singleDash[c.Name]
	for i := 0; i < len(c.Args); i++ {
		text := c.Args[i].Text
		switch {
		case text == "--":
			for i++; i < len(c.Args); i++ {
				operand(i)
			}
		case len(text) < 2 || text[0] != '-':
			operand(i)
		case strings.HasPrefix(text, "--") || single:
			name, value, ok := strings.Cut(text, "=")
			switch {
			case ok:
				opt(option{name, value, i})
			case has(name) && i+1 < len(c.Args):
				i++
				opt(option{name, c.Args[i].Text, i})
			default:
				opt(option{name, "", -1})
			}
		default:
			i = c.cluster(i, has, opt)
		}
	}
}

// cluster reads "-qy" and "-t jammy" at i, and returns the index of the last
// word that belongs to it.
func (c *Command) cluster(i int, has func(string) bool, opt func(option)) int {
	text := c.Args[i].Text
	for at := 1; at < len(text); at++ {
		name := "-" + text[at:at+1]
		if text[at] == '=' || text[at] == '$' {
			return i
		}
		if !has(name) {
			opt(option{name, "", -1})
			continue
		}
		if at+1 < len(text) {
			opt(option{name, strings.TrimPrefix(text[at+1:], "="), i})
		} else if i+1 < len(c.Args) {
			i++
			opt(option{name, c.Args[i].Text, i})
		}
		return i
	}
	return i
}
