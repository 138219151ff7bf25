// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const slsaV1 = "https://slsa.dev/provenance/v1"

// multi is a layout as BuildKit makes it: an index of three platforms, one of
// them in a nested index, with a provenance for the first.
func multi(t testing.TB) (f *fixture, root, amd, arm, attestation object) {
	f = newFixture(t)
	amd, arm = f.image("linux", "amd64", ""), f.image("linux", "arm64", "v8")
	arm7 := f.image("linux", "arm", "v7")
	st := jsonOf(t, object{
		"_type": "https://in-toto.io/Statement/v0.1", "predicateType": slsaV1,
		"subject": []object{{"name": "x", "digest": object{"sha256": strings.TrimPrefix(amd["digest"].(string), "sha256:")}}},
		"predicate": object{
			"buildDefinition": object{
				"buildType":            "https://example.com/build-type",
				"resolvedDependencies": []object{{"uri": "pkg:docker/alpine@3.20?platform=linux%2Famd64", "digest": object{"sha256": "ab12"}}},
			},
			"runDetails": object{"builder": object{"id": "https://example.com/builder"}, "metadata": object{"buildkit_metadata": object{"vcs": object{"source": "https://example.com/vcs", "revision": "beef"}}}},
		},
	})
	sbom := f.put("application/vnd.in-toto+json", []byte("{}"))
	att := f.put(ociManifest, jsonOf(t, object{
		"schemaVersion": 2, "mediaType": ociManifest, "config": f.put(ociConfig, []byte(`{"os":"unknown","architecture":"unknown"}`)),
		"layers": []object{
			with(sbom, "annotations", object{"in-toto.io/predicate-type": "https://spdx.dev/Document"}),
			with(f.put("application/vnd.in-toto+json", st), "annotations", object{"in-toto.io/predicate-type": slsaV1}),
		},
	}))
	attestation = with(att, "platform", platformJSON("unknown", "unknown", ""), "annotations", object{"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": amd["digest"]})
	root = f.index(
		attestation, // first, so that a careless choice would take it
		with(amd, "platform", platformJSON("linux", "amd64", "")),
		with(arm, "platform", platformJSON("linux", "arm64", "v8")),
		f.index(with(arm7, "platform", platformJSON("linux", "arm", "v7"))),
	)
	f.named(root, "1.0")
	return f, root, amd, arm, attestation
}

func TestIndex(t *testing.T) {
	f, root, amd, arm, attestation := multi(t)
	for _, from := range []struct{ scheme, ref string }{{OCIDir, f.dir()}, {OCIArchive, f.archive()}} {
		t.Run(from.scheme, func(t *testing.T) {
			art := open(t, from.scheme, from.ref, Options{Platform: "linux/amd64"})
			tg := art.Target
			if tg.Digest != amd["digest"] || tg.IndexDigest != root["digest"] || tg.ConfigDigest == "" || tg.Source != from.scheme || tg.Name != from.ref {
				t.Errorf("target %+v", tg)
			}
			if tg.Platform == nil || tg.Platform.String() != "linux/amd64" {
				t.Errorf("platform %v", tg.Platform)
			}
			if len(tg.Platforms) != 4 || !tg.Platforms[0].Attestation || tg.Platforms[0].Subject != amd["digest"] || tg.Platforms[0].Digest != attestation["digest"] || tg.Platforms[3].Platform.String() != "linux/arm/v7" {
				t.Errorf("platforms %+v", tg.Platforms)
			}
			got := contents(t, art)
			want := map[string]string{"etc/os-release": "ID=test\n", "etc/platform": "linux/amd64", "usr/bin/curl": "binary for linux/amd64"}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if len(art.Problems) != 0 {
				t.Errorf("problems %v", art.Problems)
			}
			img := art.Image
			wantProvenance := &sekisho.Provenance{
				Source: "https://example.com/src", Revision: "c0ffee", BaseName: "note.example.com/base", PredicateType: slsaV1,
				Builder: "https://example.com/builder", BuildType: "https://example.com/build-type",
				Materials: []string{"pkg:docker/alpine@3.20?platform=linux%2Famd64 sha256:ab12"},
			}
			if d := cmp.Diff(wantProvenance, img.Provenance); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"53/udp", "8080/tcp"}, img.ExposedPorts); d != "" {
				t.Error(d)
			}
			if img.User != "app" || img.WorkingDir != "/srv" || img.StopSignal != "SIGINT" || len(img.Healthcheck) != 2 || img.Volumes[0] != "/data" || img.Env[0] != "A=b" || img.Author != "someone" || img.Created == nil {
				t.Errorf("image %+v", img)
			}
			if img.Annotations["index"] != "yes" || img.Annotations["org.opencontainers.image.revision"] != "c0ffee" || img.Tags[0] != "1.0" {
				t.Errorf("annotations %v, tags %v", img.Annotations, img.Tags)
			}
			if len(img.History) != 3 || art.Layers[0].Instruction != "ADD file:abc in /" || art.Layers[1].Instruction != "RUN apk add curl" || art.Layers[1].Created == nil {
				t.Errorf("layers %+v", art.Layers)
			}

			// Another platform has no provenance statement, only claims.
			other := open(t, from.scheme, from.ref, Options{Platform: "linux/arm64"})
			if other.Target.Digest != arm["digest"] || other.Image.Provenance.PredicateType != "" || contents(t, other)["etc/platform"] != "linux/arm64v8" {
				t.Errorf("arm64: %+v %+v", other.Target, other.Image.Provenance)
			}
			if p := open(t, from.scheme, from.ref, Options{Platform: "linux/arm"}).Target.Platform; p.String() != "linux/arm/v7" {
				t.Errorf("linux/arm gives %s", p)
			}
			if runtime.GOARCH == "amd64" {
				if p := open(t, from.scheme, from.ref, Options{}).Target.Platform; p.String() != "linux/amd64" {
					t.Errorf("the default gives %s", p)
				}
			}
			_, err := Open(t.Context(), from.scheme, from.ref, Options{Platform: "linux/s390x"})
			wantError(t, err, "has no platform linux/s390x", "linux/amd64, linux/arm64/v8, linux/arm/v7", "--platform")
			if strings.Contains(err.Error(), "unknown") {
				t.Errorf("the attestation is offered: %v", err)
			}
		})
	}
}

