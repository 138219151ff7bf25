// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"text/template/parse"
	"time"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the rendering of one chart.
const (
	renderTime    = 20 * time.Second
	renderTicks   = 1_000_000
	renderBytes   = 16 << 20
	archiveBytes  = 16 << 20
	archiveFiles  = 5000
	archiveDepth  = 3
	chartFiles    = 20000
	templateNodes = 4 << 20
	// brokenTemplates are left out of a chart one after the other.
	brokenTemplates = 10
)

// chartPart is a chart or one of its subcharts.
type chartPart struct {
	dir string
	// name under which the values of the parent speak of it; empty for the root.
	name   string
	parent *chartPart
	// values are those of its own values.yaml.
	values *document.Node
}

// charts are the directories of charts that are no part of another, in order.
func (r *run) charts() []string {
	var dirs []string
	for p, f := range r.files {
		if path.Base(p) == "Chart.yaml" && f.kind == sekisho.ResourceHelm {
			dirs = append(dirs, path.Dir(p))
		}
	}
	slices.Sort(dirs)
	var roots []string
	for _, d := range dirs {
		sub := slices.ContainsFunc(dirs, func(other string) bool { return strings.HasPrefix(d, join(other, "charts")+"/") })
		if !sub {
			roots = append(roots, d)
		}
	}
	return roots
}

// join joins a directory of the tree with a path below it.
func join(dir, rest string) string {
	if dir == "." || dir == "" {
		return rest
	}
	return dir + "/" + rest
}

// below is the path under the directory.
func below(dir, p string) (string, bool) {
	if dir == "." || dir == "" {
		return p, true
	}
	return strings.CutPrefix(p, dir+"/")
}

// chart renders the chart of a directory and judges what it makes.
func (r *run) chart(ctx context.Context, dir string) error {
	var files []*helmFile
	from := map[*byte]string{}
	var ignored helmIgnore
	var bad error
	if f := r.files[join(dir, ignoreFile)]; f != nil {
		ignored, bad = readIgnore(f.text)
	} else {
		ignored, bad = readIgnore(nil)
	}
	paths := r.paths()
	for _, p := range paths {
		rest, ok := below(dir, p)
		if !ok || len(files) > chartFiles {
			continue
		}
		f := r.files[p]
		f.taken = f.taken || f.kind == sekisho.ResourceHelm || strings.HasPrefix(rest, "crds/") || strings.HasPrefix(rest, "charts/") || strings.HasPrefix(rest, "ci/")
		if ignored.ignores(rest) {
			continue
		}
		if path.Ext(p) == ".tgz" {
			more, err := untar(f.text, strings.TrimSuffix(rest, ".tgz"), p+"!", from, 0)
			if err != nil {
				r.problem(p, message.Errorf("open the chart's archive: %w", err))
				continue
			}
			files = append(files, more...)
			continue
		}
		data := bytes.Clone(f.text)
		if len(data) > 0 {
			from[&data[0]] = p
		}
		files = append(files, &helmFile{rest, data})
	}
	if bad != nil {
		r.problem(join(dir, ignoreFile), message.Errorf("the chart's templates are not judged, as Helm would refuse the chart: %w", bad))
		return nil
	}
	w, err := r.render(ctx, dir, files, from)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		r.problem(join(dir, "Chart.yaml"), message.Errorf("the chart cannot be rendered, and its templates are not judged: %w", err))
	}
	if w == nil {
		return nil
	}
	return r.world(ctx, w)
}

func (r *run) problem(p string, err error) {
	code, args, english := message.Words(err)
	for i := range args {
		args[i] = shown(args[i])
	}
	r.judge.Problem(sekisho.Problem{Path: p}.Saying(code, args, shown(english)))
}

// shown is text of a chart's without the marks of the renderer, of bounded length.
func shown(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > 1000 {
		text = text[:1000] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r == markBegin || r == markEnd {
			return -1
		}
		return r
	}, text)
}

