// SPDX-License-Identifier: Apache-2.0

package semver

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	plain  = sekisho.Order{Name: "semver", Compare: Rules{Name: "semver"}.Compare}
	build  = sekisho.Order{Name: "semver+build", Compare: Rules{Name: "semver+build", Build: true}.Compare}
	folded = sekisho.Order{Name: "semver/fold", Compare: Rules{Name: "semver/fold", Fold: true}.Compare}
)

var samples = strings.Fields(`
	0 0.0.0 v1 1.0 1.0.0 1.0.0-alpha 1.0.0-alpha.1 1.0.0-0 1.0.0- 1.0.0+build 1.2.3.4 1.0.0-rc.1+b.2
	1.0.0rc1 1.0.0.beta 01.02.03 1.0.0-beta.11 1.0.0-BETA =1.1.1 1.0.0-x.7.z.92 1.0.0-1a 1.0.0--1 1.0.0-a..b 1.0.0-rc.`)

func TestCompare(t *testing.T) {
	extracttest.Ascending(t, plain,
		"0.0.0-",
		"0.0.0-0",
		"0 = 0.0 = v0.0.0 = 00",
		"0.0.0.1",
		"1.0.0-1 = 1.0.0-1+b = 1-01",
		"1.0.0-999999999999999999999999",
		"1.0.0--",
		"1.0.0-ALPHA",
		"1.0.0-alpha = 1.0.0alpha = 1.0.0.alpha = 1-alpha",
		"1.0.0-alpha.1",
		"1.0.0-alpha.beta",
		"1.0.0-alpha1",
		"1.0.0-beta.2",
		"1.0.0-beta.11",
		"1.0.0-rc.1",
		"1.0.0 = v1 = V1.0 = =1.0.0 = 1.0.0+1 = 1.0.0.0 =  1.0.0 = =v1",
		"1.0.1",
		"1.2.3",
		"1.2.3.1",
		"1.10.0",
		"99999999999999999999999999999999.0.0",
	)
	extracttest.Ascending(t, build, "1.0.0-rc", "1.0.0-rc+1", "1.0.0", "1.0.0+1", "1.0.0+1.1", "1.0.0+2", "1.0.0+10", "1.0.0+a", "1.0.1")
	extracttest.Ascending(t, folded, "1.0.0-ALPHA = 1.0.0-alpha", "1.0.0-beta = 1.0.0-Beta", "1.0.0-rc_1", "1.0.0", "1.0.0.1")
	for _, o := range []sekisho.Order{plain, build, folded} {
		extracttest.Refuses(t, o, "1", "", "v", " ", "x", "latest", "1.x", "1.2.X", "*", "1.*", ">1", "^1.0", "1 || 2", "1.0.0\n2", "git+ssh://h", ".1", "-1", "1.0.0-ä")
		extracttest.Laws(t, o, samples)
		extracttest.Frugal(t, o, samples...)
	}
}

func FuzzCompare(f *testing.F)      { extracttest.FuzzOrder(f, plain, samples...) }
func FuzzCompareBuild(f *testing.F) { extracttest.FuzzOrder(f, build, samples...) }
func FuzzCompareFold(f *testing.F)  { extracttest.FuzzOrder(f, folded, samples...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, plain, samples...) }
