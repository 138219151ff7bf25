// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestExcluded(t *testing.T) {
	for _, tt := range []struct {
		pattern, path string
		want          bool
	}{
		{"*.log", "a.log", true},
		{"*.log", "var/log/a.log", true},
		{"*.log", "var/log/a.logs", false},
		{"var/cache", "var/cache", true},
		{"var/cache", "var/cache/apt/x", true},
		{"/var/cache/", "var/cache/apt/x", true},
		{"./var/cache/**", "var/cache/apt/x", true},
		{"var/cache", "srv/var/cache/x", false},
		{"var/cache", "var/cached", false},
		{"var/*/apt", "var/cache/apt/x", true},
		{"node_modules", "srv/app/node_modules/a/package.json", true},
		{"**/node_modules", "srv/app/node_modules/a/package.json", true},
		{"**/b/c", "a/b/c/d", true},
		{"**/b/c", "a/b/d/c", false},
		{"a", "ab", false},
		{"a/b", "a/bc", false},
		{"", "a", false},
		{"srv/*", "srv", false},
		{"srv/*", "srv/a/b", true},
		{"*/cache", "a/b/cache", false},
		{"**/l?b/*.so", "usr/lib/x/a.so", false},
		{"**/l?b/*.so", "usr/lib/a.so/b", true},
		{"[x-z]", "a/y/b", true},
		{"a[^b]c", "a/c", true}, // a class may match a slash
		{`a\/c`, "a/c/d", true},
		{"*", ".", false},
	} {
		if got := newExclusion([]string{"other", tt.pattern}).has(tt.path); got != tt.want {
			t.Errorf("%q excludes %s: %v, want %v", tt.pattern, tt.path, got, tt.want)
		}
	}
	if newExclusion(nil).has("a") {
		t.Error("no pattern excludes a path")
	}
}

// What a pattern means is said naively: it is tried on every directory that a
// path is in, and where it matches at any depth, on every tail of each.
func naivelyExcluded(pattern, p string) bool {
	pattern = strings.TrimSuffix(strings.Trim(strings.TrimPrefix(pattern, "./"), "/"), "/**")
	rest, anywhere := strings.CutPrefix(pattern, "**/")
	anywhere = anywhere || !strings.Contains(pattern, "/")
	for dir := p; dir != "." && dir != "/"; dir = path.Dir(dir) {
		for tail := dir; ; {
			if ok, _ := path.Match(rest, tail); ok {
				return true
			}
			_, below, more := strings.Cut(tail, "/")
			if !anywhere || !more {
				break
			}
			tail = below
		}
	}
	return false
}

func FuzzExcluded(f *testing.F) {
	for _, pattern := range []string{"*.log", "/var/cache/", "./var/**", "**/b/c", "a[^b]c", `a\/c`, "[", "", "**/*/c", "a?b"} {
		f.Add(pattern, "var/cache/a/b/c")
		f.Add(pattern, "a/c")
	}
	f.Fuzz(func(t *testing.T, pattern, p string) {
		if p == "" || path.Clean(p) != p || strings.HasPrefix(p, "/") || len(pattern)+len(p) > 200 {
			return
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return // cli refuses it
		}
		if got, want := newExclusion([]string{pattern}).has(p), naivelyExcluded(pattern, p); got != want {
			t.Errorf("%q excludes %q: %v, naively %v", pattern, p, got, want)
		}
	})
}

// A tree of many directories with patterns of many kinds, the path in none.
func BenchmarkExcluded(b *testing.B) {
	x := newExclusion([]string{"proc", "sys", "tmp", "home", "var/cache", "var/lib/containers", "**/node_modules", "*.log", "srv/*/data"})
	for b.Loop() {
		if x.has("usr/lib/python3/dist-packages/package/module/__pycache__/file.cpython-312.pyc") {
			b.Fatal("it is not excluded")
		}
	}
}

// The floor: what was asked of each file before patterns were read once.
func BenchmarkFloorExcludedNaively(b *testing.B) {
	for b.Loop() {
		for _, p := range []string{"proc", "sys", "tmp", "home", "var/cache", "var/lib/containers", "**/node_modules", "*.log", "srv/*/data"} {
			naivelyExcluded(p, "usr/lib/python3/dist-packages/package/module/__pycache__/file.cpython-312.pyc")
		}
	}
}

// A directory that is left out is not gone into, and what cannot be read in it
// is no gap.
func TestExcludedDirectoryIsNotEntered(t *testing.T) {
	tree, long := t.TempDir(), strings.Repeat("x", 60)
	for _, dir := range []string{"in", "out/deep/" + long} {
		if err := os.MkdirAll(filepath.Join(tree, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"in/lock", "out/lock", "out/deep/lock"} {
		if err := os.WriteFile(filepath.Join(tree, name), []byte(path.Dir(name)+" 1"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(tree)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, tt := range []struct {
		exclude           []string
		entered, packages string
		complete          bool
	}{
		{nil, ". in out out/deep", "in 1 from 0  [0 in/lock:1],out 1 from 0  [0 out/lock:1],out/deep 1 from 0  [0 out/deep/lock:1]", false},
		{[]string{"out"}, ". in out", "in 1 from 0  [0 in/lock:1]", true},
		{[]string{long}, ". in out out/deep", "in 1 from 0  [0 in/lock:1],out 1 from 0  [0 out/lock:1],out/deep 1 from 0  [0 out/deep/lock:1]", false},
	} {
		var entered []string
		r := run(t, Options{Exclude: tt.exclude, Bounds: sekisho.Bounds{PathBytes: 40}}, sekisho.Layer{Open: func(ctx context.Context) (sekisho.FileStream, error) {
			return layer.NewDir(ctx, root, layer.DirOptions{
				Enter:  func(dir string, _ []fs.DirEntry) { entered = append(entered, dir) },
				Bounds: sekisho.Bounds{PathBytes: 40},
			}), nil
		}})
		if got := strings.Join(entered, " "); got != tt.entered {
			t.Errorf("without %v it enters %s, want %s", tt.exclude, got, tt.entered)
		}
		if got := strings.Join(lines(r), ","); got != tt.packages || r.Coverage.Complete != tt.complete {
			t.Errorf("without %v: %s, complete %v, %+v", tt.exclude, got, r.Coverage.Complete, r.Problems)
		}
	}
}
