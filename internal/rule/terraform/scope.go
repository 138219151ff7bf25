// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the evaluation of one root module.
const (
	maxSteps     = 400_000
	maxNodes     = 1_000_000
	maxText      = 1 << 20
	maxDepth     = 150
	maxModules   = 10
	maxInstances = 64
	maxResources = 20_000
	maxElements  = 5000
)

// run is the evaluation of one root module.
type run struct {
	ctx     context.Context
	stack   *cloud.Stack
	modules map[string]*module
	files   map[string][]byte
	root    *module
	said    map[string]bool
	steps   int
	nodes   int
	full    bool
}

// scope is one instance of a module.
type scope struct {
	run    *run
	mod    *module
	prefix string // "module.app."
	title  string // "module.app[0]."
	// args are the inputs that a caller gives; nil for a root.
	args   map[string]argument
	caller *frame
	depth  int

	locals    map[string]*memo
	variables map[string]*memo
	// children are the instances of called modules, made when first needed.
	children  map[string]*children
	functions map[string]function.Function
}

type argument struct {
	expr hclsyntax.Expression
}

// memo is a value that is made once; busy while it is made, for circles.
type memo struct {
	busy, done, noded bool
	value             cty.Value
	node              *document.Node
}

// children are the instances of one module call.
type children struct {
	scopes []*scope
	keys   []cty.Value
	busy   bool
}

// frame is where expressions are evaluated: a scope, with what each, count and
// the iterators of dynamic blocks stand for.
type frame struct {
	*scope
	own   map[string]cty.Value
	level int
}

func (f *frame) with(name string, v cty.Value) *frame {
	own := make(map[string]cty.Value, len(f.own)+1)
	maps.Copy(own, f.own)
	own[name] = v
	return &frame{scope: f.scope, own: own, level: f.level}
}

// evaluate makes the stack of a root module.
func evaluate(ctx context.Context, root *module, modules map[string]*module, files map[string][]byte) *cloud.Stack {
	r := &run{ctx: ctx, stack: &cloud.Stack{Language: sekisho.ResourceTerraform}, modules: modules, files: files, root: root, said: map[string]bool{}}
	s := &scope{run: r, mod: root}
	s.open()
	s.resources(map[string]bool{})
	if r.full {
		r.problem(root.dir, message.New("the configuration makes more values than are looked at: the rest is not assessed"))
	}
	return r.stack
}

func (s *scope) open() {
	s.locals, s.variables, s.children = map[string]*memo{}, map[string]*memo{}, map[string]*children{}
	s.functions = s.functionTable()
}

func (r *run) problem(p string, why error) {
	if text := why.Error(); !r.said[p+text] {
		r.said[p+text] = true
		r.stack.Problems = append(r.stack.Problems, sekisho.Problem{Path: p, Minor: true}.Saying(message.Words(why)))
	}
}

// step counts the work; false when there was too much of it.
func (r *run) step() bool {
	r.steps++
	if r.steps > maxSteps || r.steps&0xff == 0 && r.ctx.Err() != nil {
		r.full = true
		return false
	}
	return true
}

// resources adds the resources of the scope and of the modules that it calls.
func (s *scope) resources(told map[string]bool) {
	if !told[s.mod.dir] {
		told[s.mod.dir] = true
		s.run.stack.Mistakes = append(s.run.stack.Mistakes, s.mod.mistakes...)
	}
	f := &frame{scope: s}
	for _, d := range s.mod.resources {
		if !strings.HasPrefix(d.kind, "aws_") {
			continue
		}
		f.instances(d.block.Body, func(f *frame, key string) {
			if len(s.run.stack.Resources) >= maxResources {
				s.run.full = true
				return
			}
			at := d.block.DefRange()
			end := d.block.CloseBraceRange.Start.Line
			body := f.body(d.block.Body, 0)
			body.File, body.Line, body.Column = d.file, at.Start.Line, at.Start.Column
			s.run.stack.Resources = append(s.run.stack.Resources, &cloud.Resource{
				Type: d.kind, Address: s.prefix + d.address, Title: s.title + d.address + key, Body: body,
				Path: d.file, Line: at.Start.Line, Column: at.Start.Column, EndLine: end,
			})
		})
	}
	for _, c := range s.mod.calls {
		for _, child := range s.called(c).scopes {
			child.resources(told)
		}
	}
}

