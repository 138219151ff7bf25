// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"container/list"
	"sync"
)

// maxCached is what objects that deltas build upon may take in memory: neighbours
// in a tree and in history mostly share them.
const maxCached = 64 << 20

// baseCache holds objects of packs that were lately put together.
type baseCache struct {
	mu    sync.Mutex
	all   map[baseKey]*list.Element
	order list.List // the latest first
	bytes int
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
	if len(b) == 0 || cap(b) > maxCached/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := baseKey{p, off}
	if c.all == nil {
		c.all = map[baseKey]*list.Element{}
	}
	if _, ok := c.all[key]; ok {
		return
	}
	c.all[key] = c.order.PushFront(&baseValue{key, kind, b})
	for c.bytes += cap(b); c.bytes > maxCached; {
		last := c.order.Back()
		v := c.order.Remove(last).(*baseValue)
		delete(c.all, v.baseKey)
		c.bytes -= cap(v.b)
	}
}
