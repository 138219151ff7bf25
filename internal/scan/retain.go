// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"errors"
	"io"
	"math/bits"
	"os"
	"sync"
	"sync/atomic"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// retainer keeps the content of wanted files: in memory up to a budget, beyond
// it in temporary files that have no name any more.
type retainer struct {
	budget int64
	used   atomic.Int64
	dir    string
	pools  [22]sync.Pool // by size class, up to 2^21 = maxInMemory
}

// maxInMemory is the largest file that goes to memory at all: one big program
// must not take the room of a thousand small files, and its buffer stays in a pool
// long after it.
const maxInMemory = 2 << 20

func newRetainer(budget int64, dir string) *retainer { return &retainer{budget: budget, dir: dir} }

// take reads head and the rest of a file of the given size from r.
func (t *retainer) take(size int64, head []byte, r io.Reader) (sekisho.Content, error) {
	rest := size - int64(len(head))
	class := sizeClass(size)
	if size <= maxInMemory && t.used.Add(1<<class) <= t.budget {
		m := &memory{owner: t, class: class, b: t.buffer(class)[:size]}
		n := copy(m.b, head)
		if rest > 0 {
			if _, err := io.ReadFull(r, m.b[n:]); err != nil {
				m.Close()
				return nil, cut(err)
			}
		}
		return m, nil
	} else if size <= maxInMemory {
		t.used.Add(-(1 << class))
	}
	f, err := os.CreateTemp(t.dir, "sekisho-*")
	if err != nil {
		return nil, message.Errorf("keep a large file aside: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, message.Errorf("keep a large file aside: %w", err)
	}
	s := &spilled{File: f, size: size}
	if _, err = f.Write(head); err == nil && rest > 0 {
		_, err = io.CopyN(f, r, rest)
	}
	if err != nil {
		f.Close()
		return nil, cut(err)
	}
	return s, nil
}

func cut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// sizeClass is the power of two, 4 KiB or more, that holds size bytes.
func sizeClass(size int64) int { return max(12, bits.Len64(uint64(max(size, 1)-1))) }

func (t *retainer) buffer(class int) []byte {
	if b, ok := t.pools[class].Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, 1<<class)
}

// memory is content in memory.
type memory struct {
	owner *retainer
	class int
	b     []byte
}

func (m *memory) Bytes() []byte { return m.b }
func (m *memory) Size() int64   { return int64(len(m.b)) }

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, message.Errorf("read at %d: negative offset", off)
	}
	if off >= int64(len(m.b)) {
		return 0, io.EOF
	}
	n := copy(p, m.b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) Close() error {
	b := m.b[:cap(m.b)]
	m.b = nil
	m.owner.pools[m.class].Put(&b)
	m.owner.used.Add(-(1 << m.class))
	return nil
}

// spilled is content in a file without a name.
type spilled struct {
	*os.File
	size int64
}

func (s *spilled) Size() int64 { return s.size }

// shared closes content when its last holder does.
type shared struct {
	sekisho.Content
	holders atomic.Int32
}

func share(c sekisho.Content, holders int) sekisho.Content {
	if holders == 1 {
		return c
	}
	s := &shared{Content: c}
	s.holders.Store(int32(holders))
	if b, ok := c.(interface{ Bytes() []byte }); ok {
		return &sharedBytes{s, b}
	}
	return s
}

func (s *shared) Close() error {
	if s.holders.Add(-1) == 0 {
		return s.Content.Close()
	}
	return nil
}

// sharedBytes keeps the way to the bytes without a copy.
type sharedBytes struct {
	*shared
	bytes interface{ Bytes() []byte }
}

func (s *sharedBytes) Bytes() []byte { return s.bytes.Bytes() }
