// SPDX-License-Identifier: Apache-2.0

package debian

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

func input(path string, b []byte) *sekisho.Input {
	return &sekisho.Input{Path: path, Content: bytes.NewReader(b), Size: int64(len(b))}
}

const statusPath = "var/lib/dpkg/status"

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


package: libfoo
Status: hold ok installed
Source: foo (1:2.0-1)
Version: 1:2.0-1+b1
Architecture: arm64

Package: waiting
Status: install ok triggers-pending
Version: 3-1

Package: half
Status: install reinstreq half-installed
Version: 4-1

Package: started
Status: install reinstreq half-installed

Status: install ok installed
Version: 3

Package: never
Version: 5

Package: odd
Status: install ok exploded
Version: 6
`

func TestStatus(t *testing.T) {
	inv, err := statusFile{}.Extract(t.Context(), input(statusPath, []byte(sample)))
	if err != nil {
		t.Fatal(err)
	}
	at := func(line int) []sekisho.Location { return []sekisho.Location{{Path: statusPath, Line: line}} }
	want := []sekisho.Package{
		{Ecosystem: "deb", Name: "libc6", Version: "2.36-9+deb12u7", SourceName: "glibc", SourceVersion: "2.36-9+deb12u7", Arch: "amd64", Vendor: "GNU Libc Maintainers", Line: 1, Locations: at(1)},
		{Ecosystem: "deb", Name: "libfoo", Version: "1:2.0-1+b1", SourceName: "foo", SourceVersion: "1:2.0-1", Arch: "arm64", Line: 17, Locations: at(17)},
		{Ecosystem: "deb", Name: "waiting", Version: "3-1", SourceName: "waiting", SourceVersion: "3-1", Line: 23, Locations: at(23)},
		{Ecosystem: "deb", Name: "half", Version: "4-1", SourceName: "half", SourceVersion: "4-1", Line: 27, Locations: at(27)},
	}
	if d := cmp.Diff(want, inv.Packages); d != "" {
		t.Error(d)
	}
	var said []string
	for _, p := range inv.Problems {
		said = append(said, fmt.Sprint(p.Minor, " ", p.Error))
	}
	problems := []string{
		`true the package "half" (line 27) is half installed: its version may not be the one on the disk`,
		`true the package "started" (line 31) is half installed: its version may not be the one on the disk`,
		`false read the paragraph at line 34: it has no Package`,
		`false the paragraph at line 40 has an unknown status: its package was not read`,
	}
	if d := cmp.Diff(problems, said); d != "" {
		t.Error(d)
	}
}

// A database that is all damage is told in a bounded way.
func TestStatusManyDamaged(t *testing.T) {
	inv, err := statusFile{}.Extract(t.Context(), input(statusPath, []byte(strings.Repeat("Status: install ok installed\n\n", 5000))))
	if err != nil || len(inv.Packages) != 0 || len(inv.Problems) != maxDamaged+1 {
		t.Errorf("%d packages, %d problems, %v", len(inv.Packages), len(inv.Problems), err)
	}
}

// A cut costs the paragraph that it goes through, no other.
func TestStatusTruncated(t *testing.T) {
	for n := range sample {
		inv, err := statusFile{}.Extract(t.Context(), input(statusPath, []byte(sample[:n])))
		if err != nil {
			t.Fatal(err)
		}
		if whole := strings.Index(sample, "Package: waiting"); n >= whole && (len(inv.Packages) < 2 || inv.Packages[1].Version != "1:2.0-1+b1") {
			t.Fatalf("cut at %d: %+v", n, inv.Packages)
		}
	}
}

// What dpkg-query says of this machine is the truth.
func TestStatusAgreesWithDpkg(t *testing.T) {
	b, err := os.ReadFile("/" + statusPath)
	if err != nil {
		t.Skipf("this machine has no dpkg database: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), "dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n").Output()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for l := range strings.Lines(string(out)) {
		if l, ok := strings.CutPrefix(strings.TrimSpace(l), "installed "); ok {
			want = append(want, l)
		}
	}
	inv, err := statusFile{}.Extract(t.Context(), input(statusPath, b))
	if err != nil || len(inv.Problems) > 0 {
		t.Fatal(err, inv.Problems)
	}
	lines := strings.Split(string(b), "\n")
	for _, p := range inv.Packages {
		got = append(got, strings.Join([]string{p.Name, p.Version, p.Arch, p.SourceName, p.SourceVersion}, " "))
		if line := lines[p.Line-1]; line != "Package: "+p.Name {
			t.Errorf("line %d is %q, not that of %s", p.Line, line, p.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" || len(got) < 50 {
		t.Errorf("%d packages: %s", len(got), d)
	}
}

// The names of the lists of this machine find packages of its status, and each
// list owns what dpkg-query lists.
func TestListsAgreeWithDpkg(t *testing.T) {
	paths, err := filepath.Glob("/" + infoDir + "*.list")
	if err != nil || len(paths) == 0 {
		t.Skip("this machine has no dpkg database")
	}
	for _, path := range paths[:min(len(paths), 40)] {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		inv, err := fileList{}.Extract(t.Context(), input(path[1:], b))
		if err != nil || len(inv.Owned) != 1 {
			t.Fatalf("%s: %+v, %v", path, inv, err)
		}
		o := inv.Owned[0]
		name := strings.TrimSuffix(o.Name+":"+o.Arch, ":")
		out, err := exec.CommandContext(t.Context(), "dpkg-query", "-L", name).Output()
		if err != nil {
			t.Fatalf("dpkg-query -L %s: %v", name, err)
		}
		for l := range strings.Lines(string(out)) {
			l = strings.TrimSuffix(l, "\n")
			if strings.HasPrefix(l, "/") && l != "/." && !o.Files.Has(l) {
				t.Errorf("%s does not own %s", name, l)
			}
		}
	}
}

func TestStatusDirectory(t *testing.T) {
	e := statusDirectory{}
	path := statusDir + "base"
	in := input(path, []byte("Package: base-files\nVersion: 12.4\nArchitecture: amd64\n"))
	in.Beside = map[string]*sekisho.Input{path + sumSuffix: input(path+sumSuffix, []byte("d41d8cd98f00b204e9800998ecf8427e  usr/lib/os-release\n\ngarbage\n"))}
	inv, err := e.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Packages) != 1 || inv.Packages[0].Name != "base-files" || inv.Packages[0].SourceVersion != "12.4" || inv.Packages[0].Line != 1 {
		t.Errorf("%+v", inv.Packages)
	}
	owned := []sekisho.Ownership{{Ecosystem: "deb", Name: "base-files", Arch: "amd64", Version: "12.4", Files: sekisho.NewPathSet([]string{"usr/lib/os-release"})}}
	if d := cmp.Diff(owned, inv.Owned); d != "" {
		t.Error(d)
	}
	if e.Group(path+sumSuffix) != path || e.Group(path) != path {
		t.Error("the sums are not in the group of their package")
	}
	if inv, err = e.Extract(t.Context(), input(path, []byte("Package: tzdata\n"))); err != nil || len(inv.Problems) != 1 || !strings.Contains(inv.Problems[0].Error, "no Version") {
		t.Errorf("%+v %v", inv, err)
	}
}

func TestList(t *testing.T) {
	inv, err := fileList{}.Extract(t.Context(), input(infoDir+"libc6:amd64.list", []byte("/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := []sekisho.Ownership{{Ecosystem: "deb", Name: "libc6", Arch: "amd64", Files: sekisho.NewPathSet([]string{"/lib", "/usr/lib/x86_64-linux-gnu/libc.so.6"})}}
	if d := cmp.Diff(want, inv.Owned); d != "" {
		t.Error(d)
	}
}

func TestCopyright(t *testing.T) {
	const format = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"fields", format + "\nFiles: *\nLicense: GPL-2+ or Artistic\n text\n\nLicense: MIT\n License: no\n\nLicense: MIT\nLicense:\n", []string{"GPL-2+ or Artistic", "MIT"}},
		{"references", "see `/usr/share/common-licenses/GPL-2'. and /usr/share/common-licenses/LGPL-2.1.", []string{"GPL-2", "LGPL-2.1"}},
		{"fields before references", format + "License: X\n see /usr/share/common-licenses/GPL-2\n", []string{"X"}},
		{"prose with a field", "This is foo.\nLicense: see below\n", nil},
		{"nothing", "all rights", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inv, err := copyrightFile{}.Extract(t.Context(), input(docDir+"x/copyright", []byte(tt.text)))
			if err != nil {
				t.Fatal(err)
			}
			var want []sekisho.DeclaredLicense
			if tt.want != nil {
				want = []sekisho.DeclaredLicense{{Ecosystem: "deb", Name: "x", Licenses: tt.want}}
			}
			if d := cmp.Diff(want, inv.Licenses); d != "" {
				t.Error(d)
			}
		})
	}
	var many strings.Builder
	many.WriteString(format)
	for i := range 100_000 {
		fmt.Fprintf(&many, "License: L%d\n", i)
	}
	inv, err := copyrightFile{}.Extract(t.Context(), input(docDir+"x/copyright", []byte(many.String())))
	if err != nil || len(inv.Licenses) != 1 || len(inv.Licenses[0].Licenses) != maxLicenses {
		t.Errorf("%d licences, %v", len(inv.Licenses), err)
	}
}

