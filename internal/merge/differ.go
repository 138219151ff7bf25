// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// differ says where the witnesses of a finding of our own say otherwise, and
// which tools should have seen it and did not.
func (m *run) differ(f *sekisho.Finding) []sekisho.Disagreement {
	var out []sekisho.Disagreement
	for i := range f.Witnesses {
		if len(out) >= maxDisagreements {
			break // the witnesses are in order, so it is the same in each merge
		}
		w := &f.Witnesses[i]
		for _, d := range []*sekisho.Disagreement{severity(f, w), m.fixed(f, w), affected(f, w), kind(f, w)} {
			if d == nil {
				continue
			}
			d.Tool = w.Tool
			if !slices.ContainsFunc(out, func(have sekisho.Disagreement) bool { return compareDisagreement(have, *d) == 0 }) {
				out = append(out, *d)
			}
		}
	}
	out = append(out, m.missingThere(f)...)
	slices.SortFunc(out, compareDisagreement)
	return out
}

func compareDisagreement(a, b sekisho.Disagreement) int {
	return cmp.Or(cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.About, b.About), cmp.Compare(a.Theirs, b.Theirs), cmp.Compare(a.Ours, b.Ours), cmp.Compare(a.Code, b.Code), slices.Compare(a.Args, b.Args))
}

// severity compares the words. The levels of SARIF are coarser than ours.
func severity(f *sekisho.Finding, w *sekisho.Witness) *sekisho.Disagreement {
	theirs := sekisho.SeverityWord(w.Severity)
	level := strings.ToLower(w.Severity)
	switch {
	case w.Severity == "", theirs == f.Severity,
		level == "error" && f.Severity >= sekisho.SeverityHigh,
		level == "note" && f.Severity <= sekisho.SeverityLow,
		theirs <= sekisho.SeverityNegligible && f.Severity <= sekisho.SeverityNegligible:
		return nil
	}
	d := &sekisho.Disagreement{About: sekisho.AboutSeverity, Theirs: strings.ToLower(w.Severity), Ours: f.Severity.String(), Code: sekisho.WhyUnknown}
	ours := severitySource(f)
	switch {
	case theirs == sekisho.SeverityUnknown:
		d.Code = sekisho.WhySeverityUnrated
	case !ofFlaw(f.Kind):
		d.Code = sekisho.WhySeverityRule
	case w.Tool == w.Source, w.Tool == "amazon-inspector" && w.Source == "":
		d.Code, d.Args = sekisho.WhySeverityOwn, []string{ours}
	case w.Source != "" && ours != "" && !samePublisher(w.Source, ours):
		d.Code, d.Args = sekisho.WhySeveritySource, []string{w.Source, ours}
	}
	return d
}

// severitySource is whose word our severity is.
func severitySource(f *sekisho.Finding) string {
	for _, e := range f.Evidence {
		if e.Status != sekisho.StatusNotAffected && e.Severity != "" && sekisho.SeverityWord(e.Severity) == f.Severity {
			return e.Source
		}
	}
	for _, c := range f.CVSS {
		if c.Source != "" && sekisho.Rating(c.Score) == f.Severity {
			return c.Source + " CVSS"
		}
	}
	if len(f.Evidence) > 0 {
		return f.Evidence[0].Source
	}
	return ""
}

// fixSource is whose fix ours is.
func fixSource(f *sekisho.Finding) string {
	for _, e := range f.Evidence {
		if f.Fixed != "" && versionOf(e.Fixed) == versionOf(f.Fixed) {
			return e.Source
		}
	}
	if len(f.Evidence) > 0 {
		return f.Evidence[0].Source
	}
	return ""
}

