// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// wal says where the pages are that SQLite's write-ahead log has committed and
// the database not yet. See https://www.sqlite.org/fileformat2.html#walformat.
type wal struct {
	content   io.ReaderAt
	size      int64            // of a page
	pages     map[uint32]int64 // offset of the newest committed content
	highest   uint32           // page number
	committed uint32           // size of the database after the last commit, in pages
}

const (
	walMagic     = 0x377f0682 // the lowest bit set: checksums of big endian words
	walHead      = 32
	walFrameHead = 24
)

// readWAL reads the log up to its last valid commit, as SQLite does when it
// recovers: a frame with another salt is left from before, one with a wrong
// checksum was never written to its end; what follows them is not valid.
func readWAL(in *sekisho.Input) (*wal, error) {
	r := bufio.NewReaderSize(in.NewReader(), 64<<10)
	var head [walHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, nil // empty after a checkpoint
		}
		return nil, err
	}
	magic := binary.BigEndian.Uint32(head[:])
	if magic&^1 != walMagic {
		return nil, errors.New("the file is no write-ahead log")
	}
	sum := walSum{order: binary.LittleEndian}
	if magic&1 == 1 {
		sum.order = binary.BigEndian
	}
	w := &wal{content: in.Content, size: int64(binary.BigEndian.Uint32(head[8:])), pages: map[uint32]int64{}}
	if w.size < 512 || w.size > 64<<10 || w.size&(w.size-1) != 0 {
		return nil, fmt.Errorf("it has pages of %d bytes", w.size)
	}
	if sum.add(head[:24]); !sum.is(head[24:]) {
		return nil, nil // SQLite starts over with such a log
	}
	pending := map[uint32]int64{}
	frame := make([]byte, walFrameHead+w.size)
	for off := int64(walHead); ; off += int64(len(frame)) {
		if _, err := io.ReadFull(r, frame); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return w, nil
			}
			return nil, err
		}
		sum.add(frame[:8])
		sum.add(frame[walFrameHead:])
		number := binary.BigEndian.Uint32(frame)
		if string(frame[8:16]) != string(head[16:24]) || number == 0 || !sum.is(frame[16:]) {
			return w, nil
		}
		pending[number] = off + walFrameHead
		if commit := binary.BigEndian.Uint32(frame[4:]); commit > 0 {
			w.committed = commit
			for n, at := range pending {
				w.pages[n], w.highest = at, max(w.highest, n)
			}
			clear(pending)
		}
	}
}

// find says where in the log a page is.
func (w *wal) find(n uint32) (int64, bool) {
	if w == nil {
		return 0, false
	}
	off, ok := w.pages[n]
	return off, ok
}

// walSum is the log's running checksum over pairs of words.
type walSum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (s *walSum) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		s.s0 += s.order.Uint32(b) + s.s1
		s.s1 += s.order.Uint32(b[4:]) + s.s0
	}
}

// is compares with the checksum that the log holds, big endian always.
func (s *walSum) is(b []byte) bool {
	return binary.BigEndian.Uint32(b) == s.s0 && binary.BigEndian.Uint32(b[4:]) == s.s1
}
