// SPDX-License-Identifier: Apache-2.0

// Package ecosystem is the index of the package worlds: one folder each, one
// line each. A test compares the folders with this list.
package ecosystem

import (
	"github.com/sekisho/sekisho/internal/ecosystem/alpine"
	"github.com/sekisho/sekisho/internal/ecosystem/arch"
	"github.com/sekisho/sekisho/internal/ecosystem/debian"
	"github.com/sekisho/sekisho/internal/ecosystem/distro"
	"github.com/sekisho/sekisho/internal/ecosystem/rpm"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of every ecosystem.
func Extractors() []sekisho.Extractor {
	var all []sekisho.Extractor
	for _, list := range [][]sekisho.Extractor{
		// one line a folder, in alphabetical order
		alpine.Extractors(),
		arch.Extractors(),
		debian.Extractors(),
		distro.Extractors(),
		rpm.Extractors(),
	} {
		all = append(all, list...)
	}
	return all
}
