// SPDX-License-Identifier: Apache-2.0

// Package rocky knows the advisories of Rocky Linux in the format of its own
// errata service. It reads no package database: those are plain rpm; and not
// the publisher's OSV export, which names source packages only.
package rocky

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

	"github.com/google/osv-scalibr/semantic"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed "rocky": worlds "rocky/8" and up, by binary package.
// What the cloud interest group rebuilds is in the channel "sig-cloud".
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "rocky",
		Publisher: "Rocky Linux",
		License:   "BSD-3-Clause",
		URL:       "https://errata.rockylinux.org/api/v2/advisories",
		Parse:     parse,
	}}
}

// erratum is one advisory of https://errata.rockylinux.org/api/v2/advisories.
type erratum struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Severity    string `json:"severity"`
	Synopsis    string `json:"synopsis"`
	PublishedAt string `json:"publishedAt"`
	CVEs        []struct {
		Name   string `json:"name"`
		Vector string `json:"cvss3ScoringVector"`
		Score  string `json:"cvss3BaseScore"`
		CWE    string `json:"cwe"`
	} `json:"cves"`
	RPMs map[string]struct {
		NVRAs []string `json:"nvras"`
	} `json:"rpms"`
}

// document is a file: an erratum alone or as the service answers for one, or
// a page of them.
type document struct {
	erratum
	Advisory   *erratum  `json:"advisory"`
	Advisories []erratum `json:"advisories"`
}

func parse(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if path.Ext(f.Path) != ".json" || slices.Contains(strings.Split(f.Path, "/"), "rocky-osv") {
			continue
		}
		var d document
		if err := json.Unmarshal(f.Data, &d); err != nil {
			out.Problem(f.Path, fmt.Errorf("read erratum: %w", err))
			continue
		}
		all := d.Advisories
		switch {
		case d.Advisory != nil:
			all = append(all, *d.Advisory)
		case all == nil:
			all = []erratum{d.erratum}
		}
		for i := range all {
			if err := all[i].rows(out); err != nil {
				out.Problem(f.Path, fmt.Errorf("read erratum %q: %w", all[i].Name, err))
			}
		}
	}
	return nil
}

var (
	errNoName    = errors.New("no name")
	errNoProduct = errors.New("unknown product")
	errNoNVRA    = errors.New("not NAME-EPOCH:VERSION-RELEASE.ARCH.rpm")

	product = pattern.New(`^Rocky Linux (SIG Cloud )?([0-9]+)$`)
	// stream is how the first line of an erratum names a module's stream:
	// "Moderate: virt:rhel and virt-devel:rhel security update".
	stream = pattern.New(`(?:^|\s)([\w.+-]+:[\w.+-]+)(?:/\S+)?`)
)

// rows states what the erratum says; the error tells of the parts that it
// could not read.
func (e *erratum) rows(out sekisho.FeedSink) error {
	if e.Name == "" {
		return errNoName
	}
	if e.Type != "" && e.Type != "TYPE_SECURITY" {
		return nil
	}
	a := sekisho.Advisory{ID: e.Name, Status: sekisho.StatusFixed, Published: day(e.PublishedAt)}
	a.Severity, a.Urgency = severity(e.Severity)
	if a.Published != "" {
		out.Date(a.Published)
	}
	e.flaws(&a, out)
	var modules []string
	for _, m := range stream.FindAllStringSubmatch(e.Synopsis, -1) {
		modules = append(modules, m[1])
	}
	var bad error
	names := make([]string, 0, len(e.RPMs))
	for name := range e.RPMs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m := product.FindStringSubmatch(name)
		if m == nil {
			bad = fmt.Errorf("%q: %w", name, errNoProduct)
			continue
		}
		a.World, a.Channel = "rocky/"+m[2], ""
		if m[1] != "" {
			a.Channel = "sig-cloud"
		}
		fixed, err := builds(e.RPMs[name].NVRAs)
		if err != nil {
			bad = err
		}
		for _, b := range fixed {
			a.Package, a.Arches = b.name, b.arches
			a.Ranges = []sekisho.Range{{Fixed: b.evr}}
			a.Module = ""
			if !strings.Contains(b.evr, ".module+el") || len(modules) == 0 {
				out.Advisory(&a)
				continue
			}
			// Which of two streams a package is of, the erratum does not say:
			// it is a row in each, and only that of its own can match.
			for _, a.Module = range modules {
				out.Advisory(&a)
			}
		}
	}
	return bad
}

