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

// langExplained are the records about which the two readings differ, with the
// number of differences; docs/accuracy.md says why.
var langExplained = map[string]map[string]int{
	"npm": {"GHSA-4627-w373-375v": 2},
}

// langCompare compares once the differences that are explained are left out, if
// they are as many as explained.
func langCompare(t *testing.T, what, ecosystem string, want, got map[string]bool, least int) {
	t.Helper()
	want, got = langOnce(t, want, got), maps.Clone(got)
	for id, n := range langExplained[ecosystem] {
		about := func(other map[string]bool) func(string, bool) bool {
			return func(k string, _ bool) bool { return !other[k] && strings.Contains(k, " "+id+" ") }
		}
		before := len(want) + len(got)
		all := maps.Clone(want)
		maps.DeleteFunc(want, about(got))
		maps.DeleteFunc(got, about(all))
		if left := before - len(want) - len(got); left != n {
			t.Errorf("%s: %d differences about %s, docs/accuracy.md explains %d", what, left, id, n)
		}
	}
	compare(t, what, want, got, least)
}

// preReleases checks that Composer itself differs about pre-releases alone: it
// takes ">=2.0" to hold those of 2.0, and "<2.1" not to hold those of 2.1.
func preReleases(t *testing.T, o *langOracle) {
	t.Helper()
	if len(o.otherwise) == 0 {
		return
	}
	for k := range o.otherwise {
		if v, _, _ := strings.Cut(k, " "); !strings.Contains(v, "-") {
			t.Errorf("Composer says otherwise of %s", k)
		}
	}
	t.Logf("Composer would judge %d pre-releases otherwise", len(o.otherwise))
}

// langLeast is how many packages a tree of languages has.
const langLeast = 1000

// The findings of a made tree of real names and versions are those of a naive
// reading of the feeds, judged by the ecosystem's own order of versions.
func TestLanguages(t *testing.T) {
	for _, w := range langWorlds() {
		t.Run(w.ecosystem, func(t *testing.T) {
			db := database(t, langFeeds()...)
			all := langNaiveClaims(t)
			o := w.oracle(t)
			d := langDraw(t, w, all, o, 1000)
			if len(d.all) < langLeast {
				t.Errorf("%d packages, want %d", len(d.all), langLeast)
			}
			dir := t.TempDir()
			for i, layer := range d.layers {
				w.write[i](t, filepath.Join(dir, fmt.Sprintf("part%d", i)), layer)
			}
			want := map[string]bool{}
			o.settle(t, func() { want = langWanted(w.ecosystem, all, o, d.all) })
			t.Logf("%d packages, %d questions to the tool", len(d.all), o.asked)
			preReleases(t, o)
			for _, k := range slices.Sorted(maps.Keys(d.kinds)) {
				t.Logf("  %d with %s", d.kinds[k], k)
			}
			for _, kind := range []string{"dir:", "repo:"} {
				r := scan(t, db, kind+dir)
				langPackages(t, w.ecosystem, kind, r, d.all)
				got := langSaid(r, w.ecosystem)
				langCompare(t, kind+" "+w.ecosystem, w.ecosystem, want, got, 1000)
				if kind == "dir:" {
					langAliases(t, w.ecosystem, all, r)
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
			got := langSaid(scan(t, db, "sbom:"+bill), w.ecosystem)
			langCompare(t, "sbom: "+w.ecosystem, w.ecosystem, want, got, 1000)
		})
	}
}

// langWanted is what the naive reading finds.
func langWanted(ecosystem string, all langClaims, o *langOracle, list []langPkg) map[string]bool {
	out := map[string]bool{}
	for _, p := range list {
		for _, c := range all[ecosystem+" "+langPlainName(ecosystem, p.name)] {
			if affected, fixed := o.verdict(c, p.version); affected {
				out[langLine(c.feed, c.id, p.name, p.version, fixed)] = true
			}
		}
	}
	return out
}

// langOnce leaves out what a second feed says word for word: the database keeps one
// of two rows that differ in the feed alone, as the API's record of an advisory
// and its publisher's.
func langOnce(t *testing.T, want, got map[string]bool) map[string]bool {
	t.Helper()
	words := map[string]bool{}
	for k := range got {
		_, rest, _ := strings.Cut(k, " ")
		words[rest] = true
	}
	out := map[string]bool{}
	for k := range want {
		if _, rest, _ := strings.Cut(k, " "); got[k] || !words[rest] {
			out[k] = true
		}
	}
	t.Logf("%d are another feed's words", len(want)-len(out))
	return out
}

func langLine(feed, id, name, version, fixed string) string {
	return fmt.Sprintf("%s %s of %s %s, fixed %q", feed, id, name, version, fixed)
}

// langSaid is what the program finds, a line for each source of each finding.
func langSaid(r *sekisho.Result, ecosystem string) map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Findings {
		if f.Package == nil || f.Package.Ecosystem != ecosystem {
			continue
		}
		for _, e := range f.Evidence {
			if e.Status != sekisho.StatusNotAffected {
				out[langLine(e.Source, e.ID, f.Package.Name, f.Package.Version, e.Fixed)] = true
			}
		}
	}
	return out
}

// langPackages checks that the program saw the whole tree, and could assess it.
func langPackages(t *testing.T, ecosystem, kind string, r *sekisho.Result, list []langPkg) {
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
	compare(t, "packages of "+kind+" "+ecosystem, want, got, langLeast)
	for _, e := range r.Coverage.Ecosystems {
		if e.Ecosystem == ecosystem && e.NotAssessed > 0 {
			t.Errorf("%d packages of %s were not assessed: %v", e.NotAssessed, ecosystem, r.Problems)
		}
	}
}

// langAliases checks the groups of sources: two records of a package that share an
// id are one finding, and those of one finding are joined by shared ids.
func langAliases(t *testing.T, ecosystem string, all langClaims, r *sekisho.Result) {
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
			for _, c := range all[ecosystem+" "+langPlainName(ecosystem, f.Package.Name)] {
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
