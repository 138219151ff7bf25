// SPDX-License-Identifier: Apache-2.0

// Package ruby knows the world of RubyGems: Bundler's lock files and the
// specifications of installed gems. It runs no Ruby and judges nothing.
package ruby

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{gemfileLock{}, gemspec{}} }

// gem makes a package; platform is empty for gems without native parts.
func gem(name, version, platform string) sekisho.Package {
	p := sekisho.PURL{Type: "gem", Name: name, Version: version}
	if platform != "" && platform != "ruby" {
		p.Qualifiers = map[string]string{"platform": platform}
	}
	return sekisho.Package{PURL: p.String(), Ecosystem: sekisho.EcosystemGem, Name: name, Version: version}
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}
