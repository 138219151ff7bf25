// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// hits are equal hits of a rule in one file, numbered as the judge numbers them.
func hits(lines ...int) *sekisho.Result {
	r := &sekisho.Result{}
	for n, line := range lines {
		r.Findings = append(r.Findings, sekisho.Finding{
			ID: fmt.Sprint("hit", n+1), Kind: sekisho.Misconfiguration, Rule: "download-and-run", ResourceKind: "dockerfile", Location: sekisho.Location{Path: "Dockerfile", Line: line},
			Evidence: []sekisho.Evidence{{Source: "dockerfile/download-and-run", Text: "RUN curl http://example.com/a | sh"}},
		})
	}
	return r
}

// Of equal lines the added one is new, wherever it was added; the other way round
// the same one is gone. So it is beside a baseline, which has no texts.
func TestTheAddedOneOfEqualHitsIsNew(t *testing.T) {
	for _, tt := range []struct {
		name    string
		was, is []int
		added   []int
	}{
		{"at the end", []int{10}, []int{10, 30}, []int{30}},
		{"at the beginning", []int{10}, []int{2, 11}, []int{2}},
		{"in the middle", []int{10, 20}, []int{10, 15, 21}, []int{15}},
		{"far above, with many lines", []int{10, 20}, []int{3, 30, 40}, []int{3}},
		{"two of them", []int{10, 20, 30}, []int{5, 12, 22, 32, 60}, []int{5, 60}},
		{"none", []int{10, 20}, []int{13, 23}, nil},
		{"the first ever", nil, []int{4, 9}, []int{4, 9}},
		{"beside each other", []int{10}, []int{10, 11}, []int{11}},
	} {
		at := func(all []sekisho.Finding) (out []int) {
			for i := range all {
				out = append(out, all[i].Location.Line)
			}
			slices.Sort(out)
			return out
		}
		before, after := hits(tt.was...), hits(tt.is...)
		there, back := Compare(before, after, Options{}), Compare(after, before, Options{})
		gone := slices.Concat(back.Fixed, back.Vanished)
		if d := cmp.Diff(tt.added, at(slices.Concat(there.Added, there.Appeared))); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		if d := cmp.Diff(tt.added, at(gone)); d != "" {
			t.Errorf("%s, backwards: %s", tt.name, d)
		}
		if len(there.Unchanged) != len(tt.was) || len(there.Fixed)+len(there.Vanished) > 0 {
			t.Errorf("%s: %d are unchanged", tt.name, len(there.Unchanged))
		}
		baseline := hits(tt.was...)
		for i := range baseline.Findings {
			baseline.Findings[i].Evidence = nil
		}
		Mark(after, baseline, sekisho.Baseline{}, Options{})
		var fresh []sekisho.Finding
		for _, f := range after.Findings {
			if f.State == sekisho.StateNew {
				fresh = append(fresh, f)
			}
		}
		if d := cmp.Diff(tt.added, at(fresh)); d != "" || after.Baseline.New != len(tt.added) {
			t.Errorf("%s, beside a baseline: %s", tt.name, d)
		}
	}
}
