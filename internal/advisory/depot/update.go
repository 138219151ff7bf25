// SPDX-License-Identifier: Apache-2.0

package depot

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sekisho/sekisho/internal/message"
)

// DefaultInterval is how often an origin is asked at most.
const DefaultInterval = 24 * time.Hour

// parallel is how many shards are fetched at once.
const parallel = 4

// Options of an update.
type Options struct {
	Policy Policy
	// Now is the clock's time.
	Now time.Time
	// Force asks the origin although it was asked within MinInterval
	// (0: [DefaultInterval]), and reads the shards that are present: damaged ones
	// are fetched again.
	Force       bool
	MinInterval time.Duration
	// AllowRollback takes an edition that is older than the present one, and
	// AllowExpired one that is past its date.
	AllowRollback, AllowExpired bool
	// Worlds to fetch the shards of; nil means those that are present, All every
	// one. A world that is named and not in the manifest is [ErrUnknownWorld].
	Worlds []string
	All    bool
	// LockWait is how long to wait for another process (0: a minute).
	LockWait time.Duration
	// Progress is told of the bytes of a shard that came, of how many; one call
	// at a time. It may be nil.
	Progress func(world string, done, total int64)
}

// Report of an update.
type Report struct {
	// Checked is true when the origin was asked for its manifest.
	Checked bool
	// Changed is true when it had another edition than the present one.
	Changed bool
	// Manifest is the edition that is present now.
	Manifest *Manifest
	// Key that signed it; empty when it is not signed.
	Key string
	// Fetched shards, in the order of the manifest, and Unchanged, how many of
	// the wanted ones were present.
	Fetched   []Shard
	Unchanged int
	// BytesFetched counts manifest, signature and shards.
	BytesFetched int64
}

// Update brings a directory up to the edition of its origin: the manifest, and
// the shards of the wanted worlds that are not present. The old edition is
// whole until everything is there. What was fetched before an error is kept,
// and the next update goes on there. The errors are the typed ones of this
// package, or those of the network.
func Update(ctx context.Context, dir string, origin Origin, o Options) (Report, error) {
	lock, err := lockDir(ctx, dir, o.LockWait)
	if err != nil {
		return Report{}, err
	}
	defer lock.Close()
	u := &update{dir: dir, o: o, fetcher: fetcher{dir: dir, origin: origin, rehash: o.Force}}
	if o.Progress != nil {
		var one sync.Mutex
		u.fetcher.progress = func(world string, done, total int64) {
			one.Lock()
			defer one.Unlock()
			o.Progress(world, done, total)
		}
	}
	return u.run(ctx)
}

type update struct {
	dir     string
	o       Options
	fetcher fetcher
	box     *archive // of an import; nil for an update

	present    *Manifest // nil when there is none, or a damaged one
	presentRaw []byte
	report     Report
}

func (u *update) run(ctx context.Context) (Report, error) {
	raw, sigs, err := readPair(u.dir)
	if err != nil && !errors.Is(err, ErrNoDatabase) {
		return u.report, err
	}
	if err == nil {
		if m, err := Parse(raw); err == nil {
			u.present, u.presentRaw = m, raw
		}
	}
	if u.present != nil && !u.o.Force && u.fresh() {
		if key, err := u.o.Policy.Check(raw, sigs); err == nil {
			u.report.Manifest, u.report.Key = u.present, key
			return u.report, u.shards(ctx, u.present)
		}
	}
	raw, sigs, err = u.fetcher.origin.Manifest(ctx)
	if err != nil {
		return u.report, message.Errorf("fetch the manifest of the database: %w", err)
	}
	u.report.Checked = true
	u.report.BytesFetched += int64(len(raw) + len(sigs))
	next, err := u.accept(raw, sigs)
	if err != nil {
		return u.report, err
	}
	if u.box != nil {
		err = u.box.shards(u, next)
	} else {
		err = u.shards(ctx, next)
	}
	if err != nil {
		return u.report, err
	}
	if err := commit(u.dir, raw, sigs); err != nil {
		return u.report, err
	}
	u.report.Manifest = next
	u.report.Changed = !bytes.Equal(raw, u.presentRaw)
	if u.box == nil {
		if err := replace(u.dir, stampFile, []byte(u.o.Now.UTC().Format(time.RFC3339)+"\n")); err != nil {
			return u.report, err
		}
	}
	collect(u.dir, next)
	return u.report, nil
}

