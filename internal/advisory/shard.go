// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/message"
)

// A shard is a sorted file of our own (docs/adr/0006): blocks of key and value
// pairs, each block a zstd frame with the shard's own dictionary, then the
// index of the blocks' first keys, then the head (JSON: feeds, counts), then a
// footer of fixed size. It is read by position and never as a whole.
//
//	magic · block … · dictionary · index · head · footer
//
// The second form has blocks of S2 with a checksum before each: larger by half
// and read in a fraction of the time, for the database in the program.
//
// Footer: for dictionary, index and head an offset and a length (uint64 each,
// little endian), a CRC-32C of those three parts and the footer's own numbers,
// then the magic again.

const (
	shardMagic = "SKSHARD1"
	quickMagic = "SKSHARD2"
	footerSize = 6*8 + 4 + len(shardMagic)
	// blockSize is the aim for a block before compression: measured, see
	// docs/adr/0006. A package with more rows has a block of its own.
	blockSize = 4 << 10
	// dictSize is how much typical text of the shard primes each block.
	dictSize = 8 << 10
	// maxBlock bounds a block after decompression: Debian's linux needs 500 kB.
	maxBlock = 64 << 20
	// maxIndex bounds the index, head and dictionary.
	maxIndex = 64 << 20
)

// The spaces of keys: packages of the world, and what is known of flaws.
const (
	packageKey = "p"
	cveKey     = "c"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Head is what a shard says of itself.
type Head struct {
	World string `json:"world"`
	// Feeds in the order of the rows' numbers.
	Feeds    []string `json:"feeds"`
	Packages int      `json:"packages"`
	Rows     int      `json:"rows"`
	CVEs     int      `json:"cves"`
}

// pair is one key with its encoded rows.
type pair struct {
	key   string
	value []byte
}

// packing is how a shard's blocks are compressed: by zstd at a level, or quick
// to read.
type packing struct {
	quick bool
	level zstd.EncoderLevel
}

func (k packing) magic() string {
	if k.quick {
		return quickMagic
	}
	return shardMagic
}

// packer gives the function that compresses a block.
func (k packing) packer(dict []byte) (func(block, out []byte) []byte, error) {
	if k.quick {
		d := quickDict(dict)
		return func(block, out []byte) []byte {
			out = binary.LittleEndian.AppendUint32(out, crc32.Checksum(block, castagnoli))
			if d == nil {
				return append(out, s2.EncodeBest(nil, block)...)
			}
			return append(out, d.EncodeBest(nil, block)...)
		}, nil
	}
	opts := []zstd.EOption{zstd.WithEncoderLevel(k.level), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true), zstd.WithWindowSize(1 << 20)}
	if len(dict) > 0 {
		opts = append(opts, zstd.WithEncoderDictRaw(dictID, dict))
	}
	enc, err := zstd.NewWriter(nil, opts...)
	if err != nil {
		return nil, err
	}
	return enc.EncodeAll, nil
}

// quickDict is a dictionary for S2; nil for none.
func quickDict(dict []byte) *s2.Dict {
	if len(dict) < s2.MinDictSize {
		return nil
	}
	return s2.MakeDict(dict, nil)
}

// writeShard writes pairs, which are sorted by key, to w.
func writeShard(w io.Writer, head Head, pairs []pair, k packing) error {
	dict := dictionary(pairs)
	pack, err := k.packer(dict)
	if err != nil {
		return err
	}
	plain, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	offset := uint64(len(shardMagic))
	put := func(b []byte) error {
		offset += uint64(len(b))
		_, err := w.Write(b)
		return err
	}
	if _, err := io.WriteString(w, k.magic()); err != nil {
		return err
	}
	var index, block, compressed []byte
	var first string
	flush := func() error {
		if len(block) == 0 {
			return nil
		}
		compressed = pack(block, compressed[:0])
		index = binary.AppendUvarint(index, uint64(len(first)))
		index = append(index, first...)
		index = binary.AppendUvarint(index, uint64(len(compressed)))
		index = binary.AppendUvarint(index, uint64(len(block)))
		block = block[:0]
		return put(compressed)
	}
	for i, p := range pairs {
		if i > 0 && pairs[i-1].key >= p.key {
			return message.Errorf("shard %s: key %q is out of order", head.World, p.key)
		}
		if len(block) > 0 && len(block)+len(p.key)+len(p.value) > blockSize {
			if err := flush(); err != nil {
				return err
			}
		}
		if len(block) == 0 {
			first = p.key
		}
		block = binary.AppendUvarint(block, uint64(len(p.key)))
		block = append(block, p.key...)
		block = binary.AppendUvarint(block, uint64(len(p.value)))
		block = append(block, p.value...)
		if len(block) > maxBlock {
			return message.Errorf("shard %s: %s has more than %d MiB of rows", head.World, p.key, maxBlock>>20)
		}
	}
	if err := flush(); err != nil {
		return err
	}
	headJSON, err := json.Marshal(head)
	if err != nil {
		return err
	}
	var footer []byte
	sum := crc32.New(castagnoli)
	for _, part := range [][]byte{plain.EncodeAll(dict, nil), plain.EncodeAll(index, nil), headJSON} {
		footer = binary.LittleEndian.AppendUint64(footer, offset)
		footer = binary.LittleEndian.AppendUint64(footer, uint64(len(part)))
		sum.Write(part)
		if err := put(part); err != nil {
			return err
		}
	}
	sum.Write(footer)
	footer = binary.LittleEndian.AppendUint32(footer, sum.Sum32())
	return put(append(footer, k.magic()...))
}

