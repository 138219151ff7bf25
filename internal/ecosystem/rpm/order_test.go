// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0-1 0:1.0-1.el9 2:8.2.2637-20.el9_1 1:3.0.7-27.el9 3.0.7-27.el9_0.2 5.14.0-427.13.1.el9_4
	2.34-100.el9_4.2 7.76.1-29.el9_4 1.1.1k-12.el8_9 0:4.18.0-553.el8_10 1:16.20.2-4.module+el8.9.0+21536+1da6b4b0
	1.12~rc1-1.fc38 2.0^20240101git1a2b3c-1.fc40 1:2.06-77.el9 239-78.el8 1.8.0.412.b08-2.el9 3.1.4-150600.3.1
	0.188-150400.3.1 20230510-150400.1 1.2.11-1.amzn2.0.3 6.1.94-99.176.amzn2023 1.14.4-3.cm2 2.38-8.azl3 9.2.0-1ubuntu`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"1.0~~-1",
		"1.0~rc1-1",
		"1.0~rc1^git1-1",
		"1.0~rc2-1",
		"1.0-1 = 0:1.0-1 = :1.0-1 = (none):1.0-1 = 1.00-1 = 1_0-01",
		"1.0-1^20240101",
		"1.0-1.el8",
		"1.0-1.el9_1",
		"1.0-1.el10",
		"1.0-2",
		"1.0^-1",
		"1.0^20240101~1-2",
		"1.0^20240101-1",
		"1.0a-1",
		"1.0.1-1 = 1.0+1-1",
		"1.5-1",
		"1.10-1",
		"1.99999999999999999999999999999-1",
		"1.100000000000000000000000000000-1",
		"1:0.1-1",
		"2:0-1",
	)
	for _, pair := range [][2]string{{"1.0", "1.0-1"}, {"1.0-2", "1.0"}, {"0:1.0", "1.0-77.el9"}} {
		if n, err := Order().Compare(pair[0], pair[1]); n != 0 || err != nil {
			t.Errorf("compare %q with %q gives %d, %v; without a release only versions count", pair[0], pair[1], n, err)
		}
	}
	extracttest.Refuses(t, Order(), "1.0-1", "", " ", "1:", "-1", "1-", "1.0 2", "..", "~", "< 1.0", "1.\xff")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

var tokens = []string{"~", "^", "+", "_", "a", "b", "rc", "~rc1", "^git", ".el9", "A", "~~", "^^", "..", "Z", "el"}

// Versions and releases each are compared as rpm does.
func TestOrderAgreesWithRpmvercmp(t *testing.T) {
	rpm := extracttest.Tool(t, "rpm")
	var parts []string
	for _, v := range realVersions {
		_, v, _ = strings.Cut(":"+v, ":")
		v = v[strings.IndexByte(v, ':')+1:]
		ver, rel, _ := strings.Cut(v, "-")
		parts = append(parts, ver, rel)
	}
	pairs := extracttest.Pairs(8, 6000, parts, tokens)
	extracttest.Agree(t, Order(), pairs, 0.99, rpm, "--eval", `%{lua:
		local out = {}
		for line in io.lines() do
			local a, b = line:match("^([^\t]*)\t(.*)$")
			out[#out + 1] = a:find("%w") and b:find("%w") and tostring(rpm.vercmp(a, b)) or "?"
		end
		print(table.concat(out, "\n"))}`)
}

// So are versions with epochs and releases, which rpm.ver knows of; where one
// has no release, the tool is asked for the versions alone.
func TestOrderAgreesWithRpmVer(t *testing.T) {
	rpm := extracttest.Tool(t, "rpm")
	pairs := extracttest.Pairs(9, 4000, realVersions, append(tokens, "-", "-1", ":", "1:", "0:"))
	extracttest.Agree(t, Order(), pairs, 0.75, rpm, "--eval", `%{lua:
		local out = {}
		for line in io.lines() do
			local a, b = line:match("^([^\t]*)\t(.*)$")
			local ok, answer = pcall(function()
				local x, y = rpm.ver(a), rpm.ver(b)
				if not (x.v:find("%w") and y.v:find("%w")) or x.r == "" or y.r == "" then return "?" end
				if not x.r or not y.r then
					x, y = rpm.ver(x.e or "0", x.v, "1"), rpm.ver(y.e or "0", y.v, "1")
				end
				return x < y and "-1" or y < x and "1" or "0"
			end)
			out[#out + 1] = ok and answer or "?"
		end
		print(table.concat(out, "\n"))}`)
}

func TestOrderOverFeeds(t *testing.T) {
	fixed := regexp.MustCompile(`"fixed": ?"([^"]*)"`)
	for _, feed := range []string{"almalinux-osv", "rocky", "redhat-osv", "suse-osv"} {
		t.Run(feed, func(t *testing.T) {
			all := extracttest.FeedVersions(t, feed, func(_ string, data []byte) []string {
				var found []string
				for _, m := range fixed.FindAllSubmatch(data, -1) {
					found = append(found, string(m[1]))
				}
				return found
			})
			if len(all) < 1000 {
				t.Errorf("only %d versions were found", len(all))
			}
			extracttest.Assesses(t, Order(), "1.0-1", all, 0.001)
		})
	}
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, Order(), realVersions...) }
