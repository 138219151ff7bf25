// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var update = flag.Bool("update", false, "write the golden files again")

// hostile is what an image may call its packages.
const hostile = "ev\x1b[31mil</script><img src=x onerror=alert(1)>|`*\n::error::x"

func sample() *sekisho.Result {
	layer := "sha256:" + strings.Repeat("a", 64)
	intro := &sekisho.Introduction{Layer: layer, Index: 0, Instruction: "RUN apt-get install -y curl"}
	pkg := func(eco, name, version, purl string) sekisho.Package {
		return sekisho.Package{
			Ecosystem: eco, Name: name, Version: version, PURL: purl, Layer: layer, Path: "var/lib/dpkg/status", Line: 7,
			Locations: []sekisho.Location{{Layer: layer, Path: "var/lib/dpkg/status", Line: 7}}, Introduced: intro, Licenses: []string{"MIT"}, LicenseExpression: "MIT",
		}
	}
	curl := pkg("deb", "curl", "7.88.1-10", "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12")
	owned := pkg("pypi", "yaml", "6.0", "pkg:pypi/yaml@6.0")
	owned.OwnedBy = "pkg:deb/debian/python3-yaml@6.0-3"
	hidden := pkg("npm", "@s/left", "1.0.0", "pkg:npm/%40s/left@1.0.0")
	hidden.Hidden, hidden.Checksums = true, []string{"sha1:" + strings.Repeat("b", 40)}
	evil := pkg("npm", hostile, "1", "pkg:npm/evil@1")
	ref := func(p sekisho.Package) *sekisho.PackageRef {
		return &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Version: p.Version, Ecosystem: p.Ecosystem}
	}
	ev := []sekisho.Evidence{{Source: "test", Text: "because"}}
	r := &sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Tool: sekisho.Tool{Name: "sekisho", Version: "1.2.3"}, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Target:   sekisho.Target{Kind: sekisho.KindImage, Name: "example.com/app:1", Source: "registry", Digest: "sha256:" + strings.Repeat("c", 64), Platform: &sekisho.Platform{OS: "linux", Architecture: "amd64"}},
		OS:       &sekisho.OS{ID: "debian", Version: "12.5", Family: "debian", PrettyName: "Debian 12", EOL: "2026-07-11", EOLExtended: "2028-06-30"},
		Image:    &sekisho.ImageConfig{User: "root", Labels: map[string]string{"a": "b"}, Env: []string{"SECRET=x"}},
		Layers:   []sekisho.Layer{{Digest: layer, DiffID: layer, Instruction: "RUN apt-get install -y curl"}, {DiffID: layer, Instruction: "COPY . ."}},
		Database: &sekisho.Database{Date: "2026-01-01", Kind: "test", Sources: []sekisho.DatabaseSource{{Name: "debian", Date: "2026-01-01"}}},
		Packages: []sekisho.Package{curl, hidden, evil, owned},
		Findings: []sekisho.Finding{
			{ID: "f1", Kind: sekisho.Vulnerability, Rule: "CVE-2026-0001", Aliases: []string{"GHSA-xxxx-xxxx-xxxx"}, Severity: sekisho.SeverityCritical, Title: "heap overflow", Package: ref(curl), Fixed: "7.88.1-11", Introduced: intro, CVSS: []sekisho.CVSS{{Vector: "CVSS:3.1/AV:N", Score: 9.8}}, Evidence: ev},
			{ID: "f2", Kind: sekisho.Vulnerability, Rule: "CVE-2026-0002", Severity: sekisho.SeverityLow, Title: hostile, Package: ref(evil), Status: "affected", Evidence: ev},
			{ID: "f3", Kind: sekisho.Misconfiguration, Rule: "runs-as-root", Severity: sekisho.SeverityHigh, Title: "runs as root", Location: sekisho.Location{Path: "Dockerfile", Line: 3}, Fix: "add USER 1000", Evidence: ev, Suggestion: &sekisho.Suggestion{Line: 3, Before: []string{"USER root  # <b>"}, After: []string{"USER 1000  # <b>"}, Unsafe: true}},
			{ID: "f4", Kind: sekisho.Secret, Rule: "aws-key", Severity: sekisho.SeverityHigh, Title: "a key", Location: sekisho.Location{Path: "app/%odd name.env", Line: 1}, Evidence: ev},
			{ID: "f5", Kind: sekisho.License, Rule: "agpl", Severity: sekisho.SeverityMedium, Title: "AGPL", Package: ref(curl), Evidence: ev, Suppressed: &sekisho.Suppression{By: "team", Reason: "agreed"}},
			{ID: "f6", Kind: sekisho.Malware, Rule: "miner", Severity: sekisho.SeverityNegligible, Title: "a miner", Location: sekisho.Location{Path: "tmp/x"}, Evidence: ev},
		},
		Problems: []sekisho.Problem{{Stage: "extract", Path: "a/b.jar", Error: "it was cut off"}, {Stage: "walk", Layer: layer, Error: "minor", Minor: true}},
		Coverage: sekisho.Coverage{
			Scanners: []sekisho.ScannerCoverage{{Name: "packages", Asked: true, Ran: true}, {Name: "malware", Asked: true, Why: "not part of this version"}},
			OS:       "supported", Ecosystems: []sekisho.EcosystemCoverage{{Ecosystem: "deb", Packages: 1}, {Ecosystem: "npm", Packages: 1, Hidden: 1}}, Layers: 2, Files: 10, Bytes: 5 << 20, FilesRead: 3, UnownedBinaries: 1, Unowned: []string{"usr/bin/x"}, Problems: 2,
		},
		Verdict: sekisho.Verdict{Decision: sekisho.Deny, Reasons: []string{"1 critical, and high or worse is denied"}},
	}
	other := sekisho.Result{
		Target:   sekisho.Target{Kind: sekisho.KindImage, Name: "example.com/app:1", Platform: &sekisho.Platform{OS: "linux", Architecture: "arm64"}},
		Packages: []sekisho.Package{curl}, Findings: []sekisho.Finding{}, Problems: []sekisho.Problem{}, Coverage: sekisho.Coverage{Complete: true, OS: "none", Scanners: []sekisho.ScannerCoverage{}, Ecosystems: []sekisho.EcosystemCoverage{}},
	}
	r.Platforms = []sekisho.Result{other}
	r.Differences = []sekisho.PlatformDifference{{Ecosystem: "npm", Name: "left", Versions: map[string]string{"linux/amd64": "1", "linux/arm64": ""}}}
	return r
}

