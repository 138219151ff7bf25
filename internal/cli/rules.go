// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/check/userrule"
	"github.com/sekisho/sekisho/internal/engine"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/rule"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// ruleFlags say which rules run, and with what.
type ruleFlags struct {
	rules, skip, enable, registries, labels, helmValues, helmSet []string
	strictLabels, resolveBases                                   bool
	shellcheck, kubeVersion                                      string
}

func (f *ruleFlags) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s.StringSliceVar(&f.rules, "rules", nil, t(message.FlagRules))
	s.StringSliceVar(&f.skip, "skip-rule", nil, t(message.FlagSkipRule))
	s.StringSliceVar(&f.enable, "enable-rule", nil, t(message.FlagEnableRule))
	s.StringSliceVar(&f.registries, "trusted-registry", nil, t(message.FlagTrustedRegistry))
	s.StringSliceVar(&f.labels, "require-label", nil, t(message.FlagRequireLabel))
	s.BoolVar(&f.strictLabels, "strict-labels", false, t(message.FlagStrictLabels))
	s.StringSliceVar(&f.helmValues, "helm-values", nil, t(message.FlagHelmValues))
	s.StringArrayVar(&f.helmSet, "helm-set", nil, t(message.FlagHelmSet))
	s.StringVar(&f.kubeVersion, "kube-version", "", t(message.FlagKubeVersion))
	s.StringVar(&f.shellcheck, "shellcheck", shellcheckOff, t(message.FlagShellCheck))
	s.BoolVar(&f.resolveBases, "resolve-bases", false, t(message.FlagResolveBases))
}

// labelForms are the forms of the values of labels.
var labelForms = []string{"text", "url", "rfc3339", "spdx", "hash", "semver", "email"}

// settings are what the flags say, with the user's rules read and checked.
func (a *App) ruleSettings(f *ruleFlags) (*check.Settings, error) {
	s := &check.Settings{
		Off: f.skip, On: f.enable, Registries: f.registries, StrictLabels: f.strictLabels, Today: a.Now().UTC().Format("2006-01-02"),
		HelmValues: f.helmValues, HelmSet: f.helmSet, KubeVersion: f.kubeVersion,
	}
	if f.kubeVersion != "" {
		if err := rule.CheckKubeVersion(f.kubeVersion); err != nil {
			return nil, a.usage(message.BadFlag, message.Errorf("--kube-version: %w", err))
		}
	}
	for _, l := range f.labels {
		i := strings.LastIndexByte(l, ':')
		if i <= 0 || !slices.Contains(labelForms, l[i+1:]) {
			return nil, a.usage(message.BadLabelForm, l, strings.Join(labelForms, ", "))
		}
		if s.Labels == nil {
			s.Labels = map[string]string{}
		}
		s.Labels[l[:i]] = l[i+1:]
	}
	var err error
	if s.Shell, err = a.shellcheck(f.shellcheck); err != nil {
		return nil, err
	}
	u, err := a.userRules(f.rules)
	if err != nil {
		return nil, err
	}
	if u != nil {
		s.User = u
	}
	named := slices.Concat(f.skip, f.enable)
	if len(named) == 0 {
		return s, nil
	}
	known := allRules()
	if u != nil {
		known = append(known, u.Rules()...)
	}
	for _, id := range named {
		if !slices.ContainsFunc(known, func(r sekisho.Rule) bool { return check.Names(id, &r) }) {
			return nil, a.usage(message.RuleUnknown, id)
		}
	}
	return s, nil
}

// userRules reads the rules of the user; nil when there are none.
func (a *App) userRules(places []string) (*userrule.Rules, error) {
	if len(places) == 0 {
		return nil, nil
	}
	files := map[string][]byte{}
	for _, p := range places {
		before := len(files)
		if err := a.ruleFiles(p, files); err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, a.usage(message.RulesNoFiles, p)
		}
	}
	u, err := userrule.Load(files, rule.Variables())
	if err != nil {
		return nil, a.usage(message.RulesFileBad, a.mistakes(err))
	}
	return u, nil
}

