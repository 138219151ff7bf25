// SPDX-License-Identifier: Apache-2.0

// Package azurelinux knows the advisories of Azure Linux and of CBL-Mariner,
// its older name. It reads no package database: those are plain rpm.
package azurelinux

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/oval"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed "azurelinux-oval": worlds "azurelinux/1.0",
// "azurelinux/2.0" (both once CBL-Mariner) and "azurelinux/3.0". Its packages
// are source packages: it says "python-urllib3" and "glibc" where the binary
// ones are python3-urllib3 and glibc-devel, and never names a subpackage.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "azurelinux-oval",
		Publisher: "Microsoft Azure Linux",
		License:   "MIT",
		URL:       "https://github.com/microsoft/AzureLinuxVulnerabilityData",
		Starter:   true,
		Parse:     parse,
	}}
}

// file is what the publisher names its files: "azurelinux-3.0-oval.xml",
// "cbl-mariner-2.0-oval.xml". The release is nowhere else in them.
var file = pattern.New(`^(?:cbl-mariner|azurelinux)-([0-9]+\.[0-9]+)-oval[^/]*\.xml$`)

func parse(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		m := file.FindStringSubmatch(path.Base(f.Path))
		if m == nil {
			continue
		}
		doc, err := oval.Parse(ctx, f.Data)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			out.Problem(f.Path, fmt.Errorf("read OVAL: %w", err))
			continue
		}
		if doc.Date != "" {
			out.Date(doc.Date)
		}
		for i := range doc.Definitions {
			d := &doc.Definitions[i]
			a, err := definition(doc, d)
			if err != nil {
				out.Problem(f.Path, fmt.Errorf("read %s: %w", d.ID, err))
				continue
			}
			a.World = "azurelinux/" + m[1]
			out.Advisory(a)
		}
	}
	return nil
}

var (
	errNoCVE     = errors.New("no CVE")
	errCriteria  = errors.New("criteria of another shape")
	errNoVersion = errors.New("no version")
)

// definition reads one: one CVE in one source package, whose tests all
// bound the same range.
func definition(doc *oval.Document, d *oval.Definition) (*sekisho.Advisory, error) {
	a := &sekisho.Advisory{
		BySource: true,
		Severity: severity(d.Rating),
		Urgency:  d.Rating,
		// When it was published: the files give no other date.
		Published: oval.Day(d.AdvisoryDate),
	}
	for _, r := range d.References {
		if r.Source == "CVE" && a.ID == "" {
			a.ID = strings.TrimSpace(r.ID)
		}
	}
	if a.ID == "" {
		return nil, errNoCVE
	}
	if d.Criteria.Or() || d.Criteria.Negated() || len(d.Criteria.Criteria) > 0 || len(d.Criteria.Criterions) == 0 {
		return nil, errCriteria
	}
	var r sekisho.Range
	for i := range d.Criteria.Criterions {
		c := &d.Criteria.Criterions[i]
		v, err := doc.Version(c.Test)
		if err != nil {
			return nil, err
		}
		if c.Negated() || a.Package != "" && a.Package != v.Package {
			return nil, errCriteria
		}
		a.Package = v.Package
		version, err := clean(v.EVR)
		if err != nil {
			return nil, err
		}
		switch v.Operation {
		case "less than":
			r.Fixed = version
		case "less than or equal":
			r.LastAffected = version
		case "greater than":
			// Only ever "greater than 0.0.0": from the very first.
			if version != "0:0.0.0" {
				return nil, fmt.Errorf("greater than %s: %w", version, errCriteria)
			}
		default:
			return nil, fmt.Errorf("operation %q: %w", v.Operation, errCriteria)
		}
	}
	switch {
	case d.Patchable == "Not Applicable":
		// The publisher's words: it no longer is, or never was, applicable.
		a.Status = sekisho.StatusNotAffected
		return a, nil
	case r.Fixed != "":
		a.Status = sekisho.StatusFixed
	case r.LastAffected != "":
		a.Status = sekisho.StatusAffected
	default:
		return nil, errCriteria
	}
	a.Ranges = []sekisho.Range{r}
	return a, nil
}

var dist = pattern.New(`\.(?:cm|azl)[0-9]+$`)

// clean repairs what the generator glues together: a blank after the epoch,
// "null" for no version, and a version without a release, whose distribution
// suffix would then count as part of the version ("0:0.9.0.cm2").
func clean(evr string) (string, error) {
	epoch, rest, ok := strings.Cut(evr, ":")
	if !ok {
		epoch, rest = "0", evr
	}
	rest = strings.TrimSpace(rest)
	bare := dist.ReplaceAllString(rest, "")
	if version, release, ok := strings.Cut(bare, "-"); !ok || release == "" {
		rest = version
	}
	if rest == "" || rest == "null" || strings.ContainsAny(rest, " \t\n") {
		return "", fmt.Errorf("version %q: %w", evr, errNoVersion)
	}
	return epoch + ":" + rest, nil
}

func severity(word string) sekisho.Severity {
	s, err := sekisho.ParseSeverity(word)
	if err != nil {
		return sekisho.SeverityUnknown
	}
	return s
}
