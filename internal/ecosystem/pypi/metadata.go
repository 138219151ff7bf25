// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// metadata reads what is installed: *.dist-info/METADATA, *.egg-info/PKG-INFO,
// a file *.egg-info, and EGG-INFO/PKG-INFO in or beside an egg.
// See https://packaging.python.org/en/latest/specifications/core-metadata/.
type metadata struct{}

func (metadata) Name() string { return "pypi/metadata" }
func (metadata) Version() int { return 1 }

func (metadata) Wants(f *sekisho.File) bool {
	p := f.Path
	switch {
	case strings.HasSuffix(p, ".dist-info/METADATA"), strings.HasSuffix(p, "EGG-INFO/PKG-INFO"):
		return true
	case strings.HasSuffix(p, ".egg-info/PKG-INFO"), strings.HasSuffix(p, ".egg-info"), strings.HasSuffix(p, ".egg"):
		// In a source tree an egg-info beside setup.py is the project itself.
		return strings.Contains(p, "-packages/") || strings.Contains(p, "/lib/python")
	}
	return false
}

func (metadata) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if strings.HasSuffix(in.Path, ".egg") {
		return egg(in)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	p, err := headers(b)
	if err != nil {
		return inv, err
	}
	inv.Packages = []sekisho.Package{p}
	return inv, nil
}

// maxMetadata bounds the metadata within an egg, in bytes.
const maxMetadata = 4 << 20

func egg(in *sekisho.Input) (inv sekisho.Inventory, err error) {
	z, err := zip.NewReader(in.Content, in.Size)
	if err != nil {
		return inv, fmt.Errorf("it is no valid egg: %w", err)
	}
	for _, f := range z.File {
		if f.Name != "EGG-INFO/PKG-INFO" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return inv, fmt.Errorf("read %s: %w", f.Name, err)
		}
		b, err := io.ReadAll(io.LimitReader(r, maxMetadata))
		r.Close()
		if err != nil {
			return inv, fmt.Errorf("read %s: %w", f.Name, err)
		}
		p, err := headers(b)
		if err != nil {
			return inv, err
		}
		p.Locations = []sekisho.Location{{Path: in.Path + "!/" + f.Name}}
		inv.Packages = []sekisho.Package{p}
		return inv, nil
	}
	return inv, nil
}

var errNameless = errors.New("it names no package and version: what is installed here is not assessed")

// headers reads the fields before the first empty line.
func headers(b []byte) (sekisho.Package, error) {
	var name, version, license, expression string
	var classifiers []string
	for len(b) > 0 {
		var l []byte
		l, b, _ = bytes.Cut(b, []byte{'\n'})
		l = bytes.TrimRight(l, "\r")
		if len(l) == 0 {
			break // the description follows
		}
		k, v, ok := bytes.Cut(l, []byte(":"))
		if !ok || l[0] == ' ' || l[0] == '\t' {
			continue
		}
		value := func() string { return string(bytes.TrimSpace(v)) }
		switch string(k) {
		case "Name":
			name = value()
		case "Version":
			version = value()
		case "License":
			license = value()
		case "License-Expression":
			expression = value()
		case "Classifier":
			if c, ok := strings.CutPrefix(value(), "License :: "); ok && len(classifiers) < 10 {
				if i := strings.LastIndex(c, ":: "); i >= 0 {
					c = c[i+3:]
				}
				classifiers = append(classifiers, c)
			}
		}
	}
	if !validName(name) || version == "" {
		return sekisho.Package{}, errNameless
	}
	p := pkg(name, version)
	switch {
	case expression != "":
		p.Licenses = []string{expression}
	case license != "" && license != "UNKNOWN" && len(license) < 100:
		p.Licenses = []string{license}
	default:
		p.Licenses = classifiers
	}
	return p, nil
}
