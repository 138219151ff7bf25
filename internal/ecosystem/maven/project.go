// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// projectFile reads the pom.xml files of a source tree: each project itself and the
// dependencies that it names. Versions come from the file, from its parents and from
// the projects that these import, as far as they are in the tree.
type projectFile struct{}

func (projectFile) Name() string { return "maven/pom" }
func (projectFile) Version() int { return 2 }

// Group has all projects read together: modules take versions from each other.
func (projectFile) Group(string) string { return "" }

func (projectFile) Wants(f *sekisho.File) bool {
	// Under META-INF it is an installed artifact's: its dependencies need not
	// be there, and those that are have files of their own.
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "pom.xml") && !strings.Contains(f.Path, string(mavenDir))
}

// Extract reads all projects. What is wrong with one is a problem of that file; the
// error is the first file's.
func (projectFile) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	t := &tree{byPath: map[string]*pom{}, byName: map[string]*pom{}}
	paths := append(slices.Collect(maps.Keys(in.Beside)), in.Path)
	slices.Sort(paths)
	for _, name := range paths {
		if err := ctx.Err(); err != nil {
			return inv, err
		}
		one := in
		if name != in.Path {
			one = in.Beside[name]
		}
		b, failed := one.Bytes()
		if failed == nil {
			var p *pom
			if p, failed = parsePOM(b); p != nil {
				t.byPath[name] = p
			}
		}
		if failed != nil {
			failed = fmt.Errorf("read Maven project: %w", failed)
			if name == in.Path {
				err = failed
			} else {
				inv.Problems = append(inv.Problems, sekisho.AsProblem(sekisho.StageExtract, name, failed))
			}
		}
	}
	t.join(paths)
	for _, name := range paths {
		if p := t.byPath[name]; p != nil {
			p.state(name, &inv)
		}
	}
	return inv, err
}

// tree are the projects of a source tree, by path and by "group:artifact".
type tree struct{ byPath, byName map[string]*pom }

// join gives each project its parent and its imports
// (https://maven.apache.org/pom.html#Inheritance).
func (t *tree) join(paths []string) {
	for _, name := range paths {
		if p := t.byPath[name]; p != nil {
			if key := or(p.self.group, p.parent.group) + ":" + p.self.artifact; t.byName[key] == nil {
				t.byName[key] = p
			}
		}
	}
	for _, name := range paths {
		p := t.byPath[name]
		if p == nil || p.parent.artifact == "" {
			continue
		}
		var up *pom
		if !p.noRelative {
			at := path.Join(path.Dir(name), or(p.beside, "../pom.xml"))
			if up = t.byPath[at]; up == nil {
				up = t.byPath[path.Join(at, "pom.xml")]
			}
		}
		if up == nil || !p.childOf(up) {
			up = t.byName[p.parent.group+":"+p.parent.artifact]
		}
		if up != nil && up != p && p.childOf(up) {
			p.up = up
		}
	}
	for _, name := range paths {
		p := t.byPath[name]
		if p == nil {
			continue
		}
		for _, d := range p.imports {
			from := t.byName[p.resolve(d.group)+":"+p.resolve(d.artifact)]
			if from == nil || from == p {
				continue
			}
			if version := from.resolvedSelf().version; version == p.resolve(d.version) {
				p.taken = append(p.taken, from)
			}
		}
	}
}

// childOf says whether the project asks for the other one as its parent: another
// version of it stands in a repository, not here.
func (p *pom) childOf(up *pom) bool {
	version := or(up.self.version, up.parent.version)
	return p.parent.artifact == up.self.artifact && p.parent.group == or(up.self.group, up.parent.group) &&
		(p.parent.version == version || p.parent.version == up.resolve(version))
}

// state adds the facts of a project.
func (p *pom) state(name string, inv *sekisho.Inventory) {
	add := func(one sekisho.Package, line int) {
		one.Line, one.Path = line, name
		one.Locations = []sekisho.Location{{Path: name, Line: line}}
		inv.Packages = append(inv.Packages, one)
	}
	if c := p.resolvedSelf().cleaned(); c.artifact != "" && c.version != "" {
		own := makePackage(c)
		own.Relationship, own.Licenses = sekisho.Root, p.licenses
		add(own, 1)
	}
	var unresolved []string
	missing := 0
	for _, d := range p.dependencies {
		d = p.resolvedDependency(d)
		c := d.cleaned()
		if c.group == "" || c.artifact == "" || c.version == "" {
			if missing++; missing <= 5 {
				unresolved = append(unresolved, short(d.group)+":"+short(d.artifact))
			}
			continue
		}
		dep := makePackage(c)
		dep.Relationship = sekisho.Direct
		dep.Dev = d.scope == "test"
		add(dep, d.line)
	}
	if missing > 0 {
		more := ""
		if missing > len(unresolved) {
			more = fmt.Sprintf(" and %d more", missing-len(unresolved))
		}
		inv.Problems = append(inv.Problems, sekisho.Problem{Stage: sekisho.StageExtract, Path: name, Minor: true}.Saying(message.Say("the version of %s%s is set by a parent or an imported project that is not in the tree: build the project and scan the result, or keep a lock file", strings.Join(unresolved, ", "), more)))
	}
}

func short(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > 100 {
		s = strings.ToValidUTF8(s[:100], "") + "..."
	}
	return s
}

// pomProperties reads META-INF/maven/*/*/pom.properties of an archive that was
// unpacked, as servlet containers do.
type pomProperties struct{}

func (pomProperties) Name() string { return "maven/pom-properties" }
func (pomProperties) Version() int { return 1 }

func (pomProperties) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, "/pom.properties") && strings.Contains(f.Path, string(mavenDir))
}

func (pomProperties) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	if in.Size > 1<<20 {
		return inv, fmt.Errorf("read artifact properties: %d bytes are too many for them", in.Size)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	if c := parseProperties(b).cleaned(); c.group != "" && c.artifact != "" && c.version != "" {
		inv.Packages = append(inv.Packages, makePackage(c))
	}
	return inv, nil
}
