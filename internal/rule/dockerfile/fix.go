// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"bytes"
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Edit replaces the bytes from From to To (behind the last one) of a text.
type Edit struct {
	From, To int
	Text     string
	// Rule that asks for it, and the Line of the text that it begins on.
	Rule string
	Line int
	// Unsafe is true when the image may behave differently for it.
	Unsafe bool

	// adds is the number of instructions that it adds.
	adds int
}

// FixOptions say what is rewritten. The zero value is what keeps the image as it
// is, by the rules that are on.
type FixOptions struct {
	Settings *check.Settings
	// Rules are the only ones to follow, by id or alias: also those that are off,
	// and their unsafe edits.
	Rules []string
	// Unsafe makes the unsafe edits of all rules.
	Unsafe bool
	// Pin gives the digest ("sha256:...") of an image, empty when nobody knows it;
	// nil pins nothing.
	Pin func(ref string) string
	// Hadolint is the project's .hadolint.yaml, as a resource of its text.
	Hadolint []byte

	// known is the catalogue, by id.
	known map[string]*sekisho.Rule
}

// Fixed is what became of a text.
type Fixed struct {
	Text []byte
	// Edits that were made, each in the text as it was before it.
	Edits []Edit
	// Left are the unsafe edits that were not asked for.
	Left []Edit
	// Mistake says why the file was left alone, and Line where; empty when it was
	// read.
	Mistake string
	Line    int
}

// fix is how a rule's findings are rewritten.
type fix struct {
	rule string
	edit func(*fixer)
}

// fixes in the order in which they are made: what renames a command comes before
// what adds to it.
func fixes() []fix {
	return []fix{
		{"instruction-case", (*fixer).instructionCase},
		{"from-as-case", (*fixer).fromAsCase},
		{"stage-name-case", (*fixer).stageNameCase},
		{"expose-protocol-case", (*fixer).exposeCase},
		{"legacy-key-value", (*fixer).keyValue},
		{"maintainer", (*fixer).maintainer},
		{"add-instead-of-copy", (*fixer).addToCopy},
		{"copy-destination", (*fixer).destination},
		{"relative-workdir", (*fixer).workdir},
		{"sudo", (*fixer).sudo},
		{"apt-command", (*fixer).aptCommand},
		{"install-asks", (*fixer).yes},
		{"recommended-packages", (*fixer).noRecommends},
		{"package-cache-left", (*fixer).cache},
		{"large-uid", (*fixer).noLogInit},
		{"wget-progress", (*fixer).quietWget},
		{"shell-form", (*fixer).execForm},
		{"no-pipefail", (*fixer).pipefail},
		{"unpinned-image", (*fixer).pin},
		{"run-as-root", (*fixer).user},
		{"no-user", (*fixer).user},
	}
}

// Fixable are the ids of the rules whose findings can be rewritten.
func Fixable() []string {
	out := make([]string, 0, 24)
	for _, f := range fixes() {
		out = append(out, f.rule)
	}
	return out
}

// fixer collects the edits of one rule.
type fixer struct {
	*File
	o     *FixOptions
	rule  string
	lines []int // where the lines begin
	eol   string
	out   []Edit
}

// maxRounds bounds how often a text is gone over: one edit may make another
// possible, such as dropping "apk update" once --no-cache is there.
const maxRounds = 4

