// SPDX-License-Identifier: Apache-2.0

package redhat

import (
	"encoding/json"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const vexPath = "redhat-vex/2024/cve-2024-1000.json"

// The platforms are a main stream's two repositories, an extended one, and the
// products that unfixed packages are components of.
const vexSample = `{"document":{"category":"csaf_vex","aggregate_severity":{"text":"Moderate"},"tracking":{"initial_release_date":"2024-05-06T00:00:00Z","current_release_date":"2024-08-01T23:24:30+00:00"}},
"product_tree":{"branches":[{"category":"vendor","name":"Red Hat","branches":[
{"category":"product_name","product":{"product_id":"BaseOS-9","product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:9::baseos"}}},
{"category":"product_name","product":{"product_id":"AppStream-9","product_identification_helper":{"cpe":"cpe:/a:redhat:enterprise_linux:9::appstream"}}},
{"category":"product_name","product":{"product_id":"AppStream-9.2-EUS","product_identification_helper":{"cpe":"cpe:/a:redhat:rhel_eus:9.2::appstream"}}},
{"category":"product_name","product":{"product_id":"rhel7","product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:7"}}},
{"category":"product_name","product":{"product_id":"rhel8","product_identification_helper":{"cpe":"cpe:/o:redhat:enterprise_linux:8"}}},
{"category":"architecture","branches":[
{"category":"product_version","product":{"product_id":"lib.src","product_identification_helper":{"purl":"pkg:rpm/redhat/libstdc%2B%2B@2.0-3.el9?arch=src&epoch=1"}}},
{"category":"product_version","product":{"product_id":"lib.x86","product_identification_helper":{"purl":"pkg:rpm/redhat/libstdc%2B%2B@2.0-3.el9?arch=x86_64&epoch=1"}}},
{"category":"product_version","product":{"product_id":"ruby.src","product_identification_helper":{"purl":"pkg:rpm/redhat/ruby@3.1.4-142.module%2Bel8.9.0%2B1%2Ba?arch=src&rpmmod=ruby:3.1:8090020240311122605:a75119d5"}}},
{"category":"product_version","product":{"product_id":"kernel","product_identification_helper":{"purl":"pkg:rpm/redhat/kernel?arch=src"}}},
{"category":"product_version","product":{"product_id":"kernel-core","product_identification_helper":{"purl":"pkg:rpm/redhat/kernel-core"}}},
{"category":"product_version","product":{"product_id":"nodejs:18/nodejs"}},
{"category":"product_version","product":{"product_id":"img","product_identification_helper":{"purl":"pkg:oci/ubi9"}}}]}]}],
"relationships":[REL]},
"vulnerabilities":[{"cve":"CVE-2024-1000","release_date":"2024-05-05T00:00:00Z","cwe":{"id":"CWE-787"},
"product_status":{"fixed":["BaseOS-9:lib.src","AppStream-9:lib.src","AppStream-9:lib.x86","AppStream-9.2-EUS:lib.src","rhel8:ruby.src","AppStream-9:img"],
"known_affected":["rhel7:kernel","rhel7:kernel-core","rhel8:kernel","rhel8:nodejs:18/nodejs"],"known_not_affected":["AppStream-9:kernel","AppStream-9:ruby.src"],"under_investigation":["BaseOS-9:nodejs:18/nodejs"]},
"remediations":[{"category":"vendor_fix","url":"https://access.redhat.com/errata/RHSA-2024:1","product_ids":["BaseOS-9:lib.src","AppStream-9:lib.src"]},
{"category":"no_fix_planned","details":"Out of support scope","product_ids":["rhel7:kernel","rhel7:kernel-core"]},{"category":"none_available","details":"Fix deferred","product_ids":["rhel8:kernel"]},
{"category":"no_fix_planned","details":"in other words","product_ids":["rhel8:nodejs:18/nodejs"]},{"category":"workaround","details":"x","product_ids":["rhel8:kernel"]}],
"scores":[{"cvss_v3":{"vectorString":"` + vector + `","baseScore":7.5}}],
"threats":[{"category":"impact","details":"Low","product_ids":["rhel7:kernel"]},{"category":"exploit_status","details":"x","product_ids":["rhel8:kernel"]}]}]}`

// vex fills in a relationship for each product that the sample names.
func vex() string {
	var rel []string
	for _, platform := range []string{"BaseOS-9", "AppStream-9", "AppStream-9.2-EUS", "rhel7", "rhel8"} {
		for _, c := range []string{"lib.src", "lib.x86", "ruby.src", "kernel", "kernel-core", "nodejs:18/nodejs", "img"} {
			rel = append(rel, fmt.Sprintf(`{"full_product_name":{"product_id":"%s:%s"},"product_reference":"%s","relates_to_product_reference":"%s"}`, platform, c, c, platform))
		}
	}
	return strings.Replace(vexSample, "REL", strings.Join(rel, ","), 1)
}

func TestVEX(t *testing.T) {
	row := func(world, module, pkg, status string) sekisho.Advisory {
		return sekisho.Advisory{
			World: world, Package: pkg, BySource: true, ID: "CVE-2024-1000", Status: status, Module: module,
			Severity: sekisho.SeverityMedium, Urgency: "Moderate", CVSS: []string{vector}, Published: "2024-05-05", Modified: "2024-08-01",
		}
	}
	old := row("redhat/7", "", "kernel", sekisho.StatusEndOfLife)
	old.Severity, old.Urgency = sekisho.SeverityLow, "Low"
	lib := row("redhat/9", "", "libstdc++", sekisho.StatusFixed)
	lib.ID, lib.Aliases, lib.Ranges = "RHSA-2024:1", []string{"CVE-2024-1000"}, []sekisho.Range{{Fixed: "1:2.0-3.el9"}}
	ruby := row("redhat/8", "ruby:3.1", "ruby", sekisho.StatusFixed)
	ruby.Ranges = []sekisho.Range{{Fixed: "0:3.1.4-142.module+el8.9.0+1+a"}}
	want := []sekisho.Advisory{
		old, row("redhat/8", "", "kernel", sekisho.StatusDeferred), row("redhat/8", "nodejs:18", "nodejs", sekisho.StatusWillNotFix),
		row("redhat/9", "", "kernel", sekisho.StatusNotAffected), row("redhat/9", "nodejs:18", "nodejs", sekisho.StatusInvestigating), lib, ruby,
	}
	// Indented alone, or a line each.
	line := strings.ReplaceAll(vex(), "\n", "")
	for name, n := range map[string]int{vexPath: 1, "vex.jsonl": 2} {
		data := vex()
		if n == 2 {
			data = line + "\n\n" + line + "\n"
		}
		s := extracttest.RunFeed(t, Feeds()[1], extracttest.FeedFiles(name, data))
		wanted := want
		if n == 2 {
			wanted = slices.Concat(want, want)
		}
		if d := cmp.Diff(wanted, s.Rows); d != "" {
			t.Error(name, d)
		}
		if len(s.Flaws) != n || s.Flaws[0].CVSS[0].Score != 7.5 || s.Flaws[0].CWEs[0] != "CWE-787" {
			t.Errorf("%s: CVEs %+v", name, s.Flaws)
		}
		if s.Latest() != "2024-08-01" || s.Problems != nil {
			t.Errorf("%s: date %q, problems %v", name, s.Latest(), s.Problems)
		}
	}
}

func TestUnfixed(t *testing.T) {
	for in, want := range map[said]string{
		{}: sekisho.StatusAffected, {category: "none_available"}: sekisho.StatusAffected, {category: "no_fix_planned"}: sekisho.StatusWillNotFix,
		{category: "none_available", details: "Affected"}:              sekisho.StatusAffected,
		{category: "no_fix_planned", details: "Will not fix"}:          sekisho.StatusWillNotFix,
		{category: "no_fix_planned", details: "Out of support scope"}:  sekisho.StatusEndOfLife,
		{category: "none_available", details: "Fix deferred"}:          sekisho.StatusDeferred,
		{category: "none_available", details: "Under investigation  "}: sekisho.StatusInvestigating,
		{category: "mitigation", details: "turn it off"}:               "",
	} {
		if got, ok := unfixed(in); got != want || ok != (want != "") {
			t.Errorf("%+v: %q, %v", in, got, ok)
		}
	}
}

func TestDamagedVEX(t *testing.T) {
	line := strings.ReplaceAll(vex(), "\n", "")
	for name, c := range map[string]struct {
		path, data string
		rows       int
	}{
		"empty":     {vexPath, "", 0},
		"list":      {vexPath, "[]", 0},
		"cut off":   {vexPath, line[:len(line)/2], 0},
		"advisory":  {vexPath, strings.Replace(line, "csaf_vex", "csaf_security_advisory", 1), 0},
		"no CVE":    {vexPath, strings.Replace(line, `"cve":"CVE-2024-1000"`, `"cve":""`, 1), 0},
		"one line":  {"vex.jsonl", line + "\n{\"document\":\n" + line, 14},
		"deep tree": {vexPath, `{"document":{"category":"csaf_vex"},"product_tree":` + strings.Repeat(`{"branches":[`, 20000), 0},
	} {
		s := extracttest.RunFeed(t, Feeds()[1], extracttest.FeedFiles(c.path, c.data))
		if len(s.Problems) != 1 || len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows, problems %v", name, len(s.Rows), s.Problems)
		}
	}
	if s := extracttest.RunFeed(t, Feeds()[1], extracttest.FeedFiles("changes.csv", vex())); s.Rows != nil || s.Problems != nil {
		t.Error("another file was read")
	}
}

