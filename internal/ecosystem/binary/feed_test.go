// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	coreFlaw   = `{"cve":["CVE-2029-0002","CVE-2029-0001"],"vulnerable":" 8.x || 9.x || 10.x","patched":"^8.9.3 || ^9.2.1","severity":"high","publish_date":"2029-05-06"}`
	moduleFlaw = `{"module_name":"@acme/lamp","cves":["cve-2029-0003 "],"vulnerable_versions":"<=1.0.0 || >=2.0.0 <2.1.0","patched_versions":">=1.0.1 <2.0.0 || >=2.1.0","cvss_vector":"CVSS:3.0/AV:N/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L","publish_date":"2029-01-01","updated_at":"2029-02-02"}`
)

func TestNode(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "nodejs-core",
		"n/vuln/core/7.json", coreFlaw,
		"n/vuln/npm/8.json", moduleFlaw,
		"n/vuln/npm/9.json", `{"module_name":"bad","cves":[],"vulnerable_versions":"*","patched_versions":null,"cvss_vector":null}`,
		"n/vuln/npm/10.json", `{"module_name":"worse","cves":[],"vulnerable_versions":"<=99.999.9","patched_versions":"<0.0.0"}`,
		"n/vuln/core/index.json", `{"7":`+coreFlaw+`}`,
		"n/vuln/deps/1.json", `{"cve":["CVE-2029-0009"]}`,
		"n/README.md", "x",
	)
	if d := cmp.Diff([]sekisho.Advisory{
		{
			World: "binary", Package: "node", ID: "NODEJS-CORE-7", Aliases: []string{"CVE-2029-0001", "CVE-2029-0002"}, Status: "fixed",
			Severity: sekisho.SeverityHigh, Urgency: "high", Published: "2029-05-06",
			Ranges: []sekisho.Range{
				{Introduced: "8.0.0-0", Fixed: "8.9.3"},
				{Introduced: "9.0.0-0", Fixed: "9.2.1"},
				{Introduced: "10.0.0-0", Fixed: "11.0.0-0"},
			},
		},
		{
			World: "npm", Package: "@acme/lamp", ID: "NSWG-8", Aliases: []string{"CVE-2029-0003"}, Status: "fixed",
			CVSS: []string{"CVSS:3.0/AV:N/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"}, Published: "2029-01-01", Modified: "2029-02-02",
			Ranges: []sekisho.Range{{Fixed: "1.0.1"}, {Introduced: "2.0.0", Fixed: "2.1.0"}},
		},
		{World: "npm", Package: "bad", ID: "NSWG-9", Status: "affected"},
		{World: "npm", Package: "worse", ID: "NSWG-10", Status: "affected", Ranges: []sekisho.Range{{LastAffected: "99.999.9"}}},
	}, s.Rows); d != "" {
		t.Error(d)
	}
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	for _, bad := range []struct{ folder, text string }{
		{"core", ""},
		{"core", "[]"},
		{"core", "{}"},
		{"core", coreFlaw[:40]},
		{"core", `{"vulnerable":"8.x","patched":"soon"}`},
		{"npm", "{}"},
		{"npm", moduleFlaw[:40]},
		{"npm", `{"module_name":"a","vulnerable_versions":"all"}`},
	} {
		s := extracttest.ParseFeed(t, Feeds(), "nodejs-core", "vuln/"+bad.folder+"/1.json", bad.text)
		if len(s.Problems) != 1 || len(s.Rows) > 0 {
			t.Errorf("%s %q: %v %v", bad.folder, bad.text, s.Problems, s.Rows)
		}
	}
}

// TestRealNode compares the rows with a second reading of the same files by
// patterns: every file is a row, and each line of Node.js that has a patched
// version has it as the end of a range.
func TestRealNode(t *testing.T) {
	s, files := extracttest.RealFeed(t, Feeds(), "nodejs-core")
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	rows := map[string]*sekisho.Advisory{}
	for i := range s.Rows {
		rows[s.Rows[i].ID] = &s.Rows[i]
	}
	count := 0
	for p, text := range files {
		m := regexp.MustCompile(`/vuln/(core|npm)/(\d+)\.json$`).FindStringSubmatch(p)
		if m == nil {
			continue
		}
		count++
		a := rows[map[string]string{"core": "NODEJS-CORE-", "npm": "NSWG-"}[m[1]]+m[2]]
		if a == nil {
			t.Errorf("%s has no row", p)
			continue
		}
		for _, c := range regexp.MustCompile(`(?m)^    "(CVE-[0-9-]+)"`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(strings.Join(a.Aliases, " "), c[1]) {
				t.Errorf("%s: %s is not in %v", p, c[1], a.Aliases)
			}
		}
		if m[1] == "npm" {
			continue
		}
		vulnerable := regexp.MustCompile(`"vulnerable": "(.*)"`).FindStringSubmatch(text)[1]
		patched := regexp.MustCompile(`"patched": "(.*)"`).FindStringSubmatch(text)[1]
		for _, v := range regexp.MustCompile(`\^(\d+)(\.\d+\.\d+)`).FindAllStringSubmatch(patched, -1) {
			line := regexp.MustCompile(`(^|[| ])` + v[1] + `\.x`)
			if line.MatchString(vulnerable) && v[2] != ".0.0" && !strings.Contains(extracttest.Intervals(a), ","+v[1]+v[2]+")") {
				t.Errorf("%s: %s%s ends no range of %s", p, v[1], v[2], extracttest.Intervals(a))
			}
		}
	}
	if count != len(s.Rows) || count < 600 {
		t.Errorf("%d rows of %d files", len(s.Rows), count)
	}
}

func FuzzNode(f *testing.F) {
	extracttest.FuzzFeed(f, Feeds(), "nodejs-core", "vuln/core/1.json", coreFlaw, moduleFlaw)
}
