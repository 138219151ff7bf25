// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// systems are the ecosystems whose packages a distribution upgrades together.
var systems = []string{sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM, sekisho.EcosystemALPM}

// plan groups findings into actions: what is changed by one act of a person is
// one action. Suppressed findings need none.
func plan(r *sekisho.Result, packages map[string]*sekisho.Package, compare func(ecosystem, a, b string) (int, bool)) []sekisho.Action {
	b := &builder{r: r, packages: packages, compare: compare, at: map[string]*work{}}
	b.drops = b.findDrops()
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Suppressed == nil && f.Risk != nil {
			b.add(f)
		}
	}
	return b.actions()
}

// work is an action in the making.
type work struct {
	sekisho.Action
	findings []*sekisho.Finding
	left     int
	drop     *drop
}

type builder struct {
	r        *sekisho.Result
	packages map[string]*sekisho.Package
	compare  func(ecosystem, a, b string) (int, bool)
	at       map[string]*work
	order    []*work
	drops    map[string]*drop // by purl
}

// get finds the action of a key, or begins it.
func (b *builder) get(key string, begin sekisho.Action) *work {
	w := b.at[key]
	if w == nil {
		w = &work{Action: begin}
		b.at[key] = w
		b.order = append(b.order, w)
	}
	return w
}

func (b *builder) add(f *sekisho.Finding) {
	switch f.Kind {
	case sekisho.Secret:
		b.get("secret\x00"+f.Rule+"\x00"+f.Location.Path, sekisho.Action{Kind: sekisho.ActionRotateSecret, Subject: f.Location.Path, Path: f.Location.Path}).take(f)
	case sekisho.Malware:
		subject := f.Location.Path
		if f.Package != nil {
			subject = f.Package.Name
		}
		if f.Location.Hidden {
			b.without(f, subject, f.Introduced)
			return
		}
		b.get("malware\x00"+subject, sekisho.Action{Kind: sekisho.ActionRemove, Subject: subject, Path: f.Location.Path}).take(f)
	case sekisho.Misconfiguration:
		if f.ResourceKind == sekisho.ResourceImage && f.Rule == "end-of-life" && b.r.OS != nil {
			// No file is to be changed: the system is.
			subject := strings.TrimSpace(cmp.Or(b.r.OS.PrettyName, b.r.OS.ID+" "+b.r.OS.Version))
			b.get("migrate", sekisho.Action{Kind: sekisho.ActionMigrate, Subject: subject}).take(f)
			return
		}
		file := f.Location.Path
		if f.ResourceKind == sekisho.ResourceImage {
			// Nobody edits a file of an image: one change of how it is built is for all.
			file = ""
		}
		subject := cmp.Or(file, b.r.Target.Name)
		b.get("file\x00"+subject, sekisho.Action{Kind: sekisho.ActionChangeFile, Subject: subject, Path: file}).take(f)
	case sekisho.Vulnerability:
		if f.Package != nil {
			b.vulnerable(f)
		}
	case sekisho.License:
	}
}

// without is to build again without what lower layers alone hold: deleting it
// in a later layer takes it out of no image.
func (b *builder) without(f *sekisho.Finding, subject string, from *sekisho.Introduction) {
	b.get("without\x00"+subject+"\x00"+f.Location.Path, sekisho.Action{Kind: sekisho.ActionRebuildWithout, Subject: subject, Path: f.Location.Path, Introduced: from}).take(f)
}

