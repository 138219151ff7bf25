// SPDX-License-Identifier: Apache-2.0

package r

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of R's package_version
// (https://cran.r-project.org/doc/manuals/R-exts.html#The-DESCRIPTION-file):
// numbers parted by dots or hyphens; "1.0" is below "1.0.0".
func Order() sekisho.Order {
	return sekisho.Order{Name: "cran", Compare: compare}
}

var errForm = errors.New("not numbers parted by dots or hyphens")

func compare(a, b string) (int, error) {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if !valid(a) {
		return 0, fmt.Errorf("r version %q: %w", a, errForm)
	}
	if !valid(b) {
		return 0, fmt.Errorf("r version %q: %w", b, errForm)
	}
	for a != "" && b != "" {
		var x, y string
		x, a = cut(a)
		y, b = cut(b)
		if n := semver.Number(x, y); n != 0 {
			return n, nil
		}
	}
	return len(a) - len(b), nil
}

// cut takes the first number off.
func cut(s string) (first, rest string) {
	if i := strings.IndexAny(s, ".-"); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

func valid(s string) bool {
	digit := false
	for i := range len(s) {
		was := digit
		if digit = '0' <= s[i] && s[i] <= '9'; !digit && (!was || s[i] != '.' && s[i] != '-') {
			return false
		}
	}
	return digit
}
