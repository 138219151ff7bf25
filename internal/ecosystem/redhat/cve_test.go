// SPDX-License-Identifier: Apache-2.0

package redhat

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	samplePath = "redhat-cve/2024/CVE-2024-1000.json"
	vector     = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
)

const sample = `{"name":"CVE-2024-1000","threat_severity":"Important","public_date":"2024-05-06T00:00:00Z",
"cvss3":{"cvss3_base_score":"7.5","cvss3_scoring_vector":"` + vector + `","status":"verified"},"cwe":"CWE-787->(CWE-125|CWE-787)",
"affected_release":[
{"advisory":"RHSA-2024:1","cpe":"cpe:/o:redhat:enterprise_linux:9","package":"kernel-0:5.14.0-503.el9_5","release_date":"2024-06-07T00:00:00Z"},
{"advisory":"RHSA-2024:1","cpe":"cpe:/a:redhat:enterprise_linux:9::crb","package":"kernel-0:5.14.0-503.el9_5","release_date":"2024-06-07T00:00:00Z"},
{"advisory":"RHSA-2024:2","cpe":"cpe:/a:redhat:rhel_eus:9.2","package":"kernel-0:5.14.0-284.el9_2"},
{"advisory":"RHSA-2024:3","cpe":"cpe:/a:redhat:enterprise_linux:8","package":"php:7.3-8020020200715124551.ceb1cf90"},
{"advisory":"RHSA-2024:4","cpe":"cpe:/a:redhat:enterprise_linux:8","package":"rhel8/php-74:1-7"},
{"advisory":"RHSA-2024:5","cpe":"cpe:/o:redhat:enterprise_linux:7::fastdatapath","package":"openvswitch-0:2-1.el7"}],
"package_state":[
{"cpe":"cpe:/o:redhat:enterprise_linux:7","fix_state":"Out of support scope","package_name":"kernel"},
{"cpe":"cpe:/o:redhat:enterprise_linux:8","fix_state":"Will not fix","package_name":"php:7.2/php"},
{"cpe":"cpe:/o:redhat:enterprise_linux:8","fix_state":"Not affected","package_name":"kernel-rt"},
{"cpe":"cpe:/o:redhat:enterprise_linux:9","fix_state":"Affected","package_name":"rhel9/php-81"},
{"cpe":"cpe:/a:redhat:openshift:4","fix_state":"Affected","package_name":"kernel"}]}`

func TestCVE(t *testing.T) {
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, sample))
	row := func(world, module, pkg, status string) sekisho.Advisory {
		return sekisho.Advisory{
			World: world, Package: pkg, BySource: true, ID: "CVE-2024-1000", Status: status, Module: module,
			Severity: sekisho.SeverityHigh, Urgency: "Important", CVSS: []string{vector}, Published: "2024-05-06",
		}
	}
	fixed := row("redhat/9", "", "kernel", sekisho.StatusFixed)
	fixed.ID, fixed.Aliases, fixed.Published = "RHSA-2024:1", []string{"CVE-2024-1000"}, "2024-06-07"
	fixed.Ranges = []sekisho.Range{{Fixed: "0:5.14.0-503.el9_5"}}
	want := []sekisho.Advisory{
		row("redhat/7", "", "kernel", sekisho.StatusEndOfLife), row("redhat/8", "php:7.2", "php", sekisho.StatusWillNotFix),
		row("redhat/8", "", "kernel-rt", sekisho.StatusNotAffected), fixed,
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	cves := []sekisho.CVE{{ID: "CVE-2024-1000", CVSS: []sekisho.CVSS{{Source: "redhat", Vector: vector, Score: 7.5}}, CWEs: []string{"CWE-125", "CWE-787"}, Published: "2024-05-06"}}
	if d := cmp.Diff(cves, s.Flaws); d != "" {
		t.Error(d)
	}
	if s.Latest() != "2024-06-07" || s.Problems != nil {
		t.Errorf("date %q, problems %v", s.Latest(), s.Problems)
	}
}

