// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

var setting = Setting{Today: "2026-11-21"}

func vuln(s sekisho.Severity, change func(*sekisho.Finding)) *sekisho.Finding {
	f := &sekisho.Finding{ID: "1", Kind: sekisho.Vulnerability, Rule: "CVE-2026-1", Severity: s, Package: &sekisho.PackageRef{PURL: "pkg:npm/a@1", Name: "a", Version: "1", Ecosystem: "npm"}}
	if change != nil {
		change(f)
	}
	return f
}

func TestClasses(t *testing.T) {
	dev, hidden := &sekisho.Package{Dev: true}, &sekisho.Package{Hidden: true}
	for _, tt := range []struct {
		name string
		f    *sekisho.Finding
		p    *sekisho.Package
		want string
	}{
		{"critical without a fix", vuln(sekisho.SeverityCritical, nil), nil, "track 40"},
		{"critical with a fix", vuln(sekisho.SeverityCritical, func(f *sekisho.Finding) { f.Fixed = "2" }), nil, "plan 46 2026-12-21"},
		{"low with a fix", vuln(sekisho.SeverityLow, func(f *sekisho.Finding) { f.Fixed = "2" }), nil, "accept 14"},
		{"known exploited", vuln(sekisho.SeverityMedium, func(f *sekisho.Finding) { f.Fixed, f.KEV = "2", &sekisho.KEV{Ransomware: true} }), nil, "act-now 59 2026-11-28"},
		{"known exploited without a fix", vuln(sekisho.SeverityMedium, func(f *sekisho.Finding) { f.KEV = &sekisho.KEV{} }), nil, "act-now 48 2026-11-28"},
		{"seen in attacks, no exploit is public", vuln(sekisho.SeverityMedium, func(f *sekisho.Finding) { f.Fixed, f.Exploits = "2", []string{"ssvc-active"} }), nil, "act-now 36 2026-11-28"},
		{"a public exploit", vuln(sekisho.SeverityMedium, func(f *sekisho.Finding) { f.Fixed, f.Exploits = "2", []string{"ssvc-poc"} }), nil, "track 30 2027-02-19"},
		{"likely", vuln(sekisho.SeverityMedium, func(f *sekisho.Finding) { f.Fixed, f.EPSS = "2", &sekisho.EPSS{Score: 0.81} }), nil, "act-now 42 2026-11-28"},
		{"likely, of development alone", vuln(sekisho.SeverityMedium, func(f *sekisho.Finding) { f.Fixed, f.EPSS = "2", &sekisho.EPSS{Score: 0.81} }), dev, "track 17 2027-02-19"},
		{"known exploited, of a lower layer", vuln(sekisho.SeverityCritical, func(f *sekisho.Finding) { f.Fixed, f.KEV = "2", &sekisho.KEV{} }), hidden, "act-now 23 2026-11-28"},
		{"known exploited, in headers alone", vuln(sekisho.SeverityCritical, func(f *sekisho.Finding) { f.Fixed, f.KEV, f.Inert = "2", &sekisho.KEV{}, sekisho.InertKernelHeaders }), nil, "track 8 2027-02-19"},
		{"known exploited, in the kernel of an image", vuln(sekisho.SeverityCritical, func(f *sekisho.Finding) { f.Fixed, f.KEV, f.Inert = "2", &sekisho.KEV{}, sekisho.InertHostKernel }), nil, "track 23 2027-02-19"},
		{"high, of a lower layer", vuln(sekisho.SeverityHigh, func(f *sekisho.Finding) { f.Fixed = "2" }), hidden, "accept 11"},
		{"a deleted key", &sekisho.Finding{Kind: sekisho.Secret, Severity: sekisho.SeverityHigh, Location: sekisho.Location{Hidden: true}}, nil, "act-now 75 2026-11-28"},
		{"malware", &sekisho.Finding{Kind: sekisho.Malware, Severity: sekisho.SeverityCritical}, nil, "act-now 100 2026-11-28"},
		{"a high misconfiguration", &sekisho.Finding{Kind: sekisho.Misconfiguration, Severity: sekisho.SeverityHigh}, nil, "plan 36 2026-12-21"},
	} {
		r := Of(tt.f, tt.p, &setting, Default())
		if got := strings.TrimSpace(fmt.Sprintf("%s %d %s", r.Class, r.Score, r.Due)); got != strings.TrimSpace(tt.want) && !(r.Class == sekisho.Track && strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: %s, want %s; %+v", tt.name, got, tt.want, r.Lines)
		}
	}
}

