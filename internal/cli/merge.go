// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/match"
	"github.com/sekisho/sekisho/internal/merge"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/witness"
)

func (a *App) mergeCommand() *cobra.Command {
	f := &scanFlags{}
	c := a.judgingCommand("merge REPORT.json OTHER...", message.MergeShort, f, func(cmd *cobra.Command, args []string) error {
		return a.mergeReports(cmd, args, f)
	})
	c.Long, c.Example = a.lang.Of(message.MergeLong), a.lang.Of(message.MergeExample)
	s := c.Flags()
	s.SortFlags = false
	f.output.add(a, s)
	s.Var(&f.failOn, "fail-on", a.lang.Of(message.FlagFailOn))
	s.BoolVar(&f.allowIncomplete, "allow-incomplete", false, a.lang.Of(message.FlagAllowIncomplete))
	f.policy.add(a, s)
	s.StringVar(&f.exceptions.environment, "environment", "", a.lang.Of(message.FlagEnvironment))
	completeValues(c)
	return c
}

func (a *App) mergeReports(cmd *cobra.Command, args []string, f *scanFlags) error {
	if len(args) < 2 {
		return a.usage(message.MergeTwo)
	}
	out, err := a.outputs(&f.output)
	if err != nil {
		return err
	}
	if err := a.onceStdin(args); err != nil {
		return err
	}
	policies, err := a.policies(&f.policy)
	if err != nil {
		return err
	}
	known, err := a.policyContext(&f.policy, f.exceptions.environment)
	if err != nil {
		return err
	}
	r, err := a.readAny(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	others, err := a.readWitnesses(cmd.Context(), args[1:])
	if err != nil {
		return err
	}
	opt := merge.Options{Compare: ecosystem.Compare()}
	if r.Target.Source != witnessSource && r.Database != nil {
		db, err := a.scanDatabase(cmd.Context(), f)
		if err != nil {
			a.remark(message.MergeNoDB, err)
		} else {
			defer db.close()
			opt.Explain = explainer(cmd.Context(), db, r.OS)
		}
	}
	a.joinReports(r, others, opt)
	rank(r, risk.Default())
	a.judge(r, f, policies, known)
	if err := out.write(r); err != nil {
		return err
	}
	return a.verdict(r, f)
}

// witnessSource is the Source of the target of a report that holds nothing of
// our own.
const witnessSource = "report"

// onceStdin refuses standard input as several reports.
func (a *App) onceStdin(names []string) error {
	if i := slices.Index(names, "-"); i >= 0 && slices.Contains(names[i+1:], "-") {
		return a.usage(message.MergeStdinOnce)
	}
	return nil
}

// readText reads a report's bytes, - for standard input.
func (a *App) readText(ctx context.Context, name string) ([]byte, error) {
	in, err := a.openReport(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var src io.Reader = in
	if name == "-" {
		var b bytes.Buffer
		if _, err := a.readStdin(ctx, &b, witness.MaxBytes+1); err != nil {
			return nil, err
		}
		src = &b
	}
	text, err := witness.Text(src)
	if err != nil {
		return nil, message.Errorf("read report %s: %w", name, err)
	}
	return text, nil
}

// readAny reads a report of ours or of another tool. One of another tool is a
// result of its own, with what it says as the only evidence.
func (a *App) readAny(ctx context.Context, name string) (*sekisho.Result, error) {
	text, err := a.readText(ctx, name)
	if err != nil {
		return nil, err
	}
	shown := name
	if name == "-" {
		shown = a.lang.Of(message.Stdin)
	}
	r, err := witness.Read(shown, text)
	var unknown *witness.UnknownError
	switch {
	case errors.Is(err, witness.ErrOwn), errors.As(err, &unknown) && bytes.Contains(text[:min(len(text), 4096)], []byte(`"schemaVersion"`)):
		if r, err = report.ReadJSON(bytes.NewReader(text)); err != nil {
			return nil, message.Errorf("read report %s: %w", name, err)
		}
		return r, nil
	case err != nil:
		return nil, message.Errorf("read report %s: %w", name, err)
	}
	r.Tool = sekisho.Tool{Name: "sekisho", Version: a.Version}
	r.Created = a.Now().UTC().Truncate(time.Second)
	merge.Merge(r, nil, merge.Options{Compare: ecosystem.Compare()})
	rank(r, risk.Default())
	r.Verdict = policy.Judge(r, policy.Policy{})
	return r, nil
}

// readWitnesses reads the reports of others; one of our own is another's too.
func (a *App) readWitnesses(ctx context.Context, names []string) ([]*sekisho.Result, error) {
	if err := a.onceStdin(names); err != nil {
		return nil, err
	}
	var out []*sekisho.Result
	for _, name := range names {
		r, err := a.readAny(ctx, name)
		if err != nil {
			return nil, err
		}
		if r.Target.Source != witnessSource {
			r = merge.AsWitness(r)
		}
		out = append(out, r)
	}
	return out, nil
}

// merge joins the reports that --witness names.
func (in *inspector) merge(ctx context.Context, r *sekisho.Result) {
	if len(in.others) == 0 {
		return
	}
	opt := merge.Options{Compare: ecosystem.Compare()}
	if in.db != nil {
		opt.Explain = explainer(ctx, in.db, r.OS)
	}
	in.app.joinReports(r, in.others, opt)
}

// joinReports merges, and says which reports are about another image.
func (a *App) joinReports(r *sekisho.Result, others []*sekisho.Result, opt merge.Options) {
	merge.Merge(r, others, opt)
	for i := range r.Witnesses {
		if w := &r.Witnesses[i]; w.OtherTarget {
			a.remark(message.WitnessOther, w.Tool, cmp.Or(w.Target, w.Digest, w.ConfigDigest), r.Target.Name)
		}
	}
}

// explainer asks the database why a finding of others is none of ours. What the
// database cannot say is left out: the reason is then not known.
func explainer(ctx context.Context, db *database, os *sekisho.OS) func(p *sekisho.Package, id string) []merge.Answer {
	m := db.matcher()
	return func(p *sekisho.Package, id string) []merge.Answer {
		inv := &sekisho.Inventory{Packages: []sekisho.Package{*p}}
		if os != nil {
			inv.OS = []sekisho.OS{*os}
		}
		traces, err := m.Explain(ctx, inv, id, p.Name)
		if err != nil {
			return nil
		}
		var out []merge.Answer
		for _, t := range traces {
			out = append(out, answer(&t))
		}
		return out
	}
}

func answer(t *match.Trace) merge.Answer {
	reason := t.Reason.Text
	if t.Unassessed {
		reason = message.En.Of(message.ExplainUnassessed, reason)
	}
	return merge.Answer{Source: t.Advisory.Feed, ID: t.Advisory.ID, World: t.World, Affected: t.Affected, Reason: reason}
}

// explainWitnesses prints what other tools say of a finding, and why they differ.
func (a *App) explainWitnesses(w io.Writer, f *sekisho.Finding) {
	list := func(head message.Text, lines []string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(w, "  %s:\n", a.lang.Of(head))
		for _, s := range lines {
			fmt.Fprintf(w, "    %s\n", s)
		}
	}
	var says, differ []string
	for i := range f.Witnesses {
		says = append(says, report.WitnessText(&f.Witnesses[i], a.lang))
	}
	for i := range f.Disagreements {
		differ = append(differ, report.DisagreementText(&f.Disagreements[i], a.lang))
	}
	list(message.Witnesses, says)
	list(message.DisagreeSection, differ)
}
