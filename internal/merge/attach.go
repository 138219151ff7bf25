// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// nearby is how many lines apart two tools may place the same misconfiguration:
// one names where an instruction begins, the other where it goes wrong.
const nearby = 10

// index finds our findings by what others call them.
type index map[string][]int

func (x index) add(key string, i int) {
	if list := x[key]; len(list) == 0 || list[len(list)-1] != i {
		x[key] = append(list, i)
	}
}

// attach gives each voice of the foreign findings to the findings of our own that
// are the same, and returns what is left, without the voices that found one.
func (m *run) attach() []sekisho.Finding {
	x := m.index()
	added := make([][]sekisho.Witness, len(m.own))
	var rest []sekisho.Finding
	for i := range m.foreign {
		f := &m.foreign[i]
		var alone []sekisho.Witness
		for _, w := range f.Witnesses {
			found := m.same(x, f, &w)
			for _, j := range found {
				added[j] = append(added[j], w)
			}
			if len(found) == 0 {
				alone = append(alone, w)
			}
		}
		if len(alone) > 0 {
			one := *f
			one.Witnesses = alone
			rest = append(rest, one)
		}
	}
	for i, list := range added {
		m.own[i].Witnesses = witnesses(slices.Concat(m.own[i].Witnesses, list))
	}
	return rest
}

// witnesses in order, each once; nil for none.
func witnesses(all []sekisho.Witness) []sekisho.Witness {
	if len(all) == 0 {
		return nil
	}
	all = slices.Clone(all)
	slices.SortFunc(all, compareWitness)
	return slices.CompactFunc(all, func(a, b sekisho.Witness) bool { return compareWitness(a, b) == 0 })
}

func compareWitness(a, b sekisho.Witness) int {
	return cmp.Or(
		cmp.Compare(a.Tool, b.Tool), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Version, b.Version),
		cmp.Compare(a.Date, b.Date), cmp.Compare(a.Fixed, b.Fixed), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Source, b.Source),
		cmp.Compare(a.By, b.By), cmp.Compare(a.Suppressed, b.Suppressed), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Package, b.Package), cmp.Compare(a.Layer, b.Layer),
		cmp.Compare(a.Title, b.Title), slices.Compare(a.Aliases, b.Aliases),
	)
}

func (m *run) index() index {
	x := index{}
	byURL := map[string]*sekisho.Package{}
	for i := range m.r.Packages {
		byURL[m.r.Packages[i].PURL] = &m.r.Packages[i]
	}
	for i := range m.own {
		f := &m.own[i]
		switch {
		case ofFlaw(f.Kind):
			keys := m.flaws.keys(f.Rule, nil)
			for _, a := range f.Aliases {
				keys = append(keys, m.flaws.keys(a, nil)...)
			}
			for _, id := range keys {
				x.add("flaw\x00"+id, i)
				if f.Package == nil {
					continue
				}
				p := f.Package
				for _, k := range keysOf(p.PURL, p.Ecosystem, p.Name, p.Version) {
					x.add("flaw\x00"+id+"\x00"+k, i)
				}
				for _, k := range keysOf(p.PURL, p.Ecosystem, p.Name, "") {
					x.add("flaw\x00"+id+"\x00any"+k[:strings.LastIndexByte(k, 0)], i)
				}
				if full := byURL[p.PURL]; full != nil && full.SourceName != "" && full.SourceName != full.Name {
					for _, v := range union([]string{full.Version}, nonEmpty(full.SourceVersion)) {
						for _, k := range keysOf("", p.Ecosystem, full.SourceName, v) {
							x.add("flaw\x00"+id+"\x00source"+k, i)
						}
					}
				}
			}
		case f.Kind == sekisho.Secret:
			x.add("secret\x00"+path.Base(f.Location.Path), i)
			for _, e := range f.Evidence {
				x.add("secret\x00"+path.Base(e.Path), i)
			}
		case f.Kind == sekisho.License:
			if f.Package != nil {
				e := ecosystemOf(f.Package.PURL, f.Package.Ecosystem)
				n := nameOf(f.Package.PURL, e, f.Package.Name)
				x.add("license\x00"+e+"\x00"+n, i)
				x.add("license\x00\x00"+n, i)
			}
		default:
			for _, id := range append([]string{f.Rule}, f.Aliases...) {
				x.add("rule\x00"+sekisho.RuleKey(id), i)
			}
		}
	}
	return x
}

// same are our findings that a voice speaks of.
func (m *run) same(x index, f *sekisho.Finding, w *sekisho.Witness) []int {
	switch {
	case ofFlaw(w.Kind), w.Kind == "" && ofFlaw(f.Kind):
		return m.narrow(m.sameFlaw(x, f, w), w)
	case f.Kind == sekisho.Secret:
		return m.sameSecret(x, w)
	case f.Kind == sekisho.License:
		return m.sameLicense(x, f, w)
	}
	return m.sameRule(x, w)
}

