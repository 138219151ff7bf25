// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestPresets(t *testing.T) {
	if got := strings.Join(Presets(), " "); got != "audit recommended strict" {
		t.Fatal(got)
	}
	for _, name := range Presets() {
		text, ok := PresetText(name)
		if !ok {
			t.Fatal(name)
		}
		f, err := Load(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range f.Rules {
			if r.Message.EN == r.Message.JA || r.Message.JA == "" {
				t.Errorf("%s/%s has no Japanese message", name, r.Name)
			}
			if name == "audit" && r.Effect != policy.Warn {
				t.Errorf("audit denies: %s", r.Name)
			}
		}
	}
	if _, ok := PresetText("../preset/strict"); ok {
		t.Error("a path is no preset")
	}
}

// rule makes a policy of one condition.
func rule(when string) string {
	return fmt.Sprintf("rules:\n  - name: x\n    effect: deny\n    message: m\n    when: %s\n", when)
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{rule("finding.kef"), `p.yaml:5:18: there is no field "kef", did you mean "kev"?`},
		{rule("finding.nothing"), `p.yaml:5:18: there is no field "nothing"`},
		{rule("image.kev"), `p.yaml:5:16: there is no field "kev" here, but finding.kev`},
		{rule("findings.kev"), `p.yaml:5:11: undeclared reference to 'findings'`},
		{rule(`'finding.kev && finding.epss > "x"'`), `p.yaml:5:40: found no matching overload for '_>_' applied to '(double, string)'`},
		{rule(`finding.severity >= "high"`), `p.yaml:5:28: found no matching overload for '_>=_' applied to '(sekisho.severity, string)'`},
		{rule(`finding.severity >= severity("hihg")`), `p.yaml:5:40: severity "hihg" is none of unknown, negligible, low, medium, high, critical`},
		{rule(`finding.severity >= severity(finding.status)`), `p.yaml:5:47: severity() takes one word in quotes`},
		{rule(`finding.kind == "vulnerability-of-os"`), `p.yaml:5:27: finding.kind is never "vulnerability-of-os"`},
		{rule(`finding.risk.class in ["plan", "act now"]`), `p.yaml:5:42: finding.risk.class is never "act now"`},
		{rule(`age(finding.published) > duration("30 days")`), `p.yaml:5:45: invalid duration argument`},
		{rule(`finding.rule.matches("(")`), `p.yaml:5:32: invalid matches argument`},
		{rule(`age(finding.fixed) > duration("1h")`), `found no matching overload for '_-_'`},
		{rule(`finding.epss`), `p.yaml:5:11: the condition gives double and not true or false`},
		{rule(`finding.aliases.exists(a, finding.cwes.exists(b, a == b))`), `comprehension exceeds nesting limit`},
		{rule("1 =="), "p.yaml:5:15: Syntax error"},
		{rule("[finding.kev]"), "p.yaml:5:11: when is an expression, written as a text"},
		{"rules: []", "no rule is left"},
		{"", "the file is empty"},
		{"a: [", "p.yaml:1"},
		{"rules:\n  - name: x\n    efect: deny", `p.yaml:3:5: "efect" is no field of a rule`},
		{"rules:\n  - name: x\n    when: finding.kev\n    effect: block\n    message: m", `p.yaml:4:13: effect "block" is none of deny, warn`},
		{"rules:\n  - name: x\n    effect: deny\n    when: finding.kev", "p.yaml:2:5: the rule x has no message"},
		{"rules:\n  - name: x\n    effect: deny\n    message: m", "p.yaml:2:5: the rule x says nothing of what it is about"},
		{"rules:\n  - name: x\n    effect: deny\n    message: m\n    kinds: [vulns]", `p.yaml:5:13: there is no kind "vulns" of findings`},
		{"rules:\n  - name: x\n    effect: deny\n    message: m\n    kinds: [secret]\n    when: image.root", "the rule x has kinds or severity, and its condition speaks of no finding"},
		{"rules:\n  - name: x\n    effect: deny\n    message: m\n    severity: worst", "p.yaml:5:15: severity \"worst\" is none of"},
		{"rules:\n  - name: X y\n", `p.yaml:2:11: the name "X y" is not of lower-case letters`},
		{"rule: 1", `p.yaml:1:1: "rule" is no field of a policy`},
		{"extends: harsh", `p.yaml:1:10: there is no preset "harsh": audit, recommended, strict`},
		{"extends: [strict, strict]", `p.yaml:1:19: "strict" is extended twice`},
		{"extends: strict\ndisable: [nothing]", `p.yaml:2:11: there is no rule "nothing" to disable: known-exploited`},
		{"extends: strict\nrules:\n  - name: malware\n    effect: warn\n  - name: malware\n    effect: warn", `p.yaml:5:11: the name "malware" is taken`},
		{"extends: strict\nrules:\n  - name: malware\n    scope: {image: x}", `p.yaml:4:13: "image" is no field of scope`},
		{"extends: strict\ntests:\n  - name: a\n    expect: pass", `expects none of allow, deny, incomplete`},
		{"extends: strict\ntests:\n  - name: a\n    expect: deny\n    given: {findings: [{kev: true}]}", `given is no piece of a report`},
		{"extends: strict\ntests:\n  - name: a\n    expect: deny\n    given: {finding: []}", `unknown field "finding"`},
		{"extends: strict\ntests:\n  - name: a\n    expect: deny\n    rules: [malwear]", `there is no rule "malwear"`},
	} {
		f, err := Load("p.yaml", []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || f != nil {
			t.Errorf("%s\n  %v\n  want %s", tt.text, err, tt.want)
		}
	}
}

