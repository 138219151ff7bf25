// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/sekisho/sekisho/internal/message"
)

// readStdin copies standard input to w, at most limit bytes and one more. A
// terminal or a pipe that says nothing cannot be made to let go of a read: when
// ctx ends first, the copy is left behind with the process.
func (a *App) readStdin(ctx context.Context, w io.Writer, limit int64) (int64, error) {
	type answer struct {
		n     int64
		err   error
		panic any
	}
	done := make(chan answer, 1)
	go func() {
		var r answer
		defer func() {
			r.panic = recover() // only the goroutine of Run can tell it well
			done <- r
		}()
		r.n, r.err = io.Copy(w, io.LimitReader(a.Stdin, limit+1))
	}()
	select {
	case r := <-done:
		if r.panic != nil {
			panic(r.panic)
		}
		return r.n, r.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// stdinFile spools standard input to a file without a name.
func (a *App) stdinFile(ctx context.Context, limit int64) (*os.File, error) {
	f, err := os.CreateTemp("", "sekisho-stdin-*")
	if err != nil {
		return nil, message.Errorf("keep standard input: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, message.Errorf("keep standard input: %w", err)
	}
	n, err := a.readStdin(ctx, f, limit)
	if ctx.Err() != nil {
		return nil, ctx.Err() // the copy may still write: the file goes with the process
	}
	switch {
	case err != nil:
	case n > limit:
		err = errors.New(a.lang.Of(message.StdinLarge, byteSize(limit)))
	case n == 0:
		err = errors.New(a.lang.Of(message.StdinEmpty))
	default:
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, message.Errorf("read standard input: %w", err)
	}
	return f, nil
}
