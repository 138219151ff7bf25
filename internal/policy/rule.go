// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Effect is what a rule does where its condition holds.
type Effect string

// The effects.
const (
	Deny Effect = "deny"
	// Warn is said, and never denies.
	Warn Effect = "warn"
)

// Subject is what a rule is asked about.
type Subject string

// The subjects: each finding, each package, or a whole result.
const (
	OfFindings Subject = "finding"
	OfPackages Subject = "package"
	OfResult   Subject = "result"
)

// Rule is one rule of a policy, ready to be asked.
type Rule struct {
	Name string
	// Policy that it is from: a preset's name or a file's.
	Policy  string
	Effect  Effect
	Message sekisho.Words
	Subject Subject
	// Kinds of finding that it is about; empty for all.
	Kinds []sekisho.FindingKind
	// Severity from which on findings are its business.
	Severity sekisho.Severity
	Scope    Scope
	// Suppressed rules look at suppressed findings too; others never see them.
	Suppressed bool
	// Stated rules look at findings too that a statement suppressed which is built
	// in: for other rules those are no exceptions that somebody made.
	Stated bool
	// Image rules read what an image says of itself: they are about nothing
	// where the target is a source tree or a root file system.
	Image bool
	When  Condition
}

// Scope is where a rule applies; an empty list is everywhere. All are patterns
// as exceptions have them.
type Scope struct {
	Targets      []sekisho.TargetKind
	Images       []string
	Environments []string
	Teams        []string
	// Paths of findings and packages.
	Paths []string
}

// Condition is asked of each subject of a rule. It is a pure function of the case,
// and is asked from one goroutine at a time. An error says that there is no
// answer: of NotKnownError because a fact is not known.
type Condition interface {
	Holds(c *Case) (bool, error)
}

// ConditionFunc makes a Condition of a function.
type ConditionFunc func(c *Case) (bool, error)

// Holds calls the function.
func (f ConditionFunc) Holds(c *Case) (bool, error) { return f(c) }

// NotKnownError says which fact a condition needs that is not known.
type NotKnownError struct{ What string }

func (e *NotKnownError) Error() string { return e.What + " is not known" }

// Case is what a rule is asked about: the result, and the finding or the package
// where it is about one.
type Case struct {
	Result  *sekisho.Result
	Finding *sekisho.Finding
	// Package of the finding, or the one that is asked about; nil for none.
	Package *sekisho.Package
	Context *Context
	// Now is when the report was made: the same report is judged alike for ever.
	Now time.Time
}

// Context is what a caller knows of the target beyond the target; an empty
// string is not known.
type Context struct {
	Environment string
	Team        string
	Tags        map[string]string
}

// Policy is everything that a result is judged by.
type Policy struct {
	Gate    Gate
	Rules   []Rule
	Context Context
	// Now is the time that conditions see; zero for when the report was made.
	Now time.Time
	// Sources that the rules were read from, for the record.
	Sources []sekisho.PolicySource
}

// Bounds of what a verdict tells: ids of one rule, and reasons why a rule could
// not be asked.
const (
	maxIDs  = 20
	maxWhys = 3
	maxOpen = 1000
)

// outcome of one rule over all results.
type outcome struct {
	count int
	hits  []hit
	// unknown counts subjects without an answer by the fact that is not known, and
	// open those where the condition failed by the error.
	unknown, open map[string]int
	// unlooked are kinds of finding that nobody looked for.
	unlooked map[string]bool
}

type hit struct {
	severity sekisho.Severity
	id       string
}

// ask puts a rule to every subject of the results.
func (p *Policy) ask(rule *Rule, results []*sekisho.Result, packages []map[string]*sekisho.Package) *outcome {
	o, ctx := &outcome{}, &p.Context
	for i, r := range results {
		c := &Case{Result: r, Context: ctx, Now: r.Created}
		if !p.Now.IsZero() {
			c.Now = p.Now
		}
		applies, err := rule.Scope.applies(r, ctx)
		if err != nil {
			o.unanswered(err)
			continue
		}
		if !applies || rule.Image && r.Image == nil && r.Target.Kind != sekisho.KindSBOM {
			continue
		}
		switch rule.Subject {
		case OfFindings:
			o.unseen(rule, r)
			for j := range r.Findings {
				f := &r.Findings[j]
				if f.Suppressed != nil && (!rule.Suppressed || f.Suppressed.Code != "" && !rule.Stated) || f.Severity < rule.Severity || len(rule.Kinds) > 0 && !slices.Contains(rule.Kinds, f.Kind) || !rule.Scope.path(f.Location.Path) {
					continue
				}
				c.Finding, c.Package = f, nil
				if f.Package != nil {
					c.Package = packages[i][f.Package.PURL]
				}
				o.of(rule, c, f.Severity, f.ID)
			}
		case OfPackages:
			for j := range r.Packages {
				if c.Package = &r.Packages[j]; rule.Scope.path(c.Package.Path) {
					o.of(rule, c, 0, cmp.Or(c.Package.PURL, c.Package.Name+"@"+c.Package.Version))
				}
			}
		case OfResult:
			o.of(rule, c, 0, "")
		}
	}
	return o
}

