// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const (
	statusPath = "var/lib/dpkg/status"
	statusDir  = "var/lib/dpkg/status.d/"
)

// status reads var/lib/dpkg/status, and status.d/* of distroless images.
type status struct{}

func (status) Name() string { return "debian/status" }
func (status) Version() int { return 1 }

func (status) Wants(f *sekisho.File) bool {
	if !strings.HasPrefix(f.Path, statusPath) {
		return false
	}
	return len(f.Path) == len(statusPath) ||
		strings.HasPrefix(f.Path, statusDir) && !strings.HasSuffix(f.Path, ".md5sums")
}

var errParagraphs = errors.New("some paragraphs have no package name or version: the database is damaged, packages may be missing")

// Extract gives the packages whose files are on disk: state "installed", and
// the half-way states of an interrupted installation. Paragraphs of removed
// packages ("deinstall ok config-files") are left out.
func (status) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	single := strings.HasPrefix(in.Path, statusDir)
	line := 1
	for len(b) > 0 {
		if err := ctx.Err(); err != nil {
			return inv, err
		}
		para := b
		if i := bytes.Index(b, []byte("\n\n")); i >= 0 {
			para, b = b[:i+1], b[i+2:]
		} else {
			b = nil
		}
		start := line
		line += bytes.Count(para, []byte{'\n'}) + 1
		for len(para) > 0 && para[0] == '\n' {
			para = para[1:]
			start++
		}
		if len(bytes.TrimSpace(para)) == 0 {
			continue
		}
		p, state := paragraph(para)
		if p.Name == "" || p.Version == "" && installed(state, single) {
			err = errParagraphs
			continue
		}
		if !installed(state, single) {
			continue
		}
		if !single {
			p.Line = start
		}
		inv.Packages = append(inv.Packages, p)
	}
	return inv, err
}

// installed reads "want flag state"; status.d has no such field.
func installed(state string, single bool) bool {
	if state == "" {
		return single
	}
	switch state[strings.LastIndexByte(state, ' ')+1:] {
	case "installed", "unpacked", "half-configured", "half-installed", "triggers-awaited", "triggers-pending":
		return true
	}
	return false
}

// paragraph reads the fields of one package.
func paragraph(b []byte) (p sekisho.Package, state string) {
	p.Ecosystem = sekisho.EcosystemDeb
	var source string
	for len(b) > 0 {
		var l []byte
		l, b, _ = bytes.Cut(b, []byte{'\n'})
		if len(l) == 0 || l[0] == ' ' || l[0] == '\t' {
			continue
		}
		k, v, ok := bytes.Cut(l, []byte{':'})
		if !ok {
			continue
		}
		switch string(k) { // compared without a copy
		case "Package":
			p.Name = value(v)
		case "Version":
			p.Version = value(v)
		case "Architecture":
			p.Arch = value(v)
		case "Source":
			source = value(v)
		case "Status":
			state = value(v)
		case "Maintainer":
			p.Vendor, _, _ = strings.Cut(value(v), " <")
		}
	}
	p.SourceName, p.SourceVersion = p.Name, p.Version
	if source != "" {
		name, version, ok := strings.Cut(source, " (")
		p.SourceName = name
		if ok {
			p.SourceVersion = strings.TrimSuffix(version, ")")
		}
	}
	return p, state
}

func value(b []byte) string { return string(bytes.TrimSpace(b)) }
