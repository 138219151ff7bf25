// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the texts that are kept, in bytes.
const (
	maxTitle = 200
	maxWord  = 300
	maxProse = 1000
	maxList  = 50
	maxTools = 200
)

// builder makes a result of what a reader finds.
type builder struct {
	format Format
	r      sekisho.Result
	// reports are those of the tools, in the order in which they are named.
	reports []*sekisho.WitnessReport
	// now is the tool whose findings are read.
	now      *sekisho.WitnessReport
	packages map[string]int // into r.Packages
	left     int            // findings behind the bound
}

// tool begins the findings and packages of a tool.
func (b *builder) tool(name, version, date string) *sekisho.WitnessReport {
	name, date = cut(toolName(name), maxWord), day(date)
	if version = cut(version, maxWord); len(b.reports) >= maxTools {
		name, version, date = "others", "", ""
	}
	for _, w := range b.reports {
		if w.Tool == name && w.Version == version && w.Date == date {
			b.now = w
			return w
		}
	}
	w := &sekisho.WitnessReport{Tool: name, Version: version, Format: string(b.format), Date: date}
	b.reports = append(b.reports, w)
	b.now = w
	return w
}

// toolName is the name in lower case, without words for the edition: tools name
// themselves differently in their formats.
func toolName(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), "-"))
	switch s {
	case "":
		return "unknown"
	case "anchore-grype":
		return "grype"
	case "aquasecurity-trivy", "trivy-sarif":
		return "trivy"
	case "snyk-open-source", "snyk-container", "snyk-iac", "snyk-code", "snykcode":
		return "snyk"
	case "inspector", "aws-inspector", "amazon-inspector-sbom-generator":
		return "amazon-inspector"
	}
	return s
}

// covers notes that the tool looked for findings of a kind.
func (b *builder) covers(kind sekisho.FindingKind) {
	if !slices.Contains(b.now.Kinds, kind) {
		b.now.Kinds = append(b.now.Kinds, kind)
	}
}

// pkg adds a package that the tool lists.
func (b *builder) pkg(p sekisho.Package) {
	if p.PURL == "" && p.Name == "" {
		return
	}
	p.PURL, p.Name, p.Version = cut(p.PURL, maxProse), cut(p.Name, maxWord), cut(p.Version, maxWord)
	p.Path = cleanPath(p.Path)
	if p.PURL != "" {
		if u, err := sekisho.ParsePURL(p.PURL); err == nil {
			p.PURL = u.String()
			p.Ecosystem = cmp.Or(p.Ecosystem, ecosystemOf(u.Type))
		}
	}
	key := strings.Join([]string{p.PURL, p.Ecosystem, p.Name, p.Version, p.Path}, "\x00")
	if b.packages == nil {
		b.packages = map[string]int{}
	}
	i, ok := b.packages[key]
	if !ok {
		if len(b.packages) >= maxPackages {
			return
		}
		i = len(b.r.Packages)
		b.packages[key] = i
		if p.Path != "" || p.Layer != "" {
			p.Locations = []sekisho.Location{{Path: p.Path, Line: p.Line, Layer: p.Layer}}
		}
		p.Extractor = sekisho.ExtractorWitness
		b.r.Packages = append(b.r.Packages, p)
	}
	if at := &b.r.Packages[i]; !slices.Contains(at.Witnesses, b.now.Tool) {
		at.Witnesses = append(at.Witnesses, b.now.Tool)
		b.now.Packages++
	}
}

