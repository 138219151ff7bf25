// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func input(path string, b []byte) *sekisho.Input {
	return &sekisho.Input{Path: path, Content: bytes.NewReader(b), Size: int64(len(b))}
}

const sample = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u7
Maintainer: GNU Libc Maintainers <debian-glibc@example.com>
Description: first line
 Package: not a field
 .

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1


Package: libfoo
Status: hold ok installed
Source: foo (1:2.0-1)
Version: 1:2.0-1+b1
Architecture: arm64

Status: install ok installed
Version: 3
`

func TestStatus(t *testing.T) {
	inv, err := status{}.Extract(t.Context(), input(statusPath, []byte(sample)))
	if err == nil {
		t.Error("a paragraph without a name passed in silence")
	}
	want := []sekisho.Package{
		{Ecosystem: "deb", Name: "libc6", Version: "2.36-9+deb12u7", SourceName: "glibc", SourceVersion: "2.36-9+deb12u7", Arch: "amd64", Vendor: "GNU Libc Maintainers", Line: 1},
		{Ecosystem: "deb", Name: "libfoo", Version: "1:2.0-1+b1", SourceName: "foo", SourceVersion: "1:2.0-1", Arch: "arm64", Line: 17},
	}
	if d := cmp.Diff(want, inv.Packages); d != "" {
		t.Error(d)
	}
	inv, err = status{}.Extract(t.Context(), input(statusDir+"base", []byte("Package: base-files\nVersion: 12.4\n")))
	if err != nil || len(inv.Packages) != 1 || inv.Packages[0].SourceName != "base-files" {
		t.Errorf("status.d: %+v %v", inv.Packages, err)
	}
}

// What dpkg-query says of this machine is the truth.
func TestStatusAgreesWithDpkg(t *testing.T) {
	b, err := os.ReadFile("/" + statusPath)
	if err != nil {
		t.Skip("this machine has no dpkg database")
	}
	out, err := exec.Command("dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, l := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		if l, ok := strings.CutPrefix(l, "installed "); ok {
			want = append(want, l)
		}
	}
	inv, err := status{}.Extract(t.Context(), input(statusPath, b))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range inv.Packages {
		got = append(got, strings.Join([]string{p.Name, p.Version, p.Arch, p.SourceName, p.SourceVersion}, " "))
		line := strings.SplitN(string(b), "\n", p.Line+1)[p.Line-1]
		if len(got) < 20 && line != "Package: "+p.Name {
			t.Errorf("line %d is %q, not that of %s", p.Line, line, p.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" || len(got) < 50 {
		t.Errorf("%d packages: %s", len(got), d)
	}
}

func TestList(t *testing.T) {
	inv, err := list{}.Extract(t.Context(), input(infoDir+"libc6:amd64.list", []byte("/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n")))
	if err != nil {
		t.Fatal(err)
	}
	o := inv.Owned[0]
	if o.Name != "libc6" || o.Arch != "amd64" || !o.Files.Has("usr/lib/x86_64-linux-gnu/libc.so.6") || o.Files.Has("usr/lib/libm.so") {
		t.Errorf("%+v", o)
	}
	inv, err = list{}.Extract(t.Context(), input(statusDir+"openssl.md5sums", []byte("d41d8cd98f00b204e9800998ecf8427e  usr/bin/openssl\n")))
	if err != nil || inv.Owned[0].Name != "openssl" || !inv.Owned[0].Files.Has("/usr/bin/openssl") {
		t.Errorf("%+v %v", inv.Owned, err)
	}
}

func TestCopyright(t *testing.T) {
	for text, want := range map[string][]string{
		"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nFiles: *\nLicense: GPL-2+\n text\n\nLicense: MIT\n\nLicense: MIT\n": {"GPL-2+", "MIT"},
		"see `/usr/share/common-licenses/GPL-2'. and /usr/share/common-licenses/LGPL-2.1.":                                                               {"GPL-2", "LGPL-2.1"},
		"all rights": nil,
	} {
		inv, err := copyright{}.Extract(t.Context(), input(docDir+"x/copyright", []byte(text)))
		var got []string
		for _, d := range inv.Licenses {
			got = d.Licenses
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Error(d, err)
		}
	}
	if (copyright{}).Wants(&sekisho.File{Path: "usr/share/doc/a/b/copyright"}) || !(copyright{}).Wants(&sekisho.File{Path: "usr/share/doc/a/copyright"}) {
		t.Error("only a package's own copyright file is wanted")
	}
}

func FuzzStatus(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, _ := status{}.Extract(context.Background(), input(statusPath, b))
		for _, p := range inv.Packages {
			if p.Name == "" || p.Version == "" {
				t.Fatalf("%+v", p)
			}
		}
		_, _ = list{}.Extract(context.Background(), input(infoDir+"x.list", b))
		_, _ = copyright{}.Extract(context.Background(), input(docDir+"x/copyright", b))
	})
}

func BenchmarkStatus(b *testing.B) {
	data := bytes.Repeat([]byte(sample[:strings.Index(sample, "Status: install ok installed\nVersion: 3")]), 1500)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := (status{}).Extract(b.Context(), input(statusPath, data)); err != nil {
			b.Fatal(err)
		}
	}
}
