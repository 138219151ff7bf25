// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/cloud"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// at is a hit at a node.
func (it *Item) at(n *document.Node, excerpt string, args ...string) check.Hit {
	h := check.Hit{Line: it.Line, Column: it.Column, Excerpt: excerpt, Args: args}
	if n != nil && n.Line > 0 {
		h.Line, h.Column, h.EndLine, h.EndColumn = n.Line, n.Column, n.EndLine, n.EndColumn
		if n.File != "" && n.File != it.Path {
			h.Path = n.File
		}
	}
	return h
}

// field is a hit at a member of a map, written as the language writes it.
func (it *Item) field(m *document.Node, key string, args ...string) check.Hit {
	return it.shown(m, key, brief(m.Get(key)), args...)
}

// shown is a hit at a member whose value is shown as text: one to be masked.
func (it *Item) shown(m *document.Node, key, text string, args ...string) check.Hit {
	k, v := m.Key(key), m.Get(key)
	name, sign := key, ": "
	if k != nil {
		name = cmp.Or(k.Tag, key)
	}
	if it.World.Stack.Language == sekisho.ResourceTerraform {
		sign = " = "
	}
	h := it.at(v, name+sign+text, args...)
	if k != nil && v != nil && k.Line > 0 && k.File == v.File {
		h.Line, h.Column = k.Line, k.Column
		if h.EndLine < h.Line || h.EndLine == h.Line && h.EndColumn < h.Column {
			h.EndLine, h.EndColumn = k.EndLine, k.EndColumn
		}
	}
	return h
}

// self is a hit at the head of the resource: it lacks something.
func (it *Item) self(args ...string) check.Hit {
	h := it.at(nil, it.head(), args...)
	h.Key = it.Address
	return h
}

// head is how the resource begins in its file.
func (it *Item) head() string {
	switch path.Ext(it.Path) {
	case ".tf", ".tofu":
		return fmt.Sprintf("resource %q %q", it.Type, it.Address[strings.LastIndexByte(it.Address, '.')+1:])
	}
	return it.Address
}

// lack is a hit at a nested block that lacks something, or at the resource.
func (it *Item) lack(n *document.Node, args ...string) check.Hit {
	h := it.self(args...)
	if n != nil && n.Line > 0 {
		h = it.at(n, it.head(), args...)
		h.Key = it.Address
	}
	return h
}

// named is a hit at the name of a container: it lacks something. The first
// argument of the texts is the name.
func (c *Container) named() check.Hit {
	it := c.Task.Item
	if c.Node.Get("name") == nil {
		return it.lack(c.Node, c.Name)
	}
	h := it.field(c.Node, "name", c.Name)
	h.Key = c.Name + "\x00" + h.Excerpt
	return h
}

// has is a hit at a member of a container, or of something in it.
func (c *Container) has(m *document.Node, key string, args ...string) check.Hit {
	h := c.Task.field(m, key, append([]string{c.Name}, args...)...)
	h.Key = c.Name + "\x00" + h.Excerpt
	return h
}

// brief writes a value in one line.
func brief(n *document.Node) string {
	return n.Flow(func(n *document.Node) string {
		switch n.Kind {
		case document.Null:
			return "null"
		case document.Unknown:
			return "${" + n.Text + "}"
		case document.String:
			return `"` + cloud.Show(n.Text) + `"`
		}
		return n.Text
	})
}
