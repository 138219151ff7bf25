// SPDX-License-Identifier: Apache-2.0

// Package r knows the world of CRAN and Bioconductor: renv's lock file and the
// packages of an R library. It runs no R and judges nothing.
package r

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/lockfile"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this ecosystem.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{renvLock{}, description{}} }

// bioconductor has advisories of its own, apart from CRAN's.
const bioconductor = "bioconductor"

func pkg(repository, name, version string) sekisho.Package {
	return sekisho.Package{
		PURL:      sekisho.PURL{Type: repository, Name: name, Version: version}.String(),
		Ecosystem: repository,
		Name:      name,
		Version:   version,
	}
}

// renvLock reads renv.lock: "Packages" by name, with version and source. See
// https://rstudio.github.io/renv/reference/lockfiles.html.
type renvLock struct{}

func (renvLock) Name() string { return "r/renv-lock" }
func (renvLock) Version() int { return 1 }

func (renvLock) Wants(f *sekisho.File) bool {
	return f.Type == sekisho.TypeRegular && strings.HasSuffix(f.Path, "renv.lock") &&
		(len(f.Path) == len("renv.lock") || strings.HasSuffix(f.Path, "/renv.lock"))
}

func (renvLock) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	j := lockfile.NewJSON(b)
	err = j.Object(ctx, func(key string, _ int) error {
		if key != "Packages" {
			return j.Skip()
		}
		return j.Object(ctx, func(_ string, line int) error {
			var e struct{ Package, Version, Source string }
			if err := j.Decode(&e); err != nil {
				return err
			}
			if e.Package == "" || e.Version == "" {
				return nil
			}
			repository := sekisho.EcosystemCRAN
			if e.Source == "Bioconductor" {
				repository = bioconductor
			}
			p := pkg(repository, e.Package, e.Version)
			p.Line = line
			inv.Packages = append(inv.Packages, p)
			return nil
		})
	})
	if err != nil {
		err = fmt.Errorf("read renv lock: %w", err)
	}
	return inv, err
}

// description reads LIBRARY/NAME/DESCRIPTION of installed packages, which R
// marks with a Built field. R's own base packages are part of R and left out.
// See https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file.
type description struct{}

func (description) Name() string { return "r/description" }
func (description) Version() int { return 1 }

// Wants files in a library: "site-library/NAME/DESCRIPTION", and renv's
// "library/R-4.2/PLATFORM/NAME/DESCRIPTION".
func (description) Wants(f *sekisho.File) bool {
	return strings.HasSuffix(f.Path, "/DESCRIPTION") && f.Type == sekisho.TypeRegular && strings.Contains(f.Path, "library/")
}

var errDescription = errors.New("description of an R package has no Package or Version field")

func (description) Extract(ctx context.Context, in *sekisho.Input) (inv sekisho.Inventory, err error) {
	b, err := in.Bytes()
	if err != nil {
		return inv, err
	}
	var name, version, license, priority string
	built := false
	repository := sekisho.EcosystemCRAN
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
		if len(line) == 0 || line[0] == ' ' || line[0] == '\t' {
			continue // the continuation of a field
		}
		key, value, ok := bytes.Cut(line, []byte{':'})
		if !ok || len(value) > 1024 {
			continue
		}
		value = bytes.TrimSpace(value)
		switch string(key) {
		case "Package":
			name = string(value)
		case "Version":
			version = string(value)
		case "License":
			license = string(value)
		case "Priority":
			priority = string(value)
		case "Built":
			built = true
		case "biocViews":
			repository = bioconductor
		}
	}
	switch {
	case priority == "base" || !built && name != "":
		return inv, nil
	case name == "" || version == "":
		return inv, errDescription
	}
	p := pkg(repository, name, version)
	if license != "" {
		p.Licenses = []string{license}
	}
	inv.Packages = append(inv.Packages, p)
	return inv, nil
}
