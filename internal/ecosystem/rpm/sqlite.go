// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// A reader of the tables of an SQLite database, as far as rpm's needs it: no
// index, no query. See https://www.sqlite.org/fileformat2.html.
const (
	sqliteMagic    = "SQLite format 3\x00"
	sqliteHead     = 100
	sqliteInterior = 5
	sqliteLeaf     = 13
	// sqliteDepth is far more than 2^32 pages can need.
	sqliteDepth = 20
)

type sqlite struct {
	content io.ReaderAt
	log     *wal  // nil without one
	size    int64 // of a page
	usable  int   // bytes of a page without those reserved for extensions
	pages   int64 // there are at most
	used    pageSet
	levels  [sqliteDepth][]byte
	over    []byte
	payload []byte
	damaged damage
}

// readSQLite reads rpmdb.sqlite with what its write-ahead log has committed.
func readSQLite(ctx context.Context, in *sekisho.Input, each func(uint32, []byte) error) error {
	db, err := openSQLite(in)
	if err != nil {
		return err
	}
	root := uint32(0)
	err = db.table(ctx, 1, 0, func(_ int64, row []byte) error {
		kind, err := column(row, 0)
		if err != nil {
			return err
		}
		name, err := column(row, 1)
		if err != nil || string(kind) != "table" || string(name) != "Packages" {
			return err
		}
		page, err := column(row, 3)
		if err != nil {
			return err
		}
		root = 0
		for _, c := range page {
			root = root<<8 | uint32(c)
		}
		return nil
	})
	if err != nil || root == 0 {
		return errors.Join(db.damaged.err(), err, errors.New("the database has no table of packages"))
	}
	err = db.table(ctx, root, 0, func(rowid int64, row []byte) error {
		blob, err := column(row, 1)
		if err != nil {
			db.damaged.add(fmt.Errorf("read header %d: %w", rowid, err))
			return nil
		}
		return each(uint32(rowid), blob)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(db.damaged.err(), err)
}

func openSQLite(in *sekisho.Input) (*sqlite, error) {
	db := &sqlite{content: in.Content}
	var head [sqliteHead]byte
	err := readAt(in.Content, head[:], 0)
	logged := in.Beside[in.Path+walSuffix]
	// A database that was closed in another journal mode has no use for the log.
	if logged != nil && (err != nil || head[19] == 2) {
		if db.log, err = readWAL(logged); err != nil {
			db.log = nil
			db.damaged.add(fmt.Errorf("read the write-ahead log: %w", err))
		}
	}
	if off, ok := db.log.find(1); ok {
		err = readAt(db.log.content, head[:], off)
	} else {
		err = readAt(in.Content, head[:], 0)
	}
	if err != nil {
		return nil, fmt.Errorf("read the SQLite header: %w", err)
	}
	if string(head[:len(sqliteMagic)]) != sqliteMagic {
		return nil, errors.New("the file is no SQLite database")
	}
	db.size = int64(binary.BigEndian.Uint16(head[16:]))
	if db.size == 1 {
		db.size = 64 << 10
	}
	db.usable = int(db.size) - int(head[20])
	if db.size < 512 || db.size&(db.size-1) != 0 || db.usable < 480 {
		return nil, fmt.Errorf("the database has pages of %d bytes, %d of them usable", db.size, db.usable)
	}
	db.pages = in.Size / db.size
	if db.log != nil {
		if db.log.size != db.size {
			return nil, errors.New("the write-ahead log has pages of another size than the database")
		}
		db.pages = max(db.pages, int64(db.log.highest))
		// Pages that are neither in the file nor in the log do not exist.
		db.pages = min(db.pages, in.Size/db.size+int64(len(db.log.pages))+1)
		if db.log.committed > 0 {
			db.pages = min(db.pages, int64(db.log.committed))
		}
	}
	db.used = newPageSet(db.pages)
	db.over = make([]byte, db.size)
	return db, nil
}

// page reads a page, counted from 1, into b. Each page can be read once.
func (db *sqlite) page(n uint32, b []byte) error {
	if n == 0 || int64(n) > db.pages || !db.used.add(n) {
		return fmt.Errorf("page %d does not exist or was seen before", n)
	}
	if off, ok := db.log.find(n); ok {
		return readAt(db.log.content, b, off)
	}
	return readAt(db.content, b, int64(n-1)*db.size)
}

// table calls each for every row of the tree below a page, in the order of the
// row ids. Damaged pages and rows are noted and passed over.
func (db *sqlite) table(ctx context.Context, n uint32, depth int, each func(rowid int64, row []byte) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if depth >= sqliteDepth {
		db.damaged.add(fmt.Errorf("page %d is nested too deeply", n))
		return nil
	}
	if db.levels[depth] == nil {
		db.levels[depth] = make([]byte, db.size)
	}
	b := db.levels[depth]
	if err := db.page(n, b); err != nil {
		db.damaged.add(fmt.Errorf("read page %d: %w", n, err))
		return nil
	}
	b = b[:db.usable]
	start := 0
	if n == 1 {
		start = sqliteHead
	}
	head := b[start:]
	cells, index := int(binary.BigEndian.Uint16(head[3:])), head[8:]
	if head[0] == sqliteInterior {
		index = head[12:]
	} else if head[0] != sqliteLeaf {
		db.damaged.add(fmt.Errorf("page %d is no part of a table", n))
		return nil
	}
	if 2*cells > len(index) {
		db.damaged.add(fmt.Errorf("page %d claims %d cells", n, cells))
		return nil
	}
	room := len(b) // the cells of a page do not overlap: a hostile page is read once, not once a cell
	for i := range cells {
		at := int(binary.BigEndian.Uint16(index[2*i:]))
		if at+4 > len(b) {
			db.damaged.add(fmt.Errorf("page %d has its cell %d outside of itself", n, i))
			continue
		}
		var err error
		if head[0] == sqliteInterior {
			err = db.table(ctx, binary.BigEndian.Uint32(b[at:]), depth+1, each)
		} else {
			var used int
			if used, err = db.cell(b[at:], room, each); used < 0 {
				db.damaged.add(fmt.Errorf("page %d has cells that overlap", n))
				return nil
			}
			room -= used
		}
		if err != nil {
			return err
		}
	}
	if head[0] == sqliteInterior {
		return db.table(ctx, binary.BigEndian.Uint32(head[8:]), depth+1, each)
	}
	return nil
}

// cell reads one row: the length of its payload, its id, the payload, of which
// what does not fit the page is on a chain of overflow pages. It returns how
// many bytes of the page the cell takes, -1 when that is more than the room that
// other cells left.
func (db *sqlite) cell(b []byte, room int, each func(int64, []byte) error) (used int, err error) {
	size, n := varint(b)
	rowid, m := varint(b[n:])
	if n == 0 || m == 0 {
		db.damaged.add(errors.New("a row is cut off"))
		return 2, nil
	}
	b = b[n+m:]
	if size > maxBlob {
		db.damaged.add(fmt.Errorf("row %d claims %d bytes", int64(rowid), size))
		return 2, nil
	}
	local := db.local(int(size))
	more := local < int(size)
	if local > len(b) || more && local+4 > len(b) {
		db.damaged.add(fmt.Errorf("row %d is cut off", int64(rowid)))
		return 2, nil
	}
	if used = n + m + local; used > room {
		return -1, nil
	}
	if !more {
		return used, each(int64(rowid), b[:local])
	}
	db.payload = append(db.payload[:0], b[:local]...)
	next := binary.BigEndian.Uint32(b[local:])
	for len(db.payload) < int(size) {
		if err := db.page(next, db.over); err != nil {
			db.damaged.add(fmt.Errorf("read row %d: page %d: %w", int64(rowid), next, err))
			return used, nil
		}
		next = binary.BigEndian.Uint32(db.over)
		db.payload = append(db.payload, db.over[4:min(db.usable, 4+int(size)-len(db.payload))]...)
	}
	return used, each(int64(rowid), db.payload)
}

// local is how much of a payload is on the table's own page.
func (db *sqlite) local(size int) int {
	most := db.usable - 35
	if size <= most {
		return size
	}
	least := (db.usable-12)*32/255 - 23
	if k := least + (size-least)%(db.usable-4); k <= most {
		return k
	}
	return least
}

// column is the i-th value of a record: text and blobs as they are, integers as
// their big endian bytes, nothing for NULL and the constants 0 and 1.
func column(row []byte, i int) ([]byte, error) {
	size, n := varint(row)
	if n == 0 || size < uint64(n) || size > uint64(len(row)) {
		return nil, errors.New("the record is cut off")
	}
	types, data := row[n:size], row[size:]
	for ; ; i-- {
		t, n := varint(types)
		if n == 0 {
			return nil, errors.New("the record has too few columns")
		}
		types = types[n:]
		length := uint64(0)
		switch {
		case t >= 12:
			length = (t - 12) / 2
		case t <= 4:
			length = t
		case t == 5:
			length = 6
		case t <= 7:
			length = 8
		}
		if length > uint64(len(data)) {
			return nil, errors.New("the record is cut off")
		}
		if i == 0 {
			return data[:length], nil
		}
		data = data[length:]
	}
}

// varint reads SQLite's number of up to nine bytes, the most significant first;
// n is 0 when b is too short.
func varint(b []byte) (v uint64, n int) {
	for n = range min(len(b), 8) {
		v = v<<7 | uint64(b[n]&0x7f)
		if b[n] < 0x80 {
			return v, n + 1
		}
	}
	if len(b) < 9 {
		return 0, 0
	}
	return v<<8 | uint64(b[8]), 9
}
