// SPDX-License-Identifier: Apache-2.0

// Package debian knows what dpkg leaves on a disk: the status database of
// Debian, Ubuntu and their kin, the split one of distroless images, the
// manifest of chiselled ones, the file lists and the copyright files. It does
// not know which release it looks at (that is the distro room) and judges
// nothing.
//
// Formats: https://manpages.debian.org/dpkg-query,
// https://www.debian.org/doc/debian-policy/ch-controlfields.html and
// https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/.
package debian

import "github.com/sekisho/sekisho/internal/sekisho"

// Extractors returns the extractors of this room.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{statusFile{}, extendedStates{}, statusDirectory{}, fileList{}, copyrightFile{}, chiselManifest{}}
}
