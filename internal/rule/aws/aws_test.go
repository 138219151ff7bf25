// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/rule/cloudformation"
	"github.com/sekisho/sekisho/internal/rule/terraform"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// inventory extracts the files of a tree, as a scan does.
func inventory(t testing.TB, files map[string][]byte) *sekisho.Inventory {
	t.Helper()
	inv := &sekisho.Inventory{}
	extractors := slices.Concat(Extractors(), cloudformation.Extractors(), terraform.Extractors())
	for _, p := range slices.Sorted(maps.Keys(files)) {
		for _, e := range extractors {
			if !e.Wants(&sekisho.File{Path: p, Size: int64(len(files[p]))}) {
				continue
			}
			got, err := e.Extract(t.Context(), &sekisho.Input{Path: p, Content: bytes.NewReader(files[p]), Size: int64(len(files[p]))})
			if err != nil {
				t.Fatal(err)
			}
			inv.Merge(got)
		}
	}
	return inv
}

// judge judges a tree.
func judge(t testing.TB, files map[string][]byte, s *check.Settings) sekisho.Judgement {
	t.Helper()
	j, err := Checker(s, cloudformation.Read, terraform.Read).Check(t.Context(), inventory(t, files))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestRules(t *testing.T) {
	checktest.Run(t, Rules(), "testdata", func(t *testing.T, files map[string][]byte, s *check.Settings) sekisho.Judgement {
		t.Helper()
		s.Registries = []string{"*.dkr.ecr.*.amazonaws.com", "registry.example.com"}
		return judge(t, files, s)
	})
}

// An alias belongs to one rule.
func TestAliases(t *testing.T) {
	of := map[string]string{}
	for _, r := range Rules() {
		for _, a := range r.Aliases {
			if other := of[a]; other != "" {
				t.Errorf("%s is an alias of %s and %s", a, other, r.ID)
			}
			of[a] = r.ID
		}
	}
}
