// SPDX-License-Identifier: Apache-2.0

package scan

import "path"

// prune drops what only a lock names, where the tree of what was installed for
// that lock can be seen and the package is not in it, see sekisho.Package.Tree:
// a lock lists the optional packages of all platforms, and those of development.
//
// The installed copy may lie anywhere under the lock's directory: workspaces
// have trees of their own.
//
// It says how many packages it dropped.
func (s *squash) prune() (dropped int) {
	trees := map[string]bool{} // those that locks name, and whether something is in them
	for _, e := range s.entries {
		for i, t := range e.trees {
			if t != "" && !e.places[i].Hidden {
				trees[t] = false
			}
		}
	}
	if len(trees) == 0 {
		return 0
	}
	for _, e := range s.entries {
		for i := range e.places {
			if !e.installed(i) {
				continue
			}
			above(e.places[i].Path, func(dir string) {
				if _, ok := trees[dir]; ok {
					trees[dir] = true
				}
			})
		}
	}
	for k, e := range s.entries {
		var under map[string]bool // directories with an installed copy
		places, tags := e.places[:0:0], e.trees[:0:0]
		for i, l := range e.places {
			if t := e.trees[i]; t != "" && trees[t] && !l.Hidden {
				if under == nil {
					under = e.under()
				}
				if !under[path.Dir(t)] {
					continue
				}
			}
			places, tags = append(places, l), append(tags, e.trees[i])
		}
		if len(places) == 0 && len(e.places) > 0 {
			delete(s.entries, k)
			dropped++
		}
		e.places, e.trees = places, tags
	}
	return dropped
}

// installed says whether a place is of a package itself, and visible.
func (e *entry) installed(i int) bool { return e.trees[i] == "" && !e.places[i].Hidden }

// under gives all directories that hold an installed copy.
func (e *entry) under() map[string]bool {
	dirs := map[string]bool{}
	for i := range e.places {
		if e.installed(i) {
			above(e.places[i].Path, func(dir string) { dirs[dir] = true })
		}
	}
	return dirs
}

// above calls do for each directory that a path lies in, up to ".".
func above(p string, do func(dir string)) {
	for p != "." && p != "/" && p != "" {
		p = path.Dir(p)
		do(p)
	}
}
