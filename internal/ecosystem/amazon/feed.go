// SPDX-License-Identifier: Apache-2.0

// Package amazon knows the advisories of Amazon Linux. It reads no package
// database: those are plain rpm.
package amazon

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feed "amazon-updateinfo": the updateinfo.xml of each
// repository, in a folder named "al1", "al2-core", "al2-extras-NAME" or
// "al2023-core". Worlds "amazon/1", "amazon/2" and "amazon/2023", by binary
// package; all but the core repositories are channels ("extras-php8.1").
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{{
		Name:      "amazon-updateinfo",
		Publisher: "Amazon Linux Security Center",
		License:   "Copyright Amazon Web Services, Inc.",
		URL:       "https://alas.aws.amazon.com/",
		Parse:     parse,
	}}
}

var folder = pattern.New(`^al([0-9]+)(?:-(\S+))?$`)

func parse(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		m := folder.FindStringSubmatch(path.Base(path.Dir(f.Path)))
		if m == nil || path.Base(f.Path) != "updateinfo.xml" {
			continue
		}
		a := sekisho.Advisory{World: "amazon/" + m[1], Channel: m[2], Status: sekisho.StatusFixed}
		if a.Channel == "core" {
			a.Channel = ""
		}
		if err := updates(ctx, f, a, out); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// update is one advisory of updateinfo.xml, as dnf and yum read it.
// https://github.com/rpm-software-management/createrepo_c
type update struct {
	Type       string      `xml:"type,attr"`
	ID         string      `xml:"id"`
	Issued     stamp       `xml:"issued"`
	Updated    stamp       `xml:"updated"`
	Severity   string      `xml:"severity"`
	References []reference `xml:"references>reference"`
	Packages   []pkg       `xml:"pkglist>collection>package"`
}

type stamp struct {
	Date string `xml:"date,attr"`
}

type reference struct {
	ID   string `xml:"id,attr"`
	Type string `xml:"type,attr"`
}

type pkg struct {
	Name    string `xml:"name,attr"`
	Epoch   string `xml:"epoch,attr"`
	Version string `xml:"version,attr"`
	Release string `xml:"release,attr"`
	Arch    string `xml:"arch,attr"`
}

var errNotUpdates = errors.New("not an updateinfo file")

// updates reads one file. What stands before damage counts; the error is the
// context's alone.
func updates(ctx context.Context, f sekisho.FeedFile, a sekisho.Advisory, out sekisho.FeedSink) error {
	x := xml.NewDecoder(bytes.NewReader(f.Data))
	root := false
	for {
		tok, err := x.Token()
		if errors.Is(err, io.EOF) && root {
			return nil
		}
		if err != nil {
			out.Problem(f.Path, fmt.Errorf("read updateinfo: %w", err))
			return nil
		}
		e, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case !root && e.Name.Local != "updates":
			out.Problem(f.Path, errNotUpdates)
			return nil
		case !root:
			root = true
		case e.Name.Local == "update":
			if ctx.Err() != nil {
				return ctx.Err()
			}
			var u update
			if err := x.DecodeElement(&u, &e); err != nil {
				out.Problem(f.Path, fmt.Errorf("read update: %w", err))
				return nil
			}
			if err := u.rows(a, out); err != nil {
				out.Problem(f.Path, fmt.Errorf("read update %q: %w", u.ID, err))
			}
		}
	}
}

var errNoPackage = errors.New("id, name or version is missing")

// rows states a row for each package name and version, the arches merged.
func (u *update) rows(a sekisho.Advisory, out sekisho.FeedSink) error {
	if u.Type != "" && u.Type != "security" {
		return nil
	}
	a.ID, a.Urgency, a.Severity = strings.TrimSpace(u.ID), u.Severity, severity(u.Severity)
	if a.ID == "" {
		return errNoPackage
	}
	a.Published, a.Modified = day(u.Issued.Date), day(u.Updated.Date)
	for _, d := range []string{a.Published, a.Modified} {
		if d != "" {
			out.Date(d)
		}
	}
	for _, r := range u.References {
		if r.Type == "cve" && !slices.Contains(a.Aliases, r.ID) {
			a.Aliases = append(a.Aliases, r.ID)
		}
	}
	type key struct{ name, evr string }
	var order []key
	arches := map[key][]string{}
	var bad error
	for _, p := range u.Packages {
		if p.Name == "" || p.Version == "" || p.Release == "" {
			bad = errNoPackage
			continue
		}
		if debugSymbols(p.Name) || p.Arch == "src" {
			continue
		}
		if p.Epoch == "" {
			p.Epoch = "0"
		}
		k := key{p.Name, p.Epoch + ":" + p.Version + "-" + p.Release}
		if _, ok := arches[k]; !ok {
			order = append(order, k)
		}
		arches[k] = append(arches[k], p.Arch)
	}
	for _, k := range order {
		a.Package, a.Ranges, a.Arches = k.name, []sekisho.Range{{Fixed: k.evr}}, arches[k]
		slices.Sort(a.Arches)
		if a.Arches = slices.Compact(a.Arches); slices.Contains(a.Arches, "noarch") || slices.Contains(a.Arches, "") {
			a.Arches = nil
		}
		out.Advisory(&a)
	}
	return bad
}

// debugSymbols are never run, so no flaw is in them.
func debugSymbols(name string) bool {
	return strings.HasSuffix(name, "-debuginfo") || strings.HasSuffix(name, "-debugsource") || strings.Contains(name, "-debuginfo-")
}

func severity(word string) sekisho.Severity {
	switch strings.ToLower(word) {
	case "critical":
		return sekisho.SeverityCritical
	case "important":
		return sekisho.SeverityHigh
	case "medium":
		return sekisho.SeverityMedium
	case "low":
		return sekisho.SeverityLow
	}
	return sekisho.SeverityUnknown
}

var date = pattern.New(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)

func day(s string) string { return date.FindString(strings.TrimSpace(s)) }