// TestPublishedVEX reads the one file that there is beside the checkout. It is
// of a flaw in layered products, and of one package of the product proper.
func TestPublishedVEX(t *testing.T) {
	var files iter.Seq2[sekisho.FeedFile, error] = func(yield func(sekisho.FeedFile, error) bool) {
		for f, err := range extracttest.Published(t, "samples") {
			if (err != nil || path.Base(f.Path) == "vex-cve-2022-38752.jsonl") && !yield(f, err) {
				return
			}
		}
	}
	// The naive reading: ids of the form "red_hat_enterprise_linux_N:NAME".
	want := map[string]bool{}
	for f, err := range files {
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Vulnerabilities []struct {
				CVE    string              `json:"cve"`
				Status map[string][]string `json:"product_status"`
			} `json:"vulnerabilities"`
		}
		if err := json.Unmarshal(f.Data, &d); err != nil {
			t.Fatal(err)
		}
		for _, v := range d.Vulnerabilities {
			for status, ids := range v.Status {
				for _, id := range ids {
					if rest, ok := strings.CutPrefix(id, "red_hat_enterprise_linux_"); ok {
						want[status+" "+v.CVE+" redhat/"+rest] = true
					}
				}
			}
		}
	}
	s := extracttest.RunFeed(t, Feeds()[1], files)
	got := map[string]bool{}
	for _, a := range s.Rows {
		if a.Status == sekisho.StatusEndOfLife {
			got["known_affected "+a.ID+" "+a.World+":"+a.Package] = true
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(s.Rows) != 1 || len(s.Flaws) != 1 || s.Problems != nil || s.Latest() != "2024-08-01" {
		t.Errorf("%s; %+v, problems %v, date %s", d, s.Rows, s.Problems, s.Latest())
	}
}

func FuzzVEX(f *testing.F) {
	f.Add([]byte(vex()))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, a := range extracttest.RunFeed(t, Feeds()[1], extracttest.FeedFiles(vexPath, string(b))).Rows {
			if a.ID == "" || a.Package == "" || a.Status == "" || a.World == "" || (a.Status == sekisho.StatusFixed) != (a.Ranges != nil) {
				t.Errorf("half a row: %+v", a)
			}
		}
	})
}
