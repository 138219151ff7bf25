// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
)

// A template is rendered with marks in it, so that every place of the output is
// known by the place in the template that wrote it: before the first word of
// each line, and around each action that writes. Marks stand only in what the
// template writes itself, never in what is handed to functions, and are taken
// out of the output before anybody reads it.
const (
	markBegin = '\x01'
	markEnd   = '\x02'
	// tick is the function that ends the rendering when it takes too long.
	tick = "sekishoTick"
	// bounded is the function that puts the ticks into text given to tpl.
	bounded = "sekishoBounded"
)

// mark is one place of a template.
type mark struct {
	path string
	// line and column in the template.
	line, column int
	// action is true for the output of an action; values are the keys of
	// .Values that it reads.
	action bool
	values []string
	// chart that the template belongs to.
	chart *chartPart
}

// marker instruments the templates of a chart and its subcharts.
type marker struct {
	marks []mark
	// defines are the keys that each named template reads, and the templates
	// that it includes.
	defines map[string]*reads
}

// reads are what a named template reads.
type reads struct{ values, includes []string }

// parseTemplate parses as Helm does, with functions not yet known.
func parseTemplate(name, text string) (map[string]*parse.Tree, error) {
	t := parse.New(name)
	t.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	_, err := t.Parse(text, "", "", set)
	return set, err
}

// collect notes what the named templates of a file read.
func (m *marker) collect(name string, trees map[string]*parse.Tree) {
	for def, tree := range trees {
		if def == name || tree.Root == nil {
			continue
		}
		r := &reads{}
		c := &cursor{m: m, vars: map[string][]string{}}
		c.seen = func(values []string) { r.values = append(r.values, values...) }
		c.included = func(name string) { r.includes = append(r.includes, name) }
		c.list(tree.Root, []string{""})
		m.defines[def] = r
	}
}

// of returns the keys that a named template reads, with what it includes.
func (m *marker) of(name string, depth int) []string {
	r := m.defines[name]
	if r == nil || depth > 5 {
		return nil
	}
	out := slices.Clone(r.values)
	for _, n := range r.includes {
		if out = append(out, m.of(n, depth+1)...); len(out) > 200 {
			break
		}
	}
	return out
}

// instrument returns the template with marks and ticks.
func (m *marker) instrument(name, text, path string, chart *chartPart, trees map[string]*parse.Tree) string {
	var b strings.Builder
	partial := strings.HasPrefix(name[strings.LastIndexByte(name, '/')+1:], "_")
	lines := lineStarts([]byte(text))
	names := make([]string, 0, len(trees))
	for n := range trees {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		tree := trees[n]
		if tree.Root == nil {
			continue
		}
		c := &cursor{m: m, path: path, chart: chart, lines: lines, tree: tree, vars: map[string][]string{}}
		c.marking = n == name && !partial
		c.list(tree.Root, []string{""})
		tree.Root.Nodes = append([]parse.Node{ticking(tree)}, tree.Root.Nodes...)
		if n == name {
			b.WriteString(tree.Root.String())
		} else {
			fmt.Fprintf(&b, "{{define %q}}%s{{end}}", n, tree.Root.String())
		}
	}
	return b.String()
}

// ticking is an action that writes nothing.
func ticking(tree *parse.Tree) parse.Node {
	return rawText(tree, "{{"+tick+"}}")
}

// rawText is a node that is written as it is.
func rawText(_ *parse.Tree, s string) parse.Node {
	return &parse.TextNode{NodeType: parse.NodeText, Text: []byte(s)}
}

// cursor walks one tree.
type cursor struct {
	m        *marker
	path     string
	chart    *chartPart
	lines    []int
	tree     *parse.Tree
	marking  bool
	vars     map[string][]string
	seen     func(values []string)
	included func(name string)
}

func (c *cursor) mark(off int, action bool, values []string) string {
	line, column := placeOf(c.lines, off)
	c.m.marks = append(c.m.marks, mark{path: c.path, line: line, column: column, action: action, values: values, chart: c.chart})
	return string(markBegin) + strconv.Itoa(len(c.m.marks)-1) + string(markEnd)
}

// list walks the nodes of a block; dot are the keys of .Values that "." is, ""
// for the top.
func (c *cursor) list(l *parse.ListNode, dot []string) {
	if l == nil {
		return
	}
	out := make([]parse.Node, 0, len(l.Nodes))
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			if c.marking {
				n.Text = c.text(n.Text, int(n.Pos))
			}
			out = append(out, n)
		case *parse.ActionNode:
			values := c.pipe(n.Pipe, dot)
			c.declare(n.Pipe, values)
			if c.marking && len(n.Pipe.Decl) == 0 {
				out = append(out, rawText(c.tree, c.mark(int(n.Pos), true, values)), n, rawText(c.tree, c.mark(int(n.Pos), false, nil)))
				continue
			}
			out = append(out, n)
		case *parse.TemplateNode:
			if c.included != nil {
				c.included(n.Name)
			}
			values := append(c.pipe(n.Pipe, dot), c.m.of(n.Name, 0)...)
			if c.marking {
				out = append(out, rawText(c.tree, c.mark(int(n.Pos), true, values)), n, rawText(c.tree, c.mark(int(n.Pos), false, nil)))
				continue
			}
			out = append(out, n)
		case *parse.IfNode:
			values := c.pipe(n.Pipe, dot)
			c.declare(n.Pipe, values)
			c.list(n.List, dot)
			c.list(n.ElseList, dot)
			out = append(out, n)
		case *parse.WithNode:
			values := c.pipe(n.Pipe, dot)
			c.declare(n.Pipe, values)
			c.list(n.List, values)
			c.list(n.ElseList, dot)
			out = append(out, n)
		case *parse.RangeNode:
			values := c.pipe(n.Pipe, dot)
			items := make([]string, len(values))
			for i, v := range values {
				items[i] = v + ".*"
			}
			c.declare(n.Pipe, items)
			c.list(n.List, items)
			c.list(n.ElseList, dot)
			if c.tree != nil && n.List != nil {
				n.List.Nodes = append([]parse.Node{ticking(c.tree)}, n.List.Nodes...)
			}
			out = append(out, n)
		default:
			out = append(out, n)
		}
	}
	if c.tree != nil {
		l.Nodes = out
	}
}

