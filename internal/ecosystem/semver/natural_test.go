// SPDX-License-Identifier: Apache-2.0

package semver

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var natural = sekisho.Order{Name: "natural", Compare: func(a, b string) (int, error) { return Natural("natural", a, b) }}

var naturals = strings.Fields(`
	1.1.1w 3.0.0 1.0.2k-fips 1.0.2k 8.2.0RC1 8.2.0 8.2.0beta2 15.4 16beta1 1.8.0_392-b08 17.0.9+9 1.2.3-4 3.12.0a1 3.12.0b4
	10.1.0-M1 7.0-rc3 v1.2 2.39.2.windows.1 1.25.3.1 9.6p1 0.0 6.2.0-SNAPSHOT 1.0a 1.0b 1.0b1`)

func TestNatural(t *testing.T) {
	extracttest.Ascending(t, natural,
		"1.0-dev",
		"1.0alpha1",
		"1.0-beta2 = 1.0b2",
		"1.0-M1 = 1.0-milestone1",
		"1.0-pre1 = 1.0.preview.1",
		"1.0-rc = 1.0RC",
		"1.0-rc1 = 1.0RC1",
		"1 = 1.0 = 1.0.0 = v1 = 1.0-0 = 1.0.final = 1.0-ga",
		"1.0-b08",
		"1.0k = 1.0K = 1.0k-fips",
		"1.0w",
		"1.0.1",
		"1.9",
		"1.10",
	)
	extracttest.Refuses(t, natural, "1.0", "", "latest", "1.0 2", "<1.0", "1.0*", "1.ä")
	extracttest.Laws(t, natural, naturals)
	extracttest.Frugal(t, natural, naturals...)
}

func FuzzNatural(f *testing.F) { extracttest.FuzzOrder(f, natural, naturals...) }
