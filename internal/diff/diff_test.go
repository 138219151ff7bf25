// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func order(_, a, b string) (int, bool) {
	if strings.Contains(a+b, "odd") {
		return 0, false
	}
	return cmp.Compare(a, b), true
}

var scanners = []sekisho.ScannerCoverage{{Name: "vuln", Asked: true, Ran: true}, {Name: "misconfig", Asked: true, Ran: true}, {Name: "secret", Asked: true, Ran: true}, {Name: "license", Asked: true, Ran: true}}

func result(findings ...sekisho.Finding) *sekisho.Result {
	return &sekisho.Result{
		Target: sekisho.Target{Kind: sekisho.KindRepository, Name: "app"}, Database: &sekisho.Database{Date: "2026-01-02"}, Findings: findings,
		Coverage: sekisho.Coverage{Scanners: slices.Clone(scanners), Complete: true},
	}
}

func vuln(rule, name, version, path string) sekisho.Finding {
	return sekisho.Finding{
		ID: rule + name, Kind: sekisho.Vulnerability, Rule: rule, Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: path},
		Package: &sekisho.PackageRef{PURL: "pkg:npm/" + name + "@" + version, Name: name, Version: version, Ecosystem: "npm"},
	}
}

func hit(id, rule, path string, line int) sekisho.Finding {
	return sekisho.Finding{ID: id, Kind: sekisho.Misconfiguration, Rule: rule, Severity: sekisho.SeverityMedium, Location: sekisho.Location{Path: path, Line: line}, Evidence: []sekisho.Evidence{{Source: rule, Text: "text of " + rule}}}
}

// brief shows a list of findings in a few words.
func brief(all []sekisho.Finding) (out []string) {
	for _, f := range all {
		out = append(out, strings.Join(strings.Fields(f.Rule+" "+purl(&f)+" "+f.Location.Path), " "))
	}
	return out
}

func want(t *testing.T, what string, got []sekisho.Finding, lines ...string) {
	t.Helper()
	if d := gocmp.Diff(lines, brief(got)); d != "" {
		t.Errorf("%s: %s", what, d)
	}
}

func TestFlawsOfPackages(t *testing.T) {
	for _, tt := range []struct {
		name         string
		old, now     []sekisho.Finding
		added, fixed []string
		changed      map[string]string
	}{
		{name: "nothing", old: []sekisho.Finding{vuln("CVE-1", "a", "1", "l")}, now: []sekisho.Finding{vuln("CVE-1", "a", "1", "l")}},
		{
			name: "of two copies the first is gone",
			old:  []sekisho.Finding{vuln("CVE-1", "a", "1", "x/l"), vuln("CVE-1", "a", "2", "y/l")}, now: []sekisho.Finding{vuln("CVE-1", "a", "2", "y/l")},
			fixed: []string{"CVE-1 pkg:npm/a@1 x/l"},
		},
		{
			name: "a copy that sorts first is added",
			old:  []sekisho.Finding{vuln("CVE-1", "a", "2", "y/l")}, now: []sekisho.Finding{vuln("CVE-1", "a", "1", "x/l"), vuln("CVE-1", "a", "2", "y/l")},
			added: []string{"CVE-1 pkg:npm/a@1 x/l"},
		},
		{
			name: "an upgrade that does not help",
			old:  []sekisho.Finding{vuln("CVE-1", "a", "1", "lib/a-1/x")}, now: []sekisho.Finding{vuln("CVE-1", "a", "1.1", "lib/a-1.1/x")},
			changed: map[string]string{"version": "1>1.1", "path": "lib/a-1/x>lib/a-1.1/x"},
		},
		{
			name: "an upgrade that brings another flaw",
			old:  []sekisho.Finding{vuln("CVE-1", "a", "1", "l")}, now: []sekisho.Finding{vuln("CVE-2", "a", "2", "l")},
			added: []string{"CVE-2 pkg:npm/a@2 l"}, fixed: []string{"CVE-1 pkg:npm/a@1 l"},
		},
		{
			name: "a CVE was assigned",
			old:  []sekisho.Finding{vuln("GHSA-1", "a", "1", "l")}, now: []sekisho.Finding{func() sekisho.Finding { f := vuln("CVE-9", "a", "1", "l"); f.Aliases = []string{"ghsa-1"}; return f }()},
		},
		{
			name: "worse, listed and fixable",
			old:  []sekisho.Finding{vuln("CVE-1", "a", "1", "l")},
			now: []sekisho.Finding{func() sekisho.Finding {
				f := vuln("CVE-1", "a", "1", "l")
				f.Severity, f.KEV, f.Fixed, f.Status = sekisho.SeverityCritical, &sekisho.KEV{Added: "2026-01-01"}, "3", "fixed"
				return f
			}()},
			changed: map[string]string{"severity": "high>critical", "kev": ">2026-01-01", "fixed": ">3", "status": ">fixed"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Compare(result(tt.old...), result(tt.now...), Options{Order: order})
			want(t, "added", c.Added, tt.added...)
			want(t, "fixed", c.Fixed, tt.fixed...)
			got := map[string]string{}
			for _, ch := range c.Changed {
				for _, d := range ch.Changes {
					got[d.Field] = d.From + ">" + d.To
				}
			}
			if len(got) > 0 || len(tt.changed) > 0 {
				if d := gocmp.Diff(tt.changed, got); d != "" {
					t.Error(d)
				}
			}
			if len(c.Unchanged) != len(tt.now)-len(tt.added) {
				t.Errorf("%d unchanged", len(c.Unchanged))
			}
		})
	}
}

