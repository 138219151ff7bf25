// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/policy/userpolicy"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The policies in the documentation are run.
func TestDocumentedPolicies(t *testing.T) {
	for _, page := range []string{"policy.md", "policy.ja.md"} {
		text, err := os.ReadFile(filepath.Join("../../docs", page))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), "```yaml\n")
		example, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatalf("%s has no example", page)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "p.yaml"), []byte(example), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errOut strings.Builder
		a := &App{Stdout: &out, Stderr: &errOut, Now: time.Now, Dir: dir}
		if status := a.Run(t.Context(), []string{"policy", "test", "p.yaml"}); status != 0 || !strings.Contains(out.String(), "2 tests passed") {
			t.Errorf("%s: status %d\n%s%s", page, status, &out, &errOut)
		}
	}
}

// Risk, plan and policy over 100,000 findings.
func BenchmarkDecision(b *testing.B) {
	text, _ := userpolicy.PresetText("recommended")
	file, err := userpolicy.Load("recommended", text)
	if err != nil {
		b.Fatal(err)
	}
	r := &sekisho.Result{
		Created: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Target: sekisho.Target{Kind: sekisho.KindImage}, Image: &sekisho.ImageConfig{},
		Database: &sekisho.Database{Date: "2026-11-20", Facts: []sekisho.DatabaseSource{{Name: "epss"}, {Name: "kev"}}}, Coverage: sekisho.Coverage{Complete: true, OS: "supported"},
	}
	for i := range 5000 {
		r.Packages = append(r.Packages, sekisho.Package{PURL: fmt.Sprintf("pkg:npm/p%d@1", i), Name: fmt.Sprint("p", i), Version: "1.0.0", Ecosystem: "npm", Path: fmt.Sprintf("app/%d/package-lock.json", i%50)})
	}
	for i := range 100_000 {
		p := &r.Packages[i%5000]
		r.Findings = append(r.Findings, sekisho.Finding{
			ID: fmt.Sprint(i), Kind: sekisho.Vulnerability, Rule: fmt.Sprint("CVE-2026-", i), Severity: sekisho.Severity(i % 6), Fixed: []string{"", "1.0.1", "2.0.0"}[i%3], Published: "2026-01-02",
			Package: &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Version: p.Version, Ecosystem: p.Ecosystem},
			CVSS:    []sekisho.CVSS{{Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: 9.8}}, EPSS: &sekisho.EPSS{Score: float64(i%100) / 100},
		})
	}
	compare := ecosystem.Compare()
	b.Run("decide", func(b *testing.B) {
		for b.Loop() {
			risk.Rank(r, risk.SettingOf(r), risk.Default(), compare)
			policy.Judge(r, policy.Policy{Rules: file.Rules})
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100k")
	})
	// The least that whoever decides must do: read the report.
	b.Run("floor", func(b *testing.B) {
		text, err := json.Marshal(r)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			var read sekisho.Result
			if err := json.Unmarshal(text, &read); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100k")
	})
}
