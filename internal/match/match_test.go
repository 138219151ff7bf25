// SPDX-License-Identifier: Apache-2.0

package match

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// numbers is an order of plain numbers: "1.5" is none of it.
var numbers = sekisho.Order{Name: "numbers", Compare: func(a, b string) (int, error) {
	x, err := strconv.Atoi(a)
	if err != nil {
		return 0, err
	}
	y, err := strconv.Atoi(b)
	return x - y, err
}}

// table is a database in memory.
type table struct {
	rows   []sekisho.Advisory
	cves   map[string]sekisho.CVE
	broken error
}

func (t *table) Has(_ context.Context, world string) (bool, error) {
	return slices.ContainsFunc(t.rows, func(a sekisho.Advisory) bool { return a.World == world }), t.broken
}

func (t *table) Advisories(_ context.Context, world, name string, yield func(*sekisho.Advisory)) error {
	for i := range t.rows {
		if t.rows[i].World == world && t.rows[i].Package == name {
			yield(&t.rows[i])
		}
	}
	return nil
}

func (t *table) CVE(_ context.Context, _, id string) (*sekisho.CVE, error) {
	c := t.cves[id]
	return &c, nil
}

// places: "os" packages are looked up in world os with bundles, others in lang.
func places(_ *sekisho.OS, p *sekisho.Package) ([]Place, sekisho.Told) {
	switch p.Ecosystem {
	case "os":
		return []Place{{World: "os", Name: p.Name, Version: p.Version, SourceName: p.SourceName, SourceVersion: p.SourceVersion, Order: numbers, Bundles: true}}, sekisho.Told{}
	case "unknown":
		return nil, sekisho.Tell(message.WhyNoWorld.Words("unknown"))
	}
	return []Place{{World: p.Ecosystem, Name: p.Name, Version: p.Version, Order: numbers}}, sekisho.Told{}
}

func fixed(id, world, version string, aliases ...string) sekisho.Advisory {
	return sekisho.Advisory{World: world, Package: "p", ID: id, Feed: "feed", Status: sekisho.StatusFixed, Aliases: aliases, Ranges: []sekisho.Range{{Fixed: version}}}
}

func with(a sekisho.Advisory, change func(*sekisho.Advisory)) sekisho.Advisory {
	change(&a)
	return a
}

func open(status string) sekisho.Advisory {
	return sekisho.Advisory{World: "os", Package: "p", ID: "CVE-1", Feed: "states", Status: status}
}

