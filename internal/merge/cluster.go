// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of what one finding cites: places, references, disagreements.
const (
	maxEvidence      = 50
	maxReferences    = 100
	maxDisagreements = 50
)

// clusters joins the findings that only others have among each other: each is
// one flaw in one version of a package, one secret or rule at one line. Its
// places are in its evidence. The result is in order.
func (m *run) clusters(all []sekisho.Finding) []sekisho.Finding {
	at := map[string]int{}
	parent := make([]int, len(all))
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]] // the next search is shorter
			i = parent[i]
		}
		return i
	}
	for i := range all {
		parent[i] = i
		for _, k := range m.clusterKeys(&all[i]) {
			j, ok := at[k]
			if !ok {
				at[k] = i
				continue
			}
			a, b := root(j), root(i)
			parent[max(a, b)] = min(a, b)
		}
	}
	parts := map[int][]int{}
	for i := range all {
		parts[root(i)] = append(parts[root(i)], i)
	}
	out := make([]sekisho.Finding, 0, len(parts))
	for _, p := range parts {
		out = append(out, m.joined(all, p))
	}
	slices.SortFunc(out, func(a, b sekisho.Finding) int { return cmp.Compare(order(&a), order(&b)) })
	return out
}

func order(f *sekisho.Finding) string {
	parts := []string{string(f.Kind), f.Rule}
	if f.Package != nil {
		parts = append(parts, f.Package.Ecosystem, f.Package.Name, f.Package.Version, f.Package.PURL)
	}
	return strings.Join(append(parts, f.Location.Path, strconv.Itoa(f.Location.Line), f.Resource), "\x00")
}

// clusterKeys are texts of which two findings that are the same share one.
func (m *run) clusterKeys(f *sekisho.Finding) []string {
	var out []string
	place := f.Location.Path + "\x00" + strconv.Itoa(f.Location.Line)
	switch {
	case ofFlaw(f.Kind):
		pkg := "\x00at " + f.Location.Path
		if f.Package != nil {
			if keys := keysOf(f.Package.PURL, f.Package.Ecosystem, f.Package.Name, f.Package.Version); len(keys) > 0 {
				// Without the ecosystem: not every tool says it.
				pkg = keys[0][strings.IndexByte(keys[0], 0):]
			}
		}
		for _, id := range m.voiceKeys(f) {
			out = append(out, "flaw\x00"+id+pkg)
		}
	case f.Kind == sekisho.Secret:
		out = append(out, "secret\x00"+place)
	case f.Kind == sekisho.License:
		name := ""
		if f.Package != nil {
			name = nameOf(f.Package.PURL, f.Package.Ecosystem, f.Package.Name)
		}
		out = append(out, "license\x00"+strings.ToUpper(f.Rule)+"\x00"+name+"\x00"+f.Location.Path)
	default:
		for _, w := range f.Witnesses {
			for _, id := range append([]string{w.ID}, w.Aliases...) {
				out = append(out, "rule\x00"+sekisho.RuleKey(id)+"\x00"+place+"\x00"+f.Resource)
			}
		}
	}
	return out
}

// voiceKeys are the flaws that the witnesses of a finding name.
func (m *run) voiceKeys(f *sekisho.Finding) []string {
	var out []string
	for _, w := range f.Witnesses {
		keys := m.flaws.keys(w.ID, w.Aliases)
		if cves(flawIDs(append([]string{w.ID}, w.Aliases...))) > 1 {
			keys = []string{strings.Join(keys, " ")} // a bundle is the same as an equal one only
		}
		out = append(out, keys...)
	}
	return out
}

