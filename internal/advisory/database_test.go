// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// memory opens shards that a build handed over.
type memory map[string][]byte

func (m memory) open(_ context.Context, world string) (io.ReaderAt, int64, func() error, error) {
	b, ok := m[world]
	if !ok {
		return nil, 0, nil, ErrNoWorld
	}
	return bytes.NewReader(b), int64(len(b)), nil, nil
}

// feedOf gives a feed that says the rows.
func feedOf(name string, rows []sekisho.Advisory, cves ...sekisho.CVE) sekisho.Feed {
	return sekisho.Feed{Name: name, Publisher: name, License: "CC0-1.0", Starter: true, Parse: func(_ context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
		for _, err := range files {
			if err != nil {
				return err
			}
		}
		for i := range rows {
			out.Advisory(&rows[i])
		}
		for i := range cves {
			out.CVE(&cves[i])
		}
		out.Date("2024-05-06T10:00:00Z")
		return nil
	}}
}

// built is the database of the feeds, each with an empty directory as entry.
func built(t testing.TB, opt BuildOptions) (memory, []Source) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range opt.Feeds {
		if err := os.MkdirAll(filepath.Join(dir, f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m := memory{}
	sources, err := Build(t.Context(), dir, opt, func(world string, _ int, shard []byte) error {
		m[world] = shard
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m, sources
}

// lookup gives copies of the rows.
func lookup(t testing.TB, db *Database, world, name string) []sekisho.Advisory {
	t.Helper()
	var rows []sekisho.Advisory
	err := db.Advisories(t.Context(), world, name, func(a *sekisho.Advisory) {
		c := *a
		c.Aliases, c.Ranges, c.Versions = slices.Clone(a.Aliases), slices.Clone(a.Ranges), slices.Clone(a.Versions)
		c.CVSS, c.Arches = slices.Clone(a.CVSS), slices.Clone(a.Arches)
		rows = append(rows, c)
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

var full = sekisho.Advisory{
	World: "debian/12", Package: "openssl", BySource: true, ID: "CVE-2024-0727", Aliases: []string{"CVE-1999-12345", "DSA-1-1", "CVE-2024-00012"},
	Feed: "one", Status: sekisho.StatusFixed,
	Ranges:   []sekisho.Range{{Introduced: "1.0", Fixed: "3.0.13-1~deb12u1"}, {LastAffected: "0.9"}, {Introduced: "5"}},
	Versions: []string{"7", "8"}, Severity: sekisho.SeverityLow, Urgency: "low",
	CVSS:   []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H", "CVSS:4.0/AV:L/AC:L/AT:P/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N", "AV:N/AC:M/Au:N/C:N/I:N/A:P", "nonsense"},
	Module: "nodejs:18", Arches: []string{"x86_64"}, Channel: "esm-apps", Malicious: true, Informational: "unsound",
	Published: "2024-01-26", Modified: "2024-05-05", Summary: "a title",
}

func TestRowsComeBack(t *testing.T) {
	plain := sekisho.Advisory{World: "npm", Package: "a", ID: "GHSA-x", Status: sekisho.StatusAffected}
	m, sources := built(t, BuildOptions{Feeds: []sekisho.Feed{
		feedOf("one", []sekisho.Advisory{full, full, plain}, sekisho.CVE{
			ID: "CVE-2024-0727", CWEs: []string{"CWE-476"}, Published: "2024-01-26T09:15:07Z",
			CVSS: []sekisho.CVSS{{Source: "nvd", Vector: "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H"}},
		}),
		feedOf("two", nil, sekisho.CVE{
			ID: "CVE-2024-0727", EPSS: &sekisho.EPSS{Score: 0.00234, Percentile: 0.6, Date: "2026-08-22"},
			KEV: &sekisho.KEV{Added: "2024-02-01", Due: "2024-02-22", Ransomware: true}, Exploits: []string{"metasploit", "poc"},
		}),
	}})
	db := New(m.open)
	defer db.Close()
	if diff := cmp.Diff([]sekisho.Advisory{full}, lookup(t, db, "debian/12", "openssl")); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
	plain.Feed = "one"
	if diff := cmp.Diff([]sekisho.Advisory{plain}, lookup(t, db, "npm", "a"), cmp.Transformer("nil", func(s []string) []string { return append([]string(nil), s...) })); diff != "" && !strings.Contains(diff, "Ranges") {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
	c, err := db.CVE(t.Context(), "debian/12", "CVE-2024-0727")
	if err != nil {
		t.Fatal(err)
	}
	want := &sekisho.CVE{
		ID: "CVE-2024-0727", CWEs: []string{"CWE-476"}, Published: "2024-01-26",
		CVSS: []sekisho.CVSS{{Source: "nvd", Vector: "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H", Score: 5.5}},
		EPSS: &sekisho.EPSS{Score: 0.00234, Percentile: 0.6, Date: "2026-08-22"}, KEV: &sekisho.KEV{Added: "2024-02-01", Due: "2024-02-22", Ransomware: true},
		Exploits: []string{"metasploit", "poc"},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("flaw differs (-want +got):\n%s", diff)
	}
	if sources[0].Rows != 3 || sources[0].Date != "2024-05-06" || sources[1].CVEs != 1 {
		t.Errorf("sources %+v", sources)
	}
	if ok, err := db.Has(t.Context(), "debian/11"); ok || err != nil {
		t.Errorf("debian/11: %v, %v, want none", ok, err)
	}
	if err := db.Advisories(t.Context(), "debian/11", "x", nil); !errors.Is(err, ErrNoWorld) {
		t.Errorf("debian/11: %v, want ErrNoWorld", err)
	}
}

func TestFactsOnlyHasNoSentence(t *testing.T) {
	m, _ := built(t, BuildOptions{FactsOnly: true, Feeds: []sekisho.Feed{feedOf("one", []sekisho.Advisory{full})}})
	want := full
	want.Summary = ""
	if diff := cmp.Diff([]sekisho.Advisory{want}, lookup(t, New(m.open), "debian/12", "openssl")); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
}

func TestRejectedFlawsAreLeftOut(t *testing.T) {
	m, _ := built(t, BuildOptions{Feeds: []sekisho.Feed{feedOf("one", []sekisho.Advisory{full}, sekisho.CVE{ID: full.ID, Rejected: true})}})
	if rows := lookup(t, New(m.open), "debian/12", "openssl"); len(rows) > 0 {
		t.Errorf("got %v, want no row of a rejected flaw", rows)
	}
}

// many gives rows of n packages.
func many(n int) []sekisho.Advisory {
	r := rand.New(rand.NewPCG(1, 2))
	var rows []sekisho.Advisory
	for i := range n {
		for range 1 + r.IntN(6) {
			rows = append(rows, sekisho.Advisory{
				World: "debian/12", Package: fmt.Sprintf("package-%d", i), BySource: true, Status: sekisho.StatusFixed,
				ID: fmt.Sprintf("CVE-%d-%04d", 2005+r.IntN(20), r.IntN(50000)), Ranges: []sekisho.Range{{Fixed: fmt.Sprintf("%d.%d.%d-%d", r.IntN(9), r.IntN(30), r.IntN(30), r.IntN(9))}},
				Severity: sekisho.Severity(r.IntN(6)),
			})
		}
	}
	return rows
}

// eachPacking runs a test over both forms of a shard.
func eachPacking(t *testing.T, run func(t *testing.T, quick bool)) {
	t.Helper()
	t.Run("small", func(t *testing.T) { run(t, false) })
	t.Run("quick", func(t *testing.T) { run(t, true) })
}

func TestEveryPackageIsFound(t *testing.T) { eachPacking(t, everyPackageIsFound) }

func everyPackageIsFound(t *testing.T, quick bool) {
	rows := many(3000)
	m, _ := built(t, BuildOptions{QuickToRead: quick, Feeds: []sekisho.Feed{feedOf("one", rows)}})
	if magic := string(m["debian/12"][:len(quickMagic)]); (magic == quickMagic) != quick {
		t.Fatalf("the shard begins with %s", magic)
	}
	db := New(m.open)
	want := map[string]map[string]bool{}
	for _, r := range rows {
		if want[r.Package] == nil {
			want[r.Package] = map[string]bool{}
		}
		want[r.Package][r.ID+r.Ranges[0].Fixed+r.Severity.String()] = true
	}
	for name, ids := range want {
		got := lookup(t, db, "debian/12", name)
		if len(got) != len(ids) {
			t.Fatalf("%s: %d rows, want %d", name, len(got), len(ids))
		}
		for _, r := range got {
			if !ids[r.ID+r.Ranges[0].Fixed+r.Severity.String()] {
				t.Fatalf("%s: %+v was not there", name, r)
			}
		}
	}
	for _, name := range []string{"", "a", "package-", "package-3000", "zzz"} {
		if got := lookup(t, db, "debian/12", name); len(got) > 0 {
			t.Errorf("%q: %v, want nothing", name, got)
		}
	}
	seen := 0
	if err := db.Each(t.Context(), "debian/12", func(*sekisho.Advisory) { seen++ }); err != nil {
		t.Fatal(err)
	}
	if head, err := db.Head(t.Context(), "debian/12"); err != nil || head.Rows != seen || head.Packages != len(want) {
		t.Errorf("head %+v, %v; %d rows, %d packages", head, err, seen, len(want))
	}
}

func TestBuildIsDeterministic(t *testing.T) { eachPacking(t, buildIsDeterministic) }

func buildIsDeterministic(t *testing.T, quick bool) {
	rows := many(500)
	opt := func() BuildOptions {
		return BuildOptions{QuickToRead: quick, Parallel: 4, Feeds: []sekisho.Feed{feedOf("one", rows[:900]), feedOf("two", rows[600:]), feedOf("three", many(40))}}
	}
	a, _ := built(t, opt())
	for range 4 {
		b, _ := built(t, opt())
		for world := range a {
			if !bytes.Equal(a[world], b[world]) {
				t.Fatalf("%s differs from build to build", world)
			}
		}
	}
}

// TestDamage changes and cuts a shard at every byte: it is refused, or the
// answer is the right one, and nothing panics.
func TestDamage(t *testing.T) { eachPacking(t, damage) }

func damage(t *testing.T, quick bool) {
	m, _ := built(t, BuildOptions{QuickToRead: quick, Feeds: []sekisho.Feed{feedOf("one", append(many(120), full))}})
	good := m["debian/12"]
	want := lookup(t, New(m.open), "debian/12", "openssl")
	ask := func(b []byte) ([]sekisho.Advisory, error) {
		var got []sekisho.Advisory
		err := New(memory{"debian/12": b}.open).Advisories(t.Context(), "debian/12", "openssl", func(a *sekisho.Advisory) { got = append(got, *a) })
		return got, err
	}
	refused := 0
	for i := range good {
		b := bytes.Clone(good)
		b[i] ^= 0x55
		got, err := ask(b)
		if err != nil {
			refused++
			continue
		}
		if len(got) != len(want) || got[0].ID != want[0].ID || got[0].Ranges[0] != want[0].Ranges[0] {
			t.Fatalf("byte %d changed the answer to %v", i, got)
		}
	}
	if refused < 100 {
		t.Errorf("only %d changes of %d were noticed", refused, len(good))
	}
	for n := range good {
		if _, err := ask(good[:n]); err == nil {
			t.Fatalf("a shard cut to %d of %d bytes was opened", n, len(good))
		}
	}
}

func TestBuildSaysWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	nothing := func(string, int, []byte) error { return nil }
	feeds := []sekisho.Feed{feedOf("one", nil)}
	for want, opt := range map[string]BuildOptions{
		"no entry of a known feed": {Feeds: feeds},
		"feed one: no such entry":  {Feeds: feeds, Only: []string{"one"}},
		"feed two is not known":    {Feeds: feeds, Only: []string{"two"}},
	} {
		if _, err := Build(t.Context(), dir, opt, nothing); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var e encoder
	e.advisory(&full, 0, false)
	f.Add(string(e.b))
	f.Fuzz(func(t *testing.T, s string) {
		var a sekisho.Advisory
		d := decoder{s: s}
		d.advisory(&a)
		if d.err != nil {
			return
		}
		// What was read can be written and is read the same.
		var e encoder
		e.advisory(&a, 0, false)
		var b sekisho.Advisory
		again := decoder{s: string(e.b)}
		again.advisory(&b)
		if again.err != nil || a.ID != b.ID || len(a.Ranges) != len(b.Ranges) || a.Status != b.Status {
			t.Errorf("%+v became %+v (%v)", a, b, again.err)
		}
		var c sekisho.CVE
		d = decoder{s: s}
		d.cve(&c)
	})
}

func BenchmarkLookup(b *testing.B) {
	rows := many(20000)
	m, _ := built(b, BuildOptions{Feeds: []sekisho.Feed{feedOf("one", rows)}})
	b.ReportMetric(float64(len(m["debian/12"]))/float64(len(rows)), "B/row")
	for b.Loop() {
		db := New(m.open)
		for i := range 1000 {
			if err := db.Advisories(b.Context(), "debian/12", fmt.Sprintf("package-%d", i*20), func(*sekisho.Advisory) {}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