// untar reads a packaged chart as the files of a directory "charts/NAME/".
func untar(text []byte, to, shown string, from map[*byte]string, depth int) ([]*helmFile, error) {
	z, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	limit := &io.LimitedReader{R: z, N: archiveBytes}
	t := tar.NewReader(limit)
	var out []*helmFile
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && limit.N > 0 {
			return out, nil
		}
		if limit.N <= 0 || len(out) > archiveFiles {
			return out, message.Errorf("it holds more than %d bytes or %d files", archiveBytes, archiveFiles)
		}
		if err != nil {
			return out, err
		}
		name := path.Clean("/" + h.Name)[1:]
		_, rest, ok := strings.Cut(name, "/")
		if !ok || h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(t)
		if err != nil {
			return out, err
		}
		if path.Ext(rest) == ".tgz" && strings.HasPrefix(rest, "charts/") && depth < archiveDepth {
			more, err := untar(data, to+"/"+strings.TrimSuffix(rest, ".tgz"), shown+"/"+name+"!", from, depth+1)
			if err != nil {
				return out, err
			}
			out = append(out, more...)
			continue
		}
		if len(data) > 0 {
			from[&data[0]] = shown + "/" + name
		}
		out = append(out, &helmFile{to + "/" + rest, data})
	}
}

// render loads and renders a chart; what could be rendered is returned beside
// the error.
func (r *run) render(ctx context.Context, dir string, files []*helmFile, from map[*byte]string) (w *World, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = message.Errorf("the renderer stumbled over it: %v", e)
		}
	}()
	c, err := loadChart(files)
	if err != nil {
		return nil, err
	}
	values, sources, err := r.values(dir)
	if err != nil {
		return nil, err
	}
	if err := c.depend(values); err != nil {
		return nil, err
	}
	r.missing(dir, c)
	if c.hasSchema() {
		r.judge.Problem(sekisho.Problem{Path: join(dir, "Chart.yaml"), Minor: true}.Saying(message.Say("the values are not held to %s; everything else of the chart is judged", schemaFile)))
	}
	capabilities, err := c.capabilities(r.kubeVersion())
	if err != nil {
		return nil, err
	}
	top, err := c.renderValues(values, capabilities)
	if err != nil {
		return nil, err
	}
	w = &World{Whole: true, Settings: r.plain.Settings}
	h := &helmWorld{run: r, world: w, sources: sources, from: from, m: &marker{defines: map[string]*reads{}}}
	h.mark(c, dir)
	ctx, cancel := context.WithTimeout(ctx, renderTime)
	defer cancel()
	out, err := h.execute(ctx, c, top)
	// One template that fails does not hide the others.
	for range brokenTemplates {
		name := h.guilty(err)
		if name == "" || ctx.Err() != nil {
			break
		}
		r.problem(h.rendered[name], message.Errorf("the template cannot be rendered with these values, and is not judged: %w", err))
		h.files[name].data = nil
		delete(h.rendered, name)
		out, err = h.execute(ctx, c, top)
	}
	if err != nil {
		return w, err
	}
	h.read(out)
	h.crds(c)
	return w, nil
}

// missing says which charts are not in the tree.
func (r *run) missing(dir string, c *helmChart) {
	have := map[string]bool{}
	for _, sub := range c.charts {
		have[sub.meta.Name] = true
	}
	// Those that are switched off are gone, and an alias is the name by now.
	for _, d := range c.meta.Dependencies {
		if !have[d.Name] {
			r.judge.Problem(sekisho.Problem{Path: join(dir, "Chart.yaml")}.Saying(message.Say("the subchart %s is not under charts/ and is not judged: run helm dependency build first", d.Name)))
		}
	}
}

// kubeVersion is the version of Kubernetes that the settings render charts for;
// empty for the default.
func (r *run) kubeVersion() string {
	if r.plain.Settings == nil {
		return ""
	}
	return r.plain.Settings.KubeVersion
}

