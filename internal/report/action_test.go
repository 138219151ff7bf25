// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func planned() *sekisho.Result {
	r := configured()
	r.Actions = []sekisho.Action{
		{Kind: sekisho.ActionRotateSecret, Subject: "a.env", Rules: []string{"aws-key"}, Closes: []string{"9"}, Class: sekisho.ActNow},
		{Kind: sekisho.ActionUpgradeSystem, Subject: "Debian 12", Packages: []string{"a", "b", "c", "d"}, Closes: []string{"5", "6"}, Remaining: 3, Class: sekisho.Plan},
		{Kind: sekisho.ActionUpgradeDependency, Subject: "lodash", From: "1.0", To: "2.0", Major: true, Path: "app/package-lock.json", Closes: []string{"7"}, Class: sekisho.Plan},
		{Kind: sekisho.ActionChangeFile, Subject: "b/Dockerfile", Rules: []string{"run-as-root"}, Lines: []int{3, 9}, Closes: []string{"1", "2"}, Class: sekisho.Track},
		{Kind: sekisho.ActionChangeFile, Subject: "a/Dockerfile", Rules: []string{"run-as-root", "other"}, Closes: []string{"3", "4"}, Class: sekisho.Track},
		{Kind: "of tomorrow", Subject: "x", Closes: []string{"8"}, Class: "odd"},
	}
	for range 10 {
		r.Actions = append(r.Actions, sekisho.Action{Kind: sekisho.ActionRemove, Subject: "evil\x1b[31m", Closes: []string{"8"}, Class: sekisho.Track})
	}
	r.Actions = append(r.Actions, sekisho.Action{Kind: sekisho.ActionRemove, Subject: "last", Closes: []string{"8"}, Class: sekisho.ActNow})
	r.Findings[0].Risk = &sekisho.Risk{Score: 42, Class: sekisho.Plan, Due: "2026-12-01", Lines: []sekisho.RiskLine{{Code: "severity", Args: []string{"high"}, Points: 40}, {Code: "hidden", Factor: 0.3}, {Code: "tomorrow", Points: 2}, {Code: "fix"}}}
	return r
}

func TestActions(t *testing.T) {
	got := render(t, "table", planned(), Options{})
	for _, want := range []string{
		"What to do\n  17 actions close 20 of 4 findings\n",
		"   1. act now  Revoke the secret in a.env (aws-key), then rebuild without it  [closes 1]\n",
		"   2. plan  Upgrade 4 packages of Debian 12 (a, b, c, ...), or rebuild on a newer base  [closes 2, 3\n      remain]\n",
		"   3. plan  Raise lodash from 1.0 to 2.0 (a new major version) - app/package-lock.json  [closes 1]\n",
		"   4. track  Change b/Dockerfile:3,9: Runs as root  [closes 2]\n",
		"   5. track  Change 2 things in a/Dockerfile (run-as-root, other)  [closes 2]\n",
		"   6. odd  of tomorrow x  [closes 1]\n",
		"  11. act now  Remove last  [closes 1]\n", "and 6 more actions that close 6 findings",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("not in the table: %q\n%s", want, got)
		}
	}
	for _, format := range []string{"html", "markdown", "table"} {
		for lang, want := range map[message.Lang]string{message.En: "Raise lodash from 1.0 to 2.0", message.Ja: "lodash を 1.0 から 2.0 に更新"} {
			got := render(t, format, planned(), Options{Lang: lang})
			if !strings.Contains(got, want) || strings.Contains(got, "\x1b") {
				t.Errorf("%s %s has no actions, or an escape sequence", format, lang)
			}
		}
	}
}

func TestRiskText(t *testing.T) {
	head, lines := RiskText(planned().Findings[0].Risk, message.En)
	if head != "42 of 100, plan, by 2026-12-01" || strings.Join(lines, "|") != "  +40  severity high|       only in a lower layer, times 0.3|   +2  tomorrow|   +0  a fix exists: ?" {
		t.Errorf("%q %q", head, lines)
	}
	if head, lines = RiskText(nil, message.En); head != "" || lines != nil {
		t.Error("of nothing")
	}
}
