// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/sekisho/sekisho/internal/cloud"
)

// module is the configuration of one directory.
type module struct {
	dir       string
	variables map[string]*variable
	locals    map[string]hclsyntax.Expression
	outputs   map[string]hclsyntax.Expression
	resources []*declared
	byAddress map[string]*declared
	calls     []*call
	// given are the values of variables in files that Terraform loads by
	// itself, the later ones in the order of their names winning.
	given    []setting
	mistakes []cloud.Mistake
}

type setting struct {
	file, name string
	value      hclsyntax.Expression
}

// variable is an input of a module.
type variable struct {
	kind     cty.Type
	defaults *typeexpr.Defaults
	value    hclsyntax.Expression
}

// declared is a resource or data block.
type declared struct {
	// address within the module: "aws_iam_role.task", "data.aws_region.here".
	address, kind string
	block         *hclsyntax.Block
	file          string
}

// call is a module block.
type call struct {
	name, source string
	block        *hclsyntax.Block
	file         string
}

// local is the directory that the call names; empty for one from elsewhere.
func (c *call) local(dir string) string {
	if !strings.HasPrefix(c.source, "./") && !strings.HasPrefix(c.source, "../") && c.source != "." && c.source != ".." {
		return ""
	}
	return path.Join(dir, c.source)
}

// parse adds a file to the module. What is no HCL is a mistake on its line;
// the blocks around it still count.
func (m *module) parse(name string, text []byte) {
	if m.variables == nil {
		m.variables, m.locals, m.outputs, m.byAddress = map[string]*variable{}, map[string]hclsyntax.Expression{}, map[string]hclsyntax.Expression{}, map[string]*declared{}
	}
	body, err := parseBody(name, text)
	if err != nil {
		m.mistakes = append(m.mistakes, *err)
	}
	if body == nil {
		return
	}
	if strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json") {
		for _, a := range attributes(body) {
			m.given = append(m.given, setting{name, a.Name, a.Expr})
		}
		return
	}
	for _, b := range body.Blocks {
		m.add(name, b)
	}
}

func (m *module) add(file string, b *hclsyntax.Block) {
	label := func(i int) string {
		if i < len(b.Labels) {
			return b.Labels[i]
		}
		return ""
	}
	attr := func(name string) hclsyntax.Expression {
		if a := b.Body.Attributes[name]; a != nil {
			return a.Expr
		}
		return nil
	}
	switch b.Type {
	case "variable":
		v := &variable{kind: cty.DynamicPseudoType, value: attr("default")}
		if t := attr("type"); t != nil {
			v.kind, v.defaults = typeOf(t)
		}
		m.variables[label(0)] = v
	case "locals":
		for _, a := range attributes(b.Body) {
			m.locals[a.Name] = a.Expr
		}
	case "output":
		if e := attr("value"); e != nil {
			m.outputs[label(0)] = e
		}
	case "resource", "data":
		d := &declared{address: label(0) + "." + label(1), kind: label(0), block: b, file: file}
		if b.Type == "data" {
			d.address = "data." + d.address
		} else {
			m.resources = append(m.resources, d)
		}
		m.byAddress[d.address] = d
	case "module":
		c := &call{name: label(0), block: b, file: file}
		if e := attr("source"); e != nil {
			if v, diags := e.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
				c.source = v.AsString()
			}
		}
		m.calls = append(m.calls, c)
	}
}

// typeOf reads the constraint of a variable; any where it is none.
func typeOf(e hclsyntax.Expression) (kind cty.Type, defaults *typeexpr.Defaults) {
	defer func() {
		if recover() != nil {
			kind, defaults = cty.DynamicPseudoType, nil
		}
	}()
	if t, ok := e.(*hclsyntax.TemplateExpr); ok && t.IsStringLiteral() { // as before 0.12
		if v, _ := t.Value(nil); v.Type() == cty.String && v.AsString() == "string" {
			return cty.String, nil
		}
		return cty.DynamicPseudoType, nil
	}
	kind, defaults, diags := typeexpr.TypeConstraintWithDefaults(e)
	if diags.HasErrors() {
		return cty.DynamicPseudoType, nil
	}
	if defaults != nil && len(defaults.DefaultValues) == 0 && len(defaults.Children) == 0 {
		defaults = nil
	}
	return kind, defaults
}

// attributes are those of a body in the order of the file.
func attributes(b *hclsyntax.Body) []*hclsyntax.Attribute {
	out := make([]*hclsyntax.Attribute, 0, len(b.Attributes))
	for _, a := range b.Attributes {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *hclsyntax.Attribute) int {
		return cmp.Or(cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// parseBody reads a file of either syntax.
func parseBody(name string, text []byte) (body *hclsyntax.Body, mistake *cloud.Mistake) {
	defer func() {
		if e := recover(); e != nil {
			body, mistake = nil, &cloud.Mistake{Path: name, Line: 1, Column: 1, Text: "this is no HCL: the parser stumbled over it"}
		}
	}()
	if isJSON(name) {
		return parseJSON(name, text)
	}
	if line := tooDeep(text); line > 0 {
		return nil, &cloud.Mistake{Path: name, Line: line, Column: 1, Text: "this is no HCL: expressions are nested too deep"}
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			mistake = &cloud.Mistake{Path: name, Line: 1, Column: 1, Text: "this is no HCL: " + d.Summary}
			if d.Subject != nil {
				mistake.Line, mistake.Column = d.Subject.Start.Line, d.Subject.Start.Column
			}
			break
		}
	}
	if file == nil {
		return nil, mistake
	}
	body, _ = file.Body.(*hclsyntax.Body)
	return body, mistake
}