// vulnerable finds the change that raises the package of a flaw.
func (b *builder) vulnerable(f *sekisho.Finding) {
	p := b.packages[f.Package.PURL]
	switch {
	case p == nil && f.Location.Hidden, p != nil && p.Hidden:
		// What a container does not see is gone with the next base image; what is
		// exploited is not left to that.
		if f.Risk.Class == sekisho.ActNow {
			from := f.Introduced
			if p != nil && p.Introduced != nil {
				from = p.Introduced
			}
			b.without(f, strings.TrimSpace(f.Package.Name+" "+f.Package.Version), from)
		}
		return
	case p == nil: // a report of another tool that lists no packages
		p = &sekisho.Package{Path: f.Location.Path, Introduced: f.Introduced}
	}
	if b.dropped(f, p) {
		return
	}
	var w *work
	switch {
	case b.ofBase(f) && f.Status != sekisho.StatusEndOfLife:
		w = b.rebase(f)
	case slices.Contains(systems, f.Package.Ecosystem):
		key, kind, subject := "system", sekisho.ActionUpgradeSystem, f.Package.Ecosystem
		if b.r.OS != nil {
			subject = strings.TrimSpace(cmp.Or(b.r.OS.PrettyName, b.r.OS.ID+" "+b.r.OS.Version))
		}
		begin := sekisho.Action{Kind: kind, Subject: subject, Package: f.Package.Ecosystem}
		switch {
		case f.Status == sekisho.StatusEndOfLife:
			key, begin.Kind = "migrate", sekisho.ActionMigrate
		case f.Origin == sekisho.OriginOwn && b.split():
			// No newer base changes what an own layer installed.
			key, begin.Kind = "own-system", sekisho.ActionUpgradeOwn
			if p.Introduced != nil {
				begin.Path = p.Introduced.File
			}
		}
		w = b.get(key, begin)
	case f.Package.Ecosystem == sekisho.EcosystemBinary:
		w = b.get("program\x00"+f.Package.PURL, sekisho.Action{Kind: sekisho.ActionReplaceProgram, Subject: f.Package.Name, Package: f.Package.PURL, From: f.Package.Version, Path: p.Path})
	case slices.Contains(compiled, p.Extractor):
		w = b.get("compiled\x00"+p.Path, sekisho.Action{Kind: sekisho.ActionRebuildProgram, Subject: p.Path, Path: p.Path, Introduced: p.Introduced})
	default:
		w = b.get("package\x00"+f.Package.PURL, sekisho.Action{Kind: sekisho.ActionUpgradeDependency, Subject: f.Package.Name, Package: f.Package.PURL, From: f.Package.Version, Path: p.Path, Introduced: p.Introduced})
	}
	if f.Fixed == "" && w.Kind != sekisho.ActionMigrate && w.Kind != sekisho.ActionMoveBase {
		if f.Risk.Class == sekisho.ActNow {
			// Whoever exploits it does not wait for the fix.
			b.get("mitigate\x00"+f.Package.PURL, sekisho.Action{Kind: sekisho.ActionMitigate, Subject: f.Package.Name, Package: f.Package.PURL, From: f.Package.Version, Path: p.Path, Introduced: p.Introduced}).take(f)
			return
		}
		w.left++
		return
	}
	w.take(f)
	w.alsoIn(p)
	if w.Kind == sekisho.ActionUpgradeOwn && p.Introduced != nil && p.Introduced.Line > 0 && !slices.Contains(w.Lines, p.Introduced.Line) {
		w.Lines = append(w.Lines, p.Introduced.Line)
	}
	switch w.Kind {
	case sekisho.ActionUpgradeSystem, sekisho.ActionUpgradeOwn, sekisho.ActionUpgradeBase, sekisho.ActionRebuildBase, sekisho.ActionMoveBase, sekisho.ActionMigrate,
		sekisho.ActionRebuildProgram:
		if !slices.Contains(w.Packages, f.Package.Name) {
			w.Packages = append(w.Packages, f.Package.Name)
		}
		return
	}
	if n, ok := b.compare(f.Package.Ecosystem, f.Fixed, w.To); w.To == "" || ok && n > 0 {
		w.To = f.Fixed
	}
}

// split says whether the image tells for sure what is its base's: by a guess, an
// action would promise too much.
func (b *builder) split() bool {
	return b.r.Base != nil && b.r.Base.Split && b.r.Base.KnownBy != sekisho.BaseByGuess
}

// ofBase says whether the base is to be changed for a finding. Without a split,
// the packages of the system count as the base's where its name is known.
func (b *builder) ofBase(f *sekisho.Finding) bool {
	switch {
	case b.r.Base == nil || b.r.Base.KnownBy == sekisho.BaseByGuess || cmp.Or(b.r.Base.Name, b.r.Base.Digest) == "":
		return false
	case b.r.Base.Split && f.Origin != sekisho.OriginBase:
		return false
	case b.candidate(f) != nil:
		return true
	case b.r.Base.Current != "" && (!b.r.Base.Moved || b.stays(f)) && !slices.Contains(systems, f.Package.Ecosystem):
		return false // no newer base is there: what can be raised is the dependency itself
	case b.r.Base.Split:
		return true
	}
	return slices.Contains(systems, f.Package.Ecosystem)
}

// rebase is the action about the base that closes a finding: the move to a
// candidate that was seen not to have it, else a rebuild where the tag moved,
// else the newest of its name. Where the tag is what it was, a rebuild on it
// changes nothing, and the packages are upgraded above it.
func (b *builder) rebase(f *sekisho.Finding) *work {
	base := b.r.Base
	name := cmp.Or(base.Name, base.Digest)
	if c := b.candidate(f); c != nil && c != b.named() {
		return b.get("move-base", sekisho.Action{Kind: sekisho.ActionMoveBase, Subject: name, To: c.Name, Path: base.File, Lines: lineOf(base.Line), Adds: c.Adds})
	}
	begin := sekisho.Action{Kind: sekisho.ActionUpgradeBase, Subject: name, Path: base.File, Lines: lineOf(base.Line)}
	switch {
	case base.Moved && !b.stays(f):
		begin.Kind, begin.From, begin.To = sekisho.ActionRebuildBase, base.Digest, base.Current
		if c := b.named(); c != nil {
			begin.Adds = c.Adds
		}
	case base.Current != "" && slices.Contains(systems, f.Package.Ecosystem):
		begin = sekisho.Action{Kind: sekisho.ActionUpgradeOwn, Subject: name, Package: f.Package.Ecosystem}
		return b.get("above-base", begin)
	}
	return b.get("base", begin)
}

