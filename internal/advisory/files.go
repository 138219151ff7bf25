// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"archive/tar"
	"archive/zip"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxFeedFile bounds one file of a feed; the largest in the field is Oracle's
// OVAL with 80 MB.
const maxFeedFile = 512 << 20

// ErrNoFeeds says that a directory has no entry of any feed.
var ErrNoFeeds = message.New("no entry of a known feed")

// ErrNoEntry says that a directory of feeds has no entry of that name.
var ErrNoEntry = message.New("no such entry")

// entrySuffixes are the forms that an entry may have; "" is a directory.
var entrySuffixes = []string{"", ".tar.zst", ".tar.gz", ".tgz", ".tar", ".zip"}

// findEntry gives the path of the entry NAME of a directory of feeds.
func findEntry(dir, name string) (string, error) {
	for _, s := range entrySuffixes {
		p := filepath.Join(dir, name+s)
		if info, err := os.Stat(p); err == nil && info.IsDir() == (s == "") {
			return p, nil
		}
	}
	return "", message.Errorf("feed %s: %w", name, ErrNoEntry)
}

// EntryFiles yields the regular files of the entry NAME in a directory of feeds, which is
// a directory or an archive (.tar.zst, .tar.gz, .tar, .zip), in the order of
// the archive or of the names. The error is ErrNoEntry where there is none.
func EntryFiles(ctx context.Context, dir, name string) (iter.Seq2[sekisho.FeedFile, error], error) {
	p, err := findEntry(dir, name)
	if err != nil {
		return nil, err
	}
	read := readTar
	switch {
	case strings.HasSuffix(p, ".zip"):
		read = readZip
	case !strings.HasSuffix(p, ".tar") && !strings.HasSuffix(p, ".zst") && !strings.HasSuffix(p, "gz"):
		read = readDir
	}
	return func(yield func(sekisho.FeedFile, error) bool) {
		stop := false
		err := read(p, func(f sekisho.FeedFile) bool {
			stop = ctx.Err() != nil || !yield(f, nil)
			return !stop
		})
		switch {
		case err != nil:
			yield(sekisho.FeedFile{}, message.Errorf("read %s: %w", filepath.Base(p), err))
		case ctx.Err() != nil && stop:
			yield(sekisho.FeedFile{}, ctx.Err())
		}
	}, nil
}

func readDir(root string, yield func(sekisho.FeedFile) bool) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	err = fs.WalkDir(r.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := fs.ReadFile(r.FS(), p)
		if err != nil {
			return err
		}
		if !yield(sekisho.FeedFile{Path: p, Data: b}) {
			return fs.SkipAll
		}
		return nil
	})
	return err
}

func readZip(path string, yield func(sekisho.FeedFile) bool) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	slices.SortStableFunc(z.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	var buf []byte
	for _, f := range z.File {
		if !f.Mode().IsRegular() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		buf, err = readInto(buf, r)
		if err := errors.Join(err, r.Close()); err != nil {
			return message.Errorf("%s: %w", f.Name, err)
		}
		if !yield(sekisho.FeedFile{Path: f.Name, Data: buf}) {
			return nil
		}
	}
	return nil
}

func readTar(path string, yield func(sekisho.FeedFile) bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	switch {
	case strings.HasSuffix(path, ".zst"):
		z, err := zstd.NewReader(f, zstd.WithDecoderMaxWindow(1<<30))
		if err != nil {
			return err
		}
		defer z.Close()
		r = z
	case strings.HasSuffix(path, "gz"):
		z, err := gzip.NewReader(f)
		if err != nil {
			return err
		}
		defer z.Close()
		r = z
	}
	t := tar.NewReader(r)
	var buf []byte
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if buf, err = readInto(buf, t); err != nil {
			return message.Errorf("%s: %w", h.Name, err)
		}
		if !yield(sekisho.FeedFile{Path: strings.TrimPrefix(h.Name, "./"), Data: buf}) {
			return nil
		}
	}
}

// readInto reads r to its end into buf's memory, grown as needed.
func readInto(buf []byte, r io.Reader) ([]byte, error) {
	buf = buf[:0]
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, max(64<<10, len(buf)))
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case len(buf) > maxFeedFile:
			return nil, message.Errorf("larger than %d MiB", maxFeedFile>>20)
		case errors.Is(err, io.EOF):
			return buf, nil
		case err != nil:
			return nil, err
		}
	}
}
