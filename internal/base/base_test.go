// SPDX-License-Identifier: Apache-2.0

package base

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// sum is a digest that is all one character.
func sum(c string) string { return "sha256:" + strings.Repeat(c, 64) }

// opened is an image of the layers, each "digest diffid" of one character each.
func opened(layers ...string) *sekisho.Artifact {
	art := &sekisho.Artifact{Target: sekisho.Target{Kind: sekisho.KindImage, Name: "app", ConfigDigest: sum("f")}, Image: &sekisho.ImageConfig{}}
	for _, l := range layers {
		art.Layers = append(art.Layers, sekisho.Layer{Digest: sum(l[:1]), DiffID: sum(l[1:])})
	}
	return art
}

func at(hours int) *time.Time {
	t := time.Date(2026, 1, 1, hours, 0, 0, 0, time.UTC)
	return &t
}

// every returns an image that all five rungs recognise, and what they know.
func every(t *testing.T) (*sekisho.Artifact, Known) {
	art := opened("1a", "2b", "3c")
	art.Image.History = history("ADD rootfs.tar /", `-CMD ["bash"]`, "COPY own /own # buildkit", "RUN /bin/sh -c x # buildkit")
	for i := range art.Image.History {
		art.Image.History[i].Created = at(i / 2 * 5)
	}
	art.Image.Provenance = &sekisho.Provenance{
		PredicateType: "https://slsa.dev/provenance/v1",
		Materials:     []string{"pkg:docker/docker/dockerfile@1 " + sum("9"), "pkg:docker/proved@1?platform=linux%2Famd64 " + sum("8")},
		Build: &sekisho.BuildRecord{File: "Dockerfile", Steps: []sekisho.BuildStep{
			{Image: "docker.io/library/proved:1", Line: 1, Layers: [][]string{{sum("1")}}},
			{Line: 7, Layers: [][]string{{sum("1"), sum("2")}}},
			{Line: 8, Layers: [][]string{{sum("1"), sum("2"), sum("3")}}},
			{Line: 9, Layers: [][]string{{sum("7"), sum("3")}}}, // of another stage
		}},
	}
	art.Image.Annotations = map[string]string{"org.opencontainers.image.base.name": "annotated:1"}
	art.Image.Labels = map[string]string{"org.opencontainers.image.base.name": "labelled:1"}
	x := &Index{Version: indexVersion}
	if _, err := x.Add(opened("1a"), "chained:1", "2026-01-01"); err == nil {
		x.Bases[0].Names[0].Config = sum("0")
	} else {
		t.Fatal(err)
	}
	return art, Known{Index: x, Builds: []*Build{file(t, "1 FROM written:1\n2 COPY own /own\n3 RUN x")}}
}

// Each rung is taken when those above it know nothing.
func TestRungs(t *testing.T) {
	without := []struct {
		rung, name string
		split      bool
		verified   bool
		remove     func(*sekisho.Artifact, *Known)
	}{
		{sekisho.BaseByProvenance, "docker.io/library/proved:1", true, false, func(a *sekisho.Artifact, _ *Known) { a.Image.Provenance = nil }},
		{sekisho.BaseByAnnotation, "annotated:1", false, false, func(a *sekisho.Artifact, _ *Known) { a.Image.Annotations = nil }},
		{sekisho.BaseByLabel, "labelled:1", false, false, func(a *sekisho.Artifact, _ *Known) { a.Image.Labels = nil }},
		{sekisho.BaseByChain, "chained:1", true, true, func(_ *sekisho.Artifact, k *Known) { k.Index = nil }},
		{sekisho.BaseByDockerfile, "written:1", true, false, func(_ *sekisho.Artifact, k *Known) { k.Builds = nil }},
		{sekisho.BaseByGuess, "", true, false, func(a *sekisho.Artifact, _ *Known) { a.Image.History = nil }},
	}
	art, known := every(t)
	for _, step := range without {
		b := Recognise(art, known)
		if b == nil || b.KnownBy != step.rung || b.Name != step.name || b.Split != step.split || b.Verified != step.verified {
			t.Fatalf("%s: %+v", step.rung, b)
		}
		if b.Split && b.Layers != 1 {
			t.Errorf("%s: %d layers", step.rung, b.Layers)
		}
		step.remove(art, &known)
	}
	if b := Recognise(art, known); b != nil {
		t.Errorf("nothing is known, and it says %+v", b)
	}
}

