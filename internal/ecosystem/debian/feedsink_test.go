// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"errors"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// sink keeps what a feed says.
type sink struct {
	rows     []sekisho.Advisory
	cves     []sekisho.CVE
	date     string
	problems []string
}

func (s *sink) Advisory(a *sekisho.Advisory) {
	c := *a
	c.Aliases, c.Ranges = slices.Clone(a.Aliases), slices.Clone(a.Ranges)
	s.rows = append(s.rows, c)
}
func (s *sink) CVE(c *sekisho.CVE) { s.cves = append(s.cves, *c) }
func (s *sink) Date(d string)      { s.date = max(s.date, d) }
func (s *sink) Problem(path string, err error) {
	s.problems = append(s.problems, path+": "+err.Error())
}

// parse hands files, PATH CONTENT PATH CONTENT ..., to the feed. Each is
// overwritten when the next one is asked for, as the contract allows.
func parse(t testing.TB, files ...string) *sink {
	t.Helper()
	var s sink
	seq := func(yield func(sekisho.FeedFile, error) bool) {
		for f := range slices.Chunk(files, 2) {
			b := []byte(f[1])
			if !yield(sekisho.FeedFile{Path: f[0], Data: b}, nil) {
				return
			}
			for i := range b {
				b[i] = '!'
			}
		}
	}
	if err := Feeds()[0].Parse(t.Context(), seq, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// realFiles are the files of the feed in the data beside the checkout.
func realFiles(t *testing.T, name string) iter.Seq2[sekisho.FeedFile, error] {
	t.Helper()
	files, err := advisory.EntryFiles(t.Context(), "../../../../shared/feeds", name)
	if errors.Is(err, advisory.ErrNoEntry) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the data beside the checkout is missing: %v", err)
		}
		t.Skipf("the data beside the checkout is missing: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// wantProblems compares the problems with parts of them, in order.
func wantProblems(t *testing.T, s *sink, parts ...string) {
	t.Helper()
	ok := len(parts) == len(s.problems)
	for i := range parts {
		ok = ok && strings.Contains(s.problems[i], parts[i])
	}
	if !ok {
		t.Errorf("the problems are\n\t%s\nand not\n\t%s", strings.Join(s.problems, "\n\t"), strings.Join(parts, "\n\t"))
	}
}
