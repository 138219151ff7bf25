// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Only the project itself is an application: whoever reads the document again
// must not look for the project's own flaws among those of the world.
func TestSPDXSaysWhatTheProjectIs(t *testing.T) {
	r := &sekisho.Result{Packages: []sekisho.Package{
		{PURL: "pkg:golang/example.com/shop", Name: "example.com/shop", Relationship: sekisho.Root},
		{PURL: "pkg:golang/example.com/lib@v1.0.0", Name: "example.com/lib", Version: "v1.0.0", Relationship: sekisho.Direct},
	}}
	var b bytes.Buffer
	if err := writeSPDX(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Packages []struct {
			Name    string `json:"name"`
			Purpose string `json:"primaryPackagePurpose"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(b.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range d.Packages {
		got[p.Name] = p.Purpose
	}
	if got["example.com/shop"] != "APPLICATION" || got["example.com/lib"] != "" || got["target"] != "OTHER" {
		t.Errorf("purposes %v", got)
	}
}
