// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Go's module versions
// (https://go.dev/ref/mod#versions): Semantic Versioning, with or without "v",
// where "+incompatible" does not count. The standard library's versions, which
// are Go's releases ("1.21", "1.22rc1", "go1.22.3"), have their place in it as
// vuln.go.dev spells them: 1.22rc1 is 1.22.0-rc.1.
func Order() sekisho.Order {
	return sekisho.Order{Name: "semver", Compare: compare}
}

func compare(a, b string) (int, error) {
	return semver.Rules{Name: "Go"}.Compare(release(a), release(b))
}

// release spells a release of Go as a semantic version; other versions stay.
func release(v string) string {
	if g, ok := strings.CutPrefix(v, "go"); ok {
		// What follows is no part of the release: "go1.22.3 X:boringcrypto",
		// "go1.22.3-vendor".
		if i := strings.IndexAny(g, " -+"); i >= 0 {
			g = g[:i]
		}
		v = g
	}
	i := 0
	for i < len(v) && (v[i] == '.' || isDigit(v[i])) {
		i++
	}
	j := i
	for j < len(v) && 'a' <= v[j] && v[j] <= 'z' {
		j++
	}
	if i == 0 || j == i || j == len(v) || !isDigit(v[j]) {
		return v
	}
	return v[:i] + "-" + v[i:j] + "." + v[j:]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
