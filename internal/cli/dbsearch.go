// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/advisory/depot"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func (a *App) dbSearchCommand() *cobra.Command {
	limit, asJSON := 50, false
	var worlds []string
	c := a.databaseCommand("search WHAT", message.DBSearchShort, oneArg(a, message.DBSearchWhat), func(cmd *cobra.Command, f *databaseFlags, args []string) error {
		db, err := a.openDatabase(cmd.Context(), f, nil)
		if err != nil {
			return err
		}
		defer db.close()
		for _, w := range worlds {
			if _, ok := db.manifest.Shard(w); !ok {
				return a.usage(message.DBNoSuchPart, w)
			}
		}
		what := strings.TrimSpace(args[0])
		if what == "" {
			return a.usage(message.DBSearchWhat)
		}
		// What looks like an identifier may be a package all the same, and the other way.
		byID := advisoryID.MatchString(what)
		rows, err := db.search(cmd, what, byID, worlds)
		if err == nil && len(rows) == 0 {
			rows, err = db.search(cmd, what, !byID, worlds)
		}
		if err != nil {
			return err
		}
		known, err := a.flawLines(cmd, db, what, rows)
		if err != nil {
			return err
		}
		if len(rows) == 0 && (len(known) == 0 || asJSON) {
			return exitError{ExitFailed, a.lang.Of(message.DBNothingFound, what)}
		}
		more := 0
		if limit > 0 && len(rows) > limit {
			more, rows = len(rows)-limit, rows[:limit]
		}
		if asJSON {
			enc := json.NewEncoder(cmd.OutOrStdout())
			for i := range rows {
				if err := enc.Encode(rows[i]); err != nil {
					return err
				}
			}
		} else if err := a.searchTable(cmd, rows, known); err != nil {
			return err
		}
		if more > 0 {
			a.remark(message.DBMoreRows, more)
		}
		return nil
	})
	c.Flags().IntVar(&limit, "limit", limit, a.lang.Of(message.FlagLimit))
	c.Flags().BoolVar(&asJSON, "json", false, a.lang.Of(message.FlagSearchJSON))
	c.Flags().StringSliceVar(&worlds, "world", nil, a.lang.Of(message.FlagWorld))
	return c
}

// advisoryID tells an identifier from a package's name.
var advisoryID = pattern.New(`(?i)^([A-Z]+-CVE|CVE|GHSA|DSA|DLA|RHSA|RHBA|RHEA|ALSA|RLSA|ELSA|ALAS[0-9A-Z]*|SUSE-\w+|openSUSE-\w+|USN|GO|PYSEC|RUSTSEC|MAL|BIT|OSV|XSA|AVG|TEMP|CURL|PSF)-`)

// search finds every row that names an id, or is about a package, in the parts
// of the database that are on this machine.
func (d *database) search(cmd *cobra.Command, what string, byID bool, only []string) ([]sekisho.Advisory, error) {
	worlds := only
	if len(worlds) == 0 {
		if d.depot != nil {
			worlds = d.depot.Worlds()
		} else {
			for _, s := range d.manifest.Shards {
				worlds = append(worlds, s.World)
			}
		}
	}
	var mu sync.Mutex
	var rows []sekisho.Advisory
	g, ctx := errgroup.WithContext(cmd.Context())
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, world := range worlds {
		if strings.HasPrefix(world, "risk/") {
			continue
		}
		g.Go(func() error {
			keep := func(r *sekisho.Advisory) {
				c := *r
				c.Aliases, c.Ranges, c.Versions = slices.Clone(r.Aliases), slices.Clone(r.Ranges), slices.Clone(r.Versions)
				c.CVSS, c.Arches = slices.Clone(r.CVSS), slices.Clone(r.Arches)
				mu.Lock()
				rows = append(rows, c)
				mu.Unlock()
			}
			if !byID {
				return d.Advisories(ctx, world, what, keep)
			}
			return d.Each(ctx, world, func(r *sekisho.Advisory) {
				if strings.EqualFold(r.ID, what) || slices.ContainsFunc(r.Aliases, func(s string) bool { return strings.EqualFold(s, what) }) {
					keep(r)
				}
			})
		})
	}
	err := g.Wait()
	slices.SortFunc(rows, func(x, y sekisho.Advisory) int {
		return cmp.Or(cmp.Compare(x.World, y.World), cmp.Compare(x.Package, y.Package), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Feed, y.Feed), cmp.Compare(rangesText(x.Ranges), rangesText(y.Ranges)))
	})
	return rows, err
}

