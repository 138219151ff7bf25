// SPDX-License-Identifier: Apache-2.0

package yara

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// The bounds of a batch: so much lies on the disk for each process.
const (
	batchFiles = 400
	batchBytes = 32 << 20
)

// maxNamed is how many paths a problem names.
const maxNamed = 5

// handed is a file that lies in the directory for yara.
type handed struct {
	name string // in the directory
	path string // in the layer
	sum  string
	size int64
}

// missed are files that were not examined.
type missed struct {
	n     int
	paths []string // the first by name
}

func (m *missed) add(p string) {
	m.n++
	i, _ := slices.BinarySearch(m.paths, p)
	if i < maxNamed {
		m.paths = slices.Insert(m.paths, i, p)
		m.paths = m.paths[:min(len(m.paths), maxNamed)]
	}
}

func (m *missed) String() string {
	s := strings.Join(m.paths, ", ")
	if m.n > len(m.paths) {
		s += fmt.Sprintf(" and %d more", m.n-len(m.paths))
	}
	return s
}

// layerSniff are the files of one layer that yara looks at.
type layerSniff struct {
	e   *Engine
	dir string
	run func(*layerSniff, []handed) // with the context of the walk

	mu     sync.Mutex
	next   int
	batch  []handed
	bytes  int64
	facts  []sekisho.MalwareFact
	untold int
	large  missed
	slow   missed
	failed missed
	cause  error
}

// Begin makes the layer's own directory.
func (e *Engine) Begin(ctx context.Context) sekisho.LayerSniff {
	l := &layerSniff{e: e, run: func(l *layerSniff, files []handed) { l.examine(ctx, files) }}
	dir, err := os.MkdirTemp(e.dir, "layer-")
	if err != nil {
		l.cause = message.Errorf("make a directory for yara: %w", reason(err))
	}
	l.dir = dir
	return l
}

// Sniff hands every regular file over: what is hostile hides under any name.
func (l *layerSniff) Sniff(f *sekisho.File) sekisho.SniffWriter {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case f.Size > l.e.opt.MaxBytes:
		l.large.add(f.Path)
		return nil
	case l.dir == "":
		l.failed.add(f.Path)
		return nil
	}
	l.next++
	return &writer{l: l, file: handed{name: "f" + strconv.Itoa(l.next), path: f.Path}}
}

// writer writes one file into the directory.
type writer struct {
	l     *layerSniff
	file  handed
	out   *os.File
	hash  hash.Hash
	whole bool
	err   error
}

func (w *writer) Write(part []byte, last bool) bool {
	if w.out == nil && w.err == nil {
		w.hash = sha256.New()
		w.out, w.err = os.OpenFile(filepath.Join(w.l.dir, w.file.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	}
	if w.err != nil {
		return false
	}
	w.hash.Write(part)
	w.file.size += int64(len(part))
	_, w.err = w.out.Write(part)
	w.whole = last && w.err == nil
	return w.err == nil && !last
}

// Facts adds the file to the batch, and has a full one examined.
func (w *writer) Facts() sekisho.Inventory {
	if w.out != nil {
		if err := w.out.Close(); err != nil && w.err == nil {
			w.err = err
		}
	}
	l := w.l
	if w.err != nil || !w.whole {
		if w.out != nil {
			os.Remove(filepath.Join(l.dir, w.file.name))
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if w.err != nil {
			l.fail(w.file.path, message.Errorf("write the file for yara: %w", reason(w.err)))
		}
		return sekisho.Inventory{}
	}
	w.file.sum = hex.EncodeToString(w.hash.Sum(nil))
	l.mu.Lock()
	l.batch = append(l.batch, w.file)
	l.bytes += w.file.size
	var full []handed
	if len(l.batch) >= batchFiles || l.bytes >= batchBytes {
		full = l.take()
	}
	l.mu.Unlock()
	if full != nil {
		l.run(l, full)
	}
	return sekisho.Inventory{}
}

func (l *layerSniff) take() []handed {
	b := l.batch
	l.batch, l.bytes = nil, 0
	return b
}

func (l *layerSniff) fail(path string, cause error) {
	l.failed.add(path)
	if l.cause == nil {
		l.cause = cause
	}
}

// End examines the rest and tells everything.
func (l *layerSniff) End() (inv sekisho.Inventory) {
	l.mu.Lock()
	rest := l.take()
	l.mu.Unlock()
	if len(rest) > 0 {
		l.run(l, rest)
	}
	if l.dir != "" {
		_ = os.RemoveAll(l.dir) // Close removes what is left
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	inv.Malware = l.facts
	say := func(p sekisho.Problem) {
		p.Stage = sekisho.StageExtract
		inv.Problems = append(inv.Problems, p)
	}
	if l.untold > 0 {
		say(sekisho.Problem{Bound: "malware"}.Saying(message.Say("YARA's rules match more than %d times in the layer: %d more matches are not told, make the rules more exact", maxFacts, l.untold)))
	}
	if l.large.n > 0 {
		say(sekisho.Problem{Bound: "yara-max-bytes", Minor: true}.Saying(message.Say("%d files are larger than %d bytes and were not examined by YARA: %s; raise --yara-max-bytes to have them examined", l.large.n, l.e.opt.MaxBytes, &l.large)))
	}
	if l.slow.n > 0 {
		say(sekisho.Problem{Bound: "yara-timeout", Passing: true}.Saying(message.Say("%d files were not examined to the end by YARA within %s each: %s; raise --yara-timeout, or make the rules cheaper", l.slow.n, l.e.opt.Timeout, &l.slow)))
	}
	if l.failed.n > 0 {
		say(sekisho.Problem{Passing: true}.Saying(message.Say("%d files were not examined by YARA (%s): %v", l.failed.n, &l.failed, l.cause)))
	}
	return inv
}
