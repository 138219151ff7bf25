// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// listed is a fake extractor: files named NAME hold lines "package version",
// and "!problem", "!panic", "!error".
type listed struct {
	name    string
	version int
	calls   *atomic.Int64
}

func (e listed) Name() string               { return "test/" + e.name }
func (e listed) Version() int               { return max(e.version, 1) }
func (e listed) Wants(f *sekisho.File) bool { return strings.HasSuffix(f.Path, e.name) }

func (e listed) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if e.calls != nil {
		e.calls.Add(1)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	eco := sekisho.EcosystemDeb
	if e.name != "status" {
		eco = sekisho.EcosystemNPM
	}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		switch n, v, ok := strings.Cut(line, " "); {
		case line == "!panic":
			panic("as asked")
		case line == "!error":
			err = errors.New("damaged on purpose")
		case strings.HasPrefix(line, "owns "):
			inv.Owned = append(inv.Owned, sekisho.Ownership{Ecosystem: eco, Name: "owner", Files: sekisho.NewPathSet([]string{v})})
		case strings.HasPrefix(line, "ID="):
			inv.OS = append(inv.OS, sekisho.OS{ID: line[3:], Version: "1", Family: line[3:]})
		case ok:
			inv.Packages = append(inv.Packages, sekisho.Package{Ecosystem: eco, Name: n, Version: v, Line: i + 1})
		}
	}
	return inv, err
}

type file struct {
	path, body, link string
	mode             int64
}

// layerOf makes a layer of files; a path that ends in "/" is a directory, one
// with a link a hard link.
func layerOf(t testing.TB, instruction string, files ...file) sekisho.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		h := &tar.Header{Name: f.path, Size: int64(len(f.body)), Mode: f.mode, Typeflag: tar.TypeReg}
		if strings.HasSuffix(f.path, "/") {
			h.Typeflag = tar.TypeDir
		}
		if f.link != "" {
			h.Typeflag, h.Linkname = tar.TypeLink, f.link
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return blobLayer(b.Bytes(), instruction)
}

func blobLayer(blob []byte, instruction string) sekisho.Layer {
	sum := sha256.Sum256(blob)
	id := "sha256:" + hex.EncodeToString(sum[:])
	return sekisho.Layer{DiffID: id, Instruction: instruction, Size: int64(len(blob)), Open: func(ctx context.Context) (sekisho.FileStream, error) {
		return layer.NewStream(ctx, io.NopCloser(bytes.NewReader(blob)), layer.Options{DiffID: id})
	}}
}

func extractors() []sekisho.Extractor {
	return []sekisho.Extractor{listed{name: "status"}, listed{name: "lock"}}
}

