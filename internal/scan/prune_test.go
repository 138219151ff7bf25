// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// treeLock is a fake lock: its lines are "package version [?]", where the mark
// says that an installer may leave the package out.
type treeLock struct{}

func (treeLock) Name() string               { return "test/tree-lock" }
func (treeLock) Version() int               { return 1 }
func (treeLock) Wants(f *sekisho.File) bool { return strings.HasSuffix(f.Path, "tree.list") }

func (treeLock) Extract(_ context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		p := sekisho.Package{Ecosystem: sekisho.EcosystemNPM, Name: f[0], Version: f[1]}
		if len(f) > 2 {
			p.Tree = path.Join(path.Dir(in.Path), "node_modules")
		}
		inv.Packages = append(inv.Packages, p)
	}
	return inv, err
}

func TestPrune(t *testing.T) {
	const locked = "must 1\nhere 1 ?\nother-platform 1 ?\nin-workspace 1 ?\n"
	lock := layerOf(t, "COPY lock", file{path: "app/tree.list", body: locked})
	tree := layerOf(t, "RUN install",
		file{path: "app/node_modules/here/lock", body: "here 1"},
		file{path: "app/packages/w/node_modules/in-workspace/lock", body: "in-workspace 1"})
	names := func(r *sekisho.Result) (out []string) {
		for _, p := range r.Packages {
			s := p.Name
			if p.Hidden {
				s += " hidden"
			}
			for _, l := range p.Locations {
				s += " " + l.Path
			}
			out = append(out, s)
		}
		return out
	}
	opt := func() Options { return Options{Extractors: append(extractors(), treeLock{})} }
	for name, tt := range map[string]struct {
		layers []sekisho.Layer
		want   []string
		left   int // packages left out
	}{
		"the tree decides": {[]sekisho.Layer{lock, tree}, []string{
			"here app/tree.list app/node_modules/here/lock", "in-workspace app/tree.list app/packages/w/node_modules/in-workspace/lock", "must app/tree.list",
		}, 1},
		"without a tree the lock is all": {[]sekisho.Layer{lock}, []string{
			"here app/tree.list", "in-workspace app/tree.list", "must app/tree.list", "other-platform app/tree.list",
		}, 0},
		"a tree that was removed": {[]sekisho.Layer{lock, tree, layerOf(t, "RUN rm", file{path: "app/.wh.node_modules"}, file{path: "app/packages/.wh.w"})}, []string{
			"here app/tree.list", "in-workspace app/tree.list", "must app/tree.list", "other-platform app/tree.list",
		}, 0},
		"a tree of another project": {[]sekisho.Layer{lock, layerOf(t, "RUN install", file{path: "node_modules/here/lock", body: "here 1"})}, []string{
			"here app/tree.list node_modules/here/lock", "in-workspace app/tree.list", "must app/tree.list", "other-platform app/tree.list",
		}, 0},
		"another version in the tree": {[]sekisho.Layer{lock, layerOf(t, "RUN install", file{path: "app/node_modules/here/lock", body: "here 2"})}, []string{
			"here app/node_modules/here/lock", "must app/tree.list",
		}, 3},
		"at the root": {[]sekisho.Layer{layerOf(t, "COPY", file{path: "tree.list", body: locked}, file{path: "node_modules/here/lock", body: "here 1"})}, []string{
			"here node_modules/here/lock tree.list", "must tree.list",
		}, 2},
	} {
		r := run(t, opt(), tt.layers...)
		if d := cmp.Diff(tt.want, names(r)); d != "" {
			t.Error(name, d)
		}
		if r.Coverage.LockedOnly != tt.left {
			t.Errorf("%s: %d packages are said to be left out, want %d", name, r.Coverage.LockedOnly, tt.left)
		}
	}
}