func TestWants(t *testing.T) {
	for path, want := range map[string]string{
		statusPath:                             "debian/status",
		"var/lib/dpkg/status-old":              "",
		statusDir + "libc6":                    "debian/status-d",
		statusDir + "libc6.md5sums":            "debian/status-d",
		infoDir + "libc6:amd64.list":           "debian/list",
		infoDir + "libc6:amd64.md5sums":        "",
		infoDir + ".list":                      "",
		"usr/share/doc/a/copyright":            "debian/copyright",
		"usr/share/doc/a/b/copyright":          "",
		"usr/share/doc/copyright":              "",
		"srv/usr/share/doc/a/copyright":        "",
		"usr/share/doc//copyright":             "",
		"home/me/project/debian/copyright":     "",
		"srv/chroot/sid/var/lib/dpkg/status":   "",
		"var/lib/dpkg/status.d/deeper/than/it": "",
	} {
		got := ""
		for _, e := range Extractors() {
			if e.Wants(&sekisho.File{Path: path}) {
				got += e.Name()
			}
		}
		if got != want {
			t.Errorf("%s is wanted by %q, want %q", path, got, want)
		}
	}
}

func FuzzStatus(f *testing.F) {
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, b []byte) {
		lines := bytes.Count(b, []byte("\n")) + 1
		for _, e := range []sekisho.Extractor{statusFile{}, statusDirectory{}} {
			inv, err := e.Extract(t.Context(), input(statusDir+"x", b))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range inv.Packages {
				if p.Name == "" || p.Version == "" || p.SourceName == "" || p.Line < 1 || p.Line > lines {
					t.Fatalf("%+v", p)
				}
			}
		}
	})
}

