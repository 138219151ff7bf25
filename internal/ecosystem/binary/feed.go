// SPDX-License-Identifier: Apache-2.0

package binary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/advisory/feedfile"
	"github.com/sekisho/sekisho/internal/ecosystem/requirement"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var errNoModule = errors.New("no module_name")

var nodeCVE = pattern.New(`^CVE-\d{4}-\d{4,19}$`)

// Feeds returns those of programs: the flaws of Node.js itself, a JSON file
// each in vuln/core, and with them those of npm's modules, in vuln/npm
// (https://github.com/nodejs/security-wg/tree/main/vuln).
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name: "nodejs-core", Publisher: "Node.js Security Working Group", License: "MIT", Starter: true,
		URL: "https://github.com/nodejs/security-wg", Parse: parseNode,
	}}
}

// nodeFlaw is a file of either folder. Core has cve, vulnerable and patched.
type nodeFlaw struct {
	CVE        []string `json:"cve"`
	Vulnerable string   `json:"vulnerable"`
	Patched    string   `json:"patched"`
	Severity   string   `json:"severity"`
	Published  string   `json:"publish_date"`

	Module           string   `json:"module_name"`
	CVEs             []string `json:"cves"`
	ModuleVulnerable string   `json:"vulnerable_versions"`
	ModulePatched    *string  `json:"patched_versions"`
	Vector           *string  `json:"cvss_vector"`
	Updated          string   `json:"updated_at"`
}

// parseNode reads vuln/core/N.json as the package "node" of the world "binary"
// and vuln/npm/N.json as the world "npm". index.json repeats them all, and
// vuln/deps names no versions.
func parseNode(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		number, ok := strings.CutSuffix(path.Base(f.Path), ".json")
		if _, err := strconv.Atoi(number); err != nil || !ok {
			continue
		}
		read := nodeCore
		switch path.Base(path.Dir(f.Path)) {
		case "core":
		case "npm":
			read = nodeModule
		default:
			continue
		}
		var n nodeFlaw
		err = json.Unmarshal(f.Data, &n)
		if err == nil {
			err = read(&n, number, out)
		}
		if err != nil {
			out.Problem(f.Path, err)
		}
	}
	return ctx.Err()
}

// nodeCore makes one row of a flaw of Node.js: of the lines that are vulnerable,
// the versions that are not patched. A flaw without a CVE has the name
// "NODEJS-CORE-N", after its file.
func nodeCore(n *nodeFlaw, number string, out sekisho.FeedSink) error {
	row := sekisho.Advisory{World: sekisho.EcosystemBinary, Package: "node", ID: "NODEJS-CORE-" + number, Aliases: cves(n.CVE)}
	vulnerable, patched, err := nodeVersions(n.Vulnerable, n.Patched)
	if err != nil {
		return err
	}
	affected := vulnerable.And(patched.Not())
	if s, err := sekisho.ParseSeverity(n.Severity); err == nil {
		row.Severity, row.Urgency = s, n.Severity
	}
	nodeRow(&row, n, affected, patched, out)
	return nil
}

// nodeModule makes one row of a flaw of a module. Its vulnerable versions are
// all listed; the patched ones tell where the fix is. What is patched in
// "<0.0.0" has no fix.
func nodeModule(n *nodeFlaw, number string, out sekisho.FeedSink) error {
	if n.Module == "" {
		return errNoModule
	}
	row := sekisho.Advisory{World: sekisho.EcosystemNPM, Package: n.Module, ID: "NSWG-" + number, Aliases: cves(n.CVEs)}
	text := ""
	if n.ModulePatched != nil {
		text = *n.ModulePatched
	}
	affected, patched, err := nodeVersions(n.ModuleVulnerable, text)
	if err != nil {
		return err
	}
	if n.Vector != nil && *n.Vector != "" {
		row.CVSS = []string{*n.Vector}
	}
	if d := feedfile.Day(n.Updated); d != "" {
		row.Modified = d
	}
	nodeRow(&row, n, affected, patched, out)
	return nil
}

// nodeVersions reads both lists; an empty text of patched ones is none.
func nodeVersions(vulnerable, patched string) (v, p requirement.Set, err error) {
	if v, err = requirement.NPM.Parse(vulnerable); err != nil {
		return v, p, fmt.Errorf("vulnerable: %w", err)
	}
	if strings.TrimSpace(patched) == "" {
		p, err = requirement.NPM.Parse()
	} else {
		p, err = requirement.NPM.Parse(patched)
	}
	if err != nil {
		return v, p, fmt.Errorf("patched: %w", err)
	}
	return v, p, nil
}

func nodeRow(row *sekisho.Advisory, n *nodeFlaw, affected, patched requirement.Set, out sekisho.FeedSink) {
	// The modules' files stand still since 2020 and the core's have no day: the
	// newest of them is not the day of the data.
	row.Published = feedfile.Day(n.Published)
	if affected.Empty() {
		return
	}
	row.Status, row.Ranges = sekisho.StatusAffected, affected.Fixed(patched)
	if slices.ContainsFunc(row.Ranges, func(r sekisho.Range) bool { return r.Fixed != "" && patched.Has(r.Fixed) }) {
		row.Status = sekisho.StatusFixed
	}
	out.Advisory(row)
}

// cves are the ids of the list that are ones; the list has been typed by hand.
func cves(ids []string) []string {
	var out []string
	for _, id := range ids {
		if id = strings.ToUpper(strings.TrimSpace(id)); nodeCVE.MatchString(id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
