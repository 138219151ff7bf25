// SPDX-License-Identifier: Apache-2.0

package risk

import "github.com/sekisho/sekisho/internal/sekisho"

// Dues are the days until which the findings of a report were to be done, with
// their classes, by the findings' ids.
func Dues(r *sekisho.Result) map[string]sekisho.Risk {
	out := map[string]sekisho.Risk{}
	for _, one := range append([]sekisho.Result{*r}, r.Platforms...) {
		for i := range one.Findings {
			if f := &one.Findings[i]; f.Risk != nil && f.Risk.Due != "" {
				if d, ok := out[f.ID]; !ok || f.Risk.Due < d.Due {
					out[f.ID] = sekisho.Risk{Class: f.Risk.Class, Due: f.Risk.Due}
				}
			}
		}
	}
	return out
}

// Carry lets the days of an earlier report stand: who knew of a finding then does
// not get new days with every scan. A finding whose class is less urgent now has
// the days of that class.
func Carry(r *sekisho.Result, earlier map[string]sekisho.Risk) {
	for i := range r.Findings {
		f := &r.Findings[i]
		was, ok := earlier[f.ID]
		if ok && f.Risk != nil && f.Risk.Due > was.Due && Urgency(f.Risk.Class) <= Urgency(was.Class) {
			f.Risk.Due = was.Due
		}
	}
	for i := range r.Platforms {
		Carry(&r.Platforms[i], earlier)
	}
}
