// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// statementV1 writes a statement of SLSA 0.2 in the form of 1.0, as BuildKit
// itself converts one (docs/attestations/slsa-definitions.md), with the lower
// case names of kinds that newer versions use.
func statementV1(t *testing.T, raw []byte) []byte {
	t.Helper()
	var s map[string]any
	if err := json.Unmarshal(bytes.ReplaceAll(raw, []byte(`"Source":`), []byte(`"source":`)), &s); err != nil {
		t.Fatal(err)
	}
	p := s["predicate"].(map[string]any)
	meta, invocation := p["metadata"].(map[string]any), p["invocation"].(map[string]any)
	s["predicateType"] = "https://slsa.dev/provenance/v1"
	s["predicate"] = map[string]any{
		"buildDefinition": map[string]any{
			"buildType": "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md", "resolvedDependencies": p["materials"],
			"externalParameters": map[string]any{"request": invocation["parameters"]}, "internalParameters": map[string]any{"buildConfig": p["buildConfig"]},
		},
		"runDetails": map[string]any{"builder": p["builder"], "metadata": map[string]any{"buildkit_metadata": meta["https://mobyproject.org/buildkit@v1#metadata"]}},
	}
	out, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What BuildKit 0.17 noted with mode=max of a build of two stages.
func TestBuildRecord(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "buildkit-max.json"))
	if err != nil {
		t.Fatal(err)
	}
	var read []*sekisho.BuildRecord
	for _, b := range [][]byte{raw, statementV1(t, raw)} {
		var p sekisho.Provenance
		if err := parseStatement(b, "sha256:00", &p); err == nil {
			t.Error("a statement about another image was taken")
		}
		p = sekisho.Provenance{}
		subject := "sha256:65b4eef60c70aa9217d231af3a4989239b7ed8e2b8536b7b36680c4c5826ae94"
		if err := parseStatement(b, subject, &p); err != nil {
			t.Fatal(err)
		}
		if len(p.Materials) != 2 {
			t.Errorf("%v", p.Materials)
		}
		read = append(read, p.Build)
	}
	if d := cmp.Diff(read[0], read[1]); d != "" {
		t.Errorf("0.2 and 1.0 differ:\n%s", d)
	}
	r := read[0]
	if r.File != "Dockerfile" || !bytes.HasPrefix(r.Text, []byte("# The image of the tests of base images.\nARG REGISTRY")) {
		t.Errorf("%q %q", r.File, r.Text)
	}
	type seen struct {
		Image  string
		Line   int
		Layers int
	}
	var got []seen
	for _, s := range r.Steps {
		n := 0
		for _, l := range s.Layers {
			n = max(n, len(l))
		}
		got = append(got, seen{s.Image, s.Line, n})
	}
	want := []seen{{"base.example.com/team/base:1", 6, 2}, {"", 8, 3}, {"base.example.com/team/golang:1", 3, 1}, {"", 9, 4}, {"", 10, 5}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// A step that stands at two places of the file, or in another file, has no line.
func TestBuildRecordLine(t *testing.T) {
	for in, want := range map[string]int{
		`{"locations":[{"ranges":[{"start":{"line":9}},{"start":{"line":4}}]}]}`:              4,
		`{"locations":[{"ranges":[{"start":{"line":4}}]},{"ranges":[{"start":{"line":9}}]}]}`: 0,
		`{"locations":[{"sourceIndex":1,"ranges":[{"start":{"line":4}}]}]}`:                   0,
		`{"locations":[{"ranges":[{"start":{"line":-4}}]}]}`:                                  0,
		`{}`: 0,
	} {
		var b buildkit
		if err := json.Unmarshal([]byte(`{"source":{"locations":{"step1":`+in+`}}}`), &b); err != nil {
			t.Fatal(err)
		}
		if got := b.line("step1"); got != want {
			t.Errorf("%s: line %d, want %d", in, got, want)
		}
	}
}

func TestParseStageSBOM(t *testing.T) {
	const about = `"subject":[{"digest":{"sha256":"00"}}],`
	for _, tt := range []struct {
		in, want string
		bad      bool
	}{
		{in: `{"predicateType":"https://spdx.dev/Document",` + about + `"predicate":{"name":"sbom-build"}}`, want: "build"},
		{in: `{"predicateType":"https://spdx.dev/Document",` + about + `"predicate":{"name":"/run/src/extras/sbom-build"}}`, want: "build"},
		{in: `{"predicateType":"https://spdx.dev/Document",` + about + `"predicate":{"name":"sbom"}}`},
		{in: `{"predicateType":"https://spdx.dev/Document","predicate":{"name":"sbom-"}}`},
		{in: `{"predicateType":"https://spdx.dev/Document","subject":[{"digest":{"sha256":"01"}}],"predicate":{"name":"sbom-build"}}`, bad: true},
		{in: `{"predicateType":"https://slsa.dev/provenance/v1","predicate":{"name":"sbom-build"}}`, bad: true},
		{in: `{"predicateType":"https://spdx.dev/Document"}`, bad: true},
		{in: `{`, bad: true},
	} {
		s, err := parseStageSBOM([]byte(tt.in), "sha256:00")
		got := ""
		if s != nil {
			got = s.Stage
		}
		if got != tt.want || (err != nil) != tt.bad {
			t.Errorf("%s: %q, %v", tt.in, got, err)
		}
	}
}

func FuzzParseStageSBOM(f *testing.F) {
	f.Add([]byte(`{"predicateType":"https://spdx.dev/Document","subject":[{"digest":{"sha256":"00"}}],"predicate":{"name":"sbom-build"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := parseStageSBOM(b, "sha256:00"); err == nil && s != nil && (s.Stage == "" || len(s.Document) == 0) {
			t.Fatalf("%+v", s)
		}
	})
}

func FuzzParseStatement(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "buildkit-max.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:len(raw)/2])
	f.Add([]byte(`{"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"internalParameters":{"buildConfig":{"llbDefinition":[{"id":"step0","op":{"Op":{"source":{"identifier":"docker-image://a"}}}}]}}},"runDetails":{"metadata":{"buildkit_metadata":{"source":{"locations":{"step0":{"locations":[{"ranges":[{"start":{"line":-1}}]}]}}},"layers":{"step0:0":[[{"digest":"x"}]]}}}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p sekisho.Provenance
		if err := parseStatement(b, "sha256:00", &p); err != nil || p.Build == nil {
			return
		}
		for _, s := range p.Build.Steps {
			if s.Line < 0 || len(s.Layers) > maxStacks {
				t.Fatalf("%+v", s)
			}
		}
	})
}