func FuzzCopyright(f *testing.F) {
	f.Add([]byte("Format: x\nLicense: GPL-2+\n"))
	f.Add([]byte("/usr/share/common-licenses/GPL-2."))
	f.Fuzz(func(t *testing.T, b []byte) {
		inv, err := copyrightFile{}.Extract(t.Context(), input(docDir+"x/copyright", b))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range inv.Licenses {
			if len(d.Licenses) == 0 || len(d.Licenses) > maxLicenses {
				t.Fatalf("%d licences", len(d.Licenses))
			}
		}
	})
}

// inMemory is content as the walk keeps it.
type inMemory struct {
	*bytes.Reader
	b []byte
}

func (m inMemory) Bytes() []byte { return m.b }

func BenchmarkStatus(b *testing.B) {
	one := `Package: libexample%d-dev
Status: install ok installed
Priority: optional
Section: libs
Installed-Size: 12990
Maintainer: Example Maintainers <example@lists.example.com>
Architecture: amd64
Multi-Arch: same
Source: example-source (2.36-9)
Version: 2.36-9+deb12u%d
Replaces: libexample-amd64
Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)
Recommends: libidn2-0 (>= 2.0.5~)
Suggests: glibc-doc, debconf | debconf-2.0, libc-l10n, locales, libnss-nis, libnss-nisplus
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
Description: %s
Homepage: https://www.example.com/

`
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, one, i, i, strings.Repeat("words of a description\n ", 30))
	}
	data := []byte(text.String())
	in := &sekisho.Input{Path: statusPath, Content: inMemory{bytes.NewReader(data), data}, Size: int64(len(data))}
	b.SetBytes(in.Size)
	b.ReportAllocs()
	for b.Loop() {
		inv, err := statusFile{}.Extract(b.Context(), in)
		if err != nil || len(inv.Packages) != 3000 {
			b.Fatal(len(inv.Packages), err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	var text strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&text, "/usr/share/example/directory-%d/file-%d.txt\n", i/100, i)
	}
	data := []byte(text.String())
	in := &sekisho.Input{Path: infoDir + "x.list", Content: inMemory{bytes.NewReader(data), data}, Size: int64(len(data))}
	b.SetBytes(in.Size)
	for b.Loop() {
		if _, err := (fileList{}).Extract(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}
