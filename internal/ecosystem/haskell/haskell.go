// SPDX-License-Identifier: Apache-2.0

// Package haskell knows the world of Hackage by the files with which Stack and
// Cabal fix versions. It judges nothing.
package haskell

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{stackLock{}, cabalFreeze{}} }

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

func hackage(name, version string, line int) sekisho.Package {
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: "hackage", Name: name, Version: version}.String(),
		Ecosystem: sekisho.EcosystemHackage,
		Name:      name,
		Version:   version,
		Line:      line,
	}
}

// stackLock reads stack.yaml.lock: below each "completed:" either "hackage:
// NAME-VERSION@sha256:..." or, for a repository, "name:" and "version:". The
// packages of the snapshot itself are not in the file. See
// https://docs.haskellstack.org/en/stable/topics/lock_files/.
type stackLock struct{}

func (stackLock) Name() string { return "haskell/stack-lock" }
func (stackLock) Version() int { return 1 }

func (stackLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "stack.yaml.lock")
}

var (
	errStackLock   = errors.New("lock file has no packages section as Stack writes it")
	errCabalFreeze = errors.New("freeze file has no constraints as Cabal writes them")
)

func (stackLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var name, version string
	var at int
	completed, packages, found := false, false, false
	depth := 0 // indentation of the fields below "completed:"
	flush := func() {
		if name != "" && version != "" {
			inv.Packages = append(inv.Packages, hackage(name, version, at))
		}
		name, version = "", ""
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
		indent := lockfile.Indent(line)
		body := line[indent:]
		if len(body) == 0 || body[0] == '#' {
			continue
		}
		if indent == 0 && body[0] != '-' {
			flush()
			packages, completed = bytes.HasPrefix(body, []byte("packages:")), false
			found = found || packages
			continue
		}
		if item, ok := bytes.CutPrefix(body, []byte("- ")); ok {
			flush()
			completed = false
			body = item
		}
		key, value, ok := bytes.Cut(body, []byte{':'})
		if !ok || !packages {
			continue
		}
		value = lockfile.Unquote(value)
		switch k := string(key); {
		case k == "completed":
			completed, depth = true, 0
		case k == "original":
			flush()
			completed = false
		case !completed:
		case depth != 0 && indent != depth: // "size:" of "pantry-tree:"
		default:
			depth = indent
			switch k {
			case "hackage":
				id, _, _ := strings.Cut(string(value), "@")
				if i := strings.LastIndexByte(id, '-'); i > 0 && i+1 < len(id) {
					name, version, at = id[:i], id[i+1:], t.Line
				}
			case "name":
				name, at = string(value), t.Line
			case "version":
				version = string(value)
			}
		}
	}
	flush()
	if !found {
		return inv, errStackLock
	}
	return inv, nil
}

// cabalFreeze reads cabal.project.freeze: constraints "any.NAME ==VERSION",
// separated by commas. See
// https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze.
type cabalFreeze struct{}

func (cabalFreeze) Name() string { return "haskell/cabal-freeze" }
func (cabalFreeze) Version() int { return 1 }

func (cabalFreeze) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "cabal.project.freeze")
}

func (cabalFreeze) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	found := false
	t := lockfile.NewText(b)
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
		if bytes.HasPrefix(line, []byte("--")) {
			continue
		}
		line, begins := bytes.CutPrefix(line, []byte("constraints:"))
		found = found || begins
		line = bytes.TrimSpace(line)
		for len(line) > 0 {
			var c []byte
			c, line, _ = bytes.Cut(line, []byte{','})
			name, version, ok := bytes.Cut(c, []byte("=="))
			name, version = bytes.TrimSpace(name), bytes.TrimSpace(version)
			name, any := bytes.CutPrefix(name, []byte("any."))
			if !ok || !any || len(name) == 0 || len(version) == 0 || bytes.ContainsAny(version, " |*&<>") {
				continue
			}
			inv.Packages = append(inv.Packages, hackage(string(name), string(version), t.Line))
		}
	}
	if !found {
		return inv, errCabalFreeze
	}
	return inv, nil
}
