// SPDX-License-Identifier: Apache-2.0

package azurelinux

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const samplePath = "azurelinux/azurelinux-3.0-oval.xml"

// entry is a definition in the publisher's format: its test compares with op.
type entry struct {
	id, pkg, op, evr, patchable, extra string
}

func document(defs ...entry) string {
	var a, b, c, d strings.Builder
	for i, x := range defs {
		fmt.Fprintf(&a, `<definition class="vulnerability" id="def:%d"><metadata><title>t</title><reference ref_id="%s" source="CVE"/><patchable>%s</patchable><advisory_date>2025-02-18T00:00:00Z</advisory_date><severity>High</severity></metadata><criteria operator="AND"><criterion comment="c" test_ref="tst:%d"/>%s</criteria></definition>`, i, x.id, x.patchable, i, x.extra)
		fmt.Fprintf(&b, `<l:rpminfo_test id="tst:%d"><l:object object_ref="obj:%d"/><l:state state_ref="ste:%d"/></l:rpminfo_test>`, i, i, i)
		fmt.Fprintf(&c, `<l:rpminfo_object id="obj:%d"><l:name>%s</l:name></l:rpminfo_object>`, i, x.pkg)
		fmt.Fprintf(&d, `<l:rpminfo_state id="ste:%d"><l:evr operation="%s">%s</l:evr></l:rpminfo_state>`, i, x.op, x.evr)
	}
	return `<oval_definitions xmlns="x" xmlns:oval="o" xmlns:l="l"><generator><oval:timestamp>2025-02-24T13:05:27.3Z</oval:timestamp></generator><definitions>` +
		a.String() + `</definitions><tests>` + b.String() + `</tests><objects>` + c.String() + `</objects><states>` + d.String() + `</states></oval_definitions>`
}

var sample = document(
	entry{"CVE-2025-1", "openssh", "less than", "0:9.8p1-3.azl3", "true", ""},
	entry{"CVE-2025-2", "yasm", "less than or equal", "0:1.3.0-14.azl3", "false", ""},
	entry{"CVE-2025-3", "python3", "less than", "0:3.9-1.azl3", "Not Applicable", ""},
	entry{"CVE-2025-4", "golang", "greater than", "0:0.0.0.azl3", "true", `<criterion comment="c" test_ref="tst:4"/>`},
	entry{"CVE-2025-5", "golang", "less than", "0: 1.20.10-1.azl3", "true", ""},
)

func TestRows(t *testing.T) {
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, sample))
	row := func(id, pkg, status string, ranges ...sekisho.Range) sekisho.Advisory {
		return sekisho.Advisory{World: "azurelinux/3.0", Package: pkg, BySource: true, ID: id, Status: status, Ranges: ranges, Severity: sekisho.SeverityHigh, Urgency: "High", Published: "2025-02-18"}
	}
	want := []sekisho.Advisory{
		row("CVE-2025-1", "openssh", sekisho.StatusFixed, sekisho.Range{Fixed: "0:9.8p1-3.azl3"}),
		row("CVE-2025-2", "yasm", sekisho.StatusAffected, sekisho.Range{LastAffected: "0:1.3.0-14.azl3"}),
		row("CVE-2025-3", "python3", sekisho.StatusNotAffected),
		row("CVE-2025-4", "golang", sekisho.StatusFixed, sekisho.Range{Fixed: "0:1.20.10-1.azl3"}),
		row("CVE-2025-5", "golang", sekisho.StatusFixed, sekisho.Range{Fixed: "0:1.20.10-1.azl3"}),
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	if s.Latest() != "2025-02-24" || s.Problems != nil {
		t.Errorf("date %q, problems %v", s.Latest(), s.Problems)
	}
}

func TestReleaseIsInTheFileName(t *testing.T) {
	for name, want := range map[string]string{
		"a/cbl-mariner-1.0-oval.xml": "azurelinux/1.0", "cbl-mariner-2.0-oval.2024-01-22.xml": "azurelinux/2.0",
		"azurelinux-3.0-oval.xml": "azurelinux/3.0", "azurelinux-oval.xml": "", "README.md": "", "azurelinux-3.0-oval.xml.gz": "",
	} {
		got := ""
		s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(name, sample))
		for _, a := range s.Rows {
			got = a.World
		}
		if got != want || s.Problems != nil {
			t.Errorf("%s: %q instead of %q, problems %v", name, got, want, s.Problems)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"0:1.2-3.azl3": "0:1.2-3.azl3", "1:2.azl-3.cm2": "1:2.azl-3.cm2", "0: 1.57.0-1.cm2": "0:1.57.0-1.cm2", "0:0.9.0.cm2": "0:0.9.0",
		"0:2.7.0-.cm1": "0:2.7.0", "1.2-3.azl3": "0:1.2-3.azl3", "0:null.cm2": "", "0:": "", "": "", "0:1 2-3.cm2": "",
	} {
		got, err := clean(in)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v instead of %q", in, got, err, want)
		}
	}
}

