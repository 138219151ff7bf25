// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// What is recognised in a text is about the package that lies beside it, and
// about no other.
func TestLicenseTexts(t *testing.T) {
	at := func(ecosystem, name, version, path string, declared ...string) sekisho.Package {
		return sekisho.Package{Ecosystem: ecosystem, Name: name, Version: version, Licenses: declared, Locations: []sekisho.Location{{Path: path}}}
	}
	text := func(ecosystem, beside, name, version, path, id string) sekisho.DeclaredLicense {
		return sekisho.DeclaredLicense{Ecosystem: ecosystem, Beside: beside, Name: name, Version: version, Text: true, Licenses: []string{id}, Location: sekisho.Location{Path: path}}
	}
	const npm, maven, golang, deb = sekisho.EcosystemNPM, sekisho.EcosystemMaven, sekisho.EcosystemGo, sekisho.EcosystemDeb
	f := &facts{}
	f.Inventory.Packages = []sekisho.Package{
		at(npm, "silent", "1", "node_modules/silent/package.json"),
		at(npm, "see", "1", "node_modules/see/package.json", "SEE LICENSE IN LICENSE"),
		at(npm, "says", "1", "node_modules/says/package.json", "ISC"),
		at(npm, "locked", "1", "package-lock.json"),
		at(maven, "g:one", "1", "lib/one.jar"),
		at(maven, "g:a", "1", "lib/fat.jar"), at(maven, "g:b", "1", "lib/fat.jar"),
		at(golang, "example.com/m", "v1", "go.mod"), at(golang, "example.com/m", "v2", "x/go.mod"), at(golang, "example.com/v", "v1", "go.mod"),
		at(deb, "libc6", "1", "var/lib/dpkg/status"),
	}
	f.Inventory.Licenses = []sekisho.DeclaredLicense{
		text(npm, "node_modules/silent", "", "", "node_modules/silent/LICENSE-MIT", "MIT"), text(npm, "node_modules/silent", "", "", "node_modules/silent/LICENSE-APACHE", "Apache-2.0"),
		text(npm, "node_modules/see", "", "", "node_modules/see/LICENSE", "MIT"), text(npm, "node_modules/says", "", "", "node_modules/says/LICENSE", "MIT"), text(npm, "node_modules/locked", "", "", "node_modules/locked/LICENSE", "MIT"),
		text(maven, "lib/one.jar", "", "", "lib/one.jar!/META-INF/LICENSE", "MIT"), text(maven, "lib/fat.jar", "", "", "lib/fat.jar!/META-INF/LICENSE", "MIT"),
		text(golang, "", "example.com/m", "v1", "pkg/mod/example.com/m@v1/LICENSE", "MIT"), text(golang, "", "example.com/v", "", "vendor/example.com/v/LICENSE", "BSD-3-Clause"),
		{Ecosystem: deb, Name: "libc6", Licenses: []string{"LGPL-2.1+"}, Location: sekisho.Location{Path: "usr/share/doc/libc6/copyright"}},
	}
	r := assemble(&sekisho.Artifact{Layers: []sekisho.Layer{{}}}, []*facts{f}, &Options{})
	want := map[string][2]string{
		"silent 1": {"Apache-2.0 AND MIT", "node_modules/silent/LICENSE-APACHE"}, "see 1": {"MIT", "node_modules/see/LICENSE"}, "says 1": {"ISC", ""}, "locked 1": {"", ""},
		"g:one 1": {"MIT", "lib/one.jar!/META-INF/LICENSE"}, "g:a 1": {"", ""}, "g:b 1": {"", ""},
		"example.com/m v1": {"MIT", "pkg/mod/example.com/m@v1/LICENSE"}, "example.com/m v2": {"", ""}, "example.com/v v1": {"BSD-3-Clause", "vendor/example.com/v/LICENSE"},
		"libc6 1": {"LGPL-2.1-or-later", ""},
	}
	if len(r.Packages) != len(want) {
		t.Fatalf("%d packages", len(r.Packages))
	}
	for _, p := range r.Packages {
		if got := [2]string{p.LicenseExpression, p.LicenseFile}; got != want[p.Name+" "+p.Version] {
			t.Errorf("%s %s: %q, want %q", p.Name, p.Version, got, want[p.Name+" "+p.Version])
		}
	}
}