// finding adds one: what w does not say is taken from f and the tool.
func (b *builder) finding(f sekisho.Finding, w sekisho.Witness) {
	w.ID = cut(strings.TrimSpace(cmp.Or(w.ID, f.Rule)), maxWord)
	if w.ID == "" {
		return
	}
	if len(b.r.Findings) >= maxFindings {
		b.left++
		return
	}
	b.covers(f.Kind)
	if f.Severity == sekisho.SeverityUnknown {
		f.Severity = sekisho.SeverityWord(w.Severity)
	}
	f.Title, f.Why, f.Fix = cut(oneLine(f.Title), maxTitle), cut(f.Why, maxProse), cut(f.Fix, maxProse)
	f.Location.Path = cleanPath(f.Location.Path)
	f.Layer = cmp.Or(f.Layer, f.Location.Layer)
	f.Fixed = cut(cmp.Or(f.Fixed, w.Fixed), maxWord)
	if f.Kind == sekisho.Vulnerability {
		f.Status = cmp.Or(w.Status, f.Status)
		if f.Fixed != "" {
			f.Status = cmp.Or(f.Status, sekisho.StatusFixed)
		}
	}
	f.References = short(f.References)
	f.CWEs = short(f.CWEs)
	w.Aliases = short(append(w.Aliases, f.Aliases...))
	w.Aliases = slices.DeleteFunc(w.Aliases, func(s string) bool { return s == w.ID })
	ids := append([]string{w.ID}, w.Aliases...)
	f.Rule = w.ID
	if f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware {
		f.Rule = slices.MinFunc(ids, func(x, y string) int { return cmp.Or(idRank(x)-idRank(y), cmp.Compare(x, y)) })
	}
	slices.Sort(ids)
	f.Aliases = slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == f.Rule })
	w.Tool, w.Version, w.Date = b.now.Tool, b.now.Version, b.now.Date
	w.Fixed, w.Kind, w.Title = f.Fixed, f.Kind, f.Title
	w.Severity, w.Source, w.Suppressed = cut(w.Severity, maxWord), cut(w.Source, maxWord), cut(oneLine(w.Suppressed), maxTitle)
	w.Status = cmp.Or(w.Status, f.Status)
	w.Layer, w.Path, w.Line = f.Layer, f.Location.Path, f.Location.Line
	if p := f.Package; p != nil {
		b.ref(p)
		w.Package = cmp.Or(w.Package, strings.TrimSpace(p.Name+" "+p.Version))
	}
	f.Witnesses = []sekisho.Witness{w}
	f.Evidence = []sekisho.Evidence{{
		Source: w.Tool, ID: w.ID, Date: w.Date, Severity: w.Severity, Status: w.Status, Fixed: w.Fixed, Path: w.Path, Line: w.Line,
	}}
	b.now.Findings++
	b.r.Findings = append(b.r.Findings, f)
}

// ref makes the reference to a package whole.
func (b *builder) ref(p *sekisho.PackageRef) {
	p.PURL, p.Name, p.Version = cut(p.PURL, maxProse), cut(p.Name, maxWord), cut(p.Version, maxWord)
	if u, err := sekisho.ParsePURL(p.PURL); err == nil {
		p.PURL = u.String()
		p.Ecosystem = cmp.Or(p.Ecosystem, ecosystemOf(u.Type))
		p.Name, p.Version = cmp.Or(p.Name, nameOf(u)), cmp.Or(p.Version, u.Version)
	}
}