// The service has served a list of one as the element alone.
func TestListOfOne(t *testing.T) {
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, `{"name":"CVE-2024-1000","package_state":{"cpe":"cpe:/o:redhat:enterprise_linux:10","fix_state":"Affected","package_name":"vim"},"affected_release":null}`))
	if len(s.Rows) != 1 || s.Rows[0].World != "redhat/10" || s.Problems != nil {
		t.Errorf("%+v, problems %v", s.Rows, s.Problems)
	}
}

func TestStates(t *testing.T) {
	for word, want := range map[string]string{
		"Affected": sekisho.StatusAffected, "Will not fix": sekisho.StatusWillNotFix, "Out of support scope": sekisho.StatusEndOfLife,
		"Not affected": sekisho.StatusNotAffected, "Under investigation": sekisho.StatusInvestigating, "New": sekisho.StatusInvestigating,
		"Fix deferred": sekisho.StatusDeferred, "": "", "Perhaps": "",
	} {
		if got, ok := state(word); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", word, got, ok)
		}
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, strings.Replace(sample, "Will not fix", "Perhaps", 1)))
	if len(s.Rows) != 3 || len(s.Problems) != 1 {
		t.Errorf("an unknown state: %d rows, problems %v", len(s.Rows), s.Problems)
	}
}

func TestWorld(t *testing.T) {
	for cpe, want := range map[string]string{
		"cpe:/o:redhat:enterprise_linux:9": "redhat/9", "cpe:/a:redhat:enterprise_linux:8::appstream": "redhat/8", "cpe:/o:redhat:enterprise_linux:10.0": "redhat/10",
		"cpe:/a:redhat:rhel_eus:9.2": "", "cpe:/a:redhat:rhel_aus:8.2::appstream": "", "cpe:/a:redhat:rhel_e4s:9.0": "", "cpe:/o:redhat:rhel_tus:8.4": "",
		"cpe:/o:redhat:enterprise_linux_eus:10.0": "", "cpe:/o:redhat:enterprise_linux:7::fastdatapath": "", "cpe:/a:redhat:enterprise_linux:7::hypervisor": "", "cpe:/o:redhat:enterprise_linux:7::hypervisor_power": "",
		"cpe:/a:redhat:rhel_software_collections:3::el7": "", "cpe:/a:redhat:openshift:4": "", "": "", "cpe:/o:redhat:enterprise_linux:": "",
	} {
		if got := world(cpe); got != want {
			t.Errorf("%s: %q instead of %q", cpe, got, want)
		}
	}
}

func TestComponent(t *testing.T) {
	for name, want := range map[string]string{
		"kernel": " kernel", "nodejs:18/nodejs": "nodejs:18 nodejs", "rhel9/ruby-33": "", "ch.qos.logback/logback-core": "",
		"": "", "a:b": "", ":18/x": "", "nodejs:/x": "", "nodejs:18/": "", "a:1/b/c": "",
	} {
		got := ""
		if module, pkg, ok := component(name); ok {
			got = module + " " + pkg
		}
		if got != want {
			t.Errorf("%q: %q instead of %q", name, got, want)
		}
	}
}

func TestDamagedCVE(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "text": "CVE", "list": "[]", "cut off": sample[:len(sample)/2], "no name": "{}",
		"other id": strings.Replace(sample, "CVE-2024-1000", "RHSA-2024:1", 1), "other type": `{"name":"CVE-2024-1000","package_state":7}`,
	} {
		if s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, data)); len(s.Problems) != 1 || len(s.Rows) != 0 {
			t.Errorf("%s: %d rows, problems %v", name, len(s.Rows), s.Problems)
		}
	}
	if s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles("README.md", sample)); s.Rows != nil || s.Problems != nil {
		t.Error("another file was read")
	}
}

