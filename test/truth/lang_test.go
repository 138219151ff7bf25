// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// least is how many packages a tree of languages has.
const least = 300

// The findings of a made tree of real names and versions are those of a naive
// reading of the feeds, judged by the ecosystem's own order of versions.
func TestLanguages(t *testing.T) {
	for _, w := range worlds() {
		t.Run(w.ecosystem, func(t *testing.T) {
			db := database(t, languageFeeds()...)
			all := naiveClaims(t)
			o := w.oracle(t)
			d := draw(t, w, all, o, 330)
			if len(d.all) < least {
				t.Errorf("%d packages, want %d", len(d.all), least)
			}
			dir := t.TempDir()
			for i, layer := range d.layers {
				w.write[i](t, filepath.Join(dir, fmt.Sprintf("part%d", i)), layer)
			}
			want := map[string]bool{}
			o.settle(t, func() { want = wanted(w.ecosystem, all, o, d.all) })
			t.Logf("%d packages, %d questions to the tool", len(d.all), o.asked)
			for _, k := range slices.Sorted(maps.Keys(d.kinds)) {
				t.Logf("  %d with %s", d.kinds[k], k)
			}
			for _, kind := range []string{"dir:", "repo:"} {
				r := scan(t, db, kind+dir)
				packages(t, w.ecosystem, kind, r, d.all)
				compare(t, kind+" "+w.ecosystem, want, said(r, w.ecosystem), 300)
				if kind == "dir:" {
					aliases(t, w.ecosystem, all, r)
				}
			}
			bill := filepath.Join(t.TempDir(), "bill.cdx.json")
			bin, err := workshop.program()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := execute(bin, "scan", "dir:"+dir, "--db", db, "--offline", "-q", "-o", "cyclonedx="+bill); err != nil {
				t.Fatal(err)
			}
			compare(t, "sbom: "+w.ecosystem, want, said(scan(t, db, "sbom:"+bill), w.ecosystem), 300)
		})
	}
}

// wanted is what the naive reading finds.
func wanted(ecosystem string, all claims, o *oracle, list []pkg) map[string]bool {
	out := map[string]bool{}
	for _, p := range list {
		for _, c := range all[ecosystem+" "+plainName(ecosystem, p.name)] {
			if affected, fixed := o.verdict(c, p.version); affected {
				out[line(c.feed, c.id, p.name, p.version, fixed)] = true
			}
		}
	}
	return out
}

func line(feed, id, name, version, fixed string) string {
	return fmt.Sprintf("%s %s of %s %s, fixed %q", feed, id, name, version, fixed)
}

// said is what the program finds, a line for each source of each finding.
func said(r *sekisho.Result, ecosystem string) map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Findings {
		if f.Package == nil || f.Package.Ecosystem != ecosystem {
			continue
		}
		for _, e := range f.Evidence {
			if e.Status != sekisho.StatusNotAffected {
				out[line(e.Source, e.ID, f.Package.Name, f.Package.Version, e.Fixed)] = true
			}
		}
	}
	return out
}

// packages checks that the program saw the whole tree, and could assess it.
func packages(t *testing.T, ecosystem, kind string, r *sekisho.Result, list []pkg) {
	t.Helper()
	got, want := map[string]bool{}, map[string]bool{}
	for _, p := range r.Packages {
		if p.Ecosystem == ecosystem && p.Relationship != sekisho.Root {
			got[p.Name+" "+p.Version] = true
		}
	}
	for _, p := range list {
		want[p.name+" "+p.version] = true
	}
	compare(t, "packages of "+kind+" "+ecosystem, want, got, least)
	for _, e := range r.Coverage.Ecosystems {
		if e.Ecosystem == ecosystem && e.NotAssessed > 0 {
			t.Errorf("%d packages of %s were not assessed: %v", e.NotAssessed, ecosystem, r.Problems)
		}
	}
}

// aliases checks the groups of sources: two records of a package that share an
// id are one finding, and those of one finding are joined by shared ids.
func aliases(t *testing.T, ecosystem string, all claims, r *sekisho.Result) {
	t.Helper()
	seen := map[string]string{} // package and id, to the finding
	merged, findings := 0, 0
	for _, f := range r.Findings {
		if f.Package == nil || f.Package.Ecosystem != ecosystem {
			continue
		}
		findings++
		records := map[string]bool{}
		for _, e := range f.Evidence {
			if e.Status != sekisho.StatusNotAffected {
				records[e.Source+" "+e.ID] = true
			}
		}
		if len(records) > 1 {
			merged++
		}
		for _, id := range append([]string{f.Rule}, f.Aliases...) {
			key := f.Package.Name + " " + f.Package.Version + " " + id
			if other, ok := seen[key]; ok {
				t.Errorf("%s: findings %s and %s both name it", key, other, f.Rule)
			}
			seen[key] = f.Rule
		}
		// Everything that one can reach from the first record by shared ids.
		reach := map[string]bool{f.Rule: true}
		for grown := true; grown; {
			grown = false
			for _, c := range all[ecosystem+" "+plainName(ecosystem, f.Package.Name)] {
				if !c.withdrawn && slices.ContainsFunc(c.ids, func(id string) bool { return reach[id] }) {
					for _, id := range c.ids {
						if id != "" && !reach[id] {
							reach[id], grown = true, true
						}
					}
				}
			}
		}
		for _, id := range f.Aliases {
			if !reach[id] {
				t.Errorf("%s %s: %s is merged into %s, no record says that they are one (%s)", f.Package.Name, f.Package.Version, id, f.Rule, strings.Join(f.Aliases, " "))
			}
		}
	}
	t.Logf("%d findings, %d of them of several records", findings, merged)
}
