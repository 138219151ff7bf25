// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// branch is a part of what the variables of one expression are: only what the
// expression asks for is made.
type branch struct {
	leaf cty.Value
	kids map[string]*branch
	// list is true when the kids are asked for by numbers.
	list bool
	size int
}

func (b *branch) kid(name string) *branch {
	if b.kids == nil {
		b.kids = map[string]*branch{}
	}
	k := b.kids[name]
	if k == nil {
		k = &branch{}
		b.kids[name] = k
	}
	return k
}

func (b *branch) value() cty.Value {
	if b.kids == nil {
		if b.leaf == cty.NilVal {
			return cty.DynamicVal
		}
		return b.leaf
	}
	if b.list {
		one := b.kids["[]"].value()
		list := make([]cty.Value, b.size)
		for i := range list {
			list[i] = one
		}
		return cty.TupleVal(list)
	}
	m := map[string]cty.Value{}
	if b.leaf != cty.NilVal && b.leaf.Type().IsObjectType() && !b.leaf.IsMarked() && b.leaf.IsKnown() && !b.leaf.IsNull() {
		m = b.leaf.AsValueMap()
		if m == nil {
			m = map[string]cty.Value{}
		}
	}
	for name, k := range b.kids {
		m[name] = k.value()
	}
	return cty.ObjectVal(m)
}

// context makes what an expression may name.
func (f *frame) context(e hclsyntax.Expression) *hcl.EvalContext {
	roots := map[string]*branch{}
	var names []string // of attributes, found when first needed
	for _, t := range e.Variables() {
		root := t.RootName()
		b := roots[root]
		if b == nil {
			b = &branch{}
			roots[root] = b
		}
		if own, ok := f.own[root]; ok {
			b.leaf = own
			continue
		}
		name := attrName(t, 1)
		switch root {
		case "var", "local", "path", "terraform":
			if name != "" {
				b.kid(name).leaf = f.known(root, name)
			}
		case "each", "count", "self":
			// Outside of what has it.
		case "module":
			if name == "" {
				continue
			}
			if names == nil {
				names = attributeNames(e)
			}
			b.kid(name).leaf = f.moduleObject(name, names)
		case "data":
			if second := attrName(t, 2); name != "" && second != "" {
				if names == nil {
					names = attributeNames(e)
				}
				f.resource(b.kid(name).kid(second), "data."+name+"."+second, t[3:], names)
			}
		default:
			if name != "" {
				if names == nil {
					names = attributeNames(e)
				}
				f.resource(b.kid(name), root+"."+name, t[2:], names)
			}
		}
	}
	ctx := &hcl.EvalContext{Variables: make(map[string]cty.Value, len(roots)), Functions: f.functions}
	for root, b := range roots {
		ctx.Variables[root] = b.value()
	}
	return ctx
}

func attrName(t hcl.Traversal, i int) string {
	if i >= len(t) {
		return ""
	}
	switch a := t[i].(type) {
	case hcl.TraverseAttr:
		return a.Name
	case hcl.TraverseIndex:
		if a.Key.Type() == cty.String && a.Key.IsKnown() && !a.Key.IsNull() {
			return a.Key.AsString()
		}
	}
	return ""
}

// known is the value of var.NAME, local.NAME, path.NAME and terraform.NAME.
func (f *frame) known(root, name string) cty.Value {
	switch root {
	case "var":
		return f.variable(name)
	case "local":
		return f.local(name)
	case "path":
		switch name {
		case "module":
			return cty.StringVal(f.mod.dir)
		case "root", "cwd":
			return cty.StringVal(f.run.root.dir)
		}
	}
	return reference(root + "." + name)
}

func (f *frame) moduleObject(name string, names []string) cty.Value {
	prefix := f.prefix + "module." + name
	i := slices.IndexFunc(f.mod.calls, func(c *call) bool { return c.name == name })
	if i < 0 {
		return cty.DynamicVal
	}
	c := f.called(f.mod.calls[i])
	if c.busy {
		return cty.DynamicVal
	}
	return c.object(names, f.scope, prefix)
}

