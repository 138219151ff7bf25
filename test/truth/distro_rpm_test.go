// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fix is what one advisory says of a package in a release.
type fix struct {
	// id of the advisory, and the flaws that it is about.
	id    string
	flaws []string
	// fixed is the first version without them; last the last one with them;
	// without both, every version is in the state.
	fixed, last, state string
	// module stream and architectures that it is about; empty for all.
	module string
	arches []string
}

// installed is a package as its own tool tells.
type installed struct{ name, version, arch, source, sourceVersion, module string }

// judge gives what the advisories, by package, say of the packages. Where the
// publisher names source packages, bySource.
func judge(feed string, fixes map[string][]fix, packages []installed, bySource bool, order func(a, b string) int) map[string]bool {
	set := map[string]bool{}
	for _, p := range packages {
		name, version := p.name, p.version
		if bySource {
			name, version = p.source, p.sourceVersion
		}
		for _, f := range fixes[name] {
			switch {
			case len(f.arches) > 0 && p.arch != "noarch" && !slices.Contains(f.arches, p.arch),
				f.module != p.module,
				f.fixed != "" && order(version, f.fixed) >= 0,
				f.last != "" && order(version, f.last) > 0:
				continue
			}
			flaws := f.flaws
			if len(flaws) == 0 {
				flaws = []string{f.id}
			}
			for _, flaw := range flaws {
				set[statement(feed, flaw, f.id, p.name, p.version, cmp.Or(f.fixed, f.state))] = true
			}
		}
	}
	return set
}

// rpmCompare is the order of rpm-version(7), written once more. Where one has
// no release, the release is not compared.
func rpmCompare(a, b string) int {
	part := func(v string) (epoch, version, release string) {
		if before, after, ok := strings.Cut(v, ":"); ok {
			epoch, v = before, after
		}
		version, release, _ = strings.Cut(v, "-")
		return epoch, version, release
	}
	e1, v1, r1 := part(a)
	e2, v2, r2 := part(b)
	if n := cmp.Or(number(e1)-number(e2), rpmPart(v1, v2)); n != 0 || r1 == "" || r2 == "" {
		return n
	}
	return rpmPart(r1, r2)
}

func rpmPart(a, b string) int {
	const figures, letters = "0123456789", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for a != "" || b != "" {
		a = a[max(0, cmp.Or(strings.IndexAny(a+"0", figures+letters+"~^"), 0)):]
		b = b[max(0, cmp.Or(strings.IndexAny(b+"0", figures+letters+"~^"), 0)):]
		x, y := strings.HasPrefix(a, "~"), strings.HasPrefix(b, "~")
		if x != y {
			return map[bool]int{true: -1, false: 1}[x]
		}
		if x {
			a, b = a[1:], b[1:]
			continue
		}
		x, y = strings.HasPrefix(a, "^"), strings.HasPrefix(b, "^")
		switch {
		case x && y:
			a, b = a[1:], b[1:]
			continue
		case x && b == "", y && a != "": // above the end, below all else
			return 1
		case y && a == "", x && b != "":
			return -1
		}
		if a == "" || b == "" {
			return len(a) - len(b)
		}
		set := letters
		if strings.ContainsAny(a[:1], figures) {
			set = figures
		}
		s, t := a[:len(a)-len(strings.TrimLeft(a, set))], b[:len(b)-len(strings.TrimLeft(b, set))]
		if t == "" { // a number is above letters
			return map[bool]int{true: 1, false: -1}[set == figures]
		}
		a, b = a[len(s):], b[len(t):]
		if set == figures {
			s, t = strings.TrimLeft(s, "0"), strings.TrimLeft(t, "0")
			if len(s) != len(t) {
				return len(s) - len(t)
			}
		}
		if n := strings.Compare(s, t); n != 0 {
			return n
		}
	}
	return 0
}

