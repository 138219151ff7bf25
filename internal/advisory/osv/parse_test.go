// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// sink keeps all that a feed says.
type sink struct {
	rows     []sekisho.Advisory
	cves     []sekisho.CVE
	day      string
	problems []string
}

func (s *sink) Advisory(a *sekisho.Advisory) { s.rows = append(s.rows, *a) }
func (s *sink) CVE(c *sekisho.CVE)           { s.cves = append(s.cves, *c) }
func (s *sink) Date(d string)                { s.day = max(s.day, d) }
func (s *sink) Problem(path string, err error) {
	s.problems = append(s.problems, path+": "+err.Error())
}

func filesOf(files ...sekisho.FeedFile) iter.Seq2[sekisho.FeedFile, error] {
	return func(yield func(sekisho.FeedFile, error) bool) {
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func read(t *testing.T, feed string, files ...sekisho.FeedFile) *sink {
	t.Helper()
	s := &sink{}
	if err := feedNamed(t, feed).Parse(t.Context(), filesOf(files...), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func one(t *testing.T, doc string) *sink {
	t.Helper()
	return read(t, "osv", sekisho.FeedFile{Path: "a/record.json", Data: []byte(doc)})
}

func TestGitHub(t *testing.T) {
	s := one(t, `{"id":"GHSA-aaaa-bbbb-cccc","modified":"2024-05-07T01:02:03Z","published":"2024-05-06T01:02:03Z",
		"aliases":["GO-2024-1","CVE-2024-1"],"related":["CVE-2024-9"],"summary":"A title","details":"x",
		"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
		"database_specific":{"severity":"MODERATE","cwe_ids":["CWE-79"],"nvd_published_at":"2024-05-01T00:00:00Z"},
		"affected":[
		 {"package":{"ecosystem":"PyPI","name":"Some_Thing.py"},"versions":["1","2"],
		  "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.5"},{"introduced":"2"},{"fixed":"2.5"}]}]},
		 {"package":{"ecosystem":"Packagist","name":"Acme/Lib"},"database_specific":{"last_known_affected_version_range":"<= 3.1"},
		  "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"3"}]}]},
		 {"package":{"ecosystem":"npm","name":"@Acme/lib"},"versions":["7.0.1"]}]}`)
	base := sekisho.Advisory{
		ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"CVE-2024-1", "GO-2024-1"}, Severity: sekisho.SeverityMedium,
		Urgency: "moderate", CVSS: []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
		Published: "2024-05-06", Modified: "2024-05-07", Summary: "A title", Status: sekisho.StatusAffected,
	}
	pypi, composer, npm := base, base, base
	pypi.World, pypi.Package, pypi.Status = "pypi", "some-thing-py", sekisho.StatusFixed
	pypi.Ranges = []sekisho.Range{{Fixed: "1.5"}, {Introduced: "2", Fixed: "2.5"}}
	composer.World, composer.Package = "composer", "acme/lib"
	composer.Ranges = []sekisho.Range{{Introduced: "3", LastAffected: "3.1"}}
	npm.World, npm.Package, npm.Versions = "npm", "@Acme/lib", []string{"7.0.1"}
	want := &sink{
		rows: []sekisho.Advisory{pypi, composer, npm}, day: "2024-05-07",
		cves: []sekisho.CVE{{
			ID: "CVE-2024-1", CWEs: []string{"CWE-79"}, Published: "2024-05-01",
			CVSS: []sekisho.CVSS{{Source: "osv", Vector: base.CVSS[0]}},
		}},
	}
	if d := cmp.Diff(want, s, cmp.AllowUnexported(sink{})); d != "" {
		t.Error(d)
	}
}

func TestRanges(t *testing.T) {
	type r = sekisho.Range
	tests := []struct {
		name, affected string
		want           []r
		status         string
	}{
		{"two pairs", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1"},{"introduced":"2"},{"last_affected":"3"}]}]`, []r{{Fixed: "1"}, {Introduced: "2", LastAffected: "3"}}, "affected"},
		{"an open end", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"fixed":"2"},{"introduced":"3"}]}]`, []r{{Introduced: "1", Fixed: "2"}, {Introduced: "3"}}, "affected"},
		{"starts before ends", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"introduced":"3"},{"fixed":"2"},{"fixed":"4"}]}]`, []r{{Introduced: "1", Fixed: "2"}, {Introduced: "3", Fixed: "4"}}, "fixed"},
		{"a start too many", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"introduced":"3"},{"fixed":"4"}]}]`, []r{{Introduced: "1", Fixed: "4"}, {Introduced: "3", Fixed: "4"}}, "fixed"},
		{"an end too many", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"fixed":"4"},{"fixed":"5"}]}]`, []r{{Introduced: "1", Fixed: "4"}}, "fixed"},
		{"no start", `"ranges":[{"type":"SEMVER","events":[{"fixed":"4"}]}]`, []r{{Fixed: "4"}}, "fixed"},
		{"a limit", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"limit":"4"}]}]`, []r{{Introduced: "1", Fixed: "4"}}, "fixed"},
		{"no limit", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"limit":"*"}]}]`, []r{{Introduced: "1"}}, "affected"},
		{"both in one event", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1","fixed":"2"}]}]`, []r{{Introduced: "1", Fixed: "2"}}, "fixed"},
		{"two ranges", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"fixed":"2"}]},{"type":"GIT","events":[{"introduced":"0"},{"fixed":"abc"}]},{"type":"ECOSYSTEM","events":[{"introduced":"3"},{"fixed":"4"}]}]`, []r{{Introduced: "1", Fixed: "2"}, {Introduced: "3", Fixed: "4"}}, "fixed"},
		{"closed below", `"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"database_specific":{"last_known_affected_version_range":"< 1.2.3"}`, []r{{Fixed: "1.2.3"}}, "fixed"},
		{"closed already", `"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}],"database_specific":{"last_known_affected_version_range":"<= 1.2.3"}`, []r{{Fixed: "2"}}, "fixed"},
		{"closed by two", `"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"1"}]}],"database_specific":{"last_known_affected_version_range":">= 1, < 1.2.3"}`, []r{{Introduced: "1", Fixed: "1.2.3"}}, "fixed"},
		{"ends out of order", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"introduced":"2.0.0"},{"fixed":"2.0.1"},{"fixed":"1.10.2"}]}]`, []r{{Fixed: "1.10.2"}, {Introduced: "2.0.0", Fixed: "2.0.1"}}, "fixed"},
		{"a start between ends", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"introduced":"3"},{"introduced":"5"},{"last_affected":"6"},{"fixed":"4"}]}]`, []r{{Introduced: "1", Fixed: "4"}, {Introduced: "3", Fixed: "4"}, {Introduced: "5", LastAffected: "6"}}, "affected"},
		{"an end at a start", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1"},{"introduced":"2.0"},{"fixed":"2.0"},{"fixed":"2.1"}]}]`, []r{{Introduced: "1", Fixed: "2.0"}, {Introduced: "2.0", Fixed: "2.1"}}, "fixed"},
		{"a pre-release begins", `"ranges":[{"type":"SEMVER","events":[{"introduced":"2.0.0-rc1"},{"fixed":"2.0.0"}]}],"versions":["2.0.0-rc1"]`, []r{{Introduced: "2.0.0-rc1", Fixed: "2.0.0"}}, "fixed"},
		{"the wrong way round, no list", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0.0.14"},{"fixed":"0.0.13"}]}]`, []r{{Introduced: "0.0.14", Fixed: "0.0.13"}}, "fixed"},
		{"everything", `"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"versions":["1"],"database_specific":"odd"`, []r{{}}, "affected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := one(t, `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},`+tt.affected+`}]}`)
			if len(s.rows) != 1 || len(s.problems) != 0 {
				t.Fatalf("%d rows, problems %q", len(s.rows), s.problems)
			}
			if d := cmp.Diff(tt.want, s.rows[0].Ranges); d != "" {
				t.Error(d)
			}
			if s.rows[0].Status != tt.status || s.rows[0].Versions != nil {
				t.Errorf("status %q, versions %q", s.rows[0].Status, s.rows[0].Versions)
			}
		})
	}
}

