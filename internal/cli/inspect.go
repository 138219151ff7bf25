// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/sekisho/sekisho/internal/base"
	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/ecosystem/distro"
	"github.com/sekisho/sekisho/internal/engine"
	"github.com/sekisho/sekisho/internal/merge"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/policy"
	"github.com/sekisho/sekisho/internal/policy/userpolicy"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/rule"
	"github.com/sekisho/sekisho/internal/rule/license"
	"github.com/sekisho/sekisho/internal/rule/secret"
	"github.com/sekisho/sekisho/internal/scan"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/signature"
)

// inspector turns targets into judged results, by the settings of one command:
// whoever compares two targets inspects both in the same way.
type inspector struct {
	app      *App
	flags    *scanFlags
	scanners []sekisho.ScannerCoverage
	rules    *check.Settings
	db       *database // nil where nothing is looked up
	engines  *engines
	base     scan.Options
	vault    *secret.Vault // nil without --verify
	// perTarget adds the extractors and checkers that a kind of target needs.
	perTarget func(art *sekisho.Artifact, opt *scan.Options)
	matches   bool              // packages are matched with it
	aged      bool              // the age of the database was told
	others    []*sekisho.Result // reports of other tools
	weights   *risk.Weights
	trust     *signature.Trust   // nil where no key was named
	workloads []sekisho.Workload // of the files of --workload
	unread    []sekisho.Problem  // what of them could not be read
	// over stands in place of files of the target.
	over overlay
}

// newInspector checks the settings and opens what all targets share. The caller closes it.
func (a *App) newInspector(ctx context.Context, f *scanFlags) (*inspector, error) {
	in := &inspector{app: a, flags: f}
	var err error
	if in.weights, err = a.weights(f.policy.risk); err != nil {
		return nil, err
	}
	if in.trust, err = a.signatureTrust(&f.signatures); err != nil {
		return nil, err
	}
	if len(f.workloads) > 0 {
		s, err := a.ruleSettings(&f.rules)
		if err != nil {
			return nil, err
		}
		if in.workloads, in.unread, err = a.readWorkloads(ctx, f.workloads, s); err != nil {
			return nil, err
		}
	}
	if in.scanners, err = a.scannerCoverage(f.scanners); err != nil {
		return nil, err
	}
	if in.others, err = a.readWitnesses(ctx, f.witnesses); err != nil && ctx.Err() == nil {
		err = usageError{err} // the flag names another thing than a report
	}
	if err != nil {
		return nil, err
	}
	for _, p := range f.exclude {
		if _, err := path.Match(p, ""); err != nil {
			return nil, a.usage(message.BadPattern, p)
		}
	}
	if slices.ContainsFunc(f.scanners, func(s string) bool { return s != "vuln" }) {
		if in.rules, err = a.ruleSettings(&f.rules); err != nil {
			return nil, err
		}
		if f.rules.resolveBases {
			if in.rules.BaseUser, err = a.baseUsers(f); err != nil {
				return nil, err
			}
		}
	}
	vuln, hostile := slices.Contains(f.scanners, "vuln"), slices.Contains(f.scanners, "malware")
	if len(f.malware.hashes) > 0 && !hostile {
		return nil, a.usage(message.MalwareNotScanned)
	}
	secrets, err := a.secretScanner(&f.secrets, in.rules)
	if err != nil {
		return nil, err
	}
	if in.vault, err = a.keepForVerify(f, secrets); err != nil {
		return nil, err
	}
	licensed, err := a.licensePolicy(&f.licenses, f.scanners)
	if err != nil {
		return nil, err
	}
	if in.engines, err = a.openEngines(ctx, &f.engines); err != nil {
		return nil, err
	}
	in.scanners = append(in.scanners, in.engines.coverage...)
	in.base = scan.Options{
		Extractors: ecosystem.Extractors(), ChooseOS: distro.Choose, Bounds: f.bounds(), Parallel: f.parallel,
		Exclude: f.exclude, Tool: sekisho.Tool{Name: "sekisho", Version: a.Version}, Created: a.created(),
	}
	if vuln || hostile {
		if in.db, err = a.scanDatabase(ctx, f); err != nil {
			in.close()
			return nil, err
		}
	}
	if in.db != nil && in.rules != nil {
		in.rules.Ends = in.db.supportEnds(ctx)
	}
	if in.matches = vuln; vuln {
		in.base.Checkers = append(in.base.Checkers, in.db.matcher())
	}
	malicious, err := in.malwareScanner(&f.malware)
	if err != nil {
		in.close()
		return nil, err
	}
	if !f.noCache && in.vault == nil { // facts of the cache have no values to verify
		in.base.Cache = scan.NewCache(a.cacheDir(f.cacheDir), 0, a.Now)
	}
	in.perTarget = func(art *sekisho.Artifact, opt *scan.Options) {
		add := func(e []sekisho.Extractor, c ...sekisho.Checker) {
			opt.Extractors, opt.Checkers = slices.Concat(opt.Extractors, e), slices.Concat(opt.Checkers, c)
		}
		if slices.Contains(f.scanners, "misconfig") {
			add(configExtractors(art), rule.Checkers(in.rules)...)
		}
		if slices.Contains(f.scanners, "secret") {
			add([]sekisho.Extractor{secrets}, secrets)
		}
		if hostile {
			add([]sekisho.Extractor{malicious}, malicious)
		}
		if slices.Contains(f.scanners, "license") {
			add(license.Extractors(), license.Checker(in.rules, licensed))
		}
		if len(in.engines.coverage) > 0 && hasFiles(art) {
			add(in.engines.extractors, engine.Checker(in.rules))
			art.Problems = append(slices.Clip(art.Problems), in.engines.problems...)
		}
		opt.Scanners = ofTarget(in.scanners, art)
	}
	return in, nil
}

