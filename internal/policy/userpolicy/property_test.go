// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func preset(tb testing.TB, name string) *File {
	tb.Helper()
	text, _ := PresetText(name)
	f, err := Load(name, text)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func pick[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }

// randomFinding of any kind; every field that the presets ask for may be set.
func randomFinding(rnd *rand.Rand, id string) sekisho.Finding {
	f := sekisho.Finding{
		ID: id, Kind: pick(rnd, sekisho.Vulnerability, sekisho.Vulnerability, sekisho.Secret, sekisho.Misconfiguration, sekisho.Malware, sekisho.License),
		Rule: pick(rnd, "CVE-2026-1", "MAL-2026-1", "run-as-root"), Severity: sekisho.Severity(rnd.IntN(6)), Fixed: pick(rnd, "", "2.0"), Published: pick(rnd, "", "2025-01-02", "2025-12-30"),
		Location: sekisho.Location{Path: pick(rnd, "a", "b/c"), Hidden: rnd.IntN(4) == 0},
	}
	if f.Kind == sekisho.Vulnerability {
		p := pick(rnd, "pkg:npm/a@1", "pkg:npm/b@1", "pkg:npm/none@1")
		f.Package = &sekisho.PackageRef{PURL: p, Name: p[8:9]}
		if rnd.IntN(3) == 0 {
			f.EPSS = &sekisho.EPSS{Score: rnd.Float64()}
		}
		if rnd.IntN(5) == 0 {
			f.KEV = &sekisho.KEV{Added: "2025-12-01"}
		}
	}
	if rnd.IntN(3) > 0 {
		f.Risk = &sekisho.Risk{Score: rnd.IntN(101), Class: pick(rnd, sekisho.RiskClasses...), Due: pick(rnd, "", "2025-12-31", "2026-02-01")}
	}
	if rnd.IntN(5) == 0 {
		f.Suppressed = &sekisho.Suppression{By: "x", Until: pick(rnd, "", "2026-01-05", "2027-01-01"), Owner: pick(rnd, "", "team")}
	}
	return f
}

func randomResult(rnd *rand.Rand) *sekisho.Result {
	r := &sekisho.Result{
		SchemaVersion: sekisho.SchemaVersion, Created: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC),
		Target:   sekisho.Target{Kind: pick(rnd, sekisho.KindImage, sekisho.KindRepository, sekisho.KindSBOM), Name: "registry.example.com/app:1"},
		Packages: []sekisho.Package{{PURL: "pkg:npm/a@1", Name: "a", Dev: rnd.IntN(2) == 0}, {PURL: "pkg:npm/b@1", Name: "b", Hidden: rnd.IntN(2) == 0}, {PURL: "pkg:npm/a@1", Name: "a", Path: "x"}},
		Coverage: sekisho.Coverage{OS: pick(rnd, "supported", "end-of-life", "none"), Complete: rnd.IntN(4) > 0},
	}
	for _, name := range []string{"vuln", "misconfig", "secret", "malware"} {
		asked := rnd.IntN(5) > 0
		r.Coverage.Scanners = append(r.Coverage.Scanners, sekisho.ScannerCoverage{Name: name, Asked: asked, Ran: asked && rnd.IntN(8) > 0})
	}
	if r.Target.Kind == sekisho.KindImage {
		r.Image = &sekisho.ImageConfig{User: pick(rnd, "", "app")}
	}
	if rnd.IntN(4) > 0 {
		r.Database = &sekisho.Database{Date: pick(rnd, "2025-12-31", "2025-01-01"), Facts: []sekisho.DatabaseSource{{Name: "kev"}, {Name: "epss"}}[:rnd.IntN(3)]}
	}
	for i := range rnd.IntN(40) {
		r.Findings = append(r.Findings, randomFinding(rnd, fmt.Sprintf("%03d", i)))
	}
	if rnd.IntN(5) == 0 {
		p := randomFinding(rnd, "900")
		r.Platforms = []sekisho.Result{{Created: r.Created, Target: r.Target, Image: r.Image, Findings: []sekisho.Finding{p}, Coverage: sekisho.Coverage{Complete: true}}}
	}
	return r
}

// A report gives the same verdict when it was stored and read, in whatever order
// its findings and packages are, and as often as it is asked; judging changes
// nothing in it.
func TestReplay(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 3))
	seen := map[sekisho.Decision]int{}
	high := sekisho.SeverityHigh
	all := []*File{preset(t, "audit"), preset(t, "recommended"), preset(t, "strict")}
	for i := range 1500 {
		r := randomResult(rnd)
		f := all[i%3]
		p := policy.Policy{Rules: f.Rules, Sources: []sekisho.PolicySource{f.Source}}
		if rnd.IntN(4) == 0 {
			p.Gate.FailOn = &high
		}
		before, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		want := policy.Judge(r, p)
		seen[want.Decision]++
		var stored sekisho.Result
		if err := json.Unmarshal(before, &stored); err != nil {
			t.Fatal(err)
		}
		rnd.Shuffle(len(stored.Findings), func(i, j int) {
			stored.Findings[i], stored.Findings[j] = stored.Findings[j], stored.Findings[i]
		})
		rnd.Shuffle(len(stored.Packages), func(i, j int) {
			stored.Packages[i], stored.Packages[j] = stored.Packages[j], stored.Packages[i]
		})
		if d := cmp.Diff(want, policy.Judge(&stored, p)); d != "" {
			t.Fatalf("%s\n%s", before, d)
		}
		if after, err := json.Marshal(r); err != nil || string(after) != string(before) {
			t.Fatal("judging changed the report")
		}
	}
	for _, d := range []sekisho.Decision{sekisho.Allow, sekisho.Deny, sekisho.Incomplete} {
		if seen[d] < 20 {
			t.Errorf("the reports of this test are too much alike: %v", seen)
		}
	}
}