// The lines are the score: whoever adds them up gets it.
func TestLinesAddUp(t *testing.T) {
	f := vuln(sekisho.SeverityHigh, func(f *sekisho.Finding) {
		f.Fixed, f.Published, f.KEV, f.EPSS, f.Exploits = "2", "2025-01-02T00:00:00Z", &sekisho.KEV{Ransomware: true}, &sekisho.EPSS{Score: 0.25, Percentile: 0.95}, []string{"metasploit", "ssvc-active"}
		f.CVSS = []sekisho.CVSS{{Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}
	})
	s := setting
	s.Ports, s.Routes, s.Powers, s.Root, s.Privileged, s.InUse = []string{"80/tcp"}, []string{"Ingress/web"}, []string{"SYS_ADMIN"}, true, true, func(string) (bool, bool) { return true, true }
	r := Of(f, &sekisho.Package{Relationship: sekisho.Direct, Hidden: true}, &s, Default())
	total := 0.0
	var codes []string
	for _, l := range r.Lines {
		codes = append(codes, l.Code)
		total += float64(l.Points)
		if l.Factor > 0 {
			total *= l.Factor
		}
	}
	if int(total+0.5) != r.Score {
		t.Errorf("the lines give %f, the score is %d", total, r.Score)
	}
	want := []string{"severity", "remote", "effortless", "kev", "ransomware", "epss", "epss-percentile", "exploited", "exploit", "fix", "old-fix", "application", "direct", "exposed", "routed", "privileged", "powers", "root", "in-use", "hidden"}
	if !reflect.DeepEqual(codes, want) {
		t.Errorf("%v", codes)
	}
}

// More danger never lowers the score and never makes the class less urgent.
func TestMonotone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	w := Default()
	worse := []func(*sekisho.Finding, *sekisho.Package, *Setting){
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			if f.Severity >= sekisho.SeverityLow && f.Severity < sekisho.SeverityCritical {
				f.Severity++
			}
		},
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) { f.KEV = &sekisho.KEV{Ransomware: true} },
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			if f.EPSS == nil {
				f.EPSS = &sekisho.EPSS{}
			}
			f.EPSS = &sekisho.EPSS{Score: min(1, f.EPSS.Score+rnd.Float64()/2), Percentile: min(1, f.EPSS.Percentile+rnd.Float64()/2)}
		},
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) { f.Package.Ecosystem = "npm" },
		func(_ *sekisho.Finding, _ *sekisho.Package, s *Setting) { s.Routes = []string{"Ingress/web"} },
		func(_ *sekisho.Finding, _ *sekisho.Package, s *Setting) { s.Powers = []string{"SYS_ADMIN"} },
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			f.Exploits = append(slices.Clone(f.Exploits), "ssvc-active")
		},
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			f.CVSS = append(slices.Clone(f.CVSS), sekisho.CVSS{Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N"})
		},
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			f.Exploits = append(slices.Clone(f.Exploits), "metasploit")
		},
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			if f.KEV == nil {
				f.KEV = &sekisho.KEV{}
			}
		},
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) { f.Fixed = "2" },
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) { f.Published = "2020-01-02" },
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) { f.Origin = sekisho.OriginOwn },
		func(f *sekisho.Finding, _ *sekisho.Package, _ *Setting) {
			if f.Kind == sekisho.Secret {
				f.Verification = &sekisho.Verification{State: sekisho.VerifiedActive}
			}
		},
		func(_ *sekisho.Finding, p *sekisho.Package, _ *Setting) { p.Dev = false },
		func(_ *sekisho.Finding, p *sekisho.Package, _ *Setting) { p.Hidden = false },
		func(_ *sekisho.Finding, p *sekisho.Package, _ *Setting) { p.Relationship = sekisho.Direct },
		func(_ *sekisho.Finding, _ *sekisho.Package, s *Setting) { s.Ports = []string{"80"} },
		func(_ *sekisho.Finding, _ *sekisho.Package, s *Setting) { s.Root = true },
		func(_ *sekisho.Finding, _ *sekisho.Package, s *Setting) { s.Privileged = true },
		func(_ *sekisho.Finding, _ *sekisho.Package, s *Setting) {
			s.InUse = func(string) (bool, bool) { return true, true }
		},
	}
	kinds := []sekisho.FindingKind{sekisho.Vulnerability, sekisho.Secret, sekisho.Misconfiguration, sekisho.Malware}
	for i := range 20_000 {
		if i >= 10_000 && i%20 == 0 { // whatever weights a user gives
			w = randomWeights(t, rnd)
		}
		f := vuln(sekisho.Severity(2+rnd.IntN(4)), nil)
		f.Kind = kinds[rnd.IntN(len(kinds))]
		f.Package.Ecosystem = []string{"npm", "deb"}[rnd.IntN(2)]
		p := &sekisho.Package{Dev: rnd.IntN(2) == 0, Hidden: rnd.IntN(2) == 0}
		s := setting
		if rnd.IntN(2) == 0 {
			f.Fixed = "2"
		}
		if rnd.IntN(3) == 0 {
			f.Origin = sekisho.OriginBuilder
		}
		if f.Kind == sekisho.Secret && rnd.IntN(2) == 0 {
			f.Verification = &sekisho.Verification{State: sekisho.VerifiedRejected}
		}
		if rnd.IntN(3) == 0 {
			s.InUse = func(string) (bool, bool) { return false, true }
		}
		for range 6 {
			before := Of(f, p, &s, w)
			i := rnd.IntN(len(worse))
			worse[i](f, p, &s)
			after := Of(f, p, &s, w)
			if after.Score < before.Score || Urgency(after.Class) > Urgency(before.Class) {
				t.Fatalf("change %d: %s %d became %s %d\n%+v", i, before.Class, before.Score, after.Class, after.Score, f)
			}
		}
	}
}

