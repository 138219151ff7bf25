// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// langPkg is one package of a tree.
type langPkg struct{ name, version string }

// langMadeTree is a tree to be: layers in which each name occurs once.
type langMadeTree struct {
	layers [][]langPkg
	all    []langPkg
	// kinds of claims about the packages, with how many packages have one.
	kinds map[string]int
}

// langKindsOf names what is special about a claim.
func langKindsOf(c *langClaim) []string {
	var out []string
	add := func(is bool, kind string) {
		if is {
			out = append(out, kind)
		}
	}
	lists, ranges := len(c.versions) > 0, len(c.ranges) > 0
	add(c.withdrawn, "withdrawn")
	add(c.ignored != "", "informational")
	add(strings.HasPrefix(c.id, "MAL-"), "malware")
	add(lists && !ranges, "only a list of versions")
	add(lists && ranges, "ranges and a list of versions")
	add(c.git && !ranges && !lists, "only commits")
	add(c.last != "", "last known affected")
	add(len(c.ranges) > 1, "several ranges")
	add(c.feed == "osv-fixtures", "records of the API")
	for _, events := range c.ranges {
		add(len(events) > 2, "several events")
		for _, e := range events {
			add(e.Fixed == "0", "fixed 0")
			add(e.LastAffected != "", "last affected")
			add(strings.ContainsAny(e.version(), "-+abcr"), "pre-release as bound")
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var langNumerals = regexp.MustCompile(`\d+`)

// langAround gives versions near a bound: below, at, above, their pre-releases and
// builds.
func langAround(bound string, marks []string) []string {
	plain := bound
	if i := strings.IndexAny(plain, "-+"); i > 0 {
		plain = plain[:i]
	}
	out := []string{bound, bound, plain}
	at := langNumerals.FindAllStringIndex(plain, -1)
	if len(at) == 0 {
		return out
	}
	with := func(i, n int) string {
		return plain[:at[i][0]] + strconv.Itoa(n) + plain[at[i][1]:]
	}
	values := make([]int, len(at))
	for i, a := range at {
		values[i], _ = strconv.Atoi(plain[a[0]:a[1]])
	}
	last := len(at) - 1
	above := with(last, values[last]+1)
	below := plain
	for i := last; i >= 0; i-- {
		if values[i] > 0 {
			below = with(i, values[i]-1)
			break
		}
	}
	out = append(out, above, below, below)
	for _, m := range marks {
		out = append(out, plain+m, below+m, above+m)
	}
	return out
}

// langDraw picks packages of an ecosystem at random, a fixed seed, and versions
// around what the claims name, of the kinds that the trees can hold.
func langDraw(t *testing.T, w *langWorld, all langClaims, o *langOracle, names int) *langMadeTree {
	t.Helper()
	r := rand.New(rand.NewPCG(20, 25))
	byKind := map[string][]string{}
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		name, ok := strings.CutPrefix(key, w.ecosystem+" ")
		if !ok || !w.name.MatchString(name) {
			continue
		}
		keys = append(keys, name)
		for _, c := range all[key] {
			for _, k := range langKindsOf(c) {
				if l := byKind[k]; len(l) == 0 || l[len(l)-1] != name {
					byKind[k] = append(l, name)
				}
			}
		}
	}
	var picked []string
	seen := map[string]bool{}
	pick := func(from []string, n int) {
		from = slices.Clone(from)
		r.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
		for _, name := range from {
			if n > 0 && !seen[name] {
				seen[name] = true
				picked = append(picked, name)
				n--
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(byKind)) {
		pick(byKind[k], 15)
	}
	known := slices.SortedStableFunc(slices.Values(keys), func(a, b string) int {
		return len(all[w.ecosystem+" "+b]) - len(all[w.ecosystem+" "+a])
	})
	pick(known[:min(40, len(known))], 40)
	pick(keys, names-len(picked))
	d := &langMadeTree{kinds: map[string]int{}}
	candidates := map[string][]string{}
	for _, name := range picked {
		var list []string
		bounds := []string{"1.0.0", "0.0.1"}
		for _, c := range all[w.ecosystem+" "+name] {
			for _, events := range c.closed() {
				for _, e := range events {
					bounds = append(bounds, e.version())
				}
			}
			for range min(4, len(c.versions)) {
				bounds = append(bounds, c.versions[r.IntN(len(c.versions))])
			}
			for _, req := range slices.Concat(c.unaffected, c.affected) {
				for part := range strings.SplitSeq(req, ",") {
					if m := langClause.FindStringSubmatch(strings.TrimSpace(part)); m != nil {
						bounds = append(bounds, m[2])
					}
				}
			}
		}
		for range 8 {
			near := langAround(bounds[r.IntN(len(bounds))], w.marks)
			if v := w.fit(name, near[r.IntN(len(near))]); v != "" && !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
		candidates[name] = list
	}
	o.settle(t, func() {
		for _, list := range candidates {
			for _, v := range list {
				o.ask('c', v, v)
			}
		}
	})
	for i, name := range picked {
		n, spelt := 0, name
		if w.spell != nil && i%2 == 0 {
			spelt = w.spell(name)
		}
		for _, v := range candidates[name] {
			if n == len(w.write) || o.ask('c', v, v) == langUnknown {
				continue
			}
			if len(d.layers) <= n {
				d.layers = append(d.layers, nil)
			}
			// Formats take turns, that a name's versions do not decide on its format.
			d.layers[n] = append(d.layers[n], langPkg{spelt, v})
			d.all = append(d.all, langPkg{spelt, v})
			n++
		}
		if n == 0 {
			continue
		}
		kinds := map[string]bool{}
		for _, c := range all[w.ecosystem+" "+name] {
			for _, k := range langKindsOf(c) {
				kinds[k] = true
			}
		}
		for k := range kinds {
			d.kinds[k] += n
		}
		if i%15 == 0 && w.unknown != "" { // a name that no advisory is about
			p := langPkg{fmt.Sprintf(w.unknown, i), d.all[len(d.all)-1].version}
			if v := w.fit(p.name, p.version); v == p.version {
				d.layers[0] = append(d.layers[0], p)
				d.all = append(d.all, p)
			}
		}
	}
	return d
}
