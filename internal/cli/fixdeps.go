// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sekisho/sekisho/internal/diff"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/manifest"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// fixDepsFlags are the settings of fix --deps.
type fixDepsFlags struct {
	on, suggested, major, overrides, lock bool

	out diffFlags
}

// fixDepsOwn are the flags of fix that --deps is needed for, fixTreeOwn those that
// --deps or --suggested is needed for, and fixDockerfile those that --deps has no
// use for.
var (
	fixDepsOwn    = []string{"major", "overrides", "lock", "db", "db-url", "db-key", "allow-unsigned", "skip-db-update"}
	fixTreeOwn    = []string{"format", "output", "no-color", "fail-on", "exclude", "timeout"}
	fixDockerfile = []string{"unsafe", "rule", "skip-rule", "enable-rule", "pin"}
)

func (f *fixDepsFlags) add(a *App, s *pflag.FlagSet) {
	t := func(m message.Text, args ...any) string { return a.lang.Of(m, args...) }
	// The defaults of a scan; its flags are not those of fix.
	a.addJudgeFlags(pflag.NewFlagSet("scan", pflag.ContinueOnError), &f.out.scan)
	s.BoolVar(&f.on, "deps", false, t(message.FlagFixDeps))
	s.BoolVar(&f.suggested, "suggested", false, t(message.FlagFixSuggested))
	s.BoolVar(&f.major, "major", false, t(message.FlagFixMajor))
	s.BoolVar(&f.overrides, "overrides", false, t(message.FlagFixOverrides))
	s.BoolVar(&f.lock, "lock", false, t(message.FlagFixLock))
	s.StringVarP(&f.out.format, "format", "f", "table", t(message.FlagFormat, strings.Join(report.DiffFormats(), ", ")))
	s.StringVarP(&f.out.output, "output", "o", "", t(message.FlagDiffOutput))
	s.BoolVar(&f.out.noColor, "no-color", false, t(message.FlagNoColor))
	s.Var(&f.out.scan.failOn, "fail-on", t(message.FlagFailOn))
	s.StringSliceVar(&f.out.scan.exclude, "exclude", nil, t(message.FlagExclude))
	s.DurationVar(&f.out.scan.timeout, "timeout", 0, t(message.FlagTimeout))
	f.out.scan.db.add(a, s)
	s.BoolVar(&f.out.scan.db.skipUpdate, "skip-db-update", false, t(message.FlagSkipDBUpdate))
	means(s, "deps", "suggested", "major", "overrides", "lock", "format", "output")
}

// raising is one run of fix --deps.
type raising struct {
	editedTree

	flags     *fixDepsFlags
	target    target
	in        *inspector
	before    *sekisho.Result
	proposal  *sekisho.Proposal
	manifests []string
	locks     []*lockWork
}

// lockWork is a lockfile that must follow its manifests.
type lockWork struct {
	manager manifest.Manager
	path    string // of the file that names the packages
	raised  []manifest.Raised
	ran     bool
}

func (w *lockWork) dir() string { return path.Dir(w.path) }

