// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// outputFlags say what is shown and where it goes.
type outputFlags struct {
	format     string
	output     []string
	template   string
	severities severityList
	onlyFixed  bool
	packages   bool
	noColor    bool

	vexAuthor, vexNamespace string
	comment                 string
}

func (f *outputFlags) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s.SetNormalizeFunc(normalize)
	s.StringVarP(&f.format, "format", "f", "table", a.lang.Of(message.FlagFormat, strings.Join(report.Formats(), ", ")))
	s.StringArrayVarP(&f.output, "output", "o", nil, t(message.FlagOutput))
	s.StringVarP(&f.template, "template", "t", "", t(message.FlagTemplate))
	s.VarP(&f.severities, "severity", "s", t(message.FlagSeverity))
	s.BoolVar(&f.onlyFixed, "only-fixed", false, t(message.FlagOnlyFixed))
	s.BoolVar(&f.packages, "list-packages", false, t(message.FlagListPackages))
	s.StringVar(&f.vexAuthor, "vex-author", "", t(message.FlagVEXAuthor))
	s.StringVar(&f.vexNamespace, "vex-namespace", "", t(message.FlagVEXNamespace))
	s.StringVar(&f.comment, "comment-key", "", t(message.FlagComment))
	s.BoolVar(&f.noColor, "no-color", false, t(message.FlagNoColor))
}

// outputs are the reports to write, checked before the work begins.
type outputs struct {
	app   *App
	flags *outputFlags
	to    []destination
	text  string // of the template
}

type destination struct{ format, file string }

func (a *App) outputs(f *outputFlags) (*outputs, error) {
	o := &outputs{app: a, flags: f}
	f.format = formatName(f.format)
	for _, s := range f.output {
		format, file, ok := strings.Cut(s, "=")
		format, s = formatName(format), formatName(s)
		switch {
		case ok && slices.Contains(report.Formats(), format):
			o.to = append(o.to, destination{format, file})
		case !ok && slices.Contains(report.Formats(), s):
			o.to = append(o.to, destination{s, ""})
		case ok && !strings.ContainsAny(format, "/."):
			return nil, a.usage(message.UnknownFormat, format, strings.Join(report.Formats(), ", "))
		default: // -f json -o report.json
			o.to = append(o.to, destination{f.format, s})
		}
	}
	if len(o.to) == 0 {
		o.to = []destination{{f.format, ""}}
	}
	for _, d := range o.to {
		if !slices.Contains(report.Formats(), d.format) {
			return nil, a.usage(message.UnknownFormat, d.format, strings.Join(report.Formats(), ", "))
		}
		if d.format == "template" && f.template == "" {
			return nil, a.usage(message.TemplateMissing)
		}
		if d.file != "" {
			dir := filepath.Dir(a.path(d.file))
			if info, err := os.Stat(dir); err != nil || !info.IsDir() {
				return nil, a.usage(message.NoDirectory, d.file, dir)
			}
		}
	}
	if f.template != "" {
		o.text = f.template
		if name, ok := strings.CutPrefix(f.template, "@"); ok {
			b, err := os.ReadFile(a.path(name))
			if err != nil {
				return nil, a.usage(message.ReadTemplate, err)
			}
			o.text = string(b)
		}
	}
	return o, nil
}

// formatName gives our word for other tools' names of formats.
func formatName(s string) string {
	switch s {
	case "cyclonedx-json":
		return "cyclonedx"
	case "gitlab-container-scanning":
		return "gitlab"
	case "gitlab-codequality", "codeclimate":
		return "codequality"
	case "github-annotations":
		return "github"
	}
	return s
}

// write writes every report; a file is complete or not there at all.
func (o *outputs) write(r *sekisho.Result) error {
	shown := o.filter(r)
	a := o.app
	for _, d := range o.to {
		opt := report.Options{Lang: a.lang, Template: o.text, Packages: o.flags.packages, Author: o.flags.vexAuthor, Namespace: o.flags.vexNamespace, Comment: o.flags.comment}
		if d.file == "" {
			opt.Width, opt.Color = a.terminal(o.flags.noColor)
			var b bytes.Buffer
			if err := report.Write(&b, d.format, shown, opt); err != nil {
				return message.Errorf("write %s report: %w", d.format, err)
			}
			if _, err := a.Stdout.Write(b.Bytes()); err != nil {
				return message.Errorf("write %s report: %w", d.format, err)
			}
			continue
		}
		if err := o.file(d, shown, opt); err != nil {
			return err
		}
	}
	return nil
}

// terminal says how wide standard output is, 0 where nobody knows, and whether
// it shows colours.
func (a *App) terminal(noColor bool) (width int, color bool) {
	if w, ok := isTerminal(a.Stdout); ok {
		return w, !noColor && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
	}
	if n, err := strconv.Atoi(a.env("COLUMNS")); err == nil && n > 0 {
		return n, false
	}
	return 0, false
}

func (o *outputs) file(d destination, r *sekisho.Result, opt report.Options) (err error) {
	name := o.app.path(d.file)
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // /dev/stdout, a pipe
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return message.Errorf("write %s: %w", d.file, err)
		}
		return errors.Join(report.Write(f, d.format, r, opt), f.Close())
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".sekisho-*")
	if err != nil {
		return message.Errorf("write %s: %w", d.file, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name()) // the first error is the one to tell
			err = message.Errorf("write %s: %w", d.file, err)
		}
	}()
	if err := errors.Join(report.Write(tmp, d.format, r, opt), tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// filter leaves out what the flags do not ask for, and says how much.
func (o *outputs) filter(r *sekisho.Result) *sekisho.Result {
	if len(o.flags.severities) == 0 && !o.flags.onlyFixed {
		return r
	}
	out := *r
	out.Findings = []sekisho.Finding{}
	left := 0
	for _, f := range r.Findings {
		if len(o.flags.severities) > 0 && !slices.Contains(o.flags.severities, f.Severity) || o.flags.onlyFixed && f.Kind == sekisho.Vulnerability && f.Fixed == "" {
			left++
			continue
		}
		out.Findings = append(out.Findings, f)
	}
	if left > 0 {
		o.app.remark(message.FilteredOut, left)
	}
	out.Platforms = nil
	for i := range r.Platforms {
		out.Platforms = append(out.Platforms, *o.filter(&r.Platforms[i]))
	}
	return &out
}

// openReport opens a report, - for standard input.
func (a *App) openReport(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.Stdin), nil
	}
	file, err := os.Open(a.path(name))
	if err != nil {
		return nil, a.notThere(name, err)
	}
	return file, nil
}

// readReport reads a JSON report of a scan, - for standard input.
func (a *App) readReport(name string) (*sekisho.Result, error) {
	in, err := a.openReport(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r, err := report.ReadJSON(in)
	if err != nil {
		return nil, message.Errorf("read report %s: %w", name, err)
	}
	return r, nil
}

func (a *App) convertCommand() *cobra.Command {
	f := &outputFlags{}
	c := &cobra.Command{
		Use: "convert REPORT.json", Short: a.lang.Of(message.ConvertShort),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return a.usage(message.ConvertOne)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := a.applySettings(cmd); err != nil {
				return err
			}
			out, err := a.outputs(f)
			if err != nil {
				return err
			}
			r, err := a.readAny(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return out.write(r)
		},
	}
	f.add(a, c.Flags())
	c.Flags().String("config", "", a.lang.Of(message.FlagConfig))
	completeValues(c)
	return c
}
