// SPDX-License-Identifier: Apache-2.0

package report

import (
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const diffSchemaFile = "../../docs/diff.schema.json"

// The published schema of comparisons says what the type says, takes comparisons,
// and refuses what is none.
func TestDiffSchema(t *testing.T) {
	schema := publishedSchema(t, reflect.TypeFor[sekisho.Comparison](), diffSchemaFile, "Comparison of sekisho", "What `sekisho diff -f json` writes. The fields are explained in internal/sekisho (comparison.go, finding.go).")
	rich := comparisonOf(beside())
	rich.Platforms = []sekisho.Comparison{*comparisonOf(judgedImage())}
	for name, c := range map[string]*sekisho.Comparison{
		"rich": rich, "none": {Added: []sekisho.Finding{}, Fixed: []sekisho.Finding{}, Unchanged: []sekisho.Finding{}},
	} {
		var out strings.Builder
		if err := WriteDiff(&out, "json", c, Options{}); err != nil {
			t.Fatal(err)
		}
		inst, err := jsonschema.UnmarshalJSON(strings.NewReader(out.String()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(inst); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for from, to := range map[string]string{`"added": [`: `"aded": [`, `"packages": {`: `"packages": 3, "x": {`, `"unchanged": [`: `"unchanged": 3, "y": [`} {
			broken := strings.Replace(out.String(), from, to, 1)
			if inst, err = jsonschema.UnmarshalJSON(strings.NewReader(broken)); broken == out.String() || err != nil || schema.Validate(inst) == nil {
				t.Errorf("%s: %s was accepted", name, to)
			}
		}
	}
}
