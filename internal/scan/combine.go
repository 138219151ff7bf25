// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Combine makes one result of those of the platforms of an image: the first
// carries the others, and the packages that differ between them.
func Combine(all []*sekisho.Result) *sekisho.Result {
	if len(all) == 0 {
		return nil
	}
	r := all[0]
	if len(all) == 1 {
		return r
	}
	type key struct{ ecosystem, name string }
	versions := map[key]map[string]string{}
	for _, p := range all {
		r.Coverage.Complete = r.Coverage.Complete && p.Coverage.Complete
		for i := range p.Packages {
			pkg := &p.Packages[i]
			if pkg.Hidden {
				continue
			}
			k := key{pkg.Ecosystem, pkg.Name}
			if versions[k] == nil {
				versions[k] = map[string]string{}
			}
			name := platformName(p)
			if v := versions[k][name]; v != "" && v != pkg.Version {
				versions[k][name] = v + ", " + pkg.Version
			} else {
				versions[k][name] = pkg.Version
			}
		}
	}
	for k, m := range versions {
		for _, p := range all {
			if _, ok := m[platformName(p)]; !ok {
				m[platformName(p)] = ""
			}
		}
		if len(slices.Compact(slices.Sorted(maps.Values(m)))) > 1 {
			r.Differences = append(r.Differences, sekisho.PlatformDifference{Ecosystem: k.ecosystem, Name: k.name, Versions: m})
		}
	}
	slices.SortFunc(r.Differences, func(a, b sekisho.PlatformDifference) int {
		return cmp.Or(cmp.Compare(a.Ecosystem, b.Ecosystem), cmp.Compare(a.Name, b.Name))
	})
	for _, p := range all[1:] {
		r.Platforms = append(r.Platforms, *p)
	}
	return r
}

func platformName(r *sekisho.Result) string {
	if r.Target.Platform == nil {
		return r.Target.Digest
	}
	return r.Target.Platform.String()
}
