// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// applies says whether the target is one that the scope means. Where the scope
// names environments or teams and nobody said which it is, there is no answer:
// a forgotten flag must not open a gate.
func (s *Scope) applies(r *sekisho.Result, ctx *Context) (bool, error) {
	if len(s.Targets) > 0 && !slices.Contains(s.Targets, r.Target.Kind) {
		return false, nil
	}
	if len(s.Images) > 0 {
		at := newPlace(r)
		if !slices.ContainsFunc(s.Images, at.image) {
			return false, nil
		}
	}
	for _, one := range []struct {
		patterns   []string
		name, what string
	}{{s.Environments, ctx.Environment, "environment"}, {s.Teams, ctx.Team, "team"}} {
		switch {
		case len(one.patterns) == 0:
		case one.name == "":
			return false, &NotKnownError{one.what}
		case !slices.ContainsFunc(one.patterns, func(p string) bool { return wild(p, one.name) }):
			return false, nil
		}
	}
	return true, nil
}

func (s *Scope) path(path string) bool {
	return len(s.Paths) == 0 || slices.ContainsFunc(s.Paths, func(p string) bool { return matchPath(p, path) })
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func join(names []string) string { return strings.Join(names, ", ") }
