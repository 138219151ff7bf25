// SPDX-License-Identifier: Apache-2.0

package extracttest

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Said is what a feed has said.
type Said struct {
	Rows     []sekisho.Advisory
	Flaws    []sekisho.CVE
	Dates    []string
	Problems []string
}

// Advisory keeps a row; the feed may use its lists again.
func (s *Said) Advisory(a *sekisho.Advisory) {
	c := *a
	c.Aliases, c.Ranges = slices.Clone(a.Aliases), slices.Clone(a.Ranges)
	s.Rows = append(s.Rows, c)
}

// CVE keeps a flaw.
func (s *Said) CVE(c *sekisho.CVE) { s.Flaws = append(s.Flaws, *c) }

// Date keeps a date.
func (s *Said) Date(day string) { s.Dates = append(s.Dates, day) }

// Problem keeps a problem as "path: error".
func (s *Said) Problem(path string, err error) {
	s.Problems = append(s.Problems, path+": "+err.Error())
}

// Latest is the last of the dates, empty for none.
func (s *Said) Latest() (day string) {
	for _, d := range s.Dates {
		day = max(day, d)
	}
	return day
}

// WantProblems compares the problems with parts of them, in order.
func (s *Said) WantProblems(t testing.TB, parts ...string) {
	t.Helper()
	ok := len(parts) == len(s.Problems)
	for i := range parts {
		ok = ok && strings.Contains(s.Problems[i], parts[i])
	}
	if !ok {
		t.Errorf("the problems are\n\t%s\nand not\n\t%s", strings.Join(s.Problems, "\n\t"), strings.Join(parts, "\n\t"))
	}
}

// Intervals writes the ranges of a row: "[1,2) [3,4]".
func Intervals(a *sekisho.Advisory) string {
	var out []string
	for _, r := range a.Ranges {
		if r.LastAffected != "" {
			out = append(out, "["+r.Introduced+","+r.LastAffected+"]")
		} else {
			out = append(out, "["+r.Introduced+","+r.Fixed+")")
		}
	}
	return strings.Join(out, " ")
}

// NamedFeed is the feed of that name.
func NamedFeed(t testing.TB, feeds []sekisho.Feed, name string) sekisho.Feed {
	t.Helper()
	i := slices.IndexFunc(feeds, func(f sekisho.Feed) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no feed %s", name)
	}
	return feeds[i]
}

// FeedFiles are files given as path, text, path, text. Each is overwritten when
// the next one is asked for, as the contract allows.
func FeedFiles(files ...string) iter.Seq2[sekisho.FeedFile, error] {
	return func(yield func(sekisho.FeedFile, error) bool) {
		for i := 0; i+1 < len(files); i += 2 {
			data := []byte(files[i+1])
			if !yield(sekisho.FeedFile{Path: files[i], Data: data}, nil) {
				return
			}
			clear(data)
		}
	}
}

// RunFeed runs a feed over files.
func RunFeed(t testing.TB, feed sekisho.Feed, files iter.Seq2[sekisho.FeedFile, error]) *Said {
	t.Helper()
	var s Said
	if err := feed.Parse(t.Context(), files, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// ParseFeed runs the feed of that name over FeedFiles.
func ParseFeed(t testing.TB, feeds []sekisho.Feed, name string, files ...string) *Said {
	t.Helper()
	return RunFeed(t, NamedFeed(t, feeds, name), FeedFiles(files...))
}

// FeedsEnd holds that an error of the files, and the end of the context, end
// every feed with that error. The text lies at the path.
func FeedsEnd(t *testing.T, feeds []sekisho.Feed, path, text string) {
	t.Helper()
	broken := errors.New("disk")
	for _, f := range feeds {
		err := f.Parse(t.Context(), func(yield func(sekisho.FeedFile, error) bool) { yield(sekisho.FeedFile{}, broken) }, &Said{})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v instead of the iterator's error", f.Name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err = f.Parse(ctx, FeedFiles(path, text), &Said{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v instead of the context's error", f.Name, err)
		}
	}
}

// Published are the files of an entry of the shared feeds, which lie beside the
// repository. The test is skipped where they do not lie there.
func Published(t testing.TB, name string) iter.Seq2[sekisho.FeedFile, error] {
	t.Helper()
	files, err := advisory.EntryFiles(t.Context(), filepath.Join("..", "..", "..", "..", "shared", "feeds"), name)
	if errors.Is(err, advisory.ErrNoEntry) {
		Lacking(t, "the feed "+name+" is not beside the repository")
	} else if err != nil {
		t.Fatal(err)
	}
	return files
}

// RealFeed runs the feed over its entry in the shared feeds, which lie beside
// the repository, and returns the text of each file too. The test is skipped
// where they do not lie there.
func RealFeed(t *testing.T, feeds []sekisho.Feed, name string) (*Said, map[string]string) {
	t.Helper()
	files := Published(t, name)
	var s Said
	texts := map[string]string{}
	var tee iter.Seq2[sekisho.FeedFile, error] = func(yield func(sekisho.FeedFile, error) bool) {
		for f, err := range files {
			texts[f.Path] = string(f.Data)
			if !yield(f, err) {
				return
			}
		}
	}
	if err := NamedFeed(t, feeds, name).Parse(t.Context(), tee, &s); err != nil {
		t.Fatal(err)
	}
	return &s, texts
}

// FuzzFeed holds that no text makes a feed panic or end the build, or hand on a
// row without a world, a package, an id or a status. Seeds are texts that lie
// at the path.
func FuzzFeed(f *testing.F, feeds []sekisho.Feed, name, path string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
		f.Add(s[:len(s)/2])
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, a := range ParseFeed(t, feeds, name, path, text).Rows {
			if a.World == "" || a.Package == "" || a.ID == "" || a.Status == "" {
				t.Fatalf("row %+v", a)
			}
		}
	})
}
