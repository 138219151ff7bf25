// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Files are read in windows that overlap, so that a mark on their edge is
// seen whole. A mark with its version is shorter than the overlap.
const (
	windowLen = 256 << 10
	overlap   = 256
)

// buffers lends the windows.
type buffers struct{ pool sync.Pool }

func (b *buffers) lend() *[]byte {
	if w, ok := b.pool.Get().(*[]byte); ok {
		return w
	}
	w := make([]byte, windowLen)
	return &w
}

// search returns the package and version that the program's marks tell; both
// are empty when there is none.
func (b *buffers) search(ctx context.Context, in *sekisho.Input, p *program, base string) (name, version string, err error) {
	// The marks of one program are looked for in one pass, except for those
	// that must see the whole file.
	if slices.ContainsFunc(p.marks, mark.isLocal) {
		err = b.windows(ctx, in, func(w []byte, last bool) bool {
			for i := range p.marks {
				m := &p.marks[i]
				if !m.isLocal() {
					continue
				}
				if v := m.in(w, last); v != nil {
					name, version = p.name, string(v)
					if m.name != "" {
						name = m.name
					}
					return false
				}
			}
			return true
		})
	}
	for _, m := range p.marks {
		if version != "" || err != nil {
			break
		}
		switch m.how {
		case series:
			version, err = b.ofSeries(ctx, in, m, base)
		case highest:
			version, err = b.highest(ctx, in)
		case literal, backward:
		}
		if name = p.name; m.name != "" {
			name = m.name
		}
	}
	if version == "" || err != nil {
		return "", "", err
	}
	return name, version, nil
}

// isLocal: one window is enough to see the mark and the version.
func (m mark) isLocal() bool { return m.how == literal || m.how == backward }

// windows calls each for every window of the file until it returns false; last
// says that the window ends where the file does.
func (b *buffers) windows(ctx context.Context, in *sekisho.Input, each func(w []byte, last bool) bool) error {
	if m, ok := in.Content.(interface{ Bytes() []byte }); ok {
		all := m.Bytes()
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(len(all), 16*windowLen)
			if last := n == len(all); !each(all[:n], last) || last {
				return nil
			}
			all = all[n-overlap:]
		}
	}
	w := b.lend()
	defer b.pool.Put(w)
	for off := int64(0); off < in.Size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(in.Size-off, windowLen)
		got, err := in.Content.ReadAt((*w)[:n], off)
		if int64(got) < n {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("read at byte %d: %w", off, err)
		}
		if last := off+n == in.Size; !each((*w)[:n], last) || last {
			return nil
		}
		off += n - overlap
	}
	return nil
}

// verified is how far behind a mark is looked, in bytes. Where the window ends
// sooner and the file goes on, the version could be cut: the next window has
// the mark as well, as mark and verified together are shorter than the overlap.
const verified = 2*maxVersion + 64

// in returns the version at the first mark in the window.
func (m *mark) in(w []byte, last bool) []byte {
	if m.how == backward {
		return m.backwardIn(w)
	}
	key := []byte(m.before)
	for {
		i := bytes.Index(w, key)
		if i < 0 {
			return nil
		}
		w = w[i+len(key):]
		if !last && len(w) < verified {
			return nil
		}
		rest := w
		if last := key[len(key)-1]; last == '.' {
			// The mark is the version's own beginning: "\x003.".
			rest = versionBehind(key, w)
		}
		v := versionAt(rest)
		if v != nil && bytes.Contains(v, []byte(m.holds)) && m.follows(rest[len(v):]) {
			return v
		}
	}
}

// versionBehind is the version together with the part of it that the mark has.
func versionBehind(key, w []byte) []byte {
	w = w[:min(len(w), 2*maxVersion)]
	return append(bytes.TrimLeft(bytes.Clone(key), "\x00"), w...)
}

func (m *mark) follows(rest []byte) bool {
	if !bytes.HasPrefix(rest, []byte(m.after)) {
		return false
	}
	line, _, _ := bytes.Cut(rest[:min(len(rest), 64)], []byte{0})
	return bytes.Contains(line, []byte(m.within))
}

// backwardIn finds a version that stands before a literal and after a NUL.
func (m *mark) backwardIn(w []byte) []byte {
	key := []byte(m.after)
	for at := 0; ; {
		i := bytes.Index(w[at:], key)
		if i < 0 {
			return nil
		}
		end := at + i
		begin := bytes.LastIndexByte(w[max(0, end-maxVersion):end], 0)
		if begin >= 0 {
			v := w[max(0, end-maxVersion)+begin+1 : end]
			if got := versionAt(v); got != nil && len(got) == len(v) {
				return v
			}
		}
		at = end + len(key)
	}
}

