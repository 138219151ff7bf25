// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// valuesFile is a file of values.
type valuesFile struct {
	path string
	node *document.Node
}

// helmWorld reads what a chart wrote, and finds the places behind it.
type helmWorld struct {
	run   *run
	world *World
	// sources are the values files of the settings, the strongest first.
	sources  []*valuesFile
	from     map[*byte]string
	m        *marker
	parts    map[string]*chartPart
	rendered map[string]string
	// files are the templates by the names that they are rendered under.
	files map[string]*helmFile
}

// read makes objects of the rendered templates.
func (h *helmWorld) read(out map[string]string) {
	names := make([]string, 0, len(out))
	for name := range out {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" && ext != ".json" {
			continue
		}
		text, spans := strip(out[name])
		if !looksLikeManifest([]byte(text)) {
			continue
		}
		source := h.rendered[name]
		docs, err := document.YAML([]byte(text))
		if err != nil {
			h.run.problem(source, err)
		}
		t := &trace{world: h, text: text, spans: spans, starts: lineStarts([]byte(text)), origin: map[*document.Node][2]int{}}
		for _, d := range docs {
			t.place(d, 0)
			for _, o := range objects(d, source, nil) {
				if hook := o.Node.Get("metadata", "annotations", "helm.sh/hook").Str(); strings.Contains(hook, "test") {
					continue
				}
				o.trace = t
				h.world.Objects = append(h.world.Objects, o)
			}
		}
	}
}

// crds are applied as they are written.
func (h *helmWorld) crds(c *helmChart) {
	for _, f := range c.crds() {
		p := ""
		if len(f.data) > 0 {
			p = h.from[&f.data[0]]
		}
		if p == "" {
			continue
		}
		docs, err := parseFile(p, f.data)
		if err != nil {
			h.run.problem(p, err)
		}
		for _, d := range docs {
			h.world.Objects = objects(d, p, h.world.Objects)
		}
	}
}

// trace is what is known of one rendered file.
type trace struct {
	world  *helmWorld
	text   string
	spans  []span
	starts []int
	// origin are the offsets, in the rendered text, of each node.
	origin map[*document.Node][2]int
}

func (t *trace) offset(line, column int) int {
	if line < 1 || line > len(t.starts) {
		return len(t.text)
	}
	return min(t.starts[line-1]+max(column-1, 0), len(t.text))
}

// at is the last span that begins at or before the offset.
func (t *trace) at(off int) int {
	i, ok := slices.BinarySearchFunc(t.spans, off, func(s span, off int) int { return s.at - off })
	if !ok {
		return i - 1
	}
	// Of several at one offset the last one speaks.
	for i+1 < len(t.spans) && t.spans[i+1].at == off {
		i++
	}
	return i
}

// place gives a node and all in it the places in the template.
func (t *trace) place(n *document.Node, depth int) {
	if n == nil || depth > 250 {
		return
	}
	if _, seen := t.origin[n]; seen {
		return // an alias
	}
	from := t.offset(n.Line, n.Column)
	to := t.offset(n.EndLine, n.EndColumn)
	t.origin[n] = [2]int{from, to}
	n.Line, n.Column, n.EndLine, n.EndColumn = t.template(from, to)
	for _, k := range n.Keys {
		if _, seen := t.origin[k]; !seen {
			from := t.offset(k.Line, k.Column)
			to := t.offset(k.EndLine, k.EndColumn)
			t.origin[k] = [2]int{from, to}
			k.Line, k.Column, k.EndLine, k.EndColumn = t.template(from, to)
		}
	}
	for _, item := range n.Items {
		t.place(item, depth+1)
		if item.EndLine > n.EndLine {
			n.EndLine, n.EndColumn = item.EndLine, item.EndColumn
		}
	}
}

// template is the place in the template of a place in the output.
func (t *trace) template(from, to int) (line, column, endLine, endColumn int) {
	i := t.at(from)
	if i < 0 {
		return 1, 0, 1, 0
	}
	s := t.spans[i]
	m := &t.world.m.marks[s.mark]
	line, column = m.line, m.column
	if !m.action {
		column += from - s.at
		if to > from && (i+1 == len(t.spans) || t.spans[i+1].at >= to) {
			return line, column, line, column + to - from
		}
	}
	return line, column, line, 0
}

