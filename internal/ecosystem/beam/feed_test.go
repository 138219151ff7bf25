// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const distillery = `---
description: prose
disclosure_date: 2029-05-06
first_patched_versions:
  - 1.4.0
  - null
  - 3.1.0
id: GHSA-xxxx-yyyy-zzzz
package: Distillery
severity: moderate
vulnerable_version_ranges:
  - "<= 1.3.2"
  - "= 2.0.0-beta.1"
  - ">= 3.0.0, < 3.1.0"
`

func TestHexAdvisories(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "hex-elixir",
		"e/packages/distillery/GHSA-xxxx-yyyy-zzzz.yml", distillery,
		"e/packages/old/1.yml", "id: old-1\ncve: 2029-0001\npackage: old\ndisclosure_date: 2029-01-01\npatched_versions: ['~> 1.2.3', '>= 1.3.1']\nunaffected_versions: ['< 1.0.0']\n",
		"e/packages/old/2.yml", "id: old-2\npackage: old\nseverity: critical\nvulnerable_version_ranges: ['>= 1.0.0']\nfirst_patched_versions: [null]\n",
		"e/other/old/3.yml", distillery, "e/README.md", "x",
	)
	if d := cmp.Diff([]sekisho.Advisory{
		{
			World: "hex", Package: "distillery", ID: "GHSA-xxxx-yyyy-zzzz", Status: "fixed", Severity: sekisho.SeverityMedium,
			Urgency: "moderate", Published: "2029-05-06", Ranges: []sekisho.Range{
				{Fixed: "1.4.0"},
				{Introduced: "2.0.0-beta.1", LastAffected: "2.0.0-beta.1"},
				{Introduced: "3.0.0", Fixed: "3.1.0"},
			},
		},
		{
			World: "hex", Package: "old", ID: "old-1", Aliases: []string{"CVE-2029-0001"}, Status: "fixed", Published: "2029-01-01",
			Ranges: []sekisho.Range{{Introduced: "1.0.0", Fixed: "1.2.3"}, {Introduced: "1.3.0-0", Fixed: "1.3.1"}},
		},
		{
			World: "hex", Package: "old", ID: "old-2", Status: "affected", Severity: sekisho.SeverityCritical, Urgency: "critical",
			Ranges: []sekisho.Range{{Introduced: "1.0.0"}},
		},
	}, s.Rows); d != "" {
		t.Error(d)
	}
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	for _, bad := range []string{
		"", "id: a", "id: a\npackage: b", "- a", "a: [", strings.Replace(distillery, "moderate", "spicy", 1),
		strings.Replace(distillery, "1.4.0", "soon", 1), strings.Replace(distillery, "<= 1.3.2", "^1.3.2.1", 1),
		"id: a\npackage: b\npatched_versions: [x]", "id: a\npackage: b\nunaffected_versions: [x]", distillery + "#" + strings.Repeat("x", 1<<20),
	} {
		s := extracttest.ParseFeed(t, Feeds(), "hex-elixir", "packages/a/1.yml", bad)
		if len(s.Problems) != 1 || len(s.Rows) > 0 {
			t.Errorf("%.300q: %v %v", bad, s.Problems, s.Rows)
		}
	}
}

// TestRealHexAdvisories compares the rows with a second reading of the same
// files by lines: an item of a list of ranges is an interval of the row.
func TestRealHexAdvisories(t *testing.T) {
	s, files := extracttest.RealFeed(t, Feeds(), "hex-elixir")
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	want, got := map[string]int{}, map[string]int{}
	fixed := 0
	for p, text := range files {
		if !strings.Contains(p, "/packages/") {
			continue
		}
		_, list, _ := strings.Cut(text, "vulnerable_version_ranges:")
		id := regexp.MustCompile(`(?m)^id: *(\S+)`).FindStringSubmatch(text)[1]
		name := regexp.MustCompile(`(?m)^package: *(\S+)`).FindStringSubmatch(text)[1]
		want[strings.ToLower(name)+" "+id] = len(regexp.MustCompile(`(?m)^ +- .*[<=>].*`).FindAllString(list, -1))
		_, list, _ = strings.Cut(text, "first_patched_versions:")
		if regexp.MustCompile(`^(\s+- *(null)?)*\s+- *["']?[0-9]`).MatchString(list) {
			fixed++
		}
	}
	// This one states "< 2.4.0" and "< 2.16.0", which are one range.
	want["gun GHSA-w4f7-4cxr-rv3c"]--
	for _, a := range s.Rows {
		got[a.Package+" "+a.ID] = len(a.Ranges)
		if a.Status == sekisho.StatusFixed {
			fixed--
		}
	}
	if d := cmp.Diff(want, got); d != "" || fixed != 0 || len(want) < 100 {
		t.Errorf("%d advisories, fixed ones differ by %d\n%s", len(want), fixed, d)
	}
}

func FuzzHexAdvisories(f *testing.F) {
	extracttest.FuzzFeed(f, Feeds(), "hex-elixir", "packages/a/1.yml", distillery)
}
