// SPDX-License-Identifier: Apache-2.0

package npm

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
// the tools themselves say of the project, see testdata/real/README.md.
func TestRealLocks(t *testing.T) {
	direct := []string{
		"@babel/code-frame@7.24.2", "ansi-styles@4.3.0", "chokidar@3.6.0", "debug@4.3.4", "has-flag@3.0.0", "lodash@4.17.21",
		"mkdirp@0.5.6", "ms@2.0.0", "react@18.2.0", "rollup@4.13.0", "use-sync-external-store@1.2.0",
	}
	dev := []string{"debug@4.3.4", "minimist@1.2.8", "mkdirp@0.5.6", "ms@2.1.2"}
	for _, tt := range []struct {
		dir         string
		e           sekisho.Extractor
		file        string
		direct, dev []string
		// everything is true where the tool lists what it did not install, too.
		everything bool
	}{
		{"npm-1", packageLock{}, "package-lock.json", nil, dev, false}, // version 1 does not name the project's own wishes
		{"npm-2", packageLock{}, "package-lock.json", direct, dev, false},
		{"npm-3", packageLock{}, "package-lock.json", direct, dev, false},
		{"yarn-1", yarnLock{}, "yarn.lock", nil, nil, true},
		{"yarn-4", yarnLock{}, "yarn.lock", direct, nil, true},
		{"pnpm-7", pnpmLock{}, "pnpm-lock.yaml", direct, dev, true},
		{"pnpm-8", pnpmLock{}, "pnpm-lock.yaml", direct, dev, true},
		{"pnpm-9", pnpmLock{}, "pnpm-lock.yaml", direct, dev, true},
		// Its first document is of what pnpm itself needs.
		{"pnpm-11", pnpmLock{}, "pnpm-lock.yaml", direct, slices.Insert(slices.Clone(dev), 1, "is-odd@3.0.1"), true},
		{"bun", bunLock{}, "bun.lock", direct, dev, false},
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
			listed := strings.Fields(string(list))
			inv, err := tt.e.Extract(t.Context(), &sekisho.Input{Path: "app/" + tt.file, Content: bytes.NewReader(b), Size: int64(len(b))})
			if err != nil {
				t.Fatal(err)
			}
			var got, gotDirect, gotDev []string
			for _, p := range inv.Packages {
				id := p.Name + "@" + p.Version
				// The project was installed for Linux on amd64 with glibc.
				foreign := p.Name == "fsevents" || p.Name == "is-odd" || strings.HasPrefix(p.Name, "@rollup/") && p.Name != "@rollup/rollup-linux-x64-gnu"
				if tt.everything || !foreign {
					got = append(got, id)
				}
				if foreign != (p.Tree == "app/node_modules") && (foreign || p.Name == "rollup" || p.Name == "react" || p.Name == "lodash") {
					t.Errorf("%s may be left out when the project is installed: %v, tree %q", id, foreign, p.Tree)
				}
				if p.Relationship == sekisho.Direct {
					gotDirect = append(gotDirect, id)
				}
				if p.Dev {
					gotDev = append(gotDev, id)
				}
			}
			for _, list := range []*[]string{&got, &gotDirect, &gotDev, &listed} {
				slices.Sort(*list)
				*list = slices.Compact(*list)
			}
			if d := cmp.Diff(listed, got); d != "" {
				t.Error("packages (- the tool, + ours):", d)
			}
			if d := cmp.Diff(tt.direct, gotDirect); d != "" {
				t.Error("direct:", d)
			}
			if d := cmp.Diff(tt.dev, gotDev); d != "" {
				t.Error("development:", d)
			}
		})
	}
}
