// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/advisory"
	"github.com/sekisho/sekisho/internal/advisory/depot"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
)

func (a *App) dbCommand() *cobra.Command {
	c := &cobra.Command{Use: "db", Short: a.lang.Of(message.DBShort), RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			var names []string
			for _, sub := range cmd.Commands() {
				names = append(names, sub.Name())
			}
			return a.usage(message.DBNoCommand, args[0], strings.Join(names, ", "))
		}
		return cmd.Help()
	}}
	for _, sub := range []*cobra.Command{
		a.dbBuildCommand(), a.dbUpdateCommand(), a.dbStatusCommand(), a.dbVerifyCommand(), a.dbSearchCommand(),
		a.dbExportCommand(), a.dbImportCommand(), a.dbKeygenCommand(), a.dbPushCommand(),
	} {
		sub.Flags().SortFlags = false
		if sub.Flags().Lookup("config") == nil {
			sub.Flags().String("config", "", a.lang.Of(message.FlagConfig))
		}
		sub.InitDefaultHelpFlag()
		sub.Flags().Lookup("help").Usage = a.lang.Of(message.FlagHelp)
		c.AddCommand(sub)
	}
	return c
}

// databaseCommand makes a command with the flags of the database of this machine.
func (a *App) databaseCommand(use string, short message.Text, args cobra.PositionalArgs, run func(cmd *cobra.Command, f *databaseFlags, args []string) error) *cobra.Command {
	f := &databaseFlags{}
	c := &cobra.Command{Use: use, Short: a.lang.Of(short), Args: args}
	f.local(a, c.Flags())
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		return run(cmd, f, args)
	}
	return c
}

// say writes a line of the command's answer.
func (a *App) say(cmd *cobra.Command, t message.Text, args ...any) error {
	_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.TrimRight(a.lang.Of(t, args...), " "))
	return err
}

// buildFlags are those of db build.
type buildFlags struct {
	from, out, key       string
	only                 []string
	facts, starter, fast bool
	expires              int
}

func (a *App) dbBuildCommand() *cobra.Command {
	f := &buildFlags{}
	t := func(m message.Text) string { return a.lang.Of(m) }
	var names []string
	for _, feed := range ecosystem.Feeds() {
		names = append(names, feed.Name)
	}
	slices.Sort(names)
	c := &cobra.Command{Use: "build", Short: t(message.DBBuildShort), Long: a.lang.Of(message.DBBuildLong, strings.Join(names, ", ")), Args: noArgs(a)}
	s := c.Flags()
	s.StringVar(&f.from, "from", "", t(message.FlagFrom))
	s.StringVarP(&f.out, "output", "o", "", t(message.FlagDBOut))
	s.StringSliceVar(&f.only, "only", nil, t(message.FlagOnly))
	s.StringVar(&f.key, "key", "", t(message.FlagSignKey))
	s.BoolVar(&f.facts, "facts-only", false, t(message.FlagFactsOnly))
	s.BoolVar(&f.starter, "starter", false, t(message.FlagStarter))
	s.BoolVar(&f.fast, "fast", false, t(message.FlagFast))
	s.IntVar(&f.expires, "expires", 0, t(message.FlagDBExpires))
	means(s, "output")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		return a.dbBuild(cmd, f, names)
	}
	return c
}

