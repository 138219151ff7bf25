// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
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
	f.local(a, s)
	s.StringVar(&f.url, "db-url", "", a.lang.Of(message.FlagDBURL))
}

// local are the flags of commands that look at the database of this machine and
// fetch none.
func (f *databaseFlags) local(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s.StringVar(&f.dir, "db", "", t(message.FlagDB))
	s.StringSliceVar(&f.keys, "db-key", nil, t(message.FlagDBKey))
	s.BoolVar(&f.unsigned, "allow-unsigned", false, t(message.FlagUnsigned))
}

// judgingCommand makes a command that asks the database about a report, as a scan
// asks it: of the edition that --db-url has, with what reaches it.
func (a *App) judgingCommand(use string, short message.Text, f *scanFlags, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: a.lang.Of(short), Args: cobra.ArbitraryArgs}
	s := c.Flags()
	f.db.add(a, s)
	s.BoolVar(&f.db.skipUpdate, "skip-db-update", false, a.lang.Of(message.FlagSkipDBUpdate))
	s.BoolVar(&f.offline, "offline", false, a.lang.Of(message.FlagOffline))
	f.registry.add(a, s)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		if err := a.readPassword(cmd.Context(), &f.registry); err != nil {
			return err
		}
		return run(cmd, args)
	}
	return c
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
			return depot.Policy{}, a.badFile("--db-key", file, err)
		}
		keys = append(keys, k...)
	}
	return depot.Policy{Keys: keys, AllowUnsigned: f.unsigned || (len(keys) == 0 && !remote)}, nil
}

// badFile is the user's mistake of a file that a flag names.
func (a *App) badFile(flag, name string, err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		err = a.notThere(name, err)
	}
	return a.usage(message.DBKeyFile, flag, err)
}

// databaseOrigin is where updates come from; nothing is asked before it must.
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
	dir := strings.TrimPrefix(f.url, "file://")
	if strings.Contains(dir, "://") {
		return nil, a.usage(message.DBBadURL, f.url)
	}
	return depot.Directory(a.path(dir)), nil
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
			return nil, a.badFile("--ca-file", r.caFile, err)
		}
		if conf.RootCAs, err = x509.SystemCertPool(); err != nil {
			conf.RootCAs = x509.NewCertPool()
		}
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, a.badFile("--ca-file", r.caFile, message.Errorf("%s holds no PEM certificate", r.caFile))
		}
	}
	transport.TLSClientConfig = conf
	return &http.Client{Transport: transport}, nil
}

// databaseError says what is wrong with a database in the user's language and by
// the names of the flags, which the room of the database does not know.
func (a *App) databaseError(dir string, err error) error {
	var signature *depot.SignatureError
	var edition *depot.EditionError
	var manifest *depot.ManifestError
	var damaged *depot.DamagedError
	var world *depot.WorldError
	text := ""
	switch {
	case err == nil:
		return nil
	case errors.As(err, &signature):
		have := strings.Join(signature.Have, ", ")
		switch {
		case errors.Is(err, depot.ErrUnsigned):
			text = a.lang.Of(message.DBRefusedUnsigned)
		case errors.Is(err, depot.ErrAltered):
			text = a.lang.Of(message.DBRefusedAltered, have)
		case len(signature.Want) == 0:
			text = a.lang.Of(message.DBRefusedNoKey, have)
		default:
			text = a.lang.Of(message.DBRefusedKey, have, strings.Join(signature.Want, ", "))
		}
	case errors.As(err, &edition) && errors.Is(err, depot.ErrExpired):
		text = a.lang.Of(message.DBRefusedExpired, edition.Offered.Created, edition.Offered.Expires)
	case errors.As(err, &edition):
		text = a.lang.Of(message.DBRefusedOlder, edition.Offered.Created, edition.Have.Created)
	case errors.As(err, &manifest):
		text = a.lang.Of(message.DBRefusedManifest, manifest.Why)
	case errors.As(err, &damaged):
		text = a.lang.Of(message.DBDamagedPart, damaged.Shard.World, damaged.Why)
	case errors.As(err, &world) && errors.Is(err, depot.ErrUnknownWorld):
		return a.usage(message.DBNoSuchPart, world.World)
	case errors.Is(err, depot.ErrNoDatabase):
		text = a.lang.Of(message.DBNone, dir)
	case errors.Is(err, depot.ErrBusy):
		text = a.lang.Of(message.DBBusy)
	default:
		return err
	}
	return &saidError{text, err}
}

// refused says that a database was offered and not taken.
func refused(err error) bool {
	var signature *depot.SignatureError
	var edition *depot.EditionError
	var manifest *depot.ManifestError
	var damaged *depot.DamagedError
	return errors.As(err, &signature) || errors.As(err, &edition) || errors.As(err, &manifest) || errors.As(err, &damaged)
}

// saidError is an error in other words.
type saidError struct {
	text string
	err  error
}

