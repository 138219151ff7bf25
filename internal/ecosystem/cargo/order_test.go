// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	0.1.0 0.3.0-alpha.19 1.0.0-rc.1 0.9.24+curl-7.0 300.0.2+3.0.0 111.25.0+1.1.1t 0.0.0 2.0.0-beta.2 1.10.0 1.9.9`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(), "0.0.0-0", "0.0.0 = 0", "0.1.0-alpha.2", "0.1.0-alpha.10", "0.1.0-pre", "0.1.0", "0.9.0", "0.10.0",
		"111.25.0+1.1.1t = 111.25.0+1.1.1w = 111.25.0", "300.0.2-0", "300.0.2+3.0.0")
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "^1", ">= 1", "1.*")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

func TestOrderOverRustSec(t *testing.T) {
	// Requirements: patched = [">= 1.2.3", "^0.9"]
	requirement := regexp.MustCompile(`"(?:[<>=^~]*\s*)([0-9][^",<>=]*?)"`)
	all := extracttest.FeedVersions(t, "rustsec", func(path string, data []byte) []string {
		_, versions, ok := strings.Cut(string(data), "[versions]")
		if !ok {
			return nil
		}
		versions, _, _ = strings.Cut(versions, "```")
		var found []string
		for _, m := range requirement.FindAllStringSubmatch(versions, -1) {
			found = append(found, m[1])
		}
		return found
	})
	if len(all) < 300 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0.0", all, 0)
}
