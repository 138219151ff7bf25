// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// sniffChunk is read at a time; files up to sniffSmall are read at once and
// looked through in a worker, larger ones of an archive as they stream by.
const (
	sniffChunk = 128 << 10
	sniffSmall = 1 << 20
)

var sniffBuffers = sync.Pool{New: func() any { return new([sniffChunk]byte) }}

// maxSniffed is how many facts one sniffer tells of a layer: with more, the
// layer is made of them.
const maxSniffed = 5_000

// sniff is a file and those who look at its content as it passes.
type sniff struct {
	file    sekisho.File
	writers []sekisho.SniffWriter
	who     []int         // their indexes in walker.smell
	archive archiveFormat // when its files are looked through as well
}

// smeller is a Sniffer, or what one began for the layer.
type smeller interface {
	Sniff(f *sekisho.File) sekisho.SniffWriter
}

// begin opens the layer for those who see its files together.
func (lw *layerWalk) begin(ctx context.Context) []sekisho.LayerSniff {
	sessions := make([]sekisho.LayerSniff, len(lw.smell))
	lw.asked = make([]smeller, len(lw.smell))
	for i, e := range lw.smell {
		lw.asked[i] = e
		if b, ok := e.(sekisho.LayerSniffer); ok {
			sessions[i] = b.Begin(ctx)
			lw.asked[i] = sessions[i]
		}
	}
	return sessions
}

// settle takes what they tell at the end.
func (lw *layerWalk) settle(sessions []sekisho.LayerSniff) {
	for i, s := range sessions {
		if s == nil {
			continue
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					lw.problem(sekisho.Problem{Stage: sekisho.StageExtract}.Saying(message.FaultSnifferLayer.Words(lw.smell[i].Name(), r, where(debug.Stack()))))
				}
			}()
			lw.told(nil, i, s.End())
		}()
	}
}

