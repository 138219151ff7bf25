// SPDX-License-Identifier: Apache-2.0

package cpp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of the packages of Conan and vcpkg, which keep the
// versions of their upstreams ("1.1.1w", "2023-02-18"): the natural one,
// semver.Natural. The dates of Conan's recipes for unreleased states
// ("cci.20200203") are compared with each other only.
func Order() sekisho.Order {
	return sekisho.Order{Name: "conan", Compare: compare}
}

var errDate = errors.New("the date of a recipe is no release")

func compare(a, b string) (int, error) {
	x, isDateA := strings.CutPrefix(a, "cci.")
	y, isDateB := strings.CutPrefix(b, "cci.")
	if isDateA != isDateB {
		return 0, fmt.Errorf("compare conan versions %q and %q: %w", a, b, errDate)
	}
	return semver.Natural("conan", x, y)
}
