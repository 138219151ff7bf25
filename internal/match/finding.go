// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// flaw is what several rows say of one flaw in one package.
type flaw struct {
	ids  []string
	rows []*outcome
}

// group joins outcomes that name the same flaw. A row that bundles several CVEs
// takes part in each of them.
func (s *scratch) group(outcomes []*outcome) []flaw {
	var flaws []flaw
	s.at = emptied(s.at)
	at := s.at
	for _, o := range outcomes {
		if !o.affected && !o.cleared {
			continue
		}
		if cves := bundled(o); cves != nil {
			for _, id := range cves {
				i, ok := at[id]
				if !ok {
					i = len(flaws)
					flaws = append(flaws, flaw{ids: []string{id}})
					at[id] = i
				}
				flaws[i].rows = append(flaws[i].rows, o)
			}
			continue
		}
		// The aliases are other names of the same: join all groups that have one.
		// A distribution's advisory is no name of a flaw: DSA-1-1 may fix many.
		ids := append([]string{o.row.ID}, o.row.Aliases...)
		if o.place.Bundles {
			ids = ids[:1]
		}
		to := -1
		for _, id := range ids {
			i, ok := at[id]
			switch {
			case !ok:
			case to < 0:
				to = i
			case i != to:
				flaws[to].ids = append(flaws[to].ids, flaws[i].ids...)
				flaws[to].rows = append(flaws[to].rows, flaws[i].rows...)
				for _, moved := range flaws[i].ids {
					at[moved] = to
				}
				flaws[i] = flaw{}
			}
		}
		if to < 0 {
			to = len(flaws)
			flaws = append(flaws, flaw{})
		}
		flaws[to].rows = append(flaws[to].rows, o)
		for _, id := range ids {
			if _, ok := at[id]; !ok {
				flaws[to].ids = append(flaws[to].ids, id)
				at[id] = to
			}
		}
	}
	for _, o := range outcomes {
		// Another row of the same advisory may tell of later versions.
		if i, ok := at[o.row.ID]; ok && !o.place.Bundles && o.outside() {
			flaws[i].rows = append(flaws[i].rows, o)
		}
	}
	return slices.DeleteFunc(flaws, func(f flaw) bool { return len(f.rows) == 0 })
}

// bundled gives the CVEs that an advisory of a distribution fixes together; nil
// for a row about one flaw.
func bundled(o *outcome) []string {
	if !o.place.Bundles || isCVE(o.row.ID) {
		return nil
	}
	var cves []string
	for _, id := range o.row.Aliases {
		if isCVE(id) {
			cves = append(cves, id)
		}
	}
	return cves
}

func isCVE(id string) bool { return strings.HasPrefix(id, "CVE-") }

// weigh says which rows about one flaw say that the package has it, and which
// that it has not. None of the first: it has not.
//
// Any row whose fix is not installed counts, for a later advisory may complete
// an earlier fix. A state without a fix ("affected", "will not fix") counts
// only while no source's fix is installed: it may be older than that fix.
func weigh(rows []*outcome) (against, dissent []*outcome) {
	cleared := slices.ContainsFunc(rows, func(o *outcome) bool { return o.cleared && o.place.Bundles })
	for _, o := range rows {
		switch {
		case !o.affected:
			dissent = append(dissent, o)
		case cleared && fixOf(o) == "" && !o.row.Malicious:
			continue
		default:
			against = append(against, o)
		}
	}
	return against, dissent
}

