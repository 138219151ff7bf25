// SPDX-License-Identifier: Apache-2.0

// Package perl knows the world of CPAN: Carton's snapshot, what cpanm records
// of an installation, and Perl's own diary of installed modules. It runs no
// Perl and judges nothing.
package perl

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{cpanfileSnapshot{}, installed{}, perllocal{}}
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// distribution makes a package of a distribution ("Moose", "2.2203") and its
// archive on CPAN ("E/ET/ETHER/Moose-2.2203.tar.gz"), which names the author.
func distribution(name, version, archive string) sekisho.Package {
	u := sekisho.PURL{Type: "cpan", Name: name, Version: version}
	if f := strings.Split(archive, "/"); len(f) >= 4 && len(archive) < 1024 {
		u.Namespace = strings.ToUpper(f[2])
	}
	return sekisho.Package{PURL: u.String(), Ecosystem: sekisho.EcosystemCPAN, Name: name, Version: version}
}

// split reads "Algorithm-Diff-1.1903": the version begins after the last
// hyphen that a digit, or a v and a digit, follows.
func split(s string) (name, version string, ok bool) {
	for i := len(s) - 2; i > 0; i-- {
		if s[i] != '-' {
			continue
		}
		v := strings.TrimPrefix(s[i+1:], "v")
		if v != "" && v[0] >= '0' && v[0] <= '9' {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}
