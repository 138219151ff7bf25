// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The structures of a zip file, see
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7
// to 4.3.16 and 4.5.3.
const (
	endLen          = 22
	end64Len        = 56
	end64LocatorLen = 20
	centralLen      = 46
	localLen        = 30
	maxComment      = 1<<16 - 1

	methodStored  = 0
	methodDeflate = 8
	flagEncrypted = 1
)

var (
	endMagic          = []byte("PK\x05\x06")
	end64Magic        = []byte("PK\x06\x06")
	end64LocatorMagic = []byte("PK\x06\x07")
	centralMagic      = []byte("PK\x01\x02")
	localMagic        = []byte("PK\x03\x04")
)

var (
	errNoZip      = errors.New("no end of a zip directory is in it: the file is cut off or no archive")
	errDirectory  = errors.New("the zip directory is damaged")
	errEntry      = errors.New("the entry lies outside of the archive")
	errLocal      = errors.New("the entry's local header is damaged")
	errUnreadable = errors.New("read the archive")
)

// entry is one record of the central directory. Name is valid until the next
// call of next.
type entry struct {
	name       []byte
	flags      uint16
	method     uint16
	crc        uint32
	compressed int64
	size       int64
	// header is where the local header begins, within the archive.
	header int64
}

// directory reads a zip file's central directory record by record, through a
// small window: an archive of any size costs the same memory, and nothing is
// allocated for a record.
type directory struct {
	r      io.ReaderAt
	size   int64
	base   int64 // what stands before the archive: a launcher's script
	next64 int64 // where the window ends in the file
	end    int64 // where the directory ends
	window []byte
	at     int // read position in the window
	filled int
}

// windowLen holds the longest possible record: header, name, extra, comment.
const windowLen = 256 << 10

// openDirectory finds the central directory. The window is windowLen long and
// belongs to the directory until it was read.
func openDirectory(r io.ReaderAt, size int64, window []byte) (directory, error) {
	d := directory{r: r, size: size, window: window}
	if size < endLen {
		return d, errNoZip
	}
	pos := int64(-1)
	var tail []byte
	for _, n := range []int64{1 << 10, endLen + maxComment} {
		n = min(n, size)
		tail = window[:n]
		if err := readFull(r, tail, size-n); err != nil {
			return d, err
		}
		if i := findEnd(tail); i >= 0 {
			pos = size - n + int64(i)
			tail = tail[i:]
			break
		}
		if n == size {
			break
		}
	}
	if pos < 0 {
		return d, errNoZip
	}
	length := int64(binary.LittleEndian.Uint32(tail[12:]))
	offset := int64(binary.LittleEndian.Uint32(tail[16:]))
	count := binary.LittleEndian.Uint16(tail[10:])
	if (length == 1<<32-1 || offset == 1<<32-1 || count == 1<<16-1) && pos >= end64LocatorLen {
		p, l, o, err := readEnd64(r, pos, size)
		if err != nil {
			return d, err
		}
		if p >= 0 {
			pos, length, offset = p, l, o
		}
	}
	start := pos - length
	if length < 0 || start < 0 || offset < 0 || offset > start {
		return d, errDirectory
	}
	d.base = start - offset
	d.next64, d.end = start, pos
	return d, nil
}

// findEnd returns where the last believable end record begins in tail, or -1.
func findEnd(tail []byte) int {
	for to := len(tail); ; {
		i := bytes.LastIndex(tail[:to], endMagic)
		if i < 0 {
			return -1
		}
		if i+endLen <= len(tail) && i+endLen+int(binary.LittleEndian.Uint16(tail[i+20:])) <= len(tail) {
			return i
		}
		to = i + len(endMagic) - 1
	}
}

