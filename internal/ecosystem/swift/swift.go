// SPDX-License-Identifier: Apache-2.0

// Package swift knows the worlds of the Swift Package Manager and of CocoaPods
// by their lock files. It judges nothing.
package swift

import (
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{packageResolved{}, podfileLock{}} }

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// packageResolved reads Package.resolved, versions 1 to 3: pins with the
// address of a repository and a state. See
// https://github.com/swiftlang/swift-package-manager/blob/main/Sources/PackageGraph/ResolvedPackagesStore.swift.
type packageResolved struct{}

func (packageResolved) Name() string { return "swift/package-resolved" }
func (packageResolved) Version() int { return 1 }

func (packageResolved) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "Package.resolved") &&
		!strings.Contains(f.Path, "checkouts/") // of a fetched dependency
}

type pin struct {
	Identity      string
	Location      string
	RepositoryURL string // version 1
	State         struct{ Version, Revision string }
}

func (packageResolved) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	pins := func() error {
		return j.Array(ctx, func() error {
			line := j.Line()
			var p pin
			if err := j.Decode(&p); err != nil {
				return err
			}
			if q, ok := p.pkg(); ok {
				q.Line = line
				inv.Packages = append(inv.Packages, q)
			}
			return nil
		})
	}
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "pins":
			return pins()
		case "object":
			return j.Object(ctx, func(key string, _ int) error {
				if key == "pins" {
					return pins()
				}
				return j.Skip()
			})
		}
		return j.Skip()
	})
	if err != nil {
		err = fmt.Errorf("read resolved packages: %w", err)
	}
	return inv, err
}

// pkg names a package by its address, as the advisories do:
// "github.com/apple/swift-nio". A pin of a branch has its commit as version.
func (p pin) pkg() (sekisho.Package, bool) {
	name := address(p.Location)
	if name == "" {
		name = address(p.RepositoryURL)
	}
	if name == "" && p.Location == "" && p.RepositoryURL == "" {
		name = p.Identity // from a registry: "scope.name"
	}
	version := p.State.Version
	if version == "" {
		version = p.State.Revision
	}
	if name == "" || version == "" {
		return sekisho.Package{}, false
	}
	u := sekisho.PURL{Type: "swift", Name: name, Version: version}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		u.Namespace, u.Name = name[:i], name[i+1:]
	} else if scope, n, ok := strings.Cut(name, "."); ok {
		u.Namespace, u.Name = scope, n
	}
	return sekisho.Package{PURL: u.String(), Ecosystem: sekisho.EcosystemSwift, Name: name, Version: version}, true
}

// address turns the address of a repository ("https://host/a/b.git",
// "git@host:a/b.git", "ssh://git@host/a/b") into "host/a/b". It returns nothing
// for a path of the machine that made the file.
func address(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case ok && scheme == "file":
		return ""
	case ok:
		s = rest
	default:
		host, path, ok := strings.Cut(s, ":")
		if !ok || strings.Contains(host, "/") {
			return ""
		}
		s = host + "/" + strings.TrimPrefix(path, "/")
	}
	host, path, ok := strings.Cut(s, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if i := strings.IndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if !ok || host == "" || path == "" {
		return ""
	}
	return strings.ToLower(host) + "/" + path
}
