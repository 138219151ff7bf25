// SPDX-License-Identifier: Apache-2.0

package layer

import (
	"io/fs"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The marks of the layer format.
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

const modeType = fs.ModeType

// Clean makes a path of an archive relative to the root, without "..", "./" or
// a leading slash. The root itself is ".".
func Clean(name string) string {
	if name != "" && name[0] != '/' && name[0] != '.' && !strings.Contains(name, "//") &&
		!strings.Contains(name, "/.") && name[len(name)-1] != '/' {
		return name // clean already, as nearly all are
	}
	p := path.Clean("/" + name)[1:]
	if p == "" {
		return "."
	}
	return p
}

// Index remembers which paths a layer holds, in 8 bytes each, so that facts of
// lower layers can be told to be visible or hidden without the files.
type Index struct {
	// Files are all entries but directories; Dirs the directories.
	Files, Dirs sekisho.PathSet
	// Whiteouts and Opaque are the marks' paths.
	Whiteouts, Opaque sekisho.PathSet
}

// Add records an entry. Call Sort after the last.
func (x *Index) Add(f *sekisho.File) {
	h := hashOf(f.Path)
	switch f.Type {
	case sekisho.TypeDir:
		x.Dirs = append(x.Dirs, h)
	case sekisho.TypeWhiteout:
		x.Whiteouts = append(x.Whiteouts, h)
	case sekisho.TypeOpaque:
		x.Opaque = append(x.Opaque, h)
	default:
		x.Files = append(x.Files, h)
	}
}

// Sort makes the index ready for Hides.
func (x *Index) Sort() {
	for _, s := range []*sekisho.PathSet{&x.Files, &x.Dirs, &x.Whiteouts, &x.Opaque} {
		*s = s.Sorted()
	}
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hashOf(p string) uint64 {
	h := uint64(fnvOffset)
	if p == "." {
		return h
	}
	for i := range len(p) {
		h = (h ^ uint64(p[i])) * fnvPrime
	}
	return h
}

// Hides reports whether the layer removes or replaces what a lower layer holds
// at path. A path within an archive ("a.war!/b.jar") is the archive's.
func (x *Index) Hides(p string) bool {
	if i := strings.Index(p, "!/"); i >= 0 {
		p = p[:i]
	}
	h := uint64(fnvOffset)
	if len(x.Opaque) > 0 && x.Opaque.HasHash(h) {
		return true
	}
	for i := range len(p) {
		if p[i] == '/' && (x.Opaque.HasHash(h) || x.Whiteouts.HasHash(h) || x.Files.HasHash(h)) {
			return true
		}
		h = (h ^ uint64(p[i])) * fnvPrime
	}
	return x.Files.HasHash(h) || x.Whiteouts.HasHash(h) || x.Dirs.HasHash(h)
}

// Squash answers, over the stacked layers, which file a container sees.
type Squash []*Index

// Hidden reports whether a layer above index removed or replaced path. A nil
// Index is a layer that could not be read, which hides nothing.
func (s Squash) Hidden(index int, p string) bool {
	for _, x := range s[min(index+1, len(s)):] {
		if x != nil && x.Hides(p) {
			return true
		}
	}
	return false
}