func day1(t *testing.T) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestConditions(t *testing.T) {
	base := func() *sekisho.Result {
		return &sekisho.Result{
			Created: day1(t), Target: sekisho.Target{Kind: sekisho.KindImage, Name: "registry.example.com/team/app:1"}, Image: &sekisho.ImageConfig{Labels: map[string]string{"team": "shop"}},
			Database: &sekisho.Database{Date: "2025-12-31", Facts: []sekisho.DatabaseSource{{Name: "kev"}, {Name: "epss"}}},
			Packages: []sekisho.Package{{PURL: "pkg:npm/a@1", Name: "a", Version: "1", Relationship: sekisho.Direct, LicenseExpression: "MIT", Licenses: []string{"MIT"}}, {PURL: "pkg:npm/b@1", Name: "b", Version: "1"}},
			Findings: []sekisho.Finding{{
				ID: "1", Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Aliases: []string{"GHSA-x"}, Severity: sekisho.SeverityHigh, Fixed: "2", Published: "2025-11-01", EPSS: &sekisho.EPSS{Score: 0.2},
				Package: &sekisho.PackageRef{PURL: "pkg:npm/a@1", Name: "a", Version: "1"}, Risk: &sekisho.Risk{Score: 50, Class: sekisho.Plan, Due: "2025-12-31"},
			}},
			Coverage: sekisho.Coverage{Complete: true, OS: "supported"},
		}
	}
	for when, want := range map[string]string{
		`finding.epss > 0.1`: "deny", `finding.epss > 0.3`: "allow", `finding.epss > 0`: "deny",
		`finding.kev`: "allow", `!finding.kev`: "deny",
		`finding.fixed != "" && age(finding.published) > duration("720h")`:  "deny",
		`finding.fixed != "" && age(finding.published) > duration("2000h")`: "allow",
		`finding.severity >= severity("high")`:                              "deny", `finding.severity > severity("high")`: "allow", `finding.severity == severity("high")`: "deny", `finding.severity in [severity("low"), severity("high")]`: "deny",
		`"GHSA-x" in finding.aliases`: "deny", `finding.risk.score >= 50 && finding.risk.class == "plan"`: "deny", `finding.overdue`: "deny", `finding.risk.due < now`: "deny",
		`finding.package.relationship == "direct" && finding.package.license == "MIT"`: "deny",
		`pkg.name == "b"`: "deny", `pkg.name == "c"`: "allow", `pkg.license == "MIT"`: "deny", `pkg.license == "GPL-3.0-only"`: "incomplete", `has(pkg.license) && pkg.license == "GPL-3.0-only"`: "allow",
		`image.signed`: "incomplete", `!image.signed`: "incomplete", `has(image.signed)`: "allow", `image.signed || image.root`: "deny", `image.signed && !image.root`: "allow", `image.root`: "deny", `image.labels["team"] == "shop"`: "deny", `image.labels["none"] == "shop"`: "incomplete", `"none" in image.labels`: "allow",
		`image.base.startsWith("debian")`: "incomplete", `image.name.startsWith("registry.example.com/")`: "deny",
		`coverage.os == "supported"`: "deny", `coverage.os in ["none", "unsupported"]`: "allow", `database.age > duration("12h")`: "deny", `database.age > duration("36h")`: "allow",
		`environment == "production"`: "deny", `team == "shop"`: "incomplete", `tags["tier"] == "1"`: "deny", `tags["none"] == "1"`: "incomplete", `"tier" in tags`: "deny",
		`finding.suppressed`: "allow", `finding.exception.until < now`: "incomplete", `has(finding.exception)`: "allow", `has(finding.package)`: "deny", `has(finding.fixed)`: "deny", `has(finding.cvss) && finding.cvss > 9`: "allow", `finding.cvss > 9`: "incomplete",
		`os.id == ""`: "deny", `target.kind == "image"`: "deny", `finding.line == 0 && finding.path == ""`: "deny", `1 / coverage.problems == 1`: "incomplete",
	} {
		f, err := Load("p.yaml", []byte(rule("|\n      "+when)))
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		v := policy.Judge(base(), policy.Policy{Rules: f.Rules, Context: policy.Context{Environment: "production", Tags: map[string]string{"tier": "1"}}})
		if string(v.Decision) != want {
			t.Errorf("%s: %s, want %s: %v", when, v.Decision, want, v.Reasons)
		}
	}
}