// accept holds an edition on offer to the policy and to the one that is present.
func (u *update) accept(raw, sigs []byte) (*Manifest, error) {
	key, err := u.o.Policy.Check(raw, sigs)
	if err != nil {
		return nil, message.Errorf("the database on offer is refused: %w", err)
	}
	next, err := Parse(raw)
	if err != nil {
		return nil, message.Errorf("the database on offer is refused: %w", err)
	}
	u.report.Key = key
	switch {
	case u.present != nil && next.Serial < u.present.Serial && !u.o.AllowRollback:
		return nil, &EditionError{Kind: ErrRollback, Have: u.present, Offered: next}
	case next.Expired(u.o.Now) && !u.o.AllowExpired:
		return nil, &EditionError{Kind: ErrExpired, Have: u.present, Offered: next}
	}
	return next, nil
}

// shards fetches those of the wanted worlds that are not present.
func (u *update) shards(ctx context.Context, m *Manifest) error {
	wanted, err := u.wanted(m)
	if err != nil {
		return err
	}
	came, fetched := make([]int64, len(wanted)), make([]bool, len(wanted))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, s := range wanted {
		group.Go(func() (err error) {
			came[i], err = u.fetcher.fetch(ctx, s)
			fetched[i] = err == nil
			return err
		})
	}
	err = group.Wait()
	for i, s := range wanted {
		u.report.BytesFetched += came[i]
		switch {
		case fetched[i] && came[i] > 0:
			u.report.Fetched = append(u.report.Fetched, s)
		case fetched[i]:
			u.report.Unchanged++
		}
	}
	return err
}

// wanted lists the shards to have, each file once.
func (u *update) wanted(m *Manifest) (out []Shard, err error) {
	var worlds []string
	switch {
	case u.o.All:
		for _, s := range m.Shards {
			worlds = append(worlds, s.World)
		}
	case u.o.Worlds != nil:
		worlds = u.o.Worlds
	case u.present != nil:
		worlds = worldsPresent(u.dir, u.present)
	}
	seen := map[string]bool{}
	for _, w := range worlds {
		s, ok := m.Shard(w)
		switch {
		case !ok && u.o.Worlds != nil && !u.o.All:
			return nil, &WorldError{World: w, Kind: ErrUnknownWorld}
		case ok && !seen[s.Digest]:
			seen[s.Digest] = true
			out = append(out, s)
		}
	}
	return out, nil
}

// stampFile holds the time when the origin was asked last, RFC 3339.
const stampFile = "checked"

// fresh reports whether the origin was asked within the interval. A time that
// is yet to come was a wrong clock's.
func (u *update) fresh() bool {
	last, ok := LastChecked(u.dir)
	interval := u.o.MinInterval
	if interval == 0 {
		interval = DefaultInterval
	}
	age := u.o.Now.Sub(last)
	return ok && age >= 0 && age < interval
}

// LastChecked is when an update last asked the directory's origin.
func LastChecked(dir string) (time.Time, bool) {
	raw, err := readBounded(filepath.Join(dir, stampFile), 100)
	if err != nil {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(string(raw)))
	return t, err == nil
}

// Fetch makes the shard of a world present, by its digest in this edition, and
// returns its file and how many bytes came for it: 0 when it was there. An
// origin that has moved on to a newer edition may not have it any more
// ([ErrGone]): update then, and open anew.
func (d *Depot) Fetch(ctx context.Context, origin Origin, world string) (path string, n int64, err error) {
	if path, err = d.Path(world); err == nil || errors.Is(err, ErrUnknownWorld) {
		return path, 0, err
	}
	s, _ := d.manifest.Shard(world)
	lock, err := lockDir(ctx, d.dir, 0)
	if err != nil {
		return "", 0, err
	}
	defer lock.Close()
	if n, err = (&fetcher{dir: d.dir, origin: origin}).fetch(ctx, s); err != nil {
		return "", n, err
	}
	path, err = d.Path(world)
	return path, n, err
}
