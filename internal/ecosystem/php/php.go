// SPDX-License-Identifier: Apache-2.0

// Package php knows the world of Composer: composer.lock and the record of
// what is installed under vendor. It runs no PHP and judges nothing.
package php

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{composerLock{}, installed{}} }

func isBase(path, base string) bool {
	return strings.HasSuffix(path, base) && (len(path) == len(base) || path[len(path)-len(base)-1] == '/')
}

// composerLock reads composer.lock: "packages" and "packages-dev". Which of
// them the project itself asked for is in composer.json, which is not read.
// See https://getcomposer.org/doc/01-basic-usage.md#installing-dependencies.
type composerLock struct{}

func (composerLock) Name() string { return "php/composer-lock" }
func (composerLock) Version() int { return 1 }

func (composerLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "composer.lock") && !insidePackage(f.Path)
}

func (composerLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	err = j.Object(ctx, func(key string, _ int) error {
		switch key {
		case "packages":
			return packages(ctx, j, &inv, func(p *sekisho.Package) {})
		case "packages-dev":
			return packages(ctx, j, &inv, func(p *sekisho.Package) { p.Dev = true })
		}
		return j.Skip()
	})
	if err != nil {
		err = fmt.Errorf("read composer lock: %w", err)
	}
	return inv, err
}

// insidePackage reports whether a file belongs to an installed package,
// "vendor/VENDOR/NAME/...": its lock file is its author's, and nothing of it is
// installed.
func insidePackage(path string) bool {
	i := strings.LastIndex(path, "vendor/")
	return i >= 0 && (i == 0 || path[i-1] == '/') && strings.Count(path[i:], "/") >= 3
}

// installed reads vendor/composer/installed.json: Composer 2 writes an object
// with "packages" and "dev-package-names", Composer 1 a bare array.
type installed struct{}

func (installed) Name() string { return "php/installed" }
func (installed) Version() int { return 1 }

func (installed) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && isBase(f.Path, "composer/installed.json")
}

func (installed) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	keep := func(*sekisho.Package) {}
	if j.IsArray() {
		err = packages(ctx, j, &inv, keep)
	} else {
		var dev []string
		err = j.Object(ctx, func(key string, _ int) error {
			switch key {
			case "packages":
				return packages(ctx, j, &inv, keep)
			case "dev-package-names":
				return j.Decode(&dev)
			}
			return j.Skip()
		})
		isDev := make(map[string]bool, len(dev))
		for _, n := range dev {
			isDev[strings.ToLower(n)] = true
		}
		for i := range inv.Packages {
			inv.Packages[i].Dev = isDev[inv.Packages[i].Name]
		}
	}
	if err != nil {
		err = fmt.Errorf("read installed packages: %w", err)
	}
	return inv, err
}

// entry is one package of either file.
type entry struct {
	Name    string
	Version string
	License json.RawMessage // a string in old files, an array since
	Type    string
}

func packages(ctx context.Context, j *lockfile.JSON, inv *sekisho.Inventory, change func(*sekisho.Package)) error {
	return j.Array(ctx, func() error {
		line := j.Line()
		var e entry
		if err := j.Decode(&e); err != nil {
			return err
		}
		vendor, name, ok := strings.Cut(e.Name, "/")
		if !ok || vendor == "" || name == "" || e.Version == "" || e.Type == "metapackage" {
			return nil
		}
		e.Name = strings.ToLower(e.Name)
		p := sekisho.Package{
			PURL:      sekisho.PURL{Type: "composer", Namespace: vendor, Name: name, Version: e.Version}.String(),
			Ecosystem: sekisho.EcosystemComposer,
			Name:      e.Name,
			Version:   e.Version,
			Licenses:  licenses(e.License),
			Line:      line,
		}
		change(&p)
		inv.Packages = append(inv.Packages, p)
		return nil
	})
}

func licenses(raw json.RawMessage) []string {
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return many
	}
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{one}
	}
	return nil
}
