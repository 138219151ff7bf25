// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0 1.0-1 1:1.0-1 2.36-9+deb12u4 2.36-9+deb12u7 3.0.11-1~deb12u2 3.0.9-1 7.88.1-10+deb12u5
	1:9.2p1-2+deb12u2 5.36.0-7+deb12u1 1.1.1w-0+deb11u1 4.13+dfsg1-1+b1 2:9.0.1378-2 252.22-1~deb12u1
	0.2.5-1ubuntu0.1~esm1 3.8.5-1ubuntu1 20230311 1.34~rc1-2 0~20210101-1 2.0.0~beta.2-1 1.2.3-1.1
	8.39-15 1.9.12p1-1ubuntu1.2 6.1.76-1 12.2.0-14 1.23.1+1+0-2 2:102.12+LibO7.4.7-1 1.0.0-0.1`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0~~ = 0~~-0",
		"0~~a",
		"0~",
		"0 = 00 = 0-0 = 0:0-0",
		"0-1",
		"0a",
		"0+a",
		"1.0~rc1-1",
		"1.0~rc10-1",
		"1.0 = 1.00 = 1.0-0 = 0:1.0 =  1.0",
		"1.0-1~bpo1",
		"1.0-1 = 01.0-01",
		"1.0-1+b1",
		"1.0-1.1",
		"1.0a-1",
		"1.0+dfsg-1",
		"1.0.1-1",
		"1.1",
		"1.9",
		"1.10",
		"1.1000000000000000000000000000000000000000",
		"1.1000000000000000000000000000000000000001",
		"a",
		"1:0",
		"10:0",
	)
	extracttest.Refuses(t, Order(), "1.0", "", " ", ":1", "a:1", "1:", "-1", "1-", "1.0 2", "<unfixed>", "1_0", "9999999999:1")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is dpkg's.
func TestOrderAgreesWithDpkg(t *testing.T) {
	extracttest.Tool(t, "dpkg")
	sh := extracttest.Tool(t, "sh")
	pairs := extracttest.Pairs(7, 3000, realVersions, []string{"~", "+", "-", ":", "a", "b", "rc", "~rc1", "-1", "+deb12u1", "ubuntu", "1:", "0:", "-0", "A", "~~"})
	// Where dpkg refuses a version it exits with 2 or says "error".
	extracttest.Agree(t, Order(), pairs, 0.8, sh, "-c", `
		tab=$(printf '\t')
		while IFS="$tab" read -r a b; do
			dpkg --compare-versions "$a" lt "$b" 2>/dev/null
			case $? in
			0) echo -1 ;;
			1) if dpkg --compare-versions "$a" eq "$b" 2>/dev/null; then echo 0; else echo 1; fi ;;
			*) echo '?' ;;
			esac
		done`)
}

func TestOrderOverTracker(t *testing.T) {
	fixed := regexp.MustCompile(`"fixed_version": ?"([^"]*)"`)
	all := extracttest.FeedVersions(t, "debian-tracker", func(path string, data []byte) []string {
		if !strings.HasSuffix(path, "data.json") {
			return nil
		}
		var found []string
		for _, m := range fixed.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 10000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0", all, 0.0001)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, Order(), realVersions...) }
