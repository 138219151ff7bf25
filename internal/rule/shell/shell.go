// SPDX-License-Identifier: Apache-2.0

// Package shell reads shell text as it stands in Dockerfiles, build definitions
// and Compose files: the simple commands in order with the places of their
// words, what they ask of package managers, and mistakes of the kind that
// ShellCheck names. It has no set of rules, reads no file and runs nothing but
// the program ShellCheck when it is asked to.
package shell

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/sekisho/sekisho/internal/message"
)

// Dialect is the shell that a text is written for.
type Dialect uint8

// The dialects. POSIX is "sh": nobody knows which shell that will be. Ash is
// BusyBox's, the sh of Alpine Linux.
const (
	POSIX Dialect = iota
	Bash
	Dash
	Ash
)

func (d Dialect) String() string {
	return [...]string{"sh", "bash", "dash", "ash"}[d]
}

// DialectOf is the dialect of a shell by its path or name: "/bin/bash", "sh".
// The Korn shells and zsh are read as bash; ok is false for what is not such a
// shell (PowerShell, cmd, Python): its text is not to be judged.
func DialectOf(shell string) (d Dialect, ok bool) {
	switch strings.TrimSuffix(path.Base(strings.ReplaceAll(shell, `\`, "/")), ".exe") {
	case "sh":
		return POSIX, true
	case "bash", "ksh", "ksh93", "mksh", "zsh", "rbash":
		return Bash, true
	case "dash":
		return Dash, true
	case "ash", "busybox":
		return Ash, true
	}
	return POSIX, false
}

// Bounds of a text. The parser takes about 4 KiB of stack for each level of
// nesting, so what opens a level is counted beforehand.
const (
	maxBytes  = 256 << 10
	maxOpen   = 10_000
	maxNested = 8      // texts of sh -c in texts of sh -c
	maxWords  = 50_000 // words of all commands, with those of braces
)

// ErrTooLarge is the error of a text that is longer or more nested than any that
// is judged.
var ErrTooLarge = message.New("the shell text is larger or more deeply nested than is judged")

// SyntaxError is the error of a text that no shell of the dialect would run.
type SyntaxError struct {
	// Line and Column in the text, 1 based, in bytes; 0 when not known.
	Line, Column int
	Text         string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Text)
}

// Script is a text that was read.
type Script struct {
	Text    string
	Dialect Dialect
	// Commands are the simple commands, those in substitutions and in texts given
	// to sh -c too, each before what stands in it.
	Commands []Command

	file *syntax.File
	// pieces are the texts of sh -c.
	pieces []piece
	words  int
	lists  int
	pipes  int
}

// Span is a place in the text: 1 based, in bytes, the end behind the last byte.
type Span struct{ Line, Column, EndLine, EndColumn int }

// Parse reads a text. The error is ErrTooLarge or a *SyntaxError.
func Parse(text string, d Dialect) (*Script, error) {
	file, err := parse(text, d)
	if err != nil {
		return nil, err
	}
	s := &Script{Text: text, Dialect: d, file: file}
	w := &walker{s: s, text: text, at: where{line: 1, col: 1}, dialect: d}
	w.stmts(file.Stmts, state{})
	return s, nil
}

func parse(text string, d Dialect) (*syntax.File, error) {
	if len(text) > maxBytes || openings(text) > maxOpen {
		return nil, ErrTooLarge
	}
	// Text for sh may use what only bash has, and is judged for it: it is read as
	// bash, and as POSIX when that fails ("((" is a subshell in a subshell there).
	file, err := syntax.NewParser().Parse(strings.NewReader(text), "")
	if err != nil && d != Bash {
		if f, e := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), ""); e == nil {
			return f, nil
		}
	}
	if err == nil {
		return file, nil
	}
	var pe syntax.ParseError
	var le syntax.LangError
	switch {
	case errors.As(err, &pe):
		return nil, &SyntaxError{Line: number(pe.Pos.Line()), Column: number(pe.Pos.Col()), Text: pe.Text}
	case errors.As(err, &le):
		return nil, &SyntaxError{Line: number(le.Pos.Line()), Column: number(le.Pos.Col()), Text: le.Feature + " is of another shell"}
	}
	return nil, &SyntaxError{Text: err.Error()}
}

// openings counts what can open a level of nesting.
func openings(text string) int {
	n := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '[', '{':
			n++
		case '?', '!', '~':
			// A level of these takes less.
			if i%2 == 0 {
				n++
			}
		}
	}
	if len(text) > maxOpen {
		for _, word := range [...]string{"if", "while", "until", "case", "for", "time", "select", "coproc", "\\`"} {
			n += strings.Count(text, word)
		}
	}
	return n
}

// number is a position as an int; the library's are at most 32 bits wide.
func number(n uint) int {
	return int(n & 0x7fffffff)
}
