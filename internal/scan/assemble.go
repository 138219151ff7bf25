// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// assemble squashes the facts of the layers into a result without findings.
func assemble(a *sekisho.Artifact, layers []*facts, opt *Options) *sekisho.Result {
	r := &sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Tool: opt.Tool, Created: opt.Created, Target: a.Target,
		Image: a.Image, Layers: a.Layers, Database: opt.Database,
		Packages: []sekisho.Package{}, Findings: []sekisho.Finding{}, Problems: slices.Clone(a.Problems),
	}
	r.Coverage.Scanners = opt.Scanners
	s := &squash{artifact: a, layers: layers, stack: stack(layers), hidden: map[hiddenKey]bool{}}
	r.Problems = append(r.Problems, a.Inventory.Problems...)
	for _, f := range layers {
		if f == nil {
			r.Coverage.LayersUnread++
			continue
		}
		if f.cached {
			r.Coverage.LayersCached++
		}
		if f.broken {
			r.Coverage.LayersUnread++
		}
		r.Coverage.Files += f.Files
		r.Coverage.Bytes += f.Bytes
		r.Coverage.FilesRead += f.FilesRead
		r.Problems = append(r.Problems, f.Inventory.Problems...)
	}
	r.Coverage.Layers = len(a.Layers)
	r.OS = s.os(opt)
	s.gather()
	r.Coverage.LockedOnly = s.prune()
	s.index()
	s.own(r)
	s.mark()
	r.Packages = s.packages(r.OS, opt.VisibleOnly)
	return r
}

type hiddenKey struct {
	index int
	path  string
}

// squash decides what a container sees.
type squash struct {
	artifact *sekisho.Artifact
	layers   []*facts
	stack    layer.Squash
	hidden   map[hiddenKey]bool
	entries  map[packageKey]*entry
	// byName finds the visible packages of distributions, by ecosystem and name.
	byName map[string][]*entry
	// unclear is true when there is too much to find out what is used.
	unclear bool
}

type packageKey struct{ ecosystem, name, version, arch, modularity string }

// entry is one package and all the places where it was found.
type entry struct {
	pkg    sekisho.Package
	places []sekisho.Location
	trees  []string // sekisho.Package.Tree of each place
	owned  []string // the owner of each place; empty for none
}

func (s *squash) isHidden(index int, p string) bool {
	if i := strings.Index(p, "!/"); i >= 0 {
		p = p[:i]
	}
	k := hiddenKey{index, p}
	h, ok := s.hidden[k]
	if !ok {
		h = s.stack.Hidden(index, p)
		s.hidden[k] = h
	}
	return h
}

func (s *squash) diffID(i int) string { return layerName(&s.artifact.Layers[i]) }

func (s *squash) os(opt *Options) *sekisho.OS {
	all := slices.Clone(s.artifact.Inventory.OS)
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		for _, o := range f.Inventory.OS {
			o.Location.Index, o.Location.Layer = i, s.diffID(i)
			o.Location.Hidden = s.isHidden(i, o.Location.Path)
			all = append(all, o)
		}
	}
	slices.SortStableFunc(all, func(a, b sekisho.OS) int {
		return cmp.Or(cmpBool(a.Location.Hidden, b.Location.Hidden), cmp.Compare(b.Location.Index, a.Location.Index), cmp.Compare(a.Location.Path, b.Location.Path))
	})
	if opt.ChooseOS != nil {
		return opt.ChooseOS(all)
	}
	for i := range all {
		if !all[i].Location.Hidden {
			return &all[i]
		}
	}
	return nil
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// gather merges the sightings of each package.
func (s *squash) gather() {
	s.entries = map[packageKey]*entry{}
	for i := range s.artifact.Inventory.Packages {
		s.add(&s.artifact.Inventory.Packages[i], -1)
	}
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		for j := range f.Inventory.Packages {
			s.add(&f.Inventory.Packages[j], i)
		}
	}
}

