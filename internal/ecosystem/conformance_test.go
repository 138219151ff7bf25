// SPDX-License-Identifier: Apache-2.0

package ecosystem

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sekisho/sekisho/internal/cputime"
	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// slow is far above what any input of a few megabytes may cost, with the race
// detector: time of the processor, not of the clock.
const slow = 30 * time.Second

// notEcosystems are folders that serve the others.
var notEcosystems = []string{"extracttest", "hashlist", "lockfile", "osv", "relation", "requirement", "oval", "scalibr", "semver", "threat"}

func TestIndexNamesEveryFolder(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, e := range entries {
		if sources, _ := filepath.Glob(filepath.Join(e.Name(), "*.go")); len(sources) > 0 && !slices.Contains(notEcosystems, e.Name()) {
			folders = append(folders, e.Name())
		}
	}
	// A folder has extractors, feeds, or both.
	var index []string
	for file, line := range map[string]string{"ecosystem.go": `(?m)^\t\t(\w+)\.Extractors\(\),$`, "feeds.go": `(?m)^\t\t(\w+)\.Feeds\(\),$`} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for _, m := range regexp.MustCompile(line).FindAllSubmatch(b, -1) {
			named = append(named, string(m[1]))
		}
		if !slices.IsSorted(named) {
			t.Errorf("%s is not in alphabetical order: %v", file, named)
		}
		index = append(index, named...)
	}
	index = slices.DeleteFunc(index, func(s string) bool { return slices.Contains(notEcosystems, s) })
	slices.Sort(index)
	if index = slices.Compact(index); !slices.Equal(folders, index) {
		t.Errorf("folders and the indexes of ecosystem.go and feeds.go differ:\n%v\n%v", folders, index)
	}
}

func TestNamesAndVersions(t *testing.T) {
	name := regexp.MustCompile(`^[a-z0-9]+/[a-z0-9.-]+$`)
	seen := map[string]bool{}
	for _, ex := range Extractors() {
		if !name.MatchString(ex.Name()) {
			t.Errorf("%s is not FOLDER/WHAT", ex.Name())
		}
		if seen[ex.Name()] {
			t.Errorf("two extractors are named %s", ex.Name())
		}
		seen[ex.Name()] = true
		if ex.Version() < 1 {
			t.Errorf("%s has version %d", ex.Name(), ex.Version())
		}
	}
	if len(seen) == 0 {
		t.Error("no extractors")
	}
}

// typical is what images are full of: nearly every file is wanted by nobody.
func typical() []sekisho.File {
	elf := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, sekisho.HeadSize-7)...)
	text := bytes.Repeat([]byte("text of a manual\n"), 40)[:sekisho.HeadSize]
	var files []sekisho.File
	for p, head := range map[string][]byte{
		"usr/share/doc/libfoo/changelog.Debian.gz":       text,
		"usr/share/locale/ja/LC_MESSAGES/coreutils.mo":   text,
		"usr/lib/x86_64-linux-gnu/gconv/ISO8859-1.conf":  text,
		"usr/share/man/man1/ls.1":                        text,
		"app/node_modules/lodash/fp/_baseConvert.js":     text,
		"usr/lib/python3/dist-packages/yaml/__init__.py": text,
		"usr/share/zoneinfo/Asia/Tokyo":                  text,
		"usr/share/icons/hicolor/48x48/apps/a.png":       elf[7:],
		"README.md": text,
		"usr/share/perl/5.36.0/unicore/lib/Bc/AL.pl":                          text,
		"usr/lib/ruby/3.1.0/json/common.rb":                                   text,
		"usr/include/linux/if_ether.h":                                        text,
		"var/lib/dpkg/info/libc6:amd64.triggers":                              text,
		"home/user/.cache/fontconfig/0123456789abcdef-le64.cache-7":           text,
		"usr/share/dotnet/sdk/8.0.100/ja/Microsoft.Build.resources.txt":       text,
		"usr/lib/erlang/lib/stdlib-4.2/ebin/lists.beam":                       text,
		"usr/share/some/quite/long/path/with/many/segments/inside/of/it/x.so": text,
	} {
		files = append(files, sekisho.File{Path: p, Size: 4096, Mode: 0o644, Head: head})
	}
	return files
}

func TestWantsIsCheap(t *testing.T) {
	files := typical()
	for _, ex := range Extractors() {
		for i := range files {
			f := &files[i]
			if ex.Wants(f) {
				t.Errorf("%s wants %s", ex.Name(), f.Path)
			}
			if n := testing.AllocsPerRun(20, func() { ex.Wants(f) }); n > 0 {
				t.Errorf("%s allocates %v times to turn down %s", ex.Name(), n, f.Path)
			}
		}
	}
}

func BenchmarkWants(b *testing.B) {
	exs, files := Extractors(), typical()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for _, ex := range exs {
			ex.Wants(&files[i%len(files)])
		}
	}
}

