// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"net/url"
	"slices"
	"strings"
)

// PURL is a package URL as https://github.com/package-url/purl-spec has it.
type PURL struct {
	Type       string
	Namespace  string
	Name       string
	Version    string
	Qualifiers map[string]string
	Subpath    string
}

// String writes the canonical form: lower-case type, the type's own rules for
// names (see the specification's purl-types), sorted qualifiers without empty
// ones, percent-encoding.
func (p PURL) String() string {
	p = p.normal()
	var b strings.Builder
	b.WriteString("pkg:")
	b.WriteString(p.Type)
	b.WriteByte('/')
	for s := range strings.SplitSeq(strings.Trim(p.Namespace, "/"), "/") {
		if s != "" {
			purlEscape(&b, s)
			b.WriteByte('/')
		}
	}
	purlEscape(&b, p.Name)
	if p.Version != "" {
		b.WriteByte('@')
		purlEscape(&b, p.Version)
	}
	sep := byte('?')
	keys := make([]string, 0, len(p.Qualifiers))
	for k, v := range p.Qualifiers {
		if v != "" {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		b.WriteByte(sep)
		sep = '&'
		b.WriteString(strings.ToLower(k))
		b.WriteByte('=')
		purlEscape(&b, p.Qualifiers[k])
	}
	sep = '#'
	for s := range strings.SplitSeq(p.Subpath, "/") {
		if s != "" && s != "." && s != ".." {
			b.WriteByte(sep)
			sep = '/'
			purlEscape(&b, s)
		}
	}
	return b.String()
}

func (p PURL) normal() PURL {
	p.Type = strings.ToLower(p.Type)
	switch p.Type {
	case "deb", "apk", "rpm", "alpm", "github", "bitbucket", "composer", "gitlab", "qpkg":
		p.Namespace = strings.ToLower(p.Namespace)
	}
	switch p.Type {
	case "deb", "apk", "alpm", "github", "bitbucket", "composer", "gitlab":
		p.Name = strings.ToLower(p.Name)
	case "hex":
		p.Namespace, p.Name = strings.ToLower(p.Namespace), strings.ToLower(p.Name)
	case "pypi":
		p.Name = strings.ReplaceAll(strings.ToLower(p.Name), "_", "-")
	case "pub":
		p.Name = strings.ToLower(p.Name)
	}
	return p
}

// purlEscape percent-encodes all but the unreserved characters and ":".
func purlEscape(b *strings.Builder, s string) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			c == '-', c == '.', c == '_', c == '~', c == ':':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
}

// ParsePURL reads a package URL, canonical or not.
func ParsePURL(s string) (PURL, error) {
	bad := func(why string) (PURL, error) { //nolint:unparam // so that it can be returned as it is
		return PURL{}, mistake("purl-form", "package URL %q %v, write it like pkg:npm/lodash@4.17.21", s, why)
	}
	rest := s
	scheme, rest, ok := strings.Cut(rest, ":")
	if !ok || !strings.EqualFold(scheme, "pkg") {
		return bad("does not begin with pkg:")
	}
	var p PURL
	var err error
	rest, sub, _ := strings.Cut(rest, "#")
	var subs []string
	for seg := range strings.SplitSeq(sub, "/") {
		if seg, err = url.PathUnescape(seg); err != nil {
			return bad("has a damaged escape in its subpath")
		}
		if seg != "" && seg != "." && seg != ".." {
			subs = append(subs, seg)
		}
	}
	p.Subpath = strings.Join(subs, "/")
	rest, quals, _ := strings.Cut(rest, "?")
	for kv := range strings.SplitSeq(quals, "&") {
		k, v, ok := strings.Cut(kv, "=")
		if kv == "" {
			continue
		}
		if !ok || k == "" {
			return bad("has a qualifier without a value")
		}
		if v, err = url.PathUnescape(v); err != nil {
			return bad("has a damaged escape in its qualifiers")
		}
		if v != "" {
			if p.Qualifiers == nil {
				p.Qualifiers = map[string]string{}
			}
			p.Qualifiers[strings.ToLower(k)] = v
		}
	}
	rest = strings.Trim(rest, "/")
	typ, rest, ok := strings.Cut(rest, "/")
	if !ok || typ == "" {
		return bad("has no name")
	}
	for i := range len(typ) {
		c := typ[i] | 0x20
		if !('a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || strings.IndexByte(".+-", typ[i]) >= 0)) {
			return bad("has a type with a character that types do not have")
		}
	}
	p.Type = strings.ToLower(typ)
	if i := strings.LastIndexByte(rest, '@'); i > 0 && rest[i-1] != '/' && !strings.Contains(rest[i:], "/") {
		if p.Version, err = url.PathUnescape(rest[i+1:]); err != nil {
			return bad("has a damaged escape in its version")
		}
		rest = rest[:i]
	}
	rest = strings.Trim(rest, "/")
	name := rest
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		name = rest[i+1:]
		var ns []string
		for seg := range strings.SplitSeq(rest[:i], "/") {
			if seg, err = url.PathUnescape(seg); err != nil {
				return bad("has a damaged escape in its namespace")
			}
			if seg != "" {
				ns = append(ns, seg)
			}
		}
		p.Namespace = strings.Join(ns, "/")
	}
	if p.Name, err = url.PathUnescape(name); err != nil {
		return bad("has a damaged escape in its name")
	}
	if p.Name == "" {
		return bad("has no name")
	}
	return p.normal(), nil
}
