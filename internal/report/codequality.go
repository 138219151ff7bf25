// SPDX-License-Identifier: Apache-2.0

package report

import (
	"io"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// GitLab's code quality report, the part of Code Climate's format that it reads.
// See https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
type qualityIssue struct {
	Description string          `json:"description"`
	Check       string          `json:"check_name"`
	Fingerprint string          `json:"fingerprint"`
	Severity    string          `json:"severity"`
	Location    qualityLocation `json:"location"`
}

type qualityLocation struct {
	Path  string       `json:"path"`
	Lines qualityLines `json:"lines"`
}

type qualityLines struct {
	Begin int `json:"begin"`
}

func writeCodeQuality(w io.Writer, r *sekisho.Result, _ Options) error {
	issues := []qualityIssue{}
	seen := map[string]bool{}
	for _, r := range all(r) {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Suppressed != nil || seen[f.ID] {
				continue // an issue has one fingerprint, and platforms share findings
			}
			seen[f.ID] = true
			at := orElse(f.Location.Path, packagePath(r, f), r.Target.Name)
			issues = append(issues, qualityIssue{
				Description: annotation(f), Check: f.Rule, Fingerprint: f.ID,
				Severity: map[sekisho.Severity]string{
					sekisho.SeverityCritical: "blocker", sekisho.SeverityHigh: "critical", sekisho.SeverityMedium: "major",
					sekisho.SeverityLow: "minor", sekisho.SeverityNegligible: "info", sekisho.SeverityUnknown: "info",
				}[f.Severity],
				Location: qualityLocation{strings.TrimPrefix(path.Clean(at), "/"), qualityLines{max(f.Location.Line, 1)}},
			})
		}
	}
	return encode(w, issues)
}
