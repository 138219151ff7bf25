// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/diff"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// diffFlags are the settings of diff.
type diffFlags struct {
	format, output, comment string
	noColor                 bool
	scan                    scanFlags
}

func (a *App) diffCommand() *cobra.Command {
	f := &diffFlags{}
	t := func(m message.Text, args ...any) string { return a.lang.Of(m, args...) }
	c := &cobra.Command{
		Use: "diff OLD NEW", Short: t(message.DiffShort), Long: t(message.DiffLong), Example: t(message.DiffExample),
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(cmd, args, f) },
	}
	s := c.Flags()
	s.SortFlags = false
	s.StringVarP(&f.format, "format", "f", "table", t(message.FlagFormat, strings.Join(report.DiffFormats(), ", ")))
	s.StringVarP(&f.output, "output", "o", "", t(message.FlagDiffOutput))
	s.StringVar(&f.comment, "comment-key", "", t(message.FlagComment))
	s.BoolVar(&f.noColor, "no-color", false, t(message.FlagNoColor))
	a.addJudgeFlags(s, &f.scan)
	means(s, "format", "output")
	return c
}

func (a *App) diff(cmd *cobra.Command, args []string, f *diffFlags) error {
	if _, err := a.applySettings(cmd); err != nil {
		return err
	}
	switch {
	case len(args) != 2:
		return a.usage(message.DiffTwo)
	case !slices.Contains(report.DiffFormats(), f.format):
		return a.usage(message.UnknownFormat, f.format, strings.Join(report.DiffFormats(), ", "))
	case args[0] == "-" && args[1] == "-":
		return a.usage(message.DiffStdin)
	}
	if dir := filepath.Dir(a.path(f.output)); f.output != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return a.usage(message.NoDirectory, f.output, dir)
		}
	}
	ctx := cmd.Context()
	if f.scan.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.scan.timeout)
		defer cancel()
	}
	c, err := a.comparison(ctx, args[0], args[1], &f.scan)
	if err != nil {
		return err
	}
	if err := a.writeComparison(c, f); err != nil {
		return err
	}
	if f.scan.failOn.v == nil && f.scan.exitCode == 0 {
		return nil
	}
	return a.gateOfDiff(c, &f.scan)
}

// gateOfDiff denies what the new side brings.
func (a *App) gateOfDiff(c *sekisho.Comparison, f *scanFlags) error {
	r := &sekisho.Result{Coverage: sekisho.Coverage{Complete: c.New.Complete}}
	for _, one := range append([]sekisho.Comparison{*c}, c.Platforms...) {
		for _, fd := range slices.Concat(one.Added, one.Appeared) {
			fd.State = sekisho.StateNew
			r.Findings = append(r.Findings, fd)
		}
	}
	gate := f.gate()
	gate.New = true
	r.Verdict = policy.Judge(r, policy.Policy{Gate: gate})
	return a.verdict(r, f)
}

// diffSide is one side, read: a report, or a target that is yet to be inspected.
type diffSide struct {
	report *sekisho.Result
	target target
}

// diffSide finds out what an argument means. A report of ours is known by its
// first bytes.
func (a *App) diffSide(arg string, f *scanFlags) (*diffSide, error) {
	if r, err := a.reportAt(arg); r != nil || err != nil {
		return &diffSide{report: r}, err
	}
	t, err := a.target([]string{arg}, f)
	return &diffSide{target: t}, err
}

// reportAt reads a JSON report of ours; nil where the name is no such file.
func (a *App) reportAt(name string) (*sekisho.Result, error) {
	file, err := os.Open(a.path(name))
	if err != nil {
		return nil, nil //nolint:nilnil // another thing than a file
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, nil //nolint:nilnil // a directory
	}
	in := bufio.NewReader(file)
	head, err := in.Peek(256)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, message.Errorf("read %s: %w", name, err)
	}
	head = bytes.TrimSpace(head)
	if len(head) == 0 || head[0] != '{' || !bytes.Contains(head, []byte(`"schemaVersion"`)) || bytes.Contains(head, []byte(`"$schema"`)) {
		return nil, nil //nolint:nilnil // an archive, an SBOM, a file of packages
	}
	r, err := report.ReadJSON(in)
	if err != nil {
		return nil, message.Errorf("read report %s: %w", name, err)
	}
	return r, nil
}

// comparison reads or inspects both sides in the same way and compares them. The
// packages of a report are judged again by the database that judges the other
// side, so that the difference is that of the packages.
func (a *App) comparison(ctx context.Context, before, after string, f *scanFlags) (*sekisho.Comparison, error) {
	old, err := a.diffSide(before, f)
	if err != nil {
		return nil, err
	}
	now, err := a.diffSide(after, f)
	if err != nil {
		return nil, err
	}
	var options diff.Options
	options.Order = ecosystem.Compare()
	rejudged := ""
	if old.report == nil || now.report == nil {
		in, err := a.newInspector(ctx, f)
		if err != nil {
			return nil, err
		}
		defer in.close()
		for i, s := range []*diffSide{old, now} {
			of := in
			if i == 0 {
				of = in.quiet()
			}
			if s.report != nil {
				if rejudged, err = of.rejudge(ctx, s.report); err != nil {
					return nil, err
				}
				continue
			}
			if s.report, err = of.inspect(ctx, s.target); err != nil {
				return nil, err
			}
		}
		if options.Files, err = a.treeChanges(ctx, old.target, now.target, f); err != nil {
			return nil, err
		}
	}
	for _, s := range []struct {
		name     string
		r, other *sekisho.Result
	}{{before, old.report, now.report}, {after, now.report, old.report}} {
		if emptyFile(s.r) && !emptyFile(s.other) {
			return nil, a.usage(message.DiffEmptyFile, s.name)
		}
	}
	c := diff.Compare(old.report, now.report, options)
	c.Tool, c.Created = sekisho.Tool{Name: "sekisho", Version: a.Version}, a.created()
	if rejudged != "" {
		c.Remarks = append(c.Remarks, sekisho.Reason{Code: sekisho.RemarkRejudged, Args: []string{rejudged}})
	}
	return c, nil
}

// emptyFile says whether a side is a single file in which nothing was understood:
// the output of a step that failed, say. Beside it all would seem to be fixed.
func emptyFile(r *sekisho.Result) bool {
	return r.Target.Source == "file" && len(r.Packages)+len(r.Findings)+len(r.Coverage.Resources) == 0
}

// writeComparison writes the difference to the terminal or to a file, which is
// complete or not there.
func (a *App) writeComparison(c *sekisho.Comparison, f *diffFlags) error {
	opt := report.Options{Lang: a.lang, Comment: f.comment}
	if f.output == "" {
		opt.Width, opt.Color = a.terminal(f.noColor)
	}
	var b bytes.Buffer
	if err := report.WriteDiff(&b, f.format, c, opt); err != nil {
		return message.Errorf("write %s report: %w", f.format, err)
	}
	if f.output != "" {
		return replaceFile(a.path(f.output), b.Bytes(), 0o644)
	}
	_, err := a.Stdout.Write(b.Bytes())
	return err
}
