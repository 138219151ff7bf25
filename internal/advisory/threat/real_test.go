// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The expectations here come from a second reading of the same files that
// knows lines and patterns only: no CSV, JSON or YAML.

func TestRealKEV(t *testing.T) {
	r, files := parseReal(t, "kev")
	var want []string
	known := 0
	for p, data := range files {
		switch path.Base(p) {
		case "known_exploited_vulnerabilities.json":
			known += bytes.Count(data, []byte(`"knownRansomwareCampaignUse": "Known"`))
			for _, m := range regexp.MustCompile(`"cveID": "(.*?)"`).FindAllSubmatch(data, -1) {
				want = append(want, string(m[1]))
			}
		case "known_exploited_vulnerabilities.csv":
			known += bytes.Count(data, []byte(",Known,"))
			for _, m := range regexp.MustCompile(`(?m)^(CVE-[0-9-]+),`).FindAllSubmatch(data, -1) {
				want = append(want, string(m[1]))
			}
		}
	}
	got := r.ids()
	slices.Sort(got)
	slices.Sort(want)
	if d := cmp.Diff(want, got); d != "" || len(want) < 2000 {
		t.Errorf("%d flaws, want %d\n%s", len(got), len(want), d)
	}
	for _, c := range r.flaws {
		if c.KEV.Ransomware {
			known--
		}
		if c.KEV.Added < "2021-11-03" || c.KEV.Due < "2020-01-01" {
			t.Errorf("%s: %+v", c.ID, c.KEV)
		}
	}
	if known != 0 {
		t.Errorf("the number of flaws used for ransom differs by %d", known)
	}
}

func TestRealEPSS(t *testing.T) {
	r, files := parseReal(t, "epss")
	want := map[string]bool{}
	for p, data := range files {
		if name := path.Base(p); name == "epss_scores-partial.csv" || name == "epss_kev_nvd.csv" {
			for _, m := range regexp.MustCompile(`(?m)^(CVE-[0-9]{4}-[0-9]+),[0-9.]+,[0-9.]+`).FindAllSubmatch(data, -1) {
				want[string(m[1])] = true
			}
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(want)), r.ids()); d != "" || len(want) < 4000 {
		t.Errorf("%d flaws\n%s", len(want), d)
	}
	if !slices.Equal(r.dates, []string{"2026-08-22"}) {
		t.Errorf("dates are %v", r.dates)
	}
	for _, c := range r.flaws {
		if c.ID == "CVE-2002-0367" && (c.EPSS.Score != 0.04919 || c.EPSS.Percentile != 0.91446 || c.EPSS.Date != "2026-08-22") {
			t.Errorf("%s: %+v", c.ID, c.EPSS)
		}
	}
}

func TestRealMetasploit(t *testing.T) {
	r, files := parseReal(t, "metasploit")
	want := map[string]bool{}
	reference := regexp.MustCompile(`^ +"(CVE-\d+-\d+)",?$`)
	for _, data := range files {
		// A module begins with its key, which begins with its type.
		inExploit := false
		for line := range strings.Lines(string(data)) {
			line = strings.TrimRight(line, "\r\n")
			if strings.HasPrefix(line, ` "`) && !strings.HasPrefix(line, "  ") && strings.HasSuffix(line, "{") {
				inExploit = strings.HasPrefix(line, ` "exploit_`)
			}
			if m := reference.FindStringSubmatch(line); m != nil && inExploit {
				want[m[1]] = true
			}
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(want)), r.ids()); d != "" || len(want) < 1000 {
		t.Errorf("%d flaws\n%s", len(want), d)
	}
}

func TestRealNuclei(t *testing.T) {
	r, files := parseReal(t, "nuclei-cves")
	want := map[string]bool{}
	for _, data := range files {
		for _, m := range regexp.MustCompile(`(?m)^\{"ID":"(.*?)"`).FindAllSubmatch(data, -1) {
			want[string(m[1])] = true
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(want)), r.ids()); d != "" || len(want) < 1600 {
		t.Errorf("%d flaws\n%s", len(want), d)
	}
}

func TestRealPOC(t *testing.T) {
	r, files := parseReal(t, "trickest-poc")
	want := map[string]bool{}
	for p, data := range files {
		if path.Base(p) != "cve_poc.csv" {
			continue
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Split(strings.TrimSpace(line), ",")
			if !strings.HasPrefix(f[0], "CVE-") {
				continue
			}
			number := strings.ReplaceAll(f[0], "-", "[-_]")
			if f[2] != "0" || regexp.MustCompile(`(?i)`+number+`([^0-9]|$)`).MatchString(f[3]) {
				want[f[0]] = true
			}
		}
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(want)), r.ids()); d != "" || len(want) < 20000 {
		t.Errorf("%d flaws\n%s", len(want), d)
	}
}

func TestRealCVSS(t *testing.T) {
	r, files := parseReal(t, "cvss-ssvc")
	vectors, exploited := 0, map[string]int{}
	for p, data := range files {
		vectors += bytes.Count(data, []byte(",CVSS:"))
		if strings.Contains(p, "ssvc") {
			exploited["ssvc-poc"] = len(regexp.MustCompile(`(?mi)^CVE-[0-9-]+,poc,`).FindAll(data, -1))
			exploited["ssvc-active"] = len(regexp.MustCompile(`(?mi)^CVE-[0-9-]+,active,`).FindAll(data, -1))
		}
	}
	got, gotExploited := 0, map[string]int{}
	for _, c := range r.flaws {
		got += len(c.CVSS)
		for _, e := range c.Exploits {
			gotExploited[e]++
		}
	}
	if got != vectors || vectors < 100_000 {
		t.Errorf("%d vectors, want %d", got, vectors)
	}
	if d := cmp.Diff(exploited, gotExploited); d != "" {
		t.Error(d)
	}
}

func TestRealEndOfLife(t *testing.T) {
	r, files := parseReal(t, "eol")
	type key struct{ product, cycle string }
	cycleLine := regexp.MustCompile(`^ *- +releaseCycle: *["']?([^"'#\n]*?)["']? *(?:#.*)?$`)
	eolLine := regexp.MustCompile(`^ *(?:- )? *eol: *(\S+)`)
	want, ended := map[key]string{}, 0
	for p, data := range files {
		dir, name := path.Split(p)
		if strings.HasSuffix(dir, "/products/") {
			product, cycle := strings.TrimSuffix(name, ".md"), ""
			for line := range strings.Lines(string(data)) {
				if m := cycleLine.FindStringSubmatch(strings.TrimRight(line, "\r\n")); m != nil {
					cycle = m[1]
				}
				if m := eolLine.FindStringSubmatch(line); m != nil && cycle != "" {
					want[key{product, cycle}] = m[1]
				}
			}
		}
	}
	for p, data := range files {
		product := strings.TrimSuffix(path.Base(p), ".csv")
		if !strings.HasSuffix(p, ".csv") {
			continue
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Split(strings.TrimSpace(line), ",")
			if f[0] == "" || f[0] == "version" {
				continue
			}
			v := key{product, strings.Fields(f[0])[0]}
			if want[v] = "false"; len(f) > 5 {
				want[v] = f[5]
			}
		}
	}
	got := map[key]string{}
	for _, a := range r.rows {
		end := a.Modified
		switch {
		case a.Urgency == "ended":
			end = "true"
			ended++
		case end == "":
			end = "false"
		}
		got[key{a.Package, a.ID}] = end
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 7000 || ended < 400 {
		t.Errorf("%d cycles, %d of them ended\n%s", len(want), ended, d)
	}
}
