// SPDX-License-Identifier: Apache-2.0

package ruby

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const pinion = `---
gem: pinion
cve: 2029-0001
ghsa: xxxx-yyyy-zzzz
osvdb: 12345
url: https://example.com/advisory
date: 2029-05-06
cvss_v2: 10.0
cvss_v3: 6.3
patched_versions:
  - "~> 5.2.4, >= 5.2.4.3"
  - ">= 6.0.3.1"
unaffected_versions:
  - "< 5.0"
`

func TestRubySec(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "rubysec",
		"rubysec/gems/pinion/CVE-2029-0001.yml", pinion,
		"rubysec/gems/pinion/GHSA-xxxx-yyyy-zzzz.yml", "gem: pinion\nghsa: xxxx-yyyy-zzzz\ndate: 2029-01-01\ncvss_v4: 9.1\n",
		"rubysec/gems/pinion/OSVDB-1.yml", "gem: pinion\nosvdb: 1\ncvss_v2: 4.0\npatched_versions: ['>= 1', '< 1']\n",
		"rubysec/rubies/ruby/CVE-2029-0003.yml", "engine: ruby\ncve: 2029-0003\ndate: 2029-01-01\npatched_versions: ['~> 2.6.10', '>= 3.1.2']\n",
		"rubysec/README.md", "x",
		"rubysec/lib/x.yml", "gem: x",
	)
	want := []sekisho.Advisory{
		{
			World: "gem", Package: "pinion", ID: "CVE-2029-0001", Aliases: []string{"GHSA-xxxx-yyyy-zzzz", "OSVDB-12345"}, Status: "fixed",
			Severity: sekisho.SeverityMedium, Published: "2029-05-06",
			Ranges: []sekisho.Range{{Introduced: "5.0", Fixed: "5.2.4.3"}, {Introduced: "5.3.A", Fixed: "6.0.3.1"}},
		},
		{World: "gem", Package: "pinion", ID: "GHSA-xxxx-yyyy-zzzz", Status: "affected", Severity: sekisho.SeverityCritical, Published: "2029-01-01"},
		{
			World: "binary", Package: "ruby", ID: "CVE-2029-0003", Status: "fixed", Published: "2029-01-01",
			Ranges: []sekisho.Range{{Fixed: "2.6.10"}, {Introduced: "2.7.A", Fixed: "3.1.2"}},
		},
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	for _, bad := range []string{
		"", "cve: 1", "- a", "gem: [", "gem: a\npatched_versions: ['newest']", "gem: a\nunaffected_versions: ['^1']",
		"gem: a\ncvss_v3: high", "gem: a\n#" + strings.Repeat("x", 1<<20),
	} {
		s := extracttest.ParseFeed(t, Feeds(), "rubysec", "gems/a/CVE-2029-0001.yml", bad)
		if len(s.Problems) != 1 || len(s.Rows) > 0 {
			t.Errorf("%.80q: %v %v", bad, s.Problems, s.Rows)
		}
	}
}

func TestRubySecSeverity(t *testing.T) {
	for _, c := range []struct {
		r    rubysec
		want sekisho.Severity
	}{
		{rubysec{}, sekisho.SeverityUnknown},
		{rubysec{CVSS2: 10}, sekisho.SeverityHigh},
		{rubysec{CVSS2: 6.9}, sekisho.SeverityMedium},
		{rubysec{CVSS2: 3.9}, sekisho.SeverityLow},
		{rubysec{CVSS3: 3.9, CVSS2: 9}, sekisho.SeverityLow},
		{rubysec{CVSS3: 7}, sekisho.SeverityHigh},
		{rubysec{CVSS3: 9, CVSS4: 4}, sekisho.SeverityMedium},
		{rubysec{CVSS3: 9}, sekisho.SeverityCritical},
	} {
		if got := c.r.severity(); got != c.want {
			t.Errorf("%+v is %s, want %s", c.r, got, c.want)
		}
	}
}

// TestRealRubySec compares the rows with a second reading of the same files by
// lines, and each bound with the order of the world.
func TestRealRubySec(t *testing.T) {
	s, files := extracttest.RealFeed(t, Feeds(), "rubysec")
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	want, got := map[string]string{}, map[string]string{}
	for p, text := range files {
		if !strings.HasSuffix(p, ".yml") || !strings.Contains(p, "/gems/") && !strings.Contains(p, "/rubies/") {
			continue
		}
		kind := "gem "
		if strings.Contains(p, "/rubies/") {
			kind = "binary "
		}
		status := " affected"
		if regexp.MustCompile(`(?m)^patched_versions:\n *-`).MatchString(text) {
			status = " fixed"
		}
		want[p] = kind + path.Base(path.Dir(p)) + status
	}
	// These two call every version patched or unaffected: [5.1.2,) and (,5.1.2)
	// the one, all but 1.0.13 and all but 0.1.4 the other.
	delete(want, "rubysec/gems/ckeditor/CVE-2021-32808.yml")
	delete(want, "rubysec/gems/cron_parser/CVE-2019-15224.yml")
	dir := map[string]string{"gem": "rubysec/gems/", "binary": "rubysec/rubies/"}
	for _, a := range s.Rows {
		got[dir[a.World]+a.Package+"/"+a.ID+".yml"] = a.World + " " + a.Package + " " + a.Status
		for _, r := range a.Ranges {
			for _, v := range []string{r.Introduced, r.Fixed, r.LastAffected} {
				if _, err := Order().Compare(v, "1.0.0"); v != "" && err != nil {
					t.Errorf("%s: %v", a.ID, err)
				}
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 1300 {
		t.Errorf("%d advisories\n%s", len(want), d)
	}
}

func FuzzRubySec(f *testing.F) {
	extracttest.FuzzFeed(f, Feeds(), "rubysec", "gems/a/CVE-2029-0001.yml", pinion)
}
