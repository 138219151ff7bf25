// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/scan"
)

// progress is one line on a terminal, redrawn ten times a second at most and
// gone at the end. Without a terminal it is silent.
type progress struct {
	w    io.Writer
	now  func() time.Time
	lang message.Lang

	mu     sync.Mutex
	drawn  time.Time
	shown  bool
	closed bool
	bytes  map[string]int64
}

// isTerminal says whether w is one, and how wide.
func isTerminal(w io.Writer) (width int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}

func (a *App) newProgress(quiet bool) *progress {
	p := &progress{now: a.Now, lang: a.lang, bytes: map[string]int64{}}
	if _, ok := isTerminal(a.Stderr); ok && !quiet && a.env("TERM") != "dumb" {
		p.w = a.Stderr
	}
	return p
}

// pull is told of bytes that come from a registry, a daemon or a compressed file.
func (p *progress) pull(stage string, done, total int64) {
	if p.w == nil {
		return
	}
	text := stage
	switch stage {
	case "pull":
		text = p.lang.Of(message.ProgressPull)
	case "save":
		text = p.lang.Of(message.ProgressSave)
	case "decompress":
		text = p.lang.Of(message.ProgressDecompress)
	}
	p.draw(text, done, total)
}

// walk is told how far the layers are.
func (p *progress) walk(e scan.Event) {
	if p.w == nil {
		return
	}
	p.mu.Lock()
	p.bytes[e.Layer] = max(p.bytes[e.Layer], e.Bytes)
	var sum int64
	for _, n := range p.bytes {
		sum += n
	}
	p.mu.Unlock()
	if e.Stage == "check" {
		p.draw(p.lang.Of(message.ProgressMatch), sum, -1)
		return
	}
	p.draw(p.lang.Of(message.ProgressWalk), sum, -1)
}

func (p *progress) draw(text string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.closed || now.Sub(p.drawn) < 100*time.Millisecond {
		return
	}
	width, ok := isTerminal(p.w)
	if !ok {
		return
	}
	p.drawn, p.shown = now, true
	line := fmt.Sprintf("%s %s", text, byteSize(done&^(1<<16-1)))
	if total > 0 {
		const cells = 24
		full := int(min(done, total) * cells / total)
		line = fmt.Sprintf("%s [%s%s] %3d%%", text, strings.Repeat("=", full), strings.Repeat(" ", cells-full), min(done, total)*100/total)
	}
	fmt.Fprintf(p.w, "\r\x1b[K%s", cut(line, width-1))
}

// cut shortens a line to so many columns, of which a Japanese letter takes two.
func cut(line string, columns int) string {
	for i, r := range line {
		if columns--; r >= 0x1100 {
			columns--
		}
		if columns < 0 {
			return line[:i]
		}
	}
	return line
}

// close erases the line.
func (p *progress) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.shown, p.closed = false, true
}
