// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of Trivy's JSON, schema version 2,
// https://github.com/aquasecurity/trivy/blob/main/pkg/types/report.go.
type trivyReport struct {
	SchemaVersion int
	Trivy         struct{ Version string }
	CreatedAt     string
	ArtifactName  string
	ArtifactType  string
	Metadata      struct {
		OS *struct {
			Family, Name string
			EOSL         bool
		}
		ImageID     string
		RepoDigests []string
		ImageConfig struct {
			Architecture string `json:"architecture"`
			OS           string `json:"os"`
		}
	}
	Results []trivyResult

	// Resources are those of a cluster (`trivy k8s --report all`), each with results
	// and the metadata of its images; earlier versions have them in two lists.
	ClusterName                                   string
	Resources, Vulnerabilities, Misconfigurations []trivyClusterResource
}

// trivyClusterResource is a workload of a cluster,
// https://github.com/aquasecurity/trivy/blob/main/pkg/k8s/report/report.go.
type trivyClusterResource struct {
	Namespace, Kind, Name string
	Results               []trivyResult
	Error                 string
}

type trivyResult struct {
	Target, Class, Type string
	Packages            []trivyPackage
	Vulnerabilities     []trivyVulnerability
	MisconfSummary      *struct{ Successes, Failures int }
	Misconfigurations   []trivyMisconfiguration
	Secrets             []trivySecret
	Licenses            []trivyLicense
	Modified            []trivyModified `json:"ExperimentalModifiedFindings"`
}

type trivyLayer struct{ Digest, DiffID string }

type trivyPackage struct {
	Name, Version, Release string
	Epoch                  int
	Identifier             struct{ PURL string }
	SrcName, SrcVersion    string
	Arch                   string
	Licenses               []string
	FilePath               string
	Layer                  trivyLayer
	Relationship           string
	Dev                    bool
	Locations              []struct{ StartLine int }
}

type trivyVulnerability struct {
	VulnerabilityID            string
	VendorIDs                  []string
	PkgID, PkgName, PkgPath    string
	PkgIdentifier              struct{ PURL string }
	InstalledVersion           string
	FixedVersion, Status       string
	Layer                      trivyLayer
	SeveritySource, PrimaryURL string
	DataSource                 struct{ ID string }
	Title, Severity            string
	CweIDs                     []string
	CVSS                       map[string]trivyCVSS
	References                 []string
	PublishedDate              string
}

type trivyCVSS struct {
	V2Vector, V3Vector, V40Vector string
	V2Score, V3Score, V40Score    float64
}

type trivyMisconfiguration struct {
	Type, ID, AVDID, Title, Description, Message, Resolution string
	Severity, Status                                         string
	PrimaryURL                                               string
	References                                               []string
	Layer                                                    trivyLayer
	CauseMetadata                                            struct {
		Resource           string
		StartLine, EndLine int
	}
}

type trivySecret struct {
	RuleID, Category, Severity, Title string
	StartLine, EndLine                int
	Layer                             trivyLayer
}

type trivyLicense struct {
	Severity, Category, PkgName, FilePath, Name, Link string
}

type trivyModified struct {
	Type, Status, Statement, Source string
	Finding                         trivyVulnerability
}

func (b *builder) trivy(text []byte) error {
	var t trivyReport
	if err := decode(text, Trivy, &t); err != nil {
		return err
	}
	w := b.tool("trivy", t.Trivy.Version, t.CreatedAt)
	w.Target, w.ConfigDigest = cut(t.ArtifactName, maxWord), t.Metadata.ImageID
	target := &b.r.Target
	target.Name = cmp.Or(w.Target, target.Name)
	for _, d := range t.Metadata.RepoDigests {
		if _, digest, ok := strings.Cut(d, "@"); ok {
			w.Digest = cut(digest, maxWord)
		}
	}
	switch t.ArtifactType {
	case "container_image":
		target.Kind = sekisho.KindImage
	case "filesystem":
		target.Kind = sekisho.KindRootFS
	case "repository":
		target.Kind = sekisho.KindRepository
	}
	target.Digest, target.ConfigDigest = w.Digest, w.ConfigDigest
	if c := t.Metadata.ImageConfig; c.Architecture != "" {
		target.Platform = &sekisho.Platform{OS: cmp.Or(c.OS, "linux"), Architecture: c.Architecture}
	}
	if os := t.Metadata.OS; os != nil && os.Family != "" && os.Family != "none" {
		b.r.OS = &sekisho.OS{ID: cut(os.Family, maxWord), Version: cut(os.Name, maxWord)}
	}
	for i := range t.Results {
		b.trivyResult(&t.Results[i])
	}
	for _, list := range [][]trivyClusterResource{t.Resources, t.Vulnerabilities, t.Misconfigurations} {
		for i := range list {
			b.trivyWorkload(&list[i])
		}
	}
	if t.ClusterName != "" {
		w.Target = cut(t.ClusterName, maxWord)
		target.Name = w.Target
	}
	return nil
}

