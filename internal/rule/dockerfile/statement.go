// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"sort"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
)

// Bounds of what a file may cost. A real Dockerfile has tens of instructions.
const (
	maxStatements = 20_000
	maxStatement  = 512 << 10
	// maxNesting of "${": BuildKit's lexer calls itself for each.
	maxNesting = 100
)

// Statement is one instruction with the lines that it is written on.
type Statement struct {
	// Keyword in lower case, and Written as it stands in the file.
	Keyword, Written string
	// First and Last line, with heredocs.
	First, Last int
	// Logical is the instruction as one line: continuations joined, comments
	// between them left out.
	Logical string
	// Command is what BuildKit's instruction parser made of it: *instructions.Stage
	// for FROM, *instructions.RunCommand ...; nil for a broken one.
	Command any
	// Stage that it belongs to; nil before the first FROM.
	Stage *Stage
	// Trigger is the instruction behind ONBUILD.
	Trigger *Statement
	// Mistake says why it could not be parsed.
	Mistake string
	// EmptyLine is the first empty line that continues it; 0 for none.
	EmptyLine int
	// Comments above it.
	Comments []string

	// order counts the statements; variables are looked up as they are at it.
	order    int
	pieces   []piece
	raw      string
	node     *parser.Node
	heredocs []parser.Heredoc
	// bodyLine is the first line behind the logical line: where heredocs begin.
	bodyLine int
}

// piece is a part of the logical line: from the offset on it is the text at
// the line and column.
type piece struct{ off, line, column int }

// Place gives the line and column (bytes, 1 based) of an offset of Logical.
func (s *Statement) Place(off int) (line, column int) {
	i := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].off > off }) - 1
	if i < 0 {
		return s.First, 1
	}
	p := s.pieces[i]
	return p.line, p.column + off - p.off
}

// Arguments is what stands behind the keyword.
func (s *Statement) Arguments() string {
	return strings.TrimSpace(strings.TrimPrefix(s.Logical[len(s.Written):], "\ufeff"))
}

var directive = pattern.New(`^#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.+?)[ \t\r]*$`)

// splitter cuts a file into statements, by the rules of BuildKit's parser.
type splitter struct {
	lines  [][]byte
	escape byte
	syntax string
	// syntaxLine is the line of the syntax directive.
	syntaxLine int
	next       int
	out        []*Statement
	refused    error
}

func split(text []byte) *splitter {
	sp := &splitter{escape: '\\', lines: bytes.SplitAfter(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), []byte("\n"))}
	sp.directives()
	var comments []string
	for sp.next < len(sp.lines) {
		line := bytes.TrimSpace(sp.lines[sp.next])
		switch {
		case len(line) == 0:
			sp.next++
		case line[0] == '#':
			comment := strings.TrimSpace(string(line[1:]))
			comments = append(comments, comment)
			if comment == "" {
				comments = nil
			}
			sp.next++
		case len(sp.out) == maxStatements:
			sp.refused = message.New("the file has more than 20,000 instructions: those that follow are not judged")
			return sp
		default:
			s := sp.statement()
			s.Comments, comments = comments, nil
			if s.Logical != "" {
				s.order = len(sp.out) + 1
				sp.out = append(sp.out, s)
			}
		}
	}
	return sp
}

// directives reads "# escape=" and "# syntax=" at the top of the file: they end
// with the first line that is none.
func (sp *splitter) directives() {
	seen := map[string]bool{}
	for i, line := range sp.lines {
		m := directive.FindSubmatch(bytes.TrimSpace(line))
		if m == nil {
			return
		}
		name := strings.ToLower(string(m[1]))
		if seen[name] {
			return
		}
		seen[name] = true
		switch name {
		case "escape":
			if value := string(m[2]); value == "`" {
				sp.escape = '`'
			}
		case "syntax":
			sp.syntax, sp.syntaxLine = string(m[2]), i+1
		case "check":
		default:
			return
		}
	}
}

