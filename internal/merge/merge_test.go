// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	libssl = "pkg:deb/debian/libssl3@3.0.11-1~deb12u1?arch=amd64&distro=debian-12"
	zlib   = "pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1?arch=amd64&distro=debian-12"
	lodash = "pkg:npm/lodash@4.17.20"
	log4j  = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
)

// ours is a scan of our own: two flaws of a system's packages, one of npm, a rule
// and a secret.
func ours() *sekisho.Result {
	pkg := func(purl, ecosystem, name, version, source, path string) sekisho.Package {
		return sekisho.Package{PURL: purl, Ecosystem: ecosystem, Name: name, Version: version, SourceName: source, SourceVersion: version, Path: path, Extractor: ecosystem}
	}
	flaw := func(purl, ecosystem, name, version, rule, fixed, status string, s sekisho.Severity, e ...sekisho.Evidence) sekisho.Finding {
		return sekisho.Finding{
			ID: rule + name, Kind: sekisho.Vulnerability, Rule: rule, Severity: s, Fixed: fixed, Status: status, Published: "2024-09-03",
			Package: &sekisho.PackageRef{PURL: purl, Ecosystem: ecosystem, Name: name, Version: version}, Evidence: e,
		}
	}
	hidden := pkg("pkg:npm/left-pad@1.3.0", "npm", "left-pad", "1.3.0", "", "srv/node_modules/left-pad/package.json")
	hidden.Hidden = true
	owned := pkg("pkg:pypi/pyyaml@6.0", "pypi", "pyyaml", "6.0", "", "usr/lib/python3/dist-packages/PyYAML-6.0.egg-info")
	owned.OwnedBy = "pkg:deb/debian/python3-yaml@6.0-3"
	r := &sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Tool: sekisho.Tool{Name: "sekisho", Version: "1.2.3"}, Created: time.Date(2026, 1, 21, 0, 0, 0, 0, time.UTC),
		Target:   sekisho.Target{Kind: sekisho.KindImage, Name: "registry.example.com/shop/api:1.4.2", Source: "registry", Digest: "sha256:cc", ConfigDigest: "sha256:ee"},
		OS:       &sekisho.OS{ID: "debian", Version: "12", Family: "debian"},
		Database: &sekisho.Database{Date: "2026-01-21"},
		Packages: []sekisho.Package{
			pkg(libssl, "deb", "libssl3", "3.0.11-1~deb12u1", "openssl", "var/lib/dpkg/status"), pkg(zlib, "deb", "zlib1g", "1:1.2.13.dfsg-1", "zlib", "var/lib/dpkg/status"),
			pkg("pkg:deb/debian/tar@1.34%2Bdfsg-1.2?arch=amd64", "deb", "tar", "1.34+dfsg-1.2", "tar", "var/lib/dpkg/status"),
			pkg(lodash, "npm", "lodash", "4.17.20", "", "srv/node_modules/lodash/package.json"), pkg(log4j, "maven", "org.apache.logging.log4j:log4j-core", "2.14.1", "", "srv/shop.jar"),
			hidden, owned,
		},
		Coverage: sekisho.Coverage{
			Scanners:   []sekisho.ScannerCoverage{{Name: "packages", Asked: true, Ran: true}, {Name: "vuln", Asked: true, Ran: true}, {Name: "misconfig", Asked: true, Ran: true}, {Name: "secret", Asked: true, Ran: true}, {Name: "license"}},
			Ecosystems: []sekisho.EcosystemCoverage{{Ecosystem: "deb", Packages: 3}, {Ecosystem: "npm", Packages: 1, Hidden: 1}}, Complete: true,
		},
		Problems: []sekisho.Problem{},
	}
	r.Findings = []sekisho.Finding{
		flaw(libssl, "deb", "libssl3", "3.0.11-1~deb12u1", "CVE-2024-6119", "3.0.14-1~deb12u2", "fixed", sekisho.SeverityMedium,
			sekisho.Evidence{Source: "debian-tracker", ID: "DSA-5764-1", Date: "2026-01-21", Severity: "medium", Status: "fixed", Fixed: "3.0.14-1~deb12u2", Range: "< 3.0.14-1~deb12u2"}),
		flaw(zlib, "deb", "zlib1g", "1:1.2.13.dfsg-1", "CVE-2023-45853", "", "will_not_fix", sekisho.SeverityLow,
			sekisho.Evidence{Source: "debian-tracker", ID: "CVE-2023-45853", Severity: "unimportant", Status: "will_not_fix"}),
		flaw(lodash, "npm", "lodash", "4.17.20", "CVE-2021-23337", "4.17.21", "fixed", sekisho.SeverityHigh,
			sekisho.Evidence{Source: "ghsa", ID: "GHSA-35jh-r3h4-6jhm", Severity: "high", Fixed: "4.17.21"}),
		flaw(log4j, "maven", "org.apache.logging.log4j:log4j-core", "2.14.1", "CVE-2021-44228", "2.15.0", "fixed", sekisho.SeverityCritical,
			sekisho.Evidence{Source: "ghsa", ID: "GHSA-jfh8-c2jp-5v3q", Severity: "critical", Fixed: "2.15.0"}),
		{
			ID: "root", Kind: sekisho.Misconfiguration, Rule: "run-as-root", ResourceKind: "dockerfile", Aliases: []string{"DL3002", "DS-0002", "CIS-DI-0001"}, Severity: sekisho.SeverityMedium,
			Location: sekisho.Location{Path: "Dockerfile", Line: 9}, Evidence: []sekisho.Evidence{{Source: "dockerfile/run-as-root"}},
		},
		{
			ID: "key", Kind: sekisho.Secret, Rule: "aws-access-key", Severity: sekisho.SeverityCritical, Location: sekisho.Location{Path: "srv/app/.env", Line: 4},
			Evidence: []sekisho.Evidence{{Source: "secret/aws-access-key", Path: "srv/app/.env", Line: 4}},
		},
	}
	r.Findings[2].Location.Path, r.Findings[3].Location.Path = "srv/node_modules/lodash/package.json", "srv/shop.jar"
	return r
}

