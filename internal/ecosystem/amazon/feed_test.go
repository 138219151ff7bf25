// SPDX-License-Identifier: Apache-2.0

package amazon

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const samplePath = "amazon-updateinfo/al2-extras-php8.1/updateinfo.xml"

const sample = `<?xml version="1.0" ?>
<updates>
<update status="final" type="security"><id>ALAS2PHP8.1-2024-001</id><issued date="2024-02-03 10:00" /><updated date="2024-03-04 11:00" /><severity>Important</severity>
<references><reference id="CVE-2024-1" type="cve" /><reference id="RHSA-2024:1" type="redhat" /><reference id="CVE-2024-2" type="cve" /><reference id="CVE-2024-1" type="cve" /></references>
<pkglist><collection short="x"><name>x</name>
<package arch="x86_64" epoch="1" name="php" release="1.amzn2" version="8.1.2"><filename>a</filename></package>
<package arch="aarch64" epoch="1" name="php" release="1.amzn2" version="8.1.2"/>
<package arch="x86_64" name="php-cli" release="2.amzn2" version="8.1.2"/>
<package arch="noarch" epoch="0" name="php-doc" release="1.amzn2" version="8.1.2"/>
<package arch="x86_64" epoch="0" name="php-debuginfo" release="1.amzn2" version="8.1.2"/>
<package arch="src" epoch="0" name="php" release="1.amzn2" version="8.1.2"/>
</collection></pkglist></update>
<update type="bugfix"><id>ALAS2PHP8.1-2024-002</id><pkglist><collection><package arch="x86_64" name="php" release="9" version="9"/></collection></pkglist></update>
</updates>`

func TestRows(t *testing.T) {
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, sample))
	row := func(name, evr string, arches ...string) sekisho.Advisory {
		return sekisho.Advisory{
			World: "amazon/2", Package: name, ID: "ALAS2PHP8.1-2024-001", Aliases: []string{"CVE-2024-1", "CVE-2024-2"},
			Status: sekisho.StatusFixed, Ranges: []sekisho.Range{{Fixed: evr}}, Severity: sekisho.SeverityHigh, Urgency: "Important",
			Channel: "extras-php8.1", Arches: arches, Published: "2024-02-03", Modified: "2024-03-04",
		}
	}
	want := []sekisho.Advisory{
		row("php", "1:8.1.2-1.amzn2", "aarch64", "x86_64"),
		row("php-cli", "0:8.1.2-2.amzn2", "x86_64"),
		row("php-doc", "0:8.1.2-1.amzn2"),
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	if s.Latest() != "2024-03-04" || s.Problems != nil {
		t.Errorf("date %q, problems %v", s.Latest(), s.Problems)
	}
}

func TestRepositories(t *testing.T) {
	for folder, want := range map[string]string{
		"al1": "amazon/1 ", "al2-core": "amazon/2 ", "al2-extras-docker": "amazon/2 extras-docker",
		"al2023-core": "amazon/2023 ", "al2023-livepatch": "amazon/2023 livepatch", "else": "", "al": "", "alma9": "",
	} {
		got := ""
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(folder+"/updateinfo.xml", sample)).Rows {
			got = a.World + " " + a.Channel
		}
		if got != want {
			t.Errorf("%s: %q instead of %q", folder, got, want)
		}
	}
	if s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles("al1/primary.xml", sample)); s.Rows != nil || s.Problems != nil {
		t.Error("another file was read")
	}
}

func TestDamage(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		rows int
	}{
		"empty":         {"", 0},
		"text":          {"ALAS", 0},
		"other root":    {strings.ReplaceAll(sample, "updates>", "html>"), 0},
		"cut off":       {sample[:strings.Index(sample, "<update type")+20], 3},
		"cut in update": {sample[:400], 0},
		"no id":         {strings.Replace(sample, "<id>ALAS2PHP8.1-2024-001</id>", "", 1), 0},
		"no version":    {strings.Replace(sample, `name="php-cli" release="2.amzn2" version="8.1.2"`, `name="php-cli"`, 1), 2},
	} {
		s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, c.data))
		if len(s.Problems) != 1 || len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows, problems %v", name, len(s.Rows), s.Problems)
		}
	}
}

func TestSeverity(t *testing.T) {
	for word, want := range map[string]sekisho.Severity{
		"critical": sekisho.SeverityCritical, "Important": sekisho.SeverityHigh, "medium": sekisho.SeverityMedium,
		"Low": sekisho.SeverityLow, "": sekisho.SeverityUnknown, "urgent": sekisho.SeverityUnknown,
	} {
		if got := severity(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// naive reads the feed once more, line by line and without an XML parser.
func naive(dir string, data []byte, into map[string]bool) {
	world, channel, _ := strings.Cut(strings.TrimPrefix(dir, "al"), "-")
	if channel == "core" {
		channel = ""
	}
	attr := func(tag, name string) string {
		_, v, _ := strings.Cut(tag, " "+name+`="`)
		v, _, _ = strings.Cut(v, `"`)
		return v
	}
	for _, u := range strings.Split(string(data), "<update ")[1:] {
		_, id, _ := strings.Cut(u, "<id>")
		id, _, _ = strings.Cut(id, "</id>")
		var cves []string
		for _, r := range strings.Split(u, "<reference ")[1:] {
			r, _, _ = strings.Cut(r, ">")
			if attr(" "+r, "type") == "cve" && !slices.Contains(cves, attr(" "+r, "id")) {
				cves = append(cves, attr(" "+r, "id"))
			}
		}
		for _, p := range strings.Split(u, "<package ")[1:] {
			p = " " + p
			if strings.Contains(attr(p, "name"), "-debuginfo") {
				continue
			}
			into[fmt.Sprint("amazon/", world, " ", channel, " ", id, " ", attr(p, "name"), " ", attr(p, "epoch"), ":", attr(p, "version"), "-", attr(p, "release"), " ", cves)] = true
		}
	}
}

func TestPublished(t *testing.T) {
	want := map[string]bool{}
	dates := ""
	for f, err := range extracttest.Published(t, "amazon-updateinfo") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f.Path, ".xml") {
			naive(path.Base(path.Dir(f.Path)), f.Data, want)
			for _, m := range regexp.MustCompile(` date="([0-9-]{10})`).FindAllSubmatch(f.Data, -1) {
				dates = max(dates, string(m[1]))
			}
		}
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.Published(t, "amazon-updateinfo"))
	got := map[string]bool{}
	for _, a := range s.Rows {
		k := fmt.Sprint(a.World, " ", a.Channel, " ", a.ID, " ", a.Package, " ", a.Ranges[0].Fixed, " ", a.Aliases)
		if got[k] {
			t.Errorf("two rows: %s", k)
		}
		got[k] = true
		if a.Severity == sekisho.SeverityUnknown {
			t.Errorf("%s has no severity", a.ID)
		}
	}
	if len(want) < 20000 || !maps.Equal(want, got) {
		t.Errorf("%d rows, the naive reading gives %d", len(got), len(want))
	}
	if s.Latest() != dates || dates < "2025" {
		t.Errorf("date %s instead of %s", s.Latest(), dates)
	}
	if s.Problems != nil {
		t.Errorf("%d problems: %v", len(s.Problems), s.Problems[0])
	}
	t.Logf("%d rows", len(got))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("<updates><update>"))
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