func TestProvenanceLines(t *testing.T) {
	art, known := every(t)
	b := Recognise(art, known)
	if b.Digest != sum("8") || b.Line != 1 {
		t.Errorf("%+v", b)
	}
	var got []string
	for _, l := range art.Layers {
		got = append(got, fmt.Sprintf("%s:%d", l.File, l.Line))
	}
	if d := cmp.Diff([]string{":0", "Dockerfile:7", "Dockerfile:8"}, got); d != "" {
		t.Error(d)
	}
	// Two steps that claim one layer: none of them is told.
	art, known = every(t)
	r := art.Image.Provenance.Build
	r.Steps = append(r.Steps, sekisho.BuildStep{Line: 12, Layers: [][]string{{sum("1"), sum("2"), sum("3")}}})
	known.Builds = nil
	Recognise(art, known)
	if l := art.Layers[2]; l.Line != 0 {
		t.Errorf("line %d of two", l.Line)
	}
}

// A record whose layers are not the image's tells nothing.
func TestProvenanceOfOtherLayers(t *testing.T) {
	art, known := every(t)
	art.Image.Provenance.Build.Steps = []sekisho.BuildStep{
		{Image: "docker.io/library/other:1", Line: 1, Layers: [][]string{{sum("2")}, {sum("1"), sum("2"), sum("3"), sum("4")}, {}}},
		{Line: 5, Layers: [][]string{{sum("2")}}},
	}
	known.Builds = nil
	if b := Recognise(art, known); b.KnownBy != sekisho.BaseByAnnotation {
		t.Errorf("%+v", b)
	}
	for _, l := range art.Layers {
		if l.Line != 0 {
			t.Errorf("line %d", l.Line)
		}
	}
}

// Materials alone are a base when there is but one image beside the tools.
func TestMaterialsAlone(t *testing.T) {
	for _, tt := range []struct {
		materials []string
		want      string
	}{
		{[]string{"pkg:docker/debian@12 " + sum("8")}, "debian:12"},
		{[]string{"pkg:docker/docker/dockerfile@1.7 " + sum("7"), "pkg:docker/127.0.0.1%3A5000/team/b@2?platform=linux%2Farm64 " + sum("8")}, "127.0.0.1:5000/team/b:2"},
		{[]string{"pkg:docker/golang@1.22 " + sum("7"), "pkg:docker/debian@12 " + sum("8")}, ""},
		{[]string{"https://example.com/src.git#main sha1:00", "pkg:npm/a@1"}, ""},
		{[]string{"pkg:docker/%zz@1"}, ""},
	} {
		art := opened("1a", "2b")
		art.Image.Provenance = &sekisho.Provenance{PredicateType: "x", Materials: tt.materials}
		b := Recognise(art, Known{})
		got := ""
		if b != nil {
			got = b.Name
		}
		if got != tt.want {
			t.Errorf("%v: %q, want %q", tt.materials, got, tt.want)
		}
	}
}

