// SPDX-License-Identifier: Apache-2.0

package scan

import (
	"cmp"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// cacheFormat is raised when the stored shape changes.
const cacheFormat = 1

// Cache keeps the facts of layers, one file a layer, keyed by diff id, the
// extractors with their versions and fingerprints, and the bounds. Writes are atomic, so that
// processes can share it; a damaged entry is a miss. A nil Cache keeps nothing.
type Cache struct {
	dir   string
	limit int64
	now   func() time.Time
}

// DefaultCacheSize is how large the cache may grow, in bytes.
const DefaultCacheSize = 512 << 20

// NewCache keeps facts under dir (made when it is first written), in at most
// limit bytes (0: DefaultCacheSize). Now is the clock.
func NewCache(dir string, limit int64, now func() time.Time) *Cache {
	if limit <= 0 {
		limit = DefaultCacheSize
	}
	return &Cache{dir: filepath.Join(dir, "facts"), limit: limit, now: now}
}

// CacheInfo describes the cache.
type CacheInfo struct {
	Dir     string    `json:"dir"`
	Entries int       `json:"entries"`
	Bytes   int64     `json:"bytes"`
	Limit   int64     `json:"limit"`
	Oldest  time.Time `json:"oldest,omitzero"`
}

// Info counts what the cache holds.
func (c *Cache) Info() (CacheInfo, error) {
	info := CacheInfo{Dir: c.dir, Limit: c.limit}
	list, err := c.list()
	for _, e := range list {
		info.Entries++
		info.Bytes += e.Size()
		if info.Oldest.IsZero() || e.ModTime().Before(info.Oldest) {
			info.Oldest = e.ModTime()
		}
	}
	return info, err
}

// Clean removes every entry.
func (c *Cache) Clean() (CacheInfo, error) {
	info, err := c.Info()
	if err != nil {
		return info, err
	}
	if err := os.RemoveAll(c.dir); err != nil {
		return info, message.Errorf("clean the cache: %w", err)
	}
	return info, nil
}

func (c *Cache) list() ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, message.Errorf("list the cache: %w", err)
	}
	var list []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			list = append(list, info)
		}
	}
	return list, nil
}

// version is the part of the key that all layers of a run share.
func (c *Cache) version(opt *Options) string {
	if c == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d\n%d %d %d %d\n%q\n", cacheFormat, opt.Bounds.FileBytes, opt.Bounds.PathBytes, opt.Bounds.Nesting, opt.Bounds.Ratio, opt.Exclude)
	names := make([]string, 0, len(opt.Extractors))
	for _, e := range opt.Extractors {
		name := fmt.Sprintf("%s %d", e.Name(), e.Version())
		if f, ok := e.(sekisho.Fingerprinter); ok {
			name += fmt.Sprintf(" %q", f.Fingerprint())
		}
		names = append(names, name+"\n")
	}
	slices.Sort(names)
	return b.String() + strings.Join(names, "")
}

// usable says whether the facts of the extractors can be cached at all.
func (c *Cache) usable(opt *Options) bool {
	return c != nil && !slices.ContainsFunc(opt.Extractors, func(e sekisho.Extractor) bool {
		f, ok := e.(sekisho.Fingerprinter)
		return ok && f.Fingerprint() == ""
	})
}

func (c *Cache) path(l *sekisho.Layer, version string) string {
	sum := sha256.Sum256([]byte(l.DiffID + "\n" + version))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:]))
}

// stored is the shape on disk.
type stored struct {
	DiffID string
	Facts  facts
}

// load returns the facts of a layer, nil when there are none.
func (c *Cache) load(l *sekisho.Layer, version string) *facts {
	if c == nil || l.DiffID == "" {
		return nil
	}
	name := c.path(l, version)
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	zr, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return nil
	}
	defer zr.Close()
	var s stored
	if gob.NewDecoder(zr).Decode(&s) != nil || s.DiffID != l.DiffID {
		return nil
	}
	s.Facts.cached = true
	// The time says which entries are in use; losing it does no harm.
	now := c.now()
	_ = os.Chtimes(name, now, now)
	return &s.Facts
}

// store keeps the facts of a layer that was read to its verified end. A full
// disk or a directory that cannot be written costs speed, not the scan.
func (c *Cache) store(l *sekisho.Layer, version string, f *facts) {
	if c == nil || l.DiffID == "" || f.broken {
		return
	}
	if slices.ContainsFunc(f.Inventory.Problems, func(p sekisho.Problem) bool { return p.Passing }) {
		return
	}
	if os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	tmp, err := os.CreateTemp(c.dir, tempPrefix+"*")
	if err != nil {
		return
	}
	defer os.Remove(tmp.Name())
	zw, err := zstd.NewWriter(tmp, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err == nil {
		err = errors.Join(gob.NewEncoder(zw).Encode(stored{l.DiffID, *f}), zw.Close())
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return
	}
	if os.Rename(tmp.Name(), c.path(l, version)) == nil {
		c.prune()
	}
}

// tempPrefix marks entries that are being written.
const tempPrefix = ".new-"

// prune removes the entries that were not used for the longest time, down to
// the limit, and what crashed writers left behind.
func (c *Cache) prune() {
	list, err := c.list()
	if err != nil {
		return
	}
	var total int64
	for _, e := range list {
		total += e.Size()
	}
	slices.SortFunc(list, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, e := range list {
		if strings.HasPrefix(e.Name(), tempPrefix) {
			if c.now().Sub(e.ModTime()) > time.Hour {
				_ = os.Remove(filepath.Join(c.dir, e.Name())) // another process may have been faster
			}
			continue
		}
		if total <= c.limit {
			continue
		}
		if os.Remove(filepath.Join(c.dir, e.Name())) == nil {
			total -= e.Size()
		}
	}
}
