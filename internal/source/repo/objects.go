// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zlib"

	"github.com/sekisho/sekisho/internal/message"
)

// The kinds of object, numbered as packs number them.
const (
	kindCommit = 1
	kindTree   = 2
	kindBlob   = 3
	kindTag    = 4
)

var kindNames = map[string]int{"commit": kindCommit, "tree": kindTree, "blob": kindBlob, "tag": kindTag}

// ErrNoObject is an object that the repository does not hold: the clone is
// shallow or partial, or it is damaged.
var ErrNoObject = message.New("the object is not in this clone: it is shallow, partial or damaged; `git fetch --unshallow` (in CI: fetch-depth: 0) or `git fetch --refetch --filter=blob:none` without the filter gets it")

// errObject is an object whose bytes are not what they say.
var errObject = message.New("the object is damaged, `git fsck` says more")

// Bounds of what objects may cost. Blobs that are stored whole are streamed and
// have no bound here.
const (
	maxHeld  = 512 << 20 // of one object in memory: git makes no deltas of larger files
	maxSmall = 64 << 20  // of a commit, a tag or a tree
	maxChain = 5000      // of deltas: git makes 4095 at most
	maxDepth = 5         // of alternates, as in git
)

// objects reads git's object store: loose objects and packs of version 2, of
// SHA-1 and SHA-256 repositories, and its alternates. It may be used by several
// goroutines. See gitformat-pack(5) and gitrepository-layout(5).
type objects struct {
	size int // of names, in bytes
	dirs []string

	mu    sync.Mutex
	packs []*pack
	known map[string]bool // the index files that were looked at
	held  baseCache
}

func (g *git) objects() *objects {
	o := &objects{size: g.hashSize(), known: map[string]bool{}}
	o.addDir(filepath.Join(g.common, "objects"), 0)
	return o
}

// addDir adds a directory of objects and those that it borrows from.
func (o *objects) addDir(dir string, depth int) {
	if slices.Contains(o.dirs, dir) || depth > maxDepth {
		return
	}
	o.dirs = append(o.dirs, dir)
	f, err := openPlain(filepath.Join(dir, "info", "alternates"))
	if err != nil {
		return
	}
	defer f.Close()
	ls, err := lines(f)
	if err != nil {
		return
	}
	for _, l := range ls {
		if l == "" || strings.HasPrefix(l, "#") {
			continue
		}
		if s, err := strconv.Unquote(l); err == nil {
			l = s
		}
		if !filepath.IsAbs(l) {
			l = filepath.Join(dir, l)
		}
		o.addDir(filepath.Clean(l), depth+1)
	}
}

func (o *objects) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var err error
	for _, p := range o.packs {
		err = errors.Join(err, p.close())
	}
	o.packs, o.dirs = nil, nil
	return err
}

// list opens the packs that appeared since it was last called: git may repack
// while we read. It reports whether there were any.
func (o *objects) list() (more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, dir := range o.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, "pack"))
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := filepath.Join(dir, "pack", e.Name())
			if !strings.HasSuffix(name, ".idx") || o.known[name] {
				continue
			}
			o.known[name] = true
			if p, err := openPack(strings.TrimSuffix(name, ".idx"), o.size); err == nil {
				o.packs = append(o.packs, p)
				more = true
			}
		}
	}
	return more
}

func (o *objects) find(id []byte) (*pack, int64) {
	o.mu.Lock()
	packs := o.packs
	o.mu.Unlock()
	for _, p := range packs {
		if off, ok := p.find(id); ok {
			return p, off
		}
	}
	return nil, 0
}

// open gives an object as a stream of exactly size bytes, which ends with an error
// where they are not those that the name was made of. What is stored as a delta is
// put together in memory.
func (o *objects) open(id string) (kind int, size int64, rc io.ReadCloser, err error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != o.size {
		return 0, 0, nil, message.Errorf("%q is no object name", id)
	}
	for {
		if p, off := o.find(raw); p != nil {
			kind, size, rc, err = o.packed(p, off)
			return checked(raw, kind, size, rc, err)
		}
		kind, size, rc, err = o.loose(id)
		if !errors.Is(err, ErrNoObject) || !o.list() {
			return checked(raw, kind, size, rc, err)
		}
	}
}