// A further finding never turns a denial into anything else, nor an incomplete
// verdict into a pass; a policy more never lets more pass; what only warns never
// denies.
func TestMonotoneAndWarnings(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 4))
	rank := map[sekisho.Decision]int{sekisho.Allow: 0, sekisho.Incomplete: 1, sekisho.Deny: 2}
	all := map[string]*File{}
	for _, name := range Presets() {
		all[name] = preset(t, name)
	}
	for range 600 {
		r := randomResult(rnd)
		for name, f := range all {
			before := policy.Judge(r, policy.Policy{Rules: f.Rules})
			if name == "audit" && before.Decision != sekisho.Allow {
				t.Fatalf("audit says %s: %v", before.Decision, before.Reasons)
			}
			more := *r
			more.Findings = append(append([]sekisho.Finding{}, r.Findings...), randomFinding(rnd, "950"))
			if after := policy.Judge(&more, policy.Policy{Rules: f.Rules}); rank[after.Decision] < rank[before.Decision] {
				t.Fatalf("%s: a finding more turned %s into %s", name, before.Decision, after.Decision)
			}
			other := all[pick(rnd, Presets()...)]
			both := policy.Judge(r, policy.Policy{Rules: append(append([]policy.Rule{}, f.Rules...), other.Rules...)})
			if rank[both.Decision] < rank[before.Decision] {
				t.Fatalf("%s with %s: %s became %s", name, other.Name, before.Decision, both.Decision)
			}
			warned := append([]policy.Rule{}, f.Rules...)
			for i := range warned {
				warned[i].Effect = policy.Warn
			}
			if v := policy.Judge(r, policy.Policy{Rules: warned}); v.Decision != sekisho.Allow {
				t.Fatalf("warnings alone gave %s", v.Decision)
			}
		}
	}
}

// The same rules serve many at once.
func TestConcurrent(t *testing.T) {
	f := preset(t, "strict")
	r := randomResult(rand.New(rand.NewPCG(1, 1)))
	want := policy.Judge(r, policy.Policy{Rules: f.Rules})
	done := make(chan string)
	for range 4 {
		go func() {
			out := ""
			for range 50 {
				out += cmp.Diff(want, policy.Judge(r, policy.Policy{Rules: f.Rules}))
			}
			done <- out
		}()
	}
	for range 4 {
		if d := <-done; d != "" {
			t.Error(d)
		}
	}
}

