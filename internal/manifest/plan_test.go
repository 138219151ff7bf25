// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestPlan(t *testing.T) {
	p := func(eco, name, version string) sekisho.Package {
		return sekisho.Package{PURL: "pkg:" + eco + "/" + name + "@" + version, Ecosystem: eco, Name: name, Version: version, Path: "lock"}
	}
	a, zero := p(sekisho.EcosystemNPM, "a", "1.2.0"), p(sekisho.EcosystemNPM, "zero", "0.3.0")
	system := p(sekisho.EcosystemDeb, "openssl", "1.0.0")
	f := func(p *sekisho.Package, rule, fixed string, score int) sekisho.Finding {
		return sekisho.Finding{ID: rule, Kind: sekisho.Vulnerability, Rule: rule, Fixed: fixed, Risk: &sekisho.Risk{Score: score}, Package: &sekisho.PackageRef{PURL: p.PURL, Ecosystem: p.Ecosystem, Name: p.Name, Version: p.Version}}
	}
	silent := f(&a, "CVE-9", "1.9.9", 99)
	silent.Suppressed = &sekisho.Suppression{}
	r := &sekisho.Result{
		Packages: []sekisho.Package{a, zero, system},
		Findings: []sekisho.Finding{
			f(&zero, "CVE-4", "0.3.1", 10), f(&zero, "CVE-5", "0.4.0", 5),
			f(&a, "CVE-1", "1.2.1", 20), f(&a, "CVE-2", "1.10.0", 50), f(&a, "CVE-3", "2.0.0", 40), f(&a, "CVE-6", "", 1), f(&a, "CVE-7", "what", 1), silent,
			f(&system, "CVE-8", "2.0.0", 100),
		},
	}
	compare := func(_, x, y string) (int, bool) { return order(x, y) }
	type wish struct {
		name, to string
		major    bool
		rules    []string
	}
	for _, c := range []struct {
		majors bool
		want   []wish
		left   map[string][]string
	}{
		{
			false,
			[]wish{{"a", "1.10.0", false, []string{"CVE-2", "CVE-1"}}, {"zero", "0.3.1", false, []string{"CVE-4"}}},
			map[string][]string{"a major": {"CVE-3"}, "a no-fix": {"CVE-6"}, "a order": {"CVE-7"}, "zero major": {"CVE-5"}},
		},
		{
			true,
			[]wish{{"a", "2.0.0", true, []string{"CVE-2", "CVE-3", "CVE-1"}}, {"zero", "0.4.0", true, []string{"CVE-4", "CVE-5"}}},
			map[string][]string{"a no-fix": {"CVE-6"}, "a order": {"CVE-7"}},
		},
	} {
		wishes, left := Plan(r, c.majors, compare)
		var got []wish
		for _, w := range wishes {
			got = append(got, wish{w.Package.Name, w.To, w.Major, w.Rules})
		}
		stays := map[string][]string{}
		for _, l := range left {
			stays[l.Name+" "+l.Why.Code] = append(stays[l.Name+" "+l.Why.Code], l.Rules...)
		}
		if d := cmp.Diff(c.want, got, cmp.AllowUnexported(wish{})); d != "" {
			t.Errorf("majors %v: %s", c.majors, d)
		}
		if d := cmp.Diff(c.left, stays); d != "" {
			t.Errorf("majors %v: %s", c.majors, d)
		}
	}
}

func TestManagers(t *testing.T) {
	for name, want := range map[string]string{"web/package-lock.json": "npm", "go.mod": "go", "x/Cargo.lock": "cargo", "pom.xml": "", "node_modules/a/package-lock.json": "none", "package.json": "none", "vendor/go.mod": "none"} {
		m, ok := ManagerOf(name)
		if got := m.Name; ok && got != want || !ok && want != "none" {
			t.Errorf("%s: %q %v, want %q", name, got, ok, want)
		}
		if m.Name != "" && len(m.Commands([]Raised{{Name: "a", From: "1", To: "2"}})) == 0 {
			t.Errorf("%s: no command", name)
		}
	}
	m, _ := ManagerOf("package-lock.json")
	if got := m.Commands([]Raised{{Name: "a", From: "1", To: "2"}})[0]; !slices.Contains(got, "--ignore-scripts") || !slices.Contains(got, "--package-lock-only") {
		t.Errorf("%v", got)
	}
	for word, want := range map[string]bool{"@scope/a": true, "github.com/a/b": true, "--registry=x": false, "a b": false, "a;b": false, "": false, "$(a)": false} {
		if Word(word) != want {
			t.Errorf("%q: %v", word, !want)
		}
	}
}