func TestAllPlatformsShareAndRelease(t *testing.T) {
	f, _, _, _, _ := multi(t)
	for _, from := range []struct{ scheme, ref string }{{OCIDir, f.dir()}, {"", f.archive()}} {
		before := countOpen(t)
		var arts []*sekisho.Artifact
		var err error
		if from.scheme == "" {
			arts, err = OpenArchive(t.Context(), from.ref, Options{Platform: "all"})
		} else {
			arts, err = Open(t.Context(), from.scheme, from.ref, Options{AllPlatforms: true})
		}
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range arts {
			got = append(got, a.Target.Platform.String())
		}
		if d := cmp.Diff([]string{"linux/amd64", "linux/arm64/v8", "linux/arm/v7"}, got); d != "" {
			t.Error(d)
		}
		if err := arts[0].Close(); err != nil {
			t.Error(err)
		}
		if err := arts[0].Close(); err != nil { // twice must not release the others
			t.Error(err)
		}
		if contents(t, arts[2])["etc/platform"] != "linux/armv7" {
			t.Error("the last artifact cannot be read after another was closed")
		}
		closeAll(t, arts)
		if after := countOpen(t); after != before {
			t.Errorf("%d files open before, %d after", before, after)
		}
		if _, err := walk(t, arts[2]); err == nil {
			t.Error("a closed artifact can still be read")
		}
	}
}

func TestErrorsReleaseFiles(t *testing.T) {
	f, _, _, _, _ := multi(t)
	dir, archive := f.dir(), f.archive()
	packed := writeFile(t, "image.tar.gz", gzipOf(t, tarOf(t, f.members()...)))
	before := countOpen(t)
	for range 3 {
		for _, ref := range []string{archive, packed, archive + ":nope"} {
			if _, err := OpenArchive(t.Context(), ref, Options{Platform: "plan9/mips"}); err == nil {
				t.Error("no error")
			}
		}
		if _, err := Open(t.Context(), OCIDir, dir, Options{Platform: "plan9/mips"}); err == nil {
			t.Error("no error")
		}
	}
	if after := countOpen(t); after != before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}