// called makes the instances of a module call.
func (s *scope) called(c *call) *children {
	if have := s.children[c.name]; have != nil {
		return have
	}
	made := &children{busy: true}
	s.children[c.name] = made
	defer func() { made.busy = false }()
	dir := c.local(s.mod.dir)
	target := s.run.modules[dir]
	switch {
	case c.source == "":
		return made
	case dir == "":
		s.run.problem(c.file, message.Errorf("the module %q comes from %s, which is not fetched: what it creates is not assessed; scan the plan in JSON (terraform show -json) to include it", c.name, cloud.Show(c.source)))
		return made
	case target == nil:
		s.run.problem(c.file, message.Errorf("the module %q is not in the tree (%s): what it creates is not assessed", c.name, c.source))
		return made
	case s.depth >= maxModules:
		s.run.problem(c.file, message.Errorf("modules are nested more than %d deep: the rest is not assessed", maxModules))
		return made
	}
	f := &frame{scope: s}
	f.instances(c.block.Body, func(f *frame, key string) {
		if len(made.scopes) > 0 && len(s.run.stack.Resources) >= maxResources || !s.run.step() {
			return
		}
		child := &scope{
			run: s.run, mod: target, prefix: s.prefix + "module." + c.name + ".", title: s.title + "module." + c.name + key + ".",
			args: map[string]argument{}, caller: f, depth: s.depth + 1,
		}
		for name, a := range c.block.Body.Attributes {
			child.args[name] = argument{a.Expr}
		}
		child.open()
		made.scopes = append(made.scopes, child)
		k := cty.NilVal
		if e, ok := f.own["each"]; ok && e.Type().IsObjectType() && c.block.Body.Attributes["for_each"] != nil {
			k = e.GetAttr("key")
		}
		made.keys = append(made.keys, k)
	})
	return made
}

// instances calls visit for each instance that count and for_each make, once
// with unknown keys where that cannot be known.
func (f *frame) instances(b *hclsyntax.Body, visit func(f *frame, key string)) {
	unknownString := cty.UnknownVal(cty.String)
	if a := b.Attributes["count"]; a != nil {
		v := f.value(a.Expr)
		n, ok := wholeNumber(v)
		if !ok {
			visit(f.with("count", cty.ObjectVal(map[string]cty.Value{"index": cty.UnknownVal(cty.Number)})), "")
			return
		}
		if n > maxInstances {
			f.run.problem(a.SrcRange.Filename, message.Errorf("line %d: of %d instances the first %d are assessed", a.SrcRange.Start.Line, n, maxInstances))
		}
		for i := range min(n, maxInstances) {
			visit(f.with("count", cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(i))})), fmt.Sprintf("[%d]", i))
		}
		return
	}
	a := b.Attributes["for_each"]
	if a == nil {
		visit(f, "")
		return
	}
	keys, values, ok := elements(f.value(a.Expr))
	if !ok {
		visit(f.with("each", cty.ObjectVal(map[string]cty.Value{"key": unknownString, "value": cty.DynamicVal})), "")
		return
	}
	if len(keys) > maxInstances {
		f.run.problem(a.SrcRange.Filename, message.Errorf("line %d: of %d instances the first %d are assessed", a.SrcRange.Start.Line, len(keys), maxInstances))
	}
	for i := range min(len(keys), maxInstances) {
		name := "[…]"
		if k, _ := keys[i].Unmark(); k.Type() == cty.String && k.IsKnown() && !k.IsNull() {
			name = fmt.Sprintf("[%q]", cloud.Show(k.AsString()))
		}
		visit(f.with("each", cty.ObjectVal(map[string]cty.Value{"key": keys[i], "value": values[i]})), name)
	}
}

// wholeNumber reads a count.
func wholeNumber(v cty.Value) (int, bool) {
	v, marks := v.Unmark()
	if len(marks) > 0 || !v.IsKnown() || v.IsNull() {
		return 0, false
	}
	v, err := convert.Convert(v, cty.Number)
	if err != nil || !v.IsKnown() || v.IsNull() {
		return 0, false
	}
	n, _ := v.AsBigFloat().Int64()
	return int(max(0, min(n, 1<<30))), true
}

// elements are the keys and values of what a loop goes over.
func elements(v cty.Value) (keys, values []cty.Value, ok bool) {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return nil, nil, false
	}
	set := v.Type().IsSetType()
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		if set {
			k = e
		}
		if len(keys) > maxElements {
			return nil, nil, false
		}
		keys, values = append(keys, k), append(values, e)
	}
	return keys, values, true
}

// variable is the value of an input.
func (s *scope) variable(name string) cty.Value {
	m := s.variables[name]
	if m == nil {
		m = &memo{}
		s.variables[name] = m
	}
	if m.done || m.busy {
		if m.busy {
			return cty.DynamicVal
		}
		return m.value
	}
	m.busy = true
	m.value = s.run.limit(s.input(name))
	m.busy, m.done = false, true
	return m.value
}

func (s *scope) input(name string) cty.Value {
	v := s.mod.variables[name]
	if v == nil {
		return cty.DynamicVal
	}
	value := cty.NilVal
	if a, ok := s.args[name]; ok {
		value = s.caller.value(a.expr)
	} else if s.args == nil {
		if e := s.given(name); e != nil {
			value = (&frame{scope: s}).value(e)
		}
	}
	if value == cty.NilVal && v.value != nil {
		value = (&frame{scope: s}).value(v.value)
	}
	if value == cty.NilVal {
		if v.kind == cty.String || v.kind == cty.DynamicPseudoType {
			return reference(s.prefix + "var." + name)
		}
		return cty.UnknownVal(v.kind)
	}
	return typed(value, v)
}

