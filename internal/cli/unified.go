// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"strings"
)

// context is how many lines around a change a diff shows, and maxDistance how
// many lines may differ before the rest is shown as one change.
const (
	diffContext = 3
	maxDistance = 1000
)

// change is a run of lines: those of a from i to j stand for those of b from k to l.
type change struct{ i, j, k, l int }

// unified is the difference of two texts as patch(1) reads it; empty for none.
func unified(name, a, b string) string {
	if a == b {
		return ""
	}
	x, y := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	x, y = trimEmpty(x), trimEmpty(y)
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", name, name)
	all := changes(x, y)
	for n := 0; n < len(all); {
		m := n + 1
		for m < len(all) && all[m].i-all[m-1].j <= 2*diffContext {
			m++
		}
		hunk(&out, x, y, all[n:m])
		n = m
	}
	return out.String()
}

func trimEmpty(lines []string) []string {
	if n := len(lines); n > 0 && lines[n-1] == "" {
		return lines[:n-1]
	}
	return lines
}

func hunk(out *strings.Builder, x, y []string, all []change) {
	first, last := all[0], all[len(all)-1]
	from := max(0, first.i-diffContext)
	to := min(len(x), last.j+diffContext)
	yFrom := first.k - (first.i - from)
	yTo := last.l + (to - last.j)
	fmt.Fprintf(out, "@@ -%s +%s @@\n", lineRange(from, to), lineRange(yFrom, yTo))
	at := from
	write := func(mark byte, lines []string) {
		for _, line := range lines {
			out.WriteByte(mark)
			out.WriteString(line)
			if !strings.HasSuffix(line, "\n") {
				out.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	for _, c := range all {
		write(' ', x[at:c.i])
		write('-', x[c.i:c.j])
		write('+', y[c.k:c.l])
		at = c.j
	}
	write(' ', x[at:to])
}

func lineRange(from, to int) string {
	switch n := to - from; n {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return fmt.Sprintf("%d", from+1)
	default:
		return fmt.Sprintf("%d,%d", from+1, n)
	}
}

// changes are the runs of lines that differ, by the shortest script of deletions
// and insertions (Myers, An O(ND) Difference Algorithm, 1986).
func changes(x, y []string) []change {
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	n, m := len(x), len(y)
	for n > head && m > head && x[n-1] == y[m-1] {
		n, m = n-1, m-1
	}
	a, b := x[head:n], y[head:m]
	trace := script(a, b)
	if trace == nil {
		return []change{{head, n, head, m}}
	}
	// Backwards through the furthest points of each distance.
	var out []change
	i, k := len(a), len(b)
	add := func(c change) {
		if n := len(out); n > 0 && out[n-1].i == c.j && out[n-1].k == c.l {
			out[n-1].i, out[n-1].k = c.i, c.k
			return
		}
		out = append(out, c)
	}
	for d := len(trace) - 1; d > 0; d-- {
		v, diagonal := trace[d-1], i-k
		at := func(diagonal int) int {
			if diagonal < -(d-1) || diagonal > d-1 || (diagonal+d-1)%2 != 0 {
				return -1
			}
			return v[diagonal+d-1]
		}
		// The step from the distance before is an insertion or a deletion.
		if diagonal == -d || diagonal != d && at(diagonal-1) < at(diagonal+1) {
			i = at(diagonal + 1)
			k = i - diagonal
			add(change{i, i, k - 1, k})
			k--
		} else {
			i = at(diagonal-1) + 1
			k = i - diagonal
			add(change{i - 1, i, k, k})
			i--
		}
	}
	for l, r := 0, len(out)-1; l < r; l, r = l+1, r-1 {
		out[l], out[r] = out[r], out[l]
	}
	for n := range out {
		out[n] = change{out[n].i + head, out[n].j + head, out[n].k + head, out[n].l + head}
	}
	return out
}

// script gives for each distance the furthest points in a, by diagonal (from -d,
// at d+diagonal), until the end of both is reached; nil when that is too far.
func script(a, b []string) (trace [][]int) {
	for d := 0; d <= min(maxDistance, len(a)+len(b)); d++ {
		v := make([]int, 2*d+1)
		for diagonal := -d; diagonal <= d; diagonal += 2 {
			i := 0
			if d > 0 {
				before := trace[d-1]
				down, right := -1, -1
				if diagonal < d-1 {
					down = before[diagonal+1+d-1]
				}
				if diagonal > -(d - 1) {
					right = before[diagonal-1+d-1]
				}
				i = right + 1
				if diagonal == -d || diagonal != d && right < down {
					i = down
				}
			}
			k := i - diagonal
			for i < len(a) && k < len(b) && i >= 0 && k >= 0 && a[i] == b[k] {
				i, k = i+1, k+1
			}
			v[diagonal+d] = i
			if i >= len(a) && k >= len(b) {
				return append(trace, v)
			}
		}
		trace = append(trace, v)
	}
	return nil
}