func (o *outcome) of(rule *Rule, c *Case, s sekisho.Severity, id string) {
	holds, err := rule.When.Holds(c)
	switch {
	case err != nil:
		o.unanswered(err)
	case holds:
		o.count++
		if id != "" {
			o.hits = append(o.hits, hit{s, id})
		}
	}
}

func (o *outcome) unanswered(err error) {
	to, why := &o.open, err.Error()
	if nk, ok := errors.AsType[*NotKnownError](err); ok {
		to, why = &o.unknown, nk.What
	}
	if *to == nil {
		*to = map[string]int{}
	}
	if _, ok := (*to)[why]; !ok && len(*to) >= maxOpen {
		why = "..." // what a hostile report can make of it is bounded
	}
	(*to)[why]++
}

// scanners that look for a kind of finding.
var scanners = map[sekisho.FindingKind]string{
	sekisho.Vulnerability: "vuln", sekisho.Misconfiguration: "misconfig", sekisho.Secret: "secret", sekisho.Malware: "malware", sekisho.License: "license",
}

// unseen notes that nobody was asked to look for what the rule is about. A
// scanner that was asked for and did not run is told for the whole result, and
// where there are no files there is nothing to look for.
func (o *outcome) unseen(rule *Rule, r *sekisho.Result) {
	var idle []string
	for _, k := range rule.Kinds {
		i := slices.IndexFunc(r.Coverage.Scanners, func(s sekisho.ScannerCoverage) bool { return s.Name == scanners[k] })
		if i < 0 || r.Coverage.Scanners[i].Ran || r.Coverage.Scanners[i].Code == sekisho.ScannerNoContent {
			return
		}
		idle = append(idle, scanners[k])
	}
	for _, name := range idle {
		if o.unlooked == nil {
			o.unlooked = map[string]bool{}
		}
		o.unlooked[name] = true
	}
}

// ids are those of the worst hits, whatever order the findings had.
func (o *outcome) ids() []string {
	slices.SortFunc(o.hits, func(a, b hit) int { return cmp.Or(-cmp.Compare(a.severity, b.severity), cmp.Compare(a.id, b.id)) })
	var out []string
	for _, h := range slices.Compact(o.hits) {
		if len(out) == maxIDs {
			break
		}
		out = append(out, h.id)
	}
	return out
}

// tell adds what came of a rule to a verdict. It says whether the rule denies, and
// whether it has no answer.
func (o *outcome) tell(v *sekisho.Verdict, rule *Rule) (denies, open bool) {
	reason := func(code, english string, count int, args ...string) {
		v.Reasons = append(v.Reasons, english)
		v.Details = append(v.Details, sekisho.Reason{
			Code: code, Args: append([]string{rule.Name}, args...), Rule: rule.Name, Policy: rule.Policy, Effect: string(rule.Effect), Message: &rule.Message, Count: count,
		})
	}
	if o.count > 0 {
		code, word := sekisho.ReasonRuleDenied, "denied"
		if rule.Effect == Warn {
			code, word = sekisho.ReasonRuleWarned, "warning"
		}
		reason(code, fmt.Sprintf("%s (%s, %d): %s", word, rule.Name, o.count, rule.Message.EN), o.count, strconv.Itoa(o.count), rule.Message.EN)
		d := &v.Details[len(v.Details)-1]
		if rule.Subject == OfPackages {
			d.Packages = o.ids()
		} else {
			d.Findings = o.ids()
		}
	}
	if len(o.unknown) > 0 {
		what, n := most(o.unknown)
		reason(sekisho.ReasonRuleUnknown, fmt.Sprintf("the rule %s was not assessed, since it is not known: %s", rule.Name, what), n, what)
	}
	if len(o.open) > 0 {
		why, n := most(o.open)
		reason(sekisho.ReasonRuleOpen, fmt.Sprintf("the rule %s was not assessed: %s", rule.Name, why), n, why)
	}
	if len(o.unlooked) > 0 {
		names := join(keys(o.unlooked))
		reason(sekisho.ReasonRuleUnseen, fmt.Sprintf("nobody was asked to look for what the rule %s is about: %s", rule.Name, names), 0, names)
	}
	return o.count > 0 && rule.Effect == Deny, len(o.open)+len(o.unknown) > 0 && rule.Effect == Deny
}

// most names the most frequent keys, and counts them all.
func most(counts map[string]int) (text string, n int) {
	all := keys(counts)
	slices.SortStableFunc(all, func(a, b string) int { return -cmp.Compare(counts[a], counts[b]) })
	for _, w := range all {
		n += counts[w]
	}
	if len(all) > maxWhys {
		all = append(all[:maxWhys], "...")
	}
	return join(all), n
}
