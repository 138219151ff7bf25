// SPDX-License-Identifier: Apache-2.0

package terraform

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
)

// policyDocument is the policy that a data source of this type writes
// (https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document).
func (f *frame) policyDocument(d *declared) *document.Node {
	if f.level > maxDepth/3 || f.run.full {
		return nil
	}
	key := "policy." + d.address
	m := f.locals[key]
	if m == nil {
		m = &memo{}
		f.locals[key] = m
	}
	switch {
	case m.busy:
		return nil
	case m.noded:
		if f.run.nodes += weight(m.node, 0); f.run.nodes > maxNodes {
			f.run.full = true
			return nil
		}
		return m.node
	}
	m.busy = true
	m.node = (&frame{scope: f.scope, level: f.level + 10}).makePolicy(d)
	m.busy, m.noded = false, true
	return m.node
}

func (f *frame) makePolicy(d *declared) *document.Node {
	rng := d.block.TypeRange
	body := f.body(d.block.Body, 0)
	out := f.run.node(document.Map, rng)
	list := f.run.node(document.List, rng)
	f.member(out, "Version", f.text("2012-10-17", rng), rng)
	for _, name := range [...]string{"source_policy_documents", "source_json", "override_policy_documents", "override_json"} {
		for _, p := range append(body.Get(name).List(), body.Get(name)) {
			if p != nil && p.Kind == document.String {
				p = f.run.parsed(p, nil)
			}
			list.Items = append(list.Items, p.Get("Statement").List()...)
			if one := p.Get("Statement"); one != nil && one.Kind == document.Map {
				list.Items = append(list.Items, one)
			}
		}
	}
	for _, s := range cloud.Blocks(body, "statement") {
		list.Items = append(list.Items, f.statement(s, rng))
	}
	if cloud.Doubtful(body, "statement") {
		list.Items = append(list.Items, f.run.node(document.Unknown, rng))
	}
	f.member(out, "Statement", list, rng)
	return out
}

func (f *frame) statement(s *document.Node, rng hcl.Range) *document.Node {
	out := f.run.node(document.Map, rng)
	out.File, out.Line, out.Column, out.EndLine, out.EndColumn = s.File, s.Line, s.Column, s.EndLine, s.EndColumn
	if s.Get("effect") == nil {
		f.member(out, "Effect", f.text("Allow", rng), rng)
	}
	for _, n := range [...]struct{ from, to string }{
		{"sid", "Sid"}, {"effect", "Effect"}, {"actions", "Action"}, {"not_actions", "NotAction"}, {"resources", "Resource"}, {"not_resources", "NotResource"},
	} {
		if v := s.Get(n.from); v != nil {
			k := *s.Key(n.from)
			k.Text, k.Tag = n.to, n.from
			out.Keys, out.Items = append(out.Keys, &k), append(out.Items, v)
		}
	}
	for _, n := range [...]struct{ from, to string }{{"principals", "Principal"}, {"not_principals", "NotPrincipal"}} {
		if s.Get(n.from) == nil {
			continue
		}
		p := f.run.node(document.Map, rng)
		for _, b := range cloud.Blocks(s, n.from) {
			if b.Get("identifiers") != nil {
				f.member(p, b.Get("type").Str(), b.Get("identifiers"), rng)
			}
		}
		v := p
		if star := p.Get("*"); star != nil {
			v = f.text("*", rng)
			v.File, v.Line, v.Column, v.EndLine, v.EndColumn = star.File, star.Line, star.Column, star.EndLine, star.EndColumn
		}
		f.member(out, n.to, v, rng)
	}
	if s.Get("condition") != nil {
		c := f.run.node(document.Map, rng)
		for _, b := range cloud.Blocks(s, "condition") {
			inner := f.run.node(document.Map, rng)
			if v := b.Get("values"); v != nil {
				f.member(inner, b.Get("variable").Str(), v, rng)
			}
			f.member(c, b.Get("test").Str(), inner, rng)
		}
		f.member(out, "Condition", c, rng)
	}
	return out
}

func (f *frame) text(s string, rng hcl.Range) *document.Node {
	n := f.run.node(document.String, rng)
	n.Text = s
	return n
}

// member adds a member at the place of its value.
func (f *frame) member(m *document.Node, name string, v *document.Node, rng hcl.Range) {
	k := f.run.key(name, rng)
	k.File, k.Line, k.Column, k.EndLine, k.EndColumn = v.File, v.Line, v.Column, v.EndLine, v.EndColumn
	m.Keys, m.Items = append(m.Keys, k), append(m.Items, v)
}
