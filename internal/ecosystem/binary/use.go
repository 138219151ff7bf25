// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// uses states what programs, shared objects and scripts need beside themselves:
// the names of libraries in the dynamic section, and what runs a script. Shared
// objects in the directories of the distribution are its packages' and are
// passed over; programs are read by others anyway.
//
// Formats: https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.dynamic.html and
// https://man7.org/linux/man-pages/man2/execve.2.html.
type uses struct{}

func (uses) Name() string { return "binary/uses" }
func (uses) Version() int { return 1 }

// Bounds of what is read of one file.
const (
	maxHeaders   = 256 // program headers
	maxDynamic   = 64 << 10
	maxLibraries = 200
	maxSoname    = 255
	// maxScript is the size up to which a file with the mark of one is a script.
	maxScript = 16 << 20
)

func (uses) Wants(f *sekisho.File) bool {
	h := f.Head
	if f.Type != sekisho.TypeRegular || len(h) < 4 {
		return false
	}
	if h[0] == '#' && h[1] == '!' {
		return f.Mode&0o111 != 0 && f.Size <= maxScript && !ofSystem(f.Path)
	}
	if len(h) < 20 || string(h[:4]) != elfMagic || h[16] == 1 {
		return false
	}
	name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
	if strings.HasSuffix(name, ".ko") {
		return false
	}
	if strings.HasSuffix(name, ".so") || strings.Contains(name, ".so.") || f.Mode&0o111 == 0 {
		return !ofSystem(f.Path)
	}
	return true
}

// ofSystem says whether a path is in a directory that distributions fill.
func ofSystem(path string) bool {
	if strings.HasPrefix(path, "var/lib/dpkg/") {
		return true
	}
	path = strings.TrimPrefix(path, "usr/")
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains([]string{"bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share", "include", "games", "etc"}, first)
}

func (uses) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	var u sekisho.Use
	var mark [2]byte
	if _, err := in.Content.ReadAt(mark[:], 0); err == nil && mark == [2]byte{'#', '!'} {
		line := make([]byte, min(in.Size, 256))
		n, err := in.Content.ReadAt(line, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return sekisho.Inventory{}, err
		}
		u.Program = interpreter(line[:n])
	} else {
		// A damaged program is no concern of anybody here: it does not run.
		u.Libraries = neededLibraries(in.Content, in.Size)
	}
	if u.Program == "" && len(u.Libraries) == 0 {
		return sekisho.Inventory{}, nil
	}
	return sekisho.Inventory{Uses: []sekisho.Use{u}}, nil
}

// interpreter is what runs a script: "#!/usr/bin/env -S python3 -u" is python3.
func interpreter(line []byte) string {
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	words := strings.Fields(strings.ToValidUTF8(string(line[2:]), "?"))
	if len(words) == 0 {
		return ""
	}
	if words[0] != "/usr/bin/env" && words[0] != "/bin/env" {
		return strings.TrimLeft(words[0], "/")
	}
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
			return strings.TrimLeft(w, "/")
		}
	}
	return ""
}

// neededLibraries reads DT_NEEDED: nil for a program without, and for what is no
// ELF file that can be understood.
func neededLibraries(r io.ReaderAt, size int64) []string {
	var head [64]byte
	if n, _ := r.ReadAt(head[:], 0); n < 52 || string(head[:4]) != elfMagic {
		return nil
	}
	wide := head[4] == 2
	var order binary.ByteOrder = binary.LittleEndian
	if head[5] == 2 {
		order = binary.BigEndian
	}
	word := func(b []byte, narrow, broad int) uint64 {
		if wide {
			return order.Uint64(b[broad:])
		}
		return uint64(order.Uint32(b[narrow:]))
	}
	at, each, count := word(head[:], 28, 32), int(order.Uint16(head[42:])), int(order.Uint16(head[44:]))
	least, entry := 32, 8
	if wide {
		each, count = int(order.Uint16(head[54:])), int(order.Uint16(head[56:]))
		least, entry = 56, 16
	}
	if each < least || each > 1024 || count > maxHeaders {
		return nil
	}
	headers := part(r, size, at, uint64(each*count))
	var dynamic []byte
	type load struct{ address, offset, length uint64 }
	var loads []load
	for ; len(headers) >= each && each > 0; headers = headers[each:] {
		h := headers[:each]
		l := load{word(h, 8, 16), word(h, 4, 8), word(h, 16, 32)}
		switch order.Uint32(h) {
		case 1: // PT_LOAD
			loads = append(loads, l)
		case 2: // PT_DYNAMIC
			dynamic = part(r, size, l.offset, min(l.length, maxDynamic))
		}
	}
	var names []uint64
	var table uint64
entries:
	for ; len(dynamic) >= entry; dynamic = dynamic[entry:] {
		value := word(dynamic, 4, 8)
		switch word(dynamic, 0, 0) {
		case 0: // DT_NULL
			break entries
		case 1: // DT_NEEDED
			if len(names) < maxLibraries {
				names = append(names, value)
			}
		case 5: // DT_STRTAB
			table = value
		}
	}
	var out []string
	for _, l := range loads {
		if table < l.address || table-l.address >= l.length {
			continue
		}
		for _, n := range names {
			name := part(r, size, l.offset+(table-l.address)+n, maxSoname+1)
			if i := bytes.IndexByte(name, 0); i > 0 {
				out = append(out, strings.ToValidUTF8(string(name[:i]), "?"))
			}
		}
		break
	}
	return out
}

// part reads what there is of a piece of a file.
func part(r io.ReaderAt, size int64, at, length uint64) []byte {
	if at >= uint64(size) || length == 0 {
		return nil
	}
	b := make([]byte, min(length, uint64(size)-at))
	n, _ := r.ReadAt(b, int64(at))
	return b[:n]
}
