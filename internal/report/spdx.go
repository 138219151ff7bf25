// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/pattern"
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
	Extracted     []spdxExtracted    `json:"hasExtractedLicensingInfos,omitempty"`
	Packages      []spdxPackage      `json:"packages"`
	Relationships []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

// spdxExtracted explains a LicenseRef- of the document, as its readers demand.
type spdxExtracted struct {
	ID   string `json:"licenseId"`
	Text string `json:"extractedText"`
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
	d.Extracted = extracted(d.Packages)
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
		Declared: noAssertion, Copyright: noAssertion,
	}
	switch {
	case p.LicenseExpression == "":
	case p.LicenseFile != "":
		// Nobody declared it: it was read out of a text.
		out.Concluded, out.Comment = p.LicenseExpression, "licence recognised in "+p.LicenseFile
	default:
		out.Declared = p.LicenseExpression
	}
	if out.Comment == "" && len(p.Licenses) > 0 && (len(p.Licenses) > 1 || p.Licenses[0] != out.Declared) {
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

var spdxReference = pattern.New(`LicenseRef-[A-Za-z0-9.-]+`)

// extracted names the references to licences that are not on the SPDX list.
func extracted(all []spdxPackage) (out []spdxExtracted) {
	seen := map[string]bool{}
	for i := range all {
		for _, text := range [...]string{all[i].Declared, all[i].Concluded} {
			for _, id := range spdxReference.FindAllString(text, -1) {
				if !seen[id] {
					seen[id] = true
					out = append(out, spdxExtracted{id, "The text is not in this document. A package declares it as: " + strings.TrimPrefix(id, "LicenseRef-")})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b spdxExtracted) int { return strings.Compare(a.ID, b.ID) })
	return out
}
