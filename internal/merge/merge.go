// SPDX-License-Identifier: Apache-2.0

// Package merge joins what other tools report with a result of our own: one
// finding with several witnesses, and for each disagreement the reason as far as
// it can be known. It is pure: it opens nothing and asks nobody but the function
// that it is handed. What another tool says never lowers what we say, and no
// finding is lost.
package merge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of a merge. The zero value asks no database.
type Options struct {
	// Explain says what our database has of a package and an id that only others
	// report; nil where there is no database.
	Explain func(p *sekisho.Package, id string) []Answer
	// Compare orders two versions of an ecosystem; not ok for what is none. Nil
	// compares texts.
	Compare func(ecosystem, a, b string) (n int, ok bool)
}

// Answer is one row of our database, or that there is none.
type Answer struct {
	// Source and ID of the row; both empty when no row names the flaw.
	Source, ID string
	// World that was asked: "debian/12".
	World    string
	Affected bool
	Reason   string
}

// Merge joins the results of other tools, and reports of this program that
// AsWitness made such, into r. The order of the others does not matter, nor
// whether they come at once or one after another; one that was merged before
// changes nothing.
//
// A result with further platforms takes each report where its digest or its
// platform says, else in the first.
func Merge(r *sekisho.Result, others []*sekisho.Result, o Options) {
	into := make([][]*sekisho.Result, 1+len(r.Platforms))
	for _, other := range others {
		i := place(r, other)
		into[i] = append(into[i], other)
	}
	join(r, into[0], o)
	for i := range r.Platforms {
		if len(into[i+1]) > 0 || len(r.Platforms[i].Witnesses) > 0 {
			join(&r.Platforms[i], into[i+1], o)
		}
	}
}

// place is the platform that a report is about: 0 for the result itself.
func place(r, other *sekisho.Result) int {
	if len(r.Platforms) == 0 {
		return 0
	}
	all := []*sekisho.Target{&r.Target}
	for i := range r.Platforms {
		all = append(all, &r.Platforms[i].Target)
	}
	for i, t := range all {
		if same, known := sameTarget(t, &other.Target); known && same {
			return i
		}
	}
	for i, t := range all {
		if t.Platform != nil && other.Target.Platform != nil && t.Platform.Architecture == other.Target.Platform.Architecture {
			return i
		}
	}
	return 0
}

// sameTarget compares digests; known is false where they cannot be compared.
func sameTarget(a, b *sekisho.Target) (same, known bool) {
	for _, p := range [][2]string{{a.ConfigDigest, b.ConfigDigest}, {a.Digest, b.Digest}, {a.IndexDigest, b.Digest}, {a.Digest, b.IndexDigest}} {
		if p[0] != "" && p[1] != "" {
			known = true
			if p[0] == p[1] {
				return true, true
			}
		}
	}
	return false, known
}

// Foreign says whether a finding has no evidence but that of other tools.
func Foreign(f *sekisho.Finding) bool {
	if len(f.Witnesses) == 0 {
		return false
	}
	for _, e := range f.Evidence {
		if !slices.ContainsFunc(f.Witnesses, func(w sekisho.Witness) bool { return w.Tool == e.Source }) {
			return false
		}
	}
	return true
}

