// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// The reasons why a base is left as it is.
const (
	RebaseUnreadable = "unreadable" // the file is no Dockerfile, or the place is not found in it
	RebaseComposed   = "composed"   // the reference is put together of variables; args: line, reference as written
	RebaseShared     = "shared"     // another stage would change with it; args: that stage
)

// Rebased is a Dockerfile with another base, or why there is none.
type Rebased struct {
	Text []byte
	// Line of the text that changed: that of FROM, or of the ARG that holds the
	// reference or a part of it.
	Line int
	// Refused is empty, or one of the codes above, with its arguments.
	Refused string
	Args    []string
}

// Rebase puts another reference in place of the one that a stage stands on; of
// the text it changes nothing else. The stage must stand on an image. A reference
// that is a variable, or has one in it, is changed where the variable gets its
// default; what came out is read again, and refused when the stage does not stand
// on the reference or another stage stands on something else than before.
func Rebase(text []byte, stage int, ref string) Rebased {
	refuse := func(code string, args ...string) Rebased { return Rebased{Refused: code, Args: args} }
	before := Build("", text, nil)
	if before == nil || stage < 0 || stage >= len(before.Stages) || before.Stages[stage].Written == "" {
		return refuse(RebaseUnreadable)
	}
	s := &before.Stages[stage]
	off, value, line := offset(text, s.Line, s.Column), ref, s.Line
	old := s.Written
	if strings.Contains(s.Written, "$") {
		name, head, tail, ok := oneVariable(s.Written)
		if ok && len(ref) >= len(head)+len(tail) && strings.HasPrefix(ref, head) && strings.HasSuffix(ref, tail) {
			value = ref[len(head) : len(ref)-len(tail)]
			old, off, line = defaultOf(text, name)
		}
		if old == "" || old == s.Written {
			return refuse(RebaseComposed, strconv.Itoa(s.Line), s.Written)
		}
	}
	if off < 0 || !bytes.HasPrefix(text[min(off, len(text)):], []byte(old)) {
		return refuse(RebaseUnreadable)
	}
	out := bytes.Join([][]byte{text[:off], text[off+len(old):]}, []byte(value))
	after := Build("", out, nil)
	if after == nil || len(after.Stages) != len(before.Stages) {
		return refuse(RebaseUnreadable)
	}
	for i := range after.Stages {
		switch a, b := &after.Stages[i], &before.Stages[i]; {
		case i == stage && (a.From != ref || !a.Known):
			return refuse(RebaseComposed, strconv.Itoa(s.Line), s.Written)
		case i != stage && a.From != b.From:
			name := a.Name
			if name == "" {
				name = strconv.Itoa(i)
			}
			return refuse(RebaseShared, name)
		}
	}
	return Rebased{Text: out, Line: line}
}

// PlatformOf is what FROM of a stage names behind --platform; empty for nothing,
// and for a variable.
func PlatformOf(text []byte, stage int) string {
	if len(text) > maxFile {
		return ""
	}
	f := Parse(text)
	if f.Refused != nil || stage < 0 || stage >= len(f.Stages) {
		return ""
	}
	from, ok := f.Stages[stage].From.Command.(*instructions.Stage)
	if !ok || strings.Contains(from.Platform, "$") {
		return ""
	}
	return from.Platform
}

// mark is UTF-8's byte order mark, that some editors begin a file with.
const mark = "\ufeff"

// offset of a place in a text, -1 where there is none; line and column count
// from 1, the column in bytes.
func offset(text []byte, line, column int) int {
	at := 0
	for n := 1; n < line; n++ {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	if line == 1 && bytes.HasPrefix(text, []byte(mark)) {
		at = len(mark) // the columns of the first line count behind it
	}
	if column < 1 || at+column-1 > len(text) {
		return -1
	}
	return at + column - 1
}

// oneVariable takes a word apart that has one variable, without a default.
func oneVariable(word string) (name, head, tail string, ok bool) {
	head, rest, _ := strings.Cut(word, "$")
	if inner, braced := strings.CutPrefix(rest, "{"); braced {
		name, tail, ok = strings.Cut(inner, "}")
	} else {
		n := 0
		for n < len(rest) && (rest[n] == '_' || 'a' <= rest[n]|0x20 && rest[n]|0x20 <= 'z' || n > 0 && '0' <= rest[n] && rest[n] <= '9') {
			n++
		}
		name, tail, ok = rest[:n], rest[n:], true
	}
	if !ok || name == "" || strings.ContainsAny(name, ":-+?$") || strings.Contains(tail, "$") {
		return "", "", "", false
	}
	return name, head, tail, true
}

// defaultOf finds the value of the only ARG of a name before the first FROM: as
// it is written without its quotes, its offset and its line. Empty for none.
func defaultOf(text []byte, name string) (value string, off, line int) {
	for _, s := range Parse(text).Statements {
		if _, ok := s.Command.(*instructions.ArgCommand); !ok || s.Stage != nil {
			continue
		}
		for i := 0; ; {
			n := strings.Index(s.Logical[i:], name+"=")
			if n < 0 {
				break
			}
			i += n + len(name) + 1
			if before := i - len(name) - 2; before >= 0 && s.Logical[before] != ' ' && s.Logical[before] != '\t' {
				continue
			}
			if value != "" {
				return "", -1, 0 // given twice
			}
			rest := s.Logical[i:]
			end := len(rest)
			if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
				i++
				if end = strings.IndexByte(rest[1:], rest[0]); end < 0 {
					return "", -1, 0
				}
				rest = rest[1:]
			} else if n := strings.IndexAny(rest, " \t\r\n"); n >= 0 {
				end = n
			}
			at, column := s.Place(i)
			value, off, line = rest[:end], offset(text, at, column), at
		}
	}
	return value, off, line
}