// What rules find is the same by its id alone; two equal hits stay two.
func TestHitsOfRules(t *testing.T) {
	c := Compare(result(hit("1", "r", "f", 3), hit("2", "r", "f", 9), hit("3", "s", "f", 1)),
		result(hit("1", "r", "f", 5), hit("2", "r", "f", 11), hit("4", "s", "f", 1)), Options{})
	want(t, "added", c.Added, "s f")
	want(t, "fixed", c.Fixed, "s f")
	if len(c.Unchanged) != 2 {
		t.Errorf("unchanged %v", brief(c.Unchanged))
	}
	files := []sekisho.FileChange{{Path: "g", From: "f", State: sekisho.FileRenamed}}
	c = Compare(result(hit("1", "r", "f", 3), hit("2", "r", "f", 9)), result(hit("7", "r", "g", 3), hit("8", "r", "g", 9), hit("9", "r", "h", 1)), Options{Files: files})
	want(t, "added beside a renamed file", c.Added, "r h")
	want(t, "fixed beside a renamed file", c.Fixed)
}

// Nothing is called fixed, and nothing new, where the other side did not look.
func TestNotAssessedIsNotFixed(t *testing.T) {
	v := vuln("CVE-1", "a", "1", "dir/app.jar!/lib/l")
	system := vuln("CVE-1", "a", "1", "var/lib/dpkg/status")
	system.Package.Ecosystem = sekisho.EcosystemDeb
	for name, tt := range map[string]struct {
		f  sekisho.Finding
		to func(r *sekisho.Result)
	}{
		"the scanner did not run": {v, func(r *sekisho.Result) { r.Coverage.Scanners[0].Ran = false }},
		"no database":             {v, func(r *sekisho.Result) { r.Database = nil }},
		"the archive is damaged":  {v, func(r *sekisho.Result) { r.Problems = []sekisho.Problem{{Path: "dir/app.jar", Minor: true}} }},
		"the directory is closed": {v, func(r *sekisho.Result) { r.Problems = []sekisho.Problem{{Path: "dir"}} }},
		"a bound was crossed":     {v, func(r *sekisho.Result) { r.Problems = []sekisho.Problem{{Bound: "entries"}} }},
		"a layer is unread":       {v, func(r *sekisho.Result) { r.Coverage.LayersUnread = 1 }},
		"no advisories": {v, func(r *sekisho.Result) {
			r.Coverage.Ecosystems = []sekisho.EcosystemCoverage{{Ecosystem: "npm", Packages: 3, NotAssessed: 3}}
		}},
		"an unknown release": {system, func(r *sekisho.Result) { r.Coverage.OS = "unsupported" }},
		"no secrets":         {sekisho.Finding{ID: "x", Kind: sekisho.Secret}, func(r *sekisho.Result) { r.Coverage.Scanners[2].Ran = false }},
		"an unknown kind":    {sekisho.Finding{ID: "x", Kind: "weather"}, func(*sekisho.Result) {}},
	} {
		blind := result()
		tt.to(blind)
		c := Compare(result(tt.f), blind, Options{})
		if len(c.Fixed) != 0 || len(c.Vanished) != 1 {
			t.Errorf("%s: fixed %v, vanished %v", name, brief(c.Fixed), brief(c.Vanished))
		}
		c = Compare(blind, result(tt.f), Options{})
		if len(c.Added) != 0 || len(c.Appeared) != 1 {
			t.Errorf("%s: added %v, appeared %v", name, brief(c.Added), brief(c.Appeared))
		}
	}
	other := result()
	other.Problems = []sekisho.Problem{{Path: "dir/other.jar"}, {Path: "di"}, {Minor: true}}
	if c := Compare(result(v), other, Options{}); len(c.Fixed) != 1 {
		t.Error("a problem elsewhere makes a fixed finding doubtful")
	}
}

