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

	Suggestions []rdSuggestion `json:"suggestions,omitempty"`
	Original    string         `json:"originalOutput,omitempty"`
}

type rdLocation struct {
	Path  string  `json:"path"`
	Range rdRange `json:"range"`
}

// rdRange ends before its end; without one it is a line.
type rdRange struct {
	Start rdPosition  `json:"start"`
	End   *rdPosition `json:"end,omitempty"`
}

// rdPosition counts lines, and bytes of a line, from 1.
type rdPosition struct {
	Line   int `json:"line"`
	Column int `json:"column,omitempty"`
}

type rdCode struct {
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

func writeRDJSON(w io.Writer, r *sekisho.Result, _ Options) error {
	doc := rdResult{Source: rdSource{"sekisho", "https://github.com/sekisho/sekisho"}, Diagnostics: []rdDiagnostic{}}
	for _, r := range all(r) {
		for _, f := range ordered(r) {
			if f.Suppressed != nil || passed(r, f) {
				continue
			}
			severity := map[string]string{"error": "ERROR", "warning": "WARNING", "note": "INFO"}[sarifLevel(f.Severity)]
			doc.Diagnostics = append(doc.Diagnostics, rdDiagnostic{
				Message: annotation(f) + suggestionNote(f), Severity: severity, Code: rdCode{clean(f.Rule), rulePage(f)},
				// Reviewdog knows three severities: ours is here, with the fingerprint.
				Original: strings.TrimSpace(f.Severity.String() + " " + clean(f.Rule) + " " + f.ID),
				Location: rdLocation{strings.TrimPrefix(clean(orElse(f.Location.Path, packagePath(r, f), r.Target.Name)), "/"), rdRangeOf(&f.Location)},

				Suggestions: rdSuggestions(f),
			})
		}
		for i := range r.Problems {
			if p := &r.Problems[i]; !p.Minor {
				doc.Diagnostics = append(doc.Diagnostics, rdDiagnostic{
					Message: problemText(p, message.En), Severity: "WARNING", Code: rdCode{Value: checkNotAssessed},
					Location: rdLocation{strings.TrimPrefix(clean(orElse(p.Path, r.Target.Name)), "/"), rdRange{Start: rdPosition{Line: 1}}},
				})
			}
		}
	}
	return encode(w, doc)
}

// passed says whether a finding was there before, where a result was compared: in
// the margin of a change it has no place.
func passed(r *sekisho.Result, f *sekisho.Finding) bool {
	return r.Baseline != nil && f.State == sekisho.StateKnown
}

func rdRangeOf(l *sekisho.Location) rdRange {
	out := rdRange{Start: rdPosition{Line: max(l.Line, 1)}}
	switch {
	case l.Line < 1:
	case l.Column > 0 && l.EndColumn > 0 && max(l.EndLine, l.Line) == l.Line && l.EndColumn >= l.Column, l.Column > 0 && l.EndColumn > 0 && l.EndLine > l.Line:
		out.Start.Column, out.End = l.Column, &rdPosition{max(l.EndLine, l.Line), l.EndColumn}
	case l.EndLine > l.Line: // whole lines
		out.End = &rdPosition{Line: l.EndLine}
	case l.Column > 0:
		out.Start.Column = l.Column
	}
	return out
}

// rulePage is where a person reads about what was found; empty for nowhere.
func rulePage(f *sekisho.Finding) string {
	page := orElse(idPage(f.Rule), first(links(f, 1)))
	if page == "" && f.ResourceKind != "" {
		page = "https://github.com/sekisho/sekisho/blob/main/docs/rules.md"
	}
	return page
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

// mostAnnotations is how many of each level GitHub shows of a step; the others are
// dropped without a word,
// https://docs.github.com/en/rest/checks/runs#create-a-check-run.
const mostAnnotations = 10

// mostNotAssessed are the annotations of what was not assessed, before findings.
const mostNotAssessed = 3

// mostAnnotation bounds the text of one, in columns.
const mostAnnotation = 2000

// githubCommand is a workflow command of a level.
type githubCommand struct{ level, properties, text string }

// writeGitHub writes workflow commands, which GitHub Actions shows as
// annotations of the lines that they name: what is new alone, where that is known,
// the worst first, and one that says what there was no room for.
func writeGitHub(w io.Writer, r *sekisho.Result, _ Options) error {
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	var commands []githubCommand
	known, open := 0, 0
	for _, r := range all(r) {
		for i := range r.Problems {
			p := &r.Problems[i]
			if p.Minor {
				continue
			}
			if open++; open <= mostNotAssessed {
				commands = append(commands, githubCommand{"warning", "title=not assessed", problemText(p, message.En)})
			}
		}
	}
	if open > mostNotAssessed {
		commands = append(commands, githubCommand{"warning", "title=not assessed", fmt.Sprintf("%d more parts were not assessed: the report names them", open-mostNotAssessed)})
	}
	for _, r := range all(r) {
		for _, f := range ordered(r) {
			switch {
			case f.Suppressed != nil:
				continue
			case passed(r, f):
				known++
				continue
			}
			level := map[string]string{"error": "error", "warning": "warning", "note": "notice"}[sarifLevel(f.Severity)]
			file := strings.TrimPrefix(clean(orElse(f.Location.Path, packagePath(r, f), r.Target.Name)), "/")
			at := fmt.Sprintf("file=%s,line=%d", property.Replace(file), max(f.Location.Line, 1))
			switch p := rdRangeOf(&f.Location); {
			case p.End != nil && p.End.Line > p.Start.Line: // columns are of one line alone
				at += fmt.Sprintf(",endLine=%d", p.End.Line)
			case p.End != nil && p.Start.Column > 0:
				at += fmt.Sprintf(",endLine=%d,col=%d,endColumn=%d", p.End.Line, p.Start.Column, p.End.Column)
			case p.Start.Column > 0:
				at += fmt.Sprintf(",col=%d", p.Start.Column)
			}
			title := f.Severity.String() + " " + f.Rule
			if fresh(f) {
				title = "new: " + title
			}
			commands = append(commands, githubCommand{level, at + ",title=" + property.Replace(cutTo(clean(title), 200)), annotation(f)})
		}
	}
	if known > 0 {
		commands = append([]githubCommand{{"notice", "title=known", fmt.Sprintf("%d findings were there before and are not shown here: the report has them", known)}}, commands...)
	}
	return writeCommands(w, commands)
}

// writeCommands writes as many of each level as are shown, the last of which stands
// for those that are not.
func writeCommands(w io.Writer, commands []githubCommand) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	for _, level := range []string{"error", "warning", "notice"} {
		var of []githubCommand
		for _, c := range commands {
			if c.level == level {
				of = append(of, c)
			}
		}
		if n := len(of) - mostAnnotations + 1; n > 1 {
			of = append(of[:mostAnnotations-1], githubCommand{level, "title=" + fmt.Sprintf("%d more", n), fmt.Sprintf("%d more of this level have no room here: the report has them", n)})
		}
		for _, c := range of {
			if _, err := fmt.Fprintf(w, "::%s %s::%s\n", c.level, c.properties, data.Replace(cutTo(clean(c.text), mostAnnotation))); err != nil {
				return err
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
