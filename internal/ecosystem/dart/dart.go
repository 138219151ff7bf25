// SPDX-License-Identifier: Apache-2.0

// Package dart knows the world of Pub: pubspec.lock of Dart and Flutter
// projects. It judges nothing.
package dart

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{pubspecLock{}} }

// pubspecLock reads pubspec.lock, YAML in the one shape that Pub writes: names
// at two spaces under "packages:", their fields at four. Packages of an SDK are
// left out: their version is always 0.0.0. See
// https://dart.dev/tools/pub/glossary#lockfile.
type pubspecLock struct{}

func (pubspecLock) Name() string { return "dart/pubspec-lock" }
func (pubspecLock) Version() int { return 1 }

func (pubspecLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, "pubspec.lock") &&
		(len(f.Path) == len("pubspec.lock") || strings.HasSuffix(f.Path, "/pubspec.lock")) &&
		!strings.Contains(f.Path, ".pub-cache/") // of a fetched dependency
}

var errNoPackages = errors.New("lock file has no packages section as Pub writes it")

func (pubspecLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var p sekisho.Package
	var source string
	flush := func() {
		if p.Name != "" && p.Version != "" && source != "sdk" {
			if source == "path" {
				p.Relationship = sekisho.Root
			}
			p.PURL = sekisho.PURL{Type: "pub", Name: p.Name, Version: p.Version}.String()
			inv.Packages = append(inv.Packages, p)
		}
		p, source = sekisho.Package{Ecosystem: sekisho.EcosystemPub}, ""
	}
	inside, found := false, false
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
		key, value, ok := bytes.Cut(body, []byte{':'})
		if !ok {
			continue
		}
		switch {
		case indent == 0:
			flush()
			inside = string(key) == "packages"
			found = found || inside
		case !inside:
		case indent == 2:
			flush()
			p.Name, p.Line = string(lockfile.Unquote(key)), t.Line
		case indent == 4:
			value = lockfile.Unquote(value)
			switch string(key) {
			case "version":
				p.Version = string(value)
			case "source":
				source = string(value)
			case "dependency":
				switch string(value) {
				case "direct main", "direct overridden":
					p.Relationship = sekisho.Direct
				case "direct dev":
					p.Relationship, p.Dev = sekisho.Direct, true
				case "transitive":
					p.Relationship = sekisho.Transitive
				}
			}
		}
	}
	flush()
	if !found {
		return inv, errNoPackages
	}
	return inv, nil
}
