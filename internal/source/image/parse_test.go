// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestParseDocument(t *testing.T) {
	d := "sha256:" + strings.Repeat("0", 64)
	config := `"config":{"digest":"` + d + `"}`
	for _, tt := range []struct{ name, raw, mediaType, want string }{
		{"schema 1 by type", `{}`, "application/vnd.docker.distribution.manifest.v1+prettyjws", "schema 1"},
		{"schema 1 by shape", `{"schemaVersion":1,"fsLayers":[]}`, "", "schema 1"},
		{"both", `{"manifests":[],"layers":[],` + config + `}`, "", "an index and an image at once"},
		{"neither", `{"schemaVersion":2}`, "text/html", `"text/html" is neither`},
		{"not JSON", `<html>`, ociManifest, "it is no manifest"},
		{"no config", `{"layers":[]}`, "", "names no configuration"},
		{"bad digest", `{"config":{"digest":"sha256:../../etc/passwd"}}`, "", "hash"},
		{"layer without digest", `{` + config + `,"layers":[{"size":1}]}`, "", "layer 1 has no digest"},
		{"many layers", `{` + config + `,"layers":[` + strings.Repeat(`{"digest":"`+d+`"},`, maxLayers) + `{"digest":"` + d + `"}]}`, "", "1025 layers"},
		{"many values", `{` + config + `,"layers":[` + strings.Repeat(`null,`, document.MaxValues) + `null]}`, "", "more than the 200000"},
		{"large", `{"x":"` + strings.Repeat("x", maxManifest) + `"}`, "", "more than the 8388608"},
	} {
		_, err := parseDocument([]byte(tt.raw), tt.mediaType, "example.com/x")
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "example.com/x") {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	for _, tt := range []struct {
		name, raw, mediaType string
		index                bool
	}{
		{"docker list", `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[]}`, "", true},
		{"docker schema 2", `{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",` + config + `,"layers":[]}`, "text/plain", false},
		{"oci without type", `{"schemaVersion":2,` + config + `}`, "application/vnd.oci.image.manifest.v1+json; charset=utf-8", false},
		{"oci index without type", `{"schemaVersion":2,"manifests":[]}`, "", true},
	} {
		doc, err := parseDocument([]byte(tt.raw), tt.mediaType, "x")
		if err != nil || (doc.index != nil) != tt.index || (doc.manifest != nil) == tt.index {
			t.Errorf("%s: %+v, %v", tt.name, doc, err)
		}
	}
}

