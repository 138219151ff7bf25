// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/; what code
// scanning wants of it: stable partialFingerprints, a location, and
// properties.security-severity from 0.0 to 10.0.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`

	Properties map[string]any `json:"properties,omitempty"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
	Properties  map[string]any    `json:"properties,omitempty"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifRule struct {
	ID               string         `json:"id"`
	Name             string         `json:"name"`
	ShortDescription sarifText      `json:"shortDescription"`
	Full             sarifText      `json:"fullDescription"`
	HelpURI          string         `json:"helpUri,omitempty"`
	Help             sarifText      `json:"help"`
	Configuration    map[string]any `json:"defaultConfiguration"`
	Properties       map[string]any `json:"properties"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Suppressions []map[string]any  `json:"suppressions,omitempty"`
	Fixes        []sarifFix        `json:"fixes,omitempty"`
	Properties   map[string]any    `json:"properties,omitempty"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
	Logical []map[string]string `json:"logicalLocations,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

func writeSARIF(w io.Writer, r *sekisho.Result, _ Options) error {
	doc := sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0"}
	for _, r := range all(r) {
		doc.Runs = append(doc.Runs, sarifRunOf(r))
	}
	doc.Properties = sarifVerdict(r)
	return encode(w, doc)
}

// encode writes indented JSON in which < and > stay as they are.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func sarifRunOf(r *sekisho.Result) sarifRun {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "sekisho", Version: r.Tool.Version, InformationURI: "https://github.com/sekisho/sekisho", Rules: []sarifRule{}}
	inv := sarifInvocation{Successful: r.Coverage.Complete}
	for i := range r.Problems {
		level := "error"
		if r.Problems[i].Minor {
			level = "note"
		}
		inv.Notifications = append(inv.Notifications, sarifNotification{level, sarifText{Text: problemText(&r.Problems[i], message.En)}})
	}
	run.Invocations = []sarifInvocation{inv}
	run.Properties = map[string]any{"target": r.Target, "packages": len(r.Packages)}
	if r.Base != nil {
		run.Properties["base"] = r.Base
	}
	if s := BaseText(r, message.En); s != "" {
		run.Properties["baseText"] = s
	}
	index := map[string]int{}
	byRule := map[string][]*sekisho.Finding{}
	for i := range r.Findings {
		f := &r.Findings[i]
		byRule[f.Rule] = append(byRule[f.Rule], f)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		at, ok := index[f.Rule]
		if !ok {
			at = len(run.Tool.Driver.Rules)
			index[f.Rule] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(byRule[f.Rule]))
		}
		run.Results = append(run.Results, sarifResultOf(r, f, at))
	}
	return run
}

// sarifRuleOf describes a rule by all its findings: the worst severity, and
// the fix of each package.
func sarifRuleOf(findings []*sekisho.Finding) sarifRule {
	worst := slices.MinFunc(findings, worse)
	severity := 0.0
	var fixes []string
	for _, f := range findings {
		severity = max(severity, securitySeverity(f))
		if s := advise(f, message.En); s != "" && !slices.Contains(fixes, s) && len(fixes) < 20 {
			fixes = append(fixes, s)
		}
	}
	tags := []string{"security", string(worst.Kind), worst.Severity.String()}
	if exploited(worst) {
		tags = append(tags, "known-exploited")
	}
	for _, s := range worst.CWEs {
		if n := cwe(s); n > 0 {
			tags = append(tags, fmt.Sprintf("external/cwe/cwe-%03d", n))
		}
	}
	short := clean(headline(worst))
	if worst.Title == "" && slices.ContainsFunc(findings, func(f *sekisho.Finding) bool { return subject(f) != subject(worst) }) {
		short = clean(worst.Rule) // of several packages
	}
	var text, md strings.Builder
	line := func(label, value string) {
		fmt.Fprintf(&text, "%s: %s\n", label, clean(value))
		fmt.Fprintf(&md, "- **%s**: %s\n", label, cell(value))
	}
	text.WriteString(short + "\n")
	md.WriteString(cell(short) + "\n\n")
	if worst.Why != "" {
		line("Why", worst.Why)
	}
	for _, s := range fixes {
		line("Fix", s)
	}
	if len(fixes) == 0 && worst.Kind == sekisho.Vulnerability {
		line("Fix", statusText(worst, message.En))
	}
	for _, fact := range facts(worst, message.En) {
		line(fact[0], fact[1])
	}
	out := sarifRule{
		ID: worst.Rule, Name: string(worst.Kind), ShortDescription: sarifText{Text: short}, Full: sarifText{Text: orElse(clean(worst.Why), short)},
		HelpURI: orElse(idPage(worst.Rule), first(links(worst, 1))), Configuration: map[string]any{"level": sarifLevel(worst.Severity)},
		Properties: map[string]any{"security-severity": fmt.Sprintf("%.1f", severity), "tags": tags},
	}
	if out.HelpURI != "" {
		text.WriteString(out.HelpURI + "\n")
		fmt.Fprintf(&md, "\n<%s>\n", out.HelpURI)
	}
	out.Help = sarifText{strings.TrimSpace(text.String()), strings.TrimSpace(md.String())}
	return out
}

func sarifResultOf(r *sekisho.Result, f *sekisho.Finding, rule int) sarifResult {
	out := sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: sarifLevel(f.Severity), Message: sarifText{Text: annotation(f)},
		Fingerprints: map[string]string{"sekisho/v1": f.ID},
		Properties:   map[string]any{"severity": f.Severity.String(), "aliases": orEmpty(f.Aliases)},
	}
	for key, value := range map[string]string{"fixed": f.Fixed, "status": f.Status, "layer": f.Layer, "origin": f.Origin} {
		if value != "" {
			out.Properties[key] = value
		}
	}
	if in := f.Introduced; in != nil && in.Line > 0 {
		out.Properties["dockerfile"] = place(in.File, in.Line)
	}
	if f.EPSS != nil {
		out.Properties["epss"] = f.EPSS.Score
	}
	if f.KEV != nil {
		out.Properties["kev"] = f.KEV
	}
	if len(f.Evidence) > 0 {
		out.Properties["evidence"] = f.Evidence
	}
	if len(f.Witnesses) > 0 {
		out.Properties["witnesses"] = f.Witnesses
	}
	if len(f.Disagreements) > 0 {
		out.Properties["disagreements"] = f.Disagreements
	}
	if f.Suppressed != nil {
		out.Suppressions = []map[string]any{{"kind": "external", "justification": SuppressionText(f.Suppressed, message.En)}}
	}
	var l sarifLocation
	l.Physical.Artifact.URI = sarifURI(orElse(f.Location.Path, packagePath(r, f), r.Target.Name))
	l.Physical.Region = &sarifRegion{max(f.Location.Line, 1)}
	if f.Package != nil && (f.Package.PURL != "" || f.Package.Name != "") { // of another tool: it may have no URL
		l.Logical = append(l.Logical, map[string]string{"fullyQualifiedName": orElse(f.Package.PURL, f.Package.Name), "kind": "package"})
	}
	if f.Resource != "" {
		l.Logical = append(l.Logical, map[string]string{"fullyQualifiedName": f.Resource, "kind": "resource"})
	}
	out.Locations = []sarifLocation{l}
	out.Fixes = sarifFixes(f)
	return out
}

// packagePath is where the package of a finding was found.
func packagePath(r *sekisho.Result, f *sekisho.Finding) string {
	if f.Package == nil {
		return ""
	}
	for i := range r.Packages {
		if r.Packages[i].PURL == f.Package.PURL {
			return r.Packages[i].Path
		}
	}
	return ""
}

// sarifURI makes a path a relative reference: code scanning refuses others.
func sarifURI(p string) string {
	var b strings.Builder
	for _, c := range []byte(strings.TrimLeft(p, "/")) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/!$&'()*+,;=@", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return orElse(b.String(), ".")
}

func sarifLevel(s sekisho.Severity) string {
	switch s {
	case sekisho.SeverityCritical, sekisho.SeverityHigh:
		return "error"
	case sekisho.SeverityMedium:
		return "warning"
	default:
		return "note"
	}
}

// securitySeverity is the highest CVSS score, else the middle of the severity's
// band.
func securitySeverity(f *sekisho.Finding) float64 {
	if s := score(f); s > 0 {
		return s
	}
	return map[sekisho.Severity]float64{
		sekisho.SeverityCritical: 9.5, sekisho.SeverityHigh: 8, sekisho.SeverityMedium: 5.5,
		sekisho.SeverityLow: 2, sekisho.SeverityNegligible: 0.5,
	}[f.Severity]
}

func orElse(s ...string) string {
	for _, v := range s {
		if v != "" {
			return v
		}
	}
	return ""
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
