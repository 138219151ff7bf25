// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sekisho/sekisho/internal/message"
)

func typeOf(s string) types.MediaType { return types.MediaType(s) }

// readFunc is an io.Reader.
type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// cancellable reads r until the context ends.
func cancellable(ctx context.Context, r io.Reader) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

// meter reports how far something came. A nil meter reports nothing.
type meter struct {
	stage string
	total int64
	done  atomic.Int64
	tell  func(stage string, done, total int64)
}

func newMeter(stage string, total int64, tell func(string, int64, int64)) *meter {
	if tell == nil {
		return nil
	}
	return &meter{stage: stage, total: total, tell: tell}
}

func (m *meter) add(n int) {
	if m != nil && n > 0 {
		m.tell(m.stage, m.done.Add(int64(n)), m.total)
	}
}

func (m *meter) wrap(rc io.ReadCloser) io.ReadCloser {
	if m == nil {
		return rc
	}
	return metered{rc, m}
}

type metered struct {
	io.ReadCloser
	m *meter
}

func (r metered) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.m.add(n)
	return n, err
}

// unlinked makes a temporary file that has no name any more: it is gone when
// it is closed, or when the process ends in whatever way.
func unlinked() (*os.File, error) {
	f, err := os.CreateTemp("", "sekisho-")
	if err != nil {
		return nil, message.Errorf("make a temporary file (set TMPDIR to a directory with space): %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(message.Errorf("unlink temporary file: %w", err), f.Close())
	}
	return f, nil
}

// spool copies r into a temporary file, limit bytes at most.
func spool(ctx context.Context, r io.Reader, limit int64, what string, m *meter) (*os.File, error) {
	f, err := unlinked()
	if err != nil {
		return nil, err
	}
	n, err := io.CopyBuffer(countWriter{f, m}, io.LimitReader(cancellable(ctx, r), limit+1), make([]byte, 1<<20))
	switch {
	case errors.Is(err, syscall.ENOSPC):
		err = message.Errorf("copy %s to a temporary file: the disk is full, set TMPDIR to a directory with more space: %w", what, err)
	case err != nil:
		err = message.Errorf("read %s: %w", what, err)
	case n > limit:
		err = message.Errorf("read %s: it has more than %d bytes, raise --max-total-bytes to read it", what, limit)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// countWriter writes to the file and hides its ReadFrom, so that the buffer of
// the copy is used.
type countWriter struct {
	f *os.File
	m *meter
}

func (w countWriter) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	w.m.add(n)
	return n, err
}
