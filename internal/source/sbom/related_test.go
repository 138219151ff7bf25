// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Relationships tell who installed a package and, in our own documents, what
// is in a lower layer only.
func TestSPDXRelationships(t *testing.T) {
	pkg := func(id, purl string) string {
		return fmt.Sprintf(`{"SPDXID":%q,"name":"x","externalRefs":[{"referenceType":"purl","referenceLocator":%q}]}`, id, purl)
	}
	rel := func(from, kind, to, comment string) string {
		return fmt.Sprintf(`{"spdxElementId":%q,"relationshipType":%q,"relatedSpdxElement":%q,"comment":%q}`, from, kind, to, comment)
	}
	for name, tt := range map[string]struct {
		creator   string
		relations []string
		want      []string
	}{
		"nothing said": {"Tool: sekisho-1", nil, []string{"pkg:deb/debian/six@1 ", "pkg:npm/b@1 ", "pkg:pypi/six@1 "}},
		"ours": {
			"Tool: sekisho-1",
			[]string{rel("T", "CONTAINS", "D", ""), rel("T", "CONTAINS", "P", ""), rel("D", "CONTAINS", "P", ""), rel("T", "OTHER", "N", "")},
			[]string{"pkg:deb/debian/six@1 ", "pkg:pypi/six@1 pkg:deb/debian/six@1"},
		},
		"Syft's": {
			"Tool: syft-1.0.0",
			[]string{rel("D", "OTHER", "P", "ownership-by-file-overlap: indicates it"), rel("T", "OTHER", "N", "")},
			[]string{"pkg:deb/debian/six@1 ", "pkg:npm/b@1 ", "pkg:pypi/six@1 pkg:deb/debian/six@1"},
		},
		"a language package owns nobody": {
			"Tool: sekisho-1",
			[]string{rel("P", "CONTAINS", "N", ""), rel("D", "CONTAINS", "D", ""), rel("D", "CONTAINS", "none", "")},
			[]string{"pkg:deb/debian/six@1 ", "pkg:npm/b@1 ", "pkg:pypi/six@1 "},
		},
	} {
		body := `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"creators":["` + tt.creator + `"]},"packages":[` + strings.Join([]string{
			`{"SPDXID":"T","name":"image","primaryPackagePurpose":"CONTAINER"}`,
			pkg("D", "pkg:deb/debian/six@1"), pkg("N", "pkg:npm/b@1"), pkg("P", "pkg:pypi/six@1"),
		}, ",") + `],"relationships":[` + strings.Join(tt.relations, ",") + `]}`
		a, err := Open(t.Context(), strings.NewReader(body), "x.json", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range a.Inventory.Packages {
			got = append(got, p.PURL+" "+p.OwnedBy)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Error(name, d)
		}
	}
}

// The project itself is told from what it uses, in our own documents; the
// form with tags says the same as the one in JSON.
func TestSPDXRoot(t *testing.T) {
	const packages = `PackageName: shop
SPDXID: SPDXRef-R
PrimaryPackagePurpose: APPLICATION
ExternalRef: PACKAGE-MANAGER purl pkg:golang/example.com/shop@v1.0.0

PackageName: six
SPDXID: SPDXRef-P
ExternalRef: PACKAGE-MANAGER purl pkg:pypi/six@1
Relationship: SPDXRef-D CONTAINS SPDXRef-P
PackageComment: <text>a line
that is skipped</text>

PackageName: python3-six
SPDXID: SPDXRef-D
ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/six@1

PackageName: gone
SPDXID: SPDXRef-N
ExternalRef: PACKAGE-MANAGER purl pkg:npm/gone@1

FileName: ./x
SPDXID: SPDXRef-D
Relationship: SPDXRef-T OTHER SPDXRef-N
`
	const inJSON = `"packages":[
{"SPDXID":"R","name":"shop","primaryPackagePurpose":"APPLICATION","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:golang/example.com/shop@v1.0.0"}]},
{"SPDXID":"P","name":"six","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:pypi/six@1"}]},
{"SPDXID":"D","name":"python3-six","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/debian/six@1"}]},
{"SPDXID":"N","name":"gone","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/gone@1"}]},
{"SPDXID":"T","name":"target","primaryPackagePurpose":"OPERATING_SYSTEM"}],
"relationships":[{"spdxElementId":"D","relationshipType":"CONTAINS","relatedSpdxElement":"P"},{"spdxElementId":"T","relationshipType":"OTHER","relatedSpdxElement":"N"}]}`
	ours := []string{"pkg:golang/example.com/shop@v1.0.0 root ", "pkg:pypi/six@1  pkg:deb/debian/six@1", "pkg:deb/debian/six@1  "}
	others := []string{"pkg:golang/example.com/shop@v1.0.0  ", ours[1], ours[2], "pkg:npm/gone@1  "}
	tags := func(creator string) string {
		return "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nCreator: " + creator + "\n\nPackageName: target\nSPDXID: SPDXRef-T\nPrimaryPackagePurpose: OPERATING-SYSTEM\n\n" + packages
	}
	document := func(creator string) string {
		return `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"creators":["` + creator + `"]},` + inJSON
	}
	for _, tt := range []struct {
		name, doc string
		want      []string
	}{
		{"tags, ours", tags("Tool: sekisho-1"), ours},
		{"tags, another's", tags("Tool: other-1"), others},
		{"JSON, ours", document("Tool: sekisho-1"), ours},
		{"JSON, another's", document("Tool: other-1"), others},
	} {
		a, err := Open(t.Context(), strings.NewReader(tt.doc), "x", Options{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, p := range a.Inventory.Packages {
			got = append(got, p.PURL+" "+string(p.Relationship)+" "+p.OwnedBy)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Error(tt.name, d)
		}
		if len(a.Problems) > 0 {
			t.Errorf("%s: the target itself became a problem: %+v", tt.name, a.Problems)
		}
	}
}