// result is the whole, with what it covers.
func (b *builder) result() *sekisho.Result {
	r := &b.r
	kinds := map[sekisho.FindingKind]bool{}
	for _, w := range b.reports {
		slices.Sort(w.Kinds)
		for _, k := range w.Kinds {
			kinds[k] = true
		}
		b.filters(w)
		r.Witnesses = append(r.Witnesses, *w)
	}
	if b.left > 0 {
		r.Problems = append(r.Problems, sekisho.Problem{Stage: sekisho.StageMerge, Bound: "findings"}.Saying(message.Say("%d findings behind the first %d were not read: split the report", b.left, maxFindings)))
	}
	for i := range r.Packages {
		slices.Sort(r.Packages[i].Witnesses)
	}
	c := &r.Coverage
	c.OS, c.Problems, c.Complete = "none", len(r.Problems), len(r.Problems) == 0
	c.Scanners = []sekisho.ScannerCoverage{{Name: "packages", Ran: len(r.Packages) > 0}}
	for _, s := range []struct {
		name string
		kind sekisho.FindingKind
	}{{"vuln", sekisho.Vulnerability}, {"misconfig", sekisho.Misconfiguration}, {"secret", sekisho.Secret}, {"malware", sekisho.Malware}, {"license", sekisho.License}} {
		c.Scanners = append(c.Scanners, sekisho.ScannerCoverage{Name: s.name, Ran: kinds[s.kind]})
	}
	for i := range c.Scanners {
		if s := &c.Scanners[i]; !s.Ran {
			s.Code, s.Why = sekisho.ScannerSilent, "the report does not show whether the tool looked"
		}
	}
	counts := map[string]int{}
	for i := range r.Packages {
		counts[r.Packages[i].Ecosystem]++
	}
	c.Ecosystems = []sekisho.EcosystemCoverage{}
	for _, e := range slices.Sorted(maps.Keys(counts)) {
		c.Ecosystems = append(c.Ecosystems, sekisho.EcosystemCoverage{Ecosystem: e, Packages: counts[e]})
	}
	return r
}

// filters notes the signs that a report was filtered.
func (b *builder) filters(w *sekisho.WitnessReport) {
	lowest, all, fixed := sekisho.SeverityCritical, 0, 0
	for i := range b.r.Findings {
		f := &b.r.Findings[i]
		if f.Kind != sekisho.Vulnerability || f.Witnesses[0].Tool != w.Tool || f.Witnesses[0].Suppressed != "" {
			continue
		}
		all++
		lowest = min(lowest, f.Severity)
		if f.Fixed != "" {
			fixed++
		}
	}
	// A few findings are no sign of anything.
	const few = 10
	if all >= few {
		w.Lowest, w.OnlyFixed = lowest.String(), fixed == all
	}
}

// idRank puts the id that a person would search first.
func idRank(id string) int {
	switch {
	case strings.HasPrefix(id, "CVE-"):
		return 0
	case strings.HasPrefix(id, "GHSA-"):
		return 1
	}
	return 2
}

// ecosystemOf is our word for a purl's type.
func ecosystemOf(typ string) string {
	if typ == "generic" {
		return sekisho.EcosystemBinary
	}
	return typ
}

// nameOf is a package's name as its ecosystem spells it.
func nameOf(u sekisho.PURL) string {
	switch {
	case u.Namespace == "", u.Type == "deb", u.Type == "apk", u.Type == "rpm", u.Type == "alpm":
		return u.Name
	case u.Type == "maven":
		return u.Namespace + ":" + u.Name
	}
	return u.Namespace + "/" + u.Name
}

// cleanPath is a path as ours are: without a leading slash.
func cleanPath(p string) string {
	p = strings.TrimPrefix(p, "file://")
	for {
		rest, ok := strings.CutPrefix(p, "./")
		if !ok {
			break
		}
		p = rest
	}
	return cut(strings.TrimLeft(p, "/"), maxProse)
}

// cut bounds a text, at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	for len(s) > 0 && !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	for len(s) > 0 && utf8.RuneStart(s[len(s)-1]) && s[len(s)-1] >= utf8.RuneSelf {
		s = s[:len(s)-1]
	}
	return s
}

func oneLine(s string) string { return strings.Join(strings.Fields(cut(s, 4*maxTitle)), " ") }

// short bounds a list of words, and leaves out empty ones and those said twice.
func short(list []string) []string {
	var out []string
	for _, s := range list {
		if s = cut(strings.TrimSpace(s), maxWord); s != "" && !slices.Contains(out, s) && len(out) < maxList {
			out = append(out, s)
		}
	}
	return out
}

// day is a date or time without parts of a second.
func day(s string) string {
	if i := strings.IndexByte(s, '.'); i >= 19 {
		end := strings.TrimLeft(s[i+1:], "0123456789")
		s = s[:i] + end
	}
	return cut(s, 40)
}
