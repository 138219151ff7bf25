// SPDX-License-Identifier: Apache-2.0

// Package oval reads the part of OVAL 5 that publishers of rpm advisories use:
// definitions, and the rpminfo tests that their criteria name. It must not
// know a publisher: what a definition means is for the feeds to say.
package oval

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Document is one file, without its prose.
// https://oval.mitre.org/language/version5.11/
type Document struct {
	// Date of the generator's timestamp, "2025-02-24"; empty where there is none.
	Date        string
	Definitions []Definition

	tests   map[string]test
	objects map[string]string
	states  map[string]state
}

// Definition is one advisory.
type Definition struct {
	ID         string      `xml:"id,attr"`
	Class      string      `xml:"class,attr"`
	Title      string      `xml:"metadata>title"`
	References []Reference `xml:"metadata>reference"`
	// Severity and Issued are where Oracle has them.
	Severity string `xml:"metadata>advisory>severity"`
	Issued   struct {
		Date string `xml:"date,attr"`
	} `xml:"metadata>advisory>issued"`
	CVEs []string `xml:"metadata>advisory>cve"`
	// Patchable, AdvisoryDate and Rating are where Azure Linux has them.
	Patchable    string   `xml:"metadata>patchable"`
	AdvisoryDate string   `xml:"metadata>advisory_date"`
	Rating       string   `xml:"metadata>severity"`
	Criteria     Criteria `xml:"criteria"`
}

// Reference names the advisory elsewhere: source "CVE", "elsa".
type Reference struct {
	Source string `xml:"source,attr"`
	ID     string `xml:"ref_id,attr"`
}

// Criteria joins conditions with AND (the default) or OR.
type Criteria struct {
	Operator   string      `xml:"operator,attr"`
	Negate     string      `xml:"negate,attr"`
	Criteria   []Criteria  `xml:"criteria"`
	Criterions []Criterion `xml:"criterion"`
}

// Or is true when one of the conditions is enough.
func (c *Criteria) Or() bool { return strings.EqualFold(c.Operator, "OR") }

// Negated is true when the conditions must not hold.
func (c *Criteria) Negated() bool { return c.Negate == "true" || c.Negate == "1" }

// Criterion is one condition: a test, and what it means in words.
type Criterion struct {
	Test    string `xml:"test_ref,attr"`
	Comment string `xml:"comment,attr"`
	Negate  string `xml:"negate,attr"`
}

// Negated is true when the test must not hold.
func (c *Criterion) Negated() bool { return c.Negate == "true" || c.Negate == "1" }

// Version is a test that compares an installed package's version.
type Version struct {
	Package string
	// Operation is OVAL's: "less than", "less than or equal", "greater than".
	Operation string
	// EVR is "epoch:version-release" as the file has it.
	EVR string
	// Arches that the test is limited to; empty for all.
	Arches []string
}

// ErrNoTest says that a criterion names a test, object or state that the file
// does not have, or one that compares no version.
var ErrNoTest = errors.New("no test of a version")

// Version resolves a criterion's test.
func (d *Document) Version(ref string) (Version, error) {
	t, ok := d.tests[ref]
	if !ok {
		return Version{}, fmt.Errorf("test %q: %w", ref, ErrNoTest)
	}
	v := Version{Package: d.objects[t.Object.Ref]}
	for _, ref := range t.States {
		s := d.states[ref.Ref]
		if s.EVR.Value != "" {
			v.Operation, v.EVR = s.EVR.Operation, strings.TrimSpace(s.EVR.Value)
		}
		if a := strings.Trim(s.Arch, "^()$ "); a != "" {
			v.Arches = strings.Split(a, "|")
		}
	}
	if v.Package == "" || v.EVR == "" {
		return Version{}, fmt.Errorf("test %q: %w", ref, ErrNoTest)
	}
	return v, nil
}

type test struct {
	ID     string `xml:"id,attr"`
	Object struct {
		Ref string `xml:"object_ref,attr"`
	} `xml:"object"`
	States []struct {
		Ref string `xml:"state_ref,attr"`
	} `xml:"state"`
}

type object struct {
	ID   string `xml:"id,attr"`
	Name string `xml:"name"`
}

type state struct {
	ID  string `xml:"id,attr"`
	EVR struct {
		Operation string `xml:"operation,attr"`
		Value     string `xml:",chardata"`
	} `xml:"evr"`
	Arch string `xml:"arch"`
}

// errNotOVAL says that the root element is another format's.
var errNotOVAL = errors.New("not an OVAL file")

// Parse reads a file. A document that ends early or is no OVAL is an error:
// tests follow the definitions, so that a part of a file says nothing.
func Parse(ctx context.Context, data []byte) (*Document, error) {
	d := &Document{tests: map[string]test{}, objects: map[string]string{}, states: map[string]state{}}
	x := xml.NewDecoder(bytes.NewReader(data))
	root := false
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		tok, err := x.Token()
		if errors.Is(err, io.EOF) {
			if !root {
				return nil, errNotOVAL
			}
			return d, nil
		}
		if err != nil {
			return nil, err
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if !root {
			if e.Name.Local != "oval_definitions" {
				return nil, errNotOVAL
			}
			root = true
			continue
		}
		if err := d.element(x, &e); err != nil {
			return nil, err
		}
	}
}

func (d *Document) element(x *xml.Decoder, e *xml.StartElement) error {
	switch e.Name.Local {
	case "timestamp":
		var s string
		if err := x.DecodeElement(&s, e); err != nil {
			return err
		}
		d.Date = Day(s)
	case "definition":
		var def Definition
		if err := x.DecodeElement(&def, e); err != nil {
			return err
		}
		d.Definitions = append(d.Definitions, def)
	case "rpminfo_test":
		var t test
		if err := x.DecodeElement(&t, e); err != nil {
			return err
		}
		d.tests[t.ID] = t
	case "rpminfo_object":
		var o object
		if err := x.DecodeElement(&o, e); err != nil {
			return err
		}
		d.objects[o.ID] = strings.TrimSpace(o.Name)
	case "rpminfo_state":
		var s state
		if err := x.DecodeElement(&s, e); err != nil {
			return err
		}
		d.states[s.ID] = s
	}
	return nil
}

// Day is the date at the start of a timestamp: "2025-02-24T13:05:27Z" gives
// "2025-02-24"; empty where there is none.
func Day(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return ""
	}
	for i := range 10 {
		if i != 4 && i != 7 && (s[i] < '0' || s[i] > '9') {
			return ""
		}
	}
	return s[:10]
}
