// SPDX-License-Identifier: Apache-2.0

package ubuntu

import (
	"bytes"
	"context"
	"errors"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const cveFile = `PublicDateAtUSN: 2024-01-01
Candidate: CVE-2024-1000
PublicDate: 2024-01-02 03:04:05 UTC
References:
 https://example.com/jammy_trap:
Description:
 jammy_prose: released (1)
Priority: medium
 because_of: this
Priority_foo: high
Priority_foo_focal: negligible
Priority_foo_esm-apps/jammy: critical
Tags_foo_jammy: universe-binary
Assigned-to:
CVSS:
 nvd: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H [7.5 HIGH]
 vendor: none

Patches_foo:
 upstream: https://example.com/1
upstream_foo: released (1.1.1n,3.0.2)
focal_foo: released (1:1.0-1ubuntu0.1)
esm-infra/focal_foo: not-affected (1:1.0-1ubuntu0.1)
jammy_foo: needed
esm-apps/jammy_foo: released (2.0-1ubuntu1+esm1)
noble_foo: pending (3.0-1ubuntu1)
oracular_foo: needs-triage
plucky_foo: deferred (2024-01-02)
questing_foo: not-affected (uses system bar)
bionic_foo: ignored (end of standard support, was needed)
esm-infra/bionic_foo: not-affected (code not present)
xenial_foo: ignored (intrusive)
trusty_foo: DNE
trusty/esm_foo: ignored
esm-infra-legacy/trusty_foo: needed
fips-updates/focal_foo: needed
devel_foo: needed
# jammy_bar: needed
jammy_bar-1.0: released (4)
`

func TestTracker(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "ubuntu-uct",
		"ubuntu/uct/active/CVE-2024-1000", cveFile, "active/00boilerplate", "?", "overlay.jsonl", "?",
		"ignored/CVE-2024-1", "?", "subprojects/x/CVE-2024-1", "?",
	)
	s.WantProblems(t)
	row := func(number, channel, pkg string, severity sekisho.Severity, status string, fixed ...string) sekisho.Advisory {
		a := sekisho.Advisory{
			World: "ubuntu/" + number, Channel: channel, Package: pkg, BySource: true, ID: "CVE-2024-1000", Status: status,
			Severity: severity, Urgency: severity.String(), Published: "2024-01-02",
		}
		for _, v := range fixed {
			a.Ranges = append(a.Ranges, sekisho.Range{Fixed: v})
		}
		return a
	}
	const high = sekisho.SeverityHigh
	want := []sekisho.Advisory{
		row("20.04", "", "foo", sekisho.SeverityNegligible, "fixed", "1:1.0-1ubuntu0.1"),
		row("22.04", "", "foo", high, "affected"),
		row("22.04", "esm-apps", "foo", sekisho.SeverityCritical, "fixed", "2.0-1ubuntu1+esm1"),
		row("24.04", "", "foo", high, "affected"),
		row("24.10", "", "foo", high, "under_investigation"),
		row("25.04", "", "foo", high, "fix_deferred"),
		row("25.10", "", "foo", high, "not_affected"),
		row("18.04", "", "foo", high, "end_of_life"),
		row("18.04", "esm-infra", "foo", high, "not_affected"),
		row("16.04", "", "foo", high, "will_not_fix"),
		row("14.04", "esm-infra", "foo", high, "will_not_fix"),
		row("14.04", "esm-infra-legacy", "foo", high, "affected"),
		row("22.04", "", "bar-1.0", sekisho.SeverityMedium, "fixed", "4"),
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
	wantCVE := []sekisho.CVE{{
		ID: "CVE-2024-1000", Published: "2024-01-02",
		CVSS: []sekisho.CVSS{{Source: "nvd", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}},
	}}
	if d := cmp.Diff(wantCVE, s.Flaws); d != "" {
		t.Error(d)
	}
	if s.Latest() != "2024-01-02" {
		t.Error(s.Latest())
	}
}

// file is a small file with these lines.
func file(lines ...string) string {
	return "Candidate: CVE-2024-1000\nPublicDate: unknown\nPriority: untriaged\n\n" + strings.Join(lines, "\n") + "\n"
}

func TestReasons(t *testing.T) {
	for line, want := range map[string]string{
		"jammy_a: ignored (end of life)":                             "end_of_life",
		"jammy_a: ignored (end of life, was pending [1-2~3])":        "end_of_life",
		"jammy_a: ignored (reached end-of-life)":                     "end_of_life",
		"jammy_a: ignored (out of standard support)":                 "end_of_life",
		"jammy_a: ignored (end of kernel support, was needs-triage)": "end_of_life",
		"jammy_a: ignored (superseded by linux-azure-6.2)":           "will_not_fix",
		"jammy_a: ignored (ESM criteria, was needed)":                "will_not_fix",
		"jammy_a: ignored (no longer supported by upstream)":         "will_not_fix",
		"jammy_a: ignored":      "will_not_fix",
		"jammy_a: deferred":     "fix_deferred",
		"jammy_a: pending":      "affected",
		"jammy_a: not-affected": "not_affected",
	} {
		s := extracttest.ParseFeed(t, Feeds(), "ubuntu-uct", "CVE-2024-1000", file(line))
		s.WantProblems(t)
		if len(s.Rows) != 1 || s.Rows[0].Status != want || s.Rows[0].Severity != sekisho.SeverityUnknown || s.Rows[0].Urgency != "" || s.Latest() != "" || s.Flaws != nil {
			t.Errorf("%s: %+v", line, s.Rows)
		}
	}
}

func TestSeries(t *testing.T) {
	for key, want := range map[string]series{
		"warty": {"ubuntu/4.10", "", true}, "resolute": {"ubuntu/26.04", "", true}, "esm-apps/noble": {"ubuntu/24.04", "esm-apps", true},
		"precise/esm": {"ubuntu/12.04", "esm-infra", true}, "upstream": {"", "", true}, "fips/jammy": {"", "", true},
		"bluefield/jammy": {"", "", true}, "realtime/jammy": {"", "", true}, "vivid/stable-phone-overlay": {}, "nimble": {}, "esm-infra/nimble": {}, "x/jammy": {},
	} {
		if got := seriesOf(key); got != want {
			t.Errorf("%s is %+v", key, got)
		}
	}
}

func TestDamagedFiles(t *testing.T) {
	for _, c := range []struct {
		data     string
		rows     int
		problems []string
	}{
		{"", 0, []string{"no CVE"}},
		{"Candidate: CVE-2024\njammy_a: needed\n", 0, []string{`candidate is "CVE-2024"`}},
		{file("jammy_a: needed", "jammy_b: released", "jammy_c: released (see 1)", "jammy_d: released (1_2)"), 1, []string{"b is released in jammy", "c is", "d is"}},
		{file("jammy_a: needed", "jammy_b: sorted"), 1, []string{`status "sorted"`}},
		{file("jammy_a: needed", "jammy_b:"), 1, []string{"no status"}},
		{file("jammy_a: needed", "jammy_: needed", "jammy_a b: needed"), 1, []string{"names no package", "names no package"}},
		{file("jammy_a: needed", "nimble_a: needed", "nimble_b: needed"), 1, []string{`series "nimble" is not known`}},
		{file("jammy_a: released ( (1.58.1+dfsg1~ubuntu1-0ubuntu1)", "lost prose", ":", ": needed", "_", "_:"), 1, nil},
		{strings.Repeat("x", 1000), 0, []string{"no CVE"}},
	} {
		s := extracttest.ParseFeed(t, Feeds(), "ubuntu-uct", "CVE-2024-1000", c.data)
		if len(s.Rows) != c.rows {
			t.Errorf("%s: %+v", c.data, s.Rows)
		}
		s.WantProblems(t, c.problems...)
	}
	// Cut off anywhere, a file gives no more rows than it has, and no panic.
	all := len(extracttest.ParseFeed(t, Feeds(), "ubuntu-uct", "CVE-1", cveFile).Rows)
	for i := range cveFile {
		if n := len(extracttest.ParseFeed(t, Feeds(), "ubuntu-uct", "CVE-1", cveFile[:i]).Rows); n > all {
			t.Errorf("cut off at %d: %d rows", i, n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := extracttest.NamedFeed(t, Feeds(), "ubuntu-uct").Parse(ctx, func(yield func(sekisho.FeedFile, error) bool) { yield(sekisho.FeedFile{}, nil) }, &extracttest.Said{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzTracker(f *testing.F) {
	f.Add(cveFile)
	f.Add(file("jammy_a: released ("))
	f.Fuzz(func(t *testing.T, data string) {
		for _, a := range extracttest.ParseFeed(t, Feeds(), "ubuntu-uct", "active/CVE-2024-1000", data).Rows {
			if !strings.HasPrefix(a.World, "ubuntu/") || a.Package == "" || !strings.HasPrefix(a.ID, "CVE-") || (a.Status == "fixed") != (len(a.Ranges) == 1 && a.Ranges[0].Fixed != "") {
				t.Errorf("%+v", a)
			}
		}
	})
}

// TestRealTracker reads the data a second time, naively, and compares.
func TestRealTracker(t *testing.T) {
	numbers := map[string]string{"xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04"}
	states := map[string]string{"needed": "affected", "pending": "affected", "needs-triage": "under_investigation", "deferred": "fix_deferred", "not-affected": "not_affected", "released": "fixed", "ignored": "will_not_fix"}
	ended := regexp.MustCompile(`(?i)end of (life|standard support|kernel support)|end-of-life|out of standard support`)
	want, redundant, vectors := map[string]string{}, map[string]string{}, 0
	for f, err := range extracttest.Published(t, "ubuntu-uct") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(path.Base(f.Path), "CVE-") {
			continue
		}
		vectors += bytes.Count(f.Data, []byte(": CVSS:3"))
		text := string(f.Data)
		_, priority, _ := strings.Cut(text, "\nPriority: ")
		priority = strings.Fields(priority)[0]
		if priority == "untriaged" {
			priority = "unknown"
		}
		for line := range strings.SplitSeq(text, "\n") {
			series, rest, found := strings.Cut(line, "_")
			channel, codename, isESM := strings.Cut(series, "/")
			if !isESM {
				channel, codename = "", series
			}
			if !found || numbers[codename] == "" {
				continue // "upstream" and "devel"; anything else would make the counts differ
			}
			pkg, status, _ := strings.Cut(rest, ": ")
			word, reason, _ := strings.Cut(status, " ")
			key := path.Base(f.Path) + " " + numbers[codename] + " " + pkg + " "
			value := states[word]
			switch {
			case word == "released":
				value += " " + strings.Trim(reason, "() ")
			case word == "ignored" && ended.MatchString(reason):
				value = "end_of_life"
			}
			if value += " " + priority; channel != "" && word == "not-affected" {
				redundant[key+channel] = key
			}
			want[key+channel] = value
		}
	}
	for esm, standard := range redundant {
		if strings.HasPrefix(want[standard], "fixed") || strings.HasPrefix(want[standard], "not_affected") {
			delete(want, esm)
		}
	}
	// A "released" that names no version, or none that could be one.
	refused := 0
	for key, value := range want {
		if f := strings.Fields(value); f[0] == "fixed" && (len(f) == 2 || strings.Contains(f[1], "_")) {
			refused++
			delete(want, key)
		}
	}
	var s extracttest.Said
	if err := extracttest.NamedFeed(t, Feeds(), "ubuntu-uct").Parse(t.Context(), extracttest.Published(t, "ubuntu-uct"), &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Rows) != len(want) || len(want) < 500_000 {
		t.Errorf("%d rows and not %d", len(s.Rows), len(want))
	}
	bad := 0
	for _, a := range s.Rows {
		key := a.ID + " " + strings.TrimPrefix(a.World, "ubuntu/") + " " + a.Package + " " + a.Channel
		got := a.Status
		if len(a.Ranges) == 1 {
			got += " " + a.Ranges[0].Fixed
		}
		if got += " " + a.Severity.String(); got != want[key] && bad < 20 {
			bad++
			t.Errorf("%s is %q and not %q", key, got, want[key])
		}
	}
	n := 0
	for _, c := range s.Flaws {
		n += len(c.CVSS)
	}
	if n != vectors || n < 20_000 {
		t.Errorf("%d vectors and not %d", n, vectors)
	}
	if s.Latest() != "2024-08-09" {
		t.Errorf("the newest day is %q", s.Latest())
	}
	if len(s.Problems) != refused || refused != 2 {
		t.Errorf("%d refused; %v", refused, s.Problems)
	}
}
