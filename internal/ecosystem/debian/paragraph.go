// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// paragraph holds the fields of one package that count here. They point into
// the file: what is kept of them must be copied.
type paragraph struct {
	line                                            int // of its first field, 1 based
	name, status, version, arch, source, maintainer []byte
}

// eachParagraph cuts a control file into paragraphs and hands them over one by
// one. Fields that no fact needs are passed over at the speed of a search for
// the end of the line.
func eachParagraph(b []byte, each func(*paragraph)) {
	var p paragraph
	for line := 1; len(b) > 0; line++ {
		text := b
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			text, b = b[:i], b[i+1:]
		} else {
			b = nil
		}
		if blank(text) {
			if p.line > 0 {
				each(&p)
				p = paragraph{}
			}
			continue
		}
		if p.line == 0 {
			p.line = line
		}
		var field *[]byte
		var key string
		switch text[0] | 0x20 {
		case 'p':
			field, key = &p.name, "package:"
		case 's':
			field, key = &p.status, "status:"
			if len(text) > 1 && text[1]|0x20 == 'o' {
				field, key = &p.source, "source:"
			}
		case 'v':
			field, key = &p.version, "version:"
		case 'a':
			field, key = &p.arch, "architecture:"
		case 'm':
			field, key = &p.maintainer, "maintainer:"
		default:
			continue
		}
		if len(text) >= len(key) && strings.EqualFold(string(text[:len(key)]), key) {
			*field = bytes.TrimSpace(text[len(key):])
		}
	}
	if p.line > 0 {
		each(&p)
	}
}

func blank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

// vendor is the name of the maintainer without the address.
func vendor(maintainer []byte) string {
	if i := bytes.IndexByte(maintainer, '<'); i > 0 {
		maintainer = bytes.TrimSpace(maintainer[:i])
	}
	return string(bytes.Trim(maintainer, `"`))
}

// pkg turns a paragraph into a package. The error says what is missing.
func (p *paragraph) pkg(path string) (sekisho.Package, error) {
	if len(p.name) == 0 || len(p.version) == 0 {
		return sekisho.Package{}, fmt.Errorf("read the paragraph at line %d: it has no %s", p.line, missing(p))
	}
	out := sekisho.Package{
		Ecosystem: sekisho.EcosystemDeb,
		Name:      string(p.name),
		Version:   string(p.version),
		Arch:      string(p.arch),
		Vendor:    vendor(p.maintainer),
		Line:      p.line,
		Locations: []sekisho.Location{{Path: path, Line: p.line}},
	}
	out.SourceName, out.SourceVersion = out.Name, out.Version
	if len(p.source) > 0 {
		name, version, _ := bytes.Cut(p.source, []byte("("))
		if name = bytes.TrimSpace(name); len(name) > 0 {
			out.SourceName = string(name)
		}
		if version = bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(version), []byte(")"))); len(version) > 0 {
			out.SourceVersion = string(version)
		}
	}
	return out, nil
}

func missing(p *paragraph) string {
	switch {
	case len(p.name) > 0:
		return "Version"
	case len(p.version) > 0:
		return "Package"
	}
	return "Package and no Version"
}
