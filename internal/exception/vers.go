// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"net/url"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Orders gives the order of a package's versions; false where there is none.
type Orders func(os *sekisho.OS, p *sekisho.Package) (sekisho.Order, bool)

// Resolve replaces ranges of versions by those versions of the results' packages
// that are in them. A range that cannot be compared is left as it is, and
// matches nothing; those are returned as well, each once.
func Resolve(list []sekisho.Exception, results []*sekisho.Result, orders Orders) (resolved, unknown []sekisho.Exception) {
	if !slices.ContainsFunc(list, func(e sekisho.Exception) bool { return e.Range != "" }) {
		return list, nil
	}
	x := resolver{orders: orders, at: map[[3]string][]installed{}}
	for _, r := range results {
		for i := range r.Packages {
			p := &r.Packages[i]
			if u, err := sekisho.ParsePURL(p.PURL); err == nil {
				k := [3]string{u.Type, u.Namespace, u.Name}
				x.at[k] = append(x.at[k], installed{r.OS, p})
			}
		}
	}
	for i := range list {
		e := &list[i]
		if e.Range == "" {
			resolved = append(resolved, *e)
			continue
		}
		versions, ok := x.versions(e)
		if !ok {
			resolved, unknown = append(resolved, *e), append(unknown, *e)
			continue
		}
		for _, v := range versions {
			one := *e
			one.Package, one.Range = v, ""
			resolved = append(resolved, one)
		}
	}
	return resolved, unknown
}

type installed struct {
	os  *sekisho.OS
	pkg *sekisho.Package
}

type resolver struct {
	orders Orders
	at     map[[3]string][]installed
}

// versions are the package URLs, with version, that an exception's range holds.
func (x *resolver) versions(e *sekisho.Exception) (purls []string, ok bool) {
	u, err := sekisho.ParsePURL(e.Package)
	if err != nil {
		return nil, false
	}
	for _, in := range x.at[[3]string{u.Type, u.Namespace, u.Name}] {
		order, known := x.orders(in.os, in.pkg)
		if !known {
			return nil, false
		}
		within, ok := Within(e.Range, u.Type, in.pkg.Version, order)
		if !ok {
			return nil, false
		}
		one := u
		one.Version = in.pkg.Version
		if s := one.String(); within && !slices.Contains(purls, s) {
			purls = append(purls, s)
		}
	}
	return purls, true
}

// maxConstraints bounds a range.
const maxConstraints = 1000

type constraint struct{ comparator, version string }

// Within says whether a version is in a range as
// https://github.com/package-url/vers-spec/blob/main/VERSION-RANGE-SPEC.rst has
// it, for packages of a type of package URL; ok is false when the range is none,
// is of another type, or holds what is no version.
func Within(text, kind, version string, order sekisho.Order) (within, ok bool) {
	rest, ok := strings.CutPrefix(text, "vers:")
	scheme, rest, ok2 := strings.Cut(rest, "/")
	if scheme = strings.ToLower(scheme); scheme == "alpine" {
		scheme = "apk"
	}
	if !ok || !ok2 || scheme != kind && scheme != "all" && scheme != "none" {
		return false, false
	}
	if rest = strings.Trim(strings.ReplaceAll(rest, " ", ""), "|"); rest == "*" {
		return scheme != "none", true
	}
	list, ok := constraints(rest)
	if !ok || scheme == "all" || scheme == "none" {
		return false, false
	}
	bad := false
	compare := func(a, b string) int {
		n, err := order.Compare(a, b)
		bad = bad || err != nil
		return n
	}
	slices.SortStableFunc(list, func(a, b constraint) int { return compare(a.version, b.version) })
	var ranges []constraint
	for _, c := range list {
		same := compare(version, c.version) == 0
		switch {
		case bad:
			return false, false
		case same && (c.comparator == "=" || c.comparator == "<=" || c.comparator == ">="):
			return true, true
		case same && c.comparator == "!=":
			return false, true
		case c.comparator != "=" && c.comparator != "!=":
			ranges = append(ranges, c)
		}
	}
	if len(ranges) == 0 {
		// Only versions to leave out: all others are in.
		return slices.ContainsFunc(list, func(c constraint) bool { return c.comparator == "!=" }) && !slices.ContainsFunc(list, func(c constraint) bool { return c.comparator == "=" }), true
	}
	for i, c := range ranges {
		n := compare(version, c.version)
		if c.comparator[0] == '<' && n < 0 && i == 0 || c.comparator[0] == '>' && n > 0 && i == len(ranges)-1 {
			within = true
		}
		if i+1 < len(ranges) && c.comparator[0] == '>' && ranges[i+1].comparator[0] == '<' && n > 0 && compare(version, ranges[i+1].version) < 0 {
			within = true
		}
	}
	return within && !bad, !bad
}

// constraints splits "1.2|>=2|<3".
func constraints(text string) (list []constraint, ok bool) {
	if strings.Count(text, "|") >= maxConstraints {
		return nil, false
	}
	for part := range strings.SplitSeq(text, "|") {
		c := constraint{comparator: "="}
		for _, op := range []string{">=", "<=", "!=", ">", "<", "="} {
			if rest, found := strings.CutPrefix(part, op); found {
				c.comparator, part = op, rest
				break
			}
		}
		v, err := url.PathUnescape(part)
		if err != nil || v == "" || v == "*" {
			return nil, false
		}
		c.version = v
		list = append(list, c)
	}
	return list, len(list) > 0
}
