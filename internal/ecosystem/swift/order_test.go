// SPDX-License-Identifier: Apache-2.0

package swift

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0.9.0",
		"1.0.0-beta.1",
		"1.0.0-beta.11",
		"1 = 1.0 = v1.0.0 = 1.0.0+1",
		"1.10.0",
		"5.3.1.1",
		"5.4",
	)
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "latest", ">= 1.0", "1.0 2", "[1.0,2.0)", "main")
}
