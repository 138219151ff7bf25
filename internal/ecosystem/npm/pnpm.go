// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// pnpmLock reads pnpm-lock.yaml, versions 5 to 9; pnpm 11 writes two documents,
// of what pnpm itself needs and of the project.
// See https://github.com/pnpm/spec/tree/master/lockfile.
type pnpmLock struct{}

func (pnpmLock) Name() string { return "npm/pnpm" }
func (pnpmLock) Version() int { return 3 }

func (pnpmLock) Wants(f *sekisho.File) bool {
	return base(f.Path, "pnpm-lock.yaml") && !installed(f.Path)
}

func (pnpmLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	rest := bytes.NewReader(b)
	d := yaml.NewDecoder(reader(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil { // asked a few hundred bytes at a time
			return 0, err
		}
		return rest.Read(p)
	}))
	seen := map[string]int{} // the package's place in inv
	for {
		var doc yaml.Node
		if err := d.Decode(&doc); errors.Is(err, io.EOF) {
			return inv, nil
		} else if err != nil {
			if ctx.Err() != nil {
				return inv, ctx.Err()
			}
			return inv, fmt.Errorf("it is no valid pnpm-lock.yaml: %w", err)
		}
		if len(doc.Content) > 0 {
			pnpmDocument(&inv, seen, doc.Content[0], in.Path)
		}
	}
}

// reader reads by a function.
type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

// pnpmDocument adds the packages of one document.
func pnpmDocument(inv *sekisho.Inventory, seen map[string]int, top *yaml.Node, path string) {
	direct := map[string]bool{}
	prod, required := map[string]bool{}, map[string]bool{}
	importer := func(n *yaml.Node) {
		for _, field := range []string{"dependencies", "devDependencies", "optionalDependencies"} {
			each(child(n, field), func(k, v *yaml.Node) {
				version := v.Value
				if c := child(v, "version"); c != nil {
					version = c.Value
				}
				id := pnpmID(k.Value, version)
				direct[id] = true
				if field != "devDependencies" {
					prod[id] = true
				}
				if field == "dependencies" {
					required[id] = true
				}
			})
		}
	}
	importer(top)
	each(child(top, "importers"), func(_, v *yaml.Node) { importer(v) })
	prod, required = reachable(top, prod, "dependencies", "optionalDependencies"), reachable(top, required, "dependencies")
	each(child(top, "packages"), func(k, v *yaml.Node) {
		name, version := pnpmKey(k.Value)
		if n, ver := child(v, "name"), child(v, "version"); n != nil && ver != nil {
			name, version = n.Value, ver.Value
		}
		if !registryVersion(version) || !validName(name) {
			return
		}
		if r := child(child(v, "resolution"), "type"); r != nil && (r.Value == "git" || r.Value == "directory") {
			return
		}
		p := pkg(name, version)
		p.Line, p.Relationship = k.Line, sekisho.Transitive
		if direct[name+"@"+version] {
			p.Relationship = sekisho.Direct
		}
		d, o := child(v, "dev"), child(v, "optional") // until version 6
		p.Dev = d != nil && d.Value == "true"
		optional := o != nil && o.Value == "true"
		if d == nil && prod != nil {
			p.Dev, optional = !prod[name+"@"+version], !required[name+"@"+version]
		}
		if p.Dev || optional || child(v, "os") != nil || child(v, "cpu") != nil {
			p.Tree = tree(path)
		}
		if i, ok := seen[name+"@"+version]; ok { // with other peers, or in the other document
			old := &inv.Packages[i]
			old.Dev = old.Dev && p.Dev
			if p.Tree == "" {
				old.Tree = ""
			}
			if p.Relationship == sekisho.Direct {
				old.Relationship = p.Relationship
			}
			return
		}
		seen[name+"@"+version] = len(inv.Packages)
		inv.Packages = append(inv.Packages, p)
	})
}

// pnpmID makes "name@1.0" of a name and what it stands for: "1.0.0(peer@1)", or
// another package's "real@1.0", "/real@1.0", "/real/1.0".
func pnpmID(name, version string) string {
	rest, slash := strings.CutPrefix(version, "/")
	if plain, _, _ := strings.Cut(rest, "("); slash || strings.LastIndexByte(plain, '@') > 0 && !strings.Contains(plain, "_") {
		if real, v := pnpmKey(version); registryVersion(v) {
			return real + "@" + v
		}
	}
	return name + "@" + plainVersion(version)
}

// reachable follows the snapshots of version 9 from some packages on; nil
// where the lock has none.
func reachable(top *yaml.Node, from map[string]bool, fields ...string) map[string]bool {
	snapshots := child(top, "snapshots")
	if snapshots == nil {
		return nil
	}
	next := map[string][]string{}
	each(snapshots, func(k, v *yaml.Node) {
		name, version := pnpmKey(k.Value)
		id := name + "@" + version
		for _, field := range fields {
			each(child(v, field), func(k, v *yaml.Node) {
				next[id] = append(next[id], pnpmID(k.Value, v.Value))
			})
		}
	})
	seen := map[string]bool{}
	todo := make([]string, 0, len(from))
	for id := range from {
		todo = append(todo, id)
	}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[id] {
			seen[id] = true
			todo = append(todo, next[id]...)
		}
	}
	return seen
}

// plainVersion cuts the peers off: "1.0.0(react@18.0.0)", "1.0.0_react@18".
func plainVersion(s string) string {
	s, _, _ = strings.Cut(s, "(")
	if i := strings.IndexByte(s, '_'); i > 0 {
		s = s[:i]
	}
	return s
}

// pnpmKey reads "/a/1.0.0" (5), "/@a/b@1.0.0(c@2)" (6) and "@a/b@1.0.0" (9).
func pnpmKey(k string) (name, version string) {
	k, _, _ = strings.Cut(strings.TrimPrefix(k, "/"), "(")
	if rest, _, ok := strings.Cut(k, "_"); ok { // version 5 and its peers: "/a/1.0.0_b@2.0.0"
		if i := strings.LastIndexByte(rest, '/'); i > 0 && registryVersion(rest[i+1:]) {
			return rest[:i], rest[i+1:]
		}
	}
	if i := strings.LastIndexByte(k, '@'); i > 0 {
		return k[:i], plainVersion(k[i+1:])
	}
	if i := strings.LastIndexByte(k, '/'); i > 0 {
		return k[:i], plainVersion(k[i+1:])
	}
	return "", ""
}

// child is the value of a key of a mapping; nil when there is none.
func child(n *yaml.Node, key string) (out *yaml.Node) {
	each(n, func(k, v *yaml.Node) {
		if k.Value == key {
			out = v
		}
	})
	return out
}

func each(n *yaml.Node, do func(k, v *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		do(n.Content[i], n.Content[i+1])
	}
}
