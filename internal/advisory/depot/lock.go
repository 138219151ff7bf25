// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// defaultLockWait is how long a writer waits for another one.
const defaultLockWait = time.Minute

// lockDir makes the directory where needed and takes the lock of its writers,
// of which there is one at a time. The file that is returned holds it.
func lockDir(ctx context.Context, dir string, wait time.Duration) (*os.File, error) {
	if wait == 0 {
		wait = defaultLockWait
	}
	if err := os.MkdirAll(shardDir(dir), 0o755); err != nil { //nolint:gosec // what root fetches, users read
		return nil, message.Errorf("make the directory of the database: %w", full(err))
	}
	return Lock(ctx, filepath.Join(dir, "lock"), wait)
}

// Lock takes the lock that a file stands for, and makes the file where needed.
// Closing what is returned gives it back, as the end of the process does. The
// error is [ErrBusy] where another holds it for longer than wait.
func Lock(ctx context.Context, name string, wait time.Duration) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // holds nothing
	if err != nil {
		return nil, message.Errorf("lock the database: %w", full(err))
	}
	const pause = 20 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		ok, err := tryLock(f, false)
		if err == nil && ok {
			return f, nil
		}
		if err == nil && waited >= wait {
			err = message.Errorf("%w in %s: wait until it has ended", ErrBusy, filepath.Dir(name))
		}
		if err == nil {
			err = sleep(ctx, pause)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
	}
}

// lockReaders tells writers that somebody reads, so that what they replace is
// kept for now. It never waits long: while it is refused, a writer removes what
// the present manifest does not list, and the manifest is read after that.
func lockReaders(ctx context.Context, dir string) (*os.File, error) {
	name := filepath.Join(dir, "readers")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666) //nolint:gosec // holds nothing; each user reads
	if errors.Is(err, fs.ErrPermission) {
		f, err = os.Open(name)
	}
	if err != nil {
		return nil, nil //nolint:nilerr // a read-only directory has no writers
	}
	for range 50 {
		ok, err := tryLock(f, true)
		if err != nil {
			break // this file system has no locks
		}
		if ok {
			return f, nil
		}
		if err := sleep(ctx, 10*time.Millisecond); err != nil {
			f.Close()
			return nil, err
		}
	}
	f.Close()
	return nil, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