const dictID = 1

// dictionary takes slices of values from all over the shard.
func dictionary(pairs []pair) []byte {
	total := 0
	for _, p := range pairs {
		total += len(p.key) + len(p.value)
	}
	if total < 3*dictSize {
		return nil
	}
	const slice = 256
	var d []byte
	next, at := 0, 0
	step := total / (dictSize / slice)
	for _, p := range pairs {
		for at+len(p.value) > next && len(d) < dictSize {
			i := next - at
			d = append(d, p.value[i:min(len(p.value), i+slice)]...)
			next += step
		}
		at += len(p.value)
	}
	return d
}

// Shard is an open shard. It is safe for several goroutines.
type Shard struct {
	Head
	r      io.ReaderAt
	close  func() error
	blocks []block
	unpack func(in, out []byte) ([]byte, error)
	own    *zstd.Decoder // of the shard's dictionary

	mu    sync.Mutex
	cache map[int]string
	// cached is how many bytes the cache holds.
	cached  int
	scratch buffers
	// spare keeps rows, with the memory of their lists, from package to package.
	spare sync.Pool
}

// buffers are used again from block to block: as read, and decompressed.
type buffers struct{ in, out []byte }

type block struct {
	first  string
	offset int64
	size   int
	raw    int
}

// cachedBytes is how much decompressed text a shard keeps: most shards whole,
// for the flaws of a package lie all over them.
const cachedBytes = 4 << 20

// ErrDamaged says that a shard is not what it was when it was written.
var ErrDamaged = message.New("the database is damaged: run `sekisho db update --force` or build it again")

// OpenShard opens the shard of size bytes behind r; close, which may be nil, is
// called by Close.
func OpenShard(r io.ReaderAt, size int64, closer func() error) (*Shard, error) {
	bad := func(what string) error { return message.Errorf("%s: %w", what, ErrDamaged) }
	if size < int64(len(shardMagic)+footerSize) {
		return nil, bad("shard ends early")
	}
	foot := make([]byte, footerSize)
	if _, err := r.ReadAt(foot, size-int64(footerSize)); err != nil {
		return nil, message.Errorf("read shard: %w", err)
	}
	magic := string(foot[6*8+4:])
	if magic != shardMagic && magic != quickMagic {
		return nil, bad("shard has no footer")
	}
	sum := crc32.New(castagnoli)
	var parts [3][]byte
	for i := range parts {
		offset, n := binary.LittleEndian.Uint64(foot[16*i:]), binary.LittleEndian.Uint64(foot[16*i+8:])
		if n > maxIndex || offset > uint64(size) || n > uint64(size)-offset {
			return nil, bad("shard's footer points beyond its end")
		}
		parts[i] = make([]byte, n)
		if _, err := r.ReadAt(parts[i], int64(offset)); err != nil {
			return nil, message.Errorf("read shard: %w", err)
		}
		sum.Write(parts[i])
	}
	sum.Write(foot[:6*8])
	if sum.Sum32() != binary.LittleEndian.Uint32(foot[6*8:]) {
		return nil, bad("shard's checksum is wrong")
	}
	plain, err := plainDecoder()
	if err != nil {
		return nil, err
	}
	dict, err := plain.DecodeAll(parts[0], nil)
	if err != nil {
		return nil, bad("shard's dictionary")
	}
	index, err := plain.DecodeAll(parts[1], nil)
	if err != nil {
		return nil, bad("shard's index")
	}
	s := &Shard{r: r, close: closer, cache: map[int]string{}}
	if err := json.Unmarshal(parts[2], &s.Head); err != nil {
		return nil, bad("shard's head")
	}
	if err := s.readIndex(string(index), int64(binary.LittleEndian.Uint64(foot))); err != nil {
		return nil, err
	}
	if magic == quickMagic {
		s.unpack = quickUnpack(dict)
		return s, nil
	}
	if len(dict) == 0 {
		s.unpack = plain.DecodeAll
		return s, nil
	}
	s.own, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBlock), zstd.WithDecoderLowmem(true), zstd.WithDecoderDictRaw(dictID, dict))
	if err != nil {
		return nil, err
	}
	s.unpack = s.own.DecodeAll
	return s, nil
}

