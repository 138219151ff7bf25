// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deflated compresses.
func deflated(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packedObject is an object of a pack that a test writes: body as it stands in the pack,
// under a name.
type packedObject struct {
	kind int
	size uint64 // as it is declared
	name [20]byte
	head []byte // of a delta: the name or the distance of its base
	body []byte // inflated
}

// nameOf is the name that git gives an object.
func nameOf(kind string, b []byte) [20]byte {
	return sha1.Sum(append([]byte(fmt.Sprintf("%s %d\x00", kind, len(b))), b...))
}

// writePack writes a pack with its index, and a repository around it. Checksums of
// the files are left out: nobody reads them.
func writePack(t testing.TB, all []packedObject) string {
	t.Helper()
	dir := emptyRepository(t)
	data := []byte("PACK\x00\x00\x00\x02")
	data = binary.BigEndian.AppendUint32(data, uint32(len(all)))
	type place struct {
		name [20]byte
		off  int
	}
	var places []place
	for _, o := range all {
		places = append(places, place{o.name, len(data)})
		c, rest := byte(o.kind<<4)|byte(o.size&15), o.size>>4
		for rest > 0 {
			data = append(data, c|0x80)
			c, rest = byte(rest&0x7f), rest>>7
		}
		data = append(append(append(data, c), o.head...), deflated(t, o.body)...)
	}
	data = append(data, make([]byte, 20)...)
	slices.SortFunc(places, func(a, b place) int { return bytes.Compare(a.name[:], b.name[:]) })
	idx := []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}
	for i := range 256 {
		n := 0
		for _, p := range places {
			if int(p.name[0]) <= i {
				n++
			}
		}
		idx = binary.BigEndian.AppendUint32(idx, uint32(n))
	}
	for _, p := range places {
		idx = append(idx, p.name[:]...)
	}
	idx = append(idx, make([]byte, 4*len(places))...)
	for _, p := range places {
		idx = binary.BigEndian.AppendUint32(idx, uint32(p.off))
	}
	put(t, filepath.Join(dir, ".git/objects/pack/pack-1.pack"), data)
	put(t, filepath.Join(dir, ".git/objects/pack/pack-1.idx"), append(idx, make([]byte, 40)...))
	return dir
}

func emptyRepository(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"objects/pack", "refs/heads"} {
		if err := os.MkdirAll(filepath.Join(dir, ".git", d), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(dir, ".git/HEAD"), []byte("ref: refs/heads/main\n"))
	return dir
}

func put(t testing.TB, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// readObject reads an object whole.
func readObject(dir, id string) (string, error) {
	h, err := OpenHistory(dir)
	if err != nil {
		return "", err
	}
	defer h.Close()
	kind, size, rc, err := h.objects.open(id)
	if err != nil {
		return "", err
	}
	defer rc.Close()
	b, err := io.ReadAll(rc)
	if err != nil {
		return "", err
	}
	if int64(len(b)) != size {
		return "", fmt.Errorf("%d bytes of %d", len(b), size)
	}
	return fmt.Sprint(kind, " ", string(b)), nil
}

// Whatever byte of a repository is changed, every object is what it was or an
// error: nothing else is ever read out of it.
func TestEveryChangedByteIsRefused(t *testing.T) {
	needGit(t)
	dir := t.TempDir()
	gitIn(t, dir, "init", "-q")
	text := ""
	for i := range 40 {
		text += fmt.Sprintf("line %d of a file that deltas are made of\n", i*i*7919)
	}
	for i := range 4 {
		text = strings.Replace(text, "line", fmt.Sprintf("LINE%d", i), 3)
		write(t, dir, map[string]string{"a/file": text, "b": fmt.Sprint(i)})
		commit(t, dir, fmt.Sprint("commit ", i), i)
	}
	gitIn(t, dir, "tag", "-a", "-m", "a tag", "v1")
	read := func() (map[string]string, int) {
		out := map[string]string{}
		for id := range strings.FieldsSeq(gitIn(t, dir, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")) {
			s, err := readObject(dir, id)
			if err != nil {
				t.Fatalf("%s: %v", id, err)
			}
			out[id] = s
		}
		return out, len(out)
	}
	for _, form := range []string{"loose", "pack"} {
		if form == "pack" {
			gitIn(t, dir, "repack", "-q", "-adf")
			gitIn(t, dir, "prune-packed")
			if v := gitIn(t, dir, "verify-pack", "-v", packOf(t, dir)); !strings.Contains(v, "chain length") {
				t.Fatal("there are no deltas: the test shows nothing")
			}
		}
		want, n := read()
		if n < 17 {
			t.Fatalf("%s: only %d objects", form, n)
		}
		refused := 0
		for _, name := range objectFiles(t, dir) {
			good, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(name, 0o600); err != nil {
				t.Fatal(err)
			}
			for i := range good {
				bad := slices.Clone(good)
				bad[i] ^= byte(1 << (i % 8))
				if i%3 == 0 {
					bad[i] = ^good[i]
				}
				put(t, name, bad)
				for id, was := range want {
					if form == "loose" && !strings.HasSuffix(name, id[2:]) {
						continue
					}
					switch got, err := readObject(dir, id); {
					case err != nil:
						refused++
					case got != was:
						t.Fatalf("%s byte %d: %s is %.60q, was %.60q", filepath.Base(name), i, id, got, was)
					}
				}
			}
			for _, n := range []int{0, 1, len(good) / 2, len(good) - 1} {
				put(t, name, good[:n])
				for id, was := range want {
					if got, err := readObject(dir, id); err == nil && got != was {
						t.Fatalf("%s cut at %d: %s is %.60q", filepath.Base(name), n, id, got)
					}
				}
			}
			put(t, name, good)
		}
		if refused < 1000 {
			t.Errorf("%s: only %d reads were refused", form, refused)
		}
		if again, _ := read(); len(again) != n {
			t.Error("the test left damage behind")
		}
	}
}

func packOf(t *testing.T, dir string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, ".git/objects/pack/*.idx"))
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	return all[0]
}

