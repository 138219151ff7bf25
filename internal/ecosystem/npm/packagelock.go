// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// packageLock reads package-lock.json and npm-shrinkwrap.json, versions 1 to 3.
// node_modules/.package-lock.json is left out: it repeats what is installed.
// See https://docs.npmjs.com/cli/configuring-npm/package-lock-json.
type packageLock struct{}

func (packageLock) Name() string { return "npm/package-lock" }
func (packageLock) Version() int { return 2 }

func (packageLock) Wants(f *sekisho.File) bool {
	return (base(f.Path, "package-lock.json") || base(f.Path, "npm-shrinkwrap.json")) && !installed(f.Path)
}

// maxPath is the longest path in a lock that is looked up, in bytes.
const maxPath = 4096

// lockEntry has the fields of every version of the format.
type lockEntry struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Resolved     string            `json:"resolved"`
	Link         bool              `json:"link"`
	Dev          bool              `json:"dev"`
	Optional     bool              `json:"optional"`
	DevOptional  bool              `json:"devOptional"`
	License      any               `json:"license"`
	Requires     map[string]string `json:"dependencies"`
	DevRequires  map[string]string `json:"devDependencies"`
	OptRequires  map[string]string `json:"optionalDependencies"`
	PeerRequires map[string]string `json:"peerDependencies"`
}

func (packageLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	var old []sekisho.Package
	seen := false
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "packages":
			seen = true
			return packagesOf(ctx, j, in.Path, &inv)
		case "dependencies":
			return dependenciesOf(ctx, j, in.Path, &old, 0)
		}
		return j.Skip()
	})
	if !seen { // version 1
		inv.Packages = old
	}
	if err != nil {
		return inv, fmt.Errorf("it is no valid package-lock.json: %w", err)
	}
	return inv, nil
}

// packagesOf reads "packages" of versions 2 and 3: keys are paths.
func packagesOf(ctx context.Context, j *lockfile.JSON, path string, inv *sekisho.Inventory) error {
	wishes := map[string]bool{} // by the path where the lookup of node begins
	places := map[string]int{}  // paths, and the packages that lie there
	root := false
	err := j.Object(ctx, func(key string, line int) error {
		var e lockEntry
		if err := j.Decode(&e); err != nil {
			return err
		}
		i := strings.LastIndex(key, modules)
		if i < 0 { // the project itself, or one of its workspaces
			root = true
			for _, m := range []map[string]string{e.Requires, e.DevRequires, e.OptRequires, e.PeerRequires} {
				for n := range m {
					if len(key)+len(n) > maxPath {
						continue
					}
					wishes[strings.TrimPrefix(key+"/"+modules+n, "/")] = true
				}
			}
			return nil
		}
		name := key[i+len(modules):]
		if e.Name != "" {
			name = e.Name // installed under another name
		}
		if e.Link || !registryVersion(e.Version) || fromElsewhere(e.Resolved) || !validName(name) {
			return nil
		}
		p := pkg(name, e.Version)
		p.Line, p.Dev = line, e.Dev // devOptional is an optional package of production, too
		if e.Dev || e.Optional || e.DevOptional {
			p.Tree = tree(path)
		}
		if s, ok := e.License.(string); ok && s != "" {
			p.Licenses = []string{s}
		}
		p.Relationship = sekisho.Transitive
		places[key] = len(inv.Packages)
		inv.Packages = append(inv.Packages, p)
		return nil
	})
	if !root {
		for i := range inv.Packages {
			inv.Packages[i].Relationship = ""
		}
		return err
	}
	for w := range wishes {
		if at, ok := resolve(places, w); ok {
			inv.Packages[at].Relationship = sekisho.Direct
		}
	}
	return err
}

// resolve looks a path up as node does: a workspace's own node_modules first,
// then those of the directories above.
func resolve(places map[string]int, at string) (int, bool) {
	i := strings.LastIndex(at, modules)
	dir, name := strings.TrimSuffix(at[:i], "/"), at[i:]
	for {
		if n, ok := places[strings.TrimPrefix(dir+"/"+name, "/")]; ok {
			return n, true
		}
		if dir == "" {
			return 0, false
		}
		dir = dir[:max(strings.LastIndexByte(dir, '/'), 0)]
	}
}

// dependenciesOf reads "dependencies" of version 1, which nest.
func dependenciesOf(ctx context.Context, j *lockfile.JSON, path string, out *[]sekisho.Package, depth int) error {
	if depth > 100 {
		return fmt.Errorf("dependencies nest deeper than %d", depth)
	}
	return j.Object(ctx, func(name string, line int) error {
		var version, resolved string
		dev, optional := false, false
		err := j.Object(ctx, func(key string, _ int) error {
			switch key {
			case "version":
				return j.Decode(&version)
			case "resolved":
				var any any // a string, or false for what is bundled
				err := j.Decode(&any)
				resolved, _ = any.(string)
				return err
			case "dev":
				return j.Decode(&dev)
			case "optional":
				return j.Decode(&optional)
			case "dependencies":
				return dependenciesOf(ctx, j, path, out, depth+1)
			}
			return j.Skip()
		})
		if err != nil {
			return err
		}
		if rest, ok := strings.CutPrefix(version, "npm:"); ok { // an alias
			if i := strings.LastIndexByte(rest, '@'); i > 0 {
				name, version = rest[:i], rest[i+1:]
			}
		}
		if !registryVersion(version) || fromElsewhere(resolved) || !validName(name) {
			return nil
		}
		p := pkg(name, version)
		p.Line, p.Dev = line, dev
		if dev || optional {
			p.Tree = tree(path)
		}
		*out = append(*out, p)
		return nil
	})
}

// fromElsewhere says whether a package comes from git, a file or a directory:
// its version is then no version of the registry's.
func fromElsewhere(resolved string) bool {
	return strings.HasPrefix(resolved, "git") || strings.HasPrefix(resolved, "file:") || strings.HasPrefix(resolved, "ssh:")
}
