// SPDX-License-Identifier: Apache-2.0

package requirement

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/osv-scalibr/semantic"
)

// ErrSyntax says that a text is no requirement of the dialect.
var ErrSyntax = errors.New("not a requirement")

// maxText bounds a requirement; the longest in the field has 200 bytes.
const maxText = 4096

// Dialect is how an ecosystem states requirements and orders versions.
type Dialect struct {
	// Name of the ecosystem.
	name string
	// order compares two versions that the dialect's comparators have made.
	order func(a, b string) int
	// comparator gives the versions that an operator and a version ask for.
	comparator func(op, version string) ([]span, error)
	// successor is the next version in the order, or one that is near.
	successor func(version string) string
}

// The dialects, each from its ecosystem's own description.
var (
	// Cargo is https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html,
	// but that a pre-release is a version like any other.
	Cargo = semverDialect("crates.io", semverRules{bare: "^"})
	// NPM is https://github.com/npm/node-semver#ranges with includePrerelease;
	// ranges with a hyphen are refused.
	NPM = semverDialect("npm", semverRules{bare: "=", partialPre: true})
	// Hex is https://hexdocs.pm/elixir/Version.html#module-requirements.
	Hex = semverDialect("Hex", semverRules{bare: "=", pessimistic: true, exact: true})
	// Gem is https://guides.rubygems.org/patterns/#pessimistic-version-constraint.
	Gem = gemDialect()
	// Composer is the part of https://getcomposer.org/doc/articles/versions.md
	// that states bounds; "~", "^" and wildcards are refused.
	Composer = composerDialect()
)

// Parse is the union of the requirements; of none, the empty set.
func (d *Dialect) Parse(requirements ...string) (Set, error) {
	var spans []span
	for _, r := range requirements {
		s, err := d.parse(r)
		if err != nil {
			return Set{dialect: d}, fmt.Errorf("%s: %q: %w", d.name, r, err)
		}
		spans = append(spans, s.spans...)
	}
	return d.union(spans), nil
}

// All is the set of all versions.
func (d *Dialect) All() Set { return Set{dialect: d, spans: []span{{first, last}}} }

// parse reads alternatives parted by "||" or "or", of comparators parted by
// blanks, commas or "and", all of which must hold.
func (d *Dialect) parse(text string) (Set, error) {
	out := Set{dialect: d}
	if len(text) > maxText || strings.TrimSpace(text) == "" {
		return out, ErrSyntax
	}
	all, some, and := d.All(), false, false
	rest := text
	for {
		rest = strings.TrimLeft(rest, " \t\r\n,")
		if alternative := strings.TrimLeft(rest, "|"); rest == "" || alternative != rest {
			if !some || and {
				return out, ErrSyntax
			}
			out = out.Or(all)
			if rest == "" {
				return out, nil
			}
			all, some, rest = d.All(), false, alternative
			continue
		}
		version := strings.TrimLeft(rest, "<>=!~^")
		op := rest[:len(rest)-len(version)]
		version = strings.TrimLeft(version, " \t\r\n")
		end := strings.IndexAny(version, " \t\r\n,|<>=!~^")
		if end < 0 {
			end = len(version)
		}
		version, rest = version[:end], version[end:]
		if op == "" && some && !and && version == "and" {
			and = true
			continue
		}
		if op == "" && some && version == "or" {
			rest = "|" + rest
			continue
		}
		if version == "" {
			return out, ErrSyntax
		}
		spans, err := d.comparator(op, version)
		if err != nil {
			return out, err
		}
		all, some, and = all.And(d.union(spans)), true, false
	}
}

// bound gives the spans of the operators that all dialects share.
func bound(op, v string) ([]span, error) {
	switch op {
	case ">=":
		return []span{{before(v), last}}, nil
	case ">":
		return []span{{after(v), last}}, nil
	case "<=":
		return []span{{first, after(v)}}, nil
	case "<":
		return []span{{first, before(v)}}, nil
	case "", "=", "==":
		return []span{{before(v), after(v)}}, nil
	case "!=":
		return []span{{first, before(v)}, {after(v), last}}, nil
	}
	return nil, fmt.Errorf("operator %q: %w", op, ErrSyntax)
}

// order is osv-scalibr's for an ecosystem, all of whose texts are versions.
func order(ecosystem string) func(a, b string) int {
	return func(a, b string) int {
		v, err := semantic.Parse(a, ecosystem)
		if err != nil {
			return strings.Compare(a, b)
		}
		c, err := v.CompareStr(b)
		if err != nil {
			return strings.Compare(a, b)
		}
		return c
	}
}
