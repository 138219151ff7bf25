// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	4.17.20 4.17.21 1.0.0-rc.1 1.0.0-rc.10 16.0.0-next.3 18.3.0-canary-14898b6a9-20240318 0.0.1-security 5.0.0-beta.10
	3.0.0-alpha.0 2.0.0-0 2.0.0 1.2.3+build.5 7.0.0-dev.20240101 0.10.0 10.0.0 1.0.0-beta 1.0.0-beta.2 2.1.0--1 v1.1.1`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(), "0", "1.0.0-0", "1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.10", "1.0.0-rc.1+b",
		"1 = 1.0.0 = v1.0.0 = 1.0.0+b", "1.2.0", "1.10.0", "4.17.21")
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "latest", "1.x", "^1.0.0", "file:../a", "npm:a@1", "github:a/b")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is that of npm's own semver module, strict and loose.
func TestOrderAgreesWithNpm(t *testing.T) {
	node := extracttest.Tool(t, "node")
	module := ""
	for _, p := range []string{"/usr/share/nodejs/semver", "/usr/lib/node_modules/npm/node_modules/semver"} {
		if _, err := os.Stat(p); err == nil {
			module = p
		}
	}
	if module == "" {
		extracttest.Lacking(t, "npm's semver is not installed (node-semver)")
	}
	pairs := extracttest.Pairs(11, 8000, realVersions, []string{"-", "+", "-0", "rc", "-rc.1", "a", "Z", "+b", "-1a", "x", "-x"})
	// In its loose mode it takes a fourth number for a prerelease, and "1.0.0-"
	// for 1.0.0; neither is ever published.
	odd := regexp.MustCompile(`^v?\d+\.\d+\.\d+\.|-$|-\+`)
	pairs = slices.DeleteFunc(pairs, func(p [2]string) bool { return odd.MatchString(p[0]) || odd.MatchString(p[1]) })
	for mode, share := range map[string]float64{"false": 0.3, "true": 0.4} {
		extracttest.Agree(t, Order(), pairs, share, node, "-e", `
			const semver = require(process.argv[1]), loose = process.argv[2] === "true", out = []
			for (const line of require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1)) {
				const [a, b] = line.split("\t")
				try { out.push(semver.compare(a, b, loose)) } catch { out.push("?") }
			}
			console.log(out.join("\n"))`, module, mode)
	}
}

func TestOrderOverGHSA(t *testing.T) {
	event := regexp.MustCompile(`"(?:introduced|fixed|last_affected)": ?"([^"]*)"`)
	all := extracttest.FeedVersions(t, "ghsa", func(_ string, data []byte) []string {
		if !strings.Contains(string(data), `"ecosystem": "npm"`) {
			return nil
		}
		var found []string
		for _, m := range event.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 1000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0.0", all, 0.002)
}
