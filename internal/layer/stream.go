// SPDX-License-Identifier: Apache-2.0

// Package layer knows the layer format: how a blob is decompressed, verified
// and read as a stream of files, and how layers stack (whiteouts, opaque
// directories, which file a container sees). It does not know where blobs come
// from and does not look into files.
//
// The format is https://github.com/opencontainers/image-spec/blob/main/layer.md.
package layer

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Options of a stream.
type Options struct {
	// Digest of the blob as it is stored; verified when it is not empty.
	Digest string
	// DiffID is the digest of the uncompressed tar; verified when not empty.
	DiffID string
	// Size of the blob in bytes; not verified when 0 or less.
	Size   int64
	Bounds sekisho.Bounds
}

// The largest window that a zstd frame may ask for, what `zstd --long` makes.
const zstdWindow = 128 << 20

// NewStream reads a layer blob: a tar, plain or compressed by gzip (estargz
// too) or zstd, told apart by its first bytes. It takes rc over and closes it
// with the stream. The work of reading, hashing, decompressing and hashing
// again is spread over goroutines that end with Close.
func NewStream(ctx context.Context, rc io.ReadCloser, opt Options) (sekisho.FileStream, error) {
	opt.Bounds = opt.Bounds.WithDefaults()
	s := &stream{opt: opt, rc: rc}
	head := make([]byte, 6)
	n, err := io.ReadFull(rc, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		rc.Close()
		return nil, message.Errorf("read layer %s: %w", opt.name(), err)
	}
	head = head[:n]
	raw := io.MultiReader(bytes.NewReader(head), rc)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		s.blob = newPump(ctx, raw, opt.Digest)
		zr, err := gzip.NewReader(bufio.NewReaderSize(s.blob, 64<<10))
		if err != nil {
			s.Close()
			return nil, opt.explain(err)
		}
		s.tar = newPump(ctx, &ratioReader{r: zr, in: s.blob, ratio: opt.Bounds.Ratio}, opt.DiffID)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}), len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}):
		s.blob = newPump(ctx, raw, opt.Digest)
		zr, err := zstd.NewReader(s.blob, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			s.Close()
			return nil, opt.explain(err)
		}
		s.zstd = zr
		s.tar = newPump(ctx, &ratioReader{r: zr, in: s.blob, ratio: opt.Bounds.Ratio}, opt.DiffID)
	default:
		want := opt.DiffID
		if want == "" {
			want = opt.Digest
		} else if opt.Digest != "" && opt.Digest != opt.DiffID {
			rc.Close()
			return nil, message.Errorf("read layer %s: the manifest's digest and the configuration's diff id %s differ for an uncompressed layer: the image is damaged, build or push it again", opt.Digest, opt.DiffID)
		}
		s.tar = newPump(ctx, raw, want)
	}
	s.tr = tar.NewReader(s.tar)
	return s, nil
}

func (o Options) name() string {
	if o.Digest != "" {
		return o.Digest
	}
	if o.DiffID != "" {
		return o.DiffID
	}
	return "without a digest"
}

// explain turns what the decoders say into a sentence that tells what to do.
func (o Options) explain(err error) error {
	var pe *sekisho.ProblemError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return message.Errorf("layer %s ends too early, it was cut off: pull or save the image again: %w", o.name(), io.ErrUnexpectedEOF)
	case errors.Is(err, tar.ErrHeader), errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrMagicMismatch):
		return message.Errorf("layer %s is damaged or no tar archive: pull or save the image again: %w", o.name(), err)
	}
	return message.Errorf("read layer %s: %w", o.name(), err)
}

type stream struct {
	opt   Options
	rc    io.ReadCloser
	blob  *pump // compressed bytes; nil for a plain tar
	tar   *pump // uncompressed bytes
	zstd  *zstd.Decoder
	tr    *tar.Reader
	file  sekisho.File
	ended bool
}

// Bytes returns how many uncompressed bytes were read so far.
func (s *stream) Bytes() int64 { return s.tar.total }

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.tr.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = s.opt.explain(err)
	}
	return n, err
}