func objectFiles(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, p := range []string{"??/*", "pack/*.idx", "pack/*.pack"} {
		some, err := filepath.Glob(filepath.Join(dir, ".git/objects", p))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, some...)
	}
	return out
}

// costs runs f and gives the memory that it took, and stops where it takes long.
func costs(t *testing.T, f func()) (bytes uint64) {
	t.Helper()
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	runtime.ReadMemStats(&b)
	return b.TotalAlloc - a.TotalAlloc
}

// number is a size as deltas have it.
func number(n uint64) (out []byte) {
	for n > 0x7f {
		out = append(out, byte(n)|0x80)
		n >>= 7
	}
	return append(out, byte(n))
}

// Objects that were made to cost: they end soon, in little memory, as an error.
func TestHostileObjects(t *testing.T) {
	a, b := [20]byte{1}, [20]byte{2}
	base := bytes.Repeat([]byte("x"), 1<<16)
	whole := packedObject{kind: kindBlob, size: uint64(len(base)), name: nameOf("blob", base), body: base}
	delta := func(from, to uint64, ops ...byte) []byte { return slices.Concat(number(from), number(to), ops) }
	ref := func(body []byte, name [20]byte, to [20]byte) packedObject {
		return packedObject{kind: kindRef, size: uint64(len(body)), name: name, head: to[:], body: body}
	}
	long := []packedObject{whole} // each is made of the one before
	for i := range maxChain + 10 {
		name := [20]byte{byte(i >> 8), byte(i), 3}
		to := long[i].name
		long = append(long, ref(delta(1<<16, 1<<16, 0xb0, 0xff, 0xff, 1, 'y'), name, to))
	}
	for what, tt := range map[string]struct {
		objects []packedObject
		id      [20]byte
		most    uint64
	}{
		"two deltas of each other":      {[]packedObject{ref(delta(1, 1, 1, 'x'), a, b), ref(delta(1, 1, 1, 'x'), b, a)}, a, 8 << 20},
		"a delta of itself":             {[]packedObject{ref(delta(1, 1, 1, 'x'), a, a)}, a, 8 << 20},
		"a delta of nothing":            {[]packedObject{ref(delta(1, 1, 1, 'x'), a, b)}, a, 4 << 20},
		"a chain without an end":        {long, long[len(long)-1].name, 64 << 20},
		"a size of a petabyte":          {[]packedObject{{kind: kindBlob, size: 1 << 50, name: a, body: []byte("x")}}, a, 4 << 20},
		"a size that has no end":        {[]packedObject{{kind: kindBlob, size: 1 << 63, name: a, body: []byte("x")}}, a, 4 << 20},
		"a delta with a large size":     {[]packedObject{whole, {kind: kindRef, size: maxHeld, name: a, head: whole.name[:], body: []byte("x")}}, a, 8 << 20},
		"a delta that promises much":    {[]packedObject{whole, ref(delta(1<<16, maxHeld, 1, 'x'), a, whole.name)}, a, 8 << 20},
		"a delta that promises more":    {[]packedObject{whole, ref(delta(1<<16, maxHeld+1, 1, 'x'), a, whole.name)}, a, 8 << 20},
		"a delta that gives more":       {[]packedObject{whole, ref(delta(1<<16, 4, slices.Repeat([]byte{0xb0, 0xff, 0xff}, 1<<16)...), a, whole.name)}, a, 16 << 20},
		"a delta of another size":       {[]packedObject{whole, ref(delta(1, 1, 1, 'x'), a, whole.name)}, a, 8 << 20},
		"a copy from behind the end":    {[]packedObject{whole, ref(delta(1<<16, 9, 0x9f, 0xff, 0xff, 0xff, 0xff, 9), a, whole.name)}, a, 8 << 20},
		"an instruction that is none":   {[]packedObject{whole, ref(delta(1<<16, 9, 0), a, whole.name)}, a, 8 << 20},
		"an offset before the pack":     {[]packedObject{{kind: kindOffset, size: 1, name: a, head: []byte{0xff, 0xff, 0x7f}, body: []byte("x")}}, a, 4 << 20},
		"an offset without an end":      {[]packedObject{{kind: kindOffset, size: 1, name: a, head: bytes.Repeat([]byte{0xff}, 60), body: []byte("x")}}, a, 4 << 20},
		"an offset to itself":           {[]packedObject{{kind: kindOffset, size: 1, name: a, head: []byte{0}, body: []byte("x")}}, a, 4 << 20},
		"a kind that is none":           {[]packedObject{{kind: 5, size: 1, name: a, body: []byte("x")}}, a, 4 << 20},
		"another name":                  {[]packedObject{{kind: kindBlob, size: 1, name: a, body: []byte("x")}}, a, 4 << 20},
		"nothing under another name":    {[]packedObject{{kind: kindBlob, size: 0, name: a}}, a, 4 << 20},
		"a bomb behind a small size":    {[]packedObject{{kind: kindBlob, size: 3, name: a, body: make([]byte, 64<<20)}}, a, 4 << 20},
		"another kind under that name":  {[]packedObject{{kind: kindTag, size: 1, name: nameOf("blob", []byte("x")), body: []byte("x")}}, nameOf("blob", []byte("x")), 4 << 20},
		"a delta of itself by distance": {[]packedObject{whole, {kind: kindOffset, size: 5, name: a, head: []byte{0x80, 0x80, 0x80, 0x80, 0}, body: []byte("hello")}}, a, 8 << 20},
	} {
		dir := writePack(t, tt.objects)
		var err error
		if n := costs(t, func() { _, err = readObject(dir, hex.EncodeToString(tt.id[:])) }); n > tt.most {
			t.Errorf("%s took %d KiB", what, n>>10)
		}
		if err == nil {
			t.Errorf("%s was read", what)
		}
	}
	// The same helpers write what is right.
	good := nameOf("blob", []byte("xxxhello"))
	dir := writePack(t, []packedObject{whole, ref(delta(1<<16, 8, 0x90, 3, 5, 'h', 'e', 'l', 'l', 'o'), good, whole.name)})
	if s, err := readObject(dir, hex.EncodeToString(good[:])); s != "3 xxxhello" {
		t.Errorf("%q, %v", s, err)
	}
}