func run(t *testing.T, opt Options, layers ...sekisho.Layer) *sekisho.Result {
	t.Helper()
	if opt.Extractors == nil {
		opt.Extractors = extractors()
	}
	opt.TempDir = t.TempDir()
	r, err := Run(t.Context(), &sekisho.Artifact{Target: sekisho.Target{Name: "test"}, Layers: layers}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines describes packages in short.
func lines(r *sekisho.Result) (out []string) {
	for _, p := range r.Packages {
		s := p.Name + " " + p.Version
		if p.Hidden {
			s += " hidden"
		}
		if p.OwnedBy != "" {
			s += " owned by " + p.OwnedBy
		}
		if p.Introduced != nil {
			s += fmt.Sprintf(" from %d %s", p.Introduced.Index, p.Introduced.Instruction)
		}
		for _, l := range p.Locations {
			s += fmt.Sprintf(" [%d %s:%d]", l.Index, l.Path, l.Line)
		}
		out = append(out, s)
	}
	return out
}

func TestStackedStatusFiles(t *testing.T) {
	r := run(t, Options{},
		layerOf(t, "base", file{path: "var/status", body: "libc 1\ncurl 1\nold 1"}, file{path: "etc/status", body: "ID=debian"}),
		layerOf(t, "upgrade", file{path: "var/status", body: "libc 1\ncurl 2"}),
		layerOf(t, "add", file{path: "var/status", body: "libc 1\ncurl 2\nvim 9"}, file{path: "app/lock", body: "left 1"}),
		layerOf(t, "remove", file{path: "app/.wh.lock"}),
	)
	want := []string{
		"curl 1 hidden from 0 base [0 var/status:2]",
		"curl 2 from 1 upgrade [2 var/status:2]",
		"libc 1 from 0 base [2 var/status:1]",
		"old 1 hidden from 0 base [0 var/status:3]",
		"vim 9 from 2 add [2 var/status:3]",
		"left 1 hidden from 2 add [2 app/lock:1]",
	}
	if d := cmp.Diff(want, lines(r)); d != "" {
		t.Error(d)
	}
	if r.OS == nil || r.OS.ID != "debian" || r.Coverage.OS != "supported" {
		t.Errorf("OS = %+v, coverage %s", r.OS, r.Coverage.OS)
	}
	if got := r.Packages[1].PURL; got != "pkg:deb/debian/curl@2?distro=debian-1" {
		t.Errorf("purl %s", got)
	}
	if d := cmp.Diff([]sekisho.EcosystemCoverage{{Ecosystem: "deb", Packages: 3, Hidden: 2, NotAssessed: 3}, {Ecosystem: "npm", Hidden: 1}}, r.Coverage.Ecosystems); d != "" {
		t.Error(d)
	}
}

func TestOwnedByADistributionPackage(t *testing.T) {
	r := run(t, Options{},
		layerOf(t, "base", file{path: "status", body: "owner 3\nowns /lib/js/lock"}, file{path: "usr/lib/js/lock", body: "yaml 1\nboth 1"},
			file{path: "usr/bin/tool", body: "\x7fELF" + strings.Repeat("x", 99), mode: 0o755},
			file{path: "usr/lib/x.so", body: "\x7fELF" + strings.Repeat("x", 99), mode: 0o755}),
		layerOf(t, "app", file{path: "app/lock", body: "both 1\nown 1"}),
	)
	want := []string{
		"owner 3 from 0 base [0 status:1]",
		"both 1 from 0 base [1 app/lock:1] [0 usr/lib/js/lock:2]", // judged for the place that nobody owns
		"own 1 from 1 app [1 app/lock:2]",
		"yaml 1 owned by pkg:deb/owner@3 from 0 base [0 usr/lib/js/lock:1]",
	}
	if d := cmp.Diff(want, lines(r)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"usr/bin/tool"}, r.Coverage.Unowned); d != "" {
		t.Error(d)
	}
}

func TestHardLinkToAFileNobodyWanted(t *testing.T) {
	r := run(t, Options{}, layerOf(t, "", file{path: "store/abc", body: "deep 1"}, file{path: "app/lock", link: "store/abc"},
		file{path: "b/lock", body: "near 1"}, file{path: "c/lock", link: "b/lock"}))
	if d := cmp.Diff([]string{"deep 1 from 0  [0 app/lock:1]", "near 1 from 0  [0 b/lock:1]"}, lines(r)); d != "" {
		t.Error(d)
	}
}

// A script with two names must not make the layer be read again for those who
// want programs by their first bytes.
func TestLayersAreReadOnceUnlessALinkNeedsIt(t *testing.T) {
	for body, want := range map[string]int{"#!/bin/sh\n": 1, "\x7fELF" + strings.Repeat("x", 99): 2} {
		l := layerOf(t, "", file{path: "bin/a", body: body, mode: 0o755}, file{path: "bin/tool", link: "bin/a", mode: 0o755})
		opened, open := 0, l.Open
		l.Open = func(ctx context.Context) (sekisho.FileStream, error) { opened++; return open(ctx) }
		run(t, Options{Extractors: []sekisho.Extractor{magic{}}}, l)
		if opened != want {
			t.Errorf("%q: read %d times, want %d", body[:4], opened, want)
		}
	}
}

// magic wants programs called tool, by their first bytes.
type magic struct{ listed }

func (magic) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, "tool") && bytes.HasPrefix(f.Head, []byte("\x7fELF"))
}

