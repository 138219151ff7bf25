// SPDX-License-Identifier: Apache-2.0

package requirement

import (
	"fmt"
	"regexp"
)

var composerText = regexp.MustCompile(`^[vV]?([0-9]+(\.[0-9]+)*([-_.+]?[0-9A-Za-z]+)*)$`)

func composerDialect() *Dialect {
	return &Dialect{
		name: "Packagist", order: order("Packagist"), successor: func(v string) string { return v + ".0.1" },
		comparator: func(op, version string) ([]span, error) {
			m := composerText.FindStringSubmatch(version)
			if len(version) > 256 || m == nil {
				return nil, fmt.Errorf("version %q: %w", version, ErrSyntax)
			}
			return bound(op, m[1])
		},
	}
}
