// SPDX-License-Identifier: Apache-2.0

// Package policy decides, purely: findings and coverage in, a verdict out. It
// reads no file, no clock and no network. What a rule's condition is written in
// is another room's business.
package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Gate is what the flags of a command line deny.
type Gate struct {
	// FailOn denies findings of this severity or a higher one. Nil: no gate.
	FailOn *sekisho.Severity
	// Only counts findings of these severities; empty: of all.
	Only []sekisho.Severity
	// New counts findings alone that the baseline does not have.
	New bool
	// OnlyFixed leaves vulnerabilities out that nothing fixes yet.
	OnlyFixed bool
	// AllowIncomplete lets a result pass in which something was not assessed.
	AllowIncomplete bool
}

// counts says whether a finding breaks the gate.
func (g *Gate) counts(f *sekisho.Finding) bool {
	return f.Suppressed == nil && f.Severity >= *g.FailOn &&
		(len(g.Only) == 0 || slices.Contains(g.Only, f.Severity)) &&
		(!g.New || f.State != sekisho.StateKnown) &&
		(!g.OnlyFixed || f.Kind != sekisho.Vulnerability || f.Fixed != "")
}

// gateRule is the name of the gate among the rules.
const gateRule = "fail-on"

// rule is the gate as a rule: it counts by severity what it denies.
func (g *Gate) rule(counts map[sekisho.Severity]int) Rule {
	return Rule{Name: gateRule, Effect: Deny, Subject: OfFindings, Severity: *g.FailOn, When: ConditionFunc(func(c *Case) (bool, error) {
		if !g.counts(c.Finding) {
			return false, nil
		}
		counts[c.Finding.Severity]++
		return true, nil
	})}
}

// Judge decides: one evaluator for the flags and for policies, on every surface.
// A finding that breaks the gate or a rule denies; where none does and something
// could not be assessed, the answer is not "allow" but "incomplete", as long as
// anything can be denied: nobody knows what is in the unread part. A warning is
// said and changes nothing. The verdict does not depend on the order of findings
// or packages, nor on a clock.
func Judge(r *sekisho.Result, p Policy) sekisho.Verdict {
	g := &p.Gate
	if g.FailOn == nil && len(p.Rules) == 0 {
		v := sekisho.Verdict{Decision: sekisho.Allow}
		say(&v, "no gate was set, --fail-on sets one", sekisho.ReasonNoGate)
		return v
	}
	results, packages := flat(r)
	v := sekisho.Verdict{Decision: sekisho.Allow, Judged: p.record(results)}
	strict, open, below := false, false, false
	if g.FailOn != nil {
		strict = true
		counts := map[sekisho.Severity]int{}
		gate := g.rule(counts)
		if below = p.ask(&gate, results, packages).count == 0; !below {
			v.Decision = sekisho.Deny
			g.tell(&v, counts)
		}
	}
	passed := 0
	for i := range p.Rules {
		rule := &p.Rules[i]
		strict = strict || rule.Effect == Deny
		before := len(v.Reasons)
		denies, unanswered := p.ask(rule, results, packages).tell(&v, rule)
		if denies {
			v.Decision = sekisho.Deny
		}
		open = open || unanswered
		if len(v.Reasons) == before {
			passed++
		}
	}
	part := unassessed(&v, results)
	if below && !part {
		g.passed(&v)
	}
	if part || open {
		if v.Decision == sekisho.Allow && strict && !g.AllowIncomplete {
			v.Decision = sekisho.Incomplete
		}
	}
	if len(p.Rules) > 0 {
		say(&v, fmt.Sprintf("rules that found nothing: %d of %d", passed, len(p.Rules)), sekisho.ReasonPassed, strconv.Itoa(passed), strconv.Itoa(len(p.Rules)))
	}
	return v
}

// passed says that the gate denies nothing.
func (g *Gate) passed(v *sekisho.Verdict) {
	if g.New {
		say(v, fmt.Sprintf("no new finding is %s or worse", *g.FailOn), sekisho.ReasonNewBelow, g.FailOn.String())
		return
	}
	say(v, fmt.Sprintf("no finding is %s or worse", *g.FailOn), sekisho.ReasonBelow, g.FailOn.String())
}

// flat is the result with its further platforms, and the packages of each by purl.
func flat(r *sekisho.Result) (results []*sekisho.Result, packages []map[string]*sekisho.Package) {
	results = append(results, r)
	for i := range r.Platforms {
		results = append(results, &r.Platforms[i])
	}
	for _, r := range results {
		m := make(map[string]*sekisho.Package, len(r.Packages))
		for i := range r.Packages {
			p := &r.Packages[i]
			// Of several of one purl the least by its path: order must not matter.
			if other := m[p.PURL]; other == nil || p.Path < other.Path {
				m[p.PURL] = p
			}
		}
		packages = append(packages, m)
	}
	return results, packages
}

// tell says what the gate denies.
func (g *Gate) tell(v *sekisho.Verdict, counts map[sekisho.Severity]int) {
	var found []string
	args := []string{g.FailOn.String()}
	for _, s := range sekisho.Severities {
		if n := counts[s]; n > 0 {
			found = append(found, fmt.Sprintf("%d %s", n, s))
			args = append(args, s.String(), strconv.Itoa(n))
		}
	}
	if g.New {
		say(v, fmt.Sprintf("new: %s, and %s or worse is denied where it is new", strings.Join(found, ", "), *g.FailOn), sekisho.ReasonNewFindings, args...)
		return
	}
	say(v, fmt.Sprintf("%s, and %s or worse is denied", strings.Join(found, ", "), *g.FailOn), sekisho.ReasonFindings, args...)
}

// unassessed says what was not looked at.
func unassessed(v *sekisho.Verdict, results []*sekisho.Result) bool {
	incomplete := 0
	for _, r := range results {
		if !r.Coverage.Complete {
			incomplete += max(1, r.Coverage.Problems)
		}
	}
	if incomplete > 0 {
		say(v, fmt.Sprintf("%d problems: part of the target was not assessed", incomplete), sekisho.ReasonProblems, strconv.Itoa(incomplete))
	}
	var idle []string
	for _, s := range results[0].Coverage.Scanners {
		if s.Asked && !s.Ran {
			idle = append(idle, s.Name)
		}
	}
	if len(idle) > 0 {
		say(v, "not judged: "+join(idle), sekisho.ReasonNotJudged, join(idle))
	}
	return incomplete > 0 || len(idle) > 0
}

// record is what the verdict was made by, so that it can be made again.
func (p *Policy) record(results []*sekisho.Result) *sekisho.Judged {
	j := &sekisho.Judged{
		By: p.Sources, Environment: p.Context.Environment, Team: p.Context.Team, Tags: p.Context.Tags,
		FailOn: p.Gate.FailOn, Only: p.Gate.Only, New: p.Gate.New, OnlyFixed: p.Gate.OnlyFixed, Now: p.Now, AllowIncomplete: p.Gate.AllowIncomplete,
	}
	for _, r := range results {
		j.Findings += len(r.Findings)
	}
	return j
}

// say adds a reason: the English words, and the code and arguments from which
// reports make those of other languages.
func say(v *sekisho.Verdict, english, code string, args ...string) {
	v.Reasons = append(v.Reasons, english)
	v.Details = append(v.Details, sekisho.Reason{Code: code, Args: args})
}
