// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parent is a package under which alone an override is to hold. Version is empty
// where all of its versions are meant.
type Parent struct{ Name, Version string }

// Overridable says whether the manager has overrides that Override writes.
func (m Manager) Overridable() bool { return len(m.overrides()) > 0 }

// overrides are the keys that lead to a manager's overrides in package.json:
// https://docs.npmjs.com/cli/configuring-npm/package-json#overrides,
// https://yarnpkg.com/configuration/manifest#resolutions,
// https://pnpm.io/package_json#pnpmoverrides.
func (m Manager) overrides() []string {
	switch m.Name {
	case "npm":
		return []string{"overrides"}
	case "yarn":
		return []string{"resolutions"}
	case "pnpm":
		return []string{"pnpm", "overrides"}
	}
	return nil
}

// Override makes a project's package.json ask for w.To, or what is compatible with
// it, wherever w.Name is asked for by other packages; with parents, under these
// alone. An override of the package that is there is raised where it is below, and
// stays where it is not.
func (m Manager) Override(text []byte, w Want, parents []Parent) Edit {
	e := Edit{Text: text}
	if len(text) > MaxBytes || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		e.Refused = RefusedUnreadable
		return e
	}
	if !version(w.To) {
		e.Refused = RefusedVersion
		return e
	}
	if !Word(w.Name) || slices.ContainsFunc(parents, func(p Parent) bool { return !Word(p.Name) || p.Version != "" && !Word(p.Version) }) {
		e.Refused = RefusedOverride // what a hostile lockfile calls a package is no key
		return e
	}
	root, ok := jsonObject(text)
	if !ok {
		e.Refused = RefusedUnreadable
		return e
	}
	all := overrideEdit{m: m, w: w}
	place, missing := &root, m.overrides()
	for len(missing) > 0 {
		next := place.member(missing[0])
		if next == nil {
			break
		}
		if !next.object {
			e.Refused = RefusedUnreadable
			return e
		}
		place, missing = next, missing[1:]
	}
	if len(missing) == 0 {
		all.walk(place, "")
	}
	if all.refused != "" {
		e.Refused = all.refused
		return e
	}
	e = apply(e, all.sites, w)
	if e.Refused != "" || all.global {
		return e
	}
	// The ways that are not there yet. What was raised moved the text: it is read again.
	ways := [][]string{m.way(w.Name, nil)}
	if len(parents) > 0 {
		ways = nil
		for i := range parents {
			way := m.way(w.Name, &parents[i])
			if way == nil {
				return Edit{Text: text, Refused: RefusedOverride}
			}
			if !all.scopes[strings.Join(way, ">")] {
				ways = append(ways, way)
			}
		}
	}
	for _, way := range ways {
		out, at, ok := insertJSON(e.Text, append(m.overrides(), way...), "^"+strings.TrimPrefix(w.To, "v"))
		if !ok {
			return Edit{Text: text, Refused: RefusedOverride}
		}
		e.Text = out
		if e.Was == e.Now {
			e.Line, e.Was, e.Now = 1+bytes.Count(out[:at], []byte("\n")), "", "^"+strings.TrimPrefix(w.To, "v")
		}
	}
	return e
}

// way is the keys of an override below those of the manager's overrides; nil where
// the manager cannot say it.
func (m Manager) way(name string, p *Parent) []string {
	if p == nil {
		return []string{name}
	}
	parent := p.Name
	if p.Version != "" {
		parent += "@" + p.Version
	}
	switch {
	case m.Name == "npm":
		return []string{parent, name}
	case m.Name == "pnpm":
		return []string{parent + ">" + name}
	case p.Version == "":
		return []string{parent + "/" + name}
	}
	return nil
}

// overrideEdit is what is there for a package.
type overrideEdit struct {
	m      Manager
	w      Want
	sites  []site
	global bool            // one that holds everywhere is there
	scopes map[string]bool // those that hold under a parent, by their ways
	// refused is set for one that cannot be raised.
	refused string
}

// walk looks for overrides of the package in an object; below is the way to it.
func (o *overrideEdit) walk(v *jsonValue, below string) {
	for i := range v.members {
		key, value := v.members[i].key, &v.members[i].value
		if value.object {
			if o.m.Name == "npm" {
				if self := value.member("."); self != nil && below == "" && key == o.w.Name {
					o.found(self, key, true)
				} else if bare(key) == o.w.Name {
					o.refused = RefusedOverride // what it needs is overridden, and not itself
				}
				o.walk(value, below+key+">")
			}
			continue
		}
		name := key
		switch o.m.Name {
		case "yarn": // "parent/name", "**/name", and "name@npm:range"
			if rest, ok := strings.CutSuffix(bare(key), "/"+o.w.Name); ok && !strings.HasPrefix(rest, "@") || ok && strings.Contains(rest, "/") {
				name = o.w.Name
				if rest == "**" {
					key = name
				}
			}
		case "pnpm":
			name = key[strings.LastIndexByte(key, '>')+1:]
		}
		if bare(name) == o.w.Name {
			o.found(value, below+key, below == "" && key == o.w.Name)
		}
	}
}

