// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const kevSample = `{"catalogVersion":"2030.01.02","dateReleased":"2030-01-02T03:04:05.6Z","count":3,"vulnerabilities":[
{"cveID":"CVE-2029-0001","dateAdded":"2029-05-06","dueDate":"2029-05-27","knownRansomwareCampaignUse":"Known","cwes":["CWE-79","x"]},
{"cveID":"CVE-2029-0002","dateAdded":"2029-05-07","dueDate":"","knownRansomwareCampaignUse":"Unknown"},
{"cveID":"oops","dateAdded":"2029-05-07"},
{"cveID":"CVE-2029-0003","dateAdded":"soon"},
{"cveID":7}]}`

const kevTable = `cveID,vendorProject,dateAdded,dueDate,knownRansomwareCampaignUse,notes,cwes
CVE-2029-0001,"A, B",2029-05-06,2029-05-27,known,"a
b","CWE-79, CWE-80"
CVE-2029-0002,A,2029-05-07
CVE-X,A,2029-05-09`

func TestKEV(t *testing.T) {
	want := []sekisho.CVE{
		{ID: "CVE-2029-0001", CWEs: []string{"CWE-79"}, KEV: &sekisho.KEV{Added: "2029-05-06", Due: "2029-05-27", Ransomware: true}},
		{ID: "CVE-2029-0002", KEV: &sekisho.KEV{Added: "2029-05-07"}},
	}
	r := parse(t, "kev", "kev/a.json", kevSample, "kev/b_schema.json", "{}")
	if d := cmp.Diff(want, r.flaws); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`kev/a.json: entry 2: "oops": not a CVE id`,
		`kev/a.json: entry 3: CVE-2029-0003 was added on "soon": not a date`,
		`kev/a.json: entry 4: json: cannot unmarshal number into Go struct field kevEntry.cveID of type string`,
	}, r.problems); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2030-01-02"}, r.dates); d != "" {
		t.Error(d)
	}

	r = parse(t, "kev", "b.csv", kevTable)
	want[0].CWEs = []string{"CWE-79", "CWE-80"}
	if d := cmp.Diff(want, r.flaws); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{`b.csv: line 5: "CVE-X": not a CVE id`}, r.problems); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2029-05-07"}, r.dates); d != "" {
		t.Error(d)
	}
	for cut := range len(kevSample) - 1 {
		if r := parse(t, "kev", "a.json", kevSample[:cut]); len(r.flaws) > 0 || len(r.problems) != 1 {
			t.Fatalf("cut at %d: %v %v", cut, r.flaws, r.problems)
		}
	}
}

const epssSample = `#model_version:v2030.01.01,score_date:2030-02-01T00:00:00+0000
cve,epss,percentile
CVE-2029-0001,0.25,0.5
CVE-2029-0002,1,1
CVE-2029-0003,1.5,1
CVE-2029-0004,0.5,NaN
nothing,0.5,0.5
`

func TestEPSS(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte("#model_version:v1,score_date:2030-03-01T00:00:00+0000\ncve,epss,percentile\nCVE-2029-0001,0.75,0.9\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	want := []sekisho.CVE{
		{ID: "CVE-2029-0001", EPSS: &sekisho.EPSS{Score: 0.75, Percentile: 0.9, Date: "2030-03-01"}},
		{ID: "CVE-2029-0002", EPSS: &sekisho.EPSS{Score: 1, Percentile: 1, Date: "2029-12-31"}},
		{ID: "CVE-2029-0009", EPSS: &sekisho.EPSS{Score: 0.125, Percentile: 0.5}},
	}
	files := []string{
		"a/epss_scores-a.csv.gz", packed.String(),
		"a/epss_scores-b.csv", epssSample,
		"a/epss_scores-old.csv", "cve,epss\nCVE-2029-0001,0.1\nCVE-2029-0008,0.1\n",
		"a/epss_kev_nvd.csv", "CVE,CVSS3,EPSS,EPSS Percentile,Description\nCVE-2029-0001,9.8,0.1,0.1,x\nCVE-2029-0009,9.8,0.125,0.5,\"a, b\"\n",
		"a/provenance.csv", "cve,score_date,source\nCVE-2029-0002,2029-12-31,x\nCVE-2029-0001,2031-01-01,x\n",
	}
	problems := []string{
		`a/epss_scores-b.csv: line 4: CVE-2029-0003 has the score "1.5": not a number from 0 to 1`,
		`a/epss_scores-b.csv: line 5: CVE-2029-0004 has the percentile "NaN": not a number from 0 to 1`,
		`a/epss_scores-b.csv: line 6: "nothing": not a CVE id`,
	}
	r := parse(t, "epss", files...)
	if d := cmp.Diff(want, r.flaws); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(problems, r.problems); d != "" {
		t.Error(d)
	}
	// The order of the files is nothing to the outcome.
	var reversed []string
	for i := len(files) - 2; i >= 0; i -= 2 {
		reversed = append(reversed, files[i], files[i+1])
	}
	if d := cmp.Diff(want, parse(t, "epss", reversed...).flaws); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"2030-03-01", "2030-02-01"}, r.dates); d != "" {
		t.Error(d)
	}
	// Cut in the middle, a compressed file is a problem.
	if r := parse(t, "epss", "a.csv.gz", packed.String()[:packed.Len()-9]); len(r.problems) != 1 {
		t.Errorf("problems are %v", r.problems)
	}
}

func TestUnpackedBound(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	line := []byte(strings.Repeat("CVE-2029-0001,0.5,0.5\n", 1<<12))
	if _, err := z.Write([]byte("cve,epss,percentile\n")); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < 1<<20; n += len(line) {
		if _, err := z.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	var rec recorder
	s := scores{best: map[string]sekisho.EPSS{}, when: map[string]string{}}
	s.read(&cappedReader{r: r, left: 1 << 19}, &rec, func(err error) { rec.Problem("a", err) })
	if len(rec.problems) != 1 || !strings.Contains(rec.problems[0], errTooLarge.Error()) {
		t.Errorf("problems are %v", rec.problems)
	}
}

const modules = `{
"exploit_b":{"type":"exploit","mod_time":"2029-01-02 03:04:05 +0000","references":["CVE-2029-0002","URL-https://example.com/CVE-2029-0009","CVE-2029-0001"]},
"exploit_a":{"type":"exploit","references":["CVE-2029-0001","CVE-bad"]},
"exploit_none":{"type":"exploit","references":null},
"auxiliary_a":{"type":"auxiliary","mod_time":"2029-02-02 03:04:05 +0000","references":["CVE-2029-0007"]},
"post_a":{"type":"post","references":["CVE-2029-0008"]},
"odd":7}`

const templates = `{"ID":"CVE-2029-0002","Info":{"Severity":"low"}}
{"ID":"cve-2029-0001"}
{"ID":"CVE-2029-0002"}
{"ID":"tech-detect"}
{"ID":5}
{"ID":"CVE-2029-0003"}
`

const pocTable = `cve,github_pocs,exploit_refs,github_urls,ref_urls
CVE-2029-0001,2,0,https://example.com/a/list https://example.com/a/poc-cve_2029_0001,
CVE-2029-0002,2,0,https://example.com/a/list https://example.com/a/CVE-2029-00021,
CVE-2029-0003,0,1,,https://example.com/files/1
CVE-2029-0004,0,x,,
CVE,0,1,,
`

func TestExploits(t *testing.T) {
	for _, c := range []struct {
		feed, path, text, index string
		ids, problems, dates    []string
	}{
		{
			"metasploit", "db/m.json", modules, "metasploit",
			[]string{"CVE-2029-0001", "CVE-2029-0002"},
			[]string{
				`db/m.json: module "exploit_a": "CVE-bad": not a CVE id`,
				`db/m.json: module "odd": json: cannot unmarshal number into Go value of type struct { Type string "json:\"type\""; References []string "json:\"references\""; Modified string "json:\"mod_time\"" }`,
			},
			[]string{"2029-02-02"},
		},
		{
			"nuclei-cves", "cves.json", templates, "nuclei",
			[]string{"CVE-2029-0001", "CVE-2029-0002", "CVE-2029-0003"},
			[]string{`cves.json: template "tech-detect": not a CVE id`, `cves.json: json: cannot unmarshal number into Go struct field .ID of type string`},
			nil,
		},
		{
			"trickest-poc", "cve_poc.csv", pocTable, "poc",
			[]string{"CVE-2029-0001", "CVE-2029-0003"},
			[]string{`cve_poc.csv: line 5: CVE-2029-0004: exploit_refs: strconv.Atoi: parsing "x": invalid syntax`, `cve_poc.csv: line 6: "CVE": not a CVE id`},
			nil,
		},
	} {
		t.Run(c.feed, func(t *testing.T) {
			r := parse(t, c.feed, c.path, c.text)
			if d := cmp.Diff(c.ids, r.ids()); d != "" {
				t.Error(d)
			}
			for _, f := range r.flaws {
				if d := cmp.Diff([]string{c.index}, f.Exploits); d != "" {
					t.Error(d)
				}
			}
			if d := cmp.Diff(c.problems, r.problems); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.dates, r.dates); d != "" {
				t.Error(d)
			}
		})
	}
}

const vectors = `cve,source,vector,score
CVE-2029-0001,nvd,CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H,9.8
CVE-2029-0002,nvd,AV:N,9.8
x,nvd,CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H,9.8
`

const decisions = `cve,exploitation,automatable,technical_impact,cvss3_vector,cvss3_score,cvss3_severity,cvss_source,cvss4_vector,cwe
CVE-2029-0001,Active,yes,total,CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H,8.4,HIGH,cna,CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N,CWE-1 CWE-2
CVE-2029-0002,poc,,,,,,,,
CVE-2029-0003,none,,,,,,,,
CVE-2029-0004,maybe,,,junk,,,adp,,CWE-3
`

func TestCVSS(t *testing.T) {
	r := parse(t, "cvss-ssvc", "a.csv", vectors, "b.csv", decisions)
	if d := cmp.Diff([]sekisho.CVE{
		{ID: "CVE-2029-0001", CVSS: []sekisho.CVSS{{Source: "nvd", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}},
		{ID: "CVE-2029-0001", Exploits: []string{"ssvc-active"}, CWEs: []string{"CWE-1", "CWE-2"}, CVSS: []sekisho.CVSS{
			{Source: "vulnrichment-cna", Vector: "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
			{Source: "vulnrichment-cna", Vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
		}},
		{ID: "CVE-2029-0002", Exploits: []string{"ssvc-poc"}},
		{ID: "CVE-2029-0004", CWEs: []string{"CWE-3"}},
	}, r.flaws); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{
		`a.csv: line 3: CVE-2029-0002: "AV:N": not a CVSS vector`,
		`a.csv: line 4: "x": not a CVE id`,
		"b.csv: line 5: CVE-2029-0004: exploitation \"maybe\": not a decision of SSVC\nCVE-2029-0004: \"junk\": not a CVSS vector",
	}, r.problems); d != "" {
		t.Error(d)
	}
}

const gadget = `---
title: Gadget
releases:
  - releaseCycle: "2"
    releaseDate: 2029-01-01
    eol: false # for now
    latest: "2.4"
    latestReleaseDate: 2029-06-01
  - releaseCycle: 1.10
    releaseDate: 2028-01-01
    eol: 2030-01-01
  - releaseCycle: "0"
    eol: true
  - releaseCycle: "0"
    eol: true
  - releaseCycle: "x"
    eol: someday
  - eol: 2030-01-01