// trivyWorkload reads what is said of a workload of a cluster: "Deployment/web"
// is no path but what is judged.
func (b *builder) trivyWorkload(c *trivyClusterResource) {
	name := c.Kind + "/" + c.Name
	if c.Error != "" {
		b.r.Problems = append(b.r.Problems, sekisho.Problem{Stage: sekisho.StageMerge, Path: cut(name, maxWord)}.Saying(message.Say("Trivy could not examine it: %s", cut(c.Error, maxProse-len("Trivy could not examine it: ")))))
	}
	for i := range c.Results {
		r := &c.Results[i]
		if r.Class == "config" && r.Type == "kubernetes" {
			for j := range r.Misconfigurations {
				r.Misconfigurations[j].CauseMetadata.Resource = name
			}
			r.Target = strings.TrimPrefix(c.Namespace+"/"+name, "/")
		}
		b.trivyResult(r)
	}
}

func (b *builder) trivyResult(r *trivyResult) {
	// The class says that Trivy looked, even where it found nothing. Packages are
	// listed for SBOMs and licences too, so they alone do not.
	switch r.Class {
	case "os-pkgs", "lang-pkgs":
		if len(r.Licenses) == 0 {
			b.covers(sekisho.Vulnerability)
		}
	case "config":
		b.covers(sekisho.Misconfiguration)
	case "secret":
		b.covers(sekisho.Secret)
	case "license", "license-file":
		b.covers(sekisho.License)
	}
	// The target of a lock file is its path, that of system packages is a name.
	file := ""
	if r.Class != "os-pkgs" {
		file = r.Target
	}
	for i := range r.Packages {
		p := &r.Packages[i]
		version := p.Version
		if p.Release != "" {
			version += "-" + p.Release
		}
		if p.Epoch > 0 {
			version = itoa(p.Epoch) + ":" + version
		}
		one := sekisho.Package{
			PURL: p.Identifier.PURL, Name: p.Name, Version: version, SourceName: p.SrcName, SourceVersion: p.SrcVersion, Arch: p.Arch, Licenses: p.Licenses,
			Path: cmp.Or(p.FilePath, trivyPath(r, file)), Layer: p.Layer.DiffID, Relationship: relationship(p.Relationship), Dev: p.Dev, Ecosystem: trivyEcosystem(r.Type),
		}
		if len(p.Locations) > 0 {
			one.Line = p.Locations[0].StartLine
		}
		b.pkg(one)
	}
	for i := range r.Vulnerabilities {
		b.trivyVulnerability(r, file, &r.Vulnerabilities[i], "", "")
	}
	for i := range r.Modified {
		if m := &r.Modified[i]; m.Type == "vulnerability" || m.Type == "" {
			b.trivyVulnerability(r, file, &m.Finding, m.Status, cmp.Or(m.Statement, m.Source))
		}
	}
	for i := range r.Misconfigurations {
		b.trivyMisconfiguration(r, &r.Misconfigurations[i])
	}
	for _, s := range r.Secrets {
		b.finding(sekisho.Finding{
			Kind: sekisho.Secret, Title: s.Title, Location: sekisho.Location{Path: r.Target, Line: s.StartLine, EndLine: s.EndLine, Layer: s.Layer.DiffID},
		}, sekisho.Witness{ID: s.RuleID, Severity: s.Severity})
	}
	for _, l := range r.Licenses {
		f := sekisho.Finding{Kind: sekisho.License, Title: strings.TrimSpace(l.Name + " " + l.Category), Location: sekisho.Location{Path: l.FilePath}, References: []string{l.Link}}
		if l.PkgName != "" {
			f.Package = &sekisho.PackageRef{Name: l.PkgName, Ecosystem: trivyEcosystem(r.Type)}
		}
		b.finding(f, sekisho.Witness{ID: l.Name, Severity: l.Severity})
	}
}

// trivyPath is the path of a result that is about one file: "Node.js" and "Java"
// are names of collections.
func trivyPath(r *trivyResult, file string) string {
	if r.Class == "lang-pkgs" && !slices.Contains([]string{"Node.js", "Java", "Python", "Ruby", "Conda", "PHP", "Rust"}, r.Target) {
		return file
	}
	return ""
}