// loose opens an object that has a file of its own.
func (o *objects) loose(id string) (kind int, size int64, rc io.ReadCloser, err error) {
	for _, dir := range o.dirs {
		f, err := openPlain(filepath.Join(dir, id[:2], id[2:]))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, 0, nil, err
		}
		zr, err := zlib.NewReader(bufio.NewReader(f))
		if err != nil {
			f.Close()
			return 0, 0, nil, errObject
		}
		br := bufio.NewReaderSize(zr, 4096)
		head, err := br.ReadSlice(0)
		word, digits, ok := bytes.Cut(bytes.TrimSuffix(head, []byte{0}), []byte(" "))
		length, serr := strconv.ParseUint(string(digits), 10, 63)
		kind := kindNames[string(word)]
		if err != nil || !ok || serr != nil || kind == 0 {
			f.Close()
			return 0, 0, nil, errObject
		}
		return kind, int64(length), &exact{r: br, left: int64(length), close: f.Close}, nil
	}
	return 0, 0, nil, ErrNoObject
}

// read gives an object of one kind and of at most limit bytes whole.
func (o *objects) read(id string, kind int, limit int64) ([]byte, error) {
	k, size, rc, err := o.open(id)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	if k != kind {
		return nil, errKind
	}
	return readAll(rc, size, limit)
}

var errKind = message.New("the object is of another kind")

// whole is an object that is in memory already; others may hold it too, so
// nobody writes to it.
type whole struct {
	*bytes.Reader
	b []byte
}

func (w *whole) Close() error { return nil }

// readAll reads size bytes; memory grows with what comes, not with what is
// promised. What it gives must not be written to.
func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, message.Errorf("the object has %d bytes, more than %d", size, limit)
	}
	if w, ok := r.(*whole); ok && size == int64(len(w.b)) {
		return w.b, nil
	}
	const step = 1 << 20
	b := make([]byte, min(size, step))
	for done := int64(0); ; {
		if _, err := io.ReadFull(r, b[done:]); err != nil {
			return nil, errObject
		}
		if done = int64(len(b)); done == size {
			return b, nil
		}
		more := min(size-done, max(done, step))
		b = append(make([]byte, 0, done+more), b...)[:done+more]
	}
}

// exact is a stream that has to hold left bytes; more are not read.
type exact struct {
	r     io.Reader
	left  int64
	close func() error
}

func (e *exact) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	if e.left -= int64(n); err != nil && e.left > 0 {
		return n, errObject
	}
	return n, nil
}

func (e *exact) Close() error { return e.close() }

// withPrefix lists the objects whose names begin with hex digits, a few at most.
func (o *objects) withPrefix(digits string) []string {
	const enough = 64
	o.list()
	found := map[string]bool{}
	for _, dir := range o.dirs {
		entries, err := os.ReadDir(filepath.Join(dir, digits[:2]))
		if err != nil {
			continue
		}
		for _, e := range entries {
			if id := digits[:2] + e.Name(); strings.HasPrefix(id, digits) && len(id) == 2*o.size {
				found[id] = true
			}
		}
	}
	low, err := hex.DecodeString((digits + strings.Repeat("0", 2*o.size))[:2*o.size])
	if err != nil {
		return nil
	}
	o.mu.Lock()
	packs := o.packs
	o.mu.Unlock()
	for _, p := range packs {
		for i := p.lower(low); i < p.count && len(found) < enough; i++ {
			name, err := p.name(i)
			if err != nil || !strings.HasPrefix(hex.EncodeToString(name), digits) {
				break
			}
			found[hex.EncodeToString(name)] = true
		}
	}
	var out []string
	for id := range found {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}
