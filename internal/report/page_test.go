// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// TestPageByKeyboardAndReader holds what a keyboard and a screen reader need of
// the page: no level of headings is left out, columns are sorted by buttons,
// what scrolls can be focused, fields and charts have names.
func TestPageByKeyboardAndReader(t *testing.T) {
	for name, r := range map[string]*sekisho.Result{"sample": sample(), "judged": judgedImage()} {
		s := render(t, "html", r, Options{})
		last := 0
		for _, m := range regexp.MustCompile(`<h([1-6])[ >]`).FindAllStringSubmatch(s, -1) {
			level := int(m[1][0] - '0')
			if level > last+1 {
				t.Errorf("%s: a heading of level %d follows one of level %d", name, level, last)
			}
			last = level
		}
		if n := strings.Count(s, "<h1>"); n != 1 {
			t.Errorf("%s: %d headings of level 1", name, n)
		}
		for what, e := range map[string]string{
			"a column without a button":                    `<th [^>]*>[^<]`,
			"a field without a name":                       `<input type="search" data-for="\w" placeholder="[^"]*">`,
			"a box that scrolls and cannot be focused":     `<div class="scroll">`,
			"a drawing that is neither named nor left out": `<svg viewBox="[^"]*"( preserveAspectRatio="none")?>`,
			"a button that submits":                        `<button (class|data)`,
		} {
			if m := regexp.MustCompile(e).FindString(s); m != "" {
				t.Errorf("%s: %s: %s", name, what, m)
			}
		}
	}
}

// TestPageOfManyEcosystems holds that the chart shows those with most packages
// and keeps the others at hand, and that nobody's advisories are named.
func TestPageOfManyEcosystems(t *testing.T) {
	r := sample()
	r.Coverage.Ecosystems = nil
	for i := range 11 {
		r.Coverage.Ecosystems = append(r.Coverage.Ecosystems, sekisho.EcosystemCoverage{Ecosystem: fmt.Sprint("world", i), Packages: i + 1})
	}
	r.Coverage.Ecosystems[3].NotAssessed = 2
	r.Coverage.LockedOnly = 5
	r.Coverage.UnownedBinaries, r.Coverage.Unowned = 21, []string{"opt/<one>"}
	s := render(t, "html", r, Options{})
	chart, rest, ok := strings.Cut(s, "<summary>3 more</summary>")
	if !ok || !strings.Contains(chart, "world10<") || strings.Contains(chart, "world2<") || !strings.Contains(rest, "world2<") {
		t.Error("the chart does not show the eight ecosystems with most packages, and three more when asked")
	}
	for _, want := range []string{
		"<br>5 packages that only a lock names were left out",
		"for which there is no advisory data here: world3 2<",
		"<summary>21 programs that no package owns and nobody could name</summary><ul><li>opt/&lt;one&gt;</li></ul>",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
