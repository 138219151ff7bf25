// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// OpenRevision opens a source tree as it was at a revision of its repository,
// out of git's store: nothing is checked out. A path below the top of the
// repository gives that directory of the revision.
func OpenRevision(_ context.Context, dir, rev string, opt Options) (*sekisho.Artifact, error) {
	h, err := OpenHistory(dir)
	if err != nil {
		return nil, err
	}
	a, err := h.Artifact(rev, opt)
	if err != nil {
		_ = h.Close() // it was only read
		return nil, err
	}
	a.Close = h.Close
	return a, nil
}

// Artifact is the source tree of a revision, or the directory Prefix of it. It
// is read while h is open.
func (h *History) Artifact(rev string, opt Options) (*sekisho.Artifact, error) {
	id, err := h.Resolve(rev)
	if err != nil {
		return nil, err
	}
	c, err := h.Commit(id)
	if err != nil {
		return nil, err
	}
	tree, err := h.Subtree(c.Tree, h.Prefix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, message.Errorf("open %s at %s: %w", h.Prefix, rev, ErrNoDirectory)
	case err != nil:
		return nil, err
	}
	name := h.git.top
	if h.Prefix != "" {
		name = path.Join(name, h.Prefix)
	}
	return &sekisho.Artifact{
		Target: sekisho.Target{Kind: sekisho.KindRepository, Name: name + "@" + rev, Source: "git", Digest: id, Repository: h.git.origin(), Revision: rev},
		Layers: []sekisho.Layer{{Open: func(ctx context.Context) (sekisho.FileStream, error) {
			return &treeStream{ctx: ctx, h: h, bounds: opt.Bounds.WithDefaults(), time: c.Committed, only: newOnly(opt.Only), stack: []treePending{{path: ".", entry: TreeEntry{Mode: ModeDir, ID: tree}}}}, nil
		}}},
	}, nil
}

// ErrNoDirectory is a directory that a revision does not have.
var ErrNoDirectory = message.New("the revision has no such directory")

// A stream is used by one call of the engine, whose context it keeps: Next has
// no parameter for it.
type treeStream struct {
	ctx    context.Context
	h      *History
	bounds sekisho.Bounds
	time   time.Time
	only   *only
	stack  []treePending // what is still to come, last first
	file   sekisho.File
	id     string        // of the current file
	body   io.ReadCloser // of the current file
	// namesOnly opens no file: what it holds is told by its id.
	namesOnly bool
}

type treePending struct {
	path  string
	entry TreeEntry
}

func (s *treeStream) Next() (*sekisho.File, error) {
	if err := s.Close(); err != nil {
		return nil, err
	}
	for len(s.stack) > 0 {
		if err := s.ctx.Err(); err != nil {
			return nil, err
		}
		p := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		if len(p.path) > s.bounds.PathBytes {
			return nil, &sekisho.ProblemError{Problem: sekisho.Problem{
				Stage: sekisho.StageWalk, Path: p.path[:min(100, len(p.path))] + "...", Bound: "path-bytes",
			}.Saying(message.FaultPathBytes.Words(len(p.path), s.bounds.PathBytes))}
		}
		s.file = sekisho.File{Path: p.path, Mode: 0o644, ModTime: s.time}
		s.id = p.entry.ID
		switch {
		case p.entry.IsDir():
			if err := s.enter(p); err != nil {
				return nil, unread(p.path, err)
			}
			if p.path == "." {
				continue // the root itself
			}
			s.file.Type, s.file.Mode = sekisho.TypeDir, 0o755
		case s.namesOnly && p.entry.Mode&modeType != ModeSubmodule:
			if p.entry.Mode&modeType == ModeLink {
				s.file.Type = sekisho.TypeSymlink
			}
		case p.entry.Mode&modeType == ModeLink:
			link, err := s.h.objects.read(p.entry.ID, kindBlob, int64(s.bounds.PathBytes))
			if err != nil {
				return nil, unread(p.path, err)
			}
			s.file.Type, s.file.Mode, s.file.Link = sekisho.TypeSymlink, 0o777, string(link)
		case p.entry.IsFile():
			size, rc, err := s.h.Blob(p.entry.ID)
			if err != nil {
				return nil, unread(p.path, err)
			}
			s.file.Size, s.body = size, rc
			if p.entry.Mode&0o111 != 0 {
				s.file.Mode = 0o755
			}
		default:
			return nil, &sekisho.ProblemError{Problem: sekisho.Problem{
				Stage: sekisho.StageWalk, Path: p.path, Minor: true,
			}.Saying(message.Say("it is a submodule, whose files are in another repository: they were not read, scan the submodule by itself"))}
		}
		return &s.file, nil
	}
	return nil, io.EOF
}

func unread(p string, err error) error {
	return &sekisho.ProblemError{Problem: sekisho.Problem{Stage: sekisho.StageWalk, Path: p}.Saying(message.FaultRead.Words(err))}
}

// enter puts the entries of a directory on the stack, in the order in which a
// directory of the disk is read. What git itself never checks out is left out.
func (s *treeStream) enter(dir treePending) error {
	entries, err := s.h.Entries(dir.entry.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b TreeEntry) int { return strings.Compare(b.Name, a.Name) })
	for _, e := range entries {
		if p := path.Join(dir.path, e.Name); e.Name != ".git" && !s.only.without(p) {
			s.stack = append(s.stack, treePending{p, e})
		}
	}
	return nil
}

func (s *treeStream) Read(p []byte) (int, error) {
	if s.body == nil {
		return 0, io.EOF
	}
	return s.body.Read(p)
}

// Close ends the current file.
func (s *treeStream) Close() error {
	body := s.body
	if s.body = nil; body == nil {
		return nil
	}
	return body.Close()
}
