// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// statement is one thing said of an installed package: by which feed, which flaw,
// in which advisory, and the fixed version, or the state where there is none.
// No epoch is epoch 0.
func statement(feed, flaw, advisory, name, version, fixed string) string {
	return strings.Join([]string{feed, flaw, advisory, name, strings.TrimPrefix(version, "0:"), strings.TrimPrefix(fixed, "0:")}, " ")
}

// evidenceSet gives what the findings about packages of an ecosystem stand on.
func evidenceSet(r *sekisho.Result, ecosystem string) map[string]bool {
	set := map[string]bool{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Package == nil || f.Package.Ecosystem != ecosystem || f.Kind != sekisho.Vulnerability {
			continue
		}
		for _, e := range f.Evidence {
			if e.Status == sekisho.StatusNotAffected {
				continue // a voice against it
			}
			fixed := e.Fixed
			if fixed == "" {
				fixed = e.Status
			}
			set[statement(e.Source, f.Rule, e.ID, f.Package.Name, f.Package.Version, fixed)] = true
		}
	}
	return set
}
