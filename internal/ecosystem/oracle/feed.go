// SPDX-License-Identifier: Apache-2.0

// Package oracle knows the advisories of Oracle Linux. It reads no package
// database: those are plain rpm.
package oracle

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/ecosystem/oval"
	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed "oracle-oval": the errata (ELSA) of Oracle Linux,
// worlds "oracle/5" and up, by binary package. Builds for Ksplice and those
// validated for FIPS are in the channels "ksplice" and "fips".
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "oracle-oval",
		Publisher: "Oracle Linux",
		License:   "Copyright Oracle, Inc.",
		URL:       "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2",
		Parse:     parse,
	}}
}

func parse(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		if !strings.HasSuffix(f.Path, ".xml") {
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
			if err := definition(doc, &doc.Definitions[i], out); err != nil {
				out.Problem(f.Path, fmt.Errorf("read %s: %w", doc.Definitions[i].ID, err))
			}
		}
	}
	return nil
}

var (
	errNoELSA   = errors.New("no ELSA id")
	errCriteria = errors.New("criteria of another shape")

	title = pattern.New(`^EL[SB]A-[0-9]+-[0-9]+`)
)

// definition states the rows of one erratum: what could be read of it, beside
// an error for the rest.
func definition(doc *oval.Document, d *oval.Definition, out sekisho.FeedSink) error {
	a := sekisho.Advisory{
		ID:        title.FindString(strings.TrimSpace(d.Title)),
		Status:    sekisho.StatusFixed,
		Severity:  severity(d.Severity),
		Urgency:   d.Severity,
		Published: oval.Day(d.Issued.Date),
	}
	if a.Urgency == "N/A" {
		a.Urgency = ""
	}
	for _, r := range d.References {
		switch {
		case r.Source == "CVE" && !slices.Contains(a.Aliases, r.ID):
			a.Aliases = append(a.Aliases, r.ID)
		case strings.EqualFold(r.Source, "elsa"):
			a.ID = r.ID
		}
	}
	for _, id := range d.CVEs {
		if !slices.Contains(a.Aliases, id) {
			a.Aliases = append(a.Aliases, id)
		}
	}
	if a.ID == "" {
		return errNoELSA
	}
	if a.Published != "" {
		out.Date(a.Published)
	}
	w := walk{doc: doc, index: map[row]int{}}
	w.criteria(&d.Criteria, limits{})
	for i := range w.rows {
		r := &w.rows[i]
		a.World, a.Package, a.Module = "oracle/"+r.release, r.name, r.module
		a.Ranges = []sekisho.Range{{Fixed: r.evr}}
		a.Channel = channel(r.evr)
		a.Arches = w.arches[i]
		out.Advisory(&a)
	}
	if len(w.rows) == 0 && w.err == nil {
		return fmt.Errorf("%s: %w", a.ID, errCriteria)
	}
	return w.err
}

// limits are the conditions that hold for all that stands below them.
type limits struct{ release, module, arch string }

type row struct{ release, module, name, evr string }

// walk gathers the versions that an erratum's criteria compare.
type walk struct {
	doc    *oval.Document
	rows   []row
	arches [][]string
	index  map[row]int
	err    error
}

var (
	installed = pattern.New(`^Oracle Linux ([0-9]+) is installed$`)
	arch      = pattern.New(`^Oracle Linux arch is (\S+)$`)
	enabled   = pattern.New(`^Module (\S+:\S+) is enabled$`)
)

// criteria walks down. encoding/xml bounds the depth.
func (w *walk) criteria(c *oval.Criteria, in limits) {
	if c.Negated() {
		w.err = errCriteria
		return
	}
	var tests []*oval.Criterion
	for i := range c.Criterions {
		t := &c.Criterions[i]
		switch {
		case t.Negated():
			w.err = errCriteria
			return
		case strings.Contains(t.Comment, "is signed with"):
			// Who signed an installed package is not looked at.
		case installed.MatchString(t.Comment):
			in.release = installed.FindStringSubmatch(t.Comment)[1]
		case arch.MatchString(t.Comment):
			in.arch = arch.FindStringSubmatch(t.Comment)[1]
		case enabled.MatchString(t.Comment):
			in.module = enabled.FindStringSubmatch(t.Comment)[1]
		default:
			tests = append(tests, t)
		}
	}
	for _, t := range tests {
		w.test(t, in)
	}
	for i := range c.Criteria {
		w.criteria(&c.Criteria[i], in)
	}
}

func (w *walk) test(t *oval.Criterion, in limits) {
	v, err := w.doc.Version(t.Test)
	if err == nil && (v.Operation != "less than" || in.release == "") {
		err = fmt.Errorf("%s: %w", t.Test, errCriteria)
	}
	if err != nil {
		w.err = err
		return
	}
	// The publisher's flat copies name the stream before the package.
	if module, name, ok := strings.Cut(v.Package, "::"); ok {
		in.module, v.Package = module, name
	}
	if in.arch != "" {
		v.Arches = []string{in.arch}
	}
	k := row{in.release, in.module, v.Package, v.EVR}
	i, ok := w.index[k]
	if !ok {
		i = len(w.rows)
		w.index[k], w.rows, w.arches = i, append(w.rows, k), append(w.arches, nil)
	}
	if len(v.Arches) == 0 || ok && len(w.arches[i]) == 0 {
		w.arches[i] = nil
		return
	}
	w.arches[i] = widen(w.arches[i], v.Arches)
}

// widen adds the arches of packages that a machine of the arches given can
// have: Oracle names the machine's.
func widen(have, machine []string) []string {
	for _, m := range machine {
		have = append(have, m, "noarch")
		if m == "x86_64" || m == "i386" || m == "i686" {
			have = append(have, "i386", "i686")
		}
	}
	slices.Sort(have)
	return slices.Compact(have)
}

var fips = pattern.New(`[._]fips`)

func channel(evr string) string {
	switch {
	case strings.Contains(evr, "ksplice"):
		return "ksplice"
	case fips.MatchString(evr):
		return "fips"
	}
	return ""
}

func severity(word string) sekisho.Severity {
	switch strings.ToUpper(word) {
	case "CRITICAL":
		return sekisho.SeverityCritical
	case "IMPORTANT":
		return sekisho.SeverityHigh
	case "MODERATE":
		return sekisho.SeverityMedium
	case "LOW":
		return sekisho.SeverityLow
	}
	return sekisho.SeverityUnknown
}
