// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestSuppressedByReason(t *testing.T) {
	r := &sekisho.Result{}
	put := func(n int, s sekisho.Suppression) {
		for range n {
			r.Findings = append(r.Findings, sekisho.Finding{Rule: "X", Suppressed: &s})
		}
	}
	put(1, sekisho.Suppression{By: ".trivyignore"})
	put(3, sekisho.Suppression{By: "a.yaml", Reason: "it is \x1b[31mfine", Until: "2026-12-31"})
	put(2, sekisho.Suppression{By: "VEX b.json", Reason: "never called", Status: "not_affected", Justification: "component_not_present"})
	r.Findings = append(r.Findings, sekisho.Finding{Rule: "OPEN"})
	text := render(t, "table", r, Options{Width: 200})
	want := "Suppressed findings\n  3 suppressed by a.yaml: it is \ufffd[31mfine (until 2026-12-31)\n" +
		"  2 suppressed by VEX b.json: not_affected: component_not_present: never called\n  1 suppressed by .trivyignore: no reason given\n\n"
	if !strings.Contains(text, want) {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	if text := render(t, "table", r, Options{Lang: message.Ja, Width: 200}); !strings.Contains(text, "抑制した検出結果\n  3 件: a.yaml により抑制: ") {
		t.Error(text)
	}
	for i := range 30 {
		put(1, sekisho.Suppression{By: fmt.Sprint("file", i)})
	}
	if text := render(t, "table", r, Options{}); !strings.Contains(text, "  and 13 more\n") {
		t.Error("the reasons are not bounded: ", text)
	}
}

// What a statement says is said to others; an accepted risk is still one.
func TestAnalysisOfSuppressed(t *testing.T) {
	for status, want := range map[string]string{"not_affected": "not_affected", "fixed": "resolved", "": "exploitable"} {
		f := sekisho.Finding{Suppressed: &sekisho.Suppression{By: "vex-is-in-the-name.yaml", Status: status}}
		if got := cdxAnalysisOf(&f); got == nil || got.State != want {
			t.Errorf("%q becomes %+v, want %s", status, got, want)
		}
	}
}
