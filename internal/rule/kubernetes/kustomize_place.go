// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// history finds the places of what a kustomization built: each value stands
// where the base or the last patch that has it writes it.
type history struct {
	k *kustomization
	// changed are values that neither the base nor a patch file has.
	changed map[*document.Node]bool
	base    []written
	// patches are parts of objects, the last applied first.
	patches []written
}

// written is one object, or a part of one, as a file has it.
type written struct {
	path string
	node *document.Node
	kind string
	name string
}

func newHistory(r *run, k *kustomization, parts []*kustomization) *history {
	h := &history{k: k, changed: map[*document.Node]bool{}}
	read := func(out []written, p string) []written {
		docs, err := parseFile(p, r.files[p].text)
		if err != nil {
			return out // the library says it
		}
		for _, d := range docs {
			for _, o := range objects(d, p, nil) {
				out = append(out, written{p, o.Node, o.Kind, o.Name})
			}
		}
		return out
	}
	for _, part := range parts {
		for _, p := range part.resources {
			h.base = read(h.base, p)
		}
		for _, p := range part.patches {
			h.patches = read(h.patches, p)
		}
	}
	return h
}

// place gives the nodes of an object the places of the files behind it. The
// origin is what the library says of it: "path: base/pod.yaml".
func (h *history) place(o *Object, origin string) {
	from := ""
	for line := range strings.Lines(origin) {
		if p, ok := strings.CutPrefix(strings.TrimSpace(line), "path: "); ok {
			from = path.Join(h.k.dir, strings.Trim(p, `"'`))
		}
	}
	// Prefixes and suffixes were added to the name: the longest that is in it is
	// the base's.
	var base *written
	for i := range h.base {
		b := &h.base[i]
		if b.kind == o.Kind && strings.Contains(o.Name, b.name) && (from == "" || b.path == from) && (base == nil || len(b.name) > len(base.name)) {
			base = b
		}
	}
	name := o.Name
	if base != nil {
		name = base.name
	}
	var sources []written
	for _, p := range h.patches {
		if p.kind == o.Kind && (p.name == name || p.name == o.Name) {
			sources = append(sources, p)
		}
	}
	if base != nil {
		o.Path, o.written = base.path, base.name
		sources = append(sources, *base)
	}
	o.trace = h
	h.node(o.Node, sources, 0)
}

// node places n, which is at one path of all the sources.
func (h *history) node(n *document.Node, sources []written, depth int) {
	n.File, n.Line, n.Column, n.EndLine, n.EndColumn = h.k.file.path, 1, 0, 0, 0
	if depth > 250 {
		return
	}
	// The first that has the very value, else the last, which is the base.
	for i, s := range sources {
		if i == len(sources)-1 || same(n, s.node) {
			h.changed[n] = len(n.Items) == 0 && !same(n, s.node) && n.Kind != document.Map && n.Kind != document.List
			n.File, n.Line, n.Column, n.EndLine, n.EndColumn = s.path, s.node.Line, s.node.Column, s.node.EndLine, s.node.EndColumn
			break
		}
	}
	for i, item := range n.Items {
		var below []written
		for _, s := range sources {
			if c := counterpart(n, i, s.node); c != nil {
				below = append(below, written{path: s.path, node: c})
			}
		}
		if n.Kind == document.Map {
			h.key(n.Keys[i], sources, below)
		}
		if len(below) > 0 {
			h.node(item, below, depth+1)
		} else {
			h.made(item, n, depth+1)
		}
	}
}

// made places what no file has: a transformer of the kustomization wrote it. It
// is shown at what it is in.
func (h *history) made(n, parent *document.Node, depth int) {
	h.changed[n] = true
	n.File, n.Line, n.Column, n.EndLine, n.EndColumn = parent.File, parent.Line, parent.Column, parent.EndLine, parent.EndColumn
	if depth > 250 {
		return
	}
	for i, item := range n.Items {
		if n.Kind == document.Map {
			k := n.Keys[i]
			k.File, k.Line, k.Column, k.EndLine, k.EndColumn = n.File, n.Line, n.Column, n.EndLine, n.EndColumn
		}
		h.made(item, n, depth+1)
	}
}

// causes names the kustomization where a transformer of it wrote the value.
func (h *history) causes(n *document.Node, _ string) []sekisho.Evidence {
	if !h.changed[n] {
		return nil
	}
	return []sekisho.Evidence{{Source: "kustomize", Text: "set by the kustomization", Path: h.k.file.path}}
}

func (h *history) key(k *document.Node, sources, below []written) {
	k.File, k.Line = h.k.file.path, 0
	for _, s := range sources {
		if len(below) > 0 && s.path != below[0].path {
			continue
		}
		if o := s.node.Key(k.Text); o != nil {
			k.File, k.Line, k.Column, k.EndLine, k.EndColumn = s.path, o.Line, o.Column, o.EndLine, o.EndColumn
			return
		}
	}
}

// same is true for scalars of one text, and for lists and maps of one kind.
func same(a, b *document.Node) bool {
	if a.Kind == document.Map || a.Kind == document.List {
		return false
	}
	return a.Kind == b.Kind && a.Text == b.Text
}

// counterpart is the value in the source of the i-th item of n: of the same key,
// or of the same name (or mountPath, port) in a list.
func counterpart(n *document.Node, i int, source *document.Node) *document.Node {
	if n.Kind == document.Map {
		return source.Get(n.Keys[i].Text)
	}
	if source.Kind != document.List {
		return nil
	}
	item := n.Items[i]
	if item.Kind != document.Map {
		for _, c := range source.Items {
			if same(item, c) {
				return c
			}
		}
		return nil
	}
	for _, key := range [...]string{"name", "mountPath", "containerPort", "port", "key"} {
		v := item.Get(key)
		if v == nil {
			continue
		}
		for _, c := range source.Items {
			if w := c.Get(key); w != nil && same(v, w) {
				return c
			}
		}
		if key == "name" {
			return nil
		}
	}
	return source.At(i)
}
