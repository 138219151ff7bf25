// SPDX-License-Identifier: Apache-2.0

package pypi

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// TestRealLocks compares what we read in the locks of the real tools with what
// the tools themselves say of them, see testdata/real/README.md.
func TestRealLocks(t *testing.T) {
	dev := []string{"checker==7.4.0", "markup==4.0", "reporter==3.1"}
	for _, tt := range []struct {
		dir  string
		e    sekisho.Extractor
		file string
		dev  []string
		// unlisted is in the lock and not in the tool's list.
		unlisted string
	}{
		{"poetry-1", tomlLock{}, "poetry.lock", dev, ""},
		{"pdm-2", tomlLock{}, "pdm.lock", nil, "windows-only==1.0"}, // PDM 2.2 does not say what is for development
		{"pipenv", pipfileLock{}, "Pipfile.lock", dev, ""},
	} {
		t.Run(tt.dir, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata/real", tt.dir, tt.file))
			if err != nil {
				t.Fatal(err)
			}
			list, err := os.ReadFile(filepath.Join("testdata/real", tt.dir, "list"))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Fields(tt.unlisted)
			for line := range strings.Lines(string(list)) {
				line, _, _ = strings.Cut(strings.TrimSpace(line), " ;")
				name, version, _ := strings.Cut(line, "==")
				name, _, _ = strings.Cut(name, "[")
				want = append(want, pkg(name, version).Name+"=="+version)
			}
			if !tt.e.Wants(&sekisho.File{Path: "app/" + tt.file, Size: int64(len(b))}) {
				t.Fatal("the lock is not wanted")
			}
			inv, err := tt.e.Extract(t.Context(), &sekisho.Input{Path: "app/" + tt.file, Content: bytes.NewReader(b), Size: int64(len(b))})
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(b), "\n")
			used := map[string]bool{}
			for _, p := range inv.Packages {
				id := p.Name + "==" + p.Version
				used[id] = used[id] || !p.Dev
				if at := lines[p.Line-1] + lines[p.Line]; !strings.Contains(strings.ToLower(at), p.Name[:4]) {
					t.Errorf("%s is not in line %d: %s", id, p.Line, at)
				}
			}
			var got, gotDev []string
			for id, prod := range used {
				if got = append(got, id); !prod {
					gotDev = append(gotDev, id)
				}
			}
			slices.Sort(got)
			slices.Sort(gotDev)
			slices.Sort(want)
			if d := cmp.Diff(want, got); d != "" {
				t.Error("packages (- the tool, + ours):", d)
			}
			if d := cmp.Diff(tt.dev, gotDev); d != "" {
				t.Error("development:", d)
			}
		})
	}
}
