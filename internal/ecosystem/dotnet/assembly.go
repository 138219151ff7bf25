// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// assembly reads the version resource of managed PE files: applications that
// were copied without their deps.json still name what they are made of. The
// package's name is the file's (an assembly loads by no other), its version
// the product version without the build's hash. Assemblies of a shared
// framework, reference assemblies and translations are left out: the
// framework itself is one package, by its deps.json. See
// https://learn.microsoft.com/windows/win32/debug/pe-format and
// https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo.
type assembly struct{}

func (assembly) Name() string { return "dotnet/assembly" }
func (assembly) Version() int { return 1 }

func (assembly) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || !(strings.HasSuffix(f.Path, ".dll") || strings.HasSuffix(f.Path, ".exe")) {
		return false
	}
	if strings.HasSuffix(f.Path, ".resources.dll") || strings.Contains(f.Path, "packs/Microsoft.") {
		return false
	}
	if _, _, ok := frameworkOf(f.Path); ok {
		return false
	}
	h, ok := parseHeaders(f.Head)
	return ok && h.managed
}

// headers is what the beginning of a PE file says.
type headers struct {
	managed  bool
	resource uint32 // RVA of the resource directory
	size     uint32
	sections int // how many
	table    int // offset of the section table
}

func parseHeaders(b []byte) (h headers, ok bool) {
	if len(b) < 0x40 || b[0] != 'M' || b[1] != 'Z' {
		return h, false
	}
	pe := int64(binary.LittleEndian.Uint32(b[0x3c:]))
	if pe > int64(len(b))-24-224 || string(b[pe:pe+4]) != "PE\x00\x00" {
		return h, false
	}
	opt := int(pe) + 24
	h.sections = int(binary.LittleEndian.Uint16(b[pe+6:]))
	h.table = opt + int(binary.LittleEndian.Uint16(b[pe+20:]))
	count, dirs := opt+92, opt+96
	switch binary.LittleEndian.Uint16(b[opt:]) {
	case 0x10b:
	case 0x20b:
		count, dirs = opt+108, opt+112
	default:
		return h, false
	}
	const resource, clr = 2, 14
	if len(b) < dirs+8*(clr+1) {
		return h, false
	}
	if n := binary.LittleEndian.Uint32(b[count:]); n <= clr {
		return h, true
	}
	h.managed = binary.LittleEndian.Uint32(b[dirs+8*clr:]) != 0
	h.resource = binary.LittleEndian.Uint32(b[dirs+8*resource:])
	h.size = binary.LittleEndian.Uint32(b[dirs+8*resource+4:])
	return h, true
}

var (
	errPE      = errors.New("assembly is damaged: its PE headers or its version resource point outside the file")
	maxVersion = uint32(64 << 10) // bytes of a version resource; real ones have about one kilobyte
)

func (assembly) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	head := make([]byte, min(in.Size, 8<<10))
	if n, err := in.Content.ReadAt(head, 0); n != len(head) {
		return inv, err
	}
	h, ok := parseHeaders(head)
	if !ok {
		return inv, errPE
	}
	if !h.managed || h.resource == 0 {
		return inv, nil // without a version, no package
	}
	info, err := versionResource(in.Content, head, h)
	if err != nil || info == nil {
		return inv, err
	}
	text := versionStrings(info)
	version := plainVersion(text["ProductVersion"])
	if version == "" {
		version = plainVersion(text["FileVersion"])
	}
	name := in.Path[strings.LastIndexByte(in.Path, '/')+1:]
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".dll"), ".exe")
	if name == "" || version == "" || version == "0.0.0.0" {
		return inv, nil
	}
	inv.Packages = append(inv.Packages, nuget(strings.Clone(name), version))
	return inv, nil
}

