// SPDX-License-Identifier: Apache-2.0

// Package report writes results, one file a format. It judges nothing and
// leaves nothing out that the result says; every format is a function of the
// result alone, so that a saved JSON report can be rendered again in any other.
package report

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of a report. The zero value is English, 80 columns, no colours.
type Options struct {
	Lang  message.Lang
	Color bool
	// Width of the terminal in columns; 0 means 100.
	Width int
	// Template is the text of a Go template, for the format "template".
	Template string
	// Packages lists every package in the table.
	Packages bool
	// Author of statements (VEX), and the address that stands for the author
	// where a format wants one; empty for the program's own.
	Author, Namespace string
	// Comment is the key of the Markdown's hidden first line; empty for that of the
	// target.
	Comment string
}

type writer func(w io.Writer, r *sekisho.Result, o Options) error

// formats is the registry: a format is one file and one line.
var formats = []struct {
	name  string
	write writer
}{
	{"table", writeTable},
	{"json", writeJSON},
	{"sarif", writeSARIF},
	{"cyclonedx", writeCycloneDX},
	{"cyclonedx-xml", writeCycloneDXXML},
	{"spdx-json", writeSPDX},
	{"openvex", writeOpenVEX},
	{"csaf-vex", writeCSAF},
	{"cyclonedx-vex", writeCycloneDXVEX},
	{"html", writeHTML},
	{"markdown", writeMarkdown},
	{"junit", writeJUnit},
	{"gitlab", writeGitLab},
	{"codequality", writeCodeQuality},
	{"rdjson", writeRDJSON},
	{"github", writeGitHub},
	{"baseline", writeBaseline},
	{"template", writeTemplate},
	{"purls", writePURLs},
}

// jsonFormats are those whose text is JSON.
var jsonFormats = [...]string{"json", "sarif", "cyclonedx", "spdx-json", "openvex", "csaf-vex", "cyclonedx-vex", "gitlab", "codequality", "rdjson", "baseline"}

// Formats lists the names of the formats.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// Write writes a result in a format.
func Write(w io.Writer, format string, r *sekisho.Result, o Options) error {
	i := slices.Index(Formats(), format)
	if i < 0 {
		return message.Errorf("there is no format %q: %s", format, strings.Join(Formats(), ", "))
	}
	if o.Lang == "" {
		o.Lang = message.En
	}
	if o.Width <= 0 {
		o.Width = 100
	}
	if format != "json" && format != "template" {
		r = worded(untitled(r), o.Lang)
	}
	if slices.Contains(jsonFormats[:], format) {
		w = &quiet{w: w}
	}
	return formats[i].write(w, r, o)
}

// untitled empties the titles that only repeat the package and the rule, as
// those of facts without prose do: every format has them beside each other.
func untitled(r *sekisho.Result) *sekisho.Result {
	out := *r
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		f := &out.Findings[i]
		if name, ok := strings.CutSuffix(f.Title, f.Rule); ok && f.Package != nil && !strings.ContainsAny(strings.TrimSuffix(name, ": "), " ") {
			f.Title = ""
		}
	}
	out.Platforms = nil
	for i := range r.Platforms {
		out.Platforms = append(out.Platforms, *untitled(&r.Platforms[i]))
	}
	return &out
}

// worded puts the texts of rules in the language of the report: a result holds
// them in every language, and the findings in English. What the service of a
// secret says of it stands behind its title. The result is changed.
func worded(r *sekisho.Result, l message.Lang) *sekisho.Result {
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Title, f.Why, f.Fix = Words(r, f, l)
		if said := verificationText(f.Verification, l); said != "" {
			f.Title += " [" + said + "]"
		}
	}
	for i := range r.Platforms {
		worded(&r.Platforms[i], l)
	}
	return r
}

// Words are the title, the reason and the remedy of a finding, in the language
// where its rule has them.
func Words(r *sekisho.Result, f *sekisho.Finding, l message.Lang) (title, why, fix string) {
	title, why, fix = f.Title, f.Why, f.Fix
	if l != message.Ja || f.ResourceKind == "" {
		return title, why, fix
	}
	for i := range r.Rules {
		if rule := &r.Rules[i]; rule.ID == f.Rule && rule.Kind == f.ResourceKind {
			return orElse(fill(rule.Title.JA, f.Args), title), orElse(fill(rule.Why.JA, f.Args), why), orElse(fill(rule.Fix.JA, f.Args), fix)
		}
	}
	return title, why, fix
}