func TestSinglePlatform(t *testing.T) {
	f := newFixture(t)
	m := f.image("linux", "riscv64", "")
	f.named(m, "")
	p := f.archive()
	art := open(t, OCIArchive, p, Options{})
	if art.Target.Digest != m["digest"] || art.Target.IndexDigest != "" || art.Target.Platforms != nil || art.Target.Platform.String() != "linux/riscv64" {
		t.Errorf("target %+v", art.Target)
	}
	_, err := Open(t.Context(), OCIArchive, p, Options{Platform: "linux/amd64"})
	wantError(t, err, "has no platform linux/amd64", "linux/riscv64 only")
	_, err = Open(t.Context(), OCIArchive, p, Options{Platform: "amd64"})
	wantError(t, err, `platform "amd64" is not os/arch`)

	// The only platform of an index is taken when nobody asked for another.
	g := newFixture(t)
	g.named(g.index(with(g.image("linux", "riscv64", ""), "platform", platformJSON("linux", "riscv64", ""))), "")
	if art := open(t, OCIDir, g.dir(), Options{}); art.Target.Platform.String() != "linux/riscv64" {
		t.Errorf("target %+v", art.Target)
	}
}

func TestSeveralImages(t *testing.T) {
	f := newFixture(t)
	a, b := f.image("linux", "amd64", ""), f.image("linux", "arm64", "")
	f.named(a, "example.com/app:1")
	f.named(a, "example.com/app:2")
	f.named(b, "3")
	dir := f.dir()
	_, err := Open(t.Context(), OCIDir, dir, Options{})
	wantError(t, err, "holds several images", "example.com/app:1, example.com/app:2, 3")
	_, err = Open(t.Context(), OCIDir, dir+":4", Options{})
	wantError(t, err, "holds no image 4", "example.com/app:1")
	for ref, want := range map[string]any{":example.com/app:2": a["digest"], ":1": a["digest"], ":3": b["digest"], "@" + b["digest"].(string): b["digest"], ":@2": b["digest"]} {
		art := open(t, OCIDir, dir+ref, Options{})
		if art.Target.Digest != want || art.Target.Name != dir {
			t.Errorf("%s gives %+v", ref, art.Target)
		}
		if want == a["digest"] && cmp.Diff([]string{"example.com/app:1", "example.com/app:2"}, art.Image.Tags) != "" {
			t.Errorf("%s: tags %v", ref, art.Image.Tags)
		}
	}
}

// Manifests side by side without an index over them are one image when none or
// one has a name; platforms are then learned from the configurations.
func TestManifestsSideBySide(t *testing.T) {
	f := newFixture(t)
	a, b := f.image("linux", "amd64", ""), f.image("linux", "arm64", "")
	f.named(a, "")
	f.named(b, "")
	art := open(t, OCIDir, f.dir(), Options{Platform: "linux/arm64"})
	if art.Target.Digest != b["digest"] || art.Target.IndexDigest != "" || len(art.Target.Platforms) != 2 {
		t.Errorf("target %+v", art.Target)
	}
}

func TestMissingPlatform(t *testing.T) {
	f, _, _, arm, _ := multi(t)
	delete(f.blobs, arm["digest"].(string))
	p := f.archive()
	_, err := OpenArchive(t.Context(), p, Options{Platform: "linux/arm64"})
	wantError(t, err, "lists platform linux/arm64/v8 but does not hold it")
	arts, err := OpenArchive(t.Context(), p, Options{AllPlatforms: true})
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(t, arts)
	if len(arts) != 2 || len(arts[0].Problems) != 1 || !strings.Contains(arts[0].Problems[0].Error, "linux/arm64/v8 is listed but not held") {
		t.Errorf("%d artifacts, problems %v", len(arts), arts[0].Problems)
	}
}

func TestWrongDigests(t *testing.T) {
	f, root, amd, _, _ := multi(t)
	good := f.blobs
	damage := func(digest string) *fixture {
		g := *f
		g.blobs = map[string][]byte{}
		maps.Copy(g.blobs, good)
		v := bytes.Clone(good[digest])
		v[len(v)/2] ^= 1
		g.blobs[digest] = v
		return &g
	}
	for _, digest := range []any{root["digest"], amd["digest"]} {
		_, err := OpenArchive(t.Context(), damage(digest.(string)).archive(), Options{Platform: "linux/amd64"})
		wantError(t, err, digest.(string), "damaged or exchanged")
	}
	art := open(t, OCIArchive, f.archive(), Options{Platform: "linux/amd64"})
	_, err := OpenArchive(t.Context(), damage(art.Target.ConfigDigest).archive(), Options{Platform: "linux/amd64"})
	wantError(t, err, art.Target.ConfigDigest)
	for _, l := range art.Layers {
		bad := open(t, OCIArchive, damage(l.Digest).archive(), Options{Platform: "linux/amd64"})
		if _, err := walk(t, bad); err == nil {
			t.Errorf("layer %s was exchanged and nobody saw it", l.Digest)
		}
	}
}

