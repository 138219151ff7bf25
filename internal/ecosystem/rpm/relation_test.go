// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// list is a list of names as a header has it.
func list(names ...string) stringArray {
	return stringArray{[]byte(strings.Join(names, "\x00") + "\x00"), uint32(len(names))}
}

func TestRelations(t *testing.T) {
	var r relations
	var inv sekisho.Inventory
	add := func(name string, h header, files ...string) {
		inv.Packages = append(inv.Packages, sekisho.Package{Name: name})
		if len(files) > 0 {
			inv.Owned = append(inv.Owned, sekisho.Ownership{Name: name, Files: sekisho.NewPathSet(files)})
		}
		r.add(&h)
	}
	add("app", header{
		requires:   list("rpmlib(PayloadIsZstd)", "libc.so.6(GLIBC_2.4)(64bit)", "/bin/sh", "(kernel >= 5 or (kernel-uki if app))", "(libx.so.1()(64bit) with app)", "absent", "app"),
		recommends: list("docs"), suggests: list("glibc"),
	})
	add("glibc", header{provides: list("glibc", "libc.so.6(GLIBC_2.4)(64bit)")})
	add("bash", header{requires: list("glibc")}, "/usr/bin/sh", "/usr/bin/bash")
	add("kernel-uki", header{provides: list("kernel-uki")})
	add("libx", header{provides: list("libx.so.1()(64bit)")})
	add("docs", header{})
	add("langpack", header{supplements: list("(glibc and docs)")})
	if !r.relate(&inv) {
		t.Fatal("too much")
	}
	var got []string
	for _, p := range inv.Packages {
		got = append(got, fmt.Sprint(p.Name, " ", p.Installed, " ", p.Needs, " ", p.Suits))
	}
	want := []string{
		"app asked [bash glibc kernel-uki libx] [docs]", "glibc asked [] [langpack]", "bash asked [glibc] []", "kernel-uki asked [] []", "libx asked [] []",
		"docs asked [] [langpack]", "langpack asked [] []",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRelationsAreBounded(t *testing.T) {
	names := make([]string, 1_000_000)
	for i := range names {
		names[i] = "a-name-of-a-library.so.1()(64bit)"
	}
	var r relations
	inv := sekisho.Inventory{Packages: []sekisho.Package{{Name: "a"}, {Name: "b"}}}
	r.add(&header{provides: list("x"), requires: list(names...)})
	r.add(&header{requires: list(names...)})
	if r.kept > maxRelated+100 {
		t.Errorf("%d bytes are kept", r.kept)
	}
	if r.relate(&inv) || inv.Packages[0].Installed != "" {
		t.Errorf("%+v", inv.Packages)
	}
}

// rpm itself would not let go what somebody needs, and lets go what nobody needs.
func TestRelationsAgreeWithRPM(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("rpm is not installed: apt-get install rpm")
	}
	db := t.TempDir()
	source := "../../../../shared/rootfs/azurelinux-2.0/var/lib/rpm/rpmdb.sqlite"
	b, err := os.ReadFile(source)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the shared data is not here")
		}
		t.Skip("the shared data is not here")
	}
	if err := os.WriteFile(filepath.Join(db, sqliteName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	inv, err := database{}.Extract(t.Context(), &sekisho.Input{Path: "var/lib/rpm/" + sqliteName, Content: bytes.NewReader(b), Size: int64(len(b))})
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string][]string{}
	for _, p := range inv.Packages {
		if p.Installed == "" {
			t.Fatalf("nothing is known of %s", p.Name)
		}
		for _, n := range p.Needs {
			needed[n] = append(needed[n], p.Name)
		}
	}
	leaves := 0
	for _, p := range inv.Packages {
		out, err := exec.CommandContext(t.Context(), "rpm", "-e", "--test", "--dbpath", db, "--define", "_db_backend sqlite", p.Name).CombinedOutput()
		holds := err == nil
		if holds && len(needed[p.Name]) > 0 && slices.ContainsFunc(needed[p.Name], func(n string) bool { return !slices.Contains(needed[n], p.Name) }) {
			t.Logf("%s: rpm lets it go, we keep it for %v", p.Name, needed[p.Name])
		}
		if !holds && len(needed[p.Name]) == 0 {
			t.Errorf("%s: rpm keeps it, we find nobody who needs it: %s", p.Name, out)
		}
		if len(needed[p.Name]) == 0 {
			leaves++
		}
	}
	if leaves < 1 || leaves > len(inv.Packages)/2 {
		t.Errorf("%d leaves of %d packages", leaves, len(inv.Packages))
	}
}

func FuzzRelations(f *testing.F) {
	f.Add("libc.so.6()(64bit)\x00(a >= 1 or (b if c))\x00/bin/sh\x00rpmlib(x)", "a\x00libc.so.6()(64bit)")
	f.Add("(", ")")
	f.Fuzz(func(t *testing.T, needs, provides string) {
		var r relations
		inv := sekisho.Inventory{Packages: []sekisho.Package{{Name: "a"}, {Name: "b"}}, Owned: []sekisho.Ownership{{Name: "a", Files: sekisho.NewPathSet([]string{"/usr/bin/sh"})}}}
		r.add(&header{requires: list(strings.Split(needs, "\x00")...), supplements: list(provides)})
		r.add(&header{provides: list(strings.Split(provides, "\x00")...), recommends: list(needs)})
		r.relate(&inv)
		for _, p := range inv.Packages {
			for _, n := range slices.Concat(p.Needs, p.Suits) {
				if n == p.Name || n != "a" && n != "b" {
					t.Fatalf("%+v", p)
				}
			}
		}
	})
}
