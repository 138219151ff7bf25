// SPDX-License-Identifier: Apache-2.0

package license

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/sekisho"
)

const isc = `Copyright (c) Example

Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
`

func TestRecognise(t *testing.T) {
	for in, want := range map[string]string{
		isc:                                      "ISC",
		"ISC License\n\n" + isc:                  "ISC",
		"":                                       "",
		"All rights reserved.":                   "",
		strings.Repeat("word salad ", 500) + isc: "",
		isc[:300]:                                "",
		"\x00\xff\xfe" + strings.Repeat("\x00", 1000): "",
	} {
		if got := Recognise([]byte(in)); got != want {
			t.Errorf("%.40q is %q, want %q", in, got, want)
		}
	}
}

// Each licence that is looked for is one that the library knows, and that has a
// category here.
func TestTexts(t *testing.T) {
	if scanner() == nil {
		t.Fatal("the library refuses the list")
	}
	for _, id := range texts {
		if strings.HasSuffix(id, "*") {
			continue
		}
		if e := license.Normalise("", []string{id}); !e.Known() {
			t.Errorf("%s becomes %s", id, e)
		}
	}
}

func TestOwner(t *testing.T) {
	for in, want := range map[string]string{
		"app/node_modules/a/LICENSE":                              "npm app/node_modules/a",
		"app/node_modules/@s/a/LICENSE":                           "npm app/node_modules/@s/a",
		"app/node_modules/a/node_modules/b/COPYING":               "npm app/node_modules/a/node_modules/b",
		"app/node_modules/a/dist/LICENSE":                         "",
		"app/node_modules/LICENSE":                                "",
		"app/node_modules/@s/LICENSE":                             "",
		"x/site-packages/a-1.dist-info/LICENSE":                   "pypi x/site-packages/a-1.dist-info",
		"x/site-packages/a-1.dist-info/licenses/LICENSE":          "pypi x/site-packages/a-1.dist-info",
		"x/vendor/github.com/a/b/LICENSE":                         "golang github.com/a/b",
		"root/go/pkg/mod/github.com/!burnt!sushi/toml@v1/COPYING": "golang github.com/BurntSushi/toml v1",
		"root/go/pkg/mod/github.com/a/b@v1/sub/LICENSE":           "",
		"app/LICENSE":                     "",
		"app/vendor/symfony/yaml/LICENSE": "",
	} {
		d, ok := owner(in)
		got := strings.TrimSpace(strings.Join(strings.Fields(d.Ecosystem+" "+d.Beside+" "+d.Name+" "+d.Version), " "))
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%s belongs to %q, want %q", in, got, want)
		}
	}
}

func TestWants(t *testing.T) {
	for in, want := range map[string]bool{
		"node_modules/a/LICENSE": true, "node_modules/a/license.md": true, "node_modules/a/LICENCE-MIT": true, "node_modules/a/COPYING.LESSER": true, "node_modules/a/UNLICENSE": true, "node_modules/a/MIT-LICENSE.txt": true,
		"node_modules/a/NOTICE": false, "node_modules/a/license.js": false, "node_modules/a/licensed.txt": false, "node_modules/a/index.js": false, "LICENSE": false, "lib/a.jar": true, "a.jar/x": false,
	} {
		if got := (text{}).Wants(&sekisho.File{Path: in, Size: 100}); got != want {
			t.Errorf("%s: %t", in, got)
		}
	}
	if (text{}).Wants(&sekisho.File{Path: "node_modules/a/LICENSE", Size: maxText + 1}) {
		t.Error("a file of any size is wanted")
	}
}

func jarOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func extract(t testing.TB, path string, b []byte) sekisho.Inventory {
	t.Helper()
	inv, err := (text{}).Extract(t.Context(), &sekisho.Input{Path: path, File: sekisho.File{Path: path}, Content: bytes.NewReader(b), Size: int64(len(b))})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestJars(t *testing.T) {
	inner := jarOf(t, map[string]string{"META-INF/LICENSE.txt": isc})
	war := jarOf(t, map[string]string{"WEB-INF/lib/a.jar": string(inner), "WEB-INF/lib/b.jar": "no archive", "WEB-INF/LICENSE": isc, "META-INF/NOTICE": isc})
	inv := extract(t, "srv/x.war", war)
	want := []sekisho.DeclaredLicense{{
		Ecosystem: sekisho.EcosystemMaven, Beside: "srv/x.war!/WEB-INF/lib/a.jar", Text: true, Licenses: []string{"ISC"},
		Location: sekisho.Location{Path: "srv/x.war!/WEB-INF/lib/a.jar!/META-INF/LICENSE.txt"},
	}}
	if d := cmp.Diff(want, inv.Licenses); d != "" {
		t.Error(d)
	}
	for n := range len(war) {
		extract(t, "srv/x.war", war[:n]) // truncated: no panic
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("node_modules/a/LICENSE", []byte(isc))
	f.Add("a.jar", jarOf(f, map[string]string{"META-INF/LICENSE": isc}))
	f.Fuzz(func(t *testing.T, path string, b []byte) {
		for _, l := range extract(t, path, b).Licenses {
			if _, err := license.Parse(l.Licenses[0]); err != nil || !l.Text {
				t.Errorf("%+v: %v", l, err)
			}
		}
	})
}

func TestRules(t *testing.T) {
	for _, r := range Rules() {
		if bad := check.Lint(&r); len(bad) > 0 {
			t.Error(bad)
		}
	}
	for _, c := range license.Categories {
		if byCategory[c] == nil {
			t.Errorf("no rule speaks of %s", c)
		}
	}
}

// judged gives the rule, severity and title of each finding.
func judged(t *testing.T, s *check.Settings, deny, allow string, packages ...sekisho.Package) (out []string, cover sekisho.LicenseCoverage) {
	t.Helper()
	list := func(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }
	p, err := license.ParsePolicy(list(deny), list(allow))
	if err != nil {
		t.Fatal(err)
	}
	j, err := Checker(s, p).Check(t.Context(), &sekisho.Inventory{Packages: packages})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range j.Findings {
		if f.Kind != sekisho.License || f.Package == nil || f.ID == "" || !slices.ContainsFunc(j.Rules, func(r sekisho.Rule) bool { return r.ID == f.Rule && r.Kind == f.ResourceKind }) {
			t.Errorf("%+v", f)
		}
		out = append(out, fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.Args))
	}
	return out, *j.Licenses
}

func TestChecker(t *testing.T) {
	npm := func(name, expression string) sekisho.Package {
		return sekisho.Package{Ecosystem: sekisho.EcosystemNPM, Name: name, Version: "1", Path: "app/node_modules/" + name + "/package.json", LicenseExpression: expression}
	}
	deb := func(name, expression string) sekisho.Package {
		return sekisho.Package{Ecosystem: sekisho.EcosystemDeb, Name: name, Version: "1", LicenseExpression: expression}
	}
	dev, root, owned, hidden, own := npm("dev", "AGPL-3.0-only"), npm("root", "AGPL-3.0-only"), npm("owned", "AGPL-3.0-only"), npm("hidden", "AGPL-3.0-only"), npm("own", "LicenseRef-proprietary")
	dev.Dev, root.Relationship, owned.OwnedBy, hidden.Hidden, own.Path = true, sekisho.Root, "pkg:deb/x", true, "app/package.json"
	several := npm("several", "MIT AND AGPL-3.0-only")
	several.LicenseFile = "app/node_modules/several/LICENSE"
	all := []sekisho.Package{
		npm("a", "AGPL-3.0-or-later"), npm("b", "MIT OR AGPL-3.0-only"), npm("c", "SSPL-1.0"), npm("d", "LicenseRef-proprietary"), npm("e", "GPL-3.0-only"), npm("f", "LicenseRef-x"), npm("g", ""),
		deb("h", "GPL-2.0-or-later AND AGPL-3.0-only"), deb("i", "AGPL-3.0-only"), dev, root, owned, hidden, own, several,
	}
	for _, tt := range []struct {
		name        string
		settings    *check.Settings
		deny, allow string
		want        []string
	}{
		{"no lists", nil, "", "", []string{"low network-copyleft-license [a AGPL-3.0-or-later]", "medium source-available-license [c SSPL-1.0]", "low proprietary-license [d LicenseRef-proprietary]", "low network-copyleft-license [i AGPL-3.0-only]"}},
		{"denied", nil, "AGPL-3.0-only,strong-copyleft", "", []string{
			"high network-copyleft-license [a AGPL-3.0-or-later]", "high strong-copyleft-license [e GPL-3.0-only]", "high network-copyleft-license [h AGPL-3.0-only]", "high strong-copyleft-license [h GPL-2.0-or-later]",
			"high network-copyleft-license [i AGPL-3.0-only]", "high network-copyleft-license [dev AGPL-3.0-only]", "high network-copyleft-license [several AGPL-3.0-only]",
		}},
		{"allowed", nil, "", "permissive,network-copyleft,strong-copyleft,source-available,proprietary", nil},
		{"unknown", nil, "unknown", "", []string{"high unknown-license [f LicenseRef-x]", "high unknown-license [g -]"}},
		{"on demand", &check.Settings{Only: []string{"unknown-license"}}, "", "", []string{"low unknown-license [f LicenseRef-x]", "low unknown-license [g -]"}},
		{"turned off", &check.Settings{Off: []string{"license/network-copyleft-license", "source-available-license", "proprietary-license"}}, "AGPL-3.0-only", "", nil},
	} {
		got, cover := judged(t, tt.settings, tt.deny, tt.allow, all...)
		if tt.name == "denied" || tt.name == "turned off" {
			got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "medium") || strings.HasPrefix(s, "low") })
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.name, d)
		}
		if cover != (sekisho.LicenseCoverage{Known: 10, Unknown: 1, Unstated: 1}) {
			t.Errorf("coverage: %+v", cover)
		}
	}
}
