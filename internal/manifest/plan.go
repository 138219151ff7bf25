// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Wish is a package of a result that is to be raised, wherever it is.
type Wish struct {
	Package *sekisho.Package
	To      string
	Major   bool
	// Rules of the findings that the version closes, the worst first.
	Rules []string
}

// Plan says which version of each package closes the most findings, and what
// stays and why. Of several, the highest fix is taken, as it has the lower ones;
// one of another major version only when majors is true. The findings must be
// ranked. The wishes are in the order of their worst finding.
func Plan(r *sekisho.Result, majors bool, order func(ecosystem, a, b string) (int, bool)) (wishes []Wish, left []sekisho.LeftFinding) {
	packages := map[string]*sekisho.Package{}
	for i := range r.Packages {
		if p := &r.Packages[i]; !p.Hidden {
			packages[p.PURL] = p
		}
	}
	var all []*sekisho.Finding
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Kind == sekisho.Vulnerability && f.Suppressed == nil && f.Package != nil && packages[f.Package.PURL] != nil && managed(f.Package.Ecosystem) {
			all = append(all, f)
		}
	}
	score := func(f *sekisho.Finding) int {
		if f.Risk == nil {
			return 0
		}
		return f.Risk.Score
	}
	slices.SortStableFunc(all, func(a, b *sekisho.Finding) int {
		return cmp.Or(score(b)-score(a), cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Rule, b.Rule))
	})
	var purls []string
	of := map[string][]*sekisho.Finding{}
	for _, f := range all {
		if len(of[f.Package.PURL]) == 0 {
			purls = append(purls, f.Package.PURL)
		}
		of[f.Package.PURL] = append(of[f.Package.PURL], f)
	}
	for _, purl := range purls {
		w, rest := choose(packages[purl], of[purl], majors, order)
		left = append(left, rest...)
		if w.To != "" {
			wishes = append(wishes, w)
		}
	}
	return wishes, left
}

// managed are the ecosystems whose manifests this room edits.
func managed(ecosystem string) bool {
	return slices.Contains([]string{
		sekisho.EcosystemNPM, sekisho.EcosystemPyPI, sekisho.EcosystemGo, sekisho.EcosystemCargo, sekisho.EcosystemMaven,
		sekisho.EcosystemComposer, sekisho.EcosystemNuGet, sekisho.EcosystemGem,
	}, ecosystem)
}

// choose finds the version of one package, and names what it does not close.
func choose(p *sekisho.Package, all []*sekisho.Finding, majors bool, order func(ecosystem, a, b string) (int, bool)) (Wish, []sekisho.LeftFinding) {
	w := Wish{Package: p}
	var why []sekisho.Reason
	rules := map[string][]string{}
	leave := func(code, rule string, args ...string) {
		r := sekisho.Reason{Code: code, Args: args}
		key := code + "\x00" + strings.Join(args, "\x00")
		if len(rules[key]) == 0 {
			why = append(why, r)
		}
		rules[key] = append(rules[key], rule)
	}
	for _, f := range all {
		if f.Fixed == "" || !majors && series(p, f.Fixed) != series(p, p.Version) {
			continue
		}
		if _, ok := order(p.Ecosystem, f.Fixed, p.Version); !ok {
			continue
		}
		if n, ok := order(p.Ecosystem, f.Fixed, w.To); w.To == "" || ok && n > 0 {
			w.To = f.Fixed
		}
	}
	versions := func(a, b string) (int, bool) { return order(p.Ecosystem, a, b) }
	if w.To != "" {
		// The fix of one flaw may lie in a range of another.
		if to := sekisho.Clear(w.To, all, versions); majors || series(p, to) == series(p, p.Version) {
			w.To = to
		}
	}
	w.Major = w.To != "" && series(p, w.To) != series(p, p.Version)
	for _, f := range all {
		fixed, open := f.OpenAt(w.To, versions)
		switch n, ok := order(p.Ecosystem, f.Fixed, cmp.Or(w.To, p.Version)); {
		case f.Fixed == "" || open && fixed == "":
			leave(sekisho.LeftNoFix, f.Rule)
		case !ok:
			leave(sekisho.LeftOrder, f.Rule)
		case open:
			leave(sekisho.LeftMajor, f.Rule, fixed)
		case n <= 0 && w.To != "":
			w.Rules = append(w.Rules, f.Rule)
		default:
			leave(sekisho.LeftMajor, f.Rule, f.Fixed)
		}
	}
	var left []sekisho.LeftFinding
	for _, r := range why {
		left = append(left, sekisho.LeftFinding{Ecosystem: p.Ecosystem, Name: p.Name, Version: p.Version, Path: p.Path, Rules: rules[r.Code+"\x00"+strings.Join(r.Args, "\x00")], Why: r})
	}
	return w, left
}

// series is the part of a version that stays the same when nothing is to break:
// the major version, below 1.0 the minor one where that is the custom.
func series(p *sekisho.Package, v string) string {
	v = strings.TrimPrefix(v, "v")
	n := 1
	if strings.HasPrefix(v, "0.") && slices.Contains([]string{sekisho.EcosystemNPM, sekisho.EcosystemCargo, sekisho.EcosystemComposer}, p.Ecosystem) {
		n = 2
	}
	v, _, _ = strings.Cut(v, "+")
	v, _, _ = strings.Cut(v, "-")
	return head(v, n)
}

// Compatible says whether a version is of the same series as the package's: what
// takes one should take the other.
func Compatible(p *sekisho.Package, version string) bool {
	return series(p, version) == series(p, p.Version)
}
