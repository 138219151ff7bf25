// SPDX-License-Identifier: Apache-2.0

package userrule

import (
	"iter"
	"maps"
	"reflect"

	"cel.dev/cel-go/cel"

	"github.com/sekisho/sekisho/internal/message"
)

var stringsType = reflect.TypeFor[[]string]()

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// celType is the type of check.Variables.
func celType(text string) (*cel.Type, error) {
	switch text {
	case "dyn":
		return cel.DynType, nil
	case "string":
		return cel.StringType, nil
	case "int":
		return cel.IntType, nil
	case "bool":
		return cel.BoolType, nil
	case "list(string)":
		return cel.ListType(cel.StringType), nil
	case "list(dyn)":
		return cel.ListType(cel.DynType), nil
	case "map(string, dyn)":
		return cel.MapType(cel.StringType, cel.DynType), nil
	case "map(string, string)":
		return cel.MapType(cel.StringType, cel.StringType), nil
	}
	return nil, message.Errorf("there is no type %q of variables", text)
}
