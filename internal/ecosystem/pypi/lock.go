// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// tomlLock reads the locks that are TOML with a list of packages: poetry.lock,
// pdm.lock, uv.lock and pylock.toml (PEP 751).
type tomlLock struct{}

func (tomlLock) Name() string { return "pypi/lock" }
func (tomlLock) Version() int { return 1 }

func (tomlLock) Wants(f *sekisho.File) bool {
	switch {
	case f.Size > 64<<20:
		return false
	case strings.HasSuffix(f.Path, ".lock"):
		return base(f.Path, "poetry.lock") || base(f.Path, "pdm.lock") || base(f.Path, "uv.lock")
	}
	return strings.HasSuffix(f.Path, ".toml") && strings.HasPrefix(f.Path[strings.LastIndexByte(f.Path, '/')+1:], "pylock.")
}

type tomlPackage struct {
	Name      string         `toml:"name"`
	Version   string         `toml:"version"`
	Category  string         `toml:"category"` // old poetry: main, dev
	Groups    []string       `toml:"groups"`   // poetry 2, pdm
	Source    map[string]any `toml:"source"`
	VCS       map[string]any `toml:"vcs"`
	Directory map[string]any `toml:"directory"`
	Path      string         `toml:"path"`
	Git       string         `toml:"git"`
}

func (tomlLock) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var doc struct {
		Package  []tomlPackage `toml:"package"`
		Packages []tomlPackage `toml:"packages"`
	}
	if err := toml.Unmarshal(b, &doc); err != nil {
		return inv, fmt.Errorf("it is no valid %s: %w", in.Path[strings.LastIndexByte(in.Path, '/')+1:], err)
	}
	lines := starts(b)
	for i, p := range append(doc.Package, doc.Packages...) {
		if !validName(p.Name) || p.Version == "" || local(&p) {
			continue
		}
		out := pkg(p.Name, p.Version)
		if i < len(lines) {
			out.Line = lines[i]
		}
		out.Dev = p.Category == "dev" || len(p.Groups) > 0 && !contains(p.Groups, "main") && !contains(p.Groups, "default")
		inv.Packages = append(inv.Packages, out)
	}
	return inv, nil
}

// local says whether a package is the project itself, a path or a commit.
func local(p *tomlPackage) bool {
	for _, k := range []string{"virtual", "editable", "directory", "git", "path"} {
		if _, ok := p.Source[k]; ok {
			return true
		}
	}
	switch p.Source["type"] {
	case "git", "directory", "file", "url":
		return true
	}
	return p.VCS != nil || p.Directory != nil || p.Path != "" || p.Git != ""
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

// starts are the lines of the packages' tables, in order.
func starts(b []byte) (out []int) {
	n := 0
	for l := range bytes.Lines(b) {
		n++
		if l = bytes.TrimSpace(l); bytes.Equal(l, []byte("[[package]]")) || bytes.Equal(l, []byte("[[packages]]")) {
			out = append(out, n)
		}
	}
	return out
}

// pipfileLock reads Pipfile.lock: the sections "default" and "develop".
type pipfileLock struct{}

func (pipfileLock) Name() string { return "pypi/pipfile-lock" }
func (pipfileLock) Version() int { return 1 }

func (pipfileLock) Wants(f *sekisho.File) bool {
	return base(f.Path, "Pipfile.lock") && f.Size < 64<<20
}

func (pipfileLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	err = j.Object(ctx, func(section string, _ int) error {
		if section != "default" && section != "develop" {
			return j.Skip()
		}
		return j.Object(ctx, func(name string, line int) error {
			var e struct {
				Version string `json:"version"`
				Git     string `json:"git"`
				Path    string `json:"path"`
			}
			if err := j.Decode(&e); err != nil {
				return err
			}
			v, ok := strings.CutPrefix(e.Version, "==")
			if !ok || !validName(name) || v == "" || e.Git != "" || e.Path != "" {
				return nil
			}
			p := pkg(name, v)
			p.Line, p.Dev = line, section == "develop"
			inv.Packages = append(inv.Packages, p)
			return nil
		})
	})
	if err != nil {
		return inv, fmt.Errorf("it is no valid Pipfile.lock: %w", err)
	}
	return inv, nil
}
