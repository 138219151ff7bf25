// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Without a home data are kept in a directory whose name everybody can guess: one
// that another user may have filled is not used.
func TestHomeless(t *testing.T) {
	elsewhere := t.TempDir()
	for name, tt := range map[string]struct {
		make func(dir string) error
		used bool
	}{
		"none":     {func(string) error { return nil }, true},
		"ours":     {func(dir string) error { return os.Mkdir(dir, 0o700) }, true},
		"readable": {func(dir string) error { return os.Mkdir(dir, 0o755) }, true},
		"writable": {func(dir string) error { return os.Mkdir(dir, 0o700) }, false},
		"link":     {func(dir string) error { return os.Symlink(elsewhere, dir) }, false},
		"file":     {func(dir string) error { return os.WriteFile(dir, nil, 0o600) }, false},
		"another's": {func(dir string) error {
			if os.Geteuid() != 0 {
				t.Skip("only root can give a directory to another user")
			}
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			return os.Lchown(dir, 12345, 12345)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			dir := filepath.Join(temp, fmt.Sprintf("sekisho-%d", os.Getuid()))
			if err := tt.make(dir); err != nil {
				t.Fatal(err)
			}
			if name == "writable" { // whatever the umask
				if err := os.Chmod(dir, 0o770); err != nil {
					t.Fatal(err)
				}
			}
			var out, errs bytes.Buffer
			a := &App{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: time.Now, Env: []string{"LANG=C"}}
			if status := a.Run(t.Context(), []string{"cache", "info"}); status != ExitAllowed {
				t.Fatal(status, errs.String())
			}
			if got := strings.Contains(out.String(), filepath.Join(dir, "facts")); got != tt.used {
				t.Errorf("%s", out.String())
			}
			if got := strings.Contains(errs.String(), dir); got == tt.used {
				t.Errorf("told: %q", errs.String())
			}
			info, err := os.Lstat(dir)
			if err != nil || tt.used && info.Mode() != fs.ModeDir|0o700 {
				t.Errorf("%v %v", info, err)
			}
			if left, err := os.ReadDir(temp); err != nil || len(left) != 1 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}
