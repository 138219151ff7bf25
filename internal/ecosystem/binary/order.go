// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"errors"
	"fmt"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of the versions of well-known programs and of Bitnami's
// components, which follow no one standard: the natural one, semver.Natural.
// "1.0.2k" < "1.1.1w" < "3.0.0", "8.2.0RC1" < "8.2.0", "1.8.0_382" <
// "1.8.0_392", and Bitnami's revision "1.2.3" < "1.2.3-4". A version begins with
// a digit, or with "v" and one.
func Order() sekisho.Order {
	return sekisho.Order{Name: "natural", Compare: compare}
}

var errNoDigit = errors.New("does not begin with a digit")

func compare(a, b string) (int, error) {
	for _, v := range [...]string{a, b} {
		if !startsWithDigit(v) {
			return 0, fmt.Errorf("program version %q: %w", v, errNoDigit)
		}
	}
	return semver.Natural("program", a, b)
}

func startsWithDigit(v string) bool {
	if v != "" && (v[0] == 'v' || v[0] == 'V') {
		v = v[1:]
	}
	return v != "" && '0' <= v[0] && v[0] <= '9'
}
