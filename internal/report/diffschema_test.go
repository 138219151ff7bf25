// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const diffSchemaFile = "../../docs/diff.schema.json"

// The published schema of comparisons says what the type says, takes comparisons,
// and refuses what is none.
func TestDiffSchema(t *testing.T) {
	defs := map[string]any{}
	root := schemaOf(reflect.TypeFor[sekisho.Comparison](), defs)
	b, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://github.com/sekisho/sekisho/docs/diff.schema.json",
		"title": "Comparison of sekisho, schema version " + sekisho.SchemaVersion, "$defs": defs, "$ref": root.(map[string]any)["$ref"],
		"description": "What `sekisho diff -f json` writes. The fields are explained in internal/sekisho (comparison.go, finding.go).",
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile(diffSchemaFile, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	published, err := os.ReadFile(diffSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(published), string(b)); d != "" {
		t.Errorf("docs/diff.schema.json and the types differ (go test ./internal/report -update writes it): %s", d)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(published)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("diff.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("diff.json")
	if err != nil {
		t.Fatal(err)
	}
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