// finding makes one of a flaw in f; false when the package does not have it.
func (r *run) finding(ctx context.Context, p *sekisho.Package, fl flaw, f *sekisho.Finding) (bool, error) {
	against, dissent := weigh(fl.rows)
	if len(against) == 0 {
		return false, nil
	}
	first := against[0]
	rule := ruleOf(fl.ids)
	*f = sekisho.Finding{
		Kind: sekisho.Vulnerability, Rule: rule,
		Package:  &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Version: p.Version, Ecosystem: p.Ecosystem},
		Layer:    p.Layer,
		Location: locationOf(p), Introduced: p.Introduced,
	}
	aliases := slices.Clone(fl.ids)
	for _, o := range against {
		aliases = append(aliases, o.row.ID)
		if bundled(o) == nil {
			aliases = append(aliases, o.row.Aliases...)
		}
	}
	slices.SortFunc(aliases, func(a, b string) int { return cmp.Or(idRank(a)-idRank(b), cmp.Compare(a, b)) })
	f.Aliases = slices.DeleteFunc(slices.Compact(aliases), func(id string) bool { return id == rule })
	for _, o := range against {
		f.Severity = max(f.Severity, o.row.Severity)
		f.Title = cmp.Or(f.Title, o.row.Summary)
		if o.row.Malicious {
			f.Kind, f.Severity = sekisho.Malware, sekisho.SeverityCritical
		}
		f.Published = cmp.Or(f.Published, o.row.Published)
	}
	f.Title = cmp.Or(f.Title, rule)
	decideFix(f, against)
	if f.Fixed != "" {
		f.Later = laterRanges(fl.rows)
	}
	f.Evidence = make([]sekisho.Evidence, 0, min(maxEvidence, len(fl.rows)))
	for _, o := range slices.Concat(against, dissent) {
		if len(f.Evidence) < maxEvidence && !o.outside() {
			f.Evidence = append(f.Evidence, evidenceOf(o, p))
		}
	}
	if err := r.addFlaw(ctx, f, first, against); err != nil {
		return false, err
	}
	f.ID = fingerprint(string(f.Kind), rule, p.Ecosystem, p.Name)
	return true, nil
}

// maxEvidence bounds the sources that one finding cites.
const maxEvidence = 12

// addFlaw adds what is known of the flaw whatever package has it, and decides
// the severity where the sources leave it open.
func (r *run) addFlaw(ctx context.Context, f *sekisho.Finding, first *outcome, against []*outcome) error {
	for _, o := range against {
		for _, v := range o.row.CVSS {
			f.CVSS = append(f.CVSS, sekisho.CVSS{Source: o.row.Feed, Vector: v})
		}
	}
	key := first.place.World + "\x00" + f.Rule
	c, ok := r.flaws[key]
	if !ok {
		var err error
		if c, err = r.Database.CVE(ctx, first.place.World, f.Rule); err != nil {
			return err
		}
		r.flaws[key] = c
	}
	if c != nil {
		f.CVSS = append(f.CVSS, c.CVSS...)
		f.EPSS, f.KEV, f.Exploits = c.EPSS, c.KEV, c.Exploits
		f.CWEs = c.CWEs
		f.Published = cmp.Or(c.Published, f.Published)
	}
	slices.SortStableFunc(f.CVSS, func(a, b sekisho.CVSS) int { return cmp.Compare(a.Vector, b.Vector) })
	f.CVSS = slices.CompactFunc(f.CVSS, func(a, b sekisho.CVSS) bool { return a.Vector == b.Vector })
	for i := range f.CVSS {
		f.CVSS[i].Score = r.Score(f.CVSS[i].Vector)
	}
	if f.Severity == sekisho.SeverityUnknown {
		for _, v := range f.CVSS {
			// The newest version of CVSS that was given decides.
			if s := sekisho.Rating(v.Score); s != sekisho.SeverityUnknown {
				f.Severity = s
			}
		}
	}
	return nil
}

// fixOf is the version that ends the range which the package lies in.
func fixOf(o *outcome) string {
	if !o.ranged {
		return ""
	}
	return o.rng.Fixed
}

// decideFix takes the fix that satisfies every source: the latest. One that
// everybody can install comes before one of a channel.
func decideFix(f *sekisho.Finding, against []*outcome) {
	for _, channel := range []bool{false, true} {
		for _, o := range against {
			fix := fixOf(o)
			if fix == "" || (o.row.Channel != "") != channel {
				continue
			}
			if c, err := o.place.Order.Compare(fix, cmp.Or(f.Fixed, fix)); err != nil || c >= 0 {
				f.Fixed = strings.TrimPrefix(fix, "0:") // no epoch is epoch 0
			}
		}
		if f.Fixed != "" {
			f.Status = sekisho.StatusFixed
			return
		}
	}
	f.Status = against[0].row.Status
	if f.Status == sekisho.StatusFixed { // fixed elsewhere, not in this range
		f.Status = sekisho.StatusAffected
	}
}

