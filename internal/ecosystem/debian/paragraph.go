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
	// What it needs and offers; these may go on over several lines.
	needs, preDepends, recommends, suggests, provides []byte
	essential, protected, important, priority         []byte
}

// eachParagraph cuts a control file into paragraphs and hands them over one by
// one. Fields that no fact needs are passed over at the speed of a search for
// the end of the line.
func eachParagraph(b []byte, each func(*paragraph)) {
	var p paragraph
	var open *[]byte // the field that the next line may go on with, from begin on
	begin, whole := 0, b
	for line := 1; len(b) > 0; line++ {
		text := b
		start := len(whole) - len(b)
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
			open = nil
			continue
		}
		if text[0] == ' ' || text[0] == '\t' {
			if open != nil {
				*open = whole[begin : start+len(text)]
			}
			continue
		}
		open = nil
		if p.line == 0 {
			p.line = line
		}
		if field, value := p.field(text); field != nil {
			*field = bytes.TrimSpace(value)
			if field == &p.needs || field == &p.preDepends || field == &p.recommends || field == &p.suggests || field == &p.provides {
				open, begin = field, start+len(text)-len(value)
			}
		}
	}
	if p.line > 0 {
		each(&p)
	}
}

// field finds where the value of a line belongs; nil for what no fact needs.
func (p *paragraph) field(line []byte) (field *[]byte, value []byte) {
	second := byte(0)
	if len(line) > 1 {
		second = line[1] | 0x20
	}
	var key string
	switch line[0] | 0x20 {
	case 'p':
		switch {
		case second == 'a':
			field, key = &p.name, "package:"
		case len(line) > 3 && second == 'r' && line[2]|0x20 == 'i':
			field, key = &p.priority, "priority:"
		case len(line) > 3 && second == 'r' && line[2]|0x20 == 'e':
			field, key = &p.preDepends, "pre-depends:"
		case len(line) > 4 && second == 'r' && line[4]|0x20 == 'i':
			field, key = &p.provides, "provides:"
		default:
			field, key = &p.protected, "protected:"
		}
	case 's':
		switch second {
		case 'o':
			field, key = &p.source, "source:"
		case 'u':
			field, key = &p.suggests, "suggests:"
		default:
			field, key = &p.status, "status:"
		}
	case 'v':
		field, key = &p.version, "version:"
	case 'a':
		field, key = &p.arch, "architecture:"
	case 'm':
		field, key = &p.maintainer, "maintainer:"
	case 'd':
		field, key = &p.needs, "depends:"
	case 'r':
		field, key = &p.recommends, "recommends:"
	case 'e':
		field, key = &p.essential, "essential:"
	case 'i':
		field, key = &p.important, "important:"
	default:
		return nil, nil
	}
	if len(line) < len(key) || !strings.EqualFold(string(line[:len(key)]), key) {
		return nil, nil
	}
	return field, line[len(key):]
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
