// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// mixLock reads mix.lock, an Elixir map that Mix writes one entry a line:
//
//	"plug": {:hex, :plug, "1.15.2", "checksum", [:mix], [...], "hexpm", "checksum"},
//	"phx": {:git, "https://example.com/phx.git", "commit", [tag: "v1.0"]},
//
// Dependencies from git have no version that advisories name, and are known
// by their commit.
type mixLock struct{}

func (mixLock) Name() string { return "beam/mix-lock" }
func (mixLock) Version() int { return 1 }

func (mixLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "mix.lock") && !insideDependency(f.Path)
}

// insideDependency reports whether a file belongs to a fetched dependency,
// "deps/NAME/..." or "_build/PROFILE/lib/NAME/...": its lock file is its
// author's, and the project's own says what is used.
func insideDependency(path string) bool {
	if strings.Contains(path, "_build/") {
		return true
	}
	i := strings.LastIndex(path, "deps/")
	return i >= 0 && (i == 0 || path[i-1] == '/') && strings.Count(path[i:], "/") >= 2
}

var errMixLock = errors.New("lock file does not begin with %{ as Mix writes it")

func (mixLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	t := lockfile.NewText(b)
	begun := false
	for {
		line, ok := t.Next()
		if !ok {
			break
		}
		if t.Line&255 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		line = bytes.TrimSpace(line)
		if !begun {
			if len(line) == 0 {
				continue
			}
			if !bytes.HasPrefix(line, []byte("%{")) {
				return inv, errMixLock
			}
			begun = true
			line = line[2:]
		}
		if p, ok := mixEntry(line); ok {
			p.Line = t.Line
			inv.Packages = append(inv.Packages, p)
		}
	}
	return inv, nil
}

// mixEntry reads the beginning of an entry: the key, and of the tuple the
// kind, the package's name (which may differ from the key) and the version.
func mixEntry(line []byte) (p sekisho.Package, ok bool) {
	s := scanner{b: line, line: 1, comment: '#'}
	key := s.next()
	if key.kind != text || !is(s.next(), ":") || !is(s.next(), "{") || !is(s.next(), ":") {
		return p, false
	}
	kind := s.next()
	if !is(s.next(), ",") {
		return p, false
	}
	switch string(kind.value) {
	case "hex":
		if !is(s.next(), ":") {
			return p, false
		}
		name := s.next()
		if !is(s.next(), ",") {
			return p, false
		}
		version := s.next()
		if version.kind != text || len(version.value) == 0 || len(name.value) == 0 {
			return p, false
		}
		return hex(string(name.value), string(version.value)), true
	case "git":
		url := s.next()
		if !is(s.next(), ",") {
			return p, false
		}
		commit := s.next()
		if commit.kind != text || len(commit.value) == 0 || len(key.value) == 0 {
			return p, false
		}
		return git(string(key.value), string(url.value), string(commit.value)), true
	}
	return p, false
}

func git(name, url, commit string) sekisho.Package {
	p := hex(name, commit)
	p.PURL = sekisho.PURL{Type: "hex", Name: name, Version: commit, Qualifiers: map[string]string{"vcs_url": "git+" + url + "@" + commit}}.String()
	return p
}

func is(t token, s string) bool { return t.kind == symbol && string(t.value) == s }

// rebarLock reads rebar.lock: a list of {<<"name">>, Source, Level}, bare or in
// {"1.2.0", [...]}. with checksums after it. Source is
// {pkg, <<"name">>, <<"version">>} or {git, "url", {ref, "commit"}}; level 0 is
// what the project itself asked for.
type rebarLock struct{}

func (rebarLock) Name() string { return "beam/rebar-lock" }
func (rebarLock) Version() int { return 1 }

func (rebarLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "rebar.lock") && !insideDependency(f.Path)
}

var errRebarLock = errors.New("lock file holds no list as rebar3 writes it")

func (rebarLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	s := scanner{b: b, line: 1, comment: '%'}
	if c := bytes.TrimLeft(b, " \t\r\n"); len(c) == 0 || c[0] != '[' && c[0] != '{' && c[0] != '%' {
		return inv, errRebarLock
	}
	var last token // the text before the source: the application's name
	for n := 0; ; n++ {
		if n&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		t := s.next()
		switch {
		case t.kind == end:
			return inv, nil
		case is(t, "."): // checksums follow, in a second term
			return inv, nil
		case t.kind == text:
			last = t
		case t.kind == word && string(t.value) == "pkg":
			name, version := s.text(), s.text()
			if len(name.value) > 0 && len(version.value) > 0 {
				inv.Packages = append(inv.Packages, level(&s, hex(string(name.value), string(version.value)), last))
			}
		case t.kind == word && string(t.value) == "git":
			url, commit := s.text(), s.text()
			if len(last.value) > 0 && len(commit.value) > 0 {
				inv.Packages = append(inv.Packages, level(&s, git(string(last.value), string(url.value), string(commit.value)), last))
			}
		}
	}
}

// text returns the next quoted string of the same tuple.
func (s *scanner) text() token {
	for range 16 {
		if t := s.next(); t.kind == text || t.kind == end {
			return t
		}
	}
	return token{}
}

// level reads "}, 0}" after a source.
func level(s *scanner, p sekisho.Package, name token) sekisho.Package {
	p.Line = name.line
	for range 16 {
		before := *s
		t := s.next()
		if t.kind == word && t.value[0] >= '0' && t.value[0] <= '9' {
			p.Relationship = sekisho.Transitive
			if string(t.value) == "0" {
				p.Relationship = sekisho.Direct
			}
			break
		}
		if is(t, "{") || t.kind == end {
			*s = before // an older file, without levels
			break
		}
	}
	return p
}