// maxRuleFile bounds a file of rules, in bytes.
const maxRuleFile = 4 << 20

func (a *App) ruleFiles(place string, files map[string][]byte) error {
	root := a.path(place)
	info, err := os.Stat(root)
	if err != nil {
		return usageError{a.notThere(place, err)}
	}
	read := func(name, shown string) error {
		f, err := os.Open(name)
		if err != nil {
			return a.notThere(shown, err)
		}
		defer f.Close()
		files[shown], err = io.ReadAll(io.LimitReader(f, maxRuleFile))
		return err
	}
	if !info.IsDir() {
		return read(root, place)
	}
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return a.notThere(name, err)
		}
		ext := filepath.Ext(name)
		if !d.Type().IsRegular() || ext != ".yaml" && ext != ".yml" {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return message.Errorf("name %s: %w", name, err)
		}
		return read(name, filepath.Join(place, rel))
	})
}

func (a *App) rulesCommand() *cobra.Command {
	c := &cobra.Command{Use: "rules", Short: a.lang.Of(message.RulesShort), RunE: func(cmd *cobra.Command, args []string) error {
		if err := noArgs(a)(cmd, args); err != nil {
			return err
		}
		return cmd.Help()
	}}
	c.AddCommand(a.rulesListCommand(), a.rulesShowCommand(), a.rulesTestCommand(), a.rulesExportCommand())
	return c
}

// allRules are those of every kind, and those that name what engines say.
func allRules() []sekisho.Rule { return append(rule.Rules(), engine.Rules()...) }

// ruleKinds are the kinds of the catalogue; a test compares them with it. They are
// part of a flag's help, and the catalogue is long.
var ruleKinds = []string{"aws", "ci", "compose", "docker-run", "dockerfile", "engine", "image", "kubernetes", "license", "malware", "quadlet", "secret"}

func (a *App) rulesListCommand() *cobra.Command {
	f := &ruleFlags{}
	format, kind := "table", ""
	c := &cobra.Command{Use: "list", Short: a.lang.Of(message.RulesListShort), Args: noArgs(a)}
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		rules, err := a.catalogue(f, kind)
		if err != nil {
			return err
		}
		switch format {
		case "table":
			return a.ruleTable(cmd.OutOrStdout(), rules)
		case "json":
			enc := json.NewEncoder(cmd.OutOrStdout())
			enc.SetIndent("", "  ")
			enc.SetEscapeHTML(false)
			return enc.Encode(rules)
		case "markdown":
			return a.ruleMarkdown(cmd.OutOrStdout(), rules)
		}
		return a.usage(message.RuleFormatUnknown, format, "table, json, markdown")
	}
	s := c.Flags()
	s.StringVarP(&format, "format", "f", format, a.lang.Of(message.FlagRuleFormat))
	s.StringVar(&kind, "kind", "", a.lang.Of(message.FlagRuleKind, strings.Join(ruleKinds, ", ")))
	s.StringSliceVar(&f.rules, "rules", nil, a.lang.Of(message.FlagRules))
	means(s, "format")
	return c
}

// catalogue are all rules, those of the user too, of one kind or of all.
func (a *App) catalogue(f *ruleFlags, kind string) ([]sekisho.Rule, error) {
	rules := allRules()
	if kind != "" && !slices.Contains(ruleKinds, kind) {
		return nil, a.usage(message.RuleKindUnknown, kind, strings.Join(ruleKinds, ", "))
	}
	u, err := a.userRules(f.rules)
	if err != nil {
		return nil, err
	}
	if u != nil {
		rules = append(rules, u.Rules()...)
	}
	return slices.DeleteFunc(rules, func(r sekisho.Rule) bool { return kind != "" && r.Kind != kind }), nil
}

