// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/diff"
	"github.com/sekisho/sekisho/internal/ecosystem"
	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// fixNetwork are the flags of fix that --suggested has no use for: it asks nobody.
var fixNetwork = []string{"pin", "offline", "username", "password-stdin", "registry-token", "plain-http", "insecure", "ca-file", "mirror"}

// mostFollowing bounds how often the tree is gone over: edits of one line are made
// one after the other, and one may make another possible.
const mostFollowing = 10

// following is one run of fix --suggested.
type following struct {
	editedTree

	flags    *fixFlags
	target   target
	in       *inspector
	before   *sekisho.Result
	proposal *sekisho.Proposal
	// refused are the files that are left alone, and why.
	refused map[string]string
}

func (a *App) fixSuggested(cmd *cobra.Command, args []string, f *fixFlags) error {
	d := &f.deps
	dir := "."
	switch {
	case f.write && f.check:
		return a.usage(message.FixTwice)
	case len(args) > 1:
		return a.usage(message.FixSuggestedMany, args[1])
	case len(args) == 1:
		dir = args[0]
	}
	if err := a.checkDiffOutput(&d.out); err != nil {
		return err
	}
	if err := a.fixable(f.only, true); err != nil {
		return err
	}
	info, err := os.Stat(a.path(dir))
	if err != nil {
		return a.notThere(dir, err)
	}
	if !info.IsDir() {
		return a.usage(message.FixSuggestedTree, dir)
	}
	ctx := cmd.Context()
	s := &d.out.scan
	s.scanners, s.offline, s.quiet, s.noCache, s.rules = []string{"misconfig"}, true, f.quiet, true, f.rules
	s.rules.enable = slices.Concat(f.rules.enable, f.only)
	if s.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	r := &following{editedTree: editedTree{app: a, dir: dir, limit: maxDockerfile, files: map[string]*editedFile{}}, flags: f, target: target{"repo", dir}, refused: map[string]string{}}
	r.proposal = &sekisho.Proposal{SchemaVersion: sekisho.SchemaVersion, Tool: sekisho.Tool{Name: "sekisho", Version: a.Version}, Created: a.created(), Edits: []sekisho.FileEdit{}, Followed: []sekisho.Followed{}}
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
	if err := r.follow(ctx); err != nil {
		return err
	}
	for _, name := range r.changed() {
		f := r.files[name]
		r.proposal.Edits = append(r.proposal.Edits, sekisho.FileEdit{Path: filepath.ToSlash(f.name), Diff: unified(name, string(f.before), string(f.after))})
	}
	return a.conclude(&r.editedTree, r.proposal, r.before, &d.out, f.write, f.check, message.FixSuggestedIncomplete)
}

// follow makes the edits, in memory, and judges the tree after each round of them.
func (r *following) follow(ctx context.Context) error {
	now := r.before
	after := r.in.quiet()
	for range mostFollowing {
		texts := map[string][]byte{}
		for name, f := range r.files {
			texts[name] = f.after
		}
		made := r.round(now)
		if len(made) == 0 {
			break
		}
		after.over = overlay{}
		for _, name := range r.changed() {
			after.over[name] = r.files[name].after
		}
		next, err := after.inspect(ctx, r.target)
		if err != nil {
			return err
		}
		if broken := r.broken(now, next); len(broken) > 0 {
			// Back to what was there before the round, without these files.
			for name, f := range r.files {
				f.after = f.before
				if text, ok := texts[name]; ok {
					f.after = text
				}
			}
			for _, name := range broken {
				r.refused[name] = sekisho.StayUnread
			}
			continue
		}
		now = next
		r.proposal.Followed = append(r.proposal.Followed, made...)
	}
	slices.SortStableFunc(r.proposal.Followed, func(a, b sekisho.Followed) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), strings.Compare(a.Rule, b.Rule))
	})
	r.stays(now)
	if len(r.changed()) > 0 {
		same(r.before, now)
		c := diff.Compare(r.before, now, diff.Options{Order: ecosystem.Compare()})
		c.Tool, c.Created = r.proposal.Tool, r.proposal.Created
		r.proposal.Comparison = c
	}
	return nil
}

// same gives findings the ids that they had before: an id is made of what is
// written there, and an edit of it for another rule makes no other finding.
func same(before, now *sekisho.Result) {
	type key struct{ rule, kind, path, resource, args string }
	keyOf := func(f *sekisho.Finding) key {
		return key{f.Rule, f.ResourceKind, f.Location.Path, f.Resource, strings.Join(f.Args, "\x00")}
	}
	is, was := map[string]bool{}, map[string]bool{}
	for i := range now.Findings {
		is[now.Findings[i].ID] = true
	}
	gone := map[key][]string{}
	for i := range before.Findings {
		f := &before.Findings[i]
		if was[f.ID] = true; !is[f.ID] {
			gone[keyOf(f)] = append(gone[keyOf(f)], f.ID)
		}
	}
	for i := range now.Findings {
		f := &now.Findings[i]
		if k := keyOf(f); !was[f.ID] && len(gone[k]) > 0 {
			f.ID, gone[k] = gone[k][0], gone[k][1:]
		}
	}
}

// round makes the edits that a result suggests: of those that are about the same
// lines the first, by line; the others follow in the next round.
func (r *following) round(now *sekisho.Result) (made []sekisho.Followed) {
	byPath := map[string][]*sekisho.Finding{}
	for i := range now.Findings {
		if f := &now.Findings[i]; r.asked(f) && r.why(f) == "" {
			byPath[f.Location.Path] = append(byPath[f.Location.Path], f)
		}
	}
	for name, all := range byPath {
		file, refused := r.open(name)
		if refused != "" {
			r.refused[name] = refused
			continue
		}
		slices.SortStableFunc(all, func(a, b *sekisho.Finding) int {
			return cmp.Or(cmp.Compare(a.Suggestion.Line, b.Suggestion.Line), cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Rule, b.Rule))
		})
		end := 0
		all = slices.DeleteFunc(all, func(f *sekisho.Finding) bool {
			if f.Suggestion.Line <= end {
				return true
			}
			end = f.Suggestion.EndLine()
			return false
		})
		text := file.after
		for _, f := range slices.Backward(all) { // from below: lines above keep their numbers
			next, ok := check.Follow(text, f.Suggestion)
			if !ok { // the file changed while it was scanned
				r.refused[name] = sekisho.StayStale
				break
			}
			text = next
		}
		if r.refused[name] != "" {
			continue
		}
		file.after = text
		for _, f := range all {
			made = append(made, sekisho.Followed{Rule: f.Rule, Kind: f.ResourceKind, Path: name, Line: f.Suggestion.Line, Unsafe: f.Suggestion.Unsafe})
		}
	}
	return made
}

// asked says whether a finding has an edit that belongs to this run.
func (r *following) asked(f *sekisho.Finding) bool {
	return f.Suggestion != nil && f.Suppressed == nil && (len(r.flags.only) == 0 || r.named(f))
}

func (r *following) named(f *sekisho.Finding) bool {
	rule := sekisho.Rule{ID: f.Rule, Kind: f.ResourceKind, Aliases: f.Aliases}
	return slices.ContainsFunc(r.flags.only, func(id string) bool { return check.Names(id, &rule) })
}

// why an edit is not made, as a code; empty for one that is.
func (r *following) why(f *sekisho.Finding) string {
	for dir := range strings.SplitSeq(f.Location.Path, "/") {
		if skippedDirs[dir] {
			return sekisho.StayOthers
		}
	}
	if why := r.refused[f.Location.Path]; why != "" {
		return why
	}
	if f.Suggestion.Unsafe && !r.flags.unsafe && !r.named(f) {
		return sekisho.StayUnsafe
	}
	return ""
}

// stays names what has an edit that was not made.
func (r *following) stays(now *sekisho.Result) {
	for i := range now.Findings {
		f := &now.Findings[i]
		if !r.asked(f) {
			continue
		}
		r.proposal.Stays = append(r.proposal.Stays, sekisho.Stay{
			Rule: f.Rule, Kind: f.ResourceKind, Path: f.Location.Path, Line: f.Suggestion.Line, Why: sekisho.Reason{Code: cmp.Or(r.why(f), sekisho.StayRounds)},
		})
	}
	slices.SortStableFunc(r.proposal.Stays, func(a, b sekisho.Stay) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), strings.Compare(a.Rule, b.Rule))
	})
}

// broken are the files that an edit made unreadable: what was a file with findings
// is one with a mistake now, or with a problem.
func (r *following) broken(was, now *sekisho.Result) (names []string) {
	count := func(res *sekisho.Result, name string) (n int) {
		for i := range res.Findings {
			if f := &res.Findings[i]; f.Rule == "syntax" && f.Location.Path == name {
				n++
			}
		}
		for i := range res.Problems {
			if res.Problems[i].Path == name {
				n++
			}
		}
		return n
	}
	for _, name := range r.changed() {
		if count(now, name) > count(was, name) {
			names = append(names, name)
		}
	}
	return names
}
