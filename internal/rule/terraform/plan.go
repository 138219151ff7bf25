// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// readPlan reads what "terraform show -json" prints of a plan
// (https://developer.hashicorp.com/terraform/internals/json-format): values
// that are known are in planned_values, references in configuration.
func readPlan(name string, text []byte) *cloud.Stack {
	s := &cloud.Stack{Language: sekisho.ResourceTerraform}
	root, err := document.JSON(text)
	if err != nil {
		m := cloud.Mistake{Path: name, Line: 1, Column: 1, Text: err.Error()}
		if e, ok := errors.AsType[*document.Error](err); ok && e.Line > 0 {
			m.Line, m.Text = e.Line, e.Text
		}
		s.Mistakes = append(s.Mistakes, m)
		return s
	}
	p := plan{stack: s, file: name, asked: map[string]*document.Node{}}
	p.configuration(root.Get("configuration", "root_module"), "", 0)
	p.module(root.Get("planned_values", "root_module"), 0)
	return s
}

type plan struct {
	stack *cloud.Stack
	file  string
	// asked are the expressions of each resource of the configuration.
	asked map[string]*document.Node
	r     run
}

func (p *plan) configuration(m *document.Node, prefix string, depth int) {
	if m == nil || depth > 2*maxModules {
		return
	}
	for _, r := range m.Get("resources").List() {
		p.asked[prefix+r.Get("address").Str()] = r.Get("expressions")
	}
	for name, c := range m.Get("module_calls").Members() {
		p.configuration(c.Get("module"), prefix+"module."+name+".", depth+1)
	}
}

func (p *plan) module(m *document.Node, depth int) {
	if m == nil || depth > 2*maxModules {
		return
	}
	for _, r := range m.Get("resources").List() {
		kind := r.Get("type").Str()
		values := r.Get("values")
		if r.Get("mode").Str() == "data" || !strings.HasPrefix(kind, "aws_") || values == nil || values.Kind != document.Map {
			continue
		}
		address := withoutKeys(r.Get("address").Str())
		prefix := ""
		if i := strings.LastIndex(address, "."+kind+"."); i >= 0 {
			prefix = address[:i+1]
		}
		body := p.values(values, p.asked[address], prefix, 0)
		p.stack.Resources = append(p.stack.Resources, &cloud.Resource{
			Type: kind, Address: address, Title: r.Get("address").Str(), Body: body, Path: p.file, Line: r.Line, Column: r.Column, EndLine: r.EndLine,
		})
	}
	for _, c := range m.Get("child_modules").List() {
		p.module(c, depth+1)
	}
}

// withoutKeys takes the instances' keys out of an address.
func withoutKeys(address string) string {
	var b strings.Builder
	depth, quoted := 0, false
	for i := range len(address) {
		c := address[i]
		switch {
		case c == '"' && depth > 0 && address[i-1] != '\\':
			quoted = !quoted
		case c == '[' && !quoted:
			depth++
		case c == ']' && !quoted && depth > 0:
			depth--
			continue
		}
		if depth == 0 {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// values are planned values with references where a value is not known yet.
func (p *plan) values(v, asked *document.Node, prefix string, depth int) *document.Node {
	if v.Kind != document.Map || depth > maxDepth {
		return v
	}
	out := *v
	out.Keys, out.Items = nil, nil
	for i, k := range v.Keys {
		item := v.Items[i]
		ask := asked.Get(k.Text)
		refs := ask.Get("references")
		switch {
		case item.Kind == document.Null && refs != nil:
			item = p.unknown(item, refs, prefix)
		case item.Kind == document.List:
			list := *item
			list.Items = make([]*document.Node, 0, len(item.Items))
			for j, one := range item.Items {
				list.Items = append(list.Items, p.values(one, ask.At(j), prefix, depth+1))
			}
			item = &list
		case item.Kind == document.Map:
			item = p.values(item, ask, prefix, depth+1)
		case item.Kind == document.String && isText[k.Text]:
			// The text begins where its member does; all of it is one line.
			item = p.r.parsed(item, nil)
			p.clearFiles(item, 0)
		}
		out.Keys, out.Items = append(out.Keys, k), append(out.Items, item)
	}
	for name, ask := range asked.Members() {
		if refs := ask.Get("references"); v.Get(name) == nil && len(refs.List()) > 0 {
			u := p.unknown(v, refs, prefix)
			key := *u
			key.Kind, key.Text = document.String, name
			out.Keys, out.Items = append(out.Keys, &key), append(out.Items, u)
		}
	}
	return &out
}

// unknown is a value that one reference names, or nothing.
func (p *plan) unknown(at, refs *document.Node, prefix string) *document.Node {
	u := &document.Node{Kind: document.Unknown, Line: at.Line, Column: at.Column}
	// A reference to an attribute is followed by that to the resource.
	if first := refs.At(0).Str(); first != "" && !strings.HasPrefix(first, "var.") && !strings.HasPrefix(first, "local.") && !strings.HasPrefix(first, "each.") {
		u.Text = prefix + withoutKeys(first)
	}
	return u
}

func (p *plan) clearFiles(n *document.Node, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	n.File = ""
	for _, item := range n.Items {
		p.clearFiles(item, depth+1)
	}
}