func TestLayersThatAreNotRead(t *testing.T) {
	f := newFixture(t)
	raw := tarOf(t, member{name: "a", body: "a"})
	foreign := with(f.put("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", raw), "urls", []string{"https://example.com/layer"})
	there := with(f.put("application/vnd.oci.image.layer.nondistributable.v1.tar", tarOf(t, member{name: "b", body: "b"})), "urls", []string{"https://example.com/layer"})
	chart := f.put("application/vnd.cncf.helm.chart.content.v1.tar+gzip", []byte("chart"))
	secret := f.put("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", []byte("secret"))
	gone := f.put(ociLayer, tarOf(t, member{name: "c", body: "c"}))
	delete(f.blobs, foreign["digest"].(string))
	delete(f.blobs, gone["digest"].(string))
	f.named(f.put(ociManifest, jsonOf(t, object{
		"schemaVersion": 2, "config": f.put(ociConfig, []byte(`{"os":"linux","architecture":"amd64"}`)),
		"layers": []object{foreign, there, chart, secret, gone},
	})), "")
	art := open(t, OCIDir, f.dir(), Options{})
	var opens []bool
	for _, l := range art.Layers {
		opens = append(opens, l.Open != nil)
	}
	if d := cmp.Diff([]bool{false, true, false, false, false}, opens); d != "" {
		t.Error(d)
	}
	for i, words := range []string{"foreign layer", "helm.chart", "encrypted", "does not hold the layer", "5 layers and the configuration 0 diff ids"} {
		if i >= len(art.Problems) || !strings.Contains(art.Problems[i].Error, words) || art.Problems[i].Stage != sekisho.StageOpen {
			t.Errorf("problem %d: %+v, want %q", i, art.Problems, words)
		}
	}
	if contents(t, art)["b"] != "b" {
		t.Error("the foreign layer that is there was not read")
	}
}

func TestNotAnImage(t *testing.T) {
	f := newFixture(t)
	f.named(f.put(ociManifest, jsonOf(t, object{
		"schemaVersion": 2, "config": f.put("application/vnd.cncf.helm.config.v1+json", []byte(`{"name":"x"}`)),
		"layers": []object{f.put("application/vnd.cncf.helm.chart.content.v1.tar+gzip", []byte("chart"))},
	})), "")
	art := open(t, OCIDir, f.dir(), Options{})
	if len(art.Problems) != 2 || !strings.Contains(art.Problems[1].Error, "no container image") {
		t.Errorf("problems %v", art.Problems)
	}
}

func TestCancelled(t *testing.T) {
	f, _, _, _, _ := multi(t)
	plainPath, packed := f.archive(), writeFile(t, "image.tar.gz", gzipOf(t, tarOf(t, f.members()...)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, p := range []string{plainPath, packed} {
		if _, err := OpenArchive(ctx, p, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	art := open(t, OCIArchive, plainPath, Options{Platform: "linux/amd64"})
	s, err := art.Layers[1].Open(ctx)
	if err == nil {
		_, err = s.Next()
		s.Close()
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a layer is read although the context has ended: %v", err)
	}
}

func TestSchemes(t *testing.T) {
	for scheme, words := range map[string]string{"nope": "is not known", DockerArchive: "does not exist", OCIDir: "does not exist", "docker": "is no image reference"} {
		_, err := Open(t.Context(), scheme, "--nope", Options{})
		wantError(t, err, words)
	}
	_, err := Open(t.Context(), "", "", Options{})
	wantError(t, err, "no image was named")
	dir := t.TempDir()
	_, err = Open(t.Context(), OCIDir, dir, Options{})
	wantError(t, err, "no OCI image layout", "dir:"+dir)
	if DetectDir(dir) {
		t.Error("an empty directory is taken for a layout")
	}
	f, _, _, _, _ := multi(t)
	layoutDir := f.dir()
	if !DetectDir(layoutDir) {
		t.Error("a layout is not seen")
	}
	// A link must not lead out of the directory.
	victim := writeFile(t, "secret", []byte("{}"))
	blob := layoutDir + "/blobs/" + strings.Replace(f.refs[0]["digest"].(string), ":", "/", 1)
	if err := os.Remove(blob); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, blob); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), OCIDir, layoutDir, Options{})
	wantError(t, err, "escapes")
}
