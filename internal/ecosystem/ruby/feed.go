// SPDX-License-Identifier: Apache-2.0

package ruby

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

var errNoPackage = errors.New("no gem and no engine")

// Feeds returns the advisories of the Ruby community: a YAML file each, in
// gems/NAME and, about interpreters, rubies/ENGINE
// (https://github.com/rubysec/ruby-advisory-db#schema).
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name: "rubysec", Publisher: "Ruby Advisory Database", License: "public domain", Starter: true,
		URL: "https://github.com/rubysec/ruby-advisory-db", Parse: parseRubySec,
	}}
}

type rubysec struct {
	Gem        string   `yaml:"gem"`
	Engine     string   `yaml:"engine"`
	CVE        string   `yaml:"cve"`
	GHSA       string   `yaml:"ghsa"`
	OSVDB      string   `yaml:"osvdb"`
	Date       string   `yaml:"date"`
	CVSS2      float64  `yaml:"cvss_v2"`
	CVSS3      float64  `yaml:"cvss_v3"`
	CVSS4      float64  `yaml:"cvss_v4"`
	Patched    []string `yaml:"patched_versions"`
	Unaffected []string `yaml:"unaffected_versions"`
	Related    struct {
		CVE  []string `yaml:"cve"`
		GHSA []string `yaml:"ghsa"`
	} `yaml:"related"`
}

// parseRubySec gives a row for each advisory that leaves a version affected:
// of the world "gem", or, for an interpreter, of the world "binary", where
// "ruby", "jruby" and the others are packages.
func parseRubySec(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	return feedfile.Each(ctx, files, out, func(p string) bool {
		dir := "/" + path.Dir(path.Dir(p))
		return strings.HasSuffix(p, ".yml") && (strings.HasSuffix(dir, "/gems") || strings.HasSuffix(dir, "/rubies"))
	}, rubysecFile)
}

func rubysecFile(f sekisho.FeedFile, out sekisho.FeedSink) error {
	var r rubysec
	if err := feedfile.YAML(f, &r); err != nil {
		return err
	}
	row := sekisho.Advisory{
		World: sekisho.EcosystemGem, Package: r.Gem, ID: strings.TrimSuffix(path.Base(f.Path), ".yml"),
		Status: sekisho.StatusAffected, Severity: r.severity(), Published: feedfile.Day(r.Date),
	}
	switch {
	case r.Engine != "":
		row.World, row.Package = sekisho.EcosystemBinary, r.Engine
	case r.Gem == "":
		return errNoPackage
	}
	patched, err := requirement.Gem.Parse(r.Patched...)
	if err != nil {
		return fmt.Errorf("patched: %w", err)
	}
	unaffected, err := requirement.Gem.Parse(r.Unaffected...)
	if err != nil {
		return fmt.Errorf("unaffected: %w", err)
	}
	affected := patched.Or(unaffected).Not()
	if row.Published != "" {
		out.Date(row.Published)
	}
	if affected.Empty() {
		return nil
	}
	row.Ranges = affected.Ranges()
	if !patched.Empty() {
		row.Status = sekisho.StatusFixed
	}
	for _, id := range []struct{ prefix, number string }{{"CVE-", r.CVE}, {"GHSA-", r.GHSA}, {"OSVDB-", r.OSVDB}} {
		if id.number != "" && id.prefix+id.number != row.ID {
			row.Aliases = append(row.Aliases, id.prefix+id.number)
		}
	}
	out.Advisory(&row)
	return nil
}

// severity is the qualitative rating of the score that is there, of the newest
// version of CVSS (https://www.first.org/cvss/v3.1/specification-document,
// section 5; version 2 by NVD's bands). Vectors are not in this feed.
func (r *rubysec) severity() sekisho.Severity {
	score := r.CVSS4
	if score == 0 {
		score = r.CVSS3
	}
	switch {
	case score >= 9:
		return sekisho.SeverityCritical
	case score >= 7, score == 0 && r.CVSS2 >= 7:
		return sekisho.SeverityHigh
	case score >= 4, score == 0 && r.CVSS2 >= 4:
		return sekisho.SeverityMedium
	case score > 0, r.CVSS2 > 0:
		return sekisho.SeverityLow
	}
	return sekisho.SeverityUnknown
}
