// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func itoa(n int) string { return strconv.Itoa(n) }

// What is read of Snyk's JSON (`snyk test --json`, `snyk container test --json`),
// https://docs.snyk.io/snyk-cli/commands/test. Several projects are a list.
type snykProject struct {
	Vulnerabilities []snykIssue `json:"vulnerabilities"`
	ProjectName     string      `json:"projectName"`
	Path            string      `json:"path"`
	TargetFile      string      `json:"displayTargetFile"`
	PackageManager  string      `json:"packageManager"`
	Platform        string      `json:"platform"`
	// Applications are the projects found inside an image.
	Applications []snykProject `json:"applications"`
	Docker       struct {
		Image string `json:"image"`
	} `json:"docker"`
	ImageID  string `json:"imageId"`
	Filtered struct {
		Ignore []snykIssue `json:"ignore"`
	} `json:"filtered"`
	LicensesPolicy json.RawMessage `json:"licensesPolicy"`
	// Error in place of a result.
	Error string `json:"error"`
}

type snykIssue struct {
	ID             string              `json:"id"`
	Title          string              `json:"title"`
	Type           string              `json:"type"`
	Severity       string              `json:"severity"`
	NVDSeverity    string              `json:"nvdSeverity"`
	PackageName    string              `json:"packageName"`
	ModuleName     string              `json:"moduleName"`
	Name           string              `json:"name"`
	Version        string              `json:"version"`
	PackageManager string              `json:"packageManager"`
	FixedIn        []string            `json:"fixedIn"`
	Nearest        string              `json:"nearestFixedInVersion"`
	Identifiers    map[string][]string `json:"identifiers"`
	CVSSv3         string              `json:"CVSSv3"`
	CVSSScore      float64             `json:"cvssScore"`
	Malicious      bool                `json:"malicious"`
	Published      string              `json:"publicationTime"`
	License        string              `json:"license"`
	PURL           string              `json:"packageUrl"`
	EPSS           *struct {
		Probability string `json:"probability"`
		Percentile  string `json:"percentile"`
	} `json:"epssDetails"`
	References []struct {
		URL string `json:"url"`
	} `json:"references"`
	Filtered struct {
		Ignored []struct {
			Reason string `json:"reason"`
		} `json:"ignored"`
	} `json:"filtered"`
}

func (b *builder) snyk(text []byte) error {
	var all []snykProject
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		if err := decode(text, Snyk, &all); err != nil {
			return err
		}
	} else {
		var one snykProject
		if err := decode(text, Snyk, &one); err != nil {
			return err
		}
		all = append(all, one)
	}
	for i := range all {
		if all[i].Error != "" {
			return message.Errorf("it is no result: snyk says %q", cut(all[i].Error, maxWord))
		}
	}
	w := b.tool("snyk", "", "")
	b.covers(sekisho.Vulnerability)
	first := &all[0]
	w.Target = cut(cmp.Or(first.Docker.Image, first.Path, first.ProjectName), maxWord)
	w.ConfigDigest = cut(first.ImageID, maxWord)
	target := &b.r.Target
	target.Name = cmp.Or(w.Target, target.Name)
	target.ConfigDigest = w.ConfigDigest
	target.Kind = sekisho.KindRepository
	if strings.HasPrefix(first.ProjectName, "docker-image|") || first.Docker.Image != "" || first.ImageID != "" {
		target.Kind = sekisho.KindImage
	}
	for i := range all {
		b.snykProject(&all[i], 0)
	}
	return nil
}

func (b *builder) snykProject(p *snykProject, depth int) {
	if len(p.LicensesPolicy) > 2 {
		b.covers(sekisho.License)
	}
	for i := range p.Vulnerabilities {
		b.snykIssue(p, &p.Vulnerabilities[i], "")
	}
	for i := range p.Filtered.Ignore {
		why := "ignored"
		if list := p.Filtered.Ignore[i].Filtered.Ignored; len(list) > 0 {
			why = cmp.Or(list[0].Reason, why)
		}
		b.snykIssue(p, &p.Filtered.Ignore[i], why)
	}
	if depth == 0 { // an application holds no others
		for i := range p.Applications {
			b.snykProject(&p.Applications[i], depth+1)
		}
	}
}

