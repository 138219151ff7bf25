// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of CycloneDX 1.4 to 1.7 with vulnerabilities,
// https://cyclonedx.org/docs/1.6/json/.
type cdxDocument struct {
	Spec     string `json:"specVersion"`
	Metadata struct {
		Timestamp string          `json:"timestamp"`
		Tools     json.RawMessage `json:"tools"`
		Component *cdxComponent   `json:"component"`
	} `json:"metadata"`
	Components      []cdxComponent     `json:"components"`
	Vulnerabilities []cdxVulnerability `json:"vulnerabilities"`
}

type cdxComponent struct {
	Type       string         `json:"type"`
	Ref        string         `json:"bom-ref"`
	Group      string         `json:"group"`
	Name       string         `json:"name"`
	Version    string         `json:"version"`
	PURL       string         `json:"purl"`
	Properties []cdxProperty  `json:"properties"`
	Components []cdxComponent `json:"components"`
}

type cdxProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type cdxSource struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type cdxVulnerability struct {
	ID         string    `json:"id"`
	Source     cdxSource `json:"source"`
	References []struct {
		ID string `json:"id"`
	} `json:"references"`
	Ratings []struct {
		Source   cdxSource `json:"source"`
		Score    float64   `json:"score"`
		Severity string    `json:"severity"`
		Method   string    `json:"method"`
		Vector   string    `json:"vector"`
	} `json:"ratings"`
	CWEs           []int  `json:"cwes"`
	Description    string `json:"description"`
	Recommendation string `json:"recommendation"`
	Advisories     []struct {
		URL string `json:"url"`
	} `json:"advisories"`
	Published string `json:"published"`
	Analysis  struct {
		State         string `json:"state"`
		Justification string `json:"justification"`
		Detail        string `json:"detail"`
	} `json:"analysis"`
	Affects []struct {
		Ref      string `json:"ref"`
		Versions []struct {
			Version string `json:"version"`
			Range   string `json:"range"`
			Status  string `json:"status"`
		} `json:"versions"`
	} `json:"affects"`
	Properties []cdxProperty `json:"properties"`
}

const maxNested = 32

func (b *builder) cycloneDX(text []byte) error {
	var d cdxDocument
	if err := decode(text, CycloneDX, &d); err != nil {
		return err
	}
	if v, err := strconv.ParseFloat(d.Spec, 64); err != nil || v < 1.4 || v >= 2 {
		return message.Errorf("its CycloneDX version %q is not one of 1.4 to 1.7, older ones hold no vulnerabilities", cut(d.Spec, 20))
	}
	name, version := cdxTool(d.Metadata.Tools)
	w := b.tool(name, version, d.Metadata.Timestamp)
	if d.Vulnerabilities != nil { // the list is there, even if it is empty
		b.covers(sekisho.Vulnerability)
	}
	refs := map[string]*cdxComponent{}
	if c := d.Metadata.Component; c != nil {
		refs[c.Ref] = c
		w.Target = cut(c.Name, maxWord)
		b.r.Target.Name = cmp.Or(w.Target, b.r.Target.Name)
		if strings.HasPrefix(c.Version, "sha256:") {
			w.Digest = cut(c.Version, maxWord)
		}
		for _, p := range c.Properties {
			switch {
			case strings.HasSuffix(p.Name, ":ImageID"):
				w.ConfigDigest = cut(p.Value, maxWord)
			case strings.HasSuffix(p.Name, ":RepoDigest"):
				if _, digest, ok := strings.Cut(p.Value, "@"); ok {
					w.Digest = cut(digest, maxWord)
				}
			}
		}
		if c.Type == "container" {
			b.r.Target.Kind = sekisho.KindImage
		}
		b.r.Target.Digest, b.r.Target.ConfigDigest = w.Digest, w.ConfigDigest
	}
	b.cdxComponents(d.Components, refs, 0)
	for i := range d.Vulnerabilities {
		b.cdxVulnerability(&d.Vulnerabilities[i], refs)
	}
	return nil
}

// cdxTool is the first tool: a list until 1.4, an object with components since 1.5.
func cdxTool(raw json.RawMessage) (name, version string) {
	type tool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	var list []tool
	var object struct {
		Components []tool `json:"components"`
		Services   []tool `json:"services"`
	}
	if json.Unmarshal(raw, &list) != nil && json.Unmarshal(raw, &object) == nil {
		list = append(object.Components, object.Services...)
	}
	if len(list) == 0 {
		return "cyclonedx", ""
	}
	return list[0].Name, list[0].Version
}

