// SPDX-License-Identifier: Apache-2.0

// Package repo opens a source tree: a directory as git would see it, without
// what git ignores; a file that is tracked is not ignored. It reads git's own files for the commit and the origin,
// needs no git program, and looks into no file of the tree.
package repo

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of Open.
type Options struct {
	// Ignored reads files that git ignores too (installed dependencies).
	Ignored bool
	// History reads the commits too: all that branches, tags, stashes and other
	// references lead to, or with Since those of HEAD that the revision Since
	// does not have.
	History bool
	Since   string
	// Only are the files and directories to read, as slash paths in the tree; all
	// of it when there are none. A file that is named is read though git ignores it.
	Only   []string
	Bounds sekisho.Bounds
	// TempDir holds large contents of the history; the system's by default.
	TempDir string
}

// Open opens the source tree at path, which need not be the root of its
// repository, nor be in one at all.
func Open(_ context.Context, path string, opt Options) (*sekisho.Artifact, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, message.Errorf("open %s: there is no such directory", path)
	case err != nil:
		return nil, message.Errorf("open source tree: %w", err)
	case !info.IsDir():
		return nil, message.Errorf("open %s: it is a file, and repo: wants a directory; leave the scheme away to have it detected", path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, message.Errorf("open source tree: %w", err)
	}
	name := path
	if abs, err := filepath.Abs(path); err == nil {
		name = abs
	}
	a := &sekisho.Artifact{
		Target: sekisho.Target{Kind: sekisho.KindRepository, Name: name, Source: "repo"},
		Close:  root.Close,
	}
	git := findGit(name)
	if git != nil {
		a.Target.Digest = git.commit()
		a.Target.Repository = git.origin()
		a.Target.Revision = git.branch()
	}
	if opt.History {
		past, done, err := openPast(name, opt)
		if err != nil {
			_ = root.Close() // nothing was read
			return nil, err
		}
		a.History = past
		a.Close = func() error { return errors.Join(done(), root.Close()) }
	}
	if git != nil && git.bare {
		// Its files are git's own: objects and packs.
		a.Problems = append(a.Problems, sekisho.Problem{
			Stage: sekisho.StageOpen, Minor: opt.History,
		}.Saying(message.Say("it is a bare repository, without files to judge: clone it and scan the clone, or look for secrets in its commits with --history")))
		return a, nil
	}
	a.Layers = []sekisho.Layer{{Open: func(ctx context.Context) (sekisho.FileStream, error) {
		o := layer.DirOptions{Bounds: opt.Bounds}
		ig := newIgnore(root, git, name)
		if opt.Ignored || git == nil {
			ig = nil
		}
		if ig != nil {
			o.Enter = ig.enter
		}
		named := newOnly(opt.Only)
		o.Skip = func(p string, e fs.DirEntry) (bool, error) {
			if e.Name() == ".git" || named.without(p) {
				return true, nil
			}
			if ig == nil || named.asked(p) {
				return false, nil
			}
			return ig.skip(p, e.IsDir())
		}
		return layer.NewDir(ctx, root, o), nil
	}}}
	return a, nil
}