// What is known of signatures: that one verifies is enough to be signed; that there
// are no more needs that everything was read.
func TestSignatureConditions(t *testing.T) {
	by := []string{"sha256:aa"}
	verified := []sekisho.Signature{
		{Kind: sekisho.SignatureOfImage, Verified: true, By: by},
		{Kind: sekisho.SignatureOfImage, By: []string{"sha256:bb"}},
		{Kind: sekisho.SignatureOfStatement, PredicateType: "https://slsa.dev/provenance/v1", Verified: true, By: by},
		{Kind: sekisho.SignatureOfStatement, PredicateType: "https://spdx.dev/Document"},
	}
	signed := &sekisho.SignatureCheck{Checked: true, Complete: true, Signed: true, Signatures: verified}
	partly := &sekisho.SignatureCheck{Checked: true, Signed: true, Signatures: verified}
	unsigned := &sekisho.SignatureCheck{Checked: true, Complete: true}
	open := &sekisho.SignatureCheck{Code: "signatures-no-answer"}
	for when, want := range map[string][4]string{
		`!image.signed`:                {"allow", "allow", "deny", "incomplete"},
		`image.signed`:                 {"deny", "deny", "allow", "incomplete"},
		`"sha256:aa" in image.signers`: {"deny", "incomplete", "allow", "incomplete"},
		`"sha256:bb" in image.signers`: {"allow", "incomplete", "allow", "incomplete"},
		`image.signers.size() == 0`:    {"allow", "incomplete", "deny", "incomplete"},

		`!("https://slsa.dev/provenance/v1" in image.attested)`: {"allow", "incomplete", "deny", "incomplete"},
		`"https://spdx.dev/Document" in image.attested`:         {"allow", "incomplete", "allow", "incomplete"},
	} {
		f, err := Load("p.yaml", []byte(rule("|\n      "+when)))
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		for i, c := range []*sekisho.SignatureCheck{signed, partly, unsigned, open} {
			r := &sekisho.Result{Created: day1(t), Target: sekisho.Target{Kind: sekisho.KindImage}, Image: &sekisho.ImageConfig{}, Signatures: c, Coverage: sekisho.Coverage{Complete: true}}
			if v := policy.Judge(r, policy.Policy{Rules: f.Rules}); string(v.Decision) != want[i] {
				t.Errorf("%s, %d: %s, want %s: %v", when, i, v.Decision, want[i], v.Reasons)
			}
		}
	}
}
