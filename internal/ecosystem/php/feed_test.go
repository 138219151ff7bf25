// SPDX-License-Identifier: Apache-2.0

package php

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const lantern = `title: Lantern
link: https://example.com/advisory
cve: CVE-2029-0001
branches:
    3.x:
        time: 2029-05-07 22:08:00
        versions: ['>=3.0.0', '<3.1.0']
    3.1.x:
        time: 2029-05-06 22:08:00
        versions: ['>=3.1.0', '<3.1.15-p2']
    1.x:
        time: ~
        versions: ['<=1.9.0']
reference: composer://Acme/Lantern
`

func TestFriendsOfPHP(t *testing.T) {
	s := extracttest.ParseFeed(t, Feeds(), "friendsofphp",
		"friendsofphp/acme/lantern/CVE-2029-0001.yaml", lantern,
		"friendsofphp/acme/lantern/2029-01-01.yaml", "reference: composer://acme/lantern\ncve: ~\nbranches:\n  '1.x': {time: 2029-01-01, versions: ['<=1.0']}\n",
		"friendsofphp/README.md", "x",
		"friendsofphp/.travis.yml", "x: y",
	)
	if d := cmp.Diff([]sekisho.Advisory{
		{
			World: "composer", Package: "acme/lantern", ID: "acme/lantern/CVE-2029-0001", Aliases: []string{"CVE-2029-0001"},
			Status: "fixed", Published: "2029-05-06",
			Ranges: []sekisho.Range{{LastAffected: "1.9.0"}, {Introduced: "3.0.0", Fixed: "3.1.15-p2"}},
		},
		{
			World: "composer", Package: "acme/lantern", ID: "acme/lantern/2029-01-01", Status: "affected", Published: "2029-01-01",
			Ranges: []sekisho.Range{{LastAffected: "1.0"}},
		},
	}, s.Rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2029-05-06", "2029-01-01"}, s.Dates); d != "" || len(s.Problems) > 0 {
		t.Error(d, s.Problems)
	}
	for _, bad := range []string{
		"", "- a", "a: [", "reference: composer://acme", "reference: pear://acme/lantern", "reference: composer://acme/lantern",
		strings.Replace(lantern, "'<=1.9.0'", "'^1.9.0'", 1), strings.Replace(lantern, "'<=1.9.0'", "", 1),
		strings.Replace(lantern, "['<=1.9.0']", "{a: b}", 1), lantern + "#" + strings.Repeat("x", 1<<20),
	} {
		s := extracttest.ParseFeed(t, Feeds(), "friendsofphp", "a/b/c.yaml", bad)
		if len(s.Problems) != 1 || len(s.Rows) > 0 {
			t.Errorf("%.300q: %v %v", bad, s.Problems, s.Rows)
		}
	}
}

// TestRealFriendsOfPHP compares the rows with a second reading of the same
// files by lines: their ids, and the versions that are bounds.
func TestRealFriendsOfPHP(t *testing.T) {
	s, files := extracttest.RealFeed(t, Feeds(), "friendsofphp")
	if len(s.Problems) > 0 {
		t.Error(s.Problems)
	}
	bounds := map[string][]string{}
	cves := map[string]string{}
	for p, text := range files {
		id, ok := strings.CutSuffix(strings.TrimPrefix(p, "friendsofphp/"), ".yaml")
		if !ok {
			continue
		}
		id = strings.ToLower(regexp.MustCompile(`composer://(\S+?)['"]?\s`).FindStringSubmatch(text + "\n")[1]) + id[strings.LastIndexByte(id, '/'):]
		bounds[id] = nil
		for _, m := range regexp.MustCompile(`['"]?[<>]=?([0-9][^'",\]\s]*)`).FindAllStringSubmatch(text, -1) {
			bounds[id] = append(bounds[id], m[1])
		}
		if m := regexp.MustCompile(`(?m)^cve: *['"]?(CVE-[0-9-]+)`).FindStringSubmatch(text); m != nil {
			cves[id] = m[1]
		}
	}
	if len(bounds) < 1500 || len(s.Rows) != len(bounds) {
		t.Errorf("%d rows of %d files", len(s.Rows), len(bounds))
	}
	for _, a := range s.Rows {
		known, ok := bounds[a.ID]
		if !ok {
			t.Errorf("%s is in no file", a.ID)
		}
		if d := cmp.Diff(cves[a.ID], strings.Join(a.Aliases, " ")); d != "" {
			t.Errorf("%s: %s", a.ID, d)
		}
		for _, r := range a.Ranges {
			for _, v := range []string{strings.TrimSuffix(r.Introduced, ".0.1"), r.Fixed, r.LastAffected} {
				if v != "" && !slices.Contains(known, v) && !slices.Contains(known, r.Introduced) {
					t.Errorf("%s: the bound %s is not in %v", a.ID, v, known)
				}
			}
		}
		// A last bound in the file closes the last range.
		if last := a.Ranges[len(a.Ranges)-1]; last.Fixed == "" && last.LastAffected == "" {
			t.Errorf("%s: %s has no end", a.ID, extracttest.Intervals(&a))
		}
	}
}

func FuzzFriendsOfPHP(f *testing.F) {
	extracttest.FuzzFeed(f, Feeds(), "friendsofphp", "a/b/c.yaml", lantern)
}
