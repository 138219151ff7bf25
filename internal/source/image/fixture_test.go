// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The media types that the fixtures use.
const (
	ociIndex    = "application/vnd.oci.image.index.v1+json"
	ociManifest = "application/vnd.oci.image.manifest.v1+json"
	ociConfig   = "application/vnd.oci.image.config.v1+json"
	ociLayer    = "application/vnd.oci.image.layer.v1.tar"
)

// member is one entry of a test tar.
type member struct {
	name, body, link string
	kind             byte
}

func tarOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Typeflag: m.kind, Size: int64(len(m.body)), Linkname: m.link, Mode: 0o644}
		if m.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, m.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipOf(t testing.TB, raw []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, raw []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(raw, nil)
}

func digestOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func jsonOf(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type object = map[string]any

// fixture collects the blobs of a layout.
type fixture struct {
	t     testing.TB
	blobs map[string][]byte
	refs  []object // the entries of index.json
}

func newFixture(t testing.TB) *fixture { return &fixture{t: t, blobs: map[string][]byte{}} }

// put stores a blob and describes it.
func (f *fixture) put(mediaType string, raw []byte) object {
	d := digestOf(raw)
	f.blobs[d] = raw
	return object{"mediaType": mediaType, "digest": d, "size": len(raw)}
}

func with(o object, kv ...any) object {
	o = maps.Clone(o)
	for i := 0; i < len(kv); i += 2 {
		o[kv[i].(string)] = kv[i+1]
	}
	return o
}

// image stores an image of two layers, one plain and one of gzip, whose files
// name the platform, and describes its manifest.
func (f *fixture) image(os, arch, variant string) object { //nolint:unparam // a platform has three parts
	f.t.Helper()
	return f.manifest(f.config(os, arch, variant))
}

var history = []object{
	{"created": "2024-01-02T03:04:05Z", "created_by": "/bin/sh -c #(nop) ADD file:abc in / "},
	{"created": "2024-01-02T03:04:06Z", "created_by": "/bin/sh -c #(nop)  CMD [\"sh\"]", "empty_layer": true},
	{"created": "2024-01-02T03:04:07Z", "created_by": "RUN /bin/sh -c apk add curl # buildkit", "comment": "buildkit.dockerfile.v0"},
}

func (f *fixture) layerTars(platform string) ([]byte, []byte) {
	return tarOf(f.t, member{name: "etc/os-release", body: "ID=test\n"}, member{name: "etc/platform", body: platform}),
		tarOf(f.t, member{name: "usr/bin/curl", body: "binary for " + platform})
}

func (f *fixture) config(os, arch, variant string) []byte {
	one, two := f.layerTars(os + "/" + arch + variant)
	c := object{
		"os": os, "architecture": arch, "created": "2024-01-02T03:04:07Z", "author": "someone",
		"config": object{
			"User": "app", "Env": []string{"A=b"}, "Cmd": []string{"sh"}, "Entrypoint": []string{"/init"}, "WorkingDir": "/srv",
			"ExposedPorts": object{"8080/tcp": object{}, "53/udp": object{}}, "Volumes": object{"/data": object{}}, "StopSignal": "SIGINT",
			"Healthcheck": object{"Test": []string{"CMD", "true"}},
			"Labels":      object{"org.opencontainers.image.source": "https://example.com/src", "org.opencontainers.image.base.name": "label.example.com/base"},
		},
		"rootfs":  object{"type": "layers", "diff_ids": []string{digestOf(one), digestOf(two)}},
		"history": history,
	}
	if variant != "" {
		c["variant"] = variant
	}
	return jsonOf(f.t, c)
}

func (f *fixture) manifest(config []byte) object {
	var c struct{ OS, Architecture, Variant string }
	if err := json.Unmarshal(config, &c); err != nil {
		f.t.Fatal(err)
	}
	one, two := f.layerTars(c.OS + "/" + c.Architecture + c.Variant)
	m := object{
		"schemaVersion": 2, "mediaType": ociManifest, "config": f.put(ociConfig, config),
		"layers":      []object{f.put(ociLayer, one), f.put(ociLayer+"+gzip", gzipOf(f.t, two))},
		"annotations": object{"org.opencontainers.image.revision": "c0ffee", "org.opencontainers.image.base.name": "note.example.com/base"},
	}
	return f.put(ociManifest, jsonOf(f.t, m))
}

func platformJSON(os, arch, variant string) object {
	p := object{"os": os, "architecture": arch}
	if variant != "" {
		p["variant"] = variant
	}
	return p
}

// index stores an index over the entries.
func (f *fixture) index(entries ...object) object {
	return f.put(ociIndex, jsonOf(f.t, object{"schemaVersion": 2, "mediaType": ociIndex, "manifests": entries, "annotations": object{"index": "yes"}}))
}

// named adds an entry to index.json.
func (f *fixture) named(desc object, ref string) {
	if ref != "" {
		desc = with(desc, "annotations", object{refNameKey: ref})
	}
	f.refs = append(f.refs, desc)
}

func (f *fixture) members() []member {
	ms := []member{{name: "blobs/", kind: tar.TypeDir}, {name: "blobs/sha256/", kind: tar.TypeDir}}
	for _, d := range slices.Sorted(maps.Keys(f.blobs)) {
		ms = append(ms, member{name: "blobs/" + strings.Replace(d, ":", "/", 1), body: string(f.blobs[d])})
	}
	return append(ms,
		member{name: "index.json", body: string(jsonOf(f.t, object{"schemaVersion": 2, "manifests": f.refs}))},
		member{name: "oci-layout", body: `{"imageLayoutVersion":"1.0.0"}`})
}

func (f *fixture) archive() string {
	return writeFile(f.t, "image.tar", tarOf(f.t, f.members()...))
}

func (f *fixture) dir() string {
	dir := f.t.(interface{ TempDir() string }).TempDir()
	for _, m := range f.members() {
		p := filepath.Join(dir, m.name)
		var err error
		if m.kind == tar.TypeDir {
			err = os.MkdirAll(p, 0o755)
		} else {
			err = os.WriteFile(p, []byte(m.body), 0o644)
		}
		if err != nil {
			f.t.Fatal(err)
		}
	}
	return dir
}

func writeFile(t testing.TB, name string, raw []byte) string {
	t.Helper()
	p := filepath.Join(t.(interface{ TempDir() string }).TempDir(), name)
	if err := os.WriteFile(p, raw, 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

// contents walks all layers, which verifies every digest, and returns the
// regular files; the top layer wins.
func contents(t testing.TB, art *sekisho.Artifact) map[string]string {
	t.Helper()
	files, err := walk(t, art)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func walk(t testing.TB, art *sekisho.Artifact) (map[string]string, error) {
	files := map[string]string{}
	for _, l := range art.Layers {
		if l.Open == nil {
			continue
		}
		s, err := l.Open(t.Context())
		if err != nil {
			return files, err
		}
		for {
			f, err := s.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil && f.Type == sekisho.TypeRegular {
				var b []byte
				b, err = io.ReadAll(s)
				files[f.Path] = string(b)
			}
			if err != nil {
				return files, errors.Join(err, s.Close())
			}
		}
		if err := s.Close(); err != nil {
			return files, err
		}
	}
	return files, nil
}

func closeAll(t testing.TB, arts []*sekisho.Artifact) {
	t.Helper()
	for _, a := range arts {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

// open opens one image and closes it with the test; with a path it opens that
// archive, whatever it is.
func open(t *testing.T, scheme, ref string, o Options, path ...string) *sekisho.Artifact {
	t.Helper()
	var arts []*sekisho.Artifact
	var err error
	if len(path) == 1 {
		arts, err = OpenArchive(t.Context(), path[0], o)
	} else {
		arts, err = Open(t.Context(), scheme, ref, o)
	}
	if err != nil {
		t.Fatalf("open %q, %q: %v", scheme, ref, err)
	}
	if len(arts) != 1 {
		t.Fatalf("open %q, %q: %d artifacts", scheme, ref, len(arts))
	}
	t.Cleanup(func() { closeAll(t, arts) })
	return arts[0]
}

// wantError demands an error with all the words, of one line.
func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want %q in it", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error of several lines: %q", err)
	}
}

func countOpen(t *testing.T) int {
	t.Helper()
	es, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skipf("open files cannot be counted here: %v", err)
	}
	return len(es)
}
