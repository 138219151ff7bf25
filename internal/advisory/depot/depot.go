// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

const (
	manifestFile  = "manifest.json"
	signatureName = "manifest.json.sig"
)

func shardDir(dir string) string { return filepath.Join(dir, "shards", "sha256") }

// shardPath is where a shard of a valid digest lies.
func shardPath(dir, digest string) string {
	return filepath.Join(shardDir(dir), strings.TrimPrefix(digest, "sha256:"))
}

// Depot is one edition of a database, open for reading: it stays what it was
// when it was opened, also while another process updates the directory. It may
// be used by several goroutines.
type Depot struct {
	dir      string
	manifest *Manifest
	raw      []byte // of the manifest
	sigs     []byte // the signatures of this manifest, nil when there are none
	key      string
	readers  *os.File
}

// Open reads and verifies the manifest of a directory. Without one it is
// [ErrNoDatabase]; else a [*SignatureError] or a [*ManifestError] says what is
// wrong. No shard is read. The depot must be closed.
func Open(ctx context.Context, dir string, policy Policy) (*Depot, error) {
	if _, err := os.Stat(filepath.Join(dir, manifestFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, message.Errorf("open the database: %w: %s has no %s: update or build one", ErrNoDatabase, dir, manifestFile)
	}
	readers, err := lockReaders(ctx, dir)
	if err != nil {
		return nil, err
	}
	d := &Depot{dir: dir, readers: readers}
	d.raw, d.sigs, err = readPair(dir)
	if err == nil {
		d.key, err = policy.Check(d.raw, d.sigs)
	}
	if err == nil {
		d.sigs, err = only(d.raw, d.sigs)
	}
	if err == nil {
		d.manifest, err = Parse(d.raw)
	}
	if err != nil {
		d.release()
		return nil, message.Errorf("open the database in %s: %w", dir, err)
	}
	return d, nil
}

// readPair reads a manifest with the signatures that belong to it: both files
// are read while the second stays the same.
func readPair(dir string) (manifest, sigs []byte, err error) {
	for range 20 {
		before, err := readSignature(dir)
		if err != nil {
			return nil, nil, err
		}
		manifest, err := readBounded(filepath.Join(dir, manifestFile), maxManifest)
		if errors.Is(err, fs.ErrNotExist) {
			err = message.Errorf("%w: %s", ErrNoDatabase, dir)
		}
		if err != nil {
			return nil, nil, err
		}
		after, err := readSignature(dir)
		if err != nil {
			return nil, nil, err
		}
		if bytes.Equal(before, after) {
			return manifest, after, nil
		}
	}
	return nil, nil, message.Errorf("%w in %s again and again", ErrBusy, dir)
}

// readSignature gives nil where there is none.
func readSignature(dir string) ([]byte, error) {
	raw, err := readBounded(filepath.Join(dir, signatureName), maxSignature)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return raw, err
}

// Close lets writers remove what this depot could still have read.
func (d *Depot) Close() error {
	d.release()
	return nil
}

func (d *Depot) release() {
	if d.readers != nil {
		d.readers.Close()
	}
}

// Dir is the directory.
func (d *Depot) Dir() string { return d.dir }

// Manifest is what the depot holds; it is not to be changed.
func (d *Depot) Manifest() *Manifest { return d.manifest }

// Files returns the exact bytes of the manifest and of its signature file, nil
// for an unsigned depot. They are not to be changed.
func (d *Depot) Files() (manifest, signature []byte) { return d.raw, d.sigs }

// Key is the id of the trusted key that signed; empty for an unsigned depot.
func (d *Depot) Key() string { return d.key }

// Path gives the file of a world's shard. It is a [*WorldError] of kind
// [ErrUnknownWorld] or [ErrNotFetched], or a [*DamagedError] when the file does
// not have the size that the manifest says. The content is not read: see
// [Depot.CheckShard].
func (d *Depot) Path(world string) (string, error) {
	s, ok := d.manifest.Shard(world)
	if !ok {
		return "", &WorldError{World: world, Kind: ErrUnknownWorld}
	}
	name := shardPath(d.dir, s.Digest)
	switch there, err := present(d.dir, s); {
	case err != nil:
		return "", err
	case !there:
		return "", &WorldError{World: world, Kind: ErrNotFetched}
	}
	return name, nil
}

// present reports whether the shard lies there with its size.
func present(dir string, s Shard) (bool, error) {
	info, err := os.Stat(shardPath(dir, s.Digest))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, message.Errorf("look for the shard %s: %w", s.World, err)
	case !info.Mode().IsRegular():
		return false, &DamagedError{s, "it is no regular file"}
	case info.Size() != s.Size:
		return false, &DamagedError{s, fmt.Sprintf("it has %d bytes and should have %d", info.Size(), s.Size)}
	}
	return true, nil
}

// Worlds lists the worlds whose shards are present, sorted.
func (d *Depot) Worlds() []string { return worldsPresent(d.dir, d.manifest) }

func worldsPresent(dir string, m *Manifest) (worlds []string) {
	for _, s := range m.Shards {
		if there, err := present(dir, s); there || errors.As(err, new(*DamagedError)) {
			worlds = append(worlds, s.World)
		}
	}
	return worlds
}

// Expired reports whether the edition is past its date.
func (d *Depot) Expired(now time.Time) bool { return d.manifest.Expired(now) }

// CheckShard reads the shard of a world whole and compares its digest: a
// [*DamagedError] when it is another one; else as [Depot.Path].
func (d *Depot) CheckShard(ctx context.Context, world string) error {
	if _, err := d.Path(world); err != nil {
		return err
	}
	s, _ := d.manifest.Shard(world)
	return checkFile(ctx, d.dir, s)
}

func checkFile(ctx context.Context, dir string, s Shard) error {
	f, err := os.Open(shardPath(dir, s.Digest))
	if err != nil {
		return message.Errorf("read the shard %s: %w", s.World, err)
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, &bounded{ctx, io.LimitReader(f, s.Size+1)})
	if err != nil {
		return message.Errorf("read the shard %s: %w", s.World, err)
	}
	return s.match(n, "sha256:"+hex.EncodeToString(h.Sum(nil)))
}

// match compares what was read with what the manifest says.
func (s Shard) match(n int64, digest string) error {
	switch {
	case n < s.Size:
		return &DamagedError{s, fmt.Sprintf("it ends after %d of %d bytes", n, s.Size)}
	case n > s.Size:
		return &DamagedError{s, fmt.Sprintf("it goes on after its %d bytes", s.Size)}
	case digest != s.Digest:
		return &DamagedError{s, "it has digest " + digest + " and not " + s.Digest}
	}
	return nil
}

// Verification is what Verify looked at.
type Verification struct {
	// Shards and Bytes that were read; Missing are listed and not fetched.
	Shards, Missing int
	Bytes           int64
	// Damaged shards, in the order of the manifest.
	Damaged []*DamagedError
}

// Verify reads every shard that is present and compares its digest. An error is
// one of reading, or the context's; damage is in the result.
func (d *Depot) Verify(ctx context.Context) (Verification, error) {
	var v Verification
	for _, s := range d.manifest.Shards {
		var damaged *DamagedError
		err := d.CheckShard(ctx, s.World)
		switch {
		case errors.Is(err, ErrNotFetched):
			v.Missing++
			continue
		case errors.As(err, &damaged):
			v.Damaged = append(v.Damaged, damaged)
		case err != nil:
			return v, err
		}
		v.Shards++
		v.Bytes += s.Size
	}
	return v, nil
}

// bounded ends with its context.
type bounded struct {
	ctx context.Context // of the one read that this is
	r   io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}