// words are a text of a rule, with dots where a finding names something.
func (a *App) words(w sekisho.Words) string {
	text := w.EN
	if a.lang == message.Ja {
		text = w.JA
	}
	return check.Fill(text, []string{"...", "...", "...", "..."})
}

func (a *App) ruleTable(w io.Writer, rules []sekisho.Rule) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", a.lang.Of(message.RuleKindColumn), a.lang.Of(message.RuleSevColumn), a.lang.Of(message.RuleIDColumn), a.lang.Of(message.RuleTitleColumn))
	for i := range rules {
		r := &rules[i]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.Kind, a.lang.Of(message.SeverityNames[r.Severity.String()]), r.ID, a.words(r.Title))
	}
	return t.Flush()
}

func (a *App) ruleMarkdown(w io.Writer, rules []sekisho.Rule) error {
	cell := strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;")
	byKind := map[string][]*sekisho.Rule{}
	for i := range rules {
		byKind[rules[i].Kind] = append(byKind[rules[i].Kind], &rules[i])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", a.lang.Of(message.RulesCatalogue), a.lang.Of(message.RulesCatalogueIs, len(rules), len(byKind)))
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		fmt.Fprintf(&b, "\n## %s\n\n| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", kind, a.lang.Of(message.RuleIDColumn), a.lang.Of(message.RuleSevColumn),
			a.lang.Of(message.RuleTitleColumn), a.lang.Of(message.RuleFix), a.lang.Of(message.RuleAliasColumn))
		for _, r := range byKind[kind] {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", r.ID, a.lang.Of(message.SeverityNames[r.Severity.String()]), cell.Replace(a.words(r.Title)),
				cell.Replace(a.words(r.Fix)), cell.Replace(strings.Join(slices.Concat(r.Aliases, r.References), ", ")))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *App) rulesShowCommand() *cobra.Command {
	f := &ruleFlags{}
	c := &cobra.Command{Use: "show RULE", Short: a.lang.Of(message.RulesShowShort), Args: oneArg(a, message.RulesShowShort)}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		rules, err := a.catalogue(f, "")
		if err != nil {
			return err
		}
		rules = slices.DeleteFunc(rules, func(r sekisho.Rule) bool { return !check.Names(args[0], &r) })
		if len(rules) == 0 {
			return a.usage(message.RuleUnknown, args[0])
		}
		for i := range rules {
			if i > 0 {
				fmt.Fprintln(cmd.OutOrStdout())
			}
			if err := a.showRule(cmd.OutOrStdout(), &rules[i]); err != nil {
				return err
			}
		}
		return nil
	}
	c.Flags().StringSliceVar(&f.rules, "rules", nil, a.lang.Of(message.FlagRules))
	return c
}