// voice makes a foreign finding with one witness.
func voice(tool, id, severity, fixed string, p *sekisho.PackageRef, edit ...func(*sekisho.Finding)) sekisho.Finding {
	f := sekisho.Finding{Kind: sekisho.Vulnerability, Rule: id, Severity: sekisho.SeverityWord(severity), Fixed: fixed, Package: p}
	f.Witnesses = []sekisho.Witness{{Tool: tool, Version: "1", Date: "2026-01-20", ID: id, Severity: severity, Fixed: fixed, Kind: f.Kind}}
	for _, e := range edit {
		e(&f)
	}
	w := &f.Witnesses[0]
	w.Kind, w.Path, w.Line = f.Kind, f.Location.Path, f.Location.Line
	if p != nil {
		w.Package = p.Name + " " + p.Version
	}
	f.Evidence = evidenceOf(f.Witnesses)
	return f
}

func of(f func(*sekisho.Witness)) func(*sekisho.Finding) {
	return func(one *sekisho.Finding) { f(&one.Witnesses[0]) }
}

func at(kind sekisho.FindingKind, path string, line int) func(*sekisho.Finding) {
	return func(f *sekisho.Finding) {
		f.Kind, f.Location = kind, sekisho.Location{Path: path, Line: line}
	}
}

func ref(ecosystem, name, version string) *sekisho.PackageRef {
	return &sekisho.PackageRef{Ecosystem: ecosystem, Name: name, Version: version}
}

// result of a tool that lists the packages.
func result(tool string, packages []sekisho.Package, findings ...sekisho.Finding) *sekisho.Result {
	r := &sekisho.Result{Target: sekisho.Target{Source: "report"}, Findings: findings, Packages: packages}
	for i := range r.Packages {
		r.Packages[i].Witnesses, r.Packages[i].Extractor = []string{tool}, sekisho.ExtractorWitness
	}
	r.Witnesses = []sekisho.WitnessReport{{Tool: tool, Version: "1", Format: tool, Date: "2026-01-20", Database: "2026-01-18", Kinds: []sekisho.FindingKind{sekisho.Vulnerability}, Findings: len(findings), Packages: len(packages)}}
	return r
}

