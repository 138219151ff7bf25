// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bufio"
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is read of SPDX 2.2 and 2.3, https://spdx.github.io/spdx-spec/v2.3/.
type spdxDocument struct {
	Version  string `json:"spdxVersion"`
	Creation struct {
		Creators []string `json:"creators"`
	} `json:"creationInfo"`
	Packages      []spdxPackage      `json:"packages"`
	Relationships []spdxRelationship `json:"relationships"`
}

type spdxRelationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
	Comment string `json:"comment"`
}

type spdxPackage struct {
	ID       string `json:"SPDXID"`
	Name     string `json:"name"`
	Version  string `json:"versionInfo"`
	Declared string `json:"licenseDeclared"`
	Purpose  string `json:"primaryPackagePurpose"`
	Refs     []struct {
		Type    string `json:"referenceType"`
		Locator string `json:"referenceLocator"`
	} `json:"externalRefs"`
	SourceInfo string `json:"sourceInfo"`
	ownedBy    string
	root       bool
}

func (s *spdxPackage) purl() (u sekisho.PURL, ok bool) {
	for _, r := range s.Refs {
		if r.Type == "purl" {
			u, err := sekisho.ParsePURL(r.Locator)
			return u, err == nil
		}
	}
	return u, false
}

func (c *collector) spdxJSON(b []byte) error {
	var d spdxDocument
	if err := json.Unmarshal(b, &d); err != nil {
		return sentence(err)
	}
	if err := spdxVersion(d.Version); err != nil {
		return err
	}
	c.spdxDocument(&d)
	return nil
}

func (c *collector) spdxDocument(d *spdxDocument) {
	for i := range d.related() {
		c.spdx(&d.Packages[i])
	}
}

// related reads the relationships: which packages a distribution's package
// contains (Syft says "ownership-by-file-overlap"), and, in our own documents,
// which are in a lower layer only, and by the purpose which are the project
// itself (others call each library an application). It yields the packages that
// are in the container.
func (d *spdxDocument) related() func(func(int) bool) {
	own := slices.ContainsFunc(d.Creation.Creators, func(s string) bool { return strings.HasPrefix(s, "Tool: sekisho-") })
	byID := map[string]int{}
	for i := range d.Packages {
		byID[d.Packages[i].ID] = i
		d.Packages[i].root = own && d.Packages[i].Purpose == "APPLICATION"
	}
	hidden := map[int]bool{}
	for _, r := range d.Relationships {
		from, ok1 := byID[r.Element]
		to, ok2 := byID[r.Related]
		switch {
		case !ok1 || !ok2:
		case own && r.Type == "OTHER":
			hidden[to] = true
		case r.Type == "CONTAINS", strings.HasPrefix(r.Comment, "ownership-by-file-overlap"):
			owner, ok1 := d.Packages[from].purl()
			owned, ok2 := d.Packages[to].purl()
			if ok1 && ok2 && distribution(owner.Type) && !distribution(owned.Type) {
				d.Packages[to].ownedBy = owner.String()
			}
		}
	}
	return func(yield func(int) bool) {
		for i := range d.Packages {
			if !hidden[i] && !yield(i) {
				return
			}
		}
	}
}

// distribution says whether a type of purl is that of a distribution's packages.
func distribution(typ string) bool {
	return typ == "deb" || typ == "apk" || typ == "rpm" || typ == "alpm"
}

func spdxVersion(v string) error {
	if !strings.HasPrefix(v, "SPDX-2.") {
		return message.Errorf("its SPDX version %q is not 2.x: have it written in 2.3", v)
	}
	return nil
}

func (c *collector) spdx(s *spdxPackage) {
	p := sekisho.Package{OwnedBy: s.ownedBy}
	if s.root {
		p.Relationship = sekisho.Root
	}
	if s.Declared != "" && s.Declared != "NOASSERTION" && s.Declared != "NONE" {
		p.Licenses = []string{s.Declared}
	}
	if rest, ok := strings.CutPrefix(s.SourceInfo, "built from "); ok { // as our own reports say it
		rest, _, _ = strings.Cut(rest, ";")
		p.SourceName, p.SourceVersion, _ = strings.Cut(rest, " ")
	}
	for _, r := range s.Refs {
		if r.Type != "purl" {
			continue
		}
		u, err := sekisho.ParsePURL(r.Locator)
		if err != nil {
			break
		}
		if u.Type == "oci" || u.Type == "docker" { // the image itself
			return
		}
		c.add(u, p)
		return
	}
	switch s.Purpose {
	case "CONTAINER", "OPERATING-SYSTEM", "OPERATING_SYSTEM", "SOURCE", "FILE", "ARCHIVE", "OTHER":
		return // the target, not a package in it
	}
	c.nameless++
}

