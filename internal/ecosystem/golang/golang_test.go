// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func input(path string, b []byte) *sekisho.Input {
	return &sekisho.Input{Path: path, Content: bytes.NewReader(b), Size: int64(len(b))}
}

func lines(inv sekisho.Inventory) (out []string) {
	for _, p := range inv.Packages {
		out = append(out, strings.TrimSpace(p.Name+" "+p.Version))
	}
	return out
}

// The test program itself, stripped and not, is compared with `go version -m`.
func TestProgramAgreesWithGo(t *testing.T) {
	dir := t.TempDir()
	for name, args := range map[string][]string{"plain": nil, "stripped": {"-ldflags=-s -w -X main.version=1.2.3"}} {
		out := filepath.Join(dir, name)
		cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", out}, args...), "../../../bench/floor")...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if b, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		said, err := exec.CommandContext(t.Context(), "go", "version", "-m", out).Output()
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i, l := range strings.Split(string(said), "\n") {
			f := strings.Fields(l)
			switch {
			case i == 0:
				want = append(want, "stdlib "+strings.TrimPrefix(f[len(f)-1], "go"))
			case len(f) >= 3 && f[0] == "dep":
				want = append(want, f[1]+" "+f[2])
			case len(f) >= 2 && f[0] == "mod":
				v := f[2]
				if v == "(devel)" && name == "stripped" {
					v = "v1.2.3"
				}
				want = append(want, f[1]+" "+v)
			}
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !(program{}).Wants(&sekisho.File{Path: "usr/bin/x", Mode: 0o755, Head: b[:sekisho.HeadSize]}) {
			t.Errorf("%s is not wanted", name)
		}
		inv, err := program{}.Extract(t.Context(), input(out, b))
		if err != nil {
			t.Fatal(err)
		}
		got := lines(inv)
		slices.Sort(got)
		slices.Sort(want)
		if name == "plain" {
			for i := range got { // the commit stands in for a version
				got[i], _, _ = strings.Cut(got[i], "+")
			}
			for i := range want {
				want[i], _, _ = strings.Cut(want[i], "+")
			}
		}
		if d := cmp.Diff(want, got); d != "" || len(got) < 2 {
			t.Errorf("%s: %s", name, d)
		}
		for _, n := range []int{64, 100, 5000, len(b) / 2, len(b) - 10} {
			_, _ = program{}.Extract(t.Context(), input("x", b[:n]))
		}
	}
}

func TestOtherProgramsAreNotGo(t *testing.T) {
	b, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Skip("no /bin/sh")
	}
	in := input("bin/sh", b)
	if mayBeGo(in) {
		t.Error("/bin/sh was taken for a Go program")
	}
	if inv, err := (program{}).Extract(t.Context(), in); err != nil || len(inv.Packages) != 0 {
		t.Errorf("%v %v", inv, err)
	}
}

func TestGoMod(t *testing.T) {
	const text = `module example.com/app

go 1.22

toolchain go1.22.3

require (
	example.com/a v1.0.0
	example.com/b v1.2.0 // indirect
	example.com/c v0.1.0
	example.com/d v0.1.0
)

replace example.com/c => ../c
replace example.com/d v0.1.0 => example.com/fork/d v0.2.0
`
	inv, err := goMod{}.Extract(t.Context(), input("go.mod", []byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range inv.Packages {
		got = append(got, p.PURL+" "+string(p.Relationship)+" "+string(rune('0'+p.Line/10))+string(rune('0'+p.Line%10)))
	}
	want := []string{
		"pkg:golang/example.com/app root 01", "pkg:golang/stdlib@1.22.3 direct 05", "pkg:golang/example.com/a@v1.0.0 direct 08",
		"pkg:golang/example.com/b@v1.2.0 transitive 09", "pkg:golang/example.com/fork/d@v0.2.0 direct 11",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := (goMod{}).Extract(t.Context(), input("go.mod", []byte("module (\n"))); err == nil {
		t.Error("a damaged go.mod passed")
	}
	for p, want := range map[string]bool{"go.mod": true, "x/go.mod": true, "xgo.mod": false, "root/go/pkg/mod/a@v1/go.mod": false} {
		if (goMod{}).Wants(&sekisho.File{Path: p}) != want {
			t.Errorf("Wants(%s) is not %v", p, want)
		}
	}
}

func TestVendor(t *testing.T) {
	inv, err := vendored{}.Extract(t.Context(), input("vendor/modules.txt", []byte("# example.com/a v1.0.0\n## explicit; go 1.18\nexample.com/a/x\n# example.com/b v1.1.0 => example.com/f v2.0.0\nexample.com/b\n# example.com/c v1.0.0 => ./c\n")))
	if d := cmp.Diff([]string{"example.com/a v1.0.0", "example.com/f v2.0.0"}, lines(inv)); d != "" || err != nil || inv.Packages[0].Relationship != sekisho.Direct {
		t.Error(d, err)
	}
}

func FuzzGoMod(f *testing.F) {
	f.Add([]byte("module a\nrequire b v1\nreplace b => c v2\n"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = goMod{}.Extract(context.Background(), input("go.mod", b))
		_, _ = vendored{}.Extract(context.Background(), input("vendor/modules.txt", b))
	})
}

func FuzzProgram(f *testing.F) {
	f.Add([]byte("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 100)))
	f.Add([]byte("MZ" + strings.Repeat("\x00", 100)))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = program{}.Extract(context.Background(), input("x", b)) })
}
