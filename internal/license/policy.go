// SPDX-License-Identifier: Apache-2.0

package license

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// Verdict of a policy on an expression.
type Verdict uint8

// The verdicts.
const (
	// Undecided: the policy says nothing, or a licence of the expression is not
	// known and could change it.
	Undecided Verdict = iota
	Allowed
	Denied
)

// Policy is what somebody wants of licences: lists of ids and categories. The
// zero value has nothing to say. An id is stronger than a category, and among the
// same a denial is. Where something is allowed by list, everything else is denied.
type Policy struct {
	deny, allow list
}

type list struct {
	ids        map[string]bool
	categories map[Category]bool
}

// ParsePolicy reads two lists of ids of the SPDX list (in any case; deprecated
// ones and "-or-later" stand for all that they cover) and categories.
func ParsePolicy(deny, allow []string) (Policy, error) {
	d, err := parseList(deny)
	if err != nil {
		return Policy{}, err
	}
	a, err := parseList(allow)
	return Policy{d, a}, err
}

func parseList(words []string) (list, error) {
	l := list{map[string]bool{}, map[Category]bool{}}
	for _, w := range words {
		w = strings.TrimSpace(w)
		if c := Category(strings.ToLower(w)); slices.Contains(Categories, c) {
			l.categories[c] = true
			continue
		}
		e, err := Parse(w)
		if err != nil || e.Op != Leaf {
			return l, message.Errorf("%q is no licence of the SPDX list and no category (%s)", w, categoryNames())
		}
		// "GPL-2.0" names the text, with and without "or later".
		if id, known := Lookup(w); known && id.Deprecated && gnu(id.ID) && e.Exception == "" {
			l.ids[id.ID+"-or-later"] = true
		}
		for _, v := range versions(e) {
			l.ids[v] = true
		}
		l.ids[e.String()] = true
	}
	return l, nil
}

func categoryNames() string {
	var out []string
	for _, c := range Categories {
		out = append(out, string(c))
	}
	return strings.Join(out, ", ")
}

// IsZero is true for a policy without lists.
func (p Policy) IsZero() bool { return p.deny.empty() && p.allow.empty() }

func (l list) empty() bool { return len(l.ids) == 0 && len(l.categories) == 0 }

// gnuVersions are the versions that there are, in their order.
var gnuVersions = map[string][]string{
	"GPL-": {"1.0", "2.0", "3.0"}, "LGPL-": {"2.0", "2.1", "3.0"}, "AGPL-": {"1.0", "3.0"}, "GFDL-": {"1.1", "1.2", "1.3"},
}

// versions are the licences that one with "-or-later" lets the user choose from;
// else the licence alone.
func versions(e Expression) []string {
	base, later := strings.CutSuffix(e.ID, "-or-later")
	if !later {
		return []string{e.String()}
	}
	for family, all := range gnuVersions {
		version, ok := strings.CutPrefix(base, family)
		i := slices.Index(all, version)
		if !ok || i < 0 {
			continue
		}
		var out []string
		for _, v := range all[i:] {
			out = append(out, Expression{ID: family + v + "-only", Exception: e.Exception}.String())
		}
		return out
	}
	return []string{e.String()}
}

// Decide judges an expression, and gives the licences that decided it. What can
// be chosen is allowed when one branch is; what has to be kept together when all
// of it is.
func (p Policy) Decide(e Expression) (Verdict, []Expression) {
	if p.IsZero() || e.IsZero() {
		return Undecided, nil
	}
	if e.Op == Leaf {
		v := p.leaf(e)
		if v == Undecided {
			return v, nil
		}
		return v, []Expression{e}
	}
	var undecided bool
	by := map[Verdict][]Expression{}
	for _, t := range e.Terms {
		v, leaves := p.Decide(t)
		undecided = undecided || v == Undecided
		by[v] = append(by[v], leaves...)
	}
	first, last := Denied, Allowed
	if e.Op == Or {
		first, last = Allowed, Denied
	}
	switch {
	case len(by[first]) > 0:
		return first, by[first]
	case undecided:
		return Undecided, nil
	}
	return last, by[last]
}

func (p Policy) leaf(e Expression) Verdict {
	if len(p.deny.ids) > 0 || len(p.allow.ids) > 0 {
		if v := p.byID(e); v != Undecided {
			return v
		}
	}
	c := e.category()
	switch {
	case p.deny.categories[c]:
		return Denied
	case p.allow.categories[c]:
		return Allowed
	case c == Unknown:
		return Undecided
	case p.allow.empty():
		return Allowed
	}
	return Denied
}

// byID decides by the ids of the lists. Who may choose a later version is denied
// it only when every version is.
func (p Policy) byID(e Expression) Verdict {
	all := versions(e)
	denied := 0
	for _, v := range all {
		if p.deny.ids[v] {
			denied++
		}
	}
	switch {
	case p.deny.ids[e.String()], denied == len(all):
		return Denied
	case p.allow.ids[e.String()]:
		return Allowed
	}
	for _, v := range all {
		if p.allow.ids[v] && !p.deny.ids[v] {
			return Allowed
		}
	}
	return Undecided
}

// DeniesUnknown is true when what nobody knows is denied, too.
func (p Policy) DeniesUnknown() bool { return p.deny.categories[Unknown] }
