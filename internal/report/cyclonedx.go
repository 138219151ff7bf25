// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/.
type cdxBOM struct {
	Schema       string             `json:"$schema"`
	Format       string             `json:"bomFormat"`
	Spec         string             `json:"specVersion"`
	Serial       string             `json:"serialNumber"`
	Version      int                `json:"version"`
	Metadata     cdxMetadata        `json:"metadata"`
	Components   []cdxComponent     `json:"components"`
	Dependencies []cdxDependency    `json:"dependencies"`
	Compositions []cdxComposition   `json:"compositions"`
	Vulns        []cdxVulnerability `json:"vulnerabilities,omitempty"`
}

type cdxMetadata struct {
	Timestamp string `json:"timestamp,omitempty"`
	Tools     struct {
		Components []cdxComponent `json:"components"`
	} `json:"tools"`
	Component cdxComponent `json:"component"`
}

type cdxComponent struct {
	Type       string        `json:"type"`
	Ref        string        `json:"bom-ref,omitempty"`
	Group      string        `json:"group,omitempty"`
	Name       string        `json:"name"`
	Version    string        `json:"version,omitempty"`
	Scope      string        `json:"scope,omitempty"`
	Hashes     []cdxHash     `json:"hashes,omitempty"`
	Licenses   []cdxLicense  `json:"licenses,omitempty"`
	PURL       string        `json:"purl,omitempty"`
	Properties []cdxProperty `json:"properties,omitempty"`
}

type cdxHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// cdxLicense is an expression, which then stands alone.
type cdxLicense struct {
	Expression string `json:"expression"`
}

type cdxProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type cdxDependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

type cdxComposition struct {
	Aggregate  string   `json:"aggregate"`
	Assemblies []string `json:"assemblies"`
}

type cdxVulnerability struct {
	Ref        string        `json:"bom-ref"`
	ID         string        `json:"id"`
	Source     *cdxSource    `json:"source,omitempty"`
	References []cdxVulnRef  `json:"references,omitempty"`
	Ratings    []cdxRating   `json:"ratings,omitempty"`
	CWEs       []int         `json:"cwes,omitempty"`
	Summary    string        `json:"description,omitempty"`
	Detail     string        `json:"detail,omitempty"`
	Remedy     string        `json:"recommendation,omitempty"`
	Advisories []cdxAdvisory `json:"advisories,omitempty"`
	Published  string        `json:"published,omitempty"`
	Analysis   *cdxAnalysis  `json:"analysis,omitempty"`
	Affects    []cdxAffects  `json:"affects"`
	Properties []cdxProperty `json:"properties,omitempty"`
}

type cdxSource struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

type cdxVulnRef struct {
	ID     string    `json:"id"`
	Source cdxSource `json:"source"`
}

type cdxRating struct {
	Source   *cdxSource `json:"source,omitempty"`
	Score    float64    `json:"score,omitempty"`
	Severity string     `json:"severity,omitempty"`
	Method   string     `json:"method,omitempty"`
	Vector   string     `json:"vector,omitempty"`
}

type cdxAdvisory struct {
	URL string `json:"url"`
}

type cdxAnalysis struct {
	State         string   `json:"state"`
	Justification string   `json:"justification,omitempty"`
	Response      []string `json:"response,omitempty"`
	Detail        string   `json:"detail,omitempty"`
}

type cdxAffects struct {
	Ref      string       `json:"ref"`
	Versions []cdxVersion `json:"versions,omitempty"`
}

type cdxVersion struct {
	Version string `json:"version"`
	Status  string `json:"status"`
}

func writeCycloneDX(w io.Writer, r *sekisho.Result, _ Options) error {
	return encode(w, cycloneDX(r))
}

// writeCycloneDXXML writes the same in XML, https://cyclonedx.org/docs/1.6/xml/.
func writeCycloneDXXML(w io.Writer, r *sekisho.Result, _ Options) error {
	var b bytes.Buffer
	if err := encode(&b, cycloneDX(r)); err != nil {
		return err
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(&b, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		return message.Errorf("turn CycloneDX into XML: %w", err)
	}
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatXML).SetPretty(true).EncodeVersion(&bom, cdx.SpecVersion1_6)
}

