// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// mostAligned bounds the findings of one text that are aligned by their lines.
const mostAligned = 64

// align tells which of several equal hits in one file came or went. Their ids
// number them, so that the last one would always be it; their lines say more: those
// that stayed moved together.
func (m *pairing) align(before, after []sekisho.Finding) {
	more, fewer := equalHits(after), equalHits(before)
	if len(more)+len(fewer) == 0 {
		return
	}
	ofBefore, ofAfter := countHits(before), countHits(after)
	back := make([]int, len(before))
	for j := range back {
		back[j] = -1
	}
	for i, j := range m.of {
		if j >= 0 {
			back[j] = i
		}
	}
	for _, is := range more { // more of them than there were
		var js []int
		for _, i := range is {
			if j := m.of[i]; j >= 0 {
				js = append(js, j)
			}
		}
		if len(js) == len(is) || !closed(before, ofBefore, js, hitKey(&after[is[0]])) {
			continue
		}
		for _, i := range is {
			m.of[i] = -1
		}
		for n, at := range moved(lines(before, js), lines(after, is)) {
			m.of[is[at]] = js[n]
			back[js[n]] = is[at]
		}
	}
	for _, js := range fewer { // fewer
		var is []int
		for _, j := range js {
			if i := back[j]; i >= 0 {
				is = append(is, i)
			}
		}
		if len(is) == len(js) || !closed(after, ofAfter, is, hitKey(&before[js[0]])) {
			continue
		}
		for _, j := range js {
			m.used[j] = false
		}
		for n, at := range moved(lines(after, is), lines(before, js)) {
			m.of[is[n]], m.used[js[at]] = js[at], true
		}
	}
}

// closed says whether findings are all those with a key, so that they can be dealt
// with by themselves. Those of a baseline have no text, and their ids must do.
func closed(all []sekisho.Finding, counts map[string]int, some []int, key string) bool {
	n := 0
	for _, i := range some {
		switch f := &all[i]; {
		case len(f.Evidence) == 0:
		case hitKey(f) != key:
			return false
		default:
			n++
		}
	}
	return n == counts[key]
}

// countHits counts the findings with each key.
func countHits(all []sekisho.Finding) map[string]int {
	out := map[string]int{}
	for i := range all {
		if k := hitKey(&all[i]); k != "" {
			out[k]++
		}
	}
	return out
}

// hitKey is what equal hits have in common; empty for what is no hit in a text.
func hitKey(f *sekisho.Finding) string {
	if f.Package != nil || f.Location.Path == "" || f.Location.Line < 1 || len(f.Evidence) == 0 || f.Kind != sekisho.Misconfiguration {
		return ""
	}
	return strings.Join([]string{f.ResourceKind, f.Rule, f.Resource, f.Location.Path, f.Evidence[0].Text}, sep)
}

// equalHits are the findings of one rule and one text in one resource of a file,
// where there are several, each in the order of the lines.
func equalHits(all []sekisho.Finding) [][]int {
	at := map[string][]int{}
	var order []string
	for i := range all {
		k := hitKey(&all[i])
		if k == "" {
			continue
		}
		if at[k] == nil {
			order = append(order, k)
		}
		at[k] = append(at[k], i)
	}
	var out [][]int
	for _, k := range order {
		if g := at[k]; len(g) > 1 && len(g) <= mostAligned {
			slices.SortStableFunc(g, func(a, b int) int { return cmp.Compare(all[a].Location.Line, all[b].Location.Line) })
			out = append(out, g)
		}
	}
	return out
}

// lines of findings; the findings are put in the order of their lines.
func lines(all []sekisho.Finding, of []int) []int {
	slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(all[a].Location.Line, all[b].Location.Line) })
	out := make([]int, len(of))
	for n, i := range of {
		out[n] = all[i].Location.Line
	}
	return out
}

// moved gives for each line of few its place in many, in their order, so that they
// moved as evenly as can be, and among those as little; the first of equals.
func moved(few, many []int) []int {
	if len(few) == 0 || len(few) > len(many) {
		return nil
	}
	const heavy = 1 << 24 // an uneven step weighs more than any distance
	abs := func(n int) int { return max(n, -n) }
	cost, from := make([][]int, len(few)), make([][]int, len(few))
	for n := range few {
		cost[n], from[n] = make([]int, len(many)), make([]int, len(many))
		for at := n; at <= len(many)-len(few)+n; at++ {
			shift := many[at] - few[n]
			best := -1
			if n == 0 {
				best = 0
			}
			for p := n - 1; n > 0 && p < at; p++ {
				if c := cost[n-1][p] + heavy*abs(shift-(many[p]-few[n-1])); best < 0 || c < best {
					best, from[n][at] = c, p
				}
			}
			cost[n][at] = best + abs(shift)
		}
	}
	last := len(few) - 1
	end := last
	for at := last; at < len(many); at++ {
		if cost[last][at] < cost[last][end] {
			end = at
		}
	}
	out := make([]int, len(few))
	for n := last; n >= 0; n-- {
		out[n] = end
		end = from[n][end]
	}
	return out
}