// candidate is the best one, where it was seen not to have the finding.
func (b *builder) candidate(f *sekisho.Finding) *sekisho.BaseCandidate {
	for i := range b.r.Base.Candidates {
		c := &b.r.Base.Candidates[i]
		if _, ok := slices.BinarySearch(c.Closes, f.ID); c.Best && ok {
			return c
		}
	}
	return nil
}

// named is the image that the base's tag names now, where it moved and that image
// was opened as a candidate.
func (b *builder) named() *sekisho.BaseCandidate {
	for i := range b.r.Base.Candidates {
		if c := &b.r.Base.Candidates[i]; b.r.Base.Moved && c.Digest != "" && c.Digest == b.r.Base.Current {
			return c
		}
	}
	return nil
}

// stays tells whether the image that the tag names now was seen to have the
// finding too.
func (b *builder) stays(f *sekisho.Finding) bool {
	c := b.named()
	if c == nil {
		return false
	}
	_, gone := slices.BinarySearch(c.Closes, f.ID)
	return !gone
}

// kept counts the findings of the base that the best candidate has too.
func (b *builder) kept() int {
	for i := range b.r.Base.Candidates {
		if c := &b.r.Base.Candidates[i]; c.Best {
			return c.Keeps
		}
	}
	return 0
}

func lineOf(n int) []int {
	if n == 0 {
		return nil
	}
	return []int{n}
}

// take adds a finding that the action closes.
func (w *work) take(f *sekisho.Finding) {
	w.findings = append(w.findings, f)
	w.Closes = append(w.Closes, f.ID)
	w.Score = max(w.Score, f.Risk.Score)
	w.Removed += f.Risk.Score
	if w.Class == "" || Urgency(f.Risk.Class) < Urgency(w.Class) {
		w.Class = f.Risk.Class
	}
	if n := f.Location.Line; n > 0 && (w.Kind == sekisho.ActionChangeFile || w.Kind == sekisho.ActionRotateSecret) && !slices.Contains(w.Lines, n) {
		w.Lines = append(w.Lines, n)
	}
}

// alsoIn adds the other places of a package that a person changes by hand.
func (w *work) alsoIn(p *sekisho.Package) {
	switch w.Kind {
	case sekisho.ActionUpgradeDependency, sekisho.ActionRebuildProgram, sekisho.ActionReplaceProgram:
	default:
		return
	}
	for _, l := range p.Locations {
		at := changed(p.Ecosystem, l.Path)
		if at.project != changed(p.Ecosystem, cmp.Or(w.Path, p.Path)).project && !l.Hidden && !slices.Contains(w.AlsoIn, at.file) {
			w.AlsoIn = append(w.AlsoIn, at.file)
		}
	}
}

// place is what a person changes for a package that lies at a path, and the
// project that it belongs to.
type place struct{ file, project string }

// changed is the archive around a path, or the path; of npm, whose tree and
// lockfile are changed by one command, the project is their directory.
func changed(ecosystem, p string) place {
	p, _, _ = strings.Cut(p, "!/")
	if ecosystem != sekisho.EcosystemNPM {
		return place{p, p}
	}
	if dir, ok := strings.CutSuffix(tree(p), "node_modules"); ok {
		return place{tree(p), path.Clean("/" + dir)}
	}
	return place{p, path.Dir("/" + p)}
}

// clear raises the version of a work to one that has none of its flaws: the fix
// of one may lie in a range of another. Those that the chosen version still has
// are not closed.
func (b *builder) clear(w *work) {
	if w.Kind != sekisho.ActionUpgradeDependency && w.Kind != sekisho.ActionReplaceProgram || len(w.findings) == 0 || w.To == "" {
		return
	}
	ecosystem := w.findings[0].Package.Ecosystem
	order := func(x, y string) (int, bool) { return b.compare(ecosystem, x, y) }
	w.To = sekisho.Clear(w.To, w.findings, order)
	all := w.findings
	w.findings, w.Closes, w.Score, w.Removed, w.Class = nil, nil, 0, 0, ""
	for _, f := range all {
		if _, open := f.OpenAt(w.To, order); open {
			w.left++
			continue
		}
		w.take(f)
	}
}