func cycloneDX(r *sekisho.Result) *cdxBOM {
	b := cdxBOM{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Components: []cdxComponent{}, Dependencies: []cdxDependency{},
	}
	if !r.Created.IsZero() {
		b.Metadata.Timestamp = r.Created.UTC().Format(time.RFC3339)
	}
	b.Metadata.Tools.Components = []cdxComponent{{Type: "application", Name: "sekisho", Version: r.Tool.Version}}
	b.Metadata.Component = cdxTarget(r)
	aggregate := "complete"
	refs := map[string]string{}
	top := cdxDependency{Ref: b.Metadata.Component.Ref, DependsOn: []string{}}
	used := map[string]int{}
	for _, r := range all(r) {
		if !r.Coverage.Complete {
			aggregate = "incomplete"
		}
		if r.OS != nil {
			b.Components = append(b.Components, cdxComponent{
				Type: "operating-system", Ref: unique(used, "os:"+r.OS.ID+"@"+r.OS.Version), Name: r.OS.ID, Version: r.OS.Version,
			})
		}
		for i := range r.Packages {
			p := &r.Packages[i]
			c := cdxPackage(r, p)
			c.Ref = unique(used, orElse(p.PURL, p.Ecosystem+":"+p.Name+"@"+p.Version))
			if _, ok := refs[p.PURL]; !ok {
				refs[p.PURL] = c.Ref
			}
			b.Components = append(b.Components, c)
			if p.Relationship != sekisho.Transitive && !p.Hidden {
				top.DependsOn = append(top.DependsOn, c.Ref)
			}
		}
		for i := range r.Findings {
			if f := &r.Findings[i]; ofPackage(f) {
				v := cdxVuln(f, orElse(refs[f.Package.PURL], b.Metadata.Component.Ref))
				v.Ref = unique(used, orElse(f.ID, f.Rule))
				b.Vulns = append(b.Vulns, v)
			}
		}
	}
	b.Dependencies = append(b.Dependencies, top)
	b.Compositions = []cdxComposition{{aggregate, []string{top.Ref}}}
	b.Serial = "urn:uuid:" + contentUUID(r)
	return &b
}

// unique makes a reference that was used before another one.
func unique(used map[string]int, ref string) string {
	used[ref]++
	if n := used[ref]; n > 1 {
		return ref + "#" + strconv.Itoa(n)
	}
	return ref
}

func cdxTarget(r *sekisho.Result) cdxComponent {
	c := cdxComponent{Type: "file", Ref: "target", Name: r.Target.Name, Version: r.Target.Digest}
	switch r.Target.Kind {
	case sekisho.KindImage:
		c.Type = "container"
	case sekisho.KindRepository:
		c.Type = "application"
	case sekisho.KindRootFS:
		c.Type = "operating-system"
	case sekisho.KindSBOM, sekisho.KindPURL:
	}
	if hex, ok := strings.CutPrefix(r.Target.Digest, "sha256:"); ok {
		c.Hashes = []cdxHash{{"SHA-256", hex}}
	}
	for i, l := range r.Layers {
		if l.DiffID != "" {
			c.Properties = append(c.Properties, cdxProperty{fmt.Sprintf("sekisho:layer:%d:diffId", i), l.DiffID})
		}
	}
	return c
}

func cdxPackage(r *sekisho.Result, p *sekisho.Package) cdxComponent {
	c := cdxComponent{Type: "library", Name: p.Name, Version: p.Version, PURL: p.PURL}
	if p.Ecosystem == sekisho.EcosystemBinary {
		c.Type = "application"
	}
	if p.Ecosystem == sekisho.EcosystemMaven {
		if g, n, ok := strings.Cut(p.Name, ":"); ok {
			c.Group, c.Name = g, n
		}
	} else if p.Ecosystem == sekisho.EcosystemNPM {
		if g, n, ok := strings.Cut(p.Name, "/"); ok {
			c.Group, c.Name = g, n
		}
	}
	if p.Dev {
		c.Scope = "excluded"
	}
	if p.LicenseExpression != "" {
		c.Licenses = []cdxLicense{{p.LicenseExpression}}
	}
	for _, sum := range p.Checksums {
		alg, v, _ := strings.Cut(sum, ":")
		switch alg {
		case "sha1":
			c.Hashes = append(c.Hashes, cdxHash{"SHA-1", v})
		case "sha256":
			c.Hashes = append(c.Hashes, cdxHash{"SHA-256", v})
		case "sha512":
			c.Hashes = append(c.Hashes, cdxHash{"SHA-512", v})
		}
	}
	add := func(name, value string) {
		if value != "" {
			c.Properties = append(c.Properties, cdxProperty{"sekisho:" + name, value})
		}
	}
	add("ecosystem", p.Ecosystem)
	add("name", p.Name)
	add("sourceName", p.SourceName)
	add("sourceVersion", p.SourceVersion)
	add("arch", p.Arch)
	add("modularity", p.Modularity)
	add("relationship", string(p.Relationship))
	add("ownedBy", p.OwnedBy)
	add("licenseFile", p.LicenseFile)
	if len(p.Licenses) != 1 || p.Licenses[0] != p.LicenseExpression {
		for _, l := range p.Licenses {
			add("license", l)
		}
	}
	if p.Hidden {
		add("hidden", "true")
	}
	if p.Introduced != nil {
		add("introducedBy", strconv.Itoa(p.Introduced.Index))
	}
	for i, l := range p.Locations {
		add(fmt.Sprintf("location:%d:path", i), l.Path)
		add(fmt.Sprintf("location:%d:layer", i), l.Layer)
		if l.Line > 0 {
			add(fmt.Sprintf("location:%d:line", i), strconv.Itoa(l.Line))
		}
	}
	if r.Target.Platform != nil && len(r.Platforms) > 0 {
		add("platform", r.Target.Platform.String())
	}
	return c
}

