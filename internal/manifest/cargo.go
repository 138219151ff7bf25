// SPDX-License-Identifier: Apache-2.0

package manifest

import "slices"

// cargo finds the requirements of a crate: in the tables of dependencies of the
// package, of its targets and of the workspace.
func cargo(text []byte, w Want) (out []site, why string) {
	all, ok := tomlStrings(text)
	if !ok {
		return nil, RefusedUnreadable
	}
	renamed := map[string]string{} // key to the crate's name
	for _, s := range all {
		if key, last, ok := cargoKey(s.path); ok && last == "package" {
			renamed[key] = s.value
		}
	}
	for _, s := range all {
		key, last, ok := cargoKey(s.path)
		name := key
		if other := renamed[key]; other != "" {
			name = other
		}
		if !ok || name != w.Name || last != "" && last != "version" && last != "git" && last != "path" {
			continue
		}
		found := site{from: s.from, to: s.to, style: style{commas: true}}
		switch {
		case s.escaped:
			found.refused = RefusedUnreadable
		case last == "git" || last == "path":
			found.refused = RefusedSource
		}
		out = append(out, found)
	}
	return out, ""
}

// cargoKey takes the key of a dependency out of a path, and what is said of it;
// empty for the requirement itself.
func cargoKey(path []string) (key, last string, ok bool) {
	i := 0
	switch {
	case len(path) > 0 && path[0] == "workspace":
		i = 1
	case len(path) > 1 && path[0] == "target":
		i = 2
	}
	if len(path) < i+2 || len(path) > i+3 || !slices.Contains([]string{"dependencies", "dev-dependencies", "build-dependencies"}, path[i]) {
		return "", "", false
	}
	if len(path) == i+3 {
		last = path[i+2]
	}
	return path[i+1], last, true
}
