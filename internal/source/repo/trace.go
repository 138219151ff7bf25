// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// trace says where groups of contents were: since when, where, and until when.
// All groups are answered in one walk over the commits, which reads each
// directory once.
func (p *past) trace(ctx context.Context, groups [][]string) ([]*sekisho.Past, error) {
	out := make([]*sekisho.Past, len(groups))
	t := &tracer{p: p, root: &traceNode{}, known: map[traceKey][]int32{}}
	for g, ids := range groups {
		var blobs []*pastBlob
		for _, id := range ids {
			if i, ok := p.blobAt[p.h.parse(id)]; ok && p.blobs[i].commit >= 0 {
				blobs = append(blobs, &p.blobs[i])
			}
		}
		if len(blobs) == 0 {
			continue
		}
		slices.SortStableFunc(blobs, func(a, b *pastBlob) int { return cmp.Compare(a.commit, b.commit) })
		c := &p.commits[blobs[0].commit]
		found := &sekisho.Past{Commit: p.h.write(&c.id), Date: c.day, Object: p.h.write(&blobs[0].id)}
		for _, b := range blobs {
			for _, at := range b.paths {
				if len(found.Paths) < maxPaths && !slices.Contains(found.Paths, at) {
					found.Paths = append(found.Paths, at)
				}
				t.want(at, b.id, int32(g))
			}
		}
		out[g] = found
	}
	return out, t.walk(ctx, out)
}

// tracer looks for contents at the paths that they had.
type tracer struct {
	p     *past
	root  *traceNode
	known map[traceKey][]int32
}

// traceNode is a directory or a file on the way to wanted contents.
type traceNode struct {
	below map[string]*traceNode
	want  map[name][]int32 // groups by their content here
}

type traceKey struct {
	node *traceNode
	tree name
}

func (t *tracer) want(at string, id name, group int32) {
	n := t.root
	for part := range strings.SplitSeq(at, "/") {
		if n.below == nil {
			n.below = map[string]*traceNode{}
		}
		if n.below[part] == nil {
			n.below[part] = &traceNode{}
		}
		n = n.below[part]
	}
	if n.want == nil {
		n.want = map[name][]int32{}
	}
	if !slices.Contains(n.want[id], group) {
		n.want[id] = append(n.want[id], group)
	}
}

// within lists the groups that a tree holds, in their order.
func (t *tracer) within(tree name, n *traceNode) []int32 {
	key := traceKey{n, tree}
	if found, ok := t.known[key]; ok {
		return found
	}
	t.known[key] = nil // a tree within itself: forged
	var found []int32
	// A tree that cannot be read was named when it was walked.
	_ = t.p.list(tree, func(mode uint32, entry []byte, id name) error {
		next := n.below[string(entry)]
		switch {
		case next == nil:
		case mode&modeType == ModeDir:
			found = append(found, t.within(id, next)...)
		default:
			found = append(found, next.want[id]...)
		}
		return nil
	})
	slices.Sort(found)
	found = slices.Compact(found)
	t.known[key] = found
	return found
}

// holds lists the groups that a commit holds.
func (t *tracer) holds(c *pastCommit) []int32 {
	tree := c.tree
	for part := range strings.SplitSeq(t.p.h.Prefix, "/") {
		if part == "" {
			break
		}
		found := false
		err := t.p.list(tree, func(mode uint32, entry []byte, id name) error {
			if mode&modeType == ModeDir && string(entry) == part {
				tree, found = id, true
			}
			return nil
		})
		if err != nil || !found {
			return nil
		}
	}
	return t.within(tree, t.root)
}

// walk goes from the newest commit to the oldest.
func (t *tracer) walk(ctx context.Context, out []*sekisho.Past) error {
	if len(t.root.below) == 0 {
		return nil
	}
	p := t.p
	p.h.objects.held.keep(maxCached)
	at := make([][]int32, len(p.commits))
	for i := range p.commits {
		if err := ctx.Err(); err != nil {
			return err
		}
		at[i] = t.holds(&p.commits[i])
	}
	for i := len(p.commits) - 1; i >= 0; i-- {
		c := &p.commits[i]
		for _, g := range at[i] {
			if c.id == p.head {
				out[g].AtHead = true
			} else if refs := p.tips[c.id]; len(refs) > 0 && len(out[g].Refs) < 3 {
				out[g].Refs = append(out[g].Refs, refs[0])
			}
		}
		for _, q := range c.parents {
			j, ok := p.at[q]
			if !ok {
				continue
			}
			for _, g := range at[j] {
				if _, still := slices.BinarySearch(at[i], g); !still && out[g].Removed == "" {
					out[g].Removed, out[g].RemovedDate = p.h.write(&c.id), c.day
				}
			}
		}
	}
	for _, f := range out {
		if f != nil && f.AtHead {
			f.Refs, f.Removed, f.RemovedDate = nil, "", ""
		}
	}
	return nil
}
