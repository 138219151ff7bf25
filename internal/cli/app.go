// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line: one file a command, the wiring of the other
// rooms, and the exit statuses. Nobody imports it but cmd/sekisho.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/livecheck"
	"github.com/sekisho/sekisho/internal/message"
)

// App is the program as a value, so that tests run it in process.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Env holds "KEY=value", as os.Environ gives it; the last of a key counts.
	Env     []string
	Now     func() time.Time
	Version string
	// Dir is the working directory; empty for the process's own.
	Dir string

	lang message.Lang
	// live asks services about secrets, see --verify; tests put their own there.
	live livecheck.Checker
	// substitute is an own directory of data for this run, see homeless.
	substitute string
}

// The exit statuses, never reused for anything else.
const (
	ExitAllowed    = 0
	ExitDenied     = 1
	ExitUsage      = 2
	ExitIncomplete = 3
	ExitFailed     = 4
)

// usageError is the user's mistake in the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// usage makes a usage error of a text of the catalogue.
func (a *App) usage(t message.Text, args ...any) error {
	return usageError{errors.New(a.lang.Of(t, args...))}
}

// exitError asks for a status after the report was written.
type exitError struct {
	status int
	text   string
}

func (e exitError) Error() string { return e.text }

// Run runs one command line and returns the exit status.
func (a *App) Run(ctx context.Context, args []string) (status int) {
	a.lang = message.Detect(a.env)
	defer a.leave()
	if l, err := message.Parse(a.env(envPrefix + "LANG")); err == nil {
		a.lang = l
	}
	if l, ok := langArg(args); ok {
		a.lang = l
	}
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(a.Stderr, "sekisho: %s\n", a.lang.Of(message.Panic, r, location(debug.Stack())))
			status = ExitFailed
		}
	}()
	root := a.root(args)
	root.SetArgs(args)
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	err := root.ExecuteContext(ctx)
	return a.status(ctx, err)
}

// status is the one place where errors become exit statuses.
func (a *App) status(ctx context.Context, err error) int {
	var usage usageError
	var exit exitError
	switch {
	case err == nil:
		return ExitAllowed
	case errors.As(err, &exit):
		if exit.text != "" {
			fmt.Fprintln(a.Stderr, "sekisho:", a.inWords(err))
		}
		return exit.status
	case errors.As(err, &usage):
		fmt.Fprintln(a.Stderr, "sekisho:", a.inWords(err))
		return ExitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(a.Stderr, "sekisho:", a.lang.Of(message.Interrupted))
		return ExitFailed
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Fprintln(a.Stderr, "sekisho:", a.lang.Of(message.TimedOut))
		return ExitFailed
	}
	fmt.Fprintln(a.Stderr, "sekisho:", a.inWords(err))
	return ExitFailed
}

// inWords is an error in the user's language, on one line.
func (a *App) inWords(err error) string { return oneLine(errors.New(a.lang.Error(err))) }

// oneLine makes one line of an error, without what a hostile name could send to
// the terminal or to a build service.
func oneLine(err error) string { return message.Shown(strings.Join(strings.Fields(err.Error()), " ")) }

// mistakes are those of a file that the user wrote, on one line.
func (a *App) mistakes(err error) string {
	return strings.ReplaceAll(a.lang.Error(err), "\n", "; ")
}

// remark tells the user something that is no part of the report.
func (a *App) remark(t message.Text, args ...any) {
	fmt.Fprintln(a.Stderr, "sekisho:", oneLine(errors.New(a.lang.Of(t, args...))))
}

// location finds the first frame of our own in a stack after a panic.
func location(stack []byte) string {
	seen := false
	for line := range strings.Lines(string(stack)) {
		seen = seen || strings.HasPrefix(line, "panic(")
		if seen && strings.HasPrefix(line, "\t") && strings.Contains(line, "/internal/") && !strings.Contains(line, "/src/") {
			file, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			return filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		}
	}
	return "?"
}

func (a *App) env(key string) string {
	v := ""
	for _, kv := range a.Env {
		if k, val, ok := strings.Cut(kv, "="); ok && k == key {
			v = val
		}
	}
	return v
}

// path makes a path of the user absolute, from the working directory.
func (a *App) path(p string) string {
	if a.Dir == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(a.Dir, p)
}