func (s *squash) add(p *sekisho.Package, index int) {
	k := packageKey{p.Ecosystem, p.Name, p.Version, p.Arch, p.Modularity}
	e := s.entries[k]
	if e == nil {
		e = &entry{pkg: *p}
		e.pkg.Locations = nil
		s.entries[k] = e
	} else {
		mergePackage(&e.pkg, p)
	}
	for _, l := range p.Locations {
		if index >= 0 {
			l.Index, l.Layer = index, s.diffID(index)
			l.Hidden = s.isHidden(index, l.Path)
		}
		e.places = append(e.places, l)
		e.trees = append(e.trees, p.Tree)
	}
}

// mergePackage adds what one sighting knows more than another.
func mergePackage(p, q *sekisho.Package) {
	rank := func(r sekisho.Relationship) int {
		return slices.Index([]sekisho.Relationship{"", sekisho.Transitive, sekisho.Root, sekisho.Direct}, r)
	}
	if rank(q.Relationship) > rank(p.Relationship) {
		p.Relationship = q.Relationship
	}
	p.Dev = p.Dev && q.Dev
	for _, l := range q.Licenses {
		if !slices.Contains(p.Licenses, l) {
			p.Licenses = append(slices.Clip(p.Licenses), l)
		}
	}
	for _, c := range q.Checksums {
		if !slices.Contains(p.Checksums, c) {
			p.Checksums = append(slices.Clip(p.Checksums), c)
		}
	}
	p.SourceName, p.SourceVersion = cmp.Or(p.SourceName, q.SourceName), cmp.Or(p.SourceVersion, q.SourceVersion)
	p.PURL, p.Vendor = cmp.Or(p.PURL, q.PURL), cmp.Or(p.Vendor, q.Vendor)
	p.Extractor = min(p.Extractor, q.Extractor)
	// A higher layer knows better who needs whom.
	p.Installed, p.Needs, p.Suits, p.AskedAs, p.Provides = q.Installed, q.Needs, q.Suits, q.AskedAs, q.Provides
}

// distribution says whether the ecosystem is one whose packages own files.
func distribution(ecosystem string) bool {
	switch ecosystem {
	case sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM, sekisho.EcosystemALPM:
		return true
	}
	return false
}

// own finds which language packages and programs a distribution's package installed.
func (s *squash) own(r *sekisho.Result) {
	type place struct {
		e *entry
		i int
	}
	interest := map[uint64][]place{}
	named := map[uint64]bool{}
	for _, e := range s.entries {
		e.owned = make([]string, len(e.places))
		if distribution(e.pkg.Ecosystem) {
			continue
		}
		for i, l := range e.places {
			p, _, _ := strings.Cut(l.Path, "!/")
			h := sekisho.HashPath(p)
			interest[h] = append(interest[h], place{e, i})
			named[h] = true
		}
	}
	programs := map[uint64]string{}
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		for _, p := range f.Executables {
			if !s.isHidden(i, p) {
				programs[sekisho.HashPath(p)] = p
			}
		}
	}
	users := s.users()
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		for j := range f.Inventory.Owned {
			o := &f.Inventory.Owned[j]
			hidden := s.isHidden(i, o.Location.Path)
			for _, h := range o.Files {
				if !hidden {
					delete(programs, h)
					for _, user := range users[h] {
						s.use(o, user)
					}
				}
				for _, pl := range interest[h] {
					// A hidden list speaks of hidden places only.
					if l := pl.e.places[pl.i]; !hidden || l.Hidden && l.Index <= i {
						pl.e.owned[pl.i] = o.Ecosystem + "\x00" + o.Name + "\x00" + o.Arch
					}
				}
			}
		}
	}
	for h, p := range programs {
		if !named[h] {
			r.Coverage.UnownedBinaries++
			r.Coverage.Unowned = append(r.Coverage.Unowned, p)
		}
	}
	slices.Sort(r.Coverage.Unowned)
	r.Coverage.Unowned = slices.Clip(r.Coverage.Unowned[:min(len(r.Coverage.Unowned), 20)])
}

// placeKey tells places apart: a hostile lock file may name one package at a
// million of them.
type placeKey struct {
	path        string
	line, index int
}