func TestInstruction(t *testing.T) {
	for in, want := range map[string]string{
		"/bin/sh -c #(nop) ADD file:1234 in / ":                   "ADD file:1234 in /",
		"/bin/sh -c #(nop)  CMD [\"sh\"]":                         `CMD ["sh"]`,
		"/bin/sh -c apt-get update && apt-get install":            "RUN apt-get update && apt-get install",
		"RUN /bin/sh -c apk add curl # buildkit":                  "RUN apk add curl",
		"COPY app /app # buildkit":                                "COPY app /app",
		"RUN |2 TOKEN=secret word B=2 /bin/sh -c make # buildkit": "RUN make",
		"|1 A=b /bin/sh -c make":                                  "RUN make",
		"|1 A=b make all":                                         "RUN make all",
		"RUN |1 A=b /bin/bash -o pipefail -c make # buildkit":     "RUN /bin/bash -o pipefail -c make",
		"RUN |1 A=b make":                                         "RUN make",
		"cmd /S /C #(nop) COPY dir:1 in C:\\":                     "COPY dir:1 in C:\\",
		"cmd /S /C dir":                                           "RUN dir",
		"bazel build ...":                                         "bazel build ...",
		"|":                                                       "|",
		"":                                                        "",
	} {
		if got := instruction(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

func TestConfigLeniency(t *testing.T) {
	c, problems, err := parseConfig([]byte(`{"os":"linux","architecture":"amd64","created":"yesterday","config":{"Cmd":"sh","User":"app"},"history":[{"created_by":"x","created":"0001-01-01T00:00:00Z"}]}`), "x")
	if err != nil || len(problems) != 1 || !problems[0].Minor {
		t.Fatalf("%v %v", problems, err)
	}
	img := c.image()
	if img.User != "app" || img.Created != nil || img.History[0].Created != nil || c.platform().String() != "linux/amd64" {
		t.Errorf("%+v", img)
	}
	// History that does not account for each layer is not guessed at.
	layers := make([]sekisho.Layer, 2)
	if got := c.describe(layers); len(got) != 1 || layers[0].Instruction != "" {
		t.Errorf("%v %+v", got, layers)
	}
	if _, _, err := parseConfig([]byte("nope"), "x"); err == nil {
		t.Error("garbage was read")
	}
	if _, _, err := parseConfig(bytes.Repeat([]byte(" "), maxConfig+1), "x"); err == nil {
		t.Error("a huge configuration was read")
	}
}

func TestRank(t *testing.T) {
	parse := func(s string) sekisho.Platform {
		p, err := sekisho.ParsePlatform(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for want, order := range map[string][]string{ // best first; after "-" what does not serve
		"linux/amd64":    {"linux/amd64", "linux/amd64/v2", "-", "linux/386", "windows/amd64"},
		"linux/amd64/v3": {"linux/amd64/v3", "linux/amd64/v2", "linux/amd64", "-", "linux/amd64/v4"},
		"linux/arm":      {"linux/arm", "linux/arm/v7", "linux/arm/v6", "linux/arm/v5", "linux/arm/v8", "-", "linux/arm64"},
		"linux/arm/v6":   {"linux/arm/v6", "linux/arm/v5", "-", "linux/arm/v7", "linux/arm"},
		"linux/arm/v7":   {"linux/arm/v7", "linux/arm/v6", "linux/arm/v5", "-", "linux/arm/v8"},
		"linux/arm64":    {"linux/arm64/v8", "linux/arm64/v9", "-", "linux/arm/v8"},
		"linux/arm64/v8": {"linux/arm64", "linux/arm64/v9", "-", "linux/arm/v8"},
		"linux/arm64/v9": {"linux/arm64/v9", "linux/arm64/v8"},
		"linux/aarch64":  {"linux/arm64", "-", "linux/amd64"},
		"linux/x86_64":   {"linux/amd64"},
		"linux/ppc64le":  {"linux/ppc64le", "linux/ppc64le/power9", "-", "linux/ppc64"},
	} {
		last, out := 1000, false
		for _, have := range order {
			if have == "-" {
				out = true
				continue
			}
			r := rank(parse(have), parse(want))
			switch {
			case out && r != 0:
				t.Errorf("%s serves %s", have, want)
			case !out && (r == 0 || r >= last):
				t.Errorf("%s for %s ranks %d, the one before %d", have, want, r, last)
			}
			last = r
		}
	}
}

func TestStatement(t *testing.T) {
	subject := "sha256:" + strings.Repeat("1", 64)
	v02 := `{"predicateType":"https://slsa.dev/provenance/v0.2","subject":[{"name":"x","digest":{"sha256":"` + strings.Repeat("1", 64) + `"}}],
		"predicate":{"builder":{"id":"https://example.com/b"},"buildType":"https://mobyproject.org/buildkit@v1",
		"materials":[{"uri":"pkg:docker/alpine@3","digest":{"sha256":"aa"}},{"uri":"https://example.com/x.git#main","digest":{"sha1":"bb"}}],
		"metadata":{"https://mobyproject.org/buildkit@v1#metadata":{"vcs":{"source":"https://example.com/r","revision":"cc"}}}}}`
	p := sekisho.Provenance{Revision: "kept"}
	if err := parseStatement([]byte(v02), subject, &p); err != nil {
		t.Fatal(err)
	}
	want := sekisho.Provenance{
		Source: "https://example.com/r", Revision: "kept", PredicateType: "https://slsa.dev/provenance/v0.2", Builder: "https://example.com/b",
		BuildType: "https://mobyproject.org/buildkit@v1", Materials: []string{"pkg:docker/alpine@3 sha256:aa", "https://example.com/x.git#main sha1:bb"},
	}
	if d := cmp.Diff(want, p); d != "" {
		t.Error(d)
	}
	for raw, words := range map[string]string{
		strings.Replace(v02, "1111", "2222", 1):         "about another image",
		`{"predicateType":"https://spdx.dev/Document"}`: "is not SLSA's",
		`{"predicateType":`:                             "read provenance",
	} {
		p := sekisho.Provenance{}
		wantError(t, parseStatement([]byte(raw), subject, &p), words)
		if d := cmp.Diff(sekisho.Provenance{}, p); d != "" {
			t.Errorf("%s: something was taken over: %s", words, d)
		}
	}
}

func TestFamiliar(t *testing.T) {
	for in, want := range map[string]string{
		"alpine": "alpine:latest", "docker.io/library/alpine:3": "alpine:3", "index.docker.io/team/app": "team/app:latest",
		"localhost:5000/app": "localhost:5000/app:latest", "example.com/app@sha256:00": "example.com/app@sha256:00",
	} {
		if got := familiar(in); got != want {
			t.Errorf("%s gives %s, want %s", in, got, want)
		}
	}
}

func FuzzParseDocument(f *testing.F) {
	x, _, _, _, _ := multi(f)
	for _, b := range x.blobs {
		f.Add(b)
	}
	f.Add([]byte(`{"schemaVersion":2,"manifests":[{"digest":"sha256:00"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := parseDocument(raw, "", "x")
		if (err == nil) == (doc.index == nil && doc.manifest == nil) {
			t.Errorf("%+v, %v", doc, err)
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add(newFixture(f).config("linux", "arm", "v7"), 2)
	f.Add([]byte(`{"history":[{"created_by":"|9 a=b"}]}`), 1)
	f.Fuzz(func(t *testing.T, raw []byte, n int) {
		c, _, err := parseConfig(raw, "x")
		if err != nil {
			return
		}
		c.image()
		layers := make([]sekisho.Layer, n&7)
		c.describe(layers)
		for _, l := range layers {
			if l.DiffID != "" && !validDigest(l.DiffID) {
				t.Errorf("diff id %q", l.DiffID)
			}
		}
	})
}

func FuzzSavedManifest(f *testing.F) {
	f.Add([]byte(`[{"Config":"a.json","RepoTags":["a:1"],"Layers":["b/layer.tar"]}]`), "a:1")
	f.Add([]byte(`[{"Config":"sha256:00"},{"Config":"b"}]`), "@1")
	f.Fuzz(func(t *testing.T, raw []byte, ref string) {
		all, err := parseSaved(raw, "x")
		if err != nil {
			return
		}
		if s, err := pickSaved(all, ref, "x"); err == nil && s.Config == "" {
			t.Errorf("an image without a configuration: %+v", s)
		}
	})
}

func FuzzStatement(f *testing.F) {
	f.Add([]byte(`{"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{"resolvedDependencies":[{"uri":"x","digest":{"sha256":"y"}}]}}}`))
	f.Fuzz(func(_ *testing.T, raw []byte) {
		var p sekisho.Provenance
		_ = parseStatement(raw, "sha256:00", &p)
	})
}

// FuzzArchive opens whatever bytes as an archive and walks it.
func FuzzArchive(f *testing.F) {
	members, _ := classic(f)
	saved := tarOf(f, members...)
	x := newFixture(f)
	x.named(x.image("linux", "amd64", ""), "1")
	f.Add(saved)
	f.Add(tarOf(f, x.members()...))
	f.Add(gzipOf(f, saved))
	f.Add(saved[:len(saved)/2])
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := writeFile(t, "x", raw)
		if kind, err := detect(bytes.NewReader(raw), int64(len(raw))); err != nil || kind != "" && kind != DockerArchive && kind != OCIArchive {
			t.Errorf("detect: %q, %v", kind, err)
		}
		idx, err := indexTar(t.Context(), bytes.NewReader(raw), int64(len(raw)), "x")
		if err == nil {
			for n, e := range idx.entries {
				if e.link == "" && !e.sparse && (e.offset < 0 || e.size < 0 || e.offset+e.size > int64(len(raw))) {
					t.Errorf("%q lies at %d+%d of %d", n, e.offset, e.size, len(raw))
				}
				_, _ = idx.read(t.Context(), n, 1<<20)
			}
		}
		arts, err := OpenArchive(t.Context(), p, Options{Bounds: sekisho.Bounds{TotalBytes: 1 << 20}})
		if err != nil {
			return
		}
		for _, a := range arts {
			_, _ = walk(t, a)
		}
		closeAll(t, arts)
	})
}
