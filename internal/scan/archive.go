// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/sekisho/sekisho/internal/layer"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The formats of archives that are opened for sniffers.
type archiveFormat uint8

const (
	noArchive archiveFormat = iota
	zipArchive
	tarArchive
	gzipArchive
	zstdArchive
	xzArchive
	bzip2Archive
)

// archiveOf tells a format by how a file begins.
func archiveOf(head []byte) archiveFormat {
	switch {
	case len(head) < 4:
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return zipArchive
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b, 8}):
		return gzipArchive
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstdArchive
	case bytes.HasPrefix(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		return xzArchive
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) > 10 && string(head[4:10]) == "1AY&SY":
		return bzip2Archive
	case len(head) >= 262 && string(head[257:262]) == "ustar" && bytes.IndexByte(head, 0) >= 0:
		return tarArchive
	}
	return noArchive
}

// Bounds of one archive, beside those of all: a hostile one costs no more.
const (
	maxArchiveEntries = 200_000
	maxDirectory      = 32 << 20 // of a zip's list of files
	maxNested         = 64 << 20 // of a zip within an archive: it needs random access
	maxArchiveDepth   = 6
	freeRatio         = 16 << 20 // so much may come of any archive
)

// opens says whether somebody looks into archives.
func (w *walker) opens() bool {
	for _, s := range w.smell {
		if _, ok := s.(sekisho.ArchiveSniffer); ok {
			return true
		}
	}
	return false
}

// unpacking is the walk through one archive of the layer and those within it.
type unpacking struct {
	lw        *layerWalk
	ctx       context.Context
	outer     sekisho.File
	limit     int64 // bytes that may come out
	bytes     int64
	entries   int
	encrypted int
	over      error // a bound that ended it
}

var errFull = message.New("a bound of archives is crossed")

// unpack looks through the files within an archive. What cannot be read of it is
// a minor problem: the archive itself was looked at as every file is.
func (lw *layerWalk) unpack(ctx context.Context, f *sekisho.File, format archiveFormat, content sekisho.Content) {
	size := content.Size()
	u := &unpacking{lw: lw, ctx: ctx, outer: *f, limit: min(lw.opt.Bounds.FileBytes, max(freeRatio, size*lw.opt.Bounds.Ratio))}
	err := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = message.Errorf("its reader stumbled: %v", r)
			}
		}()
		if format == zipArchive {
			return u.zip(content, size, f.Path, 1)
		}
		return u.stream(io.NewSectionReader(content, 0, size), format, f.Path, 1)
	}()
	if ctx.Err() != nil {
		return
	}
	say := func(bound string, why sekisho.Told) {
		lw.problem(sekisho.Problem{Stage: sekisho.StageWalk, Path: f.Path, Bound: bound, Minor: true}.Saying(why.Code, why.Args, why.Text))
	}
	switch {
	case u.over != nil:
		if pe, ok := errors.AsType[*sekisho.ProblemError](u.over); ok {
			say(pe.Problem.Bound, sekisho.Told{Code: pe.Problem.Code, Args: pe.Problem.Args, Text: pe.Problem.Error})
		}
	case err != nil:
		say("", sekisho.Tell(message.FaultArchive.Words(err)))
	}
	if u.encrypted > 0 {
		say("", sekisho.Tell(message.FaultEncrypted.Words(u.encrypted)))
	}
}

// full ends the walk with the bound that was crossed.
func (u *unpacking) full(bound string, why error) error {
	if u.over == nil {
		u.over = &sekisho.ProblemError{Problem: sekisho.Problem{Bound: bound}.Saying(message.Words(why))}
	}
	return errFull
}

// count is asked before each file.
func (u *unpacking) count() error {
	if err := u.ctx.Err(); err != nil {
		return err
	}
	if u.entries++; u.entries > maxArchiveEntries {
		return u.full("entries", message.Errorf("the archive holds more than %d files: the rest was not looked through for secrets", maxArchiveEntries))
	}
	if u.lw.entries.Add(1) > u.lw.opt.Bounds.Entries {
		return u.full("entries", message.Errorf("the layers and the archives in them hold more than %d entries: the rest was not looked through for secrets, raise --max-entries to read it", u.lw.opt.Bounds.Entries))
	}
	return nil
}