// joined is one finding of those that are the same. Every field is a function of
// the set of them: their order does not show.
func (m *run) joined(all []sekisho.Finding, parts []int) sekisho.Finding {
	out := sekisho.Finding{Kind: all[parts[0]].Kind}
	var ids []string
	var suppressed []sekisho.Suppression
	for _, i := range parts {
		f := &all[i]
		out.Witnesses = append(out.Witnesses, f.Witnesses...)
		if f.Kind == sekisho.Malware {
			out.Kind = sekisho.Malware
		}
		out.Title, out.Why, out.Fix = least(out.Title, f.Title), least(out.Why, f.Why), least(out.Fix, f.Fix)
		out.Resource, out.ResourceKind, out.Published = least(out.Resource, f.Resource), least(out.ResourceKind, f.ResourceKind), least(out.Published, f.Published)
		out.References, out.CWEs, out.Exploits = few(out.References, f.References), few(out.CWEs, f.CWEs), few(out.Exploits, f.Exploits)
		out.CVSS = append(out.CVSS, f.CVSS...)
		out.Package = leastPackage(out.Package, f.Package)
		if f.EPSS != nil && (out.EPSS == nil || compareEPSS(f.EPSS, out.EPSS) > 0) {
			out.EPSS = f.EPSS
		}
		if f.KEV != nil && (out.KEV == nil || compareKEV(f.KEV, out.KEV) < 0) {
			out.KEV = f.KEV
		}
		out.Severity = max(out.Severity, f.Severity)
		if s := f.Suppressed; s != nil {
			suppressed = append(suppressed, *s)
		}
	}
	out.Witnesses = witnesses(out.Witnesses)
	slices.SortFunc(out.CVSS, func(a, b sekisho.CVSS) int {
		return cmp.Or(cmp.Compare(a.Vector, b.Vector), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Score, b.Score))
	})
	out.CVSS = slices.CompactFunc(out.CVSS, func(a, b sekisho.CVSS) bool { return a.Vector == b.Vector })
	for i, w := range out.Witnesses {
		ids = append(append(ids, w.ID), w.Aliases...)
		out.Layer = least(out.Layer, w.Layer)
		if l := (sekisho.Location{Path: w.Path, Line: w.Line, Layer: w.Layer}); i == 0 || out.Location.Path == "" && l.Path != "" {
			out.Location = l
		}
		if w.Status != sekisho.StatusNotAffected {
			out.Status = cmp.Or(out.Status, w.Status)
		}
	}
	m.fix(&out)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	out.Rule = out.Witnesses[0].ID
	if ofFlaw(out.Kind) {
		out.Rule = slices.MinFunc(ids, func(a, b string) int { return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b)) })
	}
	out.Aliases = slices.DeleteFunc(ids, func(id string) bool { return id == out.Rule })
	out.Evidence = evidenceOf(out.Witnesses)
	out.Suppressed = suppression(out.Witnesses, suppressed)
	return out
}

// fix is the highest version that a witness calls fixed, as ours is the one that
// satisfies all sources.
func (m *run) fix(f *sekisho.Finding) {
	for _, w := range f.Witnesses {
		if w.Fixed == "" {
			continue
		}
		if f.Fixed == "" || m.higher(f, w.Fixed, f.Fixed) {
			f.Fixed = w.Fixed
		}
	}
	if f.Fixed != "" && f.Kind == sekisho.Vulnerability {
		f.Status = sekisho.StatusFixed
	}
}

func (m *run) higher(f *sekisho.Finding, a, b string) bool {
	if m.Compare != nil && f.Package != nil {
		if n, ok := m.Compare(f.Package.Ecosystem, a, b); ok {
			return n > 0
		}
	}
	return a > b
}

// suppression holds where every witness does not count the finding itself, or
// where somebody accepted it after an earlier merge.
func suppression(list []sekisho.Witness, before []sekisho.Suppression) *sekisho.Suppression {
	silenced := !slices.ContainsFunc(list, func(w sekisho.Witness) bool {
		return w.Suppressed == "" && w.Status != sekisho.StatusNotAffected
	})
	if silenced {
		w := &list[0]
		s := &sekisho.Suppression{By: w.Tool, Reason: w.Suppressed}
		if w.Status == sekisho.StatusNotAffected {
			s.Status = w.Status
		}
		return s
	}
	before = slices.DeleteFunc(before, func(s sekisho.Suppression) bool {
		return slices.ContainsFunc(list, func(w sekisho.Witness) bool { return w.Tool == s.By })
	})
	if len(before) == 0 {
		return nil
	}
	first := slices.MinFunc(before, func(a, b sekisho.Suppression) int {
		return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Until, b.Until))
	})
	return &first
}

// evidenceOf are the witnesses as evidence, each place once.
func evidenceOf(list []sekisho.Witness) []sekisho.Evidence {
	var out []sekisho.Evidence
	for _, w := range list {
		e := sekisho.Evidence{Source: w.Tool, ID: w.ID, Date: w.Date, Severity: w.Severity, Status: w.Status, Fixed: w.Fixed, Path: w.Path, Line: w.Line}
		if !slices.ContainsFunc(out, e.Same) && len(out) < maxEvidence {
			out = append(out, e)
		}
	}
	return out
}

// few is the union of two lists, the first of it where it is long.
func few(a, b []string) []string {
	out := union(a, b)
	return out[:min(len(out), maxReferences)]
}

// rank puts the id that a person would search first.
func rank(id string) int {
	switch {
	case strings.HasPrefix(id, "CVE-"):
		return 0
	case strings.HasPrefix(id, "GHSA-"):
		return 1
	}
	return 2
}

// leastPackage prefers a reference with a package URL.
func leastPackage(a, b *sekisho.PackageRef) *sekisho.PackageRef {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	text := func(p *sekisho.PackageRef) string {
		r := "1"
		switch {
		case p.PURL != "":
			r = "0"
		case p.Ecosystem == "":
			r = "2"
		}
		return strings.Join([]string{r, p.PURL, p.Ecosystem, p.Name, p.Version}, "\x00")
	}
	if text(b) < text(a) {
		return b
	}
	return a
}

func compareEPSS(a, b *sekisho.EPSS) int {
	return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Score, b.Score), cmp.Compare(a.Percentile, b.Percentile))
}

func compareKEV(a, b *sekisho.KEV) int {
	return cmp.Or(cmp.Compare(a.Added, b.Added), cmp.Compare(a.Due, b.Due))
}