func TestProblemsAreDataAndTheWalkGoesOn(t *testing.T) {
	r := run(t, Options{},
		layerOf(t, "", file{path: "a/lock", body: "!panic"}, file{path: "b/lock", body: "good 1\n!error"}, file{path: "big/lock", body: strings.Repeat("x", 2000)}),
		blobLayer([]byte(strings.Repeat("garbage ", 200)), ""),
		sekisho.Layer{Digest: "sha256:foreign"},
	)
	if d := cmp.Diff([]string{"good 1 from 0  [0 b/lock:1]"}, lines(r)); d != "" {
		t.Error(d)
	}
	var got []string
	for _, p := range r.Problems {
		got = append(got, p.Stage+" "+p.Path)
	}
	if d := cmp.Diff([]string{"extract a/lock", "extract b/lock", "walk "}, got); d != "" {
		t.Error(d)
	}
	if !strings.Contains(r.Problems[0].Error, "test/lock stumbled") || r.Coverage.Complete || r.Coverage.LayersUnread != 2 {
		t.Errorf("%+v %+v", r.Problems[0], r.Coverage)
	}
}

func TestBoundsAreProblemsWithNames(t *testing.T) {
	l := layerOf(t, "", file{path: "a/lock", body: "one 1"}, file{path: "b/lock", body: "two 2" + strings.Repeat("\n#", 2000)}, file{path: "c/lock", body: "three 3"})
	for bound, b := range map[string]sekisho.Bounds{
		"file-bytes": {FileBytes: 100}, "total-bytes": {TotalBytes: 2000}, "entries": {Entries: 2},
	} {
		r := run(t, Options{Bounds: b}, l)
		if len(r.Problems) != 1 || r.Problems[0].Bound != bound || r.Coverage.Complete {
			t.Errorf("%s: %+v, complete %v", bound, r.Problems, r.Coverage.Complete)
		}
		if len(r.Packages) == 0 || len(r.Packages) == 3 {
			t.Errorf("%s: %v", bound, lines(r))
		}
	}
}

func TestContentBeyondTheBudgetSpills(t *testing.T) {
	files := []file{}
	for i := range 40 {
		files = append(files, file{path: fmt.Sprintf("d%d/lock", i), body: fmt.Sprintf("p%d 1\n", i) + strings.Repeat("#\n", 40_000)})
	}
	l := layerOf(t, "", files...)
	small, large := run(t, Options{Bounds: sekisho.Bounds{RetainBytes: 1}}, l), run(t, Options{}, l)
	if d := cmp.Diff(lines(large), lines(small)); d != "" || len(small.Packages) != 40 || len(small.Problems) > 0 {
		t.Errorf("%d packages, %v: %s", len(small.Packages), small.Problems, d)
	}
}