// actions are those that close something, the most urgent class first, within
// it the one that removes the most risk.
func (b *builder) actions() []sekisho.Action {
	var out []sekisho.Action
	for _, w := range b.order {
		b.clear(w)
	}
	for _, w := range b.refreshed() {
		if len(w.Closes) == 0 {
			continue
		}
		w.Remaining = w.left
		if w.drop != nil {
			w.Remaining = b.staying(w.drop)
		}
		if w.Kind == sekisho.ActionMoveBase {
			w.Remaining = b.kept() + w.Adds
		}
		if w.Kind == sekisho.ActionRebuildBase && b.named() != nil {
			w.Remaining = b.named().Keeps + w.Adds
		}
		slices.SortStableFunc(w.findings, Compare)
		named := map[string]bool{}
		for _, f := range w.findings {
			if f.Kind != sekisho.Vulnerability && !named[f.Rule] {
				named[f.Rule] = true
				w.Rules = append(w.Rules, f.Rule)
			}
		}
		slices.Sort(w.Closes)
		slices.Sort(w.Lines)
		if w.drop != nil {
			w.Packages = w.drop.worst(w.findings)
		} else {
			w.Packages = worstFirst(w.Packages, w.findings)
		}
		slices.Sort(w.AlsoIn)
		w.Major = w.Kind == sekisho.ActionUpgradeDependency && major(w.From) != major(w.To)
		out = append(out, w.Action)
	}
	slices.SortStableFunc(out, func(x, y sekisho.Action) int {
		return cmp.Or(cmp.Compare(Urgency(x.Class), Urgency(y.Class)), -cmp.Compare(x.Removed, y.Removed), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Subject, y.Subject), slices.Compare(x.Rules, y.Rules))
	})
	return out
}

// worstFirst orders the names of packages by their worst finding, since a list of
// them is cut; findings are the worst first.
func worstFirst(names []string, findings []*sekisho.Finding) []string {
	at := make(map[string]int, len(names))
	for i, f := range findings {
		if f.Package == nil {
			continue
		}
		if _, ok := at[f.Package.Name]; !ok {
			at[f.Package.Name] = i
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		x, y := findings[at[a]], findings[at[b]]
		return cmp.Or(Compare(x, y), cmp.Compare(a, b))
	})
	return names
}

// refreshed puts together the packages of one lockfile, or of one tree of
// node_modules, that nobody names directly and that are raised within their major
// version: one command of the package manager raises all of them. What is to be
// done now stands by itself, with its name.
func (b *builder) refreshed() []*work {
	at := map[string][]*work{}
	for _, w := range b.order {
		if p := b.packages[w.Package]; w.Kind == sekisho.ActionUpgradeDependency && len(w.Closes) > 0 && w.Class != sekisho.ActNow && p != nil && locked(p) && major(w.From) == major(w.To) {
			at[tree(w.Path)] = append(at[tree(w.Path)], w)
		}
	}
	var out []*work
	for _, w := range b.order {
		same := at[tree(w.Path)]
		if len(same) < 2 || !slices.Contains(same, w) {
			out = append(out, w)
			continue
		}
		if same[0] != w {
			continue // it went with the first
		}
		all := &work{Action: sekisho.Action{Kind: sekisho.ActionRefreshLock, Subject: tree(w.Path), Path: tree(w.Path), Introduced: w.Introduced}}
		for _, o := range same {
			for _, f := range o.findings {
				all.take(f)
			}
			all.left += o.left
			all.Packages = append(all.Packages, o.Subject)
			for _, at := range o.AlsoIn {
				if !slices.Contains(all.AlsoIn, at) {
					all.AlsoIn = append(all.AlsoIn, at)
				}
			}
		}
		all.Packages = slices.Compact(slices.Sorted(slices.Values(all.Packages)))
		out = append(out, all)
	}
	return out
}

// compiled are the extractors that read the modules inside programs.
var compiled = []string{"golang/binary", "cargo/auditable"}

// tree is the file or the directory that holds a package: all that npm put into
// one tree of node_modules is one.
func tree(path string) string {
	const modules = "node_modules/"
	if i := strings.Index(path, modules); i == 0 || i > 0 && path[i-1] == '/' {
		return path[:i+len(modules)-1]
	}
	return path
}

// locked says whether a package comes from a lockfile, or was put by its package
// manager into a tree beside one, and is not named by the project itself.
func locked(p *sekisho.Package) bool {
	if p.Relationship == sekisho.Direct || p.Relationship == sekisho.Root {
		return false
	}
	if p.Relationship == sekisho.Transitive && tree(p.Path) != p.Path {
		return true
	}
	return strings.HasSuffix(p.Extractor, "lock") || slices.Contains([]string{"npm/pnpm", "npm/bun", "npm/yarn", "golang/go.mod"}, p.Extractor)
}

// major is the part of a version before the first dot.
func major(v string) string {
	v = strings.TrimPrefix(v, "v")
	if i := strings.IndexAny(v, ".-+"); i >= 0 {
		v = v[:i]
	}
	return v
}
