// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"bytes"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of a project: extends of extends, and the nodes of all files after
// they are put together.
const (
	maxExtends = 20
	maxNodes   = 300_000
)

// projects reads the Compose files of a tree, each once.
type projects struct {
	tree  *tree
	files map[string]*composeFile
	// parents are the directories of the files that include a file: their .env
	// comes first.
	parents map[string][]string
}

// composeFile is one file, its variables put in.
type composeFile struct {
	path string
	root *document.Node
	err  error
	// written holds the text of values that a variable stands in.
	written map[*document.Node]string
}

func newProjects(t *tree) *projects {
	p := &projects{tree: t, files: map[string]*composeFile{}, parents: map[string][]string{}}
	for _, name := range t.order {
		if r := t.files[name]; r.Kind == sekisho.ResourceCompose && bytes.Contains(r.Text, []byte("\ninclude:")) {
			p.include(name, r.Text)
		}
	}
	return p
}

// include notes which files a file includes
// (https://github.com/compose-spec/compose-spec/blob/main/14-include.md).
func (p *projects) include(name string, text []byte) {
	docs, err := document.YAML(text)
	if err != nil || len(docs) == 0 {
		return
	}
	dir := path.Dir(name)
	for _, item := range docs[0].Get("include").List() {
		for _, file := range append([]*document.Node{item, item.Get("path")}, item.Get("path").List()...) {
			if f := file.Str(); f != "" {
				f = path.Join(dir, f)
				p.parents[f] = append(p.parents[f], dir)
			}
		}
	}
}

// load reads a file of the tree; nil for one that is not there.
func (p *projects) load(name string) *composeFile {
	if f, ok := p.files[name]; ok {
		return f
	}
	r := p.tree.files[name]
	if r == nil || r.Kind != sekisho.ResourceCompose {
		p.files[name] = nil
		return nil
	}
	f := &composeFile{path: name, written: map[*document.Node]string{}}
	p.files[name] = f
	docs, err := document.YAML(r.Text)
	if err != nil {
		f.err = err
	}
	if len(docs) > 0 {
		f.root = docs[0]
	}
	seen := map[*document.Node]bool{}
	f.prepare(f.root, p.variables(name), seen)
	return f
}

// variables looks names up in the .env of the file's directory.
func (p *projects) variables(name string) func(string) (string, bool) {
	var envs []*envFile
	for _, dir := range append(slices.Clone(p.parents[name]), path.Dir(name)) {
		if e := p.tree.envs[path.Join(dir, ".env")]; e != nil {
			envs = append(envs, e)
		}
	}
	return func(v string) (string, bool) {
		for _, e := range envs {
			if value, ok := e.values[v]; ok {
				return value, true
			}
		}
		return "", false
	}
}

// prepare names the file of each node and puts variables in.
func (f *composeFile) prepare(n *document.Node, look func(string) (string, bool), seen map[*document.Node]bool) {
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	n.File = f.path
	for _, k := range n.Keys {
		k.File = f.path
	}
	for _, item := range n.Items {
		f.prepare(item, look, seen)
	}
	if n.Kind != document.String || !strings.ContainsRune(n.Text, '$') {
		return
	}
	f.written[n] = n.Text
	n.Text = interpolate(n.Text, look)
	if strings.Contains(n.Text, hole) {
		n.Kind = document.Unknown
	}
}

// services are those of a file: alone, or put together with the file that it
// overrides.
func (p *projects) services(name string) []*Service {
	f := p.load(name)
	if f == nil {
		return nil
	}
	if f.err != nil {
		s, problem := f.broken(p.tree.files[name].Text)
		if problem != nil {
			p.tree.problems = append(p.tree.problems, *problem)
		}
		if s != nil {
			return []*Service{s}
		}
	}
	if f.root.Get("services") == nil || f.root.Get("services").Kind != document.Map {
		return nil
	}
	if !isComposeName(name) && !f.looksRight() {
		return nil
	}
	base, override := p.around(name)
	if override == name || base != "" && override != name && base != name {
		if b := p.load(base); b != nil && b.err == nil {
			return p.make(f, b)
		}
	}
	return p.make(f, nil)
}