func TestPackagesLayersAndSettings(t *testing.T) {
	pkg := func(name, version string) sekisho.Package {
		return sekisho.Package{Ecosystem: "npm", Name: name, Version: version}
	}
	a, b := result(), result()
	a.Packages = []sekisho.Package{pkg("same", "1"), pkg("up", "1"), pkg("up", "2"), pkg("down", "3"), pkg("gone", "1"), pkg("odd", "odd1"), {Ecosystem: "npm", Name: "below", Version: "1", Hidden: true}}
	b.Packages = []sekisho.Package{pkg("same", "1"), pkg("up", "2"), pkg("up", "3"), pkg("down", "2"), pkg("came", "1"), pkg("odd", "odd2")}
	a.Layers = []sekisho.Layer{{DiffID: "base"}, {DiffID: "x"}, {DiffID: "app"}}
	b.Layers = []sekisho.Layer{{DiffID: "base"}, {DiffID: "app"}, {DiffID: "y"}}
	a.Image = &sekisho.ImageConfig{User: "app", Cmd: []string{"run it"}, Labels: map[string]string{"v": "1", "org.opencontainers.image.created": "x"}}
	b.Image = &sekisho.ImageConfig{Cmd: []string{"run", "it"}, Labels: map[string]string{"v": "2"}}
	c := Compare(a, b, Options{Order: order})
	change := func(name, from, to string) []sekisho.PackageChange {
		return []sekisho.PackageChange{{Ecosystem: "npm", Name: name, From: from, To: to}}
	}
	if d := gocmp.Diff(sekisho.PackageChanges{
		Added: change("came", "", "1"), Removed: change("gone", "1", ""), Upgraded: change("up", "1", "3"), Downgraded: change("down", "3", "2"), Changed: change("odd", "odd1", "odd2"), Unchanged: 2,
	}, c.Packages); d != "" {
		t.Error(d)
	}
	if l := c.Layers; l.Unchanged != 2 || l.Shared != 1 || len(l.Added) != 1 || l.Added[0].DiffID != "y" || len(l.Removed) != 1 || l.Removed[0].DiffID != "x" {
		t.Errorf("%+v", l)
	}
	if d := gocmp.Diff([]sekisho.FieldChange{{Field: "user", From: "app"}, {Field: "cmd", From: `"run it"`, To: `"run" "it"`}, {Field: "label v", From: "1", To: "2"}}, c.Image); d != "" {
		t.Error(d)
	}
}

