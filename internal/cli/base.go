// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/advisory/depot"
	"github.com/sekisho/sekisho/internal/base"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// baseIndexName is the file of the index of bases, in the directory of data: what
// cleans the cache leaves it alone.
const baseIndexName = "bases.json"

func (a *App) baseIndexFile() string {
	if d := a.env("XDG_DATA_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "sekisho", baseIndexName)
	}
	if home := a.env("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "sekisho", baseIndexName)
	}
	return filepath.Join(a.cacheDir(""), baseIndexName)
}

// baseIndex reads the index; one that is not there is empty.
func (a *App) baseIndex() (*base.Index, error) {
	name := a.baseIndexFile()
	var b []byte
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() { // a pipe would keep the program waiting
		return nil, errors.New(a.lang.Of(message.BaseIndexBad, name, a.lang.Of(message.NoFile, name)))
	}
	if err == nil {
		b, err = readBounded(name, base.MaxIndex)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New(a.lang.Of(message.BaseIndexBad, name, err))
	}
	x, err := base.ParseIndex(b)
	if err != nil {
		return nil, errors.New(a.lang.Of(message.BaseIndexBad, name, err))
	}
	return x, nil
}

// changeBaseIndex reads the index, has it changed and writes it, while no other
// process does.
func (a *App) changeBaseIndex(ctx context.Context, change func(x *base.Index) error) error {
	name := a.baseIndexFile()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // names of images, as readable as the report
		return message.Errorf("write the index of bases: %w", err)
	}
	lock, err := depot.Lock(ctx, name+".lock", time.Minute)
	if err != nil {
		return errors.New(a.lang.Of(message.BaseIndexBad, name, err))
	}
	defer lock.Close()
	x, err := a.baseIndex()
	if err != nil {
		return err
	}
	if err := change(x); err != nil {
		return err
	}
	return a.writeBaseIndex(x)
}

// writeBaseIndex replaces the file as a whole: a reader sees the old or the new
// one.
func (a *App) writeBaseIndex(x *base.Index) error {
	b, err := x.Encode()
	if err != nil {
		return message.Errorf("write the index of bases: %w", err)
	}
	name := a.baseIndexFile()
	tmp, err := os.CreateTemp(filepath.Dir(name), baseIndexName+".*")
	if err != nil {
		return message.Errorf("write the index of bases: %w", err)
	}
	_, err = tmp.Write(b)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the reason is told below
		return message.Errorf("write the index of bases: %w", err)
	}
	return nil
}

func (a *App) baseCommand() *cobra.Command {
	c := &cobra.Command{Use: "base", Short: a.lang.Of(message.BaseShort), RunE: func(cmd *cobra.Command, args []string) error {
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		return cmd.Help()
	}}
	c.AddCommand(a.baseAddCommand(), a.baseListCommand(), a.baseRemoveCommand())
	return c
}

