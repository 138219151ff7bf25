// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"1.0.0-alpha = 1.0.0-Alpha = 1-ALPHA",
		"1.0.0-alpha.2",
		"1.0.0-alpha.10",
		"1.0.0-beta = 1.0.0.0-BETA",
		"1.0.0-RC1",
		"1.0.0-rc2",
		"1 = 1.0 = 1.0.0 = 1.0.0.0 = 01.00 = 1.0.0+sha = 1.0.0+SHA2",
		"1.0.0.1",
		"1.0.1",
		"4.3.0",
		"4.3.1",
		"8.0.0-preview.7.23375.6",
		"8.0.0-preview.12.1",
		"8.0.0",
		"10.0.0",
	)
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "latest", ">= 1.0", "1.0 2", "[1.0,2.0)", "main")
}
