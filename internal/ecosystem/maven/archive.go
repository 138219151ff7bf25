// SPDX-License-Identifier: Apache-2.0

package maven

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // not for security: repositories index their files by SHA-1
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// archive reads Java archives. Of each it reads the central directory and the
// few entries that say what it is; class files are counted by name and never
// inflated. Archives within it are read in place where they are stored, and
// inflated to memory or to a temporary file where they are not.
type archive struct{ pool *pool }

func newArchive() archive { return archive{pool: newPool()} }

func (archive) Name() string { return "maven/archive" }
func (archive) Version() int { return 1 }

func (archive) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && f.Size > 0 && isArchive(f.Path)
}

// isArchive knows the archives by the end of their names.
func isArchive(path string) bool {
	n := len(path)
	if n < 5 || path[n-4] != '.' && path[n-5] != '.' {
		return false
	}
	if path[n-5] == '.' {
		return lowerEqual(path[n-4:], "lpkg")
	}
	ext := path[n-3:]
	switch ext[0] | 0x20 {
	case 'j', 'w', 'e', 'p', 's', 'a', 'h', 'k', 'n':
		for _, known := range [...]string{"jar", "war", "ear", "par", "sar", "aar", "hpi", "jpi", "kar", "nar"} {
			if lowerEqual(ext, known) {
				return true
			}
		}
	}
	return false
}

// lowerEqual compares without regard to ASCII case; b is lower case.
func lowerEqual(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i]|0x20 != b[i] {
			return false
		}
	}
	return true
}

func (x archive) Extract(ctx context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	bounds := in.Bounds.WithDefaults()
	w := &walk{
		pool: x.pool, bounds: bounds,
		inflateLimit: min(bounds.TotalBytes, ratioLimit(in.Size, bounds.Ratio)),
	}
	err := w.read(ctx, in.Content, in.Size, in.Path, 0)
	if w.unnamed > 0 {
		w.minor(in.Path, message.Errorf("%d archives (%s%s) do not say their group or version: they can only be recognised by their SHA-1",
			w.unnamed, strings.Join(w.unnamedAre, ", "), map[bool]string{true: ", ..."}[w.unnamed > len(w.unnamedAre)]))
	}
	return w.inv, err
}

// ratioLimit is what size bytes may inflate to, with some room for tiny ones.
func ratioLimit(size, ratio int64) int64 {
	const slack = 1 << 20
	if size > (1<<62-slack)/max(ratio, 1) {
		return 1 << 62
	}
	return size*ratio + slack
}

// walk is the reading of one file of the image with all that is nested in it.
type walk struct {
	pool   *pool
	bounds sekisho.Bounds
	inv    sekisho.Inventory
	// entries and inflated count over all archives, so that many small bombs
	// cost no more than a large one.
	entries      int64
	inflated     int64
	inflateLimit int64
	// unnamed counts the archives without group or version; five are listed.
	unnamed    int
	unnamedAre []string
}

// kept is an entry that is looked into.
type kept struct {
	name       string
	method     uint16
	flags      uint16
	crc        uint32
	compressed int64
	size       int64
	header     int64
}

// maxKept bounds the entries that are looked into, for each archive.
const maxKept = 1 << 16

// contents is what the directory of one archive tells.
type contents struct {
	manifest *kept
	poms     []kept // pom.properties and pom.xml
	nested   []kept
	classes  bool
}

func (w *walk) problem(path, bound string, why error) {
	w.inv.Problems = append(w.inv.Problems, sekisho.Problem{Stage: sekisho.StageExtract, Path: path, Bound: bound}.Saying(message.Words(why)))
}

func (w *walk) minor(path string, why error) {
	w.inv.Problems = append(w.inv.Problems, sekisho.Problem{Stage: sekisho.StageExtract, Path: path, Minor: true}.Saying(message.Words(why)))
}