func (a *App) showRule(w io.Writer, r *sekisho.Rule) error {
	var b strings.Builder
	line := func(label message.Text, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %s: %s\n", a.lang.Of(label), value)
		}
	}
	fmt.Fprintf(&b, "%s/%s: %s\n", r.Kind, r.ID, a.words(r.Title))
	line(message.RuleBecause, strings.TrimSuffix(a.lang.Of(message.SeverityNames[r.Severity.String()])+" - "+a.words(r.Because), " - "))
	line(message.RuleWhy, a.words(r.Why))
	line(message.RuleFix, a.words(r.Fix))
	line(message.RuleAliases, strings.Join(r.Aliases, ", "))
	line(message.RuleReferences, strings.Join(r.References, ", "))
	line(message.RuleStages, strings.Join(r.Stages, ", "))
	line(message.RuleOwner, r.Owner)
	if r.Fixable {
		fmt.Fprintf(&b, "  %s\n", a.lang.Of(message.RuleFixable))
	}
	if r.Off {
		fmt.Fprintf(&b, "  %s\n", a.lang.Of(message.RuleOff, r.ID))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *App) rulesTestCommand() *cobra.Command {
	f := &ruleFlags{}
	c := &cobra.Command{Use: "test", Short: a.lang.Of(message.RulesTestShort), Long: a.lang.Of(message.RulesTestLong), Args: noArgs(a)}
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if len(f.rules) == 0 {
			return a.usage(message.RulesNeeded)
		}
		s, err := a.ruleSettings(f)
		if err != nil {
			return err
		}
		u, err := a.userRules(f.rules)
		if err != nil {
			return err
		}
		failed := 0
		rules := u.Rules()
		for i := range rules {
			one := *s
			one.Only = []string{rules[i].Kind + "/" + rules[i].ID}
			bad, err := a.testRule(cmd, f.rules, &rules[i], &one)
			if err != nil {
				return err
			}
			if len(bad) > 0 {
				failed++
			}
			for _, line := range bad {
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", rules[i].ID, line)
			}
		}
		if failed > 0 {
			return exitError{ExitDenied, a.lang.Of(message.RulesTestFailed, failed, len(rules))}
		}
		fmt.Fprintln(cmd.OutOrStdout(), a.lang.Of(message.RulesTested, len(rules)))
		return nil
	}
	c.Flags().StringSliceVar(&f.rules, "rules", nil, a.lang.Of(message.FlagRules))
	return c
}

// testRule runs the archive of a rule, which lies beside it.
func (a *App) testRule(cmd *cobra.Command, places []string, r *sekisho.Rule, s *check.Settings) (bad []string, err error) {
	var text []byte
	for _, p := range places {
		dir := a.path(p)
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			dir = filepath.Dir(dir)
		}
		if text, err = os.ReadFile(filepath.Join(dir, r.ID+".txtar")); err == nil {
			break
		}
	}
	if text == nil {
		return []string{a.lang.Of(message.RuleNoTest, r.ID+".txtar")}, nil
	}
	ar, err := check.ParseArchive(text)
	if err != nil {
		return []string{err.Error()}, nil
	}
	_, bad = ar.Run(r.ID, func(files map[string][]byte) sekisho.Judgement {
		j, e := rule.Judge(cmd.Context(), files, s)
		if e != nil {
			err = e
		}
		return j
	})
	return bad, err
}

// rulesExportCommand writes the named rules, or all that can be, as policies of
// the API server (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).
func (a *App) rulesExportCommand() *cobra.Command {
	format := "validatingadmissionpolicy"
	c := &cobra.Command{Use: "export [RULE...]", Short: a.lang.Of(message.RulesExportShort), Args: cobra.ArbitraryArgs}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if format != "validatingadmissionpolicy" {
			return a.usage(message.RuleFormatUnknown, format, "validatingadmissionpolicy")
		}
		var out []string
		add := func(r *sekisho.Rule, named bool) error {
			text, ok := rule.Policy(r.ID)
			switch {
			case ok:
				out = append(out, strings.TrimPrefix(text, "---\n"))
			case named:
				return a.usage(message.RulesNotExported, r.ID)
			}
			return nil
		}
		rules := slices.DeleteFunc(allRules(), func(r sekisho.Rule) bool { return r.Kind != sekisho.ResourceKubernetes })
		for i := range rules {
			if len(args) == 0 && !rules[i].Off {
				if err := add(&rules[i], false); err != nil {
					return err
				}
			}
		}
		for _, id := range args {
			i := slices.IndexFunc(rules, func(r sekisho.Rule) bool { return check.Names(id, &r) })
			if i < 0 {
				return a.usage(message.RuleUnknown, id)
			}
			if err := add(&rules[i], true); err != nil {
				return err
			}
		}
		_, err := io.WriteString(cmd.OutOrStdout(), strings.Join(out, "---\n"))
		return err
	}
	c.Flags().StringVarP(&format, "format", "f", format, a.lang.Of(message.FlagExportFormat))
	means(c.Flags(), "format")
	return c
}
