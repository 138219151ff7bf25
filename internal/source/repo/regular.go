// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"io"
	"os"
	"path/filepath"
	"slices"
)

// isLoose says whether an object has a file of its own.
func (o *objects) isLoose(id string) bool {
	return slices.ContainsFunc(o.dirs, func(dir string) bool {
		info, err := os.Lstat(filepath.Join(dir, id[:2], id[2:]))
		return err == nil && info.Mode().IsRegular()
	})
}

// openPlain opens a regular file, or what a link to one names, as git does: a pipe
// or a device in its place could wait for ever.
func openPlain(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errObject
	}
	return os.Open(name)
}

// readPlain reads a regular file of a few lines or, where it is longer than most
// bytes, the beginning of it.
func readPlain(name string, most int64) ([]byte, error) {
	f, err := openPlain(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}

// openRegular opens a file that is neither a link nor a pipe nor a device: one
// of those could wait for ever, or lead out of the repository.
func openRegular(name string) (*os.File, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errObject
	}
	return os.Open(name)
}