// sameFlaw finds by id and package, the fullest name of the package first.
func (m *run) sameFlaw(x index, f *sekisho.Finding, w *sekisho.Witness) []int {
	var out []int
	for _, id := range m.flaws.keys(w.ID, w.Aliases) {
		out = append(out, m.sameFlawID(x, f, "flaw\x00"+id)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (m *run) sameFlawID(x index, f *sekisho.Finding, id string) []int {
	p := f.Package
	if p == nil {
		return x[id]
	}
	keys := keysOf(p.PURL, p.Ecosystem, p.Name, p.Version)
	if len(keys) == 0 {
		return x[id]
	}
	if strings.HasSuffix(keys[0], "\x00") { // without a version
		for _, k := range keys {
			if found := x[id+"\x00any"+k[:strings.LastIndexByte(k, 0)]]; len(found) > 0 {
				return found
			}
		}
		return nil
	}
	for _, k := range keys {
		if found := x[id+"\x00"+k]; len(found) > 0 {
			return found
		}
	}
	// A source package stands for those built of it, unless one of them has its
	// name: then that one is meant.
	e := ecosystemOf(p.PURL, p.Ecosystem)
	if (system(e) || e == "") && !m.named(e, nameOf(p.PURL, e, p.Name), p.Version) {
		for _, k := range keys {
			if found := x[id+"\x00source"+k]; len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// named says whether a package of ours has the name and version itself, and not
// only its source package.
func (m *run) named(ecosystem, name, version string) bool {
	return slices.ContainsFunc(m.packages[ecosystem+" "+name], func(p *sekisho.Package) bool {
		return nameOf(p.PURL, p.Ecosystem, p.Name) == name && versionOf(p.Version) == versionOf(version)
	})
}

// narrow takes the findings at the path of the voice, where there are such.
func (m *run) narrow(found []int, w *sekisho.Witness) []int {
	if len(found) < 2 || w.Path == "" {
		return found
	}
	var there []int
	for _, i := range found {
		if samePath(m.own[i].Location.Path, w.Path) {
			there = append(there, i)
		}
	}
	if len(there) > 0 {
		return there
	}
	return found
}

// samePath compares paths that may begin in different directories.
func samePath(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	return a == b || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a)
}

// sameSecret finds by the place: tools have different names for what is there,
// and begin paths in different directories.
func (m *run) sameSecret(x index, w *sekisho.Witness) []int {
	var exact, near []int
	for _, i := range x["secret\x00"+path.Base(w.Path)] {
		f := &m.own[i]
		same, almost := false, false
		at := func(p string, line, end int) {
			if w.Line != 0 && line != 0 && (w.Line < line || w.Line > max(line, end)) {
				return
			}
			same, almost = same || p == w.Path, almost || samePath(p, w.Path)
		}
		at(f.Location.Path, f.Location.Line, f.Location.EndLine)
		for _, e := range f.Evidence {
			at(e.Path, e.Line, e.Line)
		}
		if same {
			exact = append(exact, i)
		}
		if almost {
			near = append(near, i)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return near
}

func (m *run) sameLicense(x index, f *sekisho.Finding, w *sekisho.Witness) []int {
	if f.Package == nil {
		return nil
	}
	e := ecosystemOf(f.Package.PURL, f.Package.Ecosystem)
	found := x["license\x00"+e+"\x00"+nameOf(f.Package.PURL, e, f.Package.Name)]
	var out []int
	for _, i := range found {
		own := &m.own[i]
		if slices.ContainsFunc(slices.Concat([]string{own.Rule}, own.Aliases, own.Args), func(s string) bool {
			return strings.EqualFold(s, w.ID) || slices.ContainsFunc(strings.Fields(s), func(word string) bool { return strings.EqualFold(strings.Trim(word, "(),"), w.ID) })
		}) {
			out = append(out, i)
		}
	}
	return out
}

// sameRule finds by a rule's id or alias and the place.
func (m *run) sameRule(x index, w *sekisho.Witness) []int {
	var found []int
	for _, id := range append([]string{w.ID}, w.Aliases...) {
		for _, i := range x["rule\x00"+sekisho.RuleKey(id)] {
			if own := m.own[i].Location.Path; own == w.Path || samePath(own, w.Path) {
				found = append(found, i)
			}
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) < 2 || w.Line == 0 {
		return found
	}
	best := nearby + 1
	for _, i := range found {
		best = min(best, m.distance(i, w))
	}
	return slices.DeleteFunc(found, func(i int) bool { return best > nearby || m.distance(i, w) != best })
}

// distance in lines of one of our findings from where a voice says.
func (m *run) distance(i int, w *sekisho.Witness) int {
	l := &m.own[i].Location
	switch {
	case l.Line == 0:
		return 0
	case w.Line < l.Line:
		return l.Line - w.Line
	case w.Line > max(l.Line, l.EndLine):
		return w.Line - max(l.Line, l.EndLine)
	}
	return 0
}
