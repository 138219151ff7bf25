// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"
	"encoding/hex"
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

const spec = `
Name: %s
Version: 1.2~rc1
Release: 3.el9
Epoch: %d
Summary: a test
License: MIT and (GPL-2.0-or-later)
Vendor: Example
%s
%%description
a test
%%package -n %s-libs
Summary: its libraries
%%description -n %s-libs
its libraries
%%prep
%%install
mkdir -p %%{buildroot}/usr/bin %%{buildroot}/etc/example %%{buildroot}/usr/lib64
echo x > %%{buildroot}/usr/bin/%s
echo x > %%{buildroot}/etc/example/%s.conf
for i in $(seq 1 400); do echo x > %%{buildroot}/usr/lib64/lib%s-$i.so; done
%%files
/usr/bin/%s
/etc/example
%%files -n %s-libs
/usr/lib64/*
`

// run runs a program of the tests' tool set, or skips where it is missing.
func run(t *testing.T, stdin, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("%s is not installed: apt-get install rpm sqlite3", name)
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, errs.Bytes())
	}
}

// build makes packages with rpmbuild and enters them into a new database.
func build(t *testing.T, db string, names ...string) {
	t.Helper()
	top := t.TempDir()
	for i, n := range names {
		module := ""
		if i == 0 {
			module = "ModularityLabel: nodejs:18:8080020230101:abcdef"
		}
		file := filepath.Join(top, n+".spec")
		if err := os.WriteFile(file, fmt.Appendf(nil, spec, n, i, module, n, n, n, n, n, n, n), 0o644); err != nil {
			t.Fatal(err)
		}
		run(t, "", "rpmbuild", "-bb", "--quiet", "--define", "_topdir "+top, "--target", "x86_64", "--define", "__os_install_post %{nil}",
			"--define", "_build_id_links none", "--define", "debug_package %{nil}", "--define", "_tmppath "+top, file)
	}
	rpms, err := filepath.Glob(filepath.Join(top, "RPMS/*/*.rpm"))
	if err != nil || len(rpms) != 2*len(names) {
		t.Fatalf("rpmbuild made %q, %v", rpms, err)
	}
	run(t, "", "rpm", append([]string{"-i", "--justdb", "--nodeps", "--ignorearch", "--noscripts", "--dbpath", db, "--define", "_db_backend sqlite"}, rpms...)...)
}

func TestBuiltDatabase(t *testing.T) {
	db := t.TempDir()
	build(t, db, "sample", "other", "third")
	in := group(t, db)
	inv, err := database{}.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	packages, files := ask(t, db, "sqlite")
	agrees(t, inv, packages, files)
	// Not by rpm's word alone:
	want := sekisho.Package{
		Ecosystem: "rpm", Name: "other-libs", Version: "1:1.2~rc1-3.el9", SourceName: "other", SourceVersion: "1:1.2~rc1-3.el9",
		Arch: "x86_64", Vendor: "Example", Licenses: []string{"MIT and (GPL-2.0-or-later)"},
	}
	for _, p := range inv.Packages {
		if p.Name == want.Name {
			if d := cmp.Diff(want, p); d != "" {
				t.Error(d)
			}
		}
		if strings.HasPrefix(p.Name, "sample") && (p.Modularity != "nodejs:18:8080020230101:abcdef" || p.Version != "1.2~rc1-3.el9") {
			t.Errorf("%+v", p)
		}
	}
	for _, o := range inv.Owned {
		if o.Name == "third-libs" && (len(o.Files) != 400 || !o.Files.Has("/usr/lib64/libthird-400.so")) {
			t.Errorf("third-libs owns %d files", len(o.Files))
		}
	}
}

// group is the database of a directory as the walk hands it over.
func group(t *testing.T, dir string) *sekisho.Input {
	t.Helper()
	const at = "var/lib/rpm/"
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var in *sekisho.Input
	beside := map[string]*sekisho.Input{}
	for _, f := range files {
		path := at + f.Name()
		if !(database{}).Wants(&sekisho.File{Path: path}) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if (database{}).Group(path) == path {
			in = input(path, b)
		} else {
			beside[path] = input(path, b)
		}
	}
	if in == nil {
		t.Fatalf("%s holds no database", dir)
	}
	in.Beside = beside
	return in
}

