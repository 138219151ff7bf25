// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// Export writes a directory's edition as one tar archive (POSIX.1-1988; not
// compressed, since shards are): the manifest, its signature, and the shards of
// the worlds, or all that are present when worlds is nil. Each shard is verified
// on its way. The same edition and worlds give the same bytes.
func Export(ctx context.Context, w io.Writer, dir string, policy Policy, worlds []string) error {
	d, err := Open(ctx, dir, policy)
	if err != nil {
		return err
	}
	defer d.release()
	if worlds == nil {
		worlds = d.Worlds()
	}
	t := tar.NewWriter(w)
	if err := put(t, manifestFile, d.raw); err != nil {
		return err
	}
	if len(d.sigs) > 0 {
		if err := put(t, signatureName, d.sigs); err != nil {
			return err
		}
	}
	done := map[string]bool{}
	for _, world := range worlds {
		name, err := d.Path(world)
		if err != nil {
			return message.Errorf("export the database: %w", err)
		}
		s, _ := d.manifest.Shard(world)
		if done[s.Digest] {
			continue
		}
		done[s.Digest] = true
		if err := d.CheckShard(ctx, world); err != nil {
			return message.Errorf("export the database: %w", err)
		}
		if err := putFile(ctx, t, s, name); err != nil {
			return message.Errorf("export the database: %w", full(err))
		}
	}
	if err := put(t, tarEnd, nil); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return message.Errorf("export the database: %w", full(err))
	}
	return nil
}

func put(t *tar.Writer, name string, raw []byte) error {
	err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(raw)), Typeflag: tar.TypeReg})
	if err == nil {
		_, err = t.Write(raw)
	}
	if err != nil {
		return message.Errorf("export the database: %w", full(err))
	}
	return nil
}

// Members of the archive: shards, and an empty last one, without which the
// archive was cut off.
const (
	tarShards = "shards/sha256/"
	tarEnd    = "end"
)

func putFile(ctx context.Context, t *tar.Writer, s Shard, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	h := &tar.Header{Name: tarShards + strings.TrimPrefix(s.Digest, "sha256:"), Mode: 0o644, Size: s.Size, Typeflag: tar.TypeReg}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(t, &bounded{ctx, f})
	return err
}

// Import makes the edition of an exported archive the directory's. Everything in
// the archive is verified before the edition changes; the errors and the options
// are those of [Update], of which Worlds, All, Force and MinInterval have no
// meaning here.
func Import(ctx context.Context, r io.Reader, dir string, o Options) (Report, error) {
	t := tar.NewReader(r)
	h, err := t.Next()
	if err != nil {
		return Report{}, message.Errorf("import the database: this is no archive of one: %w", err)
	}
	manifest, err := small(t, h, manifestFile, maxManifest)
	if err != nil {
		return Report{}, err
	}
	box := &archive{ctx: ctx, tar: t, manifest: manifest}
	if box.next, err = t.Next(); err == nil && box.next.Name == signatureName {
		if box.sigs, err = small(t, box.next, signatureName, maxSignature); err != nil {
			return Report{}, err
		}
		box.next, err = t.Next()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return Report{}, message.Errorf("import the database: the archive is damaged: %w", err)
	}
	lock, err := lockDir(ctx, dir, o.LockWait)
	if err != nil {
		return Report{}, err
	}
	defer lock.Close()
	u := &update{dir: dir, o: o, fetcher: fetcher{dir: dir, origin: box}}
	u.o.Force, u.box = true, box
	report, err := u.run(ctx)
	if err != nil {
		return report, message.Errorf("import the database: %w", err)
	}
	return report, nil
}

func small(t *tar.Reader, h *tar.Header, name string, limit int64) ([]byte, error) {
	if h.Name != name || h.Typeflag != tar.TypeReg {
		return nil, message.Errorf("import the database: the archive begins with %.80q and not with %s: export writes one that can be imported", h.Name, name)
	}
	if h.Size > limit {
		return nil, message.Errorf("import the database: %s has %d bytes, more than %d", name, h.Size, limit)
	}
	raw, err := io.ReadAll(io.LimitReader(t, limit))
	if err != nil {
		return nil, message.Errorf("import the database: the archive is damaged: %w", err)
	}
	return raw, nil
}

// archive is an exported database as an origin. It is read once, in its order.
type archive struct {
	ctx            context.Context // of the one import that this is
	tar            *tar.Reader
	manifest, sigs []byte
	next           *tar.Header // the member that comes now; nil at the end
}

func (a *archive) Manifest(context.Context) (manifest, signature []byte, err error) {
	return a.manifest, a.sigs, nil
}

func (a *archive) Shard(context.Context, string, int64) (io.ReadCloser, error) {
	return io.NopCloser(a.tar), nil
}

// shards brings every member of the archive in: each must be the shard of some
// world, once, and of its size.
func (a *archive) shards(u *update, m *Manifest) error {
	byDigest := make(map[string]Shard, len(m.Shards))
	for _, s := range m.Shards {
		byDigest[s.Digest] = s
	}
	for {
		h := a.next
		if h == nil {
			return message.New("the archive was cut off: copy it again")
		}
		if h.Name == tarEnd {
			return nil
		}
		digest, ok := strings.CutPrefix(h.Name, tarShards)
		s, listed := byDigest["sha256:"+digest]
		switch {
		case !ok || !listed || h.Typeflag != tar.TypeReg:
			return message.Errorf("the archive holds %.120q, which its manifest does not list (or lists once)", h.Name)
		case h.Size != s.Size:
			return &DamagedError{s, fmt.Sprintf("it has %d bytes and should have %d", h.Size, s.Size)}
		}
		delete(byDigest, s.Digest)
		// A part of an update that was cut off would make the stream begin in its
		// middle: the archive has the whole.
		if err := os.Remove(shardPath(u.dir, s.Digest) + partial); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		n, err := u.fetcher.fetch(a.ctx, s)
		if err != nil {
			return err
		}
		u.report.BytesFetched += n
		if n > 0 {
			u.report.Fetched = append(u.report.Fetched, s)
		} else {
			u.report.Unchanged++
		}
		a.next, err = a.tar.Next()
		if err != nil && !errors.Is(err, io.EOF) {
			return message.Errorf("the archive is damaged: %w", err)
		}
	}
}