// Loose objects that were made to cost.
func TestHostileLooseObjects(t *testing.T) {
	bomb := append([]byte("blob 3\x00abc"), make([]byte, 64<<20)...)
	for what, b := range map[string][]byte{
		"more than it says": deflated(t, bomb), "less than it says": deflated(t, []byte("blob 1152921504606846976\x00abc")), "a negative size": deflated(t, []byte("blob -3\x00abc")),
		"no size": deflated(t, []byte("blob \x00abc")), "no end of the head": deflated(t, make([]byte, 0)), "a long head": deflated(t, bytes.Repeat([]byte("9"), 64<<20)),
		"another kind": deflated(t, []byte("fish 3\x00abc")), "no zlib": []byte("blob 3\x00abc"), "nothing": nil, "a size in other words": deflated(t, []byte("blob +3\x00abc")),
	} {
		dir := emptyRepository(t)
		name := nameOf("blob", []byte("abc"))
		id := hex.EncodeToString(name[:])
		put(t, filepath.Join(dir, ".git/objects", id[:2], id[2:]), b)
		var s string
		var err error
		if n := costs(t, func() { s, err = readObject(dir, id) }); n > 4<<20 {
			t.Errorf("%s took %d KiB", what, n>>10)
		}
		if err == nil && s != "3 abc" { // what is behind the end is not read
			t.Errorf("%s: %.60q", what, s)
		}
		if what != "more than it says" && err == nil {
			t.Errorf("%s was read", what)
		}
	}
	// A commit is held in memory, and so it has a bound, even where it is true to its name.
	dir := emptyRepository(t)
	text := append([]byte("tree "+strings.Repeat("a", 40)+"\n\n"), make([]byte, maxSmall)...)
	name := nameOf("commit", text)
	id := hex.EncodeToString(name[:])
	put(t, filepath.Join(dir, ".git/objects", id[:2], id[2:]), deflated(t, append([]byte(fmt.Sprintf("commit %d\x00", len(text))), text...)))
	h := history(t, dir)
	var err error
	if n := costs(t, func() { _, err = h.Commit(id) }); n > 4<<20 || err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("%d KiB, %v", n>>10, err)
	}
}