// versionResource walks type 16, first name, first language.
func versionResource(r io.ReaderAt, head []byte, h headers) ([]byte, error) {
	base, ok := fileOffset(head, h, h.resource)
	if !ok {
		return nil, errPE
	}
	at := int64(0)
	var b [8]byte
	for level := range 3 {
		var dir [16]byte
		if _, err := r.ReadAt(dir[:], base+at); err != nil {
			return nil, errPE
		}
		n := int(binary.LittleEndian.Uint16(dir[12:])) + int(binary.LittleEndian.Uint16(dir[14:]))
		n = min(n, 1024)
		found := false
		for i := range n {
			if _, err := r.ReadAt(b[:], base+at+16+int64(i)*8); err != nil {
				return nil, errPE
			}
			if level > 0 || binary.LittleEndian.Uint32(b[:]) == 16 {
				found = true
				break
			}
		}
		if !found {
			return nil, nil
		}
		next := binary.LittleEndian.Uint32(b[4:])
		if sub := next&(1<<31) != 0; sub != (level < 2) {
			return nil, errPE
		}
		at = int64(next &^ (1 << 31))
	}
	if _, err := r.ReadAt(b[:], base+at); err != nil {
		return nil, errPE
	}
	off, ok := fileOffset(head, h, binary.LittleEndian.Uint32(b[:]))
	if !ok {
		return nil, errPE
	}
	info := make([]byte, min(binary.LittleEndian.Uint32(b[4:]), maxVersion))
	n, err := r.ReadAt(info, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return info[:n], nil
}

// fileOffset finds where in the file the address rva lies.
func fileOffset(head []byte, h headers, rva uint32) (int64, bool) {
	for i := range min(h.sections, 96) {
		s := h.table + i*40
		if s+40 > len(head) {
			return 0, false
		}
		size := max(binary.LittleEndian.Uint32(head[s+8:]), binary.LittleEndian.Uint32(head[s+16:]))
		start := binary.LittleEndian.Uint32(head[s+12:])
		if rva >= start && rva-start < size {
			return int64(binary.LittleEndian.Uint32(head[s+20:])) + int64(rva-start), true
		}
	}
	return 0, false
}

// versionStrings reads the strings of a VS_VERSIONINFO: nodes of length, value
// length, type, key and (aligned to four bytes) value and children.
func versionStrings(b []byte) map[string]string {
	all := map[string]string{}
	key, _, rest, _ := node(b)
	if key != "VS_VERSION_INFO" {
		return all
	}
	for len(rest) > 0 {
		var file, tables []byte
		var ok bool
		key, _, file, ok = node(rest)
		if !ok {
			return all
		}
		rest = after(rest)
		if key != "StringFileInfo" {
			continue
		}
		for tables = file; len(tables) > 0; tables = after(tables) {
			_, _, strs, ok := node(tables)
			if !ok {
				return all
			}
			for len(strs) > 0 && len(all) < 64 {
				k, v, _, ok := node(strs)
				if !ok {
					break
				}
				if _, have := all[k]; !have {
					all[k] = v
				}
				strs = after(strs)
			}
		}
	}
	return all
}

// node reads one node: its key, its text value and its children.
func node(b []byte) (key, value string, children []byte, ok bool) {
	if len(b) < 6 {
		return "", "", nil, false
	}
	n := int(binary.LittleEndian.Uint16(b))
	if n < 6 || n > len(b) {
		return "", "", nil, false
	}
	valueLength := int(binary.LittleEndian.Uint16(b[2:]))
	text := binary.LittleEndian.Uint16(b[4:]) == 1
	b = b[:n]
	key, at := wide(b, 6, n)
	at = min((at+3)&^3, n)
	if text && valueLength > 0 {
		value, at = wide(b, at, min(at+2*valueLength, n))
	} else {
		at = min(at+valueLength, n)
	}
	return key, value, b[min((at+3)&^3, n):], true
}

// after skips one node, which node has read.
func after(b []byte) []byte {
	n := (int(binary.LittleEndian.Uint16(b)) + 3) &^ 3
	return b[min(n, len(b)):]
}

// wide reads UTF-16 up to its zero or the end, and says where it ended.
func wide(b []byte, at, end int) (string, int) {
	var u []uint16
	for ; at+2 <= end; at += 2 {
		c := binary.LittleEndian.Uint16(b[at:])
		if c == 0 {
			return string(utf16.Decode(u)), at + 2
		}
		u = append(u, c)
	}
	return string(utf16.Decode(u)), at
}

// plainVersion cuts what follows a version ("+hash", " built by") and returns
// nothing for text that is no version.
func plainVersion(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "+ @("); i >= 0 {
		s = s[:i]
	}
	if s == "" || s[0] < '0' || s[0] > '9' || !strings.Contains(s, ".") || len(s) > 64 {
		return ""
	}
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '.' || c == '-') {
			return ""
		}
	}
	return s
}
