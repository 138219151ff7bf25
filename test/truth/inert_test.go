// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Packages that the program states to hold no code hold none: of every one that
// is installed here, no file is a program, a library or a script.
func TestPackagesWithoutCode(t *testing.T) {
	tool(t, "dpkg-query")
	root := t.TempDir() // the package database is all that is to be read
	for _, name := range []string{"etc/os-release", "var/lib/dpkg/status"} {
		b, err := os.ReadFile("/" + name)
		if err != nil {
			need(t, "this machine is no Debian: %v", err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := scan(t, database(t, "debian-tracker"), "dir:"+root, "--scanners", "vuln")
	seen := map[string]string{}
	for _, f := range r.Findings {
		if f.Suppressed != nil && f.Suppressed.Code != "" {
			seen[f.Package.Name] = f.Suppressed.Code
		}
	}
	if len(seen) == 0 {
		need(t, "no package without code has a finding here: install linux-libc-dev")
	}
	files := 0
	for name, code := range seen {
		list, err := exec.Command("dpkg-query", "-L", name).Output()
		if err != nil {
			t.Fatalf("list the files of %s: %v", name, err)
		}
		for path := range strings.Lines(string(list)) {
			path = strings.TrimSpace(path)
			info, err := os.Lstat(path)
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			files++
			if head := headOf(t, path); bytes.HasPrefix(head, []byte("\x7fELF")) || bytes.HasPrefix(head, []byte("#!")) || bytes.HasPrefix(head, []byte("!<arch>")) {
				t.Errorf("%s, which is stated to be %s, holds the program %s", name, code, path)
			}
			if ext := filepath.Ext(path); info.Mode()&0o111 != 0 || ext == ".py" || ext == ".pl" || ext == ".js" || ext == ".html" {
				t.Errorf("%s, which is stated to be %s, holds %s (%s)", name, code, path, info.Mode())
			}
		}
	}
	t.Logf("%d packages, %d files: %v", len(seen), files, seen)
}

func headOf(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 8))
	if err != nil {
		t.Fatal(err)
	}
	return head
}