// A pipe in the place of any of git's files would be waited for for ever.
func TestPipesAreNoFiles(t *testing.T) {
	x := nameOf("blob", []byte("x"))
	id := hex.EncodeToString(x[:])
	for _, name := range []string{"HEAD", "config", "shallow", "packed-refs", "refs/heads/main", "commondir", "index", "objects/info/alternates", "objects/pack/pack-1.idx", "objects/pack/pack-1.pack", "objects/" + id[:2] + "/" + id[2:]} {
		dir := emptyRepository(t)
		put(t, filepath.Join(dir, ".git/objects/pack/pack-1.idx"), append([]byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}, make([]byte, 1024)...))
		at := filepath.Join(dir, ".git", name)
		if err := os.MkdirAll(filepath.Dir(at), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(at, 0o600); err != nil {
			t.Skip("no pipes on this system: ", err)
		}
		costs(t, func() {
			if _, err := readObject(dir, id); err == nil {
				t.Errorf("%s: something was read", name)
			}
			if h, err := OpenHistory(dir); err == nil {
				if _, err := h.Resolve("main"); err == nil {
					t.Errorf("%s: a revision was found", name)
				}
				if _, err := h.git.tracked(""); name == "index" && err == nil {
					t.Error("an index that is a pipe was read")
				}
				h.Close()
			}
		})
	}
}