func (in *inspector) close() {
	if in.db != nil {
		in.db.close()
	}
	if in.engines != nil {
		in.engines.close()
	}
}

// inspect opens the target, reads it and judges it: findings with their risk,
// exceptions applied, no verdict yet.
func (in *inspector) inspect(ctx context.Context, t target) (*sekisho.Result, error) {
	a, f := in.app, in.flags
	bar := a.newProgress(f.quiet || f.noBar)
	defer bar.close()
	artifacts, err := a.open(ctx, t, f, bar)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, art := range artifacts {
			if art.Close != nil {
				_ = art.Close() // read only: nothing can be lost
			}
		}
	}()
	in.over.lay(artifacts)
	bases, err := a.recognise(artifacts, f)
	if err != nil {
		return nil, err
	}
	excepted, err := a.scanExceptions(f, t, artifacts, in.trust)
	if err != nil {
		return nil, err
	}
	var results []*sekisho.Result
	for i, art := range artifacts {
		opt := in.base
		opt.Progress = bar.walk
		in.perTarget(art, &opt)
		r, err := scan.Run(ctx, art, opt)
		if err != nil {
			return nil, err
		}
		r.Base, r.Signatures = bases[i].base, checkSignatures(in.trust, art)
		base.Attribute(r)
		if err := in.verify(ctx, r); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	bar.close()
	if in.db != nil {
		info, oldest, err := in.db.describe(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			if in.matches || len(info.Sources) > 0 {
				r.Database = info
			}
		}
		if !f.quiet && !in.aged && in.matches {
			a.warnAge(in.db, oldest)
			in.aged = true
		}
	}
	r := scan.Combine(results)
	in.merge(ctx, r)
	if err := in.placed(r); err != nil {
		return nil, err
	}
	a.except(r, excepted, f)
	rank(r, in.weights)
	for i, one := range append([]*sekisho.Result{r}, pointers(r.Platforms)...) {
		if err := in.aboutBase(ctx, one, &bases[i]); err != nil {
			return nil, err
		}
	}
	if f.bases.check || len(f.bases.candidates) > 0 {
		rank(r, in.weights) // the actions know more now
	}
	return r, nil
}

// quiet is an inspector of the same settings that makes no remarks: of two
// targets, one is remarked on, and other tools' reports are about that one.
func (in *inspector) quiet() *inspector {
	f, out := *in.flags, *in
	f.quiet = true
	out.flags, out.others = &f, nil
	return &out
}

