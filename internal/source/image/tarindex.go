// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
)

// What the index of an archive may cost.
const (
	maxTarEntries   = 1 << 20
	maxTarNameBytes = 16 << 20
	maxTarLinks     = 16
)

// tarIndex knows where each file of an uncompressed tar begins, so that layers
// can be read out of it in any order and at once.
type tarIndex struct {
	name    string
	r       io.ReaderAt
	entries map[string]tarEntry
}

type tarEntry struct {
	offset, size int64
	// link is the path of another entry that holds the content.
	link   string
	sparse bool
}

// indexTar reads the headers of a tar and skips the contents: what an entry of
// any size costs is two small reads. When a name comes twice the last counts,
// as it would for one who unpacks the archive.
func indexTar(ctx context.Context, r io.ReaderAt, size int64, name string) (*tarIndex, error) {
	t := &tarIndex{name: name, r: r, entries: map[string]tarEntry{}}
	sr := io.NewSectionReader(r, 0, size)
	tr := tar.NewReader(sr)
	last, names := "", 0
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil && last == "" && size < tarBlock {
			return nil, message.Errorf("archive %s is no tar archive: it has %d bytes, less than one entry", name, size)
		}
		if err != nil {
			return nil, t.explain(err, last)
		}
		if names += len(h.Name) + len(h.Linkname); n >= maxTarEntries || names > maxTarNameBytes {
			return nil, message.Errorf("archive %s has more entries than an image archive can have (%d)", name, n)
		}
		last = h.Name
		offset, err := sr.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, message.Errorf("read archive %s: %w", name, err)
		}
		e := tarEntry{offset: offset, size: h.Size}
		key := cleanName(h.Name)
		switch h.Typeflag {
		case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont, '\x00':
			if strings.HasSuffix(h.Name, "/") {
				continue
			}
			e.sparse = isSparse(h)
			if !e.sparse && h.Size > size-offset {
				return nil, t.explain(io.ErrUnexpectedEOF, h.Name)
			}
		case tar.TypeSymlink:
			e.link = cleanName(h.Linkname)
			if !strings.HasPrefix(h.Linkname, "/") {
				e.link = cleanName(path.Join(path.Dir(key), h.Linkname))
			}
		case tar.TypeLink:
			e.link = cleanName(h.Linkname)
		default:
			continue
		}
		t.entries[key] = e
	}
}

func (t *tarIndex) explain(err error, entry string) error {
	where := "its first entry"
	if entry != "" {
		where = entry
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return message.Errorf("archive %s ends in the middle of %s: it was cut off, save or download it again: %w", t.name, where, io.ErrUnexpectedEOF)
	case errors.Is(err, tar.ErrHeader) && entry == "":
		return message.Errorf("archive %s is no tar archive: %w", t.name, err)
	case errors.Is(err, tar.ErrHeader):
		return message.Errorf("archive %s is damaged after %s: save or download it again: %w", t.name, where, err)
	}
	return message.Errorf("read archive %s: %w", t.name, err)
}

// tarBlock is the size of an entry's header.
const tarBlock = 512

func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// cleanName gives "a/b" for "./a/b", "/a/b" and "x/../a/b".
func cleanName(s string) string { return strings.TrimPrefix(path.Clean("/"+s), "/") }

// find follows links to the entry that holds the content.
func (t *tarIndex) find(name string) (tarEntry, error) {
	key := cleanName(name)
	for range maxTarLinks {
		e, ok := t.entries[key]
		switch {
		case !ok:
			return tarEntry{}, message.Errorf("archive %s does not hold %s: it is incomplete, save or download it again: %w", t.name, name, errNoBlob)
		case e.sparse:
			return tarEntry{}, message.Errorf("archive %s holds %s as a sparse file, which is not read: save it again without", t.name, name)
		case e.link == "":
			return e, nil
		}
		key = e.link
	}
	return tarEntry{}, message.Errorf("archive %s: the links of %s go round in circles", t.name, name)
}

func (t *tarIndex) open(_ context.Context, name string) (io.ReadCloser, int64, error) {
	e, err := t.find(name)
	if err != nil {
		return nil, 0, err
	}
	return io.NopCloser(plainReader{io.NewSectionReader(t.r, e.offset, e.size)}), e.size, nil
}

func (t *tarIndex) exists(name string) bool {
	_, err := t.find(name)
	return !errors.Is(err, fs.ErrNotExist)
}

func (t *tarIndex) read(ctx context.Context, name string, limit int64) ([]byte, error) {
	return readFile(ctx, t, name, limit)
}

// hasBlobs says whether there is a directory of blobs as an OCI layout has it.
func (t *tarIndex) hasBlobs() bool {
	for name := range t.entries {
		if strings.HasPrefix(name, "blobs/sha") {
			return true
		}
	}
	return false
}

// plainReader hides everything but Read.
type plainReader struct{ io.Reader }

// files is a set of files by name: an archive or a directory.
type files interface {
	open(ctx context.Context, name string) (rc io.ReadCloser, size int64, err error)
	// exists says whether the file is there, readable or not.
	exists(name string) bool
}

// readFile reads a whole file of at most limit bytes.
func readFile(ctx context.Context, from files, name string, limit int64) ([]byte, error) {
	rc, size, err := from.open(ctx, name)
	if err != nil {
		return nil, err
	}
	if size > limit {
		return nil, errors.Join(message.Errorf("read %s: it has %d bytes, more than the %d that are read", name, size, limit), rc.Close())
	}
	raw, err := readAll(ctx, rc, limit)
	if err := errors.Join(err, rc.Close()); err != nil {
		return nil, message.Errorf("read %s: %w", name, err)
	}
	return raw, nil
}

// dirFiles is a directory; no path or symbolic link leads out of it.
type dirFiles struct{ root *os.Root }

func (d dirFiles) open(_ context.Context, name string) (io.ReadCloser, int64, error) {
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, message.Errorf("directory %s does not hold %s: it is incomplete, copy the image again: %w", d.root.Name(), name, errNoBlob)
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = message.Errorf("open %s: it is no regular file", name)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

func (d dirFiles) exists(name string) bool {
	_, err := d.root.Lstat(name)
	return err == nil
}

func blobPath(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }
