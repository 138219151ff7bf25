// SPDX-License-Identifier: Apache-2.0

package php

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/advisory/feedfile"
	"github.com/sekisho/sekisho/internal/ecosystem/requirement"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	errNoPackage  = errors.New("no reference to composer://VENDOR/NAME")
	errNoBranches = errors.New("no branch with versions")
)

var (
	phpCVE    = pattern.New(`^CVE-\d{4}-\d{4,19}$`)
	phpVendor = pattern.New(`^[a-z0-9]([_.-]*[a-z0-9])*/[a-z0-9]([_.-]*[a-z0-9])*$`)
)

// Feeds returns the advisories that FriendsOfPHP gathers: a YAML file each, in
// VENDOR/NAME (https://github.com/FriendsOfPHP/security-advisories#contributing).
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name: "friendsofphp", Publisher: "FriendsOfPHP", License: "Unlicense", Starter: true,
		URL: "https://github.com/FriendsOfPHP/security-advisories", Parse: parseFriends,
	}}
}

type friends struct {
	Reference string `yaml:"reference"`
	CVE       string `yaml:"cve"`
	Branches  map[string]struct {
		Time     string   `yaml:"time"`
		Versions []string `yaml:"versions"`
	} `yaml:"branches"`
}

// parseFriends gives a row an advisory: its ranges are those of all branches,
// its id is the path of the file without ".yaml".
func parseFriends(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	return feedfile.Each(ctx, files, out, func(p string) bool {
		return strings.HasSuffix(p, ".yaml") && !strings.HasPrefix(path.Base(p), ".")
	}, friendsFile)
}

func friendsFile(f sekisho.FeedFile, out sekisho.FeedSink) error {
	var r friends
	if err := feedfile.YAML(f, &r); err != nil {
		return err
	}
	name, ok := strings.CutPrefix(strings.ToLower(r.Reference), "composer://")
	if !ok || !phpVendor.MatchString(name) {
		return fmt.Errorf("reference %q: %w", r.Reference, errNoPackage)
	}
	row := sekisho.Advisory{
		World: sekisho.EcosystemComposer, Package: name, Status: sekisho.StatusAffected,
		ID: name + "/" + strings.TrimSuffix(path.Base(f.Path), ".yaml"),
	}
	if phpCVE.MatchString(r.CVE) {
		row.Aliases = []string{r.CVE}
	}
	var clauses []string
	for branch, b := range r.Branches {
		if len(b.Versions) == 0 {
			return fmt.Errorf("branch %q: %w", branch, errNoBranches)
		}
		clauses = append(clauses, strings.Join(b.Versions, ","))
		if d := feedfile.Day(b.Time); d != "" && (row.Published == "" || d < row.Published) {
			row.Published = d
		}
	}
	affected, err := requirement.Composer.Parse(clauses...)
	if err != nil {
		return err
	}
	if affected.Empty() {
		return errNoBranches
	}
	row.Ranges = affected.Ranges()
	if slices.ContainsFunc(row.Ranges, func(r sekisho.Range) bool { return r.Fixed != "" }) {
		row.Status = sekisho.StatusFixed
	}
	if row.Published != "" {
		out.Date(row.Published)
	}
	out.Advisory(&row)
	return nil
}
