// SPDX-License-Identifier: Apache-2.0

// Package debian knows dpkg's world: what is installed, which files belong to
// it, and what it declares about licences. It does not know versions' order or
// advisories yet, and nothing of other package managers.
//
// Formats: deb-control(5), https://www.debian.org/doc/debian-policy/ch-controlfields.html.
package debian

import "github.com/sekisho/sekisho/internal/sekisho"

// Extractors of dpkg's database.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{status{}, list{}, copyright{}}
}
