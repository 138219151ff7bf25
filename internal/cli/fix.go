// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule"
	"github.com/sekisho/sekisho/internal/rule/dockerfile"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/image"
)

// fixFlags are the settings of fix.
type fixFlags struct {
	write, check, unsafe, pin, offline, quiet bool
	only                                      []string
	rules                                     ruleFlags
	registry                                  registryFlags
	deps                                      fixDepsFlags
}

// maxDockerfile bounds a file that is rewritten, in bytes.
const maxDockerfile = 4 << 20

func (a *App) fixCommand() *cobra.Command {
	f := &fixFlags{}
	t := func(m message.Text) string { return a.lang.Of(m) }
	c := &cobra.Command{
		Use: "fix FILE...", Short: t(message.FixShort), Long: t(message.FixLong), Example: t(message.FixExample),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fix(cmd, args, f) },
	}
	s := c.Flags()
	s.SortFlags = false
	s.BoolVarP(&f.write, "write", "w", false, t(message.FlagFixWrite))
	s.BoolVar(&f.check, "check", false, t(message.FlagFixCheck))
	s.BoolVar(&f.unsafe, "unsafe", false, t(message.FlagFixUnsafe))
	s.StringSliceVar(&f.only, "rule", nil, t(message.FlagFixRule))
	s.StringSliceVar(&f.rules.skip, "skip-rule", nil, t(message.FlagSkipRule))
	s.StringSliceVar(&f.rules.enable, "enable-rule", nil, t(message.FlagEnableRule))
	s.BoolVar(&f.pin, "pin", false, t(message.FlagFixPin))
	s.BoolVar(&f.offline, "offline", false, t(message.FlagOffline))
	s.BoolVarP(&f.quiet, "quiet", "q", false, t(message.FlagQuiet))
	f.registry.add(a, s)
	f.deps.add(a, s)
	s.String("config", "", t(message.FlagConfig))
	means(s, "write", "check", "unsafe", "rule", "pin")
	return c
}

// fixing is one run of fix.
type fixing struct {
	app     *App
	flags   *fixFlags
	options dockerfile.FixOptions
	out     io.Writer
	changed int
	missed  int
}

func (a *App) fix(cmd *cobra.Command, args []string, f *fixFlags) error {
	// Before settings are applied: these were written on the command line.
	other, refusal := slices.Concat(fixDepsOwn, fixTreeOwn), message.FixDepsOnly
	switch {
	case f.deps.on && f.deps.suggested:
		return a.usage(message.FixBoth)
	case f.deps.on:
		other, refusal = fixDockerfile, message.FixDepsNot
	case f.deps.suggested:
		other, refusal = slices.Concat(fixDepsOwn, fixNetwork), message.FixSuggestedNot
	}
	for _, name := range other {
		if cmd.Flags().Changed(name) {
			return a.usage(refusal, name)
		}
	}
	if _, err := a.applySettings(cmd); err != nil {
		return err
	}
	switch {
	case f.deps.on:
		return a.fixDeps(cmd, args, f)
	case f.deps.suggested:
		return a.fixSuggested(cmd, args, f)
	}
	switch {
	case len(args) == 0:
		return a.usage(message.FixNoFile)
	case f.write && f.check:
		return a.usage(message.FixTwice)
	case f.pin && f.offline:
		return a.usage(message.FixPinOffline)
	case f.registry.passwordStdin && slices.Contains(args, "-"):
		return a.usage(message.StdinTwice)
	}
	settings, err := a.ruleSettings(&f.rules)
	if err != nil {
		return err
	}
	if err := a.fixable(f.only, false); err != nil {
		return err
	}
	ctx := cmd.Context()
	if err := a.readPassword(ctx, &f.registry); err != nil {
		return err
	}
	r := &fixing{app: a, flags: f, out: cmd.OutOrStdout(), options: dockerfile.FixOptions{Settings: settings, Rules: f.only, Unsafe: f.unsafe}}
	if f.pin {
		if r.options.Pin, err = r.digests(ctx); err != nil {
			return err
		}
	}
	for _, name := range args {
		if err := r.argument(ctx, name); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	switch {
	case f.check && r.changed > 0:
		return exitError{ExitDenied, a.lang.Of(message.FixCheckFailed, r.changed)}
	case r.missed > 0:
		return exitError{ExitIncomplete, a.lang.Of(message.FixIncomplete, r.missed)}
	}
	return nil
}

// fixable wants rules that exist and can be rewritten: in a Dockerfile, or by what
// findings of any kind suggest.
func (a *App) fixable(ids []string, suggested bool) error {
	all := rule.Rules()
	for _, id := range ids {
		known, can := false, false
		for i := range all {
			if r := &all[i]; check.Names(id, r) {
				known, can = true, can || r.Fixable && (suggested || r.Kind == sekisho.ResourceDockerfile)
			}
		}
		switch {
		case !known:
			return a.usage(message.RuleUnknown, id)
		case !can:
			return a.usage(message.FixNotFixable, id)
		}
	}
	return nil
}

// digests asks registries for the digests of images, each once.
func (r *fixing) digests(ctx context.Context) (func(string) string, error) {
	o, err := r.app.registryOptions(&r.flags.registry)
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	return func(ref string) string {
		if digest, ok := known[ref]; ok {
			return digest
		}
		all, err := image.Open(ctx, "registry", ref, image.Options{Env: r.app.env, Registry: o})
		for _, art := range all {
			known[ref] = art.Target.IndexDigest
			if known[ref] == "" {
				known[ref] = art.Target.Digest
			}
			if art.Close != nil {
				_ = art.Close() // read only: nothing can be lost
			}
		}
		if known[ref] == "" {
			known[ref] = ""
			r.missed++
			r.app.remark(message.FixPinUnknown, ref, err)
		}
		return known[ref]
	}, nil
}

// skippedDirs hold what others wrote.
var skippedDirs = map[string]bool{".git": true, "node_modules": true, "vendor": true, ".venv": true}

// argument rewrites what one argument names.
func (r *fixing) argument(ctx context.Context, name string) error {
	a := r.app
	if name == "-" {
		var b bytes.Buffer
		if _, err := a.readStdin(ctx, &b, maxDockerfile); err != nil {
			return err
		}
		return r.text(a.lang.Of(message.Stdin), "Dockerfile", b.Bytes(), ".", func(text []byte) error {
			_, err := r.out.Write(text)
			return err
		})
	}
	info, err := os.Stat(a.path(name))
	if err != nil {
		return a.notThere(name, err)
	}
	if !info.IsDir() {
		return r.file(name, a.path(filepath.Dir(name)), true)
	}
	found := false
	err = filepath.WalkDir(a.path(name), func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return a.notThere(p, err)
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() && skippedDirs[d.Name()] && p != a.path(name):
			return filepath.SkipDir
		case !d.Type().IsRegular() || !dockerfile.Named(d.Name()):
			return nil
		}
		rel, err := filepath.Rel(a.path(name), p)
		if err != nil {
			return message.Errorf("name %s: %w", p, err)
		}
		found = true
		return r.file(filepath.Join(name, rel), a.path(name), false)
	})
	if err == nil && !found && !r.flags.quiet {
		a.remark(message.FixNothing, name)
	}
	return err
}

