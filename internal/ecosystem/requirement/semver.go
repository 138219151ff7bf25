// SPDX-License-Identifier: Apache-2.0

package requirement

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
)

// semverRules are what sets the dialects of semantic versioning apart.
type semverRules struct {
	// bare is what a version without an operator means.
	bare string
	// partialPre includes the pre-releases of the first version that a partial
	// one ("8.x", ">= 1.2") stands for.
	partialPre bool
	// exact refuses wildcards: "*", "1.x".
	exact bool
	// pessimistic is set where "~> 1.2" ends before 2, not before 1.3.
	pessimistic bool
}

// partial is a version of one to three numbers; wildcards are left out.
type partial struct {
	n    []uint64
	pre  string
	wild bool
}

var semverText = pattern.New(`^[vV]?([0-9xX*]+(?:\.[0-9xX*]+){0,2})(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

func parsePartial(text string) (partial, error) {
	m := semverText.FindStringSubmatch(text)
	if m == nil {
		return partial{}, fmt.Errorf("version %q: %w", text, ErrSyntax)
	}
	p := partial{pre: m[2]}
	for f := range strings.SplitSeq(m[1], ".") {
		if f == "x" || f == "X" || f == "*" {
			p.wild = true
			break
		}
		n, err := strconv.ParseUint(f, 10, 62)
		if err != nil {
			return partial{}, fmt.Errorf("version %q: %w", text, ErrSyntax)
		}
		p.n = append(p.n, n)
	}
	if p.pre != "" && len(p.n) < 3 {
		return partial{}, fmt.Errorf("version %q: %w", text, ErrSyntax)
	}
	return p, nil
}

// text pads with zeros: 1.2 is 1.2.0.
func (p partial) text() string {
	n := append(append([]uint64{}, p.n...), 0, 0, 0)
	return fmt.Sprintf("%d.%d.%d%s", n[0], n[1], n[2], p.pre)
}

// next is the first pre-release of the version whose number i is one higher.
func (p partial) next(i int) cut {
	n := append([]uint64{}, p.n[:i+1]...)
	n[i]++
	return before(partial{n: n, pre: "-0"}.text())
}

func semverDialect(ecosystem string, rules semverRules) *Dialect {
	return &Dialect{
		name: ecosystem, order: order(ecosystem), successor: semverSuccessor,
		comparator: func(op, version string) ([]span, error) { return rules.comparator(op, version) },
	}
}

// semverSuccessor is exact: nothing lies between 1.2.3 and 1.2.4-0, nor between
// 1.2.3-rc.1 and 1.2.3-rc.1.0.
func semverSuccessor(version string) string {
	p, err := parsePartial(version)
	if err != nil || len(p.n) < 3 {
		return version
	}
	if p.pre != "" {
		return version + ".0"
	}
	return p.next(2).version
}

func (r semverRules) comparator(op, version string) ([]span, error) {
	p, err := parsePartial(version)
	if err != nil {
		return nil, err
	}
	if p.wild && r.exact {
		return nil, fmt.Errorf("version %q: %w", version, ErrSyntax)
	}
	if op == "" {
		op = r.bare
	}
	n := len(p.n)
	if n == 0 {
		switch op {
		case "=", "==", ">=", "<=", "^", "~", "~>":
			return []span{{first, last}}, nil
		case "<", ">", "!=":
			return nil, nil
		default:
			return nil, fmt.Errorf("operator %q: %w", op, ErrSyntax)
		}
	}
	from := before(p.text())
	if n < 3 && r.partialPre {
		from = before(p.text() + "-0")
	}
	switch op {
	case "^":
		return []span{{from, p.next(caret(p.n))}}, nil
	case "~>", "~":
		i := min(1, n-1)
		if op == "~>" && r.pessimistic {
			i = max(0, n-2)
		}
		return []span{{from, p.next(i)}}, nil
	}
	if n == 3 {
		return bound(op, p.text())
	}
	// A part of a version stands for all that begin with it.
	to := p.next(n - 1)
	switch op {
	case "=", "==":
		return []span{{from, to}}, nil
	case "!=":
		return []span{{first, from}, {to, last}}, nil
	case ">":
		if !r.partialPre {
			to.version = strings.TrimSuffix(to.version, "-0")
		}
		return []span{{to, last}}, nil
	case "<=":
		return []span{{first, to}}, nil
	case "<":
		return []span{{first, from}}, nil
	case ">=":
		return []span{{from, last}}, nil
	}
	return bound(op, p.text())
}

// caret is the place of the number that "^" holds: the leftmost that is not
// zero, or the last that is given.
func caret(n []uint64) int {
	for i, v := range n {
		if v != 0 {
			return i
		}
	}
	return len(n) - 1
}
