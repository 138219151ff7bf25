// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	xsemver "golang.org/x/mod/semver"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	v1.2.3 v0.0.0-20190308221718-c2843e01d9a2 v0.0.0-20210921155107-089bfa567519 v2.0.0+incompatible v28.1.1+incompatible
	v1.2.4-0.20191109021931-daa7c04131f5 v1.2.3-pre.0.20191109021931-daa7c04131f5 v1.2.3-rc.1 v1.2.3-beta v0.17.0 v0.38.0
	v1.10.0 v1.9.0 v3.0.0-alpha.10 v3.0.0-alpha.2 v5.3.1-0.20250101000000-abcdefabcdef v1 v1.2 v0.0.0`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0 = v0 = v0.0.0",
		"0.1.0-0",
		"0.17.0 = v0.17.0",
		"1.2.3-0.20191109021931-daa7c04131f5 = v1.2.3-0.20191109021931-daa7c04131f5",
		"v1.2.3-0.20201109021931-000000000000",
		"1.2.3-pre",
		"v1.2.3-pre.0.20191109021931-daa7c04131f5",
		"1.2.3 = v1.2.3 = v1.2.3+incompatible = 1.2.3+meta",
		"1.20.14 = go1.20.14 = go1.20.14-vendor = go1.20.14 X:boringcrypto",
		"1.21.0-0",
		"1.21beta1 = 1.21.0-beta.1",
		"1.21rc2 = go1.21rc2 = 1.21.0-rc.2",
		"1.21rc10 = 1.21.0rc10",
		"1.21 = 1.21.0 = go1.21 = go1.21.0",
		"1.21.3",
		"2.0.0+incompatible = v2.0.0",
	)
	extracttest.Refuses(t, Order(), "v1.0.0", "", "(devel)", "devel go1.23-abcdef Mon", "v", "go", "latest", "master", "v1.x")
	extracttest.Laws(t, Order(), append(realVersions, "1.21", "1.22rc1", "go1.22.3"))
	extracttest.Frugal(t, Order(), realVersions...)
}

// The go command's own library orders what it knows as a version alike.
func TestOrderAgreesWithXMod(t *testing.T) {
	pairs := extracttest.Pairs(10, 8000, realVersions, []string{"-", "+", "-0", "rc", "-rc.1", "a", "Z", "+incompatible", "-0.20200101000000-"})
	lines := make([]string, len(pairs))
	for i, p := range pairs {
		lines[i] = "?"
		if xsemver.IsValid(p[0]) && xsemver.IsValid(p[1]) {
			lines[i] = strconv.Itoa(xsemver.Compare(p[0], p[1]))
		}
	}
	extracttest.Answers(t, Order(), pairs, 0.35, lines)
}

func TestOrderOverVulndb(t *testing.T) {
	event := regexp.MustCompile(`"(?:introduced|fixed)": ?"([^"]*)"`)
	all := extracttest.FeedVersions(t, "go-vulndb", func(_ string, data []byte) []string {
		var found []string
		for _, m := range event.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 500 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0.0", all, 0.002)
}

func FuzzCompare(f *testing.F) {
	extracttest.FuzzOrder(f, Order(), append(realVersions, "go1.22rc1")...)
}
