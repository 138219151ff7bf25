// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const related = `Package: app
Status: install ok installed
Version: 1
Pre-Depends: init (>= 2:1) | systemd-sysv, libc6
Depends: libfoo:any (<< 3~), mail-transport-agent | exim4,
 libbar [amd64] <!nocheck>, absent, app
	, libcont
Recommends: docs, libfoo
Suggests: viewer | reader
Enhances: libenh

Package: libfoo
Architecture: amd64
Status: install ok installed
Version: 1
Depends: libc6 (>= 2.36)

Package: libfoo
Architecture: i386
Status: install ok installed
Version: 1

Package: postfix
Status: install ok installed
Version: 1
Provides: mail-transport-agent, mta (= 1)

Package: exim4
Status: deinstall ok config-files
Version: 1
Depends: app

Package: libbar
Status: install ok installed
Version: 1
Important: yes

Package: libcont
Status: install ok installed
Version: 1
Protected: yes

Package: libc6
Status: install ok installed
Version: 1
Priority: required
Essential: no

Package: docs
Status: install ok installed
Version: 1
Essential: yes

Package: reader
Status: install ok installed
Version: 1
Depends: 

Package: libenh
Status: install ok installed
Version: 1

Package: systemd-sysv
Status: install ok installed
Version: 1
`

func stated(inv sekisho.Inventory) (out []string) {
	for _, p := range inv.Packages {
		out = append(out, strings.TrimSpace(fmt.Sprint(p.Name, " ", p.Installed, " ", p.Needs, " ", p.Suits)))
	}
	return out
}

func TestRelations(t *testing.T) {
	inv, err := statusFile{}.Extract(t.Context(), input(statusPath, []byte(related)))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"app asked [libbar libc6 libcont libfoo postfix systemd-sysv] [docs reader]",
		"libfoo asked [libc6] []", "libfoo asked [] []", "postfix asked [] []", "libbar essential [] []", "libcont essential [] []",
		"libc6 essential [] []", "docs essential [] []", "reader asked [] []", "libenh asked [] []", "systemd-sysv asked [] []",
	}
	if d := cmp.Diff(want, stated(inv)); d != "" {
		t.Error(d)
	}
	// Without any dependency the fields were left out.
	inv, err = statusFile{}.Extract(t.Context(), input(statusPath, []byte("Package: a\nStatus: install ok installed\nVersion: 1\nEssential: yes\n")))
	if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Installed != "" {
		t.Errorf("%+v, %v", inv.Packages, err)
	}
	// Nobody asked for what a distroless image lists.
	inv, err = statusDirectory{}.Extract(t.Context(), input(statusDir+"a", []byte("Package: a\nVersion: 1\nDepends: a\n")))
	if err != nil || len(inv.Packages) != 1 || inv.Packages[0].Installed != "" {
		t.Errorf("%+v, %v", inv.Packages, err)
	}
}

func TestExtendedStates(t *testing.T) {
	const text = "Package: libfoo\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: gone\nAuto-Installed: 1\n\n\nPackage: asked\nArchitecture: amd64\nAuto-Installed: 0\n\nAuto-Installed: 1\n\nPackage: last\nAuto-Installed: 1"
	inv, err := extendedStates{}.Extract(t.Context(), input("var/lib/apt/extended_states", []byte(text)))
	want := []sekisho.InstallMarks{{Ecosystem: "deb", Names: []string{"libfoo:amd64", "gone", "last"}}}
	if d := cmp.Diff(want, inv.Marks); d != "" || err != nil {
		t.Error(d, err)
	}
}

// hostile are databases that would cost the product of two of their parts.
func hostile() map[string]string {
	one := func(name, fields string) string {
		return "Package: " + name + "\nStatus: install ok installed\nVersion: 1\n" + fields + "\n"
	}
	var provided, many strings.Builder
	for i := range 20_000 {
		provided.WriteString(one(fmt.Sprint("p", i), "Provides: v\nDepends: v, v | v\n"))
		many.WriteString(one(fmt.Sprint("p", i), "Depends: "+strings.Repeat("p1,p2|", 100)+"\n"))
	}
	names := make([]string, 5000)
	for i := range names {
		names[i] = fmt.Sprint("p", i)
	}
	return map[string]string{
		"a name that all provide": provided.String(),
		"a million of one name":   one("app", "Depends: "+strings.Repeat("lib,", 1_000_000)+"x\n") + one("lib", ""),
		"a million of others":     one("app", "Depends: "+strings.Repeat("a|b,\n ", 1_000_000)+"x\n") + one("lib", ""),
		"too many packages":       many.String() + one("app", "Depends: "+strings.Join(names, ",")+"\n"),
	}
}

func TestRelationsAreBounded(t *testing.T) {
	for name, text := range hostile() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		inv, err := statusFile{}.Extract(t.Context(), inMemoryInput(text))
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if err != nil || len(inv.Packages) == 0 {
			t.Errorf("%s: %d packages, %v", name, len(inv.Packages), err)
		}
		if took > 10*time.Second || after.TotalAlloc-before.TotalAlloc > 300<<20 {
			t.Errorf("%s: %v and %d MB", name, took, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
		known := slices.ContainsFunc(inv.Packages, func(p sekisho.Package) bool { return p.Installed != "" })
		told := slices.ContainsFunc(inv.Problems, func(p sekisho.Problem) bool { return strings.Contains(p.Error, "too many") })
		if known || !told {
			t.Errorf("%s: known %v, and told to be too much %v", name, known, told)
		}
	}
}

// The marks are those that apt reads.
func TestMarksAgreeWithApt(t *testing.T) {
	states, err := os.ReadFile("/var/lib/apt/extended_states")
	if err != nil {
		t.Skipf("this machine has no marks of apt: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), "apt-mark", "showauto").Output()
	if err != nil {
		t.Skipf("apt-mark does not answer: %v", err)
	}
	inv, err := extendedStates{}.Extract(t.Context(), input("var/lib/apt/extended_states", states))
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]bool{}
	for _, n := range inv.Marks[0].Names {
		n, _, _ = strings.Cut(n, ":")
		ours[n] = true
	}
	for name := range strings.FieldsSeq(string(out)) {
		name, _, _ = strings.Cut(name, ":")
		if !ours[name] {
			t.Errorf("apt says that %s came automatically", name)
		}
	}
}

func FuzzRelations(f *testing.F) {
	f.Add([]byte(related))
	f.Add([]byte("Package: a\nStatus: x installed\nVersion: 1\nDepends: a|b:c(d)[e]<f>,\n\tb\nProvides:b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, err := statusFile{}.Extract(t.Context(), input(statusPath, b))
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, p := range inv.Packages {
			names[p.Name] = true
		}
		for _, p := range inv.Packages {
			for _, list := range [][]string{p.Needs, p.Suits} {
				if !slices.IsSorted(list) {
					t.Fatalf("%v", list)
				}
				for _, n := range list {
					if !names[n] || n == p.Name || p.Installed == "" {
						t.Fatalf("%s needs %q: %+v", p.Name, n, p)
					}
				}
			}
		}
		if _, err := (extendedStates{}).Extract(t.Context(), input("x", b)); err != nil {
			t.Fatal(err)
		}
	})
}

func inMemoryInput(text string) *sekisho.Input {
	b := []byte(text)
	return &sekisho.Input{Path: statusPath, Content: inMemory{bytes.NewReader(b), b}, Size: int64(len(b))}
}
