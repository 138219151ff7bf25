// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// SPDX 2.3, https://spdx.github.io/spdx-spec/v2.3/.
type spdxDocument struct {
	Version       string             `json:"spdxVersion"`
	License       string             `json:"dataLicense"`
	ID            string             `json:"SPDXID"`
	Name          string             `json:"name"`
	Namespace     string             `json:"documentNamespace"`
	Creation      spdxCreation       `json:"creationInfo"`
	Packages      []spdxPackage      `json:"packages"`
	Relationships []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	ID            string         `json:"SPDXID"`
	Name          string         `json:"name"`
	Version       string         `json:"versionInfo,omitempty"`
	Location      string         `json:"downloadLocation"`
	FilesAnalyzed bool           `json:"filesAnalyzed"`
	Concluded     string         `json:"licenseConcluded"`
	Declared      string         `json:"licenseDeclared"`
	Copyright     string         `json:"copyrightText"`
	Comment       string         `json:"comment,omitempty"`
	SourceInfo    string         `json:"sourceInfo,omitempty"`
	Purpose       string         `json:"primaryPackagePurpose,omitempty"`
	Checksums     []spdxChecksum `json:"checksums,omitempty"`
	References    []spdxRef      `json:"externalRefs,omitempty"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxRef struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxRelationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

const noAssertion = "NOASSERTION"

func writeSPDX(w io.Writer, r *sekisho.Result, _ Options) error {
	d := spdxDocument{
		Version: "SPDX-2.3", License: "CC0-1.0", ID: "SPDXRef-DOCUMENT", Name: orElse(r.Target.Name, "target"),
		Namespace: "https://sekisho.example.com/spdx/" + contentUUID(r),
		Creation:  spdxCreation{r.Created.UTC().Format(time.RFC3339), []string{"Tool: sekisho-" + orElse(r.Tool.Version, "dev")}},
	}
	n := 0
	for _, r := range all(r) {
		n++
		top := fmt.Sprintf("SPDXRef-Target-%d", n)
		t := spdxPackage{
			ID: top, Name: orElse(title(&r.Target), "target"), Version: r.Target.Digest, Location: noAssertion,
			Concluded: noAssertion, Declared: noAssertion, Copyright: noAssertion, Purpose: spdxPurpose(r.Target.Kind),
		}
		if hex, ok := strings.CutPrefix(r.Target.Digest, "sha256:"); ok {
			t.Checksums = []spdxChecksum{{"SHA256", hex}}
		}
		if r.OS != nil {
			t.Comment = "operating system: " + r.OS.ID + " " + r.OS.Version
		}
		d.Packages = append(d.Packages, t)
		d.Relationships = append(d.Relationships, spdxRelationship{"SPDXRef-DOCUMENT", "DESCRIBES", top})
		ids := map[string]string{}
		for i := range r.Packages {
			ids[r.Packages[i].PURL] = fmt.Sprintf("SPDXRef-Package-%d-%d", n, i)
		}
		for i := range r.Packages {
			p := spdxPackageOf(&r.Packages[i])
			p.ID = fmt.Sprintf("SPDXRef-Package-%d-%d", n, i)
			d.Packages = append(d.Packages, p)
			kind := "CONTAINS"
			if r.Packages[i].Hidden {
				kind = "OTHER" // in a layer, and not in the container
			}
			d.Relationships = append(d.Relationships, spdxRelationship{top, kind, p.ID})
			if owner := ids[r.Packages[i].OwnedBy]; owner != "" && r.Packages[i].OwnedBy != "" {
				d.Relationships = append(d.Relationships, spdxRelationship{owner, "CONTAINS", p.ID})
			}
		}
	}
	return encode(w, d)
}

func spdxPurpose(k sekisho.TargetKind) string {
	switch k {
	case sekisho.KindImage:
		return "CONTAINER"
	case sekisho.KindRepository:
		return "SOURCE"
	case sekisho.KindRootFS:
		return "OPERATING_SYSTEM" // so the JSON; tag-value has a hyphen
	default:
		return "OTHER"
	}
}

func spdxPackageOf(p *sekisho.Package) spdxPackage {
	out := spdxPackage{
		Name: p.Name, Version: p.Version, Location: noAssertion, Concluded: noAssertion,
		Declared: spdxLicense(p.Licenses), Copyright: noAssertion,
	}
	if out.Declared == noAssertion && len(p.Licenses) > 0 {
		out.Comment = "declared: " + strings.Join(p.Licenses, "; ")
	}
	if p.SourceName != "" && (p.SourceName != p.Name || p.SourceVersion != p.Version) {
		out.SourceInfo = "built from " + p.SourceName + " " + p.SourceVersion
	}
	for _, l := range p.Locations {
		if out.SourceInfo != "" {
			out.SourceInfo += "; "
		}
		out.SourceInfo += "found in " + l.Path
	}
	if p.Relationship == sekisho.Root {
		// The project itself and not something that it uses: SPDX has no such
		// relationship, but a purpose that no other package of ours has.
		out.Purpose = "APPLICATION"
	}
	if p.PURL != "" {
		out.References = []spdxRef{{"PACKAGE-MANAGER", "purl", p.PURL}}
	}
	for _, sum := range p.Checksums {
		alg, v, _ := strings.Cut(sum, ":")
		switch alg {
		case "sha1", "sha256", "sha512":
			out.Checksums = append(out.Checksums, spdxChecksum{strings.ToUpper(alg), v})
		}
	}
	return out
}

var spdxExpression = regexp.MustCompile(`^\(?(LicenseRef-)?[A-Za-z0-9.+-]+( (AND|OR|WITH) \(?[A-Za-z0-9.+-]+\)?)*\)?$`)

// spdxLicense is the declared licence where it has the form of an expression
// with names that are on the SPDX list as far as is known here; a reader that
// validates refuses others.
func spdxLicense(declared []string) string {
	if len(declared) != 1 || !spdxExpression.MatchString(declared[0]) || strings.Count(declared[0], "(") != strings.Count(declared[0], ")") {
		return noAssertion
	}
	for w := range strings.FieldsSeq(strings.NewReplacer("(", "", ")", "").Replace(declared[0])) {
		if w != "AND" && w != "OR" && !spdxKnown[w] {
			return noAssertion
		}
	}
	return declared[0]
}

// spdxKnown are the identifiers of https://spdx.org/licenses/ that most
// packages declare.
var spdxKnown = map[string]bool{
	"0BSD": true, "AFL-2.1": true, "AGPL-3.0-only": true, "AGPL-3.0-or-later": true, "Apache-2.0": true, "Artistic-2.0": true,
	"BSD-2-Clause": true, "BSD-3-Clause": true, "BSL-1.0": true, "CC-BY-3.0": true, "CC-BY-4.0": true, "CC0-1.0": true,
	"CDDL-1.0": true, "EPL-1.0": true, "EPL-2.0": true, "GPL-2.0-only": true, "GPL-2.0-or-later": true, "GPL-3.0-only": true,
	"GPL-3.0-or-later": true, "ISC": true, "LGPL-2.0-only": true, "LGPL-2.0-or-later": true, "LGPL-2.1-only": true,
	"LGPL-2.1-or-later": true, "LGPL-3.0-only": true, "LGPL-3.0-or-later": true, "MIT": true, "MIT-0": true, "MPL-1.1": true,
	"MPL-2.0": true, "OpenSSL": true, "PSF-2.0": true, "Python-2.0": true, "Ruby": true, "Unlicense": true, "WTFPL": true,
	"X11": true, "ZPL-2.1": true, "Zlib": true, "curl": true, "BlueOak-1.0.0": true, "OFL-1.1": true, "PostgreSQL": true,
}
