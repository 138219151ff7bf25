// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// depth of the labels of a block in JSON
// (https://developer.hashicorp.com/terraform/language/syntax/json).
var labels = map[string]int{"resource": 2, "data": 2, "module": 1, "variable": 1, "output": 1, "locals": 0}

// parseJSON makes the tree of the native syntax of configuration in JSON:
// nested blocks stay arguments, which are maps and lists all the same.
func parseJSON(name string, text []byte) (*hclsyntax.Body, *cloud.Mistake) {
	root, err := document.JSON(text)
	if err != nil {
		m := &cloud.Mistake{Path: name, Line: 1, Column: 1, Text: err.Error()}
		if e, ok := errors.AsType[*document.Error](err); ok && e.Line > 0 {
			m.Line, m.Text = e.Line, e.Text
		}
		return nil, m
	}
	j := jsonBody{file: name}
	if strings.HasSuffix(name, ".tfvars.json") {
		j.literal = true
		return j.body(root), nil
	}
	out := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}}
	for kind, v := range root.Members() {
		if n, ok := labels[kind]; ok {
			j.blocks(out, kind, nil, n, root.Key(kind), v)
		}
	}
	return out, nil
}

type jsonBody struct {
	file string
	// literal texts are no templates: values of variables.
	literal bool
}

func (j *jsonBody) blocks(out *hclsyntax.Body, kind string, names []string, left int, key, v *document.Node) {
	switch {
	case v.Kind == document.List:
		for _, item := range v.Items {
			j.blocks(out, kind, names, left, key, item)
		}
	case v.Kind != document.Map:
	case left > 0:
		for name, inner := range v.Members() {
			j.blocks(out, kind, append(slices.Clip(names), name), left-1, v.Key(name), inner)
		}
	default:
		out.Blocks = append(out.Blocks, &hclsyntax.Block{
			Type: kind, Labels: names, Body: j.body(v), TypeRange: j.rng(key),
			OpenBraceRange: j.rng(v), CloseBraceRange: hcl.Range{Filename: j.file, Start: hcl.Pos{Line: v.EndLine, Column: v.EndColumn}, End: hcl.Pos{Line: v.EndLine, Column: v.EndColumn}},
		})
	}
}

func (j *jsonBody) rng(n *document.Node) hcl.Range {
	if n == nil {
		return hcl.Range{Filename: j.file}
	}
	return hcl.Range{
		Filename: j.file, Start: hcl.Pos{Line: n.Line, Column: n.Column, Byte: n.Line<<12 + n.Column}, End: hcl.Pos{Line: n.EndLine, Column: n.EndColumn, Byte: n.EndLine<<12 + n.EndColumn},
	}
}

func (j *jsonBody) body(n *document.Node) *hclsyntax.Body {
	b := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: j.rng(n)}
	for name, v := range n.Members() {
		if name == "//" {
			continue
		}
		key := j.rng(n.Key(name))
		b.Attributes[name] = &hclsyntax.Attribute{Name: name, Expr: j.expression(v), NameRange: key, SrcRange: hcl.RangeBetween(key, j.rng(v))}
	}
	return b
}

func (j *jsonBody) expression(n *document.Node) hclsyntax.Expression {
	rng := j.rng(n)
	literal := func(v cty.Value) hclsyntax.Expression { return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: rng} }
	switch n.Kind {
	case document.Bool:
		return literal(cty.BoolVal(n.True()))
	case document.Number:
		if v, err := cty.ParseNumberVal(n.Text); err == nil {
			return literal(v)
		}
		return literal(cty.DynamicVal)
	case document.List:
		t := &hclsyntax.TupleConsExpr{SrcRange: rng, OpenRange: rng}
		for _, item := range n.Items {
			t.Exprs = append(t.Exprs, j.expression(item))
		}
		return t
	case document.Map:
		o := &hclsyntax.ObjectConsExpr{SrcRange: rng, OpenRange: rng}
		for name, v := range n.Members() {
			key := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(name), SrcRange: j.rng(n.Key(name))}
			o.Items = append(o.Items, hclsyntax.ObjectConsItem{KeyExpr: key, ValueExpr: j.expression(v)})
		}
		return o
	case document.String:
		if j.literal || !strings.Contains(n.Text, "${") && !strings.Contains(n.Text, "%{") {
			return literal(cty.StringVal(n.Text))
		}
		if tooDeepTemplate(n.Text) {
			return literal(cty.DynamicVal)
		}
		e, diags := hclsyntax.ParseTemplate([]byte(n.Text), j.file, rng.Start)
		if e == nil || diags.HasErrors() {
			return literal(cty.DynamicVal)
		}
		return e
	case document.Null, document.Unknown:
	}
	return literal(cty.NullVal(cty.DynamicPseudoType))
}

// tooDeepTemplate is tooDeep for a text with interpolations.
func tooDeepTemplate(s string) bool {
	return strings.Count(s, "{")+strings.Count(s, "(")+strings.Count(s, "[")+strings.Count(s, "-")+strings.Count(s, "!") > maxNesting || len(s) > maxText
}
