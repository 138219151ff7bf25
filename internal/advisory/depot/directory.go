// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/sekisho/sekisho/internal/message"
)

// Directory is the origin of a mirror in a directory: of this machine, or of a
// share. It has the form of a depot, so each depot is one.
func Directory(dir string) Origin { return directory(dir) }

type directory string

func (d directory) Manifest(ctx context.Context) (manifest, signature []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	manifest, signature, err = readPair(string(d))
	if errors.Is(err, ErrNoDatabase) {
		err = message.Errorf("%w: %w", ErrGone, err)
	}
	return manifest, signature, err
}

func (d directory) Shard(_ context.Context, digest string, offset int64) (io.ReadCloser, error) {
	if !digestOf.MatchString(digest) {
		return nil, message.Errorf("%w: %.80q is no digest", ErrGone, digest)
	}
	f, err := os.Open(shardPath(string(d), digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, message.Errorf("%w: %s", ErrGone, shardPath(string(d), digest))
	}
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