// rejudge judges the packages of a report by the database of today, so that what
// became known since is no difference. What has no packages, and what nothing
// judged, stays as it is. It gives the day of the database.
func (in *inspector) rejudge(ctx context.Context, r *sekisho.Result) (day string, err error) {
	if !in.matches {
		return "", nil
	}
	results := []*sekisho.Result{r}
	for i := range r.Platforms {
		results = append(results, &r.Platforms[i])
	}
	for _, one := range results {
		if len(one.Packages) == 0 || !slices.ContainsFunc(one.Coverage.Scanners, func(s sekisho.ScannerCoverage) bool { return s.Name == "vuln" && s.Ran }) {
			continue
		}
		inv := &sekisho.Inventory{Packages: one.Packages, Target: one.Target, Image: one.Image}
		if one.OS != nil {
			inv.OS = []sekisho.OS{*one.OS}
		}
		judgement, err := in.db.matcher().Check(ctx, inv)
		if err != nil {
			return "", err
		}
		was := map[string]*sekisho.Suppression{}
		one.Findings = slices.DeleteFunc(one.Findings, func(f sekisho.Finding) bool {
			old := (f.Kind == sekisho.Vulnerability || f.Kind == sekisho.Malware) && !merge.Foreign(&f)
			if old && f.Suppressed != nil && f.Suppressed.Code == "" {
				was[f.ID] = f.Suppressed
			}
			return old
		})
		for i := range judgement.Findings {
			judgement.Findings[i].Suppressed = was[judgement.Findings[i].ID]
		}
		one.Findings = append(one.Findings, judgement.Findings...)
		if !in.flags.exceptions.unstated {
			policy.Except(one, policy.Stated(), "", "")
		}
		base.Attribute(one)
		info, _, err := in.db.describe(ctx)
		if err != nil {
			return "", err
		}
		one.Database, day = info, info.Date
	}
	if day != "" {
		rank(r, in.weights)
	}
	return day, nil
}

// created is the time that reports state.
func (a *App) created() time.Time { return a.Now().UTC().Truncate(time.Second) }

func pointers(all []sekisho.Result) []*sekisho.Result {
	out := make([]*sekisho.Result, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

// rank gives the findings their risk and the result its actions; what exceptions
// suppressed needs none, so it comes after them.
func rank(r *sekisho.Result, w *risk.Weights) {
	compare := ecosystem.Compare()
	risk.Rank(r, risk.SettingOf(r), w, compare)
	for i := range r.Platforms {
		risk.Rank(&r.Platforms[i], risk.SettingOf(&r.Platforms[i]), w, compare)
	}
}

// weights are those of a file, or the program's.
func (a *App) weights(name string) (*risk.Weights, error) {
	if name == "" {
		return risk.Default(), nil
	}
	text, err := a.smallFile(name)
	if err != nil {
		return nil, err
	}
	w, err := risk.Load(filepath.ToSlash(name), text)
	if err != nil {
		return nil, a.usage(message.RiskBad, a.mistakes(err))
	}
	return w, nil
}

// smallFile reads a file that people write and name in the command line.
func (a *App) smallFile(name string) ([]byte, error) {
	file, err := os.Open(a.path(name))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, userpolicy.MaxBytes+1))
	if err != nil {
		return nil, usageError{a.notThere(name, err)}
	}
	return text, nil
}

// ofTarget says which scanners look at a target: without files there is nothing
// for those that read content, and saying that they ran would be a lie.
func ofTarget(scanners []sekisho.ScannerCoverage, art *sekisho.Artifact) []sekisho.ScannerCoverage {
	if hasFiles(art) {
		return scanners
	}
	out := slices.Clone(scanners)
	for i := range out {
		if s := &out[i]; s.Asked && slices.Contains([]string{"misconfig", "secret", "malware", engineClamAV, engineYara}, s.Name) {
			s.Asked, s.Ran, s.Code, s.Why = false, false, sekisho.ScannerNoContent, message.ScannerCodes[sekisho.ScannerNoContent].En
		}
	}
	return out
}

// hasFiles says whether there is something to read.
func hasFiles(art *sekisho.Artifact) bool {
	return art.Target.Kind != sekisho.KindSBOM && art.Target.Kind != sekisho.KindPURL
}

// configExtractors are those that read what the rules judge. Configuration files
// count in a source tree; those that lie in an image configure nothing.
func configExtractors(art *sekisho.Artifact) []sekisho.Extractor {
	switch art.Target.Kind {
	case sekisho.KindRepository:
		return rule.Extractors()
	case sekisho.KindImage, sekisho.KindRootFS:
		if art.Target.Source == "file" {
			return rule.Extractors()
		}
		return rule.ImageExtractors()
	case sekisho.KindSBOM, sekisho.KindPURL:
	}
	return nil
}
