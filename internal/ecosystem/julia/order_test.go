// SPDX-License-Identifier: Apache-2.0

package julia

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"3.0.8-",
		"3.0.8-DEV",
		"3.0.8-rc1",
		"3.0.8 = v3.0.8",
		"3.0.8+0",
		"3.0.8+1",
		"3.0.8+10",
		"3.0.10+0",
		"3.10",
	)
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "latest", ">= 1.0", "1.0 2", "[1.0,2.0)", "main")
}
