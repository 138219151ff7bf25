// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"sort"
	"sync"

	"github.com/klauspost/compress/zlib"

	"github.com/sekisho/sekisho/internal/message"
)

// pack is a pack and its index (version 2), both open. Neither is read into
// memory: a hostile or a huge one costs what is asked of it.
type pack struct {
	idx, data *os.File
	size      int // of names, in bytes
	count     int
	fan       [256]uint32
	bytes     int64
	table     []byte // the index in memory, unless it is large
}

// maxTable is how large an index may be to be held in memory: two million objects.
const maxTable = 64 << 20

// at reads a part of the index.
func (p *pack) at(b []byte, off int64) error {
	if p.table != nil {
		if off < 0 || off+int64(len(b)) > int64(len(p.table)) {
			return io.ErrUnexpectedEOF
		}
		copy(b, p.table[off:])
		return nil
	}
	_, err := p.idx.ReadAt(b, off)
	return err
}

const idxHead = 8 + 256*4

var errPack = message.New("the pack is damaged or of another version than 2, `git fsck` says more")

func openPack(name string, size int) (*pack, error) {
	p := &pack{size: size}
	ok := false
	defer func() {
		if !ok {
			_ = p.close() // it was only read
		}
	}()
	var err error
	if p.idx, err = openPlain(name + ".idx"); err != nil {
		return nil, err
	}
	if p.data, err = openPlain(name + ".pack"); err != nil {
		return nil, err
	}
	var head [idxHead]byte
	if _, err := p.idx.ReadAt(head[:], 0); err != nil || !bytes.Equal(head[:8], []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}) {
		return nil, errPack
	}
	for i := range p.fan {
		p.fan[i] = binary.BigEndian.Uint32(head[8+4*i:])
		if i > 0 && p.fan[i] < p.fan[i-1] {
			return nil, errPack
		}
	}
	p.count = int(p.fan[255])
	var sign [12]byte
	if _, err := p.data.ReadAt(sign[:], 0); err != nil || string(sign[:4]) != "PACK" || binary.BigEndian.Uint32(sign[4:]) != 2 {
		return nil, errPack
	}
	if about, err := p.idx.Stat(); err == nil && about.Size() <= maxTable {
		table := make([]byte, about.Size())
		if _, err := p.idx.ReadAt(table, 0); err == nil {
			p.table = table
		}
	}
	info, err := p.data.Stat()
	if err != nil {
		return nil, err
	}
	p.bytes, ok = info.Size(), true
	return p, nil
}

