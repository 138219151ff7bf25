// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// packages compares two lists of packages by ecosystem and name. A package that
// is there in several versions is compared version by version.
func packages(before, after []sekisho.Package, order func(ecosystem, a, b string) (int, bool)) sekisho.PackageChanges {
	type both struct{ old, now []*sekisho.Package }
	all := map[[2]string]*both{}
	var keys [][2]string
	visit := func(list []sekisho.Package, add func(b *both, p *sekisho.Package)) {
		for i := range list {
			p := &list[i]
			if p.Hidden {
				continue
			}
			k := [2]string{p.Ecosystem, p.Name}
			if all[k] == nil {
				all[k] = &both{}
				keys = append(keys, k)
			}
			add(all[k], p)
		}
	}
	visit(before, func(b *both, p *sekisho.Package) { b.old = append(b.old, p) })
	visit(after, func(b *both, p *sekisho.Package) { b.now = append(b.now, p) })
	slices.SortFunc(keys, func(a, b [2]string) int {
		return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1]))
	})
	var c sekisho.PackageChanges
	for _, k := range keys {
		b := all[k]
		if len(b.old) == 1 && len(b.now) == 1 && b.old[0].Version == b.now[0].Version {
			c.Unchanged++
			continue
		}
		compare := func(x, y string) (int, bool) {
			if order != nil {
				return order(k[0], x, y)
			}
			return strings.Compare(x, y), true
		}
		old, now := versions(b.old, compare), versions(b.now, compare)
		c.Unchanged += common(&old, &now)
		for i := range max(len(old), len(now)) {
			change := sekisho.PackageChange{Ecosystem: k[0], Name: k[1]}
			if i < len(old) {
				change.From, change.Path = old[i].Version, old[i].Path
			}
			if i < len(now) {
				change.To, change.Path = now[i].Version, now[i].Path
			}
			switch n, ok := compare(change.From, change.To); {
			case i >= len(old):
				c.Added = append(c.Added, change)
			case i >= len(now):
				c.Removed = append(c.Removed, change)
			case !ok || n == 0:
				c.Changed = append(c.Changed, change)
			case n < 0:
				c.Upgraded = append(c.Upgraded, change)
			default:
				c.Downgraded = append(c.Downgraded, change)
			}
		}
	}
	return c
}

// versions are the packages of one name, one for each version, in their order.
func versions(list []*sekisho.Package, compare func(a, b string) (int, bool)) []*sekisho.Package {
	slices.SortStableFunc(list, func(a, b *sekisho.Package) int {
		return cmp.Or(strings.Compare(a.Version, b.Version), strings.Compare(a.Path, b.Path))
	})
	list = slices.CompactFunc(list, func(a, b *sekisho.Package) bool { return a.Version == b.Version })
	if len(list) > 1 {
		slices.SortStableFunc(list, func(a, b *sekisho.Package) int {
			n, _ := compare(a.Version, b.Version)
			return n
		})
	}
	return list
}

// common takes the versions out of two lists that both have, and counts them.
func common(old, now *[]*sekisho.Package) int {
	have := map[string]bool{}
	for _, p := range *old {
		have[p.Version] = true
	}
	both := map[string]bool{}
	for _, p := range *now {
		if have[p.Version] {
			both[p.Version] = true
		}
	}
	in := func(p *sekisho.Package) bool { return both[p.Version] }
	*old, *now = slices.DeleteFunc(*old, in), slices.DeleteFunc(*now, in)
	return len(both)
}

// layers compares the layers of two images by what they hold; nil where one has
// none that are known.
func layers(before, after []sekisho.Layer) *sekisho.LayerChanges {
	id := func(l *sekisho.Layer) string { return cmp.Or(l.DiffID, l.Digest) }
	count := map[string]int{}
	for i := range before {
		if id(&before[i]) == "" {
			return nil
		}
		count[id(&before[i])]++
	}
	if len(before) == 0 || len(after) == 0 {
		return nil
	}
	var c sekisho.LayerChanges
	for c.Shared < min(len(before), len(after)) && id(&before[c.Shared]) == id(&after[c.Shared]) {
		c.Shared++
	}
	for i := range after {
		k := id(&after[i])
		switch {
		case k == "":
			return nil
		case count[k] > 0:
			count[k]--
			c.Unchanged++
		default:
			c.Added = append(c.Added, plainLayer(&after[i]))
		}
	}
	for i := len(before) - 1; i >= 0; i-- {
		if k := id(&before[i]); count[k] > 0 {
			count[k]--
			c.Removed = append(c.Removed, plainLayer(&before[i]))
		}
	}
	slices.Reverse(c.Removed)
	return &c
}

// plainLayer is a layer without the way to open it.
func plainLayer(l *sekisho.Layer) sekisho.Layer {
	out := *l
	out.Open = nil
	return out
}

// image names the settings of two image configurations that differ. The times at
// which they were made always do, and are none.
func image(a, b *sekisho.ImageConfig) (out []sekisho.FieldChange) {
	if a == nil || b == nil {
		return nil
	}
	add := func(field, from, to string) {
		if from != to {
			out = append(out, sekisho.FieldChange{Field: field, From: from, To: to})
		}
	}
	list := func(s []string) string {
		quoted := make([]string, len(s))
		for i := range s {
			quoted[i] = strconv.Quote(s[i])
		}
		return strings.Join(quoted, " ")
	}
	add("user", a.User, b.User)
	add("entrypoint", list(a.Entrypoint), list(b.Entrypoint))
	add("cmd", list(a.Cmd), list(b.Cmd))
	add("workingDir", a.WorkingDir, b.WorkingDir)
	add("exposedPorts", strings.Join(a.ExposedPorts, " "), strings.Join(b.ExposedPorts, " "))
	add("volumes", strings.Join(a.Volumes, " "), strings.Join(b.Volumes, " "))
	add("healthcheck", list(a.Healthcheck), list(b.Healthcheck))
	add("stopSignal", a.StopSignal, b.StopSignal)
	names := map[string]bool{}
	for _, m := range []map[string]string{a.Labels, b.Labels} {
		for k := range m {
			names[k] = true
		}
	}
	var sorted []string
	for k := range names {
		if k != "org.opencontainers.image.created" {
			sorted = append(sorted, k)
		}
	}
	slices.Sort(sorted)
	for _, k := range sorted {
		add("label "+k, a.Labels[k], b.Labels[k])
	}
	return out
}

// Age is how many whole days lie between a result and a day.
func Age(r *sekisho.Result, now time.Time) int {
	if r.Created.IsZero() {
		return 0
	}
	return int(now.Sub(r.Created).Hours() / 24)
}