// text puts a mark before the first word of each line.
func (c *cursor) text(text []byte, off int) []byte {
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte{markBegin}, []byte("?")), []byte{markEnd}, []byte("?"))
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		i := len(line) - len(bytes.TrimLeft(line, " \t\r\n"))
		if i == len(line) {
			b.Write(line)
		} else {
			b.Write(line[:i])
			b.WriteString(c.mark(off+i, false, nil))
			b.Write(line[i:])
		}
		off += len(line)
	}
	return b.Bytes()
}

func (c *cursor) declare(p *parse.PipeNode, values []string) {
	if p == nil {
		return
	}
	for _, v := range p.Decl {
		if len(v.Ident) > 0 && len(c.vars) < 1000 {
			c.vars[v.Ident[0]] = values
		}
	}
}

// pipe returns the keys of .Values that a pipeline reads, and puts the bounds
// into what it gives to tpl.
func (c *cursor) pipe(p *parse.PipeNode, dot []string) (values []string) {
	if p == nil {
		return nil
	}
	for _, cmd := range p.Cmds {
		for i, arg := range cmd.Args {
			values = append(values, c.arg(arg, dot)...)
			name, ok := arg.(*parse.IdentifierNode)
			if !ok || i != 0 || len(cmd.Args) < 2 {
				continue
			}
			switch name.Ident {
			case "include":
				if s, ok := cmd.Args[1].(*parse.StringNode); ok {
					if c.included != nil {
						c.included(s.Text)
					}
					values = append(values, c.m.of(s.Text, 0)...)
				}
			case "tpl":
				if c.tree != nil {
					cmd.Args[1] = wrap(bounded, cmd.Args[1])
				}
			}
		}
	}
	if c.seen != nil {
		c.seen(values)
	}
	if len(values) > 200 {
		values = values[:200]
	}
	return values
}

// wrap is the call of a function with one argument, in parentheses.
func wrap(name string, arg parse.Node) parse.Node {
	cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Args: []parse.Node{parse.NewIdentifier(name), arg}}
	return &parse.PipeNode{NodeType: parse.NodePipe, Cmds: []*parse.CommandNode{cmd}}
}

// arg returns the keys of .Values that an operand reads.
func (c *cursor) arg(n parse.Node, dot []string) []string {
	switch n := n.(type) {
	case *parse.DotNode:
		return nonTop(dot)
	case *parse.FieldNode:
		return under(dot, n.Ident)
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return under([]string{""}, n.Ident[1:])
		}
		return under(nonTop(c.vars[n.Ident[0]]), n.Ident[1:])
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.ChainNode:
		return under(c.arg(n.Node, dot), n.Field)
	}
	return nil
}

func nonTop(dot []string) []string {
	if len(dot) == 1 && dot[0] == "" {
		return nil
	}
	return dot
}

// under appends fields to each key; from the top, only those of .Values count.
func under(dot, fields []string) (out []string) {
	for _, d := range dot {
		if d == "" {
			if len(fields) > 1 && fields[0] == "Values" {
				out = append(out, strings.Join(fields[1:], "."))
			}
			continue
		}
		if len(fields) > 0 {
			d += "." + strings.Join(fields, ".")
		}
		if strings.Count(d, ".") < 50 {
			out = append(out, d)
		}
	}
	return out
}

// span is where the output of a mark begins.
type span struct{ at, mark int }

// strip takes the marks out of rendered text and says where each of them was.
func strip(text string) (string, []span) {
	if strings.IndexByte(text, markBegin) < 0 {
		return text, nil
	}
	var b strings.Builder
	b.Grow(len(text))
	var spans []span
	for {
		i := strings.IndexByte(text, markBegin)
		if i < 0 {
			b.WriteString(text)
			return b.String(), spans
		}
		b.WriteString(text[:i])
		end := strings.IndexByte(text[i:], markEnd)
		if end < 0 {
			return b.String(), spans
		}
		if n, err := strconv.Atoi(text[i+1 : i+end]); err == nil {
			spans = append(spans, span{b.Len(), n})
		}
		text = text[i+end+1:]
	}
}

// lineStarts are the offsets at which lines begin.
func lineStarts(text []byte) []int {
	out := []int{0}
	for i, c := range text {
		if c == '\n' {
			out = append(out, i+1)
		}
	}
	return out
}

// placeOf is the line and column, 1 based, of an offset.
func placeOf(starts []int, off int) (line, column int) {
	i, ok := slices.BinarySearch(starts, off)
	if !ok {
		i--
	}
	i = max(i, 0)
	return i + 1, off - starts[i] + 1
}
