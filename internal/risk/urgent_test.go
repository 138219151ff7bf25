// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Whatever is to be done now has an action, also where no upgrade does it: in a
// lower layer alone, without a fix, of a package that no report lists.
func TestUrgentHasAnAction(t *testing.T) {
	kev := func(id, purl, fixed string, hidden bool) sekisho.Finding {
		return sekisho.Finding{
			ID: id, Kind: sekisho.Vulnerability, Rule: "CVE-" + id, Severity: sekisho.SeverityHigh, Fixed: fixed, KEV: &sekisho.KEV{}, Location: sekisho.Location{Path: "opt/" + purl, Hidden: hidden},
			Package: &sekisho.PackageRef{PURL: purl, Name: purl, Version: "1", Ecosystem: "maven"},
		}
	}
	r := &sekisho.Result{
		Packages: []sekisho.Package{{PURL: "gone", Path: "opt/gone", Hidden: true, Introduced: &sekisho.Introduction{Index: 2}}, {PURL: "open", Path: "opt/open"}, {PURL: "dull", Hidden: true}},
		Findings: []sekisho.Finding{
			kev("1", "gone", "2", true), kev("2", "gone", "", true), kev("3", "open", "", false), kev("4", "unlisted", "2", false), kev("5", "unlisted-gone", "2", true),
			{ID: "6", Kind: sekisho.Secret, Rule: "key", Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: "k", Hidden: true}},
			{ID: "7", Kind: sekisho.Malware, Rule: "shell", Severity: sekisho.SeverityCritical, Location: sekisho.Location{Path: "m", Hidden: true}},
			{ID: "8", Kind: sekisho.Vulnerability, Rule: "CVE-8", Severity: sekisho.SeverityCritical, Fixed: "2", Package: &sekisho.PackageRef{PURL: "dull", Name: "dull", Ecosystem: "npm"}},
		},
	}
	Rank(r, SettingOf(r), Default(), numbers)
	var got []string
	for _, a := range r.Actions {
		layer := -1
		if a.Introduced != nil {
			layer = a.Introduced.Index
		}
		got = append(got, fmt.Sprintf("%s %s %s %v layer %d", a.Class, a.Kind, a.Subject, a.Closes, layer))
	}
	slices.Sort(got)
	want := []string{
		"act-now mitigate open [3] layer -1",
		"act-now rebuild-without gone 1 [1 2] layer 2",
		"act-now rebuild-without unlisted-gone 1 [5] layer -1",
		"act-now rotate-secret k [6] layer -1",
		"act-now upgrade-dependency unlisted [4] layer -1",
		"track rebuild-without m [7] layer -1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
