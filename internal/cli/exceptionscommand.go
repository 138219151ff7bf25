// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"encoding/json"
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

	"github.com/sekisho/sekisho/internal/exception"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func (a *App) exceptionsCommand() *cobra.Command {
	c := &cobra.Command{Use: "exceptions", Short: a.lang.Of(message.ExceptionsShort), RunE: func(cmd *cobra.Command, args []string) error {
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		return cmd.Help()
	}}
	c.AddCommand(a.exceptionsImportCommand(), a.exceptionsListCommand(), a.exceptionsCheckCommand())
	return c
}

// importDays is how long imported exceptions without an end hold.
const importDays = 90

func (a *App) exceptionsImportCommand() *cobra.Command {
	var expires, output string
	c := &cobra.Command{Use: "import FILE...", Short: a.lang.Of(message.ExceptionsImportShort), Long: a.lang.Of(message.ExceptionsImportLong)}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		if len(args) == 0 {
			return a.usage(message.ExceptionsNoFile)
		}
		given := expires != ""
		if !given {
			expires = a.Now().UTC().AddDate(0, 0, importDays).Format(time.DateOnly)
		}
		if _, err := time.Parse(time.DateOnly, expires); err != nil {
			return a.usage(message.ExceptionsBadDate, expires)
		}
		if expires < a.today() {
			return a.usage(message.ExceptionsPast, expires)
		}
		x, err := a.exceptionsOf(&exceptionFlags{files: args, none: true}, "", true)
		if err != nil {
			return err
		}
		return a.importExceptions(x, expires, given, output)
	}
	s := c.Flags()
	s.StringVar(&expires, "expires", "", a.lang.Of(message.FlagExpires))
	s.StringVarP(&output, "output", "o", "", a.lang.Of(message.FlagExceptionsOutput))
	means(s, "output")
	return c
}

func (a *App) importExceptions(x *exceptions, expires string, given bool, output string) error {
	for _, f := range x.files {
		for _, s := range f.Skipped {
			a.remark(message.ExceptionsSkipped, s)
		}
	}
	list := x.list()
	var b bytes.Buffer
	left, err := exception.Write(&b, list, expires)
	if err != nil {
		return err
	}
	if n := len(left); n > 0 {
		a.remark(message.ExceptionsLeft, n)
	}
	endless := 0
	for i := range list {
		if list[i].Expires == "" && !list[i].Statement {
			endless++
		}
	}
	switch {
	case endless > 0 && given:
		a.remark(message.ExceptionsGivenEnd, endless, expires)
	case endless > 0:
		a.remark(message.ExceptionsDefaultEnd, endless, expires)
	}
	if output == "" {
		if _, err := a.Stdout.Write(b.Bytes()); err != nil {
			return message.Errorf("write exceptions: %w", err)
		}
		return nil
	}
	name := a.path(output)
	file, err := os.CreateTemp(filepath.Dir(name), ".sekisho-*")
	if err != nil {
		return a.notThere(output, err)
	}
	_, err = file.Write(b.Bytes())
	if err = errors.Join(err, file.Chmod(0o644), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // the first error is the one to tell
		return message.Errorf("write %s: %w", output, err)
	}
	return nil
}

// ofDirectory reads the exceptions that hold for a directory, the working
// directory when none is named.
func (a *App) ofDirectory(cmd *cobra.Command, f *exceptionFlags, args []string) (*exceptions, error) {
	if _, err := a.applySettings(cmd); err != nil {
		return nil, err
	}
	if len(args) > 1 {
		return nil, a.usage(message.ExceptionsOneDir)
	}
	dir := ""
	if len(args) == 1 {
		dir = args[0]
		if _, err := os.Stat(a.path(dir)); err != nil {
			return nil, a.notThere(dir, err)
		}
	}
	return a.exceptionsOf(f, dir, true)
}

