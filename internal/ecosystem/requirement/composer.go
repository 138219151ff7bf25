// SPDX-License-Identifier: Apache-2.0

package requirement

import (
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
)

var composerText = pattern.New(`^[vV]?([0-9]+(\.[0-9]+)*([-_.+]?[0-9A-Za-z]+)*)$`)

func composerDialect() *Dialect {
	return &Dialect{
		name: "Packagist", order: composerOrder, successor: func(v string) string { return v + ".0.1" },
		comparator: func(op, version string) ([]span, error) {
			m := composerText.FindStringSubmatch(version)
			if len(version) > 256 || m == nil {
				return nil, fmt.Errorf("version %q: %w", version, ErrSyntax)
			}
			return bound(op, m[1])
		},
	}
}

var composerRelease = pattern.New(`^[0-9]+(\.[0-9]+)*`)

// composerOrder compares as Composer's parser does before PHP compares: "3.0"
// is 3.0.0.0.
func composerOrder(a, b string) int {
	return order("Packagist")(composerFull(a), composerFull(b))
}

func composerFull(v string) string {
	release := composerRelease.FindString(v)
	if n := strings.Count(release, "."); release != "" && n < 3 {
		return release + strings.Repeat(".0", 3-n) + v[len(release):]
	}
	return v
}
