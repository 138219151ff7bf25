// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"cmp"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of the AWS Security Finding Format, of any product that sends
// vulnerabilities to Security Hub,
// https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html.
type asffReport struct {
	Findings []asffFinding `json:"Findings"`
	Detail   struct {
		Findings []asffFinding `json:"findings"`
	} `json:"detail"`
	ProductARN string `json:"ProductArn"`
}

type asffFinding struct {
	ProductArn  string
	ProductName string
	GeneratorID string `json:"GeneratorId"`
	Types       []string
	UpdatedAt   string
	Title       string
	Severity    struct{ Label string }
	RecordState string
	Workflow    struct{ Status string }
	Remediation struct{ Recommendation struct{ Text string } }
	Resources   []struct {
		Type, ID string
		Details  struct {
			AwsEcrContainerImage struct {
				ImageDigest    string
				RepositoryName string
				ImageTags      []string
			}
		}
	}
	Vulnerabilities []struct {
		ID                 string `json:"Id"`
		VulnerablePackages []asffPackage
		Cvss               []struct {
			BaseVector, Source string
			BaseScore          float64
		}
		RelatedVulnerabilities []string
		ReferenceUrls          []string
		Vendor                 struct{ Name, VendorSeverity, VendorCreatedAt string }
		EpssScore              float64
	}
}

type asffPackage struct {
	Name, Version, Release, Epoch  string
	PackageManager, FixedInVersion string
	FilePath                       string
	SourceLayerHash                string
}

func (b *builder) asff(text []byte) error {
	var all []asffFinding
	if err := each(text, func(one []byte) error {
		var r asffReport
		if err := decode(one, ASFF, &r); err != nil {
			return err
		}
		all = append(all, r.Findings...)
		all = append(all, r.Detail.Findings...)
		if r.ProductARN != "" {
			var f asffFinding
			if err := decode(one, ASFF, &f); err != nil {
				return err
			}
			all = append(all, f)
		}
		return nil
	}); err != nil {
		return err
	}
	latest := map[string]string{}
	for i := range all {
		latest[all[i].product()] = max(latest[all[i].product()], all[i].UpdatedAt)
	}
	for i := range all {
		b.tool(all[i].product(), "", latest[all[i].product()])
		b.asffFinding(&all[i])
	}
	if len(all) == 0 {
		b.tool("aws-security-hub", "", "")
	}
	return nil
}

// product names the tool: "arn:aws:securityhub:REGION::product/aws/inspector".
func (f *asffFinding) product() string {
	name := f.ProductName
	if name == "" {
		name = f.ProductArn[strings.LastIndexByte(f.ProductArn, '/')+1:]
	}
	return cmp.Or(toolName(name), "aws-security-hub")
}

func (b *builder) asffFinding(v *asffFinding) {
	if v.RecordState == "ARCHIVED" || v.Workflow.Status == "RESOLVED" {
		return
	}
	for _, r := range v.Resources {
		if im := r.Details.AwsEcrContainerImage; im.ImageDigest != "" && b.now.Digest == "" {
			b.now.Digest, b.now.Target = cut(im.ImageDigest, maxWord), cut(im.RepositoryName, maxWord)
		}
	}
	w := sekisho.Witness{Severity: v.Severity.Label}
	if v.Workflow.Status == "SUPPRESSED" {
		w.Suppressed = "suppressed in Security Hub"
	}
	if len(v.Vulnerabilities) == 0 {
		b.finding(sekisho.Finding{Kind: sekisho.Misconfiguration, Title: v.Title, Fix: v.Remediation.Recommendation.Text}, sekisho.Witness{ID: v.GeneratorID, Severity: w.Severity, Suppressed: w.Suppressed})
		return
	}
	for i := range v.Vulnerabilities {
		one := &v.Vulnerabilities[i]
		base := sekisho.Finding{Kind: sekisho.Vulnerability, Title: v.Title, Fix: v.Remediation.Recommendation.Text, References: one.ReferenceUrls, Published: cut(one.Vendor.VendorCreatedAt, 10)}
		if one.EpssScore > 0 && one.EpssScore <= 1 {
			base.EPSS = &sekisho.EPSS{Score: one.EpssScore}
		}
		for _, c := range one.Cvss {
			if c.BaseVector != "" {
				base.CVSS = append(base.CVSS, sekisho.CVSS{Source: cut(c.Source, maxWord), Vector: cut(c.BaseVector, maxWord), Score: c.BaseScore})
			}
		}
		w := w
		w.ID, w.Aliases, w.Source = one.ID, one.RelatedVulnerabilities, one.Vendor.Name
		for _, p := range one.VulnerablePackages {
			f, w := base, w
			version := p.Version
			if p.Release != "" {
				version += "-" + p.Release
			}
			if p.Epoch != "" && p.Epoch != "0" {
				version = p.Epoch + ":" + version
			}
			if w.Fixed = p.FixedInVersion; w.Fixed == "NotAvailable" {
				w.Fixed = ""
			}
			f.Package = &sekisho.PackageRef{Name: p.Name, Version: version, Ecosystem: inspectorEcosystem(p.PackageManager)}
			f.Location = sekisho.Location{Path: p.FilePath}
			b.finding(f, w)
		}
		if len(one.VulnerablePackages) == 0 {
			b.finding(base, w)
		}
	}
}