func numbers(_, a, b string) (int, bool) { return strings.Compare(a, b), a != "" && b != "" }

func TestPlan(t *testing.T) {
	finding := func(id, purl, name, ecosystem, fixed string, s sekisho.Severity) sekisho.Finding {
		return sekisho.Finding{ID: id, Kind: sekisho.Vulnerability, Rule: "CVE-" + id, Severity: s, Fixed: fixed, Package: &sekisho.PackageRef{PURL: purl, Name: name, Version: "1.0", Ecosystem: ecosystem}}
	}
	r := &sekisho.Result{
		Target:  sekisho.Target{Name: "app:1"},
		Created: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), OS: &sekisho.OS{PrettyName: "Debian 12"},
		Packages: []sekisho.Package{{PURL: "deb1"}, {PURL: "deb2"}, {PURL: "npm1", Path: "app/package-lock.json"}, {PURL: "old", Hidden: true}, {PURL: "bin"}, {PURL: "l1", Path: "b/lock", Extractor: "npm/package-lock"}, {PURL: "l2", Path: "b/lock", Extractor: "npm/package-lock"}, {PURL: "l3", Path: "b/lock", Extractor: "npm/package-lock", Relationship: sekisho.Direct}, {PURL: "go1", Path: "bin/x", Extractor: "golang/binary"}, {PURL: "go2", Path: "bin/x", Extractor: "golang/binary"}},
		Findings: []sekisho.Finding{
			finding("1", "deb1", "libc6", "deb", "2", sekisho.SeverityHigh), finding("2", "deb2", "curl", "deb", "2", sekisho.SeverityHigh), finding("3", "deb2", "curl", "deb", "", sekisho.SeverityLow),
			finding("4", "npm1", "lodash", "npm", "1.2", sekisho.SeverityHigh), finding("5", "npm1", "lodash", "npm", "2.0", sekisho.SeverityMedium), finding("6", "npm1", "lodash", "npm", "", sekisho.SeverityMedium),
			finding("7", "old", "old", "npm", "2", sekisho.SeverityHigh), finding("8", "bin", "redis", "binary", "1.1", sekisho.SeverityHigh),
			finding("20", "l1", "left", "npm", "1.1", sekisho.SeverityLow), finding("21", "l2", "right", "npm", "1.9", sekisho.SeverityLow), finding("22", "l2", "right", "npm", "", sekisho.SeverityLow), finding("23", "l3", "mine", "npm", "1.9", sekisho.SeverityLow),
			finding("24", "go1", "stdlib", "golang", "1.9", sekisho.SeverityLow), finding("25", "go2", "net", "golang", "1.9", sekisho.SeverityLow),
			{ID: "30", Kind: sekisho.Misconfiguration, Rule: "end-of-life", ResourceKind: "image", Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: "etc/os-release"}},
			{ID: "31", Kind: sekisho.Misconfiguration, Rule: "package-manager", ResourceKind: sekisho.ResourceImage, Severity: sekisho.SeverityLow, Location: sekisho.Location{Path: "usr/bin/apt"}},
			{ID: "32", Kind: sekisho.Misconfiguration, Rule: "run-as-root", ResourceKind: sekisho.ResourceImage, Severity: sekisho.SeverityLow},
			{ID: "9", Kind: sekisho.Misconfiguration, Rule: "privileged", ResourceKind: "kubernetes", Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: "pod.yaml", Line: 9}},
			{ID: "10", Kind: sekisho.Misconfiguration, Rule: "privileged", ResourceKind: "kubernetes", Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: "pod.yaml", Line: 3}},
			{ID: "11", Kind: sekisho.Secret, Rule: "aws-key", Severity: sekisho.SeverityHigh, Location: sekisho.Location{Path: "a.env", Line: 3}},
			{ID: "12", Kind: sekisho.Secret, Rule: "aws-key", Severity: sekisho.SeverityHigh, Suppressed: &sekisho.Suppression{By: "x"}},
		},
	}
	Rank(r, SettingOf(r), Default(), numbers)
	var got []string
	for _, a := range r.Actions {
		got = append(got, fmt.Sprintf("%s %s %s %s->%s major=%v %v %v closes=%v left=%d", a.Class, a.Kind, a.Subject, a.From, a.To, a.Major, a.Packages, a.Lines, a.Closes, a.Remaining))
	}
	want := []string{
		"act-now rotate-secret a.env -> major=false [] [3] closes=[11] left=0",
		"plan change-file pod.yaml -> major=false [] [3 9] closes=[10 9] left=0",
		"plan upgrade-system Debian 12 -> major=false [curl libc6] [] closes=[1 2] left=1",
		"plan upgrade-dependency lodash 1.0->2.0 major=true [] [] closes=[4 5] left=1",
		"plan replace-program redis 1.0->1.1 major=false [] [] closes=[8] left=0",
		"plan migrate-release Debian 12 -> major=false [] [] closes=[30] left=0",
		"track upgrade-dependency mine 1.0->1.9 major=false [] [] closes=[23] left=0",
		"accept rebuild-program bin/x -> major=false [net stdlib] [] closes=[24 25] left=0",
		"accept refresh-lock b/lock -> major=false [left right] [] closes=[20 21] left=1",
		"accept change-file app:1 -> major=false [] [] closes=[31 32] left=0",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The fix of one flaw may lie in a range of another: the chosen version has none
// of them, and what it still has is not closed.
func TestVersionClearsAll(t *testing.T) {
	finding := func(id, fixed string, later ...sekisho.Range) sekisho.Finding {
		return sekisho.Finding{
			ID: id, Kind: sekisho.Vulnerability, Rule: "CVE-" + id, Severity: sekisho.SeverityHigh, Fixed: fixed, Later: later,
			Package: &sekisho.PackageRef{PURL: "p", Name: "p", Version: "0.1", Ecosystem: "npm"},
		}
	}
	for want, findings := range map[string][]sekisho.Finding{
		"1.4 [1 2 3] 0": {finding("1", "0.2", sekisho.Range{Introduced: "1.0", Fixed: "1.3"}), finding("2", "1.2"), finding("3", "0.3", sekisho.Range{Introduced: "1.3", Fixed: "1.4"})},
		"0.3 [1 2] 0":   {finding("1", "0.2", sekisho.Range{Introduced: "1.0", Fixed: "1.3"}), finding("2", "0.3")},
		"1.2 [2] 1":     {finding("1", "0.2", sekisho.Range{Introduced: "1.0"}), finding("2", "1.2")},
		"1.2 [2 3] 1":   {finding("1", "0.2", sekisho.Range{Introduced: "1.0", LastAffected: "1.2"}), finding("2", "1.2"), finding("3", "0.9", sekisho.Range{Introduced: "0.5", LastAffected: "1.1"})},
		"1.2 [1 2] 0":   {finding("1", "0.2", sekisho.Range{Introduced: "1.3", Fixed: "1.4"}), finding("2", "1.2")},
		"0.2 [1] 0":     {finding("1", "0.2", sekisho.Range{Introduced: "0.2", Fixed: "0.2"})},
	} {
		r := &sekisho.Result{Packages: []sekisho.Package{{PURL: "p", Path: "package-lock.json"}}, Findings: findings}
		Rank(r, SettingOf(r), Default(), numbers)
		var got []string
		for _, a := range r.Actions {
			got = append(got, fmt.Sprint(a.To, " ", a.Closes, " ", a.Remaining))
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// What one command of the package manager raises is one action; what is to be done
// now stands by itself, and so does what needs a new major version.
func TestTreeOfModules(t *testing.T) {
	r := &sekisho.Result{}
	add := func(id, path, from, to string, rel sekisho.Relationship, change func(*sekisho.Finding)) {
		purl := "pkg:npm/" + id + "@" + from
		f := vuln(sekisho.SeverityHigh, change)
		f.ID, f.Fixed, f.Package = id, to, &sekisho.PackageRef{PURL: purl, Name: id, Version: from, Ecosystem: "npm"}
		r.Findings = append(r.Findings, *f)
		r.Packages = append(r.Packages, sekisho.Package{PURL: purl, Path: path, Extractor: "npm/package-json", Relationship: rel})
	}
	add("a", "app/node_modules/a/package.json", "1.0.0", "1.2.0", sekisho.Transitive, func(f *sekisho.Finding) { f.Severity = sekisho.SeverityMedium })
	add("b", "app/node_modules/a/node_modules/b/package.json", "1.0.0", "1.3.0", sekisho.Transitive, nil)
	add("c", "app/node_modules/c/package.json", "1.0.0", "2.0.0", sekisho.Transitive, nil)
	add("d", "app/node_modules/d/package.json", "1.0.0", "1.1.0", sekisho.Direct, nil)
	add("e", "app/node_modules/e/package.json", "1.0.0", "1.1.0", sekisho.Transitive, func(f *sekisho.Finding) { f.KEV = &sekisho.KEV{} })
	add("f", "other_node_modules/f/package.json", "1.0.0", "1.1.0", sekisho.Transitive, nil)
	Rank(r, SettingOf(r), Default(), numbers)
	var got []string
	for _, a := range r.Actions {
		got = append(got, fmt.Sprintf("%s %s %s %v %v", a.Class, a.Kind, a.Subject, a.Packages, a.Closes))
	}
	want := []string{
		"act-now upgrade-dependency e [] [e]",
		"plan refresh-lock app/node_modules [b a] [a b]",
		"plan upgrade-dependency d [] [d]",
		"plan upgrade-dependency c [] [c]",
		"plan upgrade-dependency f [] [f]",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func BenchmarkRank(b *testing.B) {
	r := &sekisho.Result{Created: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	for i := range 5000 {
		r.Packages = append(r.Packages, sekisho.Package{PURL: fmt.Sprint("p", i)})
	}
	for i := range 100_000 {
		f := vuln(sekisho.Severity(i%6), func(f *sekisho.Finding) {
			f.ID, f.Package.PURL, f.Fixed = fmt.Sprint(i), fmt.Sprint("p", i%5000), fmt.Sprint(i%7)
			f.CVSS, f.EPSS = []sekisho.CVSS{{Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N"}}, &sekisho.EPSS{Score: float64(i%100) / 100}
		})
		r.Findings = append(r.Findings, *f)
	}
	for b.Loop() {
		Rank(r, SettingOf(r), Default(), numbers)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100k")
}