// spdxTagValue reads "Tag: value" lines; <text> blocks are skipped.
func (c *collector) spdxTagValue(b []byte) error {
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, 16<<20)
	var d spdxDocument
	var p *spdxPackage // the one that the lines are about, nil outside of packages
	inText := false
	for sc.Scan() {
		line := sc.Text()
		if inText {
			inText = !strings.Contains(line, "</text>")
			continue
		}
		tag, value, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		value = strings.TrimSpace(value)
		inText = strings.Contains(value, "<text>") && !strings.Contains(value, "</text>")
		switch tag {
		case "SPDXVersion":
			if err := spdxVersion(value); err != nil {
				return err
			}
		case "Creator":
			d.Creation.Creators = append(d.Creation.Creators, value)
		case "PackageName":
			d.Packages = append(d.Packages, spdxPackage{Name: value})
			p = &d.Packages[len(d.Packages)-1]
		case "FileName", "SnippetSPDXID", "LicenseID":
			p = nil
		case "Relationship": // may stand within a package, and does not end it
			if f := strings.Fields(value); len(f) == 3 {
				d.Relationships = append(d.Relationships, spdxRelationship{Element: f[0], Type: f[1], Related: f[2]})
			}
		case "RelationshipComment":
			if n := len(d.Relationships); n > 0 {
				d.Relationships[n-1].Comment = untext(value)
			}
		}
		if p != nil {
			p.tag(tag, value)
		}
	}
	if err := sc.Err(); err != nil {
		return message.Errorf("it is damaged: %w", err)
	}
	c.spdxDocument(&d)
	return nil
}

// tag takes a line about the package.
func (s *spdxPackage) tag(tag, value string) {
	switch tag {
	case "SPDXID":
		s.ID = value
	case "PackageVersion":
		s.Version = value
	case "PackageLicenseDeclared":
		s.Declared = value
	case "PrimaryPackagePurpose":
		s.Purpose = value
	case "PackageSourceInfo":
		s.SourceInfo = untext(value)
	case "ExternalRef":
		if f := strings.Fields(value); len(f) == 3 {
			s.Refs = append(s.Refs, struct {
				Type    string `json:"referenceType"`
				Locator string `json:"referenceLocator"`
			}{f[1], f[2]})
		}
	}
}

func untext(value string) string {
	return strings.NewReplacer("<text>", "", "</text>", "").Replace(value)
}

// Syft's own JSON, https://github.com/anchore/syft (schema/json).
type syftDocument struct {
	Artifacts []struct {
		Name      string `json:"name"`
		Version   string `json:"version"`
		PURL      string `json:"purl"`
		Locations []struct {
			Path    string `json:"path"`
			LayerID string `json:"layerID"`
		} `json:"locations"`
		Licenses json.RawMessage `json:"licenses"`
		Metadata struct {
			Source        string `json:"source"`
			SourceVersion string `json:"sourceVersion"`
			SourceRPM     string `json:"sourceRpm"`
			OriginPackage string `json:"originPackage"`
			Modularity    string `json:"modularityLabel"`
		} `json:"metadata"`
	} `json:"artifacts"`
	Distro struct {
		ID        string          `json:"id"`
		VersionID string          `json:"versionID"`
		IDLike    json.RawMessage `json:"idLike"`
		Pretty    string          `json:"prettyName"`
	} `json:"distro"`
}

func (c *collector) syft(b []byte) error {
	var d syftDocument
	if err := json.Unmarshal(b, &d); err != nil {
		return sentence(err)
	}
	if d.Distro.ID != "" {
		os := sekisho.OS{ID: d.Distro.ID, Version: d.Distro.VersionID, PrettyName: d.Distro.Pretty}
		var like []string
		if json.Unmarshal(d.Distro.IDLike, &like) == nil {
			os.IDLike = like
		}
		c.inv.OS = append(c.inv.OS, os)
	}
	for i := range d.Artifacts {
		a := &d.Artifacts[i]
		u, err := sekisho.ParsePURL(a.PURL)
		if err != nil {
			c.nameless++
			continue
		}
		p := sekisho.Package{SourceName: a.Metadata.Source, SourceVersion: a.Metadata.SourceVersion, Modularity: a.Metadata.Modularity}
		if a.Metadata.OriginPackage != "" {
			p.SourceName = a.Metadata.OriginPackage
		}
		if a.Metadata.SourceRPM != "" {
			p.SourceName, p.SourceVersion = sourceRPM(a.Metadata.SourceRPM, "")
		}
		for _, l := range a.Locations {
			p.Locations = append(p.Locations, sekisho.Location{Path: strings.TrimPrefix(l.Path, "/"), Layer: l.LayerID})
		}
		p.Licenses = syftLicenses(a.Licenses)
		c.add(u, p)
	}
	return nil
}

// syftLicenses are strings in old versions and objects in newer ones.
func syftLicenses(b json.RawMessage) []string {
	var plain []string
	if json.Unmarshal(b, &plain) == nil {
		return plain
	}
	plain = nil // what failed to be a list of strings left empty ones
	var objects []struct {
		Value string `json:"value"`
	}
	if json.Unmarshal(b, &objects) != nil {
		return nil
	}
	for _, o := range objects {
		if o.Value != "" {
			plain = append(plain, o.Value)
		}
	}
	return plain
}