// The naive order is itself held to rpm.
func TestNaiveRPM(t *testing.T) {
	tool(t, "rpm")
	var versions []string
	for _, of := range oracleFixes(t) {
		for _, list := range of {
			versions = append(versions, list[0].fixed)
		}
	}
	slices.Sort(versions)
	versions = append(slices.Compact(versions), "1.0~rc1-1", "1.0-1", "1.0^git1-1", "1.0.1-1", "2:0.1-1", "1.0a-1", "1.0~~-1", "1.0^-1", "1.0^a~b-1")
	r := rand.New(rand.NewPCG(1, 2)) // the same pairs each time
	var pairs bytes.Buffer
	var want []int
	for i := range 5000 {
		a, b := versions[r.IntN(len(versions))], versions[r.IntN(len(versions))]
		if i%5 == 0 {
			b = strings.Replace(a, ".", []string{"~", "^", ".0", "a", "-"}[r.IntN(5)], 1)
		}
		if strings.Count(b, "-") == 1 && strings.Count(a, "-") == 1 {
			fmt.Fprintln(&pairs, a, b)
			want = append(want, cmp.Compare(rpmCompare(a, b), 0))
		}
	}
	file := filepath.Join(t.TempDir(), "pairs")
	if err := os.WriteFile(file, pairs.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	script := `%{lua:for l in io.lines("` + file + `") do a, b = l:match("(%S+) (%S+)"); print(rpm.vercmp(a, b) .. "\n") end}`
	out, err := exec.CommandContext(t.Context(), "rpm", "--eval", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	if len(got) != len(want) {
		t.Fatalf("rpm compared %d of %d pairs: %.200s", len(got), len(want), out)
	}
	lines := strings.Split(pairs.String(), "\n")
	for i := range got {
		if got[i] != fmt.Sprint(want[i]) {
			t.Errorf("%s: %d, rpm says %s", lines[i], want[i], got[i])
		}
	}
	t.Logf("%d pairs", len(got))
}

// drawBuilds gives packages of a release: names of the feed, in versions just below, at
// and above fixed ones. Names in leave are not taken.
func drawBuilds(fixes map[string][]fix, leave map[string]bool, n int) []installed {
	return drawAround(fixes, leave, n, func(fixed string, i int) string { return fixed + []string{"", "~", "~", ".1"}[i%4] })
}

// drawAround takes versions around a fixed one.
func drawAround(fixes map[string][]fix, leave map[string]bool, n int, around func(fixed string, i int) string) []installed {
	var names []string
	for name := range fixes {
		if !leave[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	r := rand.New(rand.NewPCG(3, 4)) // the same packages each time
	seen := map[installed]bool{}
	var list []installed
	for range n {
		name := names[r.IntN(len(names))]
		// In an order of its own: feeds are read into maps.
		sorted := slices.SortedFunc(slices.Values(fixes[name]), func(a, b fix) int {
			return cmp.Or(cmp.Compare(a.fixed, b.fixed), cmp.Compare(a.module, b.module), slices.Compare(a.arches, b.arches))
		})
		f := sorted[r.IntN(len(sorted))]
		if f.fixed == "" {
			continue
		}
		p := installed{name: name, version: around(f.fixed, r.IntN(4)), arch: "x86_64", module: f.module}
		if len(f.arches) > 0 && !slices.Contains(f.arches, "x86_64") {
			p.arch = f.arches[0]
		}
		p.version = strings.TrimPrefix(p.version, "0:")
		p.source, p.sourceVersion = p.name, p.version
		if !seen[p] {
			seen[p] = true
			list = append(list, p)
		}
	}
	return list
}

// bill writes packages as a CycloneDX document of a distribution.
func bill(t *testing.T, kind, distro, release string, packages []installed) string {
	t.Helper()
	type component struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		Version string `json:"version"`
		PURL    string `json:"purl"`
	}
	var list []component
	for _, p := range packages {
		version := p.version
		query := url.Values{"arch": {p.arch}, "distro": {distro + "-" + release}}
		if p.arch == "" {
			query.Del("arch")
		}
		if epoch, rest, ok := strings.Cut(version, ":"); ok && kind == "rpm" {
			version = rest
			query.Set("epoch", epoch)
		}
		if p.module != "" {
			query.Set("rpmmod", p.module)
		}
		purl := fmt.Sprintf("pkg:%s/%s/%s@%s?%s", kind, distro, url.QueryEscape(p.name), url.QueryEscape(version), query.Encode())
		list = append(list, component{"library", p.name, version, purl})
	}
	b, err := json.Marshal(map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": list})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bom.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sbom:" + file
}
