// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/sekisho/sekisho/internal/cloud"
)

// value evaluates an expression; what cannot be known is unknown, part by part.
func (f *frame) value(e hclsyntax.Expression) cty.Value {
	if !f.run.step() || f.level > maxDepth {
		return cty.DynamicVal
	}
	f.level++
	defer func() { f.level-- }()
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return e.Val
	case *hclsyntax.ParenthesesExpr:
		return f.value(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return f.value(e.Wrapped)
	case *hclsyntax.TemplateExpr:
		return f.template(e)
	case *hclsyntax.TupleConsExpr:
		list := make([]cty.Value, 0, len(e.Exprs))
		for _, item := range e.Exprs {
			list = append(list, f.value(item))
		}
		return cty.TupleVal(list)
	case *hclsyntax.ObjectConsExpr:
		m := make(map[string]cty.Value, len(e.Items))
		for _, item := range e.Items {
			if k, ok := f.key(item.KeyExpr); ok {
				m[k] = f.value(item.ValueExpr)
			}
		}
		return cty.ObjectVal(m)
	case *hclsyntax.ConditionalExpr:
		switch v, ok := f.decide(e.Condition); {
		case !ok:
			return cty.DynamicVal
		case v:
			return f.value(e.TrueResult)
		}
		return f.value(e.FalseResult)
	case *hclsyntax.FunctionCallExpr:
		return f.call(e)
	case *hclsyntax.RelativeTraversalExpr:
		if name := f.instanceOf(e.Source); name != "" {
			parts := []string{name}
			for i := range e.Traversal {
				n := attrName(e.Traversal, i)
				if n == "" {
					return cty.DynamicVal
				}
				parts = append(parts, n)
			}
			return reference(strings.Join(parts, "."))
		}
	}
	return f.evaluate(e)
}

// instanceOf is the address of a resource whose instance an index chooses that
// is no literal: aws_subnet.private[each.key].
func (f *frame) instanceOf(e hclsyntax.Expression) string {
	index, ok := e.(*hclsyntax.IndexExpr)
	if !ok {
		return ""
	}
	t, ok := index.Collection.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return ""
	}
	switch root := t.Traversal.RootName(); root {
	case "var", "local", "path", "terraform", "each", "count", "self", "module":
	case "data":
		if a, b := attrName(t.Traversal, 1), attrName(t.Traversal, 2); len(t.Traversal) == 3 && a != "" && b != "" {
			return f.prefix + "data." + a + "." + b
		}
	default:
		if name := attrName(t.Traversal, 1); len(t.Traversal) == 2 && name != "" && f.own[root] == cty.NilVal {
			return f.prefix + root + "." + name
		}
	}
	return ""
}

// evaluate leaves an expression to HCL.
func (f *frame) evaluate(e hclsyntax.Expression) (v cty.Value) {
	if loops(e) > 2 {
		return cty.DynamicVal
	}
	defer func() {
		if recover() != nil {
			v = cty.DynamicVal
		}
	}()
	v, diags := e.Value(f.context(e))
	if diags.HasErrors() || v == cty.NilVal {
		return cty.DynamicVal
	}
	return f.run.limit(v)
}

// loops counts the for expressions of an expression: nested ones multiply.
func loops(e hclsyntax.Expression) int {
	n := 0
	_ = hclsyntax.VisitAll(e, func(node hclsyntax.Node) hcl.Diagnostics {
		if _, ok := node.(*hclsyntax.ForExpr); ok {
			n++
		}
		return nil
	})
	return n
}

// decide is the value of a condition.
func (f *frame) decide(e hclsyntax.Expression) (value, ok bool) {
	v, marks := f.value(e).Unmark()
	if len(marks) > 0 || !v.IsKnown() || v.IsNull() {
		return false, false
	}
	v, err := convert.Convert(v, cty.Bool)
	if err != nil || !v.IsKnown() || v.IsNull() || v.IsMarked() {
		return false, false
	}
	return v.True(), true
}

// key is the name of a member of an object.
func (f *frame) key(e hclsyntax.Expression) (string, bool) {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if v, diags := k.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			return v.AsString(), true
		}
		e = k.Wrapped
	}
	s, ok := asText(f.value(e))
	return s, ok
}

