// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/base"
	"github.com/sekisho/sekisho/internal/diff"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/imageref"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/rule/dockerfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// updateBaseFlags are the settings of update-base.
type updateBaseFlags struct {
	to, stage            string
	candidates, archives []string
	write, pin           bool
	out                  diffFlags
}

func (a *App) updateBaseCommand() *cobra.Command {
	f := &updateBaseFlags{}
	t := func(m message.Text, args ...any) string { return a.lang.Of(m, args...) }
	c := &cobra.Command{
		Use: "update-base [DIR|DOCKERFILE]", Short: t(message.UpdateBaseShort), Long: t(message.UpdateBaseLong), Example: t(message.UpdateBaseExample),
		RunE: func(cmd *cobra.Command, args []string) error { return a.updateBase(cmd, args, f) },
	}
	s := c.Flags()
	s.SortFlags = false
	s.StringVar(&f.to, "to", "", t(message.FlagUpdateTo))
	s.StringArrayVar(&f.candidates, "candidate", nil, t(message.FlagUpdateCandidate))
	s.StringArrayVar(&f.archives, "from-archive", nil, t(message.FlagUpdateArchive))
	s.StringVar(&f.stage, "stage", "", t(message.FlagUpdateStage))
	s.BoolVarP(&f.write, "write", "w", false, t(message.FlagUpdateWrite))
	s.BoolVar(&f.pin, "pin", false, t(message.FlagUpdatePin))
	s.StringVarP(&f.out.format, "format", "f", "table", t(message.FlagFormat, strings.Join(report.DiffFormats(), ", ")))
	s.StringVarP(&f.out.output, "output", "o", "", t(message.FlagDiffOutput))
	s.BoolVar(&f.out.noColor, "no-color", false, t(message.FlagNoColor))
	a.addJudgeFlags(s, &f.out.scan)
	f.out.scan.scanners = []string{"vuln"}
	s.Lookup("scanners").DefValue = "[vuln]"
	means(s, "format", "output", "to", "stage", "write", "pin", "candidate", "from-archive", "scanners")
	return c
}

// rebasing is one run of update-base.
type rebasing struct {
	app       *App
	flags     *updateBaseFlags
	in        *inspector
	name      string // of the Dockerfile, as the user named it
	file      *editedFile
	build     *base.Build
	stage     int // that stands on the image
	archives  map[string]string
	used      map[string]bool
	present   *sekisho.Result
	proposal  *sekisho.Proposal
	candidate map[string]*sekisho.Result
	failed    int
}

func (a *App) updateBase(cmd *cobra.Command, args []string, f *updateBaseFlags) error {
	if _, err := a.applySettings(cmd); err != nil {
		return err
	}
	switch {
	case len(args) > 1:
		return a.usage(message.UpdateBaseMany, args[1])
	case f.to != "" && len(f.candidates) > 0:
		return a.usage(message.UpdateBaseBoth)
	}
	if err := a.checkDiffOutput(&f.out); err != nil {
		return err
	}
	ctx := cmd.Context()
	if t := f.out.scan.timeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	if err := a.readPassword(ctx, &f.out.scan.registry); err != nil {
		return err
	}
	r := &rebasing{app: a, flags: f, candidate: map[string]*sekisho.Result{}, used: map[string]bool{}}
	if err := r.prepare(args); err != nil {
		return err
	}
	in, err := a.newInspector(ctx, &f.out.scan)
	if err != nil {
		return err
	}
	defer in.close()
	r.in = in
	if err := r.compare(ctx); err != nil {
		return err
	}
	return r.finish()
}

// checkDiffOutput checks where a comparison is to be written and how.
func (a *App) checkDiffOutput(f *diffFlags) error {
	if !slices.Contains(report.DiffFormats(), f.format) {
		return a.usage(message.UnknownFormat, f.format, strings.Join(report.DiffFormats(), ", "))
	}
	if dir := filepath.Dir(a.path(f.output)); f.output != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return a.usage(message.NoDirectory, f.output, dir)
		}
	}
	return nil
}

