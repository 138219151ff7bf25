// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const sprocket = "```toml\n" + `[advisory]
id = "RUSTSEC-2029-0001"
package = "sprocket"
date = "2029-05-06"
aliases = ["GHSA-xxxx-yyyy-zzzz", "CVE-2029-0002", "CVE-2029-0001"]
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
[versions]
patched = [">= 1.2.3, < 1.3.0", ">= 1.3.2"]
unaffected = ["< 1.0.0"]
` + "```\n# Prose\n"

func rustsecText(facts string) string {
	return "```toml\n[advisory]\nid = \"RUSTSEC-2029-0002\"\npackage = \"gear\"\ndate = \"2029-01-01\"\n" + facts + "\n```\n"
}

func TestRustSec(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "rustsec",
		"rustsec/crates/sprocket/RUSTSEC-2029-0001.md", sprocket,
		"rustsec/crates/gear/RUSTSEC-2029-0002.md", rustsecText("informational = \"unmaintained\"\n[versions]\npatched = []"),
		"rustsec/crates/gear/RUSTSEC-2029-0003.md", rustsecText("withdrawn = \"2029-02-02\"\n[versions]\npatched = []"),
		"rustsec/crates/gear/RUSTSEC-2029-0004.md", rustsecText("[versions]\npatched = [\">= 0.0.0-0\"]"),
		"rustsec/crates/gear/RUSTSEC-2029-0005.md", rustsecText("[versions]\npatched = [\">= 1.0.0\"]\nunaffected = [\"< 1.0.0\"]"),
		"rustsec/rust/std/CVE-2029-0001.md", sprocket,
		"rustsec/README.md", "```toml\n[x]\n```",
	)
	want := []sekisho.Advisory{
		{
			World: "cargo", Package: "sprocket", ID: "RUSTSEC-2029-0001", Status: "fixed", Published: "2029-05-06",
			Aliases: []string{"CVE-2029-0001", "CVE-2029-0002", "GHSA-xxxx-yyyy-zzzz"},
			CVSS:    []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
			Ranges:  []sekisho.Range{{Introduced: "1.0.0", Fixed: "1.2.3"}, {Introduced: "1.3.0", Fixed: "1.3.2"}},
		},
		{World: "cargo", Package: "gear", ID: "RUSTSEC-2029-0002", Status: "affected", Published: "2029-01-01", Informational: "unmaintained"},
		// The fourth is patched since the least of all versions; what would be
		// before it is no version, but the set is not empty.
		{World: "cargo", Package: "gear", ID: "RUSTSEC-2029-0002", Status: "fixed", Published: "2029-01-01", Ranges: []sekisho.Range{{Fixed: "0.0.0-0"}}},
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	for _, bad := range []string{
		"", "prose", "```toml\n", "```toml\n[advisory\n```\n", "```toml\n[advisory]\nid = \"x\"\n```\n",
		rustsecText("[versions]\npatched = [\"latest\"]"), rustsecText("[versions]\npatched = []\nunaffected = [\">\"]"),
		strings.Replace(sprocket, "2029-05-06", "2029-5-6", 1), "```toml\n" + strings.Repeat("#", maxFacts) + "\n```\n",
	} {
		s := extracttest.ParseFeed(t, Feeds(), "rustsec", "crates/a/RUSTSEC-2029-0001.md", bad)
		if len(s.Problems) != 1 || len(s.Rows) > 0 {
			t.Errorf("%.80q: %v %v", bad, s.Problems, s.Rows)
		}
	}
}

// TestRealRustSec compares the rows with a second reading of the same files by
// lines, and each bound with the order of the world.
func TestRealRustSec(t *testing.T) {
	s, files := extracttest.RealFeed(t, Feeds(), "rustsec")
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	field := func(text, name string) string {
		if m := regexp.MustCompile(`(?m)^` + name + ` = "(.*)"`).FindStringSubmatch(text); m != nil {
			return m[1]
		}
		return ""
	}
	want, got := map[string]string{}, map[string]string{}
	for path, text := range files {
		if !strings.Contains(path, "/crates/") || field(text, "withdrawn") != "" {
			continue
		}
		facts, _, _ := strings.Cut(text, "\n```\n")
		status := "fixed"
		if regexp.MustCompile(`(?m)^patched = \[\s*\]`).MatchString(facts) {
			status = "affected"
		}
		want[field(facts, "id")] = field(facts, "package") + " " + status + " " + field(facts, "informational") + " " + field(facts, "cvss")
	}
	for _, a := range s.Rows {
		got[a.ID] = a.Package + " " + a.Status + " " + a.Informational + " " + strings.Join(a.CVSS, " ")
		for _, r := range a.Ranges {
			for _, v := range []string{r.Introduced, r.Fixed, r.LastAffected} {
				if _, err := Order().Compare(v, "1.0.0"); v != "" && err != nil {
					t.Errorf("%s: %v", a.ID, err)
				}
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 1100 {
		t.Errorf("%d advisories\n%s", len(want), d)
	}
}

func FuzzRustSec(f *testing.F) {
	extracttest.FuzzFeed(f, Feeds(), "rustsec", "crates/a/RUSTSEC-2029-0001.md", sprocket)
}
