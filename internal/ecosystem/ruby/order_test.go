// SPDX-License-Identifier: Apache-2.0

package ruby

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0 1.0.0 2.2.6.2 7.0.4.1 6.1.7.10 5.0.0.beta1 5.0.0.beta1.1 5.0.0.rc2 1.13.0.rc1 4.0.0.beta 1.0.0-1 1.6.0.pre.dev
	3.2.0.pre1 0.10.0 0.9.20 1.0.0.a.2 2.0.0.0 1.2.3.4.5 10 1.0.0-alpha.1 0.0.0.1 1.8.0.preview1 2.0.b 1.10.beta`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0.a",
		"0 = 0.0 = 0.0.0",
		"1.0.0.a",
		"1.0.0.a.2 = 1.a2 = 1.a.2",
		"1.0.0.a10",
		"1.0.0.beta = 1.beta = 1.0.beta.0",
		"1-pre = 1.pre.pre",
		"1.0.0.pre = 1.0-0",
		"1.0.0-1 = 1.0.0.pre.1",
		"1.0.0.rc1",
		"1 = 1.0 = 1.0.0 = 01.00 = 1.0.0 ",
		"1.0.0.1",
		"1.0.10.pre",
		"1.0.10",
		"1.10",
		"10.0",
	)
	extracttest.Refuses(t, Order(), "1.0", "", " ", "v1", "1..2", "1.", ".1", "1-", "1-.a", "1.-a", "a", ">= 1", "1 2", "1_0", "1a")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is that of Gem::Version.
func TestOrderAgreesWithRubyGems(t *testing.T) {
	ruby := extracttest.Tool(t, "ruby")
	pairs := extracttest.Pairs(12, 10000, realVersions, []string{"-", ".a", "b", ".rc", ".pre", "Z", ".0.0", "-0", "-1", "rc1", "00.", ".b0", "0.0a", "beta"})
	extracttest.Agree(t, Order(), pairs, 0.55, ruby, "-e", `
		STDIN.each_line do |line|
			a, b = line.chomp.split("\t").map { |v| Gem::Version.correct?(v) ? Gem::Version.new(v) : nil }
			puts a && b ? a <=> b : "?"
		end`)
}

func TestOrderOverRubySec(t *testing.T) {
	requirement := regexp.MustCompile(`(?m)^\s*- ['"]?(?:[<>=~!]+ *)([0-9][^'",\s]*)`)
	all := extracttest.FeedVersions(t, "rubysec", func(path string, data []byte) []string {
		if !strings.Contains(path, "gems/") {
			return nil
		}
		var found []string
		for _, m := range requirement.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 500 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0.0", all, 0.002)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, Order(), realVersions...) }
