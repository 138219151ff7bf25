// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// pairing says which finding of one result is which of another.
type pairing struct {
	of   []int  // for each new finding the old one, -1 for none
	used []bool // the old ones that have a new one
}

// pair finds the same findings in two results. What a rule found is the same by
// its id alone: other text at the same place is another mistake. A finding of a
// package is the same flaw of the same package, the nearer by version and place
// first, so that of two copies the one that stayed is the one that stayed.
func pair(before, after []sekisho.Finding, files []sekisho.FileChange) *pairing {
	m := &pairing{of: make([]int, len(after)), used: make([]bool, len(before))}
	for i := range m.of {
		m.of[i] = -1
	}
	for _, key := range []func(f *sekisho.Finding) string{
		func(f *sekisho.Finding) string { return whole(f, f.Location.Path) },
		func(f *sekisho.Finding) string { return whole(f, "") },
		func(f *sekisho.Finding) string { return flaw(f, place(f)) },
		func(f *sekisho.Finding) string { return flaw(f, "") },
		byID,
	} {
		m.pass(before, after, key, key)
	}
	m.align(before, after)
	m.aliases(before, after)
	m.renamed(before, after, files)
	return m
}

// pass pairs the findings that are left and have the same key; an empty one takes
// no part.
func (m *pairing) pass(before, after []sekisho.Finding, oldKey, newKey func(f *sekisho.Finding) string) {
	old := map[string][]int{}
	for j := range before {
		if m.used[j] {
			continue
		}
		if k := oldKey(&before[j]); k != "" {
			old[k] = append(old[k], j)
		}
	}
	if len(old) == 0 {
		return
	}
	now := map[string][]int{}
	for i := range after {
		if m.of[i] >= 0 {
			continue
		}
		if k := newKey(&after[i]); k != "" && old[k] != nil {
			now[k] = append(now[k], i)
		}
	}
	for k, is := range now {
		m.zip(before, after, old[k], is)
	}
}

// zip pairs two lists of findings that cannot be told apart otherwise, in the
// order of their places: the same from both sides.
func (m *pairing) zip(before, after []sekisho.Finding, old, now []int) {
	slices.SortFunc(old, func(a, b int) int { return byPlace(&before[a], &before[b], a, b) })
	slices.SortFunc(now, func(a, b int) int { return byPlace(&after[a], &after[b], a, b) })
	old, now = slices.Compact(old), slices.Compact(now)
	for n := range min(len(old), len(now)) {
		m.of[now[n]], m.used[old[n]] = old[n], true
	}
}

func byPlace(a, b *sekisho.Finding, i, j int) int {
	return cmp.Or(strings.Compare(purl(a), purl(b)), strings.Compare(a.Location.Path, b.Location.Path), cmp.Compare(a.Location.Line, b.Location.Line), cmp.Compare(i, j))
}

func purl(f *sekisho.Finding) string {
	if f.Package == nil {
		return ""
	}
	return f.Package.PURL
}

// name of the package that a finding is about, or of its resource.
func name(f *sekisho.Finding) string {
	if f.Package == nil {
		return f.Resource
	}
	return cmp.Or(f.Package.Name, unversioned(f.Package.PURL))
}

// unversioned is a package URL without version and qualifiers.
func unversioned(s string) string {
	s, _, _ = strings.Cut(s, "?")
	if i := strings.LastIndexByte(s, '@'); i > strings.LastIndexByte(s, '/') {
		s = s[:i]
	}
	return s
}

const sep = "\x00"

// flaw is what a finding of a package is about, without its version.
func flaw(f *sekisho.Finding, place string) string {
	if f.Package == nil {
		return ""
	}
	return string(f.Kind) + sep + f.Rule + sep + f.Package.Ecosystem + sep + name(f) + sep + licence(f) + sep + place
}

func whole(f *sekisho.Finding, path string) string {
	if f.Package == nil {
		return ""
	}
	return flaw(f, f.Package.PURL) + sep + path
}

// licence tells apart what one rule finds of several licences of one package.
func licence(f *sekisho.Finding) string {
	if f.Kind != sekisho.License {
		return ""
	}
	return strings.Join(f.Args, sep)
}

// place is a path without the version that many ecosystems write into it.
func place(f *sekisho.Finding) string {
	if v := f.Package; v != nil && v.Version != "" {
		return strings.ReplaceAll(f.Location.Path, v.Version, "*")
	}
	return f.Location.Path
}

// byID is the key of what is not about a package.
func byID(f *sekisho.Finding) string {
	if f.Package != nil {
		return ""
	}
	return string(f.Kind) + sep + f.ID
}

// aliases pairs flaws that got another name, as when a CVE is assigned to what
// had none.
func (m *pairing) aliases(before, after []sekisho.Finding) {
	index := func(all []sekisho.Finding, free func(i int) bool) map[string][]int {
		out := map[string][]int{}
		for i := range all {
			if f := &all[i]; free(i) && f.Package != nil && (f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware) {
				for _, id := range append([]string{f.Rule}, f.Aliases...) {
					k := strings.ToUpper(id) + sep + f.Package.Ecosystem + sep + name(f)
					out[k] = append(out[k], i)
				}
			}
		}
		return out
	}
	old := index(before, func(i int) bool { return !m.used[i] })
	if len(old) == 0 {
		return
	}
	now := index(after, func(i int) bool { return m.of[i] < 0 })
	var keys []string
	for k := range now {
		if old[k] != nil {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		m.zip(before, after,
			slices.DeleteFunc(old[k], func(i int) bool { return m.used[i] }),
			slices.DeleteFunc(now[k], func(i int) bool { return m.of[i] >= 0 }))
	}
}

// renamed pairs what rules found in files that have another name now.
func (m *pairing) renamed(before, after []sekisho.Finding, files []sekisho.FileChange) {
	to := map[string]string{}
	for _, f := range files {
		if f.State == sekisho.FileRenamed {
			to[f.From] = f.Path
		}
	}
	if len(to) == 0 {
		return
	}
	came := map[string]bool{}
	for _, p := range to {
		came[p] = true
	}
	key := func(f *sekisho.Finding, path string) string {
		if f.Package != nil || len(f.Evidence) == 0 {
			return ""
		}
		return strings.Join([]string{string(f.Kind), f.ResourceKind, f.Rule, f.Resource, f.Evidence[0].Text, path}, sep)
	}
	m.pass(before, after, func(f *sekisho.Finding) string {
		if p, ok := to[f.Location.Path]; ok {
			return key(f, p)
		}
		return ""
	}, func(f *sekisho.Finding) string {
		if came[f.Location.Path] {
			return key(f, f.Location.Path)
		}
		return ""
	})
}
