// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/advisory/depot"
	"github.com/sekisho/sekisho/internal/advisory/starter"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/match"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
)

// databaseFlags say which database judges.
type databaseFlags struct {
	dir, url             string
	keys                 []string
	skipUpdate, unsigned bool
}

func (f *databaseFlags) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s.StringVar(&f.dir, "db", "", t(message.FlagDB))
	s.StringVar(&f.url, "db-url", "", t(message.FlagDBURL))
	s.StringSliceVar(&f.keys, "db-key", nil, t(message.FlagDBKey))
	s.BoolVar(&f.unsigned, "allow-unsigned", false, t(message.FlagUnsigned))
}

// databaseDir is where the user's database is kept.
func (a *App) databaseDir(f *databaseFlags) string {
	if f.dir != "" {
		return a.path(f.dir)
	}
	if d := a.env("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "sekisho", "db")
	}
	if h := a.env("HOME"); h != "" {
		return filepath.Join(h, ".local", "share", "sekisho", "db")
	}
	return filepath.Join(a.cacheDir(""), "db")
}

// trust is the policy for a database: what is on this machine needs a signature
// once keys are configured, what comes from elsewhere always.
func (a *App) trust(f *databaseFlags, remote bool) (depot.Policy, error) {
	var keys []ed25519.PublicKey
	for _, file := range f.keys {
		k, err := depot.ReadPublicKeys(a.path(file))
		if err != nil {
			return depot.Policy{}, err
		}
		keys = append(keys, k...)
	}
	return depot.Policy{Keys: keys, AllowUnsigned: f.unsigned || (len(keys) == 0 && !remote)}, nil
}

// databaseOrigin is where updates come from.
func (a *App) databaseOrigin(ctx context.Context, f *databaseFlags, r *registryFlags) (depot.Origin, error) {
	switch {
	case strings.HasPrefix(f.url, "https://"), strings.HasPrefix(f.url, "http://"):
		client, err := a.httpClient(r)
		if err != nil {
			return nil, err
		}
		return depot.HTTPS(f.url, client, r.plainHTTP)
	case strings.HasPrefix(f.url, "oci://"):
		o, err := a.registryOptions(r)
		if err != nil {
			return nil, err
		}
		return image.OpenDatabase(ctx, strings.TrimPrefix(f.url, "oci://"), o)
	}
	return depot.Directory(a.path(strings.TrimPrefix(f.url, "file://"))), nil
}

func (a *App) httpClient(r *registryFlags) (*http.Client, error) {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultClient, nil
	}
	transport = transport.Clone()
	conf := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: r.insecure} //nolint:gosec // only where the user asked for it
	if r.caFile != "" {
		pem, err := os.ReadFile(a.path(r.caFile))
		if err != nil {
			return nil, fmt.Errorf("read the authorities: %w", err)
		}
		if conf.RootCAs, err = x509.SystemCertPool(); err != nil {
			conf.RootCAs = x509.NewCertPool()
		}
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the authorities: %s holds no PEM certificate", r.caFile)
		}
	}
	transport.TLSClientConfig = conf
	return &http.Client{Transport: transport}, nil
}

// database is an open one with its description.
type database struct {
	*advisory.Database
	manifest *depot.Manifest
	// where it lies; empty for the one in the program.
	dir   string
	key   string
	depot *depot.Depot

	mu   sync.Mutex
	used map[string]bool
	// fetched counts the bytes that came over the network while it was used.
	fetched int64
}

func (d *database) close() {
	_ = d.Close() // read only: nothing can be lost
	if d.depot != nil {
		_ = d.depot.Close()
	}
}

// openDatabase opens the database that was asked for: --db, else the user's,
// else the one in the program. With an origin, parts that are missing are
// fetched when they are asked for.
func (a *App) openDatabase(ctx context.Context, f *databaseFlags, origin depot.Origin) (*database, error) {
	policy, err := a.trust(f, false)
	if err != nil {
		return nil, err
	}
	dir := a.databaseDir(f)
	d, err := depot.Open(ctx, dir, policy)
	if errors.Is(err, depot.ErrNoDatabase) && f.dir == "" {
		return openStarter()
	}
	if err != nil {
		return nil, err
	}
	db := &database{manifest: d.Manifest(), dir: dir, key: d.Key(), depot: d, used: map[string]bool{}}
	db.Database = advisory.New(func(ctx context.Context, world string) (io.ReaderAt, int64, func() error, error) {
		path, err := d.Path(world)
		if errors.Is(err, depot.ErrNotFetched) && origin != nil {
			var n int64
			path, n, err = d.Fetch(ctx, origin, world)
			db.mu.Lock()
			db.fetched += n
			db.mu.Unlock()
		}
		switch {
		case errors.Is(err, depot.ErrUnknownWorld):
			return nil, 0, nil, advisory.ErrNoWorld
		case errors.Is(err, depot.ErrNotFetched):
			return nil, 0, nil, errors.New(a.lang.Of(message.DBNotHere, world))
		case err != nil:
			return nil, 0, nil, err
		}
		db.use(world)
		return advisory.File(path)
	})
	return db, nil
}

