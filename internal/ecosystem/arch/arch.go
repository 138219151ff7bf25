// SPDX-License-Identifier: Apache-2.0

// Package arch knows what pacman leaves on a disk: its local database, a
// directory a package, on Arch Linux and its derivatives. It judges nothing.
//
// Format: https://man.archlinux.org/man/alpm-db-desc.5 and
// https://man.archlinux.org/man/alpm-db-files.5.
package arch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this room.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{description{}, fileList{}} }

const localDir = "var/lib/pacman/local/"

// entry is the directory of the package whose file it is, "zlib-1:1.3.1-2";
// empty for anything else.
func entry(path, file string) string {
	if !strings.HasSuffix(path, file) || !strings.HasPrefix(path, localDir) || len(path) <= len(localDir)+len(file) {
		return ""
	}
	dir := path[len(localDir) : len(path)-len(file)]
	if strings.IndexByte(dir, '/') >= 0 {
		return ""
	}
	return dir
}

// sections calls each for every line of every %SECTION%, with its number.
func sections(s string, each func(section, line string, number int)) {
	section, number := "", 0
	for line := range strings.Lines(s) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
			section = ""
		case section == "" && len(line) > 2 && line[0] == '%' && line[len(line)-1] == '%':
			section = line[1 : len(line)-1]
		case section != "":
			each(section, line, number)
		}
	}
}

// description reads var/lib/pacman/local/*/desc.
type description struct{}

func (description) Name() string               { return "arch/desc" }
func (description) Version() int               { return 1 }
func (description) Wants(f *sekisho.File) bool { return entry(f.Path, "/desc") != "" }

// maxLicenses is how many licences one package can declare.
const maxLicenses = 200

func (description) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	b, err := in.Bytes()
	if err != nil {
		return sekisho.Inventory{}, fmt.Errorf("read the package's description: %w", err)
	}
	p := sekisho.Package{Ecosystem: sekisho.EcosystemALPM}
	sections(string(b), func(section, line string, number int) {
		switch section {
		case "NAME":
			p.Name, p.Line = strings.Clone(line), number
		case "VERSION":
			p.Version = strings.Clone(line)
		case "BASE":
			p.SourceName = strings.Clone(line)
		case "ARCH":
			p.Arch = strings.Clone(line)
		case "LICENSE":
			if len(p.Licenses) < maxLicenses {
				p.Licenses = append(p.Licenses, strings.Clone(line))
			}
		case "PACKAGER":
			name, _, _ := strings.Cut(line, "<")
			p.Vendor = strings.Clone(strings.TrimSpace(name))
		}
	})
	if p.Name == "" || p.Version == "" {
		return sekisho.Inventory{}, errors.New("the package's description has no %NAME% or no %VERSION%")
	}
	// Packages that are built together share a version.
	p.SourceVersion = p.Version
	if p.SourceName == "" {
		p.SourceName = p.Name
	}
	p.Locations = []sekisho.Location{{Path: in.Path, Line: p.Line}}
	return sekisho.Inventory{Packages: []sekisho.Package{p}}, nil
}

// fileList reads var/lib/pacman/local/*/files.
type fileList struct{}

func (fileList) Name() string               { return "arch/files" }
func (fileList) Version() int               { return 1 }
func (fileList) Wants(f *sekisho.File) bool { return entry(f.Path, "/files") != "" }

// Extract states who owns the files; the directory tells the name, because the
// list does not: NAME-VERSION-RELEASE, where neither of the last two has a "-".
func (fileList) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	b, err := in.Bytes()
	if err != nil {
		return sekisho.Inventory{}, fmt.Errorf("read the package's file list: %w", err)
	}
	dir := entry(in.Path, "/files")
	end := strings.LastIndexByte(dir, '-')
	if end > 0 {
		end = strings.LastIndexByte(dir[:end], '-')
	}
	if end <= 0 {
		return sekisho.Inventory{}, fmt.Errorf("the directory %q is not named NAME-VERSION-RELEASE", dir)
	}
	s := string(b)
	files := make(sekisho.PathSet, 0, strings.Count(s, "\n"))
	sections(s, func(section, line string, _ int) {
		if section == "FILES" && !strings.HasSuffix(line, "/") {
			files = append(files, sekisho.HashPath(line))
		}
	})
	if len(files) == 0 {
		return sekisho.Inventory{}, nil // a package that only depends on others
	}
	return sekisho.Inventory{Owned: []sekisho.Ownership{{
		Ecosystem: sekisho.EcosystemALPM,
		Name:      strings.Clone(dir[:end]),
		Version:   strings.Clone(dir[end+1:]),
		Files:     files.Sorted(),
	}}}, nil
}