// packages writes the list: one entry a package, visible places first.
func (s *squash) packages(os *sekisho.OS, visibleOnly bool) []sekisho.Package {
	owners := map[string]string{}
	for _, e := range s.entries {
		if distribution(e.pkg.Ecosystem) {
			complete(&e.pkg, os)
			owners[e.pkg.Ecosystem+"\x00"+e.pkg.Name+"\x00"+e.pkg.Arch] = e.pkg.PURL
			if _, ok := owners[e.pkg.Ecosystem+"\x00"+e.pkg.Name+"\x00"]; !ok || !allHidden(e.places) {
				owners[e.pkg.Ecosystem+"\x00"+e.pkg.Name+"\x00"] = e.pkg.PURL
			}
		}
	}
	read := s.rewrites()
	licenses, terms := s.licenses(), s.licenseTexts()
	out := make([]sekisho.Package, 0, len(s.entries))
	for k, e := range s.entries {
		p := e.pkg
		p.Hidden = allHidden(e.places) && len(e.places) > 0
		if p.Hidden && visibleOnly {
			continue
		}
		if p.Hidden {
			forget(&p)
		}
		p.Provides = nil // nobody else asks
		p.Introduced = s.introduced(e, read)
		owned := ""
		nobodys, told := map[sekisho.Location]bool{}, map[placeKey]bool{}
		for i, l := range e.places {
			if l.Hidden && !p.Hidden {
				continue
			}
			key := placeKey{l.Path, l.Line, l.Index}
			if told[key] {
				continue
			}
			told[key] = true
			p.Locations = append(p.Locations, l)
			if e.owned[i] == "" {
				nobodys[l] = true
			} else {
				owned = cmp.Or(owners[e.owned[i]], e.owned[i])
			}
		}
		if len(nobodys) == 0 {
			p.OwnedBy = cmp.Or(owned, p.OwnedBy) // a bill of materials without places may say it
		}
		slices.SortFunc(p.Locations, func(a, b sekisho.Location) int {
			switch {
			// It is judged for the places that are nobody's: those come first.
			case nobodys[a] && !nobodys[b]:
				return -1
			case nobodys[b] && !nobodys[a]:
				return 1
			}
			return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
		})
		if len(p.Locations) > 0 {
			p.Layer, p.Path, p.Line = p.Locations[0].Layer, p.Locations[0].Path, p.Locations[0].Line
		}
		if len(p.Licenses) == 0 && distribution(p.Ecosystem) {
			p.Licenses = licenses[licenseKey{k.ecosystem, k.name}]
		}
		terms.fill(&p)
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b sekisho.Package) int {
		return cmp.Or(cmp.Compare(a.Ecosystem, b.Ecosystem), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version),
			cmp.Compare(a.Arch, b.Arch), cmp.Compare(a.Modularity, b.Modularity))
	})
	return out
}

func allHidden(places []sekisho.Location) bool {
	return !slices.ContainsFunc(places, func(l sekisho.Location) bool { return !l.Hidden })
}

// rewrites says which layers hold a file that packages were read from.
func (s *squash) rewrites() map[string][]int {
	read := map[string][]int{}
	for _, e := range s.entries {
		for _, l := range e.places {
			if !slices.Contains(read[l.Path], l.Index) {
				read[l.Path] = append(read[l.Path], l.Index)
			}
		}
	}
	for _, v := range read {
		slices.Sort(v)
	}
	return read
}

// introduced goes down from the place that counts, through the layers that
// wrote the same file, as long as the package is in it.
func (s *squash) introduced(e *entry, read map[string][]int) *sekisho.Introduction {
	if len(s.artifact.Layers) == 0 || len(e.places) == 0 {
		return nil
	}
	hidden := allHidden(e.places)
	best := -1
	for _, l := range e.places {
		if l.Hidden && !hidden {
			continue
		}
		index := l.Index
		for _, below := range slices.Backward(read[l.Path]) {
			if below >= index {
				continue
			}
			if !slices.ContainsFunc(e.places, func(o sekisho.Location) bool { return o.Index == below && o.Path == l.Path }) {
				break
			}
			index = below
		}
		if best < 0 || index < best {
			best = index
		}
	}
	if best < 0 {
		return nil
	}
	return &sekisho.Introduction{Layer: s.diffID(best), Index: best, Instruction: s.artifact.Layers[best].Instruction}
}