func (b *builder) cdxComponents(list []cdxComponent, refs map[string]*cdxComponent, depth int) {
	if depth > maxNested {
		return
	}
	for i := range list {
		c := &list[i]
		refs[c.Ref] = c
		switch {
		case c.Type == "operating-system":
			if b.r.OS == nil {
				b.r.OS = &sekisho.OS{ID: cut(strings.ToLower(c.Name), maxWord), Version: cut(c.Version, maxWord)}
			}
		case c.PURL != "":
			p := sekisho.Package{PURL: c.PURL, Name: c.name(), Version: c.Version}
			p.Path, p.Layer, p.SourceName = c.place()
			b.pkg(p)
		}
		b.cdxComponents(c.Components, refs, depth+1)
	}
}

func (c *cdxComponent) name() string {
	if u, err := sekisho.ParsePURL(c.PURL); err == nil {
		return nameOf(u)
	}
	if c.Group != "" {
		return c.Group + "/" + c.Name
	}
	return c.Name
}

// place reads the properties in which tools say where a component lies.
func (c *cdxComponent) place() (path, layer, source string) {
	for _, p := range c.Properties {
		switch {
		case strings.HasSuffix(p.Name, ":FilePath"), p.Name == "syft:location:0:path":
			path = p.Value
		case strings.HasSuffix(p.Name, ":LayerDiffID"), p.Name == "syft:location:0:layerID":
			layer = p.Value
		case strings.HasSuffix(p.Name, ":SrcName"):
			source = p.Value
		}
	}
	return path, layer, source
}

func (b *builder) cdxVulnerability(v *cdxVulnerability, refs map[string]*cdxComponent) {
	w := sekisho.Witness{ID: v.ID, Source: v.Source.Name, Status: cdxStatus(v.Analysis.State)}
	for _, r := range v.References {
		w.Aliases = append(w.Aliases, r.ID)
	}
	if w.Status == sekisho.StatusNotAffected || v.Analysis.State == "resolved" || v.Analysis.State == "resolved_with_pedigree" {
		w.Suppressed = cmp.Or(v.Analysis.Detail, v.Analysis.Justification, v.Analysis.State)
	}
	for _, p := range v.Properties {
		if strings.HasSuffix(p.Name, ":fixed") || strings.HasSuffix(p.Name, ":FixedVersion") {
			w.Fixed = p.Value
		}
	}
	base := sekisho.Finding{Kind: sekisho.Vulnerability, Title: v.Description, Fix: v.Recommendation, Published: cut(v.Published, 10)}
	if strings.HasPrefix(v.ID, "MAL-") {
		base.Kind = sekisho.Malware
	}
	worst := sekisho.SeverityUnknown
	for _, r := range v.Ratings {
		if r.Vector != "" {
			base.CVSS = append(base.CVSS, sekisho.CVSS{Source: cut(r.Source.Name, maxWord), Vector: cut(r.Vector, maxWord), Score: r.Score})
		}
		// The rating of the source that was matched counts, else the worst.
		s := sekisho.SeverityWord(r.Severity)
		if r.Source.Name != "" && r.Source.Name == v.Source.Name && s != sekisho.SeverityUnknown {
			w.Severity, worst = r.Severity, sekisho.SeverityCritical
		} else if s > worst {
			w.Severity, worst = r.Severity, s
		}
	}
	for _, n := range v.CWEs {
		base.CWEs = append(base.CWEs, "CWE-"+itoa(n))
	}
	for _, a := range v.Advisories {
		base.References = append(base.References, a.URL)
	}
	seen := false
	for _, a := range v.Affects {
		f, w := base, w
		version := ""
		for _, av := range a.Versions {
			switch av.Status {
			case "unaffected":
				w.Fixed = cmp.Or(w.Fixed, av.Version)
			default:
				version = cmp.Or(version, av.Version)
			}
		}
		// A reference may be to a component of another document: "urn:cdx:...#ref".
		ref := a.Ref
		if strings.HasPrefix(ref, "urn:cdx:") {
			_, ref, _ = strings.Cut(ref, "#")
		}
		switch c := refs[ref]; {
		case c != nil && c.PURL != "":
			f.Package = &sekisho.PackageRef{PURL: c.PURL, Name: c.name(), Version: c.Version}
			f.Location.Path, f.Location.Layer, _ = c.place()
		case c != nil:
			f.Package = &sekisho.PackageRef{Name: c.name(), Version: c.Version}
		case strings.HasPrefix(ref, "pkg:"):
			f.Package = &sekisho.PackageRef{PURL: ref}
		}
		if f.Package != nil && f.Package.Version == "" {
			f.Package.Version = version
		}
		b.finding(f, w)
		seen = true
	}
	if !seen {
		b.finding(base, w)
	}
}

// cdxStatus is our word for the state of an analysis.
func cdxStatus(state string) string {
	switch state {
	case "not_affected", "false_positive":
		return sekisho.StatusNotAffected
	case "exploitable":
		return sekisho.StatusAffected
	case "in_triage":
		return sekisho.StatusInvestigating
	}
	return ""
}
