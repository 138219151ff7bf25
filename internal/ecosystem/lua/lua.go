// SPDX-License-Identifier: Apache-2.0

// Package lua knows the world of LuaRocks: the trees of installed rocks and
// the lock file. It runs no Lua and judges nothing.
package lua

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{rockspec{}, luarocksLock{}} }

func rock(name, version string) sekisho.Package {
	name = strings.ToLower(name)
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "luarocks", Name: name, Version: version}.String(),
		Ecosystem: sekisho.EcosystemLuaRocks,
		Name:      name,
		Version:   version,
	}
}

// rockspec reads the specification of an installed rock, which LuaRocks keeps
// as lib/luarocks/rocks-5.4/NAME/VERSION/NAME-VERSION.rockspec. It is a Lua
// program of assignments; one in a source tree describes the project itself
// and is left alone. See
// https://github.com/luarocks/luarocks/blob/main/docs/rockspec_format.md.
type rockspec struct{}

func (rockspec) Name() string { return "lua/rockspec" }
func (rockspec) Version() int { return 1 }

func (rockspec) Wants(f *sekisho.File) bool {
	if f.Type != sekisho.TypeRegular || !strings.HasSuffix(f.Path, ".rockspec") {
		return false
	}
	_, _, ok := installed(f.Path)
	return ok
}

// installed reads ".../rocks[-LUA]/NAME/VERSION/FILE".
func installed(path string) (name, version string, ok bool) {
	rest, _, ok := cutLast(path)
	if !ok {
		return "", "", false
	}
	rest, version, ok = cutLast(rest)
	if !ok {
		return "", "", false
	}
	rest, name, ok = cutLast(rest)
	if !ok {
		return "", "", false
	}
	tree := rest[strings.LastIndexByte(rest, '/')+1:]
	return name, version, name != "" && version != "" && (tree == "rocks" || strings.HasPrefix(tree, "rocks-"))
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

var errRockspec = errors.New("specification does not stand in the tree of its rock")

// Extract takes name and version from the tree, as LuaRocks does itself, and
// the licence from the file.
func (rockspec) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	if err := ctx.Err(); err != nil {
		return inv, err
	}
	name, version, ok := installed(in.Path)
	if !ok {
		return inv, errRockspec
	}
	p := rock(strings.Clone(name), strings.Clone(version))
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			break
		}
		if t.Line&1023 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		key, value, ok := bytes.Cut(line, []byte{'='})
		if ok && string(bytes.TrimSpace(key)) == "license" {
			value = lockfile.Unquote(bytes.TrimRight(value, ", \t"))
			if n := len(value); n > 0 && n < 256 && !bytes.ContainsAny(value, `"[]`) {
				p.Licenses = []string{string(value)}
				break
			}
		}
	}
	inv.Packages = append(inv.Packages, p)
	return inv, nil
}

// luarocksLock reads luarocks.lock: a table of tables, of which each line
// names a rock and its version. See
// https://github.com/luarocks/luarocks/blob/main/docs/pinning_versions_with_a_lock_file.md.
type luarocksLock struct{}

func (luarocksLock) Name() string { return "lua/luarocks-lock" }
func (luarocksLock) Version() int { return 1 }

func (luarocksLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, "luarocks.lock") &&
		(len(f.Path) == len("luarocks.lock") || strings.HasSuffix(f.Path, "/luarocks.lock"))
}

var errLock = errors.New("lock file returns no table as LuaRocks writes it")

func (luarocksLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	if !bytes.Contains(b[:min(len(b), 4096)], []byte("return")) {
		return inv, errLock
	}
	section := ""
	t := lockfile.NewText(b)
	for {
		line, ok := t.Next()
		if !ok {
			return inv, nil
		}
		if t.Line&255 == 0 {
			if err := ctx.Err(); err != nil {
				return inv, err
			}
		}
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] == '}' {
			section = ""
		}
		key, value, ok := bytes.Cut(line, []byte{'='})
		if !ok {
			continue
		}
		key, value = bytes.TrimSpace(key), bytes.TrimSpace(value)
		if len(value) > 0 && value[0] == '{' {
			section = string(key)
			continue
		}
		dev := section == "build_dependencies" || section == "test_dependencies"
		if !dev && section != "dependencies" {
			continue
		}
		name := lockfile.Unquote(bytes.TrimSuffix(bytes.TrimPrefix(key, []byte{'['}), []byte{']'}))
		version := lockfile.Unquote(bytes.TrimSuffix(value, []byte{','}))
		if len(name) == 0 || len(version) == 0 || string(name) == "lua" {
			continue
		}
		p := rock(string(name), string(version))
		p.Line, p.Dev = t.Line, dev
		inv.Packages = append(inv.Packages, p)
	}
}
