// SPDX-License-Identifier: Apache-2.0

// Package match judges packages by advisories: it asks the database for the
// rows about a package's name, compares the version by the order of the
// package's world, and merges what several sources say of one flaw into one
// finding with its evidence. It opens nothing and knows no world by name.
package match

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Database is what the matcher asks of the advisories.
type Database interface {
	// Has says whether packages of a world can be assessed. An error means that
	// they should be, but the part could not be opened or fetched.
	Has(ctx context.Context, world string) (bool, error)
	// Advisories calls yield for each row about a package of a world that the
	// database has; the row is used again after the call.
	Advisories(ctx context.Context, world, name string, yield func(*sekisho.Advisory)) error
	// CVE gives what is known of a flaw.
	CVE(ctx context.Context, world, id string) (*sekisho.CVE, error)
}

// Place is where advisories about a package are looked up.
type Place struct {
	// World names the part of the database: "debian/12", "npm".
	World string
	// Name and Version are compared with rows about packages, SourceName and
	// SourceVersion with rows about source packages (BySource).
	Name, Version             string
	SourceName, SourceVersion string
	Order                     sekisho.Order
	// Bundles is true for worlds whose advisories fix several flaws at once: each
	// CVE is then a finding of its own.
	Bundles bool
	// Optional places add to what is known; a package counts as assessed
	// without them.
	Optional bool
}

// Places says where a package's advisories are. None, with the reason in plain
// words, for one that cannot be assessed.
type Places func(os *sekisho.OS, p *sekisho.Package) (places []Place, why sekisho.Told)

// Matcher is the checker of vulnerabilities.
type Matcher struct {
	Database Database
	Places   Places
	// Score gives the base score of a CVSS vector, 0 for what is none.
	Score func(vector string) float64
}

// Name of the checker.
func (*Matcher) Name() string { return "vulnerability" }

// Check matches every package that a container sees and that no distribution's
// package installed. Packages that cannot be assessed are counted and become
// one Problem a reason.
func (m *Matcher) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	run := run{Matcher: m, worlds: map[string]error{}, reasons: map[string]*unjudged{}, flaws: map[string]*sekisho.CVE{}}
	if len(inv.OS) > 0 {
		run.os = &inv.OS[0]
	}
	run.passive, run.contained = inertPackages(), contained(inv)
	run.out.NotAssessed = map[string]int{}
	for i := range inv.Packages {
		if err := ctx.Err(); err != nil {
			return run.out, err
		}
		if p := &inv.Packages[i]; judged(p) {
			if err := run.check(ctx, p); err != nil {
				return run.out, err
			}
		}
	}
	run.problems()
	distinct(run.out.Findings)
	return run.out, nil
}

// judged says whether a package is matched at all: hidden ones are not in the
// container, owned ones are their owner's, and a root is the project itself.
func judged(p *sekisho.Package) bool {
	return !p.Hidden && p.OwnedBy == "" && p.Relationship != sekisho.Root
}

// run is the state of one Check.
type run struct {
	*Matcher
	os  *sekisho.OS
	out sekisho.Judgement
	// worlds that were asked for, with the reason why one cannot be used.
	worlds map[string]error
	// reasons why packages are not assessed, with the packages.
	reasons map[string]*unjudged
	flaws   map[string]*sekisho.CVE
	scratch scratch
	// passive packages have no code that runs; contained says that a host's kernel
	// runs what is judged.
	passive   []passive
	contained bool
}

// noWorldError is the reason of a world that the database does not have.
type noWorldError struct{ world string }

func (e noWorldError) Error() string { return e.why().Text }

func (e noWorldError) why() sekisho.Told { return sekisho.Tell(message.WhyNoWorld.Words(e.world)) }

// unjudged are packages that one reason kept from being assessed.
type unjudged struct {
	why   sekisho.Told
	names []string
}

func (r *run) usable(ctx context.Context, world string) error {
	err, asked := r.worlds[world]
	if !asked {
		var ok bool
		if ok, err = r.Database.Has(ctx, world); err == nil && !ok {
			err = noWorldError{world}
		}
		r.worlds[world] = err
	}
	return err
}

