// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Test is an example of a policy: a piece of a report, and what comes of it.
type Test struct {
	Name string
	Line int
	// Result is the piece of a report; Context what the command line would say.
	Result  sekisho.Result
	Context policy.Context
	// Expect is the decision, Rules the names of those that deny, warn or cannot
	// be assessed; nil Rules are not compared.
	Expect sekisho.Decision
	Rules  []string
}

// testNow is when the reports of tests are made that do not say.
const testNow = "2026-01-01T00:00:00Z"

// LoadTests reads a file of tests of the policy: a map with a list called tests.
func (f *File) LoadTests(name string, text []byte) ([]Test, error) {
	l := &loader{name: name, drafts: map[string]*draft{}}
	for i := range f.Rules {
		l.drafts[f.Rules[i].Name] = &draft{}
	}
	if doc := l.parse(text); doc != nil {
		l.only(doc, message.New("a file of tests"), "tests")
		l.readTests(doc.Get("tests"))
	}
	if err := errors.Join(l.errs...); err != nil {
		return nil, err
	}
	return l.tests, nil
}

func (l *loader) readTests(n *document.Node) {
	if n.Present() && n.Kind != document.List {
		l.bad(n, "tests is a list")
	}
	if len(n.List()) > maxTests {
		l.bad(n, "a policy has %d tests at most", maxTests)
		return
	}
	for _, t := range n.List() {
		if t.Kind != document.Map {
			l.bad(t, "a test is written with name, given, expect and rules")
			continue
		}
		l.test(t)
	}
}

func (l *loader) test(n *document.Node) {
	l.only(n, message.New("a test"), "name", "given", "environment", "team", "tags", "expect", "rules")
	t := Test{Name: n.Get("name").Str(), Line: n.Line, Context: policy.Context{Environment: n.Get("environment").Str(), Team: n.Get("team").Str()}}
	if t.Name == "" {
		l.bad(n, "the test has no name")
	}
	if tags := n.Get("tags"); tags.Present() {
		t.Context.Tags = map[string]string{}
		for k, v := range tags.Members() {
			t.Context.Tags[k] = v.Str()
		}
	}
	switch t.Expect = sekisho.Decision(n.Get("expect").Str()); t.Expect {
	case sekisho.Allow, sekisho.Deny, sekisho.Incomplete:
	default:
		l.bad(n, "the test %q expects none of allow, deny, incomplete", t.Name)
	}
	if rules := n.Get("rules"); rules != nil {
		t.Rules = []string{}
		for _, r := range l.texts(rules, "rules") {
			if l.drafts[r.Str()] == nil {
				l.bad(r, "there is no rule %q", r.Str())
			}
			t.Rules = append(t.Rules, r.Str())
		}
		slices.Sort(t.Rules)
	}
	given := n.Get("given")
	if given.Present() && given.Kind != document.Map {
		l.bad(given, "given is a piece of a report: findings, packages, image, target, coverage, database")
		return
	}
	if err := report(given, &t.Result); err != nil {
		l.bad(given, "given is no piece of a report: %s", strings.TrimPrefix(err.Error(), "json: "))
		return
	}
	l.tests = append(l.tests, t)
}

// report makes a result of a piece of a report. What is not said is as after a
// complete scan of an image with a database of that day.
func report(given *document.Node, r *sekisho.Result) error {
	text, err := json.Marshal(given.Value())
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(r); err != nil {
		return err
	}
	if r.Created.IsZero() {
		if r.Created, err = time.Parse(time.RFC3339, testNow); err != nil {
			return err
		}
	}
	if given.Get("target") == nil {
		r.Target = sekisho.Target{Kind: sekisho.KindImage, Name: "registry.example.com/app:1"}
	}
	if given.Get("image") == nil && r.Target.Kind == sekisho.KindImage {
		r.Image = &sekisho.ImageConfig{User: "65532"}
	}
	if given.Get("base") == nil && slices.ContainsFunc(r.Findings, func(f sekisho.Finding) bool { return f.Origin != "" }) {
		r.Base = &sekisho.BaseImage{Name: "registry.example.com/base:1", KnownBy: sekisho.BaseByChain, Verified: true, Split: true, Layers: 1}
	}
	if given.Get("database") == nil {
		r.Database = &sekisho.Database{Date: r.Created.Format(time.DateOnly), Facts: []sekisho.DatabaseSource{{Name: "kev"}, {Name: "epss"}}}
	}
	c := &r.Coverage
	if given.Get("coverage", "complete") == nil {
		c.Complete = true
	}
	if given.Get("coverage", "os") == nil {
		c.OS = "supported"
	}
	if given.Get("coverage", "scanners") == nil {
		for _, name := range []string{"vuln", "misconfig", "secret", "malware", "license"} {
			c.Scanners = append(c.Scanners, sekisho.ScannerCoverage{Name: name, Asked: true, Ran: true})
		}
	}
	for i := range r.Findings {
		if f := &r.Findings[i]; f.ID == "" {
			f.ID = fmt.Sprintf("finding-%d", i+1)
		}
	}
	return nil
}

// Check compares a verdict with what the test expects: what differs, empty for nothing.
func (t *Test) Check(v *sekisho.Verdict) string {
	var said []string
	for _, d := range v.Details {
		if d.Rule != "" && d.Code != sekisho.ReasonRuleUnseen {
			said = append(said, d.Rule)
		}
	}
	slices.Sort(said)
	said = slices.Compact(said)
	switch {
	case v.Decision != t.Expect:
		return fmt.Sprintf("%s, want %s (%s)", v.Decision, t.Expect, strings.Join(v.Reasons, "; "))
	case t.Rules != nil && !slices.Equal(said, t.Rules):
		return fmt.Sprintf("rules %v, want %v", said, t.Rules)
	}
	return ""
}
