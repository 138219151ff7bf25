// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// bunLock reads bun.lock, JSON with trailing commas and comments.
// See https://bun.sh/docs/install/lockfile.
type bunLock struct{}

func (bunLock) Name() string { return "npm/bun" }
func (bunLock) Version() int { return 2 }

func (bunLock) Wants(f *sekisho.File) bool { return base(f.Path, "bun.lock") && !installed(f.Path) }

// bunEntry is one package of the lock, by its place: "a/b" is the b that only a sees.
type bunEntry struct {
	pkg      int // its number in the inventory, -1 for a workspace, a path, git
	platform bool
	needs    bunNeeds
}

// bunNeeds are the lists that a workspace and a package have.
type bunNeeds struct {
	Name          string            `json:"name"`
	Dependencies  map[string]string `json:"dependencies"`
	Dev           map[string]string `json:"devDependencies"`
	Optional      map[string]string `json:"optionalDependencies"`
	Peer          map[string]string `json:"peerDependencies"`
	OptionalPeers []string          `json:"optionalPeers"`
	OS            json.RawMessage   `json:"os"`
	CPU           json.RawMessage   `json:"cpu"`
}

// bunGraph is what the lock says, to be followed from the workspaces.
type bunGraph struct {
	workspaces []bunNeeds
	entries    map[string]*bunEntry
}

func (bunLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(plainJSON(b))
	g := bunGraph{entries: map[string]*bunEntry{}}
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "workspaces":
			return j.Object(ctx, func(key string, _ int) error {
				var w bunNeeds
				if err := j.Decode(&w); err != nil {
					return err
				}
				if key == "" {
					w.Name = "" // the root's packages lie at the top
				}
				g.workspaces = append(g.workspaces, w)
				return nil
			})
		case "packages":
			return j.Object(ctx, func(key string, line int) error {
				var list []json.RawMessage
				if err := j.Decode(&list); err != nil {
					return err
				}
				var id string
				if len(list) == 0 || json.Unmarshal(list[0], &id) != nil || len(key) > maxPath {
					return nil
				}
				e := &bunEntry{pkg: -1}
				g.entries[key] = e
				for _, part := range list[1:] {
					if len(part) > 0 && part[0] == '{' && json.Unmarshal(part, &e.needs) == nil {
						e.platform = len(e.needs.OS)+len(e.needs.CPU) > 0
						break
					}
				}
				name, version := splitSpec(id)
				if !registryVersion(version) || !validName(name) {
					return nil
				}
				p := pkg(name, version)
				p.Line, p.Relationship = line, sekisho.Transitive
				e.pkg = len(inv.Packages)
				inv.Packages = append(inv.Packages, p)
				return nil
			})
		}
		return j.Skip()
	})
	if err != nil {
		return inv, fmt.Errorf("it is no valid bun.lock: %w", err)
	}
	g.mark(inv.Packages, tree(in.Path))
	return inv, nil
}

// mark says of each package how the workspaces come to it.
func (g *bunGraph) mark(packages []sekisho.Package, tree string) {
	production, required := map[*bunEntry]bool{}, map[*bunEntry]bool{}
	for _, w := range g.workspaces {
		for _, names := range []map[string]string{w.Dependencies, w.Dev, w.Optional, w.Peer} {
			for n := range names {
				if _, e := g.find(w.Name, n); e != nil && e.pkg >= 0 {
					packages[e.pkg].Relationship = sekisho.Direct
				}
			}
		}
		g.follow(w.Name, &w, production, true)
		w.Optional = nil
		g.follow(w.Name, &w, required, false)
	}
	for _, e := range g.entries {
		if e.pkg < 0 {
			continue
		}
		p := &packages[e.pkg]
		p.Dev = !production[e] && len(g.workspaces) > 0
		if p.Dev || !required[e] || e.platform {
			p.Tree = tree
		}
	}
}

// follow collects what is needed without the needs of development, with or
// without what is optional.
func (g *bunGraph) follow(from string, needs *bunNeeds, seen map[*bunEntry]bool, optional bool) {
	type step struct {
		at    string
		needs *bunNeeds
	}
	todo := []step{{from, needs}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		lists := []map[string]string{s.needs.Dependencies, s.needs.Peer}
		if optional {
			lists = append(lists, s.needs.Optional)
		}
		for _, names := range lists {
			for n := range names {
				if !optional && slices.Contains(s.needs.OptionalPeers, n) {
					continue
				}
				if at, e := g.find(s.at, n); e != nil && !seen[e] {
					seen[e] = true
					todo = append(todo, step{at, &e.needs})
				}
			}
		}
	}
}

// find looks a name up as seen by the package at a place: its own first, then
// those of the places above.
func (g *bunGraph) find(at, name string) (string, *bunEntry) {
	for {
		key := strings.TrimPrefix(at+"/"+name, "/")
		if e := g.entries[key]; e != nil {
			return key, e
		}
		if at == "" {
			return "", nil
		}
		i := strings.LastIndexByte(at, '/')
		if i > 0 && at[strings.LastIndexByte(at[:i], '/')+1] == '@' {
			i = strings.LastIndexByte(at[:i], '/') // "@scope/name" is one
		}
		at = at[:max(i, 0)]
	}
}

// plainJSON blanks comments and trailing commas out; lines stay where they are.
func plainJSON(b []byte) []byte {
	out := make([]byte, len(b))
	copy(out, b)
	comma := -1
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			comma = -1
			for i++; i < len(out) && out[i] != '"'; i++ {
				if out[i] == '\\' {
					i++
				}
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		case c == '/' && i+1 < len(out) && out[i+1] == '*':
			for ; i < len(out) && !(out[i] == '*' && i+1 < len(out) && out[i+1] == '/'); i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			if i+1 < len(out) {
				out[i], out[i+1] = ' ', ' '
			}
		case c == ',':
			comma = i
		case c == '}' || c == ']':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
		case c > ' ':
			comma = -1
		}
	}
	return out
}
