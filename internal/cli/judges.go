// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/exception"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// judging are the files of a tree, by their paths in it, that have a say in what
// is found and allowed there: exceptions, policies, settings and the baseline.
func (in *inspector) judging(dir string) map[string]bool {
	a, f := in.app, in.flags
	var names []string
	tree := func(all ...string) {
		for _, name := range all {
			names = append(names, filepath.Join(a.path(dir), name))
		}
	}
	if !f.exceptions.none {
		tree(exception.Found...)
	}
	if !f.policy.named() {
		names = append(names, a.path(policyFile))
	}
	names = append(names, a.path(configName))
	for _, name := range slices.Concat(f.exceptions.files, f.exceptions.vex, f.policy.names, []string{f.baseline.from}) {
		if name != "" {
			names = append(names, a.path(name))
		}
	}
	root, err := filepath.Abs(a.path(dir))
	if err != nil {
		return nil
	}
	out := map[string]bool{}
	for _, name := range names {
		if abs, err := filepath.Abs(name); err == nil {
			if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
				out[filepath.ToSlash(rel)] = true
			}
		}
	}
	return out
}

// judgesChanged is a remark where a change of the tree edits what judges it, too.
func (in *inspector) judgesChanged(dir string, files []sekisho.FileChange) []sekisho.Reason {
	judging := in.judging(dir)
	var changed []string
	for _, c := range files {
		for _, name := range []string{c.Path, c.From} {
			if judging[name] && !slices.Contains(changed, name) {
				changed = append(changed, name)
			}
		}
	}
	if len(changed) == 0 {
		return nil
	}
	slices.Sort(changed)
	return []sekisho.Reason{{Code: sekisho.RemarkJudges, Args: []string{strings.Join(changed, ", ")}}}
}
