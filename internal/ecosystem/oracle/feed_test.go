// SPDX-License-Identifier: Apache-2.0

package oracle

import (
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

const samplePath = "oracle/oval/com.oracle.elsa-all.xml"

// state is a test with its object and its state.
func rpm(n int, name, evr, arch string) (test, object, st string) {
	test = fmt.Sprintf(`<rpminfo_test xmlns="l" id="t:%d" comment="c"><object object_ref="o:%d"/><state state_ref="s:%d"/></rpminfo_test>`, n, n, n)
	object = fmt.Sprintf(`<rpminfo_object xmlns="l" id="o:%d"><name>%s</name></rpminfo_object>`, n, name)
	if arch != "" {
		arch = `<arch operation="pattern match">` + arch + `</arch>`
	}
	st = fmt.Sprintf(`<rpminfo_state xmlns="l" id="s:%d"><evr datatype="evr_string" operation="less than">%s</evr>%s</rpminfo_state>`, n, evr, arch)
	return test, object, st
}

func document(criteria string, rpms ...[3]string) string {
	var tests, objects, states string
	for i, r := range rpms {
		a, b, c := rpm(i, r[0], r[1], r[2])
		tests, objects, states = tests+a, objects+b, states+c
	}
	return `<?xml version="1.0"?><oval_definitions xmlns="d" xmlns:oval="o"><generator><oval:timestamp>2025-02-10T00:00:00</oval:timestamp></generator><definitions>
<definition id="d:1" class="patch"><metadata><title>ELSA-2024-0001:  thing security update (IMPORTANT)</title>
<reference source="elsa" ref_id="ELSA-2024-0001"/><reference source="CVE" ref_id="CVE-2024-1"/>
<advisory><severity>IMPORTANT</severity><issued date="2024-05-06"/><cve>CVE-2024-1</cve><cve>CVE-2024-2</cve></advisory></metadata>` +
		criteria + `</definition></definitions><tests>` + tests + `</tests><objects>` + objects + `</objects><states>` + states + `</states></oval_definitions>`
}

const flat = `<criteria operator="AND"><criterion test_ref="r:8" comment="Oracle Linux 8 is installed"/><criteria operator="OR">
<criterion test_ref="t:0" comment="a"/><criterion test_ref="t:1" comment="b"/><criterion test_ref="t:2" comment="c"/><criterion test_ref="t:3" comment="d"/></criteria></criteria>`

var sample = document(flat,
	[3]string{"bind", "32:9.11-1.el8", "aarch64|x86_64"}, [3]string{"glibc", "2:2.28-1.ksplice1.el8", "x86_64"},
	[3]string{"openssl", "10:1.1.1k-1.el8_fips", "aarch64"}, [3]string{"nodejs:18::npm", "1:9-1.module+el8.1+1+a", ""})

func fixedRow(release, name, evr, module, channel string, arches ...string) sekisho.Advisory {
	return sekisho.Advisory{
		World: "oracle/" + release, Package: name, ID: "ELSA-2024-0001", Aliases: []string{"CVE-2024-1", "CVE-2024-2"},
		Status: sekisho.StatusFixed, Ranges: []sekisho.Range{{Fixed: evr}}, Severity: sekisho.SeverityHigh, Urgency: "IMPORTANT",
		Module: module, Channel: channel, Arches: arches, Published: "2024-05-06",
	}
}

func TestRows(t *testing.T) {
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, sample))
	want := []sekisho.Advisory{
		fixedRow("8", "bind", "32:9.11-1.el8", "", "", "aarch64", "i386", "i686", "noarch", "x86_64"),
		fixedRow("8", "glibc", "2:2.28-1.ksplice1.el8", "", "ksplice", "i386", "i686", "noarch", "x86_64"),
		fixedRow("8", "openssl", "10:1.1.1k-1.el8_fips", "", "fips", "aarch64", "noarch"),
		fixedRow("8", "npm", "1:9-1.module+el8.1+1+a", "nodejs:18", ""),
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	if s.Latest() != "2025-02-10" || s.Problems != nil {
		t.Errorf("date %q, problems %v", s.Latest(), s.Problems)
	}
}

// The publisher's own file nests an arch and a signature about each package.
func TestNestedCriteria(t *testing.T) {
	arch := func(a, pkg string) string {
		return `<criteria operator="AND"><criterion test_ref="a" comment="Oracle Linux arch is ` + a + `"/><criteria operator="OR">
<criteria operator="AND"><criterion test_ref="` + pkg + `" comment="x"/><criterion test_ref="sig" comment="x is signed with the Oracle Linux 9 key"/></criteria></criteria></criteria>`
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, document(`<criteria operator="AND"><criterion test_ref="r" comment="Oracle Linux 9 is installed"/>
<criterion test_ref="m" comment="Module nodejs:18 is enabled"/><criteria operator="OR">`+arch("x86_64", "t:0")+arch("aarch64", "t:0")+arch("aarch64", "t:1")+`</criteria></criteria>`,
		[3]string{"nodejs", "1:18-1.el9", ""}, [3]string{"nodejs", "1:18-2.el9", ""})))
	want := []sekisho.Advisory{
		fixedRow("9", "nodejs", "1:18-1.el9", "nodejs:18", "", "aarch64", "i386", "i686", "noarch", "x86_64"),
		fixedRow("9", "nodejs", "1:18-2.el9", "nodejs:18", "", "aarch64", "noarch"),
	}
	if d := cmp.Diff(want, s.Rows); d != "" || s.Problems != nil {
		t.Error(d, s.Problems)
	}
}

