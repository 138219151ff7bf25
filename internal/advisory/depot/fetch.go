// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/sekisho/sekisho/internal/message"
)

// partial ends the name of a shard that is not whole yet.
const partial = ".part"

// Origin is where a database comes from: a web server, a directory, a registry.
type Origin interface {
	// Manifest returns the exact bytes of the manifest and of its signature
	// file, nil where there is none. [ErrGone] when there is no database. It is
	// called once an update.
	Manifest(ctx context.Context) (manifest, signature []byte, err error)
	// Shard opens the shard of a digest at an offset, smaller than its size.
	// [ErrGone] when the origin does not have it (any more). The origin resumes
	// broken connections itself; the caller counts and verifies. It is called by
	// several goroutines at once.
	Shard(ctx context.Context, digest string, offset int64) (io.ReadCloser, error)
}

// fetcher brings shards from an origin into a directory.
type fetcher struct {
	dir      string
	origin   Origin
	progress func(world string, done, total int64)
	// rehash reads a shard that is present, and fetches it again when its digest
	// is wrong; else its size is enough.
	rehash bool
}

// has reports whether a shard need not be fetched.
func (f *fetcher) has(ctx context.Context, s Shard) (bool, error) {
	there, err := present(f.dir, s)
	if err == nil && there && f.rehash {
		err = checkFile(ctx, f.dir, s)
	}
	if errors.As(err, new(*DamagedError)) {
		return false, nil
	}
	return there, err
}

// fetch makes a shard present, and returns how many bytes came for it. What came
// before a connection broke is kept, and the next call goes on there. A shard
// becomes visible when its digest is right.
func (f *fetcher) fetch(ctx context.Context, s Shard) (int64, error) {
	if there, err := f.has(ctx, s); there || err != nil {
		return 0, err
	}
	n, resumed, err := f.pull(ctx, s)
	if resumed && errors.As(err, new(*DamagedError)) {
		// What was left from before may have been the damaged part.
		var again int64
		again, _, err = f.pull(ctx, s)
		n += again
	}
	switch {
	case errors.Is(err, ErrGone):
		return n, message.Errorf("fetch the shard %s: %w: the origin has a newer edition: update the database", s.World, err)
	case err != nil:
		return n, message.Errorf("fetch the shard %s: %w", s.World, err)
	}
	return n, nil
}

// pull goes on with a partial file, or begins one.
func (f *fetcher) pull(ctx context.Context, s Shard) (n int64, resumed bool, err error) {
	name := shardPath(f.dir, s.Digest)
	file, err := os.OpenFile(name+partial, os.O_RDWR|os.O_CREATE, 0o644) //nolint:gosec // what root fetches, users read
	if err != nil {
		return 0, false, full(err)
	}
	h := sha256.New()
	have, err := resume(ctx, file, h, s.Size)
	if err == nil && have < s.Size {
		n, err = f.copy(ctx, s, have, io.MultiWriter(file, h))
	}
	if err == nil {
		err = s.match(have+n, "sha256:"+hex.EncodeToString(h.Sum(nil)))
		if err != nil && have+n < s.Size { // a stream that ended early: its beginning may be right
			file.Close()
			return n, false, err
		}
	}
	if err = full(err); errors.As(err, new(*DamagedError)) || errors.Is(err, ErrDiskFull) {
		file.Close()
		_ = os.Remove(file.Name())
		return n, have > 0, err
	}
	if err != nil {
		file.Close()
		return n, have > 0, err
	}
	return n, have > 0, full(settle(file, nil, name))
}

// resume hashes what is there of a shard, and leaves the file at its end.
func resume(ctx context.Context, file *os.File, h hash.Hash, size int64) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() > size { // cannot be a part of it
		return 0, file.Truncate(0)
	}
	return io.Copy(h, &bounded{ctx, file})
}

// copy reads from the origin what is missing, and not a byte more.
func (f *fetcher) copy(ctx context.Context, s Shard, offset int64, w io.Writer) (int64, error) {
	body, err := f.origin.Shard(ctx, s.Digest, offset)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if f.progress != nil {
		w = &teller{w: w, tell: func(n int64) { f.progress(s.World, offset+n, s.Size) }}
	}
	return io.Copy(w, &bounded{ctx, io.LimitReader(body, s.Size-offset)})
}

// teller reports how much came through.
type teller struct {
	w    io.Writer
	n    int64
	tell func(int64)
}

func (t *teller) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.n += int64(n)
	t.tell(t.n)
	return n, err
}
