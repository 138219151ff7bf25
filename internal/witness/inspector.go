// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of Amazon Inspector's findings: `aws inspector2 list-findings`
// (https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html), the
// findings of `aws ecr describe-image-scan-findings`, enhanced and basic
// (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html),
// and events
// (https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html).
type inspectorReport struct {
	Findings          []inspectorFinding `json:"findings"`
	ImageScanFindings struct {
		Enhanced []inspectorFinding `json:"enhancedFindings"`
		Basic    []ecrFinding       `json:"findings"`
	} `json:"imageScanFindings"`
	// NextToken is set where more pages follow.
	NextToken  string `json:"nextToken"`
	Repository string `json:"repositoryName"`
	Image      struct {
		Digest string `json:"imageDigest"`
		Tag    string `json:"imageTag"`
	} `json:"imageId"`
	ScanStatus struct {
		Status      string `json:"status"`
		Description string `json:"description"`
	} `json:"imageScanStatus"`
	Detail     *inspectorFinding `json:"detail"`
	FindingARN string            `json:"findingArn"`
}

type inspectorFinding struct {
	Type            string          `json:"type"`
	Title           string          `json:"title"`
	Description     string          `json:"description"`
	Severity        string          `json:"severity"`
	Status          string          `json:"status"`
	FirstObservedAt json.RawMessage `json:"firstObservedAt"`
	UpdatedAt       json.RawMessage `json:"updatedAt"`
	EPSS            *struct {
		Score float64 `json:"score"`
	} `json:"epss"`
	ExploitAvailable string `json:"exploitAvailable"`
	Remediation      struct {
		Recommendation struct {
			Text string `json:"text"`
		} `json:"recommendation"`
	} `json:"remediation"`
	Details   *inspectorDetails   `json:"packageVulnerabilityDetails"`
	Code      *inspectorCode      `json:"codeVulnerabilityDetails"`
	Resources []inspectorResource `json:"resources"`
}

type inspectorResource struct {
	Type    string `json:"type"`
	ID      string `json:"id"`
	Details struct {
		Image struct {
			Architecture string   `json:"architecture"`
			Hash         string   `json:"imageHash"`
			Tags         []string `json:"imageTags"`
			Registry     string   `json:"registry"`
			Repository   string   `json:"repositoryName"`
			Platform     string   `json:"platform"`
		} `json:"awsEcrContainerImage"`
	} `json:"details"`
}

type inspectorCVSS struct {
	Vector string  `json:"scoringVector"`
	Score  float64 `json:"baseScore"`
	Source string  `json:"source"`
}

type inspectorDetails struct {
	ID             string             `json:"vulnerabilityId"`
	Source         string             `json:"source"`
	SourceURL      string             `json:"sourceUrl"`
	VendorSeverity string             `json:"vendorSeverity"`
	VendorCreated  json.RawMessage    `json:"vendorCreatedAt"`
	Related        []string           `json:"relatedVulnerabilities"`
	References     []string           `json:"referenceUrls"`
	CVSS           []inspectorCVSS    `json:"cvss"`
	Packages       []inspectorPackage `json:"vulnerablePackages"`
}

type inspectorPackage struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Release  string `json:"release"`
	Epoch    int    `json:"epoch"`
	Manager  string `json:"packageManager"`
	Fixed    string `json:"fixedInVersion"`
	FilePath string `json:"filePath"`
	Layer    string `json:"sourceLayerHash"`
}

type inspectorCode struct {
	DetectorID string   `json:"detectorId"`
	Name       string   `json:"detectorName"`
	CWEs       []string `json:"cwes"`
	FilePath   struct {
		Path  string `json:"filePath"`
		Start int    `json:"startLine"`
	} `json:"filePath"`
}

