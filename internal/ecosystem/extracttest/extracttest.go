// SPDX-License-Identifier: Apache-2.0

// Package extracttest gives extractors their input in tests and writes what
// they found as lines to compare. It is imported by tests only.
package extracttest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// memory is content that is in memory already, as the walk mostly has it.
type memory struct {
	*bytes.Reader
	b []byte
}

func (m memory) Bytes() []byte { return m.b }

// Input makes a wanted file of bytes.
func Input(name string, b []byte) *sekisho.Input {
	return &sekisho.Input{
		Path:    name,
		File:    sekisho.File{Path: name, Size: int64(len(b)), Mode: 0o644},
		Content: memory{bytes.NewReader(b), b},
		Size:    int64(len(b)),
		Bounds:  sekisho.DefaultBounds,
	}
}

// Extract reads a file at a path, which the extractor must want.
func Extract(t *testing.T, ex sekisho.Extractor, name string, b []byte) (sekisho.Inventory, error) {
	t.Helper()
	if f := file(name, b); !ex.Wants(&f) {
		t.Fatalf("%s does not want %s", ex.Name(), name)
	}
	return ex.Extract(t.Context(), Input(name, b))
}

func file(name string, b []byte) sekisho.File {
	return sekisho.File{Path: name, Size: int64(len(b)), Head: b[:min(len(b), sekisho.HeadSize)]}
}

// File reads testdata/NAME as if it stood at NAME in a layer, with the files
// that the extractor groups with it, and returns a line a package.
func File(t *testing.T, ex sekisho.Extractor, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	if f := file(name, b); !ex.Wants(&f) {
		t.Fatalf("%s does not want %s", ex.Name(), name)
	}
	in := Input(name, b)
	if g, ok := ex.(sekisho.Grouper); ok {
		if key := g.Group(name); key != "" && key != name {
			t.Fatalf("%s is not the main file of its group", name)
		}
		entries, err := os.ReadDir(filepath.Dir(filepath.Join("testdata", filepath.FromSlash(name))))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			p := path.Join(path.Dir(name), e.Name())
			if p == name || e.IsDir() {
				continue
			}
			b, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(p)))
			if err != nil {
				t.Fatal(err)
			}
			if f := file(p, b); ex.Wants(&f) && g.Group(p) == name {
				if in.Beside == nil {
					in.Beside = map[string]*sekisho.Input{}
				}
				in.Beside[p] = Input(p, b)
			}
		}
	}
	inv, err := ex.Extract(t.Context(), in)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return Lines(t, inv)
}

// Lines writes a package a line: name, version, purl, then what else is known.
// It checks what holds for every package.
func Lines(t *testing.T, inv sekisho.Inventory) string {
	t.Helper()
	var b strings.Builder
	for _, p := range inv.Packages {
		u, err := sekisho.ParsePURL(p.PURL)
		if err != nil {
			t.Error(err)
		} else if u.String() != p.PURL {
			t.Errorf("purl %s is not canonical, %s is", p.PURL, u)
		}
		if p.Ecosystem == "" || p.Name == "" || p.Version == "" {
			t.Errorf("package without ecosystem, name or version: %+v", p)
		}
		fmt.Fprintf(&b, "%s %s %s", p.Name, p.Version, p.PURL)
		if p.Line > 0 {
			fmt.Fprintf(&b, " line=%d", p.Line)
		}
		if p.Relationship != "" {
			fmt.Fprintf(&b, " %s", p.Relationship)
		}
		if p.Dev {
			b.WriteString(" dev")
		}
		if len(p.Licenses) > 0 {
			fmt.Fprintf(&b, " %q", p.Licenses)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Equal compares lines, ignoring the blanks around them.
func Equal(t *testing.T, got, want string) {
	t.Helper()
	trim := func(s string) []string {
		var l []string
		for s := range strings.Lines(s) {
			if s = strings.TrimSpace(s); s != "" {
				l = append(l, s)
			}
		}
		return l
	}
	g, w := trim(got), trim(want)
	if !slices.Equal(g, w) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(g, "\n\t"), strings.Join(w, "\n\t"))
	}
}

// Fuzz seeds a fuzz target with the files of testdata and reads what the
// fuzzer makes of them, at every path of testdata that an extractor wants: no
// panic, packages are complete, and the same bytes give the same facts.
func Fuzz(f *testing.F, exs ...sekisho.Extractor) {
	f.Helper()
	paths := map[string]bool{}
	err := filepath.WalkDir("testdata", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(filepath.ToSlash(p), "testdata/fuzz/") {
			return err
		}
		b, err := os.ReadFile(p)
		if err == nil {
			f.Add(b)
			paths[filepath.ToSlash(strings.TrimPrefix(p, "testdata"+string(filepath.Separator)))] = true
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		f.Fatal("testdata has no seeds: ", err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, ex := range exs {
			for p := range paths {
				f := file(p, b)
				if !ex.Wants(&f) {
					continue
				}
				inv, err := ex.Extract(t.Context(), Input(p, b))
				again, err2 := ex.Extract(t.Context(), Input(p, b))
				if !reflect.DeepEqual(inv, again) || (err == nil) != (err2 == nil) {
					t.Fatalf("%s states other facts the second time", ex.Name())
				}
				lines := bytes.Count(b, []byte{'\n'}) + 1
				for _, p := range inv.Packages {
					if p.Ecosystem == "" || p.Name == "" || p.Version == "" || p.PURL == "" || p.Line < 0 || p.Line > lines {
						t.Fatalf("%s states %+v", ex.Name(), p)
					}
				}
			}
		}
	})
}