// A chain matches layers in their order, from the lowest on, and all of them.
func TestChain(t *testing.T) {
	x := &Index{Version: indexVersion}
	for name, layers := range map[string][]string{"one:1": {"1a"}, "two:1": {"1a", "2b"}, "also-two:1": {"1a", "2b"}, "other:1": {"1b", "2a"}, "long:1": {"1a", "2b", "3c", "4d"}} {
		art := opened(layers...)
		art.Target.ConfigDigest = ""
		if _, err := x.Add(art, name, "2026-01-01"); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		layers []string
		want   string
		n      int
	}{
		{[]string{"1a", "2b", "3d"}, "also-two:1 [two:1]", 2},
		{[]string{"1a", "2c"}, "one:1 []", 1},
		{[]string{"1a", "2b"}, "also-two:1 [two:1]", 2}, // only its configuration is its own
		{[]string{"1b", "2a", "3c"}, "other:1 []", 2},
		{[]string{"1b", "2c"}, "", 0},
		{[]string{"1c", "2a", "3b"}, "", 0}, // the layers, but not the lowest
		{[]string{"1d"}, "", 0},
	} {
		b := Recognise(opened(tt.layers...), Known{Index: x})
		got, n := "", 0
		if b != nil {
			got, n = fmt.Sprint(b.Name, " ", b.Names), b.Layers
		}
		if got != tt.want || n != tt.n {
			t.Errorf("%v: %q %d, want %q %d", tt.layers, got, n, tt.want, tt.n)
		}
	}
	// An image of the index is not its own base, but stands on a shorter one.
	self := opened("1a", "2b")
	for i := range x.Bases {
		if x.Bases[i].Layers == 2 {
			for j := range x.Bases[i].Names {
				x.Bases[i].Names[j].Config = self.Target.ConfigDigest
			}
		}
	}
	if b := Recognise(self, Known{Index: x}); b == nil || b.Name != "one:1" {
		t.Errorf("of itself: %+v", b)
	}
}

func TestChainID(t *testing.T) {
	// sha256("sha256:aa... sha256:bb..."), by sha256sum(1).
	got := chains(opened("1a", "2b").Layers)
	if got[0] != sum("a") || got[1] != chainAB {
		t.Errorf("%v", got)
	}
	missing := opened("1a", "2b", "3c")
	missing.Layers[1].DiffID = ""
	if got := chains(missing.Layers); got[1] != "" || got[2] != "" {
		t.Errorf("behind an unknown layer: %v", got)
	}
}

const chainAB = "sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c"

// What an annotation claims is verified by the layers, where they are known, and
// split by them; layers of another image verify nothing.
func TestClaimIsVerified(t *testing.T) {
	for _, tt := range []struct {
		claim, digest   string
		verified, split bool
	}{
		{"docker.io/library/chained:1", "", true, true},
		{"chained:1", "", true, true},
		{"chained:2", "", false, false},
		{"other:1", "", false, false},
		{"x:1", sum("5"), true, true},
		{"chained:1", sum("6"), false, false}, // the tag named another image then
	} {
		art, known := every(t)
		known.Builds, art.Image.Provenance, art.Image.History = nil, nil, nil
		known.Index.Bases[0].Names[0].Digest = sum("5")
		art.Image.Annotations = map[string]string{"org.opencontainers.image.base.name": tt.claim}
		if tt.digest != "" {
			art.Image.Annotations["org.opencontainers.image.base.digest"] = tt.digest
		}
		b := Recognise(art, known)
		if b.KnownBy != sekisho.BaseByAnnotation || b.Verified != tt.verified || b.Split != tt.split {
			t.Errorf("%s %s: %+v", tt.claim, tt.digest, b)
		}
	}
}

// buildah says in the history where its own steps begin.
func TestComment(t *testing.T) {
	art := opened("1a", "2b", "3c")
	art.Image.History = history("ADD rootfs.tar /", "RUN one", "RUN two")
	art.Image.History[1].Comment = "FROM docker.io/library/debian:12"
	art.Image.History[2].Comment = "FROM 0123456789ab"
	art.Image.Annotations = map[string]string{"org.opencontainers.image.base.name": "docker.io/library/debian:12"}
	if b := Recognise(art, Known{}); !b.Split || b.Layers != 1 || b.SplitBy != sekisho.BaseByAnnotation {
		t.Errorf("%+v", b)
	}
	art.Image.Annotations["org.opencontainers.image.base.name"] = "docker.io/library/debian:11"
	if b := Recognise(art, Known{}); b.Split {
		t.Errorf("of another name: %+v", b)
	}
}