func (a *App) baseAddCommand() *cobra.Command {
	f := &scanFlags{}
	var name string
	c := &cobra.Command{Use: "add IMAGE...", Short: a.lang.Of(message.BaseAddShort), Long: a.lang.Of(message.BaseAddLong), Example: a.lang.Of(message.BaseAddExample)}
	s := c.Flags()
	s.StringVar(&name, "name", "", a.lang.Of(message.FlagBaseName))
	s.Var(&f.platform, "platform", a.lang.Of(message.FlagPlatform))
	s.BoolVar(&f.offline, "offline", false, a.lang.Of(message.FlagOffline))
	s.BoolVarP(&f.quiet, "quiet", "q", false, a.lang.Of(message.FlagQuiet))
	f.registry.add(a, s)
	s.String("config", "", a.lang.Of(message.FlagConfig))
	means(s, "name")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		switch {
		case len(args) == 0:
			return a.usage(message.BaseNoImage, "add")
		case name != "" && len(args) > 1:
			return a.usage(message.BaseNameMany)
		}
		if err := a.readPassword(cmd.Context(), &f.registry); err != nil {
			return err
		}
		if _, err := a.baseIndex(); err != nil {
			return err // before any image is opened
		}
		var all []addedBase
		for _, arg := range args {
			one, err := a.openBase(cmd.Context(), arg, name, f)
			if err != nil {
				return err
			}
			all = append(all, one...)
		}
		var said strings.Builder
		err := a.changeBaseIndex(cmd.Context(), func(x *base.Index) error {
			for _, b := range all {
				if err := a.baseAdd(&said, x, &b); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = io.WriteString(cmd.OutOrStdout(), said.String())
		return err
	}
	return c
}

// addedBase is an opened image, of which the manifest alone was read, and the name
// under which it is kept.
type addedBase struct {
	art     *sekisho.Artifact
	arg, as string
}

// openBase opens an image in each of its platforms that was asked for.
func (a *App) openBase(ctx context.Context, arg, name string, f *scanFlags) ([]addedBase, error) {
	t, err := a.target([]string{arg}, f)
	if err != nil {
		return nil, err
	}
	bar := a.newProgress(true)
	defer bar.close()
	all, err := a.open(ctx, t, f, bar)
	if err != nil {
		return nil, err
	}
	defer closeAll(all)
	var out []addedBase
	for _, art := range all {
		as := name
		if as == "" {
			as = art.Target.Name
			if art.Image != nil && len(art.Image.Tags) > 0 && strings.HasSuffix(art.Target.Source, "archive") {
				as = art.Image.Tags[0]
			}
		}
		out = append(out, addedBase{art, arg, as})
	}
	return out, nil
}

// baseAdd adds an opened image, and writes what to say when the index is kept.
func (a *App) baseAdd(said *strings.Builder, x *base.Index, b *addedBase) error {
	art, as := b.art, b.as
	before := x.Meant(art, as)
	fresh, err := x.Add(art, as, a.today())
	if err != nil {
		return message.Errorf("%s: %w", b.arg, err)
	}
	where := art.Target.Source
	if p := art.Target.Platform; p != nil {
		where = p.String()
	}
	text := a.lang.Of(message.BaseAdded, as, len(art.Layers), where)
	if before > 0 {
		text = a.lang.Of(message.BaseAddedMoved, as, len(art.Layers), where, before)
	}
	if others := x.Others(art, as); !fresh && len(others) > 0 {
		text = a.lang.Of(message.BaseAddedSame, as, len(art.Layers), strings.Join(others, ", "))
	}
	said.WriteString(plain(text) + "\n")
	return nil
}

func closeAll(all []*sekisho.Artifact) {
	for _, art := range all {
		if art.Close != nil {
			_ = art.Close() // read only: nothing can be lost
		}
	}
}

func (a *App) baseListCommand() *cobra.Command {
	return &cobra.Command{Use: "list", Short: a.lang.Of(message.BaseListShort), Args: noArgs(a), RunE: func(cmd *cobra.Command, _ []string) error {
		x, err := a.baseIndex()
		if err != nil {
			return err
		}
		if len(x.Bases) == 0 {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), a.lang.Of(message.BaseEmpty))
			return err
		}
		w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
		t := func(m message.Text) string { return a.lang.Of(m) }
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", t(message.BaseImage), t(message.BaseColumnLayer), t(message.PlatformColumn), t(message.BaseColumnAdded), t(message.BaseColumnSum))
		for _, e := range x.Bases {
			for _, n := range e.Names {
				sum := n.Digest
				if sum == "" {
					sum = n.Config
				}
				fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", plain(n.Name), e.Layers, plain(n.Platform), plain(n.Added), plain(sum))
			}
		}
		return w.Flush()
	}}
}

func (a *App) baseRemoveCommand() *cobra.Command {
	return &cobra.Command{Use: "remove NAME|DIGEST...", Short: a.lang.Of(message.BaseRemoveShort), RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return a.usage(message.BaseNoImage, "remove")
		}
		err := a.changeBaseIndex(cmd.Context(), func(x *base.Index) error {
			for _, what := range args {
				if x.Remove(what) == 0 {
					return exitError{ExitFailed, a.lang.Of(message.BaseNotThere, what)}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, what := range args {
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), plain(a.lang.Of(message.BaseRemoved, what))); err != nil {
				return err
			}
		}
		return nil
	}}
}

// recognise finds the bases of opened images. A Dockerfile that was given and
// does not fit is told; one that merely lies there is not.
func (a *App) recognise(artifacts []*sekisho.Artifact, f *scanFlags) ([]recognised, error) {
	if f.bases.check && f.offline {
		return nil, a.usage(message.BaseCheckOffline)
	}
	out := make([]recognised, len(artifacts))
	if len(artifacts) == 0 || artifacts[0].Image == nil {
		for _, flag := range []struct {
			name string
			set  bool
		}{{"--dockerfile", f.bases.dockerfile != ""}, {"--base-candidate", len(f.bases.candidates) > 0}, {"--check-base", f.bases.check}, {"--builder-stages", f.bases.builders}} {
			if flag.set {
				return nil, a.usage(message.DockerfileNoImage, flag.name)
			}
		}
		return out, nil
	}
	known, err := a.knownBases(f)
	if err != nil {
		return nil, err
	}
	for i, art := range artifacts {
		out[i].base = base.Recognise(art, known)
		out[i].builders, out[i].stages, out[i].several = base.Builders(art, known, out[i].base)
		out[i].sboms = art.StageSBOMs
		if f.bases.dockerfile != "" && !f.quiet && !base.Fits(art, known.Builds[0]) {
			a.remark(message.DockerfileUnfit, f.bases.dockerfile)
		}
	}
	return out, nil
}

func (a *App) knownBases(f *scanFlags) (base.Known, error) {
	k := base.Known{Parse: dockerfileBuild}
	var err error
	if k.Index, err = a.baseIndex(); err != nil {
		return k, err
	}
	if f.bases.dockerfile != "" {
		b, err := a.readDockerfile(f.bases.dockerfile)
		if err != nil {
			return k, err
		}
		b.Given = true
		k.Builds = []*base.Build{b}
		return k, nil
	}
	for _, name := range []string{"Dockerfile", "Containerfile"} {
		if b, err := a.readDockerfile(name); err == nil {
			k.Builds = append(k.Builds, b)
		}
	}
	return k, nil
}
