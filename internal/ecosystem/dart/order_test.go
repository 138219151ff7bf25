// SPDX-License-Identifier: Apache-2.0

package dart

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0.0.0-dev = 0-dev",
		"1.0.0-dev.1",
		"1.0.0-dev.10",
		"1.0.0-nullsafety.0",
		"1.0.0 = 1",
		"1.0.0+1",
		"1.0.0+1.a",
		"1.0.0+2",
		"1.0.0+10",
		"1.0.0+hotfix",
		"1.0.1-0",
		"1.0.1",
	)
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "latest", ">= 1.0", "1.0 2", "[1.0,2.0)", "main")
}