func TestGuess(t *testing.T) {
	for _, tt := range []struct {
		name    string
		history []string
		hours   []int
		want    int
	}{
		{"a command, and much later own steps", []string{"ADD r /", `-CMD ["bash"]`, "RUN a"}, []int{0, 0, 5}, 1},
		{"the last such place", []string{"ADD r /", `-CMD ["bash"]`, "RUN a", `-ENTRYPOINT ["n"]`, "RUN b"}, []int{0, 0, 5, 5, 9}, 2},
		{"no command", []string{"ADD r /", "RUN a"}, []int{0, 5}, 0},
		{"made at once", []string{"ADD r /", `-CMD ["bash"]`, "RUN a"}, []int{0, 0, 0}, 0},
		{"nothing own", []string{"ADD r /", `-CMD ["bash"]`}, []int{0, 5}, 0},
		{"no layer below", []string{`-CMD ["bash"]`, "RUN a", "RUN b"}, []int{0, 5, 5}, 0},
	} {
		h := history(tt.history...)
		for i := range h {
			h[i].Created = at(tt.hours[i])
		}
		art := opened("1a", "2b", "3c")
		art.Layers = art.Layers[:filled(h)]
		art.Image.History = h
		b := Recognise(art, Known{})
		switch {
		case tt.want == 0 && b != nil:
			t.Errorf("%s: %+v", tt.name, b)
		case tt.want > 0 && (b == nil || b.KnownBy != sekisho.BaseByGuess || b.Layers != tt.want):
			t.Errorf("%s: %+v", tt.name, b)
		}
	}
}

func TestNoImage(t *testing.T) {
	if b := Recognise(&sekisho.Artifact{Layers: []sekisho.Layer{{}}}, Known{}); b != nil {
		t.Errorf("%+v", b)
	}
}

// A package that an own layer upgraded is own; what no layer brought in has no
// origin.
func TestAttribute(t *testing.T) {
	r := &sekisho.Result{Layers: opened("1a", "2b").Layers, Base: &sekisho.BaseImage{Split: true, Layers: 1, KnownBy: sekisho.BaseByChain}}
	r.Layers[1].File, r.Layers[1].Line = "Dockerfile", 4
	shared := &sekisho.Introduction{Index: 1}
	r.Packages = []sekisho.Package{{Introduced: shared}}
	r.Findings = []sekisho.Finding{
		{Introduced: &sekisho.Introduction{Index: 0}},
		{Introduced: shared},
		{Layer: sum("a")},
		{Layer: sum("b")},
		{},
		{Introduced: &sekisho.Introduction{Index: 9}},
		{Introduced: &sekisho.Introduction{Index: 0}, Suppressed: &sekisho.Suppression{}},
	}
	Attribute(r)
	var got []string
	for _, f := range r.Findings {
		got = append(got, f.Origin)
	}
	if d := cmp.Diff([]string{"base", "own", "base", "own", "", "", "base"}, got); d != "" {
		t.Error(d)
	}
	if in := r.Packages[0].Introduced; in.File != "Dockerfile" || in.Line != 4 {
		t.Errorf("%+v", in)
	}
	r.Base.Split = false
	Attribute(r)
	if r.Findings[0].Origin != "" {
		t.Error("an origin without a split")
	}
}

