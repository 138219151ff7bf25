// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"os"

	"github.com/sekisho/sekisho/internal/diff"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/report"
	"github.com/sekisho/sekisho/internal/risk"
	"github.com/sekisho/sekisho/internal/sekisho"
	"github.com/sekisho/sekisho/internal/source/repo"
)

// baselineFlags say what is known already.
type baselineFlags struct{ from string }

// checkBaseline refuses what cannot be compared, before any work.
func (a *App) checkBaseline(f *scanFlags) error {
	since := f.since != "" && !f.history
	switch {
	case since && f.baseline.from != "":
		return a.usage(message.SinceAndBaseline)
	case since && f.ignored:
		return a.usage(message.IgnoredAtRevision)
	case f.failOn.fresh && !since && f.baseline.from == "":
		return a.usage(message.NewNeedsBaseline, f.failOn.String())
	}
	return nil
}

// compare gives the findings of a result their state, where the flags name
// something to compare with.
func (in *inspector) compare(ctx context.Context, t target, r *sekisho.Result) error {
	a, f := in.app, in.flags
	var err error
	switch {
	case f.since != "" && !f.history:
		err = in.since(ctx, t, r)
	case f.baseline.from != "":
		err = in.baseline(ctx, t, r)
	default:
		return nil
	}
	if err != nil || f.quiet {
		return err
	}
	for _, s := range report.RemarkTexts(r.Baseline.Remarks, a.lang) {
		a.remark(message.Plain, s)
	}
	return nil
}

// baseline compares with what the user named: a report of ours, a revision of the
// scanned tree, or anything else that can be scanned.
func (in *inspector) baseline(ctx context.Context, t target, r *sekisho.Result) error {
	a, name := in.app, in.flags.baseline.from
	b := sekisho.Baseline{Name: name, Kind: sekisho.BaselineReport}
	o := diff.Options{Order: ecosystem.Compare()}
	saved, err := a.reportAt(name)
	if err != nil {
		return usageError{err}
	}
	if saved != nil {
		if saved.Baseline != nil && saved.Baseline.Kind == sekisho.BaselineSince {
			return a.usage(message.BaselinePartial, name)
		}
		if saved.Baseline != nil && saved.Baseline.Kind == sekisho.BaselineFingerprints {
			b.Kind = sekisho.BaselineFingerprints
		}
		b.Remarks = diff.Doubts(r, saved, a.Now())
		dues := risk.Dues(saved)
		day, err := in.quiet().rejudge(ctx, saved)
		if err != nil {
			return err
		}
		if day != "" {
			b.Remarks = append(b.Remarks, sekisho.Reason{Code: sekisho.RemarkRejudged, Args: []string{day}})
		}
		diff.Mark(r, saved, b, o)
		risk.Carry(r, dues)
		return nil
	}
	b.Kind = sekisho.BaselineTarget
	old, err := a.baselineTarget(ctx, name, t, in.flags)
	if err != nil {
		return err
	}
	was, err := in.quiet().inspect(ctx, old)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return a.usage(message.BaselineNothing, name, err)
	}
	if emptyFile(was) && !emptyFile(r) {
		return a.usage(message.BaselineEmptyFile, name)
	}
	if o.Files, err = a.treeChanges(ctx, old, t, in.flags); err != nil {
		return err
	}
	dir, _ := a.revision(t)
	b.Remarks = append(b.Remarks, in.judgesChanged(dir, o.Files)...)
	diff.Mark(r, was, b, o)
	return nil
}