func rangesText(all []sekisho.Range) string {
	var parts []string
	for _, r := range all {
		var ends []string
		for _, e := range []struct{ sign, v string }{{">=", r.Introduced}, {"<", r.Fixed}, {"<=", r.LastAffected}} {
			if e.v != "" && (e.sign != ">=" || e.v != "0") {
				ends = append(ends, e.sign+e.v)
			}
		}
		parts = append(parts, strings.Join(ends, ","))
	}
	return strings.Join(parts, " | ")
}

// flawLines say how severe the flaw is that was asked for, and whether it is
// exploited: what the database knows of the CVE itself. A part with such facts
// that is not on this machine is passed over.
func (a *App) flawLines(cmd *cobra.Command, db *database, what string, rows []sekisho.Advisory) ([]string, error) {
	ids := []string{strings.ToUpper(what)}
	world := ""
	for i := range rows {
		if r := &rows[i]; strings.EqualFold(r.ID, what) || slices.ContainsFunc(r.Aliases, func(s string) bool { return strings.EqualFold(s, what) }) {
			ids, world = append(append(ids, r.ID), r.Aliases...), cmp.Or(world, r.World)
		}
	}
	slices.Sort(ids)
	var out []string
	for _, id := range slices.Compact(ids) {
		if !strings.HasPrefix(id, "CVE-") {
			continue
		}
		if db.depot != nil {
			if _, err := db.depot.Path(advisory.RiskWorld(id)); errors.Is(err, depot.ErrNotFetched) {
				continue
			}
		}
		c, err := db.CVE(cmd.Context(), cmp.Or(world, advisory.RiskWorld(id)), id)
		if err != nil {
			return nil, err
		}
		if c != nil {
			out = append(out, a.flaw(c)...)
		}
	}
	return out, nil
}

func (a *App) flaw(c *sekisho.CVE) (out []string) {
	add := func(t message.Text, args ...any) {
		out = append(out, plain(a.lang.Of(t, append([]any{c.ID}, args...)...)))
	}
	for _, v := range c.CVSS {
		add(message.DBFlawCVSS, v.Vector)
	}
	if c.KEV != nil {
		add(message.DBFlawKEV, c.KEV.Added)
	}
	if c.EPSS != nil {
		add(message.DBFlawEPSS, c.EPSS.Score*100, c.EPSS.Date)
	}
	if len(c.Exploits) > 0 {
		add(message.DBFlawExploits, strings.Join(c.Exploits, ", "))
	}
	return out
}

func (a *App) searchTable(cmd *cobra.Command, rows []sekisho.Advisory, known []string) error {
	for _, line := range known {
		if _, err := fmt.Fprintln(cmd.OutOrStdout(), line); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, a.lang.Of(message.DBSearchHead))
	for i := range rows {
		r := &rows[i]
		id := r.ID
		if len(r.Aliases) > 0 {
			id += " (" + strings.Join(r.Aliases[:min(3, len(r.Aliases))], ", ") + ")"
		}
		affected := cmp.Or(rangesText(r.Ranges), strings.Join(r.Versions[:min(5, len(r.Versions))], " "))
		fmt.Fprintln(w, plain(strings.Join([]string{r.World, r.Package, id, r.Status, affected, cmp.Or(r.Urgency, r.Severity.String()), r.Feed}, "\t")))
	}
	return w.Flush()
}

// plain takes control characters, but for tabs, out of a line.
func plain(s string) string {
	cells := strings.Split(s, "\t")
	for i := range cells {
		cells[i] = message.Shown(cells[i])
	}
	return strings.Join(cells, "\t")
}
