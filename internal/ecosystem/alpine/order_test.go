// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/osv-scalibr/semantic"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.36.1-r29 3.3.1-r0 1.2.5-r1 8.9.0-r0 2.39.2_git20240101-r0 1.1.1w-r1 0.9.28_rc3-r5 1.0.2u-r0 3.1_alpha2-r0 2.6.4_p1-r3 9.0_p1_git20230101-r1
	1.2.3_beta-r10 20240226-r0 4.17_pre1-r2 2023.05.04-r0 0.7_svn3124-r1 1.0_cvs-r0 1.4~abc123-r0 1.30-r06 6.1_hg12-r0 1.10-r0 1.9-r0 1.05-r0 1.5-r0`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0.1-r0",
		"0.1_p-r0",
		"1_alpha-r0",
		"1-r0 = 01-r0 = 1-r00",
		"1.0_alpha_pre2-r0",
		"1.0_alpha",
		"1.0_alpha-r0",
		"1.0_alpha1-r0",
		"1.0_beta2-r0",
		"1.0_beta10-r0",
		"1.0_pre1-r0",
		"1.0_rc1",
		"1.0_rc1-r0",
		"1.0",
		"1.0-r0",
		"1.0-r9",
		"1.0-r10",
		"1.0~abc-r0",
		"1.0~abd-r0",
		"1.0_cvs-r0",
		"1.0_svn-r0",
		"1.0_git20240101-r0",
		"1.0_hg-r0",
		"1.0_p1-r0",
		"1.0_p1_git2-r0",
		"1.0_p2-r0",
		"1.0a-r0",
		"1.0b-r0",
		"1.0b_p1-r0",
		"1.0p-r0",
		"1.0p1-r0",
		"1.0p2-r0",
		"1.0p10-r1",
		"1.0.1_rc1-r0",
		"1.0.1-r0",
		"1.00-r0",
		"1.01-r0",
		"1.010-r0",
		"1.05-r0",
		"1.1-r0",
		"1.1.1-r0",
		"1.5-r0",
		"1.9-r0",
		"1.10-r0",
		"20240101-r0",
		"99999999999999999999999-r0",
	)
	extracttest.Refuses(t, Order(), "1.0-r0", "", "r1", "v1.0", "1..0", "1.", "1.0-1", "1.0-r", "1.0_foo1", "1.0ab", "1.0-r1-r2", "1.0~", "1.0~xyz", "1.0 ", "1:1.0-r0", "1.0_", "1.0-r1~ab")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// No apk is to be had on Debian; osv-scalibr's reading of the same rules is the
// second opinion on versions that it reads as apk does: with a revision, with a
// number after each suffix, without a hash or a zero as the last number.
func TestOrderAgreesWithScalibr(t *testing.T) {
	pairs := extracttest.Pairs(15, 12000, realVersions, []string{"_p", "_p1", "_rc2", "_alpha2", "_git", "_pre1", "a", "b", "_beta", "_hg20", "_p1_git3", "_svn0"})
	form := regexp.MustCompile(`^[0-9]+((\.[0-9]+)*\.[0-9]*[1-9][0-9]*)?[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]+)*-r[0-9]+$`)
	lines := make([]string, len(pairs))
	for i, p := range pairs {
		lines[i] = "?"
		if !form.MatchString(p[0]) || !form.MatchString(p[1]) {
			continue
		}
		v, err := semantic.Parse(p[0], "Alpine")
		if err != nil {
			t.Fatal(err)
		}
		n, err := v.CompareStr(p[1])
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = strconv.Itoa(n)
	}
	extracttest.Answers(t, Order(), pairs, 0.1, lines)
}

func TestOrderOverSecDB(t *testing.T) {
	fixed := regexp.MustCompile(`"([^"\s]+)": ?\[`)
	all := extracttest.FeedVersions(t, "alpine-secdb", func(_ string, data []byte) []string {
		var found []string
		for _, m := range fixed.FindAllSubmatch(data, -1) {
			if v := string(m[1]); v[0] >= '0' && v[0] <= '9' {
				found = append(found, v)
			}
		}
		return found
	})
	if len(all) < 2000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0-r0", all, 0.004)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, Order(), realVersions...) }
