// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// ignore knows what git ignores, as https://git-scm.com/docs/gitignore has it.
// A directory's patterns are read when it is entered.
type ignore struct {
	root *os.Root
	// prefix is where the scanned directory lies in the work tree.
	prefix []string
	// base are the patterns of info/exclude and of the directories above.
	base []gitignore.Pattern
	// own are the patterns of the directories below, by directory.
	own map[string][]gitignore.Pattern
	git *git
	// index is read when the first entry is ignored: what is tracked is not.
	index *tracked
	// within are ignored directories that are entered for what is tracked there.
	within map[string]bool
}

func newIgnore(root *os.Root, g *git, name string) *ignore {
	if g == nil {
		return nil
	}
	ig := &ignore{root: root, git: g, own: map[string][]gitignore.Pattern{}, within: map[string]bool{}}
	ig.base = append(ig.base, patternsOf(filepath.Join(g.common, "info", "exclude"), nil)...)
	rel, err := filepath.Rel(g.top, name)
	if err != nil || rel == "." {
		return ig
	}
	dir := g.top
	for part := range strings.SplitSeq(filepath.ToSlash(rel), "/") {
		ig.base = append(ig.base, patternsOf(filepath.Join(dir, ".gitignore"), ig.prefix)...)
		dir = filepath.Join(dir, part)
		ig.prefix = append(slices.Clip(ig.prefix), part)
	}
	return ig
}

func patternsOf(name string, domain []string) []gitignore.Pattern {
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	ls, err := lines(f)
	if err != nil {
		return nil
	}
	return parse(ls, domain)
}

func parse(ls, domain []string) (ps []gitignore.Pattern) {
	for _, l := range ls {
		l = strings.TrimSuffix(l, "\r")
		if l != "" && !strings.HasPrefix(l, "#") && strings.TrimSpace(l) != "" {
			ps = append(ps, gitignore.ParsePattern(l, domain))
		}
	}
	return ps
}

// enter reads the directory's own patterns before its entries are asked of.
func (ig *ignore) enter(dir string, entries []fs.DirEntry) {
	for _, e := range entries {
		if e.Name() != ".gitignore" || !e.Type().IsRegular() {
			continue
		}
		f, err := ig.root.Open(path.Join(dir, ".gitignore"))
		if err != nil {
			return
		}
		defer f.Close()
		if ls, err := lines(f); err == nil {
			ig.own[dir] = parse(ls, ig.parts(dir))
		}
		return
	}
}

func (ig *ignore) parts(p string) []string {
	if p == "." {
		return ig.prefix
	}
	return append(slices.Clip(ig.prefix), strings.Split(p, "/")...)
}

// skip says whether git leaves p out: it is ignored, or in a directory that is,
// and not tracked. An error is given once, when the index cannot be read.
func (ig *ignore) skip(p string, dir bool) (bool, error) {
	if !ig.within[path.Dir(p)] && !ig.matches(p, dir) {
		return false, nil
	}
	var err error
	if ig.index == nil {
		ig.index, err = ig.git.tracked(strings.Join(ig.prefix, "/"))
	}
	if dir && ig.index.dirs[p] {
		ig.within[p] = true
		return false, err
	}
	return !ig.index.files[p], err
}

// matches says whether the patterns ignore p. The last pattern that speaks of it decides;
// the patterns of a nearer directory come later.
func (ig *ignore) matches(p string, dir bool) bool {
	parts := ig.parts(p)
	for d := path.Dir(p); ; d = path.Dir(d) {
		if r := decide(ig.own[d], parts, dir); r != gitignore.NoMatch {
			return r == gitignore.Exclude
		}
		if d == "." {
			break
		}
	}
	return decide(ig.base, parts, dir) == gitignore.Exclude
}

func decide(ps []gitignore.Pattern, parts []string, dir bool) gitignore.MatchResult {
	for _, p := range slices.Backward(ps) {
		if r := p.Match(parts, dir); r != gitignore.NoMatch {
			return r
		}
	}
	return gitignore.NoMatch
}
