// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"regexp"
	"slices"
	"strings"
)

// verdict says whether a claim is about version v, and which version it names
// as the one that ends the range which v lies in.
func (o *oracle) verdict(c *claim, v string) (affected bool, fixed string) {
	switch {
	case c.withdrawn || c.ignored != "":
		return false, ""
	case c.feed == "rustsec" || c.feed == "rubysec":
		return o.outside(c.unaffected, v)
	case c.feed == "friendsofphp":
		return o.inside(c.affected, v)
	}
	for _, events := range c.closed() {
		in, fix := o.during(events, v)
		if in && (!affected || fixed == "") {
			affected, fixed = true, fix
		}
	}
	if affected {
		return affected, fixed
	}
	for _, listed := range c.versions { // all are asked, or each would be a round of its own
		affected = listed == v || o.ask('c', v, listed) == 0 || affected
	}
	return affected, ""
}

// closed gives the ranges, a single open one ended by GitHub's words.
func (c *claim) closed() [][]event {
	op := c.last[:len(c.last)-len(strings.TrimLeft(c.last, "<>=, "))]
	bound := strings.TrimSpace(c.last[len(op):])
	if len(c.ranges) != 1 || bound == "" || strings.ContainsAny(bound, " ,<>") {
		return c.ranges
	}
	for _, e := range c.ranges[0] {
		if e.Introduced == "" {
			return c.ranges
		}
	}
	switch strings.TrimSpace(op) {
	case "<":
		return [][]event{append(slices.Clone(c.ranges[0]), event{Fixed: bound})}
	case "<=", "=":
		return [][]event{append(slices.Clone(c.ranges[0]), event{LastAffected: bound})}
	}
	return c.ranges
}

// during is the schema's own evaluation: the last event that a version has
// passed decides, the next one names the fix.
func (o *oracle) during(events []event, v string) (in bool, fixed string) {
	var last, next *event
	order := func(a, b *event) int {
		x, y := a.version(), b.version()
		switch {
		case x == y:
			return 0
		case x == "0":
			return -1
		case y == "0":
			return 1
		}
		return o.ask('c', x, y)
	}
	for i := range events {
		e := &events[i]
		if e.version() == "" || e.Limit == "*" {
			continue
		}
		at := 1
		if e.version() != "0" {
			at = o.ask('c', v, e.version())
		}
		if at == unknown {
			return false, "" // a bound that is no version: the range says nothing
		}
		passed := at > 0 || at == 0 && e.LastAffected == ""
		switch {
		case passed && (last == nil || order(last, e) <= 0):
			last = e
		case !passed && (next == nil || order(next, e) > 0):
			next = e
		}
	}
	if last == nil || last.Introduced == "" {
		return false, ""
	}
	if next != nil {
		fixed = next.Fixed
	}
	return true, fixed
}

var clause = regexp.MustCompile(`^([<>=~^!]*)\s*[vV]?(.+)$`)

// outside is true for a version that fits none of the requirements. The fix is
// the nearest lower bound of one above it.
func (o *oracle) outside(requirements []string, v string) (affected bool, fixed string) {
	for _, r := range requirements {
		if o.ask('s', v, r) == 1 {
			return false, ""
		}
	}
	for _, r := range requirements {
		low := ""
		for part := range strings.SplitSeq(r, ",") {
			m := clause.FindStringSubmatch(strings.TrimSpace(part))
			if m == nil || strings.HasPrefix(m[1], "<") || m[1] == "!=" {
				continue
			}
			if low == "" || o.ask('c', m[2], low) > 0 {
				low = m[2]
			}
		}
		if low != "" && o.ask('c', v, low) < 0 && (fixed == "" || o.ask('c', low, fixed) < 0) {
			fixed = low
		}
	}
	return true, fixed
}

// inside is true for a version that fits one of the requirements, whose upper
// bound is the fix.
func (o *oracle) inside(requirements []string, v string) (affected bool, fixed string) {
	for _, r := range requirements {
		if o.ask('s', v, r) != 1 {
			continue
		}
		affected = true
		for part := range strings.SplitSeq(r, ",") {
			m := clause.FindStringSubmatch(strings.TrimSpace(part))
			if m != nil && m[1] == "<" && (fixed == "" || o.ask('c', m[2], fixed) < 0) {
				fixed = m[2]
			}
		}
	}
	return affected, fixed
}