// sample is a real file of an extractor's testdata.
type sample struct {
	path string
	b    []byte
}

// samples finds for each extractor the files of its folder's testdata that it
// reads packages or other facts from, smallest first, three at most.
func samples(t *testing.T, ex sekisho.Extractor) []sample {
	t.Helper()
	folder, _, _ := strings.Cut(ex.Name(), "/")
	root := filepath.Join(folder, "testdata")
	var all []sample
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		i, err := d.Info()
		if err != nil || i.Size() > 1<<20 || strings.HasPrefix(rel, "fuzz") {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		s := sample{filepath.ToSlash(rel), b}
		f := sekisho.File{Path: s.path, Size: int64(len(b)), Head: b[:min(len(b), sekisho.HeadSize)]}
		if !ex.Wants(&f) {
			return nil
		}
		if inv, _ := ex.Extract(t.Context(), extracttest.Input(s.path, b)); !reflect.DeepEqual(inv, sekisho.Inventory{}) {
			all = append(all, s)
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b sample) int { return len(a.b) - len(b.b) })
	return all[:min(len(all), 3)]
}

// run reads an input and fails on a panic, on more time than any input may
// cost, and on facts that are not the same again.
func run(t *testing.T, ex sekisho.Extractor, what, path string, b []byte) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s panics on %s: %v", ex.Name(), what, p)
		}
	}()
	var inv sekisho.Inventory
	var err error
	d := cputime.Of(func() { inv, err = ex.Extract(t.Context(), extracttest.Input(path, b)) })
	if d > slow {
		t.Errorf("%s needs %v for %s of %d bytes", ex.Name(), d, what, len(b))
	}
	if len(b) > 1<<20 {
		return
	}
	again, err2 := ex.Extract(t.Context(), extracttest.Input(path, b))
	if !reflect.DeepEqual(inv, again) {
		t.Errorf("%s states other facts the second time it reads %s", ex.Name(), what)
	}
	if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
		t.Errorf("%s gives %v and then %v for %s", ex.Name(), err, err2, what)
	}
}

// huge is the size of the largest inputs: what a parser needs for them is of
// interest without the race detector, which only multiplies it.
func huge() int {
	if raced {
		return 1 << 20
	}
	return 8 << 20
}

func TestHostileInput(t *testing.T) {
	huge := huge()
	zeros := make([]byte, huge)
	garbage := make([]byte, 64<<10)
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range garbage {
		garbage[i] = byte(noise.Uint32())
	}
	for _, ex := range Extractors() {
		t.Run(ex.Name(), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(3, 4))
			all := samples(t, ex)
			path := "some/where/file"
			if len(all) > 0 {
				path = all[0].path
			}
			run(t, ex, "an empty file", path, nil)
			run(t, ex, "one byte", path, []byte{'{'})
			run(t, ex, "garbage", path, garbage)
			run(t, ex, "zeros", path, zeros)
			run(t, ex, "open braces", path, bytes.Repeat([]byte{'{'}, huge))
			run(t, ex, "open brackets", path, bytes.Repeat([]byte{'['}, huge))
			run(t, ex, "quotes", path, bytes.Repeat([]byte{'"'}, huge))
			run(t, ex, "line ends", path, bytes.Repeat([]byte{'\n'}, huge))
			for _, s := range all {
				run(t, ex, s.path, s.path, s.b)
				for i := range 24 {
					run(t, ex, "a part of "+s.path, s.path, s.b[:len(s.b)*i/24])
				}
				for range 24 {
					damaged := bytes.Clone(s.b)
					for range 1 + rng.IntN(8) {
						damaged[rng.IntN(len(damaged))] = byte(rng.Uint32())
					}
					run(t, ex, "a damaged "+s.path, s.path, damaged)
				}
				run(t, ex, "many times "+s.path, s.path, bytes.Repeat(s.b, 1+huge/len(s.b))[:huge])
				half := s.b[:len(s.b)/2+1]
				run(t, ex, "many times the first half of "+s.path, s.path, bytes.Repeat(half, 1+huge/len(half))[:huge])
			}
		})
	}
}

// A cancelled extractor must come back before it has worked through a large
// file, and say why; one that reads no more than the first lines may finish.
func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ex := range Extractors() {
		t.Run(ex.Name(), func(t *testing.T) {
			t.Parallel()
			for _, s := range samples(t, ex) {
				many := bytes.Repeat(s.b, 1+huge()/len(s.b))
				var err error
				d := cputime.Of(func() { _, err = ex.Extract(ctx, extracttest.Input(s.path, many)) })
				if d > slow/10 {
					t.Errorf("works on for %v after it was cancelled (%v)", d, err)
				}
				if d > slow/30 && !errors.Is(err, context.Canceled) {
					t.Errorf("%s: error is %v after it was cancelled", s.path, err)
				}
			}
		})
	}
}
