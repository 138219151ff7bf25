// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

var update = flag.Bool("update", false, "write the golden files")

// fixtures are reports in the tools' real formats, and what they are told apart as.
var fixtures = map[string]Format{
	"trivy.json": Trivy, "grype.json": Grype, "snyk.json": Snyk, "inspector.json": Inspector, "event.json": Inspector, "asff.json": ASFF,
	"cluster.json": Trivy, "ecr-basic.json": Inspector, "pages.json": Inspector, "vdr.cdx.json": CycloneDX, "tools.sarif": SARIF,
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGolden(t *testing.T) {
	for name, want := range fixtures {
		t.Run(name, func(t *testing.T) {
			text := fixture(t, name)
			format, err := Detect(asList(text))
			if err != nil || format != want {
				t.Fatalf("told as %q, %v", format, err)
			}
			r, err := Read("file.json", text)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(r, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if d := cmp.Diff(string(fixture(t, name+".golden")), string(got)); d != "" {
				t.Errorf("-want +got (go test ./internal/witness -update):\n%s", d)
			}
			for _, f := range r.Findings {
				if len(f.Witnesses) != 1 || len(f.Evidence) != 1 || f.Evidence[0].Source != f.Witnesses[0].Tool || f.Rule == "" {
					t.Errorf("%s: witnesses %+v, evidence %+v", f.Rule, f.Witnesses, f.Evidence)
				}
			}
		})
	}
}

// What the readers must not get wrong, in words.
func TestFacts(t *testing.T) {
	find := func(name, id string) *sekisho.Finding {
		t.Helper()
		r, err := Read(name, fixture(t, name))
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Rule == id || f.Witnesses[0].ID == id {
				return f
			}
		}
		t.Fatalf("%s: no finding %s", name, id)
		return nil
	}
	if f := find("trivy.json", "CVE-2023-45853"); f.Package.Version != "1:1.2.13.dfsg-1" || f.Status != sekisho.StatusWillNotFix || f.Severity != sekisho.SeverityCritical || f.Package.Ecosystem != "deb" {
		t.Errorf("epoch and status of Trivy: %+v %s", f.Package, f.Status)
	}
	if f := find("trivy.json", "CVE-2020-28500"); f.Witnesses[0].Status != sekisho.StatusNotAffected || f.Witnesses[0].Suppressed != "vulnerable_code_not_in_execute_path" {
		t.Errorf("a VEX statement that Trivy applied: %+v", f.Witnesses[0])
	}
	if f := find("trivy.json", "CVE-2024-6119"); len(f.Aliases) != 0 {
		t.Errorf("a distribution's advisory is no name of the flaw: %v", f.Aliases)
	}
	if f := find("grype.json", "GHSA-35jh-r3h4-6jhm"); f.Rule != "CVE-2021-23337" || f.Location.Path != "srv/node_modules/lodash/package.json" {
		t.Errorf("the id that a person would search: %s at %s", f.Rule, f.Location.Path)
	}
	if f := find("grype.json", "CVE-2018-10126"); f.Witnesses[0].By != "cpe" {
		t.Errorf("how Grype matched: %+v", f.Witnesses[0])
	}
	if f := find("grype.json", "CVE-2021-44228"); f.KEV == nil || !f.KEV.Ransomware {
		t.Errorf("KEV of Grype: %+v", f.KEV)
	}
	if f := find("grype.json", "CVE-2023-45853"); f.Witnesses[0].Suppressed != "minizip is not built" {
		t.Errorf("an ignored match: %+v", f.Witnesses[0])
	}
	if f := find("snyk.json", "SNYK-DEBIAN12-OPENSSL-7886637"); f.Package.Name != "libssl3" || f.Package.Ecosystem != "deb" || f.Rule != "CVE-2024-6119" {
		t.Errorf("Snyk's names of system packages: %+v", f.Package)
	}
	if f := find("snyk.json", "WTFPL"); f.Kind != sekisho.License {
		t.Errorf("a licence of Snyk: %s", f.Kind)
	}
	if f := find("inspector.json", "CVE-2024-6119"); f.Package.Version != "3.0.11-1~deb12u1" || f.Fixed != "0:3.0.14-1~deb12u2" {
		t.Errorf("Inspector's version in parts: %+v %s", f.Package, f.Fixed)
	}
	if f := find("event.json", "CVE-2024-6119"); f.Fixed != "" {
		t.Errorf("NotAvailable is no version: %s", f.Fixed)
	}
	if f := find("vdr.cdx.json", "CVE-2024-6119"); f.Severity != sekisho.SeverityLow || f.Witnesses[0].Status != sekisho.StatusNotAffected {
		t.Errorf("the rating of the source that was matched: %s %+v", f.Severity, f.Witnesses[0])
	}
	if f := find("vdr.cdx.json", "CVE-2021-44228"); f.Fixed != "2.17.1" || f.Package.Name != "org.apache.logging.log4j:log4j-core" {
		t.Errorf("a component within another: %+v %s", f.Package, f.Fixed)
	}
	if f := find("tools.sarif", "CVE-2024-6119"); f.Package == nil || f.Package.Name != "libssl3" || f.Package.Ecosystem != "deb" {
		t.Errorf("the package in Grype's message: %+v", f.Package)
	}
	if f := find("tools.sarif", "CVE-2021-23337"); f.Package == nil || f.Package.Version != "4.17.20" || f.Fixed != "4.17.21" {
		t.Errorf("the package in Trivy's message: %+v", f.Package)
	}
	if f := find("tools.sarif", "aws-access-token"); f.Kind != sekisho.Secret || f.Witnesses[0].Suppressed != "a key of the examples" {
		t.Errorf("a secret of SARIF: %s %+v", f.Kind, f.Witnesses[0])
	}
	if r, err := Read("x", []byte(`{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks"}}, "results": [{"ruleId": "k", "message": {"text": "found hunter2"}, "locations": [{"physicalLocation": {"region": {"startLine": 1, "snippet": {"text": "hunter2"}}}}]}]}]}`)); err != nil || strings.Contains(fmt.Sprintf("%+v", *r), "hunter2") {
		t.Errorf("a secret in clear: %+v, %v", r, err)
	}
	if f := find("tools.sarif", "DL3002"); f.Kind != sekisho.Misconfiguration || f.Location.Path != "Dockerfile" || f.Location.Line != 9 {
		t.Errorf("a rule of SARIF: %s %+v", f.Kind, f.Location)
	}
}

// What a report does not show is not assessed.
func TestSilence(t *testing.T) {
	for name, want := range map[string]string{"trivy.json": "packages vuln misconfig secret license", "grype.json": "vuln", "tools.sarif": "vuln misconfig secret"} {
		r, err := Read(name, fixture(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var ran []string
		for _, s := range r.Coverage.Scanners {
			if s.Ran {
				ran = append(ran, s.Name)
			} else if s.Code != sekisho.ScannerSilent || s.Asked {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if got := strings.Join(ran, " "); got != want {
			t.Errorf("%s: %s ran, want %s", name, got, want)
		}
	}
}

func TestSeveralForms(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(fixture(t, "trivy.json")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := Text(&packed)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Read("x", text); err != nil || len(r.Findings) != 7 {
		t.Errorf("gzip: %v", err)
	}
	// Until CycloneDX 1.4 tools were a list, and Grype's database has moved.
	if r, err := Read("x", []byte(`{"bomFormat": "CycloneDX", "specVersion": "1.4", "metadata": {"tools": [{"vendor": "example", "name": "Watch", "version": "3"}]}, "vulnerabilities": []}`)); err != nil ||
		r.Witnesses[0].Tool != "watch" || r.Witnesses[0].Version != "3" || len(r.Witnesses[0].Kinds) != 1 {
		t.Errorf("CycloneDX 1.4: %+v, %v", r, err)
	}
	if r, err := Read("x", []byte(`{"matches": [], "source": {"type": "directory", "target": "/srv"}, "descriptor": {"name": "grype", "version": "0.70.0", "db": {"built": "2023-10-01T01:02:03Z"}}}`)); err != nil ||
		r.Witnesses[0].Database != "2023-10-01T01:02:03Z" || r.Target.Name != "/srv" {
		t.Errorf("an earlier Grype: %+v, %v", r, err)
	}
	// More tools than anybody has are called others.
	many := `{"Findings": [`
	for i := range maxTools + 50 {
		many += fmt.Sprintf(`{"ProductName": "p%d", "ProductArn": "x", "Vulnerabilities": [{"Id": "CVE-2026-0001"}]},`, i)
	}
	if r, err := Read("x", []byte(strings.TrimSuffix(many, ",")+"]}")); err != nil || len(r.Witnesses) != maxTools+1 || r.Findings[len(r.Findings)-1].Witnesses[0].Tool != "others" {
		t.Errorf("many tools: %v", err)
	}
	one := fixture(t, "snyk.json")
	list := twice(one)
	if r, err := Read("x", list); err != nil || len(r.Findings) != 8 {
		t.Errorf("a list of projects: %v", err)
	}
	if r, err := Read("x", append([]byte("\xef\xbb\xbf"), one...)); err == nil || r != nil {
		t.Error("the mark of the byte order is Text's to take away")
	}
}

func twice(one []byte) []byte {
	return []byte("[" + string(one) + ",\n" + string(one) + "]")
}

func TestWrong(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"empty":    {"", "empty"},
		"prose":    {"hello", "no JSON"},
		"cut off":  {string(fixture(t, "trivy.json")[:900]), "cut off"},
		"other":    {`{"a": 1}`, "no report of sekisho, SARIF"},
		"list":     {`[1]`, "known here"},
		"deep":     {strings.Repeat("[", 300), "deeper"},
		"types":    {`{"SchemaVersion": 2, "Results": [{"Vulnerabilities": 3}]}`, "no report of trivy"},
		"old":      {`{"bomFormat": "CycloneDX", "specVersion": "1.3"}`, "1.4 to 1.7"},
		"no run":   {`{"version": "2.1.0", "runs": []}`, "without a run"},
		"not gzip": {"\x1f\x8b", "no JSON"},
	} {
		r, err := Read("x", []byte(tt.text))
		if err == nil || !strings.Contains(err.Error(), tt.want) || r != nil {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if _, err := Read("x", []byte(`{"schemaVersion": "1.0", "tool": {}, "findings": []}`)); !errors.Is(err, ErrOwn) {
		t.Errorf("our own: %v", err)
	}
	if _, err := Text(strings.NewReader("\x1f\x8b")); err == nil {
		t.Error("damaged gzip was taken")
	}
}

// A cut report gives an error and never a part of the facts.
func TestTruncated(t *testing.T) {
	for name := range fixtures {
		text := bytes.TrimSpace(fixture(t, name))
		for n := 1; n < len(text); n += 97 {
			r, err := Read(name, text[:n])
			if json.Valid(text[:n]) { // one page, which says that more follow
				if err != nil || len(r.Problems) == 0 {
					t.Fatalf("%s: the page of %d bytes is not said to be one of several: %v", name, n, err)
				}
				continue
			}
			if err == nil || r != nil {
				t.Fatalf("%s: the first %d bytes were taken for a report", name, n)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for name := range fixtures {
		f.Add(fixture(f, name))
	}
	f.Add([]byte(`{"version":"2.1.0","runs":[{"results":[{"ruleIndex":-1}]}]}`))
	f.Add([]byte(`{"findings":[{"packageVulnerabilityDetails":{}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Read("x", text)
		if (err == nil) == (r == nil) {
			t.Fatalf("%v %v", r, err)
		}
		if r == nil {
			return
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			if len(f.Evidence) == 0 || len(f.Title) > maxTitle || len(f.Rule) > maxWord {
				t.Fatalf("%+v", f)
			}
		}
	})
}

// Scans that failed say nothing of the target: they are no clean results.
func TestReportsOfFailures(t *testing.T) {
	for text, want := range map[string]string{
		`{"ok": false, "error": "Could not detect supported target files", "path": "/x"}`:                                                                    `snyk says "Could not detect`,
		`[{"ok": true, "vulnerabilities": []}, {"ok": false, "error": "no lock file", "path": "/y"}]`:                                                        `snyk says "no lock file"`,
		`{"imageScanFindings": {"findings": []}, "imageScanStatus": {"status": "FAILED", "description": "UnsupportedImageError"}, "repositoryName": "shop"}`: "not complete (FAILED UnsupportedImageError)",
		`{"findings": []} {"findings": [}`: "it is no JSON",
		`{"findings": []} garbage`:         "it is no JSON",
	} {
		if r, err := Read("x.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %+v", text, err, r)
		}
	}
}