// random makes a result of few names, so that much of it is alike.
func random(r *rand.Rand) *sekisho.Result {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	out := result()
	for range r.IntN(14) {
		f := vuln("CVE-"+pick("1", "2", "3"), pick("a", "b"), pick("1", "2", "3", "odd"), pick("x/l", "y/l", "lib-1/l"))
		f.Severity = sekisho.Severity(r.IntN(6))
		f.Aliases = []string{pick("GHSA-1", "GHSA-2", "CVE-1", "cve-2")}
		if r.IntN(3) == 0 {
			f.Package.Ecosystem = "deb"
		}
		if r.IntN(5) == 0 {
			f.Suppressed = &sekisho.Suppression{By: "x"}
		}
		if r.IntN(4) == 0 {
			f.KEV = &sekisho.KEV{}
		}
		out.Findings = append(out.Findings, f)
	}
	for range r.IntN(8) {
		f := hit(pick("1", "2", "3", "4"), pick("r", "s"), pick("f", "g"), r.IntN(4))
		if r.IntN(3) == 0 {
			f.Kind = sekisho.Secret
		}
		out.Findings = append(out.Findings, f)
	}
	for range r.IntN(12) {
		out.Packages = append(out.Packages, sekisho.Package{Ecosystem: pick("npm", "deb"), Name: pick("a", "b", "c"), Version: pick("1", "2", "3", "odd"), Path: pick("x", "y"), Hidden: r.IntN(6) == 0})
	}
	for range r.IntN(4) {
		out.Layers = append(out.Layers, sekisho.Layer{DiffID: pick("a", "b", "c", "d")})
	}
	out.Coverage.Scanners[r.IntN(4)].Ran = r.IntN(3) > 0
	if r.IntN(4) == 0 {
		out.Problems = []sekisho.Problem{{Path: pick("x", "f", "")}}
		out.Coverage.Complete = false
	}
	if r.IntN(4) == 0 {
		out.Database = nil
	}
	out.Image = &sekisho.ImageConfig{User: pick("", "app")}
	for range r.IntN(2) {
		p := *out
		p.Platforms = nil
		p.Target.Platform = &sekisho.Platform{OS: "linux", Architecture: pick("arm64", "amd64")}
		out.Platforms = append(out.Platforms, p)
	}
	return out
}

// mirrored turns a comparison round.
func mirrored(c *sekisho.Comparison) *sekisho.Comparison {
	m := *c
	m.Old, m.New = c.New, c.Old
	m.Added, m.Fixed, m.Appeared, m.Vanished = c.Fixed, c.Added, c.Vanished, c.Appeared
	p := c.Packages
	turn := func(all []sekisho.PackageChange) (out []sekisho.PackageChange) {
		for _, x := range all {
			x.From, x.To = x.To, x.From
			out = append(out, x)
		}
		return out
	}
	m.Packages = sekisho.PackageChanges{Added: turn(p.Removed), Removed: turn(p.Added), Upgraded: turn(p.Downgraded), Downgraded: turn(p.Upgraded), Changed: turn(p.Changed), Unchanged: p.Unchanged}
	if l := c.Layers; l != nil {
		m.Layers = &sekisho.LayerChanges{Unchanged: l.Unchanged, Shared: l.Shared, Added: l.Removed, Removed: l.Added}
	}
	m.Image = nil
	for _, f := range c.Image {
		m.Image = append(m.Image, sekisho.FieldChange{Field: f.Field, From: f.To, To: f.From})
	}
	return &m
}

