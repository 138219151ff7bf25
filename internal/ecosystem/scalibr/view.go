// SPDX-License-Identifier: Apache-2.0

package scalibr

import (
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// view is the file system that scalibr sees: one wanted file and those beside
// it, and nothing else of the image or of this machine.
type view struct{ in *sekisho.Input }

func (v view) find(name string) *sekisho.Input {
	name = path.Clean(strings.TrimPrefix(name, "/"))
	if name == v.in.Path {
		return v.in
	}
	return v.in.Beside[name]
}

// Open gives a file with random access.
func (v view) Open(name string) (fs.File, error) {
	in := v.find(name)
	if in == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return file{SectionReader: in.NewReader(), in: in}, nil
}

// Stat describes a file.
func (v view) Stat(name string) (fs.FileInfo, error) {
	in := v.find(name)
	if in == nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return info{in}, nil
}

// ReadDir lists the files that are directly in a directory, in order.
func (v view) ReadDir(name string) ([]fs.DirEntry, error) {
	name = path.Clean(strings.TrimPrefix(name, "/"))
	var all []fs.DirEntry
	if path.Dir(v.in.Path) == name {
		all = append(all, fs.FileInfoToDirEntry(info(v)))
	}
	for p, in := range v.in.Beside {
		if path.Dir(p) == name {
			all = append(all, fs.FileInfoToDirEntry(info{in}))
		}
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}

type file struct {
	*io.SectionReader
	in *sekisho.Input
}

func (f file) Stat() (fs.FileInfo, error) { return info{f.in}, nil }
func (f file) Close() error               { return nil }

// info describes a file as the layer does.
type info struct{ in *sekisho.Input }

func (i info) Name() string       { return path.Base(i.in.Path) }
func (i info) Size() int64        { return i.in.Size }
func (i info) Mode() fs.FileMode  { return i.in.File.Mode & fs.ModePerm }
func (i info) ModTime() time.Time { return i.in.File.ModTime }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