func empty() *sekisho.Result {
	return &sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Target: sekisho.Target{Kind: sekisho.KindRepository, Name: "."}, Packages: []sekisho.Package{},
		Findings: []sekisho.Finding{}, Problems: []sekisho.Problem{}, Coverage: sekisho.Coverage{Complete: true, OS: "none", Ecosystems: []sekisho.EcosystemCoverage{}, Scanners: []sekisho.ScannerCoverage{}}, Verdict: sekisho.Verdict{Decision: sekisho.Allow},
	}
}

func render(t testing.TB, format string, r *sekisho.Result, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if format == "template" && o.Template == "" {
		o.Template = `{{range .Packages}}{{clean .Name}} {{end}}`
	}
	if err := Write(&b, format, r, o); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

// Every format over a rich and an empty result: the same bytes twice, and those
// of the golden file.
func TestGolden(t *testing.T) {
	for _, format := range Formats() {
		for name, r := range map[string]*sekisho.Result{"sample": sample(), "empty": empty(), "judged": judgedImage()} {
			got := render(t, format, r, Options{})
			if again := render(t, format, r, Options{}); again != got {
				t.Errorf("%s of %s differs from itself", format, name)
			}
			if format == "table" && strings.Contains(got, " \n") {
				t.Errorf("%s: a line of the table ends in a space", name)
			}
			if format == "html" {
				got = withoutAssets(t, got)
			}
			file := filepath.Join("testdata", name+"."+format)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s of %s: %s", format, name, d)
			}
		}
	}
	for _, format := range []string{"table", "html", "markdown"} {
		if ja := render(t, format, sample(), Options{Lang: message.Ja}); !strings.Contains(ja, "脆弱性データベース") || strings.Contains(ja, "%!") {
			t.Errorf("%s is not Japanese", format)
		}
	}
	if err := Write(&bytes.Buffer{}, "nonsense", empty(), Options{}); err == nil || !strings.Contains(err.Error(), "table, json") {
		t.Errorf("an unknown format: %v", err)
	}
}

