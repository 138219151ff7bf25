// SPDX-License-Identifier: Apache-2.0

package cli

import "testing"

// The ends of support come from the database in the program.
func TestSupportEnds(t *testing.T) {
	db, err := openStarter()
	if err != nil {
		t.Fatal(err)
	}
	defer db.close()
	ends := db.supportEnds(t.Context())
	for _, tt := range []struct{ product, cycle, want string }{
		{"amazon-eks", "1.33", "2026-07-29"},
		{"amazon-eks", "1.31", "2025-11-26"},
		{"amazon-eks", "1.99", ""},
		{"no-such-product", "1", ""},
		{"aws-lambda", "nodejs12.x", "2023-04-30"},
		{"aws-lambda", "dotnet9", ""},
	} {
		if day, ok := ends(tt.product, tt.cycle); day != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %s: %q, %v, want %q", tt.product, tt.cycle, day, ok, tt.want)
		}
	}
}
