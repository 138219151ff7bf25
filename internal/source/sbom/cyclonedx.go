// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of CycloneDX 1.2 to 1.7, https://cyclonedx.org/specification/overview/.
type cdxDocument struct {
	XMLName  xml.Name `json:"-"`
	Format   string   `json:"bomFormat" xml:"-"`
	Spec     string   `json:"specVersion" xml:"-"`
	Metadata struct {
		Component *cdxComponent `json:"component" xml:"component"`
	} `json:"metadata" xml:"metadata"`
	Components   []cdxComponent  `json:"components" xml:"components>component"`
	Dependencies []cdxDependency `json:"dependencies" xml:"dependencies>dependency"`
}

type cdxDependency struct {
	Ref       string          `json:"ref" xml:"ref,attr"`
	DependsOn []string        `json:"dependsOn" xml:"-"`
	Nested    []cdxDependency `json:"-" xml:"dependency"`
}

type cdxComponent struct {
	Type       string         `json:"type" xml:"type,attr"`
	Ref        string         `json:"bom-ref" xml:"bom-ref,attr"`
	Group      string         `json:"group" xml:"group"`
	Name       string         `json:"name" xml:"name"`
	Version    string         `json:"version" xml:"version"`
	Scope      string         `json:"scope" xml:"scope"`
	PURL       string         `json:"purl" xml:"purl"`
	Licenses   cdxLicenses    `json:"licenses" xml:"licenses"`
	Properties []cdxProperty  `json:"properties" xml:"properties>property"`
	Components []cdxComponent `json:"components" xml:"components>component"`
}

type cdxProperty struct {
	Name  string `json:"name" xml:"name,attr"`
	Value string `json:"value" xml:",chardata"`
}

// cdxLicenses are a list in JSON, and elements of two kinds in XML.
type cdxLicenses []string

func (l *cdxLicenses) UnmarshalJSON(b []byte) error {
	var list []struct {
		Expression string `json:"expression"`
		License    struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"license"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	for _, e := range list {
		l.add(e.Expression, e.License.ID, e.License.Name)
	}
	return nil
}

func (l *cdxLicenses) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var x struct {
		Expression []string `xml:"expression"`
		License    []struct {
			ID   string `xml:"id"`
			Name string `xml:"name"`
		} `xml:"license"`
	}
	if err := d.DecodeElement(&x, &start); err != nil {
		return err
	}
	for _, e := range x.Expression {
		l.add(e, "", "")
	}
	for _, e := range x.License {
		l.add("", e.ID, e.Name)
	}
	return nil
}

func (l *cdxLicenses) add(names ...string) {
	for _, n := range names {
		if n != "" {
			*l = append(*l, n)
			return
		}
	}
}

// maxDepth of components within components, and of XML elements.
const maxDepth = 64

func (c *collector) cyclonedx(b []byte, format string) error {
	var d cdxDocument
	if format == CycloneDXXML {
		if err := xmlDepth(b); err != nil {
			return err
		}
		if err := xml.Unmarshal(b, &d); err != nil {
			return message.Errorf("it is damaged or was cut off: %w", err)
		}
		d.Spec = strings.TrimPrefix(d.XMLName.Space, "http://cyclonedx.org/schema/bom/")
	} else if err := json.Unmarshal(b, &d); err != nil {
		return sentence(err)
	}
	if v, err := strconv.ParseFloat(d.Spec, 64); err != nil || v < 1.2 || v >= 2 {
		return message.Errorf("its CycloneDX version %q is not one of 1.2 to 1.7: have it written in one of these", d.Spec)
	}
	direct := map[string]bool{}
	roots := map[string]bool{}
	if m := d.Metadata.Component; m != nil {
		roots[m.Ref] = true
		if strings.HasPrefix(m.Version, "sha256:") {
			c.digest = m.Version
		}
		c.system(m)
	}
	graph := false
	for _, dep := range d.Dependencies {
		to := dep.DependsOn
		for _, n := range dep.Nested {
			to = append(to, n.Ref)
		}
		graph = graph || len(to) > 0 && !roots[dep.Ref]
		if roots[dep.Ref] {
			for _, r := range to {
				direct[r] = true
			}
		}
	}
	c.inv.Packages = slices.Grow(c.inv.Packages, len(d.Components))
	c.components(d.Components, direct, graph && len(direct) > 0, 0)
	return nil
}

// xmlDepth refuses documents that nest deeper than any real one.
func xmlDepth(b []byte) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	for depth := 0; ; {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return message.Errorf("it is damaged or was cut off: %w", err)
		}
		switch t.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return message.Errorf("its elements nest deeper than %d", maxDepth)
			}
		case xml.EndElement:
			depth--
		}
	}
}

// system takes the release from an operating-system component.
func (c *collector) system(m *cdxComponent) {
	if m.Type == "operating-system" && m.Version != "" && len(c.inv.OS) == 0 {
		id := strings.ToLower(m.Name)
		if !strings.ContainsAny(id, " /") {
			c.inv.OS = append(c.inv.OS, sekisho.OS{ID: id, Version: m.Version})
		}
	}
}

func (c *collector) components(list []cdxComponent, direct map[string]bool, graph bool, depth int) {
	if depth > maxDepth {
		c.nameless += len(list)
		return
	}
	for i := range list {
		m := &list[i]
		c.component(m, direct, graph)
		c.components(m.Components, direct, graph, depth+1)
	}
}

func (c *collector) component(m *cdxComponent, direct map[string]bool, graph bool) {
	if m.Type == "operating-system" {
		c.system(m)
		return
	}
	u, err := sekisho.ParsePURL(m.PURL)
	if err != nil {
		if m.Type != "file" && m.Type != "cryptographic-asset" && m.Type != "data" {
			c.nameless++
		}
		return
	}
	p := sekisho.Package{Licenses: m.Licenses, Dev: m.Scope == "excluded"}
	if graph {
		p.Relationship = sekisho.Transitive
		if direct[m.Ref] {
			p.Relationship = sekisho.Direct
		}
	}
	var epoch, src, srcVersion, srcRelease, srcEpoch string
	var declared []string // our own reports have them beside the expression
	locations := map[string]*sekisho.Location{}
	var order []string
	for _, kv := range m.Properties {
		k, v := kv.Name, strings.TrimSpace(kv.Value)
		switch {
		case k == "sekisho:ecosystem":
			p.Ecosystem = v
		case k == "sekisho:name":
			p.Name = v
		case k == "sekisho:sourceName":
			p.SourceName = v
		case k == "sekisho:sourceVersion":
			p.SourceVersion = v
		case k == "sekisho:arch":
			p.Arch = v
		case k == "sekisho:modularity":
			p.Modularity = v
		case k == "sekisho:relationship":
			p.Relationship = sekisho.Relationship(v)
		case k == "sekisho:license":
			declared = append(declared, v)
		case k == "sekisho:licenseFile":
			p.LicenseFile = v
		case k == "sekisho:ownedBy":
			p.OwnedBy = v
		case k == "sekisho:hidden" && v == "true":
			return // in a lower layer only: in no container
		case strings.HasPrefix(k, "sekisho:location:"), strings.HasPrefix(k, "syft:location:"):
			parts := strings.Split(k, ":")
			if len(parts) != 4 {
				continue
			}
			l := locations[parts[2]]
			if l == nil {
				l = &sekisho.Location{}
				locations[parts[2]] = l
				order = append(order, parts[2])
			}
			switch parts[3] {
			case "path":
				l.Path = strings.TrimPrefix(v, "/")
			case "layer", "layerID":
				l.Layer = v
			case "line":
				l.Line, _ = strconv.Atoi(v) // a line that is no number is no line
			}
		case k == "syft:metadata:source", k == "aquasecurity:trivy:SrcName":
			src = v
		case k == "syft:metadata:sourceVersion", k == "aquasecurity:trivy:SrcVersion":
			srcVersion = v
		case k == "aquasecurity:trivy:SrcRelease":
			srcRelease = v
		case k == "aquasecurity:trivy:SrcEpoch":
			srcEpoch = v
		case k == "syft:metadata:epoch":
			epoch = v
		}
	}
	switch {
	case p.LicenseFile != "" && len(m.Licenses) > 0:
		p.Licenses, p.LicenseExpression = declared, m.Licenses[0]
	case len(declared) > 0:
		p.Licenses = declared
	}
	for _, k := range order {
		p.Locations = append(p.Locations, *locations[k])
	}
	if p.SourceName == "" && src != "" {
		p.SourceName, p.SourceVersion = src, srcVersion
		if srcRelease != "" {
			p.SourceVersion += "-" + srcRelease
		}
		if srcEpoch != "" && srcEpoch != "0" {
			p.SourceVersion = srcEpoch + ":" + p.SourceVersion
		}
	}
	if epoch != "" && epoch != "0" && u.Type == "rpm" && u.Qualifiers["epoch"] == "" {
		if u.Qualifiers == nil {
			u.Qualifiers = map[string]string{}
		}
		u.Qualifiers["epoch"] = epoch
	}
	c.add(u, p)
}