// withoutAssets is a page with the names of its style and script in their place:
// every page has them whole, once and to the letter, and no golden file repeats
// them.
func withoutAssets(t *testing.T, page string) string {
	t.Helper()
	for _, a := range []struct{ name, before, text, after string }{{"page.css", "<style>", pageCSS, "</style>"}, {"page.js", "<script>", pageJS, "</script>"}} {
		if n := strings.Count(page, a.before+a.text+a.after); n != 1 || len(a.text) < 1000 {
			t.Fatalf("the page has %s %d times, of %d bytes", a.name, n, len(a.text))
		}
		page = strings.Replace(page, a.text, a.name, 1)
	}
	return page
}

func TestHostileTextIsHarmless(t *testing.T) {
	all := sample()
	for i := range all.Findings {
		all.Findings[i].Location.Path = hostile + "\u202e\x9b"
	}
	all.Problems = append(all.Problems, sekisho.Problem{Stage: "extract", Path: hostile, Error: hostile})
	for _, format := range []string{"table", "markdown", "github", "template", "junit", "html"} {
		if s := render(t, format, all, Options{Packages: true}); strings.ContainsAny(s, "\x1b\u009b\u202e") || strings.Contains(s, "\n::error::x") {
			t.Errorf("%s lets escape sequences or commands of a path through", format)
		}
	}
	for _, format := range []string{"table", "markdown", "github", "purls", "template", "junit", "html"} {
		s := render(t, format, sample(), Options{Packages: true})
		if strings.Contains(s, "\x1b") || strings.Contains(s, "\n::error::x") {
			t.Errorf("%s lets escape sequences or commands through", format)
		}
	}
	for _, format := range []string{"html", "markdown"} {
		if s := render(t, format, sample(), Options{}); strings.Contains(s, "<img src=x") || strings.Count(s, "</script>") > 2 {
			t.Errorf("%s lets markup through", format)
		}
	}
	if s := render(t, "json", sample(), Options{}); strings.Contains(s, "SECRET") {
		t.Error("the environment is in the report")
	}
	if s := render(t, "html", sample(), Options{}); regexp.MustCompile(`(src|href)\s*=\s*["']?(https?:)?//`).MatchString(s) {
		t.Error("the page asks for something outside")
	}
}

func TestTableFitsItsWidth(t *testing.T) {
	for _, lang := range []message.Lang{message.En, message.Ja} {
		for _, width := range []int{80, 100} {
			for i, l := range strings.Split(render(t, "table", empty(), Options{Lang: lang, Width: width}), "\n") {
				if columns(l) > width {
					t.Errorf("%s line %d has %d columns of %d: %s", lang, i, columns(l), width, l)
				}
			}
		}
	}
	if s := render(t, "table", sample(), Options{Color: true}); !strings.Contains(s, "\x1b[1;37;41m") {
		t.Error("no colours")
	}
	if columns("日本x\x1b[1m") != 5 {
		t.Error(columns("日本x\x1b[1m"))
	}
}

