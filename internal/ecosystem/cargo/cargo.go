// SPDX-License-Identifier: Apache-2.0

// Package cargo knows the world of Rust: Cargo's lock files and the dependency
// list that cargo-auditable builds into programs. It runs no Rust, downloads
// nothing and judges nothing.
package cargo

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{auditable{}, lock{}} }

// maxText is the longest name, version or source that is believed, in bytes.
const maxText = 512

// origin is where a crate comes from.
type origin uint8

const (
	// fromCratesIO is the public registry: the one that advisories speak of.
	fromCratesIO origin = iota
	fromRegistry        // another one
	fromGit
	// local crates are the project itself: members of the workspace, paths.
	local
)

// parseSource reads the source of a lock file, see
// https://doc.rust-lang.org/cargo/reference/pkgid-spec.html.
func parseSource(s string) (origin, string) {
	kind, address, _ := strings.Cut(s, "+")
	switch {
	case s == "":
		return local, ""
	case kind == "git":
		return fromGit, address
	case kind == "sparse" && strings.TrimRight(address, "/") == "https://index.crates.io",
		kind == "registry" && strings.TrimSuffix(strings.TrimRight(address, "/"), ".git") == "https://github.com/rust-lang/crates.io-index":
		return fromCratesIO, ""
	case kind == "path":
		return local, ""
	}
	return fromRegistry, address
}

// makePackage copies its strings. A crate that is not from the public registry
// says so in its purl.
func makePackage(name, version string, from origin, address string) sekisho.Package {
	purl := sekisho.PURL{Type: "cargo", Name: name, Version: version}
	switch from {
	case fromGit:
		// "https://host/repo?branch=main#0123abcd" becomes "git+https://host/repo@0123abcd".
		url, revision, _ := strings.Cut(address, "#")
		url, _, _ = strings.Cut(url, "?")
		if url != "" {
			url = "git+" + url
			if revision != "" {
				url += "@" + revision
			}
		}
		purl.Qualifiers = map[string]string{"vcs_url": url}
	case fromRegistry:
		purl.Qualifiers = map[string]string{"repository_url": address}
	case fromCratesIO, local:
	}
	p := sekisho.Package{
		PURL:      purl.String(),
		Ecosystem: sekisho.EcosystemCargo,
		Name:      strings.Clone(name),
		Version:   strings.Clone(version),
	}
	if from == local {
		p.Relationship = sekisho.Root
	}
	return p
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// plain reports whether s could be a crate's name or version.
func plain(s string) bool {
	if s == "" || len(s) > maxText {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '/' || c == '\\' {
			return false
		}
	}
	return true
}
