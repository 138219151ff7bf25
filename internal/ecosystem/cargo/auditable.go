// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"bytes"
	"context"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// auditable reads the section .dep-v0 that cargo-auditable builds into ELF, PE
// and Mach-O programs: a zlib stream of JSON. See
// https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md.
type auditable struct{}

func (auditable) Name() string { return "cargo/auditable" }
func (auditable) Version() int { return 1 }

const (
	sectionName = ".dep-v0"
	elfMagic    = "\x7fELF"
	// maxSection and maxList bound the section and the JSON in it, in bytes.
	// The list of a thousand crates has some 100 KiB.
	maxSection = 8 << 20
	maxList    = 16 << 20
)

func (auditable) Wants(f *sekisho.File) bool {
	if len(f.Head) < 4 || f.Type != sekisho.TypeRegular {
		return false
	}
	switch f.Head[0] {
	case 0x7f:
		// Object files and most libraries are not executable.
		return f.Mode&0o111 != 0 && string(f.Head[:4]) == elfMagic
	case 'M':
		n := len(f.Path)
		return f.Head[1] == 'Z' && n > 4 && (f.Path[n-4:] == ".exe" || f.Path[n-4:] == ".dll")
	case 0xcf, 0xce, 0xfe:
		return f.Mode&0o111 != 0 && hasAny(f.Head, "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xfe\xed\xfa\xcf", "\xfe\xed\xfa\xce")
	}
	return false
}

var (
	errSectionSize = errors.New("the section is larger than any dependency list")
	errList        = errors.New("the dependency list points outside of itself")
)

func (auditable) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	var head [4]byte
	if n, _ := in.Content.ReadAt(head[:], 0); n < len(head) {
		return inv, nil
	}
	var section *io.SectionReader
	switch {
	case string(head[:]) == elfMagic:
		section, err = elfSection(in.Content, in.Size, sectionName)
	case head[0] == 'M':
		section = peSection(in)
	default:
		section = machoSection(in)
	}
	// Most programs are not Rust's, and what cannot be taken apart as a
	// program at all is no concern of this ecosystem.
	if section == nil || err != nil {
		return inv, nil
	}
	inv.Packages, err = readList(section)
	if err != nil {
		err = fmt.Errorf("read Rust dependency list: %w", err)
	}
	return inv, err
}

func peSection(in *sekisho.Input) *io.SectionReader {
	f, err := pe.NewFile(io.NewSectionReader(in.Content, 0, in.Size))
	if err != nil {
		return nil
	}
	s := f.Section(sectionName)
	if s == nil {
		return nil
	}
	// The size on disk is rounded up; zlib knows its own end.
	return within(in.Content, in.Size, int64(s.Offset), int64(s.Size))
}

func machoSection(in *sekisho.Input) *io.SectionReader {
	f, err := macho.NewFile(io.NewSectionReader(in.Content, 0, in.Size))
	if err != nil {
		return nil
	}
	s := f.Section(sectionName)
	if s == nil || s.Size > 1<<62 {
		return nil
	}
	return within(in.Content, in.Size, int64(s.Offset), int64(s.Size))
}

// within is the part of a file, nil when it lies outside.
func within(r io.ReaderAt, size, offset, length int64) *io.SectionReader {
	if offset < 0 || length <= 0 || offset > size || length > size-offset {
		return nil
	}
	return io.NewSectionReader(r, offset, length)
}

// listed is one crate of the list.
type listed struct {
	Name         string `json:"name"`
	Version      string `json:"version"`
	Source       string `json:"source"`
	Kind         string `json:"kind"`
	Dependencies []int  `json:"dependencies"`
	Root         bool   `json:"root"`
}

func readList(section *io.SectionReader) ([]sekisho.Package, error) {
	if section.Size() > maxSection {
		return nil, errSectionSize
	}
	z, err := zlib.NewReader(section)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	limited := io.LimitReader(z, maxList+1)
	var text bytes.Buffer
	if n, err := text.ReadFrom(limited); err != nil {
		return nil, err
	} else if n > maxList {
		return nil, errSectionSize
	}
	var list struct {
		Packages []listed `json:"packages"`
	}
	if err := json.Unmarshal(text.Bytes(), &list); err != nil {
		return nil, err
	}
	direct := make([]bool, len(list.Packages))
	hasRoot := false
	for _, l := range list.Packages {
		for _, d := range l.Dependencies {
			if d < 0 || d >= len(direct) {
				return nil, errList
			}
			direct[d] = direct[d] || l.Root
		}
		hasRoot = hasRoot || l.Root
	}
	packages := make([]sekisho.Package, 0, len(list.Packages))
	for i, l := range list.Packages {
		if !plain(l.Name) || !plain(l.Version) {
			err = fmt.Errorf("crate %d has no name or version", i)
			continue
		}
		from := fromRegistry
		switch l.Source {
		case "crates.io":
			from = fromCratesIO
		case "git":
			from = fromGit
		case "local", "path":
			from = local
		}
		p := makePackage(l.Name, l.Version, from, "")
		switch {
		case l.Root:
			p.Relationship = sekisho.Root
		case from == local: // a member of the workspace: root as well
		case direct[i]:
			p.Relationship = sekisho.Direct
		case hasRoot:
			p.Relationship = sekisho.Transitive
		}
		// What only the build used is not in the program.
		p.Dev = l.Kind == "build"
		packages = append(packages, p)
	}
	return packages, err
}
