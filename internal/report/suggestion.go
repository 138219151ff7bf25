// SPDX-License-Identifier: Apache-2.0

package report

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// suggested is the edit that a finding asks for in a file of the target; nil for
// none, and for text that cannot be handed on as it is.
func suggested(f *sekisho.Finding) *sekisho.Suggestion {
	s := f.Suggestion
	if s == nil || f.Location.Path == "" || s.Line < 1 || len(s.Before) == 0 {
		return nil
	}
	for _, line := range slices.Concat(s.Before, s.After) {
		if line = untabbed(line); line != clean(line) { // signs that nobody sees
			return nil
		}
	}
	return s
}

// untabbed is a line as people see it.
func untabbed(line string) string { return strings.ReplaceAll(line, "\t", "    ") }

// suggestionNote says in English that a suggestion wants a look; empty for none.
func suggestionNote(f *sekisho.Finding) string {
	if s := suggested(f); s != nil && s.Unsafe {
		return " (" + message.SuggestionUnsafe.En + ")"
	}
	return ""
}

// rdSuggestion is an edit: the lines of the range become the text. Without columns
// a range is of whole lines with their ends, which GitHub and GitLab replace alike.
type rdSuggestion struct {
	Range rdRange `json:"range"`
	Text  string  `json:"text"`
}

func rdSuggestions(f *sekisho.Finding) []rdSuggestion {
	s := suggested(f)
	if s == nil {
		return nil
	}
	return []rdSuggestion{{rdRange{rdPosition{Line: s.Line}, &rdPosition{Line: s.EndLine()}}, strings.Join(s.After, "\n")}}
}

// A fix of SARIF, 3.55: what is deleted is a region of the file, and what is put
// there a text.
type sarifFix struct {
	Description sarifText     `json:"description"`
	Changes     []sarifChange `json:"artifactChanges"`
}

type sarifChange struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Replacements []sarifReplacement `json:"replacements"`
}

type sarifReplacement struct {
	Deleted  sarifLines `json:"deletedRegion"`
	Inserted *sarifText `json:"insertedContent,omitempty"`
}

// sarifLines is a region from a line to another: without columns it is whole lines,
// but for the end of the last one.
type sarifLines struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn,omitempty"`
}

func sarifFixes(f *sekisho.Finding) []sarifFix {
	s := suggested(f)
	if s == nil {
		return nil
	}
	change := sarifChange{Replacements: []sarifReplacement{{Deleted: sarifLines{StartLine: s.Line, EndLine: s.EndLine()}}}}
	change.Artifact.URI = sarifURI(f.Location.Path)
	if r := &change.Replacements[0]; len(s.After) == 0 { // with the end of the last line
		r.Deleted = sarifLines{s.Line, 1, s.EndLine() + 1, 1}
	} else {
		r.Inserted = &sarifText{Text: strings.Join(s.After, "\n")}
	}
	return []sarifFix{{Description: sarifText{Text: clean(orElse(f.Fix, headline(f))) + suggestionNote(f)}, Changes: []sarifChange{change}}}
}

// editLine is one line of a suggestion as people see it.
type editLine struct {
	Mark string `json:"m"` // "-" or "+"
	Text string `json:"t"`
}

// suggestionDiff are the lines that go and those that come; a line that does both,
// between others, is in neither.
func suggestionDiff(s *sekisho.Suggestion) (out []editLine) {
	stays := func(line string, other []string) bool { return line != "" && slices.Contains(other, line) }
	for _, line := range s.Before {
		if !stays(line, s.After) {
			out = append(out, editLine{"-", clean(untabbed(line))})
		}
	}
	for _, line := range s.After {
		if !stays(line, s.Before) {
			out = append(out, editLine{"+", clean(untabbed(line))})
		}
	}
	return out
}

// Bounds of the suggestions in a comment: a person takes in a few.
const (
	mostSuggestions     = 5
	mostSuggestionLines = 12
)

// markdownSuggestions shows the edits of the first findings, folded.
func markdownSuggestions(c *comment, rows []*row) {
	l := c.lang
	var with, findings []*sekisho.Finding
	for _, r := range rows {
		findings = append(append(findings, r.Finding), r.others...)
	}
	for _, f := range findings {
		if s := suggested(f); s != nil && len(suggestionDiff(s)) <= mostSuggestionLines {
			with = append(with, f)
		}
	}
	if len(with) == 0 {
		return
	}
	head := details(l.Of(message.SuggestionsHead, len(with)))
	c.list(head, endDetails, len(with), mostSuggestions, func(i int) string {
		f := with[i]
		var b strings.Builder
		b.WriteString("- " + md(place(f.Location.Path, f.Suggestion.Line)) + " " + md(f.Rule))
		if f.Suggestion.Unsafe {
			b.WriteString(" (" + l.Of(message.SuggestionUnsafe) + ")")
		}
		fence := "```"
		var lines []string
		for _, d := range suggestionDiff(f.Suggestion) {
			lines = append(lines, d.Mark+cutTo(d.Text, mostCell))
			for strings.Contains(d.Text, fence) {
				fence += "`"
			}
		}
		b.WriteString("\n\n  " + fence + "diff\n")
		for _, line := range lines {
			b.WriteString("  " + line + "\n")
		}
		b.WriteString("  " + fence + "\n")
		return b.String()
	}, message.CommentSuggestions)
}