func others() []*sekisho.Result {
	source := func(s string) func(*sekisho.Finding) { return of(func(w *sekisho.Witness) { w.Source = s }) }
	alias := func(ids ...string) func(*sekisho.Finding) {
		return of(func(w *sekisho.Witness) { w.Aliases = ids })
	}
	return []*sekisho.Result{
		result("trivy", []sekisho.Package{
			{PURL: "pkg:deb/debian/libssl3@3.0.11-1~deb12u1?distro=debian-12.5", Name: "libssl3", Version: "3.0.11-1~deb12u1"},
			{PURL: "pkg:npm/lodash@4.17.20", Name: "lodash", Version: "4.17.20"},
			{PURL: "pkg:deb/debian/zlib1g@1.2.13.dfsg-1?epoch=1", Name: "zlib1g", Version: "1:1.2.13.dfsg-1"},
			{PURL: "pkg:cargo/serde@1.0.0", Name: "serde", Version: "1.0.0", Ecosystem: "cargo"},
		},
			voice("trivy", "CVE-2024-6119", "CRITICAL", "3.0.14-1~deb12u2", ref("deb", "libssl3", "3.0.11-1~deb12u1"), source("nvd")),
			voice("trivy", "CVE-2021-23337", "HIGH", "4.17.21", ref("npm", "lodash", "4.17.20"), alias("GHSA-35jh-r3h4-6jhm"), source("ghsa")),
			voice("trivy", "CVE-2020-28500", "MEDIUM", "4.17.21", ref("npm", "lodash", "4.17.20"), source("ghsa")),
			voice("trivy", "DS-0002", "HIGH", "", nil, at(sekisho.Misconfiguration, "Dockerfile", 9), alias("AVD-DS-0002")),
			voice("trivy", "aws-access-key-id", "CRITICAL", "", nil, at(sekisho.Secret, "srv/app/.env", 4)),
			voice("trivy", "generic-key", "LOW", "", nil, at(sekisho.Secret, "image/srv/app/.env", 4)),
			voice("trivy", "generic-key", "LOW", "", nil, at(sekisho.Secret, "srv/app/.env", 5)),
			voice("trivy", "CVE-2023-0001", "LOW", "2.0", ref("cargo", "serde", "1.0.0")),
		),
		result("grype", nil,
			voice("grype", "CVE-2024-6119", "High", "3.0.15", ref("deb", "libssl3", "3.0.11-1~deb12u1"), source("nvd:cpe"), of(func(w *sekisho.Witness) { w.By = "cpe" })),
			voice("grype", "GHSA-35jh-r3h4-6jhm", "High", "4.17.21", ref("npm", "lodash", "4.17.20"), source("github:language:javascript"), at(sekisho.Vulnerability, "srv/node_modules/lodash/package.json", 0)),
			voice("grype", "CVE-2021-44228", "Critical", "", ref("maven", "log4j-core:log4j-core", "2.14.1"), source("nvd:cpe")),
			voice("grype", "CVE-2018-10126", "Medium", "4.1", ref("deb", "tar", "1.34+dfsg-1.2"), of(func(w *sekisho.Witness) { w.By = "cpe" })),
			voice("grype", "CVE-2023-45853", "Negligible", "", ref("deb", "zlib1g", "1:1.2.13.dfsg-1"), of(func(w *sekisho.Witness) { w.Suppressed = "minizip is not built" })),
			voice("grype", "CVE-2019-0002", "High", "1.3.1", ref("npm", "left-pad", "1.3.0")),
			voice("grype", "CVE-2019-0003", "High", "6.1", ref("pypi", "PyYAML", "6.0")),
			voice("grype", "CVE-2019-0004", "High", "", ref("golang", "stdlib", "go1.22.1")),
			voice("grype", "CVE-2019-0005", "High", "", ref("npm", "lodash", "3.0.0")),
			voice("grype", "CVE-2023-0001", "Medium", "1.9", ref("cargo", "serde", "1.0.0")),
		),
		result("amazon-inspector", nil,
			voice("amazon-inspector", "CVE-2024-6119", "HIGH", "0:3.0.14-1~deb12u2", ref("", "openssl", "3.0.11-1~deb12u1")),
			voice("amazon-inspector", "CVE-2021-23337", "HIGH", "4.17.21", ref("npm", "lodash", "4.17.20")),
		),
		result("hadolint", nil, voice("hadolint", "DL3002", "warning", "", nil, at(sekisho.Misconfiguration, "shop/Dockerfile", 12))),
	}
}

