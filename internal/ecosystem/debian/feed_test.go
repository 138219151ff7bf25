// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"context"
	"encoding/json"
	"errors"
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

const trackerJSON = `{
"zeta": {
  "CVE-2024-1000": {"description": "not read", "scope": "local", "debianbug": 1, "releases": {
    "bookworm": {"status": "resolved", "repositories": {"bookworm": "1.0-1"}, "fixed_version": "1:1.0-1+deb12u1", "urgency": "medium**"},
    "sid": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
    "trixie": {"status": "open", "urgency": "low", "nodsa": "Minor", "nodsa_reason": ""}}},
  "CVE-2024-1001": {"releases": {
    "bookworm": {"status": "open", "urgency": "not yet assigned", "nodsa": "Minor", "nodsa_reason": "ignored"},
    "forky": {"status": "undetermined", "urgency": "not yet assigned"},
    "trixie": {"status": "open", "urgency": "high", "nodsa": "Minor", "nodsa_reason": "postponed"}}},
  "CVE-2024-1002": {"releases": {
    "bookworm": {"status": "open", "urgency": "end-of-life"},
    "bullseye": {"status": "open", "urgency": "unimportant"},
    "buster": {"status": "open", "urgency": "not yet assigned"}}}
},
"alpha": {
  "TEMP-0123456-ABCDEF": {"releases": {"trixie": {"status": "open", "urgency": "not yet assigned"}}}
}}`

const dsaList = `[02 Feb 2025] DSA-9001-2 zeta - regression update
	{CVE-2024-1000}
	[bookworm] - zeta 1:1.0-1+deb12u2
	NOTE: a regression
[1 Feb 2025] DSA-9001-1 zeta - security update
	{CVE-2024-1000 CVE-2024-1002}
	[bookworm] - zeta 1:1.0-1+deb12u1
	[trixie] - zeta <not-affected> (Code not there)
[1 Feb 2025] DSA-9000-1 zeta - security update
	{CVE-2024-1000}
	[bookworm] - zeta <not-affected> (Not fixed by this one)
[31 Dec 2002] DSA-143 alpha - flaw
	{CVE-2002-0391}
	[woody] - alpha 1
`

const dlaList = `[03 Mar 2025] DLA-77-1 zeta - security update
	{ CVE-2024-1000 }
	[bullseye] - zeta 0.9-1
	[bookworm] - zeta 1:1.0-1+deb12u1
`

func row(world, pkg, id, status string) sekisho.Advisory {
	return sekisho.Advisory{World: world, Package: pkg, BySource: true, ID: id, Status: status}
}

// with changes a row.
func with(a sekisho.Advisory, change func(*sekisho.Advisory)) sekisho.Advisory {
	change(&a)
	return a
}

func word(s sekisho.Severity, urgency string) func(*sekisho.Advisory) {
	return func(a *sekisho.Advisory) { a.Severity, a.Urgency = s, urgency }
}

func trackerRows(aliases []string, published string) []sekisho.Advisory {
	return []sekisho.Advisory{
		with(row("debian/12", "zeta", "CVE-2024-1000", "fixed"), func(a *sekisho.Advisory) {
			a.Severity, a.Urgency = sekisho.SeverityMedium, "medium"
			a.Ranges, a.Aliases, a.Published = []sekisho.Range{{Fixed: "1:1.0-1+deb12u1"}}, aliases, published
		}),
		with(row("debian/sid", "zeta", "CVE-2024-1000", "not_affected"), word(sekisho.SeverityNegligible, "unimportant")),
		with(row("debian/13", "zeta", "CVE-2024-1000", "affected"), word(sekisho.SeverityLow, "low")),
		row("debian/12", "zeta", "CVE-2024-1001", "will_not_fix"),
		row("debian/14", "zeta", "CVE-2024-1001", "under_investigation"),
		with(row("debian/13", "zeta", "CVE-2024-1001", "fix_deferred"), word(sekisho.SeverityHigh, "high")),
		with(row("debian/12", "zeta", "CVE-2024-1002", "end_of_life"), word(sekisho.SeverityUnknown, "end-of-life")),
		with(row("debian/11", "zeta", "CVE-2024-1002", "affected"), word(sekisho.SeverityNegligible, "unimportant")),
		row("debian/10", "zeta", "CVE-2024-1002", "affected"),
		row("debian/13", "alpha", "TEMP-0123456-ABCDEF", "affected"),
	}
}

func TestTracker(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", "debian/tracker/data.json", trackerJSON)
	s.WantProblems(t)
	if d := cmp.Diff(trackerRows(nil, ""), s.Rows); d != "" {
		t.Error(d)
	}
	if s.Latest() != "" {
		t.Errorf("the data names no day, and the feed %s", s.Latest())
	}
}

