// SPDX-License-Identifier: Apache-2.0

package cpp

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0.9.8",
		"1.0.0-beta.1",
		"1.0.0-rc.2",
		"1.0 = 1.0.0 = v1",
		"1.1.1",
		"1.1.1t",
		"1.1.1w",
		"1.2.13",
		"1.83.0",
		"1.100.0",
		"2023-02-18 = 2023.02.18",
		"2023-10-01",
	)
	extracttest.Ascending(t, Order(), "cci.20200203", "cci.20210118")
	if n, err := Order().Compare("cci.20200203", "1.0"); err == nil {
		t.Errorf("a recipe's date against a release gives %d, want an error", n)
	}
	extracttest.Refuses(t, Order(), "1.0", "", "[>=1.0 <2]", "system", "1.0@user/channel")
	extracttest.Frugal(t, Order(), "1.1.1w", "1.0-rc1")
}

func FuzzCompare(f *testing.F) {
	extracttest.FuzzOrder(f, Order(), "1.1.1w", "cci.20200203", "2023-02-18")
}
