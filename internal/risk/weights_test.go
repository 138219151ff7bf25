// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestLoad(t *testing.T) {
	w, err := Load("w.yaml", []byte("kev: 40\nhidden: 0.5\nlikely: 0.2\nplan-from: 50\nseverity: {critical: 60, unknown: 0}\nsla: {act-now: 3, accept: 365, track: 0}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if w.KEV != 40 || w.Hidden != 0.5 || w.Likely != 0.2 || w.PlanFrom != 50 || w.Severity["critical"] != 60 || w.Severity["high"] != 30 || w.Days[sekisho.ActNow] != 3 || w.Days[sekisho.Plan] != 30 {
		t.Errorf("%+v", w)
	}
	want := []sekisho.WeightChange{
		{Code: "kev", Value: 40, Default: 30},
		{Code: "hidden", Value: 0.5, Default: 0.3},
		{Code: "likely", Value: 0.2, Default: 0.5},
		{Code: "plan-from", Value: 50, Default: 35},
		{Code: "severity.critical", Value: 60, Default: 40},
		{Code: "severity.unknown", Default: 12},
		{Code: "sla.act-now", Value: 3, Default: 7},
		{Code: "sla.track", Default: 90},
		{Code: "sla.accept", Value: 365},
	}
	if d := cmp.Diff(want, w.Changes()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]sekisho.WeightChange(nil), Default().Changes()); d != "" {
		t.Error(d)
	}
	for text, want := range map[string]string{
		"kef: 1":                         `w.yaml:1:1: there is no weight "kef": severity, sla, remote`,
		"kev: many":                      "w.yaml:1:6: kev is a number",
		"kev: 101":                       "w.yaml:1:6: kev is a whole number from 0 to 100",
		"kev: -1":                        "w.yaml:1:6: kev is a whole number from 0 to 100",
		"kev: 1.5":                       "w.yaml:1:6: kev is a whole number from 0 to 100",
		"hidden: 0":                      "w.yaml:1:9: hidden is a number from 0.01 to 1",
		"hidden: .nan":                   "hidden is a number",
		"dev: 2":                         "w.yaml:1:6: dev is a number from 0.01 to 1",
		"track-from: 40":                 "w.yaml:1:1: track-from 40 is above plan-from 35",
		"severity: {high: 50}":           "w.yaml:1:1: severity critical has fewer points than high",
		"severity: {bad: 1}":             `w.yaml:1:12: there is no severity "bad"`,
		"severity: 3":                    "w.yaml:1:11: severity is a map",
		"sla: {now: 1}":                  `w.yaml:1:7: there is no class "now": act-now, plan, track, accept`,
		"sla: {plan: 4000}":              "w.yaml:1:13: sla.plan is a whole number from 0 to 3650",
		"sla: [1]":                       "w.yaml:1:6: sla is a map",
		"[1]":                            "weights are one map",
		"":                               "weights are one map",
		"a: [":                           "w.yaml:1",
		"kev: 500\nsla: {plan: x}\nx: 1": `there is no weight "x"`,
	} {
		if _, err := Load("w.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// randomWeights are within the bounds of Load, which reads them.
func randomWeights(t *testing.T, rnd *rand.Rand) *Weights {
	t.Helper()
	var b strings.Builder
	d := Default()
	for _, x := range d.table() {
		switch {
		case x.code == "plan-from":
			fmt.Fprintf(&b, "plan-from: %d\n", 40+rnd.IntN(60))
		case x.code == "track-from":
			fmt.Fprintf(&b, "track-from: %d\n", rnd.IntN(40))
		case x.whole != nil:
			fmt.Fprintf(&b, "%s: %d\n", x.code, rnd.IntN(101))
		default:
			fmt.Fprintf(&b, "%s: %.3f\n", x.code, x.from+(x.upTo-x.from)*rnd.Float64())
		}
	}
	points := 0
	b.WriteString("severity:\n")
	for _, s := range []string{"negligible", "low", "medium", "high", "critical"} {
		points += rnd.IntN(20)
		fmt.Fprintf(&b, "  %s: %d\n", s, points)
	}
	w, err := Load("random", []byte(b.String()))
	if err != nil {
		t.Fatalf("%s\n%v", b.String(), err)
	}
	return w
}

// Who knew of a finding does not get new days with every scan.
func TestCarry(t *testing.T) {
	finding := func(id string, c sekisho.RiskClass, due string) sekisho.Finding {
		return sekisho.Finding{ID: id, Risk: &sekisho.Risk{Class: c, Due: due}}
	}
	old := &sekisho.Result{Findings: []sekisho.Finding{
		finding("same", sekisho.Plan, "2026-01-01"), finding("worse", sekisho.Track, "2026-03-01"), finding("sooner", sekisho.Track, "2026-01-20"), finding("better", sekisho.ActNow, "2026-01-01"), {ID: "none"},
	}, Platforms: []sekisho.Result{{Findings: []sekisho.Finding{finding("same", sekisho.Plan, "2025-12-31")}}}}
	now := &sekisho.Result{Findings: []sekisho.Finding{
		finding("same", sekisho.Plan, "2026-02-01"), finding("worse", sekisho.ActNow, "2026-02-01"), finding("sooner", sekisho.ActNow, "2026-02-01"), finding("better", sekisho.Plan, "2026-02-01"), finding("new", sekisho.Plan, "2026-02-01"), finding("none", sekisho.Accept, ""),
	}}
	Carry(now, Dues(old))
	got := ""
	for _, f := range now.Findings {
		got += f.ID + " " + f.Risk.Due + "\n"
	}
	if d := cmp.Diff("same 2025-12-31\nworse 2026-02-01\nsooner 2026-01-20\nbetter 2026-02-01\nnew 2026-02-01\nnone \n", got); d != "" {
		t.Error(d)
	}
}

func FuzzWeights(f *testing.F) {
	f.Add([]byte("kev: 40\nseverity: {critical: 60}\nsla: {act-now: 3}\n"))
	f.Add([]byte("hidden: 1e-2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := Load("w", text)
		if (w == nil) == (err == nil) {
			t.Fatal("weights beside a mistake")
		}
		if w == nil {
			return
		}
		high, critical := Of(vuln(sekisho.SeverityHigh, nil), nil, &setting, w), Of(vuln(sekisho.SeverityCritical, func(f *sekisho.Finding) { f.KEV = &sekisho.KEV{} }), nil, &setting, w)
		if critical.Score < high.Score {
			t.Fatal("more danger has a lower score")
		}
	})
}
