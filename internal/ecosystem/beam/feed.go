// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/advisory/feedfile"
	"github.com/sekisho/sekisho/internal/ecosystem/requirement"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	errNoPackage  = errors.New("no id or no package")
	errNoVersions = errors.New("no versions are said to be vulnerable, patched or unaffected")
)

// Feeds returns the advisories of Hex packages: a YAML file each, in
// packages/NAME (https://github.com/mirego/elixir-security-advisories).
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name: "hex-elixir", Publisher: "Mirego Elixir security advisories", License: "BSD-3-Clause", Starter: true,
		URL: "https://github.com/mirego/elixir-security-advisories", Parse: parseHexAdvisories,
	}}
}

// hexAdvisory states the vulnerable versions and the first patched ones, or, in
// older files, the patched and the unaffected ones.
type hexAdvisory struct {
	ID         string    `yaml:"id"`
	CVE        string    `yaml:"cve"`
	Package    string    `yaml:"package"`
	Severity   string    `yaml:"severity"`
	Date       string    `yaml:"disclosure_date"`
	Vulnerable []string  `yaml:"vulnerable_version_ranges"`
	First      []*string `yaml:"first_patched_versions"`
	Patched    []string  `yaml:"patched_versions"`
	Unaffected []string  `yaml:"unaffected_versions"`
}

func parseHexAdvisories(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	return feedfile.Each(ctx, files, out, func(p string) bool {
		return strings.HasSuffix(p, ".yml") && strings.HasSuffix("/"+path.Dir(path.Dir(p)), "/packages")
	}, hexFile)
}

func hexFile(f sekisho.FeedFile, out sekisho.FeedSink) error {
	var h hexAdvisory
	if err := feedfile.YAML(f, &h); err != nil {
		return err
	}
	if h.ID == "" || h.Package == "" {
		return errNoPackage
	}
	row := sekisho.Advisory{
		World: sekisho.EcosystemHex, Package: strings.ToLower(h.Package), ID: h.ID,
		Status: sekisho.StatusAffected, Urgency: h.Severity, Published: feedfile.Day(h.Date),
	}
	if h.CVE != "" {
		row.Aliases = []string{"CVE-" + strings.TrimPrefix(h.CVE, "CVE-")}
	}
	switch word := strings.ToLower(h.Severity); word {
	case "moderate":
		row.Severity = sekisho.SeverityMedium
	case "":
	default:
		severity, err := sekisho.ParseSeverity(word)
		if err != nil {
			return err
		}
		row.Severity = severity
	}
	affected, patched, err := h.versions()
	if err != nil {
		return err
	}
	if row.Published != "" {
		out.Date(row.Published)
	}
	if affected.Empty() {
		return nil
	}
	if row.Ranges = affected.Fixed(patched); !patched.Empty() {
		row.Status = sekisho.StatusFixed
	}
	out.Advisory(&row)
	return nil
}

func (h *hexAdvisory) versions() (affected, patched requirement.Set, err error) {
	if len(h.Vulnerable) == 0 {
		if len(h.Patched)+len(h.Unaffected) == 0 {
			return affected, patched, errNoVersions
		}
		if patched, err = requirement.Hex.Parse(h.Patched...); err != nil {
			return affected, patched, fmt.Errorf("patched: %w", err)
		}
		unaffected, err := requirement.Hex.Parse(h.Unaffected...)
		if err != nil {
			return affected, patched, fmt.Errorf("unaffected: %w", err)
		}
		return patched.Or(unaffected).Not(), patched, nil
	}
	if affected, err = requirement.Hex.Parse(h.Vulnerable...); err != nil {
		return affected, patched, fmt.Errorf("vulnerable: %w", err)
	}
	// A range that has no fix has null in its place.
	var first []string
	for _, v := range h.First {
		if v != nil {
			first = append(first, "= "+*v)
		}
	}
	if patched, err = requirement.Hex.Parse(first...); err != nil {
		return affected, patched, fmt.Errorf("first patched: %w", err)
	}
	return affected, patched, nil
}
