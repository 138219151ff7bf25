// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const sample = `C:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=
P:libcrypto3
V:3.1.4-r5
A:x86_64
S:1
L:Apache-2.0
o:openssl
m:Somebody <somebody@example.com>
F:etc
F:lib
R:libcrypto.so.3
a:0:0:755
F:
R:top

P:.build-deps
V:20240101.000000
A:noarch


P:musl
V:1.2.4-r2
A:x86_64

V:1

P:last
V:2-r0`

func extract(t testing.TB, b []byte) sekisho.Inventory {
	t.Helper()
	inv, err := installed{}.Extract(t.Context(), &sekisho.Input{Path: "lib/apk/db/installed", Content: bytes.NewReader(b), Size: int64(len(b))})
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func TestInstalled(t *testing.T) {
	inv := extract(t, []byte(sample))
	at := func(line int) []sekisho.Location {
		return []sekisho.Location{{Path: "lib/apk/db/installed", Line: line}}
	}
	want := []sekisho.Package{
		{Ecosystem: "apk", Name: "libcrypto3", Version: "3.1.4-r5", SourceName: "openssl", SourceVersion: "3.1.4-r5", Arch: "x86_64", Vendor: "Somebody", Licenses: []string{"Apache-2.0"}, Line: 1, Locations: at(1)},
		{Ecosystem: "apk", Name: "musl", Version: "1.2.4-r2", SourceName: "musl", SourceVersion: "1.2.4-r2", Arch: "x86_64", Line: 21, Locations: at(21)},
		{Ecosystem: "apk", Name: "last", Version: "2-r0", SourceName: "last", SourceVersion: "2-r0", Line: 27, Locations: at(27)},
	}
	if d := cmp.Diff(want, inv.Packages); d != "" {
		t.Error(d)
	}
	owned := []sekisho.Ownership{{Ecosystem: "apk", Name: "libcrypto3", Arch: "x86_64", Version: "3.1.4-r5", Files: sekisho.NewPathSet([]string{"lib/libcrypto.so.3", "top"})}}
	if d := cmp.Diff(owned, inv.Owned); d != "" {
		t.Error(d)
	}
	if len(inv.Problems) != 1 || !strings.Contains(inv.Problems[0].Error, "line 25") {
		t.Errorf("problems: %+v", inv.Problems)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"lib/apk/db/installed": true, "usr/lib/apk/db/installed": true,
		"lib/apk/db/scripts.tar": false, "srv/lib/apk/db/installed": false, "installed": false,
	} {
		if got := (installed{}).Wants(&sekisho.File{Path: path}); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
}

// The official root file systems: every P: line is a package, at its line, and
// every R: line is owned, found in another way than the reader does.
func TestRealDatabases(t *testing.T) {
	paths, err := filepath.Glob("../../../../shared/rootfs/alpine-*/lib/apk/db/installed")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the shared data is not here")
		}
		t.Skip("the shared data is not here")
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		inv := extract(t, b)
		var want, got []string
		var files, owned sekisho.PathSet
		for paragraph := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n\n") {
			f := map[string]string{}
			var paths []string
			for line := range strings.Lines(paragraph) {
				k, v, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
				f[k] = v
				if k == "R" {
					paths = append(paths, f["F"]+"/"+v)
				}
			}
			files = append(files, sekisho.NewPathSet(paths)...)
			want = append(want, fmt.Sprint(f["P"], " ", f["V"], " ", f["A"], " ", f["o"], " ", f["L"]))
		}
		lines := strings.Split(string(b), "\n")
		for _, p := range inv.Packages {
			got = append(got, fmt.Sprint(p.Name, " ", p.Version, " ", p.Arch, " ", p.SourceName, " ", strings.Join(p.Licenses, "")))
			if first := lines[p.Line-1]; !strings.HasPrefix(first, "C:") {
				t.Errorf("%s: the line %d of %s is %q", path, p.Line, p.Name, first)
			}
		}
		for _, o := range inv.Owned {
			owned = append(owned, o.Files...)
		}
		if d := cmp.Diff(want, got); d != "" || len(got) < 10 {
			t.Errorf("%s: %d packages: %s", path, len(got), d)
		}
		if d := cmp.Diff(files, owned); d != "" || len(files) < 50 || len(inv.Problems) > 0 {
			t.Errorf("%s: %d files owned of %d, problems %v: %s", path, len(owned), len(files), inv.Problems, d)
		}
	}
}

// A cut loses what is behind it only.
func TestTruncated(t *testing.T) {
	whole := extract(t, []byte(sample)).Packages
	for n := range sample {
		for i, p := range extract(t, []byte(sample[:n])).Packages {
			if p.Name != whole[i].Name && !strings.HasPrefix(whole[i].Name, p.Name) {
				t.Fatalf("cut at %d: package %d is %s", n, i, p.Name)
			}
		}
	}
}

func FuzzInstalled(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("P:\nV:\nF\nR:x\n\n:\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines := bytes.Count(b, []byte("\n")) + 1
		for _, p := range extract(t, b).Packages {
			if p.Name == "" || p.Version == "" || p.Line < 1 || p.Line > lines {
				t.Fatalf("%+v", p)
			}
		}
	})
}
