// SPDX-License-Identifier: Apache-2.0

package aws

import (
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
	return checktest.Extract(t, slices.Concat(Extractors(), cloudformation.Extractors(), terraform.Extractors()), files)
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
func TestAliases(t *testing.T) { checktest.Aliases(t, Rules()) }
