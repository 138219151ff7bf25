// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sekisho/sekisho/internal/message"
)

// Writer puts a new edition into a directory. Until Commit, and whenever it is
// cut off, readers see the edition that was there.
type Writer struct {
	dir    string
	lock   *os.File
	shards []Shard
}

// NewWriter takes the directory's lock for writing; [ErrBusy] when another
// process keeps it for longer than a minute. The writer must be closed.
func NewWriter(ctx context.Context, dir string) (*Writer, error) {
	lock, err := lockDir(ctx, dir, 0)
	if err != nil {
		return nil, err
	}
	return &Writer{dir: dir, lock: lock}, nil
}

// Add keeps a shard: write is called once with where its bytes go.
func (w *Writer) Add(world string, rows int64, write func(io.Writer) error) (Shard, error) {
	s := Shard{World: world, Rows: rows}
	if !isWorld(world) {
		return s, message.Errorf("write the shard %.120q: this is no name of a world", world)
	}
	f, err := os.CreateTemp(shardDir(w.dir), ".tmp-*")
	if err != nil {
		return s, message.Errorf("write the shard %s: %w", world, full(err))
	}
	h := sha256.New()
	count := &counter{w: io.MultiWriter(f, h)}
	err = write(count)
	s.Size, s.Digest = count.n, "sha256:"+hex.EncodeToString(h.Sum(nil))
	if err == nil && s.Size == 0 {
		err = message.New("it is empty")
	}
	if err = settle(f, err, shardPath(w.dir, s.Digest)); err != nil {
		return s, message.Errorf("write the shard %s: %w", world, full(err))
	}
	w.shards = append(w.shards, s)
	return s, nil
}

// Commit makes the added shards the directory's edition, described by m (Schema
// and Shards are filled in; a Serial of 0 becomes the seconds of Created, or one
// more than the present edition's), signed by the keys, if any. Shards that are
// listed no more are removed once nobody reads.
func (w *Writer) Commit(m Manifest, keys ...ed25519.PrivateKey) (*Manifest, error) {
	m.Schema, m.Shards = Schema, w.shards
	if m.Serial == 0 {
		if t, err := time.Parse(time.RFC3339, m.Created); err == nil {
			m.Serial = uint64(max(t.Unix(), 1))
		}
		if raw, _, err := readPair(w.dir); err == nil {
			if old, err := Parse(raw); err == nil && old.Serial >= m.Serial {
				m.Serial = old.Serial + 1
			}
		}
	}
	raw, err := m.Encode()
	if err != nil {
		return nil, err
	}
	sigs, err := Sign(raw, keys...)
	if err != nil {
		return nil, err
	}
	if err := commit(w.dir, raw, sigs); err != nil {
		return nil, err
	}
	collect(w.dir, &m)
	return Parse(raw)
}

// Close gives the lock back.
func (w *Writer) Close() error { return w.lock.Close() }

// commit makes manifest and signatures those of the directory. First the
// signature file holds both editions', then one rename exchanges the manifest,
// then the signatures of the old edition go: at each moment the two files that a
// reader finds belong together.
func commit(dir string, manifest, sigs []byte) error {
	old, oldSigs, err := readPair(dir)
	if errors.Is(err, ErrNoDatabase) {
		old, oldSigs = nil, nil
	} else if err != nil {
		return message.Errorf("replace the manifest: %w", err)
	}
	if bytes.Equal(old, manifest) && bytes.Equal(oldSigs, sigs) {
		return nil
	}
	if err := syncDir(shardDir(dir)); err != nil {
		return message.Errorf("write the shards: %w", err)
	}
	if old != nil && (len(sigs) > 0 || len(oldSigs) > 0) && !bytes.Equal(old, manifest) {
		joined, err := both(old, oldSigs, manifest, sigs)
		if err != nil {
			return err
		}
		if err := replace(dir, signatureName, joined); err != nil {
			return err
		}
	}
	if old == nil && len(sigs) > 0 { // nobody reads yet
		if err := replace(dir, signatureName, sigs); err != nil {
			return err
		}
	}
	if !bytes.Equal(old, manifest) {
		if err := replace(dir, manifestFile, manifest); err != nil {
			return err
		}
	}
	if len(sigs) == 0 {
		if err := os.Remove(filepath.Join(dir, signatureName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return message.Errorf("remove the old signature: %w", err)
		}
		return nil
	}
	return replace(dir, signatureName, sigs)
}

// replace writes a file so that it is there whole or as it was, also after a
// loss of power.
func replace(dir, name string, raw []byte) error {
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return message.Errorf("write %s: %w", name, full(err))
	}
	_, err = f.Write(raw)
	if err = settle(f, err, filepath.Join(dir, name)); err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		return message.Errorf("write %s: %w", name, full(err))
	}
	return nil
}

// settle ends a temporary file: on disk and renamed, or removed after an error.
// The directory is the caller's to sync: once for many shards.
func settle(f *os.File, err error, name string) error {
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// syncDir makes a rename last. Systems that cannot sync a directory say so, and
// have nothing better.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync()
	return nil
}

// collect removes what the manifest does not list, unless somebody reads: then
// the next writer does. What cannot be removed is left. The caller has the
// writers' lock.
func collect(dir string, m *Manifest) {
	readers, err := os.OpenFile(filepath.Join(dir, "readers"), os.O_RDWR|os.O_CREATE, 0o666) //nolint:gosec // holds nothing; each user reads
	if err != nil {
		return
	}
	defer readers.Close()
	if ok, err := tryLock(readers, false); err != nil || !ok {
		return
	}
	keep := make(map[string]bool, len(m.Shards))
	for _, s := range m.Shards {
		keep[strings.TrimPrefix(s.Digest, "sha256:")] = true
	}
	for _, d := range []string{dir, shardDir(dir)} {
		entries, err := os.ReadDir(d)
		if err != nil {
			return
		}
		for _, e := range entries {
			name := e.Name()
			digest := strings.TrimSuffix(name, partial)
			stale := d != dir && digestOf.MatchString("sha256:"+digest) && !keep[digest]
			if stale || strings.HasPrefix(name, ".tmp-") {
				_ = os.Remove(filepath.Join(d, name))
			}
		}
	}
}

// counter counts what goes through.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
