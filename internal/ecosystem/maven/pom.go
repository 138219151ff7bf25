// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"strings"
)

// pom is a project file as far as it can be understood by itself, see
// https://maven.apache.org/pom.html.
type pom struct {
	self, parent coordinates
	properties   map[string]string
	licenses     []string
	dependencies []dependency
	// managed versions by "group:artifact", as written.
	managed map[string]dependency
	// imports are the projects whose managed versions it takes over.
	imports []dependency
	// beside is relativePath of the parent: a path from the file's directory, ""
	// for the one above; noRelative where it is written empty.
	beside     string
	noRelative bool

	// up is the parent and taken the imports, as far as the tree has them.
	up    *pom
	taken []*pom
}

// Bounds of parents of parents, and of imports in imports.
const (
	maxParents = 32
	maxImports = 64
)

type dependency struct {
	coordinates
	scope string
	line  int
}

const (
	maxPOMProperties   = 1 << 14
	maxPOMDependencies = 1 << 14
	maxPOMLicenses     = 16
)

// parsePOM reads a project file. What was read before an error is returned.
// Profiles and plugins are left out: what a profile adds depends on how Maven
// is called, and plugins do not end up in the product.
func parsePOM(b []byte) (*pom, error) {
	p := &pom{properties: map[string]string{}, managed: map[string]dependency{}}
	var dep dependency
	err := scanXML(b, func(path []string, line int) {
		if path[len(path)-1] == "dependency" {
			dep = dependency{line: line}
		}
	}, func(path []string, text []byte) {
		if path[0] != "project" {
			return
		}
		last := path[len(path)-1]
		switch {
		case len(path) == 2:
			p.self.set(last, text)
		case len(path) == 3 && path[1] == "parent":
			p.parent.set(last, text)
			if last == "relativePath" && len(text) <= maxCoordinate {
				p.beside, p.noRelative = strings.TrimSpace(string(text)), len(strings.TrimSpace(string(text))) == 0
			}
		case len(path) == 3 && path[1] == "properties":
			if len(p.properties) < maxPOMProperties {
				p.properties[strings.Clone(last)] = string(text)
			}
		case len(path) == 4 && path[1] == "licenses" && last == "name":
			if len(p.licenses) < maxPOMLicenses && len(text) > 0 && len(text) <= 200 {
				p.licenses = append(p.licenses, string(text))
			}
		case len(path) == 3 && path[1] == "dependencies" && last == "dependency":
			if len(p.dependencies) < maxPOMDependencies {
				p.dependencies = append(p.dependencies, dep)
			}
		case len(path) == 4 && path[1] == "dependencyManagement" && last == "dependency":
			if dep.scope == "import" {
				if len(p.imports) < maxImports {
					p.imports = append(p.imports, dep)
				}
				return
			}
			if key := dep.group + ":" + dep.artifact; len(p.managed) < maxPOMDependencies {
				p.managed[key] = dep
			}
		case len(path) == 4 && path[1] == "dependencies", len(path) == 5 && path[1] == "dependencyManagement":
			dep.set(last, text)
			if last == "scope" {
				dep.scope = string(text)
			}
		}
	})
	return p, err
}

func (c *coordinates) set(name string, text []byte) {
	if len(text) > maxCoordinate {
		return
	}
	switch name {
	case "groupId":
		c.group = string(text)
	case "artifactId":
		c.artifact = string(text)
	case "version":
		c.version = string(text)
	}
}

// resolvedSelf is the project's own name; group and version come from the
// parent where the project does not give them.
func (p *pom) resolvedSelf() coordinates {
	return coordinates{
		group:    p.resolve(or(p.self.group, p.parent.group)),
		artifact: p.resolve(p.self.artifact),
		version:  p.resolve(or(p.self.version, p.parent.version)),
	}
}

// resolve fills in properties; a property that is not known stays as it is.
// Properties may hold properties: the steps and the length are bounded, since
// they may also hold themselves.
func (p *pom) resolve(s string) string {
	at := 0
	for range 64 {
		i := strings.Index(s[at:], "${")
		if i < 0 {
			break
		}
		i += at
		n := strings.IndexByte(s[i:], '}')
		if n < 0 {
			break
		}
		value, ok := p.property(s[i+2 : i+n])
		if !ok {
			at = i + n + 1
			continue
		}
		if len(s)+len(value) > 4*maxCoordinate {
			break
		}
		s = s[:i] + value + s[i+n+1:]
		at = i
	}
	return s
}

func (p *pom) property(name string) (string, bool) {
	for q, n := p, 0; q != nil && n < maxParents; q, n = q.up, n+1 {
		if v, ok := q.properties[name]; ok {
			return v, true
		}
	}
	var v string
	for _, prefix := range [...]string{"project.", "pom."} {
		name = strings.TrimPrefix(name, prefix)
	}
	switch name {
	case "groupId":
		v = or(p.self.group, p.parent.group)
	case "artifactId":
		v = p.self.artifact
	case "version":
		v = or(p.self.version, p.parent.version)
	case "parent.groupId":
		v = p.parent.group
	case "parent.artifactId":
		v = p.parent.artifact
	case "parent.version":
		v = p.parent.version
	}
	return v, v != ""
}

// managing is what the project manages of an artifact, by itself, by its parents,
// or by what those import, with the version filled in.
func (p *pom) managing(key string) (dependency, bool) {
	for q, n := p, 0; q != nil && n < maxParents; q, n = q.up, n+1 {
		if m, ok := q.managed[key]; ok {
			return m, true
		}
	}
	imported := 0
	for q, n := p, 0; q != nil && n < maxParents; q, n = q.up, n+1 {
		for _, from := range q.taken {
			for r, n := from, 0; r != nil && n < maxParents && imported < maxImports; r, n = r.up, n+1 {
				imported++
				if m, ok := r.managed[key]; ok {
					m.version = from.resolve(m.version) // in its own words
					return m, true
				}
			}
		}
	}
	return dependency{}, false
}

// resolvedDependency is a dependency with its properties filled in and the
// version and scope that the project manages.
func (p *pom) resolvedDependency(d dependency) dependency {
	m, ok := p.managing(d.group + ":" + d.artifact)
	d.group, d.artifact = p.resolve(d.group), p.resolve(d.artifact)
	if !ok {
		m, _ = p.managing(d.group + ":" + d.artifact)
	}
	d.version = p.resolve(or(d.version, m.version))
	d.scope = p.resolve(or(d.scope, m.scope))
	// "[1.2]" is the one range that names a version.
	if v, ok := strings.CutPrefix(d.version, "["); ok {
		if v, ok = strings.CutSuffix(v, "]"); ok && plain(v) {
			d.version = v
		}
	}
	return d
}
