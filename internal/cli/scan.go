// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// scanFlags are the settings of a scan.
type scanFlags struct {
	output   outputFlags
	input    string
	platform platformFlag
	scanners []string
	exitCode int
	failOn   severityFlag
	timeout  time.Duration
	quiet    bool
	noBar    bool // no progress bars

	allowIncomplete, offline, noCache, ignored bool
	history                                    bool
	files                                      bool     // the arguments are files of the working directory's tree
	only                                       []string // those files, as paths in the tree
	since                                      string
	exclude                                    []string
	cacheDir                                   string
	registry                                   registryFlags
	db                                         databaseFlags
	rules                                      ruleFlags
	secrets                                    secretOptions
	licenses                                   licenseOptions
	engines                                    engineOptions
	malware                                    malwareOptions
	exceptions                                 exceptionFlags
	policy                                     policyFlags
	baseline                                   baselineFlags
	bases                                      baseFlags
	signatures                                 signatureFlags
	witnesses                                  []string
	workloads                                  []string
	fileBytes, totalBytes, memory              byteSize
	entries, ratio                             int64
	pathBytes, nesting, parallel               int
}

// registryFlags say how registries are talked to.
type registryFlags struct {
	username, password, token, caFile string
	passwordStdin, plainHTTP          bool
	insecure                          bool
	mirrors                           []string
}

func (r *registryFlags) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s.StringVar(&r.username, "username", "", t(message.FlagUsername))
	s.BoolVar(&r.passwordStdin, "password-stdin", false, t(message.FlagPasswordStdin))
	s.StringVar(&r.token, "registry-token", "", t(message.FlagRegistryToken))
	s.BoolVar(&r.plainHTTP, "plain-http", false, t(message.FlagPlainHTTP))
	s.BoolVar(&r.insecure, "insecure", false, t(message.FlagInsecure))
	s.StringVar(&r.caFile, "ca-file", "", t(message.FlagCAFile))
	s.StringSliceVar(&r.mirrors, "mirror", nil, t(message.FlagMirror))
}

// readPassword reads the registry's password from standard input where that was asked for.
func (a *App) readPassword(ctx context.Context, r *registryFlags) error {
	if !r.passwordStdin {
		return nil
	}
	var b strings.Builder
	if _, err := a.readStdin(ctx, &b, 64<<10); err != nil {
		return message.Errorf("read the password: %w", err)
	}
	r.password = strings.TrimRight(b.String(), "\r\n")
	return nil
}

// scannerNames in the order of the coverage section.
var scannerNames = []string{"vuln", "misconfig", "secret", "malware", "license"}

// defaultScanners run when none is named. That of licences is for those who ask.
var defaultScanners = []string{"vuln", "misconfig", "secret"}

func (a *App) scanCommand() *cobra.Command {
	f := &scanFlags{}
	c := &cobra.Command{
		Use: "scan TARGET", Short: a.lang.Of(message.ScanShort), Long: a.lang.Of(message.ScanLong),
		Example: a.lang.Of(message.ScanExample),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.scan(cmd, args, f) },
	}
	a.addScanFlags(c, f)
	completeValues(c)
	return c
}

func (a *App) addScanFlags(c *cobra.Command, f *scanFlags) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	s := c.Flags()
	s.SortFlags = false
	f.output.add(a, s)
	s.StringVar(&f.input, "input", "", t(message.FlagInput))
	s.StringArrayVar(&f.witnesses, "witness", nil, t(message.FlagWitness))
	s.StringVar(&f.baseline.from, "baseline", "", t(message.FlagBaseline))
	s.StringVar(&f.since, "since", "", t(message.FlagSince))
	s.BoolVar(&f.files, "files", false, t(message.FlagFiles))
	a.addJudgeFlags(s, f)
	f.policy.add(a, s)
}

