// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/internal/message"
)

// editedFile is a file with the text that is to stand in it.
type editedFile struct {
	name          string // as it is told
	path          string // with links followed
	mode          fs.FileMode
	before, after []byte
}

// readEdited reads a file of text that a person named; a link is followed.
func (a *App) readEdited(name string) (*editedFile, error) {
	p, err := filepath.EvalSymlinks(a.path(name))
	if err != nil {
		return nil, a.notThere(name, err)
	}
	info, err := os.Stat(p)
	if err != nil {
		return nil, a.notThere(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New(a.lang.Of(message.NoFile, name))
	}
	text, err := readBounded(p, maxDockerfile)
	if err != nil {
		return nil, a.notThere(name, err)
	}
	if len(text) > maxDockerfile {
		return nil, errors.New(a.lang.Of(message.UpdateBaseRead, name, maxDockerfile))
	}
	return &editedFile{name: name, path: p, mode: info.Mode().Perm(), before: text, after: text}, nil
}

// readBounded reads a file, one byte more than limit at most.
func readBounded(p string, limit int64) ([]byte, error) {
	file, err := os.Open(p)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit+1))
}

// writeEdited writes those that changed, all or none: the new texts are complete
// beside their places before the first file is replaced, and when a file cannot be
// replaced, those before it are given back their text. A file that is not what was
// read is not written.
func (a *App) writeEdited(files []*editedFile) error {
	var ready []*editedFile
	var temps []string
	defer func() {
		for _, t := range temps {
			_ = os.Remove(t) // it was renamed, or the error is told
		}
	}()
	for _, f := range files {
		if bytes.Equal(f.before, f.after) {
			continue
		}
		now, err := readBounded(f.path, maxLockBytes)
		if err != nil && (!errors.Is(err, fs.ErrNotExist) || f.before != nil) {
			return a.notThere(f.name, err)
		}
		if !bytes.Equal(now, f.before) {
			return errors.New(a.lang.Of(message.ProposalStale, f.name))
		}
		t, err := os.CreateTemp(filepath.Dir(f.path), ".sekisho-*")
		if err != nil {
			return message.Errorf("write %s: %w", f.name, err)
		}
		temps = append(temps, t.Name())
		_, err = t.Write(f.after)
		if err = errors.Join(err, t.Chmod(f.mode), t.Sync(), t.Close()); err != nil {
			return message.Errorf("write %s: %w", f.name, err)
		}
		ready = append(ready, f)
	}
	for i, f := range ready {
		if err := os.Rename(temps[i], f.path); err != nil {
			for _, done := range ready[:i] {
				err = errors.Join(err, replaceFile(done.path, done.before, done.mode))
			}
			return message.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}
