// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// recorder keeps what a feed says.
type recorder struct {
	rows     []sekisho.Advisory
	flaws    []sekisho.CVE
	dates    []string
	problems []string
}

func (r *recorder) Advisory(a *sekisho.Advisory) { r.rows = append(r.rows, *a) }
func (r *recorder) CVE(c *sekisho.CVE)           { r.flaws = append(r.flaws, *c) }
func (r *recorder) Date(d string)                { r.dates = append(r.dates, d) }
func (r *recorder) Problem(path string, err error) {
	r.problems = append(r.problems, path+": "+err.Error())
}

func (r *recorder) ids() []string {
	var ids []string
	for _, c := range r.flaws {
		ids = append(ids, c.ID)
	}
	return ids
}

func feed(t testing.TB, name string) sekisho.Feed {
	t.Helper()
	i := slices.IndexFunc(Feeds(), func(f sekisho.Feed) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no feed %s", name)
	}
	return Feeds()[i]
}

// pairs yields files given as path, text, path, text.
func pairs(s ...string) iter.Seq2[sekisho.FeedFile, error] {
	return func(yield func(sekisho.FeedFile, error) bool) {
		for i := 0; i+1 < len(s); i += 2 {
			if !yield(sekisho.FeedFile{Path: s[i], Data: []byte(s[i+1])}, nil) {
				return
			}
		}
	}
}

func parse(t testing.TB, name string, files ...string) *recorder {
	t.Helper()
	var r recorder
	if err := feed(t, name).Parse(t.Context(), pairs(files...), &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// realFiles reads an entry of the feeds that lie beside the checkout.
func realFiles(t *testing.T, entry string) map[string][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "feeds", entry+".tar.zst"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("no real feeds beside the checkout: ", err)
	}
	defer f.Close()
	z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<30))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// parseReal runs a feed over its entry as a build does: the memory of one file
// is the next one's.
func parseReal(t *testing.T, name string) (*recorder, map[string][]byte) {
	t.Helper()
	files := realFiles(t, name)
	var r recorder
	err := feed(t, name).Parse(t.Context(), func(yield func(sekisho.FeedFile, error) bool) {
		var buf []byte
		for p, data := range files {
			buf = append(buf[:0], data...)
			if !yield(sekisho.FeedFile{Path: p, Data: buf}, nil) {
				return
			}
		}
	}, &r)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.problems) > 0 {
		t.Errorf("%d problems, first %v", len(r.problems), r.problems[:min(5, len(r.problems))])
	}
	return &r, files
}

func TestFeedsAreNamed(t *testing.T) {
	starter := map[string]bool{"cvss-ssvc": true, "eol": true, "epss": true, "kev": true, "metasploit": true, "nuclei-cves": true}
	var names []string
	for _, f := range Feeds() {
		names = append(names, f.Name)
		if f.Publisher == "" || f.License == "" || f.URL == "" || f.Parse == nil {
			t.Errorf("%s lacks its publisher, licence, URL or parser", f.Name)
		}
		if f.Starter != starter[f.Name] {
			t.Errorf("%s: Starter is %v", f.Name, f.Starter)
		}
	}
	if !slices.IsSorted(names) || len(names) != 7 {
		t.Errorf("feeds are %v", names)
	}
}

func TestEndedEarly(t *testing.T) {
	broken := errors.New("cut off")
	for _, f := range Feeds() {
		var r recorder
		err := f.Parse(t.Context(), func(yield func(sekisho.FeedFile, error) bool) {
			yield(sekisho.FeedFile{}, broken)
		}, &r)
		if !errors.Is(err, broken) {
			t.Errorf("%s: the iterator's error became %v", f.Name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := f.Parse(ctx, pairs("a.csv", "cve\n"), &r); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a cancelled context became %v", f.Name, err)
		}
	}
}

// TestGarbage holds that damage is a problem or nothing, never a row.
func TestGarbage(t *testing.T) {
	for _, f := range Feeds() {
		for _, path := range []string{"a.json", "a.csv", "a.csv.gz", "products/a.md", "debian.csv", "README"} {
			for _, text := range []string{"", "\x00\xff\xfe", "{", "[1]", "a,b\n1,2\n", "---\n", "---\n[\n---\n", "null", "#x\ncve,epss,percentile\n"} {
				r := parse(t, f.Name, path, text)
				if len(r.rows)+len(r.flaws) > 0 {
					t.Errorf("%s: %s %q gave %v %v", f.Name, path, text, r.rows, r.flaws)
				}
			}
		}
	}
}

// FuzzFeeds holds that no input makes a feed panic, end the build or hand on a
// flaw without a sound id.
func FuzzFeeds(f *testing.F) {
	f.Add("kev.json", []byte(kevSample))
	f.Add("kev.csv", []byte(kevTable))
	f.Add("epss.csv", []byte(epssSample))
	f.Add("modules.json", []byte(modules))
	f.Add("cves.json", []byte(templates))
	f.Add("poc.csv", []byte(pocTable))
	f.Add("cvss.csv", []byte(vectors))
	f.Add("ssvc.csv", []byte(decisions))
	f.Add("products/gadget.md", []byte(gadget))
	f.Add("debian.csv", []byte(debianTable))
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		for _, feed := range Feeds() {
			var r recorder
			if err := feed.Parse(t.Context(), pairs(path, string(data)), &r); err != nil {
				t.Fatalf("%s: %v", feed.Name, err)
			}
			for _, c := range r.flaws {
				if !cveID.MatchString(c.ID) {
					t.Fatalf("%s: flaw %+v", feed.Name, c)
				}
			}
			for _, a := range r.rows {
				if a.World != "eol" || a.Package == "" || a.ID == "" {
					t.Fatalf("%s: row %+v", feed.Name, a)
				}
			}
		}
	})
}
