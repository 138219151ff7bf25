// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/sekisho/sekisho/internal/manifest"
	"github.com/sekisho/sekisho/internal/message"
)

// editedTree are the files of a directory that are edited in memory, by their
// paths in it. Nothing outside of the directory is read or written.
type editedTree struct {
	app   *App
	dir   string // as it is told
	root  *os.Root
	limit int64 // of a file, in bytes
	files map[string]*editedFile
}

// open reads a file of the tree, once. A link is not changed, wherever it leads.
func (r *editedTree) open(name string) (f *editedFile, refused string) {
	if f := r.files[name]; f != nil {
		return f, ""
	}
	info, err := r.root.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, "link"
	}
	file, err := r.root.Open(name)
	if err != nil {
		return nil, manifest.RefusedUnreadable
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, r.limit+1))
	if err != nil || int64(len(text)) > r.limit {
		return nil, manifest.RefusedUnreadable
	}
	f = &editedFile{name: filepath.Join(r.dir, filepath.FromSlash(name)), mode: info.Mode().Perm(), before: text, after: text}
	if f.path, err = r.inside(name); err != nil {
		return nil, "link"
	}
	r.files[name] = f
	return f, ""
}

// inside is the place of a file of the tree, if none of the directories above it
// is a link out of the tree.
func (r *editedTree) inside(name string) (string, error) {
	root, err := filepath.EvalSymlinks(r.app.path(r.dir))
	if err != nil {
		return "", err
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(path.Dir(name))))
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(root, dir); err != nil || !filepath.IsLocal(rel) {
		return "", message.New("it leads out of the tree")
	}
	return filepath.Join(dir, path.Base(name)), nil
}

// edited are the files that change, in the order of their paths.
func (r *editedTree) edited() (out []*editedFile) {
	for _, name := range r.changed() {
		out = append(out, r.files[name])
	}
	return out
}

func (r *editedTree) changed() (names []string) {
	for name, f := range r.files {
		if !bytes.Equal(f.before, f.after) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