func TestJSONRoundTrip(t *testing.T) {
	first := render(t, "json", sample(), Options{})
	r, err := ReadJSON(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, render(t, "json", r, Options{})); d != "" {
		t.Error(d)
	}
	for in, want := range map[string]string{
		"": "empty", "{": "cut off", "[]": "no report", `{"a":1}`: "no report", `{"schemaVersion":"9.0"}`: "use the version", "x": "no JSON", `{"schemaVersion":"1.0","packages":3}`: "packages",
	} {
		if _, err := ReadJSON(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// What CycloneDX's own Go library reads is what was written.
func TestCycloneDXReadsBack(t *testing.T) {
	for name, r := range results() {
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(strings.NewReader(render(t, "cyclonedx", r, Options{})), cdx.BOMFileFormatJSON).Decode(&bom); err != nil || bom.SpecVersion != cdx.SpecVersion1_6 {
			t.Errorf("%s: %v", name, err)
		}
		refs := map[string]bool{}
		once := func(ref string) {
			if ref == "" || refs[ref] {
				t.Errorf("%s: %q names two things", name, ref)
			}
			refs[ref] = true
		}
		for _, c := range *bom.Components {
			once(c.BOMRef)
		}
		if bom.Vulnerabilities != nil {
			for _, v := range *bom.Vulnerabilities {
				once(v.BOMRef)
			}
		}
	}
}

// What readers of SARIF demand beyond its schema.
func TestSARIF(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, "sarif", sample(), Options{})), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 2 {
		t.Fatalf("%+v", log)
	}
	run := log.Runs[0]
	if len(run.Results) != 6 || run.Invocations[0].Successful || len(run.Invocations[0].Notifications) != 2 {
		t.Errorf("%d results, %+v", len(run.Results), run.Invocations)
	}
	score := regexp.MustCompile(`^(10|[0-9])\.[0-9]$`)
	for _, r := range run.Results {
		rule := run.Tool.Driver.Rules[r.RuleIndex]
		uri := r.Locations[0].Physical.Artifact.URI
		if rule.ID != r.RuleID || r.Fingerprints["sekisho/v1"] == "" || r.Message.Text == "" || r.Locations[0].Physical.Region.StartLine < 1 ||
			!score.MatchString(fmt.Sprint(rule.Properties["security-severity"])) || uri == "" || uri[0] == '/' || strings.ContainsAny(uri, " \n") {
			t.Errorf("%+v", r)
		}
	}
	if got := run.Results[3].Locations[0].Physical.Artifact.URI; got != "app/%25odd%20name.env" {
		t.Error(got)
	}
	if len(run.Results[4].Suppressions) != 1 {
		t.Error("a suppressed finding must say so")
	}
}

func TestSPDX(t *testing.T) {
	var d spdxDocument
	if err := json.Unmarshal([]byte(render(t, "spdx-json", sample(), Options{})), &d); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{"SPDXRef-DOCUMENT": true}
	valid := regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`)
	for _, p := range d.Packages {
		if ids[p.ID] || !valid.MatchString(p.ID) || p.Name == "" || p.Location == "" {
			t.Errorf("%+v", p)
		}
		ids[p.ID] = true
	}
	for _, r := range d.Relationships {
		if !ids[r.Element] || !ids[r.Related] {
			t.Errorf("%+v names what is not there", r)
		}
	}
	for _, tt := range []struct {
		p                             sekisho.Package
		declared, concluded, comments string
	}{
		{sekisho.Package{Licenses: []string{"MIT"}, LicenseExpression: "MIT"}, "MIT", noAssertion, ""},
		{sekisho.Package{Licenses: []string{"GPLv2+"}, LicenseExpression: "GPL-2.0-or-later"}, "GPL-2.0-or-later", noAssertion, "declared: GPLv2+"},
		{sekisho.Package{Licenses: []string{"SEE LICENSE IN x"}}, noAssertion, noAssertion, "declared: SEE LICENSE IN x"},
		{sekisho.Package{LicenseExpression: "ISC", LicenseFile: "a/LICENSE"}, noAssertion, "ISC", "licence recognised in a/LICENSE"},
	} {
		if got := spdxPackageOf(&tt.p); got.Declared != tt.declared || got.Concluded != tt.concluded || got.Comment != tt.comments {
			t.Errorf("%+v: declared %q, concluded %q, comment %q", tt.p, got.Declared, got.Concluded, got.Comment)
		}
	}
	refs := extracted([]spdxPackage{{Declared: "MIT AND LicenseRef-b", Concluded: noAssertion}, {Declared: "LicenseRef-b OR LicenseRef-a"}})
	if len(refs) != 2 || refs[0].ID != "LicenseRef-a" || refs[1].ID != "LicenseRef-b" {
		t.Errorf("references: %+v", refs)
	}
}

func TestJUnitAndGitLab(t *testing.T) {
	var j junitSuites
	if err := xml.Unmarshal([]byte(render(t, "junit", sample(), Options{})), &j); err != nil {
		t.Fatal(err)
	}
	if j.Failures != 5 || j.Errors != 1 || j.Tests != 8 || len(j.Suites) != 2 {
		t.Errorf("%d failures, %d errors, %d tests", j.Failures, j.Errors, j.Tests)
	}
	var g gitlabReport
	if err := json.Unmarshal([]byte(render(t, "gitlab", sample(), Options{})), &g); err != nil {
		t.Fatal(err)
	}
	if g.Scan.Type != "container_scanning" || g.Scan.Status != "failure" || len(g.Vulns) != 2 || g.Vulns[0].Location["image"] != "example.com/app:1" ||
		!regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`).MatchString(g.Scan.Start) {
		t.Errorf("%+v", g)
	}
}