// AsWitness makes a report of this program one of another tool, so that two of
// ours can be merged: of another version, or with another database.
func AsWitness(r *sekisho.Result) *sekisho.Result {
	out := *r
	tool := cmp.Or(r.Tool.Name, "sekisho")
	w := sekisho.WitnessReport{
		Tool: tool, Version: r.Tool.Version, Format: "sekisho", Target: r.Target.Name, Digest: r.Target.Digest, ConfigDigest: r.Target.ConfigDigest,
		Findings: len(r.Findings), Packages: len(r.Packages),
	}
	if !r.Created.IsZero() {
		w.Date = r.Created.UTC().Format("2006-01-02T15:04:05Z")
	}
	if r.Database != nil {
		w.Database = r.Database.Date
	}
	for _, s := range r.Coverage.Scanners {
		kind := map[string]sekisho.FindingKind{"vuln": sekisho.Vulnerability, "misconfig": sekisho.Misconfiguration, "secret": sekisho.Secret, "malware": sekisho.Malware, "license": sekisho.License}[s.Name]
		if s.Ran && kind != "" {
			w.Kinds = append(w.Kinds, kind)
		}
	}
	slices.Sort(w.Kinds)
	out.Witnesses = append(slices.Clone(r.Witnesses), w)
	out.Packages = slices.Clone(r.Packages)
	for i := range out.Packages {
		p := &out.Packages[i]
		if p.Hidden {
			p.Name, p.PURL = "", "" // not one that a container sees
			continue
		}
		if p.Extractor != sekisho.ExtractorWitness {
			p.Witnesses = union(p.Witnesses, []string{tool})
		}
		p.Extractor = sekisho.ExtractorWitness
	}
	out.Packages = slices.DeleteFunc(out.Packages, func(p sekisho.Package) bool { return p.Name == "" && p.PURL == "" })
	out.Findings = slices.Clone(r.Findings)
	for i := range out.Findings {
		f := &out.Findings[i]
		if Foreign(f) {
			continue
		}
		one := sekisho.Witness{
			Tool: tool, Version: w.Version, Date: w.Date, ID: f.Rule, Aliases: f.Aliases, Severity: f.Severity.String(), Fixed: f.Fixed, Status: f.Status, Kind: f.Kind,
			Title: f.Title, Layer: f.Layer, Path: f.Location.Path, Line: f.Location.Line, Source: severitySource(f),
		}
		if f.Package != nil {
			one.Package = strings.TrimSpace(f.Package.Name + " " + f.Package.Version)
		}
		if f.Suppressed != nil {
			one.Suppressed = cmp.Or(f.Suppressed.Reason, f.Suppressed.By)
		}
		f.Witnesses = append(slices.Clone(f.Witnesses), one)
		f.Evidence, f.Disagreements, f.Suppressed = evidenceOf(f.Witnesses), nil, nil
	}
	return &out
}

// run is one merge.
type run struct {
	Options
	r *sekisho.Result
	// own are the findings with evidence of our own, foreign the rest of r and
	// those of the others.
	own     []sekisho.Finding
	foreign []sekisho.Finding
	flaws   *classes
	// packages by "ecosystem name": those that we have read.
	packages map[string][]*sekisho.Package
	answers  map[string][]Answer
}

func join(r *sekisho.Result, others []*sekisho.Result, o Options) {
	m := &run{Options: o, r: r, flaws: newClasses(), packages: map[string][]*sekisho.Package{}, answers: map[string][]Answer{}}
	if len(others) == 0 && len(r.Witnesses) == 0 {
		return
	}
	m.reports(others)
	m.join(others)
	for i := range r.Findings {
		if f := &r.Findings[i]; Foreign(f) {
			m.foreign = append(m.foreign, *f)
		} else {
			m.own = append(m.own, *f)
		}
	}
	for _, other := range others {
		m.foreign = append(m.foreign, other.Findings...)
	}
	for _, list := range [][]sekisho.Finding{m.own, m.foreign} {
		for i := range list {
			m.flaws.learn(&list[i])
		}
	}
	rest := m.attach()
	alone := m.clusters(rest)
	for i := range m.own {
		m.own[i].Disagreements = m.differ(&m.own[i])
	}
	for i := range alone {
		alone[i].Disagreements = m.missingHere(&alone[i])
	}
	r.Findings = append(m.own, alone...)
	if r.Findings == nil {
		r.Findings = []sekisho.Finding{}
	}
	m.identify()
	m.coverage()
}

// reports keeps each report once.
func (m *run) reports(others []*sekisho.Result) {
	all := slices.Clone(m.r.Witnesses)
	for _, other := range others {
		all = append(all, other.Witnesses...)
	}
	for i := range all {
		w := &all[i]
		same, known := sameTarget(&m.r.Target, &sekisho.Target{Digest: w.Digest, ConfigDigest: w.ConfigDigest})
		w.OtherTarget = known && !same
	}
	key := func(w *sekisho.WitnessReport) string { return fmt.Sprintf("%+v", *w) }
	slices.SortFunc(all, func(a, b sekisho.WitnessReport) int { return cmp.Compare(key(&a), key(&b)) })
	m.r.Witnesses = slices.CompactFunc(all, func(a, b sekisho.WitnessReport) bool { return key(&a) == key(&b) })
}