// prepare reads the Dockerfile and finds the stage.
func (r *rebasing) prepare(args []string) error {
	a := r.app
	r.archives = map[string]string{}
	for _, s := range r.flags.archives {
		i := strings.LastIndex(s, "=")
		if i <= 0 || i == len(s)-1 {
			return a.usage(message.UpdateBaseArchive, s)
		}
		r.archives[s[:i]] = s[i+1:]
	}
	name := "."
	if len(args) == 1 {
		name = args[0]
	}
	info, err := os.Stat(a.path(name))
	if err != nil {
		return a.notThere(name, err)
	}
	if info.IsDir() {
		dir := name
		if name, err = r.dockerfileIn(dir); err != nil {
			return err
		}
	}
	r.name = name
	if r.file, err = a.readEdited(name); err != nil {
		return err
	}
	if r.build = dockerfile.Build(filepath.ToSlash(name), r.file.before, nil); r.build == nil {
		return errors.New(a.lang.Of(message.DockerfileNone, name))
	}
	i := r.build.Final()
	if s := r.flags.stage; s != "" {
		i = slices.IndexFunc(r.build.Stages, func(st base.Stage) bool { return st.Name != "" && strings.EqualFold(st.Name, s) })
		if n, err := strconv.Atoi(s); i < 0 && err == nil && n >= 0 && n < len(r.build.Stages) {
			i = n
		}
		if i < 0 {
			var names []string
			for n, st := range r.build.Stages {
				names = append(names, cmp.Or(st.Name, strconv.Itoa(n)))
			}
			return a.usage(message.UpdateBaseNoStage, name, s, strings.Join(names, ", "))
		}
	}
	r.stage = r.build.Root(i)
	s := r.from()
	switch {
	case s.From == "scratch":
		return errors.New(a.lang.Of(message.UpdateBaseScratch, name, s.Line))
	case !s.Known || s.From == "":
		return errors.New(a.lang.Of(message.UpdateBaseVariable, name, s.Line, s.Written))
	}
	if p := dockerfile.PlatformOf(r.file.before, r.stage); p != "" && r.flags.out.scan.platform == "" {
		r.flags.out.scan.platform = platformFlag(p)
	}
	r.proposal = &sekisho.Proposal{
		SchemaVersion: sekisho.SchemaVersion, Tool: sekisho.Tool{Name: "sekisho", Version: a.Version}, Created: a.created(), Edits: []sekisho.FileEdit{},
		Base: &sekisho.BaseProposal{File: filepath.ToSlash(name), Stage: r.flags.stage, Line: s.Line, From: s.From, Moves: []sekisho.BaseMove{}},
	}
	return nil
}

func (r *rebasing) from() *base.Stage { return &r.build.Stages[r.stage] }

