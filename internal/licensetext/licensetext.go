// SPDX-License-Identifier: Apache-2.0

// Package licensetext recognises the texts of licences: those of a list, word by
// word. It says which and how much of a text they are, and decides nothing.
package licensetext

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// Set are the licences that are looked for.
type Set struct{ scanner *licensecheck.Scanner }

// New makes a set of ids of the SPDX list; with "*" the beginnings of ids. It
// costs about a millisecond a licence: all that the library knows would take more
// than a second. An id that the library does not know is an error.
func New(ids ...string) (*Set, error) {
	var chosen []licensecheck.License
	used := make([]bool, len(ids))
	for _, l := range licensecheck.BuiltinLicenses() {
		i := slices.IndexFunc(ids, func(t string) bool {
			p, begins := strings.CutSuffix(t, "*")
			return l.ID == t || begins && strings.HasPrefix(l.ID, p)
		})
		if i >= 0 {
			used[i] = true
			chosen = append(chosen, l)
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return nil, fmt.Errorf("no text of the licence %s is known", ids[i])
	}
	s, err := licensecheck.NewScanner(chosen)
	if err != nil {
		return nil, fmt.Errorf("make the set of licences: %w", err)
	}
	return &Set{s}, nil
}

// Scan gives the ids of the texts in b, in their order, and how much of b they
// are, in percent of the words. Mere addresses of licences do not count as texts.
func (s *Set) Scan(b []byte) (ids []string, percent float64) {
	c := s.scanner.Scan(b)
	for _, m := range c.Match {
		if m.IsURL {
			continue
		}
		id := m.ID
		for _, part := range [...]string{"-Header", "-User", "-Short", "-Notice"} {
			id = strings.TrimSuffix(id, part)
		}
		ids = append(ids, id)
	}
	return ids, c.Percent
}
