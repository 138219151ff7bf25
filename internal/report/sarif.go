// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/; what code
// scanning wants of it: stable partialFingerprints, a location, and
// properties.security-severity from 0.0 to 10.0.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
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
	Text string `json:"text"`
}

type sarifRule struct {
	ID               string         `json:"id"`
	Name             string         `json:"name"`
	ShortDescription sarifText      `json:"shortDescription"`
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
		inv.Notifications = append(inv.Notifications, sarifNotification{level, sarifText{problemText(&r.Problems[i])}})
	}
	run.Invocations = []sarifInvocation{inv}
	run.Properties = map[string]any{"target": r.Target, "packages": len(r.Packages)}
	index := map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		at, ok := index[f.Rule]
		if !ok {
			at = len(run.Tool.Driver.Rules)
			index[f.Rule] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
				ID: f.Rule, Name: string(f.Kind), ShortDescription: sarifText{orElse(f.Title, f.Rule)},
				Help:          sarifText{orElse(strings.TrimSpace(f.Why+" "+f.Fix), f.Title, f.Rule)},
				Configuration: map[string]any{"level": sarifLevel(f.Severity)},
				Properties: map[string]any{
					"security-severity": securitySeverity(f), "tags": []string{"security", string(f.Kind), f.Severity.String()},
				},
			})
		}
		run.Results = append(run.Results, sarifResultOf(r, f, at))
	}
	return run
}

func sarifResultOf(r *sekisho.Result, f *sekisho.Finding, rule int) sarifResult {
	text := f.Title
	if f.Package != nil {
		text = fmt.Sprintf("%s: %s %s", orElse(f.Title, f.Rule), f.Package.Name, f.Package.Version)
		if f.Fixed != "" {
			text += ", fixed in " + f.Fixed
		}
	}
	out := sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: sarifLevel(f.Severity), Message: sarifText{orElse(text, f.Rule)},
		Fingerprints: map[string]string{"sekisho/v1": f.ID},
		Properties:   map[string]any{"severity": f.Severity.String(), "aliases": orEmpty(f.Aliases)},
	}
	if f.Suppressed != nil {
		out.Suppressions = []map[string]any{{"kind": "external", "justification": f.Suppressed.Reason}}
	}
	var l sarifLocation
	l.Physical.Artifact.URI = sarifURI(orElse(f.Location.Path, packagePath(r, f), r.Target.Name))
	l.Physical.Region = &sarifRegion{max(f.Location.Line, 1)}
	if f.Package != nil {
		l.Logical = append(l.Logical, map[string]string{"fullyQualifiedName": f.Package.PURL, "kind": "package"})
	}
	if f.Resource != "" {
		l.Logical = append(l.Logical, map[string]string{"fullyQualifiedName": f.Resource, "kind": "resource"})
	}
	out.Locations = []sarifLocation{l}
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

// securitySeverity is a CVSS score, else the middle of the severity's band.
func securitySeverity(f *sekisho.Finding) string {
	score := map[sekisho.Severity]float64{
		sekisho.SeverityCritical: 9.5, sekisho.SeverityHigh: 8, sekisho.SeverityMedium: 5.5,
		sekisho.SeverityLow: 2, sekisho.SeverityNegligible: 0.5,
	}[f.Severity]
	for _, c := range f.CVSS {
		if c.Score > 0 {
			score = c.Score
			break
		}
	}
	return fmt.Sprintf("%.1f", score)
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