func TestReleasesAreApart(t *testing.T) {
	in := func(release, test string) string {
		return `<criteria operator="AND"><criterion test_ref="r" comment="Oracle Linux ` + release + ` is installed"/><criteria operator="OR"><criterion test_ref="` + test + `" comment="x"/></criteria></criteria>`
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, document(`<criteria operator="OR">`+in("8", "t:0")+in("9", "t:1")+`</criteria>`,
		[3]string{"bpftool", "0:5-1.el8uek", ""}, [3]string{"bpftool", "0:5-1.el9uek", ""})))
	want := []sekisho.Advisory{fixedRow("8", "bpftool", "0:5-1.el8uek", "", ""), fixedRow("9", "bpftool", "0:5-1.el9uek", "", "")}
	if d := cmp.Diff(want, s.Rows); d != "" || s.Problems != nil {
		t.Error(d, s.Problems)
	}
}

func TestDamage(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		rows int
	}{
		"empty":           {"", 0},
		"other root":      {"<html/>", 0},
		"cut off":         {sample[:len(sample)-40], 0},
		"no release":      {strings.Replace(sample, "Oracle Linux 8 is installed", "something", 1), 0},
		"no state":        {strings.Replace(sample, `id="s:0"`, `id="s:9"`, 1), 3},
		"no object":       {strings.Replace(sample, `id="o:1"`, `id="o:9"`, 1), 3},
		"other operation": {strings.Replace(sample, "less than", "greater than", 1), 3},
		"negated":         {strings.Replace(sample, `<criteria operator="OR">`, `<criteria operator="OR" negate="true">`, 1), 0},
		"negated test":    {strings.Replace(sample, `<criterion test_ref="t:0"`, `<criterion negate="true" test_ref="t:0"`, 1), 0},
		"no criteria":     {document(""), 0},
		"no id":           {strings.NewReplacer("ELSA-2024-0001:", "", `source="elsa"`, `source="x"`).Replace(sample), 0},
	} {
		s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, c.data))
		if len(s.Problems) != 1 || len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows, problems %v", name, len(s.Rows), s.Problems)
		}
	}
	if s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles("README.md", sample)); s.Rows != nil || s.Problems != nil {
		t.Error("another file was read")
	}
}

func TestSeverity(t *testing.T) {
	for word, want := range map[string]sekisho.Severity{
		"CRITICAL": sekisho.SeverityCritical, "IMPORTANT": sekisho.SeverityHigh, "moderate": sekisho.SeverityMedium,
		"Low": sekisho.SeverityLow, "N/A": sekisho.SeverityUnknown,
	} {
		if got := severity(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// naive reads the feed by its lines and comments alone: a criterion says
// "NAME is earlier than EVR" below the release that it is for.
func naive(data string) map[string]bool {
	rows := map[string]bool{}
	re := regexp.MustCompile(`comment="(?:Oracle Linux ([0-9]+) is installed|(\S+) is earlier than (\S+))"`)
	cve := regexp.MustCompile(`<cve [^>]*>([^<]*)</cve>`)
	for _, d := range strings.Split(data, "<definition ")[1:] {
		d, _, _ = strings.Cut(d, "</definition>")
		_, id, _ := strings.Cut(d, "<title>")
		id, _, _ = strings.Cut(id, ":")
		var cves []string
		for _, m := range cve.FindAllStringSubmatch(d, -1) {
			if !slices.Contains(cves, m[1]) {
				cves = append(cves, m[1])
			}
		}
		slices.Sort(cves)
		release := ""
		for _, m := range re.FindAllStringSubmatch(d, -1) {
			if m[1] != "" {
				release = m[1]
				continue
			}
			rows[fmt.Sprint("oracle/", release, " ", id, " ", m[2], " ", m[3], " ", cves)] = true
		}
	}
	return rows
}

func TestPublished(t *testing.T) {
	var want map[string]bool
	for f, err := range extracttest.Published(t, "oracle-oval") {
		if err != nil {
			t.Fatal(err)
		}
		want = naive(string(f.Data))
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.Published(t, "oracle-oval"))
	got := map[string]bool{}
	channels, modules := map[string]int{}, 0
	for _, a := range s.Rows {
		name := a.Package
		if a.Module != "" {
			name = a.Module + "::" + name
			modules++
		}
		cves := slices.Sorted(slices.Values(a.Aliases))
		k := fmt.Sprint(a.World, " ", a.ID, " ", name, " ", a.Ranges[0].Fixed, " ", cves)
		if got[k] {
			t.Errorf("two rows: %s", k)
		}
		got[k] = true
		channels[a.Channel]++
		if strings.Contains(a.Ranges[0].Fixed, "ksplice") != (a.Channel == "ksplice") || strings.Contains(a.Ranges[0].Fixed, "fips") != (a.Channel == "fips") {
			t.Errorf("%s is in channel %q", k, a.Channel)
		}
	}
	if len(want) < 70000 || !maps.Equal(want, got) {
		t.Errorf("%d rows, the naive reading gives %d", len(got), len(want))
		for k := range want {
			if !got[k] {
				t.Fatalf("for one, not %s", k)
			}
		}
	}
	if s.Latest() != "2025-02-10" || s.Problems != nil || channels["ksplice"] == 0 || channels["fips"] == 0 || modules == 0 {
		t.Errorf("date %s, channels %v, %d modules, %d problems", s.Latest(), channels, modules, len(s.Problems))
	}
	t.Logf("%d rows, channels %v, %d of modules", len(got), channels, modules)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, string(b))).Rows {
			if a.ID == "" || a.Package == "" || a.World == "oracle/" || len(a.Ranges) != 1 {
				t.Errorf("half a row: %+v", a)
			}
		}
	})
}

func TestContextAndIteratorEndTheBuild(t *testing.T) {
	extracttest.FeedsEnd(t, Feeds(), samplePath, sample)
}
