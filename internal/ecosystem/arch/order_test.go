// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0-1 1:1.0-1 2.36-7 3.0.7-4 1:9.2p1-2 5.2.1.arch1-1 20230101-1 1.1.1.w-1 2.0rc1-1 r123.abcdef-1 1.0.alpha2-1 13.2.1+r23+g1234567-3
	0.9.8.h-2 1.5.b-1 1.5-1 1.5.1-1 102.0b7-1 4.19.2.arch1-2 1.10-1.1`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"1.0alpha-1",
		"1.0beta-1",
		"1.0rc1-1",
		"1.0-1 = 0:1.0-1 = 01.0-01",
		"1.0-1.1",
		"1.0-2",
		"1.0-10",
		"1.0.a-1",
		"1.0.1-1",
		"1.5-1",
		"1.10-1",
		"1.99999999999999999999999-1",
		"1:0.1-1",
		"10:0-1",
	)
	for _, v := range []string{"1.0-1", "1.0-2", "0:1.0"} {
		if n, err := Order().Compare("1.0", v); n != 0 || err != nil {
			t.Errorf("1.0 against %s gives %d, %v; without a release only versions count", v, n, err)
		}
	}
	extracttest.Refuses(t, Order(), "1.0-1", "", " ", "-1", "1:", "..", "1.0 2", "<1.0")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is libalpm's own. Its symbol is called from Python.
func TestOrderAgreesWithAlpm(t *testing.T) {
	python := extracttest.Tool(t, "/usr/bin/python3", "python3")
	const load = "import ctypes; alpm = ctypes.CDLL('libalpm.so.13')\n"
	if exec.CommandContext(t.Context(), python, "-c", load).Run() != nil {
		extracttest.Lacking(t, "libalpm is not installed (libalpm13)")
	}
	pairs := extracttest.Pairs(19, 8000, realVersions, []string{"-", "-1", ":", "1:", "a", "b", "rc", "..", "_", "+", ".a", "Z"})
	extracttest.Agree(t, Order(), pairs, 0.9, python, "-c", load+`
import re, sys
def version(v):
    rest = re.sub(r"^[0-9]*:", "", v)
    return re.search("[0-9A-Za-z]", rest.rpartition("-")[0] if "-" in rest else rest)
for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    n = alpm.alpm_pkg_vercmp(a.encode(), b.encode())
    print(n if version(a) and version(b) else "?")`)
}

func TestOrderOverAdvisories(t *testing.T) {
	version := regexp.MustCompile(`"(?:affected|fixed)": ?"([^"]*)"`)
	all := extracttest.FeedVersions(t, "arch", func(_ string, data []byte) []string {
		var found []string
		for _, m := range version.FindAllSubmatch(data, -1) {
			found = append(found, string(m[1]))
		}
		return found
	})
	if len(all) < 1000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0-1", all, 0.001)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }
