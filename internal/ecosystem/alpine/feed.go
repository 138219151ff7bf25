// SPDX-License-Identifier: Apache-2.0

package alpine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feeds in secdb's format, a JSON document a repository:
// which version of an origin package fixed which flaws. Format:
// https://secdb.alpinelinux.org.
//
// The data of Wolfi and Chainguard may be read by who is allowed to have it;
// their licence forbids to hand it on, so that no starter database holds it.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{
		{
			Name:      "alpine-secdb",
			Publisher: "Alpine Linux",
			License:   "public data, no licence stated",
			URL:       "https://secdb.alpinelinux.org",
			Starter:   true,
			Parse:     parser(""),
		},
		{
			Name:      "chainguard-secdb",
			Publisher: "Chainguard",
			License:   "CC-BY-NC-ND-4.0",
			URL:       "https://packages.cgr.dev/chainguard/security.json",
			Parse:     parser("chainguard"),
		},
		{
			Name:      "wolfi-secdb",
			Publisher: "Chainguard",
			License:   "CC-BY-NC-ND-4.0",
			URL:       "https://packages.wolfi.dev/os/security.json",
			Parse:     parser("wolfi"),
		},
	}
}

// secdb is a document. Secfixes maps a version to the ids of what it fixed;
// "0" to what never was in the package.
type secdb struct {
	Release  string `json:"distroversion"`
	Packages *[]struct {
		Pkg struct {
			Name     string                     `json:"name"`
			Secfixes map[string]json.RawMessage `json:"secfixes"`
		} `json:"pkg"`
	} `json:"packages"`
}

// parser reads the documents into the world, or, where that is empty, into the
// Alpine release that each names.
func parser(world string) func(context.Context, iter.Seq2[sekisho.FeedFile, error], sekisho.FeedSink) error {
	return func(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
		for f, err := range files {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if strings.HasSuffix(f.Path, ".json") {
				parseSecdb(world, f, out)
			}
		}
		return nil
	}
}

func parseSecdb(world string, f sekisho.FeedFile, out sekisho.FeedSink) {
	var doc secdb
	if err := json.Unmarshal(f.Data, &doc); err != nil {
		out.Problem(f.Path, fmt.Errorf("read the document: %w", err))
		return
	}
	if doc.Packages == nil {
		out.Problem(f.Path, errors.New("has no packages: it is no document of a secdb"))
		return
	}
	if world == "" {
		var ok bool
		if world, ok = worldOf(doc.Release); !ok {
			out.Problem(f.Path, fmt.Errorf("distroversion is %q, neither vN.N nor edge", doc.Release))
			return
		}
	}
	for _, p := range *doc.Packages {
		if p.Pkg.Name == "" {
			out.Problem(f.Path, errors.New("a package has no name"))
			continue
		}
		emitPackage(world, p.Pkg.Name, p.Pkg.Secfixes, f.Path, out)
	}
}

// worldOf is the world of a distroversion, "v3.20" or "edge".
func worldOf(release string) (string, bool) {
	if release == "edge" {
		return "alpine/edge", true
	}
	number, ok := strings.CutPrefix(release, "v")
	major, minor, _ := strings.Cut(number, ".")
	isNumber := func(s string) bool { return s != "" && len(s) <= 4 && strings.Trim(s, "0123456789") == "" }
	return "alpine/" + number, ok && isNumber(major) && isNumber(minor)
}