// What a reader of each format looks for in a judged image.
func TestJudgedImage(t *testing.T) {
	r := judgedImage()
	has := func(format, doc string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(doc, want) {
				t.Errorf("%s lacks %s", format, want)
			}
		}
	}
	table := render(t, "table", r, Options{})
	has("table", table, "CVE-2021-44228  KEV ransomware  CVSS 10.0  EPSS 94.4%  fixed in 2.15.0", "lodash 4.17.20  fixed in 4.17.21", "[will not be fixed]",
		"Introduced by: 3 COPY --chown=app:app", "15 findings: critical 3, high 5", "9 fixable", "1 suppressed; 9 packages", "medium: CVE-2020-28500",
		"libc-bin 2.36-9+deb12u1 (the same in libc6)  fixed in 2.36-9+deb12u3")
	has("table", table, "CVE-2024-6119  CVSS 7.5  fixed in 3.0.14-1~deb12u2 (lts)\n")
	has("html", render(t, "html", r, Options{}), "debian-tracker DSA-5764-1 (2024-09-03): severity high, fixed in 3.0.14-1~deb12u2, from lts [\\u003c 3.0.14")
	malicious := r.Findings[0]
	malicious.Kind, malicious.Rule = sekisho.Malware, "MAL-2024-1"
	r.Platforms = []sekisho.Result{{Findings: []sekisho.Finding{malicious}}}
	for _, format := range []string{"gitlab", "cyclonedx"} {
		has(format, render(t, format, r, Options{}), "MAL-2024-1")
	}
	r.Platforms = nil
	if strings.Contains(table, "CVE-2021-45105") {
		t.Error("the table lists what was suppressed")
	}
	has("markdown", render(t, "markdown", r, Options{}), "CVE-2021-44228) **KEV**", "| 2.15.0 |", "| will not be fixed |", "Suppressed")
	has("html", render(t, "html", r, Options{}), `"k":"KEV ransomware"`, `data-only="x"`, `data-only="k"`, "installed 2.14.1 is below 2.15.0", "no context lookup is configured")

	var log sarifLog
	if err := json.Unmarshal([]byte(render(t, "sarif", r, Options{})), &log); err != nil {
		t.Fatal(err)
	}
	rule := log.Runs[0].Tool.Driver.Rules[0]
	if rule.Properties["security-severity"] != "10.0" || !strings.Contains(rule.Help.Text, "Fix: use log4j-core 2.15.0") || !strings.Contains(fmt.Sprint(rule.Properties["tags"]), "known-exploited external/cwe/cwe-020") {
		t.Errorf("%+v", rule)
	}
	for i, res := range log.Runs[0].Results {
		if res.Fingerprints["sekisho/v1"] != r.Findings[i].ID || (len(res.Suppressions) > 0) != (r.Findings[i].Suppressed != nil) {
			t.Errorf("%+v", res)
		}
	}

	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(strings.NewReader(render(t, "cyclonedx-xml", r, Options{})), cdx.BOMFileFormatXML).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	vulns, refs := *bom.Vulnerabilities, map[string]bool{}
	for _, c := range *bom.Components {
		refs[c.BOMRef] = true
	}
	for _, v := range vulns {
		if !refs[(*v.Affects)[0].Ref] {
			t.Errorf("%s affects %s, which is no component", v.ID, (*v.Affects)[0].Ref)
		}
	}
	if n := len(vulns); n != 16 || vulns[n-1].Analysis.State != cdx.IASNotAffected || vulns[9].Analysis.State != cdx.IASInTriage || *(*vulns[0].Ratings)[1].Score != 10 || (*vulns[0].CWEs)[1] != 502 {
		t.Errorf("%d vulnerabilities, %+v", n, vulns[0])
	}
	accepted := r.Findings[0]
	accepted.Suppressed = &sekisho.Suppression{By: "exception:team"}
	if a := cdxAnalysisOf(&accepted); a.State != "exploitable" || a.Response[0] != "will_not_fix" {
		t.Errorf("an accepted risk: %+v", a)
	}

	var g gitlabReport
	if err := json.Unmarshal([]byte(render(t, "gitlab", r, Options{})), &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Vulns) != 15 || g.Vulns[1].Solution != "Upgrade org.apache.logging.log4j:log4j-core to 2.16.0" || g.Vulns[0].Severity != "Critical" || len(g.Vulns[0].Identifiers) != 2 || g.Files != nil {
		t.Errorf("%d vulnerabilities, %+v", len(g.Vulns), g.Vulns[1])
	}
	lines := strings.Split(render(t, "github", r, Options{}), "\n")
	has("github", lines[0], "::error ", "KEV ransomware", "fixed in 2.15.0")
	has("github", strings.Join(lines[8:11], "\n"), "::warning ")
	has("rdjson", render(t, "rdjson", r, Options{}), `"url": "https://nvd.nist.gov/vuln/detail/CVE-2021-44228"`, "\"start\": {\n            \"line\": 1")
	has("junit", render(t, "junit", r, Options{}), "<skipped>suppressed by vex:", "Fixed in: 2.16.0", "Evidence: kev CVE-2021-44228")
}

