// SPDX-License-Identifier: Apache-2.0

package base

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func finding(id, rule, name, origin string, score int, class sekisho.RiskClass) sekisho.Finding {
	return sekisho.Finding{
		ID: id, Kind: sekisho.Vulnerability, Rule: rule, Origin: origin, Package: &sekisho.PackageRef{Name: name, Ecosystem: "deb"},
		Risk: &sekisho.Risk{Score: score, Class: class},
	}
}

func TestCompare(t *testing.T) {
	r := &sekisho.Result{
		Base: &sekisho.BaseImage{Split: true, Layers: 1},
		Packages: []sekisho.Package{
			{Ecosystem: "deb", Name: "openssl", Introduced: &sekisho.Introduction{Index: 1}},
			{Ecosystem: "deb", Name: "curl", Hidden: true, Introduced: &sekisho.Introduction{Index: 1}},
		},
		Findings: []sekisho.Finding{
			finding("1", "CVE-1", "libc6", "base", 80, sekisho.ActNow), finding("2", "CVE-2", "libc6", "base", 20, sekisho.Track),
			finding("3", "CVE-3", "libc6", "own", 90, sekisho.ActNow), finding("4", "DSA-4", "tar", "base", 40, sekisho.Plan),
			finding("5", "CVE-5", "gone", "base", 50, sekisho.Plan),
		},
	}
	r.Findings[0].KEV = &sekisho.KEV{}
	r.Findings[3].Aliases = []string{"CVE-4"}
	r.Findings[4].Suppressed = &sekisho.Suppression{}
	c := &sekisho.Result{
		Target: sekisho.Target{Name: "debian:13", Digest: sum("1")}, Coverage: sekisho.Coverage{Complete: true, OS: "supported"},
		Findings: []sekisho.Finding{
			finding("a", "CVE-2", "libc6", "", 20, sekisho.Track), finding("b", "cve-4", "tar", "", 40, sekisho.Plan),
			finding("c", "CVE-6", "openssl", "", 70, sekisho.ActNow), // an own layer replaces it
			finding("d", "CVE-7", "curl", "", 30, sekisho.Plan), finding("e", "CVE-1", "other", "", 5, sekisho.Accept),
		},
	}
	c.Findings[3].KEV = &sekisho.KEV{}
	want := sekisho.BaseCandidate{
		Name: "debian:13", Digest: sum("1"), Removes: 1, Adds: 2, Keeps: 2, RemovesByClass: map[sekisho.RiskClass]int{sekisho.ActNow: 1},
		AddsByClass: map[sekisho.RiskClass]int{sekisho.Plan: 1, sekisho.Accept: 1}, RemovesKEV: []string{"CVE-1"}, AddsKEV: []string{"CVE-7"}, Risk: 45, Closes: []string{"1"},
	}
	if d := cmp.Diff(want, Compare(r, c)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// What nobody can judge, and what gets no fixes any more, is never the best.
func TestCandidateAssessed(t *testing.T) {
	for _, tt := range []struct {
		c    sekisho.Coverage
		want bool
	}{
		{sekisho.Coverage{Complete: true, OS: "supported"}, true},
		{sekisho.Coverage{Complete: true, OS: "supported", Ecosystems: []sekisho.EcosystemCoverage{{Ecosystem: "conan", NotAssessed: 1}}}, true},
		{sekisho.Coverage{Complete: true, OS: "supported", Ecosystems: []sekisho.EcosystemCoverage{{Ecosystem: "deb", NotAssessed: 1}}}, false},
		{sekisho.Coverage{Complete: true, OS: "unsupported"}, false},
		{sekisho.Coverage{Complete: true, OS: "end-of-life"}, false},
		{sekisho.Coverage{OS: "supported"}, false},
	} {
		if got := Assessed(&sekisho.Result{Coverage: tt.c}); got != tt.want {
			t.Errorf("%+v: %v", tt.c, got)
		}
	}
}

func TestChoose(t *testing.T) {
	all := []sekisho.BaseCandidate{{Name: "unread", Risk: 900, Removes: 9, Incomplete: true}, {Name: "some", Risk: 5, Removes: 1}, {Name: "more", Risk: 50, Removes: 3, Adds: 1}, {Name: "equal", Risk: 50, Removes: 2}}
	Choose(all)
	var got []string
	for _, c := range all {
		if c.Best {
			got = append(got, "best")
		}
		got = append(got, c.Name)
	}
	if d := cmp.Diff([]string{"best", "equal", "more", "some", "unread"}, got); d != "" {
		t.Error(d)
	}
	for _, none := range [][]sekisho.BaseCandidate{nil, {{Risk: 0, Removes: 1}}, {{Risk: -4, Removes: 1}}, {{Risk: 4, Removes: 1, Incomplete: true}}} {
		Choose(none)
		if len(none) > 0 && none[0].Best {
			t.Errorf("%+v", none[0])
		}
	}
}

func TestMoved(t *testing.T) {
	for _, tt := range []struct {
		name         string
		base         sekisho.BaseImage
		now          *sekisho.Artifact
		known, moved bool
		verified     bool
		layers       int
		digest       string
	}{
		{"the same digest", sekisho.BaseImage{Digest: sum("5"), Split: true, Layers: 1}, opened("1a"), true, false, true, 1, sum("5")},
		{"another digest", sekisho.BaseImage{Digest: sum("5"), Split: true, Layers: 1}, opened("1b"), true, true, false, 1, sum("6")},
		{"no digest, the same layers", sekisho.BaseImage{Split: true, Layers: 1}, opened("1a"), true, false, true, 1, sum("6")},
		{"no digest, other layers", sekisho.BaseImage{Split: true, Layers: 1}, opened("1b"), true, true, false, 1, sum("6")},
		{"a digest and no split, the same", sekisho.BaseImage{Digest: sum("5")}, opened("1a", "2b"), true, false, true, 2, sum("5")},
		{"fewer layers than the base has", sekisho.BaseImage{Split: true, Layers: 2}, opened("1a"), true, true, false, 2, sum("6")},
		{"a lie about how many layers are the base's", sekisho.BaseImage{Digest: sum("5"), Split: true, Layers: 3}, opened("1a"), true, false, true, 1, sum("5")},
		{"nothing to compare", sekisho.BaseImage{}, opened("1z"), false, false, false, 0, sum("6")},
	} {
		r := &sekisho.Result{Base: &tt.base, Layers: opened("1a", "2b", "3c").Layers}
		tt.now.Target.Digest = tt.digest
		if known := Moved(r, tt.now); known != tt.known || r.Base.Moved != tt.moved || r.Base.Verified != tt.verified || r.Base.Layers != tt.layers {
			t.Errorf("%s: %v %+v", tt.name, known, r.Base)
		}
	}
}

func TestBuilders(t *testing.T) {
	art := opened("1a", "2b", "3c")
	art.Image.History = history("ADD rootfs.tar /", "COPY x /x # buildkit", "RUN /bin/sh -c y # buildkit")
	k := Known{Builds: []*Build{file(t, "1 FROM golang:1 AS a\n2 RUN m\n3 FROM debian:12 AS b\n4 RUN n\n5 FROM a AS c\n6 RUN o\n7 FROM debian:12\n8 COPY --from=c x /x\n9 RUN y")}}
	images, stages, several := Builders(art, k, Recognise(art, k))
	if d := cmp.Diff([]Material{{Name: "golang:1"}}, images); d != "" || !several {
		t.Error(d, several)
	}
	if d := cmp.Diff([]string{"a", "b", "c"}, stages); d != "" {
		t.Error(d)
	}
	k.Builds = []*Build{file(t, "1 FROM debian:12 AS a\n2 COPY x /x\n3 FROM a\n4 RUN y")}
	if images, _, several := Builders(art, k, Recognise(art, k)); len(images) != 0 || several {
		t.Error("one chain has no builder", images, several)
	}
	if got := (Material{"example.com:5000/a:1", sum("1")}).Reference(); got != "example.com:5000/a@"+sum("1") {
		t.Error(got)
	}
}