// read takes one archive. The error is of the file as a whole; what is wrong
// with a part of it becomes a Problem. Facts found so far are kept.
func (w *walk) read(ctx context.Context, r io.ReaderAt, size int64, location string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := w.list(ctx, r, size, location)
	if err != nil {
		return w.unread(r, location, err)
	}
	c.nested = w.disjoint(location, c.nested)
	c.poms = w.disjoint(location, c.poms)
	if err := w.identify(ctx, r, size, location, &c); err != nil {
		return err
	}
	for _, k := range c.nested {
		if err := w.nested(ctx, r, size, location, k, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// disjoint puts entries in the order of their bytes, so that the reads go
// forward, and drops those that share bytes with the one before: only archives
// that were made to harm have such.
func (w *walk) disjoint(location string, all []kept) []kept {
	slices.SortFunc(all, func(a, b kept) int {
		if c := cmp.Compare(a.header, b.header); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
	end, shared := int64(0), 0
	good := all[:0]
	for _, k := range all {
		if k.header < end {
			shared++
			continue
		}
		if k.compressed >= 0 && k.header < 1<<62 && k.compressed < 1<<62-localLen {
			end = k.header + localLen + k.compressed
		}
		good = append(good, k)
	}
	if shared > 0 {
		w.problem(location, "", message.Errorf("has %d entries that share their bytes with others, as only archives made to harm do: they were not read", shared))
	}
	return good
}

// unread words why an archive could not be opened.
func (w *walk) unread(r io.ReaderAt, location string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var head [2]byte
	p := sekisho.Problem{Stage: sekisho.StageExtract, Path: location}.Saying(message.Say("open Java archive: %v", err))
	if _, e := r.ReadAt(head[:], 0); e == nil && string(head[:]) != "PK" && errors.Is(err, errNoZip) {
		p.Error, p.Minor = "has the name of a Java archive and is none", true
	}
	w.inv.Problems = append(w.inv.Problems, p)
	return nil
}

// list reads the central directory.
func (w *walk) list(ctx context.Context, r io.ReaderAt, size int64, location string) (contents, error) {
	var c contents
	window := w.pool.window()
	defer w.pool.releaseWindow(window)
	d, err := openDirectory(r, size, *window)
	if err != nil {
		return c, err
	}
	var e entry
	for {
		err := d.next(&e)
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			w.problem(location, "", message.Errorf("list Java archive: %v: what stands behind was not read", err))
			return c, nil
		}
		if w.entries++; w.entries > w.bounds.Entries {
			w.problem(location, "entries", message.Errorf("holds more than %d entries with what is nested in it: the rest was not read", w.bounds.Entries))
			return c, nil
		}
		if w.entries&0xfff == 0 {
			if err := ctx.Err(); err != nil {
				return c, err
			}
		}
		if !c.take(&e) {
			w.problem(location, "entries", message.Errorf("holds more than %d archives or project files: the rest was not read", maxKept))
			return c, nil
		}
	}
}

var (
	classExt      = []byte(".class")
	manifestName  = []byte("META-INF/MANIFEST.MF")
	mavenDir      = []byte("META-INF/maven/")
	pomXML        = []byte("/pom.xml")
	pomPropsSlash = []byte("/pom.properties")
)

// take looks at one record, by name only; false says that there are too many.
func (c *contents) take(e *entry) bool {
	name := e.name
	if len(name) < 5 || name[len(name)-1] == '/' {
		return true
	}
	switch {
	case bytes.HasSuffix(name, classExt):
		c.classes = true
	case c.manifest == nil && bytes.EqualFold(name, manifestName):
		k := e.keep()
		c.manifest = &k
	case (bytes.HasSuffix(name, pomXML) || bytes.HasSuffix(name, pomPropsSlash)) && bytes.Contains(name, mavenDir):
		if len(c.poms) >= maxKept {
			return false
		}
		c.poms = append(c.poms, e.keep())
	default:
		if !isArchiveBytes(name) {
			break
		}
		if len(c.nested) >= maxKept {
			return false
		}
		c.nested = append(c.nested, e.keep())
	}
	return true
}

func isArchiveBytes(name []byte) bool {
	var tail [5]byte
	copy(tail[:], name[len(name)-5:])
	return isArchive(string(tail[:]))
}

func (e *entry) keep() kept {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(string(e.name), "\uFFFD"))
	return kept{
		name: name, method: e.method, flags: e.flags, crc: e.crc,
		compressed: e.compressed, size: e.size, header: e.header,
	}
}

// nested reads an archive within an archive.
func (w *walk) nested(ctx context.Context, r io.ReaderAt, size int64, outer string, k kept, depth int) error {
	if k.size == 0 {
		return nil
	}
	location := outer + "!/" + k.name
	if len(location) > w.bounds.PathBytes {
		w.problem(outer, "path-bytes", message.Errorf("an archive in it has a path of more than %d bytes and was not read", w.bounds.PathBytes))
		return nil
	}
	if depth > w.bounds.Nesting {
		w.problem(location, "nesting", message.Errorf("lies more than %d archives deep and was not read", w.bounds.Nesting))
		return nil
	}
	if k.method == methodStored && k.flags&flagEncrypted == 0 {
		at, err := dataOffset(r, size, k.header, k.compressed)
		if err != nil {
			w.problem(location, "", message.Errorf("open nested archive: %v", err))
			return nil
		}
		return w.read(ctx, io.NewSectionReader(r, at, k.compressed), k.compressed, location, depth)
	}
	content, err := w.inflate(ctx, r, size, k)
	if err != nil {
		var b *boundError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &b):
			w.problem(location, b.bound, b.why)
		default:
			w.problem(location, "", message.Errorf("inflate nested archive: %v", err))
		}
		return nil
	}
	defer content.release(w.pool)
	return w.read(ctx, content, k.size, location, depth)
}

// sum is the SHA-1 of a whole archive as reports write it. It names the file
// in a repository's index, and protects nothing.
func (w *walk) sum(ctx context.Context, r io.ReaderAt, size int64) (string, error) {
	h := sha1.New() //nolint:gosec // see above
	if b, ok := r.(interface{ Bytes() []byte }); ok {
		h.Write(b.Bytes())
		return "sha1:" + hex.EncodeToString(h.Sum(nil)), nil
	}
	buf := w.pool.window()
	defer w.pool.releaseWindow(buf)
	for off := int64(0); off < size; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n := min(int64(len(*buf)), size-off)
		if err := readFull(r, (*buf)[:n], off); err != nil {
			return "", err
		}
		h.Write((*buf)[:n])
		off += n
	}
	return "sha1:" + hex.EncodeToString(h.Sum(nil)), nil
}
