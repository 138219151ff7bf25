// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestJudge(t *testing.T) {
	high, low := sekisho.SeverityHigh, sekisho.SeverityLow
	finding := func(s sekisho.Severity) sekisho.Finding { return sekisho.Finding{Severity: s} }
	complete, broken := sekisho.Coverage{Complete: true}, sekisho.Coverage{Problems: 2}
	silenced := finding(sekisho.SeverityCritical)
	silenced.Suppressed = &sekisho.Suppression{By: "x"}
	for name, tt := range map[string]struct {
		r    sekisho.Result
		g    Gate
		want sekisho.Decision
	}{
		"no gate":               {sekisho.Result{Findings: []sekisho.Finding{finding(sekisho.SeverityCritical)}, Coverage: broken}, Gate{}, sekisho.Allow},
		"below":                 {sekisho.Result{Findings: []sekisho.Finding{finding(sekisho.SeverityMedium)}, Coverage: complete}, Gate{FailOn: &high}, sekisho.Allow},
		"at":                    {sekisho.Result{Findings: []sekisho.Finding{finding(high)}, Coverage: complete}, Gate{FailOn: &high}, sekisho.Deny},
		"above":                 {sekisho.Result{Findings: []sekisho.Finding{finding(high)}, Coverage: complete}, Gate{FailOn: &low}, sekisho.Deny},
		"silenced":              {sekisho.Result{Findings: []sekisho.Finding{silenced}, Coverage: complete}, Gate{FailOn: &low}, sekisho.Allow},
		"not assessed":          {sekisho.Result{Coverage: broken}, Gate{FailOn: &high}, sekisho.Incomplete},
		"allowed to be so":      {sekisho.Result{Coverage: broken}, Gate{FailOn: &high, AllowIncomplete: true}, sekisho.Allow},
		"a finding comes first": {sekisho.Result{Findings: []sekisho.Finding{finding(high)}, Coverage: broken}, Gate{FailOn: &high}, sekisho.Deny},
		"asked and not run":     {sekisho.Result{Coverage: sekisho.Coverage{Complete: true, Scanners: []sekisho.ScannerCoverage{{Name: "vuln", Asked: true}}}}, Gate{FailOn: &high}, sekisho.Incomplete},
		"not asked for":         {sekisho.Result{Coverage: sekisho.Coverage{Complete: true, Scanners: []sekisho.ScannerCoverage{{Name: "vuln"}}}}, Gate{FailOn: &high}, sekisho.Allow},
		"not of these":          {sekisho.Result{Findings: []sekisho.Finding{finding(high)}, Coverage: complete}, Gate{FailOn: &low, Only: []sekisho.Severity{low, sekisho.SeverityCritical}}, sekisho.Allow},
		"one of these":          {sekisho.Result{Findings: []sekisho.Finding{finding(high)}, Coverage: complete}, Gate{FailOn: &low, Only: []sekisho.Severity{low, high}}, sekisho.Deny},
		"nothing fixes it":      {sekisho.Result{Findings: []sekisho.Finding{{Kind: sekisho.Vulnerability, Severity: high}}, Coverage: complete}, Gate{FailOn: &low, OnlyFixed: true}, sekisho.Allow},
		"it can be fixed":       {sekisho.Result{Findings: []sekisho.Finding{{Kind: sekisho.Vulnerability, Severity: high, Fixed: "2"}}, Coverage: complete}, Gate{FailOn: &low, OnlyFixed: true}, sekisho.Deny},
		"no vulnerability":      {sekisho.Result{Findings: []sekisho.Finding{{Kind: sekisho.Secret, Severity: high}}, Coverage: complete}, Gate{FailOn: &low, OnlyFixed: true}, sekisho.Deny},
		"another platform":      {sekisho.Result{Coverage: complete, Platforms: []sekisho.Result{{Findings: []sekisho.Finding{finding(high)}, Coverage: complete}}}, Gate{FailOn: &high}, sekisho.Deny},
	} {
		if got := Judge(&tt.r, Policy{Gate: tt.g}); got.Decision != tt.want || len(got.Reasons) == 0 || len(got.Details) != len(got.Reasons) {
			t.Errorf("%s: %+v, want %s", name, got, tt.want)
		}
	}
}

// Reports make their words from the codes.
func TestReasons(t *testing.T) {
	high := sekisho.SeverityHigh
	r := sekisho.Result{
		Findings: []sekisho.Finding{{Severity: high}, {Severity: sekisho.SeverityCritical}, {Severity: high}}, Coverage: sekisho.Coverage{
			Problems: 2, Scanners: []sekisho.ScannerCoverage{{Name: "vuln", Asked: true}},
		},
	}
	want := sekisho.Verdict{
		Decision: sekisho.Deny,
		Reasons:  []string{"1 critical, 2 high, and high or worse is denied", "2 problems: part of the target was not assessed", "not judged: vuln"},
		Details: []sekisho.Reason{
			{Code: "findings", Args: []string{"high", "critical", "1", "high", "2"}}, {Code: "problems", Args: []string{"2"}}, {Code: "not-judged", Args: []string{"vuln"}},
		},
		Judged: &sekisho.Judged{FailOn: &high, Findings: 3},
	}
	if d := cmp.Diff(want, Judge(&r, Policy{Gate: Gate{FailOn: &high}})); d != "" {
		t.Error(d)
	}
}
