// SPDX-License-Identifier: Apache-2.0

// Package diff compares two results, purely: what is new, what is fixed, what
// stayed, and which packages, layers and settings changed. It reads no file, no
// clock and no network, and decides nothing: a policy does.
//
// "Fixed" is said of a finding only where the new result looked at the part that
// it was in. To compare the other way round gives the mirror image.
package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of Compare. The zero value compares versions as texts.
type Options struct {
	// Order compares versions of an ecosystem; ok is false for what has no order.
	Order func(ecosystem, a, b string) (n int, ok bool)
	// Files that differ between the two trees, where they are known: a finding of
	// a renamed file is the same finding.
	Files []sekisho.FileChange
}

// Compare says how the new result differs from the old one. Neither is written
// to; findings of the comparison share their parts with them.
func Compare(before, after *sekisho.Result, o Options) *sekisho.Comparison {
	c := compare(before, after, &o)
	c.Files = slices.Clone(o.Files)
	old := map[string]*sekisho.Result{}
	for i := range before.Platforms {
		old[platform(&before.Platforms[i])] = &before.Platforms[i]
	}
	for i := range after.Platforms {
		p := &after.Platforms[i]
		name := platform(p)
		if old[name] == nil {
			remark(c, sekisho.RemarkPlatforms, "", name)
			continue
		}
		c.Platforms = append(c.Platforms, *compare(old[name], p, &o))
		delete(old, name)
	}
	for i := range before.Platforms {
		if name := platform(&before.Platforms[i]); old[name] != nil {
			remark(c, sekisho.RemarkPlatforms, name, "")
		}
	}
	return c
}

func compare(before, after *sekisho.Result, o *Options) *sekisho.Comparison {
	c := &sekisho.Comparison{
		SchemaVersion: sekisho.SchemaVersion, Tool: after.Tool, Created: after.Created, Old: side(before), New: side(after),
		Packages: packages(before.Packages, after.Packages, o.Order), Layers: layers(before.Layers, after.Layers), Image: image(before.Image, after.Image),
		Signature: signature(before.Signatures, after.Signatures),
	}
	remarks(c, before, after)
	c.Rules = rules(before.Rules, after.Rules)
	m := pair(before.Findings, after.Findings, o.Files)
	seen, saw := newView(after), newView(before)
	var added, appeared, fixed, vanished, unchanged list
	for i := range after.Findings {
		f := &after.Findings[i]
		j := m.of[i]
		switch {
		case j >= 0:
			was := &before.Findings[j]
			if f.Suppressed != nil && was.Suppressed != nil {
				continue // nobody is shown either
			}
			unchanged = append(unchanged, f)
			if d := changes(was, f); len(d) > 0 {
				c.Changed = append(c.Changed, sekisho.FindingChange{Finding: *f, Changes: d})
			}
		case f.Suppressed != nil:
		case saw.assessed(f):
			added = append(added, f)
		default:
			appeared = append(appeared, f)
		}
	}
	for j := range before.Findings {
		f := &before.Findings[j]
		switch {
		case m.used[j], f.Suppressed != nil:
		case seen.assessed(f):
			fixed = append(fixed, f)
		default:
			vanished = append(vanished, f)
		}
	}
	c.Added, c.Appeared, c.Fixed, c.Vanished, c.Unchanged = added.sorted(), appeared.sorted(), fixed.sorted(), vanished.sorted(), unchanged.sorted()
	slices.SortStableFunc(c.Changed, func(a, b sekisho.FindingChange) int { return byUrgency(&a.Finding, &b.Finding) })
	return c
}

// rules of both sides, each once.
func rules(before, after []sekisho.Rule) []sekisho.Rule {
	all := slices.Concat(after, before)
	slices.SortStableFunc(all, func(a, b sekisho.Rule) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Kind, b.Kind))
	})
	return slices.CompactFunc(all, func(a, b sekisho.Rule) bool { return a.ID == b.ID && a.Kind == b.Kind })
}

// list is of findings that are large: they are sorted where they are.
type list []*sekisho.Finding