func TestRetainerGivesBackWhatItTook(t *testing.T) {
	tr := newRetainer(1<<20, t.TempDir())
	for _, size := range []int{0, 1, 4096, 5000, 1 << 20, 1<<20 + 1} {
		body := strings.Repeat("z", size)
		c, err := tr.take(int64(size), []byte(body[:min(size, 512)]), strings.NewReader(body[min(size, 512):]))
		if err != nil {
			t.Fatal(err)
		}
		_, inMemory := c.(*memory)
		if inMemory != (size <= 1<<20) {
			t.Errorf("%d bytes in memory: %v", size, inMemory)
		}
		got := make([]byte, size)
		if n, err := c.ReadAt(got, 0); n != size || string(got) != body || err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("%d bytes: read %d, %v", size, n, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if tr.used.Load() != 0 {
		t.Errorf("%d bytes were not given back", tr.used.Load())
	}
	if left, _ := os.ReadDir(tr.dir); len(left) > 0 {
		t.Errorf("temporary files were left: %v", left)
	}
	if _, err := tr.take(100, nil, strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a short file: %v", err)
	}
}

func TestCache(t *testing.T) {
	dir := t.TempDir()
	cache := NewCache(dir, 0, time.Now)
	var calls atomic.Int64
	opt := Options{Cache: cache, Extractors: []sekisho.Extractor{listed{name: "lock", calls: &calls}}}
	l := []sekisho.Layer{layerOf(t, "", file{path: "a/lock", body: "x 1\n!error"}), layerOf(t, "", file{path: "a/.wh.lock"})}
	cold := run(t, opt, l...)
	warm := run(t, opt, l...)
	if calls.Load() != 1 || warm.Coverage.LayersCached != 2 {
		t.Errorf("%d calls, %d layers cached", calls.Load(), warm.Coverage.LayersCached)
	}
	warm.Coverage.LayersCached = 0
	if d := cmp.Diff(mustJSON(t, cold), mustJSON(t, warm)); d != "" {
		t.Errorf("a warm scan says something else: %s", d)
	}
	// Another version of the extractor must not believe old facts.
	opt.Extractors = []sekisho.Extractor{listed{name: "lock", version: 2, calls: &calls}}
	run(t, opt, l...)
	if calls.Load() != 2 {
		t.Errorf("%d calls after the version was raised", calls.Load())
	}
	// A damaged entry is a miss.
	entries, err := filepath.Glob(filepath.Join(dir, "facts", "*"))
	if err != nil || len(entries) != 4 {
		t.Fatal(entries, err)
	}
	for i, e := range entries {
		b, err := os.ReadFile(e)
		if err != nil {
			t.Fatal(err)
		}
		if b = b[:len(b)/2]; i%2 == 0 {
			b = []byte("nonsense")
		}
		if err := os.WriteFile(e, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := run(t, opt, l...); calls.Load() != 3 || r.Coverage.LayersCached != 0 {
		t.Errorf("%d calls with a damaged cache, %d cached", calls.Load(), r.Coverage.LayersCached)
	}
	// A layer whose content is not what its diff id says is never kept.
	lie := layerOf(t, "", file{path: "a/lock", body: "lie 1"})
	open := lie.Open
	lie.DiffID = "sha256:" + strings.Repeat("0", 64)
	lie.Open = func(ctx context.Context) (sekisho.FileStream, error) {
		s, err := open(ctx)
		return liar{s}, err
	}
	if r := run(t, opt, lie); r.Coverage.Complete {
		t.Error("a wrong diff id was believed")
	}
	if f := cache.load(&lie, cache.version(&opt)); f != nil {
		t.Error("facts of a wrong diff id were kept")
	}
	info, err := cache.Info()
	if err != nil || info.Entries != 4 || info.Bytes == 0 {
		t.Errorf("%+v %v", info, err)
	}
	if _, err := cache.Clean(); err != nil {
		t.Fatal(err)
	}
	if info, _ := cache.Info(); info.Entries != 0 {
		t.Errorf("%+v after clean", info)
	}
}

// liar ends with the error of a wrong digest.
type liar struct{ sekisho.FileStream }

func (l liar) Next() (*sekisho.File, error) {
	f, err := l.FileStream.Next()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("verify layer: wrong digest")
	}
	return f, err
}

func TestCacheKeepsItsSize(t *testing.T) {
	now := time.Unix(1e9, 0)
	cache := NewCache(t.TempDir(), 5000, func() time.Time { now = now.Add(time.Second); return now })
	var wg sync.WaitGroup
	for i := range 30 {
		l := layerOf(t, "", file{path: fmt.Sprintf("%d/lock", i), body: fmt.Sprintf("p%d 1", i)})
		wg.Add(1)
		func() { defer wg.Done(); run(t, Options{Cache: cache}, l) }()
	}
	wg.Wait()
	info, err := cache.Info()
	if err != nil || info.Bytes > 5000 || info.Entries < 2 {
		t.Errorf("%+v %v", info, err)
	}
}

func TestParallelWritersAgree(t *testing.T) {
	dir := t.TempDir()
	l := layerOf(t, "", file{path: "a/lock", body: "x 1"})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			r, err := Run(t.Context(), &sekisho.Artifact{Layers: []sekisho.Layer{l}}, Options{Extractors: extractors(), Cache: NewCache(dir, 0, time.Now)})
			if err != nil || len(r.Packages) != 1 {
				t.Errorf("%v %v", r, err)
			}
		})
	}
	wg.Wait()
}

