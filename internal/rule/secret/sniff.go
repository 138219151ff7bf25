// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sekisho/sekisho/internal/keyword"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// A detector sees this much before and after its keyword, whatever the length
// of the line: an RSA key of 16,384 bits has 12.5 kB.
const (
	lookBehind = 4 << 10
	lookAhead  = 16 << 10
	// window is how much is gathered before it is looked through.
	window = 64 << 10
	// maxWork is how many bytes the detectors may look at in a window; real text
	// needs a hundredth of it. It keeps hostile text from costing its square.
	maxWork = 64 * window
	// maxHits is how many places of a window are kept apart.
	maxHits = 4096
	// maxPerFile is how many secrets of a file are told apart.
	maxPerFile = 100
	// probe is how much of the beginning tells text from anything else.
	probe = 8 << 10
)

// The levels say how sure the form makes it.
const (
	told           = ""          // of a hit that is a fact already
	levelForm      = "form"      // prefix, length and alphabet
	levelContext   = "context"   // the words around it say what it is
	levelStructure = "structure" // it decodes into what it should be
	levelChecksum  = "checksum"  // its own checksum is right
)

// hit is a secret in the text: the place of its value.
type hit struct {
	detector   *detector
	start, end int
	level      string
	severity   sekisho.Severity // when it is not the detector's
	value      []byte           // what is hashed, when it is not the text itself
	note       string           // a word about the place: "test", "encrypted"
}

// sniffer goes through one file.
type sniffer struct {
	sc    *Scanner
	path  string
	files []*detector
	probe bool   // the beginning was looked at
	first []byte // of it, when it comes in small parts
	wide  wide
	buf   []byte // what is not yet behind the windows
	own   *[]byte
	done  int   // hits before it were handled
	line  int   // of buf[0]
	col   int   // bytes of buf[0]'s line that are gone
	hits  []hit // of the last windows, for overlaps: offsets in buf
	facts []sekisho.SecretFact
	seen  map[[32]byte]bool
	full  bool // there are more than are told apart
	dense bool // a window looked like secrets all over
	keep  bool // the places themselves are wanted, for those who redact
	spans []hit
}

var windows = sync.Pool{New: func() any { b := make([]byte, 0, window+lookAhead+lookBehind); return &b }}

// Sniff looks through every regular file that does not begin as a binary does.
func (sc *Scanner) Sniff(f *sekisho.File) sekisho.SniffWriter {
	if f.Size < 8 || len(f.Head) > 0 && noText(f.Head) {
		return nil
	}
	s := &sniffer{sc: sc, path: f.Path, line: 1}
	for _, d := range sc.files {
		if d.file(f.Path) {
			s.files = append(s.files, d)
		}
	}
	return s
}

// SniffsPast says that a secret of an old commit is one.
func (sc *Scanner) SniffsPast() {}

// SniffsArchives says that archives hide nothing.
func (sc *Scanner) SniffsArchives() {}

// noText says whether the beginning of a file is no text: it has a NUL, or more
// than one control character in 32. UTF-16 says so itself.
func noText(head []byte) bool {
	if byteOrder(head) != 0 {
		return false
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return true
	}
	n := 0
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != 0x1b {
			n++
		}
	}
	return n > len(head)/32
}

// Write takes the next part of the file.
func (s *sniffer) Write(part []byte, last bool) bool {
	if !s.probe {
		if len(s.first) > 0 || len(part) < probe && !last {
			s.first = append(s.first, part...)
			if part = s.first; len(part) < probe && !last {
				return true
			}
		}
		s.probe = true
		head := part[:min(len(part), probe)]
		if noText(head) {
			return false
		}
		s.wide.order = byteOrder(head)
	}
	if s.wide.order != 0 {
		part = s.wide.decode(part)
	}
	if last && s.own == nil {
		// All of it at once: no copy.
		s.buf = part
		s.process(len(s.buf))
		s.buf = nil
		return false
	}
	if s.own == nil {
		s.own, _ = windows.Get().(*[]byte)
		s.buf = (*s.own)[:0]
	}
	for len(part) > 0 && !s.full {
		n := min(len(part), window+lookAhead+lookBehind-len(s.buf))
		s.buf = append(s.buf, part[:n]...)
		part = part[n:]
		if len(s.buf) == window+lookAhead+lookBehind {
			s.process(len(s.buf) - lookAhead)
			s.shift(max(0, s.done-lookBehind))
		}
	}
	if last {
		s.process(len(s.buf))
	}
	return !last && !s.full
}