// Fix rewrites what can be rewritten, and rewrites nothing when it is given its
// own result. An edit after which the file would not parse as before, but for
// what it changes, is not made.
func Fix(text []byte, o FixOptions) Fixed {
	f := Parse(text)
	out := Fixed{Text: text}
	if out.Mistake, out.Line = f.unreadable(); out.Mistake != "" {
		return out
	}
	o.known = catalogue()
	todo := slices.DeleteFunc(fixes(), func(fx fix) bool { return !o.follows(fx.rule) })
	left := map[Edit]bool{}
	for range maxRounds {
		changed := false
		out.Left = nil
		clear(left)
		for _, fx := range todo {
			all := f.Fixes(&o, fx.rule)
			edits := slices.DeleteFunc(all, func(e Edit) bool {
				if key := (Edit{Rule: e.Rule, Line: e.Line}); e.Unsafe && !o.Unsafe && !o.asked(e.Rule) {
					if !left[key] {
						left[key] = true
						out.Left = append(out.Left, e)
					}
					return true
				}
				return false
			})
			if len(edits) == 0 {
				continue
			}
			next := Apply(f.Text, edits)
			after := Parse(next)
			if !f.sound(after, edits) {
				continue
			}
			out.Edits = append(out.Edits, edits...)
			f, changed = after, true
		}
		if !changed {
			break
		}
	}
	out.Text = f.Text
	return out
}

// unreadable says what keeps a file from being rewritten, and its line.
func (f *File) unreadable() (string, int) {
	if f.Refused != nil {
		return f.Refused.Error(), 1
	}
	for _, s := range f.Statements {
		if s.Mistake != "" {
			return s.Mistake, s.First
		}
	}
	if len(f.Stages) == 0 {
		return "it has no FROM", 1
	}
	return "", 0
}

// asked says whether somebody named the rule.
func (o *FixOptions) asked(rule string) bool {
	r, ok := o.known[rule]
	return ok && slices.ContainsFunc(o.Rules, func(id string) bool { return check.Names(id, r) })
}

// follows says whether a rule is to be followed.
func (o *FixOptions) follows(rule string) bool {
	if rule == "unpinned-image" {
		return o.Pin != nil
	}
	if len(o.Rules) > 0 {
		return o.asked(rule)
	}
	r, ok := o.known[rule]
	return ok && o.Settings.Runs(r)
}

// catalogue is what is known of each rule, by id.
func catalogue() map[string]*sekisho.Rule {
	list := rules.Rules()
	out := make(map[string]*sekisho.Rule, len(list))
	for i := range list {
		out[list[i].ID] = &list[i]
	}
	return out
}

