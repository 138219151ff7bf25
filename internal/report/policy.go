// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mostHits is how many of what a rule hit are named in a line.
const mostHits = 5

// ruleLine is what came of one rule of a policy, for people.
type ruleLine struct {
	Code string
	// Effect is the rule's: "deny" or "warn".
	Effect, Rule, Text string
	// Hits are the first findings or packages, in a line; empty for none.
	Hits string
}

// verdictWord is the decision in one word.
func verdictWord(v *sekisho.Verdict, l message.Lang) string {
	return l.Of(map[sekisho.Decision]message.Text{sekisho.Allow: message.Allowed, sekisho.Deny: message.DeniedWord, sekisho.Incomplete: message.Incomplete}[v.Decision])
}

// plainReasons are the reasons that are not of a policy's rule.
func plainReasons(v *sekisho.Verdict, l message.Lang) []string {
	if !slices.ContainsFunc(v.Details, func(d sekisho.Reason) bool { return d.Rule != "" }) {
		return Reasons(v, l)
	}
	rest := &sekisho.Verdict{}
	for i, d := range v.Details {
		if d.Rule == "" {
			rest.Details = append(rest.Details, d)
			if i < len(v.Reasons) {
				rest.Reasons = append(rest.Reasons, v.Reasons[i])
			}
		}
	}
	return Reasons(rest, l)
}

// Deciding are the reasons without warnings and remarks, which decide nothing.
func Deciding(v *sekisho.Verdict, l message.Lang) []string {
	rest := &sekisho.Verdict{}
	for i, d := range v.Details {
		if i < len(v.Reasons) && d.Code != sekisho.ReasonRuleWarned && d.Code != sekisho.ReasonRuleUnseen && d.Code != sekisho.ReasonPassed {
			rest.Details, rest.Reasons = append(rest.Details, d), append(rest.Reasons, v.Reasons[i])
		}
	}
	if len(rest.Details) == 0 {
		return Reasons(v, l)
	}
	return Reasons(rest, l)
}

// ruleLines are those of a policy's rules, what denies first.
func ruleLines(r *sekisho.Result, l message.Lang) []ruleLine {
	var out []ruleLine
	names := map[string]string{}
	for _, d := range r.Verdict.Details {
		for _, id := range d.Findings[:min(len(d.Findings), mostHits)] {
			names[id] = ""
		}
	}
	for _, one := range all(r) {
		for i := range one.Findings {
			if f := &one.Findings[i]; len(names) > 0 {
				if at, ok := names[f.ID]; ok && at == "" {
					names[f.ID] = strings.TrimSpace(f.Rule + " " + subject(f))
				}
			}
		}
	}
	for _, d := range r.Verdict.Details {
		if d.Rule == "" {
			continue
		}
		texts := Reasons(&sekisho.Verdict{Details: []sekisho.Reason{d}, Reasons: []string{d.Rule}}, l)
		line := ruleLine{Code: d.Code, Effect: d.Effect, Rule: d.Rule, Text: strings.Join(texts, "")}
		hits := slices.Clone(d.Packages[:min(len(d.Packages), mostHits)])
		for _, id := range d.Findings[:min(len(d.Findings), mostHits)] {
			hits = append(hits, orElse(names[id], id))
		}
		if more := d.Count - len(hits); more > 0 && len(hits) > 0 {
			hits = append(hits, l.Of(message.AndMore, strconv.Itoa(more)))
		}
		line.Hits = clean(strings.Join(hits, l.Of(message.ListComma)))
		out = append(out, line)
	}
	slices.SortStableFunc(out, func(a, b ruleLine) int { return a.rank() - b.rank() })
	return out
}

// rank puts what denies first, then what has no answer, then warnings.
func (l *ruleLine) rank() int {
	return max(0, slices.Index([]string{sekisho.ReasonRuleDenied, sekisho.ReasonRuleUnknown, sekisho.ReasonRuleOpen, sekisho.ReasonRuleWarned, sekisho.ReasonRuleUnseen}, l.Code))
}

// VerdictLines are the verdict and its reasons, a line each.
func VerdictLines(r *sekisho.Result, l message.Lang) []string {
	head := l.Of(message.Verdict) + ": " + verdictWord(&r.Verdict, l)
	if reasons := plainReasons(&r.Verdict, l); len(reasons) > 0 {
		head += " - " + strings.Join(reasons, l.Of(message.ListStop))
	}
	out := []string{head}
	for _, line := range ruleLines(r, l) {
		out = append(out, "  "+line.Text)
		if line.Hits != "" {
			out = append(out, "    "+line.Hits)
		}
	}
	return out
}

// weightsLine names the figures of the ranking that a user set; empty for none.
func weightsLine(r *sekisho.Result, l message.Lang) string {
	if len(r.Weights) == 0 {
		return ""
	}
	var all []string
	for _, c := range r.Weights {
		all = append(all, fmt.Sprintf("%s %g (%g)", c.Code, c.Value, c.Default))
	}
	return l.Of(message.WeightsChanged, clean(strings.Join(all, l.Of(message.ListComma))))
}

// junitPolicy is the suite of a policy: a case for each rule that has something
// to say. A warning does not fail.
func junitPolicy(r *sekisho.Result) (s junitSuite, ok bool) {
	s.Name = "policy"
	for _, line := range ruleLines(r, message.En) {
		c := junitCase{Class: "policy", Name: line.Rule}
		text := strings.TrimSpace(line.Text + "\n" + line.Hits)
		switch {
		case line.Effect != "deny" || line.Code == sekisho.ReasonRuleUnseen:
			c.Skipped = text
			s.Skipped++
		case line.Code == sekisho.ReasonRuleDenied:
			c.Failure = &junitFail{Message: line.Text, Type: "policy", Text: text}
			s.Failures++
		default:
			c.Error = &junitFail{Message: line.Text, Type: "policy", Text: text}
			s.Errors++
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	return s, s.Tests > 0
}

// sarifVerdict is the verdict for those who read SARIF; SARIF has no place of its
// own for it.
func sarifVerdict(r *sekisho.Result) map[string]any {
	v := &r.Verdict
	if !slices.ContainsFunc(v.Details, func(d sekisho.Reason) bool { return d.Rule != "" }) {
		return nil
	}
	return map[string]any{"sekisho/verdict": map[string]any{"decision": v.Decision, "reasons": v.Reasons, "details": v.Details}}
}