// shift drops the first n bytes of the buffer.
func (s *sniffer) shift(n int) {
	s.line += bytes.Count(s.buf[:n], []byte{'\n'})
	if i := bytes.LastIndexByte(s.buf[:n], '\n'); i >= 0 {
		s.col = n - i - 1
	} else {
		s.col += n
	}
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
	s.done -= n
	kept := s.hits[:0]
	for _, h := range s.hits {
		if h.end > n {
			h.start, h.end = h.start-n, h.end-n
			kept = append(kept, h)
		}
	}
	s.hits = kept
}

// process handles the hits whose keywords begin before limit, window by window.
func (s *sniffer) process(limit int) {
	for s.done < limit && !s.full {
		step := min(limit, s.done+window)
		lo := max(0, s.done-lookBehind)
		t := text{b: s.buf[lo:min(len(s.buf), step+lookAhead)], path: s.path}
		add := func(h hit) {
			h.start, h.end = h.start+lo, h.end+lo
			s.add(h)
		}
		s.sc.filter.Scan(t.b, s.done-lo, step-lo, func(k *keyword.Word[*detector], at int) {
			switch {
			case k.For.find == nil:
			case t.work > maxWork || len(s.hits) > maxHits:
				s.dense = true
			default:
				t.find(k.For, at, add)
			}
		})
		if len(s.files) > 0 {
			s.lines(&t, s.done-lo, step-lo, add)
		}
		s.done = step
		s.settle(step)
	}
}

// lines gives each line that begins between from and to to the detectors of the
// file's name.
func (s *sniffer) lines(t *text, from, to int, add func(hit)) {
	at := from
	if at > 0 && t.b[at-1] != '\n' {
		i := bytes.IndexByte(t.b[at:to], '\n')
		if i < 0 {
			return
		}
		at += i + 1
	}
	for at < to {
		end := len(t.b)
		if i := bytes.IndexByte(t.b[at:], '\n'); i >= 0 {
			end = at + i
		}
		if end-at <= lookAhead {
			for _, d := range s.files {
				t.line(d, at, end, add)
			}
		}
		at = end + 1
	}
}

// add keeps a hit, unless a surer one has the same place.
func (s *sniffer) add(h hit) {
	if h.start < 0 || h.end > len(s.buf) || h.start >= h.end {
		return
	}
	for i := range s.hits {
		o := &s.hits[i]
		if h.start < o.end && o.start < h.end {
			if o.level != told && h.detector.rank > o.detector.rank {
				*o = h
			}
			return
		}
	}
	s.hits = append(s.hits, h)
}

// settle makes facts of the hits that begin before limit: those that can overlap
// them are known. They are kept a while, so that none is told in part again.
func (s *sniffer) settle(limit int) {
	slices.SortFunc(s.hits, func(a, b hit) int { return cmp.Compare(a.start, b.start) })
	kept := s.hits[:0]
	for _, h := range s.hits {
		if h.start < limit && h.level != told {
			s.tell(&h)
			h.level = told
		}
		if h.level != told || h.end > limit-lookBehind {
			kept = append(kept, h)
		}
	}
	s.hits = kept
}

func (s *sniffer) tell(h *hit) {
	if s.keep {
		s.spans = append(s.spans, *h)
		return
	}
	value := h.value
	if value == nil {
		value = s.buf[h.start:h.end]
	}
	if isPublished(value) {
		return
	}
	// The first place of a file stands for the others. The hash of what people
	// choose is slow: the value is compared by a fast one, which goes nowhere.
	same := sha256.Sum256(append([]byte(h.detector.id), value...))
	if s.seen[same] {
		return
	}
	if s.seen == nil {
		s.seen = map[[32]byte]bool{}
	}
	s.seen[same] = true
	if len(s.facts) >= maxPerFile {
		s.full = true
		return
	}
	hash := s.sc.hash(h.detector, value)
	line, col := s.position(h.start)
	endLine, endCol := s.position(h.end)
	note := h.note
	if note == "" {
		note = doubt(h.detector, s.path)
	}
	s.sc.vault.put(h.detector.id, hash, value, sekisho.Location{Path: s.path, Line: line})
	s.facts = append(s.facts, sekisho.SecretFact{
		Detector: h.detector.id, Hash: hash, Excerpt: excerpt(h.detector, value), Level: h.level, Severity: h.severity, Note: note,
		Location: sekisho.Location{Path: s.path, Line: line, Column: col, EndLine: endLine, EndColumn: endCol},
	})
}

