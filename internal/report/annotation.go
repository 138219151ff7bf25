// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Reviewdog's diagnostic format,
// https://github.com/reviewdog/reviewdog/tree/master/proto/rdf.
type rdResult struct {
	Source      rdSource       `json:"source"`
	Severity    string         `json:"severity,omitempty"`
	Diagnostics []rdDiagnostic `json:"diagnostics"`
}

type rdSource struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type rdDiagnostic struct {
	Message  string     `json:"message"`
	Location rdLocation `json:"location"`
	Severity string     `json:"severity"`
	Code     rdCode     `json:"code"`
	Original string     `json:"originalOutput,omitempty"`
}

type rdLocation struct {
	Path  string  `json:"path"`
	Range rdRange `json:"range"`
}

type rdRange struct {
	Start rdPosition `json:"start"`
}

type rdPosition struct {
	Line int `json:"line"`
}

type rdCode struct {
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

func writeRDJSON(w io.Writer, r *sekisho.Result, _ Options) error {
	doc := rdResult{Source: rdSource{"sekisho", "https://github.com/sekisho/sekisho"}, Diagnostics: []rdDiagnostic{}}
	for _, r := range all(r) {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Suppressed != nil {
				continue
			}
			severity := map[string]string{"error": "ERROR", "warning": "WARNING", "note": "INFO"}[sarifLevel(f.Severity)]
			doc.Diagnostics = append(doc.Diagnostics, rdDiagnostic{
				Message: annotation(f), Severity: severity, Code: rdCode{f.Rule, orElse(idPage(f.Rule), first(links(f, 1)))}, Original: f.ID,
				Location: rdLocation{orElse(f.Location.Path, packagePath(r, f), r.Target.Name), rdRange{rdPosition{max(f.Location.Line, 1)}}},
			})
		}
	}
	return encode(w, doc)
}

// annotation is a finding in one line: what, where, how bad, and what to do.
func annotation(f *sekisho.Finding) string {
	s := headline(f)
	if sub := subject(f); f.Package != nil && f.Title != "" {
		s += " (" + sub + ")"
	}
	if known := scores(f, message.En); len(known) > 0 {
		s += " [" + strings.Join(known, ", ") + "]"
	}
	if state := statusText(f, message.En); state != "" {
		s += ", " + state
	}
	if f.Fixed != "" {
		s += ", fixed in " + fixedIn(f)
	}
	if f.Fix != "" {
		s += ". " + f.Fix
	}
	if f.Introduced != nil && f.Introduced.Instruction != "" {
		s += fmt.Sprintf(". Introduced by layer %d: %s", f.Introduced.Index, cutTo(introducedText(f.Introduced), 80))
	}
	return clean(s)
}

// writeGitHub writes workflow commands, which GitHub Actions shows as
// annotations of the lines that they name.
func writeGitHub(w io.Writer, r *sekisho.Result, _ Options) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, r := range all(r) {
		for _, f := range ordered(r) { // GitHub shows the first ten of a step
			if f.Suppressed != nil {
				continue
			}
			level := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevel(f.Severity)]
			file := orElse(f.Location.Path, packagePath(r, f), r.Target.Name)
			if _, err := fmt.Fprintf(w, "::%s file=%s,line=%d,title=%s::%s\n", level, property.Replace(file), max(f.Location.Line, 1),
				property.Replace(clean(f.Severity.String()+" "+f.Rule)), data.Replace(annotation(f))); err != nil {
				return err
			}
		}
		for i := range r.Problems {
			if p := &r.Problems[i]; !p.Minor {
				if _, err := fmt.Fprintf(w, "::warning title=not assessed::%s\n", data.Replace(problemText(p))); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