// ecrFinding is one of ECR's basic scanning.
type ecrFinding struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	URI         string `json:"uri"`
	Severity    string `json:"severity"`
	Attributes  []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"attributes"`
}

// enhanced says a finding of basic scanning in the words of Inspector. It names
// the source package.
func (e *ecrFinding) enhanced(r *inspectorReport) inspectorFinding {
	at := map[string]string{}
	for _, a := range e.Attributes {
		at[a.Key] = a.Value
	}
	f := inspectorFinding{Severity: e.Severity, Description: e.Description, Title: e.Name + " - " + at["package_name"]}
	f.Details = &inspectorDetails{ID: e.Name, Source: "ecr", SourceURL: e.URI}
	if at["package_name"] != "" {
		f.Details.Packages = []inspectorPackage{{Name: at["package_name"], Version: at["package_version"], Manager: "OS", Fixed: at["patched_version"]}}
	}
	// The names of the attributes say which version of CVSS it is.
	for _, c := range [...]string{"CVSS4", "CVSS3", "CVSS2"} {
		score, err := strconv.ParseFloat(at[c+"_SCORE"], 64)
		if vector := at[c+"_VECTOR"]; vector != "" && err == nil {
			f.Details.CVSS = append(f.Details.CVSS, inspectorCVSS{Vector: vector, Score: score, Source: "NVD"})
		}
	}
	if r.Image.Digest != "" {
		var of inspectorResource
		of.Details.Image.Hash, of.Details.Image.Repository = r.Image.Digest, r.Repository
		if r.Image.Tag != "" {
			of.Details.Image.Tags = []string{r.Image.Tag}
		}
		f.Resources = []inspectorResource{of}
	}
	return f
}

func (b *builder) inspector(text []byte) error {
	var all []inspectorFinding
	more := false
	if err := each(text, func(one []byte) error {
		var r inspectorReport
		if err := decode(one, Inspector, &r); err != nil {
			return err
		}
		more = r.NextToken != ""
		all = append(all, r.Findings...)
		all = append(all, r.ImageScanFindings.Enhanced...)
		if s := r.ScanStatus.Status; s != "" && s != "COMPLETE" && s != "ACTIVE" {
			return message.Errorf("it is a scan of Amazon ECR that is not complete (%s): scan the image there again", cut(strings.TrimSpace(s+" "+r.ScanStatus.Description), maxWord))
		}
		for i := range r.ImageScanFindings.Basic {
			all = append(all, r.ImageScanFindings.Basic[i].enhanced(&r))
		}
		if r.Detail != nil {
			all = append(all, *r.Detail)
		}
		if r.FindingARN != "" {
			var f inspectorFinding
			if err := decode(one, Inspector, &f); err != nil {
				return err
			}
			all = append(all, f)
		}
		return nil
	}); err != nil {
		return err
	}
	b.inspectorTool(all)
	if more {
		b.r.Problems = append(b.r.Problems, sekisho.Problem{Stage: sekisho.StageMerge}.Saying(message.Say("the report is one page of several: write the pages that follow behind it in the same file")))
	}
	for i := range all {
		b.inspectorFinding(&all[i])
	}
	return nil
}

// inspectorTool names the one tool, with the day of its latest word and the image
// where all findings are about one.
func (b *builder) inspectorTool(all []inspectorFinding) {
	latest := ""
	images := map[string]string{}
	for i := range all {
		latest = max(latest, text(all[i].UpdatedAt))
		for _, r := range all[i].Resources {
			if im := r.Details.Image; im.Hash != "" {
				name := im.Repository
				if len(im.Tags) > 0 {
					name += ":" + im.Tags[0]
				}
				images[im.Hash] = name
			}
		}
	}
	w := b.tool("amazon-inspector", "", latest)
	b.covers(sekisho.Vulnerability)
	if len(images) == 1 {
		for digest, name := range images {
			w.Digest, w.Target = cut(digest, maxWord), cut(name, maxWord)
			b.r.Target.Kind, b.r.Target.Digest, b.r.Target.Name = sekisho.KindImage, w.Digest, cmp.Or(w.Target, b.r.Target.Name)
		}
	}
}

// text is a time as Inspector writes it: a string, or seconds as a number.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return day(s)
	}
	return ""
}

func (b *builder) inspectorFinding(v *inspectorFinding) {
	base := sekisho.Finding{Kind: sekisho.Vulnerability, Title: v.Title, Fix: v.Remediation.Recommendation.Text}
	if base.Fix == "None Provided" {
		base.Fix = ""
	}
	w := sekisho.Witness{Severity: v.Severity}
	if v.Status == "SUPPRESSED" {
		w.Suppressed = "suppressed in Amazon Inspector"
	}
	if v.Status == "CLOSED" {
		return // it was repaired since
	}
	if v.EPSS != nil && v.EPSS.Score > 0 && v.EPSS.Score <= 1 {
		base.EPSS = &sekisho.EPSS{Score: v.EPSS.Score}
	}
	if c := v.Code; c != nil && v.Details == nil {
		base.Kind, base.CWEs = sekisho.Misconfiguration, c.CWEs
		base.Location = sekisho.Location{Path: c.FilePath.Path, Line: c.FilePath.Start}
		w.ID = cmp.Or(c.DetectorID, c.Name)
		b.finding(base, w)
		return
	}
	d := v.Details
	if d == nil {
		return // network reachability: nothing of an image
	}
	w.ID, w.Source, w.Aliases = d.ID, d.Source, d.Related
	base.References = append([]string{d.SourceURL}, d.References...)
	base.Published = cut(text(d.VendorCreated), 10)
	for _, c := range d.CVSS {
		if c.Vector != "" {
			base.CVSS = append(base.CVSS, sekisho.CVSS{Source: cut(c.Source, maxWord), Vector: cut(c.Vector, maxWord), Score: c.Score})
		}
	}
	// The title is "CVE-2026-1 - package1, package2": says nothing new.
	if strings.HasPrefix(base.Title, d.ID+" - ") {
		base.Title = v.Description
	}
	for _, p := range d.Packages {
		f, w := base, w
		version := p.Version
		if p.Release != "" {
			version += "-" + p.Release
		}
		if p.Epoch > 0 {
			version = itoa(p.Epoch) + ":" + version
		}
		if w.Fixed = p.Fixed; w.Fixed == "NotAvailable" {
			w.Fixed = ""
		}
		f.Package = &sekisho.PackageRef{Name: p.Name, Version: version, Ecosystem: inspectorEcosystem(p.Manager)}
		f.Location = sekisho.Location{Path: p.FilePath}
		b.finding(f, w)
	}
	if len(d.Packages) == 0 {
		b.finding(base, w)
	}
}

// inspectorEcosystem is our word for a package manager.
func inspectorEcosystem(s string) string {
	switch s {
	case "OS":
		return "" // the distribution's own, whichever it is
	case "DPKG":
		return sekisho.EcosystemDeb
	case "APK":
		return sekisho.EcosystemAPK
	case "RPM":
		return sekisho.EcosystemRPM
	case "NPM", "NODEPKG", "YARN", "PNPM":
		return sekisho.EcosystemNPM
	case "PIP", "PIPENV", "POETRY", "PYTHONPKG", "PYTHON":
		return sekisho.EcosystemPyPI
	case "JAR", "POM", "MAVEN", "GRADLE":
		return sekisho.EcosystemMaven
	case "GOBINARY", "GOMOD", "GO":
		return sekisho.EcosystemGo
	case "CARGO", "RUSTBINARY":
		return sekisho.EcosystemCargo
	case "BUNDLER", "GEMSPEC", "GEM":
		return sekisho.EcosystemGem
	case "COMPOSER":
		return sekisho.EcosystemComposer
	case "NUGET", "DOTNET_CORE":
		return sekisho.EcosystemNuGet
	}
	return strings.ToLower(s)
}

// each gives the text, or the items where it is a list.
func each(text []byte, take func(one []byte) error) error {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		return take(text)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return notJSON(err)
	}
	for _, one := range list {
		if err := take(one); err != nil {
			return err
		}
	}
	return nil
}