// baselineTarget is a name without a scheme as a revision of the scanned tree,
// where it is one and no file of this name lies there.
func (a *App) baselineTarget(ctx context.Context, name string, t target, f *scanFlags) (target, error) {
	old, err := a.target([]string{name}, f)
	if err != nil || old.scheme != "" {
		return old, err
	}
	if _, err := os.Stat(a.path(name)); err == nil {
		return old, nil
	}
	tree, err := a.sourceTree(ctx, t, f)
	if tree == nil || err != nil {
		return old, err
	}
	tree.close()
	dir, _ := a.revision(t)
	h, err := repo.OpenHistory(a.path(dir))
	if err != nil {
		return old, nil //nolint:nilerr // in no repository: another thing than a revision
	}
	defer func() { _ = h.Close() }() // it was only read
	if _, err := h.Resolve(name); err != nil {
		if errors.Is(err, repo.ErrNoRevision) {
			return old, nil
		}
		return old, err
	}
	return target{"repo", dir + "@" + name}, nil
}

// since compares a source tree with the commit at which it parted from a
// revision, as a pull request is compared, and leaves what is new. What is not
// committed yet is part of the change.
func (in *inspector) since(ctx context.Context, t target, r *sekisho.Result) error {
	a, f := in.app, in.flags
	now, err := a.sourceTree(ctx, t, f)
	if err != nil {
		return err
	}
	if now == nil {
		return a.usage(message.SinceNoTree, f.since)
	}
	defer now.close()
	dir, rev := a.revision(t)
	h, err := repo.OpenHistory(a.path(dir))
	if errors.Is(err, repo.ErrNoRepository) {
		return a.usage(message.SinceNoTree, f.since)
	}
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // it was only read
	if rev == "" {
		rev = "HEAD"
	}
	if rev == "HEAD" && f.since == "HEAD" && h.Unborn() { // before the first commit all is new
		was, files, err := nothingYet(ctx, r, now)
		if err != nil {
			return err
		}
		in.markSince(r, was, dir, files, "")
		return nil
	}
	head, err := h.Resolve(rev)
	if err != nil {
		return err
	}
	base, err := h.Resolve(f.since)
	if err != nil {
		return err
	}
	if base, err = h.MergeBase(ctx, base, head); err != nil {
		return err
	}
	was, files, err := in.parted(ctx, dir, base, r, now)
	if err != nil {
		return err
	}
	in.markSince(r, was, dir, files, base)
	return nil
}

// markSince leaves what is new since a commit in the tree of dir.
func (in *inspector) markSince(r, was *sekisho.Result, dir string, files []sekisho.FileChange, commit string) {
	b := sekisho.Baseline{Name: in.flags.since, Kind: sekisho.BaselineSince, Remarks: in.judgesChanged(dir, files)}
	diff.Mark(r, was, b, diff.Options{Order: ecosystem.Compare(), Files: files})
	r.Baseline.Target.Digest = commit
	diff.OnlyNew(r)
	rank(r, in.weights)
}

// nothingYet is an empty tree that was looked at, and every file of now is new.
func nothingYet(ctx context.Context, r *sekisho.Result, now *sourceTree) (*sekisho.Result, []sekisho.FileChange, error) {
	empty := &sekisho.Result{Target: r.Target, Database: r.Database, Coverage: sekisho.Coverage{Scanners: r.Coverage.Scanners, Complete: true}}
	files, err := repo.Files(ctx, now.artifact, now.format)
	return empty, diff.Files(nil, files, nil, nil), err
}

// parted inspects the tree at a commit, and says which files differ from it. A
// directory that the commit does not have is an empty tree that was looked at.
func (in *inspector) parted(ctx context.Context, dir, base string, r *sekisho.Result, now *sourceTree) (*sekisho.Result, []sekisho.FileChange, error) {
	old, err := in.app.revisionTree(dir, base, in.flags)
	if errors.Is(err, repo.ErrNoDirectory) {
		return nothingYet(ctx, r, now)
	}
	if err != nil {
		return nil, nil, err
	}
	defer old.close()
	files, err := changedFiles(ctx, old, now)
	if err != nil {
		return nil, nil, err
	}
	was, err := in.quiet().inspect(ctx, target{"repo", dir + "@" + base})
	if err != nil {
		return nil, nil, message.Errorf("inspect the tree at %s: %w", base[:12], err)
	}
	return was, files, nil
}
