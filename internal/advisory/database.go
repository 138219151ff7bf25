// SPDX-License-Identifier: Apache-2.0

package advisory

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// ErrNoWorld says that the database has no shard of a world: its packages
// cannot be assessed.
var ErrNoWorld = message.New("the database has no such part")

// Opener gives the bytes of a world's shard: from a file, from the binary, or
// fetched first. The error is ErrNoWorld where the database has none. It is
// called once a world.
type Opener func(ctx context.Context, world string) (r io.ReaderAt, size int64, closer func() error, err error)

// Database answers by package. Shards are opened when they are first asked for.
// It is safe for several goroutines.
type Database struct {
	open Opener

	mu     sync.Mutex
	worlds map[string]*lazyShard
}

type lazyShard struct {
	once  sync.Once
	shard *Shard
	err   error
}

// New gives a database over the shards that open finds.
func New(open Opener) *Database {
	return &Database{open: open, worlds: map[string]*lazyShard{}}
}

// Close closes every shard that was opened.
func (db *Database) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	var errs []error
	for _, l := range db.worlds {
		if l.shard != nil {
			errs = append(errs, l.shard.Close())
		}
	}
	db.worlds = map[string]*lazyShard{}
	return errors.Join(errs...)
}

func (db *Database) shard(ctx context.Context, world string) (*Shard, error) {
	db.mu.Lock()
	l := db.worlds[world]
	if l == nil {
		l = &lazyShard{}
		db.worlds[world] = l
	}
	db.mu.Unlock()
	l.once.Do(func() {
		r, size, closer, err := db.open(ctx, world)
		if err != nil {
			l.err = err
			return
		}
		if l.shard, l.err = OpenShard(r, size, closer); l.err != nil && closer != nil {
			l.err = errors.Join(l.err, closer())
		}
		if l.err == nil && l.shard.World != world {
			l.err = message.Errorf("the shard of %s is that of %s: %w", world, l.shard.World, ErrDamaged)
		}
	})
	return l.shard, l.err
}

// Has says whether the database can assess packages of a world. An error means
// that it should, but could not be opened or fetched.
func (db *Database) Has(ctx context.Context, world string) (bool, error) {
	_, err := db.shard(ctx, world)
	if errors.Is(err, ErrNoWorld) {
		return false, nil
	}
	return err == nil, err
}

// Advisories calls yield for each row about a package of a world. The row is
// used again for the next: what outlives the call must be copied. The error is
// ErrNoWorld, ErrDamaged, or that of the opener.
func (db *Database) Advisories(ctx context.Context, world, name string, yield func(*sekisho.Advisory)) error {
	s, err := db.shard(ctx, world)
	if err != nil {
		return err
	}
	value, err := s.Find(packageKey + name)
	if err != nil || value == "" {
		return err
	}
	return s.rows(name, value, yield)
}

func (s *Shard) rows(name, value string, yield func(*sekisho.Advisory)) error {
	d := decoder{s: value}
	a, ok := s.spare.Get().(*sekisho.Advisory)
	if !ok {
		a = &sekisho.Advisory{}
	}
	defer s.spare.Put(a)
	a.World, a.Package = s.World, name
	n := d.uint()
	for range n {
		feed := d.advisory(a)
		if d.err != nil || feed >= len(s.Feeds) {
			return message.Errorf("rows of %s in %s: %w", name, s.World, ErrDamaged)
		}
		a.Feed = s.Feeds[feed]
		yield(a)
	}
	return nil
}

// CVE gives what is known of a flaw that an advisory of the world names; nil
// when nothing is. EPSS, known exploitation and exploits come from the shard of
// its year.
func (db *Database) CVE(ctx context.Context, world, id string) (*sekisho.CVE, error) {
	c := &sekisho.CVE{ID: id}
	for _, w := range []string{world, RiskWorld(id)} {
		s, err := db.shard(ctx, w)
		if errors.Is(err, ErrNoWorld) {
			continue
		}
		if err != nil {
			return nil, err
		}
		value, err := s.Find(cveKey + id)
		if err != nil {
			return nil, err
		}
		if value == "" {
			continue
		}
		d := decoder{s: value}
		if d.cve(c); d.err != nil {
			return nil, message.Errorf("%s in %s: %w", id, w, ErrDamaged)
		}
	}
	return c, nil
}

// Each calls yield for every row of a world, in the order of the packages.
func (db *Database) Each(ctx context.Context, world string, yield func(*sekisho.Advisory)) error {
	s, err := db.shard(ctx, world)
	if err != nil {
		return err
	}
	return s.Pairs(func(key, value string) error {
		if key[:1] != packageKey {
			return nil
		}
		return s.rows(key[1:], value, yield)
	})
}

// Head gives what a world's shard says of itself.
func (db *Database) Head(ctx context.Context, world string) (Head, error) {
	s, err := db.shard(ctx, world)
	if err != nil {
		return Head{}, err
	}
	return s.Head, nil
}

// File opens a shard's file for an Opener.
func File(path string) (io.ReaderAt, int64, func() error, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, nil, errors.Join(err, f.Close())
	}
	return f, info.Size(), f.Close, nil
}