func FuzzPack(f *testing.F) {
	x := nameOf("blob", []byte("x"))
	dir := writePack(f, []packedObject{{kind: kindBlob, size: 1, name: x, body: []byte("x")}, {kind: kindRef, size: 4, name: [20]byte{9}, head: x[:], body: []byte{1, 1, 1, 'y'}}})
	pack, err := os.ReadFile(filepath.Join(dir, ".git/objects/pack/pack-1.pack"))
	if err != nil {
		f.Fatal(err)
	}
	idx, err := os.ReadFile(filepath.Join(dir, ".git/objects/pack/pack-1.idx"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pack, idx)
	f.Add(pack[:20], idx[:1040])
	f.Fuzz(func(t *testing.T, pack, idx []byte) {
		put(t, filepath.Join(dir, ".git/objects/pack/pack-1.pack"), pack)
		put(t, filepath.Join(dir, ".git/objects/pack/pack-1.idx"), idx)
		if s, err := readObject(dir, hex.EncodeToString(x[:])); err == nil && s != "3 x" {
			t.Errorf("another content: %.60q", s)
		}
		if h, err := OpenHistory(dir); err == nil {
			h.objects.list()
			for _, p := range h.objects.packs {
				for i := range min(p.count, 100) {
					if name, err := p.name(i); err == nil {
						if off, ok := p.find(name); ok {
							_, _, rc, err := h.objects.packed(p, off)
							if err == nil {
								_, _ = io.Copy(io.Discard, io.LimitReader(rc, 1<<20))
								rc.Close()
							}
						}
					}
				}
			}
			h.objects.withPrefix("0900")
			h.Close()
		}
	})
}

func FuzzDelta(f *testing.F) {
	f.Add([]byte("hello"), []byte{5, 8, 0x90, 3, 5, 'h', 'e', 'l', 'l', 'o'})
	f.Add([]byte("hello"), []byte{5, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, base, delta []byte) {
		if b, err := apply(base, delta); err == nil && len(b) > 0xffffff*len(delta) {
			t.Errorf("%d bytes of a delta of %d", len(b), len(delta))
		}
	})
}

func FuzzLoose(f *testing.F) {
	f.Add(deflated(f, []byte("blob 1\x00x")))
	f.Add(deflated(f, []byte("blob 99999999999999999999\x00x")))
	dir := emptyRepository(f)
	x := nameOf("blob", []byte("x"))
	id := hex.EncodeToString(x[:])
	f.Fuzz(func(t *testing.T, b []byte) {
		put(t, filepath.Join(dir, ".git/objects", id[:2], id[2:]), b)
		if s, err := readObject(dir, id); err == nil && s != "3 x" {
			t.Errorf("another content: %.60q", s)
		}
	})
}

func FuzzTree(f *testing.F) {
	f.Add([]byte("100644 a\x00aaaaaaaaaaaaaaaaaaaa40000 b\x00bbbbbbbbbbbbbbbbbbbb"))
	f.Add([]byte("100644 ../a\x00aaaaaaaaaaaaaaaaaaaa"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, size := range []int{20, 32} {
			entries, err := parseTree(b, size)
			for _, e := range entries {
				if err != nil || strings.ContainsAny(e.Name, "/\x00") || e.Name == "" || e.Name == ".." || len(e.ID) != 2*size {
					t.Errorf("%+v, %v", e, err)
				}
			}
		}
	})
}

func FuzzCommit(f *testing.F) {
	f.Add([]byte("tree " + strings.Repeat("a", 40) + "\nparent " + strings.Repeat("b", 40) + "\nauthor A <a@example.com> 1700000000 +0900\ncommitter A <a> x y\n\nsubject\n\nbody"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := parseCommit(b); err == nil && (c.Tree == "" || strings.Contains(c.Subject, "\n")) {
			t.Errorf("%+v", c)
		}
	})
}

func FuzzRefs(f *testing.F) {
	id := strings.Repeat("a", 40)
	f.Add([]byte("# pack-refs with: peeled\n"+id+" refs/heads/main\n^"+id+"\n"), []byte("ref: refs/heads/main"), "main~1^{commit}")
	f.Add([]byte(""), []byte("ref: ../../etc/passwd"), "HEAD^0")
	dir := emptyRepository(f)
	f.Fuzz(func(t *testing.T, packed, head []byte, rev string) {
		put(t, filepath.Join(dir, ".git/packed-refs"), packed)
		put(t, filepath.Join(dir, ".git/HEAD"), head)
		h, err := OpenHistory(dir)
		if err != nil {
			return
		}
		defer h.Close()
		if got, err := h.Resolve(rev); err == nil {
			t.Errorf("%q is %s in a repository without objects", rev, got)
		}
		refs, err := h.Refs()
		for _, r := range refs {
			if err != nil || !h.isID(r.ID) {
				t.Errorf("%+v, %v", r, err)
			}
		}
	})
}

// Random packs, for every run of the tests.
func TestRandomPacks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x := nameOf("blob", []byte("x"))
	for range 300 {
		var all []packedObject
		for i := range 1 + r.IntN(6) {
			body := make([]byte, r.IntN(40))
			for j := range body {
				body[j] = byte(r.Uint32())
			}
			o := packedObject{kind: r.IntN(8), size: uint64(len(body)), name: [20]byte{byte(i)}, body: body}
			if r.IntN(8) == 0 {
				o.size = r.Uint64()
			}
			if o.kind == kindRef {
				o.head = append([]byte{byte(r.IntN(6))}, make([]byte, 19)...)
			} else if o.kind == kindOffset {
				o.head = []byte{byte(r.IntN(128))}
			}
			all = append(all, o)
		}
		all = append(all, packedObject{kind: kindBlob, size: 1, name: x, body: []byte("x")})
		dir := writePack(t, all)
		for _, o := range all {
			s, err := readObject(dir, hex.EncodeToString(o.name[:]))
			if o.name == x != (err == nil && s == "3 x") {
				t.Errorf("%+v: %.60q, %v", o, s, err)
			}
		}
	}
}