func (a *App) dbBuild(cmd *cobra.Command, f *buildFlags, known []string) (err error) {
	if f.from == "" || f.out == "" {
		return a.usage(message.DBFromMissing)
	}
	for _, n := range f.only {
		if !slices.Contains(known, n) {
			return a.usage(message.DBUnknownFeed, n, strings.Join(known, ", "))
		}
	}
	ctx := cmd.Context()
	var keys []ed25519.PrivateKey
	if f.key != "" {
		k, err := depot.ReadPrivateKey(a.path(f.key))
		if err != nil {
			return a.badFile("--key", f.key, err)
		}
		keys = append(keys, k)
	}
	if info, err := os.Stat(a.path(f.from)); err != nil || !info.IsDir() {
		return a.usage(message.DBNoFeeds, f.from)
	}
	dir, archive := a.path(f.out), ""
	if strings.HasSuffix(dir, ".tar") {
		if err := a.inDirectory(f.out); err != nil {
			return err
		}
		archive = dir
		if dir, err = os.MkdirTemp(filepath.Dir(archive), ".sekisho-db-*"); err != nil {
			return message.Errorf("make room for the database: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	w, err := depot.NewWriter(ctx, dir)
	if err != nil {
		return a.databaseError(dir, err)
	}
	defer w.Close()
	lines := make(chan advisory.Source, 64)
	told := make(chan struct{})
	go func() {
		defer close(told)
		for s := range lines {
			a.tellSource(cmd, s)
		}
	}()
	opt := advisory.BuildOptions{
		Feeds: ecosystem.Feeds(), Only: f.only, FactsOnly: f.facts || f.starter, StarterOnly: f.starter, QuickToRead: f.starter, Fast: f.fast,
		Done: func(s advisory.Source) { lines <- s },
	}
	if f.starter {
		opt.Keep = inStarter
	}
	sources, err := advisory.Build(ctx, a.path(f.from), opt, func(world string, rows int, shard []byte) error {
		_, err := w.Add(world, int64(rows), func(out io.Writer) error {
			_, err := out.Write(shard)
			return err
		})
		return err
	})
	close(lines)
	<-told
	if errors.Is(err, advisory.ErrNoEntry) {
		return a.usage(message.DBNoEntry, f.from, err)
	}
	if errors.Is(err, advisory.ErrNoFeeds) {
		return a.usage(message.DBFeedless, f.from)
	}
	if err != nil {
		return err
	}
	m := depot.Manifest{Kind: "full", Created: a.Now().UTC().Format(time.RFC3339)}
	newest := ""
	for _, s := range sources {
		m.Sources = append(m.Sources, depot.Source{Name: s.Name, Publisher: s.Publisher, License: s.License, Date: s.Date, Rows: int64(s.Rows), Problems: int64(s.Problems)})
		newest = max(newest, s.Date)
	}
	if f.starter {
		// The same feeds give the same bytes whenever it is built.
		m.Kind, m.Created = "starter", newest+"T00:00:00Z"
	}
	if f.expires > 0 {
		m.Expires = a.Now().UTC().AddDate(0, 0, f.expires).Format(time.RFC3339)
	}
	done, err := w.Commit(m, keys...)
	if err != nil {
		return err
	}
	if archive != "" {
		if err := a.export(ctx, dir, archive, depot.Policy{AllowUnsigned: true}, nil); err != nil {
			return err
		}
	}
	key := ""
	if len(keys) > 0 {
		public, _ := keys[0].Public().(ed25519.PublicKey)
		key = depot.KeyID(public)
	}
	rows, size := totals(done)
	return a.say(cmd, message.DBBuilt, f.out, len(done.Shards), rows, byteSize(size), a.signedBy(key))
}

// inDirectory wants the directory of a file that is to be written.
func (a *App) inDirectory(file string) error {
	dir := filepath.Dir(a.path(file))
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return a.usage(message.NoDirectory, file, dir)
	}
	return nil
}

// signedBy says which key signed; "" is none.
func (a *App) signedBy(key string) string {
	if key == "" {
		return a.lang.Of(message.DBUnsigned)
	}
	return a.lang.Of(message.DBSigned, key)
}

// inStarter leaves out what makes the program larger than it helps: releases
// that are long out of support, and feeds of malware.
func inStarter(world string) bool {
	return !strings.HasPrefix(world, "malware")
}

func totals(m *depot.Manifest) (rows, size int64) {
	for _, s := range m.Shards {
		rows += s.Rows
		size += s.Size
	}
	return rows, size
}

func (a *App) tellSource(cmd *cobra.Command, s advisory.Source) {
	var says []string
	if s.Rows > 0 {
		says = append(says, a.lang.Of(message.DBFeedRows, s.Rows))
	}
	if s.CVEs > 0 {
		says = append(says, a.lang.Of(message.DBFeedFlaws, s.CVEs))
	}
	if s.Problems > 0 {
		says = append(says, a.lang.Of(message.DBFeedProblems, s.Problems, oneLine(errors.New(s.FirstProblems[0]))))
	}
	fmt.Fprintln(cmd.ErrOrStderr(), feedLine(s.Name, s.Date, says))
}

// feedLine is a feed's line of a table; feeds without a date have a dash.
func feedLine(name, date string, says []string) string {
	return fmt.Sprintf("%-18s %-10s  %s", name, cmp.Or(date, "-"), strings.Join(says, "; "))
}

func (a *App) dbUpdateCommand() *cobra.Command {
	var o depot.Options
	var r registryFlags
	var offline bool
	var address string
	c := a.databaseCommand("update", message.DBUpdateShort, noArgs(a), func(cmd *cobra.Command, f *databaseFlags, _ []string) error {
		f.url = address
		switch {
		case offline:
			return a.usage(message.DBOfflineUpdate)
		case f.url == "":
			return a.usage(message.DBNoURL)
		}
		if err := a.readPassword(cmd.Context(), &r); err != nil {
			return err
		}
		origin, err := a.databaseOrigin(cmd.Context(), f, &r)
		if err != nil {
			return err
		}
		if o.Policy, err = a.trust(f, true); err != nil {
			return err
		}
		o.Now = a.Now()
		rep, err := depot.Update(cmd.Context(), a.databaseDir(f), origin, o)
		if errors.Is(err, depot.ErrNoDatabase) || errors.Is(err, depot.ErrGone) && rep.Manifest == nil && !rep.Checked {
			return &saidError{a.lang.Of(message.DBNoneThere, f.url), err}
		}
		if err != nil {
			return a.databaseError(a.databaseDir(f), err)
		}
		day := rep.Manifest.Created[:min(10, len(rep.Manifest.Created))]
		switch {
		case !rep.Checked:
			return a.say(cmd, message.DBAskedToday, day)
		case rep.Changed || len(rep.Fetched) > 0:
			return a.say(cmd, message.DBUpdated, day, len(rep.Fetched), byteSize(rep.BytesFetched), rep.Unchanged)
		}
		return a.say(cmd, message.DBCurrent, day, byteSize(rep.BytesFetched))
	})
	t := func(m message.Text) string { return a.lang.Of(m) }
	s := c.Flags()
	s.StringVar(&address, "db-url", "", t(message.FlagDBURL))
	s.BoolVar(&o.Force, "force", false, t(message.FlagForce))
	s.BoolVar(&o.All, "all", false, t(message.FlagAll))
	s.StringSliceVar(&o.Worlds, "world", nil, t(message.FlagWorld))
	s.BoolVar(&o.AllowRollback, "allow-rollback", false, t(message.FlagRollback))
	s.BoolVar(&offline, "offline", false, t(message.FlagOffline))
	r.add(a, s)
	return c
}

func (a *App) dbStatusCommand() *cobra.Command {
	parts := false
	c := a.databaseCommand("status", message.DBStatusShort, noArgs(a), func(cmd *cobra.Command, f *databaseFlags, _ []string) error {
		db, err := a.openDatabase(cmd.Context(), f, nil)
		if err != nil {
			return err
		}
		defer db.close()
		m := db.manifest
		where, here := a.lang.Of(message.DBInProgram), len(m.Shards)
		if db.depot != nil {
			where, here = a.lang.Of(message.DBStatusDir, db.dir, a.signedBy(db.key)), len(db.depot.Worlds())
		}
		rows, size := totals(m)
		if err := a.say(cmd, message.DBStatusLine, m.Kind, m.Created, a.daysSince(m.Created), where); err != nil {
			return err
		}
		if err := a.say(cmd, message.DBStatusParts, len(m.Shards), rows, byteSize(size), here); err != nil {
			return err
		}
		if t, ok := depot.LastChecked(db.dir); ok && db.depot != nil {
			if err := a.say(cmd, message.DBStatusAsked, t.UTC().Format(time.RFC3339)); err != nil {
				return err
			}
		}
		for _, s := range m.Sources {
			says := []string{a.lang.Of(message.DBFeedFacts)}
			if s.Rows > 0 {
				says[0] = a.lang.Of(message.DBFeedRows, s.Rows)
			}
			if s.Problems > 0 {
				says = append(says, a.lang.Of(message.DBFeedDoubt, s.Problems))
			}
			if s.License != "" {
				says = append(says, s.License)
			}
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), plain(feedLine(s.Name, s.Date, says))); err != nil {
				return err
			}
		}
		if !parts {
			return nil
		}
		return a.listParts(cmd, db)
	})
	c.Flags().BoolVar(&parts, "parts", false, a.lang.Of(message.FlagParts))
	return c
}

