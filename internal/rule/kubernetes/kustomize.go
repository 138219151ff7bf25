// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// kustomization is one file of that kind
// (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/).
type kustomization struct {
	dir  string
	file *file
	node *document.Node
	// refers are the directories, and patches and resources the files, that it
	// names and that are in the tree.
	refers             []string
	resources, patches []string
	// bad says why it cannot be built.
	bad error
	// placeholders are files that it reads the content of and that were not kept.
	placeholders []string
	// used is true when another one refers to it.
	used bool
}

// kustomizations builds those that no other one refers to, and judges what they
// make. What several of them make of one base is found once.
func (r *run) kustomizations(ctx context.Context) error {
	all := map[string]*kustomization{}
	var dirs []string
	for _, p := range r.paths() {
		f := r.files[p]
		if !isKustomization(path.Base(p)) || f.taken {
			continue
		}
		f.taken = true
		docs, err := document.YAML(f.text)
		if err != nil || len(docs) == 0 {
			if err != nil {
				r.broken(f, err)
			}
			continue
		}
		k := &kustomization{dir: path.Dir(p), file: f, node: docs[0]}
		all[k.dir] = k
		dirs = append(dirs, k.dir)
	}
	if len(dirs) == 0 {
		return nil
	}
	for _, d := range dirs {
		all[d].read(r, all)
	}
	// What is broken below is broken above.
	for range dirs {
		for _, d := range dirs {
			k := all[d]
			for _, ref := range k.refers {
				if all[ref].used = true; k.bad == nil && all[ref].bad != nil {
					k.bad = message.Errorf("%s: %w", all[ref].file.path, all[ref].bad)
				}
			}
		}
	}
	reached := map[string]bool{}
	for _, d := range dirs {
		k := all[d]
		// A component makes nothing by itself.
		if err := ctx.Err(); err != nil {
			return err
		} else if k.used || k.node.Get("kind").Str() == "Component" {
			continue
		}
		r.build(ctx, k, all)
		k.tree(all, reached)
	}
	// Those that only refer to each other were built by none.
	for _, d := range dirs {
		if k := all[d]; k.used && !reached[d] && k.node.Get("kind").Str() != "Component" {
			r.problem(k.file.path, message.New("the kustomization refers to itself, and its files are judged as they are written: take it out of the resources of what it names"))
		}
	}
	// Patches are parts of objects, whatever became of the build.
	for _, d := range dirs {
		for _, p := range all[d].patches {
			r.files[p].taken = true
		}
	}
	return ctx.Err()
}

// remote is true for what the library would fetch from elsewhere.
func remote(ref string) bool {
	return strings.Contains(ref, "://") || strings.Contains(ref, "?") || strings.Contains(ref, ":") || strings.Contains(ref, ".git") ||
		strings.Contains(ref, "_git/") || strings.HasPrefix(ref, "github.com") || strings.Contains(ref, "@") || strings.Contains(ref, "//")
}

// read notes what the kustomization names.
func (k *kustomization) read(r *run, all map[string]*kustomization) {
	one := func(n *document.Node, patch bool) {
		ref := n.Str()
		if ref == "" || strings.Contains(ref, "\n") {
			return // an inline object or patch
		}
		at := path.Join(k.dir, ref)
		switch {
		case remote(ref) || path.IsAbs(ref):
			k.bad = message.Errorf("line %d: %q is fetched from elsewhere, which this program does not do; what it makes is not judged", n.Line, ref)
		case all[at] != nil:
			k.refers = append(k.refers, at)
		case r.files[at] != nil && patch:
			k.patches = append(k.patches, at)
		case r.files[at] != nil:
			k.resources = append(k.resources, at)
		default:
			k.bad = message.Errorf("line %d: %q is not in the tree, or holds no object", n.Line, ref)
		}
	}
	for _, key := range [...]string{"resources", "bases", "components", "crds", "configurations", "generators", "transformers", "validators"} {
		for _, n := range k.node.Get(key).List() {
			one(n, key == "configurations" || key == "generators" || key == "transformers" || key == "validators")
		}
	}
	for _, n := range k.node.Get("patchesStrategicMerge").List() {
		one(n, true)
	}
	for _, key := range [...]string{"patches", "patchesJson6902", "replacements"} {
		for _, n := range k.node.Get(key).List() {
			if p := n.Get("path"); p != nil {
				one(p, true)
			}
		}
	}
	if p := k.node.Get("openapi", "path"); p != nil {
		one(p, true)
	}
	for _, key := range [...]string{"helmCharts", "helmChartInflationGenerator"} {
		if n := k.node.Get(key); len(n.List()) > 0 {
			k.bad = message.Errorf("line %d: %s runs the program helm, which this program does not do; what it makes is not judged", n.Line, key)
		}
	}
	k.generated(r)
}

