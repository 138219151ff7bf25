// SPDX-License-Identifier: Apache-2.0

// Package scan is the engine: it walks every layer of an artifact once, lets
// the extractors it was handed read what they want, squashes the facts and has
// the checkers judge them. Bounds, memory, cache and order live here, so that
// no extractor can forget them. It knows no ecosystem and no rule by name.
package scan

import (
	"cmp"
	"context"
	"errors"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of a run. The zero value of a field means its default.
type Options struct {
	Extractors []sekisho.Extractor
	Checkers   []sekisho.Checker
	// Scanners that were asked for, as the coverage section reports them.
	Scanners []sekisho.ScannerCoverage
	Database *sekisho.Database
	// ChooseOS makes one release of all that were found. Nil takes the first
	// visible one.
	ChooseOS func([]sekisho.OS) *sekisho.OS
	Bounds   sekisho.Bounds
	// Cache of facts by layer; nil for none.
	Cache *Cache
	// Parallel is how many layers are walked and how many files are extracted
	// at once; GOMAXPROCS by default.
	Parallel int
	// Exclude are patterns of paths that are not looked at, see newExclusion.
	Exclude []string
	// TempDir holds content beyond the memory budget; the system's by default.
	TempDir  string
	Progress func(Event)
	Tool     sekisho.Tool
	// Created is the time that the report names.
	Created time.Time
	// Keep hidden packages (those of lower layers only) out of the report.
	VisibleOnly bool
}

// Event says how far the walk is; it is called from several goroutines.
type Event struct {
	// Stage is "walk" or "check".
	Stage string
	// Layer that advanced; its uncompressed bytes and files until now.
	Layer string
	Bytes int64
	Files int64
	// Done and Layers count the finished layers.
	Done, Layers int
}

func (o *Options) progress(e Event) {
	if o.Progress != nil {
		if e.Stage == "" {
			e.Stage = sekisho.StageWalk
		}
		o.Progress(e)
	}
}

// Run walks the artifact and judges what it found. What could not be read is a
// Problem of the result; an error means that there is no result (a cancelled
// context).
func Run(ctx context.Context, a *sekisho.Artifact, opt Options) (*sekisho.Result, error) {
	opt.Bounds = opt.Bounds.WithDefaults()
	if opt.Parallel <= 0 {
		opt.Parallel = runtime.GOMAXPROCS(0)
	}
	if opt.TempDir == "" {
		opt.TempDir = os.TempDir()
	}
	layers, past, err := read(ctx, a, opt)
	if err != nil {
		return nil, err
	}
	r := assemble(a, layers, &opt)
	if past != nil {
		r.Problems = append(r.Problems, past.Inventory.Problems...)
		c := a.History.Coverage()
		r.Coverage.History = &c
	}
	opt.progress(Event{Stage: sekisho.StageCheck, Done: len(a.Layers), Layers: len(a.Layers)})
	inv := judged(a, layers, past, r, &opt)
	var notAssessed map[string]int
	judgements, errs := judge(ctx, &inv, &opt)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for i, c := range opt.Checkers {
		j, err := judgements[i], errs[i]
		r.Findings = append(r.Findings, j.Findings...)
		r.Problems = append(r.Problems, j.Problems...)
		r.Rules = append(r.Rules, j.Rules...)
		if j.NotAssessed != nil {
			notAssessed = j.NotAssessed
		}
		if j.Licenses != nil {
			r.Coverage.Licenses = j.Licenses
		}
		if err != nil {
			r.Problems = append(r.Problems, sekisho.Problem{Stage: sekisho.StageCheck, Path: c.Name()}.Saying(message.Words(err)))
		}
	}
	redact(r, opt.Checkers)
	r.Coverage.Resources = resourceCoverage(inv.Resources)
	finish(r, notAssessed)
	return r, nil
}

// resourceCoverage counts the visible files of each kind that is judged by itself.
func resourceCoverage(all []sekisho.Resource) (out []sekisho.ResourceCoverage) {
	for i := range all {
		k := all[i].Kind
		if all[i].Location.Hidden || k == sekisho.ResourceContext || k == sekisho.ResourceIgnore {
			continue
		}
		n := slices.IndexFunc(out, func(c sekisho.ResourceCoverage) bool { return c.Kind == k })
		if n < 0 {
			n = len(out)
			out = append(out, sekisho.ResourceCoverage{Kind: k})
		}
		out[n].Files++
	}
	slices.SortFunc(out, func(a, b sekisho.ResourceCoverage) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// judge runs the checkers at once: they only read the facts. A checker that
// panics is an error of its own.
func judge(ctx context.Context, inv *sekisho.Inventory, opt *Options) ([]sekisho.Judgement, []error) {
	out, errs := make([]sekisho.Judgement, len(opt.Checkers)), make([]error, len(opt.Checkers))
	var g errgroup.Group
	g.SetLimit(opt.Parallel)
	for i, c := range opt.Checkers {
		g.Go(func() error {
			defer func() {
				if e := recover(); e != nil {
					errs[i] = message.Errorf("the checker stumbled (please report it): %v at %s", e, where(debug.Stack()))
				}
			}()
			out[i], errs[i] = c.Check(ctx, inv)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs
	return out, errs
}

// judged are the facts that checkers see: what the layers say together.
func judged(a *sekisho.Artifact, layers []*facts, past *facts, r *sekisho.Result, opt *Options) sekisho.Inventory {
	inv := sekisho.Inventory{
		Packages: r.Packages, Target: a.Target, Image: a.Image, Layers: a.Layers,
		Resources: slices.Clone(a.Inventory.Resources), Files: slices.Clone(a.Inventory.Files),
	}
	if r.OS != nil {
		inv.OS = []sekisho.OS{*r.OS}
	}
	s := &squash{artifact: a, layers: layers, stack: stack(layers), hidden: map[hiddenKey]bool{}}
	place := func(i int, l *sekisho.Location) {
		l.Index, l.Hidden = i, s.isHidden(i, l.Path)
		if a.Layers[i].DiffID != "" {
			l.Layer = a.Layers[i].DiffID
		}
	}
	for i, f := range layers {
		if f == nil {
			continue
		}
		for _, x := range f.Inventory.Resources {
			place(i, &x.Location)
			inv.Resources = append(inv.Resources, x)
		}
		for _, x := range f.Inventory.Files {
			place(i, &x.Location)
			inv.Files = append(inv.Files, x)
		}
		inv.Owned = append(inv.Owned, f.Inventory.Owned...)
		for _, x := range f.Inventory.Secrets {
			place(i, &x.Location)
			inv.Secrets = append(inv.Secrets, x)
		}
		for _, x := range f.Inventory.Malware {
			place(i, &x.Location)
			inv.Malware = append(inv.Malware, x)
		}
		for _, x := range f.Inventory.Hashes {
			place(i, &x.Location)
			inv.Hashes = append(inv.Hashes, x)
		}
	}
	if a.Image != nil {
		for _, e := range opt.Extractors {
			if s, ok := e.(sekisho.ImageSniffer); ok {
				inv.Secrets = append(inv.Secrets, s.SniffImage(a.Image)...)
			}
		}
	}
	if past != nil {
		inv.Secrets = append(inv.Secrets, past.Inventory.Secrets...)
	}
	// Workers end in any order: the facts are put into one.
	slices.SortStableFunc(inv.Secrets, func(x, y sekisho.SecretFact) int {
		return cmp.Or(cmp.Compare(x.Location.Index, y.Location.Index), cmp.Compare(x.Location.Path, y.Location.Path), cmp.Compare(x.Location.Line, y.Location.Line),
			cmp.Compare(x.Location.Column, y.Location.Column), cmp.Compare(x.Detector, y.Detector), cmp.Compare(x.Hash, y.Hash))
	})
	slices.SortStableFunc(inv.Malware, func(x, y sekisho.MalwareFact) int {
		return cmp.Or(cmp.Compare(x.Location.Index, y.Location.Index), cmp.Compare(x.Location.Path, y.Location.Path), cmp.Compare(x.Location.Line, y.Location.Line),
			cmp.Compare(x.Detector, y.Detector), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Text, y.Text))
	})
	slices.SortStableFunc(inv.Hashes, func(x, y sekisho.FileHash) int {
		return cmp.Or(cmp.Compare(x.Location.Index, y.Location.Index), cmp.Compare(x.Location.Path, y.Location.Path), cmp.Compare(x.SHA256, y.SHA256))
	})
	slices.SortStableFunc(inv.Resources, func(x, y sekisho.Resource) int {
		return cmp.Or(cmp.Compare(x.Location.Index, y.Location.Index), cmp.Compare(x.Location.Path, y.Location.Path), cmp.Compare(x.Kind, y.Kind))
	})
	slices.SortStableFunc(inv.Files, func(x, y sekisho.FileNote) int {
		return cmp.Or(cmp.Compare(x.Location.Index, y.Location.Index), cmp.Compare(x.Location.Path, y.Location.Path))
	})
	return inv
}

// read gives the facts of each layer, nil for one that cannot be opened, and
// those of the history.
func read(ctx context.Context, a *sekisho.Artifact, opt Options) (all []*facts, past *facts, err error) {
	w := &walker{opt: opt, exclude: newExclusion(opt.Exclude), retain: newRetainer(opt.Bounds.RetainBytes, opt.TempDir), slots: make(chan struct{}, opt.Parallel)}
	for _, e := range opt.Extractors {
		if n, ok := e.(sekisho.Noter); ok {
			w.noters = append(w.noters, n)
		}
		if s, ok := e.(sekisho.Sniffer); ok {
			w.smell = append(w.smell, s)
		}
	}
	out := make([]*facts, len(a.Layers))
	if !opt.Cache.usable(&opt) {
		opt.Cache = nil
	}
	version := opt.Cache.version(&opt)
	parent := ctx // that of the group ends with it
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(opt.Parallel)
	done := make(chan struct{}, len(a.Layers))
	// The largest layer first: it decides when the walk ends.
	order := make([]int, len(a.Layers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(x, y int) int { return compareSize(a.Layers[y].Size, a.Layers[x].Size) })
	for _, i := range order {
		l := &a.Layers[i]
		if l.Open == nil {
			continue
		}
		g.Go(func() error {
			if f := opt.Cache.load(l, version); f != nil {
				w.entries.Add(f.Files)
				w.bytes.Add(f.Bytes)
				out[i] = f
			} else {
				f, err := w.walk(ctx, l)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				out[i] = f
				if err != nil {
					p := sekisho.AsProblem(sekisho.StageWalk, "", err)
					p.Layer = layerName(l)
					f.Inventory.Problems = append(f.Inventory.Problems, p)
				} else {
					opt.Cache.store(l, version, f)
				}
			}
			done <- struct{}{}
			opt.progress(Event{Layer: layerName(l), Bytes: out[i].Bytes, Files: out[i].Files, Done: len(done), Layers: len(a.Layers)})
			return nil
		})
	}
	err = g.Wait()
	if err == nil && a.History != nil && len(w.smell) > 0 {
		past, err = w.past(parent, a.History)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil, nil, message.Errorf("read %s: %w", a.Target.Name, err)
	}
	return out, past, err
}

func compareSize(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// stack is the squash over the layers that were read.
func stack(layers []*facts) layer.Squash {
	s := make(layer.Squash, len(layers))
	for i, f := range layers {
		if f != nil {
			s[i] = &f.Index
		}
	}
	return s
}
