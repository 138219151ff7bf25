// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/match"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

func (a *App) explainCommand() *cobra.Command {
	var in, name string
	f := &scanFlags{}
	c := a.judgingCommand("explain WHAT", message.ExplainShort, f, func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) != 1:
			return a.usage(message.ExplainWhat)
		case in == "":
			return a.usage(message.ExplainInMissing)
		}
		r, err := a.readAny(cmd.Context(), in)
		if err != nil {
			return err
		}
		return a.explain(cmd, f, r, args[0], name)
	})
	c.Long = a.lang.Of(message.ExplainLong)
	c.Flags().StringVar(&in, "in", "", a.lang.Of(message.FlagIn))
	c.Flags().StringVar(&name, "package", "", a.lang.Of(message.FlagPackage))
	return c
}

// explain prints the findings of the report that what names, then what the
// database says of the packages that have no such finding.
func (a *App) explain(cmd *cobra.Command, f *scanFlags, r *sekisho.Result, what, name string) error {
	var out bytes.Buffer
	judged := map[string]bool{}
	var all []sekisho.Package
	for _, one := range append([]sekisho.Result{*r}, r.Platforms...) {
		all = append(all, one.Packages...)
		for i := range one.Findings {
			fd := &one.Findings[i]
			if !about(fd, what) || (name != "" && (fd.Package == nil || fd.Package.Name != name)) {
				continue
			}
			a.explainFinding(&out, &one, fd)
			if fd.Package != nil {
				judged[fd.Package.PURL] = true
			}
		}
	}
	if name != "" && !slices.ContainsFunc(all, func(p sekisho.Package) bool { return p.Name == name || p.SourceName == name }) {
		return exitError{ExitFailed, a.lang.Of(message.ExplainNoPackage, name)}
	}
	rest := slices.DeleteFunc(all, func(p sekisho.Package) bool { return judged[p.PURL] })
	if err := a.explainRest(cmd, f, &out, r.OS, rest, what, name); err != nil {
		if out.Len() == 0 {
			return err
		}
		// The evidence of a finding is in the report and needs no database.
		a.remark(message.ExplainNoDatabase, err)
	}
	if out.Len() == 0 {
		return exitError{ExitFailed, a.lang.Of(message.ExplainNothing, what)}
	}
	_, err := io.WriteString(cmd.OutOrStdout(), plainLines(out.String()))
	return err
}

// explainRest says what the database has of the packages without such a finding.
func (a *App) explainRest(cmd *cobra.Command, f *scanFlags, out io.Writer, os *sekisho.OS, packages []sekisho.Package, what, name string) error {
	db, err := a.scanDatabase(cmd.Context(), f)
	if err != nil {
		return err
	}
	defer db.close()
	inv := &sekisho.Inventory{Packages: packages}
	if os != nil {
		inv.OS = []sekisho.OS{*os}
	}
	traces, err := db.matcher().Explain(cmd.Context(), inv, what, name)
	if err != nil {
		return err
	}
	for i := 0; i < len(traces); {
		n := i + 1
		for n < len(traces) && traces[n].Package == traces[i].Package {
			n++
		}
		a.explainTraces(out, traces[i:n])
		i = n
	}
	return nil
}

func about(f *sekisho.Finding, what string) bool {
	same := func(s string) bool { return strings.EqualFold(s, what) }
	return f.ID == what || same(f.Rule) || slices.ContainsFunc(f.Aliases, same) || slices.ContainsFunc(f.Witnesses, func(w sekisho.Witness) bool {
		return same(w.ID) || slices.ContainsFunc(w.Aliases, same)
	})
}