// addJudgeFlags adds the flags that say how targets are opened and judged: all
// but those of the target, of the reports and of policies.
func (a *App) addJudgeFlags(s *pflag.FlagSet, f *scanFlags) {
	t := func(m message.Text) string { return a.lang.Of(m) }
	d := sekisho.DefaultBounds
	f.fileBytes, f.totalBytes, f.memory = byteSize(d.FileBytes), byteSize(d.TotalBytes), byteSize(d.RetainBytes)
	s.Var(&f.platform, "platform", t(message.FlagPlatform))
	s.StringSliceVar(&f.scanners, "scanners", defaultScanners, a.lang.Of(message.FlagScanners, strings.Join(scannerNames, ",")))
	s.Var(&f.failOn, "fail-on", t(message.FlagFailOn))
	s.IntVar(&f.exitCode, "exit-code", 0, t(message.FlagExitCode))
	s.BoolVar(&f.allowIncomplete, "allow-incomplete", false, t(message.FlagAllowIncomplete))
	s.BoolVar(&f.offline, "offline", false, t(message.FlagOffline))
	s.DurationVar(&f.timeout, "timeout", 0, t(message.FlagTimeout))
	s.BoolVarP(&f.quiet, "quiet", "q", false, t(message.FlagQuiet))
	s.BoolVar(&f.noBar, "no-progress", false, t(message.FlagNoProgress))
	s.StringSliceVar(&f.exclude, "exclude", nil, t(message.FlagExclude))
	s.BoolVar(&f.ignored, "include-ignored", false, t(message.FlagIncludeIgnored))
	s.BoolVar(&f.history, "history", false, t(message.FlagHistory))
	f.db.add(a, s)
	s.BoolVar(&f.db.skipUpdate, "skip-db-update", false, t(message.FlagSkipDBUpdate))
	f.rules.add(a, s)
	f.secrets.add(a, s)
	f.licenses.add(a, s)
	f.engines.add(a, s)
	f.malware.add(a, s)
	f.exceptions.add(a, s)
	f.signatures.add(a, s)
	f.bases.add(a, s)
	s.StringVar(&f.policy.risk, "risk", "", t(message.FlagRisk))
	s.StringArrayVar(&f.workloads, "workload", nil, t(message.FlagWorkload))
	f.registry.add(a, s)
	s.StringVar(&f.cacheDir, "cache-dir", "", t(message.FlagCacheDir))
	s.BoolVar(&f.noCache, "no-cache", false, t(message.FlagNoCache))
	s.IntVar(&f.parallel, "parallel", 0, t(message.FlagParallel))
	s.Var(&f.fileBytes, "max-file-bytes", t(message.FlagMaxFileBytes))
	s.Var(&f.totalBytes, "max-total-bytes", t(message.FlagMaxTotalBytes))
	s.Int64Var(&f.entries, "max-entries", d.Entries, t(message.FlagMaxEntries))
	s.IntVar(&f.pathBytes, "max-path-bytes", d.PathBytes, t(message.FlagMaxPathBytes))
	s.IntVar(&f.nesting, "max-nesting", d.Nesting, t(message.FlagMaxNesting))
	s.Int64Var(&f.ratio, "max-ratio", d.Ratio, t(message.FlagMaxRatio))
	s.Var(&f.memory, "max-memory", t(message.FlagMaxMemory))
	s.String("config", "", t(message.FlagConfig))
}

// scanAliases are the spellings of other tools: image, fs, rootfs, repo, sbom.
// No list shows them, so only those that the arguments name are made: each has
// all the flags of a scan.
func (a *App) scanAliases(args []string) []*cobra.Command {
	var out []*cobra.Command
	for name, scheme := range map[string]string{"image": "image:", "fs": "file:", "rootfs": "dir:", "repo": "repo:", "sbom": "sbom:"} {
		if !slices.Contains(args, name) {
			continue
		}
		c := a.scanCommand()
		run := c.RunE
		c.Use, c.Hidden = name+" TARGET", true
		c.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && args[0] != "-" && !hasScheme(args[0]) {
				args = []string{scheme + args[0]}
			}
			return run(cmd, args)
		}
		out = append(out, c)
	}
	return out
}

