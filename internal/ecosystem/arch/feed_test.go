// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const groupsJSON = `[
{"name": "AVG-1", "packages": ["foo", "lib32-foo"], "status": "Fixed", "severity": "High", "type": "multiple issues",
 "affected": "1.0-1", "fixed": "1:1.1-1", "ticket": null, "issues": ["CVE-2024-1000", "CVE-2024-1001"], "advisories": ["ASA-202401-1"]},
{"name": "AVG-2", "packages": ["foo"], "status": "Vulnerable", "severity": "Unknown", "affected": "1.0-1", "fixed": null, "issues": ["X-1", "CVE-2024-1002"]},
{"name": "AVG-3", "packages": ["foo"], "status": "Testing", "severity": "Low", "affected": "1.0-1", "fixed": "2-1", "issues": ["CVE-2024-1003"]},
{"name": "AVG-4", "packages": ["foo"], "status": "Unknown", "severity": "Critical", "affected": "1.0-1", "fixed": null, "issues": []},
{"name": "AVG-5", "packages": ["foo"], "status": "Not affected", "severity": "Medium", "affected": "1.0-1", "fixed": "1.0-2", "issues": ["CVE-2024-1004"]},
{"name": "AVG-6", "packages": ["foo"], "status": "Vulnerable", "severity": "Medium", "affected": "1.0-1", "fixed": "3-1", "issues": ["CVE-2024-1005"]}
]`

func TestGroups(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "arch", "arch/all.json", groupsJSON, "arch/README", "not read")
	s.WantProblems(t)
	fixed := func(v string) []sekisho.Range { return []sekisho.Range{{Fixed: v}} }
	first := sekisho.Advisory{
		World: "arch", Package: "foo", ID: "AVG-1", Status: "fixed", Severity: sekisho.SeverityHigh, Urgency: "high",
		Ranges: fixed("1:1.1-1"), Aliases: []string{"CVE-2024-1000", "CVE-2024-1001", "ASA-202401-1"},
	}
	second := first
	second.Package = "lib32-foo"
	want := []sekisho.Advisory{
		first, second,
		{World: "arch", Package: "foo", ID: "AVG-2", Status: "affected", Aliases: []string{"CVE-2024-1002", "X-1"}},
		{World: "arch", Package: "foo", ID: "AVG-3", Status: "fixed", Channel: "testing", Severity: sekisho.SeverityLow, Urgency: "low", Ranges: fixed("2-1"), Aliases: []string{"CVE-2024-1003"}},
		{World: "arch", Package: "foo", ID: "AVG-4", Status: "under_investigation", Severity: sekisho.SeverityCritical, Urgency: "critical"},
		{World: "arch", Package: "foo", ID: "AVG-5", Status: "not_affected", Severity: sekisho.SeverityMedium, Urgency: "medium", Aliases: []string{"CVE-2024-1004"}},
		{World: "arch", Package: "foo", ID: "AVG-6", Status: "affected", Severity: sekisho.SeverityMedium, Urgency: "medium", Ranges: fixed("3-1"), Aliases: []string{"CVE-2024-1005"}},
	}
	if d := cmp.Diff(want, s.Rows); d != "" {
		t.Error(d)
	}
}

func TestDamagedGroups(t *testing.T) {
	const good = `{"name": "AVG-9", "packages": ["foo"], "status": "Fixed", "severity": "Low", "fixed": "1-1"}`
	for _, c := range []struct {
		data    string
		rows    int
		problem string
	}{
		{"", 0, "read a group"},
		{"[" + good, 0, "read the groups"},
		{"[1," + good + "]", 1, "read a group"},
		{strings.Replace(good, "AVG-9", "AVG-", 1), 0, `name is "AVG-"`},
		{strings.Replace(good, "AVG-9", "ASA-9", 1), 0, `name is "ASA-9"`},
		{strings.Replace(good, "Fixed", "Done", 1), 0, `status "Done"`},
		{strings.Replace(good, "Low", "Bad", 1), 0, `severity "Bad"`},
		{strings.Replace(good, `"1-1"`, "null", 1), 0, "fixed, by no version"},
		{strings.Replace(good, `"1-1"`, `""`, 1), 0, "fixed, by no version"},
		{strings.Replace(good, `"foo"`, `""`, 1), 0, "no name"},
		{strings.Replace(good, `"foo"`, strings.Repeat(`"foo",`, maxPackages)+`"foo"`, 1), 0, "501 packages"},
		{strings.Replace(good, `"packages"`, `"issues": [`+strings.Repeat(`"X",`, maxIDs)+`"X"], "packages"`, 1), 0, "2001 issues"},
	} {
		s := extracttest.ParseFeed(t, Feeds(), "arch", "AVG-9.json", c.data)
		if len(s.Rows) != c.rows {
			t.Errorf("%s: %d rows", c.data, len(s.Rows))
		}
		s.WantProblems(t, c.problem)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := extracttest.NamedFeed(t, Feeds(), "arch").Parse(ctx, func(yield func(sekisho.FeedFile, error) bool) { yield(sekisho.FeedFile{}, nil) }, &extracttest.Said{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzGroups(f *testing.F) {
	f.Add(groupsJSON)
	f.Add(`{"name": "AVG-1", "packages": ["foo"], "status": "Fixed", "severity": "Low", "fixed": "1-1"}`)
	f.Fuzz(func(t *testing.T, data string) {
		for _, a := range extracttest.ParseFeed(t, Feeds(), "arch", "all.json", data).Rows {
			if a.World != "arch" || a.Package == "" || !strings.HasPrefix(a.ID, "AVG-") || a.Status == "" || a.Status == "fixed" && a.Ranges[0].Fixed == "" {
				t.Errorf("%+v", a)
			}
		}
	})
}

// TestRealGroups reads the data a second time, naively, and compares.
func TestRealGroups(t *testing.T) {
	states := map[string]string{"Fixed": "fixed", "Vulnerable": "affected", "Unknown": "under_investigation", "Not affected": "not_affected"}
	want := map[string]string{}
	for f, err := range extracttest.Published(t, "arch") {
		if err != nil {
			t.Fatal(err)
		}
		var g map[string]any
		if json.Unmarshal(f.Data, &g) != nil {
			continue // the feed's Problems tell
		}
		fixed, _ := g["fixed"].(string)
		if g["status"] == "Not affected" {
			fixed = ""
		}
		for _, p := range g["packages"].([]any) {
			var ids []string
			for _, i := range g["issues"].([]any) {
				ids = append(ids, i.(string))
			}
			// A group of several packages may name its one announcement for each.
			for _, i := range g["advisories"].([]any) {
				if !slices.Contains(ids, i.(string)) {
					ids = append(ids, i.(string))
				}
			}
			want[p.(string)+" "+g["name"].(string)] = states[g["status"].(string)] + " " + fixed + " " + strings.ToLower(g["severity"].(string)) + " " + strings.Join(ids, ",")
		}
	}
	var s extracttest.Said
	if err := extracttest.NamedFeed(t, Feeds(), "arch").Parse(t.Context(), extracttest.Published(t, "arch"), &s); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range s.Rows {
		fixed := ""
		if len(a.Ranges) == 1 {
			fixed = a.Ranges[0].Fixed
		}
		got[a.Package+" "+a.ID] = a.Status + " " + fixed + " " + a.Severity.String() + " " + strings.Join(a.Aliases, ",")
	}
	if !maps.Equal(want, got) { // a hundred times faster than the difference
		d := cmp.Diff(want, got)
		t.Error(d[:min(len(d), 4000)])
	}
	if len(s.Rows) != len(want) || len(want) < 2500 {
		t.Errorf("%d rows, %d of them different, %d wanted", len(s.Rows), len(got), len(want))
	}
	s.WantProblems(t)
}