// file rewrites one file. Of those that a directory holds, the ones that only
// have the name of a Dockerfile are passed over.
func (r *fixing) file(name, root string, named bool) error {
	a := r.app
	p, err := filepath.EvalSymlinks(a.path(name))
	if err != nil {
		return a.notThere(name, err)
	}
	file, err := os.Open(p)
	if err != nil {
		return a.notThere(name, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return a.notThere(name, err)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxDockerfile+1))
	if err != nil {
		return message.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxDockerfile {
		r.missed++
		a.remark(message.FixLarge, name, maxDockerfile)
		return nil
	}
	if !named && !dockerfile.Whole(name, text) {
		return nil
	}
	return r.text(name, filepath.ToSlash(name), text, root, func(text []byte) error { return replaceFile(p, text, info.Mode().Perm()) })
}

// replaceFile writes a file anew: complete or not at all.
func replaceFile(name string, text []byte, mode fs.FileMode) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".sekisho-*")
	if err != nil {
		return message.Errorf("write %s: %w", name, err)
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Chmod(mode), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error is the one to tell
		return message.Errorf("write %s: %w", name, err)
	}
	return nil
}

// text rewrites a text, and shows or writes what became of it.
func (r *fixing) text(name, diffName string, text []byte, root string, write func([]byte) error) error {
	a := r.app
	o := r.options
	o.Hadolint = hadolintOf(root, a.path("."))
	fixed := dockerfile.Fix(text, o)
	if fixed.Mistake != "" {
		r.missed++
		a.remark(message.FixUnreadable, name, fixed.Line, fixed.Mistake)
	}
	changed := !bytes.Equal(fixed.Text, text)
	if changed {
		r.changed++
	}
	var err error
	switch {
	case r.flags.write && (changed || name == a.lang.Of(message.Stdin)):
		err = write(fixed.Text)
	case changed && !r.flags.write:
		_, err = io.WriteString(r.out, r.printable(unified(strings.TrimPrefix(diffName, "/"), string(text), string(fixed.Text))))
	}
	if err != nil || r.flags.quiet {
		return err
	}
	if changed {
		say := message.FixWould
		if r.flags.write {
			say = message.FixDone
		}
		a.remark(say, name, ruleCounts(fixed.Edits))
	}
	if len(fixed.Left) > 0 {
		a.remark(message.FixLeft, name, ruleCounts(fixed.Left))
	}
	return nil
}

// hadolintOf is the project's .hadolint.yaml; empty where there is none.
func hadolintOf(dirs ...string) []byte {
	for _, dir := range dirs {
		for _, name := range []string{".hadolint.yaml", ".hadolint.yml"} {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				return b
			}
		}
	}
	return nil
}

// ruleCounts are the rules of edits, in the order of their names.
func ruleCounts(edits []dockerfile.Edit) string {
	var ids []string
	for _, e := range edits {
		ids = append(ids, e.Rule)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), ", ")
}

// printable is a text as a terminal may show it: without the control characters
// that a hostile file could send.
func (r *fixing) printable(text string) string {
	if _, ok := isTerminal(r.app.Stdout); !ok {
		return text
	}
	return strings.Map(func(c rune) rune {
		if c != '\n' && c != '\t' && c != '\r' && !unicode.IsGraphic(c) {
			return unicode.ReplacementChar
		}
		return c
	}, text)
}