// TestAnnouncements: the lists count whether they come before or after.
func TestAnnouncements(t *testing.T) {
	want := trackerRows([]string{"DSA-9001-1", "DSA-9001-2", "DLA-77-1"}, "2025-02-01")
	for _, files := range [][]string{
		{"data.json", trackerJSON, "DSA-list", dsaList, "DLA-list", dlaList, "overlay.jsonl", "?"},
		{"security-tracker/data/DLA/list", dlaList, "security-tracker/data/DSA/list", dsaList, "data.json", trackerJSON},
	} {
		s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", files...)
		s.WantProblems(t)
		if d := cmp.Diff(want, s.Rows); d != "" {
			t.Error(d)
		}
		if s.Latest() != "2025-03-03" {
			t.Errorf("the newest day is %q", s.Latest())
		}
	}
}

func TestNotes(t *testing.T) {
	const data = `{"zeta": {
		"CVE-2024-2000": {"releases": {"trixie": {"status": "open"}, "bookworm": {"status": "open"}, "bullseye": {"status": "open"}}},
		"CVE-2024-2001": {"releases": {"trixie": {"status": "open"}, "bookworm": {"status": "resolved", "fixed_version": "1"}, "bullseye": {"status": "open", "nodsa": "x", "nodsa_reason": "ignored"}}},
		"CVE-2024-2003": {"releases": {"trixie": {"status": "open", "nodsa": "x", "nodsa_reason": ""}}}}}`
	const list = `CVE-2024-2000 (A flaw ...)
	{DSA-1-1}
	- zeta 2.0-1 (bug #1)
	[trixie] - zeta <not-affected> (Why)
	[bookworm] - zeta <ignored> (Why)
	[bullseye] - zeta <postponed> (Why)
	NOTE: https://example.com
CVE-2024-2001
	- zeta <unfixed>
	[trixie] - zeta <end-of-life>
	[bookworm] - zeta <no-dsa> (The fix came later)
	[bullseye] - zeta <not-affected> (data.json is newer)
CVE-2024-2002 (Not in data.json)
	[bookworm] - zeta <no-dsa> (Why)
	[buster] - zeta <no-dsa> (A release that data.json does not follow)
	[bookworm] - other <no-dsa> (A package that it does not have)
	[trixie] - zeta <undetermined>
	[trixie] - zeta 1.2 (fixed: data.json's to say)
CVE-2024-2003
	[trixie] - zeta <ignored> (data.json is newer)
CVE-2024-XXXX (Not numbered yet)
	[trixie] - zeta <no-dsa>
`
	s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", "CVE-list.fragment", list, "data.json", data)
	s.WantProblems(t)
	want := []sekisho.Advisory{
		row("debian/12", "zeta", "CVE-2024-2000", "will_not_fix"),
		row("debian/11", "zeta", "CVE-2024-2000", "fix_deferred"),
		row("debian/13", "zeta", "CVE-2024-2000", "not_affected"),
		with(row("debian/12", "zeta", "CVE-2024-2001", "fixed"), func(a *sekisho.Advisory) { a.Ranges = []sekisho.Range{{Fixed: "1"}} }),
		row("debian/11", "zeta", "CVE-2024-2001", "will_not_fix"),
		row("debian/13", "zeta", "CVE-2024-2001", "end_of_life"),
		row("debian/13", "zeta", "CVE-2024-2003", "affected"),
		row("debian/12", "zeta", "CVE-2024-2002", "affected"),
		row("debian/13", "zeta", "CVE-2024-2002", "under_investigation"),
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
}

// TestDamagedTracker: what is damaged is told and left out, alone.
func TestDamagedTracker(t *testing.T) {
	const good = `"good": {"CVE-2024-1000": {"releases": {"trixie": {"status": "open"}}}}`
	for _, c := range []struct {
		data     string
		rows     int
		problems []string
	}{
		{"", 0, []string{"no JSON object"}},
		{"[]", 0, []string{"no JSON object"}},
		{"{" + good, 1, []string{"cut off"}},
		{"{" + good + `, "x": {"CVE-2024`, 1, []string{`after the package "x"`}},
		{"{" + good + `, "x": 1}`, 1, []string{`the package "x"`}},
		{"{" + good + `, "x": {"CVE-2024-1001": {"releases": {"trixie": 1}}, "CVE-2024-1002": {"releases": {"trixie": {"status": "open"}}}}}`, 2, []string{`"CVE-2024-1001" of the package "x"`}},
		{"{" + good + `, "x": {"CVE-2024": {"releases": {"trixie": {"status": "open"}}}}}`, 1, []string{`the id "CVE-2024"`}},
		{"{" + good + `, "x": {"CVE-2024-1001": {"releases": {"trixie": {"status": "new"}}}}}`, 1, []string{`status "new"`}},
		{"{" + good + `, "x": {"CVE-2024-1001": {"releases": {"trixie": {"status": "resolved"}}}}}`, 1, []string{"by no version"}},
		{"{" + good + `, "x": {"CVE-2024-1001": {"releases": {"hamm": {"status": "open"}}}}}`, 1, []string{`"hamm" is not known: its 1 rows`}},
	} {
		s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", "data.json", c.data)
		if len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows, not %d", c.data, len(s.Rows), c.rows)
		}
		s.WantProblems(t, c.problems...)
	}
	extracttest.ParseFeed(t, Feeds(), "debian-tracker", "DSA-list", dsaList).WantProblems(t, "no such file")
	extracttest.ParseFeed(t, Feeds(), "debian-tracker", "data.json", "{}", "DSA-list", "[32 Feb 2025] DSA-1-1 x\n[1 Feb 2025] USN-1 x\n", "CVE-list", "CVE-1 x\n").
		WantProblems(t, "line 1", "line 2", "line 1: names no CVE")
}