func TestNamesAndLinks(t *testing.T) {
	hex := "sha256:" + strings.Repeat("a", 64)
	for _, tt := range []struct{ name, digest, want string }{
		{"shop", "", "shop:latest"},
		{"shop", hex, "shop@" + hex},
		{"example.com:5000/shop:1@" + hex, "", "example.com:5000/shop:1@" + hex},
		{"dir/app.tar", hex, "dir/app.tar@" + hex},
		{":", "", "image:latest"},
		{"a:b:c:d", "", "a_b_c_d:latest"},
	} {
		if got := gitlabImage(&sekisho.Target{Name: tt.name, Digest: tt.digest}); got != tt.want || !gitlabImageName.MatchString(got) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	f := sekisho.Finding{References: []string{"javascript://example.com/%0aalert(1)", "https://example.com/a", "https://example.com/a", "https://example.com/<b>", "http://example.com/c", "https://example.com/d"}}
	if d := cmp.Diff([]string{"https://example.com/a", "http://example.com/c"}, links(&f, 2)); d != "" {
		t.Error(d)
	}
	for id, want := range map[string]string{"CVE-2024-1": "https://nvd.nist.gov/vuln/detail/CVE-2024-1", "GHSA-x": "https://github.com/advisories/GHSA-x", "CVE-\"><b>": "", "MAL-1": ""} {
		if got := idPage(id); got != want {
			t.Errorf("%s: %s", id, got)
		}
	}
}

// Thousands of findings stay readable: a package is a few lines, and a
// comment on a pull request takes the Markdown.
func TestLongLists(t *testing.T) {
	r := judgedImage()
	some := r.Findings
	for i := range 4000 {
		f := some[i%400%13]
		p := *f.Package
		p.Name, p.PURL = fmt.Sprintf("package-%d", i%400), fmt.Sprintf("pkg:deb/debian/package-%d@1", i%400)
		f.Severity = some[i%13].Severity
		f.Package, f.ID, f.Rule = &p, fmt.Sprint(i), fmt.Sprintf("CVE-2025-%d", 10000+i)
		r.Findings = append(r.Findings, f)
	}
	table := strings.Split(render(t, "table", r, Options{Width: 80}), "\n")
	if len(table) > 400*9 {
		t.Errorf("the table has %d lines for 406 packages", len(table))
	}
	for _, l := range table {
		if columns(l) > 80 && !strings.Contains(l, "sha256:") {
			t.Errorf("%d columns: %s", columns(l), l)
		}
	}
	if n := len(render(t, "markdown", r, Options{})); n > 65536 {
		t.Errorf("the Markdown has %d bytes", n)
	}
	minor := empty()
	for i := range 500 {
		minor.Findings = append(minor.Findings, sekisho.Finding{ID: fmt.Sprint(i), Kind: sekisho.Vulnerability, Rule: "CVE-2005-1", Severity: sekisho.SeverityNegligible, Package: &sekisho.PackageRef{Name: fmt.Sprint("p", i), Version: fmt.Sprint(i)}})
	}
	if s := render(t, "table", minor, Options{}); strings.Count(s, "CVE-2005-1") != mostPackages || !strings.Contains(s, "and 485 more packages") {
		t.Error(s)
	}
	// What is to be done now is never among those that are counted only.
	for i := range minor.Findings {
		minor.Findings[i].Severity = sekisho.SeverityHigh
	}
	minor.Findings[499].Risk = &sekisho.Risk{Class: sekisho.ActNow}
	if s := render(t, "table", minor, Options{}); strings.Count(s, "CVE-2005-1") != mostPackages+1 || !strings.Contains(s, "p499 499") || !strings.Contains(s, "and 484 more packages") {
		t.Error(s)
	}
}

// A verdict and a scanner are said in the report's language, whatever language
// the scan was made in; what has no code, or one of a later version, as it is.
func TestVerdictInBothLanguages(t *testing.T) {
	every := []sekisho.Reason{
		{Code: sekisho.ReasonNoGate},
		{Code: sekisho.ReasonFindings, Args: []string{"high", "critical", "1", "high", "2"}},
		{Code: sekisho.ReasonProblems, Args: []string{"2"}},
		{Code: sekisho.ReasonNotJudged, Args: []string{"vuln, secret"}},
		{Code: sekisho.ReasonBelow, Args: []string{"low"}},
		{Code: "of-a-later-version", Args: []string{"x"}},
		{Code: sekisho.ReasonBelow},
	}
	v := sekisho.Verdict{Details: every, Reasons: []string{"a", "b", "c", "d", "e", "later words", "damaged"}}
	for lang, want := range map[message.Lang][]string{
		message.En: {
			"no gate was set, --fail-on sets one", "1 critical, 2 high, and high or worse is denied", "2 problems: part of the target was not assessed",
			"not judged: vuln, secret", "no finding is low or worse", "later words", "damaged",
		},
		message.Ja: {
			"基準は未設定 (--fail-on で設定)", "緊急 1 件、重要 2 件 (深刻度「重要」以上を拒否)", "問題 2 件のため、対象の一部は未評価",
			"未実行のスキャナー: vuln, secret", "深刻度「注意」以上の検出結果なし", "later words", "damaged",
		},
	} {
		if d := cmp.Diff(want, Reasons(&v, lang)); d != "" {
			t.Error(d)
		}
	}
	if got := Reasons(&sekisho.Verdict{Reasons: []string{"old"}}, message.Ja); len(got) != 1 || got[0] != "old" {
		t.Error(got)
	}
	for _, code := range []string{sekisho.ScannerNotAsked, sekisho.ScannerMissing, sekisho.ScannerNoDatabase} {
		s := sekisho.ScannerCoverage{Why: "words", Code: code}
		if en, ja := why(&s, message.En), why(&s, message.Ja); en == "words" || ja == "words" || en == ja {
			t.Errorf("%s: %s, %s", code, en, ja)
		}
	}
	if got := why(&sekisho.ScannerCoverage{Why: "words", Code: "later"}, message.Ja); got != "words" {
		t.Error(got)
	}
}

func BenchmarkReports(b *testing.B) {
	r := sample()
	for i := range 5000 {
		p := r.Packages[0]
		p.Name = fmt.Sprint("package", i)
		r.Packages = append(r.Packages, p)
	}
	for i := range 2000 {
		f := r.Findings[0]
		f.ID = fmt.Sprint(i)
		r.Findings = append(r.Findings, f)
	}
	for _, format := range []string{"table", "json", "sarif", "cyclonedx", "html"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				render(b, format, r, Options{})
			}
		})
	}
}

