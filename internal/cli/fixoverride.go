// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"path"
	"slices"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/manifest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// override asks for the fixed version of a package that only others need, in the
// package.json beside the lockfile. Neither done nor refused: no override is
// wanted, or none is needed since what the others ask for allows the version.
func (r *raising) override(w *manifest.Wish, m manifest.Manager, at string) (done bool, why sekisho.Reason) {
	if !r.flags.overrides || !m.Overridable() {
		return false, sekisho.Reason{}
	}
	name := path.Join(path.Dir(at), string(manifest.NPM))
	refuse := func(code string) (bool, sekisho.Reason) {
		return false, sekisho.Reason{Code: sekisho.LeftRefused, Args: []string{name, code}}
	}
	compare := ecosystem.Compare()
	order := func(a, b string) (int, bool) { return compare(w.Package.Ecosystem, a, b) }
	lock, err := r.lockfile(at)
	if err != nil {
		return refuse("link")
	}
	all, versions, known := m.Dependents(lock.before, w.Package.Name, w.Package.Version)
	if !known {
		return refuse(manifest.RefusedUnreadable)
	}
	direct := false
	var need []manifest.Dependent
	for _, d := range all {
		if d.Range == "" || !manifest.Allows(d.Range, w.To, order) {
			need = append(need, d)
			direct = direct || d.Version == ""
		}
	}
	switch {
	case direct:
		return refuse(manifest.RefusedElsewhere) // the project, or a workspace, asks for it itself
	case len(need) == 0:
		return false, sekisho.Reason{}
	}
	f, refused := r.open(name)
	if refused != "" {
		return refuse(refused)
	}
	want := manifest.Want{Name: w.Package.Name, From: w.Package.Version, To: w.To, Order: order}
	// One override for all, unless versions that are compatible with others are
	// there, or the project asks for the package itself: npm refuses that.
	var parents []manifest.Parent
	asked := manifest.Raise(manifest.NPM, f.after, want).Line > 0
	if asked || slices.ContainsFunc(versions, func(v string) bool { return !manifest.Compatible(w.Package, v) }) {
		for _, d := range need {
			p := manifest.Parent{Name: d.Name}
			if _, others, _ := m.Dependents(lock.before, d.Name, d.Version); len(others) > 1 {
				p.Version = d.Version
			}
			if !slices.Contains(parents, p) {
				parents = append(parents, p)
			}
		}
	}
	e := m.Override(f.after, want, parents)
	if e.Refused != "" {
		return refuse(e.Refused)
	}
	f.after = e.Text
	r.proposal.Raises = append(r.proposal.Raises, sekisho.Raise{
		Ecosystem: w.Package.Ecosystem, Name: w.Package.Name, From: w.Package.Version, To: w.To, Path: name, Line: e.Line, Was: e.Was, Now: e.Now, Major: w.Major, Closes: len(w.Rules),
	})
	r.follow(m, at, w, true)
	for _, l := range r.locks {
		for i := range l.raised {
			if l.path == at && l.raised[i].Name == w.Package.Name {
				l.raised[i].Overridden = true
			}
		}
	}
	return true, sekisho.Reason{}
}
