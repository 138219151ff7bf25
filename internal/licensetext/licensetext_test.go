// SPDX-License-Identifier: Apache-2.0

package licensetext

import (
	"slices"
	"testing"
)

const fsfap = "Copying and distribution of this file, with or without modification, are permitted in any medium without royalty provided the copyright notice and this notice are preserved. This file is offered as-is, without any warranty.\n"

func TestScan(t *testing.T) {
	s, err := New("FSFAP", "GPL-*")
	if err != nil {
		t.Fatal(err)
	}
	if ids, percent := s.Scan([]byte(fsfap)); !slices.Equal(ids, []string{"FSFAP"}) || percent != 100 {
		t.Errorf("%v %v", ids, percent)
	}
	if ids, percent := s.Scan([]byte(fsfap + "But only on Sundays and never for money, says the author of this file.")); !slices.Equal(ids, []string{"FSFAP"}) || percent > 90 {
		t.Errorf("%v %v", ids, percent)
	}
	if ids, percent := s.Scan([]byte("nothing of the kind")); len(ids) != 0 || percent != 0 {
		t.Errorf("%v %v", ids, percent)
	}
	if _, err := New("FSFAP", "No-Such-License"); err == nil {
		t.Error("a licence without a text was taken")
	}
}
