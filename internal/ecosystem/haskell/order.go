// SPDX-License-Identifier: Apache-2.0

package haskell

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Haskell's packages (https://pvp.haskell.org): numbers
// parted by dots, compared as a list is; "1.0" is below "1.0.0".
func Order() sekisho.Order {
	return sekisho.Order{Name: "hackage", Compare: compare}
}

var errForm = errors.New("not numbers parted by dots")

func compare(a, b string) (int, error) {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if !valid(a) {
		return 0, fmt.Errorf("haskell version %q: %w", a, errForm)
	}
	if !valid(b) {
		return 0, fmt.Errorf("haskell version %q: %w", b, errForm)
	}
	for a != "" && b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if n := semver.Number(x, y); n != 0 {
			return n, nil
		}
	}
	return len(a) - len(b), nil
}

func valid(s string) bool {
	digit := false
	for i := range len(s) {
		was := digit
		if digit = '0' <= s[i] && s[i] <= '9'; !digit && (!was || s[i] != '.') {
			return false
		}
	}
	return digit
}
