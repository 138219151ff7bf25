// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"os"
	"testing"

	"github.com/sekisho/sekisho/internal/advisory"
)

// BenchmarkGHSA reads the 21,270 advisories of GitHub, 57 MB, decompression
// included.
func BenchmarkGHSA(b *testing.B) {
	if _, err := os.Stat(feedsDir); err != nil {
		b.Skip("no real feeds beside the checkout")
	}
	for b.Loop() {
		files, err := advisory.EntryFiles(b.Context(), feedsDir, "ghsa")
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range Feeds() {
			if f.Name == "ghsa" {
				if err := f.Parse(b.Context(), files, &sink{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
