// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/flate"

	"github.com/sekisho/sekisho/internal/message"
)

// pool lends the buffers that every archive needs, so that ten thousand jars
// cost no more memory than a few.
type pool struct {
	windows  sync.Pool // *[]byte of windowLen
	large    sync.Pool // *[]byte of inMemory
	inflater sync.Pool // io.ReadCloser of flate
}

func newPool() *pool { return &pool{} }

func (p *pool) window() *[]byte { return lend(&p.windows, windowLen) }

func (p *pool) releaseWindow(b *[]byte) { p.windows.Put(b) }

func lend(from *sync.Pool, size int) *[]byte {
	if b, ok := from.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, size)
	return &b
}

// reader inflates r; it is given back with release.
func (p *pool) reader(r io.Reader) io.ReadCloser {
	if f, ok := p.inflater.Get().(io.ReadCloser); ok {
		if again, ok := f.(flate.Resetter); ok && again.Reset(r, nil) == nil {
			return f
		}
	}
	return flate.NewReader(r)
}

func (p *pool) release(f io.ReadCloser) { p.inflater.Put(f) }

// boundError says which bound an entry crosses.
type boundError struct {
	bound string
	why   error
}

func (e *boundError) Error() string { return e.why.Error() }

var (
	errEncrypted = errors.New("it is encrypted")
	errChecksum  = errors.New("its checksum differs from the one in the directory")
	errLength    = errors.New("it is not as long as the directory says")
)

// inMemory is the largest nested archive that is inflated to memory, in bytes;
// a larger one goes to a temporary file without a name.
const inMemory = 4 << 20

// inflated is an entry's content: in memory, or in a file.
type inflated struct {
	bytes.Reader
	buffer *[]byte
	file   *os.File
}

func (c *inflated) ReadAt(b []byte, off int64) (int, error) {
	if c.file != nil {
		return c.file.ReadAt(b, off)
	}
	return c.Reader.ReadAt(b, off)
}

func (c *inflated) release(p *pool) {
	if c.file != nil {
		_ = c.file.Close() // it has no name any more
	}
	if c.buffer != nil {
		p.large.Put(c.buffer)
	}
}

// allow checks an entry's sizes against the bounds before anything is read or
// allocated for them.
func (w *walk) allow(k kept) error {
	switch {
	case k.flags&flagEncrypted != 0:
		return errEncrypted
	case k.method != methodStored && k.method != methodDeflate:
		return fmt.Errorf("compression method %d is not supported", k.method)
	case k.size < 0 || k.compressed < 0:
		return errEntry
	case k.size > w.bounds.FileBytes:
		return &boundError{"file-bytes", message.Errorf("inflates to more than %d bytes and was not read", w.bounds.FileBytes)}
	case k.size > ratioLimit(k.compressed, w.bounds.Ratio):
		return &boundError{"ratio", message.Errorf("inflates to more than %d times its size and was not read", w.bounds.Ratio)}
	case k.size > w.inflateLimit-w.inflated:
		if w.inflateLimit == w.bounds.TotalBytes {
			return &boundError{"total-bytes", message.Errorf("the archive inflates to more than %d bytes in all: this entry was not read", w.bounds.TotalBytes)}
		}
		return &boundError{"ratio", message.Errorf("the archive inflates to more than %d times its size in all: this entry was not read", w.bounds.Ratio)}
	}
	w.inflated += k.size
	return nil
}

// open starts to read an entry's bytes, inflated. done gives the parts back.
func (w *walk) open(r io.ReaderAt, size int64, k kept) (from io.Reader, done func(), err error) {
	at, err := dataOffset(r, size, k.header, k.compressed)
	if err != nil {
		return nil, nil, err
	}
	section := io.NewSectionReader(r, at, k.compressed)
	if k.method == methodStored {
		return section, func() {}, nil
	}
	f := w.pool.reader(section)
	return f, func() { w.pool.release(f) }, nil
}

// inflate reads the whole entry and checks it.
func (w *walk) inflate(ctx context.Context, r io.ReaderAt, size int64, k kept) (*inflated, error) {
	if err := w.allow(k); err != nil {
		return nil, err
	}
	from, done, err := w.open(r, size, k)
	if err != nil {
		return nil, err
	}
	defer done()
	c := &inflated{}
	if k.size <= inMemory {
		c.buffer = lend(&w.pool.large, inMemory)
		b := (*c.buffer)[:k.size]
		if _, err = io.ReadFull(from, b); err == nil && crc32.ChecksumIEEE(b) != k.crc {
			err = errChecksum
		}
		c.Reader.Reset(b)
	} else {
		err = c.spill(ctx, w.pool, from, k)
	}
	if err == nil {
		err = atEnd(from)
	}
	if err != nil {
		c.release(w.pool)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errLength
		}
		return nil, err
	}
	return c, nil
}

// atEnd checks that nothing follows.
func atEnd(r io.Reader) error {
	var one [1]byte
	if n, err := io.ReadFull(r, one[:]); n != 0 {
		return errLength
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func (c *inflated) spill(ctx context.Context, p *pool, from io.Reader, k kept) error {
	f, err := os.CreateTemp("", "sekisho-*")
	if err != nil {
		return fmt.Errorf("keep a large archive aside: %w", err)
	}
	c.file = f
	if err := os.Remove(f.Name()); err != nil {
		return fmt.Errorf("keep a large archive aside: %w", err)
	}
	buf := p.window()
	defer p.releaseWindow(buf)
	sum := crc32.NewIEEE()
	for rest := k.size; rest > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b := (*buf)[:min(int64(len(*buf)), rest)]
		if _, err := io.ReadFull(from, b); err != nil {
			return err
		}
		sum.Write(b)
		if _, err := f.Write(b); err != nil {
			return fmt.Errorf("keep a large archive aside: %w", err)
		}
		rest -= int64(len(b))
	}
	if sum.Sum32() != k.crc {
		return errChecksum
	}
	return nil
}

// beginning reads at most limit bytes of a small entry.
func (w *walk) beginning(r io.ReaderAt, size int64, k kept, limit int64) ([]byte, error) {
	k.size = min(max(k.size, 0), limit)
	if err := w.allow(k); err != nil {
		return nil, err
	}
	from, done, err := w.open(r, size, k)
	if err != nil {
		return nil, err
	}
	defer done()
	b := make([]byte, k.size)
	n, err := io.ReadFull(from, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errLength
	}
	return b[:n], err
}