// TestThinRelease: the rest of a former release would make it seem assessed.
func TestThinRelease(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"x": {"CVE-2024-9999": {"releases": {"buster": {"status": "open"}, "trixie": {"status": "open"}}}`)
	for i := range 2 * thin {
		b.WriteString(`, "CVE-2024-1` + string(rune('0'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10)) + `": {"releases": {"trixie": {"status": "open"}}}`)
	}
	b.WriteString("}}")
	s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", "data.json", b.String())
	s.WantProblems(t, `"buster" has 1 rows`)
	for _, a := range s.Rows {
		if a.World != "debian/13" {
			t.Fatalf("%+v", a)
		}
	}
	if len(s.Rows) != 2*thin+1 {
		t.Errorf("%d rows", len(s.Rows))
	}
}

// TestAnnouncementBounds: a hostile list costs no more than its size.
func TestAnnouncementBounds(t *testing.T) {
	var b strings.Builder
	for i := range 2 * maxAnnouncements {
		fmt.Fprintf(&b, "[1 Feb 2025] DSA-%d-1 zeta\n\t{CVE-2024-1000 CVE-2024-1000}\n\t[bookworm] - zeta 1\n", i)
	}
	s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", "data.json", trackerJSON, "DSA-list", b.String())
	s.WantProblems(t)
	if n := len(s.Rows[0].Aliases); n != maxAnnouncements {
		t.Errorf("%d announcements", n)
	}
	b.Reset()
	b.WriteString("[1 Feb 2025] DSA-1-1 zeta\n\t{")
	for i := range maxPairs / 50 {
		fmt.Fprintf(&b, "CVE-2024-%d ", 100_000+i)
	}
	b.WriteString("}\n")
	for i := range 100 {
		fmt.Fprintf(&b, "\t[bookworm] - zeta%d 1\n", i)
	}
	s = extracttest.ParseFeed(t, Feeds(), "debian-tracker", "data.json", trackerJSON, "DSA-list", b.String())
	s.WantProblems(t, "DSA-1-1 names too many")
}

func TestTrackerErrors(t *testing.T) {
	broken := errors.New("broken")
	err := Feeds()[0].Parse(t.Context(), func(yield func(sekisho.FeedFile, error) bool) {
		yield(sekisho.FeedFile{}, broken)
	}, &extracttest.Said{})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = Feeds()[0].Parse(ctx, func(yield func(sekisho.FeedFile, error) bool) {
		yield(sekisho.FeedFile{Path: "data.json", Data: []byte("{}")}, nil)
	}, &extracttest.Said{})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzTracker(f *testing.F) {
	f.Add(trackerJSON, dsaList, "CVE-2024-2002\n\t[bookworm] - zeta <no-dsa> (Why)\n")
	f.Add("{", "[", "CVE-")
	f.Fuzz(func(t *testing.T, data, dsa, notes string) {
		s := extracttest.ParseFeed(t, Feeds(), "debian-tracker", "data.json", data, "DSA-list", dsa, "CVE-list", notes)
		for _, a := range s.Rows {
			if !strings.HasPrefix(a.World, "debian/") || a.ID == "" || a.Status == "" || (a.Status == "fixed") != (len(a.Ranges) == 1 && a.Ranges[0].Fixed != "") {
				t.Errorf("%+v", a)
			}
		}
	})
}

// TestRealTracker reads the data a second time, naively, and compares.
func TestRealTracker(t *testing.T) {
	type cell struct {
		Status  string
		Fixed   string `json:"fixed_version"`
		Urgency string
		NoDSA   *string `json:"nodsa"`
		Reason  string  `json:"nodsa_reason"`
	}
	var data map[string]map[string]struct{ Releases map[string]cell }
	aliases := map[string]int{}
	notes := map[string]string{}
	for f, err := range extracttest.Published(t, "debian-tracker") {
		if err != nil {
			t.Fatal(err)
		}
		switch path.Base(f.Path) {
		case "data.json":
			if err := json.Unmarshal(f.Data, &data); err != nil {
				t.Fatal(err)
			}
		case "DSA-list", "DLA-list":
			seen := map[string]bool{}
			for _, block := range regexp.MustCompile(`(?m)^\[`).Split(string(f.Data), -1) {
				head, _, _ := strings.Cut(block, "\n")
				for _, to := range regexp.MustCompile(`(?m)^\s+\[(\w+)\]\s+- (\S+)\s+([^<\s]\S*)`).FindAllStringSubmatch(block, -1) {
					list, _, _ := strings.Cut(block, "\t[")
					for _, cve := range regexp.MustCompile(`CVE-\d{4}-\d{4,}`).FindAllString(list, -1) {
						key := to[1] + " " + to[2] + " " + cve
						if once := key + head; !seen[once] {
							seen[once] = true
							aliases[key]++
						}
					}
				}
			}
		case "CVE-list.fragment":
			for _, block := range regexp.MustCompile(`(?m)^CVE`).Split(string(f.Data), -1) {
				id, _, _ := strings.Cut("CVE"+block, " ")
				for _, n := range regexp.MustCompile(`(?m)^\t\[(\w+)\] - (\S+) <(.+?)>`).FindAllStringSubmatch(block, -1) {
					notes[n[1]+" "+n[2]+" "+id] = n[3]
				}
			}
		}
	}
	numbers := map[string]string{"bullseye": "debian/11", "bookworm": "debian/12", "trixie": "debian/13"}
	noted := map[string]string{"not-affected": "not_affected", "ignored": "will_not_fix", "postponed": "fix_deferred", "end-of-life": "end_of_life", "no-dsa": "affected"}
	want, wantAliases, dropped := map[string]string{}, map[string]int{}, 0
	for pkg, flaws := range data {
		for id, flaw := range flaws {
			for codename, c := range flaw.Releases {
				world := numbers[codename]
				if world == "" {
					dropped++
					continue
				}
				list := codename + " " + pkg + " " + id
				key := world + " " + pkg + " " + id
				switch {
				case c.Status == "resolved":
					want[key] = "fixed " + c.Fixed
					wantAliases[key] = aliases[list]
				case c.Urgency == "end-of-life":
					want[key] = "end_of_life "
				case notes[list] != "":
					want[key] = noted[notes[list]] + " "
				default:
					want[key] = "affected "
				}
			}
		}
	}
	for list, note := range notes {
		p := strings.Fields(list)
		key := numbers[p[0]] + " " + p[1] + " " + p[2]
		if _, had := want[key]; !had && numbers[p[0]] != "" && data[p[1]] != nil {
			want[key] = noted[note] + " "
		}
	}
	var s extracttest.Said
	if err := Feeds()[0].Parse(t.Context(), extracttest.Published(t, "debian-tracker"), &s); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range s.Rows {
		key, fixed := a.World+" "+a.Package+" "+a.ID, ""
		if len(a.Ranges) == 1 {
			fixed = a.Ranges[0].Fixed
		}
		if got[key] != "" {
			t.Errorf("two rows of %s", key)
		}
		got[key] = a.Status + " " + fixed
		if len(a.Aliases) != wantAliases[key] {
			t.Errorf("%s has the aliases %v, not %d", key, a.Aliases, wantAliases[key])
		}
	}
	if !maps.Equal(want, got) { // a hundred times faster than the difference
		d := cmp.Diff(want, got)
		t.Error(d[:min(len(d), 4000)])
	}
	if len(want) < 100_000 || s.Latest() < "2026-08-21" {
		t.Errorf("%d rows, date %s: the data is not what it was", len(want), s.Latest())
	}
	// Four rows of a release that the tracker does not follow any more.
	if dropped != 4 {
		t.Errorf("%d rows of other releases", dropped)
	}
	s.WantProblems(t, `"buster" has 4 rows`)
}