// join puts the packages that others list to ours, and those of them alone behind.
func (m *run) join(others []*sekisho.Result) {
	r := m.r
	var own, foreign []sekisho.Package
	for i := range r.Packages {
		if r.Packages[i].Extractor == sekisho.ExtractorWitness {
			foreign = append(foreign, r.Packages[i])
		} else {
			own = append(own, r.Packages[i])
		}
	}
	for _, other := range others {
		foreign = append(foreign, other.Packages...)
	}
	at := map[string][]int{}
	for i := range own {
		for _, k := range keysOf(own[i].PURL, own[i].Ecosystem, own[i].Name, own[i].Version) {
			at[k] = append(at[k], i)
		}
	}
	alone := map[string]*sekisho.Package{}
	for i := range foreign {
		p := &foreign[i]
		keys := keysOf(p.PURL, p.Ecosystem, p.Name, p.Version)
		found := false
		for _, k := range keys {
			for _, j := range at[k] {
				own[j].Witnesses = union(own[j].Witnesses, p.Witnesses)
				found = true
			}
			if found {
				break
			}
		}
		if found || len(keys) == 0 {
			continue
		}
		one := *p
		if first := alone[keys[0]]; first != nil {
			names := union(first.Witnesses, one.Witnesses)
			if packageText(first) <= packageText(&one) {
				one = *first
			}
			one.Witnesses = names
		}
		alone[keys[0]] = &one
	}
	rest := make([]sekisho.Package, 0, len(alone))
	for _, p := range alone {
		rest = append(rest, *p)
	}
	slices.SortFunc(rest, func(a, b sekisho.Package) int { return cmp.Compare(packageText(&a), packageText(&b)) })
	r.Packages = append(own, rest...)
	if r.Packages == nil {
		r.Packages = []sekisho.Package{}
	}
	for i := range own {
		p := &r.Packages[i]
		e := ecosystemOf(p.PURL, p.Ecosystem)
		for _, name := range union([]string{nameOf(p.PURL, e, p.Name)}, nonEmpty(p.SourceName)) {
			m.packages[e+" "+name] = append(m.packages[e+" "+name], p)
			m.packages[" "+name] = append(m.packages[" "+name], p)
		}
	}
}

// packageText orders packages: the one with most said of it, then by its text.
func packageText(p *sekisho.Package) string {
	rank := "1"
	if p.PURL != "" {
		rank = "0"
	}
	return strings.Join([]string{rank, p.Ecosystem, p.Name, p.Version, p.PURL, p.Path, p.Layer, p.SourceName, p.Arch}, "\x00")
}

// coverage says what the merge added: packages that were not judged by us, and
// reports about something else.
func (m *run) coverage() {
	r := m.r
	r.Problems = slices.DeleteFunc(r.Problems, func(p sekisho.Problem) bool { return p.Stage == sekisho.StageMerge && p.Minor })
	if r.Problems == nil {
		r.Problems = []sekisho.Problem{}
	}
	defer func() { r.Coverage.Problems = len(r.Problems) }()
	if r.Target.Source == "report" {
		m.foreignCoverage()
		return
	}
	alone := map[string]int{}
	for i := range r.Packages {
		if p := &r.Packages[i]; p.Extractor == sekisho.ExtractorWitness {
			alone[strings.Join(p.Witnesses, ", ")]++
		}
	}
	for _, tools := range sortedKeys(alone) {
		r.Problems = append(r.Problems, sekisho.Problem{Stage: sekisho.StageMerge, Minor: true}.Saying(message.Say("%d packages that only %s lists were judged by nobody else", alone[tools], tools)))
	}
}

// foreignCoverage is that of a result which holds nothing of our own.
func (m *run) foreignCoverage() {
	r := m.r
	kinds := map[string]bool{"packages": len(r.Packages) > 0}
	for _, w := range r.Witnesses {
		for _, k := range w.Kinds {
			kinds[map[sekisho.FindingKind]string{sekisho.Vulnerability: "vuln", sekisho.Misconfiguration: "misconfig", sekisho.Secret: "secret", sekisho.Malware: "malware", sekisho.License: "license"}[k]] = true
		}
	}
	for i := range r.Coverage.Scanners {
		if s := &r.Coverage.Scanners[i]; kinds[s.Name] {
			s.Ran, s.Why, s.Code = true, "", ""
		}
	}
	counts := map[string]int{}
	for i := range r.Packages {
		counts[r.Packages[i].Ecosystem]++
	}
	r.Coverage.Ecosystems = []sekisho.EcosystemCoverage{}
	for _, e := range sortedKeys(counts) {
		r.Coverage.Ecosystems = append(r.Coverage.Ecosystems, sekisho.EcosystemCoverage{Ecosystem: e, Packages: counts[e]})
	}
}