func (p *pack) close() error {
	var err error
	for _, f := range []*os.File{p.idx, p.data} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// name of the object at a place in the index.
func (p *pack) name(i int) ([]byte, error) {
	b := make([]byte, p.size)
	err := p.at(b, idxHead+int64(i)*int64(p.size))
	return b, err
}

// lower is the place of the first name that is not below id; names that cannot be
// read are above everything.
func (p *pack) lower(id []byte) int {
	from, to := 0, int(p.fan[id[0]])
	if id[0] > 0 {
		from = int(p.fan[id[0]-1])
	}
	return from + sort.Search(to-from, func(i int) bool {
		name, err := p.name(from + i)
		return err != nil || bytes.Compare(name, id) >= 0
	})
}

// find gives the offset of an object in the pack.
func (p *pack) find(id []byte) (int64, bool) {
	i := p.lower(id)
	if i >= p.count {
		return 0, false
	}
	if name, err := p.name(i); err != nil || !bytes.Equal(name, id) {
		return 0, false
	}
	n := int64(p.count)
	var b [8]byte
	if err := p.at(b[:4], idxHead+n*int64(p.size+4)+4*int64(i)); err != nil {
		return 0, false
	}
	off := int64(binary.BigEndian.Uint32(b[:4]))
	if off >= 1<<31 { // the place of a longer number
		if err := p.at(b[:], idxHead+n*int64(p.size+8)+8*(off-1<<31)); err != nil {
			return 0, false
		}
		long := binary.BigEndian.Uint64(b[:])
		if long > math.MaxInt64 {
			return 0, false
		}
		off = int64(long)
	}
	return off, off > 0 && off < p.bytes
}

// The two kinds of delta.
const (
	kindOffset = 6 // the base is further up in the pack
	kindRef    = 7 // the base is named
)

// entry is the head of an object in a pack. data is where its stream begins.
type entry struct {
	kind       int
	size, data int64
	base       int64  // of kindOffset
	ref        []byte // of kindRef
}

func (p *pack) entry(off int64) (entry, error) {
	var buf [64]byte
	n, err := p.data.ReadAt(buf[:], off)
	if err != nil && !errors.Is(err, io.EOF) {
		return entry{}, err
	}
	b := buf[:n]
	i := 0
	next := func() byte {
		if i >= len(b) {
			i = len(b) + 1
			return 0
		}
		i++
		return b[i-1]
	}
	c := next()
	e := entry{kind: int(c >> 4 & 7), size: int64(c & 15)}
	for shift := 4; c&0x80 != 0 && i <= len(b); shift += 7 {
		if c = next(); shift > 53 {
			return entry{}, errObject
		}
		e.size |= int64(c&0x7f) << shift
	}
	switch e.kind {
	case kindCommit, kindTree, kindBlob, kindTag:
	case kindOffset:
		c = next()
		back := int64(c & 0x7f)
		for c&0x80 != 0 && i <= len(b) {
			if c = next(); back > math.MaxInt64>>8 {
				return entry{}, errObject
			}
			back = (back+1)<<7 | int64(c&0x7f)
		}
		if e.base = off - back; back <= 0 || e.base <= 0 {
			return entry{}, errObject
		}
	case kindRef:
		if len(b)-i < p.size {
			return entry{}, errObject
		}
		e.ref = b[i : i+p.size]
		i += p.size
	default:
		return entry{}, errObject
	}
	if i > len(b) {
		return entry{}, errObject
	}
	e.data = off + int64(i)
	return e, nil
}

// inflater is a decoder with its buffer, used again and again.
type inflater struct {
	in *bufio.Reader
	z  io.ReadCloser
}

var inflaters = sync.Pool{New: func() any { return &inflater{in: bufio.NewReaderSize(nil, 16<<10)} }}

// stream inflates an entry: a delta where it is one.
func (p *pack) stream(e entry) (io.ReadCloser, error) {
	f, _ := inflaters.Get().(*inflater)
	f.in.Reset(io.NewSectionReader(p.data, e.data, p.bytes-e.data))
	var err error
	if again, ok := f.z.(zlib.Resetter); ok {
		err = again.Reset(f.in, nil)
	} else {
		f.z, err = zlib.NewReader(f.in)
	}
	if err != nil {
		return nil, errObject
	}
	var once sync.Once
	return &exact{r: f.z, left: e.size, close: func() error {
		once.Do(func() { inflaters.Put(f) })
		return nil
	}}, nil
}

func (p *pack) whole(e entry) ([]byte, error) {
	rc, err := p.stream(e)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return readAll(rc, e.size, maxHeld)
}

// packed opens an object of a pack. The chain of its deltas is followed to an
// object that is stored whole, or held, and applied from there.
func (o *objects) packed(p *pack, off int64) (kind int, size int64, rc io.ReadCloser, err error) {
	type link struct {
		pack *pack
		off  int64
		entry
	}
	var chain []link
	var b []byte
	for {
		if len(chain) > maxChain {
			return 0, 0, nil, errObject
		}
		if kind, b = o.held.get(p, off); b != nil {
			break
		}
		e, err := p.entry(off)
		if err != nil {
			return 0, 0, nil, err
		}
		if e.kind <= kindTag {
			if kind = e.kind; len(chain) == 0 {
				rc, err := p.stream(e)
				return kind, e.size, rc, err
			}
			if b, err = p.whole(e); err != nil {
				return 0, 0, nil, err
			}
			o.held.put(p, off, kind, b)
			break
		}
		chain = append(chain, link{p, off, e})
		if off = e.base; e.kind == kindRef {
			if p, off = o.find(e.ref); p == nil { // a thin pack: the base is loose
				id := hex.EncodeToString(e.ref)
				k, size, rc, err := o.loose(id)
				if err != nil {
					return 0, 0, nil, err
				}
				b, err = readAll(rc, size, maxHeld)
				_ = rc.Close() // it was only read
				if kind = k; err != nil {
					return 0, 0, nil, err
				}
				break
			}
		}
	}
	for _, l := range slices.Backward(chain) {
		delta, err := l.pack.whole(l.entry)
		if err != nil {
			return 0, 0, nil, err
		}
		if b, err = apply(b, delta); err != nil {
			return 0, 0, nil, err
		}
		o.held.put(l.pack, l.off, kind, b)
	}
	return kind, int64(len(b)), &whole{bytes.NewReader(b), b}, nil
}

// apply makes an object of its base and a delta.
func apply(base, delta []byte) ([]byte, error) {
	number := func() (n int64) {
		for shift := 0; len(delta) > 0 && shift < 56; shift += 7 {
			c := delta[0]
			delta = delta[1:]
			n |= int64(c&0x7f) << shift
			if c&0x80 == 0 {
				return n
			}
		}
		return -1
	}
	if number() != int64(len(base)) {
		return nil, errObject
	}
	size := number()
	if size < 0 || size > maxHeld {
		return nil, errObject
	}
	out := make([]byte, 0, min(size, int64(len(base)+len(delta))))
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		if op&0x80 == 0 { // bytes that follow
			if n := int(op); n > 0 && n <= len(delta) {
				out = append(out, delta[:n]...)
				delta = delta[n:]
			} else {
				return nil, errObject
			}
		} else {
			var off, n int
			for i := range 7 {
				if op>>i&1 == 0 {
					continue
				}
				if len(delta) == 0 {
					return nil, errObject
				}
				if i < 4 {
					off |= int(delta[0]) << (8 * i)
				} else {
					n |= int(delta[0]) << (8 * (i - 4))
				}
				delta = delta[1:]
			}
			if n == 0 {
				n = 0x10000
			}
			if off < 0 || off > len(base) || n > len(base)-off {
				return nil, errObject
			}
			out = append(out, base[off:off+n]...)
		}
		if int64(len(out)) > size {
			return nil, errObject
		}
	}
	if int64(len(out)) != size {
		return nil, errObject
	}
	return out, nil
}
