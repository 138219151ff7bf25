// SPDX-License-Identifier: Apache-2.0

// Package ecosystem is the index of the package worlds: one folder each, one
// line each. A test compares the folders with this list.
package ecosystem

import (
	"github.com/sekisho/sekisho/internal/ecosystem/alpine"
	"github.com/sekisho/sekisho/internal/ecosystem/arch"
	"github.com/sekisho/sekisho/internal/ecosystem/beam"
	"github.com/sekisho/sekisho/internal/ecosystem/binary"
	"github.com/sekisho/sekisho/internal/ecosystem/cargo"
	"github.com/sekisho/sekisho/internal/ecosystem/cpp"
	"github.com/sekisho/sekisho/internal/ecosystem/dart"
	"github.com/sekisho/sekisho/internal/ecosystem/debian"
	"github.com/sekisho/sekisho/internal/ecosystem/distro"
	"github.com/sekisho/sekisho/internal/ecosystem/dotnet"
	"github.com/sekisho/sekisho/internal/ecosystem/golang"
	"github.com/sekisho/sekisho/internal/ecosystem/haskell"
	"github.com/sekisho/sekisho/internal/ecosystem/julia"
	"github.com/sekisho/sekisho/internal/ecosystem/lua"
	"github.com/sekisho/sekisho/internal/ecosystem/maven"
	"github.com/sekisho/sekisho/internal/ecosystem/npm"
	"github.com/sekisho/sekisho/internal/ecosystem/perl"
	"github.com/sekisho/sekisho/internal/ecosystem/php"
	"github.com/sekisho/sekisho/internal/ecosystem/pypi"
	"github.com/sekisho/sekisho/internal/ecosystem/r"
	"github.com/sekisho/sekisho/internal/ecosystem/rpm"
	"github.com/sekisho/sekisho/internal/ecosystem/ruby"
	"github.com/sekisho/sekisho/internal/ecosystem/swift"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of every ecosystem.
func Extractors() []sekisho.Extractor {
	var all []sekisho.Extractor
	for _, list := range [][]sekisho.Extractor{
		// one line a folder, in alphabetical order
		alpine.Extractors(),
		arch.Extractors(),
		beam.Extractors(),
		binary.Extractors(),
		cargo.Extractors(),
		cpp.Extractors(),
		dart.Extractors(),
		debian.Extractors(),
		distro.Extractors(),
		dotnet.Extractors(),
		golang.Extractors(),
		haskell.Extractors(),
		julia.Extractors(),
		lua.Extractors(),
		maven.Extractors(),
		npm.Extractors(),
		perl.Extractors(),
		php.Extractors(),
		pypi.Extractors(),
		r.Extractors(),
		rpm.Extractors(),
		ruby.Extractors(),
		swift.Extractors(),
	} {
		all = append(all, list...)
	}
	return all
}