// What was not examined, and why an advisory does not hold, is told in the
// reader's language; what has no code is told as it is.
func TestProblemsInJapanese(t *testing.T) {
	r := &sekisho.Result{
		Problems: []sekisho.Problem{
			sekisho.Problem{Stage: sekisho.StageWalk, Path: "big"}.Saying(message.FaultFileBytes.Words(7, 5)),
			sekisho.Problem{Stage: sekisho.StageMatch}.Saying(message.UnassessedWords("no-advisories", []string{"deb"}, "no advisories for deb", "a 1")),
			{Stage: sekisho.StageOpen, Error: "in English only"},
		},
		Findings: []sekisho.Finding{{
			Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Severity: sekisho.SeverityHigh, Package: &sekisho.PackageRef{Name: "p", Version: "1"},
			Evidence: []sekisho.Evidence{{Source: "feed", Text: "the version has the fix", Code: "has-fix"}},
		}},
	}
	for _, format := range []string{"table", "markdown", "html"} {
		for lang, want := range map[message.Lang][]string{
			message.En: {"the file has 7 bytes, more than 5", "not assessed: no advisories for deb (a 1)", "in English only"},
			message.Ja: {"ファイルサイズ 7 バイトが上限 5 バイトを超える", "未評価: deb の脆弱性情報なし (a 1)", "in English only"},
		} {
			var b bytes.Buffer
			if err := Write(&b, format, r, Options{Lang: lang, Width: 400}); err != nil {
				t.Fatal(err)
			}
			for _, s := range want {
				if !strings.Contains(b.String(), s) {
					t.Errorf("%s in %s lacks %q", format, lang, s)
				}
			}
		}
	}
	if got := evidenceText(&r.Findings[0].Evidence[0], message.Ja); got != "feed: 修正済みのバージョン" {
		t.Error(got)
	}
}

// The table names the further places of a finding, and counts what is more.
func TestCauses(t *testing.T) {
	f := sekisho.Finding{Kind: sekisho.Misconfiguration, Rule: "privileged", Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: "a.yaml", Line: 3}, Evidence: []sekisho.Evidence{{Text: "privileged: true"}}}
	for i := range 5 {
		f.Evidence = append(f.Evidence, sekisho.Evidence{Path: fmt.Sprintf("v%d.yaml", i), Line: i, Text: "p: true"})
	}
	var b bytes.Buffer
	if err := Write(&b, "table", &sekisho.Result{Findings: []sekisho.Finding{f}}, Options{Lang: message.En, Width: 400}); err != nil {
		t.Fatal(err)
	}
	if want := "decided in v0.yaml p: true, v1.yaml:1 p: true, v2.yaml:2 p: true and 2 more\n"; !strings.Contains(b.String(), want) {
		t.Error(b.String())
	}
}