// database says of the flaws what a database would.
func database(p *sekisho.Package, id string) []Answer {
	switch id {
	case "CVE-2018-10126":
		return []Answer{{Source: "debian-tracker", ID: id, World: "debian/12", Reason: "the source says that it is not affected"}}
	case "CVE-2020-28500":
		return []Answer{{World: p.Ecosystem, Reason: "no advisory names it"}}
	}
	return nil
}

func text(t testing.TB, r *sekisho.Result) string {
	t.Helper()
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

func TestGolden(t *testing.T) {
	r := ours()
	Merge(r, others(), Options{Explain: database})
	golden := filepath.Join("testdata", "merged.json")
	got := text(t, r)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("-want +got (go test ./internal/merge -update):\n%s", d)
	}
}

// lines is a merge in a few words: each finding with its witnesses, and the
// disagreements with their codes.
func lines(r *sekisho.Result) []string {
	var out []string
	for _, f := range r.Findings {
		s := f.Rule
		if f.Package != nil {
			s += " " + f.Package.Name
		}
		mark := ""
		if Foreign(&f) {
			mark = "foreign "
		}
		var tools []string
		for _, w := range f.Witnesses {
			tools = append(tools, w.Tool)
		}
		out = append(out, fmt.Sprintf("%s: %s[%s]", s, mark, strings.Join(slices.Compact(tools), " ")))
		for _, d := range f.Disagreements {
			out = append(out, strings.TrimRight(fmt.Sprintf("  %s %s %s %s", d.Tool, d.About, d.Code, strings.Join(d.Args, "|")), " "))
		}
	}
	return out
}