// verificationText is what the service of a secret says of it.
func verificationText(v *sekisho.Verification, l message.Lang) string {
	switch {
	case v == nil:
		return ""
	case v.State == sekisho.VerifiedActive:
		return l.Of(message.VerifiedActive, v.By)
	case v.State == sekisho.VerifiedRejected:
		return l.Of(message.VerifiedRejected, v.By)
	}
	return l.Of(message.VerifiedUnknown, v.By, v.Reason)
}

// fill puts arguments into the text of a rule.
func fill(text string, args []string) string {
	for i, a := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", a)
	}
	return text
}

// all gives the result and those of further platforms.
func all(r *sekisho.Result) []*sekisho.Result {
	out := []*sekisho.Result{r}
	for i := range r.Platforms {
		out = append(out, &r.Platforms[i])
	}
	return out
}

// clean makes text of an image safe for a terminal, a log and a page.
func clean(s string) string { return message.Shown(s) }

// title of a target for people.
func title(t *sekisho.Target) string {
	s := t.Name
	if t.Platform != nil {
		s += " (" + t.Platform.String() + ")"
	}
	return clean(s)
}

// judged says whether everything that was asked for was looked at.
func judged(r *sekisho.Result) bool {
	for _, r := range all(r) {
		for _, s := range r.Coverage.Scanners {
			if s.Asked && !s.Ran {
				return false
			}
		}
		if !r.Coverage.Complete {
			return false
		}
	}
	return true
}

// Reasons of a verdict in the language.
func Reasons(v *sekisho.Verdict, l message.Lang) []string {
	if len(v.Details) == 0 {
		return v.Reasons // of an earlier version, or of somebody else
	}
	var out []string
	name := func(s string) string {
		if m, ok := message.SeverityNames[s]; ok {
			return l.Of(m)
		}
		return s
	}
	for i, d := range v.Details {
		var args []any
		if (d.Code == sekisho.ReasonFindings || d.Code == sekisho.ReasonNewFindings) && len(d.Args) > 0 {
			var found []string
			for j := 1; j+1 < len(d.Args); j += 2 {
				found = append(found, l.Of(message.CountOf, d.Args[j+1], name(d.Args[j])))
			}
			args = []any{strings.Join(found, l.Of(message.ListComma)), name(d.Args[0])}
		} else {
			for i, a := range d.Args {
				switch {
				case d.Rule == "":
					a = name(a)
				case i == 2 && d.Message != nil:
					a = ruleMessage(&d, l)
				}
				args = append(args, a)
			}
		}
		switch m, ok := message.ReasonTexts[d.Code]; {
		case ok && m.Args == len(args):
			out = append(out, l.Of(m.Text, args...))
		case i < len(v.Reasons): // a code of a later version
			out = append(out, v.Reasons[i])
		}
	}
	return out
}

// scannerName is the name of a scanner, with the version where it is an engine
// of the user.
func scannerName(s *sekisho.ScannerCoverage) string {
	if s.Version != "" {
		return s.Name + " (" + clean(s.Version) + ")"
	}
	return s.Name
}

// ruleMessage is what a rule of a policy says, in the language.
func ruleMessage(d *sekisho.Reason, l message.Lang) string {
	if l == message.Ja {
		return d.Message.JA
	}
	return d.Message.EN
}

// without says what scanners ran without.
func without(r *sekisho.Result, l message.Lang) (out []string) {
	for _, s := range r.Coverage.Scanners {
		if s.Ran && (s.Code != "" || s.Why != "") {
			out = append(out, clean(s.Name+": "+why(&s, l)))
		}
	}
	return out
}

// why a scanner did not run, in the language.
func why(s *sekisho.ScannerCoverage, l message.Lang) string {
	if m, ok := message.ScannerCodes[s.Code]; ok {
		return l.Of(m)
	}
	return s.Why
}