func TestIndex(t *testing.T) {
	x, err := ParseIndex(nil)
	if err != nil {
		t.Fatal(err)
	}
	add := func(name string, layers ...string) bool {
		t.Helper()
		art := opened(layers...)
		art.Target.Digest = sum(layers[len(layers)-1][:1])
		art.Target.Platform = &sekisho.Platform{OS: "linux", Architecture: "amd64"}
		fresh, err := x.Add(art, name, "2026-01-01")
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	if !add("b:1", "1a", "2b") || add("a:1", "1a", "2b") || !add("c:1", "1a") {
		t.Error("new or not")
	}
	// The tag moved: it means the new layers alone.
	if !add("a:1", "3c") || len(x.Bases) != 3 {
		t.Errorf("%+v", x.Bases)
	}
	one, err := x.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseIndex(one)
	if err != nil {
		t.Fatal(err)
	}
	two, err := back.Encode()
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("%v: read and written it differs", err)
	}
	if back.Remove("a:1") != 1 || back.Remove(sum("2")) != 1 || back.Remove("a:1") != 0 || back.Remove("") != 0 || len(back.Bases) != 1 {
		t.Errorf("%+v", back.Bases)
	}
	if _, err := x.Add(&sekisho.Artifact{}, "x", ""); err == nil {
		t.Error("added no image")
	}
	unknown := opened("1a")
	unknown.Layers[0].DiffID = "sha256:zz"
	if _, err := x.Add(unknown, "x", ""); err == nil {
		t.Error("added a layer without diff id")
	}
	for _, bad := range []string{"{", "[]", `{"version":2}`, `{"version":1,"bases":[{"chain":"x","layers":1,"names":[{"name":"a"}]}]}`, `{"version":1,"bases":[{"chain":"` + sum("a") + `","layers":0,"names":[{"name":"a"}]}]}`, `{"version":1,"bases":[{"chain":"` + sum("a") + `","layers":1}]}`} {
		if _, err := ParseIndex([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add([]byte(`{"version":1,"bases":[{"chain":"` + sum("a") + `","layers":1,"names":[{"name":"a:1"}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ParseIndex(b)
		if err != nil {
			return
		}
		x.longest(chains(opened("1a", "2b").Layers), "")
		out, err := x.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseIndex(out); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
	})
}

func TestSameName(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"debian:12", "docker.io/library/debian:12", true},
		{"debian", "debian:latest", true},
		{"team/a:1", "docker.io/team/a:1", true},
		{"index.docker.io/library/debian:12", "debian:12", true},
		{"localhost:5000/a", "localhost:5000/a:latest", true},
		{"debian:12", "debian:11", false},
		{"example.com/debian:12", "debian:12", false},
		{"debian:12@" + sum("a"), "debian:13@" + sum("a"), true},
		{"debian:12@" + sum("a"), "debian:12@" + sum("b"), false},
		{"debian@" + sum("a"), "debian:12", true},
		{"", "", false},
	} {
		if got := sameName(tt.a, tt.b); got != tt.want {
			t.Errorf("sameName(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := sameName(tt.b, tt.a); got != tt.want {
			t.Errorf("sameName(%q, %q) = %v", tt.b, tt.a, got)
		}
	}
}

// A builder's note that all layers are the base's is corrected by what the index
// knows of that base: else an image could give its own flaws away.
func TestClaimYieldsToTheIndex(t *testing.T) {
	art, known := every(t)
	all := []string{sum("1"), sum("2"), sum("3")}
	art.Image.Provenance.Build.Steps = []sekisho.BuildStep{{Image: "docker.io/library/chained:1", Line: 1, Layers: [][]string{all}}}
	b := Recognise(art, known)
	if b == nil || b.KnownBy != sekisho.BaseByProvenance || !b.Verified || b.Layers != 1 || b.SplitBy != sekisho.BaseByChain {
		t.Errorf("%+v", b)
	}
	known.Index = nil
	if b := Recognise(art, known); b == nil || b.Verified || b.Layers != 3 {
		t.Errorf("without an index: %+v", b)
	}
}

func TestNamesThatAreKept(t *testing.T) {
	for name, good := range map[string]bool{
		"debian:12": true, "registry.example.com:5000/a/b:1@" + sum("1"): true, "./images/base.tar": true,
		"": false, "a b": false, "a\n": false, "\x1b[2Jdebian": false, "a\u202e": false, "a\u200bb": false, "a\xff": false, strings.Repeat("a", 600): false,
	} {
		x := &Index{Version: indexVersion}
		if _, err := x.Add(opened("1a"), name, "2026-01-01"); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
	x := &Index{Version: indexVersion}
	if _, err := x.Add(opened("1a"), "debian:12", "2026-01-01"); err != nil {
		t.Fatal(err)
	}
	if n := x.Meant(opened("1a"), "debian:12") + x.Meant(opened("1b", "2c"), "other:1"); n != 0 {
		t.Errorf("nothing moved, and it says %d", n)
	}
	if n := x.Meant(opened("1b", "2c"), "debian:12"); n != 1 {
		t.Errorf("the name moves from %d layers", n)
	}
}

// An index that could not be read again is not written.
func TestIndexThatGrowsTooLarge(t *testing.T) {
	x := &Index{Version: indexVersion, Bases: []Entry{{Chain: sum("a"), Layers: 1}}}
	for i := range 40_000 {
		x.Bases[0].Names = append(x.Bases[0].Names, Named{Name: fmt.Sprint(strings.Repeat("a", 500), i)})
	}
	if _, err := x.Encode(); err == nil {
		t.Error("it was written")
	}
}
