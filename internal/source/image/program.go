// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// command prepares a program that ends with the context.
func command(ctx context.Context, stderr io.Writer, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // a program of the PATH, references are checked
	cmd.Stderr = stderr
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// output runs a program and returns what it prints, up to 8 MiB.
func output(ctx context.Context, program string, args ...string) ([]byte, error) {
	out, errs := &capped{limit: maxConfig}, &capped{limit: 64 << 10}
	cmd := command(ctx, errs, program, args...)
	cmd.Stdout = out
	if err := complain(ctx, cmd.Run(), program, errs); err != nil {
		return nil, err
	}
	if out.over {
		return nil, message.Errorf("%s printed more than %d bytes", program, maxConfig)
	}
	return out.b.Bytes(), nil
}

// capture runs a program and keeps what it prints in a temporary file.
func capture(ctx context.Context, o Options, total int64, program string, args ...string) (*os.File, error) {
	errs := &capped{limit: 64 << 10}
	cmd := command(ctx, errs, program, args...)
	r, w := io.Pipe()
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(message.Errorf("run %s: %w", program, err), r.Close(), w.Close())
	}
	done := make(chan error, 1)
	go func() {
		err := complain(ctx, cmd.Wait(), program, errs)
		w.CloseWithError(err)
		done <- err
	}()
	f, err := spool(ctx, r, o.Bounds.WithDefaults().TotalBytes, "the output of "+program, newMeter("save", total, o.Progress))
	r.CloseWithError(err) // so that the program ends when it is not read any more
	if ran := <-done; ran != nil {
		if f != nil {
			ran = errors.Join(ran, f.Close())
		}
		return nil, ran
	}
	return f, err
}

// complain says what a program said when it ended badly.
func complain(ctx context.Context, err error, program string, stderr *capped) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	text := strings.TrimSpace(stderr.b.String())
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[i+1:]
	}
	if text == "" {
		return message.Errorf("run %s: %w", program, err)
	}
	return message.Errorf("run %s: %s", program, text)
}

// capped keeps the first bytes that are written to it.
type capped struct {
	b     bytes.Buffer
	limit int
	over  bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := min(c.limit-c.b.Len(), len(p))
	c.over = c.over || room < len(p)
	c.b.Write(p[:room])
	return len(p), nil
}