func (a *App) exceptionsListCommand() *cobra.Command {
	f := &exceptionFlags{}
	format := "table"
	c := &cobra.Command{Use: "list [DIR]", Short: a.lang.Of(message.ExceptionsListShort)}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		x, err := a.ofDirectory(cmd, f, args)
		if err != nil {
			return err
		}
		list := x.list()
		switch format {
		case "table":
			return a.exceptionTable(cmd.OutOrStdout(), list)
		case "json":
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(slices.Concat([]sekisho.Exception{}, list))
		}
		return a.usage(message.ExceptionsFormatBad, format)
	}
	f.add(a, c.Flags())
	c.Flags().StringVarP(&format, "format", "f", format, a.lang.Of(message.FlagExceptionsFormat))
	means(c.Flags(), "format")
	return c
}

func (a *App) exceptionTable(w io.Writer, list []sekisho.Exception) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, a.lang.Of(message.ExceptionsNone))
		return err
	}
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	row := func(cells ...string) {
		for i := range cells {
			if cells[i] = oneLine(errors.New(cells[i])); cells[i] == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	var heads []string
	for _, m := range []message.Text{message.ExceptionRule, message.ExceptionFor, message.ExceptionUntil, message.ExceptionOwner, message.ExceptionWhere, message.ExceptionReason} {
		heads = append(heads, a.lang.Of(m))
	}
	row(heads...)
	for i := range list {
		e := &list[i]
		until := e.Expires
		if until != "" && until < a.today() {
			until = a.lang.Of(message.ExceptionOver, until)
		}
		scope := slices.DeleteFunc([]string{e.Package, e.Type, e.FixState, e.Path, e.Image, e.Environment, e.Product, e.Range}, func(s string) bool { return s == "" })
		reason := slices.DeleteFunc([]string{e.Status, e.Justification, e.Reason}, func(s string) bool { return s == "" })
		row(e.Rule, strings.Join(scope, " "), until, e.Owner, place(e), strings.Join(reason, ": "))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (a *App) exceptionsCheckCommand() *cobra.Command {
	f := &exceptionFlags{}
	in := ""
	c := &cobra.Command{Use: "check [DIR]", Short: a.lang.Of(message.ExceptionsCheckShort), Long: a.lang.Of(message.ExceptionsCheckLong)}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		x, err := a.ofDirectory(cmd, f, args)
		if err != nil {
			return err
		}
		return a.checkExceptions(cmd, x, f.environment, in)
	}
	f.add(a, c.Flags())
	c.Flags().StringVar(&in, "in", "", a.lang.Of(message.FlagExceptionsIn))
	return c
}

func (a *App) checkExceptions(cmd *cobra.Command, x *exceptions, environment, in string) error {
	r := &sekisho.Result{}
	if in != "" {
		var err error
		if r, err = a.readReport(in); err != nil {
			return err
		}
	}
	for _, f := range x.files {
		for _, s := range f.Skipped {
			a.remark(message.ExceptionsSkipped, s)
		}
	}
	// Ids and names of files are shown without their control characters.
	say := func(t message.Text, args ...any) error {
		_, err := fmt.Fprintln(cmd.OutOrStdout(), oneLine(errors.New(a.lang.Of(t, args...))))
		return err
	}
	wrong, all := 0, 0
	for _, f := range x.files {
		all += entries(f)
	}
	remarks, unknown := a.applyExceptions(r, x, environment, false)
	a.sayPassedOver(x, unknown)
	for _, m := range remarks {
		e := &m.Exception
		var err error
		switch {
		case m.Kind == policy.RemarkExpired:
			wrong++
			err = say(message.ExceptionsExpired, e.Rule, e.Expires, place(e), m.Findings)
		case m.Kind == policy.RemarkEnding, in == "" && m.Kind == policy.RemarkUnused && policy.Ending(e.Expires, a.today()):
			err = say(message.ExceptionsEnding, e.Rule, e.Expires, place(e), m.Findings)
		case m.Kind == policy.RemarkUnused && in != "":
			wrong++
			err = say(message.ExceptionsUnused, place(e), e.Rule)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case wrong > 0:
		return exitError{ExitDenied, a.lang.Of(message.ExceptionsWrong, wrong)}
	case in == "":
		return a.say(cmd, message.ExceptionsGoodDates, all)
	}
	return a.say(cmd, message.ExceptionsGood, all)
}
