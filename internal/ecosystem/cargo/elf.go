// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"encoding/binary"
	"errors"
	"io"
)

var errELF = errors.New("the ELF file is damaged")

// elfSection finds a section by its name with three reads: the header, the
// table of sections, the table of names. A program without the section costs
// nothing more. It returns nil when there is no such section. See
// https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html.
func elfSection(r io.ReaderAt, size int64, name string) (*io.SectionReader, error) {
	var h [64]byte
	n, err := r.ReadAt(h[:], 0)
	if n < 52 {
		return nil, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	if h[5] == 2 {
		order = binary.BigEndian
	}
	is64 := h[4] == 2
	var tableAt int64
	var entry, count, names int64
	if is64 {
		if n < 64 {
			return nil, errELF
		}
		tableAt = int64(order.Uint64(h[40:]))
		entry, count, names = int64(order.Uint16(h[58:])), int64(order.Uint16(h[60:])), int64(order.Uint16(h[62:]))
	} else {
		tableAt = int64(order.Uint32(h[32:]))
		entry, count, names = int64(order.Uint16(h[46:])), int64(order.Uint16(h[48:])), int64(order.Uint16(h[50:]))
	}
	least := int64(40) // and no more, as the specification has it
	if is64 {
		least = 64
	}
	if tableAt == 0 || count == 0 {
		return nil, nil // stripped of its sections
	}
	table := within(r, size, tableAt, entry*count)
	if entry != least || names >= count || table == nil {
		return nil, errELF
	}
	b := make([]byte, entry*count)
	if _, err := io.ReadFull(table, b); err != nil {
		return nil, err
	}
	place := func(i int64) (nameAt, offset, length int64) {
		s := b[i*entry:]
		if is64 {
			return int64(order.Uint32(s)), int64(order.Uint64(s[24:])), int64(order.Uint64(s[32:]))
		}
		return int64(order.Uint32(s)), int64(order.Uint32(s[16:])), int64(order.Uint32(s[20:]))
	}
	_, namesAt, namesLen := place(names)
	text := within(r, size, namesAt, min(namesLen, 1<<20))
	if text == nil {
		return nil, errELF
	}
	t := make([]byte, text.Size())
	if _, err := io.ReadFull(text, t); err != nil {
		return nil, err
	}
	for i := range count {
		at, offset, length := place(i)
		if at+int64(len(name)) < int64(len(t)) && string(t[at:at+int64(len(name))]) == name && t[at+int64(len(name))] == 0 {
			s := within(r, size, offset, length)
			if s == nil {
				return nil, errELF
			}
			return s, nil
		}
	}
	return nil, nil
}
