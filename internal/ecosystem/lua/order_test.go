// SPDX-License-Identifier: Apache-2.0

package lua

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0-1 1.8.0-1 0.9.8-2 scm-1 scm-0 3.0rc1-2 2.0.0beta-1 1.7.0a-1 5.4.6-1 20161104-1 cvs-2 1.1.0-10 1.0alpha3-1 dev-1 1.2.3.4-1 0.12pre2-1`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(), "1.0alpha1-1", "1.0alpha2-1", "1.0beta-1", "1.0pre-1", "1.0rc1-1", "1.0rc2-1",
		"1-1 = 1.0-1 = 01_0-1", "1.0-2", "1.0-10", "1.0a-1", "1.0b-1", "1.0.1-1", "1.9-1", "1.10-1", "20161104-1", "cvs-1", "scm-1", "scm-2", "dev-1")
	for _, v := range []string{"1.0-1", "1.0-2", "1"} {
		if n, err := Order().Compare("1.0", v); n != 0 || err != nil {
			t.Errorf("1.0 against %s gives %d, %v; without a revision only versions count", v, n, err)
		}
	}
	extracttest.Refuses(t, Order(), "1.0-1", "", ".1", "-1", "1.0+2", "~> 1", "1 2")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is that of LuaRocks' own module.
func TestOrderAgreesWithLuaRocks(t *testing.T) {
	lua := extracttest.Tool(t, "lua5.4", "lua5.3")
	extracttest.Tool(t, "luarocks")
	pairs := extracttest.Pairs(18, 6000, realVersions, []string{"-", "_", "a", "b", "rc", "-1", "beta", "scm", "pre", "Z"})
	extracttest.Agree(t, Order(), pairs, 0.9, lua, "-e", `
		local vers = require("luarocks.core.vers")
		for line in io.lines() do
			local a, b = line:match("^([^\t]*)\t(.*)$")
			if a:find("^%w[%w._-]*$") and b:find("^%w[%w._-]*$") and not (a .. b):find("%d%d%d%d%d%d%d%d%d%d%d%d%d%d%d") then
				local x, y = vers.parse_version(a), vers.parse_version(b)
				print(x < y and "-1" or y < x and "1" or "0")
			else
				print("?")
			end
		end`)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }
