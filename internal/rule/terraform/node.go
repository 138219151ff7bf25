// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// inFile marks a text that was read from a file: places in it are the file's.
const inFile = "file"

// meta are arguments that Terraform itself takes.
var meta = map[string]bool{"count": true, "for_each": true, "depends_on": true, "provider": true}

// isText are arguments that are JSON in a text.
var isText = map[string]bool{"container_definitions": true, "container_properties": true, "policy": true, "assume_role_policy": true, "inline_policy": true}

// body makes a map of the arguments and the nested blocks.
func (f *frame) body(b *hclsyntax.Body, depth int) *document.Node {
	out := f.run.node(document.Map, b.SrcRange)
	if depth > maxDepth || f.run.full {
		return out
	}
	for _, a := range attributes(b) {
		if depth == 0 && meta[a.Name] {
			continue
		}
		v := f.node(a.Expr)
		if isText[a.Name] {
			v = f.run.parsed(v, a.Expr)
		}
		out.Keys, out.Items = append(out.Keys, f.run.key(a.Name, a.NameRange)), append(out.Items, v)
	}
	for _, block := range b.Blocks {
		switch block.Type {
		case "lifecycle", "provisioner", "connection":
			if depth == 0 {
				continue
			}
		case "dynamic":
			if len(block.Labels) == 1 {
				f.dynamic(out, block, depth)
			}
			continue
		}
		inner := f.body(block.Body, depth+1)
		inner.Line, inner.Column = block.TypeRange.Start.Line, block.TypeRange.Start.Column
		inner.EndLine, inner.EndColumn = block.CloseBraceRange.End.Line, block.CloseBraceRange.End.Column
		f.run.append(out, block.Type, block.TypeRange, inner)
	}
	return out
}

// append adds a nested block to those of its type.
func (r *run) append(out *document.Node, name string, rng hcl.Range, inner *document.Node) {
	if have := out.Get(name); have != nil && have.Kind == document.List {
		have.Items = append(have.Items, inner)
		if inner.File == have.File && inner.EndLine > have.EndLine {
			have.EndLine, have.EndColumn = inner.EndLine, inner.EndColumn
		}
		return
	}
	list := r.node(document.List, rng)
	list.Items = []*document.Node{inner}
	list.EndLine, list.EndColumn = inner.EndLine, inner.EndColumn
	out.Keys, out.Items = append(out.Keys, r.key(name, rng)), append(out.Items, list)
}

// dynamic makes the blocks that a dynamic block stands for; one that is unknown
// where they cannot be known.
func (f *frame) dynamic(out *document.Node, block *hclsyntax.Block, depth int) {
	name := block.Labels[0]
	iterator := name
	if a := block.Body.Attributes["iterator"]; a != nil {
		if k := hcl.ExprAsKeyword(a.Expr); k != "" {
			iterator = k
		}
	}
	var content *hclsyntax.Body
	for _, b := range block.Body.Blocks {
		if b.Type == "content" {
			content = b.Body
		}
	}
	a := block.Body.Attributes["for_each"]
	if a == nil || content == nil {
		return
	}
	keys, values, ok := elements(f.value(a.Expr))
	if !ok || f.level > maxDepth {
		f.run.append(out, name, block.TypeRange, f.run.node(document.Unknown, block.TypeRange))
		return
	}
	for i := range min(len(keys), maxInstances) {
		inner := f.with(iterator, cty.ObjectVal(map[string]cty.Value{"key": keys[i], "value": values[i]})).body(content, depth+1)
		inner.Line, inner.Column = block.TypeRange.Start.Line, block.TypeRange.Start.Column
		f.run.append(out, name, block.TypeRange, inner)
	}
}

func (r *run) node(kind document.Kind, rng hcl.Range) *document.Node {
	if r.nodes++; r.nodes > maxNodes {
		r.full = true
	}
	return &document.Node{Kind: kind, File: rng.Filename, Line: rng.Start.Line, Column: rng.Start.Column, EndLine: rng.End.Line, EndColumn: rng.End.Column}
}

func (r *run) key(name string, rng hcl.Range) *document.Node {
	n := r.node(document.String, rng)
	n.Text = name
	return n
}

// node evaluates an expression as a tree in which each part has its place.
func (f *frame) node(e hclsyntax.Expression) *document.Node {
	rng := e.Range()
	if !f.run.step() || f.level > maxDepth || f.run.full {
		return f.run.node(document.Unknown, rng)
	}
	f.level++
	defer func() { f.level-- }()
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return f.node(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return f.node(e.Wrapped)
	case *hclsyntax.TupleConsExpr:
		out := f.run.node(document.List, rng)
		for _, item := range e.Exprs {
			out.Items = append(out.Items, f.node(item))
		}
		return out
	case *hclsyntax.ObjectConsExpr:
		out := f.run.node(document.Map, rng)
		for _, item := range e.Items {
			if k, ok := f.key(item.KeyExpr); ok {
				out.Keys, out.Items = append(out.Keys, f.run.key(k, item.KeyExpr.Range())), append(out.Items, f.node(item.ValueExpr))
			}
		}
		return out
	case *hclsyntax.ConditionalExpr:
		switch v, ok := f.decide(e.Condition); {
		case !ok:
			return f.run.node(document.Unknown, rng)
		case v:
			return f.placed(f.node(e.TrueResult), rng)
		}
		return f.placed(f.node(e.FalseResult), rng)
	case *hclsyntax.FunctionCallExpr:
		if n := f.callNode(e); n != nil {
			return n
		}
	case *hclsyntax.ScopeTraversalExpr:
		if n := f.named(e.Traversal); n != nil {
			return f.placed(n, rng)
		}
	}
	n := f.run.fromValue(f.value(e), rng, 0)
	if n.Kind == document.Unknown && n.Text == "" {
		if t, ok := e.(*hclsyntax.ScopeTraversalExpr); ok {
			n.Text = f.sourceName(t)
		}
	}
	return n
}

// placed gives a scalar the place where it is used: of a tree, the place where
// it is written says more.
func (f *frame) placed(n *document.Node, rng hcl.Range) *document.Node {
	if n.Kind == document.Map || n.Kind == document.List || n.Tag == inFile {
		return n
	}
	out := f.run.node(n.Kind, rng)
	out.Text = n.Text
	return out
}

// named is the tree behind a name: a local, an argument of the module, a policy
// document; nil where there is no more than a value.
func (f *frame) named(t hcl.Traversal) *document.Node {
	name := attrName(t, 1)
	switch root := t.RootName(); {
	case root == "local" && len(t) == 2:
		if e := f.mod.locals[name]; e != nil {
			return f.remembered("local."+name, e, &frame{scope: f.scope, level: f.level})
		}
	case root == "var" && len(t) == 2:
		v := f.mod.variables[name]
		if a, ok := f.args[name]; ok && v != nil && v.defaults == nil {
			return f.remembered("var."+name, a.expr, &frame{scope: f.caller.scope, own: f.caller.own, level: f.level})
		}
	case root == "data" && name == "aws_iam_policy_document" && len(t) == 4:
		if d := f.mod.byAddress["data."+name+"."+attrName(t, 2)]; d != nil && strings.HasSuffix(attrName(t, 3), "json") {
			return f.policyDocument(d)
		}
	}
	return nil
}

// remembered makes the tree of an expression once.
func (f *frame) remembered(key string, e hclsyntax.Expression, in *frame) *document.Node {
	key = "node." + key
	m := f.locals[key]
	if m == nil {
		m = &memo{}
		f.locals[key] = m
	}
	if m.busy {
		return nil
	}
	if !m.noded {
		m.busy = true
		m.node = in.node(e)
		m.busy, m.noded = false, true
		return m.node
	}
	// What shares a tree is walked as often as it is used.
	f.run.nodes += weight(m.node, 0)
	if f.run.nodes > maxNodes {
		f.run.full = true
		return nil
	}
	return m.node
}

func weight(n *document.Node, depth int) int {
	if depth > maxDepth {
		return maxNodes
	}
	sum := 1
	for _, item := range n.Items {
		if sum += weight(item, depth+1); sum > maxNodes {
			break
		}
	}
	return sum
}

// callNode is the tree of a function that passes trees on; nil for others.
func (f *frame) callNode(e *hclsyntax.FunctionCallExpr) *document.Node {
	if e.ExpandFinal || len(e.Args) == 0 {
		return nil
	}
	switch e.Name {
	case "jsonencode", "tolist", "toset", "tomap", "sensitive", "nonsensitive", "base64encode":
		return f.node(e.Args[0])
	case "jsondecode":
		return f.run.parsed(f.node(e.Args[0]), e.Args[0])
	case "concat":
		out := f.run.node(document.List, e.Range())
		for _, a := range e.Args {
			switch n := f.node(a); n.Kind {
			case document.List:
				out.Items = append(out.Items, n.Items...)
			case document.Null:
			default:
				out.Items = append(out.Items, f.run.node(document.Unknown, a.Range()))
			}
		}
		return out
	case "merge":
		out := f.run.node(document.Map, e.Range())
		for _, a := range e.Args {
			n := f.node(a)
			if n.Kind != document.Map && n.Kind != document.Null {
				return f.run.node(document.Unknown, e.Range())
			}
			for i, k := range n.Keys {
				replace(out, k, n.Items[i])
			}
		}
		return out
	case "file", "templatefile":
		name, ok := asText(f.value(e.Args[0]))
		if !ok || !cloud.Whole(name) {
			return nil
		}
		p, text, ok := f.run.open(name)
		if !ok {
			return nil
		}
		if e.Name == "templatefile" {
			v, whole := asText(f.value(e))
			if !whole {
				return f.run.node(document.Unknown, e.Range())
			}
			text = []byte(v)
		}
		n := f.run.node(document.String, e.Range())
		n.Text, n.Tag, n.File = string(text), inFile, p
		return n
	}
	return nil
}

// replace sets a member of a map.
func replace(m *document.Node, key, value *document.Node) {
	for i, k := range m.Keys {
		if k.Text == key.Text {
			m.Keys[i], m.Items[i] = key, value
			return
		}
	}
	m.Keys, m.Items = append(m.Keys, key), append(m.Items, value)
}

