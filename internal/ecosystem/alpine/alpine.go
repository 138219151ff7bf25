// SPDX-License-Identifier: Apache-2.0

// Package alpine knows what apk leaves on a disk: the database of installed
// packages of Alpine, Wolfi and Chainguard images. It does not know which of
// them it looks at (that is the distro room) and judges nothing.
//
// Format: https://wiki.alpinelinux.org/wiki/Apk_spec.
package alpine

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this room.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{installed{}, world{}}
}

// installed reads lib/apk/db/installed, and usr/lib/apk/db/installed where apk 3
// keeps it: a paragraph a package, a letter and a colon before each value.
type installed struct{}

func (installed) Name() string { return "alpine/installed" }
func (installed) Version() int { return 2 }

func (installed) Wants(f *sekisho.File) bool {
	return f.Path == "lib/apk/db/installed" || f.Path == "usr/lib/apk/db/installed"
}

// maxDamaged is how many damaged paragraphs are told one by one.
const maxDamaged = 20

func (installed) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	b, err := in.Bytes()
	r := reader{path: in.Path}
	line := 0
	for len(b) > 0 {
		line++
		text := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			text, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		text = bytes.TrimRight(text, "\r")
		if len(text) == 0 {
			r.end()
			continue
		}
		if r.line == 0 {
			r.line = line
		}
		if len(text) >= 2 && text[1] == ':' {
			r.field(text[0], text[2:])
		}
	}
	r.end()
	if !relate(r.inv.Packages, r.related, r.groups) {
		r.inv.Problems = append(r.inv.Problems, sekisho.Problem{Minor: true}.Saying(message.Say("the dependencies are too many: it is not known which packages need which")))
	}
	if r.damaged > maxDamaged {
		r.inv.Problems = append(r.inv.Problems, sekisho.Problem{}.Saying(message.Say("%d more paragraphs could not be read", r.damaged-maxDamaged)))
	}
	if err != nil {
		return r.inv, fmt.Errorf("read the apk database: %w", err)
	}
	return r.inv, nil
}

// reader holds the paragraph that is being read; its values point into the file.
type reader struct {
	path    string
	inv     sekisho.Inventory
	damaged int
	related []relations // of the packages, in their order
	groups  []group

	line                                             int // of the first field, 1 based
	name, version, arch, license, origin, maintainer []byte
	dir                                              []byte
	relations                                        relations
	files                                            sekisho.PathSet
	scratch                                          []byte
}

func (r *reader) field(key byte, value []byte) {
	switch key {
	case 'P':
		r.name = value
	case 'V':
		r.version = value
	case 'A':
		r.arch = value
	case 'L':
		r.license = value
	case 'o':
		r.origin = value
	case 'm':
		r.maintainer = value
	case 'D':
		r.relations.needs = value
	case 'p':
		r.relations.provides = value
	case 'i':
		r.relations.with = value
	case 'F':
		r.dir = value
	case 'R':
		r.scratch = append(r.scratch[:0], r.dir...)
		if len(r.dir) > 0 {
			r.scratch = append(r.scratch, '/')
		}
		r.scratch = append(r.scratch, value...)
		r.files = append(r.files, sekisho.HashPath(string(r.scratch)))
	}
}

// end states the facts of the paragraph and begins the next.
func (r *reader) end() {
	if r.line == 0 {
		return
	}
	switch {
	case len(r.name) == 0 || len(r.version) == 0:
		r.damaged++
		if r.damaged <= maxDamaged {
			r.inv.Problems = append(r.inv.Problems, sekisho.Problem{}.Saying(message.Say("the paragraph at line %d has no name or no version: its package was not read", r.line)))
		}
	case r.name[0] == '.': // "apk add --virtual .build-deps": a name for others, with no file
		r.groups = append(r.groups, group{string(r.name), r.relations.needs})
	default:
		r.add()
	}
	*r = reader{path: r.path, inv: r.inv, damaged: r.damaged, related: r.related, groups: r.groups, scratch: r.scratch}
}

func (r *reader) add() {
	p := sekisho.Package{
		Ecosystem: sekisho.EcosystemAPK,
		Name:      string(r.name),
		Version:   string(r.version),
		Arch:      string(r.arch),
		Vendor:    vendor(r.maintainer),
		Line:      r.line,
		Locations: []sekisho.Location{{Path: r.path, Line: r.line}},
	}
	p.SourceName, p.SourceVersion = p.Name, p.Version
	if len(r.origin) > 0 {
		p.SourceName = string(r.origin)
	}
	if l := strings.TrimSpace(string(r.license)); l != "" {
		p.Licenses = []string{l}
	}
	r.inv.Packages = append(r.inv.Packages, p)
	r.related = append(r.related, r.relations)
	if len(r.files) > 0 {
		r.inv.Owned = append(r.inv.Owned, sekisho.Ownership{
			Ecosystem: sekisho.EcosystemAPK, Name: p.Name, Arch: p.Arch, Version: p.Version, Files: r.files.Sorted(),
		})
	}
}

// vendor is the name of the maintainer without the address.
func vendor(maintainer []byte) string {
	if i := bytes.IndexByte(maintainer, '<'); i >= 0 {
		maintainer = maintainer[:i]
	}
	return string(bytes.TrimSpace(maintainer))
}
