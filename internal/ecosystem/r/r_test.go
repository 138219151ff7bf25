// SPDX-License-Identifier: Apache-2.0

package r

import (
	"testing"

	"github.com/sekisho/sekisho/internal/ecosystem/extracttest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestRenvLock(t *testing.T) {
	extracttest.Equal(t, extracttest.File(t, renvLock{}, "renv.lock"), `
		commonmark 1.8 pkg:cran/commonmark@1.8 line=5
		BiocVersion 3.17.1 pkg:bioconductor/BiocVersion@3.17.1 line=11
		mine 0.0.1 pkg:cran/mine@0.0.1 line=12`)
}

func TestDescription(t *testing.T) {
	for file, want := range map[string]string{
		"site-library/jsonish/DESCRIPTION": `jsonish 1.8.4-1 pkg:cran/jsonish@1.8.4-1 ["MIT + file LICENSE"]`,
		"site-library/bio/DESCRIPTION":     `bio 0.44.0 pkg:bioconductor/bio@0.44.0`,
		"site-library/stats/DESCRIPTION":   ``, // part of R itself
		"src-library/source/DESCRIPTION":   ``, // not installed
	} {
		extracttest.Equal(t, extracttest.File(t, description{}, file), want)
	}
	if _, err := extracttest.Extract(t, description{}, "library/x/DESCRIPTION", []byte("Title: x\n")); err == nil {
		t.Error("want an error for a file without name and version")
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]bool{
		"renv.lock": true, "a/renv.lock": true, "myrenv.lock": false,
		"usr/lib/R/site-library/jsonlite/DESCRIPTION":                     true,
		"app/renv/library/R-4.2/x86_64-pc-linux-gnu/markdown/DESCRIPTION": true,
		"usr/share/doc/x/DESCRIPTION":                                     false,
		"DESCRIPTION":                                                     false,
	} {
		f := sekisho.File{Path: path}
		if got := (renvLock{}).Wants(&f) || (description{}).Wants(&f); got != want {
			t.Errorf("Wants(%s) = %v", path, got)
		}
	}
}

func FuzzR(f *testing.F) { extracttest.Fuzz(f, renvLock{}, description{}) }
