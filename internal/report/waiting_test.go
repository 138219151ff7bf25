// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What no action closes is counted by what is said of it, and what can be done,
// was suppressed or was never ranked is not.
func TestWaiting(t *testing.T) {
	flaw := func(id, status, fixed string) sekisho.Finding {
		return sekisho.Finding{ID: id, Kind: sekisho.Vulnerability, Rule: "CVE-" + id, Status: status, Fixed: fixed, Risk: &sekisho.Risk{Class: sekisho.Track}, Package: &sekisho.PackageRef{Name: "p"}}
	}
	r := &sekisho.Result{
		Findings: []sekisho.Finding{
			flaw("1", sekisho.StatusAffected, ""), flaw("2", sekisho.StatusAffected, ""), flaw("3", sekisho.StatusWillNotFix, ""), flaw("4", sekisho.StatusInvestigating, ""), flaw("5", sekisho.StatusFixed, "2"),
			flaw("6", sekisho.StatusAffected, ""), flaw("7", sekisho.StatusAffected, ""), flaw("8", sekisho.StatusFixed, "2"), flaw("9", sekisho.StatusEndOfLife, ""),
		},
		Actions: []sekisho.Action{{Closes: []string{"5", "9"}}},
	}
	r.Findings[5].Suppressed = &sekisho.Suppression{By: "us"}
	r.Findings[6].Risk = nil
	r.Findings[7].Location.Hidden = true
	want := "Nothing to do yet about 5 findings: no fix yet 2, in lower layers only 1, under investigation 1, will not be fixed 1"
	if got := waiting(r, message.En); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := waiting(r, message.Ja); !strings.Contains(got, "5 件: 修正版なし 2") {
		t.Errorf("%q", got)
	}
	for _, format := range []string{"table", "html", "markdown"} {
		if out := render(t, format, r, Options{Lang: message.En, Width: 200}); strings.Count(out, want) != 1 {
			t.Errorf("%s says it %d times:\n%s", format, strings.Count(out, want), out)
		}
	}
	if got := waiting(&sekisho.Result{}, message.En); got != "" {
		t.Errorf("%q of nothing", got)
	}
}

// What one file says of several services in the same words is one line, with
// those it is said of in the order of the file; other words stay apart.
func TestFoldedServices(t *testing.T) {
	of := func(service string, line int, rule, title string, args ...string) sekisho.Finding {
		return sekisho.Finding{
			ID: rule + service, Kind: sekisho.Misconfiguration, Rule: rule, ResourceKind: "compose", Resource: "service/" + service, Severity: sekisho.SeverityLow, Title: title, Args: args,
			Location: sekisho.Location{Path: "compose.yaml", Line: line}, Evidence: []sekisho.Evidence{{Source: rule, Text: service + ":"}},
		}
	}
	r := &sekisho.Result{Findings: []sekisho.Finding{
		of("db", 9, "memory", "Container db has no limit", "db"), of("web", 2, "memory", "Container web has no limit", "web"), of("app", 5, "memory", "Container app has no limit", "app"),
		of("db", 9, "secret", "Container db has a secret in A", "db", "A"), of("web", 2, "secret", "Container web has a secret in B", "web", "B"),
	}}
	out := render(t, "table", r, Options{Lang: message.En, Width: 200})
	for _, want := range []string{"low  2, 5, 9  Container web has no limit (memory)  (the same in app, db)\n", "Container db has a secret in A (secret)  service/db\n", "Container web has a secret in B (secret)  service/web\n", "compose.yaml  low 5"} {
		if strings.Count(out, want) != 1 {
			t.Errorf("%q is there %d times:\n%s", want, strings.Count(out, want), out)
		}
	}
	if strings.Contains(out, "\x01") {
		t.Error("a mark is shown")
	}
}