// shape is what has to mirror: of what stayed, the pairs' differences.
func shape(c *sekisho.Comparison, turned bool) map[string]any {
	sorted := func(s []string) []string { slices.Sort(s); return s }
	ids := func(all []sekisho.Finding) (out []string) {
		for _, f := range all {
			out = append(out, fmt.Sprint(f.Kind, f.ID, f.Rule, purl(&f), f.Location.Path, f.Location.Line, f.Severity, f.Aliases, f.KEV != nil))
		}
		return sorted(out)
	}
	var changed []string
	for _, ch := range c.Changed {
		for _, d := range ch.Changes {
			if turned {
				d.From, d.To = d.To, d.From
			}
			changed = append(changed, fmt.Sprint(d))
		}
	}
	paths := func(all []sekisho.PackageChange) []sekisho.PackageChange {
		out := slices.Clone(all)
		for i := range out {
			out[i].Path = "" // that of the new side
		}
		return out
	}
	p := c.Packages
	var kinds []string
	for _, r := range c.Remarks {
		if r.Code != sekisho.RemarkOldScanners && r.Code != sekisho.RemarkNewScanners && r.Code != sekisho.RemarkOldIncomplete && r.Code != sekisho.RemarkNewIncomplete {
			kinds = append(kinds, r.Code)
		}
	}
	return map[string]any{
		"added": ids(c.Added), "fixed": ids(c.Fixed), "appeared": ids(c.Appeared), "vanished": ids(c.Vanished), "unchanged": len(c.Unchanged), "changed": sorted(changed),
		"packages": []any{paths(p.Added), paths(p.Removed), paths(p.Upgraded), paths(p.Downgraded), paths(p.Changed), p.Unchanged},
		"layers":   c.Layers, "image": c.Image, "remarks": sorted(kinds), "platforms": len(c.Platforms),
	}
}

func TestMirror(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	busy := 0
	for n := range 3000 {
		a, b := random(r), random(r)
		there, back := Compare(a, b, Options{Order: order}), Compare(b, a, Options{Order: order})
		if d := gocmp.Diff(shape(mirrored(there), true), shape(back, false)); d != "" {
			t.Fatalf("%d: %s", n, d)
		}
		// Every finding that is not suppressed is in one list.
		open := 0
		for i := range b.Findings {
			if b.Findings[i].Suppressed == nil {
				open++
			}
		}
		held := len(there.Added) + len(there.Appeared)
		for i := range there.Unchanged {
			if there.Unchanged[i].Suppressed == nil {
				held++
			}
		}
		if held != open {
			t.Fatalf("%d: %d of %d findings are told", n, held, open)
		}
		if len(there.Added)*len(there.Fixed)*len(there.Unchanged)*len(there.Changed) > 0 {
			busy++
		}
		same := Compare(a, a, Options{Order: order})
		if len(same.Added)+len(same.Fixed)+len(same.Appeared)+len(same.Vanished)+len(same.Changed)+len(same.Packages.Added)+len(same.Packages.Upgraded) > 0 {
			t.Fatalf("%d: a result differs from itself: %+v", n, same)
		}
	}
	if busy < 100 {
		t.Errorf("only %d of the pairs say anything", busy)
	}
}

// Age is told in whole days.
func TestAge(t *testing.T) {
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	if n := Age(&sekisho.Result{Created: at}, at.AddDate(0, 0, 30)); n != 30 {
		t.Error(n)
	}
	if n := Age(&sekisho.Result{}, at); n != 0 {
		t.Error(n)
	}
}

// Two reports of 5,000 packages and 10,000 findings.
func BenchmarkCompare(b *testing.B) {
	big := func(shift int) *sekisho.Result {
		out := result()
		for i := range 5000 {
			name, version := fmt.Sprintf("package-%d", i+shift), fmt.Sprintf("1.%d.%d", i%7, (i+shift)%9)
			out.Packages = append(out.Packages, sekisho.Package{Ecosystem: "npm", Name: name, Version: version, Path: "node_modules/" + name})
			for n := range 2 {
				out.Findings = append(out.Findings, vuln(fmt.Sprintf("CVE-2026-%d", 10*i+n), name, version, "node_modules/"+name+"/package.json"))
			}
		}
		return out
	}
	x, y := big(0), big(50)
	b.Run("compare", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c := Compare(x, y, Options{Order: order}); len(c.Added) == 0 {
				b.Fatal("nothing differs")
			}
		}
	})
	// The least that whoever compares must do: read both reports.
	b.Run("floor", func(b *testing.B) {
		var texts [][]byte
		for _, r := range []*sekisho.Result{x, y} {
			text, err := json.Marshal(r)
			if err != nil {
				b.Fatal(err)
			}
			texts = append(texts, text)
		}
		for b.Loop() {
			for _, text := range texts {
				var read sekisho.Result
				if err := json.Unmarshal(text, &read); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
