// SPDX-License-Identifier: Apache-2.0

package extracttest

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Ascending fails unless each version of the list is below the next; "a = b"
// in a line says that the two are equal. It then holds all of them to the laws.
func Ascending(t *testing.T, o sekisho.Order, lines ...string) {
	t.Helper()
	var groups [][]string
	var all []string
	for _, l := range lines {
		g := strings.Split(l, " = ")
		groups, all = append(groups, g), append(all, g...)
	}
	for i, g := range groups {
		for j, h := range groups {
			for _, a := range g {
				for _, b := range h {
					got, err := o.Compare(a, b)
					if err != nil {
						t.Fatalf("%s: compare %q with %q: %v", o.Name, a, b, err)
					}
					if want := sign(i - j); sign(got) != want {
						t.Errorf("%s: compare %q with %q gives %d, want %d", o.Name, a, b, got, want)
					}
				}
			}
		}
	}
	Laws(t, o, all)
}

// Refuses fails unless each string is no version of the order, on either side.
func Refuses(t *testing.T, o sekisho.Order, good string, bad ...string) {
	t.Helper()
	if _, err := o.Compare(good, good); err != nil {
		t.Fatalf("%s: %q: %v", o.Name, good, err)
	}
	for _, b := range bad {
		for _, pair := range [][2]string{{good, b}, {b, good}, {b, b}} {
			if n, err := o.Compare(pair[0], pair[1]); err == nil {
				t.Errorf("%s: compare %q with %q gives %d, want an error", o.Name, pair[0], pair[1], n)
			}
		}
	}
}

// Laws holds an order to reflexivity, antisymmetry and transitivity over all
// pairs and triples of a corpus. Pairs with an error are left out, alike on
// both sides.
func Laws(t *testing.T, o sekisho.Order, corpus []string) {
	t.Helper()
	const no = 2
	n := min(len(corpus), 300)
	m := make([][]int, n)
	for i := range n {
		m[i] = make([]int, n)
		for j := range n {
			c, err := o.Compare(corpus[i], corpus[j])
			m[i][j] = sign(c)
			if err != nil {
				m[i][j] = no
			}
		}
	}
	for i := range n {
		if m[i][i] != 0 && m[i][i] != no {
			t.Errorf("%s: %q is not equal to itself", o.Name, corpus[i])
		}
		for j := range n {
			switch {
			case (m[i][j] == no) != (m[j][i] == no):
				t.Errorf("%s: %q and %q are versions in one direction only", o.Name, corpus[i], corpus[j])
			case m[i][j] != no && m[i][j] != -m[j][i]:
				t.Errorf("%s: %q against %q is %d, and back %d", o.Name, corpus[i], corpus[j], m[i][j], m[j][i])
			}
		}
	}
	bad := 0
	for i := range n {
		for j := range n {
			if m[i][j] > 0 {
				continue
			}
			for k := range n {
				if m[j][k] > 0 || m[i][k] == no {
					continue
				}
				// i <= j <= k, and equal to the end only if equal throughout.
				if want := min(m[i][j], m[j][k]); m[i][k] != want && bad < 20 {
					bad++
					t.Errorf("%s: not transitive: %q %q %q: %d %d %d", o.Name,
						corpus[i], corpus[j], corpus[k], m[i][j], m[j][k], m[i][k])
				}
			}
		}
	}
}

// Pairs makes n pairs of versions from real ones: mostly the neighbours of one
// version, as what differs little is what orders get wrong. The tokens are
// what the world's versions are made of. A seed gives the same pairs again.
func Pairs(seed uint64, n int, real, tokens []string) [][2]string {
	rng := rand.New(rand.NewPCG(seed, 440)) //nolint:gosec // the same pairs again are wanted
	tokens = append(slices.Clone(tokens), "0", "1", "2", "9", "10", "00", "01", "19", "20240101", ".", ".0", ".1")
	mutate := func(v string) string {
		for range 1 + rng.IntN(3) {
			i := rng.IntN(len(v) + 1)
			switch rng.IntN(5) {
			case 0, 1:
				v = v[:i] + tokens[rng.IntN(len(tokens))] + v[i:]
			case 2:
				v = v[:i] + v[min(len(v), i+1):]
			case 3:
				v = v[:i]
			default:
				v += tokens[rng.IntN(len(tokens))]
			}
			if v == "" {
				v = "1"
			}
		}
		return v
	}
	pairs := make([][2]string, n)
	for i := range pairs {
		a := real[rng.IntN(len(real))]
		b := a
		switch rng.IntN(8) {
		case 0:
			b = real[rng.IntN(len(real))]
		case 1, 2, 3:
			a, b = mutate(a), mutate(b)
		default:
			b = mutate(a)
		}
		if rng.IntN(2) == 0 {
			a, b = b, a
		}
		pairs[i] = [2]string{a, b}
	}
	return pairs
}

// Tool finds a program, by the first of its names or paths that exists. Where
// there is none the test is skipped, and fails with CI=true.
func Tool(t *testing.T, names ...string) string {
	t.Helper()
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	Lacking(t, names[0]+" is not installed")
	return ""
}

