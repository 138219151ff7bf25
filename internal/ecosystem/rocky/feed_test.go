// SPDX-License-Identifier: Apache-2.0

package rocky

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const samplePath = "rocky-errata/2024/RLSA-2024:0001.json"

const sample = `{"name":"RLSA-2024:0001","type":"TYPE_SECURITY","severity":"SEVERITY_IMPORTANT","synopsis":"Important: thing security update",
"publishedAt":"2024-05-06T01:02:03Z","affectedProducts":["Rocky Linux 9"],
"cves":[{"name":"CVE-2024-1","cvss3BaseScore":"9.8","cvss3ScoringVector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","cwe":"CWE-89"},
{"name":"CVE-2024-2","cvss3BaseScore":"UNKNOWN","cvss3ScoringVector":"UNKNOWN","cwe":"UNKNOWN"},{"name":"CVE-2024-1"}],
"rpms":{"Rocky Linux 9":{"nvras":["thing-1:2.0-3.el9_4.x86_64.rpm","thing-1:2.0-3.el9_4.aarch64.rpm","thing-1:2.0-3.el9_4.src.rpm",
"thing-debuginfo-1:2.0-3.el9_4.x86_64.rpm","thing-debugsource-1:2.0-3.el9_4.x86_64.rpm","kernel-debuginfo-common-x86_64-0:5-1.el9.x86_64.rpm",
"thing-doc-0:2.0-3.el9_4.noarch.rpm"]},
"Rocky Linux SIG Cloud 9":{"nvras":["thing-0:2.0-3.el9.cloud.x86_64.rpm"]}}}`

func row(world, name, evr string, arches ...string) sekisho.Advisory {
	return sekisho.Advisory{
		World: world, Package: name, ID: "RLSA-2024:0001", Aliases: []string{"CVE-2024-1", "CVE-2024-2"}, Status: sekisho.StatusFixed,
		Ranges: []sekisho.Range{{Fixed: evr}}, Severity: sekisho.SeverityHigh, Urgency: "IMPORTANT", Arches: arches, Published: "2024-05-06",
	}
}

func TestRows(t *testing.T) {
	cloud := row("rocky/9", "thing", "0:2.0-3.el9.cloud", "x86_64")
	cloud.Channel = "sig-cloud"
	want := []sekisho.Advisory{row("rocky/9", "thing", "1:2.0-3.el9_4", "aarch64", "x86_64"), row("rocky/9", "thing-doc", "0:2.0-3.el9_4"), cloud}
	cves := []sekisho.CVE{{ID: "CVE-2024-1", CVSS: []sekisho.CVSS{{Source: "rocky", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8}}, CWEs: []string{"CWE-89"}}}
	// Alone, as the service answers for one, and in a page of them.
	for _, data := range []string{sample, `{"advisory":` + sample + `}`, `{"advisories":[` + sample + `],"total":1}`} {
		s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, data))
		if d := cmp.Diff(want, s.Rows); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff(cves, s.Flaws); d != "" {
			t.Error(d)
		}
		if s.Latest() != "2024-05-06" || s.Problems != nil {
			t.Errorf("date %q, problems %v", s.Latest(), s.Problems)
		}
	}
	if s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles("rocky/rocky-osv/RLSA/2024/RLSA-2024:0001.json", sample)); s.Rows != nil || s.Problems != nil {
		t.Error("the OSV export was read")
	}
	if s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, strings.Replace(sample, "TYPE_SECURITY", "TYPE_BUGFIX", 1))); s.Rows != nil || s.Problems != nil {
		t.Error("an erratum that fixes no flaw is a row")
	}
}

func TestModules(t *testing.T) {
	for synopsis, want := range map[string]string{
		"Important: nodejs:18 security update":                                 "nodejs:18",
		"Low: virt:rhel and virt-devel:rhel security and bug fix update":       "virt:rhel virt-devel:rhel",
		"Moderate: httpd:2.4/httpd security update":                            "httpd:2.4",
		"container-tools:rhel8 security update":                                "container-tools:rhel8",
		"Important: varnish security update":                                   "",
		"Moderate: idm:DL1 and idm:client security, bug fix, and more, update": "idm:DL1 idm:client",
	} {
		data := strings.NewReplacer("Important: thing security update", synopsis, "-3.el9_4", "-3.module+el8.9.0+1+a").Replace(sample)
		var got []string
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, data)).Rows {
			if a.Package == "thing" && a.Channel == "" {
				got = append(got, a.Module)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v instead of %s", synopsis, got, want)
		}
		// A package that is of no module stays so.
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, strings.Replace(sample, "Important: thing security update", synopsis, 1))).Rows {
			if a.Module != "" {
				t.Errorf("%s is said to be of module %s", a.Ranges[0].Fixed, a.Module)
			}
		}
	}
}

