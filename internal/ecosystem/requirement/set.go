// SPDX-License-Identifier: Apache-2.0

// Package requirement turns the requirements that language ecosystems state of
// versions ("^1.2.3 || >= 2", "~> 5.2.4.3") into sets of versions, and those
// into ranges of an advisory. It serves the feeds of the family; it knows no
// feed's format and judges no package.
package requirement

import (
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// cut is a place between versions: just before one, or just after it. Its side
// is then -1 or 1; the ends of all versions have none.
type cut struct {
	version string
	side    int
	end     int // -1 before all versions, 1 after them, 0 at a version
}

var (
	first = cut{end: -1}
	last  = cut{end: 1}
)

func before(v string) cut { return cut{version: v, side: -1} }
func after(v string) cut  { return cut{version: v, side: 1} }

// span holds the versions between two cuts.
type span struct{ from, to cut }

// Set is a set of versions of a dialect: disjoint spans in order.
type Set struct {
	dialect *Dialect
	spans   []span
}

func (d *Dialect) cmp(a, b cut) int {
	if a.end != 0 || b.end != 0 {
		return a.end - b.end
	}
	if c := d.order(a.version, b.version); c != 0 {
		return c
	}
	return a.side - b.side
}

// union makes a set of any spans; one that ends before it begins is empty.
func (d *Dialect) union(spans []span) Set {
	spans = slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return d.cmp(s.from, s.to) >= 0 })
	slices.SortFunc(spans, func(a, b span) int { return d.cmp(a.from, b.from) })
	s := Set{dialect: d}
	for _, next := range spans {
		if n := len(s.spans); n > 0 && d.cmp(next.from, s.spans[n-1].to) <= 0 {
			if d.cmp(next.to, s.spans[n-1].to) > 0 {
				s.spans[n-1].to = next.to
			}
			continue
		}
		s.spans = append(s.spans, next)
	}
	return s
}

// Or is the union of two sets of one dialect.
func (s Set) Or(o Set) Set { return s.dialect.union(slices.Concat(s.spans, o.spans)) }

// And is what two sets of one dialect share.
func (s Set) And(o Set) Set { return s.Not().Or(o.Not()).Not() }

// Not holds every version that is not in the set.
func (s Set) Not() Set {
	out := Set{dialect: s.dialect}
	from := first
	for _, sp := range s.spans {
		if s.dialect.cmp(from, sp.from) < 0 {
			out.spans = append(out.spans, span{from, sp.from})
		}
		from = sp.to
	}
	if from != last {
		out.spans = append(out.spans, span{from, last})
	}
	return out
}

// Empty reports whether no version is in the set.
func (s Set) Empty() bool { return len(s.spans) == 0 }

// Has reports whether the version is in the set.
func (s Set) Has(version string) bool {
	return slices.ContainsFunc(s.spans, func(sp span) bool {
		return s.dialect.cmp(sp.from, before(version)) <= 0 && s.dialect.cmp(after(version), sp.to) <= 0
	})
}

// Ranges gives the set as an advisory states it. It is empty for the set of all
// versions, as there, and for the empty one: ask Empty before.
//
// A range has no way to begin after a version. "> X" begins at the version that
// follows: exactly in semantic versioning, whose versions have a successor; at
// X.0.1 in gem's and Composer's order, which has none. What may lie between, an
// X.0.0.1 or a pre-release of X.0.1, is in the set and not in the range.
func (s Set) Ranges() []sekisho.Range {
	if len(s.spans) == 1 && s.spans[0] == (span{first, last}) {
		return nil
	}
	var out []sekisho.Range
	for _, sp := range s.spans {
		var r sekisho.Range
		switch {
		case sp.from == first:
		case sp.from.side > 0:
			r.Introduced = s.dialect.successor(sp.from.version)
		default:
			r.Introduced = sp.from.version
		}
		switch {
		case sp.to == last:
		case sp.to.side > 0:
			r.LastAffected = sp.to.version
		default:
			r.Fixed = sp.to.version
		}
		out = append(out, r)
	}
	return out
}

// Fixed gives the ranges of the set where the fixed versions are known too: a
// range that ends with a last affected version ends with the first fixed one
// after it instead, unless the next range begins before that. What lies between
// the two is of neither kind, and counts as affected.
func (s Set) Fixed(patched Set) []sekisho.Range {
	ranges := s.Ranges()
	if len(ranges) != len(s.spans) {
		return ranges
	}
	for i, sp := range s.spans {
		if ranges[i].LastAffected == "" {
			continue
		}
		for _, p := range patched.spans {
			if p.from.end != 0 || p.from.side > 0 || s.dialect.cmp(p.from, sp.to) < 0 {
				continue
			}
			if i+1 == len(s.spans) || s.dialect.cmp(p.from, s.spans[i+1].from) <= 0 {
				ranges[i].Fixed, ranges[i].LastAffected = p.from.version, ""
			}
			break
		}
	}
	return ranges
}