// typed is a value after the constraint and the defaults of its variable.
func typed(value cty.Value, v *variable) (out cty.Value) {
	defer func() {
		if recover() != nil {
			out = value
		}
	}()
	out = value
	if v.kind == cty.DynamicPseudoType || value.IsMarked() || !value.IsKnown() {
		return value
	}
	if v.defaults != nil && !value.IsNull() {
		out = v.defaults.Apply(out)
	}
	if c, err := convert.Convert(out, v.kind.WithoutOptionalAttributesDeep()); err == nil {
		return c
	}
	return out
}

// given is what a file of values sets: terraform.tfvars, then *.auto.tfvars in
// the order of their names; a lone other file stands for variables that are set
// nowhere else.
func (s *scope) given(name string) hclsyntax.Expression {
	var found, lone hclsyntax.Expression
	others := map[string]bool{}
	for _, g := range s.mod.given {
		base := strings.TrimSuffix(path.Base(g.file), ".json")
		auto := base == "terraform.tfvars" || strings.HasSuffix(base, ".auto.tfvars")
		if !auto {
			others[g.file] = true
		}
		if g.name != name {
			continue
		}
		switch {
		case !auto:
			lone = g.value
		case base != "terraform.tfvars" || found == nil:
			found = g.value
		}
	}
	if v := s.mod.variables[name]; found == nil && lone != nil && len(others) == 1 && v != nil && v.value == nil {
		return lone
	}
	return found
}

// local is the value of a local name.
func (s *scope) local(name string) cty.Value {
	e := s.mod.locals[name]
	if e == nil {
		return cty.DynamicVal
	}
	m := s.locals[name]
	if m == nil {
		m = &memo{}
		s.locals[name] = m
	}
	switch {
	case m.busy:
		return cty.DynamicVal
	case m.done:
		return m.value
	}
	m.busy = true
	m.value = s.run.limit((&frame{scope: s}).value(e))
	m.busy, m.done = false, true
	return m.value
}

// output is what a module instance gives back.
func (s *scope) output(name string) cty.Value {
	e := s.mod.outputs[name]
	if e == nil {
		return cty.DynamicVal
	}
	key := "output." + name
	m := s.locals[key]
	if m == nil {
		m = &memo{}
		s.locals[key] = m
	}
	switch {
	case m.busy:
		return cty.DynamicVal
	case m.done:
		return m.value
	}
	m.busy = true
	m.value = s.run.limit((&frame{scope: s}).value(e))
	m.busy, m.done = false, true
	return m.value
}

// limit gives up values that grow without end: text that doubles, lists of lists.
func (r *run) limit(v cty.Value) cty.Value {
	budget := maxElements
	if !small(v, &budget, 0) {
		r.full = true
		return cty.DynamicVal
	}
	return v
}

func small(v cty.Value, budget *int, depth int) bool {
	*budget--
	if *budget < 0 || depth > maxDepth {
		return false
	}
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() {
		return true
	}
	if v.Type() == cty.String {
		n := len(v.AsString())
		*budget -= n >> 8
		return n <= maxText
	}
	if !v.CanIterateElements() {
		return true
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); !small(e, budget, depth+1) {
			return false
		}
	}
	return true
}

// mark says of a value that it depends on what cannot be known.
type mark struct{}

// reference is a text that stands for something unknown.
func reference(name string) cty.Value { return cty.StringVal(cloud.Reference(name)).Mark(mark{}) }

// names of the instances' keys, for the objects of modules.
func (c *children) object(names []string, s *scope, prefix string) cty.Value {
	one := func(child *scope) cty.Value {
		m := map[string]cty.Value{}
		for _, n := range names {
			if _, ok := child.mod.outputs[n]; ok {
				m[n] = child.output(n)
			}
		}
		return cty.ObjectVal(m)
	}
	switch {
	case len(c.scopes) == 0:
		// A module that is not here, or has no instance.
		m := map[string]cty.Value{}
		for _, n := range names {
			m[n] = reference(prefix + "." + n)
		}
		return cty.ObjectVal(m)
	case c.keys[0] != cty.NilVal:
		m := map[string]cty.Value{}
		for i, k := range c.keys {
			if k, _ = k.Unmark(); k.Type() == cty.String && k.IsKnown() && !k.IsNull() {
				m[k.AsString()] = one(c.scopes[i])
			}
		}
		return cty.ObjectVal(m)
	case s.counted(c):
		list := make([]cty.Value, 0, len(c.scopes))
		for _, child := range c.scopes {
			list = append(list, one(child))
		}
		return cty.TupleVal(list)
	}
	return one(c.scopes[0])
}

// counted says whether the call of the instances has a count.
func (s *scope) counted(c *children) bool {
	i := slices.IndexFunc(s.mod.calls, func(one *call) bool { return s.children[one.name] == c })
	return i >= 0 && s.mod.calls[i].block.Body.Attributes["count"] != nil
}
