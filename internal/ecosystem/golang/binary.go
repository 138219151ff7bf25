// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/binary"
	"errors"
	"io"
	"runtime/debug"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// program reads the module data that the Go linker puts into programs, stripped
// ones too. See https://pkg.go.dev/debug/buildinfo.
type program struct{}

func (program) Name() string { return "golang/binary" }
func (program) Version() int { return 1 }

// Wants programs: ELF, PE and Mach-O files that may be executed. Shared objects
// of other languages are many and large, and Go's are few.
func (program) Wants(f *sekisho.File) bool {
	h := f.Head
	if len(h) < 20 {
		return false
	}
	switch {
	case h[0] == 0x7f && h[1] == 'E' && h[2] == 'L' && h[3] == 'F':
		if f.Mode&0o111 == 0 || h[16] == 1 { // a relocatable object
			return false
		}
		name := f.Path[strings.LastIndexByte(f.Path, '/')+1:]
		return !strings.HasSuffix(name, ".so") && !strings.Contains(name, ".so.") && !strings.HasSuffix(name, ".ko")
	case h[0] == 'M' && h[1] == 'Z':
		return strings.HasSuffix(f.Path, ".exe")
	case f.Mode&0o111 != 0:
		m := binary.LittleEndian.Uint32(h)
		return m == 0xfeedface || m == 0xfeedfacf || m == 0xcefaedfe || m == 0xcffaedfe
	}
	return false
}

func (program) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if !mayBeGo(in) {
		return inv, nil
	}
	info, err := buildinfo.Read(in.Content)
	if err != nil {
		if strings.Contains(err.Error(), "not a Go executable") {
			return inv, nil // a program of another language
		}
		return inv, &sekisho.ProblemError{Problem: sekisho.Problem{Path: in.Path, Minor: true}.Saying(message.Say("looks like a Go program whose module data cannot be read (%v): its modules are not assessed", err))}
	}
	if info.GoVersion != "" {
		inv.Packages = append(inv.Packages, stdlib(info.GoVersion))
	}
	if m := info.Main; m.Path != "" {
		p := module(m.Path, mainVersion(info))
		p.Relationship = sekisho.Root
		inv.Packages = append(inv.Packages, p)
	}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace // what was really built
		}
		if d.Path == "" || strings.HasPrefix(d.Path, ".") || strings.HasPrefix(d.Path, "/") {
			continue // replaced by a directory: no module of anybody else's
		}
		inv.Packages = append(inv.Packages, module(d.Path, d.Version))
	}
	return inv, nil
}

// mainVersion is the version of the program itself: the module's, else what the
// linker was told by -X, else the commit.
func mainVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "-ldflags":
			if v := ldflagsVersion(s.Value); v != "" {
				return v
			}
		case "vcs.revision":
			revision = s.Value
		}
	}
	if revision != "" {
		return "(devel)+" + revision[:min(len(revision), 12)]
	}
	return "(devel)"
}

// ldflagsVersion finds "-X main.version=1.2.3" and its usual variants.
func ldflagsVersion(flags string) string {
	for w := range strings.FieldsSeq(flags) {
		w = strings.Trim(w, `'"`)
		k, v, ok := strings.Cut(w, "=")
		if !ok {
			continue
		}
		k = strings.ToLower(k)
		if !strings.HasSuffix(k, ".version") && !strings.HasSuffix(k, ".buildversion") && !strings.HasSuffix(k, ".gitversion") {
			continue
		}
		v = strings.Trim(v, `'"`)
		if n := strings.TrimPrefix(v, "v"); n != "" && n[0] >= '0' && n[0] <= '9' && strings.Contains(n, ".") {
			return "v" + n
		}
	}
	return ""
}

var errShort = errors.New("ends within its section headers")

// mayBeGo rejects programs of other languages after a few hundred bytes: a Go
// program in ELF form has a section .go.buildinfo, or, when the sections were
// stripped off too, no section headers at all.
func mayBeGo(in *sekisho.Input) bool {
	var h [64]byte
	if n, err := in.Content.ReadAt(h[:], 0); n < len(h) && err != nil || !bytes.HasPrefix(h[:], []byte("\x7fELF")) {
		return true // another format: debug/buildinfo decides
	}
	names, err := sectionNames(in, &h)
	return err != nil || len(names) <= 1 || bytes.Contains(names, []byte("\x00.go.buildinfo\x00"))
}

// sectionNames reads the table of section names, 1 MiB at most.
func sectionNames(in *sekisho.Input, h *[64]byte) ([]byte, error) {
	order := binary.ByteOrder(binary.LittleEndian)
	if h[5] == 2 {
		order = binary.BigEndian
	}
	var at, off, size int64
	var entry, index int64
	wide := h[4] == 2
	if wide {
		at, entry, index = int64(order.Uint64(h[0x28:])), int64(order.Uint16(h[0x3a:])), int64(order.Uint16(h[0x3e:]))
	} else {
		at, entry, index = int64(order.Uint32(h[0x20:])), int64(order.Uint16(h[0x2e:])), int64(order.Uint16(h[0x32:]))
	}
	if at == 0 {
		return nil, nil
	}
	if at < 0 || at > in.Size || entry < 40 {
		return nil, errShort
	}
	var s [64]byte
	if n, err := in.Content.ReadAt(s[:min(entry, 64)], at+entry*index); err != nil && (!errors.Is(err, io.EOF) || n < 40) {
		return nil, errShort
	}
	if wide {
		off, size = int64(order.Uint64(s[0x18:])), int64(order.Uint64(s[0x20:]))
	} else {
		off, size = int64(order.Uint32(s[0x10:])), int64(order.Uint32(s[0x14:]))
	}
	if off < 0 || size < 0 || size > 1<<20 || off > in.Size-size {
		return nil, errShort
	}
	names := make([]byte, size)
	if _, err := in.Content.ReadAt(names, off); err != nil && !errors.Is(err, io.EOF) {
		return nil, errShort
	}
	return names, nil
}