func (s *stream) Next() (*sekisho.File, error) {
	for {
		if s.ended {
			return nil, io.EOF
		}
		h, err := s.tr.Next()
		if errors.Is(err, io.EOF) {
			s.ended = true
			if err := s.verify(); err != nil {
				return nil, err
			}
			return nil, io.EOF
		}
		if err != nil {
			return nil, s.opt.explain(err)
		}
		if len(h.Name) > s.opt.Bounds.PathBytes || len(h.Linkname) > s.opt.Bounds.PathBytes {
			return nil, &sekisho.ProblemError{Problem: sekisho.Problem{
				Stage: sekisho.StageWalk, Path: h.Name[:min(len(h.Name), 100)] + "...", Layer: s.opt.name(), Bound: "path-bytes",
			}.Saying(message.FaultPathBytes.Words(max(len(h.Name), len(h.Linkname)), s.opt.Bounds.PathBytes))}
		}
		if s.fill(h) {
			return &s.file, nil
		}
	}
}

// fill makes the File of a header, and says whether it is one.
func (s *stream) fill(h *tar.Header) bool {
	f := &s.file
	*f = sekisho.File{
		Path: Clean(h.Name), Mode: h.FileInfo().Mode() &^ modeType, Size: h.Size,
		UID: h.Uid, GID: h.Gid, ModTime: h.ModTime,
	}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont, '\x00':
		f.Type = sekisho.TypeRegular
		if strings.HasSuffix(h.Name, "/") { // the oldest tars mark a directory so
			f.Type = sekisho.TypeDir
		}
	case tar.TypeDir:
		f.Type = sekisho.TypeDir
	case tar.TypeSymlink:
		f.Type, f.Link = sekisho.TypeSymlink, h.Linkname
	case tar.TypeLink:
		f.Type, f.Link = sekisho.TypeHardlink, Clean(h.Linkname)
	case tar.TypeChar, tar.TypeBlock:
		f.Type = sekisho.TypeDevice
	case tar.TypeFifo:
		f.Type = sekisho.TypeFIFO
	default:
		return false // global PAX headers and the like
	}
	if f.Type != sekisho.TypeRegular {
		f.Size = 0
	}
	dir, name := path.Split(f.Path)
	if f.Type == sekisho.TypeDir || !strings.HasPrefix(name, whiteout) {
		return true
	}
	f.Size = 0
	if name == opaque {
		f.Type, f.Path = sekisho.TypeOpaque, Clean(dir)
		return true
	}
	if strings.HasPrefix(name, whiteout+whiteout) {
		return false // AUFS's own records
	}
	f.Type, f.Path = sekisho.TypeWhiteout, dir+name[len(whiteout):]
	return true
}

// verify reads to the end of the blob and compares the digests.
func (s *stream) verify() error {
	if _, err := io.Copy(io.Discard, s.tar); err != nil {
		return s.opt.explain(err)
	}
	if s.blob != nil {
		// A decoder may stop before trailing bytes of the blob.
		if _, err := io.Copy(io.Discard, s.blob); err != nil {
			return s.opt.explain(err)
		}
		if err := s.blob.verify("layer"); err != nil {
			return err
		}
	}
	return s.tar.verify("uncompressed layer")
}

func (s *stream) Close() error {
	// Closing the blob first wakes whoever waits for it.
	err := s.rc.Close()
	if s.blob != nil {
		s.blob.stop()
	}
	if s.tar != nil {
		s.tar.stop()
		s.tar.wait()
	}
	if s.blob != nil {
		s.blob.wait()
	}
	if s.zstd != nil {
		s.zstd.Close()
	}
	return err
}

// ratioReader stops a stream that grows too much.
type ratioReader struct {
	r     io.Reader
	in    *pump
	out   int64
	ratio int64
}

func (r *ratioReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.out += int64(n)
	if r.out > 16<<20 && r.out/r.ratio > r.in.taken.Load() {
		return 0, &sekisho.ProblemError{Problem: sekisho.Problem{
			Stage: sekisho.StageWalk, Bound: "ratio",
		}.Saying(message.FaultRatio.Words(r.ratio))}
	}
	return n, err
}