func (f *scanFlags) bounds() sekisho.Bounds {
	return sekisho.Bounds{
		FileBytes: int64(f.fileBytes), TotalBytes: int64(f.totalBytes), Entries: f.entries, PathBytes: f.pathBytes,
		Nesting: f.nesting, Ratio: f.ratio, RetainBytes: int64(f.memory),
	}
}

func (a *App) scan(cmd *cobra.Command, args []string, f *scanFlags) error {
	if _, err := a.applySettings(cmd); err != nil {
		return err
	}
	ctx := cmd.Context()
	if f.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.timeout)
		defer cancel()
	}
	target, err := a.target(args, f)
	if err != nil {
		return err
	}
	out, err := a.outputs(&f.output)
	if err != nil {
		return err
	}
	if f.exitCode < 0 || f.exitCode > 125 {
		return a.usage(message.BadExitCode, f.exitCode)
	}
	if f.registry.passwordStdin && target.scheme == "-" {
		return a.usage(message.StdinTwice)
	}
	if err := a.checkBaseline(f); err != nil {
		return err
	}
	if err := a.readPassword(ctx, &f.registry); err != nil {
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
	in, err := a.newInspector(ctx, f)
	if err != nil {
		return err
	}
	defer in.close()
	r, err := in.inspect(ctx, target)
	if err != nil {
		return err
	}
	if err := in.compare(ctx, target, r); err != nil {
		return err
	}
	tree, err := a.treePolicy(&f.policy, target, r)
	if err != nil {
		return err
	}
	a.judge(r, f, append(policies, tree...), known)
	a.missKey(r, f)
	if err := out.write(r); err != nil {
		return err
	}
	return a.verdict(r, f)
}

// gate is what the flags ask to hold. Trivy's is any finding that --severity
// shows. A policy that was named takes its place; one that was found does not, as
// it could be a weaker one.
func (f *scanFlags) gate() policy.Gate {
	g := policy.Gate{FailOn: f.failOn.v, New: f.failOn.fresh, OnlyFixed: f.output.onlyFixed, AllowIncomplete: f.allowIncomplete}
	if g.FailOn == nil && f.exitCode != 0 && !f.policy.named() {
		all := sekisho.SeverityUnknown
		g.FailOn, g.Only = &all, f.output.severities
	}
	return g
}

// verdict turns the decision into the exit status.
func (a *App) verdict(r *sekisho.Result, f *scanFlags) error {
	reasons := strings.Join(report.Deciding(&r.Verdict, a.lang), a.lang.Of(message.ListStop))
	switch r.Verdict.Decision {
	case sekisho.Deny:
		status := ExitDenied
		if f.exitCode != 0 {
			status = f.exitCode
		}
		return exitError{status, a.lang.Of(message.Denied, reasons)}
	case sekisho.Incomplete:
		return exitError{ExitIncomplete, a.lang.Of(message.IncompleteExit, reasons)}
	case sekisho.Allow:
	}
	return nil
}

// scannerCoverage says which scanners run, and which were not asked for.
func (a *App) scannerCoverage(asked []string) ([]sekisho.ScannerCoverage, error) {
	var out []sekisho.ScannerCoverage
	out = append(out, sekisho.ScannerCoverage{Name: "packages", Asked: true, Ran: true})
	for i, n := range asked {
		if n == "config" { // Trivy's older word
			n, asked[i] = "misconfig", "misconfig"
		}
		if !slices.Contains(scannerNames, n) {
			return nil, a.usage(message.UnknownScanner, n, strings.Join(scannerNames, ", "))
		}
	}
	for _, n := range scannerNames {
		if slices.Contains(asked, n) {
			out = append(out, sekisho.ScannerCoverage{Name: n, Asked: true, Ran: true})
			continue
		}
		out = append(out, sekisho.ScannerCoverage{Name: n, Why: message.ScannerCodes[sekisho.ScannerNotAsked].En, Code: sekisho.ScannerNotAsked})
	}
	return out, nil
}
