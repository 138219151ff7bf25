// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// The Berkeley DB hash format, in the byte order of the machine that wrote it.
// Page 0 says the page size; every other page has a header of 26 bytes. A page
// of a bucket holds an index of 16 bit offsets and, filled from its end, items:
// keys and values by turns. A value that does not fit is on a chain of
// overflow pages. See db_page.h of Berkeley DB's documentation of its layout.
const (
	bdbHashMagic = 0x061561
	bdbMetaSize  = 72
	bdbPageHead  = 26

	bdbHashUnsorted = 2 // page types
	bdbOverflow     = 7
	bdbHashMeta     = 8
	bdbHash         = 13

	bdbKeyData = 1 // item types
	bdbOffPage = 3
)

// maxBlob is rpm's own limit on the data of a header, in bytes.
const maxBlob = 256 << 20

type bdb struct {
	in    *sekisho.Input
	order binary.ByteOrder
	size  int64 // of a page
	last  uint32
	used  pageSet
	page  []byte // of a bucket
	over  []byte // of a chain
	blob  []byte
}

// readBDB reads Packages: every page of a bucket, in the order of the file. The
// record with the number 0 counts the others and holds no header.
func readBDB(ctx context.Context, in *sekisho.Input, each func(uint32, []byte) error) error {
	db, err := openBDB(in)
	if err != nil {
		return err
	}
	var damaged damage
	for n := uint32(1); n <= db.last; n++ {
		if n%256 == 1 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := readAt(in.Content, db.page, int64(n)*db.size); err != nil {
			damaged.add(fmt.Errorf("read page %d: %w", n, err))
			break
		}
		if t := db.page[25]; t != bdbHash && t != bdbHashUnsorted {
			continue
		}
		if err := db.bucket(n, &damaged, each); err != nil {
			return err
		}
	}
	return damaged.err()
}

func openBDB(in *sekisho.Input) (*bdb, error) {
	var meta [bdbMetaSize]byte
	if err := readAt(in.Content, meta[:], 0); err != nil {
		return nil, fmt.Errorf("read the page that describes the database: %w", err)
	}
	db := &bdb{in: in, order: binary.LittleEndian}
	if binary.BigEndian.Uint32(meta[12:]) == bdbHashMagic {
		db.order = binary.BigEndian
	} else if binary.LittleEndian.Uint32(meta[12:]) != bdbHashMagic {
		return nil, errors.New("the file is no Berkeley DB hash")
	}
	size := db.order.Uint32(meta[20:])
	if meta[25] != bdbHashMeta || size < 512 || size > 64<<10 || size&(size-1) != 0 {
		return nil, fmt.Errorf("the database has pages of %d bytes and describes itself as type %d", size, meta[25])
	}
	if meta[24] != 0 {
		return nil, errors.New("the database is encrypted")
	}
	db.size = int64(size)
	pages := in.Size / db.size
	db.last = uint32(min(int64(db.order.Uint32(meta[32:])), max(pages, 1))) // one too far tells of a cut
	db.used = newPageSet(pages)
	db.page, db.over = make([]byte, size), make([]byte, size)
	return db, nil
}

// bucket reads the records of the page that is in db.page.
func (db *bdb) bucket(n uint32, damaged *damage, each func(uint32, []byte) error) error {
	entries := int(db.order.Uint16(db.page[20:]))
	if bdbPageHead+2*entries > len(db.page) {
		damaged.add(fmt.Errorf("page %d claims %d entries", n, entries))
		return nil
	}
	end := len(db.page)
	var key []byte
	for i := range entries {
		start := int(db.order.Uint16(db.page[bdbPageHead+2*i:]))
		if start < bdbPageHead+2*entries || start >= end {
			damaged.add(fmt.Errorf("page %d has its entry %d in the wrong place", n, i))
			return nil
		}
		item := db.page[start:end]
		end = start
		if i%2 == 0 {
			key = item
			continue
		}
		if len(key) != 5 || key[0] != bdbKeyData {
			damaged.add(fmt.Errorf("page %d has a key that is no number", n))
			continue
		}
		number := db.order.Uint32(key[1:])
		if number == 0 {
			continue
		}
		blob, err := db.value(item)
		if err != nil {
			damaged.add(fmt.Errorf("read header %d: %w", number, err))
			continue
		}
		if err := each(number, blob); err != nil {
			return err
		}
	}
	return nil
}

// value is what an item says, or what the chain of pages that it names says.
func (db *bdb) value(item []byte) ([]byte, error) {
	switch item[0] {
	case bdbKeyData:
		return item[1:], nil
	case bdbOffPage:
	default:
		return nil, fmt.Errorf("its item has the unknown type %d", item[0])
	}
	if len(item) < 12 {
		return nil, errors.New("its item is cut off")
	}
	page, size := db.order.Uint32(item[4:]), int(db.order.Uint32(item[8:]))
	if size > maxBlob {
		return nil, fmt.Errorf("it claims %d bytes", size)
	}
	db.blob = db.blob[:0]
	for page != 0 && len(db.blob) < size {
		if !db.used.add(page) {
			return nil, fmt.Errorf("page %d does not exist or belongs to another header", page)
		}
		if err := readAt(db.in.Content, db.over, int64(page)*db.size); err != nil {
			return nil, fmt.Errorf("read page %d: %w", page, err)
		}
		length := int(db.order.Uint16(db.over[22:]))
		if db.over[25] != bdbOverflow || bdbPageHead+length > len(db.over) {
			return nil, fmt.Errorf("page %d is no overflow page", page)
		}
		db.blob = append(db.blob, db.over[bdbPageHead:bdbPageHead+length]...)
		page = db.order.Uint32(db.over[16:])
	}
	if len(db.blob) != size {
		return nil, fmt.Errorf("%d of its %d bytes are there", len(db.blob), size)
	}
	return db.blob, nil
}