func TestMerge(t *testing.T) {
	r := ours()
	Merge(r, others(), Options{Explain: database})
	want := strings.Split(strings.TrimSpace(`
CVE-2024-6119 libssl3: [amazon-inspector grype trivy]
  amazon-inspector severity severity-own debian-tracker
  grype fixed fix-upstream nvd:cpe|debian-tracker
  grype severity severity-source nvd:cpe|debian-tracker
  trivy severity severity-source nvd|debian-tracker
CVE-2023-45853 zlib1g: [grype]
  grype affected suppressed minizip is not built
  grype severity unknown
  trivy missing-there package-there
CVE-2021-23337 lodash: [amazon-inspector grype trivy]
CVE-2021-44228 org.apache.logging.log4j:log4j-core: [grype]
  grype fixed fix-source nvd:cpe|ghsa
  trivy missing-there package-not-there
run-as-root: [hadolint trivy]
  trivy severity severity-rule
aws-access-key: [trivy]
  trivy severity severity-rule
generic-key: foreign [trivy]
  trivy missing-here unknown
CVE-2018-10126 tar: foreign [grype]
  grype missing-here cleared debian-tracker|CVE-2018-10126|the source says that it is not affected
CVE-2019-0002 left-pad: foreign [grype]
  grype missing-here hidden
CVE-2019-0003 PyYAML: foreign [grype]
  grype missing-here owned pkg:deb/debian/python3-yaml@6.0-3
CVE-2019-0004 stdlib: foreign [grype]
  grype missing-here no-package stdlib
CVE-2019-0005 lodash: foreign [grype]
  grype missing-here other-version 4.17.20
CVE-2020-28500 lodash: foreign [trivy]
  trivy missing-here no-advisory npm
CVE-2023-0001 serde: foreign [grype trivy]
  grype missing-here no-package serde
  trivy missing-here no-package serde`), "\n")
	// The order of the findings that only others have is that of their rules.
	if d := cmp.Diff(want, lines(r)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	for i, f := range ours().Findings {
		got := r.Findings[i]
		if got.Severity != f.Severity || got.Fixed != f.Fixed || got.Status != f.Status || got.ID != f.ID || got.Suppressed != nil || !cmp.Equal(got.Aliases, f.Aliases) || !cmp.Equal(got.Evidence, f.Evidence) {
			t.Errorf("%s: our own word was changed", f.Rule)
		}
	}
	serde := r.Findings[len(r.Findings)-1]
	if serde.Severity != sekisho.SeverityMedium || serde.Fixed != "2.0" || len(serde.Evidence) != 2 {
		t.Errorf("the worst word counts where only others speak: %s, fixed in %s", serde.Severity, serde.Fixed)
	}
	if p := r.Packages[len(r.Packages)-1]; p.Name != "serde" || p.Extractor != sekisho.ExtractorWitness || len(r.Packages) != 8 {
		t.Errorf("a package that only others list: %+v of %d", p, len(r.Packages))
	}
	if p := r.Packages[0]; !cmp.Equal(p.Witnesses, []string{"trivy"}) {
		t.Errorf("a package that others list too: %+v", p.Witnesses)
	}
	if len(r.Problems) != 1 || !r.Problems[0].Minor || !strings.Contains(r.Problems[0].Error, "1 packages that only trivy lists") {
		t.Errorf("problems: %+v", r.Problems)
	}
}

// A merge is the same in any order, at once or one after another, and a report
// that was merged before changes nothing.
func TestOrder(t *testing.T) {
	want := ours()
	Merge(want, others(), Options{Explain: database})
	for n := range 40 {
		random := rand.New(rand.NewPCG(uint64(n), 1))
		list := others()
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, one := range list {
			random.Shuffle(len(one.Findings), func(i, j int) { one.Findings[i], one.Findings[j] = one.Findings[j], one.Findings[i] })
		}
		r := ours()
		for len(list) > 0 {
			k := 1 + random.IntN(len(list))
			Merge(r, list[:k], Options{Explain: database})
			list = list[k:]
		}
		again := others()
		Merge(r, again[random.IntN(len(again)):], Options{Explain: database})
		if d := cmp.Diff(text(t, want), text(t, r)); d != "" {
			t.Fatalf("seed %d: -want +got:\n%s", n, d)
		}
	}
}

// random makes findings that overlap in ids, packages and paths.
func random(r *rand.Rand, tool string, n int) *sekisho.Result {
	var all []sekisho.Finding
	for range n {
		k := r.IntN(8)
		id := fmt.Sprintf("CVE-2026-%04d", k)
		p := ref([]string{"deb", "npm", ""}[r.IntN(3)], []string{"a", "b", "src"}[r.IntN(3)], []string{"1", "2"}[r.IntN(2)])
		f := voice(tool, id, []string{"low", "HIGH", "critical"}[r.IntN(3)], []string{"", "3", "4"}[r.IntN(3)], p)
		f.Location.Path = []string{"", "x/a", "y/a"}[r.IntN(3)]
		w := &f.Witnesses[0]
		w.Path = f.Location.Path
		switch r.IntN(3) {
		case 0:
			w.ID, w.Aliases = fmt.Sprintf("GHSA-aaaa-bbbb-%04d", k), []string{id}
		case 1:
			w.ID = fmt.Sprintf("GHSA-aaaa-bbbb-%04d", k)
		}
		if r.IntN(9) == 0 {
			w.Suppressed = "for a reason"
		}
		f.Evidence = evidenceOf(f.Witnesses)
		all = append(all, f)
	}
	return result(tool, nil, all...)
}

// No finding is lost: each voice is a witness of a finding of the same flaw.
func TestNothingIsLost(t *testing.T) {
	for n := range 60 {
		seed := rand.New(rand.NewPCG(uint64(n), 7))
		base := ours()
		for i, id := range []string{"CVE-2026-0001", "CVE-2026-0002", "GHSA-AAAA-BBBB-0003"} {
			base.Findings = append(base.Findings, sekisho.Finding{
				ID: id, Kind: sekisho.Vulnerability, Rule: id, Package: &sekisho.PackageRef{Ecosystem: []string{"deb", "npm"}[i%2], Name: "a", Version: "1"},
				Severity: sekisho.SeverityHigh, Evidence: []sekisho.Evidence{{Source: "debian-tracker"}}, Location: sekisho.Location{Path: "x/a"},
			})
		}
		before := len(base.Findings)
		start := text(t, base)
		list := []*sekisho.Result{random(seed, "one", 30), random(seed, "two", 30), random(seed, "three", 10)}
		var said []sekisho.Witness
		for _, one := range list {
			for _, f := range one.Findings {
				said = append(said, f.Witnesses...)
			}
		}
		Merge(base, list, Options{})
		for _, w := range said {
			if !slices.ContainsFunc(base.Findings, func(f sekisho.Finding) bool {
				return slices.ContainsFunc(f.Witnesses, func(have sekisho.Witness) bool { return compareWitness(have, w) == 0 })
			}) {
				t.Fatalf("seed %d: %+v is lost", n, w)
			}
		}
		ids := map[string]bool{}
		for i, f := range base.Findings {
			if ids[f.ID] || f.ID == "" {
				t.Fatalf("seed %d: the fingerprint %q twice", n, f.ID)
			}
			ids[f.ID] = true
			if (i >= before) != Foreign(&f) {
				t.Fatalf("seed %d: finding %d of %d of our own is foreign: %v", n, i, before, Foreign(&f))
			}
		}
		// One after the other, and all of them again.
		var other sekisho.Result
		if err := json.Unmarshal([]byte(start), &other); err != nil {
			t.Fatal(err)
		}
		for _, i := range seed.Perm(len(list)) {
			Merge(&other, list[i:i+1], Options{})
		}
		Merge(&other, list, Options{})
		if d := cmp.Diff(text(t, base), text(t, &other)); d != "" {
			t.Fatalf("seed %d: -at once +one after another:\n%s", n, d)
		}
	}
}

func TestOtherTarget(t *testing.T) {
	r, one := ours(), result("trivy", nil)
	one.Witnesses[0].Digest = "sha256:dd"
	Merge(r, []*sekisho.Result{one}, Options{})
	if !r.Witnesses[0].OtherTarget {
		t.Error("a report about another image was taken for one about ours")
	}
	one.Witnesses[0].ConfigDigest = "sha256:ee"
	r = ours()
	Merge(r, []*sekisho.Result{one}, Options{})
	if r.Witnesses[0].OtherTarget {
		t.Error("the same configuration is the same image, whatever it was pushed as")
	}
}

func TestPlatforms(t *testing.T) {
	r, arm := ours(), ours()
	arm.Target.Digest, arm.Target.ConfigDigest = "sha256:a1", "sha256:a2"
	r.Platforms = []sekisho.Result{*arm}
	one := others()[0]
	one.Target.Digest, one.Witnesses[0].Digest = "sha256:a1", "sha256:a1"
	Merge(r, []*sekisho.Result{one}, Options{})
	if len(r.Witnesses) != 0 || len(r.Platforms[0].Witnesses) != 1 || len(r.Platforms[0].Findings[0].Witnesses) != 1 {
		t.Errorf("the report went to the wrong platform: %d and %d", len(r.Witnesses), len(r.Platforms[0].Witnesses))
	}
}

// A report of ours is a witness like another.
func TestAsWitness(t *testing.T) {
	old := ours()
	old.Tool.Version, old.Findings[0].Severity = "1.0.0", sekisho.SeverityHigh
	old.Findings = append(old.Findings, old.Findings[2])
	last := &old.Findings[len(old.Findings)-1]
	last.Rule, last.ID = "CVE-2000-0001", "x"
	r := ours()
	Merge(r, []*sekisho.Result{AsWitness(old)}, Options{})
	got := lines(r)
	for _, want := range []string{"CVE-2024-6119 libssl3: [sekisho]", "  sekisho severity unknown", "CVE-2000-0001 lodash: foreign [sekisho]"} {
		if !slices.Contains(got, want) {
			t.Errorf("no line %q in %q", want, got)
		}
	}
	if len(r.Packages) != len(ours().Packages) {
		t.Errorf("%d packages", len(r.Packages))
	}
}

// Why a rule of another tool is not among ours.
func TestNoFile(t *testing.T) {
	rule := func() *sekisho.Result {
		f := voice("hadolint", "DL3008", "warning", "", nil, at(sekisho.Misconfiguration, "Dockerfile", 3))
		f.ResourceKind = sekisho.ResourceDockerfile
		return result("hadolint", nil, f)
	}
	for want, kind := range map[string]string{sekisho.WhyNoFile: sekisho.ResourceKubernetes, sekisho.WhyUnknown: sekisho.ResourceDockerfile} {
		r := ours()
		r.Coverage.Resources = []sekisho.ResourceCoverage{{Kind: kind, Files: 1}}
		Merge(r, []*sekisho.Result{rule()}, Options{})
		if last := r.Findings[len(r.Findings)-1]; last.Disagreements[0].Code != want {
			t.Errorf("%+v, want %s", last.Disagreements, want)
		}
	}
}

func TestMissingThere(t *testing.T) {
	for name, tt := range map[string]struct {
		edit func(*sekisho.WitnessReport)
		want string
	}{
		"older":      {func(w *sekisho.WitnessReport) { w.Database = "2024-01-01" }, "  trivy missing-there database-older 2024-01-01|2024-09-03"},
		"only fixed": {func(w *sekisho.WitnessReport) { w.OnlyFixed = true }, "  trivy missing-there only-fixed"},
		"filtered":   {func(w *sekisho.WitnessReport) { w.Lowest = "high" }, "  trivy missing-there lowest high"},
		"plain":      {func(*sekisho.WitnessReport) {}, "  trivy missing-there package-there"},
	} {
		r, one := ours(), result("trivy", []sekisho.Package{{Ecosystem: "deb", Name: "zlib1g", Version: "1:1.2.13.dfsg-1"}})
		tt.edit(&one.Witnesses[0])
		Merge(r, []*sekisho.Result{one}, Options{})
		got := lines(r)
		if i := slices.Index(got, "CVE-2023-45853 zlib1g: []"); i < 0 || got[i+1] != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	// A tool that lists no packages, or is about another image, misses nothing.
	r, one := ours(), result("trivy", nil)
	Merge(r, []*sekisho.Result{one}, Options{})
	for _, l := range lines(r) {
		if strings.Contains(l, "missing-there") {
			t.Error(l)
		}
	}
}

// large are our findings and what three tools say of them: half the same, and
// half their own.
func large(n int) (*sekisho.Result, []*sekisho.Result) {
	r := ours()
	r.Packages, r.Findings = nil, nil
	var list []*sekisho.Result
	for i := range n {
		p := sekisho.Package{PURL: fmt.Sprintf("pkg:deb/debian/p%d@1.0-%d?arch=amd64", i%700, i%700), Ecosystem: "deb", Name: fmt.Sprintf("p%d", i%700), Version: fmt.Sprintf("1.0-%d", i%700), SourceName: fmt.Sprintf("s%d", i%300), Extractor: "deb"}
		if i < 700 {
			r.Packages = append(r.Packages, p)
		}
		r.Findings = append(r.Findings, sekisho.Finding{
			ID: fmt.Sprint(i), Kind: sekisho.Vulnerability, Rule: fmt.Sprintf("CVE-2025-%05d", i), Severity: sekisho.SeverityHigh, Package: &sekisho.PackageRef{PURL: p.PURL, Ecosystem: "deb", Name: p.Name, Version: p.Version},
			Evidence: []sekisho.Evidence{{Source: "debian-tracker", Severity: "high"}},
		})
	}
	for _, tool := range []string{"grype", "snyk", "trivy"} {
		var all []sekisho.Finding
		for i := range n {
			all = append(all, voice(tool, fmt.Sprintf("CVE-2025-%05d", i+n/2), "CRITICAL", "2.0", ref("deb", fmt.Sprintf("p%d", (i+n/2)%700), fmt.Sprintf("1.0-%d", (i+n/2)%700))))
		}
		one := result(tool, slices.Clone(r.Packages), all...)
		list = append(list, one)
	}
	return r, list
}

// 5,000 findings and three tools are merged within a second.
func BenchmarkMerge(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		r, list := large(5000)
		b.StartTimer()
		Merge(r, list, Options{})
		if len(r.Findings) != 7500 {
			b.Fatalf("%d findings", len(r.Findings))
		}
	}
}