// emitPackage gives a row a version and flaw. A flaw that two versions fixed
// (the first not well enough) has two rows; one that is also called "0" in the
// same package has only those of its versions, because the worse news counts.
func emitPackage(world, name string, secfixes map[string]json.RawMessage, file string, out sekisho.FeedSink) {
	versions := slices.Sorted(maps.Keys(secfixes))
	flaws := make([][]identity, len(versions))
	fixed := map[string]bool{}
	for i, version := range versions {
		if version == "" || strings.ContainsFunc(version, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
			out.Problem(file, fmt.Errorf("%s: %q is no version", name, version))
			continue
		}
		var entries []string
		if err := json.Unmarshal(secfixes[version], &entries); err != nil {
			out.Problem(file, fmt.Errorf("%s %s: read the ids: %w", name, version, err))
			continue
		}
		seen := map[string]int{}
		for _, entry := range entries {
			found := identify(entry)
			if len(found) == 0 {
				out.Problem(file, fmt.Errorf("%s %s: %q holds no id", name, version, entry[:min(len(entry), maxEntry)]))
			}
			for _, id := range found {
				if at, had := seen[id.id]; had {
					had := &flaws[i][at]
					for _, alias := range id.aliases {
						if len(had.aliases) < maxAliases && !slices.Contains(had.aliases, alias) {
							had.aliases = append(had.aliases, alias)
						}
					}
					continue
				}
				seen[id.id] = len(flaws[i])
				flaws[i] = append(flaws[i], id)
				fixed[id.id] = fixed[id.id] || version != "0"
			}
		}
	}
	for i, version := range versions {
		for _, id := range flaws[i] {
			a := sekisho.Advisory{World: world, Package: name, BySource: true, ID: id.id, Aliases: id.aliases}
			switch {
			case version != "0":
				a.Status, a.Ranges = sekisho.StatusFixed, []sekisho.Range{{Fixed: version}}
			case fixed[id.id]:
				continue
			default:
				a.Status = sekisho.StatusNotAffected
			}
			out.Advisory(&a)
		}
	}
}

// maxEntry and maxAliases bound an entry, in bytes, and a flaw's other names.
// Real entries have less than a hundred bytes.
const (
	maxEntry   = 512
	maxAliases = 64
)

// identity is a flaw as an entry names it.
type identity struct {
	id      string
	aliases []string
}

var (
	// cveID also takes the spellings "CVE_2019-2426" and "CVE 2025-48379", and
	// "CVE-2017-17434-1", which names one patch of several.
	cveID = pattern.New(`\bCVE[-_ ](\d{4})-(\d{4,19})\b`)
	// otherID are the ids of the publishers that aports and Wolfi refer to.
	otherID = pattern.New(`\b(?:` +
		`(?:GHSA|CGA)(?:-[0-9a-z]{4}){3}|` +
		`XSA-\d{1,6}|ALPINE-\d{1,9}|TEMP-\d{1,9}-[0-9A-Fa-f]{6}|` +
		`(?:RUSTSEC|GO|TALOS|GHSL|TS|YSA|ELEMENTSEC|PYSEC)-\d{4}-\d{1,6}|` +
		`GNUTLS-SA-\d{4}(?:-\d{1,4}){1,3}|wnpa-sec-\d{4}-\d{1,4}|` +
		`ZDI-CAN-\d{1,9}|ZBX-\d{1,9}|VSV\d{5}|DW\d{6}-\d{3}` +
		`)\b`)
)

// identify takes the ids out of an entry: "CVE-2024-1", "CVE-2016-10013
// XSA-204", "CVE-2026-47215 / GHSA-wqcr-7rf3-f64m", "CVE-2018-14461 (LDP)".
// Each CVE is a flaw of its own, and what stands beside it another name of it
// (an XSA is one of several). Without a CVE the first id stands for the flaw.
func identify(entry string) []identity {
	if len(entry) > maxEntry {
		return nil
	}
	var found []identity
	names := func(id string) bool {
		return slices.ContainsFunc(found, func(had identity) bool { return had.id == id })
	}
	for _, m := range cveID.FindAllStringSubmatch(entry, -1) {
		if id := "CVE-" + m[1] + "-" + m[2]; !names(id) {
			found = append(found, identity{id: id})
		}
	}
	var others []string
	for _, id := range otherID.FindAllString(entry, -1) {
		if !slices.Contains(others, id) {
			others = append(others, id)
		}
	}
	if len(found) == 0 && len(others) > 0 {
		return []identity{{id: others[0], aliases: append([]string(nil), others[1:]...)}}
	}
	for i := range found {
		found[i].aliases = slices.Clone(others)
	}
	return found
}
