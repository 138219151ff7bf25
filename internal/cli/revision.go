// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/sekisho/sekisho/internal/diff"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/repo"
)

// treeChanges says which files differ between two targets, where both are source
// trees; nil otherwise.
func (a *App) treeChanges(ctx context.Context, old, now target, f *scanFlags) ([]sekisho.FileChange, error) {
	before, err := a.sourceTree(ctx, old, f)
	if before == nil || err != nil {
		return nil, err
	}
	defer before.close()
	after, err := a.sourceTree(ctx, now, f)
	if after == nil || err != nil {
		return nil, err
	}
	defer after.close()
	return changedFiles(ctx, before, after)
}

// sourceTree is a tree and how its files are read.
type sourceTree struct {
	artifact *sekisho.Artifact
	format   string
	// text of the file at a path with this content.
	text  func(path, id string) []byte
	close func()
}

// maxText of a file that is compared by its lines, in bytes.
const maxText = 1 << 20

// sourceTree opens a target that is a source tree, nil for any other.
func (a *App) sourceTree(ctx context.Context, t target, f *scanFlags) (*sourceTree, error) {
	if t.scheme == "" || t.scheme == "file" {
		if info, err := os.Stat(a.path(t.name)); err != nil || !info.IsDir() || isRootFS(a.path(t.name)) {
			return nil, nil //nolint:nilnil // no source tree is no error
		}
		t.scheme = "repo"
	}
	if t.scheme != "repo" && t.scheme != "git" {
		return nil, nil //nolint:nilnil // as above
	}
	dir, rev := a.revision(t)
	if rev != "" {
		return a.revisionTree(dir, rev, f)
	}
	all, err := a.openTree(ctx, t, f)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(a.path(dir))
	if err != nil {
		return nil, errors.Join(err, all[0].Close())
	}
	return &sourceTree{all[0], repo.FormatOf(a.path(dir)), func(p, _ string) []byte {
		file, err := root.Open(p)
		if err != nil {
			return nil
		}
		defer file.Close()
		return textOf(file)
	}, func() { _ = errors.Join(root.Close(), all[0].Close()) }}, nil // they were only read
}

func (a *App) revisionTree(dir, rev string, f *scanFlags) (*sourceTree, error) {
	h, err := repo.OpenHistory(a.path(dir))
	if err != nil {
		return nil, err
	}
	art, err := h.Artifact(rev, a.repoOptions(f))
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return &sourceTree{art, h.Format(), func(_, id string) []byte {
		_, rc, err := h.Blob(id)
		if err != nil {
			return nil
		}
		defer rc.Close()
		return textOf(rc)
	}, func() { _ = h.Close() }}, nil // it was only read
}

func textOf(r io.Reader) []byte {
	b, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if err != nil || len(b) > maxText {
		return nil
	}
	return b
}

// changedFiles compares two trees, file by file.
func changedFiles(ctx context.Context, before, after *sourceTree) ([]sekisho.FileChange, error) {
	old, err := repo.Files(ctx, before.artifact, before.format)
	if err != nil {
		return nil, err
	}
	now, err := repo.Files(ctx, after.artifact, after.format)
	if err != nil {
		return nil, err
	}
	text := func(t *sourceTree, ids map[string]string) diff.Text {
		return func(p string) []byte { return t.text(p, ids[p]) }
	}
	return diff.Files(old, now, text(before, old), text(after, now)), nil
}
