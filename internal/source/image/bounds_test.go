// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestIndexBounds(t *testing.T) {
	f := newFixture(t)
	deep := f.image("linux", "amd64", "")
	for range maxIndexDepth + 1 {
		deep = f.index(deep)
	}
	f.named(deep, "")
	_, err := OpenArchive(t.Context(), f.archive(), Options{})
	wantError(t, err, "nested deeper than 4")

	f = newFixture(t)
	m := f.image("linux", "amd64", "")
	var wide []object
	for range maxIndexFetches + 1 {
		wide = append(wide, m) // without a platform, each would be fetched
	}
	f.named(f.index(wide...), "")
	_, err = OpenArchive(t.Context(), f.archive(), Options{})
	wantError(t, err, "more than 64 manifests")

	f = newFixture(t)
	m = with(f.image("linux", "amd64", ""), "platform", platformJSON("linux", "amd64", ""))
	wide = nil
	for range maxIndexEntries + 1 {
		wide = append(wide, m)
	}
	f.named(f.index(wide...), "")
	_, err = OpenArchive(t.Context(), f.archive(), Options{})
	wantError(t, err, "more than the 4096 entries")
}

func TestBlobSizes(t *testing.T) {
	build := func(size int) string {
		f := newFixture(t)
		config := with(f.put(ociConfig, f.config("linux", "amd64", "")), "size", size)
		f.named(f.put(ociManifest, jsonOf(t, object{"schemaVersion": 2, "config": config, "layers": []object{}})), "")
		return f.archive()
	}
	_, err := OpenArchive(t.Context(), build(7), Options{})
	wantError(t, err, "bytes and not 7 as its manifest says")
	_, err = OpenArchive(t.Context(), build(maxConfig+1), Options{})
	wantError(t, err, "more than the 8388608 that are read")
}

func TestTarBounds(t *testing.T) {
	var ms []member
	for i := range 17 {
		ms = append(ms, member{name: fmt.Sprint(i) + strings.Repeat("x", 1<<20-100)})
	}
	raw := tarOf(t, ms...)
	_, err := indexTar(t.Context(), bytes.NewReader(raw), int64(len(raw)), "x")
	wantError(t, err, "more entries than an image archive can have")
}

// A sparse file's content does not lie in the archive as it is.
func TestSparseEntry(t *testing.T) {
	raw := tarOf(t, member{name: "manifest.json", body: strings.Repeat(" ", 512)})
	h := raw[:512]
	h[156] = tar.TypeGNUSparse
	copy(h[257:], "ustar  \x00")
	copy(h[386:], "00000000000\x0000000001000\x00")
	copy(h[483:], "00000001000\x00")
	copy(h[148:156], "        ")
	sum := 0
	for _, c := range h {
		sum += int(c)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
	_, err := OpenArchive(t.Context(), writeFile(t, "sparse.tar", raw), Options{})
	wantError(t, err, "holds manifest.json as a sparse file")
}

func TestSpoolEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	before := countOpen(t)
	endless := readFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	if _, err := spool(ctx, endless, 1<<30, "endless", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := spool(t.Context(), strings.NewReader("12345"), 4, "five", nil); err == nil {
		t.Error("more than the limit was taken")
	}
	if after := countOpen(t); after != before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}

// fakeRegistry serves a fixture as a registry would: it does not know what it
// lacks before it is asked.
type fakeRegistry struct {
	*fixture
	root   string
	closed int
}

func (r *fakeRegistry) Manifest(_ context.Context, ref string) ([]byte, string, string, error) {
	if ref == "tag" {
		ref = r.root
	}
	raw, ok := r.blobs[ref]
	if !ok {
		return nil, "", "", errors.New("manifest unknown")
	}
	return raw, "", ref, nil
}

func (r *fakeRegistry) Blob(_ context.Context, d v1.Descriptor) (io.ReadCloser, error) {
	raw, ok := r.blobs[d.Digest.String()]
	if !ok {
		return nil, errors.New("blob unknown")
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

func (r *fakeRegistry) Referrers(context.Context, string) ([]v1.Descriptor, error) { return nil, nil }

func (r *fakeRegistry) Close() error { r.closed++; return nil }

func TestAssemblyOfARemoteStore(t *testing.T) {
	f, root, amd, _, _ := multi(t)
	r := &fakeRegistry{fixture: f, root: root["digest"].(string)}
	var done, total int64
	o := Options{Platform: "linux/amd64", Progress: func(stage string, d, n int64) {
		if stage != "pull" {
			t.Errorf("stage %s", stage)
		}
		done, total = d, n
	}}
	arts, err := (&assembly{store: r, opts: o, source: "registry", name: "example.com/app:tag"}).open(t.Context(), "tag")
	if err != nil {
		t.Fatal(err)
	}
	art := arts[0]
	if art.Target.Digest != amd["digest"] || art.Target.Name != "example.com/app:tag" || art.Image.Provenance.Builder == "" || done != 0 {
		t.Errorf("%+v, %d bytes were pulled before anybody asked", art.Target, done)
	}
	contents(t, art)
	if want := art.Layers[0].Size + art.Layers[1].Size; done != want || total != want {
		t.Errorf("progress %d of %d, want %d", done, total, want)
	}
	if r.closed != 0 {
		t.Error("closed too early")
	}
	closeAll(t, arts)
	if r.closed != 1 {
		t.Errorf("closed %d times", r.closed)
	}
	_, err = (&assembly{store: r, opts: Options{Platform: "linux/s390x"}, name: "x"}).open(t.Context(), "tag")
	wantError(t, err, "has no platform linux/s390x")
	if r.closed != 2 {
		t.Errorf("closed %d times after an error", r.closed)
	}

	// A foreign layer is not asked of a registry.
	g := newFixture(t)
	foreign := with(g.put("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", []byte("x")), "urls", []string{"https://example.com/layer"})
	m := g.put(ociManifest, jsonOf(t, object{"schemaVersion": 2, "config": g.put(ociConfig, []byte(`{"rootfs":{"diff_ids":["`+digestOf(nil)+`"]}}`)), "layers": []object{foreign}}))
	arts, err = (&assembly{store: &fakeRegistry{fixture: g}, name: "x"}).open(t.Context(), m["digest"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if p := arts[0].Problems; len(p) != 1 || !strings.Contains(p[0].Error, "foreign layer") || arts[0].Layers[0].Open != nil {
		t.Errorf("%v", p)
	}
	if !strings.Contains(arts[0].Problems[0].Layer, "sha256:") || arts[0].Problems[0].Stage != sekisho.StageOpen {
		t.Errorf("%+v", arts[0].Problems[0])
	}
}