// generated notes the files whose content becomes a ConfigMap or Secret: where
// they were not kept, an empty one stands for them.
func (k *kustomization) generated(r *run) {
	for _, key := range [...]string{"configMapGenerator", "secretGenerator"} {
		for _, g := range k.node.Get(key).List() {
			names := slices.Concat(g.Get("files").List(), g.Get("envs").List())
			if e := g.Get("env"); e != nil {
				names = append(names, e)
			}
			for _, n := range names {
				_, ref, ok := strings.Cut(n.Str(), "=")
				if !ok {
					ref = n.Str()
				}
				if at := path.Join(k.dir, ref); ref != "" && r.files[at] == nil && !remote(ref) && !path.IsAbs(ref) {
					k.placeholders = append(k.placeholders, at)
				} else if remote(ref) {
					k.bad = message.Errorf("line %d: %q is fetched from elsewhere, which this program does not do", n.Line, ref)
				}
			}
		}
	}
}

// tree returns the kustomization and all that it refers to, each once.
func (k *kustomization) tree(all map[string]*kustomization, seen map[string]bool) []*kustomization {
	if seen[k.dir] {
		return nil
	}
	seen[k.dir] = true
	out := []*kustomization{k}
	for _, d := range k.refers {
		out = append(out, all[d].tree(all, seen)...)
	}
	return out
}

// builds is how many kustomizations the library would read, one again for each
// that refers to it.
func (k *kustomization) builds(all map[string]*kustomization, known map[string]int) int {
	if n, ok := known[k.dir]; ok {
		return n
	}
	known[k.dir] = maxBuilds // for a circle
	n := 1
	for _, d := range k.refers {
		n = min(n+all[d].builds(all, known), maxBuilds)
	}
	known[k.dir] = n
	return n
}

// maxBuilds bounds what one kustomization may refer to.
const maxBuilds = 2000

// build runs the library over a file system of the files that are named and
// nothing else.
func (r *run) build(ctx context.Context, k *kustomization, all map[string]*kustomization) {
	if k.bad == nil && k.builds(all, map[string]int{}) >= maxBuilds {
		k.bad = message.Errorf("it refers to itself, or to %d others and more", maxBuilds)
	}
	if k.bad != nil {
		r.problem(k.file.path, message.Errorf("the kustomization cannot be built, and its files are judged as they are written: %w", k.bad))
		return
	}
	parts := k.tree(all, map[string]bool{})
	if p := r.exploding(parts); p != "" {
		r.problem(k.file.path, message.Errorf("the kustomization cannot be built, and its files are judged as they are written: %w",
			message.Errorf("the aliases in %s stand for too many values", p)))
		return
	}
	fs := filesys.MakeFsInMemory()
	write := func(p string, text []byte) {
		// The errors of this file system are those of paths, which are clean.
		_ = fs.WriteFile("/tree/"+p, text)
	}
	for _, part := range parts {
		text := part.file.text
		if part == k {
			text = withOrigin(part)
		}
		write(part.file.path, text)
		for _, p := range slices.Concat(part.resources, part.patches) {
			write(p, r.files[p].text)
		}
		for _, p := range part.placeholders {
			write(p, nil)
		}
	}
	w, err := r.built(fs, k, parts)
	if err != nil {
		r.problem(k.file.path, message.Errorf("the kustomization cannot be built, and its files are judged as they are written: %w", err))
		return
	}
	for _, part := range parts {
		for _, p := range part.resources {
			r.files[p].taken = true
		}
	}
	_ = r.world(ctx, w) // its only error is that of ctx, which the caller looks at
}

