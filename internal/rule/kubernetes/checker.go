// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Checker judges the manifests, charts and kustomizations of an inventory.
func Checker(s *check.Settings) sekisho.Checker { return checker{s} }

type checker struct{ settings *check.Settings }

func (checker) Name() string { return "kubernetes" }

// run is one judgement.
type run struct {
	judge *check.Judge
	files map[string]*file
	plain *World
	// members are what is suggested.
	members check.Members
	// see takes the objects in place of the rules, where it is set.
	see func(*Object)
}

// file is a resource, parsed once.
type file struct {
	path     string
	kind     string
	text     []byte
	location sekisho.Location
	// taken is true when a chart or a kustomization uses the file.
	taken    bool
	silences []check.Silence
	scanned  bool
	suggest  func(*sekisho.Rule, *check.Hit) *sekisho.Suggestion
}

// Check judges every object once, in the order of the files.
func (c checker) Check(ctx context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	r := &run{judge: check.NewJudge(c.settings), files: map[string]*file{}, plain: &World{Settings: c.settings}, members: members()}
	err := r.all(ctx, inv)
	out := r.judge.Judgement()
	if err == nil {
		out.Findings = once(out.Findings)
	}
	return out, err
}

// all goes through the objects of an inventory: those of charts, of
// kustomizations, and of what is left.
func (r *run) all(ctx context.Context, inv *sekisho.Inventory) error {
	for i := range inv.Resources {
		res := &inv.Resources[i]
		switch res.Kind {
		case sekisho.ResourceKubernetes, sekisho.ResourceHelm, sekisho.ResourceKustomize:
			if !res.Location.Hidden {
				r.files[res.Location.Path] = &file{path: res.Location.Path, kind: res.Kind, text: res.Text, location: res.Location}
			}
		}
	}
	for _, dir := range r.charts() {
		if err := r.chart(ctx, dir); err != nil {
			return err
		}
	}
	if err := r.kustomizations(ctx); err != nil {
		return err
	}
	for _, p := range r.paths() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if f := r.files[p]; !f.taken {
			r.read(f)
		}
	}
	return r.world(ctx, r.plain)
}

// paths of the files, in order.
func (r *run) paths() []string {
	paths := make([]string, 0, len(r.files))
	for p := range r.files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths
}

// read makes objects of a plain manifest.
func (r *run) read(f *file) {
	if path.Ext(f.path) == ".tgz" || path.Ext(f.path) == ".tpl" || !looksLikeManifest(f.text) {
		return
	}
	docs, err := parseFile(f.path, f.text)
	for _, d := range docs {
		r.plain.Objects = objects(d, f.path, r.plain.Objects)
	}
	if err != nil {
		r.broken(f, err)
	}
}

// parseFile reads JSON by its own reader, which is much faster.
func parseFile(p string, text []byte) ([]*document.Node, error) {
	if path.Ext(p) == ".json" {
		n, err := document.JSON(text)
		if err != nil {
			return nil, err
		}
		return []*document.Node{n}, nil
	}
	return document.YAML(text)
}

// broken says that a file could not be read: one that another program fills in
// first is not assessed, any other is a mistake on its line.
func (r *run) broken(f *file, err error) {
	if bytes.Contains(f.text, []byte("{{")) || bytes.Contains(f.text, []byte("{%")) {
		r.judge.Problem(sekisho.Problem{Path: f.path, Minor: true}.Saying(message.Say("this looks like a template that belongs to no chart: render it and scan the result (%v)", err)))
		return
	}
	line := 1
	if e, ok := errors.AsType[*document.Error](err); ok && e.Line > 0 {
		line = e.Line
	}
	o := &Object{Node: &document.Node{Kind: document.Unknown, Line: line}, Path: f.path, Kind: syntaxKind, Name: err.Error(), World: r.plain}
	r.object(o, nil)
}

// world judges all objects of a world.
func (r *run) world(ctx context.Context, w *World) error {
	var last string
	var spans []check.Block
	for i, o := range w.Objects {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.World = w
		if o.Path != last || i == 0 {
			last, spans = o.Path, nil
			for _, other := range w.Objects[i:] {
				if other.Path != o.Path {
					break
				}
				spans = append(spans, check.Block{First: other.Node.Line, Last: max(other.Node.EndLine, other.Node.Line)})
			}
		}
		r.object(o, spans)
	}
	return nil
}

