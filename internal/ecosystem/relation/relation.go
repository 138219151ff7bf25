// SPDX-License-Identifier: Apache-2.0

// Package relation finds which of the installed packages of one database need
// which, for the rooms that read such databases. It knows no format and no
// versions: whatever can satisfy a dependency counts as needed, so that it errs
// on the side of keeping.
package relation

import (
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Bounds of what a database may cost. Real packages need some ten others, and the
// largest roots have some ten thousand relations.
const (
	maxNeeds = 2000
	maxFound = 2_000_000
)

// Set is the packages of one database, known by their place in a list.
type Set struct {
	packages  []sekisho.Package
	providers map[string][]int32
	left      int
}

// New begins with the packages by their names.
func New(packages []sekisho.Package) *Set {
	s := &Set{packages: packages, providers: make(map[string][]int32, len(packages)), left: maxFound}
	for i := range packages {
		s.Provide(i, packages[i].Name)
	}
	return s
}

// Exceeded says whether a bound was crossed: then not all that is needed was
// found, and nobody may rely on it.
func (s *Set) Exceeded() bool { return s.left < 0 }

// Provide says that the package at place i stands for a name.
func (s *Set) Provide(i int, name string) {
	all := s.providers[name]
	if n := len(all); n > 0 && all[n-1] == int32(i) {
		return
	}
	if s.left--; s.left >= 0 {
		s.providers[name] = append(all, int32(i))
	}
}

// Find adds the names of the packages that stand for a name.
func (s *Set) Find(found []string, name []byte) []string {
	all := s.providers[string(name)]
	if s.left -= 1 + len(all); s.left < 0 {
		return found
	}
	for _, i := range all {
		found = append(found, s.packages[i].Name)
	}
	return found
}

// State gives the package at place i what it needs, and what it works better
// with: in order, each once and one of both, without itself.
func (s *Set) State(i int, needs, suits []string) {
	p := &s.packages[i]
	p.Needs = s.sorted(needs, p.Name, nil)
	p.Suits = s.sorted(suits, p.Name, p.Needs)
}

func (s *Set) sorted(names []string, self string, but []string) []string {
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(n string) bool {
		_, ok := slices.BinarySearch(but, n)
		return ok || n == self
	})
	if len(names) > maxNeeds {
		s.left = -1
	}
	if len(names) == 0 || s.left < 0 {
		return nil
	}
	return slices.Clone(names)
}

// Forget takes back all that was stated, for a database of which not all is known.
func (s *Set) Forget() {
	for i := range s.packages {
		p := &s.packages[i]
		p.Installed, p.Needs, p.Suits, p.AskedAs, p.Provides = "", nil, nil, "", nil
	}
}
