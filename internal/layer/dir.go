// SPDX-License-Identifier: Apache-2.0

package layer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"syscall"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// DirOptions of a directory stream.
type DirOptions struct {
	// Skip is asked of every entry before it is looked at; a skipped directory
	// is not entered. The error, if any, becomes a Problem of the entry.
	Skip func(p string, entry fs.DirEntry) (bool, error)
	// Enter is told of every directory before its entries, with their names.
	Enter  func(dir string, entries []fs.DirEntry)
	Bounds sekisho.Bounds
}

// NewDir streams a directory tree in the order of its names, without following
// symbolic links and without leaving root. Its files can be opened at will, as
// long as root is open. Close does not close root.
func NewDir(ctx context.Context, root *os.Root, opt DirOptions) sekisho.FileStream {
	opt.Bounds = opt.Bounds.WithDefaults()
	return &dirStream{ctx: ctx, root: root, opt: opt, stack: []pending{{path: ".", dir: true}}}
}

// A stream is used by one call of the engine, whose context it keeps: Next has
// no parameter for it.
type dirStream struct {
	ctx   context.Context
	root  *os.Root
	opt   DirOptions
	stack []pending // what is still to come, last first
	below int       // where the entries of the directory given last begin in it
	file  sekisho.File
}

type pending struct {
	path  string
	dir   bool
	entry fs.DirEntry
}

func (s *dirStream) Read([]byte) (int, error) {
	return 0, message.Errorf("read %s: files of a directory are opened, not streamed", s.file.Path)
}

func (s *dirStream) Close() error { return nil }

// Leave leaves out what is in the directory that Next gave last.
func (s *dirStream) Leave() { s.stack = s.stack[:s.below] }

func (s *dirStream) Next() (*sekisho.File, error) {
	for len(s.stack) > 0 {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		p := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		s.below = len(s.stack)
		if len(p.path) > s.opt.Bounds.PathBytes {
			return nil, &sekisho.ProblemError{Problem: sekisho.Problem{
				Stage: sekisho.StageWalk, Path: p.path[:min(100, len(p.path))] + "...", Bound: "path-bytes",
			}.Saying(message.FaultPathBytes.Words(len(p.path), s.opt.Bounds.PathBytes))}
		}
		if p.dir {
			if err := s.enter(p.path); err != nil {
				return nil, problem(p.path, err)
			}
		}
		if p.entry == nil {
			continue // the root itself
		}
		info, err := p.entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone since the directory was listed: a live system
		}
		if err != nil {
			return nil, problem(p.path, err)
		}
		s.fill(p.path, info)
		return &s.file, nil
	}
	return nil, io.EOF
}

func problem(p string, err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	out := sekisho.Problem{Stage: sekisho.StageWalk, Path: p}.Saying(message.FaultRead.Words(err))
	if errors.Is(err, fs.ErrPermission) {
		out = out.Saying(message.FaultPermission.Words())
	}
	return &sekisho.ProblemError{Problem: out}
}

// enter lists a directory and puts its entries on the stack.
func (s *dirStream) enter(dir string) error {
	f, err := s.root.OpenFile(dir, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil && len(entries) == 0 {
		return err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int {
		switch {
		case a.Name() > b.Name(): // the stack gives the last first
			return -1
		case a.Name() < b.Name():
			return 1
		}
		return 0
	})
	if s.opt.Enter != nil {
		s.opt.Enter(dir, entries)
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		if s.opt.Skip != nil {
			skip, perr := s.opt.Skip(p, e)
			err = errors.Join(err, perr)
			if skip {
				continue
			}
		}
		s.stack = append(s.stack, pending{p, e.IsDir(), e})
	}
	return err
}

func (s *dirStream) fill(p string, info fs.FileInfo) {
	s.file = sekisho.File{Path: p, Mode: info.Mode() &^ modeType, ModTime: info.ModTime()}
	f := &s.file
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		f.UID, f.GID = int(st.Uid), int(st.Gid)
	}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		f.Type, f.Size = sekisho.TypeRegular, info.Size()
		root := s.root
		f.Open = func() (sekisho.Content, error) { return openFile(root, p) }
	case mode.IsDir():
		f.Type = sekisho.TypeDir
	case mode&fs.ModeSymlink != 0:
		f.Type = sekisho.TypeSymlink
		f.Link, _ = s.root.Readlink(p) // a link that cannot be read has no target
	case mode&fs.ModeNamedPipe != 0:
		f.Type = sekisho.TypeFIFO
	default:
		f.Type = sekisho.TypeDevice
	}
}

// dirFile is an open file of a directory.
type dirFile struct {
	*os.File
	size int64
}

func (f *dirFile) Size() int64 { return f.size }

func openFile(root *os.Root, p string) (sekisho.Content, error) {
	// Without O_NONBLOCK a file that became a pipe would wait for ever.
	f, err := root.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, problem(p, err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, problem(p, errors.Join(err, message.New("it is no regular file any more")))
	}
	return &dirFile{f, info.Size()}, nil
}