// A log that was left over: some packages are in it only, others were removed
// in it, and its last transaction was never committed.
func TestWriteAheadLog(t *testing.T) {
	db, full, left := t.TempDir(), t.TempDir(), t.TempDir()
	build(t, db, "sample")
	build(t, full, "other", "third")
	run(t, fmt.Sprintf(`PRAGMA journal_mode=WAL;
PRAGMA wal_autocheckpoint=0;
PRAGMA cache_size=5;
ATTACH '%[1]s/rpmdb.sqlite' AS f;
INSERT INTO main.Packages SELECT hnum+100, blob FROM f.Packages;
DELETE FROM main.Packages WHERE hnum = (SELECT min(hnum) FROM main.Packages);
BEGIN;
INSERT INTO main.Packages SELECT hnum+200, blob FROM f.Packages;
INSERT INTO main.Packages SELECT hnum+300, blob FROM f.Packages;
.system cp %[2]s/rpmdb.sqlite %[2]s/rpmdb.sqlite-wal %[3]s/
ROLLBACK;
`, full, db, left), "sqlite3", "-bail", filepath.Join(db, sqliteName))

	in := group(t, left)
	log := in.Beside["var/lib/rpm/rpmdb.sqlite-wal"]
	if log == nil || log.Size < 64<<10 {
		t.Fatalf("sqlite3 left no log: %+v", log)
	}
	inv, err := database{}.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	packages, files := ask(t, left, "sqlite")
	if len(packages) != 5 {
		t.Fatalf("rpm finds %d packages in what was left", len(packages))
	}
	agrees(t, inv, packages, files)

	// Without the log it is another set: the test above does not pass by chance.
	in.Beside = nil
	alone, err := database{}.Extract(t.Context(), in)
	if err != nil || len(alone.Packages) != 2 {
		t.Errorf("without its log the database has %d packages, %v", len(alone.Packages), err)
	}

	// A log that was cut, or whose bytes changed, counts up to its last whole commit.
	whole, err := log.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		log  []byte
		want int
	}{
		{"empty", nil, 2},
		{"header only", whole[:walHead], 2},
		{"half a frame", whole[:walHead+100], 2},
		{"wrong checksum in the first frame", flip(whole, walHead+walFrameHead+10), 2},
		{"wrong checksum of the header", flip(whole, 13), 2},
		{"wrong checksum in the uncommitted end", flip(whole, len(whole)-10), 5},
	} {
		in.Beside = map[string]*sekisho.Input{log.Path: input(log.Path, tt.log)}
		inv, err := database{}.Extract(t.Context(), in)
		if err != nil || len(inv.Packages) != tt.want {
			t.Errorf("%s: %d packages, want %d: %v", tt.name, len(inv.Packages), tt.want, err)
		}
	}
	in.Beside = map[string]*sekisho.Input{log.Path: input(log.Path, []byte(strings.Repeat("garbage ", 100)))}
	if inv, err = (database{}).Extract(t.Context(), in); err == nil || len(inv.Packages) != 2 {
		t.Errorf("garbage: %d packages, %v", len(inv.Packages), err)
	}
}

func flip(b []byte, i int) []byte {
	b = slices.Clone(b)
	b[i] ^= 0x40
	return b
}

// rpm of Debian cannot read ndb: the headers are put into an SQLite database,
// by another program, and that is what rpm lists.
func TestNDBAgreesWithRPM(t *testing.T) {
	b := need(t, filepath.Join(shared, "sles-15/usr/lib/sysimage/rpm", ndbName))
	var sql strings.Builder
	sql.WriteString("BEGIN;\n")
	in := input("usr/lib/sysimage/rpm/"+ndbName, b)
	err := readNDB(t.Context(), in, func(number uint32, blob []byte) error {
		fmt.Fprintf(&sql, "INSERT INTO Packages VALUES (%d, x'%s');\n", number, hex.EncodeToString(blob))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sql.WriteString("COMMIT;\n")
	dir := t.TempDir()
	run(t, "", "rpm", "--initdb", "--dbpath", dir, "--define", "_db_backend sqlite")
	run(t, sql.String(), "sqlite3", "-bail", filepath.Join(dir, sqliteName))
	inv, err := database{}.Extract(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	packages, files := ask(t, dir, "sqlite")
	// The slots that are in use, counted in the raw bytes.
	used := 0
	for rest := b; ; {
		i := bytes.Index(rest, []byte(ndbBlobStart))
		if i < 0 {
			break
		}
		rest = rest[i+4:]
		used++
	}
	if len(packages) < 20 || len(packages) > used {
		t.Fatalf("rpm finds %d packages, the file has %d blobs", len(packages), used)
	}
	agrees(t, inv, packages, files)
}
