// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// openPast makes the history of an opened repository a source of contents.
func openPast(at string, opt Options) (*sekisho.GitHistory, func() error, error) {
	h, err := OpenHistory(at)
	if err != nil {
		return nil, nil, err
	}
	if opt.Since != "" { // a wrong one is the user's mistake, and no gap in what was read
		if _, err := h.Resolve(opt.Since); err != nil {
			return nil, nil, errors.Join(message.Errorf("read the history: %w", err), h.Close())
		}
	}
	opt.Bounds = opt.Bounds.WithDefaults()
	var p *past
	var bytes atomic.Int64
	out := &sekisho.GitHistory{
		Layer: sekisho.Layer{Digest: "git-history", Open: func(ctx context.Context) (sekisho.FileStream, error) {
			if why := h.git.unreadable(); why != nil {
				return nil, &sekisho.ProblemError{Problem: sekisho.Problem{Stage: sekisho.StageWalk}.Saying(message.Words(why))}
			}
			p = &past{
				h: h, opt: opt, tips: map[name][]string{}, trees: map[name][]uint64{}, seed: maphash.MakeSeed(),
				blobAt: map[name]int32{}, subs: map[string]bool{},
			}
			if err := p.read(ctx); err != nil {
				return nil, err
			}
			return p.stream(ctx, &bytes)
		}},
		Trace: func(ctx context.Context, groups [][]string) ([]*sekisho.Past, error) { return p.trace(ctx, groups) },
		Coverage: func() sekisho.HistoryCoverage {
			c := sekisho.HistoryCoverage{Since: opt.Since, Bytes: bytes.Load()}
			if p != nil {
				c.Refs, c.Commits, c.Contents = p.start, len(p.commits), len(p.blobs)
				for i := range p.blobs {
					if p.blobs[i].commit < 0 {
						c.Contents--
					}
				}
			}
			return c
		},
	}
	return out, h.Close, nil
}

// unreadable says why a repository cannot be read at all; nil when it can.
func (g *git) unreadable() error {
	if _, err := os.Stat(filepath.Join(g.common, "reftable")); err == nil {
		return message.New("the repository keeps its references in a reftable, which is not read: `git refs migrate --ref-format=files` in a copy of it makes it readable")
	}
	for _, dir := range []string{"objects", filepath.Join("objects", "pack"), "refs"} {
		if info, err := os.Lstat(filepath.Join(g.common, dir)); err == nil && !info.IsDir() {
			return message.Errorf("%s of the git directory is no directory (a symbolic link is not followed out of it): clone the repository and scan the clone", filepath.ToSlash(dir))
		}
	}
	return nil
}

// pastStream yields the contents in the order in which they lie in the packs:
// neighbours build upon each other.
type pastStream struct {
	ctx      context.Context
	p        *past
	problems []sekisho.Problem
	list     []pastPlace
	next     int
	file     sekisho.File
	bytes    *atomic.Int64
}

type pastPlace struct {
	blob int32
	path string
}

