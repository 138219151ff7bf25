// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func usesOf(t testing.TB, b []byte) sekisho.Use {
	t.Helper()
	inv, err := uses{}.Extract(t.Context(), &sekisho.Input{Path: "app/x", Content: bytes.NewReader(b), Size: int64(len(b))})
	if err != nil || len(inv.Uses) > 1 {
		t.Fatal(inv, err)
	}
	if len(inv.Uses) == 0 {
		return sekisho.Use{}
	}
	return inv.Uses[0]
}

func TestInterpreter(t *testing.T) {
	for line, want := range map[string]string{
		"#!/bin/sh\nset -e\n": "bin/sh", "#! /usr/bin/python3 -u": "usr/bin/python3", "#!/usr/bin/env node\r\n": "node", "#!/usr/bin/env -S A=b ruby -w\n": "ruby",
		"#!/usr/bin/env": "", "#!": "", "#!\n/bin/sh": "", "#!/bin/env /opt/x\n": "opt/x",
	} {
		if got := usesOf(t, []byte(line)); got.Program != want || got.Libraries != nil {
			t.Errorf("%q: %+v, want %q", line, got, want)
		}
	}
}

// What debug/elf reads of this machine's programs and libraries is the truth.
func TestNeededLibraries(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"/usr/bin/*", "/usr/lib/*/lib*.so.?", "/usr/sbin/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found[:min(len(found), 300)]...)
	}
	compared, some := 0, 0
	for _, path := range paths {
		f, err := elf.Open(path)
		if err != nil {
			continue
		}
		want, err := f.ImportedLibraries()
		f.Close()
		if err != nil {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got := usesOf(t, b).Libraries
		if !slices.Equal(want, got) {
			t.Errorf("%s needs %v, want %v", path, got, want)
		}
		compared++
		some += len(got)
		if compared == 1 {
			for n := range min(len(b), 5000) { // a cut file is no reason to fail
				usesOf(t, b[:n])
			}
		}
	}
	if compared < 50 || some < 50 {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%d programs with %d libraries", compared, some)
		}
		t.Skipf("this machine has %d programs to compare", compared)
	}
}

func TestWantsUses(t *testing.T) {
	program := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 20)...)
	object := slices.Clone(program)
	object[16] = 1
	for _, tt := range []struct {
		path string
		head []byte
		mode uint32
		want bool
	}{
		{"app/server", program, 0o755, true},
		{"usr/bin/server", program, 0o755, true},
		{"usr/lib/x/libx.so.1", program, 0o755, false},
		{"usr/local/lib/python3.12/site-packages/x.so", program, 0o644, true},
		{"app/x.node", program, 0o644, true},
		{"app/x.o", object, 0o755, false},
		{"app/run.sh", []byte("#!/bin/sh\n"), 0o755, true},
		{"app/run.sh", []byte("#!/bin/sh\n"), 0o644, false},
		{"usr/bin/ldd", []byte("#!/bin/sh\n"), 0o755, false},
		{"var/lib/dpkg/info/x.postinst", []byte("#!/bin/sh\n"), 0o755, false},
		{"usr/local/bin/x", []byte("#!/bin/sh\n"), 0o755, true},
		{"app/text", []byte("text"), 0o755, false},
	} {
		f := &sekisho.File{Path: tt.path, Head: tt.head, Mode: os.FileMode(tt.mode), Type: sekisho.TypeRegular}
		if got := (uses{}).Wants(f); got != tt.want {
			t.Errorf("%s: %v", tt.path, got)
		}
	}
}

func FuzzUses(f *testing.F) {
	f.Add([]byte("#!/usr/bin/env -S x\n"))
	f.Add([]byte("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 80)))
	if b, err := os.ReadFile("/bin/true"); err == nil {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		u := usesOf(t, b)
		if len(u.Libraries) > maxLibraries {
			t.Fatal(len(u.Libraries))
		}
		for _, l := range u.Libraries {
			if l == "" || len(l) > 3*maxSoname {
				t.Fatalf("%q", l)
			}
		}
		if d := cmp.Diff(u, usesOf(t, b)); d != "" {
			t.Fatal(d)
		}
	})
}
