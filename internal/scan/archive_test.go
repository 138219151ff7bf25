// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// opener is a nose that is asked of the files of archives too.
type opener struct{ *nose }

func (opener) SniffsArchives() {}

func zipped(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(f, files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(files[name])), Mode: 0o600, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func squeezed(t testing.TB, body string, open func(io.Writer) (io.WriteCloser, error)) string {
	t.Helper()
	var b bytes.Buffer
	w, err := open(&b)
	if err == nil {
		_, err = io.WriteString(w, body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gz(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }
func zs(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }
func xzs(w io.Writer) (io.WriteCloser, error) {
	return xz.NewWriter(w)
}

// bzipped is "secret in bzip2\n" as bzip2 makes it: Go has no writer.
const bzipped = "\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x74\x5d\x26\x8d\x00\x00\x06\xd9\x80\x00\x10\x40\x00\x10\x00\x1a\x21\x5c\x10\x20\x00\x22\x09\x89\xea\x36\x42\x01\xa0\x0e\x03\xfb\xf1\x32\x93\x22\x16\x8b\xb9\x22\x9c\x28\x48\x3a\x2e\x93\x46\x80"

func encrypted(zip string) string {
	b := []byte(zip)
	b[6] |= 1 // of the entry itself, and in the list of files
	i := bytes.Index(b, []byte("PK\x01\x02"))
	b[i+8] |= 1
	return string(b)
}

// Files within archives are looked through, of layers and of directories, and
// nothing is found twice.
func TestArchives(t *testing.T) {
	secret := map[string]string{"b/.env": "secret 1", "b/plain": "nothing here", "x.class": "secret", "dir/": ""}
	files := []file{
		{path: "a.zip", body: zipped(t, secret)},
		{path: "a.tar", body: tarred(t, map[string]string{"./b/.env": "secret"})},
		{path: "a.tgz", body: squeezed(t, tarred(t, map[string]string{"../b/.env": "secret"}), gz)},
		{path: "a.tar.zst", body: squeezed(t, tarred(t, map[string]string{"b": "secret"}), zs)},
		{path: "a.tar.xz", body: squeezed(t, tarred(t, map[string]string{"b": "secret"}), xzs)},
		{path: "a.log.gz", body: squeezed(t, "secret", gz)},
		{path: "a.txt.bz2", body: bzipped},
		{path: "lock", body: zipped(t, secret)}, // an extractor wants it
		{path: "app.war", body: zipped(t, map[string]string{"lib/x.jar": zipped(t, map[string]string{"deep.tgz": squeezed(t, tarred(t, map[string]string{"f": "secret"}), gz)})})},
		{path: "big.zip", body: zipped(t, map[string]string{"b": "secret" + strings.Repeat("abcdefgh", 300_000)})},
		{path: "plain.zip", body: "PK is no archive"},
		{path: "locked.zip", body: encrypted(zipped(t, map[string]string{"b": "secret"}))},
		{path: "cut.zip", body: zipped(t, secret)[:60]},
		{path: "cut.tgz", body: squeezed(t, tarred(t, map[string]string{"b": "secret", "c": strings.Repeat("x", 1<<16)}), gz)[:150]},
	}
	want := []string{
		"a.log.gz!/a.log", "a.tar!/b/.env", "a.tar.xz!/b", "a.tar.zst!/b", "a.tgz!/b/.env", "a.txt.bz2!/a.txt", "a.zip!/b/.env", "app.war!/lib/x.jar!/deep.tgz!/f",
		"big.zip!/b", "cut.tgz!/b", "lock!/b/.env",
	}
	dir := t.TempDir()
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.path), []byte(f.body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, l := range map[string]sekisho.Layer{
		"layer": layerOf(t, "x", files...),
		"directory": {Open: func(ctx context.Context) (sekisho.FileStream, error) {
			return layer.NewDir(ctx, root, layer.DirOptions{}), nil
		}},
	} {
		n := newNose()
		r := run(t, Options{Extractors: []sekisho.Extractor{opener{n}, listed{name: "lock"}}, Checkers: []sekisho.Checker{n}}, l)
		var got []string
		for i := range r.Findings {
			if p := r.Findings[i].Location.Path; r.Findings[i].Rule == "word" {
				got = append(got, p)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		for p, times := range n.ends {
			if times != 1 {
				t.Errorf("%s: %s was looked through %d times", name, p, times)
			}
		}
		var problems []string
		for _, p := range r.Problems {
			if p.Path != "" && p.Path != "lock" {
				problems = append(problems, fmt.Sprint(p.Path, " ", p.Minor, " ", p.Error))
			}
		}
		all := strings.Join(problems, "\n")
		for _, part := range []string{"locked.zip true encrypted, and not looked through for secrets: 1 file of the archive", "cut.zip true the archive is damaged", "cut.tgz true the archive is damaged"} {
			if !strings.Contains(all, part) {
				t.Errorf("%s: no problem says %q:\n%s", name, part, all)
			}
		}
		if len(problems) != 3 {
			t.Errorf("%s: problems\n%s", name, all)
		}
	}
	// Those who do not ask for it are not asked.
	n := newNose()
	run(t, Options{Extractors: []sekisho.Extractor{n}, Checkers: []sekisho.Checker{n}}, layerOf(t, "x", files...))
	for p := range n.seen {
		if strings.Contains(p, "!/") {
			t.Errorf("%s was looked through for somebody who looks into no archive", p)
		}
	}
}

// Archives that are made to do harm end at a bound that has a name.
func TestArchiveBombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 8<<20)
	many := map[string]string{}
	for i := range 300 {
		many[fmt.Sprint(i)] = "x"
	}
	nest := "secret at the bottom"
	for range 20 {
		nest = squeezed(t, tarred(t, map[string]string{"n.tgz": nest}), gz)
	}
	for name, tt := range map[string]struct {
		body, bound string
		bounds      sekisho.Bounds
	}{
		"ratio":   {squeezed(t, strings.Repeat(zeros, 4), gz), "ratio", sekisho.Bounds{Ratio: 10}},
		"bytes":   {zipped(t, map[string]string{"a": zeros, "b": zeros}), "ratio", sekisho.Bounds{FileBytes: 1 << 20}},
		"nesting": {nest, "nesting", sekisho.Bounds{}},
		"entries": {zipped(t, many), "entries", sekisho.Bounds{Entries: 100}},
		"total":   {squeezed(t, zeros, gz), "total-bytes", sekisho.Bounds{TotalBytes: 1 << 20}},
	} {
		n := newNose()
		r := run(t, Options{Extractors: []sekisho.Extractor{opener{n}}, Checkers: []sekisho.Checker{n}, Bounds: tt.bounds}, layerOf(t, "x", file{path: "bomb", body: tt.body}))
		if !slices.ContainsFunc(r.Problems, func(p sekisho.Problem) bool { return p.Path == "bomb" && p.Bound == tt.bound && p.Minor }) {
			t.Errorf("%s: problems %v", name, r.Problems)
		}
		if len(r.Findings) != 1 {
			t.Errorf("%s: something was found", name)
		}
	}
}

func FuzzArchive(f *testing.F) {
	small := map[string]string{"a/b": "secret", "c": "x"}
	f.Add([]byte(zipped(f, small)))
	f.Add([]byte(tarred(f, small)))
	f.Add([]byte(squeezed(f, tarred(f, small), gz)))
	f.Add([]byte(squeezed(f, "secret", xzs)))
	f.Add([]byte(squeezed(f, "secret", zs)))
	f.Add([]byte(bzipped))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := newNose()
		lw := &layerWalk{walker: &walker{opt: Options{Bounds: sekisho.Bounds{FileBytes: 4 << 20}.WithDefaults()}, smell: []sekisho.Sniffer{opener{n}}, retain: newRetainer(1<<20, t.TempDir())}, layer: &sekisho.Layer{}}
		lw.sniffed, lw.archives = make([]atomic.Int64, 1), true
		lw.begin(t.Context())
		m := lw.retain
		c, err := m.take(int64(len(b)), nil, bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		lw.unpack(t.Context(), &sekisho.File{Path: "x"}, archiveOf(b), c)
		for p := range n.seen {
			if !strings.HasPrefix(p, "x!/") || strings.Contains(p, "/../") {
				t.Fatalf("path %q", p)
			}
		}
		for _, p := range lw.facts.Inventory.Problems {
			if strings.Contains(p.Error, "stumbled") {
				t.Fatal(p.Error)
			}
		}
	})
}
