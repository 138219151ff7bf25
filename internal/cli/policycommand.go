// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/policy/userpolicy"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func (a *App) policyCommand() *cobra.Command {
	c := &cobra.Command{Use: "policy", Short: a.lang.Of(message.PolicyShort), RunE: func(cmd *cobra.Command, args []string) error {
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		return cmd.Help()
	}}
	c.AddCommand(a.policyCheckCommand(), a.policyShowCommand(), a.policyTestCommand(), a.policyEvalCommand())
	return c
}

// onePolicy wants the name of one policy.
func (a *App) onePolicy(args []string) error {
	if len(args) != 1 {
		return a.usage(message.PolicyWhich, strings.Join(userpolicy.Presets(), ", "))
	}
	return nil
}

func (a *App) policyShowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show PRESET", Short: a.lang.Of(message.PolicyShowShort),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := a.applySettings(cmd); err != nil {
				return err
			}
			if err := a.onePolicy(args); err != nil {
				return err
			}
			text, ok := userpolicy.PresetText(args[0])
			if !ok {
				return a.usage(message.PolicyNoFile, args[0], strings.Join(userpolicy.Presets(), ", "))
			}
			_, err := cmd.OutOrStdout().Write(text)
			return err
		},
	}
}

func (a *App) policyCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE|PRESET", Short: a.lang.Of(message.PolicyCheckShort),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := a.applySettings(cmd); err != nil {
				return err
			}
			if err := a.onePolicy(args); err != nil {
				return err
			}
			file, err := a.policy(args[0])
			if err != nil {
				return err
			}
			var b bytes.Buffer
			t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
			row := func(cells ...string) {
				for i := range cells {
					cells[i] = oneLine(errors.New(cells[i]))
				}
				fmt.Fprintln(t, strings.Join(cells, "\t"))
			}
			var heads []string
			for _, m := range message.PolicyColumns {
				heads = append(heads, a.lang.Of(m))
			}
			row(heads...)
			for i := range file.Rules {
				r := &file.Rules[i]
				text := r.Message.EN
				if a.lang == message.Ja {
					text = r.Message.JA
				}
				row(r.Name, a.lang.Of(message.PolicyEffects[string(r.Effect)]), a.lang.Of(message.PolicySubjects[string(r.Subject)]), r.Policy, text)
			}
			if err := t.Flush(); err != nil {
				return err
			}
			if _, err := cmd.OutOrStdout().Write(b.Bytes()); err != nil {
				return err
			}
			return a.say(cmd, message.PolicyGood, args[0], len(file.Rules))
		},
	}
}

func (a *App) policyTestCommand() *cobra.Command {
	return &cobra.Command{
		Use: "test FILE", Short: a.lang.Of(message.PolicyTestShort), Long: a.lang.Of(message.PolicyTestLong),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := a.applySettings(cmd); err != nil {
				return err
			}
			if err := a.onePolicy(args); err != nil {
				return err
			}
			file, err := a.policy(args[0])
			if err != nil {
				return err
			}
			return a.testPolicy(cmd, file, args[0])
		},
	}
}

func (a *App) testPolicy(cmd *cobra.Command, file *userpolicy.File, name string) error {
	beside := strings.TrimSuffix(name, filepath.Ext(name)) + "_test.yaml"
	tests := file.Tests
	text, err := os.ReadFile(a.path(beside))
	switch {
	case err == nil:
		more, err := file.LoadTests(filepath.ToSlash(beside), text)
		if err != nil {
			return a.usage(message.PolicyBad, a.mistakes(err))
		}
		tests = append(tests, more...)
	case !errors.Is(err, fs.ErrNotExist):
		return a.notThere(beside, err)
	}
	if len(tests) == 0 {
		return a.usage(message.PolicyNoTests, name, beside)
	}
	failed := 0
	for i := range tests {
		t := &tests[i]
		if slices.ContainsFunc(t.Result.Findings, func(f sekisho.Finding) bool { return f.Risk == nil }) {
			rank(&t.Result, risk.Default())
		}
		v := policy.Judge(&t.Result, policy.Policy{Rules: file.Rules, Context: t.Context, Sources: []sekisho.PolicySource{file.Source}})
		differs := t.Check(&v)
		if differs == "" {
			err = a.say(cmd, message.PolicyTestPass, oneLine(errors.New(t.Name)))
		} else {
			failed++
			err = a.say(cmd, message.PolicyTestFail, oneLine(errors.New(t.Name)), t.Line, oneLine(errors.New(differs)))
		}
		if err != nil {
			return err
		}
	}
	if failed > 0 {
		return exitError{ExitDenied, a.lang.Of(message.PolicyTestBad, failed, len(tests))}
	}
	return a.say(cmd, message.PolicyTestEnd, len(tests))
}

// evalFlags say what a stored report is judged by.
type evalFlags struct {
	in              string
	scan            scanFlags
	allowIncomplete bool
	day             string
}

