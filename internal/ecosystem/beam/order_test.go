// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`1.0.0 1.0.0-rc.0 1.7.0-rc.10 0.14.1 2.0.0-dev 1.4.0-alpha.2 1.2.3+build 3.0.0 1.10.0 0.0.1-a.b`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(), "0.0.1", "0.1.0", "1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0-dev", "1.0.0-rc.0", "1.0.0-rc.1", "1.0 = 1.0.0 = 1.0.0+b", "1.9.0", "1.10.0")
	extracttest.Refuses(t, Order(), "1.0.0", "", "*", "~> 1.0", "main")
	extracttest.Laws(t, Order(), realVersions)
}

// The order is that of Elixir's own module.
func TestOrderAgreesWithElixir(t *testing.T) {
	elixir := extracttest.Tool(t, "elixir")
	pairs := extracttest.Pairs(16, 6000, realVersions, []string{"-", "+", "-0", "rc", "-rc.1", "a", "Z", "+b"})
	extracttest.Agree(t, Order(), pairs, 0.2, elixir, "-e", `
		for line <- IO.stream(:stdio, :line) do
			[a, b] = line |> String.trim_trailing("\n") |> String.split("\t")
			case {Version.parse(a), Version.parse(b)} do
				{{:ok, x}, {:ok, y}} -> IO.puts(case Version.compare(x, y) do :lt -> -1; :eq -> 0; :gt -> 1 end)
				_ -> IO.puts("?")
			end
		end`)
}

func TestOrderOverAdvisories(t *testing.T) {
	version := regexp.MustCompile(`(?m)^\s*- *["']?[<>=~]+ *([0-9][^'",\s]*)`)
	all := extracttest.FeedVersions(t, "hex-elixir", func(_ string, data []byte) []string {
		var found []string
		for _, m := range version.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 40 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0.0", all, 0)
}
