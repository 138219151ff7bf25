// SPDX-License-Identifier: Apache-2.0

package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The kinds of archive that DetectFile tells; they are schemes as well.
const (
	DockerArchive = "docker-archive"
	OCIArchive    = "oci-archive"
	OCIDir        = "oci-dir"
)

// OpenArchive opens an image archive, of Docker or OCI, plain or compressed;
// which it is, its content tells. path may be followed by ":" and a reference
// that names one of several images, as in "images.tar:example.com/app:1".
func OpenArchive(ctx context.Context, path string, o Options) ([]*sekisho.Artifact, error) {
	return openArchivePath(ctx, path, "", o.normal())
}

func openArchivePath(ctx context.Context, path, source string, o Options) ([]*sekisho.Artifact, error) {
	path, ref := splitPath(path)
	f, err := os.Open(path)
	if err != nil {
		return nil, explainPath("archive", path, err)
	}
	return openArchive(ctx, f, archiveOptions{name: path, ref: ref, source: source}, o)
}

// OpenFile opens an image archive that the caller has open. It takes f over:
// f is closed with the artifacts, or at once where there is an error.
func OpenFile(ctx context.Context, f *os.File, name string, o Options) ([]*sekisho.Artifact, error) {
	return openArchive(ctx, f, archiveOptions{name: name}, o.normal())
}

// archiveOptions say how an archive came to be opened.
type archiveOptions struct {
	name, ref string
	// source is what Target.Source shall be; empty: what the archive is.
	source string
}

func openArchive(ctx context.Context, f *os.File, a archiveOptions, o Options) ([]*sekisho.Artifact, error) {
	f, size, err := plain(ctx, f, a.name, o)
	if err != nil {
		return nil, err
	}
	t, err := indexTar(ctx, f, size, a.name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	arts, err := t.images(ctx, a, o)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	closeWithLast(arts, f.Close)
	return arts, nil
}

// images opens what the archive holds. The layout is preferred where there are
// both, as Docker 25 and later and containerd write them: it has digests.
func (t *tarIndex) images(ctx context.Context, a archiveOptions, o Options) ([]*sekisho.Artifact, error) {
	var all []saved
	hasSaved := t.exists("manifest.json")
	if hasSaved {
		raw, err := t.read(ctx, "manifest.json", maxManifest)
		if err == nil {
			all, err = parseSaved(raw, t.name)
		}
		if err != nil {
			return nil, err
		}
	}
	source := OCIArchive
	if hasSaved {
		source = DockerArchive
	}
	source = first(a.source, source)
	if t.exists("index.json") && t.hasBlobs() {
		arts, err := t.layoutImages(ctx, a.ref, source, o)
		if err == nil {
			for _, art := range arts {
				addSavedTags(art, all)
			}
			return arts, nil
		}
		if !hasSaved || !errors.Is(err, errNoBlob) {
			return nil, err
		}
	}
	if hasSaved {
		s, err := pickSaved(all, a.ref, t.name)
		if err != nil {
			return nil, err
		}
		art, err := fromSaved(ctx, t, s, source, o)
		return []*sekisho.Artifact{art}, err
	}
	switch {
	case t.exists("index.json") || t.exists("oci-layout"):
		return nil, message.Errorf("archive %s begins like an OCI archive but has no index.json or no blobs: it is incomplete, save or download it again", t.name)
	case t.exists("repositories"):
		return nil, message.Errorf("archive %s has no manifest.json: a Docker older than 1.10 saved it, load it into a newer one and save it again", t.name)
	}
	return nil, message.Errorf("archive %s is no image archive: it has neither manifest.json (docker save) nor index.json (OCI), or was cut off before it", t.name)
}

func (t *tarIndex) layoutImages(ctx context.Context, ref, source string, o Options) ([]*sekisho.Artifact, error) {
	l, err := openLayout(ctx, t, t.name, nil)
	if err != nil {
		return nil, err
	}
	return l.artifacts(ctx, ref, &assembly{opts: o, source: source, name: t.name})
}

// addSavedTags replaces the names of the layout's index by those that
// manifest.json gives the same image.
func addSavedTags(art *sekisho.Artifact, all []saved) {
	for _, s := range all {
		if id := configHex(s.Config); id != "" && "sha256:"+id == art.Target.ConfigDigest && len(s.RepoTags) > 0 {
			art.Image.Tags = s.RepoTags
			return
		}
	}
}

// splitPath parts a path from the reference after it. What exists as a path is
// one, so that a colon in a file's name does no harm.
func splitPath(s string) (path, ref string) {
	if _, err := os.Stat(s); err == nil {
		return s, ""
	}
	for i := 1; i < len(s); i++ {
		if s[i] != ':' && s[i] != '@' {
			continue
		}
		if _, err := os.Stat(s[:i]); err == nil {
			return s[:i], strings.TrimPrefix(s[i:], ":")
		}
	}
	return s, ""
}

func explainPath(what, path string, err error) error {
	directory := what == "directory"
	switch {
	case errors.Is(err, os.ErrNotExist) && directory:
		return message.Errorf("directory %s does not exist: check the path", path)
	case errors.Is(err, os.ErrNotExist):
		return message.Errorf("archive %s does not exist: check the path", path)
	case errors.Is(err, os.ErrPermission) && directory:
		return message.Errorf("directory %s may not be read by this user: change its permissions", path)
	case errors.Is(err, os.ErrPermission):
		return message.Errorf("archive %s may not be read by this user: change its permissions", path)
	}
	return message.Errorf("open %s: %w", what, err)
}

// compression of an archive as a whole.
type compression uint8

const (
	uncompressed compression = iota
	gzipped
	zstandard
	otherCompression
)

func compressionOf(head []byte) (compression, string) {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped, "gzip"
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstandard, "zstd"
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return otherCompression, "xz"
	case bytes.HasPrefix(head, []byte("BZh")):
		return otherCompression, "bzip2"
	}
	return uncompressed, ""
}

