// SPDX-License-Identifier: Apache-2.0

package haskell

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(), "0", "0.1", "1", "1.0", "1.0.0", "1.0.0.1", "1.2 = 01.02", "1.9.1", "1.10", "4.18.2.1", "99999999999999999999999")
	extracttest.Refuses(t, Order(), "1.0", "", "1.", ".1", "1-2", "1.0a", "v1", "1..2", ">= 1")
	extracttest.Frugal(t, Order(), "1.0", "1.0.1", "4.18.2.1")
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), "1.0", "1.0.0", "4.18.2.1") }
