// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// JUnit's XML as Jenkins, GitLab and Azure read it
// (https://github.com/jenkinsci/xunit-plugin has the schema): a test case a finding, and
// one for each problem, since a part that was not assessed did not pass.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Skipped string     `xml:"skipped,omitempty"`
	Error   *junitFail `xml:"error"`
	Failure *junitFail `xml:"failure"`
}

type junitFail struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func writeJUnit(w io.Writer, r *sekisho.Result, _ Options) error {
	doc := junitSuites{Name: "sekisho"}
	for _, r := range all(r) {
		s := junitSuite{Name: title(&r.Target)}
		for i := range r.Findings {
			f := &r.Findings[i]
			c := junitCase{Class: string(f.Kind), Name: clean(strings.TrimSpace(f.Rule + " " + subject(f)))}
			if f.Suppressed != nil {
				c.Skipped = clean(SuppressionText(f.Suppressed, message.En))
				s.Skipped++
			} else {
				c.Failure = &junitFail{Message: clean(headline(f)), Type: f.Severity.String(), Text: junitText(f)}
				s.Failures++
			}
			s.Cases = append(s.Cases, c)
		}
		for i := range r.Problems {
			p := &r.Problems[i]
			if p.Minor {
				continue
			}
			s.Errors++
			s.Cases = append(s.Cases, junitCase{Class: "not assessed", Name: clean(orElse(p.Path, p.Layer, p.Stage)), Error: &junitFail{Message: clean(p.Error), Type: p.Stage}})
		}
		if len(s.Cases) == 0 { // an empty suite reads as "nothing ran"
			s.Cases = []junitCase{{Class: "sekisho", Name: message.En.Of(message.CleanPackages, len(r.Packages))}}
		}
		s.Tests = len(s.Cases)
		doc.Tests, doc.Failures, doc.Errors = doc.Tests+s.Tests, doc.Failures+s.Failures, doc.Errors+s.Errors
		doc.Suites = append(doc.Suites, s)
	}
	if s, ok := junitPolicy(r); ok {
		doc.Tests, doc.Failures, doc.Errors = doc.Tests+s.Tests, doc.Failures+s.Failures, doc.Errors+s.Errors
		doc.Suites = append(doc.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junitText is what a person reads of a failed case.
func junitText(f *sekisho.Finding) string {
	var out []string
	add := func(s string) {
		if s != "" {
			out = append(out, clean(s))
		}
	}
	add(f.Title)
	add(f.Why)
	add(advise(f, message.En))
	if f.Fixed != "" {
		add("Fixed in: " + fixedIn(f))
	}
	for _, fact := range facts(f, message.En) {
		add(fact[0] + ": " + fact[1])
	}
	if f.Introduced != nil && f.Introduced.Instruction != "" {
		add(fmt.Sprintf("Introduced by: %d %s", f.Introduced.Index, cutTo(introducedText(f.Introduced), 200)))
	}
	for _, s := range links(f, 3) {
		add(s)
	}
	return strings.Join(out, "\n")
}
