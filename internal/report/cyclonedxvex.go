// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// cdxJustification is OpenVEX's reason in the words of CycloneDX
// (https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis_justification),
// where it has one that says the same.
var cdxJustification = map[string]string{
	"component_not_present":               "code_not_present",
	"vulnerable_code_not_present":         "code_not_present",
	"vulnerable_code_not_in_execute_path": "code_not_reachable",
	"inline_mitigations_already_exist":    "protected_by_mitigating_control",
}

// writeCycloneDXVEX states the same in CycloneDX: the packages that have a
// vulnerability, and of each vulnerability what was decided.
func writeCycloneDXVEX(w io.Writer, r *sekisho.Result, _ Options) error {
	b := cycloneDX(r)
	var findings []*sekisho.Finding
	for _, one := range all(r) {
		for i := range one.Findings {
			if f := &one.Findings[i]; ofPackage(f) {
				findings = append(findings, f)
			}
		}
	}
	affected := map[string]bool{}
	for i := range b.Vulns { // in the order of the findings
		v, s := &b.Vulns[i], vexStatementOf(findings[i])
		affected[v.Affects[0].Ref] = true
		if v.Analysis == nil {
			v.Analysis = &cdxAnalysis{State: "exploitable", Detail: s.Action}
			if findings[i].Fixed != "" {
				v.Analysis.Response = []string{"update"}
			}
		}
		if by := findings[i].Suppressed; by != nil && by.Status == sekisho.StatusNotAffected {
			v.Analysis.Justification = cdxJustification[by.Justification]
			v.Analysis.Detail = strings.TrimSuffix(by.Justification+": "+cmp.Or(by.Reason, SuppressionText(by, message.En)), ": ")
		}
		v.Ratings, v.Advisories, v.Properties, v.CWEs, v.Detail = nil, nil, nil, nil, ""
	}
	b.Components = slices.DeleteFunc(b.Components, func(c cdxComponent) bool { return !affected[c.Ref] })
	for i := range b.Components {
		b.Components[i].Properties = nil
	}
	b.Metadata.Component.Properties = nil
	b.Metadata.Component.PURL = ""
	if image := vexImage(&r.Target); strings.HasPrefix(image, "pkg:") {
		b.Metadata.Component.PURL = image
	}
	b.Dependencies, b.Compositions = []cdxDependency{}, []cdxComposition{}
	return encode(w, b)
}