// position is the line and the column, 1 based, of an offset in the buffer.
func (s *sniffer) position(at int) (line, col int) {
	line = s.line + bytes.Count(s.buf[:at], []byte{'\n'})
	if i := bytes.LastIndexByte(s.buf[:at], '\n'); i >= 0 {
		return line, at - i
	}
	return line, s.col + at + 1
}

// Facts ends the file.
func (s *sniffer) Facts() sekisho.Inventory {
	if s.own != nil {
		*s.own = (*s.own)[:0]
		windows.Put(s.own)
		s.own, s.buf = nil, nil
	}
	inv := sekisho.Inventory{Secrets: s.facts}
	if s.full {
		inv.Problems = append(inv.Problems, sekisho.Problem{Stage: sekisho.StageExtract, Path: s.path, Bound: "secrets", Minor: true}.Saying(message.Say("the file holds more than %d secrets: the rest was not looked at", maxPerFile)))
	}
	if s.dense && !s.full {
		inv.Problems = append(inv.Problems, sekisho.Problem{Stage: sekisho.StageExtract, Path: s.path, Bound: "secrets", Minor: true}.Saying(message.Say("a part of the file is made of what secrets begin with: it was not looked through to its end")))
	}
	return inv
}

// byteOrder is 'l' or 'b' for UTF-16 with a byte order mark, else 0.
func byteOrder(head []byte) byte {
	switch {
	case len(head) >= 4 && head[0] == 0xff && head[1] == 0xfe && (head[2] != 0 || head[3] != 0):
		return 'l'
	case len(head) >= 2 && head[0] == 0xfe && head[1] == 0xff:
		return 'b'
	}
	return 0
}

// wide decodes UTF-16 into UTF-8, part by part.
type wide struct {
	order byte
	half  []byte // a byte of a unit that was cut
	high  rune   // the first half of a pair
	out   []byte
}

func (w *wide) decode(part []byte) []byte {
	w.out = w.out[:0]
	if len(w.half) > 0 && len(part) > 0 {
		w.unit(w.half[0], part[0])
		w.half, part = w.half[:0], part[1:]
	}
	for ; len(part) >= 2; part = part[2:] {
		w.unit(part[0], part[1])
	}
	w.half = append(w.half, part...)
	return w.out
}

func (w *wide) unit(a, b byte) {
	if w.order == 'l' {
		a, b = b, a
	}
	r := rune(a)<<8 | rune(b)
	switch {
	case r == 0xfeff:
	case w.high != 0:
		w.out = utf8.AppendRune(w.out, utf16.DecodeRune(w.high, r))
		w.high = 0
	case r >= 0xd800 && r < 0xdc00:
		w.high = r
	default:
		w.out = utf8.AppendRune(w.out, r)
	}
}

// testPlaces are names of directories whose keys and passwords are made for tests,
// documents or examples.
var testPlaces = map[string]bool{
	"test": true, "tests": true, "testdata": true, "testing": true, "__tests__": true, "spec": true, "specs": true, "fixtures": true, "fixture": true,
	"mock": true, "dummyserver": true, "mocks": true, "test-data": true, "test_data": true, "unittests": true, "example": true, "examples": true, "sample": true, "samples": true,
	"demo": true, "demos": true, "doc": true, "docs": true, "man": true, "help": true,
}

// doubt says why a secret is likely to be nobody's: "test" for what people choose
// or make themselves, in a place of tests and examples.
func doubt(d *detector, p string) string {
	if !d.chosen && !d.opaque {
		return ""
	}
	dir, name := path.Split(p)
	for part := range strings.SplitSeq(dir, "/") {
		if testPlaces[strings.ToLower(part)] {
			return "test"
		}
	}
	name = strings.ToLower(name)
	for _, s := range [...]string{"_test.", ".test.", ".spec.", "test_", ".example", ".sample", ".template", ".dist", ".md", ".rst", ".adoc"} {
		if strings.Contains(name, s) {
			return "test"
		}
	}
	return ""
}
