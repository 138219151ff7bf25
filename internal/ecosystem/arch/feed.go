// SPDX-License-Identifier: Apache-2.0

package arch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed of Arch Linux' security tracker: all.json, an array of
// advisory groups (AVG), or one group a file. The groups name the built
// packages, not their base, and no day. Format:
// https://security.archlinux.org/all.json.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "arch",
		Publisher: "Arch Linux",
		License:   "MIT",
		URL:       "https://security.archlinux.org/all.json",
		Parse:     parseGroups,
	}}
}

// group is an advisory group. Affected is the version that was looked at; older
// ones are taken to be affected too.
type group struct {
	Name       string   `json:"name"`
	Packages   []string `json:"packages"`
	Status     string   `json:"status"`
	Severity   string   `json:"severity"`
	Fixed      *string  `json:"fixed"`
	Issues     []string `json:"issues"`
	Advisories []string `json:"advisories"`
}

func parseGroups(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if !strings.HasSuffix(f.Path, ".json") {
			continue
		}
		raws := []json.RawMessage{f.Data}
		if bytes.HasPrefix(bytes.TrimLeft(f.Data, " \t\r\n"), []byte("[")) {
			if err := json.Unmarshal(f.Data, &raws); err != nil {
				out.Problem(f.Path, fmt.Errorf("read the groups: %w", err))
				continue
			}
		}
		for _, raw := range raws {
			var g group
			if err := json.Unmarshal(raw, &g); err != nil {
				out.Problem(f.Path, fmt.Errorf("read a group: %w", err))
				continue
			}
			if err := g.emit(out); err != nil {
				out.Problem(f.Path, err)
			}
		}
	}
	return nil
}

// maxIDs and maxPackages bound a group, whose rows are their product. Real ones
// have at most some hundred of the one and a dozen of the other.
const (
	maxIDs      = 2000
	maxPackages = 500
)

// emit calls out for each package of the group.
func (g *group) emit(out sekisho.FeedSink) error {
	number, ok := strings.CutPrefix(g.Name, "AVG-")
	if !ok || number == "" || len(number) > 9 || strings.Trim(number, "0123456789") != "" {
		return fmt.Errorf("the group's name is %q, not AVG-NUMBER", g.Name)
	}
	if ids := len(g.Issues) + len(g.Advisories); ids > maxIDs || len(g.Packages) > maxPackages {
		return fmt.Errorf("%s names %d issues and %d packages: no real group does", g.Name, ids, len(g.Packages))
	}
	a := sekisho.Advisory{World: "arch", ID: g.Name}
	severity, err := sekisho.ParseSeverity(g.Severity)
	if err != nil {
		return fmt.Errorf("%s: %w", g.Name, err)
	}
	if a.Severity = severity; severity != sekisho.SeverityUnknown {
		a.Urgency = strings.ToLower(g.Severity)
	}
	fixed := ""
	if g.Fixed != nil {
		fixed = *g.Fixed
	}
	if fixed != "" {
		a.Ranges = []sekisho.Range{{Fixed: fixed}}
	}
	switch g.Status {
	case "Fixed", "Testing":
		if a.Status = sekisho.StatusFixed; fixed == "" {
			return fmt.Errorf("%s is %s, by no version", g.Name, strings.ToLower(g.Status))
		}
		if g.Status == "Testing" {
			a.Channel = "testing" // the repository that has it so far
		}
	case "Vulnerable":
		a.Status = sekisho.StatusAffected
	case "Unknown":
		a.Status = sekisho.StatusInvestigating
	case "Not affected":
		a.Status, a.Ranges = sekisho.StatusNotAffected, nil
	default:
		return fmt.Errorf("%s has the status %q, which is not known", g.Name, g.Status)
	}
	for _, list := range [][]string{g.Issues, g.Advisories} {
		for _, id := range list {
			if id != "" && !slices.Contains(a.Aliases, id) {
				a.Aliases = append(a.Aliases, id)
			}
		}
	}
	slices.SortStableFunc(a.Aliases, func(x, y string) int { return rank(x) - rank(y) })
	for _, p := range g.Packages {
		if p == "" {
			return fmt.Errorf("%s: %w", g.Name, errors.New("a package has no name"))
		}
		a.Package = p
		out.Advisory(&a)
	}
	return nil
}

// rank puts the CVEs before every other id.
func rank(id string) int {
	if strings.HasPrefix(id, "CVE-") {
		return 0
	}
	return 1
}
