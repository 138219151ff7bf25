// SPDX-License-Identifier: Apache-2.0

package cloudformation

import (
	"strings"

	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/pattern"
)

// verdict is the value of a condition.
type verdict uint8

const (
	maybe verdict = iota
	yes
	no
)

func not(v verdict) verdict {
	switch v {
	case yes:
		return no
	case no:
		return yes
	case maybe:
	}
	return maybe
}

// function says which intrinsic function a value calls, in the long form
// ({"Fn::Sub": ...}) or the short (!Sub ...); empty for none.
func function(n *document.Node) (name string, arg *document.Node) {
	if n.Tag != "" {
		plain := *n
		plain.Tag = ""
		return strings.TrimPrefix(n.Tag, "!"), &plain
	}
	if n.Kind == document.Map && len(n.Keys) == 1 {
		key := n.Keys[0].Text
		if key == "Ref" || key == "Condition" && n.Items[0].Kind == document.String {
			return key, n.Items[0]
		}
		if rest, ok := strings.CutPrefix(key, "Fn::"); ok && !strings.Contains(rest, "::") {
			return rest, n.Items[0]
		}
	}
	return "", nil
}

// eval evaluates the functions in a value; nil is a value that is left out
// (AWS::NoValue).
func (t *template) eval(n *document.Node, depth int) *document.Node {
	if n == nil {
		return nil
	}
	if t.nodes++; t.nodes > maxNodes || depth > maxDepth {
		t.full = true
		return unknown(n, "")
	}
	name, arg := function(n)
	switch {
	case name == "Condition" && n.Tag == "":
		// A key of this name is a function among conditions only; elsewhere, of
		// policies for one, it is what it says.
	case name != "":
		v := t.call(name, arg, depth)
		if v == nil {
			return nil
		}
		if v.Kind == document.Map || v.Kind == document.List {
			return v
		}
		return at(n, *v)
	}
	if n.Kind != document.Map && n.Kind != document.List {
		return n
	}
	out := at(n, document.Node{Kind: n.Kind})
	for i, item := range n.Items {
		v := t.eval(item, depth+1)
		if v == nil {
			continue
		}
		if n.Kind == document.Map {
			if strings.HasPrefix(n.Keys[i].Text, "Fn::Transform") || strings.HasPrefix(n.Keys[i].Text, "Fn::ForEach") {
				t.problem(n.Keys[i].Line, message.Errorf("%s is not assessed", n.Keys[i].Text))
				continue
			}
			out.Keys = append(out.Keys, n.Keys[i])
		}
		out.Items = append(out.Items, v)
	}
	return out
}

// call is the value of one function
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html).
func (t *template) call(name string, arg *document.Node, depth int) *document.Node {
	depth++
	switch name {
	case "Ref":
		return t.ref(arg, arg.Str(), depth)
	case "GetAtt":
		if arg.Kind == document.List {
			var parts []string
			for _, p := range arg.Items {
				parts = append(parts, p.Str())
			}
			return unknown(arg, strings.Join(parts, "."))
		}
		return unknown(arg, arg.Str())
	case "Sub":
		return t.sub(arg, depth)
	case "Join":
		return t.join(arg, depth)
	case "If":
		switch t.condition(arg.At(0).Str(), depth) {
		case yes:
			return t.eval(arg.At(1), depth)
		case no:
			return t.eval(arg.At(2), depth)
		case maybe:
		}
		return unknown(arg, "")
	case "FindInMap":
		m := t.mappings
		for i := range 3 {
			key := t.eval(arg.At(i), depth)
			if key == nil || key.Kind == document.Unknown || !cloud.Whole(key.Str()) {
				return unknown(arg, "")
			}
			m = m.Get(key.Str())
		}
		if m == nil {
			return unknown(arg, "")
		}
		return t.eval(m, depth)
	case "Select":
		i, ok := t.eval(arg.At(0), depth).Int()
		list := t.eval(arg.At(1), depth)
		if item := list.At(int(min(max(i, -1), 1<<20))); ok && item != nil {
			return item
		}
		return unknown(arg, "")
	case "Split":
		return t.split(arg, depth)
	case "Base64":
		return t.eval(arg, depth)
	case "ToJsonString":
		return t.eval(arg, depth)
	case "ImportValue":
		if v := t.eval(arg, depth); v != nil && v.Kind == document.String {
			return unknown(arg, "ImportValue "+cloud.Show(v.Text))
		}
	case "Equals", "And", "Or", "Not":
		return truth(arg, t.test(name, arg, depth))
	case "Condition":
		return truth(arg, t.condition(arg.Str(), depth))
	}
	// GetAZs, Cidr, Length, Transform, and what is newer than this program.
	return unknown(arg, "")
}

func truth(place *document.Node, v verdict) *document.Node {
	switch v {
	case yes:
		return at(place, document.Node{Kind: document.Bool, Text: "true"})
	case no:
		return at(place, document.Node{Kind: document.Bool, Text: "false"})
	case maybe:
	}
	return unknown(place, "")
}