// quickUnpack decompresses a block of the second form into out, which has room
// for as much as the index says.
func quickUnpack(dict []byte) func(in, out []byte) ([]byte, error) {
	d := quickDict(dict)
	return func(in, out []byte) ([]byte, error) {
		if len(in) < 4 {
			return nil, ErrDamaged
		}
		n, err := s2.DecodedLen(in[4:])
		if err != nil || n > cap(out) {
			return nil, ErrDamaged
		}
		out = out[:n]
		if d != nil {
			out, err = d.Decode(out, in[4:])
		} else {
			out, err = s2.Decode(out, in[4:])
		}
		if err != nil || crc32.Checksum(out, castagnoli) != binary.LittleEndian.Uint32(in) {
			return nil, ErrDamaged
		}
		return out, nil
	}
}

// plainDecoder gives the decoder of frames without a dictionary, one for all
// shards: there is one a year of flaws, and a decoder's tables are larger than
// most of them. It keeps no state from frame to frame.
var plainDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(max(maxIndex, maxBlock)), zstd.WithDecoderLowmem(true))
})

func (s *Shard) readIndex(index string, end int64) error {
	d := decoder{s: index}
	offset := int64(len(shardMagic))
	for d.s != "" {
		b := block{first: d.str(), offset: offset}
		size, raw := d.uint(), d.uint()
		if d.err != nil || size > uint64(end-offset) || raw > maxBlock {
			return message.Errorf("shard's index: %w", ErrDamaged)
		}
		b.size, b.raw = int(size), int(raw)
		offset += int64(size)
		s.blocks = append(s.blocks, b)
	}
	return nil
}

// Close gives the file back.
func (s *Shard) Close() error {
	if s.own != nil {
		s.own.Close()
	}
	if s.close == nil {
		return nil
	}
	return s.close()
}

// read gives block i, decompressed.
func (s *Shard) read(i int) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.cache[i]; ok {
		return text, nil
	}
	text, err := s.decode(i, &s.scratch)
	if err != nil {
		return "", err
	}
	if s.cached += len(text); s.cached > cachedBytes {
		clear(s.cache)
		s.cached = len(text)
	}
	s.cache[i] = text
	return text, nil
}

func (s *Shard) decode(i int, buf *buffers) (string, error) {
	b := s.blocks[i]
	buf.in = slices.Grow(buf.in[:0], b.size)[:b.size]
	if _, err := s.r.ReadAt(buf.in, b.offset); err != nil && !errors.Is(err, io.EOF) {
		return "", message.Errorf("read shard %s: %w", s.World, err)
	}
	raw, err := s.unpack(buf.in, slices.Grow(buf.out[:0], b.raw))
	if err != nil || len(raw) != b.raw {
		return "", message.Errorf("block %d of %s: %w", i, s.World, ErrDamaged)
	}
	buf.out = raw
	return string(raw), nil
}

// Find gives the encoded value of a key, "" when there is none.
func (s *Shard) Find(key string) (string, error) {
	i, found := slices.BinarySearchFunc(s.blocks, key, func(b block, k string) int { return strings.Compare(b.first, k) })
	if !found {
		i--
	}
	if i < 0 {
		return "", nil
	}
	text, err := s.read(i)
	if err != nil {
		return "", err
	}
	var value string
	err = pairsOf(text, func(k, v string) bool {
		if k == key {
			value = v
		}
		return k < key
	})
	if err != nil {
		return "", message.Errorf("block %d of %s: %w", i, s.World, ErrDamaged)
	}
	return value, nil
}

func pairsOf(text string, yield func(key, value string) bool) error {
	d := decoder{s: text}
	for d.s != "" {
		k := d.str()
		v := d.str()
		if d.err != nil {
			return d.err
		}
		if !yield(k, v) {
			return nil
		}
	}
	return nil
}

// Pairs calls yield for each key and its encoded value, in the order of the keys.
func (s *Shard) Pairs(yield func(key, value string) error) error {
	var buf buffers
	for i := range s.blocks {
		text, err := s.decode(i, &buf)
		if err != nil {
			return err
		}
		var inner error
		if err := pairsOf(text, func(k, v string) bool {
			inner = yield(k, v)
			return inner == nil
		}); err != nil {
			return message.Errorf("block %d of %s: %w", i, s.World, ErrDamaged)
		}
		if inner != nil {
			return inner
		}
	}
	return nil
}

// shardBytes is writeShard into memory.
func shardBytes(head Head, pairs []pair, k packing) ([]byte, error) {
	var b bytes.Buffer
	err := writeShard(&b, head, pairs, k)
	return b.Bytes(), err
}