func (a *App) fixDeps(cmd *cobra.Command, args []string, f *fixFlags) error {
	d := &f.deps
	dir := "."
	switch {
	case f.write && f.check:
		return a.usage(message.FixTwice)
	case d.lock && f.offline:
		return a.usage(message.FixLockOffline)
	case len(args) > 1:
		return a.usage(message.FixDepsMany, args[1])
	case len(args) == 1:
		dir = args[0]
	}
	if err := a.checkDiffOutput(&d.out); err != nil {
		return err
	}
	info, err := os.Stat(a.path(dir))
	if err != nil {
		return a.notThere(dir, err)
	}
	if !info.IsDir() {
		return a.usage(message.FixDepsTree, dir)
	}
	ctx := cmd.Context()
	s := &d.out.scan
	s.scanners, s.offline, s.quiet, s.registry, s.noCache = []string{"vuln"}, f.offline, f.quiet, f.registry, true
	if s.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	r := &raising{editedTree: editedTree{app: a, dir: dir, limit: manifest.MaxBytes, files: map[string]*editedFile{}}, flags: d, target: target{"repo", dir}}
	r.proposal = &sekisho.Proposal{SchemaVersion: sekisho.SchemaVersion, Tool: sekisho.Tool{Name: "sekisho", Version: a.Version}, Created: a.created(), Edits: []sekisho.FileEdit{}}
	if r.root, err = os.OpenRoot(a.path(dir)); err != nil {
		return a.notThere(dir, err)
	}
	defer r.root.Close()
	if r.in, err = a.newInspector(ctx, s); err != nil {
		return err
	}
	defer r.in.close()
	if r.before, err = r.in.inspect(ctx, r.target); err != nil {
		return err
	}
	if err := r.list(ctx); err != nil {
		return err
	}
	r.plan()
	if d.lock {
		if err := r.runLocks(ctx); err != nil {
			return err
		}
	}
	if err := r.compare(ctx); err != nil {
		return err
	}
	r.tell()
	return a.conclude(&r.editedTree, r.proposal, r.before, &d.out, f.write, f.check, message.FixDepsIncomplete)
}

// list finds the manifests of the tree; links are not followed.
func (r *raising) list(ctx context.Context) error {
	return fs.WalkDir(r.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return nil //nolint:nilerr // the scan has told what cannot be read
		case d.IsDir() && skippedDirs[d.Name()] && p != ".":
			return fs.SkipDir
		case !d.IsDir() && manifest.KindOf(p) != "":
			r.manifests = append(r.manifests, p)
		}
		return nil
	})
}

// plan edits the manifests, in memory.
func (r *raising) plan() {
	wishes, left := manifest.Plan(r.before, r.flags.major, ecosystem.Compare())
	for i := range wishes {
		w := &wishes[i]
		stays := func(at string, why sekisho.Reason) {
			left = append(left, sekisho.LeftFinding{Ecosystem: w.Package.Ecosystem, Name: w.Package.Name, Version: w.Package.Version, Path: at, Rules: w.Rules, Why: why})
		}
		known := false
		for _, at := range placesOf(w.Package) {
			m, ok := manifest.ManagerOf(at)
			if !ok {
				continue
			}
			known = true
			if raised, why := r.raise(w, m, at); !raised {
				stays(at, why)
			}
		}
		if !known {
			stays(w.Package.Path, sekisho.Reason{Code: sekisho.LeftNoManifest})
		}
	}
	r.proposal.Left = left
}

// placesOf are the files that name a package, each once.
func placesOf(p *sekisho.Package) []string {
	var out []string
	for _, l := range p.Locations {
		if !slices.Contains(out, l.Path) {
			out = append(out, l.Path)
		}
	}
	if len(out) == 0 && p.Path != "" {
		out = append(out, p.Path)
	}
	return out
}

// raise edits the manifests that a file of packages belongs to.
func (r *raising) raise(w *manifest.Wish, m manifest.Manager, at string) (done bool, why sekisho.Reason) {
	if m.Name != "" && m.Name != "go" && w.Package.Relationship == sekisho.Transitive {
		if done, why := r.override(w, m, at); done || why.Code != "" {
			return done, why
		}
		r.follow(m, at, w, false)
		return false, sekisho.Reason{Code: sekisho.LeftTransitive, Args: []string{at}}
	}
	order, moved, property := ecosystem.Compare(), false, ""
	for _, name := range r.manifestsOf(m, at) {
		if property != "" && done {
			break // the nearest parent that has it counts
		}
		f, refused := r.open(name)
		if refused != "" {
			why = sekisho.Reason{Code: sekisho.LeftRefused, Args: []string{name, refused}}
			continue
		}
		e := manifest.Raise(manifest.KindOf(name), f.after, manifest.Want{
			Name: w.Package.Name, From: w.Package.Version, To: w.To, Property: property,
			Order: func(a, b string) (int, bool) { return order(w.Package.Ecosystem, a, b) },
		})
		if e.Refused != "" {
			if e.Refused == manifest.RefusedElsewhere && m.Kind == manifest.POM && property == "" {
				property = manifest.Property(f.after, w.Package.Name)
			}
			if why.Code == "" || e.Line > 0 {
				why = sekisho.Reason{Code: sekisho.LeftRefused, Args: []string{name, e.Refused}}
			}
			continue
		}
		if e.Line == 0 {
			continue
		}
		f.after = e.Text
		done, moved = true, moved || e.Was != e.Now
		r.proposal.Raises = append(r.proposal.Raises, sekisho.Raise{
			Ecosystem: w.Package.Ecosystem, Name: w.Package.Name, From: w.Package.Version, To: w.To, Path: name, Line: e.Line, Was: e.Was, Now: e.Now, Major: w.Major, Closes: len(w.Rules),
		})
	}
	if !done && why.Code == "" { // no manifest names it, and the lockfile did not say so
		if done, why := r.override(w, m, at); done || why.Code != "" {
			return done, why
		}
	}
	if done || why.Code == "" && m.Lock != "" {
		r.follow(m, at, w, moved)
	}
	switch {
	case done || why.Code != "":
	case m.Lock != "" && m.Name != "go":
		why = sekisho.Reason{Code: sekisho.LeftTransitive, Args: []string{at}}
	default:
		why = sekisho.Reason{Code: sekisho.LeftNoManifest}
	}
	return done, why
}

// follow notes that a lockfile must be written anew for a package.
func (r *raising) follow(m manifest.Manager, at string, w *manifest.Wish, moved bool) {
	if m.Lock == "" || !manifest.Word(w.Package.Name) || !manifest.Word(w.To) || !manifest.Word(w.Package.Version) {
		return // nothing hostile becomes a word of a command
	}
	i := slices.IndexFunc(r.locks, func(l *lockWork) bool { return l.path == at })
	if i < 0 {
		r.locks = append(r.locks, &lockWork{manager: m, path: at})
		i = len(r.locks) - 1
	}
	r.locks[i].raised = append(r.locks[i].raised, manifest.Raised{Name: w.Package.Name, From: w.Package.Version, To: w.To, Moved: moved})
}

// manifestsOf are those of the project that a file of packages belongs to: beside
// it and, for workspaces, below it as far as no other one is nearer. Where the
// file is a manifest itself, it and those above that it may take versions from.
func (r *raising) manifestsOf(m manifest.Manager, at string) (out []string) {
	if manifest.KindOf(at) == m.Kind {
		out = append(out, at)
		for _, name := range r.manifests {
			above := path.Dir(at) == path.Dir(name) || path.Dir(name) == "." || strings.HasPrefix(at, path.Dir(name)+"/")
			if name != at && above && manifest.KindOf(name) == m.Kind && (m.Kind == manifest.POM || strings.EqualFold(path.Base(name), "directory.packages.props")) {
				out = append(out, name)
			}
		}
		// The nearest first.
		slices.SortStableFunc(out[1:], func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
		return out
	}
	dir := path.Dir(at)
	if m.Kind == manifest.Catalog { // gradle/libs.versions.toml is of all projects below
		for _, name := range r.manifests {
			if top := path.Dir(path.Dir(name)); manifest.KindOf(name) == m.Kind && (top == "." || dir == top || strings.HasPrefix(dir, top+"/")) {
				out = append(out, name)
			}
		}
		return out
	}
	for _, name := range r.manifests {
		if manifest.KindOf(name) == m.Kind && r.lockDir(m, path.Dir(name)) == dir {
			out = append(out, name)
		}
	}
	return out
}

// lockDir is the nearest directory, from dir upwards, with the lockfile.
func (r *raising) lockDir(m manifest.Manager, dir string) string {
	for {
		if _, err := r.root.Lstat(path.Join(dir, m.Lock)); err == nil {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
		dir = path.Dir(dir)
	}
}

// compare inspects the tree as it would be. Where lockfiles are yet to be written,
// the packages that were raised get their new versions and are judged again.
func (r *raising) compare(ctx context.Context) error {
	if len(r.proposal.Raises) == 0 && len(r.changed()) == 0 {
		return nil
	}
	after := r.in.quiet()
	after.over = overlay{}
	for _, name := range r.changed() {
		after.over[name] = r.files[name].after
	}
	res, err := after.inspect(ctx, r.target)
	if err != nil {
		return err
	}
	for _, l := range r.locks {
		if l.ran {
			continue
		}
		r.proposal.Projected = true
		for i := range res.Packages {
			project(&res.Packages[i], l, r.proposal.Raises)
		}
	}
	if r.proposal.Projected {
		if _, err := after.rejudge(ctx, res); err != nil {
			return err
		}
	}
	r.held(res)
	// A small problem that both have, such as a requirement that is not pinned, hides
	// nothing that the edit did: what was seen beside it before is seen now.
	now := *res
	now.Problems = slices.DeleteFunc(slices.Clone(res.Problems), func(p sekisho.Problem) bool {
		return p.Minor && slices.ContainsFunc(r.before.Problems, p.Same)
	})
	c := diff.Compare(r.before, &now, diff.Options{Order: ecosystem.Compare()})
	c.Tool, c.Created = r.proposal.Tool, r.proposal.Created
	r.proposal.Comparison = c
	return nil
}

// project gives a package of a lockfile the version that a raise is to bring.
func project(p *sekisho.Package, l *lockWork, raises []sekisho.Raise) {
	if !slices.Contains(placesOf(p), l.path) {
		return
	}
	for _, w := range l.raised {
		direct := slices.ContainsFunc(raises, func(x sekisho.Raise) bool { return x.Name == w.Name && x.From == w.From })
		if p.Name != w.Name || p.Version != w.From || !direct {
			continue
		}
		if i := strings.LastIndex(p.PURL, "@"+w.From); i >= 0 {
			p.PURL = p.PURL[:i] + "@" + w.To + p.PURL[i+1+len(w.From):]
		}
		p.Version = w.To
	}
}

// held names what the package managers kept at its version though it was raised.
func (r *raising) held(res *sekisho.Result) {
	wishes, _ := manifest.Plan(r.before, r.flags.major, ecosystem.Compare())
	for _, l := range r.locks {
		if !l.ran {
			continue
		}
		r.proposal.Left = slices.DeleteFunc(r.proposal.Left, func(f sekisho.LeftFinding) bool {
			return f.Why.Code == sekisho.LeftTransitive && len(f.Why.Args) == 1 && f.Why.Args[0] == l.path
		})
		for _, w := range wishes {
			kept := slices.ContainsFunc(l.raised, func(x manifest.Raised) bool { return x.Name == w.Package.Name && x.From == w.Package.Version }) &&
				slices.ContainsFunc(res.Packages, func(p sekisho.Package) bool {
					return p.PURL == w.Package.PURL && slices.Contains(placesOf(&p), l.path)
				})
			if kept {
				r.proposal.Left = append(r.proposal.Left, sekisho.LeftFinding{Ecosystem: w.Package.Ecosystem, Name: w.Package.Name, Version: w.Package.Version, Path: l.path, Rules: w.Rules, Why: sekisho.Reason{Code: sekisho.LeftLock}})
			}
		}
	}
}

// tell puts the edits and the commands in the proposal.
func (r *raising) tell() {
	for _, name := range r.changed() {
		f := r.files[name]
		r.proposal.Edits = append(r.proposal.Edits, sekisho.FileEdit{
			Path: filepath.ToSlash(f.name), Diff: unified(name, string(f.before), string(f.after)), Lock: manifest.KindOf(name) == "",
		})
	}
	for _, l := range r.locks {
		for _, args := range l.manager.Commands(l.raised) {
			r.proposal.Commands = append(r.proposal.Commands, sekisho.Command{Dir: l.dir(), Args: args, Ran: l.ran})
		}
	}
}