// exploding is the first file of the parts whose aliases stand for more values
// than [document.YAML] reads, "" when there is none. The library has no bound of its own
// and fills the memory with them; it also reads YAML that is text within YAML.
func (r *run) exploding(parts []*kustomization) string {
	for _, part := range parts {
		if explodes(part.file.text, 0) {
			return part.file.path
		}
		for _, p := range slices.Concat(part.resources, part.patches) {
			if explodes(r.files[p].text, 0) {
				return p
			}
		}
	}
	return ""
}

// maxWithin bounds YAML in texts of YAML; what is deeper counts as too much.
const maxWithin = 4

func explodes(text []byte, depth int) bool {
	if bytes.IndexByte(text, '*') < 0 || bytes.IndexByte(text, '&') < 0 {
		return false // without an anchor and an alias
	}
	if depth > maxWithin {
		return true
	}
	docs, err := document.YAML(text)
	if e, ok := errors.AsType[*document.Error](err); ok && e.Aliases {
		return true
	}
	var within func(n *document.Node) bool
	within = func(n *document.Node) bool {
		if n.Kind == document.String && strings.Contains(n.Text, "\n") && len(n.Text) < len(text) && explodes([]byte(n.Text), depth+1) {
			return true
		}
		return slices.ContainsFunc(n.Items, within)
	}
	return slices.ContainsFunc(docs, within)
}

// withOrigin asks the library to say which file each object came from.
func withOrigin(k *kustomization) []byte {
	if n := k.node.Get("buildMetadata"); n != nil {
		return k.file.text // told below by names
	}
	return append(slices.Clone(k.file.text), "\nbuildMetadata: [originAnnotations]\n"...)
}

// kustomizing is held while the library runs: it keeps the schema of the objects
// in a variable of its own.
var kustomizing sync.Mutex

func (r *run) built(fs filesys.FileSystem, k *kustomization, parts []*kustomization) (w *World, err error) {
	defer func() {
		if e := recover(); e != nil {
			err = message.Errorf("the library stumbled over it: %v", e)
		}
	}()
	kustomizing.Lock()
	defer kustomizing.Unlock()
	opt := krusty.MakeDefaultOptions()
	opt.LoadRestrictions = types.LoadRestrictionsNone // the file system holds what is named, and nothing else
	m, err := krusty.MakeKustomizer(opt).Run(fs, path.Join("/tree", k.dir))
	if err != nil {
		return nil, err
	}
	w = &World{Whole: true, Settings: r.plain.Settings}
	h := newHistory(r, k, parts)
	for _, res := range m.Resources() {
		text, err := res.AsYAML()
		if err != nil {
			return nil, err
		}
		docs, err := document.YAML(text)
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			origin := d.Get("metadata", "annotations", "config.kubernetes.io/origin").Str()
			for _, o := range objects(d, k.file.path, nil) {
				h.place(o, origin)
				w.Objects = append(w.Objects, o)
			}
		}
	}
	slices.SortStableFunc(w.Objects, func(a, b *Object) int { return strings.Compare(a.Path, b.Path) })
	return w, nil
}

// seenHit is one place of a base that several overlays share.
type seenHit struct {
	rule, path, resource string
	line, column         int
}

// once drops what overlays of one base find in it again.
func once(in []sekisho.Finding) []sekisho.Finding {
	seen := map[seenHit]bool{}
	out := in[:0]
	for i := range in {
		f := &in[i]
		key := seenHit{f.Rule, f.Location.Path, f.Resource + "\x00" + f.Evidence[0].Text, f.Location.Line, f.Location.Column}
		if f.Location.Line > 0 && seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, *f)
	}
	return out
}
