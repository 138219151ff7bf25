// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/engine/clamav"
	"github.com/sekisho/sekisho/internal/engine/yara"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// engineOptions name the engines of the user. Naming one has it run, whatever
// --scanners says.
type engineOptions struct {
	clamd                     string
	yara                      []string
	clamdBytes, yaraBytes     byteSize
	clamdTimeout, yaraTimeout time.Duration
}

func (f *engineOptions) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	f.clamdBytes, f.yaraBytes = clamav.DefaultMaxBytes, yara.DefaultMaxBytes
	s.StringVar(&f.clamd, "clamd", "", t(message.FlagClamd))
	s.Var(&f.clamdBytes, "clamd-max-bytes", t(message.FlagClamdMaxBytes))
	s.DurationVar(&f.clamdTimeout, "clamd-timeout", clamav.DefaultTimeout, t(message.FlagClamdTimeout))
	s.StringSliceVar(&f.yara, "yara", nil, t(message.FlagYara))
	s.Var(&f.yaraBytes, "yara-max-bytes", t(message.FlagYaraMaxBytes))
	s.DurationVar(&f.yaraTimeout, "yara-timeout", yara.DefaultTimeout, t(message.FlagYaraTimeout))
}

// clamdAuto looks for clamd where distributions put it.
const clamdAuto = "auto"

// oldDatabase is the age from which a database of signatures is worth a word, in days.
const oldDatabase = 14

// engines are those that run, and what the report says of those that do not.
type engines struct {
	extractors []sekisho.Extractor
	coverage   []sekisho.ScannerCoverage
	problems   []sekisho.Problem
	closers    []func()
}

func (e *engines) close() {
	for _, c := range e.closers {
		c()
	}
}

func (e *engines) ran(x sekisho.Extractor, version string, end func()) {
	e.extractors, e.closers = append(e.extractors, x), append(e.closers, end)
	e.coverage = append(e.coverage, sekisho.ScannerCoverage{Name: x.Name(), Asked: true, Ran: true, Version: version})
}

func (e *engines) idle(name, code string, why message.Text, args ...any) {
	e.coverage = append(e.coverage, sekisho.ScannerCoverage{Name: name, Asked: true, Code: code, Why: message.ScannerCodes[code].En})
	e.problems = append(e.problems, sekisho.Problem{Stage: sekisho.StageExtract}.Saying(message.Note(why, args...)))
}

// openEngines asks each engine who it is. What the user wrote wrongly is an
// error; an engine that is not there makes the result incomplete. The caller
// closes what is returned.
func (a *App) openEngines(ctx context.Context, f *engineOptions) (*engines, error) {
	for name, ok := range map[string]bool{
		"clamd-max-bytes": f.clamdBytes > 0, "clamd-timeout": f.clamdTimeout > 0, "yara-max-bytes": f.yaraBytes > 0, "yara-timeout": f.yaraTimeout > 0,
	} {
		if !ok {
			return nil, a.usage(message.BadEngine, name)
		}
	}
	e := &engines{}
	if f.clamd != "" {
		if err := a.openClamd(ctx, f, e); err != nil {
			return nil, err
		}
	}
	if len(f.yara) > 0 {
		if err := a.openYara(ctx, f, e); err != nil {
			e.close()
			return nil, err
		}
	}
	return e, nil
}

func (a *App) openClamd(ctx context.Context, f *engineOptions, e *engines) error {
	opt := clamav.Options{Timeout: f.clamdTimeout, MaxBytes: int64(f.clamdBytes)}
	if f.clamd == clamdAuto {
		places := slices.DeleteFunc(clamav.Places(), func(p string) bool {
			info, err := os.Stat(strings.TrimPrefix(p, "unix:"))
			return strings.HasPrefix(p, "unix:") && (err != nil || info.Mode().Type() != fs.ModeSocket)
		})
		var c *clamav.Engine
		for _, opt.Address = range places {
			var err error
			if c, err = clamav.Open(ctx, opt); err == nil {
				break
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c == nil {
			e.idle(engineClamAV, sekisho.ScannerNoAnswer, message.ClamdNowhere, strings.Join(clamav.Places(), ", "))
			return nil
		}
		a.clamdRuns(c, e)
		return nil
	}
	opt.Address = f.clamd
	network, address, err := clamav.ParseAddress(f.clamd)
	if err != nil {
		return a.usage(message.BadClamd, err)
	}
	if network == "unix" {
		opt.Address = "unix:" + a.path(address)
	}
	c, err := clamav.Open(ctx, opt)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		e.idle(engineClamAV, sekisho.ScannerNoAnswer, message.ClamdNoAnswer, f.clamd, clamav.Reason(err))
		return nil
	}
	a.clamdRuns(c, e)
	return nil
}

const engineClamAV, engineYara = clamav.Detector, yara.Detector

func (a *App) clamdRuns(c *clamav.Engine, e *engines) {
	v := c.EngineVersion()
	e.ran(c, v.String(), c.Close)
	if t, err := time.Parse(time.DateOnly, v.Date); err == nil {
		if days := int(a.Now().Sub(t).Hours() / 24); days > oldDatabase {
			e.problems = append(e.problems, sekisho.Problem{Stage: sekisho.StageExtract, Minor: true}.Saying(message.Note(message.ClamdOld, days, v.Date)))
		}
	}
}

func (a *App) openYara(ctx context.Context, f *engineOptions, e *engines) error {
	opt := yara.Options{MaxBytes: int64(f.yaraBytes), Timeout: f.yaraTimeout, TempDir: os.TempDir(), Program: a.lookPath("yara"), Compiler: a.lookPath("yarac")}
	for _, p := range f.yara {
		abs, err := filepath.Abs(a.path(p))
		if err != nil {
			return a.notThere(p, err)
		}
		opt.Rules = append(opt.Rules, abs)
	}
	if opt.Program == "" {
		for i, p := range opt.Rules { // a mistake is told even so
			if _, err := os.Stat(p); err != nil {
				return a.notThere(f.yara[i], err)
			}
		}
		e.idle(engineYara, sekisho.ScannerNoProgram, message.YaraMissing)
		return nil
	}
	y, err := yara.Open(ctx, opt)
	if ctx.Err() != nil {
		if err == nil {
			y.Close()
		}
		return ctx.Err()
	}
	if _, ok := errors.AsType[*yara.RulesError](err); ok {
		return a.usage(message.BadYaraRules, err)
	}
	if errors.Is(err, yara.ErrNoRules) {
		e.idle(engineYara, sekisho.ScannerNoRules, message.YaraNoRules, strings.Join(f.yara, ", "))
		return nil
	}
	if err != nil {
		e.idle(engineYara, sekisho.ScannerNoProgram, message.YaraBroken, err)
		return nil
	}
	e.ran(y, y.EngineVersion(), y.Close)
	e.problems = append(e.problems, y.Note()...)
	return nil
}
