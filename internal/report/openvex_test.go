// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestOpenVEX(t *testing.T) {
	find := func(id, purl string, more sekisho.Finding) sekisho.Finding {
		more.Kind, more.Rule, more.Package = sekisho.Vulnerability, id, &sekisho.PackageRef{PURL: purl}
		return more
	}
	says := func(status, justification, reason string) *sekisho.Suppression {
		return &sekisho.Suppression{By: "f", Status: status, Justification: justification, Reason: reason}
	}
	r := &sekisho.Result{Target: sekisho.Target{Kind: sekisho.KindRepository}, Findings: []sekisho.Finding{
		find("CVE-1", "pkg:npm/a@1", sekisho.Finding{Suppressed: says("not_affected", "component_not_present", "why")}),
		find("CVE-1", "pkg:npm/b@1", sekisho.Finding{Suppressed: says("not_affected", "component_not_present", "why")}),
		find("CVE-1", "pkg:npm/b@1", sekisho.Finding{Suppressed: says("not_affected", "component_not_present", "why")}),
		find("CVE-1", "pkg:npm/c@1", sekisho.Finding{Fixed: "2"}),
		find("CVE-2", "pkg:npm/a@1", sekisho.Finding{Suppressed: says("not_affected", "code_not_reachable", "")}),
		find("CVE-3", "pkg:npm/a@1", sekisho.Finding{Suppressed: says("not_affected", "", "")}),
		find("CVE-4", "pkg:npm/a@1", sekisho.Finding{Suppressed: says("fixed", "", "")}),
		find("CVE-5", "pkg:npm/a@1", sekisho.Finding{Suppressed: says("", "", "agreed")}),
		find("CVE-6", "pkg:npm/a@1", sekisho.Finding{Status: sekisho.StatusInvestigating}),
		find("CVE-7", "pkg:npm/a@1", sekisho.Finding{}),
		{Kind: sekisho.Misconfiguration, Rule: "run-as-root"},
	}}
	var doc struct {
		ID         string         `json:"@id"`
		Statements []vexStatement `json:"statements"`
	}
	if err := json.Unmarshal([]byte(render(t, "openvex", r, Options{})), &doc); err != nil {
		t.Fatal(err)
	}
	a := []vexProduct{{ID: "pkg:npm/a@1"}}
	name := func(s string) vexVulnerability { return vexVulnerability{Name: s} }
	want := []vexStatement{
		{Vulnerability: name("CVE-1"), Products: []vexProduct{{ID: "pkg:npm/a@1"}, {ID: "pkg:npm/b@1"}}, Status: "not_affected", Justification: "component_not_present", Impact: "why"},
		{Vulnerability: name("CVE-1"), Products: []vexProduct{{ID: "pkg:npm/c@1"}}, Status: "affected", Action: "update to 2"},
		{Vulnerability: name("CVE-2"), Products: a, Status: "not_affected", Impact: "code_not_reachable"},
		{Vulnerability: name("CVE-3"), Products: a, Status: "not_affected", Impact: "suppressed by f: not_affected"},
		{Vulnerability: name("CVE-4"), Products: a, Status: "fixed"},
		{Vulnerability: name("CVE-5"), Products: a, Status: "affected", Action: "suppressed by f: agreed"},
		{Vulnerability: name("CVE-6"), Products: a, Status: "under_investigation"},
		{Vulnerability: name("CVE-7"), Products: a, Status: "affected", Action: "no version that fixes it is known"},
	}
	if d := cmp.Diff(want, doc.Statements); d != "" {
		t.Error(d)
	}
	was := doc.ID
	r.Findings[0].Suppressed = nil
	if err := json.Unmarshal([]byte(render(t, "openvex", r, Options{})), &doc); err != nil || doc.ID == was {
		t.Error("other statements have the id of the old ones", err)
	}
}

func TestImageAsProduct(t *testing.T) {
	for want, target := range map[string]sekisho.Target{
		"": {Kind: sekisho.KindRepository, Name: "x", Digest: "sha256:aa"},
		"pkg:oci/app@sha256:aa?arch=arm64&repository_url=localhost:5000%2Fteam%2FApp": {Kind: sekisho.KindImage, Name: "localhost:5000/team/App:1@sha256:aa", Digest: "sha256:aa", Platform: &sekisho.Platform{OS: "linux", Architecture: "arm64"}},
		"image.tar": {Kind: sekisho.KindImage, Name: "image.tar"},
	} {
		if got := vexImage(&target); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