func TestCheck(t *testing.T) {
	osPackage := sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", SourceName: "p", SourceVersion: "5"}
	lang := sekisho.Package{Ecosystem: "lang", Name: "p", Version: "5"}
	for _, tt := range []struct {
		name string
		rows []sekisho.Advisory
		p    sekisho.Package
		// want is "RULE aliases fixed status severity" of each finding.
		want []string
	}{
		{"below the fix", []sekisho.Advisory{fixed("CVE-1", "os", "6")}, osPackage, []string{"CVE-1 [] 6 fixed unknown"}},
		{"at the fix", []sekisho.Advisory{fixed("CVE-1", "os", "5")}, osPackage, nil},
		{"a state without fix", []sekisho.Advisory{open(sekisho.StatusWillNotFix)}, osPackage, []string{"CVE-1 []  will_not_fix unknown"}},
		{"an installed fix beats an older state", []sekisho.Advisory{fixed("RHSA-1", "os", "5", "CVE-1"), open(sekisho.StatusAffected)}, osPackage, nil},
		{"a later advisory completes the fix", []sekisho.Advisory{fixed("RHSA-1", "os", "4", "CVE-1"), fixed("RHSA-2", "os", "7", "CVE-1")}, osPackage, []string{"CVE-1 [RHSA-2] 7 fixed unknown"}},
		{"a bundle is a finding a CVE", []sekisho.Advisory{fixed("RHSA-1", "os", "6", "CVE-1", "CVE-2")}, osPackage, []string{"CVE-1 [RHSA-1] 6 fixed unknown", "CVE-2 [RHSA-1] 6 fixed unknown"}},
		{"a bundle without CVE is one finding", []sekisho.Advisory{fixed("DSA-1", "os", "6")}, osPackage, []string{"DSA-1 [] 6 fixed unknown"}},
		{
			"an advisory that fixes two flaws does not make them one",
			[]sekisho.Advisory{fixed("CVE-1", "os", "6", "DSA-1"), fixed("CVE-2", "os", "6", "DSA-1")},
			osPackage,
			[]string{"CVE-1 [DSA-1] 6 fixed unknown", "CVE-2 [DSA-1] 6 fixed unknown"},
		},
		{"not affected", []sekisho.Advisory{open(sekisho.StatusNotAffected)}, osPackage, nil},
		{"not affected beats an open state", []sekisho.Advisory{open(sekisho.StatusNotAffected), open(sekisho.StatusAffected)}, osPackage, nil},
		{
			"not affected in another module stream says nothing",
			[]sekisho.Advisory{with(open(sekisho.StatusNotAffected), func(a *sekisho.Advisory) { a.Module, a.BySource = "p:flatpak", true }), open(sekisho.StatusAffected)},
			sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", SourceName: "p", SourceVersion: "5"},
			[]string{"CVE-1 []  affected unknown"},
		},
		{
			"not affected on another architecture says nothing",
			[]sekisho.Advisory{with(open(sekisho.StatusNotAffected), func(a *sekisho.Advisory) { a.Arches = []string{"s390x"} }), open(sekisho.StatusAffected)},
			sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", Arch: "x86_64"},
			[]string{"CVE-1 []  affected unknown"},
		},
		{"the latest of several fixes", []sekisho.Advisory{fixed("CVE-1", "os", "6"), fixed("CVE-1", "os", "9"), fixed("CVE-1", "os", "7")}, osPackage, []string{"CVE-1 [] 9 fixed unknown"}},
		{"a subscriber's fix is named last", []sekisho.Advisory{
			with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.Channel = "esm-apps" }), fixed("CVE-1", "os", "8"),
		}, osPackage, []string{"CVE-1 [] 8 fixed unknown"}},
		{"a subscriber's fix is better than none", []sekisho.Advisory{
			with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.Channel = "esm-apps" }), open(sekisho.StatusEndOfLife),
		}, osPackage, []string{"CVE-1 [] 6 fixed unknown"}},
		{"another product's fix", []sekisho.Advisory{with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.Channel = "openshift" })}, osPackage, nil},
		{
			"another architecture",
			[]sekisho.Advisory{with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.Arches = []string{"s390x"} })},
			sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", Arch: "x86_64"},
			nil,
		},
		{
			"another module stream",
			[]sekisho.Advisory{with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.Module = "nodejs:18" })},
			sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", Modularity: "nodejs:20:1:2"},
			nil,
		},
		{
			"this module stream",
			[]sekisho.Advisory{with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.Module = "nodejs:18" })},
			sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", Modularity: "nodejs:18:1:2"},
			[]string{"CVE-1 [] 6 fixed unknown"},
		},
		{"a modular package and a plain row", []sekisho.Advisory{fixed("CVE-1", "os", "6")}, sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", Modularity: "nodejs:18:1:2"}, nil},
		{
			"rows about the source package",
			[]sekisho.Advisory{with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.BySource = true })},
			sekisho.Package{Ecosystem: "os", Name: "libp", Version: "9", SourceName: "p", SourceVersion: "5"},
			[]string{"CVE-1 [] 6 fixed unknown"},
		},
		{
			"rows about the source package do not name a binary one",
			[]sekisho.Advisory{with(fixed("CVE-1", "os", "6"), func(a *sekisho.Advisory) { a.BySource = true })},
			sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", SourceName: "q", SourceVersion: "5"},
			nil,
		},
		{
			"rows about the package do not name a source",
			[]sekisho.Advisory{fixed("CVE-1", "os", "6")},
			sekisho.Package{Ecosystem: "os", Name: "libp", Version: "5", SourceName: "p", SourceVersion: "5"},
			nil,
		},
		{"hidden, owned and root packages are not judged", []sekisho.Advisory{fixed("CVE-1", "lang", "6")}, sekisho.Package{Ecosystem: "lang", Name: "p", Version: "5", OwnedBy: "pkg:deb/x"}, nil},
		{
			"aliases are one finding",
			[]sekisho.Advisory{fixed("GHSA-a", "lang", "7", "CVE-1"), fixed("PYSEC-1", "lang", "6", "CVE-1"), fixed("GO-1", "lang", "6", "GHSA-a")},
			lang,
			[]string{"CVE-1 [GHSA-a GO-1 PYSEC-1] 7 fixed unknown"},
		},
		{
			"aliases that meet late",
			[]sekisho.Advisory{fixed("GHSA-a", "lang", "7"), fixed("PYSEC-1", "lang", "6", "CVE-1"), fixed("GO-1", "lang", "6", "CVE-1", "GHSA-a")},
			lang,
			[]string{"CVE-1 [GHSA-a GO-1 PYSEC-1] 7 fixed unknown"},
		},
		{
			"ranges",
			[]sekisho.Advisory{{World: "lang", Package: "p", ID: "GHSA-a", Status: sekisho.StatusFixed, Ranges: []sekisho.Range{{Introduced: "1", Fixed: "3"}, {Introduced: "4", Fixed: "6"}, {Introduced: "8", Fixed: "9"}}}},
			lang,
			[]string{"GHSA-a [] 6 fixed unknown"},
		},
		{"between ranges", []sekisho.Advisory{{World: "lang", Package: "p", ID: "GHSA-a", Ranges: []sekisho.Range{{Introduced: "1", Fixed: "3"}, {Introduced: "6"}}}}, lang, nil},
		{"last affected", []sekisho.Advisory{{World: "lang", Package: "p", ID: "GHSA-a", Status: sekisho.StatusAffected, Ranges: []sekisho.Range{{LastAffected: "5"}}}}, lang, []string{"GHSA-a []  affected unknown"}},
		{"behind the last affected", []sekisho.Advisory{{World: "lang", Package: "p", ID: "GHSA-a", Ranges: []sekisho.Range{{LastAffected: "4"}}}}, lang, nil},
		{"a list of versions", []sekisho.Advisory{{World: "lang", Package: "p", ID: "GHSA-a", Status: sekisho.StatusAffected, Versions: []string{"3", "05"}}}, lang, []string{"GHSA-a []  affected unknown"}},
		{"informational", []sekisho.Advisory{{World: "lang", Package: "p", ID: "RUSTSEC-1", Informational: "unmaintained"}}, lang, nil},
		{"the source's severity", []sekisho.Advisory{with(fixed("CVE-9", "lang", "6"), func(a *sekisho.Advisory) { a.Severity = sekisho.SeverityLow })}, lang, []string{"CVE-9 [] 6 fixed low"}},
		{"the flaw's severity where the source has none", []sekisho.Advisory{fixed("CVE-9", "lang", "6")}, lang, []string{"CVE-9 [] 6 fixed high"}},
		{"malware", []sekisho.Advisory{{World: "lang", Package: "p", ID: "MAL-1", Status: sekisho.StatusAffected, Malicious: true}}, lang, []string{"MAL-1 []  affected critical"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := &table{
				rows: append(tt.rows, sekisho.Advisory{World: "os", Package: "other", ID: "x"}, sekisho.Advisory{World: "lang", Package: "other", ID: "x"}),
				cves: map[string]sekisho.CVE{"CVE-9": {CVSS: []sekisho.CVSS{{Vector: "eight"}}}},
			}
			m := &Matcher{Database: db, Places: places, Score: func(string) float64 { return 8 }}
			hidden, root := tt.p, tt.p
			hidden.Hidden, root.Relationship = true, sekisho.Root
			j, err := m.Check(t.Context(), &sekisho.Inventory{Packages: []sekisho.Package{tt.p, hidden, root}})
			if err != nil || len(j.Problems) > 0 || len(j.NotAssessed) > 0 {
				t.Fatalf("%v, %v, %v", err, j.Problems, j.NotAssessed)
			}
			var got []string
			for _, f := range j.Findings {
				got = append(got, fmt.Sprintf("%s %v %s %s %s", f.Rule, f.Aliases, f.Fixed, f.Status, f.Severity))
				if len(f.Evidence) == 0 {
					t.Errorf("%s has no evidence", f.Rule)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotAssessed(t *testing.T) {
	db := &table{rows: []sekisho.Advisory{fixed("CVE-1", "os", "6"), fixed("CVE-1", "lang", "6")}}
	m := &Matcher{Database: db, Places: places}
	pkgs := []sekisho.Package{
		{Ecosystem: "unknown", Name: "a", Version: "1"},
		{Ecosystem: "unknown", Name: "b", Version: "1"},
		{Ecosystem: "unknown", Name: "c", Version: "1"},
		{Ecosystem: "unknown", Name: "d", Version: "1"},
		{Ecosystem: "elsewhere", Name: "p", Version: "1"},
		{Ecosystem: "lang", Name: "p"},
		{Ecosystem: "lang", Name: "p", Version: "1.5"},
		{Ecosystem: "lang", Name: "p", Version: "1"},
	}
	j, err := m.Check(t.Context(), &sekisho.Inventory{Packages: pkgs})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range j.Problems {
		got = append(got, p.Error)
	}
	want := []string{
		"not assessed: no advisories for elsewhere (p 1)", "not assessed: no advisories for unknown (a 1, b 1, c 1, +1)",
		"not assessed: packages without a version (p )", "not assessed: versions that are none of lang (p 1.5)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"unknown": 4, "elsewhere": 1, "lang": 2}, j.NotAssessed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(j.Findings) != 1 {
		t.Errorf("%d findings, want one: the others were not judged", len(j.Findings))
	}
}

func TestDatabaseThatCannotBeRead(t *testing.T) {
	m := &Matcher{Database: &table{broken: errors.New("no network")}, Places: places}
	j, err := m.Check(t.Context(), &sekisho.Inventory{Packages: []sekisho.Package{{Ecosystem: "lang", Name: "p", Version: "1"}}})
	if err != nil || len(j.Problems) != 1 || !strings.Contains(j.Problems[0].Error, "no network") || j.NotAssessed["lang"] != 1 {
		t.Errorf("%+v, %v, want one problem with the reason", j, err)
	}
}

func TestFingerprints(t *testing.T) {
	db := &table{rows: []sekisho.Advisory{fixed("CVE-1", "lang", "9")}}
	m := &Matcher{Database: db, Places: places}
	ids := func(versions ...string) []string {
		var pkgs []sekisho.Package
		for _, v := range versions {
			pkgs = append(pkgs, sekisho.Package{Ecosystem: "lang", Name: "p", Version: v, PURL: "pkg:lang/p@" + v})
		}
		j, err := m.Check(t.Context(), &sekisho.Inventory{Packages: pkgs})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range j.Findings {
			ids = append(ids, f.ID)
		}
		return ids
	}
	one, other, both := ids("3"), ids("4"), ids("3", "4", "5")
	if one[0] != other[0] {
		t.Errorf("an upgrade that fixes nothing changed the id: %v, %v", one, other)
	}
	slices.Sort(both)
	if len(slices.Compact(both)) != 3 || !slices.Contains(both, one[0]) {
		t.Errorf("ids of three versions: %v, with %v among them", both, one)
	}
}

func TestChannelsAndModules(t *testing.T) {
	for _, tt := range []struct {
		channel, version string
		want             bool
	}{
		{"", "1", true},
		{"esm-infra", "1", true},
		{"ltss", "1", true},
		{"openshift", "1", false},
		{"ksplice", "2:2.17-326.0.5.ksplice1.el7", true},
		{"ksplice", "2.17-326.el7", false},
		{"fips", "10:3.0.7-18.el9_2.fips", true},
		{"fips", "3.0.7", false},
		{"extras-php8.1", "8.1.14-1.amzn2", true},
		{"extras-php8.1", "5.4.16-46.amzn2", false},
		{"extras-nginx1", "1:1.22.1-1", true},
		{"extras-nginx1", "1:10.2", false},
		{"extras-kernel-5.10", "5.10.2", true},
		{"extras-kernel-5.10", "4.14.1", false},
		{"extras-docker", "20.10", true},
	} {
		if got := channelFits(tt.channel, tt.version); got != tt.want {
			t.Errorf("channelFits(%q, %q) = %v", tt.channel, tt.version, got)
		}
	}
	fix := sekisho.Advisory{Ranges: []sekisho.Range{{Fixed: "1:18.14.2-2.module+el8.7.0+18445"}}}
	for version, want := range map[string]bool{"1:18.12.0-1.module+el8.6.0": true, "1:16.12.0-1.module+el8.6.0": false, "1:18.12.0-1.el8": false} {
		if got := moduleFits(&fix, &sekisho.Package{Version: version}); got != want {
			t.Errorf("moduleFits of %s = %v", version, got)
		}
	}
}

func TestExplain(t *testing.T) {
	db := &table{rows: []sekisho.Advisory{fixed("CVE-1", "lang", "6", "GHSA-a"), fixed("CVE-2", "lang", "4")}}
	m := &Matcher{Database: db, Places: places}
	inv := &sekisho.Inventory{Packages: []sekisho.Package{
		{Ecosystem: "lang", Name: "p", Version: "5"},
		{Ecosystem: "lang", Name: "q", Version: "5"},
		{Ecosystem: "lang", Name: "p", Version: "5", OwnedBy: "pkg:deb/p"},
		{Ecosystem: "unknown", Name: "p", Version: "5"},
	}}
	for _, tt := range []struct {
		id, name string
		want     []string
	}{
		{"ghsa-A", "", []string{"p CVE-1 true [< 6] "}},
		{"CVE-2", "", []string{"p CVE-2 false [< 4] the version has the fix"}},
		{"CVE-3", "", nil},
		{"CVE-3", "q", []string{"q  false [] no advisory of lang about q names it"}},
		{"CVE-1", "p", []string{"p CVE-1 true [< 6] ", "p  false [] it was installed by pkg:deb/p, which is judged in its place", "p  false [] no advisories for unknown"}},
	} {
		traces, err := m.Explain(t.Context(), inv, tt.id, tt.name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range traces {
			got = append(got, fmt.Sprintf("%s %s %v %v %s", x.Package.Name, x.Advisory.ID, x.Affected, x.Ranges, x.Reason.Text))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.id, tt.name, diff)
		}
	}
}

// Rows that are left out early change no finding and no evidence.
func TestRelevantIsEvaluate(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	states := []string{sekisho.StatusFixed, sekisho.StatusAffected, sekisho.StatusNotAffected, sekisho.StatusWillNotFix}
	ids := []string{"CVE-1", "CVE-2", "CVE-3", "CVE-4", "DSA-1", "DSA-2", "X-1"}
	findings, left := 0, 0
	var reused scratch // as a scan uses it from package to package
	for range 2000 {
		db := &table{}
		for range 1 + rnd.IntN(8) {
			a := sekisho.Advisory{World: "os", Package: "p", BySource: rnd.IntN(2) == 0, ID: ids[rnd.IntN(len(ids))], Status: states[rnd.IntN(len(states))], Feed: strconv.Itoa(rnd.IntN(3))}
			for range rnd.IntN(3) {
				a.Aliases = append(a.Aliases, ids[rnd.IntN(len(ids))])
			}
			if rnd.IntN(4) > 0 {
				a.Ranges = []sekisho.Range{{Fixed: strconv.Itoa(1 + rnd.IntN(9))}}
			}
			if rnd.IntN(6) == 0 {
				a.Arches = []string{"amd64"}
			}
			db.rows = append(db.rows, a)
		}
		p := &sekisho.Package{Ecosystem: "os", Name: "p", Version: "5", SourceName: "p", SourceVersion: strconv.Itoa(4 + rnd.IntN(3)), Arch: "arm64"}
		pl, _ := places(nil, p)
		judged := func(found []*outcome, err error) (out []sekisho.Finding) {
			if err != nil {
				t.Fatal(err)
			}
			r := run{Matcher: &Matcher{Database: db, Score: func(string) float64 { return 0 }}, flaws: map[string]*sekisho.CVE{}}
			for _, g := range new(scratch).group(found) {
				var f sekisho.Finding
				ok, err := r.finding(t.Context(), p, g, &f)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					out = append(out, f)
				}
			}
			slices.SortFunc(out, func(a, b sekisho.Finding) int { return strings.Compare(a.Rule, b.Rule) })
			return out
		}
		all, err := evaluate(t.Context(), db, &pl[0], p, &scratch{})
		if err != nil {
			t.Fatal(err)
		}
		reused.reset()
		some, err := relevant(t.Context(), db, &pl[0], p, &reused)
		want, got := judged(all, err), judged(some, err)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("rows %+v of %+v: %s", db.rows, p, d)
		}
		findings += len(want)
		left += len(all) - len(some)
	}
	if findings < 1000 || left < 1000 {
		t.Errorf("%d findings, %d rows left out: the test holds nothing", findings, left)
	}
}

// A finding names the ranges above the package's version: of the same row, of
// another of the same advisory, and no others.
func TestLater(t *testing.T) {
	ranged := func(id string, ranges ...sekisho.Range) sekisho.Advisory {
		return with(fixed(id, "lang", ""), func(a *sekisho.Advisory) { a.Ranges = ranges })
	}
	db := &table{rows: []sekisho.Advisory{
		ranged("GHSA-1", sekisho.Range{Fixed: "6"}, sekisho.Range{Introduced: "8", Fixed: "9"}, sekisho.Range{Introduced: "2", Fixed: "3"}),
		ranged("GHSA-1", sekisho.Range{Introduced: "20", Fixed: "21"}),
		ranged("GHSA-2", sekisho.Range{Introduced: "30", Fixed: "31"}),
		ranged("GHSA-3", sekisho.Range{Introduced: "4"}),
	}}
	m := &Matcher{Database: db, Places: places}
	got, err := m.Check(t.Context(), &sekisho.Inventory{Packages: []sekisho.Package{{Ecosystem: "lang", Name: "p", Version: "5"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]sekisho.Range{"GHSA-1": {{Introduced: "8", Fixed: "9"}, {Introduced: "20", Fixed: "21"}}, "GHSA-3": nil}
	if len(got.Findings) != len(want) {
		t.Errorf("%d findings, want %d", len(got.Findings), len(want))
	}
	for _, f := range got.Findings {
		if !slices.Equal(f.Later, want[f.Rule]) || len(f.Evidence) != 1 {
			t.Errorf("%s: %v, want %v; %v", f.Rule, f.Later, want[f.Rule], f.Evidence)
		}
	}
}