// samePublisher compares the names of sources: "debian:distro:debian:12" of one
// tool and "debian-tracker" of ours are of one publisher.
func samePublisher(theirs, ours string) bool {
	word := func(s string) string {
		s = strings.ToLower(s)
		if strings.HasPrefix(s, "github:") {
			return "ghsa"
		}
		return s[:len(s)-len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz"))]
	}
	a, b := word(theirs), word(ours)
	return a != "" && a == b
}

// upstream says whether a source's versions are those of the project and not of
// a distribution.
func upstream(w *sekisho.Witness) bool {
	s := strings.ToLower(w.Source)
	return w.By == "cpe" || strings.HasPrefix(s, "nvd") || strings.HasPrefix(s, "github:") || s == "ghsa"
}

func (m *run) fixed(f *sekisho.Finding, w *sekisho.Witness) *sekisho.Disagreement {
	if f.Kind != sekisho.Vulnerability || w.Kind != "" && w.Kind != f.Kind {
		return nil
	}
	var theirs []string
	for v := range strings.SplitSeq(w.Fixed, ",") {
		if v = versionOf(v); v != "" {
			theirs = append(theirs, v)
		}
	}
	ours := versionOf(f.Fixed)
	if len(theirs) == 0 && ours == "" || slices.Contains(theirs, ours) {
		return nil
	}
	d := &sekisho.Disagreement{About: sekisho.AboutFixed, Theirs: cmp.Or(w.Fixed, w.Status), Ours: cmp.Or(f.Fixed, f.Status), Code: sekisho.WhyUnknown}
	source := fixSource(f)
	var evidence *sekisho.Evidence
	for i := range f.Evidence {
		if e := &f.Evidence[i]; e.Fixed != "" && slices.Contains(theirs, versionOf(e.Fixed)) {
			evidence = e
		}
	}
	older, newer := m.older(f, w)
	switch {
	case evidence != nil && ours != "":
		d.Code, d.Args = sekisho.WhyFixEarlier, []string{evidence.Source, f.Fixed}
	case len(theirs) > 0 && f.Package != nil && system(f.Package.Ecosystem) && upstream(w):
		d.Code, d.Args = sekisho.WhyFixUpstream, []string{cmp.Or(w.Source, w.By), source}
	case channel(f) != "" && len(theirs) == 0:
		d.Code, d.Args = sekisho.WhyFixChannel, []string{channel(f)}
	case older != "" && (w.Source == "" || samePublisher(w.Source, source)):
		d.Code, d.Args = sekisho.WhyFixOlder, []string{older, newer}
	case w.Source != "" && source != "" && !samePublisher(w.Source, source):
		d.Code, d.Args = sekisho.WhyFixSource, []string{w.Source, source}
	}
	return d
}

// channel that our fix comes from, where it is an extra one.
func channel(f *sekisho.Finding) string {
	for _, e := range f.Evidence {
		if f.Fixed != "" && e.Fixed == f.Fixed {
			return e.Channel
		}
	}
	return ""
}

// older gives the days of the tool's advisories and of our word, where the first
// is before the second.
func (m *run) older(f *sekisho.Finding, w *sekisho.Witness) (theirs, ours string) {
	for _, e := range f.Evidence {
		if e.Status != sekisho.StatusNotAffected {
			ours = max(ours, date(e.Date))
		}
	}
	for i := range m.r.Witnesses {
		if r := &m.r.Witnesses[i]; r.Tool == w.Tool && r.Version == w.Version && r.Date == w.Date {
			theirs = max(theirs, date(cmp.Or(r.Database, r.Date)))
		}
	}
	if theirs == "" || ours == "" || theirs >= ours {
		return "", ""
	}
	return theirs, ours
}

func date(s string) string { return s[:min(10, len(s))] }

func affected(f *sekisho.Finding, w *sekisho.Witness) *sekisho.Disagreement {
	switch d := (&sekisho.Disagreement{About: sekisho.AboutAffected, Ours: cmp.Or(f.Status, sekisho.StatusAffected)}); {
	case f.Suppressed != nil:
		return nil // we do not count it either
	case w.Status == sekisho.StatusNotAffected:
		d.Theirs, d.Code, d.Args = w.Status, sekisho.WhyNotAffected, []string{cmp.Or(w.Suppressed, w.Status)}
		return d
	case w.Suppressed != "":
		d.Theirs, d.Code, d.Args = "suppressed", sekisho.WhySuppressed, []string{w.Suppressed}
		return d
	}
	return nil
}

func kind(f *sekisho.Finding, w *sekisho.Witness) *sekisho.Disagreement {
	if w.Kind == "" || w.Kind == f.Kind {
		return nil
	}
	return &sekisho.Disagreement{About: sekisho.AboutKind, Theirs: string(w.Kind), Ours: string(f.Kind), Code: sekisho.WhyMalware}
}

// missingThere are the tools that looked for such findings, list the packages
// that they saw, and do not have this one.
func (m *run) missingThere(f *sekisho.Finding) []sekisho.Disagreement {
	if !ofFlaw(f.Kind) || f.Package == nil {
		return nil
	}
	var out []sekisho.Disagreement
	for i := range m.r.Witnesses {
		r := &m.r.Witnesses[i]
		has := func(tool string) bool { return tool == r.Tool }
		if r.OtherTarget || r.Packages == 0 || !slices.Contains(r.Kinds, sekisho.Vulnerability) ||
			slices.ContainsFunc(f.Witnesses, func(w sekisho.Witness) bool { return has(w.Tool) }) ||
			slices.ContainsFunc(out, func(d sekisho.Disagreement) bool { return has(d.Tool) }) {
			continue
		}
		d := sekisho.Disagreement{Tool: r.Tool, About: sekisho.AboutMissingThere, Ours: f.Severity.String(), Code: sekisho.WhyPackageNotThere}
		if p := m.packageOf(f.Package); p != nil && slices.Contains(p.Witnesses, r.Tool) {
			d.Code = sekisho.WhyPackageThere
			day := date(cmp.Or(r.Database, r.Date))
			switch {
			case r.OnlyFixed && f.Fixed == "":
				d.Code = sekisho.WhyOnlyFixed
			case r.Lowest != "" && f.Severity < sekisho.SeverityWord(r.Lowest):
				d.Code, d.Args = sekisho.WhyLowest, []string{r.Lowest}
			case day != "" && date(f.Published) > day:
				d.Code, d.Args = sekisho.WhyDatabaseOlder, []string{day, date(f.Published)}
			}
		}
		out = append(out, d)
	}
	return out
}

// packageOf finds the package that a finding of ours is about.
func (m *run) packageOf(p *sekisho.PackageRef) *sekisho.Package {
	e := ecosystemOf(p.PURL, p.Ecosystem)
	for _, one := range m.packages[e+" "+nameOf(p.PURL, e, p.Name)] {
		if one.PURL == p.PURL || one.Name == p.Name && one.Version == p.Version {
			return one
		}
	}
	return nil
}

// missingHere says why a finding is not among ours, for each tool that has it.
func (m *run) missingHere(f *sekisho.Finding) []sekisho.Disagreement {
	var out []sekisho.Disagreement
	for i := range f.Witnesses {
		if len(out) >= maxDisagreements {
			break
		}
		w := &f.Witnesses[i]
		d := sekisho.Disagreement{Tool: w.Tool, About: sekisho.AboutMissingHere, Theirs: strings.ToLower(cmp.Or(w.Severity, "unknown"))}
		d.Code, d.Args = m.absent(f, w)
		if !slices.ContainsFunc(out, func(have sekisho.Disagreement) bool { return compareDisagreement(have, d) == 0 }) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, compareDisagreement)
	return out
}

// absent is the reason why we do not have a finding of another tool.
func (m *run) absent(f *sekisho.Finding, w *sekisho.Witness) (code string, args []string) {
	if m.r.Target.Source == "report" {
		return sekisho.WhyUnknown, nil // nothing of ours is in the result
	}
	scanner := map[sekisho.FindingKind]string{sekisho.Vulnerability: "vuln", sekisho.Misconfiguration: "misconfig", sekisho.Secret: "secret", sekisho.Malware: "malware", sekisho.License: "license"}[f.Kind]
	for _, s := range m.r.Coverage.Scanners {
		if s.Name == scanner && !s.Ran {
			return sekisho.WhyScannerOff, []string{scanner}
		}
	}
	if f.Kind == sekisho.Vulnerability && m.r.Database == nil {
		return sekisho.WhyScannerOff, []string{scanner}
	}
	if f.Kind == sekisho.Misconfiguration && f.ResourceKind != "" && !slices.ContainsFunc(m.r.Coverage.Resources, func(c sekisho.ResourceCoverage) bool { return c.Kind == f.ResourceKind }) {
		return sekisho.WhyNoFile, []string{f.ResourceKind}
	}
	if !ofFlaw(f.Kind) || f.Package == nil {
		return sekisho.WhyUnknown, nil
	}
	e := ecosystemOf(f.Package.PURL, f.Package.Ecosystem)
	name := nameOf(f.Package.PURL, e, f.Package.Name)
	here := m.packages[e+" "+name]
	if len(here) == 0 {
		return sekisho.WhyNoPackage, []string{name}
	}
	var versions []string
	var same []*sekisho.Package
	for _, p := range here {
		if v := versionOf(f.Package.Version); v == "" || v == versionOf(p.Version) || v == versionOf(p.SourceVersion) {
			same = append(same, p)
		} else {
			versions = append(versions, p.Version)
		}
	}
	if len(same) == 0 {
		return sekisho.WhyOtherVersion, []string{strings.Join(union(versions, nil), ", ")}
	}
	return m.cleared(f, w, same)
}

// cleared is the reason for a package that we have in the version.
func (m *run) cleared(f *sekisho.Finding, w *sekisho.Witness, same []*sekisho.Package) (code string, args []string) {
	visible := slices.DeleteFunc(slices.Clone(same), func(p *sekisho.Package) bool { return p.Hidden })
	if len(visible) == 0 {
		return sekisho.WhyHidden, nil
	}
	p := visible[0]
	switch {
	case p.OwnedBy != "":
		return sekisho.WhyOwned, []string{p.OwnedBy}
	case p.Relationship == sekisho.Root:
		return sekisho.WhyRoot, nil
	}
	for _, c := range m.r.Coverage.Ecosystems {
		if c.Ecosystem == p.Ecosystem && c.NotAssessed > 0 && c.NotAssessed >= c.Packages {
			return sekisho.WhyNotAssessed, []string{p.Ecosystem}
		}
	}
	world := ""
	for _, id := range append([]string{f.Rule}, f.Aliases...) {
		for _, a := range m.ask(p, id) {
			switch {
			case a.Affected:
				return sekisho.WhyAffectedHere, []string{a.Source, a.ID}
			case a.Source != "":
				return sekisho.WhyCleared, []string{a.Source, a.ID, a.Reason}
			case a.World == "" && a.Reason != "":
				return sekisho.WhyNotAssessed, []string{p.Ecosystem}
			}
			world = cmp.Or(world, a.World)
		}
	}
	switch {
	case w.By == "cpe":
		return sekisho.WhyCPE, nil
	case world != "":
		return sekisho.WhyNoAdvisory, []string{world}
	}
	return sekisho.WhyUnknown, nil
}

// maxAsked bounds how often the database is asked in one merge.
const maxAsked = 20_000

func (m *run) ask(p *sekisho.Package, id string) []Answer {
	if m.Explain == nil {
		return nil
	}
	key := p.PURL + "\x00" + id
	a, ok := m.answers[key]
	if !ok && len(m.answers) < maxAsked {
		a = m.Explain(p, id)
		m.answers[key] = a
	}
	return a
}