// values are those that the settings give: files of the tree, then single ones.
func (r *run) values(dir string) (map[string]any, []*valuesFile, error) {
	out := map[string]any{}
	var sources []*valuesFile
	if r.plain.Settings == nil {
		return out, nil, nil
	}
	for _, name := range r.plain.Settings.HelmValues {
		f := r.files[path.Clean(name)]
		if f == nil {
			f = r.files[join(dir, path.Clean(name))]
		}
		if f == nil {
			return nil, nil, message.Errorf("the values file %s is not in the tree (its name must hold %q)", name, "values")
		}
		v, err := readValues(f.text)
		if err != nil {
			return nil, nil, message.Errorf("read %s: %w", f.path, err)
		}
		out = overlay(out, v)
		if docs, err := document.YAML(f.text); err == nil && len(docs) > 0 {
			sources = append([]*valuesFile{{f.path, docs[0]}}, sources...)
		}
	}
	for _, set := range r.plain.Settings.HelmSet {
		if err := setValues(set, out); err != nil {
			return nil, nil, message.Errorf("read the value %q: %w", set, err)
		}
	}
	return out, sources, nil
}

// execute renders in the bounds. A rendering that does not end although it is
// told to is left behind: every loop and every named template asks for the end.
func (h *helmWorld) execute(ctx context.Context, c *helmChart, top helmValues) (map[string]string, error) {
	type result struct {
		out map[string]string
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if e := recover(); e != nil {
				done <- result{err: message.Errorf("the renderer stumbled over it: %v", e)}
			}
		}()
		out, err := renderChart(ctx, c, top, functions(ctx))
		done <- result{out, err}
	}()
	select {
	case d := <-done:
		return d.out, d.err
	case <-ctx.Done():
		return nil, message.Errorf("it takes longer than %s", renderTime)
	}
}

// guilty is the template, and no partial one, that an error names first and that
// is not at the bounds; empty for none.
func (h *helmWorld) guilty(err error) string {
	if err == nil || strings.Contains(err.Error(), errRender.Error()) {
		return ""
	}
	text, best, at := err.Error(), "", -1
	for name := range h.rendered {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		if i := strings.Index(text, name); i >= 0 && (at < 0 || i < at || i == at && len(name) > len(best)) {
			best, at = name, i
		}
	}
	return best
}

// mark instruments the templates of the chart and its subcharts.
func (h *helmWorld) mark(root *helmChart, dir string) {
	h.parts, h.rendered, h.files = map[string]*chartPart{}, map[string]string{}, map[string]*helmFile{}
	type one struct {
		file  *helmFile
		part  *chartPart
		path  string
		name  string
		trees map[string]*parse.Tree
	}
	var all []one
	done := map[*helmFile]bool{}
	var visit func(c *helmChart, part *chartPart, depth int)
	visit = func(c *helmChart, part *chartPart, depth int) {
		if f := c.source; f != nil && len(f.data) > 0 {
			if docs, err := document.YAML(f.data); err == nil && len(docs) > 0 {
				part.values, part.dir = docs[0], path.Dir(h.from[&f.data[0]])
			}
		}
		for _, f := range c.templates {
			name := path.Join(c.path(), f.name)
			source := join(part.dir, f.name)
			if len(f.data) > 0 && h.from[&f.data[0]] != "" {
				source = h.from[&f.data[0]]
			}
			h.parts[name], h.rendered[name], h.files[name] = part, source, f
			if done[f] {
				continue
			}
			done[f] = true
			if trees, err := parseTemplate(name, string(f.data)); err == nil {
				all = append(all, one{f, part, source, name, trees})
				h.m.collect(name, trees)
			}
		}
		if depth > 8 {
			return
		}
		for _, sub := range c.charts {
			name := sub.meta.Name
			visit(sub, &chartPart{dir: join(part.dir, "charts/"+name), name: name, parent: part}, depth+1)
		}
	}
	visit(root, &chartPart{dir: dir}, 0)
	for _, o := range all {
		if len(h.m.marks) > templateNodes {
			return
		}
		o.file.data = []byte(h.m.instrument(o.name, string(o.file.data), o.path, o.part, o.trees))
	}
}
