// SPDX-License-Identifier: Apache-2.0

package report

import (
	"strings"
	"testing"
	"time"

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

// A person is told what to look into, not the file that names a package.
func TestHolder(t *testing.T) {
	for path, want := range map[string]string{
		"opt/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar":                     "opt/shop.jar",
		"app/node_modules/a/node_modules/b/package.json":                       "app/node_modules",
		"node_modules/@s/b/package.json":                                       "node_modules",
		"opt/venv/lib/python3.9/site-packages/Django-3.1.2.dist-info/METADATA": "opt/venv/lib/python3.9/site-packages",
		"app/package-lock.json":                                                "app/package-lock.json",
		"my_node_modules/x":                                                    "my_node_modules/x",
		"":                                                                     "",
	} {
		if got := holder(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// A release that still has long term support is not said to have no fixes.
func TestMigrateText(t *testing.T) {
	a := &sekisho.Action{Kind: sekisho.ActionMigrate, Subject: "Debian 12"}
	r := &sekisho.Result{Created: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), OS: &sekisho.OS{EOL: "2026-07-11", EOLExtended: "2028-06-30"}}
	if s := actionText(r, a, message.En); s != "Plan the move from Debian 12, whose regular support has ended, to a newer release" {
		t.Error(s)
	}
	r.Created = time.Date(2028, 7, 1, 0, 0, 0, 0, time.UTC)
	if s := actionText(r, a, message.En); !strings.Contains(s, "gets no fixes any more") {
		t.Error(s)
	}
}
