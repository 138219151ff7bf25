// SPDX-License-Identifier: Apache-2.0

package clamav

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxNamed is how many paths a problem names.
const maxNamed = 5

// layerSniff are the files of one layer that clamd looks at.
type layerSniff struct {
	e *Engine
	// session and canceled hold the context of the walk.
	session  func() (*conn, error)
	canceled func() bool

	mu     sync.Mutex
	large  missed // beyond the bound or StreamMaxLength
	part   missed // clamd's own limits were reached within
	failed missed
	cause  error // of the first failed file by path
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

// Begin looks at a layer.
func (e *Engine) Begin(ctx context.Context) sekisho.LayerSniff {
	return &layerSniff{
		e:        e,
		session:  func() (*conn, error) { return e.take(ctx) },
		canceled: func() bool { return ctx.Err() != nil },
	}
}

// Sniff gives every regular file to clamd: what is hostile hides under any name
// and behind any beginning.
func (l *layerSniff) Sniff(f *sekisho.File) sekisho.SniffWriter {
	if f.Size > l.e.opt.MaxBytes {
		l.mu.Lock()
		l.large.add(f.Path)
		l.mu.Unlock()
		return nil
	}
	return &writer{l: l, path: f.Path}
}

// writer gives one file.
type writer struct {
	l     *layerSniff
	path  string
	c     *conn
	hash  hash.Hash
	sent  bool // something of it is with clamd
	whole bool // its verdict came
	name  string
	err   error
}

// Write sends a part. clamd's verdict follows the last.
func (w *writer) Write(part []byte, last bool) bool {
	if w.hash == nil {
		w.hash = sha256.New()
	}
	w.hash.Write(part)
	// A file that comes at once can be sent again: clamd may have closed the
	// session in the meantime, or have been restarted.
	once := last && !w.sent
	for again := once; ; again = false {
		stale := w.send(part, last)
		if w.err == nil || !again || !stale {
			break
		}
		w.err = nil
	}
	return w.err == nil && !last
}

// send returns true when it failed for the session's sake.
func (w *writer) send(part []byte, last bool) (stale bool) {
	if w.c == nil {
		c, err := w.l.session()
		if err != nil {
			w.fail(err)
			return false
		}
		w.c = c
		if err := c.begin(); err != nil {
			w.fail(err)
			return true
		}
	}
	w.sent = true
	err := w.c.chunk(part)
	if err == nil && last && len(part) > 0 {
		err = w.c.chunk(nil)
	}
	if err == nil && !last {
		return false
	}
	// After an error of writing there may be an answer: the stream was too long.
	name, rerr := "", err
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		name, rerr = w.c.result()
	}
	switch {
	case rerr == nil && err == nil:
		w.name, w.whole = name, true
		w.l.e.lost.Store(0)
		w.l.e.give(w.c)
		w.c = nil
		return false
	case errors.Is(rerr, errTooLarge), isRefusal(rerr):
		w.l.e.lost.Store(0) // it lives
		err = rerr
	default:
		err = cmp.Or(err, rerr)
	}
	w.fail(err)
	return !isAnswer(err)
}

func isRefusal(err error) bool {
	_, ok := errors.AsType[refusal](err)
	return ok
}

// isAnswer says whether an error is clamd's own word.
func isAnswer(err error) bool { return errors.Is(err, errTooLarge) || isRefusal(err) }

// fail ends the session: clamd closes it after an error.
func (w *writer) fail(err error) {
	w.err = err
	if w.c != nil {
		w.l.e.discard(w.c)
		w.c = nil
	}
}

// Facts tells what clamd found in the file.
func (w *writer) Facts() (inv sekisho.Inventory) {
	l := w.l
	if w.c != nil { // the content ended early: there is no verdict
		l.e.discard(w.c)
		w.c = nil
		return inv
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case errors.Is(w.err, errTooLarge):
		l.large.add(w.path)
	case w.err != nil:
		if l.canceled() {
			return inv
		}
		if !isAnswer(w.err) && !errors.Is(w.err, errDown) {
			l.e.lost.Add(1)
		}
		// Which file failed first is a matter of chance; why clamd was lost is not.
		if l.cause == nil || errors.Is(l.cause, errDown) {
			l.cause = w.err
		}
		l.failed.add(w.path)
	case strings.HasPrefix(w.name, "Heuristics.Limits.Exceeded"):
		l.part.add(w.path)
	case w.name != "":
		inv.Malware = []sekisho.MalwareFact{{
			Detector: Detector, SHA256: hex.EncodeToString(w.hash.Sum(nil)), Name: w.name, Level: "signature",
			Severity: severity(w.name), Engine: l.e.version.String(), Date: l.e.version.Date, Location: sekisho.Location{Path: w.path},
		}}
	}
	return inv
}

// severity by the first words of a name, see
// https://docs.clamav.net/manual/Signatures/SignatureNames.html. The zero value
// is that of the rule.
func severity(name string) sekisho.Severity {
	switch {
	case strings.HasPrefix(name, "PUA."), strings.HasPrefix(name, "Heuristics.Encrypted."), strings.HasPrefix(name, "Heuristics.Broken."):
		return sekisho.SeverityMedium // unwanted by some, or not to be looked into
	case strings.HasPrefix(name, "Heuristics."):
		return sekisho.SeverityHigh
	}
	return sekisho.SeverityUnknown
}

// End names what was not examined.
func (l *layerSniff) End() (inv sekisho.Inventory) {
	l.mu.Lock()
	defer l.mu.Unlock()
	say := func(p sekisho.Problem) {
		p.Stage = sekisho.StageExtract
		inv.Problems = append(inv.Problems, p)
	}
	if l.large.n > 0 {
		say(sekisho.Problem{Bound: "clamd-max-bytes", Minor: true}.Saying(message.Say("%d files are larger than %d bytes or than clamd's StreamMaxLength and were not examined by ClamAV: %s; where clamd's StreamMaxLength and MaxFileSize allow more, raise --clamd-max-bytes", l.large.n, l.e.opt.MaxBytes, &l.large)))
	}
	if l.part.n > 0 {
		say(sekisho.Problem{Bound: "clamd-limits", Minor: true}.Saying(message.Say("%d files reached a limit of clamd and were examined by ClamAV in part: %s; MaxScanSize, MaxFileSize and MaxScanTime in clamd.conf set it", l.part.n, &l.part)))
	}
	if l.failed.n > 0 {
		say(sekisho.Problem{Passing: true}.Saying(message.Say("%d files were not examined by ClamAV (%s): clamd at %s did not give an answer: %v; look at clamd's log, and scan again", l.failed.n, &l.failed, l.e.opt.Address, reason(l.cause))))
	}
	return inv
}
