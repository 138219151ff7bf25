// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
)

// at is a hit at a node, with the text that is shown.
func (o *Object) at(n *document.Node, excerpt string, args ...string) check.Hit {
	if n == nil {
		n = o.Node
	}
	h := check.Hit{Line: n.Line, Column: n.Column, EndLine: n.EndLine, EndColumn: n.EndColumn, Excerpt: excerpt, Args: args}
	if n.File != "" && n.File != o.Path {
		h.Path = n.File
	}
	if o.trace != nil {
		h.Causes = o.trace.causes(n, "")
	}
	return h
}

// field is a hit at a member of a map: "privileged: true".
func (o *Object) field(m *document.Node, key string, args ...string) check.Hit {
	v := m.Get(key)
	h := o.at(v, key+": "+flow(v), args...)
	if k := m.Key(key); k != nil && k.File == v.File && k.Line > 0 {
		h.Line, h.Column = k.Line, k.Column
		if v.Line == k.Line || v.Kind == document.Map || v.Kind == document.List {
			h.EndLine, h.EndColumn = v.EndLine, v.EndColumn
		}
		if h.EndLine < h.Line {
			h.EndLine, h.EndColumn = k.EndLine, k.EndColumn
		}
	}
	if o.trace != nil {
		h.Causes = o.trace.causes(v, key)
	}
	return h
}

// named is a hit at the name of a container: of what it lacks.
func (c *Container) named() check.Hit {
	o := c.Pod.Owner
	h := o.at(c.Node, c.Type, c.Name)
	if c.Node.Get("name") != nil {
		h = o.field(c.Node, "name", h.Args...)
	}
	// What wrote the name did not forget the rest; what wrote an empty
	// securityContext did.
	if h.Causes = nil; o.trace != nil && c.Security() != nil {
		h.Causes = o.trace.causes(c.Security(), "securityContext")
	}
	h.Key = c.Name + "\x00" + h.Excerpt
	return h
}

// has is a hit at a field of a container or of something in it; the first
// argument of the texts is the container's name.
func (c *Container) has(m *document.Node, key string, args ...string) check.Hit {
	h := c.Pod.Owner.field(m, key, append([]string{c.Name}, args...)...)
	h.Key = c.Name + "\x00" + h.Excerpt
	return h
}

// self is a hit at the object's name.
func (o *Object) self(args ...string) check.Hit {
	if meta := o.Node.Get("metadata"); meta.Get("name") != nil {
		h := o.field(meta, "name", args...)
		if o.written != "" {
			h.Excerpt = "name: " + o.written
		}
		return h
	}
	return o.field(o.Node, "kind", args...)
}

// flow writes a value in one line as YAML's flow style.
func flow(n *document.Node) string {
	var b strings.Builder
	flowTo(&b, n)
	return b.String()
}

func flowTo(b *strings.Builder, n *document.Node) {
	if n == nil || b.Len() > 200 {
		return
	}
	switch n.Kind {
	case document.Null, document.Unknown:
		b.WriteString("null")
	case document.Bool, document.Number, document.String:
		b.WriteString(n.Text)
	case document.List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			flowTo(b, item)
		}
		b.WriteByte(']')
	case document.Map:
		b.WriteByte('{')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(n.Keys[i].Text)
			b.WriteString(": ")
			flowTo(b, item)
		}
		b.WriteByte('}')
	}
}

// eachPod and eachContainer make judges of rules over one pod or container.
func eachPod(judge func(p *Pod, found func(check.Hit))) func(*Object, func(check.Hit)) {
	return func(o *Object, found func(check.Hit)) {
		for _, p := range o.Pods {
			judge(p, found)
		}
	}
}

func eachContainer(judge func(c *Container, found func(check.Hit))) func(*Object, func(check.Hit)) {
	return eachPod(func(p *Pod, found func(check.Hit)) {
		for _, c := range p.Containers {
			judge(c, found)
		}
	})
}

// masked takes the values out of what is said of the causes: they are secrets.
func masked(h check.Hit) check.Hit {
	for i := range h.Causes {
		name, _, _ := strings.Cut(h.Causes[i].Text, ": ")
		h.Causes[i].Text = name + ": ***"
	}
	return h
}