// readEnd64 follows the locator that stands before the end record at pos; the
// returned position is -1 when there is none.
func readEnd64(r io.ReaderAt, pos, size int64) (at, length, offset int64, err error) {
	var b [end64Len]byte
	if err := readFull(r, b[:end64LocatorLen], pos-end64LocatorLen); err != nil {
		return 0, 0, 0, err
	}
	if !bytes.HasPrefix(b[:], end64LocatorMagic) {
		return -1, 0, 0, nil
	}
	at = int64(binary.LittleEndian.Uint64(b[8:]))
	// The locator counts from the archive's beginning; where a script stands
	// before it, the record is still the one right before the locator.
	for _, p := range []int64{at, pos - end64LocatorLen - end64Len} {
		if p < 0 || p > size-end64Len {
			continue
		}
		if err := readFull(r, b[:], p); err != nil {
			return 0, 0, 0, err
		}
		if bytes.HasPrefix(b[:], end64Magic) {
			return p, int64(binary.LittleEndian.Uint64(b[40:])), int64(binary.LittleEndian.Uint64(b[48:])), nil
		}
	}
	return 0, 0, 0, errDirectory
}

// fill makes n bytes available at d.at; n is at most windowLen.
func (d *directory) fill(n int) error {
	if d.filled-d.at >= n {
		return nil
	}
	if int64(n-(d.filled-d.at)) > d.end-d.next64 {
		return errDirectory
	}
	d.filled = copy(d.window, d.window[d.at:d.filled])
	d.at = 0
	// Small directories are the rule: read no more than there is.
	more := int(min(int64(len(d.window)-d.filled), d.end-d.next64))
	if err := readFull(d.r, d.window[d.filled:d.filled+more], d.next64); err != nil {
		return err
	}
	d.filled += more
	d.next64 += int64(more)
	return nil
}

// next reads the next record; io.EOF ends the directory.
func (d *directory) next(e *entry) error {
	if d.at == d.filled && d.next64 == d.end {
		return io.EOF
	}
	if err := d.fill(centralLen); err != nil {
		return err
	}
	b := d.window[d.at:d.filled]
	if !bytes.HasPrefix(b, centralMagic) {
		return errDirectory
	}
	nameLen := int(binary.LittleEndian.Uint16(b[28:]))
	extraLen := int(binary.LittleEndian.Uint16(b[30:]))
	total := centralLen + nameLen + extraLen + int(binary.LittleEndian.Uint16(b[32:]))
	if err := d.fill(total); err != nil {
		return err
	}
	b = d.window[d.at : d.at+total]
	d.at += total
	*e = entry{
		name:       b[centralLen : centralLen+nameLen],
		flags:      binary.LittleEndian.Uint16(b[8:]),
		method:     binary.LittleEndian.Uint16(b[10:]),
		crc:        binary.LittleEndian.Uint32(b[16:]),
		compressed: int64(binary.LittleEndian.Uint32(b[20:])),
		size:       int64(binary.LittleEndian.Uint32(b[24:])),
		header:     int64(binary.LittleEndian.Uint32(b[42:])),
	}
	const in64 = 1<<32 - 1
	if e.size == in64 || e.compressed == in64 || e.header == in64 {
		e.read64(b[centralLen+nameLen : centralLen+nameLen+extraLen])
	}
	e.header += d.base
	return nil
}

// read64 takes the sizes that did not fit from the extra field 0x0001.
func (e *entry) read64(extra []byte) {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			return
		}
		if id == 1 {
			f := extra[:n]
			for _, v := range []*int64{&e.size, &e.compressed, &e.header} {
				if *v == 1<<32-1 && len(f) >= 8 {
					*v = int64(binary.LittleEndian.Uint64(f))
					f = f[8:]
				}
			}
			return
		}
		extra = extra[n:]
	}
}

// dataOffset reads the local header and returns where the entry's data begin.
func dataOffset(r io.ReaderAt, size, header, compressed int64) (int64, error) {
	if header < 0 || compressed < 0 || header > size-localLen {
		return 0, errEntry
	}
	var b [localLen]byte
	if err := readFull(r, b[:], header); err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(b[:], localMagic) {
		return 0, errLocal
	}
	at := header + localLen + int64(binary.LittleEndian.Uint16(b[26:])) + int64(binary.LittleEndian.Uint16(b[28:]))
	if at > size || compressed > size-at {
		return 0, errEntry
	}
	return at, nil
}

func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", errUnreadable, err)
}
