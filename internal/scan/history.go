// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// pastSecrets gathers what was found in a history: one fact a secret, however
// many contents hold it.
type pastSecrets struct {
	mu    sync.Mutex
	all   map[pastKey]*pastSecret
	first string // content that could not be read, and how many there are
	why   error
	lost  int
	full  bool
}

type pastKey struct{ detector, hash string }

type pastSecret struct {
	facts   []pastFact // the places to choose from, one a content
	objects []string
}

type pastFact struct {
	object string
	fact   sekisho.SecretFact
}

// maxPastObjects is how many contents of one secret are remembered.
const maxPastObjects = 10_000

// add remembers the contents and returns the facts that are new.
func (p *pastSecrets) add(f *sekisho.File, found []sekisho.SecretFact) (fresh []sekisho.SecretFact) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range found {
		k := pastKey{s.Detector, s.Hash}
		one := p.all[k]
		if one == nil {
			one = &pastSecret{}
			p.all[k] = one
			fresh = append(fresh, s)
		}
		if len(one.objects) < maxPastObjects {
			one.objects = append(one.objects, f.Object)
			one.facts = append(one.facts, pastFact{f.Object, s})
		}
	}
	return fresh
}

// unopened names a file that only the history has and that cannot be read.
func (lw *layerWalk) unopened(p string, err error) {
	if pe, ok := errors.AsType[*sekisho.ProblemError](err); ok {
		pe.Problem.Path = p
		lw.problem(pe.Problem)
		return
	}
	lw.past.mu.Lock()
	defer lw.past.mu.Unlock()
	if lw.past.lost++; lw.past.lost == 1 || p < lw.past.first {
		lw.past.first, lw.past.why = p, err
	}
}

// pastBound says once that the history is larger than what may be read.
func (lw *layerWalk) pastBound() {
	lw.past.mu.Lock()
	told := lw.past.full
	lw.past.full = true
	lw.past.mu.Unlock()
	if !told {
		lw.problem(sekisho.Problem{Stage: sekisho.StageWalk, Bound: "total-bytes"}.Saying(message.FaultHistoryBytes.Words(lw.opt.Bounds.TotalBytes)))
	}
}

// past looks through the history of an artifact, with the sniffers alone.
func (w *walker) past(ctx context.Context, h *sekisho.GitHistory) (*facts, error) {
	opt := w.opt
	opt.Extractors = nil
	own := &walker{opt: opt, exclude: w.exclude, retain: w.retain, slots: w.slots}
	for _, s := range w.smell {
		if _, ok := s.(sekisho.PastSniffer); ok {
			own.smell = append(own.smell, s)
		}
	}
	found := &pastSecrets{all: map[pastKey]*pastSecret{}}
	f, err := own.walkWith(ctx, &h.Layer, found)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		p := sekisho.AsProblem(sekisho.StageWalk, "", err)
		p.Layer = h.Layer.Digest
		f.Inventory.Problems = append(f.Inventory.Problems, p)
	}
	if found.lost > 0 {
		f.Inventory.Problems = append(f.Inventory.Problems, sekisho.Problem{
			Stage: sekisho.StageWalk, Path: found.first, Layer: h.Layer.Digest,
		}.Saying(message.FaultHistoryLost.Words(found.lost, found.why)))
	}
	f.Inventory.Secrets, err = found.trace(ctx, h)
	return f, err
}

// trace makes the facts: each with the place where it was first, and since when.
func (p *pastSecrets) trace(ctx context.Context, h *sekisho.GitHistory) ([]sekisho.SecretFact, error) {
	keys := make([]pastKey, 0, len(p.all))
	for k := range p.all {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b pastKey) int {
		return cmp.Or(cmp.Compare(a.detector, b.detector), cmp.Compare(a.hash, b.hash))
	})
	if len(keys) == 0 {
		return nil, nil
	}
	groups := make([][]string, len(keys))
	for i, k := range keys {
		slices.Sort(p.all[k].objects)
		groups[i] = slices.Compact(p.all[k].objects)
	}
	pasts, err := h.Trace(ctx, groups)
	if err != nil {
		return nil, err
	}
	var out []sekisho.SecretFact
	for i, k := range keys {
		past := pasts[i]
		if past == nil {
			continue
		}
		// The fact of the first content, and of its first path.
		all := p.all[k].facts
		best := slices.MinFunc(all, func(a, b pastFact) int {
			return cmp.Or(-cmpBool(a.object == past.Object, b.object == past.Object), -cmpBool(a.fact.Location.Path == past.Paths[0], b.fact.Location.Path == past.Paths[0]),
				cmp.Compare(a.object, b.object), cmp.Compare(a.fact.Location.Path, b.fact.Location.Path))
		})
		s := best.fact
		s.Past = past
		out = append(out, s)
	}
	return out, nil
}
