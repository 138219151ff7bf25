// SPDX-License-Identifier: Apache-2.0

package perl

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0 1.10 1.9 v1.2.3 1.2.3 0.05 2.000001 5.036000 5.36.0 v5.36 1.02_03 3.1415926535 20230101 0.98 1 v0.0.1 6.77 1.999_001`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0 = 0.0 = v0 = 0.000",
		"v0.0.1",
		"0.05 = v0.50 = .05",
		"1 = 1.0 = v1 = 1.000 = 1.0.0 = 1.",
		"1.02 = v1.20",
		"1.02_03 = 1.0203 = v1.20.300",
		"1.0203001",
		"1.1 = 1.10 = v1.100 = 1.100 = 1.10-TRIAL",
		"1.11",
		"1.9 = 1.900",
		"5.036 = 5.036000 = v5.36 = 5.36.0",
		"5.036001 = v5.36.1",
		"5.36 = v5.360",
		"99999999999999999999",
	)
	extracttest.Refuses(t, Order(), "1.0", "", "v", "v.1", "1..2", "1.2.3.", "1_", "_1", "1.0a", "1.0-1", ">= 1", "undef")
	extracttest.Laws(t, Order(), realVersions)
}

// The order is that of Perl's own version objects.
func TestOrderAgreesWithPerl(t *testing.T) {
	perl := extracttest.Tool(t, "perl")
	pairs := extracttest.Pairs(20, 8000, realVersions, []string{"v", ".", "_", "_1", ".0", ".00", "5"})
	extracttest.Agree(t, Order(), pairs, 0.4, perl, "-Mversion", "-e", `
		$SIG{__WARN__} = sub {};
		while (<STDIN>) {
			chomp;
			my ($a, $b) = split /\t/;
			my $n = eval { version::is_lax($a) && version::is_lax($b) && "$a$b" !~ /\d{8}/ ? version->parse($a) <=> version->parse($b) : "?" };
			print defined $n ? "$n\n" : "?\n";
		}`)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }
