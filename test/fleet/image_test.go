// SPDX-License-Identifier: Apache-2.0

// Package fleet makes a reference fleet of images from real parts and holds what
// a person reads of them to the promise of docs/fleet.md: few lines, and nothing
// that is exploited or leaked outside "act now". It has tests only, and runs the
// program as its users do: by its command line.
package fleet

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// files of a layer by their path. A path that ends with "*" is a program.
type files map[string]string

// step of a build: a layer, and the instruction that the history names.
type step struct {
	instruction string
	files       files // none: the instruction made no layer
}

// image of the fleet, from its lowest step up.
type image struct {
	name  string
	about string
	steps []step
	// config is that of a container: User, ExposedPorts, Entrypoint.
	config map[string]any
	// base is the name of the image of the fleet that this one was built on.
	base string
}

const oci = "application/vnd.oci.image."

// layer writes files as a tar of gzip, the same bytes for the same files, and
// gives it with the digest of what is in it.
func layer(t *testing.T, all files) (zipped []byte, id string) {
	t.Helper()
	var raw, out bytes.Buffer
	w := tar.NewWriter(&raw)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		h := &tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(len(all[name])), Mode: 0o644}
		if name[len(name)-1] == '*' {
			h.Name, h.Mode = name[:len(name)-1], 0o755
		}
		must(t, w.WriteHeader(h))
		_, err := w.Write([]byte(all[name]))
		must(t, err)
	}
	must(t, w.Close())
	z := gzip.NewWriter(&out)
	_, err := z.Write(raw.Bytes())
	must(t, err)
	must(t, z.Close())
	return out.Bytes(), digest(raw.Bytes())
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// layout writes an image as an OCI layout, in a directory of its name.
// Format: https://github.com/opencontainers/image-spec/blob/main/image-layout.md
func (i *image) layout(t *testing.T, parent string) {
	t.Helper()
	dir := filepath.Join(parent, i.name)
	must(t, os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755))
	put := func(kind string, b []byte) map[string]any {
		id := digest(b)
		must(t, os.WriteFile(filepath.Join(dir, "blobs", "sha256", id[len("sha256:"):]), b, 0o600))
		return map[string]any{"mediaType": oci + kind, "digest": id, "size": len(b)}
	}
	var layers, history, ids []any
	for _, s := range i.steps {
		h := map[string]any{"created": "2026-01-02T03:04:05Z", "created_by": s.instruction}
		if s.files == nil {
			h["empty_layer"] = true
		} else {
			b, id := layer(t, s.files)
			layers, ids = append(layers, put("layer.v1.tar+gzip", b)), append(ids, id)
		}
		history = append(history, h)
	}
	manifest := put("manifest.v1+json", encode(t, map[string]any{
		"schemaVersion": 2, "mediaType": oci + "manifest.v1+json", "layers": layers,
		"config": put("config.v1+json", encode(t, map[string]any{
			"os": "linux", "architecture": "amd64", "created": "2026-01-02T03:04:05Z", "config": i.config, "history": history, "rootfs": map[string]any{"type": "layers", "diff_ids": ids},
		})),
	}))
	manifest["annotations"] = map[string]string{"org.opencontainers.image.ref.name": "fleet.example.com/" + i.name + ":1"}
	must(t, os.WriteFile(filepath.Join(dir, "index.json"), encode(t, map[string]any{"schemaVersion": 2, "manifests": []any{manifest}}), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o600))
}

// zipped is an archive of files, as a jar is one.
func zipped(t *testing.T, all files) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f, err := w.Create(name)
		must(t, err)
		_, err = f.Write([]byte(all[name]))
		must(t, err)
	}
	must(t, w.Close())
	return b.String()
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	must(t, err)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
