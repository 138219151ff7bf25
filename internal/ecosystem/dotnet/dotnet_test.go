// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"testing"
	"unicode/utf16"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func named(t *testing.T, name string) sekisho.Extractor {
	t.Helper()
	for _, ex := range Extractors() {
		if ex.Name() == name {
			return ex
		}
	}
	t.Fatal("no extractor", name)
	return nil
}

func TestFiles(t *testing.T) {
	for _, tt := range []struct{ extractor, file, want string }{
		{"dotnet/deps-json", "shop.deps.json", `
			Microsoft.NETCore.App.Runtime.linux-x64 8.0.1 pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1 line=18 direct
			Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1 line=19 direct
			Example.Text 2.0.0-rc.1 pkg:nuget/Example.Text@2.0.0-rc.1 line=22 transitive`},
		{"dotnet/deps-json", "shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json", `
			Microsoft.NETCore.App 8.0.1 pkg:nuget/Microsoft.NETCore.App@8.0.1
			Example.Inner 8.0.0 pkg:nuget/Example.Inner@8.0.0 line=5 transitive`},
		{"dotnet/packages-lock", "packages.lock.json", `
			Example.Text 2.0.0 pkg:nuget/Example.Text@2.0.0 line=5 direct
			Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1 line=10 direct
			Example.Other 1.0.0 pkg:nuget/Example.Other@1.0.0 line=15 transitive`},
		{"dotnet/project-assets", "project.assets.json", `
			Example.Text 2.0.0 pkg:nuget/Example.Text@2.0.0 line=5 transitive
			Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1 line=6 direct`},
		{"dotnet/packages-config", "packages.config", `
			jQuery 3.1.1 pkg:nuget/jQuery@3.1.1 line=4
			Example.Lint 1.0.0 pkg:nuget/Example.Lint@1.0.0 line=5 dev`},
		{"dotnet/central-packages", "Directory.Packages.props", `
			Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1 line=3 direct
			Example.Analyzers 0.9.1 pkg:nuget/Example.Analyzers@0.9.1 line=6 direct`},
		{"dotnet/paket-lock", "paket.lock", `
			Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1
			Example.Text 2.0.0 pkg:nuget/Example.Text@2.0.0`},
		{"dotnet/assembly", "app/Example.Widget.dll", `
			Example.Widget 2.4.1 pkg:nuget/Example.Widget@2.4.1`},
		{"dotnet/project", "Shop.csproj", `
			Newtonsoft.Json 13.0.1 pkg:nuget/Newtonsoft.Json@13.0.1`},
	} {
		t.Run(tt.file, func(t *testing.T) {
			extracttest.Equal(t, extracttest.File(t, named(t, tt.extractor), tt.file), tt.want)
		})
	}
}

func TestDamagedXML(t *testing.T) {
	for _, s := range []string{"", "<packages>", "</packages>", "<a/></b>", "<a/></b><c>", "text"} {
		if _, err := extracttest.Extract(t, packagesConfig{}, "packages.config", []byte(s)); err == nil {
			t.Errorf("%q: want an error", s)
		}
	}
}

// Visual Studio wrote packages.config in UTF-16 at times.
func TestUTF16(t *testing.T) {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(`<?xml version="1.0" encoding="utf-16"?><packages><package id="A" version="1.0" title="é"/></packages>`)) {
		b = append(b, byte(u), byte(u>>8))
	}
	inv, err := extracttest.Extract(t, packagesConfig{}, "packages.config", b)
	if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Name != "A" {
		t.Error(inv.Packages, err)
	}
}

func TestFrameworkOf(t *testing.T) {
	for path, want := range map[string]string{
		"usr/share/dotnet/shared/Microsoft.AspNetCore.App/8.0.1/a.dll": "Microsoft.AspNetCore.App 8.0.1",
		"shared/Microsoft.NETCore.App/9.0.0-rc.1/a.dll":                "Microsoft.NETCore.App 9.0.0-rc.1",
		"shared/Mine/8.0.1/a.dll":                                      "",
		"other/Microsoft.NETCore.App/8.0.1/a.dll":                      "",
		"shared/Microsoft.NETCore.App/new/a.dll":                       "",
		"Microsoft.NETCore.App/8.0.1/a.dll":                            "",
		"a.dll":                                                        "",
		"":                                                             "",
	} {
		name, version, ok := frameworkOf(path)
		if got := name + " " + version; ok && got != want || !ok && want != "" {
			t.Errorf("frameworkOf(%s) = %s, %v", path, got, ok)
		}
	}
}

func FuzzJSON(f *testing.F) { extracttest.Fuzz(f, depsJSON{}, packagesLock{}, projectAssets{}) }
func FuzzXML(f *testing.F)  { extracttest.Fuzz(f, packagesConfig{}, centralPackages{}) }
