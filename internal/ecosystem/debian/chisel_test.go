// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const wall = `{"jsonwall":"1.0","schema":"1.0","count":9}
{"kind":"content","slice":"openssl_bins","path":"/usr/bin/openssl"}
{"kind":"package","name":"libssl3t64","version":"3.0.13-0ubuntu3.4","sha256":"aa","arch":"amd64"}
{"kind":"package","name":"openssl","version":"3.0.13-0ubuntu3.4","sha256":"bb","arch":"amd64"}
{"kind":"path","path":"/etc/ssl/","mode":"0755","slices":["openssl_config"]}
{"kind":"path","path":"/etc/ssl/openssl.cnf","mode":"0644","slices":["openssl_config","openssl_data"]}
{"kind":"path","path":"/usr/bin/openssl","mode":"0755","slices":["openssl_bins"]}
{"kind":"path","path":"/usr/share/doc/both","mode":"0644","slices":["libssl3t64_libs","openssl_bins"]}
{"kind":"slice","name":"openssl_bins"}
`

func chiselled(t testing.TB, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll([]byte(text), nil)
}

func TestChisel(t *testing.T) {
	const path = "var/lib/chisel/manifest.wall"
	e := chiselManifest{}
	inv, err := e.Extract(t.Context(), input(path, chiselled(t, wall)))
	if err != nil {
		t.Fatal(err)
	}
	const version = "3.0.13-0ubuntu3.4"
	want := sekisho.Inventory{
		Packages: []sekisho.Package{
			{Ecosystem: "deb", Name: "libssl3t64", Version: version, Arch: "amd64"},
			{Ecosystem: "deb", Name: "openssl", Version: version, Arch: "amd64"},
		},
		Owned: []sekisho.Ownership{
			{Ecosystem: "deb", Name: "libssl3t64", Version: version, Arch: "amd64", Files: sekisho.NewPathSet([]string{"/usr/share/doc/both"})},
			{Ecosystem: "deb", Name: "openssl", Version: version, Arch: "amd64", Files: sekisho.NewPathSet([]string{"/etc/ssl/openssl.cnf", "/usr/bin/openssl", "/usr/share/doc/both"})},
		},
	}
	if d := cmp.Diff(want, inv); d != "" {
		t.Error(d)
	}
	whole := chiselled(t, wall)
	for _, tt := range []struct {
		name     string
		b        []byte
		packages int
	}{
		{"no zstd", []byte(wall), 0},
		{"cut", whole[:len(whole)-3], 0},
		{"another format", chiselled(t, `{"kind":"package","name":"x","version":"1"}`), 0},
		{"a damaged line", chiselled(t, strings.Replace(wall, `{"kind":"content"`, `{"kind":`, 1)), 2},
		{"a package without a version", chiselled(t, strings.Replace(wall, `"version"`, `"revision"`, 1)), 1},
		{"a line without an end", chiselled(t, wall+strings.Repeat("x", maxManifestLine)), 2},
		{"a bomb", chiselled(t, wall+strings.Repeat(strings.Repeat(" ", 1023)+"\n", maxManifest>>10)), 2},
	} {
		inv, err := e.Extract(t.Context(), input(path, tt.b))
		if err == nil || len(inv.Packages) != tt.packages {
			t.Errorf("%s: %d packages, want %d: %v", tt.name, len(inv.Packages), tt.packages, err)
		}
	}
	if !e.Wants(&sekisho.File{Path: path}) || e.Wants(&sekisho.File{Path: "srv/" + path}) {
		t.Error("only the image's own manifest is wanted")
	}
}

func FuzzChisel(f *testing.F) {
	f.Add([]byte(wall))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, _ := readChisel(t.Context(), bytes.NewReader(b))
		for _, p := range inv.Packages {
			if p.Name == "" || p.Version == "" {
				t.Fatalf("%+v", p)
			}
		}
	})
}