// naive reads a CVE as loose JSON, with cpes compared word by word.
func naive(t *testing.T, data []byte, rows map[string]bool) {
	var d map[string]any
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	main := map[string]bool{
		"": true, "appstream": true, "baseos": true, "crb": true, "nfv": true, "realtime": true, "supplementary": true,
		"highavailability": true, "resilientstorage": true, "sap": true, "sap_hana": true, "client": true, "server": true, "workstation": true, "computenode": true,
	}
	product := func(v any) string {
		c := append(strings.Split(v.(string), ":"), "", "", "")
		if c[3] != "enterprise_linux" || !main[c[6]] {
			return ""
		}
		return "redhat/" + c[4]
	}
	for _, v := range d["package_state"].([]any) {
		p := v.(map[string]any)
		name := p["package_name"].(string)
		if slash := strings.IndexByte(name, '/'); product(p["cpe"]) == "" || slash >= 0 && !strings.Contains(name[:slash], ":") {
			continue
		}
		rows[fmt.Sprint(product(p["cpe"]), " ", d["name"], " ", name, " ", p["fix_state"])] = true
	}
	build := regexp.MustCompile(`^(.+)-(\d+:[^-]+-[^-]+)$`)
	for _, v := range d["affected_release"].([]any) {
		p := v.(map[string]any)
		s, _ := p["package"].(string)
		m := build.FindStringSubmatch(s)
		if product(p["cpe"]) == "" || m == nil || strings.Contains(m[1], ":") || strings.Contains(m[1], "/") {
			continue
		}
		rows[fmt.Sprint(product(p["cpe"]), " ", d["name"], " ", m[1], " ", p["advisory"], " < ", m[2])] = true
	}
}

func TestPublishedCVE(t *testing.T) {
	want := map[string]bool{}
	for f, err := range extracttest.Published(t, "redhat-cve") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Path, ".json") {
			naive(t, f.Data, want)
		}
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.Published(t, "redhat-cve"))
	words := map[string]string{
		sekisho.StatusAffected: "Affected", sekisho.StatusWillNotFix: "Will not fix", sekisho.StatusEndOfLife: "Out of support scope",
		sekisho.StatusNotAffected: "Not affected", sekisho.StatusInvestigating: "Under investigation", sekisho.StatusDeferred: "Fix deferred",
	}
	got, by := map[string]bool{}, map[string]int{}
	for _, a := range s.Rows {
		by[a.Status]++
		if a.Status == sekisho.StatusFixed {
			got[fmt.Sprint(a.World, " ", a.Aliases[0], " ", a.Package, " ", a.ID, " < ", a.Ranges[0].Fixed)] = true
			continue
		}
		name := a.Package
		if a.Module != "" {
			name = a.Module + "/" + name
		}
		got[fmt.Sprint(a.World, " ", a.ID, " ", name, " ", words[a.Status])] = true
	}
	if len(want) < 60000 || !maps.Equal(want, got) {
		t.Errorf("%d rows, the naive reading gives %d", len(got), len(want))
		for k := range want {
			if !got[k] {
				t.Errorf("not %s", k)
				break
			}
		}
		for k := range got {
			if !want[k] {
				t.Errorf("not in the naive reading: %s", k)
				break
			}
		}
	}
	if len(s.Flaws) != 23827 || s.Latest() < "2025-02-01" || s.Problems != nil {
		t.Errorf("%d CVEs, date %s, problems %v", len(s.Flaws), s.Latest(), s.Problems)
	}
	t.Logf("%d rows: %v", len(s.Rows), by)
}

func FuzzCVE(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, string(b))).Rows {
			if a.ID == "" || a.Package == "" || a.Status == "" || a.World == "" {
				t.Errorf("half a row: %+v", a)
			}
		}
	})
}

func TestContextAndIteratorEndTheBuild(t *testing.T) {
	extracttest.FeedsEnd(t, Feeds(), samplePath, sample)
}