func TestDamage(t *testing.T) {
	good := entry{"CVE-2025-1", "openssh", "less than", "0:9.8p1-3.azl3", "true", ""}
	other := good
	other.pkg, other.id = "openssl", "CVE-2025-2"
	change := func(f func(d *entry)) string {
		d := good
		f(&d)
		return document(other, d)
	}
	for name, c := range map[string]struct {
		data string
		rows int
	}{
		"empty":           {"", 0},
		"other root":      {"<html/>", 0},
		"cut off":         {sample[:len(sample)/2], 0},
		"no version":      {change(func(d *entry) { d.evr = "0:null.azl3" }), 1},
		"no CVE":          {change(func(d *entry) { d.id = "" }), 1},
		"other operation": {change(func(d *entry) { d.op = "equals" }), 1},
		"greater than": {document(other,
			entry{"CVE-2025-4", "golang", "greater than", "0:1-1.azl3", "true", `<criterion test_ref="tst:2"/>`},
			entry{"CVE-2025-5", "golang", "less than", "0:2-1.azl3", "true", ""}), 2},
		"no upper bound":   {change(func(d *entry) { d.op, d.evr = "greater than", "0:0.0.0.azl3" }), 1},
		"two packages":     {change(func(d *entry) { d.extra = `<criterion test_ref="tst:0"/>` }), 1},
		"nested criteria":  {change(func(d *entry) { d.extra = `<criteria/>` }), 1},
		"negated":          {change(func(d *entry) { d.extra = `<criterion negate="true" test_ref="tst:1"/>` }), 1},
		"no such test":     {change(func(d *entry) { d.extra = `<criterion test_ref="tst:9"/>` }), 1},
		"any of the tests": {strings.Replace(document(other, good), `"AND"`, `"OR"`, 1), 1},
	} {
		s := extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, c.data))
		if len(s.Problems) != 1 || len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows, problems %v", name, len(s.Rows), s.Problems)
		}
	}
}

// naive reads the feed by its titles and criteria's comments alone.
func naive(release, data string, rows map[string]bool) {
	title := regexp.MustCompile(`<title>(CVE-\S+) affecting package (\S+) `)
	comment := regexp.MustCompile(`comment="Package (\S+) is (?:earlier than\s+(\S+),|installed with version (\S+) or earlier)`)
	for _, d := range strings.Split(data, "<definition ")[1:] {
		d, _, _ = strings.Cut(d, "</definition>")
		m, c := title.FindStringSubmatch(d), comment.FindStringSubmatch(d)
		if m == nil || c == nil || m[2] != c[1] {
			panic(d)
		}
		k := fmt.Sprint(release, " ", m[1], " ", m[2])
		switch {
		case c[2] == "null":
		case strings.Contains(d, "<patchable>Not Applicable<"):
			rows[k+" never"] = true
		case c[2] != "":
			rows[k+" < "+strings.TrimSuffix(c[2], "-")] = true
		default:
			rows[k+" <= "+strings.TrimSuffix(c[3], "-")] = true
		}
	}
}

func TestPublished(t *testing.T) {
	want, nulls := map[string]bool{}, 0
	release := regexp.MustCompile(`-([0-9]\.0)-oval`)
	for f, err := range extracttest.Published(t, "azurelinux-oval") {
		if err != nil {
			t.Fatal(err)
		}
		if m := release.FindStringSubmatch(path.Base(f.Path)); m != nil {
			naive(m[1], string(f.Data), want)
			nulls += strings.Count(string(f.Data), "is earlier than null,") / 2
		}
	}
	s := extracttest.RunFeed(t, Feeds()[0], extracttest.Published(t, "azurelinux-oval"))
	got := map[string]bool{}
	suffix := regexp.MustCompile(`\.(cm|azl)[0-9]$`)
	for _, a := range s.Rows {
		k := strings.TrimPrefix(a.World, "azurelinux/") + " " + a.ID + " " + a.Package
		if a.Status == sekisho.StatusNotAffected {
			k += " never"
		} else if r := a.Ranges[0]; a.Status == sekisho.StatusFixed {
			k += " < " + suffix.ReplaceAllString(strings.TrimPrefix(r.Fixed, "0:"), "")
		} else {
			k += " <= " + suffix.ReplaceAllString(strings.TrimPrefix(r.LastAffected, "0:"), "")
		}
		got[k] = true
	}
	if len(want) < 6500 || !maps.Equal(want, got) {
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
	// The generator wrote "null" for a version where there was none.
	if len(s.Problems) != nulls || nulls != 2 || s.Latest() != "2025-02-24" {
		t.Errorf("date %s, %d definitions without a version, problems %v", s.Latest(), nulls, s.Problems)
	}
	t.Logf("%d rows", len(got))
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, a := range extracttest.RunFeed(t, Feeds()[0], extracttest.FeedFiles(samplePath, string(b))).Rows {
			if a.ID == "" || a.Package == "" || a.Status == "" {
				t.Errorf("half a row: %+v", a)
			}
		}
	})
}

func TestContextAndIteratorEndTheBuild(t *testing.T) {
	extracttest.FeedsEnd(t, Feeds(), samplePath, sample)
}