// Fixes are the edits that the findings of the rules ask for, the unsafe ones
// too, in the order of the text and apart from each other. What is silenced by a
// comment stays.
func (f *File) Fixes(o *FixOptions, ids ...string) []Edit {
	if o.known == nil {
		o.known = catalogue()
	}
	x := &fixer{File: f, o: o, lines: lineStarts(f.Text), eol: "\n"}
	if bytes.Contains(f.Text, []byte("\r\n")) {
		x.eol = "\r\n"
	}
	for _, fx := range fixes() {
		if slices.Contains(ids, fx.rule) && o.follows(fx.rule) {
			x.rule = fx.rule
			fx.edit(x)
		}
	}
	if len(x.out) == 0 {
		return nil
	}
	config := readHadolint(o.Hadolint)
	at := &check.Place{Blocks: f.blocks(), Silences: append(silences(f.Text, config), config.silences...)}
	today := ""
	if o.Settings != nil {
		today = o.Settings.Today
	}
	out := slices.DeleteFunc(x.out, func(e Edit) bool { return at.Silenced(o.known[e.Rule], e.Line, today) })
	slices.SortStableFunc(out, func(a, b Edit) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	end := -1
	return slices.DeleteFunc(out, func(e Edit) bool {
		if e.From < end {
			return true
		}
		end = e.To
		return false
	})
}

// Apply makes the edits, which are in order and apart from each other.
func Apply(text []byte, edits []Edit) []byte {
	out := make([]byte, 0, len(text)+64*len(edits))
	done := 0
	for _, e := range edits {
		out = append(append(out, text[done:e.From]...), e.Text...)
		done = e.To
	}
	return append(out, text[done:]...)
}

// sound says whether the file is the same after the edits, but for the
// statements that they touch: all of it parses, nothing else moved.
func (f *File) sound(after *File, edits []Edit) bool {
	added := 0
	for _, e := range edits {
		added += e.adds
	}
	if bad, _ := after.unreadable(); bad != "" || len(after.Statements) != len(f.Statements)+added {
		return false
	}
	f.read()
	after.read()
	if len(after.broken) > len(f.broken) || len(after.scripts) < len(f.scripts) {
		return false
	}
	starts := lineStarts(f.Text)
	next, shift := 0, 0
	for i, s := range f.Statements {
		end := len(f.Text)
		if s.Last < len(starts) {
			end = starts[s.Last]
		}
		touched := false
		for ; next < len(edits) && edits[next].From < end; next++ {
			if edits[next].adds > 0 && edits[next].From <= starts[s.First-1] {
				shift += edits[next].adds
			} else {
				touched = true
			}
		}
		if o := after.Statements[i+shift]; !touched && (o.Logical != s.Logical || !slices.Equal(o.heredocs, s.heredocs)) {
			return false
		}
	}
	return true
}

// lineStarts are the offsets of the lines, as statements count them: a byte
// order mark is no part of the first.
func lineStarts(text []byte) []int {
	at := len(text) - len(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	out := []int{at}
	for i := at; i < len(text); i++ {
		if text[i] == '\n' {
			out = append(out, i+1)
		}
	}
	return out
}

// at is the offset of a place in the text; -1 when there is none.
func (x *fixer) at(line, column int) int {
	if line < 1 || line > len(x.lines) || column < 1 {
		return -1
	}
	if at := x.lines[line-1] + column - 1; at <= len(x.Text) {
		return at
	}
	return -1
}

// line is the text of a line, without its end.
func (x *fixer) line(n int) string {
	from := x.at(n, 1)
	if from < 0 {
		return ""
	}
	text, _, _ := bytes.Cut(x.Text[from:], []byte("\n"))
	return strings.TrimSuffix(string(text), "\r")
}

// edit adds an edit at a line; those of lines that are not in the file are left.
func (x *fixer) edit(e Edit) {
	e.Rule = x.rule
	if e.Line == 0 {
		e.Line, _ = slices.BinarySearch(x.lines, e.From+1)
	}
	x.out = append(x.out, e)
}

// span is where a part of a statement stands in the text; ok is false when it is
// not written there as it is, but over several lines.
func (x *fixer) span(s *Statement, from, to int) (a, b int, ok bool) {
	if from < 0 || to > len(s.Logical) || from > to {
		return 0, 0, false
	}
	return x.exact(s.Logical[from:to])(s.Place(from))
}

// exact finds a text at a place of the file.
func (x *fixer) exact(text string) func(line, column int) (a, b int, ok bool) {
	return func(line, column int) (a, b int, ok bool) {
		a = x.at(line, column)
		b = a + len(text)
		return a, b, a >= 0 && b <= len(x.Text) && string(x.Text[a:b]) == text
	}
}

// replace rewrites a part of a statement.
func (x *fixer) replace(s *Statement, from, to int, text string) {
	if a, b, ok := x.span(s, from, to); ok && string(x.Text[a:b]) != text {
		x.edit(Edit{From: a, To: b, Text: text, Line: s.First})
	}
}

// fields calls visit with each word of a statement as it is split at blanks.
func fields(s *Statement, visit func(word string, from int)) {
	from := -1
	for i := range len(s.Logical) + 1 {
		blank := i == len(s.Logical) || s.Logical[i] == ' ' || s.Logical[i] == '\t'
		switch {
		case blank && from >= 0:
			visit(s.Logical[from:i], from)
			from = -1
		case !blank && from < 0:
			from = i
		}
	}
}

// indent is what a line begins with.
func indent(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// Named says whether a file has the name of a Dockerfile.
func Named(name string) bool { return kindOf(name) == sekisho.ResourceDockerfile }

// Whole says whether a file of such a name is a Dockerfile: one called
// "Dockerfile.part" may be something else.
func Whole(name string, text []byte) bool {
	return !strings.Contains(path.Base(filepath.ToSlash(name)), ".") || fromLine.Match(text)
}
