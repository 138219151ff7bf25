// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// JUnit's XML as Jenkins, GitLab and Azure read it: a test case a finding, and
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
	Failure *junitFail `xml:"failure"`
	Error   *junitFail `xml:"error"`
	Skipped *junitFail `xml:"skipped"`
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
			c := junitCase{Class: string(f.Kind), Name: clean(f.Rule + " " + subject(f))}
			text := clean(strings.TrimSpace(f.Title + "\n" + f.Fix))
			if f.Fixed != "" {
				text += "\nfixed in " + clean(f.Fixed)
			}
			if f.Suppressed != nil {
				c.Skipped = &junitFail{Message: clean(f.Suppressed.Reason)}
				s.Skipped++
			} else {
				c.Failure = &junitFail{Message: clean(f.Title), Type: f.Severity.String(), Text: text}
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
			s.Cases = []junitCase{{Class: "sekisho", Name: fmt.Sprintf("%d packages, no findings", len(r.Packages))}}
		}
		s.Tests = len(s.Cases)
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