// looksRight tells Compose files from others that have services: at least one
// has an image or a build, and nothing else is what no service can be.
func (f *composeFile) looksRight() bool {
	some := false
	for _, s := range f.root.Get("services").Members() {
		if s.Present() && s.Kind != document.Map {
			return false
		}
		some = some || s.Get("image").Present() || s.Get("build").Present() || s.Get("extends").Present()
	}
	return some
}

// around are the main file of the directory and its override, as Compose takes
// them without being told; base is empty for the main file itself.
func (p *projects) around(name string) (base, override string) {
	dir := path.Dir(name)
	for _, stem := range [...]string{"compose", "docker-compose"} {
		for _, ext := range [...]string{".yaml", ".yml"} {
			main := path.Join(dir, stem+ext)
			if p.tree.files[main] == nil || p.tree.files[main].Kind != sekisho.ResourceCompose {
				continue
			}
			for _, e := range [...]string{".override.yaml", ".override.yml"} {
				if o := path.Join(dir, stem+e); p.tree.files[o] != nil {
					override = o
					break
				}
			}
			if main == name || !strings.HasPrefix(path.Base(name), stem+".") {
				return "", override
			}
			return main, override
		}
	}
	return "", ""
}

// broken says that a file cannot be read: a finding where the name says that it
// is a Compose file, else a Problem.
func (f *composeFile) broken(text []byte) (*Service, *sekisho.Problem) {
	if !isComposeName(f.path) || strings.Contains(string(text), "{{") || strings.Contains(string(text), "{%") {
		p := sekisho.Problem{Path: f.path, Minor: true}.Saying(message.Say("this looks like a template of a Compose file: render it and scan the result (%v)", f.err))
		return nil, &p
	}
	line := 1
	if e, ok := errors.AsType[*document.Error](f.err); ok && e.Line > 0 {
		line = e.Line
	}
	return brokenService(sekisho.ResourceCompose, f.path, line, f.err.Error()), nil
}

func brokenService(kind, file string, line int, text string) *Service {
	return &Service{Kind: kind, Broken: text, At: Value{Set: true, Written: text, File: file, Line: line}}
}

// make builds the services of a file, over those of a base.
func (p *projects) make(f, base *composeFile) []*Service {
	var out []*Service
	nodes := 0
	for _, key := range f.root.Get("services").Keys {
		copied := map[*document.Node]string{}
		b := &builder{project: p, copied: copied, written: []map[*document.Node]string{copied, f.written}}
		n := b.extended(f, key.Text, 0, nil)
		partial := false
		if base != nil {
			b.written = append(b.written, base.written)
			if under := b.extended(base, key.Text, 0, nil); under != nil {
				n = b.merge(under, n, "")
			}
		} else {
			partial = !n.Get("image").Present() && !n.Get("build").Present()
		}
		if n == nil || n.Kind != document.Map {
			continue
		}
		if nodes += size(n, maxNodes-nodes+1); nodes > maxNodes {
			p.tree.problems = append(p.tree.problems, sekisho.Problem{Path: f.path, Bound: "values"}.Saying(message.Say("the services have more than %d values, with what they extend; those from %s on were not judged", maxNodes, key.Text)))
			break
		}
		s := b.service(key, n)
		s.Partial = s.Partial || partial || b.partial
		s.settle(f, base, key)
		out = append(out, s)
	}
	built := map[string]bool{}
	for _, s := range out {
		if s.Build.Set && s.Image.Set {
			built[strings.TrimSuffix(s.Image.Text, ":latest")] = true
		}
	}
	markLocal(out, built)
	return out
}

// size counts nodes, up to a number.
func size(n *document.Node, most int) int {
	count := 1
	for _, item := range n.Items {
		if count > most {
			break
		}
		count += size(item, most-count)
	}
	return count
}

// settle places the service: what is missing is missing in the main file.
func (s *Service) settle(f, base *composeFile, key *document.Node) {
	node := f.root.Get("services", key.Text)
	if base != nil {
		if k := base.root.Get("services").Key(key.Text); k != nil {
			key, node = k, base.root.Get("services", key.Text)
		}
	}
	s.At = Value{Set: true, Text: s.Name, Written: key.Text + ":", File: key.File, Line: key.Line, Column: key.Column, EndLine: key.Line, EndColumn: key.EndColumn}
	if node != nil && node.EndLine >= key.Line {
		s.At.EndLine, s.At.EndColumn = node.EndLine, node.EndColumn
	}
}

