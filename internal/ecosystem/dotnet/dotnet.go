// SPDX-License-Identifier: Apache-2.0

// Package dotnet knows the world of NuGet: what a published application
// depends on (deps.json), what a project locked, the shared frameworks of an
// installed runtime, and assemblies by the version inside them. It judges nothing.
package dotnet

import (
	"strings"

	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/csproj"
	"github.com/google/osv-scalibr/extractor/filesystem/language/dotnet/paketlock"

	"github.com/sekisho/sekisho/internal/ecosystem/scalibr"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{
		depsJSON{},
		packagesLock{},
		projectAssets{},
		packagesConfig{},
		centralPackages{},
		assembly{},
		scalibr.Wrap(scalibr.Extractor{
			Name: "dotnet/paket-lock", Version: 1,
			Wants: func(path string) bool { return isBase(path, "paket.lock") },
			New:   paketlock.New,
		}),
		scalibr.Wrap(scalibr.Extractor{
			Name: "dotnet/project", Version: 1,
			Wants: func(path string) bool {
				return strings.HasSuffix(path, ".csproj") || strings.HasSuffix(path, ".fsproj") || strings.HasSuffix(path, ".vbproj")
			},
			New: csproj.New,
		}),
	}
}

func nuget(name, version string) sekisho.Package {
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "nuget", Name: name, Version: version}.String(),
		Ecosystem: sekisho.EcosystemNuGet,
		Name:      name,
		Version:   version,
	}
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// frameworkOf reads ".../shared/NAME/VERSION/FILE", the place of a runtime's
// shared framework such as Microsoft.NETCore.App.
func frameworkOf(path string) (name, version string, ok bool) {
	rest, _, ok := cutLast(path)
	if !ok {
		return "", "", false
	}
	rest, version, ok = cutLast(rest)
	if !ok || version == "" || version[0] < '0' || version[0] > '9' {
		return "", "", false
	}
	rest, name, ok = cutLast(rest)
	return name, version, ok && strings.HasPrefix(name, "Microsoft.") && isBase(rest, "shared")
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}
