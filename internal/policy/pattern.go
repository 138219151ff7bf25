// SPDX-License-Identifier: Apache-2.0

package policy

import (
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// wild compares text with a pattern in which "*" stands for any characters, and
// "?" for one byte.
func wild(pattern, text string) bool {
	star, mark := -1, 0
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchPath compares a path with a pattern as sekisho.Exception.Path has it.
func matchPath(pattern, name string) bool {
	pattern, name = cleanPath(pattern), cleanPath(name)
	if name == "" || pattern == "" {
		return false
	}
	segments := strings.Split(name, "/")
	if !strings.Contains(pattern, "/") && pattern != "**" {
		return slices.ContainsFunc(segments, func(s string) bool { ok, err := path.Match(pattern, s); return ok && err == nil })
	}
	// A directory goes with what is in it.
	return slices.Contains(reach(strings.Split(pattern, "/"), segments)[1:], true)
}

func cleanPath(s string) string {
	if s == "" {
		return ""
	}
	return strings.TrimPrefix(path.Clean("/"+s), "/")
}

// reach says, for each number of leading segments, whether the whole pattern
// matches them. Its time is the product of both lengths.
func reach(pattern, segments []string) []bool {
	now := make([]bool, len(segments)+1)
	now[0] = true
	for _, p := range pattern {
		next := make([]bool, len(segments)+1)
		for i := range next {
			switch {
			case p == "**":
				next[i] = now[i] || i > 0 && next[i-1]
			case i > 0 && now[i-1]:
				ok, err := path.Match(p, segments[i-1])
				next[i] = ok && err == nil
			}
		}
		now = next
	}
	return now
}

// packagePattern is Package and Type of an exception.
type packagePattern struct {
	purl *sekisho.PURL
	// name and version, with wildcards in the name.
	name, version, kind string
}

// ready makes the patterns of an exception; false when one cannot be understood.
func (e *entry) ready() bool {
	e.pkg.kind = strings.ToLower(e.Type)
	switch {
	case strings.HasPrefix(strings.ToLower(e.Package), "pkg:"):
		p, err := sekisho.ParsePURL(e.Package)
		if err != nil {
			return false
		}
		e.pkg.purl = &p
	default:
		e.pkg.name = e.Package
		if i := strings.LastIndexByte(e.Package, '@'); i > 0 {
			e.pkg.name, e.pkg.version = e.Package[:i], e.Package[i+1:]
		}
	}
	if e.Product != "" {
		p, err := sekisho.ParsePURL(e.Product)
		if err != nil {
			return false
		}
		e.product = &p
	}
	return true
}

func (p *packagePattern) matches(ref *sekisho.PackageRef) bool {
	have, err := sekisho.ParsePURL(ref.PURL)
	if err != nil {
		have = sekisho.PURL{Type: ref.Ecosystem, Name: ref.Name, Version: ref.Version}
	}
	if p.kind != "" && p.kind != have.Type && p.kind != ref.Ecosystem {
		return false
	}
	if p.purl != nil {
		return err == nil && matchPURL(p.purl, &have, ref.Version)
	}
	if p.version != "" && p.version != ref.Version && p.version != have.Version {
		return false
	}
	if p.name == "" {
		return true
	}
	return slices.ContainsFunc([]string{ref.Name, have.Name, have.Namespace + "/" + have.Name, have.Namespace + ":" + have.Name}, func(s string) bool {
		return wild(p.name, s)
	})
}

// matchPURL says whether a package is what a package URL names: the version and
// each qualifier count where the URL has them.
func matchPURL(want, have *sekisho.PURL, version string) bool {
	if want.Type != have.Type || want.Namespace != have.Namespace || want.Name != have.Name ||
		want.Version != "" && want.Version != have.Version && want.Version != version || want.Subpath != "" && want.Subpath != have.Subpath {
		return false
	}
	for k, v := range want.Qualifiers {
		if have.Qualifiers[k] != v {
			return false
		}
	}
	return true
}