---
> prose
`

const debianTable = `version,codename,series,created,release,eol,eol-lts
7 LTS,Toy,toy,2025-01-01,2027-01-01,2031-02-03,2033-01-01
8,Toy,toy,2027-01-01,2029-01-01
,Sid,sid,1993-08-16
6,Toy,toy,2023-01-01,2025-01-01,never
`

func TestEndOfLife(t *testing.T) {
	row := func(product, cycle, released, end, urgency string) sekisho.Advisory {
		return sekisho.Advisory{
			World: "eol", Package: product, ID: cycle, Status: sekisho.StatusEndOfLife,
			Informational: "end-of-life", Urgency: urgency, Published: released, Modified: end,
		}
	}
	page := "---\r\nreleases:\r\n- releaseCycle: '7'\r\n  eol: 2030-12-31\r\n- releaseCycle: '5'\r\n  eol: 2026-12-31\r\n---\r\n"
	for _, files := range [][]string{
		{"e/products/gadget.md", gadget, "e/products/debian.md", page, "d/debian.csv", debianTable},
		{"d/debian.csv", debianTable, "e/products/debian.md", page, "e/products/gadget.md", gadget},
	} {
		r := parse(t, "eol", append(files, "README.md", "# x", "LICENSE", "x")...)
		if d := cmp.Diff([]sekisho.Advisory{
			row("debian", "5", "", "2026-12-31", ""),
			row("debian", "7", "2027-01-01", "2031-02-03", ""),
			row("debian", "8", "2029-01-01", "", ""),
			row("gadget", "0", "", "", "ended"),
			row("gadget", "1.10", "2028-01-01", "2030-01-01", ""),
			row("gadget", "2", "2029-01-01", "", ""),
		}, r.rows); d != "" {
			t.Error(d)
		}
		if len(r.problems) != 4 {
			t.Errorf("problems are %q", r.problems)
		}
		if d := cmp.Diff([]string{"2029-06-01"}, r.dates); d != "" {
			t.Error(d)
		}
	}
}
