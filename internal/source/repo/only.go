// SPDX-License-Identifier: Apache-2.0

package repo

import (
	"path"
	"path/filepath"
	"strings"
)

// only are the paths that a user named: of a tree, nothing else is read. Nil is
// the whole tree.
type only struct{ named, above map[string]bool }

// newOnly takes slash paths, relative to the tree.
func newOnly(paths []string) *only {
	if len(paths) == 0 {
		return nil
	}
	o := &only{map[string]bool{}, map[string]bool{}}
	for _, p := range paths {
		p = path.Clean(p)
		o.named[p] = true
		for p != "." && p != "/" {
			p = path.Dir(p)
			o.above[p] = true
		}
	}
	return o
}

// asked says whether a path was named, or leads to one that was.
func (o *only) asked(p string) bool { return o != nil && (o.named[p] || o.above[p]) }

// without says whether a path is to be left out: it was not named, leads to
// nothing that was, and lies in no directory that was.
func (o *only) without(p string) bool {
	if o == nil || o.asked(p) || o.named["."] {
		return false
	}
	for i := range len(p) {
		if p[i] == '/' && o.named[p[:i]] {
			return false
		}
	}
	return true
}

// Unborn says whether HEAD is a branch without a commit: that of a repository in
// which nothing was committed yet.
func (h *History) Unborn() bool {
	return strings.HasPrefix(small(filepath.Join(h.git.dir, "HEAD")), "ref:") && h.git.commit() == ""
}
