// SPDX-License-Identifier: Apache-2.0

package userpolicy

import (
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// severityType is what finding.severity and severity("high") are: compared in
// their order, and with nothing else.
var severityType = cel.ObjectType("sekisho.severity", traits.ComparerType)

// severity is a value of it.
type severity sekisho.Severity

// Compare orders severities.
func (s severity) Compare(other ref.Val) ref.Val {
	o, ok := other.(severity)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return types.Int(int(s) - int(o))
}

// Equal compares severities.
func (s severity) Equal(other ref.Val) ref.Val {
	o, ok := other.(severity)
	return types.Bool(ok && s == o)
}

// Type is severityType.
func (s severity) Type() ref.Type { return severityType }

// Value is the severity.
func (s severity) Value() any { return sekisho.Severity(s) }

// ConvertToNative gives the severity's name.
func (s severity) ConvertToNative(t reflect.Type) (any, error) {
	return nil, message.Errorf("a severity is no %s", t)
}

// ConvertToType converts to nothing.
func (s severity) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a severity is no %s", t.TypeName())
}

// thing is an object of fields: the case itself, seen as one of its parts.
type thing struct {
	kind *cel.Type
	c    *policy.Case
}

func (t *thing) Type() ref.Type { return t.kind }
func (t *thing) Value() any     { return t.c }

func (t *thing) Equal(other ref.Val) ref.Val {
	o, ok := other.(*thing)
	return types.Bool(ok && t.kind.TypeName() == o.kind.TypeName() && t.c == o.c)
}

func (t *thing) ConvertToNative(to reflect.Type) (any, error) {
	return nil, message.Errorf("%s is no %s", t.kind.TypeName(), to)
}

func (t *thing) ConvertToType(to ref.Type) ref.Val {
	return types.NewErr("%s is no %s", t.kind.TypeName(), to.TypeName())
}

// part gives the case as one of its objects.
func part(name string) func(*policy.Case) (any, error) {
	kind := object(name).celType()
	return func(c *policy.Case) (any, error) { return &thing{kind, c}, nil }
}

// variables are what a condition sees; it is the activation of its program.
type variables struct {
	names map[string]*field
	c     *policy.Case
}

// ResolveName gives a variable; what is not known has an error as its value.
func (v *variables) ResolveName(name string) (any, bool) {
	f := v.names[name]
	if f == nil {
		return nil, false
	}
	value, err := f.get(v.c)
	if err != nil {
		return types.WrapErr(err), true
	}
	return value, true
}

// Parent is none.
func (v *variables) Parent() cel.Activation { return nil }
