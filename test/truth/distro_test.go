// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// evidenceSet gives what the findings about packages of an ecosystem stand on:
// "source id package version fixed", or the state in place of the fixed
// version where there is none.
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
			fix := e.Fixed
			if fix == "" {
				fix = e.Status
			}
			set[strings.Join([]string{e.Source, e.ID, f.Package.Name, f.Package.Version, fix}, " ")] = true
		}
	}
	return set
}
