// SPDX-License-Identifier: Apache-2.0

package oracle

import (
	"context"
	"errors"
	"iter"
	"os"
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

func (s *sink) Advisory(a *sekisho.Advisory) { s.rows = append(s.rows, *a) }
func (s *sink) CVE(c *sekisho.CVE)           { s.cves = append(s.cves, *c) }
func (s *sink) Date(day string)              { s.date = max(s.date, day) }
func (s *sink) Problem(path string, err error) {
	s.problems = append(s.problems, path+": "+err.Error())
}

func one(path, data string) iter.Seq2[sekisho.FeedFile, error] {
	return func(yield func(sekisho.FeedFile, error) bool) {
		yield(sekisho.FeedFile{Path: path, Data: []byte(data)}, nil)
	}
}

func read(t testing.TB, files iter.Seq2[sekisho.FeedFile, error]) *sink {
	t.Helper()
	s := &sink{}
	if err := Feeds()[0].Parse(t.Context(), files, s); err != nil {
		t.Fatal(err)
	}
	return s
}

// published gives the files of an entry of the real feeds beside the checkout.
func published(t *testing.T, name string) iter.Seq2[sekisho.FeedFile, error] {
	t.Helper()
	files, err := advisory.EntryFiles(t.Context(), "../../../../shared/feeds", name)
	if errors.Is(err, advisory.ErrNoEntry) {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no real feed beside the checkout: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestContextAndIteratorEndTheBuild(t *testing.T) {
	broken := errors.New("disk")
	for _, f := range Feeds() {
		err := f.Parse(t.Context(), func(yield func(sekisho.FeedFile, error) bool) { yield(sekisho.FeedFile{}, broken) }, &sink{})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v instead of the iterator's error", f.Name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err = f.Parse(ctx, one(samplePath, sample), &sink{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v instead of the context's error", f.Name, err)
		}
	}
}