// laterRanges are those of the rows about one flaw that lie above the package's
// version, as the rows give them.
func laterRanges(rows []*outcome) []sekisho.Range {
	var later []sekisho.Range
	for _, o := range rows {
		if o.place.Bundles || !o.affected && !o.outside() {
			continue
		}
		for _, r := range o.row.Ranges {
			if r.Introduced == "" || slices.Contains(later, r) || len(later) == maxEvidence {
				continue
			}
			if c, err := o.place.Order.Compare(o.version, r.Introduced); err == nil && c < 0 {
				later = append(later, r)
			}
		}
	}
	return later
}

func evidenceOf(o *outcome, p *sekisho.Package) sekisho.Evidence {
	e := sekisho.Evidence{
		Source: o.row.Feed, ID: o.row.ID, Date: o.row.Modified, Severity: cmp.Or(o.row.Urgency, known(o.row.Severity)),
		Status: o.row.Status, Channel: o.row.Channel, Order: o.place.Order.Name, Path: p.Path, Line: p.Line,
	}
	switch {
	case !o.affected:
		e.Status, e.Text, e.Code, e.Args = sekisho.StatusNotAffected, o.reason.Text, o.reason.Code, o.reason.Args
		e.Range = rangesText(o.row.Ranges)
	case o.ranged:
		e.Range, e.Fixed = rangeText(o.rng), o.rng.Fixed
	default:
		e.Range = o.version
		if len(o.row.Ranges) == 0 && o.row.Status != sekisho.StatusFixed {
			e.Range = rangeText(sekisho.Range{})
		}
	}
	return e
}

func known(s sekisho.Severity) string {
	if s == sekisho.SeverityUnknown {
		return ""
	}
	return s.String()
}

func locationOf(p *sekisho.Package) sekisho.Location {
	if len(p.Locations) > 0 {
		return p.Locations[0]
	}
	return sekisho.Location{Path: p.Path, Line: p.Line, Layer: p.Layer}
}

// ruleOf is the id that a person would search: the CVE, else GHSA's, else the
// first.
func ruleOf(ids []string) string {
	return slices.MinFunc(ids, func(a, b string) int { return cmp.Or(idRank(a)-idRank(b), cmp.Compare(a, b)) })
}

func idRank(id string) int {
	switch {
	case isCVE(id):
		return 0
	case strings.HasPrefix(id, "GHSA-"):
		return 1
	}
	return 2
}

// fingerprint is stable over rebuilds, line moves and other versions.
func fingerprint(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:10])
}

// distinct gives findings of one flaw in several copies of one package ids of
// their own: the first by its place keeps the plain one, the others have that of
// their place. No version is part of it, so that raising a copy to another
// affected version changes no id, and when one copy goes no id is new.
func distinct(all []sekisho.Finding) {
	// By pointers: findings are large, and a stable sort moves them often.
	order := make([]*sekisho.Finding, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortStableFunc(order, func(a, b *sekisho.Finding) int {
		if c := cmp.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(placeOf(a), placeOf(b)), cmp.Compare(a.Package.PURL, b.Package.PURL), cmp.Compare(a.Location.Path, b.Location.Path))
	})
	sorted := make([]sekisho.Finding, len(all))
	for i, f := range order {
		sorted[i] = *f
	}
	copy(all, sorted)
	last, place, n := "", "", 0
	for i := range all {
		f := &all[i]
		if f.ID != last {
			last, place, n = f.ID, placeOf(f), 0
			continue
		}
		if p := placeOf(f); p != place {
			place, n = p, 0
		} else {
			n++
		}
		f.ID = fingerprint(last, place, strconv.Itoa(n))
	}
}

// placeOf is the path of a finding without the version that many ecosystems
// write into it.
func placeOf(f *sekisho.Finding) string {
	if f.Package == nil || f.Package.Version == "" {
		return f.Location.Path
	}
	return strings.ReplaceAll(f.Location.Path, f.Package.Version, "*")
}
