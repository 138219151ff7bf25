// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// Bounds of --lock: of the copy of the tree, of a lockfile, and of the time of one
// command.
const (
	maxCopyBytes = 1 << 30
	maxCopyFiles = 200_000
	maxLockBytes = 64 << 20
	lockTime     = 5 * time.Minute
)

// runLocks has package managers write the lockfiles, in a copy of the tree. Those
// that would run code of the project, and those that are not installed, are left
// to the user; one that fails ends the run before anything was written.
func (r *raising) runLocks(ctx context.Context) error {
	var work []*lockWork
	for _, l := range r.locks {
		commands := l.manager.Commands(l.raised)
		if len(commands) == 0 {
			continue
		}
		line := strings.Join(commands[0], " ")
		if code := r.code(l); code != "" {
			r.app.remark(message.FixLockCode, l.manager.Name, code, line)
			continue
		}
		if _, err := exec.LookPath(l.manager.Name); err != nil {
			r.app.remark(message.FixLockMissing, l.manager.Name, line)
			continue
		}
		work = append(work, l)
	}
	if len(work) == 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "sekisho-lock-*")
	if err != nil {
		return message.Errorf("make a copy of the tree: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a copy
	if err := r.copyTree(ctx, dir); err != nil {
		return err
	}
	for _, l := range work {
		for _, args := range l.manager.Commands(l.raised) {
			if err := r.runLock(ctx, filepath.Join(dir, filepath.FromSlash(l.dir())), args); err != nil {
				return err
			}
		}
		if err := r.takeLocks(dir, l); err != nil {
			return err
		}
		l.ran = true
	}
	return nil
}

// code names what would make a package manager run code of the project; empty
// where nothing would.
func (r *raising) code(l *lockWork) string {
	if !l.manager.Runs {
		return string(l.manager.Kind)
	}
	var names []string
	switch l.manager.Name {
	case "cargo": // programs of the project can be named as compilers and helpers
		names = []string{".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain"}
	case "go": // what is vendored must follow
		names = []string{"vendor/modules.txt"}
	}
	for dir := l.dir(); ; dir = path.Dir(dir) {
		for _, n := range names {
			if _, err := r.root.Lstat(path.Join(dir, n)); err == nil {
				return path.Join(dir, n)
			}
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

// copyTree copies the regular files of the tree, with the manifests as edited.
// Links are left out: a package manager follows none out of the copy.
func (r *raising) copyTree(ctx context.Context, to string) error {
	var bytesLeft, filesLeft int64 = maxCopyBytes, maxCopyFiles
	return fs.WalkDir(r.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return message.Errorf("copy %s: %w", p, err)
		case d.IsDir() && p != "." && skippedDirs[d.Name()]:
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, filepath.FromSlash(p)), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		filesLeft--
		var from io.Reader
		if f := r.files[p]; f != nil {
			from = bytes.NewReader(f.after)
		} else {
			file, err := r.root.Open(p)
			if err != nil {
				return message.Errorf("copy %s: %w", p, err)
			}
			defer file.Close()
			from = file
		}
		out, err := os.OpenFile(filepath.Join(to, filepath.FromSlash(p)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return message.Errorf("copy %s: %w", p, err)
		}
		n, err := io.Copy(out, io.LimitReader(from, bytesLeft+1))
		bytesLeft -= n
		if err = errors.Join(err, out.Close()); err != nil {
			return message.Errorf("copy %s: %w", p, err)
		}
		if bytesLeft < 0 || filesLeft < 0 {
			return errors.New(r.app.lang.Of(message.FixLockLarge, "1 GiB", maxCopyFiles))
		}
		return nil
	})
}

// runLock runs one command of a package manager.
func (r *raising) runLock(ctx context.Context, dir string, args []string) error {
	limited, cancel := context.WithTimeout(ctx, lockTime)
	defer cancel()
	cmd := exec.CommandContext(limited, args[0], args[1:]...) //nolint:gosec // the programs are a fixed list, of the user's PATH, and run on request
	cmd.Dir, cmd.WaitDelay = dir, 5*time.Second
	cmd.Env = append(append([]string(nil), r.app.Env...), "PWD="+dir, "GOFLAGS=-mod=mod", "GOWORK=off", "npm_config_ignore_scripts=true", "npm_config_update_notifier=false",
		"npm_config_git=git", "npm_config_node_options=", "COMPOSER_NO_INTERACTION=1", "CARGO_TERM_COLOR=never")
	out := &tail{}
	cmd.Stdout, cmd.Stderr = out, out
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return errors.New(r.app.lang.Of(message.FixLockFails, strings.Join(args, " "), strings.TrimSpace(err.Error()+": "+out.last())))
	}
	return nil
}

// tail keeps the end of what a program says.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if n := len(t.b) - 4096; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(p), nil
}

// last is the last lines, as one.
func (t *tail) last() string {
	lines := strings.Split(strings.TrimSpace(string(t.b)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "; ")
}

// takeLocks reads what a package manager wrote: its lockfile, and for Go also the
// manifest, which the two programs share.
func (r *raising) takeLocks(dir string, l *lockWork) error {
	names := []string{path.Join(l.dir(), l.manager.Lock)}
	if l.manager.Name == "go" {
		names = append(names, l.path)
	}
	for _, name := range names {
		file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return message.Errorf("read what %s wrote: %w", l.manager.Name, err)
		}
		text, err := io.ReadAll(io.LimitReader(file, maxLockBytes+1))
		if err = errors.Join(err, file.Close()); err == nil && len(text) > maxLockBytes {
			err = message.New("it is too large")
		}
		if err != nil {
			return message.Errorf("read what %s wrote: %w", l.manager.Name, err)
		}
		f := r.files[name]
		if f == nil {
			if f, err = r.lockfile(name); err != nil {
				return err
			}
			r.files[name] = f
		}
		f.after = text
	}
	return nil
}

// lockfile reads a lockfile of the tree as it is; one that is not there is empty.
func (r *raising) lockfile(name string) (*editedFile, error) {
	f := &editedFile{name: filepath.Join(r.dir, filepath.FromSlash(name)), mode: 0o644}
	place, err := r.inside(name)
	if err != nil {
		return nil, r.app.notThere(f.name, err)
	}
	f.path = place
	info, err := r.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, r.app.notThere(f.name, err)
	case !info.Mode().IsRegular():
		return nil, errors.New(r.app.lang.Of(message.NoFile, f.name))
	}
	f.mode = info.Mode().Perm()
	file, err := r.root.Open(name)
	if err != nil {
		return nil, r.app.notThere(f.name, err)
	}
	defer file.Close()
	if f.before, err = io.ReadAll(io.LimitReader(file, maxLockBytes+1)); err != nil {
		return nil, r.app.notThere(f.name, err)
	}
	return f, nil
}
