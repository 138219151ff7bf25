// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// installed makes packages of lines: name, "essential", "asked" or "auto", what it
// needs, "~" before what it suits, "=" before its groups, "@" before its layer,
// "!" before what uses it. Each has a finding, with a fix where its name ends in
// "-dev".
func installed(ecosystem string, lines ...string) *sekisho.Result {
	r := &sekisho.Result{OS: &sekisho.OS{ID: "debian", PrettyName: "Debian"}}
	for _, line := range lines {
		words := strings.Fields(line)
		p := sekisho.Package{PURL: words[0], Name: words[0], Ecosystem: ecosystem, Installed: sekisho.InstallReason(words[1]), Introduced: &sekisho.Introduction{}}
		if words[1] == "auto" {
			p.Installed = sekisho.InstalledAutomatic
		}
		for _, w := range words[2:] {
			switch w[0] {
			case '~':
				p.Suits = append(p.Suits, w[1:])
			case '=':
				p.AskedAs = w[1:]
			case '@':
				_, _ = fmt.Sscan(w[1:], &p.Introduced.Index)
				p.Introduced.File, p.Introduced.Line = "Dockerfile", 10+p.Introduced.Index
			case '!':
				p.UsedBy = append(p.UsedBy, w[1:])
			default:
				p.Needs = append(p.Needs, w)
			}
		}
		r.Packages = append(r.Packages, p)
		f := sekisho.Finding{
			ID: p.Name, Kind: sekisho.Vulnerability, Severity: sekisho.SeverityHigh, Introduced: p.Introduced,
			Package: &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Version: "1", Ecosystem: ecosystem},
		}
		if strings.HasSuffix(p.Name, "-dev") {
			f.Fixed = "2"
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func ranked(r *sekisho.Result) *sekisho.Result {
	Rank(r, Setting{}, Default(), func(_, a, b string) (int, bool) { return strings.Compare(a, b), true })
	return r
}

// dropsOf says what is dropped: what is named, and what goes with it.
func dropsOf(r *sekisho.Result) (out []string) {
	for _, a := range r.Actions {
		if !strings.HasPrefix(a.Kind, "drop-") {
			continue
		}
		named, rest := slices.Sorted(slices.Values(a.Packages[:a.Named])), slices.Sorted(slices.Values(a.Packages[a.Named:]))
		s := fmt.Sprintf("%s %s + %s, closes %s, %d remain", a.Kind, strings.Join(named, " "), strings.Join(rest, " "), strings.Join(a.Closes, " "), a.Remaining)
		if a.Command != "" {
			s += ": " + a.Command
		}
		if len(a.Lines) > 0 {
			s += fmt.Sprint(" at ", a.Path, a.Lines)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func TestDrop(t *testing.T) {
	for _, tt := range []struct {
		name, ecosystem string
		lines           []string
		change          func(*sekisho.Result)
		want            []string
	}{
		{"a compiler, and what came for it alone", "deb", []string{"libc6 essential", "gcc asked gcc-12 cpp", "gcc-12 auto cpp libc6", "cpp auto libc6", "app asked libc6"}, nil, []string{"drop-packages gcc + cpp gcc-12, closes cpp gcc gcc-12, 2 remain: apt-get purge -y --auto-remove gcc"}},
		{"a compiler that something needs", "deb", []string{"gcc asked libx", "libx auto", "ocaml asked gcc"}, nil, nil},
		{"one that something essential needs", "deb", []string{"base essential make", "make asked"}, nil, nil},
		{"one that the image's command names", "deb", []string{"git asked !config", "make asked !config"}, nil, nil},
		{"two that need each other", "deb", []string{"gcc asked binutils", "binutils asked gcc", "app asked"}, nil, []string{"drop-packages binutils gcc + , closes binutils gcc, 1 remain: apt-get purge -y --auto-remove binutils gcc"}},
		{"what came for others that are gone", "deb", []string{"libold auto libolder", "libolder auto libold", "app asked"}, nil, []string{"drop-packages  + libold libolder, closes libold libolder, 1 remain: apt-get autoremove -y --purge"}},
		{"what goes well with something stays", "deb", []string{"app asked ~libdoc", "libdoc auto libmore", "libmore auto"}, nil, nil},
		{"a compiler that goes well with something is named", "deb", []string{"perl asked ~make", "make auto"}, nil, []string{"drop-packages make + , closes make, 1 remain: apt-get purge -y --auto-remove make"}},
		{"tools that fetch, of nobody's layer", "deb", []string{"curl asked", "git asked"}, nil, nil},
		{"one package of which nothing is known", "deb", []string{"gcc asked", "libold auto", "odd asked"}, func(r *sekisho.Result) { r.Packages[0].Installed = "" }, nil},
		{"a group of apk", "apk", []string{"musl asked", "gcc asked musl =.build-deps", "git asked musl =.build-deps", "bash asked =.run-deps"}, nil, []string{"drop-packages gcc git + , closes gcc git, 2 remain: apk del .build-deps"}},
		{"a group for the run", "apk", []string{"libpq asked =.python-rundeps", "make asked =.odd", "gcc asked musl", "musl auto"}, nil, []string{"drop-packages gcc make + musl, closes gcc make musl, 1 remain: apk del gcc .odd"}},
		{"rpm by its tool", "rpm", []string{"dnf asked", "gcc asked glibc-devel", "glibc-devel auto glibc", "glibc asked"}, nil, []string{"drop-packages gcc + glibc-devel, closes gcc glibc-devel, 2 remain: dnf remove -y gcc"}},
		{"names that are no names", "deb", []string{"x$(id)-dev asked", "-o-dev asked", "ok-dev asked"}, nil, []string{"drop-packages -o-dev ok-dev x$(id)-dev + , closes -o-dev ok-dev x$(id)-dev, 0 remain: apt-get purge -y --auto-remove ok-dev"}},
		{"an interpreter of what lies there", "deb", []string{"python3-pip asked python3", "python3 auto python3.11", "python3.11 auto"}, func(r *sekisho.Result) {
			r.Packages = append(r.Packages, sekisho.Package{PURL: "pkg:pypi/x", Name: "x", Ecosystem: "pypi"})
		}, []string{"drop-packages python3-pip + , closes python3-pip, 2 remain: apt-get purge -y --auto-remove python3-pip"}},
		{"the same without", "deb", []string{"python3-pip asked python3", "python3 auto python3.11", "python3.11 auto"}, nil, []string{"drop-packages python3-pip + python3 python3.11, closes python3 python3-pip python3.11, 0 remain: apt-get purge -y --auto-remove python3-pip"}},
		{"layers", "deb", []string{"libc6 essential", "make asked @0", "curl asked @0", "tzdata asked @0", "gcc asked libgcc @1", "libgcc auto @1", "wget asked @2", "app asked @2"}, func(r *sekisho.Result) {
			r.Base = &sekisho.BaseImage{Name: "debian:12", KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 1, File: "Dockerfile", Line: 1}
		}, []string{
			"drop-base make + , closes make, 3 remain at Dockerfile[1]",
			"drop-own gcc wget + libgcc, closes gcc libgcc wget, 1 remain: apt-get purge -y --auto-remove gcc wget at Dockerfile[11 12]",
		}},
		{"what the base's compiler needs is not one's own to drop", "deb", []string{"gcc asked libnew @0", "libnew auto @1"}, func(r *sekisho.Result) {
			r.Base = &sekisho.BaseImage{Name: "debian:12", KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 1}
		}, []string{"drop-base gcc + , closes gcc, 0 remain"}},
		{"what goes above takes what it needed below", "deb", []string{"gcc asked @0", "libown-dev asked gcc @1"}, func(r *sekisho.Result) {
			r.Base = &sekisho.BaseImage{Name: "debian:12", KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 1}
		}, []string{"drop-base gcc + , closes gcc, 0 remain", "drop-own libown-dev + , closes libown-dev, 0 remain: apt-get purge -y --auto-remove libown-dev at Dockerfile[11]"}},
		{"a guess is no base", "deb", []string{"curl asked @1", "gcc asked @1"}, func(r *sekisho.Result) {
			r.Base = &sekisho.BaseImage{Name: "debian:12", KnownBy: sekisho.BaseByGuess, Split: true, Layers: 1}
		}, []string{"drop-packages gcc + , closes gcc, 1 remain: apt-get purge -y --auto-remove gcc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := installed(tt.ecosystem, tt.lines...)
			if tt.change != nil {
				tt.change(r)
			}
			for i := range r.Findings {
				if in := r.Findings[i].Introduced; r.Base != nil && in.Index < r.Base.Layers {
					r.Findings[i].Origin = sekisho.OriginBase
				} else if r.Base != nil {
					r.Findings[i].Origin = sekisho.OriginOwn
				}
			}
			if d := cmp.Diff(tt.want, dropsOf(ranked(r))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// What is to be done now stays with the action that is sure to close it; what no
// other action closes is dropped all the same.
func TestDropLeavesActNow(t *testing.T) {
	r := installed("deb", "libfixed-dev asked", "libopen asked", "gcc asked", "app asked", "make asked")
	for i := range r.Findings {
		switch f := &r.Findings[i]; f.ID {
		case "libfixed-dev", "gcc":
			f.KEV = &sekisho.KEV{Added: "2026-01-02"}
		case "make":
			f.KEV, f.Status = &sekisho.KEV{Added: "2026-01-02"}, sekisho.StatusEndOfLife
		}
	}
	ranked(r)
	by := map[string][]string{}
	for _, a := range r.Actions {
		by[a.Kind] = append(by[a.Kind], a.Closes...)
	}
	want := map[string][]string{"upgrade-system": {"libfixed-dev"}, "drop-packages": {"gcc"}, "migrate-release": {"make"}}
	if d := cmp.Diff(want, by); d != "" {
		t.Error(d)
	}
}

// A base that was seen not to have a finding closes it, not one without the
// package.
func TestDropLeavesCandidate(t *testing.T) {
	r := installed("deb", "gcc asked", "make asked", "app asked")
	for i := range r.Findings {
		r.Findings[i].Origin = sekisho.OriginBase
	}
	r.Base = &sekisho.BaseImage{Name: "debian:12", KnownBy: sekisho.BaseByProvenance, Split: true, Layers: 1, Candidates: []sekisho.BaseCandidate{{Name: "debian:13", Best: true, Closes: []string{"gcc"}}}}
	by := map[string][]string{}
	for _, a := range ranked(r).Actions {
		by[a.Kind] = a.Closes
	}
	if d := cmp.Diff(map[string][]string{"move-base": {"gcc"}, "drop-base": {"make"}}, by); d != "" {
		t.Error(d)
	}
}

// drawn is a random result: packages that need and suit others, cycles too.
func drawn(random *rand.Rand, most int) *sekisho.Result {
	names := []string{"gcc", "make", "git", "curl", "libx-dev", "python3", "perl"}
	for i := range 1 + random.IntN(most) {
		names = append(names, fmt.Sprint("lib", i))
	}
	lines := make([]string, 0, len(names))
	for _, name := range names {
		words := []string{name, []string{"essential", "asked", "auto", "auto", "auto"}[random.IntN(5)]}
		for range random.IntN(4) {
			words = append(words, names[random.IntN(len(names))])
		}
		for range random.IntN(2) {
			words = append(words, "~"+names[random.IntN(len(names))])
		}
		if random.IntN(9) == 0 {
			words = append(words, "!app/x")
		}
		lines = append(lines, strings.Join(append(words, fmt.Sprint("@", random.IntN(3))), " "))
	}
	r := installed("deb", lines...)
	if random.IntN(2) == 0 {
		r.Base = &sekisho.BaseImage{Name: "b", KnownBy: sekisho.BaseByChain, Split: true, Layers: 1 + random.IntN(2)}
		for i := range r.Findings {
			r.Findings[i].Origin = sekisho.OriginOwn
			if r.Findings[i].Introduced.Index < r.Base.Layers {
				r.Findings[i].Origin = sekisho.OriginBase
			}
		}
	}
	return r
}

// Whatever is installed: nothing goes that something which stays needs, nothing
// essential and nothing that is used; no finding is closed twice; the order of the
// packages is of no account.
func TestDropProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 2))
	some := 0
	for range 4_000 {
		r := ranked(drawn(random, 12))
		kept := holdsDrops(t, r)
		if kept > 0 {
			some++
		}
		again := &sekisho.Result{OS: r.OS, Base: r.Base, Packages: slices.Clone(r.Packages), Findings: slices.Clone(r.Findings)}
		random.Shuffle(len(again.Packages), func(i, j int) {
			again.Packages[i], again.Packages[j] = again.Packages[j], again.Packages[i]
		})
		if d := cmp.Diff(dropsOf(r), dropsOf(ranked(again))); d != "" {
			t.Fatalf("in another order: %s", d)
		}
		if t.Failed() {
			return
		}
	}
	if some < 1_000 {
		t.Errorf("%d of the results have something to drop: the test says little", some)
	}
}

// holdsDrops says what is true of every plan, and counts what is dropped.
func holdsDrops(t *testing.T, r *sekisho.Result) (count int) {
	t.Helper()
	gone, own := map[string]bool{}, map[string]bool{}
	closed := map[string]bool{}
	for _, a := range r.Actions {
		for _, id := range a.Closes {
			if closed[id] {
				t.Errorf("%s is closed twice", id)
			}
			closed[id] = true
		}
		if !strings.HasPrefix(a.Kind, "drop-") {
			continue
		}
		for i, name := range a.Packages {
			if gone[name] || slices.Contains(a.Packages[:i], name) {
				t.Errorf("%s goes twice", name)
			}
			gone[name], own[name] = true, a.Kind == sekisho.ActionDropOwn
			count++
		}
	}
	for i := range r.Packages {
		p := &r.Packages[i]
		if gone[p.Name] && (p.Installed == sekisho.InstalledEssential || len(p.UsedBy) > 0) {
			t.Errorf("%s goes and is needed: %+v", p.Name, p)
		}
		for _, need := range p.Needs {
			if gone[need] && !gone[p.Name] {
				t.Errorf("%s goes, which %s needs", need, p.Name)
			}
			if own[need] && !own[p.Name] {
				t.Errorf("%s goes out of one's own layers, and %s of the base needs it", need, p.Name)
			}
		}
	}
	return count
}

func FuzzDrop(f *testing.F) {
	f.Add(uint64(1), uint64(2), "gcc", "a\x00b")
	f.Fuzz(func(t *testing.T, a, b uint64, name, group string) {
		r := drawn(rand.New(rand.NewPCG(a, b)), 20)
		r.Packages[0].Name, r.Packages[1].AskedAs = name, group
		holdsDrops(t, ranked(r))
		for _, a := range r.Actions {
			if strings.ContainsAny(a.Command, "$;&|<>()`\"'\\\n\t\x00*?[]{}!#~") {
				t.Errorf("a shell would read %q", a.Command)
			}
		}
	})
}

func TestPurpose(t *testing.T) {
	for name, want := range map[string]string{
		"gcc": "builds", "gcc-12": "builds", "gcc-12-base": "", "gcc-12-x86-64-linux-gnu": "builds", "g++-12": "builds", "libgcc-12-dev": "builds", "libgcc-s1": "",
		"linux-libc-dev": "builds", "glibc-devel": "builds", "kernel-headers": "builds", "make": "builds", "makedev": "", "udev": "", "llvm-14": "builds", "llvm14": "builds",
		"automake1.11": "builds", "git": "fetches", "libcurl4": "", "curl": "fetches", "ca-certificates": "", "python3.11": "", "golang-1.19": "builds", "golang-1.19-go": "", "": "",
	} {
		got := ""
		switch {
		case builds(name):
			got = "builds"
		case fetches(name):
			got = "fetches"
		}
		if got != want {
			t.Errorf("%s %q, want %q", name, got, want)
		}
	}
	for group, want := range map[string]bool{".build-deps": true, ".fetch-deps": true, ".build-deps .run-deps": false, ".python-rundeps": false, ".x": false, "": false, ".phpize-deps-dev": true} {
		if temporary(group) != want {
			t.Errorf("group %q is temporary: %v", group, !want)
		}
	}
	for name, want := range map[string]bool{"python3": true, "python3.11": true, "python3.11-minimal": true, "libpython3": false, "openjdk-17-jre-headless": true, "php8.2-cli": true, "ruby3.1": true, "r-base-core": false} {
		if runs(name, []string{"pypi", "maven", "composer", "gem"}) != want {
			t.Errorf("%s runs: %v", name, !want)
		}
	}
}

func BenchmarkDrop(b *testing.B) {
	lines := make([]string, 0, 5000)
	for i := range 5000 {
		lines = append(lines, fmt.Sprintf("lib%d auto lib%d lib%d ~lib%d", i, i*7%5000, i*13%5000, i*31%5000))
	}
	r := installed("deb", append(lines, "gcc asked lib1", "app asked lib2")...)
	ranked(r)
	for b.Loop() {
		ranked(r)
	}
}
