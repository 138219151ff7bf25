// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxGoMod bounds a go.mod, in bytes: its parser takes long over large nonsense.
const maxGoMod = 1 << 20

// goMod reads go.mod, https://go.dev/ref/mod#go-mod-file.
type goMod struct{}

func (goMod) Name() string { return "golang/go.mod" }
func (goMod) Version() int { return 1 }

func (goMod) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, "go.mod") && (len(f.Path) == 6 || f.Path[len(f.Path)-7] == '/') &&
		!inModuleCache(f.Path)
}

// inModuleCache says whether a file is Go's own download cache or a vendored
// copy: what is there is what other modules need, not what this one is built of.
func inModuleCache(p string) bool {
	return strings.Contains(p, "pkg/mod/") || strings.Contains(p, "/testdata/") || strings.HasPrefix(p, "testdata/")
}

func (goMod) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if in.Size > maxGoMod {
		return inv, fmt.Errorf("it has %d bytes, and no go.mod has more than %d: it was not read", in.Size, maxGoMod)
	}
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	f, err := modfile.ParseLax(in.Path, b, nil)
	if err != nil {
		return inv, fmt.Errorf("it is no valid go.mod: %w", err)
	}
	type target struct{ path, version string }
	replaced := map[target]target{}
	// ParseLax leaves replacements out: they are read from the syntax.
	strict, serr := modfile.Parse(in.Path, bytes.Clone(b), nil)
	if serr == nil {
		for _, r := range strict.Replace {
			replaced[target{r.Old.Path, r.Old.Version}] = target{r.New.Path, r.New.Version}
		}
	}
	if f.Module != nil {
		p := module(f.Module.Mod.Path, "")
		p.Relationship, p.Line = sekisho.Root, f.Module.Syntax.Start.Line
		inv.Packages = append(inv.Packages, p)
	}
	if serr == nil && strict.Toolchain != nil && strings.HasPrefix(strict.Toolchain.Name, "go1") {
		p := stdlib(strict.Toolchain.Name)
		p.Line, p.Relationship = strict.Toolchain.Syntax.Start.Line, sekisho.Direct
		inv.Packages = append(inv.Packages, p)
	}
	for _, r := range f.Require {
		to, ok := replaced[target{r.Mod.Path, r.Mod.Version}]
		if !ok {
			to, ok = replaced[target{r.Mod.Path, ""}]
		}
		if !ok {
			to = target{r.Mod.Path, r.Mod.Version}
		}
		if to.version == "" {
			continue // replaced by a directory
		}
		p := module(to.path, to.version)
		p.Line, p.Relationship = r.Syntax.Start.Line, sekisho.Direct
		if r.Indirect {
			p.Relationship = sekisho.Transitive
		}
		inv.Packages = append(inv.Packages, p)
	}
	return inv, nil
}

// vendored reads vendor/modules.txt, which names what is really compiled in.
type vendored struct{}

func (vendored) Name() string { return "golang/vendor" }
func (vendored) Version() int { return 1 }

func (vendored) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, "vendor/modules.txt") && !inModuleCache(f.Path) && f.Size < 16<<20
}

func (vendored) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	n := 0
	for line := range bytes.Lines(b) {
		n++
		rest, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("# "))
		if !ok {
			if last := len(inv.Packages) - 1; last >= 0 && bytes.HasPrefix(line, []byte("## explicit")) {
				inv.Packages[last].Relationship = sekisho.Direct
			}
			continue
		}
		w := strings.Fields(string(rest))
		if i := indexOf(w, "=>"); i >= 0 {
			w = w[i+1:]
		}
		if len(w) != 2 || !strings.HasPrefix(w[1], "v") {
			continue // replaced by a directory
		}
		p := module(w[0], w[1])
		p.Line, p.Relationship = n, sekisho.Transitive
		inv.Packages = append(inv.Packages, p)
	}
	return inv, nil
}

func indexOf(words []string, w string) int {
	for i, s := range words {
		if s == w {
			return i
		}
	}
	return -1
}