// ofSeries looks for a version of the release series as a string of its own.
func (b *buffers) ofSeries(ctx context.Context, in *sekisho.Input, m mark, base string) (string, error) {
	s := ""
	// The file's name tells it, where the mark has no better way.
	if m.before[0] != 0 {
		s = seriesOf(base)
	}
	if s == "" {
		lead := mark{before: m.before}
		if err := b.windows(ctx, in, func(w []byte, last bool) bool {
			s = string(lead.in(w, last))
			return s == ""
		}); err != nil {
			return "", err
		}
	}
	if s == "" || strings.Count(s, ".") != 1 {
		return "", nil
	}
	key, version := []byte(s+"."), ""
	err := b.windows(ctx, in, func(w []byte, _ bool) bool {
		for at := 0; version == ""; {
			i := bytes.Index(w[at:], key)
			if i < 0 {
				return true
			}
			i += at
			at = i + len(key)
			if i == 0 || w[i-1] == '.' || isAlnum(w[i-1]) {
				continue
			}
			if v := versionAt(w[i:]); len(v) > len(key) && i+len(v) < len(w) && w[i+len(v)] == 0 {
				version = string(v)
			}
		}
		return false
	})
	return version, err
}

// highest looks for strings "7.0.15" with a NUL on both sides.
func (b *buffers) highest(ctx context.Context, in *sekisho.Input) (string, error) {
	best := ""
	var number [3]int
	err := b.windows(ctx, in, func(w []byte, _ bool) bool {
		for at := 0; ; {
			// Dots are rarer than NULs: look for the one in "x.".
			i := bytes.IndexByte(w[at:], '.')
			if i < 0 {
				return true
			}
			i += at
			at = i + 1
			begin := i - 1
			for begin >= 0 && i-begin < 3 && isDigit(w[begin]) {
				begin--
			}
			if begin < 0 || begin == i-1 || w[begin] != 0 {
				continue
			}
			v := versionAt(w[begin+1:])
			if v == nil || begin+1+len(v) >= len(w) || w[begin+1+len(v)] != 0 || bytes.Count(v, []byte{'.'}) != 2 {
				continue
			}
			if n, ok := threeNumbers(v); ok && less(number, n) {
				number, best = n, string(v)
			}
		}
	})
	return best, err
}

func threeNumbers(v []byte) (n [3]int, ok bool) {
	i := 0
	for _, c := range v {
		switch {
		case c == '.':
			i++
		case !isDigit(c) || n[i] > 1<<20:
			return n, false
		default:
			n[i] = n[i]*10 + int(c-'0')
		}
	}
	return n, i == 2
}

func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

// versionAt returns the version that b begins with: two to four numbers with
// dots between them, and what may belong to it: OpenSSL's letter, OpenSSH's
// patch level, "-rc1". It is nil when there is none.
func versionAt(b []byte) []byte {
	i, parts := 0, 0
	for parts < 4 {
		from := i
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		if i == from || i-from > 8 {
			if parts < 2 {
				return nil
			}
			i = from - 1 // the dot does not belong to it
			break
		}
		parts++
		if i >= len(b) || b[i] != '.' {
			break
		}
		if parts < 4 {
			i++
		}
	}
	if parts < 2 || i > maxVersion {
		return nil
	}
	return b[:i+suffixLen(b[i:], parts)]
}

// suffixLen is the length of a pre-release or patch level, 0 when what follows
// is something else ("-1+deb12u4", "p20 (2022").
func suffixLen(b []byte, parts int) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	word := i
	for i < len(b) && i-word < 6 && isAlnum(b[i]) && !isDigit(b[i]) {
		i++
	}
	letters := string(b[word:i])
	digits := i
	for i < len(b) && i-digits < 4 && isDigit(b[i]) {
		i++
	}
	if i < len(b) && isAlnum(b[i]) {
		return 0
	}
	switch {
	case letters == "RC", letters == "rc", letters == "beta", letters == "alpha", letters == "dev", letters == "pre":
		return i
	case word == 0 && (letters == "a" || letters == "b" || letters == "p" && parts == 2) && i > digits:
		return i // Python's pre-releases, OpenSSH's portable versions; not Ruby's patch level
	case word == 0 && i == digits && letters == strings.ToLower(letters) && (len(letters) == 1 || len(letters) == 2 && letters[0] == 'z'):
		return i // OpenSSL 1.1.1w, 1.0.2zh
	}
	return 0
}
