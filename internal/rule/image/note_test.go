// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestNote(t *testing.T) {
	for _, tt := range []struct {
		f    sekisho.File
		want []string
	}{
		{sekisho.File{Path: "usr/bin/sudo", Mode: fs.ModeSetuid | 0o755}, []string{"setuid", "sudo"}},
		{sekisho.File{Path: "a", Mode: fs.ModeSetuid | fs.ModeSetgid | 0o777}, []string{"setuid", "setgid", "world-writable"}},
		{sekisho.File{Path: "a", Type: sekisho.TypeHardlink, Mode: fs.ModeSetuid | 0o755}, []string{"setuid"}},
		{sekisho.File{Path: "a", Mode: fs.ModeSetuid | 0o644}, nil}, // no program
		{sekisho.File{Path: "a", Mode: fs.ModeSetgid | 0o644}, nil}, // mandatory locks
		{sekisho.File{Path: "srv", Type: sekisho.TypeDir, Mode: fs.ModeSetgid | fs.ModeDir | 0o775}, nil},
		{sekisho.File{Path: "tmp", Type: sekisho.TypeDir, Mode: fs.ModeSticky | fs.ModeDir | 0o777}, nil},
		{sekisho.File{Path: "srv", Type: sekisho.TypeDir, Mode: fs.ModeDir | 0o777}, []string{"world-writable"}},
		{sekisho.File{Path: "bin", Type: sekisho.TypeSymlink, Mode: fs.ModeSymlink | 0o777, Link: "usr/bin"}, nil},
		{sekisho.File{Path: ".", Type: sekisho.TypeDir, Mode: fs.ModeDir | 0o755}, nil},
		{sekisho.File{Path: ""}, nil},
		{sekisho.File{Path: "/"}, nil},
		{sekisho.File{Path: "app/", Size: 1}, nil},
	} {
		if d := cmp.Diff(tt.want, noter{}.Note(&tt.f)); d != "" {
			t.Errorf("%+v: %s", tt.f, d)
		}
	}
}

// ordinary are entries as most of an image are.
func ordinary() (out []sekisho.File) {
	for n := range 200 {
		out = append(out,
			sekisho.File{Path: fmt.Sprintf("usr/share/doc/package%d/copyright", n), Mode: 0o644, Size: 1000},
			sekisho.File{Path: fmt.Sprintf("usr/lib/x86_64-linux-gnu/libpart%d.so.1.2.3", n), Mode: 0o644, Size: 100000},
			sekisho.File{Path: fmt.Sprintf("app/node_modules/module%d/dist/index.js", n), Mode: 0o644, Size: 3000},
			sekisho.File{Path: fmt.Sprintf("app/node_modules/module%d/package.json", n), Mode: 0o644, Size: 900},
			sekisho.File{Path: fmt.Sprintf("app/node_modules/module%d", n), Type: sekisho.TypeDir, Mode: fs.ModeDir | 0o755},
			sekisho.File{Path: fmt.Sprintf("usr/bin/program%d", n), Mode: 0o755, Size: 30000},
			sekisho.File{Path: fmt.Sprintf("usr/lib/python3/dist-packages/part%d/__init__.py", n), Mode: 0o644, Size: 1200},
			sekisho.File{Path: fmt.Sprintf("usr/lib/alternative%d", n), Type: sekisho.TypeSymlink, Mode: fs.ModeSymlink | 0o777, Link: "x"},
		)
	}
	return out
}

// Ordinary entries cost no allocation: Note is asked of hundreds of thousands.
func TestNoteAllocatesNothing(t *testing.T) {
	files := ordinary()
	if n := testing.AllocsPerRun(10, func() {
		for i := range files {
			if got := (noter{}).Note(&files[i]); got != nil {
				t.Fatalf("%s: %v", files[i].Path, got)
			}
			if (credentials{}).Wants(&files[i]) || (accounts{}).Wants(&files[i]) {
				t.Fatalf("%s is wanted", files[i].Path)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkNote(b *testing.B) {
	files := ordinary()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		noter{}.Note(&files[n%len(files)])
	}
}

func BenchmarkWants(b *testing.B) {
	files := ordinary()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		credentials{}.Wants(&files[n%len(files)])
		accounts{}.Wants(&files[n%len(files)])
	}
}

func FuzzNote(f *testing.F) {
	f.Add("usr/bin/sudo", uint32(fs.ModeSetuid|0o755), uint8(0), "x")
	f.Add("root/.cache/pip/http", uint32(fs.ModeDir|0o777), uint8(1), "")
	f.Fuzz(func(_ *testing.T, path string, mode uint32, kind uint8, link string) {
		file := sekisho.File{Path: path, Mode: fs.FileMode(mode), Type: sekisho.FileType(kind % 8), Size: 1 << 20, Link: link}
		note := sekisho.FileNote{Type: file.Type, Mode: mode, Location: sekisho.Location{Path: path}, Notes: noter{}.Note(&file)}
		_ = describe(&note)
	})
}

func FuzzCredential(f *testing.F) {
	for path, text := range map[string]string{
		"root/.ssh/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n", "app/.env": "A_TOKEN=b7f2c19e\n", "root/.npmrc": "//x/:_authToken=b7f2c19e\n",
		"root/.docker/config.json": `{"auths":{"x":{"auth":"dTpw"}}}`, "root/.netrc": "password b7f2c19e", "app/credentials.json": `{"private_key":"-----BEGIN PRIVATE KEY-----"}`, "a/wp-config.php": "define('DB_PASSWORD', 'b7f2c19e');",
	} {
		f.Add(path, text)
	}
	f.Fuzz(func(t *testing.T, path, text string) {
		line, note := judgeCredential(path, []byte(text))
		if line < 0 || line > 1+bytes.Count([]byte(text), []byte("\n")) {
			t.Fatalf("line %d", line)
		}
		inv, err := credentials{}.Extract(t.Context(), &sekisho.Input{Path: path, Content: bytes.NewReader([]byte(text)), Size: int64(len(text))})
		if err != nil || len(inv.Resources) != 0 || (note == "") != (len(inv.Files) == 0) {
			t.Fatal(inv, err)
		}
	})
}