// A list of versions counts where the ranges beside it cannot be meant.
func TestListBesideRanges(t *testing.T) {
	for name, doc := range map[string]string{
		"the wrong way round": `"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0.0.14"},{"fixed":"0.0.13"}]}],"versions":["0.0.14"]`,
		"no start":            `"ranges":[{"type":"ECOSYSTEM","events":[{"fixed":"1.9.3"}]}],"versions":["0.0.14"]`,
	} {
		s := one(t, `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},`+doc+`}]}`)
		if len(s.rows) != 1 || len(s.rows[0].Ranges) != 0 || s.rows[0].Status != sekisho.StatusAffected {
			t.Fatalf("%s: %+v", name, s.rows)
		}
		if d := cmp.Diff([]string{"0.0.14"}, s.rows[0].Versions); d != "" {
			t.Error(name, d)
		}
	}
}

func TestInformational(t *testing.T) {
	s := one(t, `{"id":"RUSTSEC-2024-1","affected":[{"package":{"ecosystem":"crates.io","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0.0.0-0"}]}],"database_specific":{"informational":"unmaintained"}},
		{"package":{"ecosystem":"crates.io","name":"b"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0.0.0-0"}]}],"database_specific":{"informational":null}}]}`)
	if len(s.rows) != 2 || s.rows[0].Informational != "unmaintained" || s.rows[1].Informational != "" {
		t.Errorf("%+v", s.rows)
	}
}

