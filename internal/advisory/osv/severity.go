// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"cmp"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// severity finds the source's own word for how bad a flaw is and the vectors
// that it gives, the package's own before the record's.
func severity(rec *record, a *affected, distro bool) (word string, vectors []string) {
	own := ""
	for _, list := range []severities{a.Severity, rec.Severity} {
		for _, s := range list {
			switch {
			case !isVector(s.Type):
				own = cmp.Or(own, s.Score) // "type": "Ubuntu"
			case s.Score != "":
				vectors = append(vectors, s.Score)
			}
		}
		if len(vectors) > 0 {
			break
		}
	}
	word = cmp.Or(a.Ecosystem.Urgency, a.Database.Urgency, own, a.Ecosystem.UbuntuPriority,
		a.Ecosystem.Severity, a.Database.Severity, rec.Specific.Severity)
	if word == "" && distro {
		word = titleWord(rec.Summary)
	}
	return strings.ToLower(word), vectors
}

// titleWord is the severity that Red Hat's kin write before their titles:
// "Important: kernel security update".
func titleWord(title string) string {
	w, _, ok := strings.Cut(title, ": ")
	if !ok || rank(strings.ToLower(w)) == sekisho.SeverityUnknown {
		return ""
	}
	return w
}

// rank maps a word in lower case to a severity.
func rank(word string) sekisho.Severity {
	switch word {
	case "critical":
		return sekisho.SeverityCritical
	case "high", "important":
		return sekisho.SeverityHigh
	case "medium", "moderate":
		return sekisho.SeverityMedium
	case "low":
		return sekisho.SeverityLow
	case "negligible", "unimportant", "none":
		return sekisho.SeverityNegligible
	}
	return sekisho.SeverityUnknown
}