// object judges one object; spans are those of the objects of its file.
func (r *run) object(o *Object, spans []check.Block) {
	if r.see != nil {
		r.see(o)
		return
	}
	at := &check.Place{Location: sekisho.Location{Path: o.Path}, Resource: o.Title()}
	if o.Kind == syntaxKind {
		at.Resource = ""
	}
	if f := r.files[o.Path]; f != nil {
		at.Location = f.location
		at.Location.Path = o.Path
		if f.suggest == nil {
			f.suggest = r.members.In(f.text)
		}
		at.Suggest = f.suggest
		r.silence(at, o, f, spans)
	}
	at.Silences = append(at.Silences, annotated(o.Node.Get("metadata", "annotations"))...)
	for _, p := range o.Pods {
		if p.Spec != o.Node.Get("spec") {
			at.Silences = append(at.Silences, annotated(p.Meta.Get("annotations"))...)
		}
	}
	rules.Run(r.judge, at, o)
	if o.Kind != syntaxKind {
		r.judge.RunUser(at, sekisho.ResourceKubernetes, subject{o})
	}
}

// silence hands an object the comments of its file that speak of it.
func (r *run) silence(at *check.Place, o *Object, f *file, spans []check.Block) {
	if !f.scanned {
		f.scanned = true
		// Most files have none: a plain search is much faster than the forms.
		if bytes.Contains(f.text, []byte("ignore")) || bytes.Contains(f.text, []byte("skip")) {
			f.silences = check.Silences(f.text, "#")
		}
	}
	if len(f.silences) == 0 {
		return
	}
	from, to := 0, max(o.Node.EndLine, o.Node.Line)
	for _, s := range spans {
		if s.Last < o.Node.Line && s.Last > from {
			from = s.Last
		}
	}
	for _, s := range f.silences {
		if s.Whole || s.Line > from && s.Line <= to {
			at.Silences = append(at.Silences, s)
		}
	}
	if len(at.Silences) > 0 {
		at.Blocks = blocks(o.Node, o.Path, nil)
	}
}

// blocks are the lines of each member and item, so that a comment above one or
// in it covers all of it.
func blocks(n *document.Node, file string, out []check.Block) []check.Block {
	if n == nil || n.File != "" && n.File != file {
		return out
	}
	if n.Line > 0 {
		out = append(out, check.Block{First: n.Line, Last: max(n.Line, n.EndLine)})
	}
	for i, item := range n.Items {
		if n.Kind == document.Map && n.Keys[i].Line > 0 {
			out = append(out, check.Block{First: n.Keys[i].Line, Last: max(n.Keys[i].Line, item.EndLine)})
		}
		out = blocks(item, file, out)
	}
	return out
}

// annotated reads the annotations that silence rules for an object:
//
//	ignore-check.kube-linter.io/run-as-non-root: "reason"
//	kube-linter.io/ignore-all: "reason"
//	checkov.io/skip1: CKV_K8S_20=reason
//	sekisho.dev/ignore: "rule,rule"
//
// (https://docs.kubelinter.io/#/configuring-kubelinter?id=ignoring-violations-for-specific-cases,
// https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html).
func annotated(m *document.Node) (out []check.Silence) {
	for key, v := range m.Members() {
		value := strings.TrimSpace(v.Str())
		if name, ok := strings.CutPrefix(key, "ignore-check.kube-linter.io/"); ok {
			out = append(out, check.Silence{Whole: true, IDs: []string{name}, By: "kube-linter", Reason: value})
			continue
		}
		switch {
		case key == "kube-linter.io/ignore-all":
			out = append(out, check.Silence{Whole: true, IDs: []string{"*"}, By: "kube-linter", Reason: value})
		case strings.HasPrefix(key, "checkov.io/skip"), strings.HasPrefix(key, "bridgecrew.io/skip"):
			id, reason, _ := strings.Cut(value, "=")
			if id = strings.TrimSpace(id); id != "" {
				out = append(out, check.Silence{Whole: true, IDs: []string{id}, By: "checkov", Reason: strings.TrimSpace(reason)})
			}
		case key == "sekisho.dev/ignore":
			if list := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' }); len(list) > 0 {
				out = append(out, check.Silence{Whole: true, IDs: list, By: "sekisho"})
			}
		}
	}
	return out
}