// dockerfileIn finds the Dockerfile of a directory. A link out of it names a file
// that the directory does not have.
func (r *rebasing) dockerfileIn(dir string) (string, error) {
	a := r.app
	for _, n := range []string{"Dockerfile", "Containerfile"} {
		name := filepath.Join(dir, n)
		p, err := filepath.EvalSymlinks(a.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		root, rootErr := filepath.EvalSymlinks(a.path(dir))
		if err = errors.Join(err, rootErr); err != nil {
			return "", a.notThere(name, err)
		}
		if rel, err := filepath.Rel(root, p); err != nil || !filepath.IsLocal(rel) {
			return "", errors.New(a.lang.Of(message.UpdateBaseOutside, name, dir))
		}
		return name, nil
	}
	return "", a.usage(message.UpdateBaseNoFile, dir)
}

// flagsFor are the flags for opening an image. What the Dockerfile names may be
// anybody's: the credentials of the command line go to the registries that the
// command line names, where it names any.
func (r *rebasing) flagsFor(name string) scanFlags {
	f := r.flags.out.scan
	f.quiet, f.bases = true, baseFlags{}
	named := slices.DeleteFunc(append(slices.Clone(r.flags.candidates), r.flags.to), func(n string) bool { return n == "" })
	if len(named) > 0 && !slices.ContainsFunc(named, func(n string) bool { return imageref.Parse(n, "").Registry == imageref.Parse(name, "").Registry }) {
		f.registry.username, f.registry.password, f.registry.token = "", "", ""
	}
	return f
}

// inspect judges an image: out of an archive where one was given for its name.
func (r *rebasing) inspect(ctx context.Context, name string) (*sekisho.Result, error) {
	target := "image:" + name
	if file, ok := r.archives[name]; ok {
		target, r.used[name] = "file:"+file, true
	}
	flags := r.flagsFor(name)
	res, err := r.in.beside(ctx, target, &flags)
	if err == nil && res.Target.Kind != sekisho.KindImage {
		return nil, r.app.usage(message.UpdateBaseNotImage, target)
	}
	return res, err
}

// compare judges the present base and what may take its place.
func (r *rebasing) compare(ctx context.Context) error {
	names := r.flags.candidates
	if r.flags.to != "" {
		names = []string{r.flags.to}
	}
	if len(names) == 0 {
		return r.sameTag(ctx)
	}
	if err := r.open(ctx, "image:"+r.from().From); err != nil {
		return err
	}
	for _, n := range names {
		c, err := r.inspect(ctx, n)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if len(names) == 1 {
				return err
			}
			r.failed++
			r.app.remark(message.UpdateBaseCandidate, n, err)
			r.proposal.Base.Moves = append(r.proposal.Base.Moves, sekisho.BaseMove{BaseCandidate: sekisho.BaseCandidate{Name: n}, Error: oneLine(err)})
			continue
		}
		r.add(n, c)
	}
	return r.choose()
}

// open judges the present base; where says where it is, unless an archive was
// given for it.
func (r *rebasing) open(ctx context.Context, where string) error {
	from := r.from().From
	flags := r.flagsFor(from)
	for _, n := range []string{"old", from} {
		if file, ok := r.archives[n]; ok {
			where, r.used[n] = "file:"+file, true
			break
		}
	}
	res, err := r.in.beside(ctx, where, &flags)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return errors.New(r.app.lang.Of(message.UpdateBaseOldFails, from, err))
	case res.Target.Kind != sekisho.KindImage:
		return r.app.usage(message.UpdateBaseNotImage, where)
	}
	r.present = res
	r.proposal.Base.Packages, r.proposal.Base.Size, r.proposal.Base.Incomplete = packagesOf(res), sizeOf(res), !base.Assessed(res)
	return nil
}

// sameTag compares what FROM has with what its tag names now.
func (r *rebasing) sameTag(ctx context.Context) error {
	a, from := r.app, r.from().From
	name, tag, digest := imageref.Split(from)
	if tag == "" && digest != "" {
		return a.usage(message.UpdateBaseNoTag, r.name, r.from().Line, from)
	}
	tagged := name
	if tag != "" {
		tagged += ":" + tag
	}
	_, archived := r.archives[tagged]
	if digest == "" && r.archives["old"] == "" {
		archived = false // it would be both sides
	}
	if r.flags.out.scan.offline && !archived {
		return a.usage(message.UpdateBaseOffline, from)
	}
	where := "image:" + from
	if digest == "" {
		// The registry would give the new one: the old one is what this machine built with.
		where = "docker:" + from
	}
	if err := r.open(ctx, where); err != nil {
		return err
	}
	target := "registry:" + tagged
	if archived {
		target, r.used[tagged] = "file:"+r.archives[tagged], true
	}
	flags := r.flagsFor(tagged)
	now, err := r.in.beside(ctx, target, &flags)
	if err != nil {
		return err
	}
	b := r.proposal.Base
	same := func(d string) bool {
		return d != "" && (d == now.Target.Digest || d == now.Target.IndexDigest)
	}
	if same(digest) || same(r.present.Target.Digest) || now.Target.ConfigDigest != "" && now.Target.ConfigDigest == r.present.Target.ConfigDigest {
		b.Why = sekisho.Reason{Code: sekisho.MoveCurrent}
		if digest != "" || !r.flags.pin {
			return nil
		}
	}
	r.add(tagged, now)
	if b.Why.Code == sekisho.MoveCurrent {
		b.To = tagged // pinned below
		return r.edit(tagged)
	}
	if digest != "" || r.flags.pin {
		return r.choose()
	}
	if err := r.choose(); err != nil {
		return err
	}
	if b.To != "" {
		b.To, b.Why = "", sekisho.Reason{Code: sekisho.MoveRebuild}
	}
	r.proposal.Edits = []sekisho.FileEdit{}
	r.file.after = r.file.before
	return nil
}

