// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of what the table and Markdown list: lines, and findings in one line.
const (
	mostDisagreements = 20
	mostAlike         = 3
)

// witnessed names the tools that have a finding too, or alone: "also: trivy,
// grype". Empty where nobody else was asked.
func witnessed(f *sekisho.Finding, l message.Lang) string {
	if len(f.Witnesses) == 0 {
		return ""
	}
	var tools []string
	for _, w := range f.Witnesses {
		if !slices.Contains(tools, w.Tool) {
			tools = append(tools, w.Tool)
		}
	}
	names := strings.Join(tools, ", ")
	if foreign(f) {
		return l.Of(message.OnlyBy, names)
	}
	return l.Of(message.SeenBy, names)
}

// foreign says whether other tools alone have the finding.
func foreign(f *sekisho.Finding) bool {
	return len(f.Witnesses) > 0 && !slices.ContainsFunc(f.Evidence, func(e sekisho.Evidence) bool {
		return !slices.ContainsFunc(f.Witnesses, func(w sekisho.Witness) bool { return w.Tool == e.Source })
	})
}

// WitnessText is what one tool says of a finding, in one line: "trivy 0.69.0
// CVE-2026-1: severity high (nvd), fixed in 1.2".
func WitnessText(w *sekisho.Witness, l message.Lang) string {
	head := strings.Join(slices.DeleteFunc([]string{w.Tool, w.Version, w.ID}, func(s string) bool { return s == "" }), " ")
	var says []string
	switch {
	case w.Severity != "" && w.Source != "":
		says = append(says, l.Of(message.WitnessSeverityBy, strings.ToLower(w.Severity), w.Source))
	case w.Severity != "":
		says = append(says, l.Of(message.WitnessSeverity, strings.ToLower(w.Severity)))
	}
	switch {
	case w.Fixed != "":
		says = append(says, l.Of(message.WitnessFixed, w.Fixed))
	case w.Kind == sekisho.Vulnerability && w.Status != "" && w.Status != sekisho.StatusFixed:
		if m, ok := message.StatusNames[w.Status]; ok {
			says = append(says, l.Of(m))
		} else {
			says = append(says, w.Status)
		}
	}
	if w.By == "cpe" {
		says = append(says, l.Of(message.WitnessByCPE))
	}
	if w.Suppressed != "" {
		says = append(says, l.Of(message.WitnessSuppressed, w.Suppressed))
	}
	if w.Package != "" {
		says = append(says, w.Package)
	}
	if w.Path != "" {
		says = append(says, w.Path)
	}
	if w.Date != "" {
		head += " (" + w.Date[:min(10, len(w.Date))] + ")"
	}
	return head + ": " + strings.Join(says, l.Of(message.ListComma))
}

// DisagreementText is one disagreement and its reason, in one line.
func DisagreementText(d *sekisho.Disagreement, l message.Lang) string {
	name := func(s string) string {
		if m, ok := message.SeverityNames[s]; ok {
			return l.Of(m)
		}
		if m, ok := message.StatusNames[s]; ok {
			return l.Of(m)
		}
		return orElse(s, l.Of(message.WitnessNoFix))
	}
	head := d.About
	if m, ok := message.DisagreementHeads[d.About]; ok {
		head = l.Of(m, d.Tool, name(d.Theirs), name(d.Ours))
	}
	return head + l.Of(message.WitnessReasonJoiner) + DisagreementReason(d, l)
}

// DisagreementReason is why a tool and we differ.
func DisagreementReason(d *sekisho.Disagreement, l message.Lang) string {
	m, ok := message.DisagreementReasons[d.Code]
	if !ok || m.Args != len(d.Args) {
		return d.Code // of a later version
	}
	args := make([]any, len(d.Args))
	for i, a := range d.Args {
		if s, ok := message.SeverityNames[a]; ok {
			a = l.Of(s)
		}
		args[i] = a
	}
	return l.Of(m.Text, args...)
}

// disputed are the findings about which tools disagree, the worst first; those
// that only we have come last, for they are no dispute of words.
func disputed(r *sekisho.Result) []*sekisho.Finding {
	var out []*sekisho.Finding
	for _, f := range ordered(r) {
		if len(f.Disagreements) > 0 && f.Suppressed == nil {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b *sekisho.Finding) int { return cmp.Compare(weight(a), weight(b)) })
	return out
}

// weight of a dispute: a finding that one side does not have at all comes first
// where it is the other's, then words, then what only we have.
func weight(f *sekisho.Finding) int {
	best := 2
	for _, d := range f.Disagreements {
		switch d.About {
		case sekisho.AboutMissingThere:
		case sekisho.AboutMissingHere, sekisho.AboutAffected, sekisho.AboutKind:
			best = 0
		default:
			best = min(best, 1)
		}
	}
	return best
}