// took counts bytes that came out.
func (u *unpacking) took(n int) error {
	if u.bytes += int64(n); u.bytes > u.limit {
		return u.full("ratio", message.Errorf("more than %d bytes come out of the archive: the rest was not looked through for secrets, raise --max-file-bytes or --max-ratio if you trust it", u.limit))
	}
	if u.lw.bytes.Add(int64(n)) > u.lw.opt.Bounds.TotalBytes {
		return u.full("total-bytes", message.Errorf("the layers and the archives in them hold more than %d bytes: the rest was not looked through for secrets, raise --max-total-bytes to read it", u.lw.opt.Bounds.TotalBytes))
	}
	return nil
}

// counted is a stream whose bytes count.
type counted struct {
	u *unpacking
	r io.Reader
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if over := c.u.took(n); over != nil {
		return n, over
	}
	return n, err
}

// zip looks through the files of a zip.
func (u *unpacking) zip(content io.ReaderAt, size int64, at string, depth int) error {
	if err := smallDirectory(content, size); err != nil {
		return err
	}
	z, err := zip.NewReader(content, size)
	if err != nil && z == nil {
		return err
	}
	z.RegisterDecompressor(zip.Deflate, inflate)
	var bad error
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || strings.HasSuffix(f.Name, ".class") {
			continue // a compiled class is no text
		}
		if err := u.count(); err != nil {
			return err
		}
		if f.Flags&1 != 0 {
			u.encrypted++
			continue
		}
		err := func() error {
			r, err := f.Open()
			if err != nil {
				return err
			}
			defer r.Close()
			return u.entry(&counted{u, r}, at+"!/"+layer.Clean(f.Name), depth)
		}()
		if errors.Is(err, errFull) || u.ctx.Err() != nil {
			return err
		}
		if err != nil {
			bad = message.Errorf("%s: %w", layer.Clean(f.Name), err)
		}
	}
	return bad
}

var inflaters = sync.Pool{New: func() any { return flate.NewReader(nil) }}

// inflate is twice as fast as the standard library's.
func inflate(r io.Reader) io.ReadCloser {
	z, _ := inflaters.Get().(io.ReadCloser)
	if reset, ok := z.(flate.Resetter); !ok || reset.Reset(r, nil) != nil {
		return flate.NewReader(r)
	}
	return &pooled{z}
}

// pooled gives a decoder back when it is closed.
type pooled struct{ z io.ReadCloser }

func (p *pooled) Read(b []byte) (int, error) {
	if p.z == nil {
		return 0, io.ErrClosedPipe
	}
	return p.z.Read(b)
}

func (p *pooled) Close() error {
	if p.z == nil {
		return nil
	}
	err := p.z.Close()
	inflaters.Put(p.z)
	p.z = nil
	return err
}

// smallDirectory refuses a zip whose list of files would fill the memory.
func smallDirectory(content io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 64<<10+22))
	if _, err := content.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	i := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if i < 0 || len(tail)-i < 22 {
		return zip.ErrFormat
	}
	n := int64(binary.LittleEndian.Uint32(tail[i+12:]))
	if n == 0xffffffff { // the true size is in a record of its own, and cannot be more than the file
		n = size
	}
	if n > maxDirectory {
		return message.Errorf("its list of files has %d bytes, more than %d", n, maxDirectory)
	}
	return nil
}

// stream looks through a tar, or a stream that is compressed.
func (u *unpacking) stream(r io.Reader, format archiveFormat, at string, depth int) error {
	switch format {
	case gzipArchive:
		z, _ := gzips.Get().(*gzip.Reader)
		defer gzips.Put(z)
		if err := z.Reset(bufio.NewReaderSize(r, 32<<10)); err != nil {
			return err
		}
		r = z
	case zstdArchive:
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return err
		}
		defer z.Close()
		r = z
	case xzArchive:
		z, err := xz.NewReader(bufio.NewReader(r))
		if err != nil {
			return err
		}
		r = z
	case bzip2Archive:
		r = bzip2.NewReader(bufio.NewReader(r))
	case tarArchive:
		return u.tar(r, at, depth)
	case noArchive, zipArchive:
		return nil
	}
	if err := u.count(); err != nil {
		return err
	}
	// What is compressed alone has no name of its own: that of the file without
	// its ending.
	name := path.Base(at)
	if ext := path.Ext(name); ext != "" && len(ext) < len(name) {
		if name = strings.TrimSuffix(name, ext); ext == ".tgz" || ext == ".tzst" || ext == ".txz" || ext == ".tbz2" {
			name += ".tar"
		}
	}
	in := bufio.NewReaderSize(&counted{u, r}, sniffChunk)
	if head, _ := in.Peek(sekisho.HeadSize); archiveOf(head) == tarArchive {
		return u.tar(in, at, depth)
	}
	return u.entry(in, at+"!/"+name, depth)
}

