// SPDX-License-Identifier: Apache-2.0

package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
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

// checkNotAssessed is the name under which formats that know findings alone show
// what could not be looked at.
const checkNotAssessed = "not-assessed"

// writeCodeQuality writes every finding, known ones too: GitLab compares the
// report with that of the target branch by the fingerprints.
func writeCodeQuality(w io.Writer, r *sekisho.Result, _ Options) error {
	issues := []qualityIssue{}
	told := map[string]bool{}
	for n, r := range all(r) {
		used := map[string]int{}
		add := func(i qualityIssue) {
			print := i.Fingerprint
			if used[print]++; used[print] > 1 { // GitLab drops the second of two
				i.Fingerprint = fmt.Sprintf("%s-%d", print, used[print])
			}
			if told[i.Fingerprint] {
				return // the same on another platform
			}
			told[i.Fingerprint] = true
			i.Location.Path = qualityPath(i.Location.Path)
			issues = append(issues, i)
		}
		for _, f := range ordered(r) {
			if f.Suppressed != nil {
				continue
			}
			add(qualityIssue{
				Description: annotation(f), Check: clean(f.Rule), Fingerprint: orElse(f.ID, digestOf(f.Rule, f.Location.Path)), Severity: qualitySeverity(f.Severity),
				Location: qualityLocation{orElse(f.Location.Path, packagePath(r, f), r.Target.Name), qualityLines{max(f.Location.Line, 1)}},
			})
		}
		for i := range r.Problems {
			if p := &r.Problems[i]; !p.Minor {
				text := problemText(p, message.En)
				add(qualityIssue{
					Description: text, Check: checkNotAssessed, Fingerprint: digestOf(fmt.Sprint(n), p.Stage, p.Path, p.Layer, p.Error), Severity: "major",
					Location: qualityLocation{orElse(p.Path, r.Target.Name), qualityLines{1}},
				})
			}
		}
	}
	return encode(w, issues)
}

// digestOf is a fingerprint of what has no id of its own.
func digestOf(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:16])
}

// qualityPath is a path relative to the repository, as GitLab wants it.
func qualityPath(p string) string {
	p = strings.TrimPrefix(path.Clean("/"+clean(p)), "/")
	return orElse(p, ".")
}

func qualitySeverity(s sekisho.Severity) string {
	switch s {
	case sekisho.SeverityCritical:
		return "blocker"
	case sekisho.SeverityHigh:
		return "critical"
	case sekisho.SeverityMedium:
		return "major"
	case sekisho.SeverityNegligible:
		return "info"
	case sekisho.SeverityLow, sekisho.SeverityUnknown:
	}
	return "minor"
}