// TestNoRow lists what makes no row and is no problem either.
func TestNoRow(t *testing.T) {
	for name, doc := range map[string]string{
		"withdrawn":        `{"id":"X-1","withdrawn":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}`,
		"never affected":   `{"id":"X-1","affected":[{"package":{"ecosystem":"Debian:12","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0"}]}],"versions":["1"]}]}`,
		"commits alone":    `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]}`,
		"nothing affected": `{"id":"X-1"}`,
		"no versions":      `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"}}]}`,
		"no package":       `{"id":"CVE-2024-1","affected":[{"versions":["1"]}]}`,
		"no name":          `{"id":"X-1","affected":[{"package":{"ecosystem":"npm"},"versions":["1"]}]}`,
		"another product":  `{"id":"RHSA-2024:1","related":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"Red Hat:openshift:4.12::el8","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1"}]}]}]}`,
		"a bug fix":        `{"id":"ALBA-2024:1","affected":[{"package":{"ecosystem":"AlmaLinux:9","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1"}]}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if s := one(t, doc); len(s.rows) != 0 || len(s.problems) != 0 {
				t.Errorf("rows %+v, problems %q", s.rows, s.problems)
			}
		})
	}
	s := one(t, `{"id":"ALBA-2024:1","related":["CVE-2024-1"],"affected":[{"package":{"ecosystem":"AlmaLinux:9","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1"}]}]}]}`)
	if len(s.rows) != 1 {
		t.Errorf("a bug fix that fixes a CVE gives %d rows", len(s.rows))
	}
}

func TestDistribution(t *testing.T) {
	s := one(t, `{"id":"UBUNTU-CVE-2024-1","modified":"2024-01-02T00:00:00Z","upstream":["CVE-2024-1"],"related":["USN-1-1","CVE-2024-2"],
		"aliases":["BIT-x-2024-1"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/X"},{"type":"Ubuntu","score":"Negligible"}],"affected":[
		{"package":{"ecosystem":"Ubuntu:Pro:22.04:LTS","name":"curl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1~esm1"}]}]},
		{"package":{"ecosystem":"Debian:12","name":"curl"},"ecosystem_specific":{"urgency":"end-of-life"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}`)
	if len(s.rows) != 2 {
		t.Fatalf("%d rows", len(s.rows))
	}
	u := s.rows[0]
	if u.World != "ubuntu/22.04" || u.Channel != "esm" || !u.BySource || u.Urgency != "negligible" || u.Severity != sekisho.SeverityNegligible {
		t.Errorf("%+v", u)
	}
	if d := cmp.Diff([]string{"CVE-2024-1"}, u.Aliases); d != "" {
		t.Error(d)
	}
	if d := s.rows[1]; d.World != "debian/12" || d.Status != sekisho.StatusEndOfLife || d.Channel != "" {
		t.Errorf("%+v", d)
	}
	want := []sekisho.CVE{{ID: "CVE-2024-1", CVSS: []sekisho.CVSS{{Source: "osv", Vector: "CVSS:3.1/X"}}}}
	if d := cmp.Diff(want, s.cves); d != "" {
		t.Error(d)
	}
	s = one(t, `{"id":"DSA-1-1","related":["CVE-2024-1","CVE-2024-2"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/X"}],"affected":[
		{"package":{"ecosystem":"Debian:12","name":"curl"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2"}]}]}]}`)
	if d := cmp.Diff([]string{"CVE-2024-1", "CVE-2024-2"}, s.rows[0].Aliases); d != "" || len(s.cves) != 0 {
		t.Error(d, s.cves)
	}
}

func TestRPM(t *testing.T) {
	s := one(t, `{"id":"RHSA-2024:1","summary":"Red Hat Security Advisory: virt:rhel and virt-devel:rhel security update","related":["CVE-2024-1"],"affected":[
		{"package":{"ecosystem":"Red Hat:enterprise_linux:8::appstream","name":"qemu"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"15:6-1.module+el8.8.0+1"}]}]},
		{"package":{"ecosystem":"Red Hat:enterprise_linux:8::crb","name":"qemu"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"15:6-1.module+el8.8.0+1"}]}]},
		{"package":{"ecosystem":"Red Hat:enterprise_linux:8::crb","name":"plain"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0:6-1.el8"}]}]},
		{"package":{"ecosystem":"AlmaLinux:8","name":"qemu"},"ecosystem_specific":{"rpm_modularity":"virt:av"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"15:6-1.module_el8"}]}]},
		{"package":{"ecosystem":"SUSE:Linux Enterprise Server 15 SP2-LTSS","name":"src"},"ecosystem_specific":{"binaries":[{"libb":"2-1","liba":"1-1"}]},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1-1"}]}]},
		{"package":{"ecosystem":"openSUSE:Leap 15.5","name":"src"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1-1"}]}]}]}`)
	var got []string
	for _, r := range s.rows {
		by := "binary"
		if r.BySource {
			by = "source"
		}
		got = append(got, strings.Join([]string{r.World, r.Channel, r.Package, by, r.Module, r.Ranges[0].Fixed, strings.Join(r.Aliases, ",")}, " "))
	}
	want := []string{
		"redhat/8  qemu binary virt:rhel 15:6-1.module+el8.8.0+1 CVE-2024-1",
		"redhat/8  qemu binary virt-devel:rhel 15:6-1.module+el8.8.0+1 CVE-2024-1",
		"redhat/8  plain binary  0:6-1.el8 CVE-2024-1",
		"alma/8  qemu binary virt:av 15:6-1.module_el8 CVE-2024-1",
		"suse/sles-15.2 ltss liba binary  1-1 CVE-2024-1",
		"suse/sles-15.2 ltss libb binary  2-1 CVE-2024-1",
		"suse/leap-15.5  src source  1-1 CVE-2024-1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	s = one(t, `{"id":"ALSA-2024:1","summary":"Important: x security update","affected":[
		{"package":{"ecosystem":"AlmaLinux:8","name":"x"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1"}]}]}]}`)
	if r := s.rows[0]; r.Severity != sekisho.SeverityHigh || r.Urgency != "important" {
		t.Errorf("%v %q", r.Severity, r.Urgency)
	}
}

func TestMalwareAndPrograms(t *testing.T) {
	s := one(t, `{"id":"MAL-2024-1","affected":[{"package":{"ecosystem":"npm","name":"evil"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}`)
	if r := s.rows[0]; r.World != "malware/npm" || !r.Malicious {
		t.Errorf("%+v", r)
	}
	s = one(t, `{"id":"CURL-CVE-2024-1","affected":[{"versions":["8.1"],"ranges":[{"type":"GIT","repo":"https://github.com/curl/curl.git","events":[{"introduced":"0"}]}]}]}`)
	if r := s.rows[0]; r.World != "binary" || r.Package != "curl" || len(r.Versions) != 1 || r.Aliases[0] != "CVE-2024-1" {
		t.Errorf("%+v", r)
	}
	s = one(t, `{"id":"PSF-2024-1","affected":[{"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"3.9.1"}]}]}]}`)
	if r := s.rows[0]; r.World != "binary" || r.Package != "python" || r.Status != sekisho.StatusFixed {
		t.Errorf("%+v", r)
	}
}

func TestDamage(t *testing.T) {
	good := `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1"]}]}`
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for _, n := range []string{"npm/X-1.json", "index.txt", "bad.json"} {
		f, err := w.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if n == "bad.json" {
			good = good[:20]
		}
		if _, err := f.Write([]byte(good)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s := read(t, "osv",
		sekisho.FeedFile{Path: "cut.json", Data: []byte(`{"id":"X-1",`)},
		sekisho.FeedFile{Path: "noid.json", Data: []byte(`{"a":1}`)},
		sekisho.FeedFile{Path: "list.json", Data: []byte(`[1]`)},
		sekisho.FeedFile{Path: "number.json", Data: []byte(`{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":7}]}`)},
		sekisho.FeedFile{Path: "README.md", Data: []byte(`x`)},
		sekisho.FeedFile{Path: "last_updated.json", Data: []byte(`{}`)},
		sekisho.FeedFile{Path: "cut.zip", Data: z.Bytes()[:30]},
		sekisho.FeedFile{Path: "npm/all.zip", Data: z.Bytes()})
	if len(s.rows) != 1 || s.rows[0].ID != "X-1" {
		t.Errorf("rows %+v", s.rows)
	}
	var got []string
	for _, p := range s.problems {
		name, _, _ := strings.Cut(p, ": ")
		got = append(got, name)
	}
	want := []string{"cut.json", "noid.json", "list.json", "number.json", "cut.zip", "npm/all.zip/bad.json"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestEnds(t *testing.T) {
	f := feedNamed(t, "osv")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Parse(ctx, filesOf(sekisho.FeedFile{Path: "a.json"}), &sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("broken")
	err := f.Parse(t.Context(), func(yield func(sekisho.FeedFile, error) bool) { yield(sekisho.FeedFile{}, broken) }, &sink{})
	if !errors.Is(err, broken) {
		t.Errorf("iterator's error: %v", err)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"id":"GHSA-1","modified":"2024-05-07T01:02:03Z","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1"}]}],"database_specific":{"last_known_affected_version_range":"<"}}]}`))
	f.Add([]byte(`{"id":"SUSE-1","affected":[{"package":{"ecosystem":"SUSE:Linux Enterprise Server 15 SP2-LTSS","name":"a"},"ecosystem_specific":{"binaries":[{"b":"1"}]},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1"}]}]}]}`))
	f.Add([]byte(`{"id":"RHSA-1","summary":"a: b:c","affected":[{"package":{"ecosystem":"Red Hat:rhel_eus:9.2::baseos","name":"a"},"ranges":[{"type":"ECOSYSTEM","events":[{"fixed":"1.module+"}]}]},{"versions":["1"],"ranges":[{"repo":"https://github.com/curl/curl"}]}]}`))
	f.Add([]byte(`{"id":"X","affected":[{"package":{"ecosystem":"Ubuntu:Pro:FIPS::","name":"a"},"versions":["1"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &sink{}
		feeds := Feeds()
		for _, feed := range feeds {
			if feed.Name != "osv" {
				continue
			}
			files := filesOf(sekisho.FeedFile{Path: "a.json", Data: data}, sekisho.FeedFile{Path: "a.zip", Data: data})
			if err := feed.Parse(t.Context(), files, s); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range s.rows {
			if r.World == "" || r.Package == "" || r.ID == "" || r.Status == "" || len(r.Ranges)+len(r.Versions) == 0 {
				t.Errorf("%+v", r)
			}
			if strings.ContainsAny(r.World, " :\\") || strings.Contains(r.World, "..") {
				t.Errorf("world %q", r.World)
			}
		}
	})
}
