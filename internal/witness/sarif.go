// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
type sarifLog struct {
	Runs []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver     sarifDriver   `json:"driver"`
		Extensions []sarifDriver `json:"extensions"`
	} `json:"tool"`
	Invocations []struct {
		End string `json:"endTimeUtc"`
	} `json:"invocations"`
	Results []sarifResult `json:"results"`

	byID map[string]*sarifRule // of the driver
}

type sarifDriver struct {
	Name            string      `json:"name"`
	Version         string      `json:"version"`
	SemanticVersion string      `json:"semanticVersion"`
	Rules           []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Short   sarifText `json:"shortDescription"`
	Full    sarifText `json:"fullDescription"`
	HelpURI string    `json:"helpUri"`
	Help    sarifText `json:"help"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
	Properties sarifProperties `json:"properties"`
}

type sarifText struct {
	Text string `json:"text"`
}

// sarifProperties is a bag: a value of another type than is usual is no mistake.
type sarifProperties map[string]json.RawMessage

func (p sarifProperties) text(keys ...string) string {
	for _, key := range keys {
		var s string
		if json.Unmarshal(p[key], &s) == nil && s != "" {
			return s
		}
	}
	return ""
}

func (p sarifProperties) list(key string) []string {
	var out []string
	if json.Unmarshal(p[key], &out) != nil {
		return nil
	}
	return out
}

func (p sarifProperties) number(key string) float64 {
	var n float64
	if json.Unmarshal(p[key], &n) == nil {
		return n
	}
	n, err := strconv.ParseFloat(p.text(key), 64)
	if err != nil {
		return 0
	}
	return n
}

type sarifResult struct {
	RuleID    string `json:"ruleId"`
	RuleIndex *int   `json:"ruleIndex"`
	Rule      struct {
		ID   string `json:"id"`
		Tool struct {
			Index *int `json:"index"`
		} `json:"toolComponent"`
		Index *int `json:"index"`
	} `json:"rule"`
	Kind      string    `json:"kind"`
	Level     string    `json:"level"`
	Message   sarifText `json:"message"`
	Baseline  string    `json:"baselineState"`
	Locations []struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine, StartColumn, EndLine, EndColumn int
			} `json:"region"`
		} `json:"physicalLocation"`
		Logical []struct {
			Name string `json:"fullyQualifiedName"`
			Kind string `json:"kind"`
		} `json:"logicalLocations"`
	} `json:"locations"`
	Suppressions []struct {
		Status        string `json:"status"`
		Justification string `json:"justification"`
	} `json:"suppressions"`
	Properties sarifProperties `json:"properties"`
}

func (b *builder) sarif(text []byte) error {
	var log sarifLog
	if err := decode(text, SARIF, &log); err != nil {
		return err
	}
	for i := range log.Runs {
		run := &log.Runs[i]
		d := &run.Tool.Driver
		date := ""
		if len(run.Invocations) > 0 {
			date = run.Invocations[0].End
		}
		b.tool(d.Name, cmp.Or(d.SemanticVersion, d.Version), date)
		b.now.Target = b.r.Target.Name
		for j := range run.Results {
			b.sarifResult(run, &run.Results[j])
		}
	}
	if len(log.Runs) == 0 {
		return &UnknownError{message.New("it is SARIF without a run: no tool says anything")}
	}
	return nil
}

// rule finds the rule of a result: by its index, else by its id.
func (run *sarifRun) rule(r *sarifResult) *sarifRule {
	rules := run.Tool.Driver.Rules
	if at := r.Rule.Tool.Index; at != nil && *at >= 0 && *at < len(run.Tool.Extensions) {
		rules = run.Tool.Extensions[*at].Rules
	}
	for _, at := range []*int{r.RuleIndex, r.Rule.Index} {
		if at != nil && *at >= 0 && *at < len(rules) {
			return &rules[*at]
		}
	}
	if run.byID == nil {
		run.byID = map[string]*sarifRule{}
		for i := range run.Tool.Driver.Rules {
			run.byID[run.Tool.Driver.Rules[i].ID] = &run.Tool.Driver.Rules[i]
		}
	}
	if found := run.byID[cmp.Or(r.RuleID, r.Rule.ID)]; found != nil {
		return found
	}
	return &sarifRule{}
}

func (b *builder) sarifResult(run *sarifRun, r *sarifResult) {
	rule := run.rule(r)
	id := cmp.Or(r.RuleID, r.Rule.ID, rule.ID)
	f := sekisho.Finding{Title: cmp.Or(rule.Short.Text, rule.Full.Text, r.Message.Text), Why: rule.Full.Text, References: []string{rule.HelpURI}}
	w := sekisho.Witness{ID: id, Severity: cmp.Or(r.Properties.text("severity"), sarifSeverity(rule, r))}
	f.Kind = sarifKind(b.now.Tool, id, rule, r)
	if f.Kind == sekisho.Secret { // a message may repeat what was found
		f.Title = cmp.Or(rule.Short.Text, rule.Full.Text, id)
	}
	if b.now.Tool == "hadolint" {
		f.ResourceKind = sekisho.ResourceDockerfile
	}
	if r.Kind == "pass" || r.Kind == "notApplicable" || r.Baseline == "absent" {
		b.covers(f.Kind)
		return
	}
	if len(r.Locations) > 0 {
		l := &r.Locations[0]
		f.Location = sekisho.Location{Path: sarifPath(l.Physical.Artifact.URI), Line: l.Physical.Region.StartLine, EndLine: l.Physical.Region.EndLine}
		for _, logical := range l.Logical {
			switch {
			case strings.HasPrefix(logical.Name, "pkg:"):
				f.Package = &sekisho.PackageRef{PURL: logical.Name}
			case logical.Kind == "resource":
				f.Resource = cut(logical.Name, maxWord)
			}
		}
	}
	ids := flawID.FindAllString(id, -1)
	if f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware {
		// A tool may make one rule for each flaw and package: "CVE-2026-1-libssl3".
		if len(ids) > 0 {
			w.ID = ids[0]
			if !strings.HasPrefix(id, w.ID) {
				w.Aliases = append(w.Aliases, id)
			}
		}
		sarifPackage(&f, &w, r, id)
	}
	w.Aliases = append(w.Aliases, r.Properties.list("aliases")...)
	w.Fixed = cmp.Or(w.Fixed, r.Properties.text("fixed", "fixedVersion"))
	for _, s := range r.Suppressions {
		if s.Status != "rejected" && s.Status != "underReview" {
			w.Suppressed = cmp.Or(s.Justification, "suppressed in the report")
		}
	}
	b.finding(f, w)
}

// flawID finds the ids of flaws in the names of rules and in messages.
var flawID = pattern.New(`(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|(?:DSA|DLA|USN|RHSA|ELSA|ALAS|MAL|GO|RUSTSEC|PYSEC|OSV)-[0-9A-Za-z:.-]*\d)`)

// sarifKind is what a result is about, by its tags and the ways in which tools
// name their rules.
func sarifKind(tool, id string, rule *sarifRule, r *sarifResult) sekisho.FindingKind {
	words := strings.ToLower(strings.Join(rule.Properties.list("tags"), " ") + " " + rule.Name + " " + r.Properties.text("type", "kind"))
	has := func(list ...string) bool {
		for _, s := range list {
			if strings.Contains(words, s) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.HasPrefix(id, "MAL-"), has("malware"):
		return sekisho.Malware
	case flawID.MatchString(id), strings.HasPrefix(id, "SNYK-"), has("vulnerab", "ospackage", "languagespecificpackage"):
		return sekisho.Vulnerability
	case tool == "gitleaks", tool == "trufflehog", tool == "detect-secrets", tool == "kingfisher", has("secret", "credential"):
		return sekisho.Secret
	case has("license", "licence"):
		return sekisho.License
	}
	return sekisho.Misconfiguration
}

// sarifSeverity is the level, or the score where a rule gives one.
func sarifSeverity(rule *sarifRule, r *sarifResult) string {
	score := r.Properties.number("security-severity")
	if score == 0 {
		score = rule.Properties.number("security-severity")
	}
	if s := sekisho.Rating(score); s != sekisho.SeverityUnknown && score <= 10 {
		return s.String()
	}
	return cmp.Or(r.Level, rule.Default.Level, "warning")
}

// sarifPath is the path of a location, relative as ours are.
func sarifPath(uri string) string {
	if u, err := url.Parse(uri); err == nil && u.Path != "" && (u.Scheme == "file" || u.Scheme == "") {
		return u.Path
	}
	return uri
}

// sarifPackage reads the package out of the message, where SARIF has no place
// for it: Trivy writes "Package: NAME", Grype names it in the rule and message.
func sarifPackage(f *sekisho.Finding, w *sekisho.Witness, r *sarifResult, rule string) {
	field := map[string]string{}
	for line := range strings.Lines(cut(r.Message.Text, 64<<10)) {
		if key, value, ok := strings.Cut(line, ": "); ok {
			field[strings.ToLower(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	w.Fixed = field["fixed version"]
	if s := field["severity"]; s != "" {
		w.Severity = s
	}
	if f.Package != nil {
		return
	}
	if name := field["package"]; name != "" {
		f.Package = &sekisho.PackageRef{Name: name, Version: field["installed version"]}
		return
	}
	// "A high vulnerability in deb package: openssl, version 3.0.11-1 was found at: ..."
	if m := grypeMessage.FindStringSubmatch(r.Message.Text); m != nil {
		f.Package = &sekisho.PackageRef{Name: m[2], Version: m[3], Ecosystem: grypeEcosystem(m[1])}
		return
	}
	if rest, ok := strings.CutPrefix(rule, w.ID+"-"); ok && rest != "" {
		f.Package = &sekisho.PackageRef{Name: rest}
	}
}

var grypeMessage = pattern.New(`vulnerability in ([\w.-]+) package: (\S+), version (\S+) was found`)