// ref is the value of a parameter, or a reference.
func (t *template) ref(place *document.Node, name string, depth int) *document.Node {
	if name == "AWS::NoValue" {
		return nil
	}
	p := t.parameters.Get(name)
	value := p.Get("Default")
	// The default of a parameter of the Systems Manager's type is the name of
	// what holds the value.
	if value == nil || strings.HasPrefix(p.Get("Type").Str(), "AWS::SSM::Parameter::Value") || depth > maxDepth {
		return unknown(place, name)
	}
	if kind := p.Get("Type").Str(); kind == "CommaDelimitedList" || strings.HasPrefix(kind, "List<") {
		out := at(place, document.Node{Kind: document.List})
		for item := range strings.SplitSeq(value.Str(), ",") {
			out.Items = append(out.Items, at(place, document.Node{Kind: document.String, Text: strings.TrimSpace(item)}))
		}
		return out
	}
	return at(place, document.Node{Kind: value.Kind, Text: value.Text})
}

// word is a value inside a text.
func word(n *document.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == document.Unknown:
		return cloud.Reference(n.Text)
	case n.Kind == document.List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, word(item))
		}
		return strings.Join(parts, ",")
	}
	return n.Str()
}

var variable = pattern.New(`\$\{([^}]*)\}`)

// sub puts values into a text.
func (t *template) sub(arg *document.Node, depth int) *document.Node {
	text, own := arg, (*document.Node)(nil)
	if arg.Kind == document.List {
		text, own = arg.At(0), arg.At(1)
	}
	if text == nil || text.Kind != document.String {
		return unknown(arg, "")
	}
	total := len(text.Text)
	s := variable.ReplaceAllStringFunc(text.Text, func(m string) string {
		name := strings.TrimSpace(m[2 : len(m)-1])
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		var v string
		if local := own.Get(name); local != nil {
			v = word(t.eval(local, depth))
		} else {
			v = word(t.ref(arg, name, depth))
		}
		if total += len(v); total > maxText {
			t.full = true
			return ""
		}
		return v
	})
	return at(text, *cloud.Text(s))
}

func (t *template) join(arg *document.Node, depth int) *document.Node {
	list := t.eval(arg.At(1), depth)
	if list == nil || list.Kind != document.List {
		return unknown(arg, "")
	}
	parts, total := make([]string, 0, len(list.Items)), 0
	for _, item := range list.Items {
		w := word(item)
		if total += len(w); total > maxText {
			t.full = true
			return unknown(arg, "")
		}
		parts = append(parts, w)
	}
	return at(arg, *cloud.Text(strings.Join(parts, arg.At(0).Str())))
}

func (t *template) split(arg *document.Node, depth int) *document.Node {
	text := t.eval(arg.At(1), depth)
	if text == nil || text.Kind != document.String || !cloud.Whole(text.Text) || arg.At(0).Str() == "" {
		return unknown(arg, "")
	}
	out := at(arg, document.Node{Kind: document.List})
	for part := range strings.SplitSeq(text.Text, arg.At(0).Str()) {
		if t.nodes++; t.nodes > maxNodes {
			t.full = true
			return unknown(arg, "")
		}
		out.Items = append(out.Items, at(arg, document.Node{Kind: document.String, Text: part}))
	}
	return out
}

// condition decides a named condition; an empty name holds.
func (t *template) condition(name string, depth int) verdict {
	if name == "" {
		return yes
	}
	if v, ok := t.decided[name]; ok {
		return v
	}
	t.decided[name] = maybe // while it asks for itself
	n := t.conditions.Get(name)
	if n == nil || depth > maxDepth {
		return maybe
	}
	v := maybe
	if fn, arg := function(n); fn != "" {
		v = t.test(fn, arg, depth+1)
	}
	t.decided[name] = v
	return v
}

// test decides a function of conditions. A parameter counts as known here only
// when it allows one value: whoever deploys chooses among the others.
func (t *template) test(name string, arg *document.Node, depth int) verdict {
	if t.nodes++; depth > maxDepth || t.nodes > maxNodes {
		return maybe
	}
	switch name {
	case "Condition":
		return t.condition(arg.Str(), depth)
	case "Not":
		return not(t.part(arg.At(0), depth))
	case "And", "Or":
		stop := no
		if name == "Or" {
			stop = yes
		}
		out := not(stop)
		for _, item := range arg.List() {
			switch t.part(item, depth) {
			case stop:
				return stop
			case maybe:
				out = maybe
			default:
			}
		}
		return out
	case "Equals":
		a, b := t.fixed(arg.At(0), depth), t.fixed(arg.At(1), depth)
		switch {
		case a == nil || b == nil:
		case a.Str() == b.Str():
			return yes
		default:
			return no
		}
	}
	return maybe
}

func (t *template) part(n *document.Node, depth int) verdict {
	if n == nil {
		return maybe
	}
	if name, arg := function(n); name != "" {
		return t.test(name, arg, depth+1)
	}
	return maybe
}

// fixed is a value that no choice of a parameter changes; nil for others.
func (t *template) fixed(n *document.Node, depth int) *document.Node {
	if n == nil {
		return nil
	}
	if name, arg := function(n); name == "Ref" {
		if p := t.parameters.Get(arg.Str()); p != nil {
			if allowed := p.Get("AllowedValues"); len(allowed.List()) == 1 {
				return allowed.At(0)
			}
			return nil
		}
	} else if name != "" && name != "FindInMap" {
		return nil
	}
	v := t.eval(n, depth)
	if v == nil || v.Kind == document.Unknown || v.Kind == document.Map || v.Kind == document.List || !cloud.Whole(v.Str()) {
		return nil
	}
	return v
}
