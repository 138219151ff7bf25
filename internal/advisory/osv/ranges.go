// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// ranges turns the events of the ranges that name versions (not commits) into
// ranges. known is false when there is no such range; it is true and the result
// empty when the package was never affected ("fixed": "0").
func (a *affected) ranges() (out []sekisho.Range, known bool) {
	for i := range a.Ranges {
		r := &a.Ranges[i]
		if r.Type == "GIT" || r.Type == "" && r.Repo != "" || len(r.Events) == 0 {
			continue // commits
		}
		known = true
		out = pair(out, r.Events)
	}
	last := a.Database.LastKnown
	if last == "" {
		last = a.Ecosystem.LastKnown
	}
	if len(out) == 1 && out[0].Fixed == "" && out[0].LastAffected == "" {
		closeRange(&out[0], last)
	}
	return out, known
}

// pair reads events in the order in which they are written, which is rising in
// all but a few records: each run of starts is closed by the run of ends that
// follows, each start by the nearest end above it. A start too many ends where
// the last does; an end too many says nothing new.
func pair(out []sekisho.Range, events []event) []sekisho.Range {
	var starts []string
	var ends []sekisho.Range
	flush := func() {
		if len(starts) == 0 && len(ends) > 0 {
			starts = append(starts, "")
		}
		slices.SortStableFunc(ends, func(a, b sekisho.Range) int { return numbers(end(a)).compare(numbers(end(b))) })
		for _, s := range starts {
			var r sekisho.Range
			if len(ends) > 0 {
				r = ends[len(ends)-1]
				if i := slices.IndexFunc(ends, func(e sekisho.Range) bool { return closes(e, s) }); i >= 0 {
					r = ends[i]
				}
			}
			if s != "0" {
				r.Introduced = s
			}
			if r.Fixed != "0" {
				out = append(out, r)
			}
		}
		starts, ends = starts[:0], ends[:0]
	}
	for _, e := range events {
		if e.Introduced != "" {
			if len(ends) > 0 {
				flush()
			}
			starts = append(starts, e.Introduced)
		}
		switch {
		case e.Fixed != "":
			ends = append(ends, sekisho.Range{Fixed: e.Fixed})
		case e.LastAffected != "":
			ends = append(ends, sekisho.Range{LastAffected: e.LastAffected})
		case e.Limit != "" && e.Limit != "*":
			ends = append(ends, sekisho.Range{Fixed: e.Limit})
		}
	}
	flush()
	return out
}

func end(r sekisho.Range) string { return cmp.Or(r.Fixed, r.LastAffected) }

// closes says whether a range that begins at start may end where e does.
func closes(e sekisho.Range, start string) bool {
	return e.Fixed == "0" || numbers(start).compare(numbers(end(e))) <= 0 && e.Fixed != start
}

// numbers is the leading numbers of a version, "1.10" of "v1.10-rc1": all that
// is compared here, where no order of an ecosystem is known. It serves to tell
// bounds of different releases apart, never to judge a package.
type numbers string

func (n numbers) compare(other numbers) int {
	a, b := strings.TrimPrefix(string(n), "v"), strings.TrimPrefix(string(other), "v")
	for {
		x, restA := leading(a)
		y, restB := leading(b)
		if c := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); c != 0 {
			return c
		}
		nextA, moreA := strings.CutPrefix(restA, ".")
		nextB, moreB := strings.CutPrefix(restB, ".")
		if !moreA && !moreB {
			return 0
		}
		a, b = nextA, nextB
		if !moreA {
			a = ""
		}
		if !moreB {
			b = ""
		}
	}
}

// leading cuts the number off that s begins with; its zeros in front are gone.
func leading(s string) (number, rest string) {
	rest = strings.TrimLeft(s, "0123456789")
	return strings.TrimLeft(s[:len(s)-len(rest)], "0"), rest
}

// contradicts says that the ranges cannot be what the publisher means: one has
// no start, or ends before it begins. A list of versions beside them then says
// more.
func (a *affected) contradicts(ranges []sekisho.Range) bool {
	for i := range a.Ranges {
		r := &a.Ranges[i]
		if r.Type != "GIT" && r.Repo == "" && len(r.Events) > 0 && !slices.ContainsFunc(r.Events, func(e event) bool { return e.Introduced != "" }) {
			return true
		}
	}
	return slices.ContainsFunc(ranges, func(r sekisho.Range) bool {
		return r.Introduced != "" && end(r) != "" && numbers(r.Introduced).compare(numbers(end(r))) > 0
	})
}

// closeRange ends an open range by GitHub's words for what is affected:
// "< 1.2.3", "<= 1.2.3", ">= 1.0, < 1.2.3".
func closeRange(r *sekisho.Range, words string) {
	if i := strings.LastIndexByte(words, ','); i >= 0 {
		words = words[i+1:]
	}
	words = strings.TrimSpace(words)
	op := words[:len(words)-len(strings.TrimLeft(words, "<>="))]
	version := strings.TrimSpace(words[len(op):])
	switch {
	case version == "" || strings.ContainsAny(version, " \t"):
	case op == "<":
		r.Fixed = version
	case op == "<=", op == "=":
		r.LastAffected = version
	}
}

// status of a row with these ranges: fixed when a version without the flaw is
// named for each.
func status(ranges []sekisho.Range, versions []string) string {
	if len(ranges) == 0 || len(versions) > 0 {
		return sekisho.StatusAffected
	}
	for _, r := range ranges {
		if r.Fixed == "" {
			return sekisho.StatusAffected
		}
	}
	return sekisho.StatusFixed
}
