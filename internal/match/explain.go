// SPDX-License-Identifier: Apache-2.0

package match

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Trace is why one package does, or does not, have a flaw according to one row
// of the database.
type Trace struct {
	Package *sekisho.Package
	// World that was asked, and the row; empty ID when the package was not
	// judged at all, for the Reason.
	World    string
	Advisory sekisho.Advisory
	// Version that was compared, by the Order.
	Version  string
	Order    string
	Affected bool
	// Verdict is what all rows about the flaw together say of the package: the same
	// in each of its traces.
	Verdict bool
	// Ranges of the row as one reads them; Reason in words where the package is
	// not affected.
	Ranges []string
	Reason sekisho.Told
	// Unassessed says that the package was not assessed, for the Reason.
	Unassessed bool
}

// Explain tells for each package of the inventory what the database says of it
// and the flaw id (a CVE or an advisory's id, in any case), affected or not. A
// package that no row of that id names is left out, unless name, the package
// one asked about, is its name: then its trace says why.
func (m *Matcher) Explain(ctx context.Context, inv *sekisho.Inventory, id, name string) ([]Trace, error) {
	var os *sekisho.OS
	if len(inv.OS) > 0 {
		os = &inv.OS[0]
	}
	var out []Trace
	for i := range inv.Packages {
		p := &inv.Packages[i]
		asked := name != "" && (p.Name == name || p.SourceName == name)
		if name != "" && !asked {
			continue
		}
		traces, err := m.explain(ctx, os, p, id)
		if err != nil {
			return nil, err
		}
		if asked || slices.ContainsFunc(traces, func(t Trace) bool { return t.Advisory.ID != "" }) {
			out = append(out, traces...)
		}
	}
	return out, nil
}

func (m *Matcher) explain(ctx context.Context, os *sekisho.OS, p *sekisho.Package, id string) ([]Trace, error) {
	switch {
	case p.Hidden:
		return []Trace{{Package: p, Reason: sekisho.Tell(message.ReasonHidden.Words())}}, nil
	case p.OwnedBy != "":
		return []Trace{{Package: p, Reason: sekisho.Tell(message.ReasonOwned.Words(p.OwnedBy))}}, nil
	case p.Relationship == sekisho.Root:
		return []Trace{{Package: p, Reason: sekisho.Tell(message.ReasonRoot.Words())}}, nil
	}
	places, why := m.Places(os, p)
	if why.Code != "" {
		return []Trace{{Package: p, Reason: why, Unassessed: true}}, nil
	}
	var out []Trace
	var rows []*outcome
	var kept scratch // never reset: the traces hold its rows
	for i := range places {
		pl := &places[i]
		ok, err := m.Database.Has(ctx, pl.World)
		if err != nil {
			return nil, err
		}
		if !ok {
			if !pl.Optional {
				out = append(out, Trace{Package: p, World: pl.World, Reason: sekisho.Tell(message.WhyNoWorld.Words(pl.World)), Unassessed: true})
			}
			continue
		}
		if why := pl.versionProblem(); why.Code != "" {
			return append(out, Trace{Package: p, World: pl.World, Reason: why, Unassessed: true}), nil
		}
		found, err := evaluate(ctx, m.Database, pl, p, &kept)
		if err != nil {
			return nil, err
		}
		named := false
		for _, o := range found {
			if !names(&o.row, id) {
				continue
			}
			named = true
			rows = append(rows, o)
			t := Trace{Package: p, World: pl.World, Advisory: o.row, Version: o.version, Order: pl.Order.Name, Affected: o.affected, Reason: o.reason}
			for _, r := range o.row.Ranges {
				t.Ranges = append(t.Ranges, rangeText(r))
			}
			out = append(out, t)
		}
		if !named {
			out = append(out, Trace{
				Package: p, World: pl.World, Version: cmp.Or(pl.SourceVersion, pl.Version), Order: pl.Order.Name,
				Reason: sekisho.Tell(message.ReasonUnnamed.Words(pl.World, strings.Join(slices.Compact([]string{pl.Name, cmp.Or(pl.SourceName, pl.Name)}), " / "))),
			})
		}
	}
	against, _ := weigh(rows)
	for i := range out {
		out[i].Verdict = len(against) > 0
	}
	return out, nil
}

func names(a *sekisho.Advisory, id string) bool {
	return strings.EqualFold(a.ID, id) || slices.ContainsFunc(a.Aliases, func(s string) bool { return strings.EqualFold(s, id) })
}
