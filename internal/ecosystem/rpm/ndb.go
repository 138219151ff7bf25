// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/adler32"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The ndb format, which SUSE uses, is little endian throughout: a header of 32
// bytes ("RpmP", format, generation, number of slot pages, next package number),
// in its page and those that follow slots of 16 bytes ("Slot", package number,
// block, blocks), then blobs in blocks of 16 bytes: head ("BlbS", package
// number, generation, length), data, padding, tail (Adler-32 of all before it,
// length, "BlbE").
const (
	ndbMagic     = "RpmP"
	ndbSlot      = "Slot"
	ndbBlobStart = "BlbS"
	ndbBlobEnd   = "BlbE"
	ndbPage      = 4096
	ndbBlock     = 16
	ndbHead      = 16
	ndbTail      = 12
)

// readNDB reads Packages.db.
func readNDB(ctx context.Context, in *sekisho.Input, each func(uint32, []byte) error) error {
	var head [32]byte
	if err := readAt(in.Content, head[:], 0); err != nil {
		return fmt.Errorf("read the ndb header: %w", err)
	}
	if string(head[:4]) != ndbMagic {
		return errors.New("the file is no ndb database")
	}
	if v := binary.LittleEndian.Uint32(head[4:]); v != 0 {
		return fmt.Errorf("format %d of ndb is not known", v)
	}
	pages := int64(binary.LittleEndian.Uint32(head[12:]))
	if pages*ndbPage > in.Size {
		pages = in.Size / ndbPage // cut off: read what is there
	}
	var damaged damage
	used := int64(0)
	var page [ndbPage]byte
	var buf []byte
	for n := range max(pages, 1) {
		if err := ctx.Err(); err != nil {
			return err
		}
		slots := page[:min(ndbPage, in.Size-n*ndbPage)]
		if err := readAt(in.Content, slots, n*ndbPage); err != nil {
			damaged.add(fmt.Errorf("read slot page %d: %w", n, err))
			break
		}
		if n == 0 {
			slots = slots[len(head):]
		}
		for ; len(slots) >= 16; slots = slots[16:] {
			if string(slots[:4]) != ndbSlot {
				damaged.add(fmt.Errorf("slot page %d holds something else", n))
				break
			}
			number := binary.LittleEndian.Uint32(slots[4:])
			if number == 0 {
				continue // free
			}
			off, size := int64(binary.LittleEndian.Uint32(slots[8:]))*ndbBlock, int64(binary.LittleEndian.Uint32(slots[12:]))*ndbBlock
			if size < ndbHead+ndbTail || off+size > in.Size {
				damaged.add(fmt.Errorf("package %d lies outside of the file", number))
				continue
			}
			// Blobs do not overlap: together they are no larger than the file.
			if used += size; used > in.Size {
				return errors.Join(damaged.err(), errors.New("packages overlap: the rest was not read"))
			}
			if int64(cap(buf)) < size {
				buf = make([]byte, size)
			}
			blob, err := ndbBlob(in, buf[:size], off, number)
			if err != nil {
				damaged.add(fmt.Errorf("read package %d: %w", number, err))
				continue
			}
			if err := each(number, blob); err != nil {
				return err
			}
		}
	}
	return damaged.err()
}

// ndbBlob reads one blob into b and checks it.
func ndbBlob(in *sekisho.Input, b []byte, off int64, number uint32) ([]byte, error) {
	if err := readAt(in.Content, b, off); err != nil {
		return nil, err
	}
	tail := b[len(b)-ndbTail:]
	length := binary.LittleEndian.Uint32(b[12:])
	switch {
	case string(b[:4]) != ndbBlobStart || string(tail[8:]) != ndbBlobEnd:
		return nil, errors.New("its blob has no beginning or no end")
	case binary.LittleEndian.Uint32(b[4:]) != number:
		return nil, errors.New("its blob belongs to another package")
	case int64(length) > int64(len(b)-ndbHead-ndbTail) || binary.LittleEndian.Uint32(tail[4:]) != length:
		return nil, errors.New("its blob has a wrong length")
	case binary.LittleEndian.Uint32(tail) != adler32.Checksum(b[:len(b)-ndbTail]):
		return nil, errors.New("its blob has a wrong checksum")
	}
	return b[ndbHead : ndbHead+int(length)], nil
}