func TestOverride(t *testing.T) {
	f, err := Load("p.yaml", []byte("extends: [recommended, strict]\ndisable: malware\nrules:\n  - name: runs-as-root\n    effect: warn\n  - name: mine\n    severity: low\n    effect: deny\n    message: {ja: だめ}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]policy.Rule{}
	for _, r := range f.Rules {
		got[r.Name] = r
	}
	if _, ok := got["malware"]; ok || got["runs-as-root"].Effect != policy.Warn || got["runs-as-root"].Message.JA == "" || got["overdue"].Effect != policy.Deny || got["mine"].Message.EN != "だめ" || got["mine"].Severity != sekisho.SeverityLow {
		t.Errorf("%+v", got)
	}
	g, err := Load("p.yaml", []byte("extends: recommended\n"))
	if err != nil || g.Source.Digest == f.Source.Digest || g.Source.Rules != 11 {
		t.Errorf("%+v %v", g, err)
	}
}

// Without the lists in the database nobody knows whether a flaw is in them.
func TestFacts(t *testing.T) {
	flaw := sekisho.Finding{ID: "1", Kind: sekisho.Vulnerability, Severity: sekisho.SeverityLow}
	for when, want := range map[string]sekisho.Decision{
		"finding.kev": sekisho.Incomplete, "finding.ransomware": sekisho.Incomplete, "finding.epss > 0.5": sekisho.Incomplete, "finding.epssPercentile > 0.5": sekisho.Incomplete,
		"has(finding.kev) && finding.kev": sekisho.Allow, "finding.new": sekisho.Incomplete, `finding.origin == "own"`: sekisho.Incomplete, "database.age > duration('1h')": sekisho.Incomplete,
		"finding.overdue": sekisho.Incomplete, "finding.kev || finding.fixed == ''": sekisho.Deny,
	} {
		f, err := Load("p.yaml", []byte(rule(`"`+strings.ReplaceAll(when, `"`, `\"`)+`"`)))
		if err != nil {
			t.Fatal(err)
		}
		r := &sekisho.Result{Created: day1(t), Findings: []sekisho.Finding{flaw}, Coverage: sekisho.Coverage{Complete: true}}
		if v := policy.Judge(r, policy.Policy{Rules: f.Rules}); v.Decision != want {
			t.Errorf("%s: %s, want %s", when, v.Decision, want)
		}
	}
	// A secret is in no list of flaws, and that is known.
	f, err := Load("p.yaml", []byte(rule("finding.kev || finding.epss > 0.1")))
	if err != nil {
		t.Fatal(err)
	}
	r := &sekisho.Result{Findings: []sekisho.Finding{{Kind: sekisho.Secret}}, Coverage: sekisho.Coverage{Complete: true}}
	if v := policy.Judge(r, policy.Policy{Rules: f.Rules}); v.Decision != sekisho.Allow {
		t.Errorf("%+v", v)
	}
}

// What an image claims of its base makes no flaw of its own the base's.
func TestOriginOfAClaim(t *testing.T) {
	f, err := Load("p.yaml", []byte(rule(`finding.origin == 'own'`)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		base   *sekisho.BaseImage
		origin string
		want   sekisho.Decision
	}{
		{nil, sekisho.OriginBase, sekisho.Incomplete},
		{&sekisho.BaseImage{KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 9}, sekisho.OriginBase, sekisho.Incomplete},
		{&sekisho.BaseImage{KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 9}, sekisho.OriginOwn, sekisho.Incomplete},
		{&sekisho.BaseImage{KnownBy: sekisho.BaseByChain, Split: true, Layers: 1, Verified: true}, sekisho.OriginBase, sekisho.Allow},
		{&sekisho.BaseImage{KnownBy: sekisho.BaseByChain, Split: true, Layers: 1, Verified: true}, sekisho.OriginOwn, sekisho.Deny},
		{nil, sekisho.OriginBuilder, sekisho.Allow},
	} {
		r := &sekisho.Result{Created: day1(t), Base: tt.base, Findings: []sekisho.Finding{{ID: "1", Kind: sekisho.Vulnerability, Severity: sekisho.SeverityLow, Origin: tt.origin}}, Coverage: sekisho.Coverage{Complete: true}}
		if v := policy.Judge(r, policy.Policy{Rules: f.Rules}); v.Decision != tt.want {
			t.Errorf("%+v %s: %s, want %s", tt.base, tt.origin, v.Decision, tt.want)
		}
	}
}

// A loop over a long list costs too much, and that is said.
func TestCost(t *testing.T) {
	f, err := Load("p.yaml", []byte(rule("finding.aliases.all(a, a.matches('(x|y)*z') || a != '')")))
	if err != nil {
		t.Fatal(err)
	}
	r := &sekisho.Result{Coverage: sekisho.Coverage{Complete: true}, Findings: []sekisho.Finding{{Kind: sekisho.Secret, Aliases: make([]string, 200_000)}}}
	for i := range r.Findings[0].Aliases {
		r.Findings[0].Aliases[i] = "xyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxy"
	}
	if v := policy.Judge(r, policy.Policy{Rules: f.Rules}); v.Decision != sekisho.Incomplete {
		t.Errorf("%+v", v)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range Presets() {
		text, _ := PresetText(name)
		f.Add(text)
	}
	f.Add([]byte("extends: strict\ndisable: [malware]\nrules: [{name: a, when: 'finding.kev', effect: deny, message: m, scope: {paths: ['**']}}]\ntests: [{name: t, given: {findings: [{kind: secret}]}, expect: deny}]\n"))
	f.Add([]byte(rule("age(finding.published) > duration('1h') || finding.aliases.exists(a, a in finding.cwes)")))
	f.Add([]byte("rules: [&a {name: x, <<: *a}]"))
	r := randomResult(rand.New(rand.NewPCG(2, 2)))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Load("p.yaml", text)
		if err != nil {
			if p != nil {
				t.Fatal("a policy beside a mistake")
			}
			return
		}
		if len(p.Rules) == 0 {
			t.Fatal("a policy without rules")
		}
		policy.Judge(r, policy.Policy{Rules: p.Rules})
		for i := range p.Tests {
			policy.Judge(&p.Tests[i].Result, policy.Policy{Rules: p.Rules, Context: p.Tests[i].Context})
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	f := preset(b, "recommended")
	rnd := rand.New(rand.NewPCG(1, 2))
	r := randomResult(rnd)
	r.Findings = nil
	for i := range 100_000 {
		r.Findings = append(r.Findings, randomFinding(rnd, fmt.Sprint(i)))
	}
	for b.Loop() {
		policy.Judge(r, policy.Policy{Rules: f.Rules})
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100k")
}

func BenchmarkLoad(b *testing.B) {
	text, _ := PresetText("recommended")
	for b.Loop() {
		if _, err := Load("recommended", text); err != nil {
			b.Fatal(err)
		}
	}
}
