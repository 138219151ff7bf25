// SPDX-License-Identifier: Apache-2.0

// Package maven knows the Java world: archives (jar, war, ear and the like,
// nested to any depth), Gradle's lock files, Maven's project files and the
// Java run time itself. It runs no Java, downloads nothing and judges nothing.
package maven

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{newArchive(), gradleLock{}, jdk{}, projectFile{}, pomProperties{}}
}

// coordinates name an artifact of a Maven repository. Group and version are
// empty where they are not known.
type coordinates struct{ group, artifact, version string }

// maxCoordinate is the length of the longest group, artifact or version that
// is believed, in bytes. Central's longest are below half of it.
const maxCoordinate = 256

// plain reports whether s could be a group, an artifact or a version: no
// blanks, no control characters, no property that nobody filled in.
func plain(s string) bool {
	if s == "" || len(s) > maxCoordinate {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c == 0x7f, strings.IndexByte("${}@/\\:\"'<>|*?%,;()[]", c) >= 0:
			return false
		}
	}
	return true
}

// cleaned drops the parts that are not plain.
func (c coordinates) cleaned() coordinates {
	if !plain(c.group) {
		c.group = ""
	}
	if !plain(c.artifact) {
		c.artifact = ""
	}
	if !plain(c.version) {
		c.version = ""
	}
	return c
}

// makePackage copies the coordinates, which may be parts of a large buffer. An
// artifact without a group is named by itself: no group is invented.
func makePackage(c coordinates) sekisho.Package {
	name := strings.Clone(c.artifact)
	if c.group != "" {
		name = c.group + ":" + c.artifact
	}
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "maven", Namespace: c.group, Name: c.artifact, Version: c.version}.String(),
		Ecosystem: sekisho.EcosystemMaven,
		Name:      name,
		Version:   strings.Clone(c.version),
	}
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}