func (b *builder) trivyVulnerability(r *trivyResult, file string, v *trivyVulnerability, state, statement string) {
	f := sekisho.Finding{
		Kind: sekisho.Vulnerability, Title: v.Title, References: v.References, CWEs: v.CweIDs, Published: day(v.PublishedDate)[:min(10, len(day(v.PublishedDate)))],
		Package:  &sekisho.PackageRef{PURL: v.PkgIdentifier.PURL, Name: v.PkgName, Version: v.InstalledVersion, Ecosystem: trivyEcosystem(r.Type)},
		Location: sekisho.Location{Path: cmp.Or(v.PkgPath, trivyPath(r, file)), Layer: v.Layer.DiffID},
	}
	for _, source := range slices.Sorted(maps.Keys(v.CVSS)) {
		c := v.CVSS[source]
		for _, s := range []sekisho.CVSS{{Source: source, Vector: c.V2Vector, Score: c.V2Score}, {Source: source, Vector: c.V3Vector, Score: c.V3Score}, {Source: source, Vector: c.V40Vector, Score: c.V40Score}} {
			if s.Vector != "" {
				f.CVSS = append(f.CVSS, s)
			}
		}
	}
	// Advisories of a distribution speak of several flaws: no names of this one.
	w := sekisho.Witness{
		ID: v.VulnerabilityID, Severity: v.Severity, Source: cmp.Or(v.SeveritySource, v.DataSource.ID), Fixed: v.FixedVersion, Status: trivyStatus(v.Status),
	}
	switch state {
	case "":
	case "not_affected":
		w.Status = sekisho.StatusNotAffected
		w.Suppressed = cmp.Or(statement, state)
	default:
		w.Suppressed = cmp.Or(statement, state)
	}
	b.finding(f, w)
}

func trivyStatus(s string) string {
	switch s {
	case sekisho.StatusFixed, sekisho.StatusAffected, sekisho.StatusNotAffected, sekisho.StatusWillNotFix, sekisho.StatusEndOfLife, sekisho.StatusInvestigating, sekisho.StatusDeferred:
		return s
	}
	return ""
}

func (b *builder) trivyMisconfiguration(r *trivyResult, m *trivyMisconfiguration) {
	b.covers(sekisho.Misconfiguration)
	if m.Status == "PASS" || m.Status == "EXCEPTION" {
		return
	}
	b.finding(sekisho.Finding{
		Kind: sekisho.Misconfiguration, Title: m.Title, Why: cmp.Or(m.Message, m.Description), Fix: m.Resolution, References: append([]string{m.PrimaryURL}, m.References...),
		ResourceKind: trivyResource(r.Type), Resource: cut(m.CauseMetadata.Resource, maxWord),
		Location: sekisho.Location{Path: r.Target, Line: m.CauseMetadata.StartLine, EndLine: m.CauseMetadata.EndLine, Layer: m.Layer.DiffID},
	}, sekisho.Witness{ID: m.ID, Aliases: []string{m.AVDID}, Severity: m.Severity})
}

// trivyResource is our word for a kind of configuration file.
func trivyResource(typ string) string {
	switch typ {
	case "dockerfile":
		return sekisho.ResourceDockerfile
	case "kubernetes":
		return sekisho.ResourceKubernetes
	case "terraform", "terraformplan":
		return sekisho.ResourceTerraform
	case "cloudformation":
		return sekisho.ResourceCloudFormation
	case "helm":
		return sekisho.ResourceHelm
	}
	return ""
}

// trivyEcosystem is our word for the type of a result.
func trivyEcosystem(typ string) string {
	switch typ {
	case "debian", "ubuntu", "echo":
		return sekisho.EcosystemDeb
	case "alpine", "wolfi", "chainguard", "minimos":
		return sekisho.EcosystemAPK
	case "redhat", "centos", "rocky", "alma", "fedora", "amazon", "oracle", "photon", "azurelinux", "cbl-mariner", "suse linux enterprise server", "sles", "opensuse", "opensuse-leap", "opensuse-tumbleweed":
		return sekisho.EcosystemRPM
	case "npm", "yarn", "pnpm", "bun", "node-pkg", "javascript":
		return sekisho.EcosystemNPM
	case "pip", "pipenv", "poetry", "uv", "pylock", "python-pkg":
		return sekisho.EcosystemPyPI
	case "jar", "pom", "gradle", "sbt", "gradle-lockfile":
		return sekisho.EcosystemMaven
	case "gomod", "gobinary":
		return sekisho.EcosystemGo
	case "cargo", "rustbinary", "rust-binary":
		return sekisho.EcosystemCargo
	case "bundler", "gemspec":
		return sekisho.EcosystemGem
	case "composer", "composer-vendor":
		return sekisho.EcosystemComposer
	case "nuget", "dotnet-core", "packages-props":
		return sekisho.EcosystemNuGet
	}
	return typ
}

func relationship(s string) sekisho.Relationship {
	switch s {
	case "direct":
		return sekisho.Direct
	case "indirect", "transitive":
		return sekisho.Transitive
	case "root", "workspace":
		return sekisho.Root
	}
	return ""
}