func TestOldestBuildIsTheFix(t *testing.T) {
	got, err := builds([]string{
		"babel-0:2.5.1-9.module+el8.10.0+706+b.x86_64.rpm", "babel-0:2.5.1-9.module+el8.4.0+403+a.x86_64.rpm",
		"babel-0:2.5.1-9.module+el8.10.0+706+b.aarch64.rpm", "babel-0:2.5.1-9.module+el8.4.0+403+a.src.rpm",
		"zoo-1:1.0-1.el8.i686.rpm", "zoo-0:9.0-1.el8.i686.rpm",
	})
	want := []build{
		{"babel", "0:2.5.1-9.module+el8.10.0+706+b", []string{"aarch64"}},
		{"babel", "0:2.5.1-9.module+el8.4.0+403+a", []string{"x86_64"}},
		{"zoo", "0:9.0-1.el8", []string{"i686"}},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(build{})); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestDamage(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		rows int
	}{
		"empty":           {"", 0},
		"text":            {"RLSA", 0},
		"list":            {"[]", 0},
		"cut off":         {sample[:len(sample)/2], 0},
		"no name":         {strings.Replace(sample, "RLSA-2024:0001", "", 1), 0},
		"other format":    {"{}", 0},
		"unknown product": {strings.Replace(sample, `"Rocky Linux SIG Cloud 9":`, `"Rocky Desktop":`, 1), 2},
		"no epoch":        {strings.Replace(sample, "thing-doc-0:2.0", "thing-doc-2.0", 1), 2},
		"not an rpm":      {strings.Replace(sample, "el9_4.noarch.rpm", "el9_4.noarch.deb", 1), 2},
	} {
		s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, c.data))
		if len(s.Problems) != 1 || len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows, problems %v", name, len(s.Rows), s.Problems)
		}
	}
}

func TestSeverity(t *testing.T) {
	for word, want := range map[string]sekisho.Severity{
		"SEVERITY_CRITICAL": sekisho.SeverityCritical, "SEVERITY_IMPORTANT": sekisho.SeverityHigh, "SEVERITY_MODERATE": sekisho.SeverityMedium,
		"SEVERITY_LOW": sekisho.SeverityLow, "SEVERITY_UNKNOWN": sekisho.SeverityUnknown, "": sekisho.SeverityUnknown,
	} {
		if got, _ := severity(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// naive reads an erratum as loose JSON and its file names from their ends. It
// knows no order of versions: it names every build.
func naive(t *testing.T, data []byte, rows, pairs map[string]bool) {
	var d map[string]any
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	for p, v := range d["rpms"].(map[string]any) {
		words := strings.Fields(p)
		for _, n := range v.(map[string]any)["nvras"].([]any) {
			s := strings.TrimSuffix(n.(string), ".rpm")
			dot, colon := strings.LastIndexByte(s, '.'), strings.IndexByte(s, ':')
			arch, dash := s[dot+1:], strings.LastIndexByte(s[:colon], '-')
			name := s[:dash]
			if arch == "src" || strings.Contains(name+"-", "-debuginfo-") || strings.HasSuffix(name, "-debugsource") {
				continue
			}
			k := fmt.Sprint("rocky/", words[len(words)-1], " ", d["name"], " ", name, " ", strings.Contains(p, "Cloud"))
			pairs[k] = true
			rows[k+" "+s[dash+1:dot]] = true
		}
	}
}

func TestPublished(t *testing.T) {
	rows, pairs, date := map[string]bool{}, map[string]bool{}, ""
	for f, err := range extracttest.Published(t, "rocky") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(f.Path, "rocky-errata/") && strings.HasSuffix(f.Path, ".json") {
			naive(t, f.Data, rows, pairs)
			_, at, _ := strings.Cut(string(f.Data), `"publishedAt": "`)
			date = max(date, at[:10])
		}
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.Published(t, "rocky"))
	got, modules := map[string]bool{}, map[string]int{}
	for _, a := range s.Rows {
		k := fmt.Sprint(a.World, " ", a.ID, " ", a.Package, " ", a.Channel != "")
		got[k] = true
		if !rows[k+" "+a.Ranges[0].Fixed] {
			t.Errorf("%s is fixed in %s by no erratum", k, a.Ranges[0].Fixed)
		}
		if a.Severity == sekisho.SeverityUnknown || len(a.Aliases) == 0 {
			t.Errorf("%s has severity %v, CVEs %v", a.ID, a.Severity, a.Aliases)
		}
		if strings.Contains(a.Ranges[0].Fixed, ".module+el") {
			modules[a.Module]++
		} else if a.Module != "" {
			t.Errorf("%s is said to be of module %s", k, a.Module)
		}
	}
	if len(pairs) < 15000 || !maps.Equal(pairs, got) {
		t.Errorf("%d packages, the naive reading gives %d", len(got), len(pairs))
	}
	if s.Latest() != date || s.Problems != nil {
		t.Errorf("date %s instead of %s, %d problems", s.Latest(), date, len(s.Problems))
	}
	if modules["nodejs:18"] == 0 || modules["virt:rhel"] == 0 || modules[""] > modules["nodejs:18"]+1000 {
		t.Errorf("modules: %v", modules)
	}
	t.Logf("%d rows; %d of modules without a name; %v", len(s.Rows), modules[""], slices.Sorted(maps.Keys(modules)))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, string(b))).Rows {
			if a.ID == "" || a.Package == "" || len(a.Ranges) != 1 {
				t.Errorf("half a row: %+v", a)
			}
		}
	})
}

func TestContextAndIteratorEndTheBuild(t *testing.T) {
	extracttest.FeedsEnd(t, Feeds(), samplePath, sample)
}
