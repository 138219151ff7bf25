// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"cmp"
	"container/list"
	"sync"
)

// maxCached is what objects that deltas build upon may take in memory while trees
// are walked: the trees of commits that follow each other mostly share them.
// Contents are read in the order of the pack, where those that build upon each
// other lie together, and there are many more bytes of them: few are kept.
const (
	maxCached   = 64 << 20
	maxContents = 12 << 20
)

// baseCache holds objects of packs that were lately put together.
type baseCache struct {
	mu    sync.Mutex
	all   map[baseKey]*list.Element
	order list.List // the latest first
	bytes int
	limit int // 0 is maxCached
}

// keep sets how many bytes are held from now on.
func (c *baseCache) keep(limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limit = limit
	c.shrink()
}

func (c *baseCache) most() int { return cmp.Or(c.limit, maxCached) }

// shrink drops what was not asked for longest; the lock is held.
func (c *baseCache) shrink() {
	for c.bytes > c.most() {
		last := c.order.Back()
		v := c.order.Remove(last).(*baseValue)
		delete(c.all, v.baseKey)
		c.bytes -= cap(v.b)
	}
}

type baseKey struct {
	pack *pack
	off  int64
}

type baseValue struct {
	baseKey
	kind int
	b    []byte
}

// get gives an object that must not be written to; nil when it is not held.
func (c *baseCache) get(p *pack, off int64) (kind int, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.all[baseKey{p, off}]
	if !ok {
		return 0, nil
	}
	c.order.MoveToFront(e)
	v := e.Value.(*baseValue)
	return v.kind, v.b
}

func (c *baseCache) put(p *pack, off int64, kind int, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(b) == 0 || cap(b) > c.most()/4 {
		return
	}
	key := baseKey{p, off}
	if c.all == nil {
		c.all = map[baseKey]*list.Element{}
	}
	if _, ok := c.all[key]; ok {
		return
	}
	c.all[key] = c.order.PushFront(&baseValue{key, kind, b})
	c.bytes += cap(b)
	c.shrink()
}
