// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// basedImage is the image of the other tests on a known base.
func basedImage() *sekisho.Result {
	r := judgedImage()
	r.Base = &sekisho.BaseImage{
		Name: "debian:12", Digest: "sha256:" + strings.Repeat("a", 64), KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 1, File: "Dockerfile", Line: 1,
		Candidates: []sekisho.BaseCandidate{{Name: "debian:13", Removes: 2, Adds: 1, Keeps: 3, Risk: 9, RemovesByClass: map[sekisho.RiskClass]int{sekisho.ActNow: 2}, AddsByClass: map[sekisho.RiskClass]int{sekisho.Track: 1}, RemovesKEV: []string{"CVE-2023-4911"}}},
	}
	r.Coverage.BuilderStages = sekisho.BuildersInPart
	r.Builders = []sekisho.BuilderImage{{Name: "golang:1.22", Assessed: true, Packages: 4, Findings: []sekisho.Finding{{Origin: sekisho.OriginBuilder, Risk: &sekisho.Risk{Class: sekisho.Track}}}}, {Name: "node:20", Error: "nobody has it"}}
	r.Layers[1].File, r.Layers[1].Line = "Dockerfile", 3
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Origin = sekisho.OriginOwn
		if f.Introduced == nil {
			continue
		}
		in := *f.Introduced
		switch in.Index {
		case 0:
			f.Origin = sekisho.OriginBase
		case 1:
			in.File, in.Line = "Dockerfile", 3
		}
		f.Introduced = &in
	}
	return r
}

// Every format for people says the split in one line, in both languages, and the
// lines of the Dockerfile; the others have them as properties.
func TestBaseInReports(t *testing.T) {
	fromBase, all := baseCount(basedImage())
	if fromBase == 0 || fromBase == all {
		t.Fatalf("%d of %d", fromBase, all)
	}
	for _, tt := range []struct {
		format string
		lang   message.Lang
		want   []string
	}{
		{"table", message.En, []string{"debian:12; ", "findings come from it (layer 1 of 4, known by the builder's provenance, claimed, not verified, FROM in Dockerfile:1)", "debian:13 would remove 2 findings (act now 2, known exploited: CVE-2023-4911) and add 1 (track 1); 3 stay", "Dockerfile:3 RUN apt-get", "golang:1.22: 4 packages, 1 finding (track 1), only in a builder stage", "node:20: not assessed: nobody has it", "builder stages: assessed in part"}},
		{"table", message.Ja, []string{"ベースイメージ: debian:12", "ビルド用ステージ", "悪用確認済み"}},
		{"markdown", message.En, []string{"Base image: debian:12", "findings come from it", "debian:13 would remove 2"}},
		{"html", message.En, []string{"Base image", "findings come from it", "debian:13 would remove 2", "Dockerfile:3 RUN apt-get", "builder stages: assessed in part"}},
		{"sarif", message.En, []string{`"origin": "base"`, `"origin": "own"`, `"dockerfile": "Dockerfile:3"`, `"knownBy": "provenance"`, `"baseText": "debian:12; `}},
		{"json", message.En, []string{`"origin": "base"`, `"knownBy": "provenance"`, `"builderStages": "in-part"`, `"line": 3`}},
		{"junit", message.En, []string{"Dockerfile:3 RUN apt-get"}},
		{"gitlab", message.En, []string{"Dockerfile:3 RUN apt-get"}},
	} {
		var b bytes.Buffer
		if err := Write(&b, tt.format, basedImage(), Options{Lang: tt.lang, Width: 100}); err != nil {
			t.Fatalf("%s: %v", tt.format, err)
		}
		text := strings.Join(strings.Fields(b.String()), " ")
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s %s: %q is not in it\n%.3000s", tt.format, tt.lang, want, text)
			}
		}
	}
}

func TestBaseText(t *testing.T) {
	r := basedImage()
	for _, tt := range []struct {
		base *sekisho.BaseImage
		want string
	}{
		{nil, ""},
		{&sekisho.BaseImage{Name: "scratch", KnownBy: sekisho.BaseByDockerfile, Split: true}, "none: it is built from scratch, and every layer is its own"},
		{&sekisho.BaseImage{KnownBy: sekisho.BaseByGuess, Split: true, Layers: 2}, "an image with Debian GNU/Linux 12 (bookworm); "},
		{&sekisho.BaseImage{Name: "a:1", KnownBy: sekisho.BaseByLabel}, "a:1; known by labels, which may be inherited, claimed, not verified; which layers are its own is not known"},
		{&sekisho.BaseImage{Name: "a:1", KnownBy: sekisho.BaseByAnnotation, Verified: true, Split: true, Layers: 4, SplitBy: sekisho.BaseByChain}, "(all 4 layers, known by the annotations of the manifest, verified, number of layers: known by its layers"},
		{&sekisho.BaseImage{Name: "a:1", Names: []string{"b:1"}, KnownBy: sekisho.BaseByChain, Split: true, Layers: 2, Moved: true, Current: "sha256:0123456789abcdef"}, "(layers 1-2 of 4, known by its layers, which are in the index of bases); the same layers as b:1; its tag names a newer image now: sha256:0123456789a…"},
	} {
		r.Base = tt.base
		got := BaseText(r, message.En)
		if guess := tt.base != nil && tt.base.KnownBy == sekisho.BaseByGuess; guess != strings.Contains(got, "a guess by the history") {
			t.Error(got)
		}
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%q is not in %q", tt.want, got)
		}
	}
}

func TestBaseActionTexts(t *testing.T) {
	for _, tt := range []struct {
		a        sekisho.Action
		en, note string
	}{
		{sekisho.Action{Kind: sekisho.ActionMoveBase, Subject: "a:1", To: "a:2", Packages: []string{"x"}, Path: "Dockerfile", Lines: []int{2}, Closes: []string{"1"}, Remaining: 4, Adds: 1}, "Build on a:2 instead of a:1 (1 package: x) - Dockerfile:2", "closes 1, 4 remain, 1 of them new"},
		{sekisho.Action{Kind: sekisho.ActionRebuildBase, Subject: "a:1", Packages: []string{"x", "y"}, Closes: []string{"1"}}, "Rebuild: the tag a:1 names a newer image (2 packages: x, y)", "closes 1"},
		{sekisho.Action{Kind: sekisho.ActionUpgradeOwn, Subject: "Debian 12", Packages: []string{"x"}, Path: "Dockerfile", Lines: []int{4, 9}, Closes: []string{"1"}}, "Upgrade 1 package above the base, in a layer of your own (x) - Dockerfile:4,9", "closes 1"},
	} {
		r := &sekisho.Result{}
		if got := actionText(r, &tt.a, message.En); got != tt.en {
			t.Errorf("%q, want %q", got, tt.en)
		}
		if got := actionNotes(&tt.a, message.En); got != tt.note {
			t.Errorf("%q, want %q", got, tt.note)
		}
		if ja := actionText(r, &tt.a, message.Ja); ja == tt.en || !strings.Contains(ja, "個") {
			t.Error(ja)
		}
	}
}