func (b *builder) snykIssue(p *snykProject, v *snykIssue, ignored string) {
	ecosystem := snykEcosystem(cmp.Or(v.PackageManager, p.PackageManager))
	// A system's package is written "source/binary".
	name := cmp.Or(v.Name, v.PackageName, v.ModuleName)
	if ecosystem == sekisho.EcosystemDeb || ecosystem == sekisho.EcosystemRPM || ecosystem == sekisho.EcosystemAPK {
		name = name[strings.LastIndexByte(name, '/')+1:]
	} else {
		name = cmp.Or(v.PackageName, v.ModuleName, v.Name)
	}
	path := p.TargetFile
	if slices.Contains([]string{sekisho.EcosystemDeb, sekisho.EcosystemRPM, sekisho.EcosystemAPK}, ecosystem) {
		path = ""
	}
	f := sekisho.Finding{
		Kind: sekisho.Vulnerability, Title: v.Title, Package: &sekisho.PackageRef{PURL: v.PURL, Name: name, Version: v.Version, Ecosystem: ecosystem},
		Location: sekisho.Location{Path: path}, CWEs: v.Identifiers["CWE"], Published: cut(v.Published, 10),
	}
	switch {
	case v.Type == "license" || strings.HasPrefix(v.ID, "snyk:lic:"):
		f.Kind = sekisho.License
	case v.Malicious:
		f.Kind = sekisho.Malware
	}
	if v.CVSSv3 != "" {
		f.CVSS = []sekisho.CVSS{{Source: "snyk", Vector: v.CVSSv3, Score: v.CVSSScore}}
	}
	if e := v.EPSS; e != nil {
		score, err := strconv.ParseFloat(e.Probability, 64)
		rank, err2 := strconv.ParseFloat(e.Percentile, 64)
		if err == nil && err2 == nil && score >= 0 && score <= 1 {
			f.EPSS = &sekisho.EPSS{Score: score, Percentile: rank}
		}
	}
	for _, ref := range v.References {
		f.References = append(f.References, ref.URL)
	}
	w := sekisho.Witness{
		ID: v.ID, Severity: v.Severity, Source: "snyk", Fixed: cmp.Or(v.Nearest, strings.Join(v.FixedIn, ", ")), Suppressed: ignored,
		Aliases: slices.Concat(v.Identifiers["CVE"], v.Identifiers["GHSA"]),
	}
	if f.Kind == sekisho.License {
		w.ID, w.Aliases = cmp.Or(v.License, v.ID), []string{v.ID}
	}
	b.finding(f, w)
}

// snykEcosystem is our word for a package manager: "debian:12" is deb.
func snykEcosystem(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(s), ":")
	switch s {
	case "deb", "debian", "ubuntu":
		return sekisho.EcosystemDeb
	case "apk", "alpine", "wolfi", "chainguard":
		return sekisho.EcosystemAPK
	case "rpm", "rhel", "centos", "amzn", "ol", "rocky", "sles", "almalinux", "fedora":
		return sekisho.EcosystemRPM
	case "npm", "yarn", "pnpm", "yarn-workspace":
		return sekisho.EcosystemNPM
	case "pip", "pipenv", "poetry", "python":
		return sekisho.EcosystemPyPI
	case "maven", "gradle", "sbt":
		return sekisho.EcosystemMaven
	case "gomodules", "golangdep", "govendor", "golang":
		return sekisho.EcosystemGo
	case "rubygems":
		return sekisho.EcosystemGem
	case "paket":
		return sekisho.EcosystemNuGet
	}
	return s
}
