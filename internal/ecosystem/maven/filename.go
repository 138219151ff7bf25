// SPDX-License-Identifier: Apache-2.0

package maven

import "strings"

// fileName is an archive's name, taken apart.
type fileName struct {
	whole string // without the ending
	// artifact is the whole where no version was found.
	artifact, version string
}

// nameOf takes "artifact-1.2.3-classifier.jar" apart.
func nameOf(path string) fileName {
	base := path[strings.LastIndexByte(path, '/')+1:]
	if i := strings.LastIndexByte(base, '.'); i > 0 {
		base = base[:i]
	}
	n := fileName{whole: base}
	n.artifact, n.version = splitName(base)
	if strings.HasSuffix(n.version, ".x") {
		n.version = "" // "3.x" names a line of versions
	}
	return n
}

func splitName(base string) (artifact, version string) {
	// A version begins at a "-" that a digit follows; "log4j-1.2-api-2.17.0"
	// has two of them, and "foo-1.0-20200101.120000-1" has one with two more
	// within it: what stands between a version's parts is no word of its own.
	for at := 0; ; {
		i := nextNumber(base, at)
		if i < 0 {
			break
		}
		if end, ok := versionEnd(base, i+1); ok {
			return base[:i], base[i+1 : end]
		}
		at = i + 1
	}
	// OSGi spells "org.eclipse.core_3.1.0.v2020".
	if i := strings.LastIndexByte(base, '_'); i > 0 && i+1 < len(base) && isDigit(base[i+1]) && strings.IndexByte(base[i:], '.') > 0 {
		return base[:i], base[i+1:]
	}
	return base, ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// nextNumber finds the next "-" before a digit, or before a "v" and a digit.
func nextNumber(s string, from int) int {
	for i := max(from, 1); i+1 < len(s); i++ {
		if s[i] == '-' && (isDigit(s[i+1]) || s[i+1] == 'v' && i+2 < len(s) && isDigit(s[i+2])) {
			return i
		}
	}
	return -1
}

// versionEnd says where the version that begins at from ends: at the first
// word that is a classifier. It is no version when a later number follows such
// a word, unless the word names a platform.
func versionEnd(s string, from int) (end int, ok bool) {
	end = len(s)
	for at := from; at < len(s); {
		to := len(s)
		if i := strings.IndexByte(s[at:], '-'); i >= 0 {
			to = at + i
		}
		word := s[at:to]
		switch {
		case word != "" && isDigit(word[0]):
			if end != len(s) {
				return 0, false
			}
		case at == from, isQualifier(word):
		case isPlatform(word):
			if end == len(s) {
				end = at - 1
			}
			return end, true
		case end == len(s):
			end = at - 1
		}
		at = to + 1
	}
	return end, true
}

// isQualifier knows the words that belong to a version.
func isQualifier(word string) bool {
	word = strings.ToLower(word)
	letters := strings.TrimRight(word, "0123456789.")
	switch letters {
	case "snapshot", "release", "final", "ga", "alpha", "beta", "rc", "cr", "m", "b", "sp", "jre", "android",
		"incubating", "incubator", "jdk", "java", "pre", "preview", "dev", "ea", "milestone", "redhat", "patch",
		"p", "build", "hotfix", "jbossorg", "atlassian", "public", "kohsuke", "pfd", "edr", "nightly", "stable", "r", "v":
		return true
	}
	return false
}

func isPlatform(word string) bool {
	switch strings.ToLower(word) {
	case "linux", "windows", "osx", "macos", "macosx", "win", "mac", "natives", "x86_64", "aarch_64", "aarch64", "arm64":
		return true
	}
	return false
}
