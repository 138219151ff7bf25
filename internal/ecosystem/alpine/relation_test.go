// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const related = `P:busybox
V:1
D:so:libc.musl-x86_64.so.1
p:cmd:busybox=1 cmd:ash=1

P:busybox-binsh
V:1
D:busybox=1
p:/bin/sh cmd:sh=1

P:musl
V:1
p:so:libc.musl-x86_64.so.1=1

P:ssl_client
V:1
D:so:libssl.so.3 !other busybox-binsh
i:busybox=1 libssl3

P:libssl3
V:1
D:so:libc.musl-x86_64.so.1 absent>2 libssl3
p:so:libssl.so.3=3 pc:openssl=3

P:gcompat
V:1
D:/bin/sh musl>=1.2.3_git
p:libc6-compat=1

P:.build-deps
V:20260102.030405
D:gcc cmd:make git@edge

P:.more
V:20260102.030405
D:gcc

P:gcc
V:1

P:make
V:1
p:cmd:make=1

P:git
V:1
`

func TestRelations(t *testing.T) {
	var got []string
	for _, p := range extract(t, []byte(related)).Packages {
		got = append(got, fmt.Sprint(p.Name, " ", p.Installed, " ", p.Needs, " ", p.Suits, " ", p.AskedAs, " ", p.Provides))
	}
	want := []string{
		"busybox asked [musl] [ssl_client]  [cmd:busybox cmd:ash]", "busybox-binsh asked [busybox] []  [/bin/sh cmd:sh]", "musl asked [] []  []",
		"ssl_client asked [busybox-binsh libssl3] []  []", "libssl3 asked [musl] [ssl_client]  []", "gcompat asked [busybox-binsh musl] []  [libc6-compat]",
		"gcc asked [] [] .build-deps .more []", "make asked [] [] .build-deps [cmd:make]", "git asked [] [] .build-deps []",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if p := extract(t, []byte("P:a\nV:1\np:b\n\nP:c\nV:1\n")).Packages; p[0].Installed != "" || p[0].Provides != nil {
		t.Errorf("without dependencies: %+v", p)
	}
}

func TestWorld(t *testing.T) {
	for text, want := range map[string][]string{
		"busybox\ngit@edge\n.build-deps=20260102.030405\n": {"busybox", "git", ".build-deps"},
		"a>1 b<2 c~3\t!gone cmd:make=1\r\n":                {"a", "b", "c", "cmd:make"},
		"":                                                 nil,
	} {
		inv, err := world{}.Extract(t.Context(), &sekisho.Input{Path: "etc/apk/world", Content: bytes.NewReader([]byte(text)), Size: int64(len(text))})
		if d := cmp.Diff([]sekisho.InstallMarks{{Ecosystem: "apk", Asked: true, Names: want}}, inv.Marks); d != "" || err != nil {
			t.Errorf("%q: %s %v", text, d, err)
		}
	}
	if !(world{}).Wants(&sekisho.File{Path: "etc/apk/world"}) || (world{}).Wants(&sekisho.File{Path: "srv/etc/apk/world"}) {
		t.Error("only the image's own list is wanted")
	}
}

// Of the official root file systems every dependency is found, and no package is
// left over but those that people ask for.
func TestRealRelations(t *testing.T) {
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
		needed := map[string]bool{}
		inv := extract(t, b)
		for _, p := range inv.Packages {
			if p.Installed != sekisho.InstalledAsked {
				t.Errorf("%s: %s is %q", path, p.Name, p.Installed)
			}
			for _, n := range p.Needs {
				needed[n] = true
			}
			if p.Name == "apk-tools" && (!slices.Contains(p.Needs, "musl") || len(p.Needs) < 3) {
				t.Errorf("%s: apk-tools needs %v", path, p.Needs)
			}
		}
		if !needed["musl"] || needed["apk-tools"] || !needed["busybox"] && !needed["busybox-binsh"] {
			t.Errorf("%s: needed are %v", path, needed)
		}
	}
}

func TestRelationsAreBounded(t *testing.T) {
	var provided, groups strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&provided, "P:p%d\nV:1\np:v\nD:v v=1\n\n", i)
		fmt.Fprintf(&groups, "P:.g%d\nV:1\nD:a\n\n", i)
	}
	for name, text := range map[string]string{
		"a name that all provide": provided.String(), "groups of one package": groups.String() + "P:a\nV:1\nD:x\n",
		"a million in a line": "P:a\nV:1\nD:" + strings.Repeat("a b>1 ", 2_000_000) + "\n",
	} {
		start := time.Now()
		inv := extract(t, []byte(text))
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: %v", name, took)
		}
		if len(inv.Problems) != 1 || !strings.Contains(inv.Problems[0].Error, "too many") || inv.Packages[0].Installed != "" {
			t.Errorf("%s: %+v %+v", name, inv.Problems, inv.Packages[0])
		}
	}
}

func FuzzRelations(f *testing.F) {
	f.Add([]byte(related))
	f.Add([]byte("P:a\nV:1\nD:!b =c <d @e\np:=\ni:a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv := extract(t, b)
		names := map[string]bool{}
		for _, p := range inv.Packages {
			names[p.Name] = true
		}
		for _, p := range inv.Packages {
			for _, n := range slices.Concat(p.Needs, p.Suits) {
				if !names[n] || n == p.Name || p.Installed == "" {
					t.Fatalf("%s needs %q: %+v", p.Name, n, p)
				}
			}
		}
		if _, err := (world{}).Extract(t.Context(), &sekisho.Input{Path: "etc/apk/world", Content: bytes.NewReader(b), Size: int64(len(b))}); err != nil {
			t.Fatal(err)
		}
	})
}