func head(f io.ReaderAt, n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := f.ReadAt(b, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return b[:got], err
}

// decompress reads f from its beginning.
func decompress(f io.ReaderAt, size int64, kind compression) (io.ReadCloser, error) {
	raw := io.NewSectionReader(f, 0, size)
	if kind == gzipped {
		return gzip.NewReader(raw)
	}
	d, err := zstd.NewReader(raw, zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// plain gives the archive without compression: f itself, or a temporary file
// that takes f's place. f is closed where it is not returned.
func plain(ctx context.Context, f *os.File, name string, o Options) (*os.File, int64, error) {
	fail := func(err error) (*os.File, int64, error) { return nil, 0, errors.Join(err, f.Close()) }
	info, err := f.Stat()
	if err != nil {
		return fail(message.Errorf("open archive %s: %w", name, err))
	}
	if !info.Mode().IsRegular() {
		return fail(message.Errorf("archive %s is no regular file: give the path of an archive, or pipe it to -", name))
	}
	size := info.Size()
	begin, err := head(f, 8)
	if err != nil {
		return fail(message.Errorf("read archive %s: %w", name, err))
	}
	if len(begin) == 0 {
		return fail(message.Errorf("archive %s is empty: save or download it again", name))
	}
	kind, word := compressionOf(begin)
	if kind == uncompressed {
		return f, size, nil
	}
	if kind == otherCompression {
		return fail(message.Errorf("archive %s is compressed with %s, which is not read: decompress it first", name, word))
	}
	zr, err := decompress(f, size, kind)
	if err != nil {
		return fail(message.Errorf("archive %s is damaged, its %s header cannot be read: save or download it again: %w", name, word, err))
	}
	bounds := o.Bounds.WithDefaults()
	limit := bounds.TotalBytes
	if size < limit/bounds.Ratio {
		limit = max(size*bounds.Ratio, 16<<20)
	}
	out, err := spool(ctx, zr, limit, "archive "+name, newMeter("decompress", -1, o.Progress))
	err = errors.Join(err, zr.Close())
	switch {
	case ctx.Err() != nil:
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = message.Errorf("archive %s ends in the middle of its %s data: it was cut off, save or download it again: %w", name, word, io.ErrUnexpectedEOF)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, zstd.ErrCRCMismatch), errors.Is(err, zstd.ErrMagicMismatch):
		err = message.Errorf("archive %s has damaged %s data: save or download it again: %w", name, word, err)
	}
	if err != nil {
		if out != nil {
			err = errors.Join(err, out.Close())
		}
		return fail(err)
	}
	if err := f.Close(); err != nil {
		return nil, 0, errors.Join(message.Errorf("close archive %s: %w", name, err), out.Close())
	}
	info, err = out.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, out.Close())
	}
	return out, info.Size(), nil
}

