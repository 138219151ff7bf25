// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// tracked is what git's index holds of the scanned directory.
type tracked struct {
	files map[string]bool
	// dirs are the directories that hold them.
	dirs map[string]bool
}

var errIndex = message.New("it is damaged or of a newer format than 4")

// tracked reads the index, gitformat-index(5), versions 2 to 4, split ones
// too. Paths are relative to prefix, a directory in the work tree ("" or
// "a/b"). Without an index nothing is tracked.
func (g *git) tracked(prefix string) (*tracked, error) {
	t := &tracked{files: map[string]bool{}, dirs: map[string]bool{}}
	size := g.hashSize()
	base, err := t.read(filepath.Join(g.dir, "index"), prefix, size)
	if err == nil && base != "" {
		_, err = t.read(filepath.Join(g.dir, "sharedindex."+base), prefix, size)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && base == "":
		return t, nil
	case err != nil:
		return t, message.Errorf("read git's index: %w: tracked files that git's ignore patterns name were left out, `git status` repairs or explains it", err)
	}
	return t, nil
}

// hashSize is the length of object names in bytes: 20, or 32 for SHA-256.
func (g *git) hashSize() int {
	b, err := readPlain(filepath.Join(g.common, "config"), 1<<20)
	if err != nil {
		return 20
	}
	for line := range strings.Lines(string(b)) {
		k, v, _ := strings.Cut(line, "=")
		if strings.EqualFold(strings.TrimSpace(k), "objectformat") && strings.EqualFold(strings.TrimSpace(v), "sha256") {
			return 32
		}
	}
	return 20
}

// read adds the entries of an index file; base names the shared index that a
// split one builds upon.
func (t *tracked) read(name, prefix string, hashSize int) (base string, err error) {
	f, err := openPlain(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	var head struct {
		Magic          [4]byte
		Version, Count uint32
	}
	if err := binary.Read(r, binary.BigEndian, &head); err != nil || string(head.Magic[:]) != "DIRC" || head.Version < 2 || head.Version > 4 {
		return "", errIndex
	}
	last := ""
	for range head.Count {
		if last, err = t.entry(r, last, prefix, head.Version, hashSize); err != nil {
			return "", errIndex
		}
	}
	// Extensions follow, then a checksum.
	for {
		var ext [8]byte
		if _, err := io.ReadFull(r, ext[:]); err != nil {
			return "", nil
		}
		n := int64(binary.BigEndian.Uint32(ext[4:]))
		if string(ext[:4]) != "link" || n < int64(hashSize) {
			if _, err := io.CopyN(io.Discard, r, n); err != nil {
				return "", nil // that was the checksum
			}
			continue
		}
		sum := make([]byte, hashSize)
		if _, err := io.ReadFull(r, sum); err != nil {
			return "", errIndex
		}
		return hex.EncodeToString(sum), nil
	}
}

// maxTracked is the longest path in an index that is believed, in bytes.
const maxTracked = 1 << 16

// entry reads one entry and returns its path; last is that of the entry before.
func (t *tracked) entry(r *bufio.Reader, last, prefix string, version uint32, hashSize int) (string, error) {
	const stat = 40 // ten numbers, the seventh the mode
	head := make([]byte, stat+hashSize+2)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	size := len(head)
	if version > 2 && head[len(head)-2]&0x40 != 0 { // two more bytes of flags
		if _, err := io.CopyN(io.Discard, r, 2); err != nil {
			return "", err
		}
		size += 2
	}
	keep := 0
	if version == 4 {
		drop, err := offset(r)
		if err != nil || drop > len(last) {
			return "", errIndex
		}
		keep = len(last) - drop
	}
	name, err := untilNUL(r)
	if err != nil {
		return "", err
	}
	size += len(name) + 1
	if name = last[:keep] + name; len(name) > maxTracked {
		return "", errIndex
	}
	if version < 4 { // padded to a multiple of eight
		if _, err := io.CopyN(io.Discard, r, int64(7-(size+7)%8)); err != nil {
			return "", err
		}
	}
	t.add(name, prefix)
	if version < 4 {
		return "", nil
	}
	return name, nil
}

func (t *tracked) add(name, prefix string) {
	if prefix != "" {
		rest, ok := strings.CutPrefix(name, prefix+"/")
		if !ok {
			return
		}
		name = rest
	}
	if name == "" || strings.HasSuffix(name, "/") {
		return // replaced in the shared index; a directory of a sparse one
	}
	t.files[name] = true
	for d := path.Dir(name); d != "." && !t.dirs[d]; d = path.Dir(d) {
		t.dirs[d] = true
	}
}

// offset reads the variable width number of version 4.
func offset(r *bufio.Reader) (int, error) {
	n := 0
	for i := 0; ; i++ {
		c, err := r.ReadByte()
		if err != nil || i > 3 {
			return 0, errIndex
		}
		if i > 0 {
			n++
		}
		if n = n<<7 | int(c&0x7f); c&0x80 == 0 {
			return n, nil
		}
	}
}

func untilNUL(r *bufio.Reader) (string, error) {
	var b []byte
	for {
		part, err := r.ReadSlice(0)
		if b = append(b, part...); len(b) > maxTracked {
			return "", errIndex
		}
		if err == nil {
			return string(b[:len(b)-1]), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
	}
}
