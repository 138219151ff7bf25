// SPDX-License-Identifier: Apache-2.0

// Package pypi knows the packages of Python: installed distributions and the
// files that pin them.
package pypi

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors of Python's packages.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{metadata{}, requirements{}, tomlLock{}, pipfileLock{}}
}

// Normalize spells a name as the index does:
// https://packaging.python.org/en/latest/specifications/name-normalization/.
func Normalize(name string) string {
	var b strings.Builder
	dash := false
	for _, c := range []byte(name) {
		switch {
		case c == '-' || c == '_' || c == '.':
			dash = true
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if dash {
			b.WriteByte('-')
			dash = false
		}
		b.WriteByte(c)
	}
	if dash {
		b.WriteByte('-')
	}
	return b.String()
}

// pkg makes a package of the index.
func pkg(name, version string) sekisho.Package {
	name = Normalize(name)
	version = strings.Clone(version)
	return sekisho.Package{Ecosystem: sekisho.EcosystemPyPI, Name: name, Version: version, PURL: sekisho.PURL{Type: "pypi", Name: name, Version: version}.String()}
}

// validName follows the specification: letters, digits, dots, dashes, underscores.
func validName(s string) bool {
	if s == "" || len(s) > 200 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		case (c == '-' || c == '_' || c == '.') && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return true
}

func base(path, name string) bool {
	return strings.HasSuffix(path, name) && (len(path) == len(name) || path[len(path)-len(name)-1] == '/')
}
