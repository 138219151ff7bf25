// SPDX-License-Identifier: Apache-2.0

// Package npm knows the packages of JavaScript: installed trees and the locks
// of npm, yarn, pnpm and bun.
package npm

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors of npm's packages.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{packageJSON{}, packageLock{}, yarnLock{}, pnpmLock{}, bunLock{}}
}

// pkg makes a package of the registry.
func pkg(name, version string) sekisho.Package {
	name = strings.Clone(name)
	u := sekisho.PURL{Type: "npm", Name: name, Version: strings.Clone(version)}
	if scope, rest, ok := strings.Cut(name, "/"); ok {
		u.Namespace, u.Name = scope, rest
	}
	return sekisho.Package{Ecosystem: sekisho.EcosystemNPM, Name: name, Version: u.Version, PURL: u.String()}
}

// validName refuses what cannot be a package's name.
func validName(s string) bool {
	return s != "" && len(s) <= 214 && !strings.ContainsAny(s, " \t\n\\:\"'<>")
}

// registryVersion says whether a version is one of the registry, and not an
// address, a path or a range.
func registryVersion(s string) bool {
	return s != "" && s[0] >= '0' && s[0] <= '9' && !strings.ContainsAny(s, ":/ |<>*")
}

// tree is the directory of the packages that are installed for the project
// whose lock is at path, see sekisho.Package.Tree.
func tree(lock string) string { return path.Join(path.Dir(lock), "node_modules") }

// base says whether path's last element is name.
func base(path, name string) bool {
	return strings.HasSuffix(path, name) && (len(path) == len(name) || path[len(path)-len(name)-1] == '/')
}

// installed says whether a lock lies within an installed package: it then
// speaks of that package's development, not of what is here.
func installed(path string) bool {
	return strings.HasPrefix(path, "node_modules/") || strings.Contains(path, "/node_modules/")
}
