// SPDX-License-Identifier: Apache-2.0

package layer

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sekisho/sekisho/internal/message"
)

// pumpChunk bytes are passed on at a time, pumpDepth chunks are on their way:
// 1 MiB a pump, enough to keep a reader and a hasher busy at once.
const (
	pumpChunk = 128 << 10
	pumpDepth = 8
)

// pump reads ahead in one goroutine and hashes in another, while its consumer
// reads. Chunks are shared, not copied, between hasher and consumer.
type pump struct {
	want  string
	hash  hash.Hash
	data  chan *chunk
	free  chan *chunk
	quit  chan struct{}
	once  sync.Once
	group sync.WaitGroup
	err   error // of the source; valid when data is closed

	cur   *chunk
	off   int
	total int64        // bytes read by the consumer
	taken atomic.Int64 // bytes read from the source
}

type chunk struct {
	buf  [pumpChunk]byte
	n    int
	refs atomic.Int32
}

var chunks = sync.Pool{New: func() any { return new(chunk) }}

func newPump(ctx context.Context, r io.Reader, want string) *pump {
	p := &pump{want: want, data: make(chan *chunk, pumpDepth), free: make(chan *chunk, pumpDepth), quit: make(chan struct{})}
	for range pumpDepth {
		p.free <- nil // buffers come from the pool when they are needed
	}
	var hashing chan *chunk
	if want != "" {
		if strings.HasPrefix(want, "sha512:") {
			p.hash = sha512.New()
		} else {
			p.hash = sha256.New()
		}
		hashing = make(chan *chunk, pumpDepth)
		p.group.Go(func() {
			for c := range hashing {
				p.hash.Write(c.buf[:c.n])
				p.release(c)
			}
		})
	}
	p.group.Go(func() {
		defer close(p.data)
		if hashing != nil {
			defer close(hashing)
		}
		for {
			var c *chunk
			select {
			case c = <-p.free:
			case <-p.quit:
				p.err = io.ErrClosedPipe
				return
			case <-ctx.Done():
				p.err = ctx.Err()
				return
			}
			if c == nil {
				c = chunks.Get().(*chunk)
			}
			n, err := readFull(ctx, r, c.buf[:])
			c.n = n
			p.taken.Add(int64(n))
			if n > 0 {
				c.refs.Store(1)
				if hashing != nil {
					c.refs.Store(2)
					hashing <- c // as deep as there are chunks: never blocks for long
				}
				p.data <- c // as deep as there are chunks: never blocks
			} else {
				chunks.Put(c)
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					p.err = err
				}
				return
			}
		}
	})
	return p
}

// readFull fills buf as far as the source gives: io.EOF only at its end.
func readFull(ctx context.Context, r io.Reader, buf []byte) (n int, err error) {
	for idle := 0; n < len(buf) && err == nil; {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		var m int
		m, err = r.Read(buf[n:])
		n += m
		if m > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

func (p *pump) release(c *chunk) {
	if c.refs.Add(-1) == 0 {
		p.free <- c // as deep as there are chunks: never blocks
	}
}

func (p *pump) Read(b []byte) (int, error) {
	for p.cur == nil {
		c, ok := <-p.data
		if !ok {
			if p.err != nil {
				return 0, p.err
			}
			return 0, io.EOF
		}
		p.cur, p.off = c, 0
	}
	n := copy(b, p.cur.buf[p.off:p.cur.n])
	p.off += n
	p.total += int64(n)
	if p.off == p.cur.n {
		p.release(p.cur)
		p.cur = nil
	}
	return n, nil
}

// stop makes the goroutines end soon; wait waits for them.
func (p *pump) stop() { p.once.Do(func() { close(p.quit) }) }

func (p *pump) wait() {
	for c := range p.data {
		p.release(c)
	}
	if p.cur != nil {
		p.release(p.cur)
		p.cur = nil
	}
	p.group.Wait()
	for {
		select {
		case c := <-p.free:
			if c != nil {
				chunks.Put(c)
			}
		default:
			return
		}
	}
}

// verify compares the digest after the end was reached.
func (p *pump) verify(what string) error {
	if p.hash == nil {
		return nil
	}
	p.group.Wait()
	algorithm, _, ok := strings.Cut(p.want, ":")
	if !ok || algorithm != "sha256" && algorithm != "sha512" {
		return message.Errorf("verify %s: digest %q is of no known kind (sha256, sha512)", what, p.want)
	}
	if got := algorithm + ":" + hex.EncodeToString(p.hash.Sum(nil)); got != p.want {
		return message.Errorf("verify %s: the content has digest %s and not %s: it was damaged or exchanged, pull or save the image again", what, got, p.want)
	}
	return nil
}
