// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
)

var realVersions = strings.Fields(`
	1.0 1.0.0 2.31.0 1.26.18 3.2.25 4.2a1 4.2b1 4.2rc1 2024.7.4 1.0.post1 1.0.dev1 1.0a1.dev2 1.0rc1.post1.dev3 1!2.0
	2.0.1+cu118 2.0.1+cpu 1.0+ubuntu.1 0.0.0 1.0-1 1.0_beta.2 1.0c1 22.3.1 1.0.preview3 v1.2 1.0.0.0 1.0-r4 1.0.rev2 0.10.0 0.9`)

func TestOrder(t *testing.T) {
	extracttest.Ascending(t, Order(),
		"0 = 0.0 = 0!0",
		"1.dev0 = 1.0.dev = 1-dev = 1_DEV0 = 1dev",
		"1.0a1.dev1",
		"1.0a1 = 1.0alpha1 = 1.0-ALPHA.1 = 1.0_a_1 = 1.0.0a01",
		"1.0a1+x",
		"1.0a1.post1.dev2",
		"1.0a1.post1",
		"1.0a2",
		"1.0a10",
		"1.0b0 = 1.0b = 1.0.beta = 1.0b.",
		"1.0rc1 = 1.0c1 = 1.0pre1 = 1.0-preview-1",
		"1 = 1.0 = v1.0.0 = 01.00 =  1.0 ",
		"1.0+abc = 1.0+ABC",
		"1.0+abc.1 = 1.0+abc-1 = 1.0+abc_01",
		"1.0+abd",
		"1.0+1",
		"1.0+1.a",
		"1.0+1.1",
		"1.0+10",
		"1.0.post0.dev1",
		"1.0.post0 = 1.0-0 = 1.0post = 1.0.rev = 1.0r",
		"1.0.post1 = 1.0-1 = 1.0-r1",
		"1.0.post1+l",
		"1.0.1.dev1",
		"1.0.1",
		"1.9",
		"1.10",
		"2024.1",
		"1!0.1",
		"10!0",
	)
	extracttest.Refuses(t, Order(), "1.0", "", "2004d", "1.0-SNAPSHOT", "1.*", "==1.0", "1..0", "1.", "latest", "1.0+", "1.0+a..b", "1.0+ä", "1.0 2", "!1", "1.0.x", "1.0a1b1", "1.0a..1")
	extracttest.Laws(t, Order(), realVersions)
	extracttest.Frugal(t, Order(), realVersions...)
}

// The order is that of the packaging library that pip uses.
func TestOrderAgreesWithPackaging(t *testing.T) {
	python := ""
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), p, "-c", "import packaging.version").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		extracttest.Lacking(t, "python3 with packaging is not installed (python3-packaging)")
	}
	pairs := extracttest.Pairs(13, 10000, realVersions, []string{"-", "+", "_", "a", "b", "rc", "c", ".dev", "dev1", ".post", "post2", "-1", "+l", "+1", "Z", "1!", "pre", "r", "rev", "alpha", "+A.b", " "})
	extracttest.Agree(t, Order(), pairs, 0.3, python, "-c", `
import sys
from packaging.version import Version, InvalidVersion
for line in sys.stdin:
    a, b = line.rstrip("\n").split("\t")
    try:
        a, b = Version(a), Version(b)
        print(-1 if a < b else 1 if a > b else 0)
    except InvalidVersion:
        print("?")`)
}

func TestOrderOverPyPA(t *testing.T) {
	event := regexp.MustCompile(`"(?:introduced|fixed|last_affected)": ?"([^"]*)"`)
	list := regexp.MustCompile(`"versions": ?\[([^\]]*)\]`)
	text := regexp.MustCompile(`"([^"]*)"`)
	all := extracttest.FeedVersions(t, "pypa-osv", func(_ string, data []byte) []string {
		var found []string
		for range_ := range strings.SplitSeq(string(data), `"type":`) {
			if kind := strings.TrimSpace(range_); strings.HasPrefix(kind, `"GIT"`) {
				continue
			}
			for _, m := range event.FindAllStringSubmatch(range_, -1) {
				found = append(found, m[1])
			}
		}
		for _, m := range list.FindAllStringSubmatch(string(data), -1) {
			for _, v := range text.FindAllStringSubmatch(m[1], -1) {
				found = append(found, v[1])
			}
		}
		return found
	})
	if len(all) < 5000 {
		t.Errorf("only %d versions were found", len(all))
	}
	extracttest.Assesses(t, Order(), "1.0", all, 0.01)
}

func FuzzCompare(f *testing.F) { extracttest.FuzzOrder(f, Order(), realVersions...) }

func BenchmarkCompare(b *testing.B) { extracttest.BenchOrder(b, Order(), realVersions...) }