// What one securityContext answers to is one thing among those to change in a
// manifest, and nothing of the sort is said of other files.
func TestOneSecurityContext(t *testing.T) {
	r := &sekisho.Result{Actions: []sekisho.Action{
		{Kind: sekisho.ActionChangeFile, Subject: "pod.yaml", Rules: []string{"no-memory-limit", "run-as-root", "writable-root", "no-seccomp"}, Closes: []string{"a", "b"}},
		{Kind: sekisho.ActionChangeFile, Subject: "one.yaml", Rules: []string{"no-memory-limit", "run-as-root"}, Closes: []string{"c", "d"}},
		{Kind: sekisho.ActionChangeFile, Subject: "compose.yaml", Rules: []string{"run-as-root", "writable-root"}, Closes: []string{"e", "f"}},
	}}
	for id, kind := range map[string]string{"a": "kubernetes", "b": "kubernetes", "c": "kubernetes", "d": "kubernetes", "e": "compose", "f": "compose"} {
		r.Findings = append(r.Findings, sekisho.Finding{ID: id, Kind: sekisho.Misconfiguration, ResourceKind: kind, Rule: "x"})
	}
	for i, want := range []string{
		"Change 4 things in pod.yaml (a securityContext for 3 of them, no-memory-limit)",
		"Change 2 things in one.yaml (no-memory-limit, run-as-root)",
		"Change 2 things in compose.yaml (run-as-root, writable-root)",
	} {
		if got := actionText(r, &r.Actions[i], message.En); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := actionText(r, &r.Actions[0], message.Ja); !strings.Contains(got, "うち 3 点は securityContext") {
		t.Errorf("%q", got)
	}
}

// Markdown and the page fold as the table does: one row, with the lines and the
// names, counted as the findings that it is; JSON has each.
func TestFoldedRows(t *testing.T) {
	of := func(service, resource string, line int, title string, args ...string) sekisho.Finding {
		return sekisho.Finding{
			ID: service + resource, Kind: sekisho.Misconfiguration, Rule: "memory", ResourceKind: "compose", Resource: resource, Severity: sekisho.SeverityLow, Title: title, Args: args,
			Location: sekisho.Location{Path: "compose.yaml", Line: line}, Suggestion: &sekisho.Suggestion{Line: line, Before: []string{service + ":"}, After: []string{service + ": # " + resource}},
		}
	}
	r := &sekisho.Result{Findings: []sekisho.Finding{
		of("db", "service/db", 9, "Container db has no limit", "db"), of("web", "service/web", 2, "Container web has no limit", "web"), of("app", "service/app", 5, "Container app has no limit", "app"),
		of("web", "Deployment/b", 20, "Role web is open", "web"), of("web", "Deployment/a", 12, "Role web is open", "web"),
		of("x", "service/x", 7, "No name is in it", "x"), of("y", "service/y", 8, "No name is in it", "y"),
	}}
	md := render(t, "markdown", r, Options{Lang: message.En})
	for _, want := range []string{
		"| compose.yaml:2, 5, 9 |  | Container web has no limit (the same in app, db) |", "| compose.yaml:12, 20 |  | Role web is open (the same in Deployment/b) |",
		"compose.yaml:7 service/x |", "compose.yaml:8 service/y |", "### Findings 7\n",
	} {
		if strings.Count(md, want) != 1 {
			t.Errorf("%q is there %d times:\n%s", want, strings.Count(md, want), md)
		}
	}
	page := pageOfFindings(r)
	if len(page) != 4 || page[1].Many != 3 || len(page[1].Edits) != 3 || page[1].Title != "Container web has no limit (the same in app, db)" || page[1].Where != "compose.yaml:2, 5, 9" || page[2].Many != 0 {
		t.Errorf("%+v", page)
	}
	if s := render(t, "html", r, Options{Lang: message.En}); !strings.Contains(s, "compose.yaml:9 service/db") || strings.Contains(s, "\\u0001") {
		t.Error("the page does not name every place, or shows a mark")
	}
	if s := render(t, "json", r, Options{Lang: message.En}); strings.Count(s, `"rule": "memory"`) != 7 {
		t.Errorf("JSON does not have each finding:\n%s", s)
	}
	// Six are named, of more the number.
	var many []*sekisho.Finding
	for i := range 9 {
		f := of(fmt.Sprint("s", i), fmt.Sprint("service/s", i), i+1, fmt.Sprintf("Container s%d has no limit", i), fmt.Sprint("s", i))
		many = append(many, &f)
	}
	if rows := fold(many); len(rows) != 1 || countRows(rows) != 9 || rows[0].also(message.En) != "(the same in s1, s2, s3, s4, s5, s6, and 2 more)" {
		t.Errorf("%d rows of %d: %s", len(rows), countRows(rows), rows[0].also(message.En))
	}
}

func pageOfFindings(r *sekisho.Result) []pageFinding { return dataOf(r, message.En).Findings }