// flaws states the CVEs of an erratum and adds them to its rows.
func (e *erratum) flaws(a *sekisho.Advisory, out sekisho.FeedSink) {
	for _, c := range e.CVEs {
		if c.Name == "" || slices.Contains(a.Aliases, c.Name) {
			continue
		}
		a.Aliases = append(a.Aliases, c.Name)
		cve := sekisho.CVE{ID: c.Name}
		if score, err := strconv.ParseFloat(c.Score, 64); err == nil && score >= 0 && score <= 10 && strings.HasPrefix(c.Vector, "CVSS:") {
			cve.CVSS = []sekisho.CVSS{{Source: "rocky", Vector: c.Vector, Score: score}}
		}
		if strings.HasPrefix(c.CWE, "CWE-") {
			cve.CWEs = []string{c.CWE}
		}
		if cve.CVSS != nil || cve.CWEs != nil {
			out.CVE(&cve)
		}
	}
}

// build is one fixed version of a binary package.
type build struct {
	name, evr string
	arches    []string
}

var nvra = pattern.New(`^([^\s:]+)-([0-9]+):([^-\s]+)-([^-\s]+)\.([^.\s]+)\.rpm$`)

// builds gives the fixed versions by package. An erratum whose packages were
// built again for a later release names both builds; both hold the fix, so
// the older one is the first fixed version.
func builds(nvras []string) ([]build, error) {
	type key struct{ name, arch string }
	oldest := map[key]string{}
	var bad error
	for _, s := range nvras {
		m := nvra.FindStringSubmatch(s)
		if m == nil {
			bad = fmt.Errorf("%q: %w", s, errNoNVRA)
			continue
		}
		k, evr := key{m[1], m[5]}, m[2]+":"+m[3]+"-"+m[4]
		if k.arch == "src" || debugSymbols(k.name) {
			continue
		}
		have, ok := oldest[k]
		if ok {
			n, err := semantic.ParseRedHatVersion(have).CompareStr(evr)
			if err != nil {
				bad = fmt.Errorf("compare %q: %w", s, err)
				continue
			}
			ok = n <= 0
		}
		if !ok {
			oldest[k] = evr
		}
	}
	type fixed struct{ name, evr string }
	arches := map[fixed][]string{}
	for k, evr := range oldest {
		f := fixed{k.name, evr}
		arches[f] = append(arches[f], k.arch)
	}
	all := make([]build, 0, len(arches))
	for f, on := range arches {
		slices.Sort(on)
		if slices.Contains(on, "noarch") {
			on = nil
		}
		all = append(all, build{f.name, f.evr, on})
	}
	slices.SortFunc(all, func(a, b build) int {
		if n := strings.Compare(a.name, b.name); n != 0 {
			return n
		}
		return strings.Compare(a.evr, b.evr)
	})
	return all, bad
}

// debugSymbols are never run, so no flaw is in them.
func debugSymbols(name string) bool {
	return strings.HasSuffix(name, "-debuginfo") || strings.HasSuffix(name, "-debugsource") || strings.Contains(name, "-debuginfo-")
}

func severity(word string) (sekisho.Severity, string) {
	word, _ = strings.CutPrefix(word, "SEVERITY_")
	switch word {
	case "CRITICAL":
		return sekisho.SeverityCritical, word
	case "IMPORTANT":
		return sekisho.SeverityHigh, word
	case "MODERATE":
		return sekisho.SeverityMedium, word
	case "LOW":
		return sekisho.SeverityLow, word
	case "UNKNOWN":
		word = ""
	}
	return sekisho.SeverityUnknown, word
}

var date = pattern.New(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)

func day(s string) string { return date.FindString(s) }