// found notes an override of the package. One for another series of versions, by
// what it gives, is another matter, unless it holds everywhere.
func (o *overrideEdit) found(v *jsonValue, way string, everywhere bool) {
	given := strings.TrimLeft(v.text, "^~>=v ")
	n, ok := o.w.Order(given, o.w.From)
	_, allowed := o.w.Order(o.w.To, given)
	switch {
	case !v.plain || !ok || !allowed || !version(given):
		if everywhere {
			o.refused = RefusedOverride
		}
		return
	case !everywhere && n < 0:
		return // of an older series: From is not what it gives
	}
	o.sites = append(o.sites, site{from: v.from + 1, to: v.to - 1, style: style{spaces: true}})
	o.global = o.global || everywhere
	if o.scopes == nil {
		o.scopes = map[string]bool{}
	}
	o.scopes[way] = true
}

// bare is a key without the versions that it is for: "a" of "a@^1".
func bare(key string) string {
	if i := strings.LastIndexByte(key, '@'); i > 0 {
		if j := strings.IndexByte(key[1:], '@'); j >= 0 && !strings.Contains(key[1+j:], "/") {
			return key[:1+j]
		}
		if key[i-1] != '/' {
			return key[:i]
		}
	}
	return key
}

// insertJSON puts a string at the end of the object that keys lead to; objects
// that are missing on the way are made. It is written as the members before it are.
// at is where the value stands. Not ok: what is on the way is no object.
func insertJSON(text []byte, keys []string, value string) (out []byte, at int, ok bool) {
	root, ok := jsonObject(text)
	if !ok {
		return nil, 0, false
	}
	place, depth := &root, 0
	for depth < len(keys)-1 {
		next := place.member(keys[depth])
		if next == nil {
			break
		}
		if !next.object {
			return nil, 0, false
		}
		place, depth = next, depth+1
	}
	if place.member(keys[depth]) != nil {
		return nil, 0, false
	}
	newline, unit := jsonLayout(text, &root)
	indent := ""
	if newline != "" {
		indent = newline + strings.Repeat(unit, depth+1)
	}
	put := place.from + 1
	var b strings.Builder
	if n := len(place.members); n > 0 {
		put = place.members[n-1].value.to
		b.WriteByte(',')
		from := place.from + 1
		if n > 1 {
			from = place.members[n-2].value.to
		}
		// The blanks before the last key.
		last := place.members[n-1].at
		between := string(text[from:last])
		indent = between
		if _, blanks, ok := strings.Cut(between, ","); ok {
			indent = blanks
		}
		if newline != "" && !strings.Contains(indent, "\n") && depth == 0 {
			indent = newline + unit
		}
	}
	colon := ": "
	if newline == "" && !bytes.Contains(text, []byte(`": `)) {
		colon = ":"
	}
	b.WriteString(indent)
	for i, key := range keys[depth:] {
		b.WriteString(quoteJSON(key))
		b.WriteString(colon)
		if depth+i == len(keys)-1 {
			break
		}
		b.WriteByte('{')
		if newline != "" {
			b.WriteString(newline + strings.Repeat(unit, depth+i+2))
		}
	}
	at = put + b.Len()
	b.WriteString(quoteJSON(value))
	for i := len(keys) - 1; i > depth; i-- {
		if newline != "" {
			b.WriteString(newline + strings.Repeat(unit, i))
		}
		b.WriteByte('}')
	}
	if len(place.members) == 0 {
		if newline != "" {
			b.WriteString(newline + strings.Repeat(unit, depth))
		}
		return slices.Concat(text[:put], []byte(b.String()), text[place.to-1:]), at, true
	}
	return slices.Concat(text[:put], []byte(b.String()), text[put:]), at, true
}

// jsonLayout is how a text ends its lines, empty for one of a single line, and by
// what its members are set in.
func jsonLayout(text []byte, root *jsonValue) (newline, unit string) {
	if len(root.members) == 0 {
		return "\n", "  "
	}
	before := string(text[root.from+1 : root.members[0].at])
	i := strings.LastIndexByte(before, '\n')
	if i < 0 {
		return "", ""
	}
	newline = "\n"
	if i > 0 && before[i-1] == '\r' {
		newline = "\r\n"
	}
	return newline, before[i+1:]
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // ">" of pnpm stays
	if enc.Encode(s) != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
