// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const secdbJSON = `{"apkurl": "{{urlprefix}}", "archs": ["x86_64"], "reponame": "main", "urlprefix": "https://example.com",
"distroversion": "v3.20", "packages": [
 {"pkg": {"name": "foo", "secfixes": {
   "1.2.3-r0": ["CVE-2024-1000", "CVE-2024-1001 XSA-1", "CVE-2024-1000"],
   "1.2.4-r0": ["CVE-2024-1001"],
   "0": ["CVE-2024-1000", "CVE-2024-1002"]}}},
 {"pkg": {"name": "bar", "secfixes": {"2-r1": ["GHSA-aaaa-bbbb-cccc"]}}},
 {"pkg": {"name": "none", "secfixes": null}}
]}`

func secdbRow(world, pkg, id, fixed string, aliases ...string) sekisho.Advisory {
	a := sekisho.Advisory{World: world, Package: pkg, BySource: true, ID: id, Aliases: aliases, Status: "not_affected"}
	if fixed != "" {
		a.Status, a.Ranges = "fixed", []sekisho.Range{{Fixed: fixed}}
	}
	return a
}

func TestSecdb(t *testing.T) {
	for name, world := range map[string]string{"alpine-secdb": "alpine/3.20", "wolfi-secdb": "wolfi", "chainguard-secdb": "chainguard"} {
		s := extracttest.ParseFeed(t, Feeds(), name, "v3.20/main.json", secdbJSON, "overlay.jsonl", "not read")
		s.WantProblems(t)
		want := []sekisho.Advisory{
			secdbRow(world, "foo", "CVE-2024-1002", ""),
			secdbRow(world, "foo", "CVE-2024-1000", "1.2.3-r0"),
			secdbRow(world, "foo", "CVE-2024-1001", "1.2.3-r0", "XSA-1"),
			secdbRow(world, "foo", "CVE-2024-1001", "1.2.4-r0"),
			secdbRow(world, "bar", "GHSA-aaaa-bbbb-cccc", "2-r1"),
		}
		if d := cmp.Diff(want, s.Rows); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if starter := extracttest.NamedFeed(t, Feeds(), name).Starter; starter != (name == "alpine-secdb") {
			t.Errorf("%s may be in the starter database: %v", name, starter)
		}
	}
	s := extracttest.ParseFeed(t, Feeds(), "alpine-secdb", "edge/main.json", strings.Replace(secdbJSON, "v3.20", "edge", 1))
	if s.WantProblems(t); s.Rows[0].World != "alpine/edge" {
		t.Error(s.Rows[0].World)
	}
}

func TestIdentify(t *testing.T) {
	for entry, want := range map[string][]identity{
		"CVE-2024-1000":                       {{"CVE-2024-1000", nil}},
		"CVE-2018-14466 (AFS/RX)":             {{"CVE-2018-14466", nil}},
		"CVE-2018-12126  XSA-297":             {{"CVE-2018-12126", []string{"XSA-297"}}},
		"GNUTLS-SA-2020-03-31 CVE-2020-11501": {{"CVE-2020-11501", []string{"GNUTLS-SA-2020-03-31"}}},
		"CVE-2020-1 CVE-2020-11740 CVE-2020-11741 XSA-313": {
			{"CVE-2020-11740", []string{"XSA-313"}}, {"CVE-2020-11741", []string{"XSA-313"}},
		},
		"CVE-2026-47215 / GHSA-wqcr-7rf3-f64m":      {{"CVE-2026-47215", []string{"GHSA-wqcr-7rf3-f64m"}}},
		"CVE-2026-47215/GHSA-wqcr-7rf3-f64m":        {{"CVE-2026-47215", []string{"GHSA-wqcr-7rf3-f64m"}}},
		"ELEMENTSEC-2024-1520, GHSA-rgv2-84w7-5j9p": {{"ELEMENTSEC-2024-1520", []string{"GHSA-rgv2-84w7-5j9p"}}},
		"CVE-2017-17434-1":                          {{"CVE-2017-17434", nil}},
		"CVE-2021-35940.patch":                      {{"CVE-2021-35940", nil}},
		"CVE 2025-48379":                            {{"CVE-2025-48379", nil}},
		"CVE_2019-2426":                             {{"CVE-2019-2426", nil}},
		"CVE N/A ZBX-11023":                         {{"ZBX-11023", nil}},
		"CVE-????-????? TS-2024-005":                {{"TS-2024-005", nil}},
		"CVE-2018-3620 CVE-2018-3620":               {{"CVE-2018-3620", nil}},
		"ALPINE-13661":                              {{"ALPINE-13661", nil}},
		"TEMP-0000000-ABCDEF":                       {{"TEMP-0000000-ABCDEF", nil}},
		"CGA-abcd-1234-efgh":                        {{"CGA-abcd-1234-efgh", nil}},
		"CVE-46838":                                 nil,
		"XCVE-2024-1000":                            nil,
		"":                                          nil,
		"nothing":                                   nil,
	} {
		got := identify(entry)
		if d := cmp.Diff(want, got, cmp.AllowUnexported(identity{})); d != "" {
			t.Errorf("%q: %s", entry, d)
		}
	}
}

// TestLongEntries: what no publisher writes is not worth the time to compare.
func TestLongEntries(t *testing.T) {
	if got := identify("CVE-2024-1000" + strings.Repeat(" ", maxEntry)); got != nil {
		t.Error(got)
	}
	var b strings.Builder
	for i := range 2 * maxAliases {
		fmt.Fprintf(&b, `"CVE-2024-1000 XSA-%d",`, i)
	}
	s := extracttest.ParseFeed(t, Feeds(), "wolfi-secdb", "security.json", `{"packages": [{"pkg": {"name": "a", "secfixes": {"1-r0": [`+strings.TrimSuffix(b.String(), ",")+`]}}}]}`)
	if len(s.Rows) != 1 || len(s.Rows[0].Aliases) != maxAliases {
		t.Errorf("%+v", s.Rows)
	}
}

func TestWorldOf(t *testing.T) {
	for release, want := range map[string]string{"v3.20": "alpine/3.20", "v3.2": "alpine/3.2", "edge": "alpine/edge", "3.20": "", "v3": "", "v3.": "", "v3.20/x": "", "": "", "v3.99999": ""} {
		if got, ok := worldOf(release); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q %v", release, got, ok)
		}
	}
}

func TestDamagedSecdb(t *testing.T) {
	doc := func(packages string) string { return `{"distroversion": "v3.20", "packages": ` + packages + `}` }
	for _, c := range []struct {
		data    string
		rows    int
		problem string
	}{
		{"", 0, "read the document"},
		{secdbJSON[:300], 0, "read the document"},
		{`{"distroversion": "v3.20"}`, 0, "no packages"},
		{`{"distroversion": "3", "packages": []}`, 0, `distroversion is "3"`},
		{doc(`[{"pkg": {"secfixes": {"1-r0": ["CVE-2024-1000"]}}}]`), 0, "no name"},
		{doc(`[{"pkg": {"name": "a", "secfixes": {"1-r0": 1, "2-r0": ["CVE-2024-1000"]}}}]`), 1, "a 1-r0: read the ids"},
		{doc(`[{"pkg": {"name": "a", "secfixes": {"": ["CVE-2024-1001"], "2-r0": ["CVE-2024-1000"]}}}]`), 1, `"" is no version`},
		{doc(`[{"pkg": {"name": "a", "secfixes": {"1 r0": ["CVE-2024-1001"], "2-r0": ["CVE-2024-1000"]}}}]`), 1, `"1 r0" is no version`},
		{doc(`[{"pkg": {"name": "a", "secfixes": {"1-r0": ["CVE-1", "CVE-2024-1000"]}}}]`), 1, `"CVE-1" holds no id`},
	} {
		s := extracttest.ParseFeed(t, Feeds(), "alpine-secdb", "main.json", c.data)
		if len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows", c.data, len(s.Rows))
		}
		s.WantProblems(t, c.problem)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := extracttest.NamedFeed(t, Feeds(), "wolfi-secdb").Parse(ctx, func(yield func(sekisho.FeedFile, error) bool) { yield(sekisho.FeedFile{}, nil) }, &extracttest.Said{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzSecdb(f *testing.F) {
	f.Add(secdbJSON)
	f.Add(`{"distroversion": "edge", "packages": [{"pkg": {"name": "a", "secfixes": {"0": ["CVE-2024-1000 XSA-1"]}}}]}`)
	f.Fuzz(func(t *testing.T, data string) {
		for _, a := range extracttest.ParseFeed(t, Feeds(), "alpine-secdb", "main.json", data).Rows {
			if !strings.HasPrefix(a.World, "alpine/") || a.Package == "" || a.ID == "" || (a.Status == "fixed") != (len(a.Ranges) == 1 && a.Ranges[0].Fixed != "") {
				t.Errorf("%+v", a)
			}
		}
	})
}

// TestRealSecdb reads the data a second time, naively, and compares.
func TestRealSecdb(t *testing.T) {
	cve := regexp.MustCompile(`CVE.[0-9]{4}-[0-9]{4,}`)
	want := map[string]int{}
	var odd []string
	for f, err := range extracttest.Published(t, "alpine-secdb") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f.Path, ".json") {
			continue
		}
		var doc struct {
			DistroVersion string
			Packages      []struct {
				Pkg struct {
					Name     string
					Secfixes map[string][]string
				}
			}
		}
		if err := json.Unmarshal(f.Data, &doc); err != nil {
			t.Fatal(err)
		}
		world := "alpine/" + strings.TrimPrefix(doc.DistroVersion, "v")
		for _, p := range doc.Packages {
			for version, entries := range p.Pkg.Secfixes {
				var ids []string
				for _, entry := range entries {
					found := cve.FindAllString(entry, -1)
					if len(found) == 0 {
						first := regexp.MustCompile(`[, ]`).Split(regexp.MustCompile(`^CVE\S* (N/A )?`).ReplaceAllString(entry, ""), -1)[0]
						if strings.HasPrefix(first, "CVE-") {
							odd = append(odd, entry)
							continue
						}
						found = []string{first}
					}
					for _, id := range found {
						ids = append(ids, regexp.MustCompile(`^CVE.`).ReplaceAllString(id, "CVE-"))
					}
				}
				slices.Sort(ids)
				for _, id := range slices.Compact(ids) {
					if version == "0" && slices.ContainsFunc(slices.Collect(func(yield func(string) bool) {
						for v, other := range p.Pkg.Secfixes {
							if v != "0" && !yield(strings.Join(other, " ")) {
								return
							}
						}
					}), func(all string) bool { return strings.Contains(all, id) }) {
						continue
					}
					want[world+" "+p.Pkg.Name+" "+id+" "+version]++
				}
			}
		}
	}
	var s extracttest.Said
	if err := extracttest.NamedFeed(t, Feeds(), "alpine-secdb").Parse(t.Context(), extracttest.Published(t, "alpine-secdb"), &s); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, a := range s.Rows {
		version := "0"
		if a.Status == "fixed" {
			version = a.Ranges[0].Fixed
		}
		got[a.World+" "+a.Package+" "+a.ID+" "+version]++
	}
	if !maps.Equal(want, got) { // a hundred times faster than the difference
		d := cmp.Diff(want, got)
		t.Error(d[:min(len(d), 4000)])
	}
	if len(want) < 100_000 {
		t.Errorf("%d rows: the data is not what it was", len(want))
	}
	// Nothing can be told from "CVE-46838", or from a CVE whose number was not
	// known yet.
	slices.Sort(odd)
	if d := cmp.Diff([]string{"CVE-46838"}, slices.Compact(slices.Clone(odd))); d != "" {
		t.Error(d)
	}
	if len(s.Problems) != len(odd) {
		t.Errorf("%d problems for %d odd entries: %v", len(s.Problems), len(odd), s.Problems)
	}
}
