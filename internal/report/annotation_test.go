// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// GitHub drops what is beyond ten of a level without a word: we never write more,
// and the tenth says how many there are.
func TestGitHubAnnotationsHaveANumber(t *testing.T) {
	r := judgedImage()
	some := r.Findings
	r.Findings = nil
	for i := range 60 {
		f := some[i%12]
		f.ID, f.Rule, f.Severity = fmt.Sprint(i), fmt.Sprintf("CVE-2026-%04d", i), sekisho.Severities[i%3]
		f.Title = "one\ntwo%::error::x " + strings.Repeat("long ", 5000)
		r.Findings = append(r.Findings, f)
	}
	for range 5 {
		r.Problems = append(r.Problems, sekisho.Problem{Stage: "walk", Path: "a,b:c", Error: "broken\n::error::x"})
	}
	line := regexp.MustCompile(`^::(error|warning|notice) [^\n]*::`)
	for _, known := range []int{0, 45} {
		for i := range r.Findings {
			r.Findings[i].State = ""
			if known > 0 {
				r.Findings[i].State = sekisho.StateNew
				if i < known {
					r.Findings[i].State = sekisho.StateKnown
				}
			}
		}
		r.Baseline = nil
		if known > 0 {
			r.Baseline = &sekisho.Baseline{New: 60 - known, Known: known}
		}
		s := render(t, "github", r, Options{})
		counts := map[string]int{}
		for l := range strings.Lines(s) {
			m := line.FindStringSubmatch(l)
			if m == nil || len(l) > 4*mostAnnotation || strings.Contains(l, "\n::") {
				t.Fatalf("%.300q", l)
			}
			counts[m[1]]++
			if known > 0 && strings.Contains(l, "title=critical") {
				t.Errorf("what is new is not said: %.200s", l)
			}
		}
		want := map[string]int{"error": 10, "warning": 10}
		more := "title=31 more::31 more of this level" // of 40 errors 9 are shown
		if known > 0 {
			want = map[string]int{"error": 10, "warning": 9, "notice": 1}
			more = "::notice title=known::45 findings were there before"
		}
		if d := cmp.Diff(want, counts); d != "" {
			t.Error(d)
		}
		if !strings.Contains(s, more) || !strings.Contains(s, "title=not assessed::2 more parts were not assessed") {
			t.Errorf("%.4000s", s)
		}
		if known > 0 && strings.Contains(s, "CVE-2026-0044") {
			t.Error("a known finding is annotated")
		}
	}
}

// A range ends before its end, in bytes; whole lines have no columns.
func TestRangesOfDiagnostics(t *testing.T) {
	for name, tt := range map[string]struct {
		at         sekisho.Location
		rd, github string
	}{
		"nowhere":    {sekisho.Location{Path: "a"}, `{"start":{"line":1}}`, "file=a,line=1,title="},
		"line":       {sekisho.Location{Path: "a", Line: 3}, `{"start":{"line":3}}`, "file=a,line=3,title="},
		"lines":      {sekisho.Location{Path: "a", Line: 3, EndLine: 5}, `{"start":{"line":3},"end":{"line":5}}`, "file=a,line=3,endLine=5,title="},
		"column":     {sekisho.Location{Path: "a", Line: 3, Column: 7}, `{"start":{"line":3,"column":7}}`, "file=a,line=3,col=7,title="},
		"span":       {sekisho.Location{Path: "a,b", Line: 3, Column: 7, EndLine: 3, EndColumn: 9}, `{"start":{"line":3,"column":7},"end":{"line":3,"column":9}}`, "file=a%2Cb,line=3,endLine=3,col=7,endColumn=9,title="},
		"block":      {sekisho.Location{Path: "/a", Line: 3, Column: 7, EndLine: 4, EndColumn: 2}, `{"start":{"line":3,"column":7},"end":{"line":4,"column":2}}`, "file=a,line=3,endLine=4,title="},
		"backwards":  {sekisho.Location{Path: "a", Line: 3, Column: 7, EndLine: 2, EndColumn: 2}, `{"start":{"line":3,"column":7}}`, "file=a,line=3,col=7,title="},
		"no line at": {sekisho.Location{Path: "a", Column: 7, EndColumn: 9}, `{"start":{"line":1}}`, "file=a,line=1,title="},
	} {
		r := empty()
		r.Findings = []sekisho.Finding{{ID: "1", Kind: sekisho.Misconfiguration, Rule: "no-user", ResourceKind: "dockerfile", Severity: sekisho.SeverityLow, Title: "t", Location: tt.at}}
		var d rdResult
		if err := json.Unmarshal([]byte(render(t, "rdjson", r, Options{})), &d); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(d.Diagnostics[0].Location.Range)
		if err != nil || string(got) != tt.rd {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if one := d.Diagnostics[0]; one.Original != "low no-user 1" || !strings.HasSuffix(one.Code.URL, "/docs/rules.md") {
			t.Errorf("%s: %+v", name, one)
		}
		if s := render(t, "github", r, Options{}); !strings.HasPrefix(s, "::notice "+tt.github) {
			t.Errorf("%s: %s", name, s)
		}
	}
}

// The margin of a change has what it brings, and the page can show it alone.
func TestOnlyWhatIsNew(t *testing.T) {
	r := beside()
	var d rdResult
	if err := json.Unmarshal([]byte(render(t, "rdjson", r, Options{})), &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Diagnostics) != r.Baseline.New {
		t.Errorf("%d diagnostics of %d new findings", len(d.Diagnostics), r.Baseline.New)
	}
	page := render(t, "html", r, Options{})
	if n := strings.Count(page, `"b":"new"`); n != r.Baseline.New || !strings.Contains(page, fmt.Sprintf(`data-only="b" aria-pressed="false">new only %d<`, r.Baseline.New)) ||
		!strings.Contains(page, "Compared with base.json: 5 new, 10 known, 0 fixed") {
		t.Errorf("the page marks %d findings as new", n)
	}
	if page := render(t, "html", judgedImage(), Options{}); strings.Contains(page, `data-only="b"`) || strings.Contains(page, `"b":"`) {
		t.Error("without a baseline nothing is new")
	}
}
