// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// judgedImage is an image as a scan with a database of advisories reports it:
// findings of every severity, with and without a fix, known to be exploited,
// suppressed, and without a title, as facts alone have none. The layers, ids,
// versions and scores are like those of the real ones; the words are ours.
func judgedImage() *sekisho.Result {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	instructions := []string{
		"# debian.sh --arch 'amd64' out/ 'bookworm'", "RUN apt-get update && apt-get install -y --no-install-recommends curl openssl ca-certificates",
		"COPY package.json package-lock.json ./", "COPY --chown=app:app target/shop-1.4.2.jar /srv/shop.jar",
	}
	r := &sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Tool: sekisho.Tool{Name: "sekisho", Version: "1.2.3"}, Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Target: sekisho.Target{
			Kind: sekisho.KindImage, Name: "registry.example.com:5000/shop/api:1.4.2", Source: "registry", Digest: digest("c"), IndexDigest: digest("d"), ConfigDigest: digest("e"),
			Platform: &sekisho.Platform{OS: "linux", Architecture: "amd64"},
		},
		OS:       &sekisho.OS{ID: "debian", Version: "12", Family: "debian", PrettyName: "Debian GNU/Linux 12 (bookworm)", EOL: "2026-07-11", EOLExtended: "2028-06-30"},
		Image:    &sekisho.ImageConfig{User: "app", Labels: map[string]string{"org.opencontainers.image.source": "https://git.example.com/shop"}},
		Database: &sekisho.Database{Date: "2026-01-01", Kind: "full", Sources: []sekisho.DatabaseSource{{Name: "debian-tracker", Date: "2026-01-01"}, {Name: "ghsa", Date: "2025-12-31"}, {Name: "kev", Date: "2025-12-30"}}},
		Coverage: sekisho.Coverage{
			Scanners: []sekisho.ScannerCoverage{{Name: "packages", Asked: true, Ran: true}, {Name: "vuln", Asked: true, Ran: true}, {Name: "secret", Why: "not asked for by --scanners", Code: sekisho.ScannerNotAsked}},
			OS:       "supported", Ecosystems: []sekisho.EcosystemCoverage{{Ecosystem: "deb", Packages: 7}, {Ecosystem: "maven", Packages: 1}, {Ecosystem: "npm", Packages: 1, Owned: 0, Hidden: 1, NotAssessed: 1}},
			Layers: len(instructions), LayersCached: 1, Files: 5321, Bytes: 142 << 20, FilesRead: 97, Complete: true,
		},
		Verdict: sekisho.Verdict{
			Decision: sekisho.Deny, Reasons: []string{"3 critical, 5 high, and high or worse is denied", "2 problems: part of the target was not assessed", "not judged: secret", "denied (known-exploited, 7): Fix it.", "warning (runs-as-root, 1): Set USER.", "the rule signed was not assessed, since it is not known: image.signed"},
			Details: []sekisho.Reason{
				{Code: sekisho.ReasonFindings, Args: []string{"high", "critical", "3", "high", "5"}},
				{Code: sekisho.ReasonProblems, Args: []string{"2"}},
				{Code: sekisho.ReasonNotJudged, Args: []string{"secret"}},
				{Code: sekisho.ReasonRuleDenied, Args: []string{"known-exploited", "7", "Fix it."}, Rule: "known-exploited", Policy: "recommended", Effect: "deny", Message: &sekisho.Words{EN: "Fix it.", JA: "修正してください。"}, Count: 7},
				{Code: sekisho.ReasonRuleWarned, Args: []string{"runs-as-root", "1", "Set USER."}, Rule: "runs-as-root", Policy: "recommended", Effect: "warn", Message: &sekisho.Words{EN: "Set USER.", JA: "USER を設定してください。"}, Count: 1},
				{Code: sekisho.ReasonRuleUnknown, Args: []string{"signed", "image.signed"}, Rule: "signed", Policy: "policy.yaml", Effect: "deny", Message: &sekisho.Words{EN: "Sign it.", JA: "署名してください。"}, Count: 1},
			},
			Judged: &sekisho.Judged{By: []sekisho.PolicySource{{Name: "recommended", Digest: digest("f"), Rules: 11}}, Environment: "production", Findings: 12},
		},
	}
	for i, s := range instructions {
		r.Layers = append(r.Layers, sekisho.Layer{Digest: digest(fmt.Sprint(i)), DiffID: digest(fmt.Sprint(i + 4)), Instruction: s})
	}
	pkg := func(eco, name, version, purl, path string, layer int) *sekisho.Package {
		diff := r.Layers[layer].DiffID
		r.Packages = append(r.Packages, sekisho.Package{
			Ecosystem: eco, Name: name, Version: version, PURL: purl, Layer: diff, Path: path, Locations: []sekisho.Location{{Layer: diff, Index: layer, Path: path}},
			Introduced: &sekisho.Introduction{Layer: diff, Index: layer, Instruction: instructions[layer]},
		})
		return &r.Packages[len(r.Packages)-1]
	}
	deb := func(name, version string, layer int) sekisho.Package {
		return *pkg("deb", name, version, "pkg:deb/debian/"+strings.ReplaceAll(name, "+", "%2B")+"@"+strings.ReplaceAll(version, "+", "%2B")+"?arch=amd64&distro=debian-12", "var/lib/dpkg/status", layer)
	}
	libc, libcbin, zlib, tar, ssl, curl := deb("libc6", "2.36-9+deb12u1", 0), deb("libc-bin", "2.36-9+deb12u1", 0), deb("zlib1g", "1:1.2.13.dfsg-1", 0), deb("tar", "1.34+dfsg-1.2", 0), deb("openssl", "3.0.11-1~deb12u1", 1), deb("curl", "7.88.1-10+deb12u4", 1)
	deb("ca-certificates", "20230311", 1)
	lodash := *pkg("npm", "lodash", "4.17.20", "pkg:npm/lodash@4.17.20", "srv/node_modules/lodash/package.json", 2)
	log4j := *pkg("maven", "org.apache.logging.log4j:log4j-core", "2.14.1", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "srv/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar", 3)

	add := func(p sekisho.Package, s sekisho.Severity, rule, fixed, status string, score float64, edit func(*sekisho.Finding)) {
		f := sekisho.Finding{
			ID: fmt.Sprintf("%032x", len(r.Findings)+1), Kind: sekisho.Vulnerability, Rule: rule, Severity: s,
			Package: &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Version: p.Version, Ecosystem: p.Ecosystem},
			Fixed:   fixed, Status: status, Layer: p.Layer, Introduced: p.Introduced, Location: p.Locations[0],
			References: []string{"https://security.example.com/" + rule}, Published: "2024-02-03",
			Evidence: []sekisho.Evidence{{Source: "debian-tracker", ID: rule, Date: "2026-01-01", Text: "installed " + p.Version + " is below " + fixed, Range: "< " + fixed, Order: "dpkg"}},
		}
		if fixed == "" {
			f.Evidence[0].Text, f.Evidence[0].Range = "every version is affected", "*"
		}
		if score > 0 {
			f.CVSS = []sekisho.CVSS{{Source: "nvd", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: score}}
		}
		if edit != nil {
			edit(&f)
		}
		r.Findings = append(r.Findings, f)
	}
	epss := func(score, percentile float64) func(*sekisho.Finding) {
		return func(f *sekisho.Finding) {
			f.EPSS = &sekisho.EPSS{Score: score, Percentile: percentile, Date: "2026-01-01"}
		}
	}
	add(log4j, sekisho.SeverityCritical, "CVE-2021-44228", "2.15.0", sekisho.StatusFixed, 10, func(f *sekisho.Finding) {
		epss(0.94358, 0.99954)(f)
		f.Aliases, f.Title = []string{"GHSA-jfh8-c2jp-5v3q"}, "a logged text can make it load and run code from elsewhere"
		f.CWEs, f.Exploits = []string{"CWE-20", "CWE-502", "NVD-CWE-noinfo"}, []string{"metasploit", "nuclei"}
		f.KEV = &sekisho.KEV{Added: "2021-12-10", Due: "2021-12-24", Ransomware: true}
		f.CVSS = append(f.CVSS, sekisho.CVSS{Source: "ghsa", Vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", Score: 10})
		f.Evidence[0].Source, f.Evidence[0].Order = "ghsa", "maven"
		f.Evidence = append(f.Evidence, sekisho.Evidence{Source: "kev", ID: "CVE-2021-44228", Date: "2025-12-30", Text: "listed as exploited", Path: f.Location.Path})
		f.Why, f.Fix = "whoever can make the program log a text runs code in it", "use log4j-core 2.15.0 or later"
	})
	add(log4j, sekisho.SeverityCritical, "CVE-2021-45046", "2.16.0", sekisho.StatusFixed, 9, epss(0.943, 0.999))
	add(zlib, sekisho.SeverityCritical, "CVE-2023-45853", "", sekisho.StatusWillNotFix, 9.8, epss(0.0041, 0.6))
	add(libc, sekisho.SeverityHigh, "CVE-2023-4911", "2.36-9+deb12u3", sekisho.StatusFixed, 7.8, func(f *sekisho.Finding) {
		epss(0.71, 0.98)(f)
		f.KEV = &sekisho.KEV{Added: "2023-11-21", Due: "2023-12-12"}
	})
	add(ssl, sekisho.SeverityHigh, "CVE-2024-6119", "3.0.14-1~deb12u2", sekisho.StatusFixed, 7.5, func(f *sekisho.Finding) {
		f.Title = "openssl: CVE-2024-6119" // what the matcher says where it has no prose
		f.Evidence[0] = sekisho.Evidence{Source: "debian-tracker", ID: "DSA-5764-1", Date: "2024-09-03", Severity: "high", Status: sekisho.StatusFixed, Fixed: f.Fixed, Channel: "lts", Range: "< " + f.Fixed, Order: "dpkg"}
	})
	add(curl, sekisho.SeverityHigh, "CVE-2024-2398", "7.88.1-10+deb12u6", sekisho.StatusFixed, 8.6, nil)
	add(lodash, sekisho.SeverityHigh, "CVE-2021-23337", "4.17.21", sekisho.StatusFixed, 7.2, func(f *sekisho.Finding) {
		f.Aliases, f.Title = []string{"GHSA-35jh-r3h4-6jhm"}, "a template's options can run commands"
	})
	add(ssl, sekisho.SeverityMedium, "CVE-2023-5678", "3.0.13-1~deb12u1", sekisho.StatusFixed, 5.3, nil)
	add(lodash, sekisho.SeverityMedium, "CVE-2020-28500", "4.17.21", sekisho.StatusFixed, 5.3, nil)
	add(libc, sekisho.SeverityMedium, "CVE-2025-4802", "", sekisho.StatusInvestigating, 0, nil)
	add(curl, sekisho.SeverityLow, "CVE-2024-2379", "", sekisho.StatusAffected, 0, nil)
	add(libcbin, sekisho.SeverityHigh, "CVE-2023-4911", "2.36-9+deb12u3", sekisho.StatusFixed, 7.8, func(f *sekisho.Finding) {
		epss(0.71, 0.98)(f)
		f.KEV = &sekisho.KEV{Added: "2023-11-21", Due: "2023-12-12"}
	})
	add(libcbin, sekisho.SeverityMedium, "CVE-2025-4802", "", sekisho.StatusInvestigating, 0, nil)
	add(tar, sekisho.SeverityNegligible, "CVE-2005-2541", "", sekisho.StatusDeferred, 0, nil)
	add(tar, sekisho.SeverityUnknown, "CVE-2026-0100", "", sekisho.StatusEndOfLife, 0, nil)
	add(log4j, sekisho.SeverityMedium, "CVE-2021-45105", "2.17.0", sekisho.StatusFixed, 5.9, func(f *sekisho.Finding) {
		f.Suppressed = &sekisho.Suppression{By: "vex:https://vex.example.com/shop.json", Reason: "no context lookup is configured", Until: "2026-06-30"}
	})
	for i := range 6 {
		r.Verdict.Details[3].Findings = append(r.Verdict.Details[3].Findings, r.Findings[i].ID)
	}
	r.Weights = []sekisho.WeightChange{{Code: "kev", Value: 40, Default: 30}, {Code: "sla.act-now", Value: 3, Default: 7}}
	return r
}