// openStarter opens the database in the program.
func openStarter() (*database, error) {
	text, err := starter.Manifest()
	if err != nil {
		return nil, err
	}
	m, err := depot.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	db := &database{manifest: m, used: map[string]bool{}}
	db.Database = advisory.New(func(_ context.Context, world string) (io.ReaderAt, int64, func() error, error) {
		s, ok := m.Shard(world)
		if !ok {
			return nil, 0, nil, advisory.ErrNoWorld
		}
		text, ok := starter.Shard(s.Digest)
		if !ok {
			return nil, 0, nil, advisory.ErrNoWorld
		}
		db.use(world)
		return strings.NewReader(text), int64(len(text)), nil, nil
	})
	return db, nil
}

func (d *database) use(world string) {
	d.mu.Lock()
	d.used[world] = true
	d.mu.Unlock()
}

// describe gives the sources that the scan used, for its report, and the date
// of the oldest: the judgement is as old as that.
func (d *database) describe(ctx context.Context) (info *sekisho.Database, oldest string, err error) {
	info = &sekisho.Database{Kind: d.manifest.Kind, Date: d.manifest.Created[:min(10, len(d.manifest.Created))]}
	feeds := map[string]bool{}
	d.mu.Lock()
	worlds := make([]string, 0, len(d.used))
	for w := range d.used {
		worlds = append(worlds, w)
	}
	d.mu.Unlock()
	for _, w := range worlds {
		head, err := d.Head(ctx, w)
		if err != nil {
			return nil, "", err
		}
		for _, f := range head.Feeds {
			feeds[f] = true
		}
	}
	for _, s := range d.manifest.Sources {
		if !feeds[s.Name] {
			continue
		}
		info.Sources = append(info.Sources, sekisho.DatabaseSource{Name: s.Name, Date: s.Date})
		if s.Date != "" && (oldest == "" || s.Date < oldest) {
			oldest = s.Date
		}
	}
	slices.SortFunc(info.Sources, func(x, y sekisho.DatabaseSource) int { return strings.Compare(x.Name, y.Name) })
	if oldest == "" {
		oldest = info.Date
	}
	return info, oldest, nil
}

// staleDays is the age from which a database that was fetched is worth a word.
const staleDays = 7

// warnAge says how old the judgement is.
func (a *App) warnAge(d *database, oldest string) {
	t, err := time.Parse(time.DateOnly, oldest)
	if err != nil {
		return
	}
	days := int(a.Now().Sub(t) / (24 * time.Hour))
	switch {
	case d.dir == "":
		a.remark(message.DBStarterWarning, max(days, 0))
	case days > staleDays:
		a.remark(message.DBOldWarning, days)
	}
}

// scanDatabase opens the database for a scan, brought up to date first where an
// origin is configured: a failure is told, and what is there is used.
func (a *App) scanDatabase(ctx context.Context, f *scanFlags) (*database, error) {
	var origin depot.Origin
	var updateErr error
	if f.db.url != "" && !f.offline {
		var err error
		if origin, err = a.databaseOrigin(ctx, &f.db, &f.registry); err != nil {
			return nil, err
		}
		if !f.db.skipUpdate {
			policy, err := a.trust(&f.db, true)
			if err != nil {
				return nil, err
			}
			_, updateErr = depot.Update(ctx, a.databaseDir(&f.db), origin, depot.Options{Policy: policy, Now: a.Now()})
		}
	}
	db, err := a.openDatabase(ctx, &f.db, origin)
	if err != nil {
		return nil, errors.Join(err, updateErr)
	}
	if updateErr != nil {
		var bad *depot.SignatureError
		if db.dir == "" && errors.As(updateErr, &bad) {
			return nil, updateErr
		}
		a.remark(message.DBUpdateFailed, updateErr, db.manifest.Created[:min(10, len(db.manifest.Created))])
	}
	return db, nil
}

// matcher is the checker of vulnerabilities over a database.
func (d *database) matcher() *match.Matcher {
	return &match.Matcher{Database: d, Places: ecosystem.Places(), Score: advisory.Score}
}
