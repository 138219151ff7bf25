// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the evaluation of one template: functions can multiply values.
const (
	maxDepth = 100
	maxNodes = 500_000
	maxText  = 1 << 20
)

// template is a template with what its functions ask for.
type template struct {
	path       string
	root       *document.Node
	parameters *document.Node
	mappings   *document.Node
	conditions *document.Node
	decided    map[string]verdict
	nodes      int
	full       bool
	problems   []sekisho.Problem
	// logical ids, for GetAtt and Ref.
	ids map[string]bool
}

func newTemplate(name string, root *document.Node) *template {
	t := &template{
		path: name, root: root, parameters: root.Get("Parameters"), mappings: root.Get("Mappings"), conditions: root.Get("Conditions"),
		decided: map[string]verdict{}, ids: map[string]bool{},
	}
	for id := range root.Get("Resources").Members() {
		t.ids[id] = true
	}
	return t
}

// problem notes what is not assessed.
func (t *template) problem(line int, why error) {
	if line > 0 {
		why = message.Errorf("line %d: %w", line, why)
	}
	t.problems = append(t.problems, sekisho.Problem{Path: t.path, Minor: true}.Saying(message.Words(why)))
}

// resources makes resources of the template's, in its order.
func (t *template) resources(s *cloud.Stack) {
	all := t.root.Get("Resources")
	for id, r := range all.Members() {
		if strings.HasPrefix(id, "Fn::") {
			t.problem(all.Key(id).Line, message.Errorf("%s makes resources by a loop or a transform, which are not assessed: scan the processed template", id))
			continue
		}
		kind := r.Get("Type").Str()
		if r.Kind != document.Map || kind == "" || t.condition(r.Get("Condition").Str(), 0) == no {
			continue
		}
		t.resource(s, id, kind, all.Key(id), r)
	}
	if tr := t.root.Get("Transform"); tr != nil {
		for _, name := range append(tr.List(), tr) {
			switch n := name.Str(); {
			case n == "", strings.HasPrefix(n, "AWS::Serverless"), strings.HasPrefix(n, "AWS::LanguageExtensions"), strings.HasPrefix(n, "AWS::SecretsManager"):
			default:
				t.problem(name.Line, message.Errorf("the transform %s may change the template: what it adds is not assessed", n))
			}
		}
	}
	if t.full {
		t.problem(0, message.Errorf("the functions of the template make more than %d values: the rest is not assessed", maxNodes))
	}
}

func (t *template) resource(s *cloud.Stack, id, kind string, key, r *document.Node) {
	properties := r.Get("Properties")
	if kind == "AWS::Serverless::Function" {
		properties = t.globals(properties)
	}
	body := t.eval(properties, 0)
	if body == nil {
		body = &document.Node{Kind: document.Map}
	}
	if body.Kind != document.Map {
		t.problem(key.Line, message.Errorf("the properties of %s are made by a function: they are not assessed", id))
		return
	}
	to, ok := types[kind]
	if !ok {
		to.name = kind
	}
	if to.merge != "" {
		if inner := body.Get(to.merge); inner != nil && inner.Kind == document.Map {
			body = inner
		}
	}
	body = to.convert(body, "", 0)
	if to.fix != nil {
		to.fix(body)
	}
	body.Line, body.Column = key.Line, key.Column
	s.Resources = append(s.Resources, &cloud.Resource{
		Type: to.name, Address: id, Title: id, Body: body, Path: t.path, Line: key.Line, Column: key.Column,
		EndLine: max(key.Line, r.EndLine), Skips: skips(r.Get("Metadata")),
	})
}

// globals adds what SAM's Globals section says of every function
// (https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html).
func (t *template) globals(p *document.Node) *document.Node {
	g := t.root.Get("Globals", "Function")
	if g == nil || g.Kind != document.Map {
		return p
	}
	out := &document.Node{Kind: document.Map}
	if p != nil {
		*out = *p
		out.Keys, out.Items = append([]*document.Node(nil), p.Keys...), append([]*document.Node(nil), p.Items...)
	}
	for name, v := range g.Members() {
		if out.Get(name) == nil {
			out.Keys, out.Items = append(out.Keys, g.Key(name)), append(out.Items, v)
		}
	}
	return out
}

// skips reads the metadata that silences Checkov and cfn-nag
// (https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html).
func skips(m *document.Node) (out []cloud.Skip) {
	for _, s := range m.Get("checkov", "skip").List() {
		if id := s.Get("id").Str(); id != "" {
			out = append(out, cloud.Skip{ID: id, By: "checkov", Reason: s.Get("comment").Str()})
		}
	}
	for _, s := range m.Get("sekisho", "ignore").List() {
		if id := s.Get("id").Str() + s.Str(); id != "" {
			out = append(out, cloud.Skip{ID: id, By: "sekisho", Reason: s.Get("reason").Str()})
		}
	}
	return out
}

// at is a node at the place of another.
func at(place *document.Node, n document.Node) *document.Node {
	n.File, n.Line, n.Column, n.EndLine, n.EndColumn = place.File, place.Line, place.Column, place.EndLine, place.EndColumn
	return &n
}

func unknown(place *document.Node, name string) *document.Node {
	return at(place, document.Node{Kind: document.Unknown, Text: name})
}
