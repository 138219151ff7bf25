// SPDX-License-Identifier: Apache-2.0

package license

import (
	"strings"
	"testing"
)

func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		deny, allow, expression string
		want                    Verdict
	}{
		{"", "", "AGPL-3.0-only", Undecided},
		{"AGPL-3.0-only", "", "AGPL-3.0-only", Denied},
		{"AGPL-3.0-only", "", "AGPL-3.0-or-later", Denied}, // there is no later one
		{"GPL-2.0-only", "", "GPL-2.0-or-later", Allowed},  // version 3 can be chosen
		{"GPL-2.0-or-later", "", "GPL-3.0-only", Denied},
		{"GPL-3.0", "", "GPL-3.0-or-later", Denied},
		{"network-copyleft", "", "MIT OR AGPL-3.0-only", Allowed},
		{"network-copyleft", "", "MIT AND AGPL-3.0-only", Denied},
		{"network-copyleft", "", "LicenseRef-x AND AGPL-3.0-only", Denied},
		{"network-copyleft", "", "LicenseRef-x AND MIT", Undecided},
		{"network-copyleft", "", "LicenseRef-x OR AGPL-3.0-only", Undecided},
		{"network-copyleft", "", "LicenseRef-x OR MIT", Allowed},
		{"unknown", "", "LicenseRef-x", Denied},
		{"strong-copyleft", "", "GPL-2.0-only WITH Classpath-exception-2.0", Allowed},
		{"strong-copyleft", "GPL-2.0-only", "GPL-2.0-only", Allowed}, // an id is stronger
		{"MIT", "permissive", "MIT", Denied},
		{"", "permissive", "GPL-2.0-only", Denied},
		{"", "permissive", "Apache-2.0 AND (MIT OR GPL-3.0-only)", Allowed},
		{"", "permissive,public-domain", "CC0-1.0 AND MIT", Allowed},
		{"", "MIT", "ISC", Denied},
		{"", "GPL-3.0-only", "GPL-2.0-or-later", Allowed},
		{"", "mit", "LicenseRef-x", Undecided},
		{"permissive", "permissive", "MIT", Denied},
	} {
		p, err := ParsePolicy(split2(tt.deny), split2(tt.allow))
		if err != nil {
			t.Fatal(err)
		}
		e, err := Parse(tt.expression)
		if err != nil {
			t.Fatal(err)
		}
		got, leaves := p.Decide(e)
		if got != tt.want || (got == Undecided) != (len(leaves) == 0) {
			t.Errorf("deny %q, allow %q: %s is %d by %v, want %d", tt.deny, tt.allow, tt.expression, got, leaves, tt.want)
		}
	}
	for _, bad := range []string{"GPL", "copyleft", "MIT OR ISC", ""} {
		if _, err := ParsePolicy([]string{bad}, nil); err == nil {
			t.Errorf("%q is taken as a licence", bad)
		}
	}
}

func split2(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}