// continues says whether the line goes on below, and the line without the mark.
// An escaped mark at the end is none.
func (sp *splitter) continues(line []byte) ([]byte, bool) {
	end := bytes.TrimRight(line, " \t")
	n := len(end)
	if n == 0 || end[n-1] != sp.escape || n > 1 && end[n-2] == sp.escape {
		return line, false
	}
	return end[:n-1], true
}

func (sp *splitter) statement() *Statement {
	s := &Statement{First: sp.next + 1}
	var b strings.Builder
	for first := true; sp.next < len(sp.lines); first = false {
		line := bytes.TrimRight(sp.lines[sp.next], "\r\n")
		column := 1
		trimmed := bytes.TrimLeft(line, " \t\v\f")
		if first {
			column += len(line) - len(trimmed)
			line = trimmed
		} else {
			if len(sp.lines[sp.next]) == 0 {
				sp.next++
				break
			}
			if len(trimmed) > 0 && trimmed[0] == '#' {
				sp.next++
				continue
			}
			if len(trimmed) == 0 {
				if s.EmptyLine == 0 {
					s.EmptyLine = sp.next + 1
				}
				sp.next++
				continue
			}
		}
		sp.next++
		s.Last = sp.next
		kept, more := sp.continues(line)
		s.pieces = append(s.pieces, piece{b.Len(), sp.next, column})
		b.Write(kept)
		if !more {
			break
		}
	}
	s.Logical = b.String()
	end := sp.next
	s.Written = s.Logical
	if i := strings.IndexFunc(s.Logical, func(r rune) bool { return r == ' ' || r == '\t' || r == '\v' || r == '\f' }); i >= 0 {
		s.Written = s.Logical[:i]
	}
	s.Keyword = strings.ToLower(s.Written)
	s.bodyLine = sp.next + 1
	sp.heredocs(s)
	s.raw = string(bytes.Join(sp.lines[s.First-1:max(end, sp.next)], nil))
	return s
}

// heredocs takes the lines that belong to the statement's here-documents.
func (sp *splitter) heredocs(s *Statement) {
	if !strings.Contains(s.Logical, "<<") || tooDeep(s) != "" {
		return
	}
	word := s.Keyword
	if word == "onbuild" {
		word, _, _ = strings.Cut(strings.ToLower(s.Arguments()), " ")
	}
	if word != "run" && word != "copy" && word != "add" {
		return
	}
	if strings.HasPrefix(strings.TrimSpace(s.Logical[len(s.Written):]), "[") {
		return
	}
	lex := shell.NewLex('\\')
	lex.RawQuotes, lex.RawEscapes, lex.SkipUnsetEnv = true, true, true
	words, err := lex.ProcessWords(s.Logical, nothing{})
	if err != nil {
		return
	}
	for _, w := range words {
		doc, err := parser.ParseHeredoc(w)
		if err != nil || doc == nil {
			continue
		}
		begin := sp.next
		for ; sp.next < len(sp.lines); sp.next++ {
			line := bytes.TrimRight(sp.lines[sp.next], "\r\n")
			if doc.Chomp {
				line = bytes.TrimLeft(line, "\t")
			}
			if string(line) == doc.Name {
				break
			}
		}
		doc.Content = string(bytes.Join(sp.lines[begin:sp.next], nil))
		if sp.next < len(sp.lines) {
			sp.next++
		}
		s.heredocs = append(s.heredocs, *doc)
		s.Last = sp.next
	}
}

// tooDeep says what in a statement costs more than BuildKit's parser should be
// given; empty for nothing.
func tooDeep(s *Statement) string {
	if len(s.Logical) > maxStatement {
		return "the instruction is longer than 512 KiB"
	}
	if strings.Count(s.Logical, "${") > maxNesting {
		depth := 0
		for i := range len(s.Logical) {
			switch {
			case s.Logical[i] == '{' && i > 0 && s.Logical[i-1] == '$':
				depth++
			case s.Logical[i] == '}' && depth > 0:
				depth--
			}
			if depth > maxNesting {
				return "variables are nested more than 100 deep"
			}
		}
	}
	return ""
}

type nothing struct{}

func (nothing) Get(string) (string, bool) { return "", false }
func (nothing) Keys() []string            { return nil }
