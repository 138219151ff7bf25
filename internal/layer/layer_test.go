// SPDX-License-Identifier: Apache-2.0

package layer

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/sekisho"
)

type entry struct {
	name, link, body string
	typ              byte
	mode             int64
}

func makeTar(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.typ == 0 {
			e.typ = tar.TypeReg
		}
		if err := w.WriteHeader(&tar.Header{Name: e.name, Linkname: e.link, Typeflag: e.typ, Size: int64(len(e.body)), Mode: e.mode}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gz(t testing.TB, b []byte, members int) []byte {
	t.Helper()
	var out bytes.Buffer
	for i := range members {
		w := gzip.NewWriter(&out)
		if _, err := w.Write(b[len(b)*i/members : len(b)*(i+1)/members]); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func zst(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

func digest(b []byte) string {
	s := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(s[:])
}

// list reads a whole stream as one line an entry.
func list(ctx context.Context, blob []byte, opt Options) (out []string, err error) {
	s, err := NewStream(ctx, io.NopCloser(bytes.NewReader(blob)), opt)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		body, err := io.ReadAll(s)
		if err != nil {
			return out, err
		}
		out = append(out, fmt.Sprintf("%d %s %s %q", f.Type, f.Path, f.Link, body))
	}
}

var sample = []entry{
	{name: "./", typ: tar.TypeDir, mode: 0o755},
	{name: "etc/", typ: tar.TypeDir, mode: 0o755},
	{name: "/etc/os-release", body: "ID=x\n", mode: 0o644},
	{name: "../../etc/escape", body: "e"},
	{name: "etc/link", typ: tar.TypeSymlink, link: "../os"},
	{name: "etc/hard", typ: tar.TypeLink, link: "./etc/os-release"},
	{name: "etc/.wh.gone", body: ""},
	{name: "var/.wh..wh..opq"},
	{name: "var/.wh..wh.plnk/"},
	{name: "etc/os-release", body: "ID=again\n"},
	{name: "dev/null", typ: tar.TypeChar},
	{name: strings.Repeat("long/", 60) + "x", body: "pax"},
}

var sampleWant = []string{
	`1 .  ""`, `1 etc  ""`, `0 etc/os-release  "ID=x\n"`, `0 etc/escape  "e"`, `2 etc/link ../os ""`,
	`3 etc/hard etc/os-release ""`, `6 etc/gone  ""`, `7 var  ""`, `0 etc/os-release  "ID=again\n"`,
	`4 dev/null  ""`, `0 ` + strings.Repeat("long/", 60) + `x  "pax"`,
}

func TestStream(t *testing.T) {
	plain := makeTar(t, append(sample[:8:8], sample[9:]...)...)
	for name, blob := range map[string][]byte{
		"plain": plain, "gzip": gz(t, plain, 1), "estargz": gz(t, plain, 7), "zstd": zst(t, plain),
	} {
		got, err := list(t.Context(), blob, Options{Digest: digest(blob), DiffID: digest(plain), Size: int64(len(blob))})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(sampleWant, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		for _, o := range []Options{{Digest: digest(nil)}, {DiffID: digest(nil)}} {
			if name == "plain" && o.DiffID == "" {
				o.Digest = digest(nil)
			}
			if _, err := list(t.Context(), blob, o); err == nil || !strings.Contains(err.Error(), "damaged or exchanged") {
				t.Errorf("%s with a wrong digest: %v", name, err)
			}
		}
	}
}

func TestTruncatedNeverPasses(t *testing.T) {
	plain := makeTar(t, entry{name: "a", body: strings.Repeat("x", 3000)}, entry{name: "b", body: "y"})
	for name, blob := range map[string][]byte{"plain": plain, "gzip": gz(t, plain, 2), "zstd": zst(t, plain)} {
		for n := range len(blob) {
			if _, err := list(t.Context(), blob[:n], Options{Digest: digest(blob), DiffID: digest(plain)}); err == nil {
				t.Fatalf("%s cut at %d of %d was read without an error", name, n, len(blob))
			}
		}
	}
}

func TestBounds(t *testing.T) {
	bomb := makeTar(t, entry{name: "zeros", body: string(make([]byte, 64<<20))})
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	_, err = list(t.Context(), w.EncodeAll(bomb, nil), Options{})
	var pe *sekisho.ProblemError
	if !errors.As(err, &pe) || pe.Problem.Bound != "ratio" {
		t.Errorf("a bomb of %d bytes: %v", len(bomb), err)
	}
	_, err = list(t.Context(), makeTar(t, entry{name: strings.Repeat("p", 200)}), Options{Bounds: sekisho.Bounds{PathBytes: 100}})
	if !errors.As(err, &pe) || pe.Problem.Bound != "path-bytes" {
		t.Errorf("a long path: %v", err)
	}
}

func TestCloseEarlyLeavesNothingRunning(t *testing.T) {
	blob := gz(t, makeTar(t, entry{name: "a", body: string(make([]byte, 8<<20))}, entry{name: "b"}), 1)
	before := runtime.NumGoroutine()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := NewStream(ctx, io.NopCloser(bytes.NewReader(blob)), Options{Digest: digest(blob), DiffID: digest(nil)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Next(); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// Hides is compared with a model that applies random layers to a real tree of
// names, as a container run time would.
func TestSquashAgainstModel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "b", "a/b", "a/c", "a/b/c", "a/b/d", "b/x", "b/x/y", "c"}
	for round := range 3000 {
		var indexes Squash
		owner := map[string]int{} // file -> layer that a container sees it from
		dirs := map[string]bool{}
		added := make([]map[string]bool, 3)
		for l := range 3 {
			x := &Index{}
			added[l] = map[string]bool{}
			removeBelow := func(p string, below int) {
				for f, o := range owner {
					if strings.HasPrefix(f, p+"/") && o < below {
						delete(owner, f)
					}
				}
			}
			inLayer := map[string]sekisho.FileType{}
			for range r.IntN(4) {
				p := names[r.IntN(len(names))]
				typ := []sekisho.FileType{sekisho.TypeRegular, sekisho.TypeDir, sekisho.TypeWhiteout, sekisho.TypeOpaque}[r.IntN(4)]
				ok := true
				for q, qt := range inLayer { // a well-formed layer: no file is a parent, one entry a name
					if q == p || strings.HasPrefix(p, q+"/") && qt != sekisho.TypeDir && qt != sekisho.TypeOpaque ||
						strings.HasPrefix(q, p+"/") && typ != sekisho.TypeDir && typ != sekisho.TypeOpaque {
						ok = false
					}
				}
				if ok {
					inLayer[p] = typ
				}
			}
			for p, typ := range inLayer {
				x.Add(&sekisho.File{Path: p, Type: typ})
				switch typ {
				case sekisho.TypeOpaque:
					removeBelow(p, l)
				case sekisho.TypeWhiteout:
					if owner[p] < l {
						delete(owner, p)
					}
					removeBelow(p, l)
				case sekisho.TypeDir:
					if o, ok := owner[p]; ok && o < l {
						delete(owner, p)
					}
					dirs[p] = true
				default:
					removeBelow(p, l)
					owner[p] = l
					added[l][p] = true
				}
				// The parents of whatever is put there are directories.
				if typ == sekisho.TypeRegular || typ == sekisho.TypeDir {
					for d := path.Dir(p); d != "."; d = path.Dir(d) {
						if o, ok := owner[d]; ok && o < l {
							delete(owner, d)
							x.Add(&sekisho.File{Path: d, Type: sekisho.TypeDir}) // as archives do
						}
					}
				}
			}
			x.Sort()
			indexes = append(indexes, x)
		}
		for l, files := range added {
			for p := range files {
				o, visible := owner[p]
				visible = visible && o == l
				if got := !indexes.Hidden(l, p); got != visible {
					t.Fatalf("round %d: layer %d %s visible = %v, want %v\n%+v", round, l, p, got, visible, indexes)
				}
			}
		}
	}
}

func TestHidesArchiveMembersAndRoot(t *testing.T) {
	x := &Index{}
	x.Add(&sekisho.File{Path: "app.war"})
	x.Sort()
	if !x.Hides("app.war!/WEB-INF/lib/a.jar") || x.Hides("app.wa") {
		t.Error("a member of a replaced archive must be hidden, and nothing else")
	}
	x = &Index{}
	x.Add(&sekisho.File{Path: ".", Type: sekisho.TypeOpaque})
	x.Sort()
	if !x.Hides("any/thing") {
		t.Error("an opaque root hides everything")
	}
}

func TestDir(t *testing.T) {
	dir := t.TempDir()
	for p, body := range map[string]string{"b/file": "1", "a": "22", "b/skip/me": "3"} {
		if err := os.MkdirAll(path.Dir(path.Join(dir, p)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path.Join(dir, p), []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", path.Join(dir, "b/out")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	s := NewDir(t.Context(), root, DirOptions{Skip: func(p string, _ fs.DirEntry) (bool, error) { return p == "b/skip", nil }})
	var got []string
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%d %s %s", f.Type, f.Path, f.Link)
		if f.Open != nil {
			c, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, c.Size())
			if _, err := c.ReadAt(b, 0); err != nil {
				t.Fatal(err)
			}
			c.Close()
			line += string(b)
		}
		got = append(got, line)
	}
	if d := cmp.Diff([]string{"0 a 22", "1 b ", "0 b/file 1", "2 b/out /etc/passwd"}, got); d != "" {
		t.Error(d)
	}
	if _, err := openFile(root, "b/out"); err == nil {
		t.Error("a link that leaves the root was followed")
	}
}

func FuzzStream(f *testing.F) {
	plain := makeTar(f, entry{name: "a", body: "x"}, entry{name: "d/.wh.b"}, entry{name: "l", typ: tar.TypeLink, link: "a"})
	f.Add(plain)
	f.Add(gz(f, plain, 2))
	f.Add(zst(f, plain))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := NewStream(t.Context(), io.NopCloser(bytes.NewReader(b)), Options{})
		if err != nil {
			return
		}
		defer s.Close()
		for range 1000 {
			file, err := s.Next()
			if err != nil {
				return
			}
			if file.Path == "" || file.Path[0] == '/' || strings.HasPrefix(file.Path, "../") || file.Path == ".." || strings.Contains(file.Path, "/../") {
				t.Fatalf("path %q leaves the root", file.Path)
			}
			if _, err := io.CopyN(io.Discard, s, 1<<20); err != nil && !errors.Is(err, io.EOF) {
				return
			}
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("a//b/../c/./d/")
	f.Fuzz(func(t *testing.T, p string) {
		want := path.Clean("/" + p)[1:]
		if want == "" {
			want = "."
		}
		if got := Clean(p); got != want {
			t.Fatalf("Clean(%q) = %q, want %q", p, got, want)
		}
	})
}
