// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Dependent is a package of a lockfile that asks for another one. Range is how,
// empty where the lockfile does not say. The project itself, and its workspaces,
// have no version.
type Dependent struct{ Name, Version, Range string }

// Dependents are the packages of a lockfile by which a version of a package is
// there. Versions are all of this name, in the order of the file. Not ok: the
// lockfile is of a format that does not tell, or is damaged.
func (m Manager) Dependents(lock []byte, name, version string) (out []Dependent, versions []string, ok bool) {
	var all []locked
	switch m.Name {
	case "npm":
		all, ok = npmLocked(lock)
	case "yarn":
		all, ok = yarnLocked(lock), true
	case "pnpm":
		all, ok = pnpmLocked(lock), true
	}
	for _, p := range all {
		if p.name == name && p.version != "" && !slices.Contains(versions, p.version) {
			versions = append(versions, p.version)
		}
		for _, n := range p.needs {
			if d := (Dependent{p.name, p.version, n.want}); n.name == name && n.version == version && !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out, versions, ok && slices.Contains(versions, version)
}

// locked is a package of a lockfile.
type locked struct {
	name, version string
	needs         []need
}

// need is what a package asks for, and the version that it gets.
type need struct{ name, want, version string }

// npmLocked reads package-lock.json from version 2 on
// (https://docs.npmjs.com/cli/configuring-npm/package-lock-json).
func npmLocked(lock []byte) (out []locked, ok bool) {
	type entry struct {
		Name, Version                                        string
		Dependencies, OptionalDependencies, PeerDependencies map[string]string
		DevDependencies                                      map[string]string
	}
	var file struct{ Packages map[string]entry }
	if json.Unmarshal(lock, &file) != nil || len(file.Packages) == 0 {
		return nil, false
	}
	var places []string
	for at := range file.Packages {
		places = append(places, at)
	}
	slices.Sort(places)
	const modules = "node_modules/"
	for _, at := range places {
		e := file.Packages[at]
		p := locked{name: e.Name}
		if i := strings.LastIndex(at, modules); i >= 0 {
			p.version = e.Version
			if p.name == "" {
				p.name = at[i+len(modules):]
			}
		}
		for _, wants := range []map[string]string{e.Dependencies, e.OptionalDependencies, e.PeerDependencies, e.DevDependencies} {
			var names []string
			for name := range wants {
				names = append(names, name)
			}
			slices.Sort(names)
			for _, name := range names {
				for dir := at; ; { // from the own directory upwards
					prefix := ""
					if dir != "" {
						prefix = dir + "/"
					}
					if found, ok := file.Packages[prefix+modules+name]; ok {
						p.needs = append(p.needs, need{name, wants[name], found.Version})
						break
					}
					if dir == "" {
						break
					}
					dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
				}
			}
		}
		out = append(out, p)
	}
	return out, true
}

// yarnLocked reads yarn.lock, of the first and of the later versions: blocks of
// the descriptors, the version and what it asks for.
func yarnLocked(lock []byte) (out []locked) {
	by := map[string]string{} // descriptor to version
	var heads []string
	section := ""
	for line := range strings.Lines(string(lock)) {
		line = strings.TrimRight(line, "\r\n")
		body := strings.TrimLeft(line, " ")
		indent := len(line) - len(body)
		switch {
		case body == "" || body[0] == '#':
		case indent == 0:
			heads, section = nil, ""
			for one := range strings.SplitSeq(strings.TrimSuffix(body, ":"), ",") {
				heads = append(heads, descriptor(strings.Trim(strings.TrimSpace(one), `"`)))
			}
			name := heads[0]
			if i := strings.LastIndexByte(name, '@'); i > 0 {
				name = bare(name)
			}
			out = append(out, locked{name: name})
		case len(out) == 0:
		case indent == 2:
			section = strings.TrimSuffix(body, ":")
			if v, ok := yarnPair(body); ok && v.name == "version" && !strings.Contains(heads[0], "@workspace:") {
				out[len(out)-1].version = v.want
				for _, h := range heads {
					by[h] = v.want
				}
			}
		case indent == 4 && (section == "dependencies" || section == "optionalDependencies"):
			if v, ok := yarnPair(body); ok {
				out[len(out)-1].needs = append(out[len(out)-1].needs, v)
			}
		}
	}
	for i := range out {
		for j := range out[i].needs {
			n := &out[i].needs[j]
			n.want = strings.TrimPrefix(n.want, "npm:")
			n.version = by[n.name+"@"+n.want]
		}
	}
	return out
}

// descriptor is a name and a range without the word for the registry.
func descriptor(s string) string {
	if i := strings.Index(s, "@npm:"); i > 0 {
		return s[:i+1] + s[i+len("@npm:"):]
	}
	return s
}

// yarnPair is a key and a value: `a "^1"`, `a: ^1`, `"@s/a": "npm:^1"`.
func yarnPair(s string) (need, bool) {
	key, value, ok := strings.Cut(s, " ")
	return need{name: strings.Trim(strings.TrimSuffix(key, ":"), `"'`), want: strings.Trim(strings.TrimSpace(value), `"'`)}, ok
}

// pnpmLocked reads pnpm-lock.yaml from version 6 on, which does not say the
// ranges: https://github.com/pnpm/spec/tree/master/lockfile.
func pnpmLocked(lock []byte) (out []locked) {
	top, section := "", ""
	for line := range strings.Lines(string(lock)) {
		line = strings.TrimRight(line, "\r\n")
		body := strings.TrimLeft(line, " ")
		switch indent := len(line) - len(body); {
		case body == "" || body[0] == '#':
		case indent == 0:
			top = body
		case top != "packages:" && top != "snapshots:":
		case indent == 2:
			key, _, _ := strings.Cut(body, ":")
			name, version := pnpmName(strings.TrimPrefix(strings.Trim(key, `'"`), "/"))
			section = ""
			out = append(out, locked{name: name, version: version})
		case indent == 4:
			section = body
		case indent == 6 && len(out) > 0 && (section == "dependencies:" || section == "optionalDependencies:"):
			if v, ok := yarnPair(body); ok {
				v.version, _, _ = strings.Cut(v.want, "(")
				v.want = ""
				out[len(out)-1].needs = append(out[len(out)-1].needs, v)
			}
		}
	}
	return out
}

func pnpmName(key string) (name, version string) {
	key, _, _ = strings.Cut(key, "(")
	i := strings.LastIndexByte(key, '@')
	if i <= 0 {
		return key, ""
	}
	return key[:i], key[i+1:]
}

// Allows says whether a range of npm's allows a version for certain; one that is
// not understood does not.
func Allows(want, version string, order func(a, b string) (int, bool)) bool {
	for one := range strings.SplitSeq(want, "||") {
		one = strings.TrimSpace(one)
		if one == "" || one == "*" || one == "latest" || within(one, version) {
			return true
		}
		all, ok := conditions(one, style{spaces: true, partial: true})
		for _, c := range all {
			bound := one[c.from:c.to]
			n, known := order(version, bound)
			keep := parts(bound) // the parts that stay the same
			switch c.op {
			case "^":
				keep = 1
				for p := range strings.SplitSeq(bound, ".") {
					if p != "0" || keep == parts(bound) {
						break
					}
					keep++
				}
			case "~":
				keep = min(keep, 2)
			case "", "=":
				known = known && (keep < 3 || n == 0)
			case ">=":
				keep = 0
			case ">":
				keep, known = 0, known && n > 0
			case "<":
				keep, known, n = 0, known && n < 0, 0
			case "<=":
				keep, known, n = 0, known && n <= 0, 0
			default:
				known = false
			}
			ok = ok && known && n >= 0 && head(bound, keep) == head(version, keep)
		}
		if ok {
			return true
		}
	}
	return false
}