// Lacking skips a test for what it lacks, and fails it with CI=true.
func Lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Agree compares an order with its world's own tool. The program reads lines
// "A TAB B" from standard input and answers each with a line: "-1", "0", "1",
// or "?" where one of the two is no version. What the tool refuses the order
// may accept: advisories are written more loosely than packages. What the tool
// accepts must be compared, and alike; wantShare of the pairs at least must
// have been answered.
func Agree(t *testing.T, o sekisho.Order, pairs [][2]string, wantShare float64, program string, args ...string) {
	t.Helper()
	var in bytes.Buffer
	for _, p := range pairs {
		in.WriteString(p[0] + "\t" + p[1] + "\n")
	}
	cmd := exec.CommandContext(t.Context(), program, args...) //nolint:gosec // the program is the test's own choice
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%.2000s", program, err, stderr.String())
	}
	Answers(t, o, pairs, wantShare, strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"))
}

// Answers is Agree with the tool's lines at hand.
func Answers(t *testing.T, o sekisho.Order, pairs [][2]string, wantShare float64, lines []string) {
	t.Helper()
	if len(lines) != len(pairs) {
		t.Fatalf("%d answers to %d pairs; the first is %q", len(lines), len(pairs), lines[0])
	}
	answered, refused, wrong, looser := 0, 0, 0, 0
	for i, p := range pairs {
		got, err := o.Compare(p[0], p[1])
		if lines[i] == "?" {
			refused++
			if err == nil {
				looser++
			}
			continue
		}
		want, bad := strconv.Atoi(lines[i])
		if bad != nil {
			t.Fatalf("the tool says %q of %q and %q", lines[i], p[0], p[1])
		}
		answered++
		if err == nil && sign(got) == sign(want) {
			continue
		}
		if wrong++; wrong <= 25 {
			t.Errorf("%s: compare %q with %q gives %d, %v; its tool says %d", o.Name, p[0], p[1], got, err, want)
		}
	}
	t.Logf("%s: %d pairs compared, %d differ; %d that the tool refuses, %d of them compared here", o.Name, answered, wrong, refused, looser)
	if share := float64(answered) / float64(len(pairs)); share < wantShare {
		t.Errorf("%s: the tool answered %.2f of the pairs only, want %.2f", o.Name, share, wantShare)
	}
}

// FeedVersions collects version strings from an entry of the shared feeds,
// which lie beside the repository. The test is skipped where they do not.
func FeedVersions(t *testing.T, entry string, versions func(path string, data []byte) []string) []string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "..", "shared", "feeds")
	files, err := advisory.EntryFiles(t.Context(), dir, entry)
	if errors.Is(err, advisory.ErrNoEntry) {
		Lacking(t, "the feed "+entry+" is not beside the repository")
	} else if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for f, err := range files {
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range versions(f.Path, f.Data) {
			seen[v] = true
		}
	}
	var all []string
	for v := range seen {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// Assesses compares each version with its neighbour and with "good", and fails
// when more than the share of them are no versions, or when any pair breaks
// antisymmetry.
func Assesses(t *testing.T, o sekisho.Order, good string, all []string, maxShare float64) {
	t.Helper()
	if len(all) == 0 {
		t.Fatal("no versions")
	}
	var bad []string
	for i, v := range all {
		if _, err := o.Compare(v, good); err != nil {
			bad = append(bad, v)
		}
		w := all[(i+1)%len(all)]
		a, errA := o.Compare(v, w)
		b, errB := o.Compare(w, v)
		if sign(a) != -sign(b) || (errA == nil) != (errB == nil) {
			t.Errorf("%s: %q against %q is %d, %v and back %d, %v", o.Name, v, w, a, errA, b, errB)
		}
	}
	t.Logf("%s: %d of %d versions are none: %.400q", o.Name, len(bad), len(all), bad)
	if share := float64(len(bad)) / float64(len(all)); share > maxShare {
		t.Errorf("%s: %.4f of the versions are none, want %.4f at most", o.Name, share, maxShare)
	}
}

// FuzzOrder looks for panics and for pairs that break antisymmetry.
func FuzzOrder(f *testing.F, o sekisho.Order, seeds ...string) {
	for i, s := range seeds {
		f.Add(s, seeds[(i+1)%len(seeds)])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := o.Compare(a, b)
		y, errY := o.Compare(b, a)
		if (errX == nil) != (errY == nil) || errX == nil && sign(x) != -sign(y) {
			t.Errorf("%q against %q is %d, %v and back %d, %v", a, b, x, errX, y, errY)
		}
		if z, err := o.Compare(a, a); err == nil && z != 0 {
			t.Errorf("%q is not equal to itself: %d", a, z)
		}
	})
}

// BenchOrder times one comparison, over all neighbours of a list.
func BenchOrder(b *testing.B, o sekisho.Order, versions ...string) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := o.Compare(versions[i%len(versions)], versions[(i+1)%len(versions)]); err != nil {
			b.Fatal(err)
		}
	}
}

// Frugal fails when a comparison allocates.
func Frugal(t *testing.T, o sekisho.Order, versions ...string) {
	t.Helper()
	for i, v := range versions {
		w := versions[(i+1)%len(versions)]
		if n := testing.AllocsPerRun(10, func() { _, _ = o.Compare(v, w) }); n > 0 {
			t.Errorf("%s: comparing %q with %q allocates %v times", o.Name, v, w, n)
		}
	}
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
