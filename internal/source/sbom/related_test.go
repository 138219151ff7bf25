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
