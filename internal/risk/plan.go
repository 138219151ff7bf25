// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
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
}

type builder struct {
	r        *sekisho.Result
	packages map[string]*sekisho.Package
	compare  func(ecosystem, a, b string) (int, bool)
	at       map[string]*work
	order    []*work
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
		b.get("malware\x00"+subject, sekisho.Action{Kind: sekisho.ActionRemove, Subject: subject, Path: f.Location.Path}).take(f)
	case sekisho.Misconfiguration:
		if f.ResourceKind == sekisho.ResourceImage && f.Rule == "end-of-life" && b.r.OS != nil {
			// No file is to be changed: the system is.
			subject := strings.TrimSpace(cmp.Or(b.r.OS.PrettyName, b.r.OS.ID+" "+b.r.OS.Version))
			b.get("migrate", sekisho.Action{Kind: sekisho.ActionMigrate, Subject: subject}).take(f)
			return
		}
		path := cmp.Or(f.Location.Path, b.r.Target.Name)
		b.get("file\x00"+path, sekisho.Action{Kind: sekisho.ActionChangeFile, Subject: path, Path: path}).take(f)
	case sekisho.Vulnerability:
		if f.Package != nil {
			b.vulnerable(f)
		}
	case sekisho.License:
	}
}

// vulnerable finds the change that raises the package of a flaw.
func (b *builder) vulnerable(f *sekisho.Finding) {
	p := b.packages[f.Package.PURL]
	if p == nil || p.Hidden {
		return // what a container does not see is gone with the next base image
	}
	var w *work
	switch {
	case slices.Contains(systems, f.Package.Ecosystem):
		key, kind, subject := "system", sekisho.ActionUpgradeSystem, f.Package.Ecosystem
		if b.r.OS != nil {
			subject = strings.TrimSpace(cmp.Or(b.r.OS.PrettyName, b.r.OS.ID+" "+b.r.OS.Version))
		}
		if f.Status == sekisho.StatusEndOfLife {
			key, kind = "migrate", sekisho.ActionMigrate
		}
		begin := sekisho.Action{Kind: kind, Subject: subject, Package: f.Package.Ecosystem}
		if base := b.base(); base != "" && kind == sekisho.ActionUpgradeSystem {
			begin.Kind, begin.Subject = sekisho.ActionUpgradeBase, base
		}
		w = b.get(key, begin)
	case f.Package.Ecosystem == sekisho.EcosystemBinary:
		w = b.get("program\x00"+f.Package.PURL, sekisho.Action{Kind: sekisho.ActionReplaceProgram, Subject: f.Package.Name, Package: f.Package.PURL, From: f.Package.Version, Path: p.Path})
	case slices.Contains(compiled, p.Extractor):
		w = b.get("compiled\x00"+p.Path, sekisho.Action{Kind: sekisho.ActionRebuildProgram, Subject: p.Path, Path: p.Path, Introduced: p.Introduced})
	default:
		w = b.get("package\x00"+f.Package.PURL, sekisho.Action{Kind: sekisho.ActionUpgradeDependency, Subject: f.Package.Name, Package: f.Package.PURL, From: f.Package.Version, Path: p.Path, Introduced: p.Introduced})
	}
	if f.Fixed == "" && w.Kind != sekisho.ActionMigrate {
		w.left++
		return
	}
	w.take(f)
	switch w.Kind {
	case sekisho.ActionUpgradeSystem, sekisho.ActionUpgradeBase, sekisho.ActionMigrate, sekisho.ActionRebuildProgram:
		if !slices.Contains(w.Packages, f.Package.Name) {
			w.Packages = append(w.Packages, f.Package.Name)
		}
		return
	}
	if n, ok := b.compare(f.Package.Ecosystem, f.Fixed, w.To); w.To == "" || ok && n > 0 {
		w.To = f.Fixed
	}
}

// base is the name of the base image, where the image says it.
func (b *builder) base() string {
	if b.r.Image == nil || b.r.Image.Provenance == nil {
		return ""
	}
	return b.r.Image.Provenance.BaseName
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

// actions are those that close something, the most urgent class first, within
// it the one that removes the most risk.
func (b *builder) actions() []sekisho.Action {
	var out []sekisho.Action
	for _, w := range b.refreshed() {
		if len(w.Closes) == 0 {
			continue
		}
		w.Remaining = w.left
		slices.SortStableFunc(w.findings, Compare)
		for _, f := range w.findings {
			if f.Kind != sekisho.Vulnerability && !slices.Contains(w.Rules, f.Rule) {
				w.Rules = append(w.Rules, f.Rule)
			}
		}
		slices.Sort(w.Closes)
		slices.Sort(w.Lines)
		slices.Sort(w.Packages)
		w.Major = w.Kind == sekisho.ActionUpgradeDependency && major(w.From) != major(w.To)
		out = append(out, w.Action)
	}
	slices.SortStableFunc(out, func(x, y sekisho.Action) int {
		return cmp.Or(cmp.Compare(Urgency(x.Class), Urgency(y.Class)), -cmp.Compare(x.Removed, y.Removed), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Subject, y.Subject), slices.Compare(x.Rules, y.Rules))
	})
	return out
}

// refreshed puts together the packages of one lockfile that nobody names
// directly and that are raised within their major version: one command of the
// package manager raises all of them.
func (b *builder) refreshed() []*work {
	at := map[string][]*work{}
	for _, w := range b.order {
		if p := b.packages[w.Package]; w.Kind == sekisho.ActionUpgradeDependency && len(w.Closes) > 0 && p != nil && locked(p) && major(w.From) == major(w.To) {
			at[w.Path] = append(at[w.Path], w)
		}
	}
	var out []*work
	for _, w := range b.order {
		same := at[w.Path]
		if len(same) < 2 || !slices.Contains(same, w) {
			out = append(out, w)
			continue
		}
		if same[0] != w {
			continue // it went with the first
		}
		all := &work{Action: sekisho.Action{Kind: sekisho.ActionRefreshLock, Subject: w.Path, Path: w.Path, Introduced: w.Introduced}}
		for _, o := range same {
			for _, f := range o.findings {
				all.take(f)
			}
			all.left += o.left
			all.Packages = append(all.Packages, o.Subject)
		}
		all.Packages = slices.Compact(slices.Sorted(slices.Values(all.Packages)))
		out = append(out, all)
	}
	return out
}

// compiled are the extractors that read the modules inside programs.
var compiled = []string{"golang/binary", "cargo/auditable"}

// locked says whether a package comes from a lockfile and is not named by the
// project itself.
func locked(p *sekisho.Package) bool {
	if p.Relationship == sekisho.Direct || p.Relationship == sekisho.Root {
		return false
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
