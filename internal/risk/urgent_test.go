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

// The same package in two projects, archives or programs is changed in each of
// them; a tree of npm and the lockfile beside it are one.
func TestOtherPlacesOfAPackage(t *testing.T) {
	at := func(purl, ecosystem, extractor string, paths ...string) sekisho.Package {
		p := sekisho.Package{PURL: purl, Ecosystem: ecosystem, Extractor: extractor, Path: paths[0]}
		for _, path := range paths {
			p.Locations = append(p.Locations, sekisho.Location{Path: path, Hidden: path == "old/app"})
		}
		return p
	}
	r := &sekisho.Result{Packages: []sekisho.Package{
		at("one-project", "npm", "npm/package-json", "app/node_modules/a/package.json", "app/package-lock.json", "app/node_modules/b/node_modules/a/package.json"),
		at("two-projects", "npm", "npm/package-lock", "x/package-lock.json", "y/package-lock.json"),
		at("root-project", "npm", "npm/package-json", "node_modules/a/package.json", "package-lock.json"),
		at("two-jars", "maven", "maven/jar", "opt/a.jar!/lib/p.jar", "opt/a.jar!/other/p.jar", "opt/b.jar!/lib/p.jar"),
		at("two-programs", "golang", "golang/binary", "bin/x", "bin/y", "old/app"),
	}}
	for i := range r.Packages {
		p := &r.Packages[i]
		r.Findings = append(r.Findings, sekisho.Finding{
			ID: p.PURL, Kind: sekisho.Vulnerability, Rule: "CVE-1", Severity: sekisho.SeverityHigh, Fixed: "2", Location: p.Locations[0],
			Package: &sekisho.PackageRef{PURL: p.PURL, Name: p.PURL, Version: "1", Ecosystem: p.Ecosystem},
		})
	}
	Rank(r, SettingOf(r), Default(), numbers)
	got := map[string]string{}
	for _, a := range r.Actions {
		got[a.Closes[0]] = strings.Join(a.AlsoIn, " ")
	}
	want := map[string]string{"one-project": "", "two-projects": "y/package-lock.json", "root-project": "", "two-jars": "opt/b.jar", "two-programs": "bin/y"}
	for k, v := range want {
		if w, ok := got[k]; !ok || w != v {
			t.Errorf("%s: %q (%v), want %q", k, w, ok, v)
		}
	}
}
