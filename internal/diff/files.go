// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"bytes"
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of the search for files that were renamed and changed: as git's, it is
// left out where too many files came and went.
const (
	mostCandidates = 100
	mostBytes      = 1 << 20
)

// Text gives the content of a file of the old or the new tree; nil for none.
type Text func(path string) []byte

// Files says which files differ between two trees, given by path with what tells
// their content. A file that is gone and one that came are a renamed one where
// they are equal, or, with the texts given, where half of their lines are.
func Files(before, after map[string]string, old, now Text) []sekisho.FileChange {
	var out []sekisho.FileChange
	var gone, came []string
	for p, id := range before {
		switch to, ok := after[p]; {
		case !ok:
			gone = append(gone, p)
		case to != id:
			out = append(out, sekisho.FileChange{Path: p, State: sekisho.FileModified})
		}
	}
	for p := range after {
		if _, ok := before[p]; !ok {
			came = append(came, p)
		}
	}
	slices.Sort(gone)
	slices.Sort(came)
	from := moves(gone, came, before, after)
	if len(gone) <= mostCandidates && len(came) <= mostCandidates && old != nil && now != nil {
		left := slices.DeleteFunc(slices.Clone(gone), func(p string) bool {
			for _, f := range from {
				if f == p {
					return true
				}
			}
			return false
		})
		rest := slices.DeleteFunc(slices.Clone(came), func(p string) bool { return from[p] != "" })
		texts := map[string][]byte{}
		read := func(side string, t Text, p string) []byte {
			k := side + p
			if _, ok := texts[k]; !ok {
				texts[k] = t(p)
			}
			return texts[k]
		}
		maps.Copy(from, renames(left, rest, func(a, b string) int { return alike(read("-", old, a), read("+", now, b)) }))
	}
	moved := map[string]bool{}
	for _, p := range came {
		if f := from[p]; f != "" {
			moved[f] = true
			out = append(out, sekisho.FileChange{Path: p, State: sekisho.FileRenamed, From: f})
			continue
		}
		out = append(out, sekisho.FileChange{Path: p, State: sekisho.FileAdded})
	}
	for _, p := range gone {
		if !moved[p] {
			out = append(out, sekisho.FileChange{Path: p, State: sekisho.FileRemoved})
		}
	}
	slices.SortFunc(out, func(a, b sekisho.FileChange) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.State, b.State))
	})
	return out
}

// moves pairs files of equal content, those of the same name first: new path to
// old path.
func moves(gone, came []string, before, after map[string]string) map[string]string {
	old := map[string][]string{}
	for _, p := range gone {
		old[before[p]] = append(old[before[p]], p)
	}
	out := map[string]string{}
	for _, same := range []bool{true, false} {
		for _, p := range came {
			id := after[p]
			i := slices.IndexFunc(old[id], func(o string) bool { return !same || path.Base(o) == path.Base(p) })
			if out[p] == "" && i >= 0 {
				out[p] = old[id][i]
				old[id] = slices.Delete(old[id], i, i+1)
			}
		}
	}
	return out
}

// renames pairs files by the most likeness, those of the same name first: new
// path to old path.
func renames(gone, came []string, likeness func(a, b string) int) map[string]string {
	type match struct {
		from, to string
		score    int
	}
	var all []match
	for _, a := range gone {
		for _, b := range came {
			if n := likeness(a, b); n > 0 {
				n *= 2
				if path.Base(a) == path.Base(b) {
					n++
				}
				all = append(all, match{a, b, n})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y match) int { return cmp.Compare(y.score, x.score) })
	out, used := map[string]string{}, map[string]bool{}
	for _, m := range all {
		if out[m.to] == "" && !used[m.from] {
			out[m.to], used[m.from] = m.from, true
		}
	}
	return out
}

// alike is how many of a hundred lines two texts share, 0 when it is less than half.
func alike(a, b []byte) int {
	if len(a) == 0 || len(b) == 0 || len(a) > mostBytes || len(b) > mostBytes || len(a) > 2*len(b)+64 || len(b) > 2*len(a)+64 {
		return 0
	}
	count := map[string]int{}
	lines := 0
	for l := range bytes.Lines(a) {
		count[string(l)]++
		lines++
	}
	same, others := 0, 0
	for l := range bytes.Lines(b) {
		others++
		if count[string(l)] > 0 {
			count[string(l)]--
			same++
		}
	}
	if n := 100 * same / max(lines, others); n >= 50 {
		return n
	}
	return 0
}
