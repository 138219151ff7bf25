// SPDX-License-Identifier: Apache-2.0

// Package license judges the licences of packages: by the lists of a user, or,
// where there are none, for the few kinds whose duties surprise those who pass an
// image on. It recognises the texts of licences beside packages whose own record
// says nothing. It gives no legal advice, and what it does not know it counts as
// not assessed instead of calling it clean.
package license

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/check"
	"github.com/sekisho/sekisho/internal/license"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Checker judges packages by the policy; rules that the settings name as on list
// every package of their kind.
func Checker(s *check.Settings, p license.Policy) sekisho.Checker { return &checker{s, p} }

// Rules are those of this kind, in the order of ids.
func Rules() []sekisho.Rule {
	out := slices.Clone(rules)
	slices.SortFunc(out, func(a, b sekisho.Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

type checker struct {
	settings *check.Settings
	policy   license.Policy
}

func (c *checker) Name() string { return "license" }

func (c *checker) Check(_ context.Context, inv *sekisho.Inventory) (sekisho.Judgement, error) {
	j := check.NewJudge(c.settings)
	var packages []*sekisho.Package // of each finding
	cover := &sekisho.LicenseCoverage{}
	for i := range inv.Packages {
		p := &inv.Packages[i]
		// The project itself is the user's own, what a package of the distribution
		// installed is that package's, and lower layers are no container's.
		if p.Hidden || p.OwnedBy != "" || p.Relationship == sekisho.Root {
			continue
		}
		e, err := license.Parse(p.LicenseExpression)
		if err != nil {
			e = license.Expression{}
		}
		switch {
		case e.IsZero():
			cover.Unstated++
		case e.Known():
			cover.Known++
		default:
			cover.Unknown++
		}
		for _, h := range c.judge(p, e) {
			j.Add(h.rule, &check.Place{}, &h.Hit)
			packages = append(packages, p)
		}
	}
	out := j.Judgement()
	for i := range out.Findings {
		f, p := &out.Findings[i], packages[i]
		f.Kind, f.Layer, f.Introduced = sekisho.License, p.Layer, p.Introduced
		if len(p.Locations) > 0 {
			f.Location = p.Locations[0]
		}
		f.Evidence[0].Path, f.Evidence[0].Line = cmp.Or(p.LicenseFile, f.Location.Path), f.Location.Line
		if p.LicenseFile != "" {
			f.Evidence[0].Line = 0
		}
	}
	out.Licenses = cover
	return out, nil
}

type hit struct {
	check.Hit
	rule *sekisho.Rule
}

// judge gives what is to be said of a package: one hit for each kind of licence.
func (c *checker) judge(p *sekisho.Package, e license.Expression) []hit {
	var out []hit
	add := func(r *sekisho.Rule, severity sekisho.Severity, reason string, leaves []license.Expression) {
		var names []string
		for _, l := range leaves {
			names = append(names, l.String())
		}
		slices.Sort(names)
		names = slices.Compact(names)
		name := cmp.Or(strings.Join(names, ", "), strings.Join(p.Licenses, ", "), "-")
		text := cmp.Or(e.String(), name)
		if d := strings.Join(p.Licenses, "; "); d != "" && d != text {
			text += " (declared: " + d + ")"
		}
		out = append(out, hit{check.Hit{
			Args: []string{p.Name, check.Excerpt(name)}, Excerpt: reason + ": " + text, Severity: severity,
			Key:     strings.Join([]string{p.Ecosystem, p.Name, name}, "\x00"),
			Package: &sekisho.PackageRef{PURL: p.PURL, Name: p.Name, Version: p.Version, Ecosystem: p.Ecosystem},
		}, r})
	}
	verdict, leaves := c.policy.Decide(e)
	unlisted := e.IsZero() && c.policy.DeniesUnknown()
	switch {
	case verdict == license.Denied || unlisted:
		if unlisted {
			add(byCategory[license.Unknown], sekisho.SeverityHigh, "denied by the policy", nil)
			return out
		}
		groups := map[*sekisho.Rule][]license.Expression{}
		for _, l := range leaves {
			r := byCategory[l.Category()]
			groups[r] = append(groups[r], l)
		}
		for i := range rules {
			if g := groups[&rules[i]]; len(g) > 0 && !c.off(&rules[i]) {
				add(&rules[i], sekisho.SeverityHigh, "denied by the policy", g)
			}
		}
		return out
	case p.Dev:
		return nil // nobody passes it on
	}
	for i := range rules {
		r := &rules[i]
		if !c.settings.Runs(r) || verdict == license.Allowed && !c.asked(r) || r.Off && !c.asked(r) {
			continue
		}
		if g := imposed(e, r.ID); len(g) > 0 || e.IsZero() && r == byCategory[license.Unknown] {
			if !r.Off && quiet(p, e) {
				continue
			}
			add(r, sekisho.SeverityUnknown, "declared", g)
		}
	}
	return out
}

// off is true for a rule that the user turned off, even for the policy.
func (c *checker) off(r *sekisho.Rule) bool {
	return c.settings != nil && slices.ContainsFunc(c.settings.Off, func(id string) bool { return check.Names(id, r) })
}

func (c *checker) asked(r *sekisho.Rule) bool {
	return c.settings != nil && slices.ContainsFunc(slices.Concat(c.settings.On, c.settings.Only), func(id string) bool { return check.Names(id, r) })
}

// quiet says what nobody is told of unasked. The records of a distribution name
// the licence of every file of the source, also of those that are in no package;
// and a package that no package manager fetched is the user's own.
func quiet(p *sekisho.Package, e license.Expression) bool {
	if p.LicenseFile != "" && e.Op == license.And {
		return true // a file of several texts does not say which of them apply
	}
	switch p.Ecosystem {
	case sekisho.EcosystemDeb, sekisho.EcosystemAPK, sekisho.EcosystemRPM, sekisho.EcosystemALPM:
		return e.Op == license.And && len(e.Terms) > 1 || e.Category() == license.Proprietary
	case sekisho.EcosystemNPM:
		return e.Category() == license.Proprietary && !strings.Contains("/"+p.Path, "/node_modules/")
	}
	return false
}

// imposed are the licences of the category of the rule that the user cannot
// choose to avoid.
func imposed(e license.Expression, rule string) []license.Expression {
	switch e.Op {
	case license.Leaf:
		if r := byCategory[e.Category()]; !e.IsZero() && r != nil && r.ID == rule {
			return []license.Expression{e}
		}
		return nil
	case license.And:
		var out []license.Expression
		for _, t := range e.Terms {
			out = append(out, imposed(t, rule)...)
		}
		return out
	case license.Or:
	}
	var out []license.Expression
	for _, t := range e.Terms {
		one := imposed(t, rule)
		if len(one) == 0 {
			return nil
		}
		out = append(out, one...)
	}
	return out
}
