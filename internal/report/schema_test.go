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

const schemaFile = "../../docs/report.schema.json"

// schemaOf describes a type as JSON Schema 2020-12: what the JSON report holds
// is what the type says, so neither can be changed without the other.
func schemaOf(t reflect.Type, defs map[string]any) any {
	switch {
	case t == reflect.TypeFor[sekisho.Severity]():
		var names []any
		for _, s := range sekisho.Severities {
			names = append(names, s.String())
		}
		return map[string]any{"enum": names}
	case t.PkgPath() == "time":
		return map[string]any{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), defs)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), defs)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), defs)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Struct:
	default:
		return map[string]any{"type": "string"}
	}
	ref := map[string]any{"$ref": "#/$defs/" + t.Name()}
	if defs[t.Name()] != nil {
		return ref
	}
	props, required := map[string]any{}, []any{}
	def := map[string]any{"type": "object", "additionalProperties": false, "properties": props}
	defs[t.Name()] = def
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		props[name] = schemaOf(f.Type, defs)
		if options == "" {
			required = append(required, name)
		}
	}
	def["required"] = required
	return ref
}

// publishedSchema is the schema in docs/, compiled; it must say what the type says.
func publishedSchema(t *testing.T, of reflect.Type, file, title, description string) *jsonschema.Schema {
	t.Helper()
	defs := map[string]any{}
	root := schemaOf(of, defs)
	b, err := json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://github.com/sekisho/sekisho/" + strings.TrimPrefix(file, "../../"),
		"title": title + ", schema version " + sekisho.SchemaVersion, "$defs": defs, "$ref": root.(map[string]any)["$ref"], "description": description,
	}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	published, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(published), string(b)); d != "" {
		t.Errorf("%s and the types differ (go test ./internal/report -update writes it): %s", file, d)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(published)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSchema(t *testing.T) {
	schema := publishedSchema(t, reflect.TypeFor[sekisho.Result](), schemaFile, "Report of sekisho", "What `sekisho scan -f json` writes. The fields are explained in internal/sekisho (result.go, inventory.go, finding.go).")
	for name, r := range map[string]*sekisho.Result{"sample": sample(), "empty": empty()} {
		text := render(t, "json", r, Options{})
		inst, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(inst); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for from, to := range map[string]string{`"packages": [`: `"pakages": [`, `"decision": "`: `"decision": 3, "x": "`} {
			if inst, err = jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(text, from, to, 1))); err != nil || schema.Validate(inst) == nil {
				t.Errorf("%s: %s was accepted", name, to)
			}
		}
	}
}