type licenseKey struct{ ecosystem, name string }

// licenses collects what visible files declare for packages.
func (s *squash) licenses() map[licenseKey][]string {
	all := map[licenseKey][]string{}
	for i, f := range s.layers {
		if f == nil {
			continue
		}
		for _, d := range f.Inventory.Licenses {
			if !d.Text && !s.isHidden(i, d.Location.Path) {
				all[licenseKey{d.Ecosystem, d.Name}] = d.Licenses
			}
		}
	}
	return all
}

// complete gives a distribution's package the purl that only the OS makes known.
func complete(p *sekisho.Package, os *sekisho.OS) {
	if p.PURL != "" {
		return
	}
	u := sekisho.PURL{Type: p.Ecosystem, Name: p.Name, Version: p.Version, Qualifiers: map[string]string{"arch": p.Arch}}
	if os != nil {
		u.Namespace = os.ID
		u.Qualifiers["distro"] = strings.TrimSuffix(os.ID+"-"+os.Version, "-")
	}
	if p.Ecosystem == sekisho.EcosystemRPM {
		if epoch, rest, ok := strings.Cut(p.Version, ":"); ok {
			u.Version = rest
			u.Qualifiers["epoch"] = epoch
		}
		u.Qualifiers["rpmmod"] = p.Modularity
	}
	if p.SourceName != "" && (p.SourceName != p.Name || p.SourceVersion != "" && p.SourceVersion != p.Version) {
		u.Qualifiers["upstream"] = p.SourceName
		if p.SourceVersion != "" && p.SourceVersion != p.Version {
			u.Qualifiers["upstream"] += "@" + p.SourceVersion
		}
	}
	p.PURL = u.String()
}

// finish puts everything in order and counts it.
func finish(r *sekisho.Result, notAssessed map[string]int) {
	slices.SortStableFunc(r.Problems, func(a, b sekisho.Problem) int {
		return cmp.Or(cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Bound, b.Bound), cmp.Compare(a.Error, b.Error))
	})
	r.Problems = slices.CompactFunc(r.Problems, sekisho.Problem.Same)
	if r.Problems == nil {
		r.Problems = []sekisho.Problem{}
	}
	slices.SortStableFunc(r.Findings, func(a, b sekisho.Finding) int {
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
	})
	c := &r.Coverage
	byName := map[string]*sekisho.EcosystemCoverage{}
	for i := range r.Packages {
		p := &r.Packages[i]
		e := byName[p.Ecosystem]
		if e == nil {
			e = &sekisho.EcosystemCoverage{Ecosystem: p.Ecosystem}
			byName[p.Ecosystem] = e
		}
		switch {
		case p.Hidden:
			e.Hidden++
		case p.OwnedBy != "":
			e.Packages++
			e.Owned++
		default:
			e.Packages++
		}
	}
	c.Ecosystems = []sekisho.EcosystemCoverage{}
	for _, e := range byName {
		e.NotAssessed = notAssessed[e.Ecosystem]
		if notAssessed == nil {
			e.NotAssessed = e.Packages // nothing judged them
		}
		c.Ecosystems = append(c.Ecosystems, *e)
	}
	slices.SortFunc(c.Ecosystems, func(a, b sekisho.EcosystemCoverage) int { return cmp.Compare(a.Ecosystem, b.Ecosystem) })
	c.OS = osCoverage(r.OS, r.Created.Format("2006-01-02"))
	c.Problems = len(r.Problems)
	c.Complete = c.LayersUnread == 0 && !slices.ContainsFunc(r.Problems, func(p sekisho.Problem) bool { return !p.Minor })
	if c.Scanners == nil {
		c.Scanners = []sekisho.ScannerCoverage{}
	}
}

func osCoverage(os *sekisho.OS, today string) string {
	switch {
	case os == nil:
		return "none"
	case os.Family == "":
		return "unsupported"
	case os.EOL != "" && max(os.EOL, os.EOLExtended) < today:
		return "end-of-life"
	case os.Derived:
		return "derived"
	}
	return "supported"
}