// open finds a file of the tree, by the path that an expression gives.
func (r *run) open(name string) (string, []byte, bool) {
	for _, p := range [...]string{path.Clean(name), path.Join(r.root.dir, name)} {
		if text, ok := r.files[p]; ok {
			return p, text, true
		}
	}
	return "", nil, false
}

// fromValue makes a tree of a value, all of it at one place.
func (r *run) fromValue(v cty.Value, rng hcl.Range, depth int) *document.Node {
	out := r.node(document.Unknown, rng)
	v, marks := v.Unmark()
	if !v.IsKnown() || depth > maxDepth || r.full {
		return out
	}
	if v.IsNull() {
		out.Kind = document.Null
		return out
	}
	switch t := v.Type(); {
	case t == cty.String:
		s := v.AsString()
		if len(marks) > 0 && cloud.Whole(s) && !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
			return out
		}
		n := cloud.Text(s)
		out.Kind, out.Text = n.Kind, n.Text
	case len(marks) > 0 && t.IsPrimitiveType():
	case t == cty.Bool:
		out.Kind, out.Text = document.Bool, "false"
		if v.True() {
			out.Text = "true"
		}
	case t == cty.Number:
		out.Kind, out.Text = document.Number, v.AsBigFloat().Text('f', -1)
	case t.IsObjectType() || t.IsMapType():
		out.Kind = document.Map
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			k, _ = k.Unmark()
			out.Keys, out.Items = append(out.Keys, r.key(k.AsString(), rng)), append(out.Items, r.fromValue(e, rng, depth+1))
		}
	case v.CanIterateElements():
		out.Kind = document.List
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			out.Items = append(out.Items, r.fromValue(e, rng, depth+1))
		}
	}
	return out
}

// parsed reads JSON out of a text: at the lines of the file or the heredoc that
// it is in, else at the place of the text.
func (r *run) parsed(n *document.Node, e hclsyntax.Expression) *document.Node {
	if n.Kind != document.String {
		return n
	}
	text := strings.TrimLeft(n.Text, " \t\r\n")
	if text == "" || text[0] != '{' && text[0] != '[' {
		return n
	}
	tree, err := document.JSON([]byte(quoteReferences(n.Text)))
	if err != nil {
		out := *n
		out.Kind, out.Text, out.Tag = document.Unknown, "", ""
		return &out
	}
	place := func(m *document.Node) {
		m.File, m.Line, m.Column, m.EndLine, m.EndColumn = n.File, n.Line, n.Column, n.EndLine, n.EndColumn
	}
	switch {
	case n.Tag == inFile:
		place = func(m *document.Node) { m.File = n.File }
	case heredoc(e):
		place = func(m *document.Node) {
			m.File, m.Line, m.EndLine = n.File, m.Line+n.Line, m.EndLine+n.Line
		}
	}
	r.relocate(tree, place, 0)
	return tree
}

func heredoc(e hclsyntax.Expression) bool {
	t, ok := e.(*hclsyntax.TemplateExpr)
	return ok && t.SrcRange.End.Line > t.SrcRange.Start.Line
}

func (r *run) relocate(n *document.Node, place func(*document.Node), depth int) {
	if r.nodes++; r.nodes > maxNodes {
		r.full = true
		n.Keys, n.Items, n.Kind = nil, nil, document.Unknown
		return
	}
	place(n)
	if n.Kind == document.String {
		t := cloud.Text(n.Text)
		n.Kind, n.Text = t.Kind, t.Text
	}
	for i, item := range n.Items {
		if n.Kind == document.Map {
			place(n.Keys[i])
		}
		r.relocate(item, place, depth+1)
	}
}

// quoteReferences makes texts of references that stand where a number would.
func quoteReferences(s string) string {
	if cloud.Whole(s) {
		return s
	}
	mark := []rune(cloud.Reference(""))
	var b strings.Builder
	quoted, escaped := false, false
	for _, c := range s {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = quoted
		case c == '"':
			quoted = !quoted
		case !quoted && (c == mark[0] || c == mark[1]):
			if c == mark[0] {
				b.WriteByte('"')
				b.WriteRune(c)
			} else {
				b.WriteRune(c)
				b.WriteByte('"')
			}
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

// jsonText writes a tree as JSON.
func jsonText(n *document.Node) string {
	var plain func(n *document.Node) any
	plain = func(n *document.Node) any {
		switch n.Kind {
		case document.Unknown:
			return cloud.Reference(n.Text)
		case document.List:
			out := make([]any, 0, len(n.Items))
			for _, item := range n.Items {
				out = append(out, plain(item))
			}
			return out
		case document.Map:
			out := make(map[string]any, len(n.Items))
			for i, k := range n.Keys {
				out[k.Text] = plain(n.Items[i])
			}
			return out
		case document.Null, document.Bool, document.Number, document.String:
		}
		return n.Value()
	}
	b, err := json.Marshal(plain(n))
	if err != nil {
		return ""
	}
	return string(b)
}