// resource makes the part of a resource that the rest of a traversal asks for.
func (f *frame) resource(b *branch, address string, rest hcl.Traversal, names []string) {
	d := f.mod.byAddress[address]
	ref := f.prefix + address
	// An index right behind the name is an instance's.
	if len(rest) > 0 {
		if index, ok := rest[0].(hcl.TraverseIndex); ok {
			f.indexed(b, index, func(b *branch) { f.attribute(b, d, ref, rest[1:], names) })
			return
		}
	}
	f.attribute(b, d, ref, rest, names)
}

// indexed makes a list or an object around what an index names.
func (f *frame) indexed(b *branch, index hcl.TraverseIndex, fill func(*branch)) {
	key := index.Key
	if key.Type() == cty.String && key.IsKnown() && !key.IsNull() {
		fill(b.kid(key.AsString()))
		return
	}
	n, ok := wholeNumber(key)
	if !ok || n >= maxInstances {
		return
	}
	b.list, b.size = true, max(b.size, n+1)
	fill(b.kid("[]"))
}

func (f *frame) attribute(b *branch, d *declared, ref string, rest hcl.Traversal, names []string) {
	if len(rest) == 0 {
		b.leaf = f.whole(d, ref, names)
		return
	}
	switch step := rest[0].(type) {
	case hcl.TraverseAttr:
		next := ref + "." + step.Name
		if len(rest) == 1 {
			b.kid(step.Name).leaf = f.leaf(d, next, step.Name)
			return
		}
		f.attribute(b.kid(step.Name), nil, next, rest[1:], names)
	case hcl.TraverseIndex:
		f.indexed(b, step, func(b *branch) {
			if len(rest) == 1 {
				b.leaf = reference(ref)
				return
			}
			f.attribute(b, nil, ref, rest[1:], names)
		})
	}
}

// leaf is an attribute: the text of a policy document, else a reference.
func (f *frame) leaf(d *declared, ref, name string) cty.Value {
	if d != nil && d.kind == "aws_iam_policy_document" && (name == "json" || name == "minified_json") {
		if n := f.policyDocument(d); n != nil {
			return cty.StringVal(jsonText(n)).Mark(mark{})
		}
	}
	if d != nil && d.kind == "aws_iam_policy" && name == "arn" && d.address[0] == 'd' {
		if a := d.block.Body.Attributes["name"]; a != nil {
			if v := f.value(a.Expr); !v.IsMarked() && v.IsKnown() && v.Type() == cty.String && !v.IsNull() {
				return cty.StringVal("arn:aws:iam::aws:policy/" + v.AsString())
			}
		}
	}
	return reference(ref)
}

// whole is a resource as an object with the attributes that the expression
// names somewhere; a list or a map of them where the resource has instances.
func (f *frame) whole(d *declared, ref string, names []string) cty.Value {
	m := map[string]cty.Value{}
	for _, n := range names {
		m[n] = f.leaf(d, ref+"."+n, n)
	}
	one := cty.ObjectVal(m)
	if d == nil {
		return one
	}
	if d.block.Body.Attributes["count"] != nil {
		return cty.TupleVal([]cty.Value{one})
	}
	if a := d.block.Body.Attributes["for_each"]; a != nil {
		if f.level > maxDepth {
			return cty.DynamicVal
		}
		keys, _, ok := elements((&frame{scope: f.scope, level: f.level + 10}).value(a.Expr))
		if !ok {
			return cty.DynamicVal
		}
		all := map[string]cty.Value{}
		for _, k := range keys {
			if k, _ = k.Unmark(); k.Type() == cty.String && k.IsKnown() && !k.IsNull() {
				all[k.AsString()] = one
			}
		}
		return cty.ObjectVal(all)
	}
	return one
}

// attributeNames are all that an expression asks of anything.
func attributeNames(e hclsyntax.Expression) []string {
	w := &nameWalker{names: []string{"id", "arn", "name"}}
	_ = hclsyntax.Walk(e, w)
	return w.names
}

type nameWalker struct{ names []string }

func (w *nameWalker) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch e := n.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		w.add(e.Traversal)
	case *hclsyntax.RelativeTraversalExpr:
		w.add(e.Traversal)
	}
	return nil
}

func (w *nameWalker) Exit(hclsyntax.Node) hcl.Diagnostics { return nil }

func (w *nameWalker) add(t hcl.Traversal) {
	for _, step := range t {
		if a, ok := step.(hcl.TraverseAttr); ok && len(w.names) < 100 && !slices.Contains(w.names, a.Name) {
			w.names = append(w.names, a.Name)
		}
	}
}
