// SPDX-License-Identifier: Apache-2.0

package rpm

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

const shared = "../../../../shared/rootfs/"

// need reads a file of the shared data, or skips.
func need(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("the shared data is not here: %v", err)
	}
	return b
}

func input(path string, b []byte) *sekisho.Input {
	return &sekisho.Input{Path: path, Content: bytes.NewReader(b), Size: int64(len(b))}
}

// told is a package in the words that ask makes of what rpm prints.
func told(p sekisho.Package) string {
	license := ""
	if len(p.Licenses) > 0 {
		license = p.Licenses[0]
	}
	return strings.Join([]string{p.Name, p.Version, p.Arch, p.SourceName + " " + p.SourceVersion, p.Vendor, license, p.Modularity}, "|")
}

// ask has rpm itself list a database (a copy: rpm writes where it reads).
func ask(t *testing.T, dir, backend string) (packages []string, files map[string][]string) {
	t.Helper()
	if _, err := exec.LookPath("rpm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("rpm is not installed: apt-get install rpm")
	}
	work := t.TempDir()
	if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(work, func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(p, 0o755)
	})
	if err != nil {
		t.Fatal(err)
	}
	query := func(format string) string {
		out, err := exec.CommandContext(t.Context(), "rpm", "-qa", "--dbpath", work, "--define", "_db_backend "+backend, "--qf", format).Output()
		if err != nil {
			t.Fatalf("rpm -qa: %v", err)
		}
		return string(out)
	}
	for line := range strings.Lines(query("%{NAME}|%{EPOCHNUM}|%{VERSION}-%{RELEASE}|%{ARCH}|%{SOURCERPM}|%{VENDOR}|%{LICENSE}|%{MODULARITYLABEL}\n")) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "|")
		if f[0] == "gpg-pubkey" {
			continue
		}
		epoch := ""
		if f[1] != "0" {
			epoch = f[1] + ":"
		}
		// rpm's own words, taken apart another way than the code does.
		source := strings.TrimSuffix(strings.TrimSuffix(f[4], ".rpm"), ".src")
		parts := strings.Split(source, "-")
		n := len(parts)
		source = strings.Join(parts[:n-2], "-") + " " + epoch + parts[n-2] + "-" + parts[n-1]
		for i := range f {
			if f[i] == "(none)" {
				f[i] = ""
			}
		}
		packages = append(packages, strings.Join([]string{f[0], epoch + f[2], f[3], source, f[5], f[6], f[7]}, "|"))
	}
	files = map[string][]string{}
	for line := range strings.Lines(query("[%{=NAME}|%{FILENAMES}\n]")) {
		name, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "|")
		files[name] = append(files[name], path)
	}
	slices.Sort(packages)
	return packages, files
}

// agrees compares what was extracted with what rpm says.
func agrees(t *testing.T, inv sekisho.Inventory, packages []string, files map[string][]string) {
	t.Helper()
	var got []string
	for _, p := range inv.Packages {
		got = append(got, told(p))
	}
	slices.Sort(got)
	if d := cmp.Diff(packages, got); d != "" {
		t.Errorf("packages (-rpm +sekisho): %s", d)
	}
	owned := map[string]sekisho.PathSet{}
	for _, o := range inv.Owned {
		owned[o.Name] = append(owned[o.Name], o.Files...)
	}
	for name, paths := range files {
		if name == "gpg-pubkey" {
			continue
		}
		if d := cmp.Diff(sekisho.NewPathSet(paths), owned[name].Sorted()); d != "" {
			t.Errorf("files of %s: %s", name, d)
		}
		delete(owned, name)
	}
	for name, set := range owned {
		t.Errorf("%s owns %d files of which rpm knows nothing", name, len(set))
	}
}

func TestDatabasesAgreeWithRPM(t *testing.T) {
	for _, tt := range []struct {
		dir, file, backend string
		packages, files    int
	}{
		{"azurelinux-2.0/var/lib/rpm", sqliteName, "sqlite", 129, 1000},
		{"rpm-bdb/var/lib/rpm", bdbName, "bdb_ro", 1, 1},
	} {
		t.Run(tt.backend, func(t *testing.T) {
			b := need(t, filepath.Join(shared, tt.dir, tt.file))
			inv, err := database{}.Extract(t.Context(), input("var/lib/rpm/"+tt.file, b))
			if err != nil {
				t.Fatal(err)
			}
			packages, files := ask(t, filepath.Join(shared, tt.dir), tt.backend)
			if len(packages) < tt.packages || len(files) == 0 {
				t.Fatalf("rpm itself found %d packages", len(packages))
			}
			agrees(t, inv, packages, files)
		})
	}
}
