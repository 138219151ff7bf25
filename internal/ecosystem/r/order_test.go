// SPDX-License-Identifier: Apache-2.0

package r

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`1.0 1.0.0 0.3-7 1.2-10 1.2.10 4.2.2 7.3-60 0.9.8 2023.10.1 1.0-0 1.10`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(), "0", "0.3-7 = 0.3.7 = 0.03-7", "1", "1.0", "1.0.0 = 1.0-0 = 1-0-0", "1.2-9", "1.2-10", "1.10", "99999999999999999999")
	extracttest.Refuses(t, Order(), "1.0", "", "1.", ".1", "-1", "1..2", "1.0a", "v1", "1.-2", "latest")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is R's own.
func TestOrderAgreesWithR(t *testing.T) {
	rscript := extracttest.Tool(t, "Rscript")
	pairs := extracttest.Pairs(17, 4000, realVersions, []string{"-", "-0", "-1", ".2"})
	script := filepath.Join(t.TempDir(), "order.R")
	err := os.WriteFile(script, []byte(`
		lines <- strsplit(readLines(file("stdin")), "\t")
		for (l in lines) {
			ok <- all(grepl("^[0-9]{1,9}([.-][0-9]{1,9})*$", l))
			cat(if (ok) compareVersion(l[1], l[2]) else "?", "\n", sep = "")
		}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	extracttest.Agree(t, Order(), pairs, 0.4, rscript, script)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }
