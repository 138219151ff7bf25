// SPDX-License-Identifier: Apache-2.0

package rootfs

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"etc/os-release", "var/lib/docker/overlay2/x/etc/os-release", "usr/bin/tool"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(p)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, p), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s, err := a.Layers[0].Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var got []string
	for {
		f, err := s.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == sekisho.TypeRegular {
			got = append(got, f.Path)
		}
	}
	if d := cmp.Diff([]string{"etc/os-release", "usr/bin/tool"}, got); d != "" {
		t.Error(d)
	}
	if len(a.Problems) != 1 || a.Problems[0].Path != "var/lib/docker" {
		t.Errorf("what was left out must be said: %+v", a.Problems)
	}
	for p, want := range map[string]string{"none": "no such directory", "etc/os-release": "is a file"} {
		if _, err := Open(t.Context(), filepath.Join(dir, p), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func TestPseudoFileSystemsAreLeftOut(t *testing.T) {
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Skip("no /proc on this system")
	}
	for _, p := range []string{"proc", "sys"} {
		if !pseudo("/"+p, p) {
			t.Errorf("/%s would be read", p)
		}
	}
	if pseudo("/etc", "etc") {
		t.Error("/etc would not be read")
	}
}