func (a *App) policyEvalCommand() *cobra.Command {
	f := &evalFlags{}
	c := &cobra.Command{Use: "eval", Short: a.lang.Of(message.PolicyEvalShort), Long: a.lang.Of(message.PolicyEvalLong)}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := a.applySettings(cmd); err != nil {
			return err
		}
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		if f.in == "" {
			return a.usage(message.PolicyEvalIn)
		}
		return a.evalPolicy(cmd, f)
	}
	s := c.Flags()
	f.scan.output.add(a, s)
	s.StringVar(&f.in, "in", "", a.lang.Of(message.FlagExceptionsIn))
	f.scan.policy.add(a, s)
	s.StringVar(&f.day, "day", "", a.lang.Of(message.FlagPolicyDay))
	s.StringVar(&f.scan.exceptions.environment, "environment", "", a.lang.Of(message.FlagEnvironment))
	s.Var(&f.scan.failOn, "fail-on", a.lang.Of(message.FlagFailOn))
	s.IntVar(&f.scan.exitCode, "exit-code", 0, a.lang.Of(message.FlagExitCode))
	s.BoolVar(&f.allowIncomplete, "allow-incomplete", false, a.lang.Of(message.FlagAllowIncomplete))
	return c
}

func (a *App) evalPolicy(cmd *cobra.Command, f *evalFlags) error {
	out, err := a.outputs(&f.scan.output)
	if err != nil {
		return err
	}
	r, err := a.readReport(f.in)
	if err != nil {
		return err
	}
	before := r.Verdict
	p, replay, err := a.evaluated(f, before.Judged)
	if err != nil {
		return err
	}
	if before.Judged != nil {
		shown := len(r.Findings)
		for i := range r.Platforms {
			shown += len(r.Platforms[i].Findings)
		}
		if shown < before.Judged.Findings {
			return a.usage(message.PolicyEvalPart, shown, before.Judged.Findings)
		}
	}
	if f.day != "" {
		if p.Now, err = time.Parse(time.DateOnly, f.day); err != nil {
			return a.usage(message.PolicyDay, f.day)
		}
		replay = false
	}
	r.Verdict = policy.Judge(r, p)
	if cmd.Flags().Changed("format") || cmd.Flags().Changed("output") {
		err = out.write(r)
	} else {
		err = a.sayVerdict(cmd, r)
	}
	if err != nil {
		return err
	}
	switch {
	case !replay:
	case before.Decision == r.Verdict.Decision && reflect.DeepEqual(before.Details, r.Verdict.Details):
		a.remark(message.PolicyEvalSame)
	default:
		a.remark(message.PolicyEvalOther, before.Decision)
	}
	return a.verdict(r, &f.scan)
}

func (a *App) sayVerdict(cmd *cobra.Command, r *sekisho.Result) error {
	lines := report.VerdictLines(r, a.lang)
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), strings.Join(lines, "\n"))
	return err
}

// evaluated is what a report is judged by: what was named, or what it was judged by
// when it was made (replay). What was named and is the same as then is a replay too.
func (a *App) evaluated(f *evalFlags, then *sekisho.Judged) (p policy.Policy, replay bool, err error) {
	if p.Context, err = a.policyContext(&f.scan.policy, f.scan.exceptions.environment); err != nil {
		return p, false, err
	}
	var files []*userpolicy.File
	if f.scan.policy.named() {
		if files, err = a.policies(&f.scan.policy); err != nil {
			return p, false, err
		}
	}
	p.Gate = policy.Gate{FailOn: f.scan.failOn.v, New: f.scan.failOn.fresh, OnlyFixed: f.scan.output.onlyFixed, AllowIncomplete: f.allowIncomplete}
	given := p.Gate.FailOn != nil || f.scan.policy.named()
	if then != nil {
		if p.Context.Environment == "" {
			p.Context.Environment = then.Environment
		}
		if p.Context.Team == "" {
			p.Context.Team = then.Team
		}
		if p.Context.Tags == nil {
			p.Context.Tags = then.Tags
		}
	}
	var sources []sekisho.PolicySource
	for _, file := range files {
		sources = append(sources, file.Source)
	}
	switch {
	case then == nil:
	case !given:
		replay = true
		for _, s := range then.By {
			if _, ok := userpolicy.PresetText(s.Name); !ok {
				return p, false, a.usage(message.PolicyEvalFile, s.Name)
			}
			file, err := a.policy(s.Name)
			if err != nil {
				return p, false, err
			}
			if file.Source.Digest != s.Digest {
				a.remark(message.PolicyEvalChanged, s.Name)
			}
			files = append(files, file)
		}
	case p.Gate.FailOn == nil && slices.EqualFunc(sources, then.By, func(x, y sekisho.PolicySource) bool { return x.Digest == y.Digest }):
		replay = true
	default:
		for _, s := range sources {
			if i := slices.IndexFunc(then.By, func(t sekisho.PolicySource) bool { return t.Name == s.Name }); i >= 0 && then.By[i].Digest != s.Digest {
				a.remark(message.PolicyEvalChanged, s.Name)
			}
		}
	}
	if replay {
		p.Now = then.Now
		p.Gate = policy.Gate{FailOn: then.FailOn, Only: then.Only, New: then.New, OnlyFixed: then.OnlyFixed, AllowIncomplete: then.AllowIncomplete || f.allowIncomplete}
	}
	p.Rules, p.Sources = nil, nil
	for _, file := range files {
		p.Rules = append(p.Rules, file.Rules...)
		p.Sources = append(p.Sources, file.Source)
	}
	return p, replay, nil
}
