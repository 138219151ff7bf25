// SPDX-License-Identifier: Apache-2.0

// Package binary knows programs and libraries that people compile from source
// and copy into images, by the version strings that their authors put into
// them. It looks at files by name and reads them; it runs nothing, and does
// not ask whether a distribution's package owns the file: the walk does.
//
// Programs in Go are left to the golang ecosystem: their build information
// tells more.
package binary

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor {
	return []sekisho.Extractor{newExecutable(), versionFile{}, uses{}}
}

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// maxVersion is the longest version that is believed, in bytes.
const maxVersion = 40

func makePackage(name, version string) sekisho.Package {
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "generic", Name: name, Version: version}.String(),
		Ecosystem: sekisho.EcosystemBinary,
		Name:      name,
		Version:   strings.Clone(version),
	}
}

// executable reads ELF programs and shared libraries with well-known names.
type executable struct{ buffers *buffers }

func newExecutable() executable { return executable{buffers: &buffers{}} }

func (executable) Name() string { return "binary/executable" }
func (executable) Version() int { return 1 }

const elfMagic = "\x7fELF"

func (executable) Wants(f *sekisho.File) bool {
	return len(f.Head) >= 4 && string(f.Head[:4]) == elfMagic && f.Type == sekisho.TypeRegular &&
		find(f.Path[strings.LastIndexByte(f.Path, '/')+1:]) != nil
}

func (x executable) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	base := in.Path[strings.LastIndexByte(in.Path, '/')+1:]
	p := find(base)
	if p == nil {
		return inv, nil
	}
	name, version, err := x.buffers.search(ctx, in, p, base)
	if err != nil {
		return inv, fmt.Errorf("look for the version of %s: %w", p.name, err)
	}
	// A program of that name without the mark is another program, or a
	// launcher whose library has the mark: nothing is known, nothing is said.
	if version != "" {
		inv.Packages = append(inv.Packages, makePackage(name, version))
	}
	return inv, nil
}

// versionFile reads the small text files in which some of them keep their
// version: VERSION of a Go tree, OTP_VERSION of Erlang, WordPress' version.php,
// the DESCRIPTION of R's base package (R's programs hold their version in
// pieces), and julia_version.h, which Julia's src/Makefile writes and its
// releases install as include/julia/julia_version.h.
type versionFile struct{}

func (versionFile) Name() string { return "binary/version-file" }
func (versionFile) Version() int { return 2 }

const maxVersionFile = 64 << 10

func (versionFile) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || f.Size > maxVersionFile {
		return false
	}
	switch {
	case strings.HasSuffix(f.Path, "VERSION"):
		return isBase(f.Path, "VERSION") && strings.HasPrefix(string(f.Head[:min(len(f.Head), 4)]), "go1") ||
			isBase(f.Path, "OTP_VERSION") && strings.Contains(f.Path, "releases/")
	case strings.HasSuffix(f.Path, "wp-includes/version.php"):
		return isBase(f.Path, "wp-includes/version.php")
	case strings.HasSuffix(f.Path, "/base/DESCRIPTION"):
		return isBase(f.Path, "library/base/DESCRIPTION")
	case strings.HasSuffix(f.Path, "julia_version.h"):
		return isBase(f.Path, "julia/julia_version.h")
	}
	return false
}

var errNoVersion = errors.New("no version is in the file that should have it")

func (versionFile) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	if in.Size > maxVersionFile {
		return inv, fmt.Errorf("read version file: %d bytes are too many for one", in.Size)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var name, version string
	switch {
	case isBase(in.Path, "OTP_VERSION"):
		name, version = "erlang", string(versionAt(b))
	case isBase(in.Path, "version.php"):
		name = "wordpress"
		for line := range strings.Lines(string(b)) {
			rest, ok := strings.CutPrefix(strings.TrimSpace(line), "$wp_version")
			if rest = strings.TrimLeft(rest, " \t"); !ok || !strings.HasPrefix(rest, "=") {
				continue
			}
			version = string(versionAt([]byte(strings.Trim(rest[1:], " \t'\""))))
			break
		}
	case isBase(in.Path, "DESCRIPTION"):
		if fieldOf(b, "Package:") != "base" || fieldOf(b, "Priority:") != "base" {
			return inv, nil // the base package of somebody else
		}
		name, version = "r", string(versionAt([]byte(fieldOf(b, "Version:"))))
	case isBase(in.Path, "julia_version.h"):
		name, version = "julia", string(versionAt([]byte(strings.Trim(fieldOf(b, "#define JULIA_VERSION_STRING "), `"`))))
	default:
		name, version = "go", string(versionAt(b[min(len(b), len("go")):]))
	}
	if version == "" {
		return inv, errNoVersion
	}
	p := makePackage(name, version)
	inv.Packages = append(inv.Packages, p)
	return inv, nil
}

// fieldOf is the rest of the first line that begins so; empty when there is none.
func fieldOf(b []byte, begin string) string {
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, begin); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