// witnessLines say of each report how it compares with ours.
func witnessLines(r *sekisho.Result, l message.Lang) []string {
	ours := r.Target.Source != "report"
	var out []string
	for i := range r.Witnesses {
		w := &r.Witnesses[i]
		shared, alone, missing := 0, 0, 0
		for j := range r.Findings {
			f := &r.Findings[j]
			has := slices.ContainsFunc(f.Witnesses, func(one sekisho.Witness) bool {
				return one.Tool == w.Tool && one.Version == w.Version && one.Date == w.Date
			})
			switch {
			case has && foreign(f):
				alone++
			case has:
				shared++
			}
			if w.Packages > 0 && slices.ContainsFunc(f.Disagreements, func(d sekisho.Disagreement) bool { return d.Tool == w.Tool && d.About == sekisho.AboutMissingThere }) {
				missing++
			}
		}
		name := strings.TrimSpace(w.Tool + " " + w.Version)
		if day := orElse(w.Database, w.Date); day != "" {
			name += " (" + day[:min(10, len(day))] + ")"
		}
		s := l.Of(message.WitnessForeignLine, name, w.Findings)
		if ours {
			s = l.Of(message.WitnessLine, name, w.Findings, shared, alone)
		}
		switch {
		case !ours:
		case w.OtherTarget:
			s += l.Of(message.WitnessOtherTarget)
		case missing > 0:
			s += l.Of(message.WitnessMissing, missing)
		case w.Packages == 0 && slices.Contains(w.Kinds, sekisho.Vulnerability):
			s += l.Of(message.WitnessNoPackages)
		}
		out = append(out, clean(s))
	}
	return out
}

// disagreementCounts is how many there are, by what they are about.
func disagreementCounts(r *sekisho.Result, l message.Lang) string {
	counts := map[string]int{}
	for i := range r.Findings {
		if r.Findings[i].Suppressed != nil {
			continue
		}
		for _, d := range r.Findings[i].Disagreements {
			counts[d.About]++
		}
	}
	var parts []string
	for _, about := range slices.Sorted(maps.Keys(counts)) {
		name := about
		if m, ok := message.DisagreementKinds[about]; ok {
			name = l.Of(m)
		}
		parts = append(parts, l.Of(message.DisagreeKinds, name, counts[about]))
	}
	return strings.Join(parts, l.Of(message.ListComma))
}

// disputes are the disagreements in lines, the worst first, and how many are left.
func disputes(r *sekisho.Result, l message.Lang) (lines []string, left int) {
	if r.Target.Source == "report" && len(r.Witnesses) < 2 {
		return nil, 0 // nobody to disagree with
	}
	// What is said of several findings in the same words is one line.
	about := map[string][]string{}
	var texts []string
	for _, f := range disputed(r) {
		name := strings.TrimSpace(f.Rule + " " + subject(f))
		for _, d := range together(f.Disagreements) {
			text := DisagreementText(&d, l)
			if about[text] == nil {
				texts = append(texts, text)
			}
			about[text] = append(about[text], name)
		}
	}
	for i, text := range texts {
		names := about[text]
		if i >= mostDisagreements {
			left += len(names)
			continue
		}
		list := strings.Join(names[:min(len(names), mostAlike)], ", ")
		if n := len(names) - mostAlike; n > 0 {
			list += " " + l.Of(message.AndFindings, n)
		}
		lines = append(lines, clean(list+l.Of(message.WitnessReasonJoiner)+text))
	}
	return lines, left
}

// together joins what several tools have, or do not have, for the same reason.
func together(all []sekisho.Disagreement) []sekisho.Disagreement {
	var out []sekisho.Disagreement
	for _, d := range all {
		i := slices.IndexFunc(out, func(have sekisho.Disagreement) bool {
			return have.About == d.About && have.Code == d.Code && slices.Equal(have.Args, d.Args) &&
				(d.About == sekisho.AboutMissingHere || d.About == sekisho.AboutMissingThere)
		})
		if i < 0 {
			out = append(out, d)
			continue
		}
		out[i].Tool += ", " + d.Tool
		if sekisho.SeverityWord(d.Theirs) > sekisho.SeverityWord(out[i].Theirs) {
			out[i].Theirs = d.Theirs
		}
	}
	return out
}

// witnesses writes how other tools' reports compare, and where they disagree.
func (t *table) witnesses(r *sekisho.Result) {
	if len(r.Witnesses) == 0 {
		return
	}
	t.heading(message.WitnessSection)
	for _, s := range witnessLines(r, t.o.Lang) {
		t.wrap("  ", "    ", s)
	}
	lines, left := disputes(r, t.o.Lang)
	if len(lines) == 0 {
		return
	}
	t.heading(message.DisagreeSection)
	t.wrap("  ", "    ", disagreementCounts(r, t.o.Lang))
	for _, s := range lines {
		t.wrap("  ", "    ", s)
	}
	if left > 0 {
		t.wrap("  ", "    ", t.colour("2", t.text(message.DisagreeMore, left)))
	}
}