func TestSameInputSameBytes(t *testing.T) {
	var layers []sekisho.Layer
	for i := range 4 {
		var files []file
		for j := range 50 {
			files = append(files, file{path: fmt.Sprintf("%d/%d/lock", i%2, j), body: fmt.Sprintf("p%d %d\nq 1\n!error", j%7, j)})
		}
		layers = append(layers, layerOf(t, "", files...))
	}
	first := mustJSON(t, run(t, Options{}, layers...))
	for range 5 {
		if d := cmp.Diff(first, mustJSON(t, run(t, Options{}, layers...))); d != "" {
			t.Fatal(d)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, &sekisho.Artifact{Layers: []sekisho.Layer{layerOf(t, "", file{path: "a/lock", body: "x 1"})}}, Options{Extractors: extractors()})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// grouped wants a main file and its journal.
type grouped struct{ listed }

func (g grouped) Wants(f *sekisho.File) bool { return strings.HasPrefix(f.Path, "db/main") }
func (g grouped) Group(string) string        { return "db/main" }
func (g grouped) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	inv.Packages = append(inv.Packages, sekisho.Package{Ecosystem: "npm", Name: in.Path, Version: fmt.Sprint(len(in.Beside))})
	return inv, nil
}

func TestGroups(t *testing.T) {
	opt := Options{Extractors: []sekisho.Extractor{grouped{}}}
	r := run(t, opt, layerOf(t, "", file{path: "db/main-wal", body: "w"}, file{path: "db/main", body: "m"}))
	if d := cmp.Diff([]string{"db/main 1 from 0  [0 db/main:0]"}, lines(r)); d != "" {
		t.Error(d)
	}
	if r := run(t, opt, layerOf(t, "", file{path: "db/main-wal", body: "w"})); len(r.Packages) != 0 {
		t.Errorf("a journal without its database gave %v", lines(r))
	}
}

func BenchmarkWalk(b *testing.B) {
	var files []file
	for i := range 20_000 {
		files = append(files, file{path: fmt.Sprintf("usr/share/doc/package%d/file%d", i/10, i), body: strings.Repeat("x", 2000)})
	}
	l := layerOf(b, "", files...)
	b.SetBytes(l.Size)
	for b.Loop() {
		if _, err := Run(b.Context(), &sekisho.Artifact{Layers: []sekisho.Layer{l}}, Options{Extractors: extractors()}); err != nil {
			b.Fatal(err)
		}
	}
}

// checker is a checker by a function.
type checker func(*sekisho.Inventory) sekisho.Judgement

func (checker) Name() string { return "test" }

func (c checker) Check(_ context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	return c(inv), nil
}

// A checker that stumbles is a problem; the others' findings are there, in the
// order of the checkers.
func TestCheckersAtOnce(t *testing.T) {
	l := layerOf(t, "", file{path: "lock", body: "p 1"})
	var all []sekisho.Checker
	for i := range 20 {
		all = append(all, checker(func(inv *sekisho.Inventory) sekisho.Judgement {
			if i == 7 {
				panic("at the disco")
			}
			return sekisho.Judgement{Findings: []sekisho.Finding{{ID: fmt.Sprintf("%02d", i), Rule: inv.Packages[0].Name}}, Rules: []sekisho.Rule{{ID: fmt.Sprint(i)}}}
		}))
	}
	r := run(t, Options{Checkers: all}, l)
	if len(r.Findings) != 19 || len(r.Rules) != 19 || r.Rules[0].ID != "0" || r.Rules[18].ID != "19" || r.Findings[0].Rule != "p" {
		t.Errorf("%+v %+v", r.Findings, r.Rules)
	}
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error, "at the disco") || r.Problems[0].Stage != sekisho.StageCheck {
		t.Errorf("%+v", r.Problems)
	}
}
