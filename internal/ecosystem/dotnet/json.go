// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// depsJSON reads NAME.deps.json, which stands beside a published application
// or framework: "libraries" holds "NAME/VERSION" with a type. See
// https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md.
type depsJSON struct{}

func (depsJSON) Name() string { return "dotnet/deps-json" }
func (depsJSON) Version() int { return 1 }

func (depsJSON) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, ".deps.json")
}

func (depsJSON) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	framework, frameworkVersion, isFramework := frameworkOf(in.Path)
	if isFramework {
		inv.Packages = append(inv.Packages, nuget(strings.Clone(framework), strings.Clone(frameworkVersion)))
	}
	j := lockfile.NewJSON(b)
	direct := map[string]bool{} // "NAME/VERSION"
	var roots []string
	needs := map[string]map[string]string{} // of projects, by their library key
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "targets":
			return j.Object(ctx, func(string, int) error {
				return j.Object(ctx, func(library string, _ int) error {
					var t struct{ Dependencies map[string]string }
					if err := j.Decode(&t); err != nil {
						return err
					}
					if len(t.Dependencies) > 0 {
						needs[library] = t.Dependencies
					}
					return nil
				})
			})
		case "libraries":
			return j.Object(ctx, func(library string, line int) error {
				var l struct{ Type string }
				if err := j.Decode(&l); err != nil {
					return err
				}
				name, version, ok := strings.Cut(library, "/")
				if !ok || name == "" || version == "" {
					return nil
				}
				switch strings.ToLower(l.Type) {
				case "package", "runtimepack":
					p := nuget(strings.TrimPrefix(name, "runtimepack."), version)
					p.Line = line
					inv.Packages = append(inv.Packages, p)
				case "project":
					roots = append(roots, library)
				}
				return nil
			})
		}
		return j.Skip()
	})
	if err != nil {
		err = fmt.Errorf("read dependency file: %w", err)
	}
	for _, r := range roots {
		for name, version := range needs[r] {
			direct[strings.ToLower(name)+"/"+version] = true
		}
	}
	for i := range inv.Packages {
		p := &inv.Packages[i]
		switch {
		case len(roots) == 0 || p.Line == 0:
		case direct[strings.ToLower(p.Name)+"/"+p.Version] || direct["runtimepack."+strings.ToLower(p.Name)+"/"+p.Version]:
			p.Relationship = sekisho.Direct
		default:
			p.Relationship = sekisho.Transitive
		}
	}
	return inv, err
}

// packagesLock reads packages.lock.json: per target framework, packages with
// their type and "resolved" version. See
// https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies.
type packagesLock struct{}

func (packagesLock) Name() string { return "dotnet/packages-lock" }
func (packagesLock) Version() int { return 1 }

// Wants packages.PROJECT.lock.json too, the name for two projects in one folder.
func (packagesLock) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || !strings.HasSuffix(f.Path, ".lock.json") {
		return false
	}
	return strings.HasPrefix(f.Path[strings.LastIndexByte(f.Path, '/')+1:], "packages.")
}

func (packagesLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	seen := map[string]int{} // "NAME/VERSION" to its index: targets repeat packages
	j := lockfile.NewJSON(b)
	err = j.Object(ctx, func(key string, _ int) error {
		if key != "dependencies" {
			return j.Skip()
		}
		return j.Object(ctx, func(string, int) error {
			return j.Object(ctx, func(name string, line int) error {
				var d struct{ Type, Resolved string }
				if err := j.Decode(&d); err != nil {
					return err
				}
				if strings.EqualFold(d.Type, "Project") || d.Resolved == "" || name == "" {
					return nil
				}
				p := nuget(name, d.Resolved)
				p.Line = line
				p.Relationship = sekisho.Transitive
				if strings.EqualFold(d.Type, "Direct") {
					p.Relationship = sekisho.Direct
				}
				id := p.Name + "/" + p.Version
				if i, ok := seen[id]; ok {
					if p.Relationship == sekisho.Direct {
						inv.Packages[i].Relationship = sekisho.Direct
					}
					return nil
				}
				seen[id] = len(inv.Packages)
				inv.Packages = append(inv.Packages, p)
				return nil
			})
		})
	})
	if err != nil {
		err = fmt.Errorf("read package lock: %w", err)
	}
	return inv, err
}

// projectAssets reads obj/project.assets.json, the result of "dotnet restore".
type projectAssets struct{}

func (projectAssets) Name() string { return "dotnet/project-assets" }
func (projectAssets) Version() int { return 1 }

func (projectAssets) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "project.assets.json")
}

func (projectAssets) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	direct := map[string]bool{}
	known := false
	j := lockfile.NewJSON(b)
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "libraries":
			return j.Object(ctx, func(library string, line int) error {
				var l struct{ Type string }
				if err := j.Decode(&l); err != nil {
					return err
				}
				name, version, ok := strings.Cut(library, "/")
				if ok && name != "" && version != "" && strings.EqualFold(l.Type, "package") {
					p := nuget(name, version)
					p.Line = line
					inv.Packages = append(inv.Packages, p)
				}
				return nil
			})
		case "projectFileDependencyGroups":
			var groups map[string][]string // "Newtonsoft.Json >= 13.0.3"
			if err := j.Decode(&groups); err != nil {
				return err
			}
			known = true
			for _, g := range groups {
				for _, d := range g {
					name, _, _ := strings.Cut(d, " ")
					direct[strings.ToLower(name)] = true
				}
			}
			return nil
		}
		return j.Skip()
	})
	if err != nil {
		err = fmt.Errorf("read project assets: %w", err)
	}
	for i := range inv.Packages {
		switch {
		case !known:
		case direct[strings.ToLower(inv.Packages[i].Name)]:
			inv.Packages[i].Relationship = sekisho.Direct
		default:
			inv.Packages[i].Relationship = sekisho.Transitive
		}
	}
	return inv, err
}
