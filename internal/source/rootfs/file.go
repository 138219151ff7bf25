// SPDX-License-Identifier: Apache-2.0

package rootfs

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// OpenFile opens a single file, a jar or a lock file, as a root file system
// with nothing but this file in it.
func OpenFile(_ context.Context, path string, opt Options) (*sekisho.Artifact, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, message.Errorf("open %s: %w", path, err)
	}
	// A symbolic link is not followed by the walk, and the user named its target.
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, message.Errorf("open file: %w", err)
	}
	root, err := os.OpenRoot(filepath.Dir(target))
	if err != nil {
		return nil, message.Errorf("open the directory of %s: %w", path, err)
	}
	name := filepath.Base(target)
	return &sekisho.Artifact{
		Target: sekisho.Target{Kind: sekisho.KindRootFS, Name: abs, Source: "file"},
		Close:  root.Close,
		Layers: []sekisho.Layer{{Open: func(ctx context.Context) (sekisho.FileStream, error) {
			return layer.NewDir(ctx, root, layer.DirOptions{
				Bounds: opt.Bounds,
				Skip:   func(p string, _ fs.DirEntry) (bool, error) { return p != name, nil },
			}), nil
		}}},
	}, nil
}
