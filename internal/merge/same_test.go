// SPDX-License-Identifier: Apache-2.0

package merge

import (
	"slices"
	"strconv"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// tools of each of our findings after a merge of one foreign finding; the last
// says whether it is left alone.
func joinOne(r *sekisho.Result, f sekisho.Finding, o Options) (with []int, alone bool) {
	n := len(r.Findings)
	Merge(r, []*sekisho.Result{result("trivy", nil, f)}, o)
	for i := range r.Findings[:n] {
		if len(r.Findings[i].Witnesses) > 0 {
			with = append(with, i)
		}
	}
	return with, len(r.Findings) > n
}

func TestBundle(t *testing.T) {
	r := ours()
	second := r.Findings[0]
	second.ID, second.Rule = "second", "CVE-2024-5535"
	r.Findings = append(r.Findings, second)
	both := voice("trivy", "USN-1-1", "high", "", ref("deb", "libssl3", "3.0.11-1~deb12u1"), of(func(w *sekisho.Witness) {
		w.Aliases = []string{"CVE-2024-6119", "CVE-2024-5535"}
	}))
	one := voice("grype", "CVE-2024-5535", "high", "", ref("deb", "libssl3", "3.0.11-1~deb12u1"))
	Merge(r, []*sekisho.Result{result("trivy", nil, both), result("grype", nil, one)}, Options{})
	tools := func(i int) (out []string) {
		for _, w := range r.Findings[i].Witnesses {
			out = append(out, w.Tool)
		}
		return out
	}
	if a, b := tools(0), tools(6); !slices.Equal(a, []string{"trivy"}) || !slices.Equal(b, []string{"grype", "trivy"}) || len(r.Findings) != 7 {
		t.Errorf("an advisory about two flaws is each of them, and makes them not one: %v %v", a, b)
	}
}

// A name that a package of ours has itself means that one, and not all that are
// built of a source package of the name.
func TestSourcePackage(t *testing.T) {
	flaw := func() sekisho.Finding {
		return voice("trivy", "CVE-2024-6119", "high", "", ref("deb", "openssl", "3.0.11-1~deb12u1"))
	}
	if with, alone := joinOne(ours(), flaw(), Options{}); !slices.Equal(with, []int{0}) || alone {
		t.Errorf("the source package: %v %v", with, alone)
	}
	r := ours()
	r.Packages = append(r.Packages, sekisho.Package{PURL: "pkg:deb/debian/openssl@3.0.11-1~deb12u1", Ecosystem: "deb", Name: "openssl", Version: "3.0.11-1~deb12u1", Extractor: "deb"})
	if with, alone := joinOne(r, flaw(), Options{}); len(with) != 0 || !alone {
		t.Errorf("the package of that name: %v %v", with, alone)
	}
}

func TestLines(t *testing.T) {
	for line, want := range map[int][]int{9: {4}, 12: {4}, 29: {6}, 31: {6}, 60: nil} {
		r := ours()
		again := r.Findings[4]
		again.ID, again.Location.Line = "again", 30
		r.Findings = append(r.Findings, again)
		with, alone := joinOne(r, voice("trivy", "DS002", "high", "", nil, at(sekisho.Misconfiguration, "Dockerfile", line)), Options{})
		if !slices.Equal(with, want) || alone != (want == nil) {
			t.Errorf("line %d: %v, alone %v", line, with, alone)
		}
	}
}

// The highest fixed version is that by the order of the ecosystem.
func TestHighestFix(t *testing.T) {
	compare := func(_, a, b string) (int, bool) {
		x, err := strconv.Atoi(a)
		y, err2 := strconv.Atoi(b)
		return x - y, err == nil && err2 == nil
	}
	r := ours()
	a, b := voice("trivy", "CVE-2023-0001", "low", "9", ref("cargo", "serde", "1")), voice("grype", "CVE-2023-0001", "low", "10", ref("cargo", "serde", "1"))
	Merge(r, []*sekisho.Result{result("trivy", nil, a), result("grype", nil, b)}, Options{Compare: compare})
	if f := r.Findings[len(r.Findings)-1]; f.Fixed != "10" || len(f.Witnesses) != 2 {
		t.Errorf("fixed in %s", f.Fixed)
	}
}

// What every tool that has it does not count is suppressed; what one counts is not.
func TestSuppressedThere(t *testing.T) {
	quiet := voice("trivy", "CVE-2023-0001", "low", "", ref("cargo", "serde", "1"), of(func(w *sekisho.Witness) { w.Suppressed = "not reached" }))
	loud := voice("grype", "CVE-2023-0001", "low", "", ref("cargo", "serde", "1"))
	r := ours()
	Merge(r, []*sekisho.Result{result("trivy", nil, quiet)}, Options{})
	last := len(r.Findings) - 1
	if s := r.Findings[last].Suppressed; s == nil || s.By != "trivy" || s.Reason != "not reached" {
		t.Errorf("not counted by the only witness: %+v", s)
	}
	Merge(r, []*sekisho.Result{result("grype", nil, loud)}, Options{})
	if s := r.Findings[last].Suppressed; s != nil || len(r.Findings) != last+1 {
		t.Errorf("counted by one of two: %+v", s)
	}
	// An exception that was applied to it stays.
	r.Findings[last].Suppressed = &sekisho.Suppression{By: ".sekisho/exceptions.yaml", Reason: "accepted"}
	Merge(r, []*sekisho.Result{result("grype", nil, loud)}, Options{})
	if s := r.Findings[last].Suppressed; s == nil || s.By != ".sekisho/exceptions.yaml" {
		t.Errorf("an exception was lost: %+v", s)
	}
}
