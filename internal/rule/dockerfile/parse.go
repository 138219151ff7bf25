// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/sekisho/sekisho/internal/check"
)

// File is a Dockerfile as the rules see it.
type File struct {
	// Statements in the order of the file, the broken ones among them.
	Statements []*Statement
	Stages     []*Stage
	// Args are the variables declared before the first FROM.
	Args *vars
	// Escape is the character that continues lines.
	Escape rune
	// Syntax is the frontend that the file asks for, and SyntaxLine where.
	Syntax     string
	SyntaxLine int
	Text       []byte
	// Refused says what of the file is not judged because it is too large.
	Refused error
	// Lint are the warnings of BuildKit's own instruction parser.
	Lint []Warning
	// Settings and Ignore are what the checker knows beside the file.
	Settings *check.Settings
	Ignore   Ignore

	// names are the indexes of the stages of a name.
	names       map[string][]int
	scripts     []*Script
	broken      []broken
	scriptsRead bool
	// shellMistakes are those of the scripts, by ShellCheck's code.
	shellMistakes map[string][]mistakeAt
	// users are those of the images that were asked for, by reference.
	users map[string]string
	// external is what the program ShellCheck found.
	external []mistakeAt
	// leaning is, by family of package managers and by stage, the last statement
	// that uses an index which an earlier one fetched.
	leaning map[string]map[*Stage]int
}

// Ignore is the .dockerignore of the build.
type Ignore struct {
	Found bool
	// Own is true when it stands beside the Dockerfile.
	Own bool
	// Unknown is true when the file was read alone: nobody looked for one.
	Unknown bool
	Text    []byte
}

// Warning is one of BuildKit's linter.
type Warning struct {
	Rule string
	At   *Statement
}

// Parse reads a Dockerfile. What is broken in it is kept as a mistake of its
// statement; the rest is parsed as if it stood alone.
func Parse(text []byte) *File {
	sp := split(text)
	f := &File{Statements: sp.out, Escape: rune(sp.escape), Syntax: sp.syntax, SyntaxLine: sp.syntaxLine, Text: text, Refused: sp.refused, Args: newVars(nil), names: map[string][]int{}}
	f.nodes(text)
	lint := linter.New(&linter.Config{ExperimentalAll: true, Warn: func(rule, _, _, _ string, _ []parser.Range) {
		f.Lint = append(f.Lint, Warning{Rule: rule})
	}})
	for _, s := range f.Statements {
		before := len(f.Lint)
		f.instruction(s, lint)
		for i := before; i < len(f.Lint); i++ {
			f.Lint[i].At = s
		}
	}
	f.resolve()
	return f
}

// nodes gives each statement its syntax tree: all at once, or, when the file
// does not parse as a whole, one by one.
func (f *File) nodes(text []byte) {
	whole := f.Refused == nil
	for _, s := range f.Statements {
		if s.Mistake = tooDeep(s); s.Mistake == "" && s.Keyword == "onbuild" && strings.HasPrefix(strings.ToLower(s.Arguments()), "onbuild") {
			s.Mistake = "ONBUILD cannot stand behind ONBUILD"
		}
		whole = whole && s.Mistake == ""
	}
	if whole {
		if r, err := parser.Parse(bytes.NewReader(text)); err == nil && len(r.AST.Children) == len(f.Statements) {
			for i, n := range r.AST.Children {
				if f.Statements[i].node = n; n.StartLine != f.Statements[i].First {
					whole = false
				}
			}
			if whole {
				return
			}
		}
	}
	head := ""
	if f.Escape == '`' {
		head = "# escape=`\n"
	}
	for _, s := range f.Statements {
		s.node = nil
		if s.Mistake != "" {
			continue
		}
		r, err := parser.Parse(strings.NewReader(head + s.raw))
		if err != nil {
			s.Mistake = mistake(err)
			continue
		}
		s.node = r.AST.Children[0]
		s.node.PrevComment = s.Comments
	}
}

// instruction parses one statement, and what is behind ONBUILD.
func (f *File) instruction(s *Statement, lint *linter.Linter) {
	if s.node == nil {
		return
	}
	command, err := instructions.ParseInstructionWithLinter(s.node, lint)
	if err != nil {
		s.Mistake = mistake(err)
		return
	}
	if run, ok := command.(*instructions.RunCommand); ok {
		// The mounts are read when variables are known; those that have none are
		// read now.
		err := run.Expand(func(word string) (string, error) { return word, nil })
		if err != nil && !slices.ContainsFunc(s.node.Flags, func(flag string) bool { return strings.Contains(flag, "$") }) {
			s.Mistake = mistake(err)
			return
		}
	}
	s.Command = command
	if s.Keyword != "onbuild" || s.node.Next == nil || len(s.node.Next.Children) == 0 {
		return
	}
	child := s.node.Next.Children[0]
	child.Heredocs = s.node.Heredocs
	off := strings.Index(s.Logical, child.Original)
	if off < 0 {
		return
	}
	t := &Statement{
		Keyword: strings.ToLower(child.Value), Written: child.Value, Last: s.Last, Logical: s.Logical[off:], node: child,
		heredocs: s.heredocs, bodyLine: s.bodyLine, order: s.order,
	}
	t.First, _ = s.Place(off)
	for i, p := range s.pieces {
		switch {
		case p.off >= off:
			p.off -= off
		case i+1 == len(s.pieces) || s.pieces[i+1].off > off:
			p.column += off - p.off
			p.off = 0
		default:
			continue
		}
		t.pieces = append(t.pieces, p)
	}
	if t.Command, err = instructions.ParseInstruction(child); err != nil {
		s.Mistake = mistake(err)
		return
	}
	s.Trigger = t
}

// mistake is an error of the parser in its own words, without the places that
// the statement itself gives better.
func mistake(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	return check.Excerpt(err.Error())
}

// blocks are the lines of the statements.
func (f *File) blocks() []check.Block {
	out := make([]check.Block, len(f.Statements))
	for i, s := range f.Statements {
		out[i] = check.Block{First: s.First, Last: s.Last}
	}
	return out
}
