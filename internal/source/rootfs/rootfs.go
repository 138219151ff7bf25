// SPDX-License-Identifier: Apache-2.0

// Package rootfs opens a directory as a root file system: an artifact of one
// layer without a digest. It looks into no file.
package rootfs

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
type Options struct{ Bounds sekisho.Bounds }

// stores are where a host keeps the file systems of its containers: they are
// targets of their own and not part of the host's.
var stores = map[string]error{
	"var/lib/docker":             message.New("Docker's images and containers"),
	"var/lib/containerd":         message.New("containerd's images and containers"),
	"var/lib/containers/storage": message.New("Podman's images and containers"),
	"var/lib/kubelet/pods":       message.New("the volumes of pods"),
}

// Open opens the directory at path.
func Open(_ context.Context, path string, opt Options) (*sekisho.Artifact, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, message.Errorf("open %s: there is no such directory", path)
	case err != nil:
		return nil, message.Errorf("open directory: %w", err)
	case !info.IsDir():
		return nil, message.Errorf("open %s: it is a file, and dir: wants a directory; leave the scheme away to have it detected", path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, message.Errorf("open directory: %w", err)
	}
	name := path
	if abs, err := filepath.Abs(path); err == nil {
		name = abs
	}
	a := &sekisho.Artifact{
		Target: sekisho.Target{Kind: sekisho.KindRootFS, Name: name, Source: "dir"},
		Close:  root.Close,
	}
	for p, what := range stores {
		if entries, err := fs.ReadDir(root.FS(), p); err == nil && len(entries) > 0 {
			a.Problems = append(a.Problems, sekisho.Problem{
				Stage: sekisho.StageOpen, Path: p, Minor: true,
			}.Saying(message.Say("holds %v, which were not read as part of this file system: scan each image by its name", what)))
		}
	}
	a.Layers = []sekisho.Layer{{Open: func(ctx context.Context) (sekisho.FileStream, error) {
		return layer.NewDir(ctx, root, layer.DirOptions{Skip: skipper(path), Bounds: opt.Bounds}), nil
	}}}
	return a, nil
}

// skipper leaves out pseudo file systems (proc, sysfs and their like), which
// hold no files, and the stores of containers.
func skipper(base string) func(string, fs.DirEntry) (bool, error) {
	return func(p string, e fs.DirEntry) (bool, error) {
		if !e.IsDir() {
			return false, nil
		}
		if _, ok := stores[p]; ok {
			return true, nil
		}
		return pseudo(filepath.Join(base, p), p), nil
	}
}