// sorted are the findings, the worst first; never nil.
func (l list) sorted() []sekisho.Finding {
	slices.SortStableFunc(l, byUrgency)
	out := make([]sekisho.Finding, len(l))
	for i, f := range l {
		out[i] = *f
	}
	return out
}

// byUrgency puts the worst first.
func byUrgency(a, b *sekisho.Finding) int {
	return cmp.Or(cmp.Compare(score(b), score(a)), cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Rule, b.Rule), strings.Compare(name(a), name(b)), strings.Compare(a.ID, b.ID))
}

func score(f *sekisho.Finding) int {
	if f.Risk == nil {
		return 0
	}
	return f.Risk.Score
}

func side(r *sekisho.Result) sekisho.Side {
	s := sekisho.Side{Target: r.Target, Tool: r.Tool, Created: r.Created, Database: r.Database, Packages: len(r.Packages), Complete: r.Coverage.Complete}
	for i := range r.Findings {
		if r.Findings[i].Suppressed == nil {
			s.Findings++
		}
	}
	return s
}

func platform(r *sekisho.Result) string {
	if r.Target.Platform == nil {
		return ""
	}
	return r.Target.Platform.String()
}

func remark(c *sekisho.Comparison, code string, args ...string) {
	c.Remarks = append(c.Remarks, sekisho.Reason{Code: code, Args: args})
}

// remarks says what makes two results hard to compare.
func remarks(c *sekisho.Comparison, before, after *sekisho.Result) {
	if before.Target.Kind != after.Target.Kind {
		remark(c, sekisho.RemarkKinds, string(before.Target.Kind), string(after.Target.Kind))
	}
	if a, b := platform(before), platform(after); a != b && a != "" && b != "" {
		remark(c, sekisho.RemarkPlatforms, a, b)
	}
	if a, b := before.Database, after.Database; a != nil && b != nil && (a.Date != b.Date || a.Kind != b.Kind) {
		remark(c, sekisho.RemarkDatabases, strings.TrimSpace(a.Kind+" "+a.Date), strings.TrimSpace(b.Kind+" "+b.Date))
	}
	only := func(a, b *sekisho.Result, code string) {
		var names []string
		for _, s := range a.Coverage.Scanners {
			if s.Ran && !ran(b, s.Name) {
				names = append(names, s.Name)
			}
		}
		if len(names) > 0 {
			remark(c, code, strings.Join(names, ", "))
		}
	}
	only(before, after, sekisho.RemarkOldScanners)
	only(after, before, sekisho.RemarkNewScanners)
	if !before.Coverage.Complete {
		remark(c, sekisho.RemarkOldIncomplete)
	}
	if !after.Coverage.Complete {
		remark(c, sekisho.RemarkNewIncomplete)
	}
}

// changes names what differs between two states of one finding.
func changes(a, b *sekisho.Finding) (out []sekisho.FieldChange) {
	add := func(field, from, to string) {
		if from != to {
			out = append(out, sekisho.FieldChange{Field: field, From: from, To: to})
		}
	}
	add(sekisho.FieldSeverity, a.Severity.String(), b.Severity.String())
	add(sekisho.FieldFixed, a.Fixed, b.Fixed)
	add(sekisho.FieldStatus, a.Status, b.Status)
	add(sekisho.FieldKEV, kev(a), kev(b))
	if a.Package != nil && b.Package != nil {
		add(sekisho.FieldVersion, a.Package.Version, b.Package.Version)
	}
	add(sekisho.FieldPath, a.Location.Path, b.Location.Path)
	add(sekisho.FieldSuppressed, suppressed(a), suppressed(b))
	return out
}

// kev is the day since which a flaw is listed as exploited, in some word where the day is not known.
func kev(f *sekisho.Finding) string {
	if f.KEV == nil {
		return ""
	}
	return cmp.Or(f.KEV.Added, "listed")
}

func suppressed(f *sekisho.Finding) string {
	if f.Suppressed == nil {
		return ""
	}
	return cmp.Or(f.Suppressed.By, "suppressed")
}
