// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/base"
)

func TestBuild(t *testing.T) {
	text := strings.Join([]string{
		"# syntax=docker/dockerfile:1",
		"ARG TAG=12",
		"ARG BASE=example.com/team/base:1",
		"FROM --platform=$BUILDPLATFORM golang:1.22 AS Build",
		"RUN --mount=type=cache,target=/c go build \\",
		"    # between",
		"    -o /app",
		"FROM debian:${TAG} AS debian",
		"RUN <<EOF",
		"apt-get update",
		"apt-get install -y curl",
		"EOF",
		"FROM ${BASE}",
		"FROM debian",
		"COPY --from=build /app /app",
		"RUN cat <<X > /y",
		"z",
		"X",
	}, "\n")
	want := &base.Build{File: "Dockerfile", Stages: []base.Stage{
		{Name: "build", From: "golang:1.22", Written: "golang:1.22", Known: true, Parent: -1, Line: 4, Column: 32, Steps: []base.Step{
			{Keyword: "RUN", Line: 5, Texts: []string{"go build     -o /app", "--mount=type=cache,target=/c go build     -o /app"}},
		}},
		{Name: "debian", From: "debian:12", Written: "debian:${TAG}", Known: true, Parent: -1, Line: 8, Column: 6, Steps: []base.Step{
			{Keyword: "RUN", Line: 9, Texts: []string{"<<EOF", "<<EOF\napt-get update\napt-get install -y curl\nEOF", "apt-get update\napt-get install -y curl\n", "/dev/pipes/EOF"}},
		}},
		{From: "example.com/team/base:1", Written: "${BASE}", Known: true, Parent: -1, Line: 13, Column: 6, Arg: "BASE", ArgLine: 3},
		{From: "debian", Written: "debian", Known: true, Parent: 1, Line: 14, Column: 6, Steps: []base.Step{
			{Keyword: "COPY", Line: 15, Texts: []string{"--from=build /app /app"}},
			{Keyword: "RUN", Line: 16, Texts: []string{"cat <<X > /y", "cat <<X > /y\nz\nX"}},
		}},
	}}
	got := Build("Dockerfile", []byte(text), nil)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got.Final() != 3 || got.Root(3) != 1 {
		t.Errorf("final %d on %d", got.Final(), got.Root(3))
	}
	if d := cmp.Diff([]string{"debian:12", "golang:1.22", "example.com/team/base:1"}, got.Bases()); d != "" {
		t.Error(d)
	}
	given := Build("Dockerfile", []byte(text), map[string]string{"TAG": "13", "OTHER": "x"})
	if s := given.Stages[1]; s.From != "debian:13" || given.Stages[3].Parent != 1 {
		t.Errorf("with an argument: %+v", s)
	}
	for _, none := range []string{"", "RUN x", "# FROM x", strings.Repeat("x", maxFile+1)} {
		if b := Build("Dockerfile", []byte(none), nil); b != nil {
			t.Errorf("%.20q: %+v", none, b)
		}
	}
}

func FuzzBuild(f *testing.F) {
	f.Add("FROM a AS b\nFROM b\nRUN <<E\nx\nE\n", "x")
	f.Add("ARG X=a\nFROM --platform=p ${X:-b}@sha256:0\nONBUILD RUN x\nCOPY <<E /e\nE", "")
	f.Fuzz(func(t *testing.T, text, arg string) {
		b := Build("Dockerfile", []byte(text), map[string]string{"X": arg})
		if b == nil {
			return
		}
		for i := range b.Stages {
			if s := b.Stages[i]; s.Parent >= i || s.Line < 1 {
				t.Fatalf("stage %d: %+v", i, s)
			}
			b.Root(i)
		}
		b.Bases()
	})
}