// listParts lists what the database can judge, and what of it is here.
func (a *App) listParts(cmd *cobra.Command, db *database) error {
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, a.lang.Of(message.DBPartsHead))
	var present []string
	if db.depot != nil {
		present = db.depot.Worlds()
	}
	for _, s := range db.manifest.Shards {
		here := message.DBPartHere
		if db.depot != nil && !slices.Contains(present, s.World) {
			here = message.DBPartAway
		}
		size := byteSize(s.Size)
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", plain(s.World), s.Rows, size.String(), a.lang.Of(here))
	}
	return w.Flush()
}

func (a *App) dbVerifyCommand() *cobra.Command {
	return a.databaseCommand("verify", message.DBVerifyShort, noArgs(a), func(cmd *cobra.Command, f *databaseFlags, _ []string) error {
		db, err := a.openDatabase(cmd.Context(), f, nil)
		if err != nil {
			return err
		}
		defer db.close()
		signed := a.lang.Of(message.DBInProgram)
		if db.depot != nil {
			signed = a.signedBy(db.key)
		}
		var bad []string
		here := make([]string, 0, len(db.manifest.Shards))
		for _, s := range db.manifest.Shards {
			here = append(here, s.World)
		}
		missing := 0
		if db.depot != nil {
			v, err := db.depot.Verify(cmd.Context())
			if err != nil {
				return err
			}
			missing, here = v.Missing, db.depot.Worlds()
			for _, d := range v.Damaged {
				bad = append(bad, d.Shard.World)
			}
		}
		// A part that is what the manifest says must also be readable.
		for _, world := range here {
			err := db.Each(cmd.Context(), world, func(*sekisho.Advisory) {})
			if cmd.Context().Err() != nil {
				return cmd.Context().Err()
			}
			if err != nil && !slices.Contains(bad, world) {
				bad = append(bad, world)
			}
		}
		whole := len(here) - len(bad)
		if len(bad) > 0 {
			return errors.New(a.lang.Of(message.DBDamagedParts, strings.Join(bad, ", ")))
		}
		return a.say(cmd, message.DBVerified, whole, missing, signed)
	})
}

