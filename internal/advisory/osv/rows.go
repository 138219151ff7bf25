// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxStreams bounds the module streams of one title; two is the most in the field.
const maxStreams = 8

// affected calls out for the rows of one affected package.
func (r *reader) affected(rec *record, a *affected) {
	var where place
	ok := false
	if a.Package.Name == "" && a.Package.Ecosystem == "" {
		where, ok = program(rec, a)
	} else {
		where, ok = locate(a.Package.Ecosystem, a.Package.Name, a.Package.PURL)
	}
	if !ok {
		return
	}
	kind := 0
	if where.distro {
		kind = 1
	}
	if !r.aliased[kind] {
		r.aliases[kind], r.aliased[kind] = aliasesOf(rec, where.distro), true
	}
	aliases := r.aliases[kind]
	if where.distro && isBugfix(rec.ID) && !slices.ContainsFunc(aliases, isCVE) {
		return
	}
	ranges, known := a.ranges()
	var versions []string
	contradicts := known && !where.distro && a.contradicts(ranges)
	if (!known || contradicts) && len(a.Versions) > 0 { // else an enumeration of the ranges
		if err := json.Unmarshal(a.Versions, &versions); err != nil {
			r.out.Problem(r.path, fmt.Errorf("versions of %s: %w", where.name, err))
			return
		}
		if contradicts && len(versions) > 0 {
			ranges = nil
		}
	}
	if len(ranges) == 0 && len(versions) == 0 {
		return // never affected, or known by commits alone
	}
	row := &r.row
	*row = sekisho.Advisory{
		World: where.world, Package: where.name, BySource: where.bySource, Channel: where.channel,
		ID: rec.ID, Aliases: aliases, Ranges: ranges, Versions: versions, Status: status(ranges, versions),
		Published: day(rec.Published), Modified: day(rec.Modified), Summary: rec.Summary,
		Informational: a.Database.Informational,
	}
	if strings.HasPrefix(rec.ID, "MAL-") {
		row.Malicious = true
		row.World = "malware/" + where.world
	}
	row.Urgency, row.CVSS = severity(rec, a, where.distro)
	row.Severity = rank(row.Urgency)
	if row.Status == sekisho.StatusAffected && row.Urgency == "end-of-life" {
		row.Status = sekisho.StatusEndOfLife
	}
	if !strings.HasPrefix(where.world, "suse/") {
		r.emit(rec, a)
		return
	}
	// SUSE's packages are source packages, and the binary ones are listed with
	// versions of their own.
	named := false
	for _, b := range a.Ecosystem.Binaries {
		for _, name := range slices.Sorted(maps.Keys(b)) {
			version := b[name]
			if name == "" || version == "" || len(ranges) != 1 || ranges[0].Fixed == "" {
				continue
			}
			named = true
			row.Package = name
			row.Ranges = []sekisho.Range{{Introduced: ranges[0].Introduced, Fixed: version}}
			r.emit(rec, a)
		}
	}
	if !named {
		row.BySource = true
		r.emit(rec, a)
	}
}

// emit hands r.row in, once for each module stream it is about.
func (r *reader) emit(rec *record, a *affected) {
	row := &r.row
	streams := []string{""}
	if len(row.Ranges) > 0 && modular(row.Ranges[0].Fixed) {
		if m := a.Ecosystem.RPMModularity; m != "" {
			streams[0] = m
		} else if found := modules(rec.Summary); len(found) > 0 {
			streams = found[:min(len(found), maxStreams)]
		}
	}
	for _, m := range streams {
		row.Module = m
		k := rowKey{row.World, row.Package, row.Channel, m, rangesKey(row)}
		if _, ok := r.seen[k]; ok {
			continue
		}
		r.seen[k] = struct{}{}
		r.out.Advisory(row)
	}
}

// rangesKey tells rows of one package by what they say of its versions.
func rangesKey(row *sekisho.Advisory) string {
	if len(row.Versions) == 0 && len(row.Ranges) == 1 && row.Ranges[0].Introduced == "" && row.Ranges[0].LastAffected == "" {
		return row.Ranges[0].Fixed
	}
	var b strings.Builder
	for _, v := range row.Ranges {
		for _, s := range []string{v.Introduced, v.Fixed, v.LastAffected} {
			b.WriteByte(0)
			b.WriteString(s)
		}
	}
	for _, v := range row.Versions {
		b.WriteByte(1)
		b.WriteString(v)
	}
	return b.String()
}

// isBugfix tells the errata of Red Hat's kin that fix no flaw (RHBA, ALEA, ...).
func isBugfix(id string) bool {
	return len(id) > 4 && id[4] == '-' && slices.Contains([]string{"RHBA", "RHEA", "ALBA", "ALEA", "RLBA", "RLEA"}, id[:4])
}

// aliasesOf lists the other ids of the flaws of a record, every CVE first. A
// distribution's advisory lists its CVEs under aliases, upstream or related by
// age; of the record of a single flaw, related ones are others. The ids that
// other distributions and vendors give are left out for distributions: several
// flaws share them, and rows must not be taken for one another by them.
func aliasesOf(rec *record, distro bool) []string {
	var out []string
	known := map[string]bool{"": true, rec.ID: true}
	add := func(id string) {
		if !known[id] {
			known[id] = true
			out = append(out, id)
		}
	}
	own := ownCVE(rec.ID)
	add(own)
	lists := [][]string{rec.Aliases, rec.Upstream}
	if distro && own == "" {
		lists = append(lists, rec.Related)
	}
	for _, ids := range lists {
		for _, id := range ids {
			if isCVE(id) {
				add(id)
			}
		}
	}
	for _, ids := range lists {
		for _, id := range ids {
			if !distro || strings.HasPrefix(id, "GHSA-") {
				add(id)
			}
		}
	}
	return out
}

// program tells the product of an entry that names no package, by the id of its
// publisher or the repository: the world "binary" has these names.
func program(rec *record, a *affected) (place, bool) {
	name := ""
	switch {
	case strings.HasPrefix(rec.ID, "CURL-"):
		name = "curl"
	case strings.HasPrefix(rec.ID, "PSF-"):
		name = "python"
	}
	for _, r := range a.Ranges {
		switch strings.TrimSuffix(strings.TrimSuffix(r.Repo, "/"), ".git") {
		case "https://github.com/curl/curl":
			name = "curl"
		case "https://github.com/python/cpython":
			name = "python"
		}
	}
	return place{world: "binary", name: name}, name != ""
}