func (p *past) stream(ctx context.Context, bytes *atomic.Int64) (sekisho.FileStream, error) {
	type lying struct {
		pack, blob int32
		off        int64
	}
	order := make([]lying, 0, len(p.blobs))
	packs := map[*pack]int32{}
	p.h.objects.list()
	gone := 0
	first := ""
	for i := range p.blobs {
		if p.blobs[i].commit < 0 {
			continue
		}
		id := p.blobs[i].id
		l := lying{pack: -1, blob: int32(i)}
		if in, off := p.h.objects.find(id[:p.h.objects.size]); in != nil {
			n, ok := packs[in]
			if !ok {
				n = int32(len(packs))
				packs[in] = n
			}
			l.pack, l.off = n, off
		} else if !p.h.objects.isLoose(p.h.write(&id)) {
			gone++
			if first == "" {
				first = p.blobs[i].paths[0]
			}
			continue
		}
		order = append(order, l)
	}
	slices.SortFunc(order, func(a, b lying) int {
		if a.pack != b.pack {
			return int(a.pack - b.pack)
		}
		switch {
		case a.off < b.off:
			return -1
		case a.off > b.off:
			return 1
		}
		return int(a.blob - b.blob)
	})
	p.h.objects.held.keep(maxContents)
	s := &pastStream{ctx: ctx, p: p, bytes: bytes}
	for _, l := range order {
		for _, at := range p.blobs[l.blob].places() {
			s.list = append(s.list, pastPlace{l.blob, at})
		}
	}
	if gone > 0 {
		p.problem("", message.Errorf("the contents of %d files of the history are not in this clone, which is partial (%s is one): `git fetch --refetch --no-filter` gets them", gone, first), false)
	}
	if p.missing > 0 {
		p.problem("", message.Errorf("%d commits or directories of the history are not in this clone, which is shallow, partial or damaged: `git fetch --unshallow` or `git fetch --refetch --no-filter` gets them, `git fsck` says more", p.missing), false)
	}
	if p.damaged > 0 {
		p.problem("", message.Errorf("%d commits or directories of the history are damaged and were not looked through: `git fsck` says more", p.damaged), false)
	}
	if p.cut {
		p.problem("", message.New("the clone is shallow: older commits are not in it and were not looked through; `git fetch --unshallow` gets them, in GitHub Actions fetch-depth: 0 at actions/checkout, in GitLab CI GIT_DEPTH: 0"), false)
	}
	if n := len(p.subs); n > 0 {
		all := make([]string, 0, n)
		for at := range p.subs {
			all = append(all, at)
		}
		slices.Sort(all)
		p.problem("", message.Errorf("submodules have histories of their own, which were not looked through (%s): scan them by themselves", strings.Join(all[:min(n, 5)], ", ")), true)
	}
	s.problems = p.problems
	return s, nil
}

func (s *pastStream) Next() (*sekisho.File, error) {
	if err := s.ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.problems) > 0 {
		one := s.problems[0]
		s.problems = s.problems[1:]
		return nil, &sekisho.ProblemError{Problem: one}
	}
	if s.next == len(s.list) {
		return nil, io.EOF
	}
	at := s.list[s.next]
	s.next++
	id := s.p.h.write(&s.p.blobs[at.blob].id)
	s.file = sekisho.File{Path: at.path, Size: -1, Object: id, Open: func() (sekisho.Content, error) { return s.open(id) }}
	return &s.file, nil
}

func (s *pastStream) Read([]byte) (int, error) {
	return 0, message.Errorf("read %s: contents of a history are opened, not streamed", s.file.Path)
}

func (s *pastStream) Close() error { return nil }

// inMemory is the largest content that is held in memory.
const inMemory = 16 << 20

// open gives a content: in memory, or in a file without a name.
func (s *pastStream) open(id string) (sekisho.Content, error) {
	size, rc, err := s.p.h.Blob(id)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	if limit := s.p.opt.Bounds.FileBytes; size > limit {
		return nil, &sekisho.ProblemError{Problem: sekisho.Problem{
			Stage: sekisho.StageWalk, Bound: "file-bytes", Minor: true,
		}.Saying(message.Say("the file had %d bytes, more than %d: it was not looked through, raise --max-file-bytes to read it", size, limit))}
	}
	s.bytes.Add(size)
	if size <= inMemory {
		b, err := readAll(rc, size, inMemory)
		if err != nil {
			return nil, message.Errorf("read blob %s: %w", id, err)
		}
		return &held{bytes.NewReader(b), b}, nil
	}
	f, err := os.CreateTemp(s.p.opt.TempDir, "sekisho-*")
	if err != nil {
		return nil, message.Errorf("keep a large file aside: %w", err)
	}
	if err := errors.Join(os.Remove(f.Name()), copyTo(f, rc)); err != nil {
		f.Close()
		return nil, message.Errorf("keep a large file aside: %w", err)
	}
	return &aside{f, size}, nil
}

func copyTo(f *os.File, r io.Reader) error {
	_, err := io.Copy(f, r)
	return err
}

// held is a content in memory.
type held struct {
	*bytes.Reader
	b []byte
}

func (c *held) Bytes() []byte { return c.b }
func (c *held) Close() error  { return nil }

// aside is a content in a file.
type aside struct {
	*os.File
	size int64
}

func (c *aside) Size() int64 { return c.size }
