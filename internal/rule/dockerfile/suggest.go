// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is parsed and judged for suggestions, in bytes, of one file and of all: a
// hundred for a file of usual size, fewer for one that nobody wrote by hand. It
// takes a millisecond for each thousand or two.
const (
	suggestedWork    = 256 << 10
	suggestedWorkAll = 16 << 20
)

// guessed are rules whose edits somebody has to choose: by whom the program is
// run, and what a registry says.
var guessed = map[string]bool{"run-as-root": true, "no-user": true, "unpinned-image": true}

// suggester makes suggestions of the edits that Fix makes, one finding at a time.
type suggester struct {
	file  *File
	edits map[string][]Edit
	tally map[string]int
	left  int
	all   *int
}

// suggester makes those of a file; all is what is left of the work for all files.
func (f *File) suggester(all *int) *suggester {
	return &suggester{file: f, edits: map[string][]Edit{}, left: suggestedWork, all: all}
}

// suggest gives the edit that closes a hit: one after which the file parses as
// before but for what is edited, the rule finds less, and none as bad more.
func (x *suggester) suggest(r *sekisho.Rule, h *check.Hit) *sekisho.Suggestion {
	f := x.file
	if !r.Fixable || guessed[r.ID] || !x.affords() || f.unread() {
		return nil
	}
	edits, known := x.edits[r.ID]
	if !known {
		edits = f.Fixes(&FixOptions{Settings: f.Settings, Rules: []string{r.ID}}, r.ID)
		x.edits[r.ID] = edits
	}
	within, around := f.editsOf(edits, h)
	for _, edits := range [...][]Edit{within, around} {
		if s := x.try(r.ID, edits); s != nil {
			return s
		}
	}
	return nil
}

// try makes a suggestion of edits if they mend the file.
func (x *suggester) try(rule string, edits []Edit) *sekisho.Suggestion {
	f := x.file
	if len(edits) == 0 || !x.affords() {
		return nil
	}
	x.left -= len(f.Text)
	*x.all -= len(f.Text)
	next := Apply(f.Text, edits)
	s := check.Suggest(f.Text, next, maskText)
	if s == nil {
		return nil
	}
	after := Parse(next)
	after.Settings, after.Ignore, after.users = f.Settings, f.Ignore, f.users
	if !f.sound(after, edits) {
		return nil
	}
	if x.tally == nil {
		x.tally = rules.Tally(f.Settings, f)
	}
	if !rules.Mended(rule, x.tally, rules.Tally(f.Settings, after)) {
		return nil
	}
	for _, e := range edits {
		s.Unsafe = s.Unsafe || e.Unsafe
	}
	return s
}

// affords says whether the file may be parsed and judged once more. It is asked
// first: looking for the edits of one hit among thousands costs too.
func (x *suggester) affords() bool { return min(x.left, *x.all) >= len(x.file.Text) }

func (f *File) unread() bool {
	why, _ := f.unreadable()
	return why != ""
}

// editsOf are those of the edits of a rule that a hit asks for: within what was
// hit, and, where others are in its statement, all of that.
func (f *File) editsOf(edits []Edit, h *check.Hit) (within, around []Edit) {
	starts := lineStarts(f.Text)
	offset := func(line, column int) int {
		if line < 1 || line > len(starts) {
			return -1
		}
		return starts[line-1] + max(column, 1) - 1
	}
	from, to := offset(h.Line, h.Column), offset(max(h.EndLine, h.Line), h.EndColumn)
	for _, s := range f.Statements {
		if h.Line < s.First || h.Line > s.Last {
			continue
		}
		for _, e := range edits {
			if e.Line != s.First {
				continue
			}
			around = append(around, e)
			if e.From >= from && e.To <= to {
				within = append(within, e)
			}
		}
	}
	if len(within) == len(around) {
		around = nil
	}
	return within, around
}