// asText is the text of a value, with references in it.
func asText(v cty.Value) (string, bool) {
	v, marks := v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return "", false
	}
	v, err := convert.Convert(v, cty.String)
	if err != nil || !v.IsKnown() || v.IsNull() {
		return "", false
	}
	v, more := v.Unmark()
	s := v.AsString()
	if (len(marks) > 0 || len(more) > 0) && cloud.Whole(s) && !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
		return "", false
	}
	return s, true
}

// template joins the parts of a text; those that cannot be known stand as
// references without a name.
func (f *frame) template(e *hclsyntax.TemplateExpr) cty.Value {
	if len(e.Parts) == 1 {
		if l, ok := e.Parts[0].(*hclsyntax.LiteralValueExpr); ok {
			return l.Val
		}
	}
	if len(e.Parts) == 0 {
		return cty.StringVal("")
	}
	var b strings.Builder
	partly := false
	for _, p := range e.Parts {
		s, ok := asText(f.value(p))
		if !ok {
			s = cloud.Reference(f.sourceName(p))
		}
		partly = partly || !cloud.Whole(s)
		if b.Len()+len(s) > maxText {
			f.run.full = true
			return cty.DynamicVal
		}
		b.WriteString(s)
	}
	v := cty.StringVal(b.String())
	if partly {
		return v.Mark(mark{})
	}
	return v
}

// sourceName names a part of a text that cannot be known, by what it asks for.
func (f *frame) sourceName(e hclsyntax.Expression) string {
	t, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return "…"
	}
	parts := []string{t.Traversal.RootName()}
	for i := 1; i < len(t.Traversal); i++ {
		if n := attrName(t.Traversal, i); n != "" {
			parts = append(parts, n)
		}
	}
	return strings.Join(parts, ".")
}

// call calls a function with what is known of its arguments.
func (f *frame) call(e *hclsyntax.FunctionCallExpr) (v cty.Value) {
	fn, ok := f.functions[strings.TrimPrefix(e.Name, "core::")]
	switch e.Name {
	case "try", "can":
		return f.evaluate(e)
	}
	if !ok || e.ExpandFinal {
		if !ok {
			return cty.DynamicVal
		}
		return f.evaluate(e)
	}
	args := make([]cty.Value, 0, len(e.Args))
	for _, a := range e.Args {
		args = append(args, f.value(a))
	}
	if (e.Name == "jsonencode" || e.Name == "merge" || e.Name == "concat") && len(args) > 0 {
		for i, a := range args {
			if e.Name == "jsonencode" || !a.IsKnown() {
				if e.Name != "jsonencode" {
					return cty.DynamicVal
				}
				args[i] = filledIn(a, 0)
			}
		}
	}
	defer func() {
		if recover() != nil {
			v = cty.DynamicVal
		}
	}()
	for i, a := range args {
		kind := cty.DynamicPseudoType
		if params := fn.Params(); i < len(params) {
			kind = params[i].Type
		} else if p := fn.VarParam(); p != nil {
			kind = p.Type
		}
		if c, err := convert.Convert(a, kind); err == nil {
			args[i] = c
		}
	}
	v, err := fn.Call(args)
	if err != nil || v == cty.NilVal {
		return cty.DynamicVal
	}
	return f.run.limit(v)
}

// filledIn puts references in the place of unknown parts, so that the rest can
// be written as JSON.
func filledIn(v cty.Value, depth int) cty.Value {
	v, marks := v.Unmark()
	switch {
	case !v.IsKnown() || depth > maxDepth:
		return reference("…")
	case v.IsNull() || !v.CanIterateElements():
		if len(marks) > 0 && v.Type() == cty.String && !v.IsNull() && !cloud.Whole(v.AsString()) {
			return v.WithMarks(marks)
		}
		if len(marks) > 0 && !v.IsNull() {
			return reference("…")
		}
		return v
	case v.Type().IsObjectType() || v.Type().IsMapType():
		m := map[string]cty.Value{}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			k, _ = k.Unmark()
			m[k.AsString()] = filledIn(e, depth+1)
		}
		return cty.ObjectVal(m)
	}
	var list []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		list = append(list, filledIn(e, depth+1))
	}
	return cty.TupleVal(list)
}