// add compares one candidate with the present base, as a whole.
func (r *rebasing) add(name string, c *sekisho.Result) {
	whole := *r.present
	whole.Base = &sekisho.BaseImage{Split: true, Layers: len(whole.Layers)}
	whole.Findings = slices.Clone(whole.Findings)
	for i := range whole.Findings {
		whole.Findings[i].Origin = sekisho.OriginBase
	}
	m := sekisho.BaseMove{BaseCandidate: base.Compare(&whole, c), Packages: packagesOf(c), Size: sizeOf(c)}
	m.Name = name
	r.candidate[name] = c
	r.proposal.Base.Moves = append(r.proposal.Base.Moves, m)
}

// choose takes the one that was asked for, or the best one, if it is any good.
func (r *rebasing) choose() error {
	b := r.proposal.Base
	var all []sekisho.BaseCandidate
	moves := map[string]sekisho.BaseMove{}
	for _, m := range b.Moves {
		if m.Error == "" {
			all = append(all, m.BaseCandidate)
		}
		moves[m.Name] = m
	}
	base.Choose(all)
	var out []sekisho.BaseMove
	for _, c := range all {
		m := moves[c.Name]
		m.BaseCandidate = c
		out = append(out, m)
	}
	for _, m := range b.Moves {
		if m.Error != "" {
			out = append(out, m)
		}
	}
	b.Moves = out
	if len(all) == 0 {
		b.Why = sekisho.Reason{Code: sekisho.MoveNoBetter}
		return nil
	}
	first := &all[0]
	gain := []string{fmt.Sprintf("%+d", -first.Risk)}
	switch {
	case first.Best && len(all) > 1:
		b.Why = sekisho.Reason{Code: sekisho.MoveBest, Args: gain}
	case first.Best:
		b.Why = sekisho.Reason{Code: sekisho.MoveBetter, Args: gain}
	case len(all) > 1:
		b.Why = sekisho.Reason{Code: sekisho.MoveNoBetter}
	case first.Incomplete:
		b.Why = sekisho.Reason{Code: sekisho.MoveUnassessed}
	case first.Risk < 0:
		b.Why = sekisho.Reason{Code: sekisho.MoveWorse, Args: gain}
	default:
		b.Why = sekisho.Reason{Code: sekisho.MoveEqual}
	}
	r.proposal.Comparison = diff.Compare(r.present, r.candidate[first.Name], diff.Options{Order: ecosystem.Compare()})
	r.proposal.Comparison.Tool, r.proposal.Comparison.Created = r.proposal.Tool, r.proposal.Created
	if !first.Best && r.flags.to == "" {
		return nil
	}
	return r.edit(first.Name)
}

