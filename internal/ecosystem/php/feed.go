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

	"go.yaml.in/yaml/v3"

	"github.com/sekisho/sekisho/internal/ecosystem/requirement"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// maxAdvisory bounds one advisory; the largest has 3 kB.
const maxAdvisory = 1 << 20

var (
	errNoPackage  = errors.New("no reference to composer://VENDOR/NAME")
	errNoBranches = errors.New("no branch with versions")
	errTooLarge   = fmt.Errorf("larger than %d MiB", maxAdvisory>>20)
)

var (
	phpDay    = pattern.New(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`)
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
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if strings.HasSuffix(f.Path, ".yaml") && !strings.HasPrefix(path.Base(f.Path), ".") {
			if err := friendsFile(f, out); err != nil {
				out.Problem(f.Path, err)
			}
		}
	}
	return ctx.Err()
}

func friendsFile(f sekisho.FeedFile, out sekisho.FeedSink) error {
	if len(f.Data) > maxAdvisory {
		return errTooLarge
	}
	var r friends
	if err := yaml.Unmarshal(f.Data, &r); err != nil {
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
		if d := phpDay.FindString(b.Time); d != "" && (row.Published == "" || d < row.Published) {
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