var gzips = sync.Pool{New: func() any { return new(gzip.Reader) }}

func (u *unpacking) tar(r io.Reader, at string, depth int) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := u.count(); err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || len(h.Name) > u.lw.opt.Bounds.PathBytes {
			continue
		}
		if err := u.entry(t, at+"!/"+layer.Clean(h.Name), depth); err != nil {
			return err
		}
	}
}

// entry looks through one file of an archive, an archive itself perhaps.
func (u *unpacking) entry(r io.Reader, at string, depth int) error {
	lw := u.lw
	buf, _ := sniffBuffers.Get().(*[sniffChunk]byte)
	defer sniffBuffers.Put(buf)
	n, err := io.ReadFull(r, buf[:sekisho.HeadSize])
	last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !last {
		return err
	}
	head := buf[:n]
	if format := archiveOf(head); format != noArchive {
		return u.nested(io.MultiReader(bytes.NewReader(bytes.Clone(head)), r), format, at, depth+1)
	}
	file := sekisho.File{Path: at, Mode: u.outer.Mode, Size: int64(n), Head: head, Object: u.outer.Object}
	if !last {
		file.Size = 1 << 20 // it is not known
	}
	if lw.exclude.has(at) {
		return nil
	}
	s := lw.within(&file)
	if s == nil {
		return nil
	}
	defer lw.end(s)
	for {
		if !last {
			m, err := io.ReadFull(r, buf[n:])
			n += m
			last = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
			if err != nil && !last {
				lw.write(s, buf[:n], true)
				return err
			}
		}
		if !lw.write(s, buf[:n], last) || last {
			return nil
		}
		n = 0
	}
}

// nested goes into an archive within an archive.
func (u *unpacking) nested(r io.Reader, format archiveFormat, at string, depth int) error {
	if depth > min(maxArchiveDepth, u.lw.opt.Bounds.Nesting) {
		return u.full("nesting", message.Errorf("archives within the archive are nested more than %d deep: those below were not looked through for secrets", min(maxArchiveDepth, u.lw.opt.Bounds.Nesting)))
	}
	if format != zipArchive {
		return u.stream(r, format, at, depth)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxNested+1))
	if err != nil {
		return err
	}
	if len(b) > maxNested {
		u.lw.problem(sekisho.Problem{Stage: sekisho.StageWalk, Path: at, Bound: "file-bytes", Minor: true}.Saying(message.FaultArchiveNested.Words(maxNested)))
		return nil
	}
	return u.zip(bytes.NewReader(b), int64(len(b)), at, depth)
}

// within asks those who look into archives.
func (lw *layerWalk) within(file *sekisho.File) *sniff {
	var s *sniff
	for i, e := range lw.asked {
		if _, ok := lw.smell[i].(sekisho.ArchiveSniffer); !ok || lw.sniffed[i].Load() >= maxSniffed {
			continue
		}
		w := e.Sniff(file)
		if w == nil {
			continue
		}
		if s == nil {
			s = &sniff{file: *file}
			s.file.Head, s.file.Open = nil, nil
		}
		s.writers, s.who = append(s.writers, w), append(s.who, i)
	}
	return s
}

// headOf reads how a content begins.
func headOf(c sekisho.Content) []byte {
	if b, ok := c.(interface{ Bytes() []byte }); ok {
		return b.Bytes()[:min(len(b.Bytes()), sekisho.HeadSize)]
	}
	head := make([]byte, min(c.Size(), sekisho.HeadSize))
	n, err := c.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
		return nil
	}
	return head[:n]
}