// causes are the keys of values files that wrote a value, where that is certain:
// an action wrote it, that reads the key, and the key has this value.
func (t *trace) causes(n *document.Node, key string) []sekisho.Evidence {
	o, ok := t.origin[n]
	if !ok {
		return nil
	}
	var out []sekisho.Evidence
	i := max(t.at(o[0]), 0)
	for ; i < len(t.spans) && t.spans[i].at < max(o[1], o[0]+1); i++ {
		m := &t.world.m.marks[t.spans[i].mark]
		if !m.action {
			continue
		}
		for _, k := range m.values {
			e, ok := t.world.value(m.chart, strings.Split(k, "."), n, key)
			if ok && !slices.ContainsFunc(out, e.Same) {
				out = append(out, e)
			}
			if len(out) == 3 {
				return out
			}
		}
	}
	return out
}

// value looks a key up in the values files of a chart, those of its parents
// first, and compares what it says with the rendered value.
func (h *helmWorld) value(part *chartPart, keys []string, n *document.Node, key string) (sekisho.Evidence, bool) {
	if part == nil {
		return sekisho.Evidence{}, false
	}
	var prefix []string
	type place struct {
		file *valuesFile
		keys []string
	}
	var places []place
	for p := part; p != nil; p = p.parent {
		full := slices.Concat(prefix, keys)
		if keys[0] == "global" {
			full = keys
		}
		if p.values != nil {
			places = append([]place{{&valuesFile{join(p.dir, "values.yaml"), p.values}, full}}, places...)
		}
		if p.parent == nil {
			for _, s := range slices.Backward(h.sources) {
				places = append([]place{{s, full}}, places...)
			}
		}
		prefix = append([]string{p.name}, prefix...)
	}
	for _, at := range places {
		if v, path := find(at.file.node, at.keys, nil); v != nil {
			found, path := match(v, path, n, key, 0)
			if found == nil {
				return sekisho.Evidence{}, false
			}
			text := strings.Join(path, ".") + ": " + flow(found)
			if secretName(path[len(path)-1]) {
				text = strings.Join(path, ".") + ": ***"
			}
			return sekisho.Evidence{Source: "helm/values", Text: text, Path: at.file.path, Line: found.Line}, true
		}
	}
	return sekisho.Evidence{}, false
}

// find follows the keys; "*" stands for the items of a list or map, and ends
// the search there.
func find(n *document.Node, keys, path []string) (*document.Node, []string) {
	for i, k := range keys {
		if k == "*" {
			return n, append(path, keys[:i]...)
		}
		if n = n.Get(k); n == nil {
			return nil, nil
		}
	}
	return n, append(path, keys...)
}

// match finds, in a value or below it, what the rendered node says.
func match(v *document.Node, path []string, n *document.Node, key string, depth int) (*document.Node, []string) {
	if depth > 20 || v == nil || len(path) == 0 {
		return nil, nil
	}
	last := path[len(path)-1]
	switch v.Kind {
	case document.Map, document.List:
		if v.Kind == n.Kind && (depth == 0 || last == key) && flow(v) == flow(n) {
			return v, path
		}
		for i, item := range v.Items {
			name := ""
			if v.Kind == document.Map {
				name = v.Keys[i].Text
			}
			next := path
			if name != "" {
				next = append(slices.Clone(path), name)
			}
			if found, p := match(item, next, n, key, depth+1); found != nil {
				return found, p
			}
		}
	case document.String, document.Number, document.Bool:
		if n.Kind == document.Map || n.Kind == document.List || v.Text == "" {
			return nil, nil
		}
		if n.Text == v.Text && (depth == 0 || last == key || key == "") || depth == 0 && len(v.Text) > 1 && strings.Contains(n.Text, v.Text) {
			return v, path
		}
	case document.Null, document.Unknown:
	}
	return nil, nil
}