func cdxVuln(f *sekisho.Finding, ref string) cdxVulnerability {
	v := cdxVulnerability{ID: f.Rule, Summary: f.Title, Detail: f.Why, Remedy: advise(f, message.En), Affects: []cdxAffects{{Ref: ref}}}
	if page := idPage(f.Rule); page != "" {
		v.Source = &cdxSource{URL: page}
	}
	if f.Package.Version != "" {
		v.Affects[0].Versions = []cdxVersion{{f.Package.Version, "affected"}}
	}
	severity := f.Severity.String()
	if f.Severity == sekisho.SeverityNegligible {
		severity = "info"
	}
	v.Ratings = []cdxRating{{Source: &cdxSource{Name: "sekisho"}, Severity: severity}}
	for _, c := range f.CVSS {
		method := "other"
		for prefix, m := range map[string]string{"CVSS:4.0/": "CVSSv4", "CVSS:3.1/": "CVSSv31", "CVSS:3.0/": "CVSSv3", "AV:": "CVSSv2"} {
			if strings.HasPrefix(c.Vector, prefix) {
				method = m
			}
		}
		v.Ratings = append(v.Ratings, cdxRating{Source: &cdxSource{Name: orElse(c.Source, "unknown")}, Score: c.Score, Method: method, Vector: c.Vector})
	}
	for _, a := range f.Aliases {
		v.References = append(v.References, cdxVulnRef{a, cdxSource{Name: "alias", URL: idPage(a)}})
	}
	for _, s := range links(f, 20) {
		v.Advisories = append(v.Advisories, cdxAdvisory{s})
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, f.Published); err == nil {
			v.Published = t.UTC().Format(time.RFC3339)
		}
	}
	for _, s := range f.CWEs {
		if n := cwe(s); n > 0 {
			v.CWEs = append(v.CWEs, n)
		}
	}
	v.Analysis = cdxAnalysisOf(f)
	if v.Analysis != nil && v.Analysis.State == "not_affected" && f.Package.Version != "" {
		v.Affects[0].Versions[0].Status = "unaffected"
	}
	add := func(name, value string) {
		if value != "" {
			v.Properties = append(v.Properties, cdxProperty{"sekisho:" + name, value})
		}
	}
	add("fixed", f.Fixed)
	add("status", f.Status)
	add("exploits", strings.Join(f.Exploits, ","))
	if f.EPSS != nil {
		add("epss", strconv.FormatFloat(f.EPSS.Score, 'f', -1, 64))
		add("epss:date", f.EPSS.Date)
	}
	if f.KEV != nil {
		add("kev", orElse(f.KEV.Added, "true"))
		add("kev:due", f.KEV.Due)
		add("kev:ransomware", strconv.FormatBool(f.KEV.Ransomware))
	}
	for i, e := range f.Evidence {
		add(fmt.Sprintf("evidence:%d", i), evidenceText(&e, message.En))
	}
	return v
}

// cdxAnalysisOf says what was decided: a statement of VEX that there is no
// effect, a risk that somebody accepted, or a question that is still open.
func cdxAnalysisOf(f *sekisho.Finding) *cdxAnalysis {
	switch s := f.Suppressed; {
	case s == nil && f.Status == sekisho.StatusInvestigating:
		return &cdxAnalysis{State: "in_triage"}
	case s == nil:
		return nil
	case s.Status == sekisho.StatusFixed:
		return &cdxAnalysis{State: "resolved", Detail: SuppressionText(s, message.En)}
	case s.Status == sekisho.StatusNotAffected, strings.HasPrefix(strings.ToLower(s.By), "vex:"):
		return &cdxAnalysis{State: "not_affected", Detail: SuppressionText(s, message.En)}
	default:
		return &cdxAnalysis{State: "exploitable", Response: []string{"will_not_fix"}, Detail: SuppressionText(s, message.En)}
	}
}

// contentUUID names the content: the same result gives the same version 5
// (RFC 9562) UUID, another result another one.
func contentUUID(r *sekisho.Result) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n%s\n", r.Target.Name, r.Target.Digest, r.Created.UTC().Format(time.RFC3339))
	for _, r := range all(r) {
		for i := range r.Packages {
			fmt.Fprintf(h, "%s %s %s\n", r.Packages[i].PURL, r.Packages[i].Layer, r.Packages[i].Path)
		}
		for i := range r.Findings {
			fmt.Fprintln(h, r.Findings[i].ID)
		}
	}
	return uuid(h.Sum(nil))
}

// uuid makes a version 5 UUID of a digest.
func uuid(sum []byte) string {
	b := append([]byte(nil), sum[:16]...)
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