// How much of an archive DetectFile looks at.
const (
	detectEntries = 4096
	detectBytes   = 8 << 20
)

// DetectFile says whether f is an image archive: [DockerArchive], [OCIArchive],
// or "" for anything else. It reads names only, from the beginning, and for a
// compressed archive no more than 8 MiB of what it holds: there the answer is
// whether it looks like an image, and which kind it is shows when it is opened.
// The offset of f is left alone.
func DetectFile(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", message.Errorf("detect %s: %w", f.Name(), err)
	}
	if !info.Mode().IsRegular() {
		return "", nil
	}
	return detect(f, info.Size())
}

func detect(f io.ReaderAt, size int64) (string, error) {
	begin, err := head(f, 8)
	if err != nil {
		return "", message.Errorf("detect: %w", err)
	}
	var r io.Reader = io.NewSectionReader(f, 0, size)
	if kind, _ := compressionOf(begin); kind != uncompressed {
		if kind == otherCompression {
			return "", nil
		}
		zr, err := decompress(f, size, kind)
		if err != nil {
			return "", nil //nolint:nilerr // damaged: no image archive
		}
		defer zr.Close()
		r = io.LimitReader(zr, detectBytes)
	}
	tr := tar.NewReader(r)
	looks, oci := "", false
	for range detectEntries {
		h, err := tr.Next()
		if err != nil {
			break
		}
		switch name := cleanName(h.Name); {
		case name == "manifest.json":
			var c [16]byte
			n, _ := io.ReadFull(tr, c[:])
			if bytes.HasPrefix(bytes.TrimSpace(c[:n]), []byte("[")) {
				return DockerArchive, nil
			}
		case name == "oci-layout":
			oci = true
		case looks != "":
		case strings.HasPrefix(name, "blobs/sha256/"), strings.HasPrefix(name, "blobs/sha512/"):
			looks = OCIArchive
		case savedName(name):
			looks = DockerArchive
		}
	}
	if oci {
		return OCIArchive, nil
	}
	return looks, nil
}

// savedName says whether an entry is called as in a Docker archive: by a digest
// or an id, "<id>/layer.tar", "<id>.json", "<digest>.tar", "sha256:<digest>".
func savedName(name string) bool {
	name = strings.TrimPrefix(name, "sha256:")
	const digits = 64
	if len(name) < digits || strings.Trim(name[:digits], "0123456789abcdef") != "" {
		return false
	}
	rest := name[digits:]
	return rest == "" || rest[0] == '.' || rest[0] == '/'
}

// DetectDir says whether path is a directory with an OCI image layout.
func DetectDir(path string) bool {
	for _, name := range []string{"oci-layout", "index.json"} {
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// openDir opens an OCI layout directory.
func openDir(ctx context.Context, path string, o Options) ([]*sekisho.Artifact, error) {
	path, ref := splitPath(path)
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, explainPath("directory", path, err)
	}
	if !DetectDir(path) {
		return nil, errors.Join(message.Errorf("directory %s is no OCI image layout: it needs the files oci-layout and index.json; for a root file system write dir:%s", path, path), root.Close())
	}
	l, err := openLayout(ctx, dirFiles{root}, path, root.Close)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return l.artifacts(ctx, ref, &assembly{opts: o, source: OCIDir, name: path})
}