// extended is a service with what it extends.
func (b *builder) extended(f *composeFile, name string, depth int, chain []string) *document.Node {
	n := f.root.Get("services", name)
	if n == nil || n.Kind != document.Map {
		return n
	}
	e := n.Get("extends")
	if !e.Present() || depth > maxExtends || slices.Contains(chain, f.path+"\x00"+name) {
		b.partial = b.partial || e.Present()
		return n
	}
	from, service := f, e.Str()
	if e.Kind == document.Map {
		service = e.Get("service").Str()
		if file := e.Get("file"); file.Present() {
			from = b.project.load(path.Join(path.Dir(f.path), file.Str()))
		}
	}
	if from == nil || from.root.Get("services", service) == nil {
		b.partial = true
		return n
	}
	if from != f {
		b.written = append(b.written, from.written)
	}
	return b.merge(b.extended(from, service, depth+1, append(chain, f.path+"\x00"+name)), n, "")
}

// replaced are the members of a service that an override replaces as a whole;
// other lists are appended
// (https://github.com/compose-spec/compose-spec/blob/main/13-merge.md).
var replaced = map[string]bool{"command": true, "entrypoint": true, "test": true}

// merge puts a value over another.
func (b *builder) merge(under, over *document.Node, key string) *document.Node {
	switch {
	case over == nil:
		return under
	case over.Tag == "!reset":
		return nil
	case under == nil, over.Tag == "!override", replaced[key]:
		return over
	}
	switch key {
	case "environment", "labels", "args", "sysctls":
		under, over = b.asMap(under), b.asMap(over)
	}
	switch {
	case under.Kind == document.Map && over.Kind == document.Map:
		out := *under
		out.Keys, out.Items = slices.Clone(under.Keys), slices.Clone(under.Items)
		at := make(map[string]int, len(out.Keys))
		for i, k := range out.Keys {
			at[k.Text] = i
		}
		for i, k := range over.Keys {
			j, ok := at[k.Text]
			if !ok {
				at[k.Text] = len(out.Keys)
				out.Keys, out.Items = append(out.Keys, k), append(out.Items, over.Items[i])
				continue
			}
			switch v := b.merge(out.Items[j], over.Items[i], k.Text); {
			case v == nil:
				out.Items[j] = &document.Node{Kind: document.Null, File: k.File, Line: k.Line, Column: k.Column}
			case v == over.Items[i]:
				out.Keys[j], out.Items[j] = k, v
			default:
				out.Items[j] = v
			}
		}
		return &out
	case under.Kind == document.List && over.Kind == document.List:
		out := *under
		out.Items = append(slices.Clone(under.Items), over.Items...)
		return &out
	}
	return over
}

// asMap is a list of "NAME=value" as a map.
func (b *builder) asMap(n *document.Node) *document.Node {
	if n.Kind != document.List {
		return n
	}
	out := *n
	out.Kind, out.Items = document.Map, nil
	for _, item := range n.Items {
		name, value, ok := strings.Cut(item.Text, "=")
		k, v := *item, *item
		k.Kind, k.Text = document.String, name
		v.Kind, v.Text = document.String, value
		if strings.Contains(value, hole) {
			v.Kind = document.Unknown
		}
		if !ok {
			v.Kind = document.Null
		}
		if text := b.text(item); text != item.Text {
			_, text, _ = strings.Cut(text, "=")
			b.copied[&v] = text
		}
		out.Keys, out.Items = append(out.Keys, &k), append(out.Items, &v)
	}
	return &out
}

// filesOf calls visit with the file of every node.
func filesOf(n *document.Node, visit func(string)) {
	visit(n.File)
	for _, k := range n.Keys {
		visit(k.File)
	}
	for _, item := range n.Items {
		filesOf(item, visit)
	}
}

// membersOf are the blocks of the settings of a service that is written in the
// file.
func membersOf(n *document.Node, file string) []check.Block {
	var out []check.Block
	for i, k := range n.Keys {
		if k.File == file && n.Items[i].File == file {
			out = append(out, check.Block{First: k.Line, Last: max(k.Line, n.Items[i].EndLine)})
			if n.Items[i].Kind == document.List {
				for _, item := range n.Items[i].Items {
					if item.File == file {
						out = append(out, check.Block{First: item.Line, Last: max(item.Line, item.EndLine)})
					}
				}
			}
		}
	}
	return out
}
