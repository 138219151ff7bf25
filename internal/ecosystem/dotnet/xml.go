// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// packagesConfig reads packages.config, NuGet's first format: one element a
// package, <package id="..." version="..." developmentDependency="true"/>.
// See https://learn.microsoft.com/nuget/reference/packages-config.
type packagesConfig struct{}

func (packagesConfig) Name() string { return "dotnet/packages-config" }
func (packagesConfig) Version() int { return 1 }

func (packagesConfig) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "packages.config")
}

func (packagesConfig) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	err = elements(ctx, in, "package", func(line int, attr func(string) string) {
		name, version := attr("id"), attr("version")
		if name == "" || version == "" {
			return
		}
		p := nuget(name, version)
		p.Line = line
		p.Dev = strings.EqualFold(attr("developmentDependency"), "true")
		inv.Packages = append(inv.Packages, p)
	})
	return inv, err
}

// centralPackages reads Directory.Packages.props: the versions that the
// projects of a tree share. Versions made of properties or ranges are not
// resolved, and left out. See
// https://learn.microsoft.com/nuget/consume-packages/central-package-management.
type centralPackages struct{}

func (centralPackages) Name() string { return "dotnet/central-packages" }
func (centralPackages) Version() int { return 1 }

func (centralPackages) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "Directory.Packages.props")
}

func (centralPackages) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	add := func(line int, attr func(string) string) {
		name, version := attr("Include"), attr("Version")
		if name == "" || version == "" || strings.ContainsAny(version+name, "$([*,;") {
			return
		}
		p := nuget(name, version)
		p.Line = line
		p.Relationship = sekisho.Direct
		inv.Packages = append(inv.Packages, p)
	}
	err = elements(ctx, in, "PackageVersion", add)
	if err != nil {
		return inv, err
	}
	return inv, elements(ctx, in, "GlobalPackageReference", add)
}

// elements calls fn for each element of a name. Nesting is bounded, and no
// entity but XML's own five is expanded.
func elements(ctx context.Context, in *sekisho.Input, name string, fn func(line int, attr func(string) string)) error {
	b, err := in.Bytes()
	if err != nil {
		return err
	}
	if u := utf16Text(b); u != nil {
		b = u
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	dec := xml.NewDecoder(bytes.NewReader(b))
	// Names and versions are ASCII, which all encodings in use share.
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	depth, line, counted := 0, 1, 0
	any := false
	for n := 0; ; n++ {
		if n&255 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		start := int(dec.InputOffset())
		t, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 || !any {
				return fmt.Errorf("read %s elements: the XML ends in the middle", name)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s elements: %w", name, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			any = true
			if depth++; depth > 64 {
				return fmt.Errorf("read %s elements: the XML is nested deeper than 64", name)
			}
			if t.Name.Local != name {
				continue
			}
			line += bytes.Count(b[counted:start], []byte{'\n'})
			counted = start
			fn(line, func(attr string) string {
				for _, a := range t.Attr {
					if a.Name.Local == attr {
						return strings.TrimSpace(a.Value)
					}
				}
				return ""
			})
		case xml.EndElement:
			if depth--; depth < 0 {
				return fmt.Errorf("read %s elements: the XML closes what it did not open", name)
			}
		}
	}
}

// utf16Text turns UTF-16 with a byte order mark, which old Windows tools
// write, into its ASCII part; nil when b is not UTF-16.
func utf16Text(b []byte) []byte {
	if len(b) < 2 || !(b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff) {
		return nil
	}
	high := 1
	if b[0] == 0xfe {
		high = 0
	}
	out := make([]byte, 0, len(b)/2)
	for i := 2; i+1 < len(b); i += 2 {
		c := b[i+1-high]
		if b[i+high] != 0 || c >= 0x80 {
			c = '?'
		}
		out = append(out, c)
	}
	return out
}