func (e *saidError) Error() string { return e.text }
func (e *saidError) Unwrap() error { return e.err }

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
	// newer editions that came while it was used.
	newer []*depot.Depot
}

func (d *database) close() {
	_ = d.Close() // read only: nothing can be lost
	if d.depot != nil {
		_ = d.depot.Close()
	}
	for _, n := range d.newer {
		_ = n.Close()
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
		return nil, a.databaseError(dir, err)
	}
	db := &database{manifest: d.Manifest(), dir: dir, key: d.Key(), depot: d, used: map[string]bool{}}
	db.Database = advisory.New(func(ctx context.Context, world string) (io.ReaderAt, int64, func() error, error) {
		path, err := d.Path(world)
		if errors.Is(err, depot.ErrNotFetched) && origin != nil {
			path, err = a.fetchPart(ctx, db, f, origin, world)
		}
		switch {
		case errors.Is(err, depot.ErrUnknownWorld):
			return nil, 0, nil, advisory.ErrNoWorld
		case errors.Is(err, depot.ErrNotFetched):
			return nil, 0, nil, errors.New(a.lang.Of(message.DBNotHere, world))
		case err != nil:
			return nil, 0, nil, a.databaseError(dir, err)
		}
		db.use(world)
		return advisory.File(path)
	})
	return db, nil
}

// fetchPart makes a part of the edition present. The origin may have moved on
// since it was asked, and have that part no more: then its new edition is taken.
func (a *App) fetchPart(ctx context.Context, db *database, f *databaseFlags, origin depot.Origin, world string) (string, error) {
	path, _, err := db.depot.Fetch(ctx, origin, world)
	if !errors.Is(err, depot.ErrGone) || f.skipUpdate {
		return path, err
	}
	remote, err := a.trust(f, true)
	if err != nil {
		return "", err
	}
	_, err = depot.Update(ctx, db.dir, origin, depot.Options{Policy: remote, Now: a.Now(), MinInterval: time.Nanosecond, Worlds: []string{world}})
	if err != nil {
		return "", err
	}
	local, err := a.trust(f, false)
	if err != nil {
		return "", err
	}
	newer, err := depot.Open(ctx, db.dir, local)
	if err != nil {
		return "", err
	}
	db.mu.Lock()
	db.newer = append(db.newer, newer)
	db.manifest = newer.Manifest()
	db.mu.Unlock()
	return newer.Path(world)
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

// smallPart of the rows of the feeds that were used: a feed with less does not
// make the whole judgement as old as it is (Node.js has no newer list of the
// flaws of its core than that of 2020).
const smallPart = 20

// describe gives the sources that the scan used, for its report, and the date
// of the oldest that is not a small part: the judgement is as old as that.
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
	rows := int64(0)
	for _, s := range d.manifest.Sources {
		if feeds[s.Name] {
			rows += s.Rows
		}
	}
	for _, s := range d.manifest.Sources {
		if s.Name == "kev" || s.Name == "epss" {
			info.Facts = append(info.Facts, sekisho.DatabaseSource{Name: s.Name, Date: s.Date})
		}
		if !feeds[s.Name] {
			continue
		}
		info.Sources = append(info.Sources, sekisho.DatabaseSource{Name: s.Name, Date: s.Date})
		if s.Date != "" && s.Rows >= rows/smallPart && (oldest == "" || s.Date < oldest) {
			oldest = s.Date
		}
	}
	for _, list := range [][]sekisho.DatabaseSource{info.Sources, info.Facts} {
		slices.SortFunc(list, func(x, y sekisho.DatabaseSource) int { return strings.Compare(x.Name, y.Name) })
	}
	if oldest == "" {
		oldest = info.Date
	}
	return info, oldest, nil
}

// staleDays is the age from which a database that was fetched is worth a word.
const staleDays = 7

// daysSince counts whole days since a date or time; 0 for one that is none, or
// is yet to come.
func (a *App) daysSince(date string) int {
	t, err := time.Parse(time.DateOnly, date[:min(10, len(date))])
	if err != nil {
		return 0
	}
	return max(int(a.Now().Sub(t)/(24*time.Hour)), 0)
}

// warnAge says how old the judgement is.
func (a *App) warnAge(d *database, oldest string) {
	days := a.daysSince(oldest)
	switch {
	case d.dir == "":
		a.remark(message.DBStarterWarning, days)
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
			dir := a.databaseDir(&f.db)
			_, err = depot.Update(ctx, dir, origin, depot.Options{Policy: policy, Now: a.Now()})
			updateErr = a.databaseError(dir, err)
		}
	}
	db, err := a.openDatabase(ctx, &f.db, origin)
	if err != nil {
		return nil, errors.Join(err, updateErr)
	}
	if updateErr != nil {
		// The place that was named answers, and not to be trusted: who has no
		// database of theirs from before is not to take another for it.
		if db.dir == "" && refused(updateErr) {
			db.close()
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