func (a *App) explainFinding(w io.Writer, r *sekisho.Result, f *sekisho.Finding) {
	t := func(m message.Text, args ...any) string { return a.lang.Of(m, args...) }
	line := func(label message.Text, text string) {
		if text != "" {
			fmt.Fprintf(w, "  %s: %s\n", t(label), text)
		}
	}
	pkg := f.Package
	if pkg == nil {
		pkg = &sekisho.PackageRef{}
	}
	fmt.Fprintln(w, t(message.ExplainFinding, f.Rule, pkg.Name, pkg.Version, a.lang.Of(message.SeverityNames[f.Severity.String()])))
	line(message.ExplainAliases, strings.Join(f.Aliases, ", "))
	line(message.ExplainWhere, f.Location.Path)
	if f.Introduced != nil {
		line(message.ExplainLayer, cmp.Or(f.Introduced.Instruction, f.Introduced.Layer))
		if f.Introduced.Line > 0 {
			line(message.DockerfileLine, fmt.Sprintf("%s:%d", f.Introduced.File, f.Introduced.Line))
		}
	}
	if word, ok := message.OriginWords[f.Origin]; ok {
		line(message.Origin, t(word))
		line(message.BaseImage, report.BaseText(r, a.lang))
	}
	switch {
	case f.Fixed != "":
		line(message.ExplainFixedIn, f.Fixed)
	case f.Kind == sekisho.Vulnerability:
		line(message.ExplainFixedIn, t(message.ExplainNoFix, f.Status))
	default:
		title, why, fix := report.Words(r, f, a.lang)
		line(message.RuleTitleColumn, title)
		line(message.RuleWhy, why)
		line(message.RuleFix, fix)
	}
	if head, lines := report.RiskText(f.Risk, a.lang); head != "" {
		line(message.RiskScore, head)
		for _, l := range lines {
			fmt.Fprintf(w, "    %s\n", l)
		}
	}
	text, command := report.ActionText(r, f.ID, a.lang)
	line(message.ActionsHead, text)
	line(message.ActionCommand, command)
	if i := slices.IndexFunc(r.Packages, func(p sekisho.Package) bool { return p.PURL == pkg.PURL }); i >= 0 {
		line(message.ActionUsers, report.UsersText(&r.Packages[i], r.Packages, a.lang))
	}
	fmt.Fprintf(w, "  %s:\n", t(message.ExplainSources))
	a.explainEvidence(w, f, pkg.Version)
	a.explainWitnesses(w, f)
	for _, c := range f.CVSS {
		fmt.Fprintf(w, "  CVSS %.1f: %s (%s)\n", c.Score, c.Vector, c.Source)
	}
	if f.KEV != nil {
		fmt.Fprintf(w, "  %s\n", t(message.ExplainKEV, f.KEV.Added))
	}
	if f.EPSS != nil {
		fmt.Fprintf(w, "  %s\n", t(message.ExplainEPSS, f.EPSS.Score*100, f.EPSS.Date))
	}
	// Seen in attacks is no index of exploits: the lines of the risk say it.
	line(message.ExplainExploits, strings.Join(slices.DeleteFunc(slices.Clone(f.Exploits), func(s string) bool { return s == "ssvc-active" }), ", "))
	if f.Suppressed != nil {
		line(message.ExplainSuppressed, report.SuppressionText(f.Suppressed, a.lang))
	}
	if r.Database != nil {
		line(message.ExplainDB, strings.TrimSpace(r.Database.Kind+" "+r.Database.Date))
	}
}

// explainEvidence says what each source says: one verdict for an advisory,
// however many ranges it has, and the ranges below it.
func (a *App) explainEvidence(w io.Writer, f *sekisho.Finding, version string) {
	same := func(x, y *sekisho.Evidence) bool {
		return x.ID != "" && x.Source == y.Source && x.ID == y.ID && x.Channel == y.Channel
	}
	told := make([]bool, len(f.Evidence))
	for i := range f.Evidence {
		if told[i] {
			continue
		}
		e := &f.Evidence[i]
		var all []*sekisho.Evidence
		word := message.ExplainUnaffected
		for n := i; n < len(f.Evidence); n++ {
			o := &f.Evidence[n]
			if n > i && !same(e, o) {
				continue
			}
			told[n] = true
			if all = append(all, o); o.Status != sekisho.StatusNotAffected {
				word = message.ExplainAffected
			}
		}
		head := strings.Join(slices.DeleteFunc([]string{e.Source, e.ID, e.Date, e.Severity, e.Channel}, func(s string) bool { return s == "" }), " · ")
		fmt.Fprintf(w, "    %s: %s\n", head, a.lang.Of(word))
		for _, e := range all {
			text := ""
			if e.Text != "" {
				text = a.lang.Fault(e.Code, e.Args, e.Text)
			}
			switch {
			case e.Range != "" && e.Status == sekisho.StatusNotAffected:
				fmt.Fprintf(w, "      %s\n", a.lang.Of(message.ExplainOutside, e.Range, text))
				continue
			case e.Range != "":
				fmt.Fprintf(w, "      %s\n", a.lang.Of(message.ExplainCompared, version, e.Order, e.Range))
			}
			if text != "" {
				fmt.Fprintf(w, "      %s\n", text)
			}
		}
	}
}

// explainTraces says what the database has of one package: one verdict, and the
// rows below it.
func (a *App) explainTraces(w io.Writer, all []match.Trace) {
	p := all[0].Package
	head := p.Name + " " + p.Version
	rows := slices.ContainsFunc(all, func(t match.Trace) bool { return t.Advisory.ID != "" })
	if rows {
		word := message.ExplainUnaffected
		if all[0].Verdict {
			word = message.ExplainAffected
		}
		fmt.Fprintf(w, "%s: %s\n", head, a.lang.Of(word))
	}
	last := ""
	for i := range all {
		t := &all[i]
		reason := a.lang.Fault(t.Reason.Code, t.Reason.Args, t.Reason.Text)
		if t.Unassessed {
			reason = a.lang.Of(message.ExplainUnassessed, reason)
		}
		if t.Advisory.ID == "" {
			if rows {
				fmt.Fprintf(w, "  %s\n", reason)
			} else {
				fmt.Fprintf(w, "%s: %s\n", head, reason)
			}
			continue
		}
		parts := []string{t.Advisory.Feed, t.Advisory.ID, t.Advisory.Modified, t.World, t.Advisory.Status, t.Advisory.Channel, t.Advisory.Module}
		if source := strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · "); source != last {
			fmt.Fprintf(w, "  %s\n", source)
			last = source
		}
		if len(t.Ranges) > 0 {
			fmt.Fprintf(w, "    %s\n", a.lang.Of(message.ExplainCompared, t.Version, t.Order, strings.Join(t.Ranges, " | ")))
		}
		if reason != "" {
			fmt.Fprintf(w, "    %s\n", reason)
		}
	}
}

// plainLines is plain for several lines.
func plainLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = plain(lines[i])
	}
	return strings.Join(lines, "\n")
}