func (a *App) dbExportCommand() *cobra.Command {
	var worlds []string
	var out string
	c := a.databaseCommand("export", message.DBExportShort, noArgs(a), func(cmd *cobra.Command, f *databaseFlags, _ []string) error {
		if out == "" {
			return a.usage(message.DBExportWhere)
		}
		if err := a.inDirectory(out); err != nil {
			return err
		}
		policy, err := a.trust(f, false)
		if err != nil {
			return err
		}
		dir := a.databaseDir(f)
		if err := a.export(cmd.Context(), dir, a.path(out), policy, worlds); err != nil {
			if errors.Is(err, depot.ErrNoDatabase) && f.dir == "" {
				return errors.New(a.lang.Of(message.DBReadOnlyStarter))
			}
			return a.databaseError(dir, err)
		}
		info, err := os.Stat(a.path(out))
		if err != nil {
			return err
		}
		return a.say(cmd, message.DBExported, out, byteSize(info.Size()))
	})
	c.Flags().StringVarP(&out, "output", "o", "", a.lang.Of(message.FlagExportFile))
	c.Flags().StringSliceVar(&worlds, "world", nil, a.lang.Of(message.FlagWorld))
	means(c.Flags(), "output")
	return c
}

// export writes the archive beside its place first: a file that is there is
// the whole.
func (a *App) export(ctx context.Context, dir, out string, policy depot.Policy, worlds []string) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(out), ".sekisho-db-*")
	if err != nil {
		return message.Errorf("write %s: %w", out, err)
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(depot.Export(ctx, tmp, dir, policy, worlds), tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), out)
}

func (a *App) dbImportCommand() *cobra.Command {
	var o depot.Options
	c := a.databaseCommand("import FILE", message.DBImportShort, oneArg(a, message.DBImportWhat), func(cmd *cobra.Command, f *databaseFlags, args []string) error {
		file, err := os.Open(a.path(args[0]))
		if err != nil {
			return a.notThere(args[0], err)
		}
		defer file.Close()
		if o.Policy, err = a.trust(f, false); err != nil {
			return err
		}
		o.Now = a.Now()
		rep, err := depot.Import(cmd.Context(), file, a.databaseDir(f), o)
		if err != nil {
			return a.databaseError(a.databaseDir(f), err)
		}
		return a.say(cmd, message.DBImported, rep.Manifest.Created, len(rep.Fetched)+rep.Unchanged)
	})
	c.Flags().BoolVar(&o.AllowRollback, "allow-rollback", false, a.lang.Of(message.FlagRollback))
	return c
}

func (a *App) dbKeygenCommand() *cobra.Command {
	c := &cobra.Command{Use: "keygen NAME", Short: a.lang.Of(message.DBKeygenShort), Args: oneArg(a, message.DBKeygenWhat)}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		private, public := a.path(args[0])+".key", a.path(args[0])+".pub"
		key, err := depot.GenerateKey(private, public)
		if err != nil {
			return err
		}
		pub, _ := key.Public().(ed25519.PublicKey)
		return a.say(cmd, message.DBKeysWritten, private, public, depot.KeyID(pub))
	}
	return c
}

func (a *App) dbPushCommand() *cobra.Command {
	var r registryFlags
	c := a.databaseCommand("push REGISTRY/NAME:TAG", message.DBPushShort, oneArg(a, message.DBPushWhat), func(cmd *cobra.Command, f *databaseFlags, args []string) error {
		ref := strings.TrimPrefix(args[0], "oci://")
		if err := a.readPassword(cmd.Context(), &r); err != nil {
			return err
		}
		o, err := a.registryOptions(&r)
		if err != nil {
			return err
		}
		policy, err := a.trust(f, false)
		if err != nil {
			return err
		}
		digest, err := image.PushDatabase(cmd.Context(), ref, a.databaseDir(f), policy, o)
		if err != nil {
			return a.databaseError(a.databaseDir(f), err)
		}
		return a.say(cmd, message.DBPushed, ref+"@"+digest)
	})
	r.add(a, c.Flags())
	return c
}
