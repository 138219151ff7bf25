// SPDX-License-Identifier: Apache-2.0

// Package policy decides, purely: findings and coverage in, a verdict out. It
// reads no file, no clock and no network.
package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Gate is what must hold for a result to pass.
type Gate struct {
	// FailOn denies findings of this severity or a higher one. Nil: no gate.
	FailOn *sekisho.Severity
	// Only counts findings of these severities; empty: of all.
	Only []sekisho.Severity
	// OnlyFixed leaves vulnerabilities out that nothing fixes yet.
	OnlyFixed bool
	// AllowIncomplete lets a result pass in which something was not assessed.
	AllowIncomplete bool
}

// counts says whether a finding breaks the gate.
func (g *Gate) counts(f *sekisho.Finding) bool {
	return f.Suppressed == nil && f.Severity >= *g.FailOn &&
		(len(g.Only) == 0 || slices.Contains(g.Only, f.Severity)) &&
		(!g.OnlyFixed || f.Kind != sekisho.Vulnerability || f.Fixed != "")
}

// Judge decides. A finding that breaks the gate denies; where none does and
// something could not be assessed, the answer is not "allow" but "incomplete",
// as long as there is a gate: nobody knows what is in the unread part.
func Judge(r *sekisho.Result, g Gate) sekisho.Verdict {
	if g.FailOn == nil {
		v := sekisho.Verdict{Decision: sekisho.Allow}
		say(&v, "no gate was set, --fail-on sets one", sekisho.ReasonNoGate)
		return v
	}
	counts := map[sekisho.Severity]int{}
	results := append([]sekisho.Result{*r}, r.Platforms...)
	incomplete := 0
	for i := range results {
		for j := range results[i].Findings {
			if f := &results[i].Findings[j]; g.counts(f) {
				counts[f.Severity]++
			}
		}
		if !results[i].Coverage.Complete {
			incomplete += max(1, results[i].Coverage.Problems)
		}
	}
	var idle []string
	for _, s := range r.Coverage.Scanners {
		if s.Asked && !s.Ran {
			idle = append(idle, s.Name)
		}
	}
	v := sekisho.Verdict{Decision: sekisho.Allow}
	var found []string
	args := []string{g.FailOn.String()}
	for _, s := range sekisho.Severities {
		if n := counts[s]; n > 0 {
			found = append(found, fmt.Sprintf("%d %s", n, s))
			args = append(args, s.String(), strconv.Itoa(n))
		}
	}
	if len(found) > 0 {
		v.Decision = sekisho.Deny
		say(&v, fmt.Sprintf("%s, and %s or worse is denied", strings.Join(found, ", "), *g.FailOn), sekisho.ReasonFindings, args...)
	}
	if incomplete > 0 {
		say(&v, fmt.Sprintf("%d problems: part of the target was not assessed", incomplete), sekisho.ReasonProblems, strconv.Itoa(incomplete))
	}
	if len(idle) > 0 {
		say(&v, "not judged: "+strings.Join(idle, ", "), sekisho.ReasonNotJudged, strings.Join(idle, ", "))
	}
	if incomplete > 0 || len(idle) > 0 {
		if v.Decision == sekisho.Allow && !g.AllowIncomplete {
			v.Decision = sekisho.Incomplete
		}
	}
	if len(v.Reasons) == 0 {
		say(&v, fmt.Sprintf("no finding is %s or worse", *g.FailOn), sekisho.ReasonBelow, g.FailOn.String())
	}
	return v
}

// say adds a reason: the English words, and the code and arguments from which
// reports make those of other languages.
func say(v *sekisho.Verdict, english, code string, args ...string) {
	v.Reasons = append(v.Reasons, english)
	v.Details = append(v.Details, sekisho.Reason{Code: code, Args: args})
}
