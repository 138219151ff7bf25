// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// configured has two files with broken rules.
func configured() *sekisho.Result {
	r := sample()
	r.Rules = []sekisho.Rule{
		{ID: "run-as-root", Kind: "dockerfile", Title: sekisho.Words{EN: "Runs as {0}", JA: "{0} で実行"}, Why: sekisho.Words{EN: "Why {0}.", JA: "理由 {0}。"}, Fix: sekisho.Words{EN: "Add USER.", JA: "USER を追加します。"}},
	}
	finding := func(id, rule, path string, line int, s sekisho.Severity) sekisho.Finding {
		return sekisho.Finding{
			ID: id, Kind: sekisho.Misconfiguration, Rule: rule, ResourceKind: "dockerfile", Severity: s, Title: "Runs as root", Why: "Why root.", Fix: "Add USER.", Args: []string{"root"},
			Location: sekisho.Location{Path: path, Line: line}, Evidence: []sekisho.Evidence{{Source: "dockerfile/" + rule, Text: "USER root", Path: path, Line: line}},
		}
	}
	r.Findings = []sekisho.Finding{
		finding("1", "run-as-root", "b/Dockerfile", 9, sekisho.SeverityMedium), finding("2", "run-as-root", "b/Dockerfile", 3, sekisho.SeverityMedium),
		finding("3", "run-as-root", "a/Dockerfile", 4, sekisho.SeverityHigh), finding("4", "other", "a/Dockerfile", 2, sekisho.SeverityLow),
	}
	return r
}

func TestConfigurationTable(t *testing.T) {
	got := render(t, "table", configured(), Options{})
	want := `Findings
  a/Dockerfile  high 1, low 1
    high  4  Runs as root (run-as-root)
        USER root
        What to do: Add USER.
    low  2  Runs as root (other)
        USER root
  b/Dockerfile  medium 2
    medium  3, 9  Runs as root (run-as-root)
        What to do: Add USER.
  Total: 4 findings: high 1, medium 2, low 1; 0 fixable; 0 suppressed;`
	if !strings.Contains(got, want) {
		t.Errorf("%s", got)
	}
}

// A saved report is English and neutral; every format renders it in Japanese.
func TestRulesInJapanese(t *testing.T) {
	for _, format := range []string{"table", "html", "markdown", "junit", "sarif"} {
		got := render(t, format, configured(), Options{Lang: message.Ja})
		if !strings.Contains(got, "root で実行") || strings.Contains(got, ">Runs as root<") {
			t.Errorf("%s has not the Japanese text", format)
		}
	}
	r := configured()
	render(t, "table", r, Options{Lang: message.Ja})
	if r.Findings[0].Title != "Runs as root" {
		t.Error("the result was changed")
	}
}