// sniffers asks who looks at the content of a file; nil for nobody.
func (lw *layerWalk) sniffers(file *sekisho.File) *sniff {
	if len(lw.smell) == 0 || file.Size == 0 {
		return nil
	}
	var s *sniff
	if format := archiveOf(file.Head); format != noArchive && lw.archives {
		s = &sniff{file: *file, archive: format}
		s.file.Head, s.file.Open = nil, nil
	}
	for i, e := range lw.asked {
		if lw.sniffed[i].Load() >= maxSniffed {
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

// write gives a part to all; false when nobody wants more.
func (lw *layerWalk) write(s *sniff, part []byte, last bool) (more bool) {
	for i, w := range s.writers {
		if w == nil {
			continue
		}
		func() {
			defer func() {
				if r := recover(); r != nil {
					s.writers[i] = nil
					lw.problem(sekisho.Problem{Stage: sekisho.StageExtract, Path: s.file.Path}.Saying(message.FaultSniffer.Words(lw.smell[s.who[i]].Name(), r, where(debug.Stack()))))
				}
			}()
			if w.Write(part, last) {
				more = true
				return
			}
			lw.told(s, s.who[i], w.Facts())
			s.writers[i] = nil
		}()
	}
	return more
}

// told keeps what one found out.
func (lw *layerWalk) told(s *sniff, who int, inv sekisho.Inventory) {
	if lw.past != nil && s != nil {
		inv.Secrets = lw.past.add(&s.file, inv.Secrets)
	}
	if n := len(inv.Secrets) + len(inv.Malware); n > 0 && s != nil { // what is told at the end is all
		if after := lw.sniffed[who].Add(int64(n)); after >= maxSniffed && after-int64(n) < maxSniffed {
			bound, text := "secrets", message.FaultSecrets
			if len(inv.Malware) > 0 {
				bound, text = "malware", message.FaultMalware
			}
			lw.problem(sekisho.Problem{Stage: sekisho.StageExtract, Bound: bound}.Saying(text.Words(maxSniffed)))
		}
	}
	for i := range inv.Problems {
		if inv.Problems[i].Path == "" && s != nil {
			inv.Problems[i].Path = s.file.Path
		}
		if inv.Problems[i].Layer == "" {
			inv.Problems[i].Layer = layerName(lw.layer)
		}
	}
	if len(inv.Secrets)+len(inv.Malware)+len(inv.Hashes)+len(inv.Problems) == 0 {
		return
	}
	lw.mu.Lock()
	lw.facts.Inventory.Merge(inv)
	lw.mu.Unlock()
}

// end closes those that were not given all.
func (lw *layerWalk) end(s *sniff) {
	for i, w := range s.writers {
		if w != nil {
			lw.told(s, s.who[i], w.Facts())
			s.writers[i] = nil
		}
	}
}

// passing looks at a file of an archive that nobody wants to be kept.
func (lw *layerWalk) passing(ctx context.Context, s *sniff, head []byte, r io.Reader) error {
	if s.file.Size <= sniffSmall || s.archive != noArchive && s.file.Size <= lw.opt.Bounds.FileBytes {
		content, err := lw.retain.take(s.file.Size, head, r)
		if err != nil {
			return err
		}
		if err := lw.slot(ctx); err != nil {
			content.Close()
			return err
		}
		lw.jobs.Go(func() {
			defer func() { <-lw.slots }()
			defer content.Close()
			lw.through(ctx, s, content)
		})
		return nil
	}
	defer lw.end(s)
	buf, _ := sniffBuffers.Get().(*[sniffChunk]byte)
	defer sniffBuffers.Put(buf)
	var done int64
	n := copy(buf[:], head)
	for {
		m, err := io.ReadFull(r, buf[n:])
		n += m
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		done += int64(n)
		last = last || done >= s.file.Size
		if !lw.write(s, buf[:n], last) || last {
			return nil
		}
		if done >= lw.opt.Bounds.FileBytes {
			lw.beyond(s, s.file.Size)
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		n = 0
	}
}

// beyond names a text that is larger than the bound on files.
func (lw *layerWalk) beyond(s *sniff, size int64) {
	lw.problem(sekisho.Problem{
		Stage: sekisho.StageWalk, Path: s.file.Path, Bound: "file-bytes", Minor: true,
	}.Saying(message.FaultBehind.Words(size, lw.opt.Bounds.FileBytes)))
}

// through looks at a file whose content can be read at will.
func (lw *layerWalk) through(ctx context.Context, s *sniff, content sekisho.Content) {
	if lw.archives && content.Size() <= lw.opt.Bounds.FileBytes {
		if format := archiveOf(headOf(content)); format != noArchive {
			defer lw.unpack(ctx, &s.file, format, content)
		}
	}
	defer lw.end(s)
	if b, ok := content.(interface{ Bytes() []byte }); ok {
		if len(s.writers) > 0 {
			lw.write(s, b.Bytes(), true)
		}
		return
	}
	if len(s.writers) == 0 {
		return
	}
	buf, _ := sniffBuffers.Get().(*[sniffChunk]byte)
	defer sniffBuffers.Put(buf)
	size := content.Size()
	for off := int64(0); off < size && ctx.Err() == nil; {
		n, err := content.ReadAt(buf[:min(int64(len(buf)), size-off)], off)
		off += int64(n)
		if err != nil && !errors.Is(err, io.EOF) {
			lw.unread(s.file.Path)
			return
		}
		last := err != nil || off >= size
		if !lw.write(s, buf[:n], last) || last {
			return
		}
		if off >= lw.opt.Bounds.FileBytes {
			lw.beyond(s, size)
			return
		}
	}
}

// unread counts a file that nobody but the sniffers wanted and that cannot be read.
func (lw *layerWalk) unread(p string) {
	lw.mu.Lock()
	defer lw.mu.Unlock()
	lw.unreadable++
	if lw.unreadable == 1 || p < lw.unreadFirst {
		lw.unreadFirst = p
	}
}

// tellUnread makes one problem of all files that could not be looked through.
func (lw *layerWalk) tellUnread() {
	if lw.unreadable > 0 {
		lw.problem(sekisho.Problem{
			Stage: sekisho.StageWalk, Path: lw.unreadFirst, Minor: true,
		}.Saying(message.FaultUnread.Words(lw.unreadable)))
	}
}
