// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// Bounds of the program ShellCheck: it is ended after the time, and what it
// writes beyond the bytes is an error.
const (
	externalTime  = 20 * time.Second
	externalBytes = 8 << 20
)

// External judges a script with the program ShellCheck
// (https://www.shellcheck.net), whose path the caller gives: it is never looked
// for. The script goes to its standard input. Findings that hold for dash but
// not for BusyBox are left out for ash, and SC2154 of variables that are known.
func External(ctx context.Context, program, script string, d Dialect, known map[string]bool) ([]Finding, error) {
	if len(script) > maxBytes {
		return nil, ErrTooLarge
	}
	ctx, cancel := context.WithTimeout(ctx, externalTime)
	defer cancel()
	name := d.String()
	if d == Ash {
		name = "dash"
	}
	cmd := exec.CommandContext(ctx, program, "--norc", "--shell="+name, "--format=json1", "-") //nolint:gosec // the user's choice
	cmd.WaitDelay = time.Second
	cmd.Stdin = strings.NewReader(script)
	out := &bounded{max: externalBytes}
	complaint := &bounded{max: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, complaint
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, message.Errorf("run %s: %w", program, ctx.Err())
	case out.over:
		return nil, message.Errorf("run %s: it wrote more than %d bytes", program, externalBytes)
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		// It found something.
	case err != nil:
		return nil, message.Errorf("run %s: %w: %s", program, err, firstLine(complaint.String()))
	}
	return readExternal(out.Bytes(), d, known)
}

// readExternal reads the format json1
// (https://github.com/koalaman/shellcheck/wiki/Integration).
func readExternal(text []byte, d Dialect, known map[string]bool) ([]Finding, error) {
	var report struct {
		Comments []struct {
			Line, EndLine, Column, EndColumn, Code int
			Message                                string
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, message.Errorf("read the report of ShellCheck: %w", err)
	}
	out := make([]Finding, 0, len(report.Comments))
	for _, c := range report.Comments {
		if d == Ash && c.Code >= 3000 && c.Code < 4000 && !busybox[c.Code] {
			continue
		}
		f := Finding{Code: "SC" + strconv.Itoa(c.Code), Span: Span{c.Line, c.Column, c.EndLine, c.EndColumn}, Message: c.Message}
		if c.Code == 2154 {
			// "name is referenced but not assigned."
			if f.Arg, _, _ = strings.Cut(c.Message, " "); known[f.Arg] {
				continue
			}
		}
		out = append(out, f)
	}
	return out, nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// bounded is a buffer that forgets what is too much.
type bounded struct {
	bytes.Buffer
	max  int
	over bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.max {
		b.over = true
		return len(p), nil
	}
	return b.Buffer.Write(p)
}