// edit changes the text for a reference. One that pins a digest stays so.
func (r *rebasing) edit(ref string) error {
	a, s, c := r.app, r.from(), r.candidate[ref]
	if _, _, digest := imageref.Split(ref); digest == "" && (r.flags.pin || strings.Contains(s.From, "@")) {
		digest := cmp.Or(c.Target.IndexDigest, c.Target.Digest)
		if digest == "" || strings.HasSuffix(c.Target.Source, "archive") {
			return a.usage(message.UpdateBaseDigest, r.name, s.Line, ref, c.Target.Source)
		}
		ref += "@" + digest
	}
	r.proposal.Base.To = ref
	if ref == s.From {
		return nil
	}
	out := dockerfile.Rebase(r.file.before, r.stage, ref)
	switch out.Refused {
	case "":
	case dockerfile.RebaseComposed:
		return errors.New(a.lang.Of(message.UpdateBaseComposed, r.name, out.Args[0], out.Args[1], ref))
	case dockerfile.RebaseShared:
		return errors.New(a.lang.Of(message.UpdateBaseShared, r.name, out.Args[0]))
	default:
		return errors.New(a.lang.Of(message.UpdateBaseUnread, r.name))
	}
	r.file.after, r.proposal.Base.Line = out.Text, out.Line
	r.proposal.Edits = append(r.proposal.Edits, sekisho.FileEdit{
		Path: filepath.ToSlash(r.name), Diff: unified(strings.TrimPrefix(filepath.ToSlash(r.name), "/"), string(r.file.before), string(out.Text)),
	})
	return nil
}

// finish writes the file, unless the gate denies it, and the proposal.
func (r *rebasing) finish() error {
	a, f := r.app, r.flags
	for name := range r.archives {
		if !r.used[name] {
			return a.usage(message.UpdateBaseIdle, name)
		}
	}
	err := a.apply(r.proposal, []*editedFile{r.file}, f.write, &f.out)
	if err == nil && r.failed > 0 {
		return exitError{ExitIncomplete, a.lang.Of(message.UpdateBaseFailed, r.failed)}
	}
	return err
}

// apply gates a proposal, writes its files when that was asked for, and reports it.
func (a *App) apply(p *sekisho.Proposal, files []*editedFile, write bool, f *diffFlags) error {
	var denied error
	if p.Comparison != nil && (f.scan.failOn.v != nil || f.scan.exitCode != 0) {
		denied = a.gateOfDiff(p.Comparison, &f.scan)
	}
	if write && denied == nil && len(p.Edits) > 0 {
		if err := a.writeEdited(files); err != nil {
			return err
		}
		p.Written = true
	}
	opt := report.Options{Lang: a.lang}
	if f.output == "" {
		opt.Width, opt.Color = a.terminal(f.noColor)
	}
	var b bytes.Buffer
	if err := report.WriteProposal(&b, f.format, p, opt); err != nil {
		return message.Errorf("write %s report: %w", f.format, err)
	}
	var err error
	if f.output != "" {
		err = replaceFile(a.path(f.output), b.Bytes(), 0o644)
	} else {
		_, err = a.Stdout.Write(b.Bytes())
	}
	if err != nil {
		return err
	}
	if denied != nil && write && !f.scan.quiet {
		a.remark(message.ProposalDenied)
	}
	return denied
}

// conclude shows or writes the change of a tree, and says by the status what is
// left to do; incomplete is said of a tree that was not assessed as a whole.
func (a *App) conclude(t *editedTree, p *sekisho.Proposal, before *sekisho.Result, d *diffFlags, write, check bool, incomplete message.Text) error {
	if err := a.apply(p, t.edited(), write, d); err != nil {
		return err
	}
	switch {
	case check && len(p.Edits) > 0:
		return exitError{ExitDenied, a.lang.Of(message.FixCheckFailed, len(p.Edits))}
	case !before.Coverage.Complete:
		return exitError{ExitIncomplete, a.lang.Of(incomplete, t.dir)}
	}
	return nil
}

// packagesOf counts the packages that a container sees.
func packagesOf(r *sekisho.Result) (n int) {
	for i := range r.Packages {
		if !r.Packages[i].Hidden {
			n++
		}
	}
	return n
}

// sizeOf is the sum of the layers' blobs, 0 when one of them is unknown.
func sizeOf(r *sekisho.Result) (n int64) {
	for i := range r.Layers {
		if r.Layers[i].Size <= 0 {
			return 0
		}
		n += r.Layers[i].Size
	}
	return n
}
