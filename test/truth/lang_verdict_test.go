// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"regexp"
	"slices"
	"strings"
)

// verdict says whether a claim is about version v, and which version it names
// as the one that ends the range which v lies in.
func (o *langOracle) verdict(c *langClaim, v string) (affected bool, fixed string) {
	switch {
	case c.withdrawn || c.ignored != "":
		return false, ""
	case c.feed == "rustsec" || c.feed == "rubysec":
		affected, fixed = o.outside(c.unaffected, v)
		if c.feed == "rustsec" {
			fixed = langFull(fixed)
		}
		return affected, fixed
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
func (c *langClaim) closed() [][]langEvent {
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
		return [][]langEvent{append(slices.Clone(c.ranges[0]), langEvent{Fixed: bound})}
	case "<=", "=":
		return [][]langEvent{append(slices.Clone(c.ranges[0]), langEvent{LastAffected: bound})}
	}
	return c.ranges
}

// during is the schema's own evaluation: the last event that a version has
// passed decides, the next one names the fix.
func (o *langOracle) during(events []langEvent, v string) (in bool, fixed string) {
	var last, next *langEvent
	order := func(a, b *langEvent) int {
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
		if at == langUnknown {
			return false, "" // a bound that is no version: the range says nothing
		}
		passed := at > 0 || at == 0 && e.LastAffected == ""
		switch {
		case passed && (last == nil || order(last, e) <= 0):
			last = e
		case !passed && e.Introduced == "" && (next == nil || order(next, e) > 0):
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

var langClause = regexp.MustCompile(`^([<>=~^!]*)\s*[vV]?(.+)$`)

// outside is true for a version that fits none of the requirements. The fix is
// the nearest lower bound of one above it.
func (o *langOracle) outside(requirements []string, v string) (affected bool, fixed string) {
	open := false
	for _, r := range requirements {
		if o.ask('s', v, r) == 1 {
			return false, ""
		}
	}
	for _, r := range requirements {
		low, after := "", false
		for part := range strings.SplitSeq(r, ",") {
			m := langClause.FindStringSubmatch(strings.TrimSpace(part))
			if m == nil || strings.HasPrefix(m[1], "<") || m[1] == "!=" {
				continue
			}
			bound := m[2]
			if strings.Contains(bound, "-") && o.dash != "" {
				bound = strings.ReplaceAll(bound, "-", o.dash)
			}
			if low == "" || o.ask('c', bound, low) > 0 {
				low, after = bound, m[1] == ">"
			}
		}
		if low == "" || fixed != "" && o.ask('c', low, fixed) >= 0 {
			continue
		}
		// "> 1.2" names no version that has the fix.
		if c := o.ask('c', v, low); c < 0 || c == 0 && after {
			fixed, open = low, after
		}
	}
	if open {
		return true, ""
	}
	return true, fixed
}

// inside is true for a version that fits one of the requirements; the fix is the
// upper bound of it, or, where the next branch goes on from there, of that. A
// pre-release is a version like any other, as in all other feeds; what Composer
// itself would say is noted.
func (o *langOracle) inside(requirements []string, v string) (affected bool, fixed string) {
	composer := false
	for at, step := v, 0; step <= len(requirements); step++ {
		next := ""
		for _, r := range requirements {
			if step == 0 {
				composer = o.ask('s', v, r) == 1 || composer
			}
			if in, end := o.within(r, at); in && (next == "" || end == "" || o.ask('c', end, next) > 0) {
				affected = affected || step == 0
				if next = end; end == "" {
					next = "no end"
				}
			}
		}
		if next == "" || next == "no end" {
			if next != "" {
				fixed = ""
			}
			break
		}
		fixed, at = next, next
	}
	if affected != composer {
		o.otherwise[v+" "+strings.Join(requirements, "|")] = true
	}
	return affected, fixed
}

// within says whether a version meets every part of a requirement, and the
// version that its upper bound names.
func (o *langOracle) within(requirement, v string) (in bool, end string) {
	in = true
	for part := range strings.SplitSeq(requirement, ",") {
		m := langClause.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return false, ""
		}
		c := o.ask('c', v, m[2])
		switch m[1] {
		case "<":
			in, end = in && c < 0, m[2]
		case "<=":
			in = in && c <= 0
		case ">":
			in = in && c > 0 && c != langUnknown
		case ">=": // "0" is before all versions
			in = in && (c >= 0 && c != langUnknown || m[2] == "0")
		case "", "=", "==":
			in = in && c == 0
		default:
			in = false
		}
	}
	return in, end
}
