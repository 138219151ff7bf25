// SPDX-License-Identifier: Apache-2.0

package manifest

import "strings"

// catalog finds the version of an artifact in a version catalog of Gradle: in the
// line of the library, or in the version that it refers to.
func catalog(text []byte, w Want) (out []site, why string) {
	all, ok := tomlStrings(text)
	if !ok {
		return nil, RefusedUnreadable
	}
	versions := map[string][]tomlString{}
	libraries := map[string]map[string]tomlString{}
	var order []string
	for _, s := range all {
		switch p := s.path; {
		case len(p) >= 2 && p[0] == "versions" && len(p) <= 3:
			versions[p[1]] = append(versions[p[1]], s)
		case len(p) >= 2 && p[0] == "libraries" && len(p) <= 4:
			if libraries[p[1]] == nil {
				libraries[p[1]] = map[string]tomlString{}
				order = append(order, p[1])
			}
			libraries[p[1]][strings.Join(p[2:], ".")] = s
		}
	}
	put := func(s tomlString, skip int) {
		one := site{from: s.from + skip, to: s.to, style: style{exact: true}}
		if s.escaped {
			one.refused = RefusedUnreadable
		}
		out = append(out, one)
	}
	for _, key := range order {
		l := libraries[key]
		if whole, ok := l[""]; ok { // "group:name:version"
			if version, ok := strings.CutPrefix(whole.value, w.Name+":"); ok && version != "" && !strings.Contains(version, ":") {
				put(whole, len(w.Name)+1)
			}
			continue
		}
		if l["module"].value != w.Name && l["group"].value+":"+l["name"].value != w.Name {
			continue
		}
		var at []tomlString
		if v, ok := l["version"]; ok {
			at = append(at, v)
		} else if ref, ok := l["version.ref"]; ok {
			at = versions[ref.value]
		} else {
			for _, word := range [...]string{"strictly", "require", "prefer"} {
				if v, ok := l["version."+word]; ok {
					at = append(at, v)
				}
			}
		}
		switch len(at) {
		case 0:
			return nil, RefusedElsewhere // a platform sets it
		case 1:
			put(at[0], 0)
		default:
			return nil, RefusedRange // a preference beside a bound
		}
	}
	return out, ""
}