func (r *run) check(ctx context.Context, p *sekisho.Package) error {
	places, why := r.Places(r.os, p)
	if why.Code == "" && p.Version == "" {
		why = sekisho.Tell(message.WhyNoVersion.Words())
	}
	var outcomes []*outcome
	r.scratch.reset()
	if why.Code != "" {
		places = nil
	}
	for i := range places {
		pl := &places[i]
		if err := r.usable(ctx, pl.World); err != nil {
			if !pl.Optional && why.Code == "" {
				why = reasonOf(err)
			}
			continue // another place may know it as malicious
		}
		if bad := pl.versionProblem(); bad.Code != "" {
			why = bad
			break
		}
		found, err := relevant(ctx, r.Database, pl, p, &r.scratch)
		if err != nil {
			return err
		}
		outcomes = append(outcomes, found...)
	}
	if why.Code != "" {
		r.out.NotAssessed[p.Ecosystem]++
		u := r.reasons[why.Text]
		if u == nil {
			u = &unjudged{why: why}
			r.reasons[why.Text] = u
		}
		u.names = append(u.names, p.Name+" "+p.Version)
		if len(outcomes) == 0 {
			return nil
		}
	}
	if !slices.ContainsFunc(outcomes, func(o *outcome) bool { return o.affected }) {
		return nil
	}
	idle := inert(r.passive, p, r.contained)
	for _, g := range r.scratch.group(outcomes) {
		all := &r.out.Findings
		if len(*all) == cap(*all) { // they are large: copy them seldom
			*all = slices.Grow(*all, max(32, len(*all)))
		}
		*all = (*all)[:len(*all)+1]
		found, err := r.finding(ctx, p, g, &(*all)[len(*all)-1])
		if err != nil || !found {
			*all = (*all)[:len(*all)-1]
		} else if f := &(*all)[len(*all)-1]; f.Kind == sekisho.Vulnerability {
			f.Inert = idle
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reasonOf is why a world cannot be used.
func reasonOf(err error) sekisho.Told {
	if e, ok := errors.AsType[noWorldError](err); ok {
		return e.why()
	}
	return sekisho.Tell(message.WhyDatabase.Words(err))
}

// versionProblem says that the version is none of its world; nothing when it is.
func (pl *Place) versionProblem() sekisho.Told {
	for _, v := range []string{pl.Version, pl.SourceVersion} {
		if v == "" {
			continue
		}
		if _, err := pl.Order.Compare(v, v); err != nil {
			return sekisho.Tell(message.WhyVersion.Words(pl.World))
		}
	}
	return sekisho.Told{}
}

// problems turns the reasons into one problem each.
func (r *run) problems() {
	for _, why := range slices.Sorted(maps.Keys(r.reasons)) {
		u := r.reasons[why]
		names := u.names
		slices.Sort(names)
		const shown = 3
		list := strings.Join(names[:min(shown, len(names))], ", ")
		if n := len(names) - shown; n > 0 {
			list += fmt.Sprintf(", +%d", n)
		}
		r.out.Problems = append(r.out.Problems, sekisho.Problem{Stage: sekisho.StageMatch}.Saying(message.UnassessedWords(u.why.Code, u.why.Args, why, list)))
	}
}

// outcome is one row's word on one package.
type outcome struct {
	row   sekisho.Advisory
	place *Place
	// version that was compared.
	version string
	verdict
}

// verdict is what the comparison with one row gave.
type verdict struct {
	// affected, or why not: cleared says that the version lies at or behind a
	// fix, or that the source calls it not affected.
	affected, cleared bool
	// ranged says that the version lies in rng; a match by list or of everything
	// has none.
	ranged bool
	rng    sekisho.Range
	// reason in plain words, for explain.
	reason sekisho.Told
}

// scratch is memory for the outcomes of one package, used again for the next:
// a scan sees thousands of rows, and few become part of a finding.
type scratch struct {
	outcomes []*outcome
	used     int
	has      map[string]bool
	// at says at which place of the flaws an id is, for group.
	at map[string]int
}

// reset gives everything back: no outcome may be used any more.
func (s *scratch) reset() { s.used = 0 }

// emptied gives the map back without its entries, or a new one where that is
// cheaper: what a kernel has filled is as long to clear for a package without flaws.
func emptied[V any](m map[string]V) map[string]V {
	if m == nil || len(m) > 64 {
		return map[string]V{}
	}
	clear(m)
	return m
}

// keep copies a row and what the comparison gave.
func (s *scratch) keep(a *sekisho.Advisory, pl *Place, version string, v *verdict) {
	if s.used == len(s.outcomes) {
		s.outcomes = append(s.outcomes, &outcome{})
	}
	o := s.outcomes[s.used]
	s.used++
	old := o.row
	*o = outcome{row: *a, place: pl, version: version, verdict: *v}
	o.row.Aliases, o.row.Ranges = append(old.Aliases[:0], a.Aliases...), append(old.Ranges[:0], a.Ranges...)
	o.row.CVSS, o.row.Arches = append(old.CVSS[:0], a.CVSS...), append(old.Arches[:0], a.Arches...)
	o.row.Versions = nil
}

// evaluate asks for the rows about a package in one place and compares.
func evaluate(ctx context.Context, db Database, pl *Place, p *sekisho.Package, s *scratch) ([]*outcome, error) {
	start := s.used
	err := eachRow(ctx, db, pl, func(a *sekisho.Advisory, version string) {
		if v := judge(a, pl, version, p); v.affected || v.cleared || v.reason.Code != "" {
			s.keep(a, pl, version, &v)
		}
	})
	return s.outcomes[start:s.used], err
}

// relevant is evaluate without the rows about flaws that no row says the
// package has: of a thousand about a kernel they are nearly all. Rows of a
// place that bundles are compared once to learn the flaws, and kept in a second
// walk.
func relevant(ctx context.Context, db Database, pl *Place, p *sekisho.Package, s *scratch) ([]*outcome, error) {
	if !pl.Bundles {
		return evaluate(ctx, db, pl, p, s)
	}
	s.has = emptied(s.has)
	err := eachRow(ctx, db, pl, func(a *sekisho.Advisory, version string) {
		if v := judge(a, pl, version, p); v.affected {
			eachFlaw(a, func(id string) bool {
				s.has[id] = true
				return true
			})
		}
	})
	if err != nil || len(s.has) == 0 {
		return nil, err
	}
	start := s.used
	err = eachRow(ctx, db, pl, func(a *sekisho.Advisory, version string) {
		wanted := false
		eachFlaw(a, func(id string) bool {
			wanted = s.has[id]
			return !wanted
		})
		if !wanted {
			return
		}
		if v := judge(a, pl, version, p); v.affected || v.cleared {
			s.keep(a, pl, version, &v)
		}
	})
	return s.outcomes[start:s.used], err
}

// eachFlaw calls yield with the flaws that a row of a place that bundles takes
// part in, as group does: its CVEs, or its own id.
func eachFlaw(a *sekisho.Advisory, yield func(id string) bool) {
	bundle := false
	if !isCVE(a.ID) {
		for _, id := range a.Aliases {
			if isCVE(id) {
				bundle = true
				if !yield(id) {
					return
				}
			}
		}
	}
	if !bundle {
		yield(a.ID)
	}
}

// eachRow calls yield for every row about a package in one place, with the
// version that the row is compared with.
func eachRow(ctx context.Context, db Database, pl *Place, yield func(a *sekisho.Advisory, version string)) error {
	names := []string{pl.Name}
	if pl.SourceName != "" && pl.SourceName != pl.Name {
		names = append(names, pl.SourceName)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		err := db.Advisories(ctx, pl.World, name, func(a *sekisho.Advisory) {
			version := pl.Version
			if a.BySource {
				version = pl.SourceVersion
			}
			if (a.BySource && name != pl.SourceName) || (!a.BySource && name != pl.Name) || version == "" {
				return
			}
			yield(a, version)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// judge compares the version with the row.
func judge(a *sekisho.Advisory, pl *Place, version string, p *sekisho.Package) (v verdict) {
	switch {
	case a.Informational != "":
		v.reason = sekisho.Tell(message.ReasonInformational.Words(a.Informational))
	case len(a.Arches) > 0 && p.Arch != "" && p.Arch != "noarch" && !slices.Contains(a.Arches, p.Arch):
		v.reason = sekisho.Tell(message.ReasonArch.Words(strings.Join(a.Arches, ", "), p.Arch))
	case !moduleFits(a, p):
		v.reason = moduleReason(a, p)
	case !channelFits(a.Channel, version):
		v.reason = sekisho.Tell(message.ReasonChannel.Words(a.Channel))
	// After what the row is about: "not affected" in another module stream says
	// nothing of this package.
	case a.Status == sekisho.StatusNotAffected:
		v.cleared, v.reason = true, sekisho.Tell(message.ReasonSource.Words())
	default:
		v.compare(a, pl, version)
	}
	return v
}

func (v *verdict) compare(a *sekisho.Advisory, pl *Place, version string) {
	order := pl.Order.Compare
	if len(a.Ranges) == 0 && len(a.Versions) == 0 {
		v.affected = true
		return
	}
	for _, listed := range a.Versions {
		if listed == version {
			v.affected = true
			return
		}
		if c, err := order(version, listed); err == nil && c == 0 {
			v.affected = true
			return
		}
	}
	for i := range a.Ranges {
		r := &a.Ranges[i]
		in, behind, err := within(order, version, r)
		if err != nil {
			v.reason = sekisho.Tell(message.ReasonBound.Words(rangeText(*r), pl.World))
			continue
		}
		if in {
			*v = verdict{affected: true, ranged: true, rng: *r}
			return
		}
		v.cleared = v.cleared || behind
	}
	if v.reason.Code == "" {
		v.reason = sekisho.Tell(message.ReasonOutside.Words())
		if v.cleared {
			v.reason = sekisho.Tell(message.ReasonFixed.Words())
		}
	}
}

// outside says that the ranges of a row say nothing of the version: they may
// say something of a later one.
func (v *verdict) outside() bool {
	return !v.affected && !v.cleared && v.reason.Code == message.ReasonOutside.Code
}

// within says whether v lies in r, or at or behind its end.
func within(order func(a, b string) (int, error), v string, r *sekisho.Range) (in, behind bool, err error) {
	if r.Introduced != "" && r.Introduced != "0" {
		c, err := order(v, r.Introduced)
		if err != nil {
			return false, false, err
		}
		if c < 0 {
			return false, false, nil
		}
	}
	if r.Fixed != "" {
		c, err := order(v, r.Fixed)
		if err != nil {
			return false, false, err
		}
		if c >= 0 {
			return false, true, nil
		}
	}
	if r.LastAffected != "" {
		c, err := order(v, r.LastAffected)
		if err != nil {
			return false, false, err
		}
		if c > 0 {
			return false, true, nil
		}
	}
	return true, false, nil
}

// rangesText writes the ranges of a row.
func rangesText(all []sekisho.Range) string {
	var parts []string
	for _, r := range all {
		parts = append(parts, rangeText(r))
	}
	return strings.Join(parts, " | ")
}

// rangeText writes a range as one reads it: ">= 1.0, < 1.4".
func rangeText(r sekisho.Range) string {
	var parts []string
	if r.Introduced != "" && r.Introduced != "0" {
		parts = append(parts, ">= "+r.Introduced)
	}
	if r.Fixed != "" {
		parts = append(parts, "< "+r.Fixed)
	}
	if r.LastAffected != "" {
		parts = append(parts, "<= "+r.LastAffected)
	}
	return cmp.Or(strings.Join(parts, ", "), "every version")
}
