// SPDX-License-Identifier: Apache-2.0

// Package julia knows the world of Julia's General registry: manifests of
// projects and packages in a depot. It runs no Julia and judges nothing.
package julia

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{manifest{}, depot{}} }

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

func pkg(name, version, uuid string) sekisho.Package {
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "julia", Name: name, Version: version, Qualifiers: map[string]string{"uuid": uuid}}.String(),
		Ecosystem: sekisho.EcosystemJulia,
		Name:      name,
		Version:   version,
	}
}

// manifest reads Manifest.toml, formats 1.0 ("[[NAME]]") and 2.0
// ("[[deps.NAME]]"), and the Project.toml beside it, which says what the
// project itself asked for. Entries without a version are Julia's own
// standard library. See https://pkgdocs.julialang.org/v1/toml-files/.
type manifest struct{}

func (manifest) Name() string { return "julia/manifest" }
func (manifest) Version() int { return 1 }

func (manifest) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, ".toml") &&
		(isBase(f.Path, "Manifest.toml") || isBase(f.Path, "Project.toml")) &&
		!strings.Contains(f.Path, "julia/packages/") // of an unpacked dependency
}

// Group gives Project.toml to the Manifest.toml of the same directory.
func (manifest) Group(path string) string {
	if dir, ok := strings.CutSuffix(path, "Project.toml"); ok {
		return dir + "Manifest.toml"
	}
	return path
}

func (manifest) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var direct map[string]bool
	if project := in.Beside[strings.TrimSuffix(in.Path, "Manifest.toml")+"Project.toml"]; project != nil {
		if direct, err = dependencies(ctx, project); err != nil {
			return inv, err
		}
	}
	var name, version, uuid string
	var at int
	local := false
	flush := func() {
		if name != "" && version != "" {
			p := pkg(name, version, uuid)
			p.Line = at
			switch {
			case local:
				p.Relationship = sekisho.Root
			case direct[name]:
				p.Relationship = sekisho.Direct
			case direct != nil:
				p.Relationship = sekisho.Transitive
			}
			inv.Packages = append(inv.Packages, p)
		}
		name, version, uuid, local = "", "", "", false
	}
	inside := false // in the table of the package itself, not in one below it
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			break
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		line = bytes.TrimSpace(line)
		if table, ok := bytes.CutPrefix(line, []byte("[[")); ok {
			flush()
			table, _, _ = bytes.Cut(table, []byte("]]"))
			name = string(lockfile.Unquote(bytes.TrimPrefix(bytes.TrimSpace(table), []byte("deps."))))
			at, inside = t.Line, true
			continue
		}
		if len(line) > 0 && line[0] == '[' {
			inside = false
			continue
		}
		key, value, ok := bytes.Cut(line, []byte{'='})
		if !ok || !inside {
			continue
		}
		switch string(bytes.TrimSpace(key)) {
		case "version":
			version = string(lockfile.Unquote(value))
		case "uuid":
			uuid = string(lockfile.Unquote(value))
		case "path":
			local = true
		}
	}
	flush()
	return inv, nil
}

// dependencies reads the names of [deps].
func dependencies(ctx context.Context, in *sekisho.Input) (map[string]bool, error) {
	b, err := in.Bytes()
	if err != nil {
		return nil, err
	}
	deps := map[string]bool{}
	inside := false
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			return deps, nil
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] == '[' {
			inside = string(line) == "[deps]"
			continue
		}
		if key, _, ok := bytes.Cut(line, []byte{'='}); ok && inside {
			deps[string(lockfile.Unquote(key))] = true
		}
	}
}

// depot reads Project.toml of the packages that are unpacked in a depot,
// .julia/packages/NAME/SLUG/Project.toml.
type depot struct{}

func (depot) Name() string { return "julia/depot" }
func (depot) Version() int { return 1 }

func (depot) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || !strings.HasSuffix(f.Path, "/Project.toml") {
		return false
	}
	i := strings.LastIndex(f.Path, "packages/")
	return i > 0 && strings.Count(f.Path[i:], "/") == 3 && strings.Contains(f.Path[:i], "julia")
}

var errProject = errors.New("project file of an installed package has no name or version")

func (depot) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var name, version, uuid string
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		line = bytes.TrimSpace(line)
		if !ok || len(line) > 0 && line[0] == '[' {
			break // tables follow
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		key, value, _ := bytes.Cut(line, []byte{'='})
		switch string(bytes.TrimSpace(key)) {
		case "name":
			name = string(lockfile.Unquote(value))
		case "version":
			version = string(lockfile.Unquote(value))
		case "uuid":
			uuid = string(lockfile.Unquote(value))
		}
	}
	if name == "" || version == "" {
		return inv, errProject
	}
	inv.Packages = append(inv.Packages, pkg(name, version, uuid))
	return inv, nil
}