// langArg finds --lang before the flags are parsed: help is written in it.
func langArg(args []string) (message.Lang, bool) {
	for i, s := range args {
		v, ok := strings.CutPrefix(s, "--lang=")
		if s == "--lang" && i+1 < len(args) {
			v, ok = args[i+1], true
		}
		if ok {
			l, err := message.Parse(v)
			return l, err == nil
		}
	}
	return "", false
}

func (a *App) root(args []string) *cobra.Command {
	root := &cobra.Command{
		Use: "sekisho", Short: a.lang.Of(message.RootShort), Long: a.lang.Of(message.RootLong),
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs, Version: a.Version,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.usage(message.UnknownCommand, args[0])
			}
			return cmd.Help()
		},
	}
	root.PersistentFlags().String("lang", string(a.lang), a.lang.Of(message.FlagLang))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return a.usage(message.BadFlag, a.flagMistake(err))
	})
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetUsageFunc(a.usageText)
	for _, c := range []func() *cobra.Command{a.scanCommand, a.verifyCommand, a.diffCommand, a.explainCommand, a.dbCommand, a.rulesCommand, a.fixCommand, a.updateBaseCommand, a.exceptionsCommand, a.policyCommand, a.baseCommand, a.convertCommand, a.mergeCommand, a.cacheCommand, a.configCommand, a.versionCommand} {
		root.AddCommand(c())
	}
	for _, alias := range a.scanAliases(args) {
		root.AddCommand(alias)
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Short = a.lang.Of(message.HelpShort)
		case "completion":
			c.Short = a.lang.Of(message.CompletionShort)
		}
		c.InitDefaultHelpFlag()
		if f := c.Flags().Lookup("help"); f != nil {
			f.Usage = a.lang.Of(message.FlagHelp)
		}
	}
	// cobra's own mistakes of arguments are usage as well.
	if c, _, err := root.Find([]string{"completion"}); err == nil {
		c.Args, c.Long = noArgs(a), ""
		c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		for _, shell := range c.Commands() {
			shell.Args = noArgs(a)
			shell.Short = a.lang.Of(message.CompletionOf, shell.Name())
			shell.InitDefaultHelpFlag()
			shell.Flags().Lookup("help").Usage = a.lang.Of(message.FlagHelp)
		}
	}
	groupCommands(root, a.lang)
	root.InitDefaultHelpFlag()
	root.InitDefaultVersionFlag()
	for name, t := range map[string]message.Text{"help": message.FlagHelp, "version": message.VersionShort} {
		if f := root.Flags().Lookup(name); f != nil {
			f.Usage = a.lang.Of(t)
		}
	}
	return root
}

// flagMistake is what the library of flags says, in the user's language.
func (a *App) flagMistake(err error) string {
	if a.lang == message.En {
		return err.Error()
	}
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if shorts := e.GetSpecifiedShortnames(); shorts != "" {
			return a.lang.Of(message.FlagNone, "-"+e.GetSpecifiedName())
		}
		return a.lang.Of(message.FlagNone, "--"+e.GetSpecifiedName())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return a.lang.Of(message.FlagNeedsValue, "--"+e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return a.lang.Of(message.FlagBadValue, e.GetValue(), "--"+e.GetFlag().Name, errors.Unwrap(err))
	}
	return err.Error()
}

func (a *App) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: a.lang.Of(message.VersionShort), Args: noArgs(a),
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo()
			goVersion := ""
			if info != nil {
				goVersion = info.GoVersion
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "sekisho %s (%s)\n", a.Version, goVersion)
			return err
		},
	}
}

func noArgs(a *App) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return a.usage(message.NoArguments, args[0])
		}
		return nil
	}
}

// oneArg wants exactly one argument; what says which.
func oneArg(a *App, what message.Text) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return a.usage(what)
		}
		return nil
	}
}

// cacheDir is where facts are kept: the flag, else XDG's cache directory.
func (a *App) cacheDir(flag string) string {
	if flag != "" {
		return a.path(flag)
	}
	if d := a.env("XDG_CACHE_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "sekisho")
	}
	if home := a.env("HOME"); home != "" {
		return filepath.Join(home, ".cache", "sekisho")
	}
	return a.homeless()
}
