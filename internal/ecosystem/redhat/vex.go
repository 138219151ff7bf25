// SPDX-License-Identifier: Apache-2.0

package redhat

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// csaf is the part of CSAF 2.0 that Red Hat's VEX files state facts in.
// https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html
type csaf struct {
	Document struct {
		Category string `json:"category"`
		Severity struct {
			Text string `json:"text"`
		} `json:"aggregate_severity"`
		Tracking struct {
			Initial string `json:"initial_release_date"`
			Current string `json:"current_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree struct {
		Branches      []branch       `json:"branches"`
		Relationships []relationship `json:"relationships"`
	} `json:"product_tree"`
	Vulnerabilities []vulnerability `json:"vulnerabilities"`
}

// branch is a node of the tree of products. encoding/json bounds the depth.
type branch struct {
	Branches []branch `json:"branches"`
	Product  *struct {
		ID     string `json:"product_id"`
		Helper struct {
			CPE  string `json:"cpe"`
			PURL string `json:"purl"`
		} `json:"product_identification_helper"`
	} `json:"product"`
}

type relationship struct {
	Whole struct {
		ID string `json:"product_id"`
	} `json:"full_product_name"`
	Component string `json:"product_reference"`
	Platform  string `json:"relates_to_product_reference"`
}

type vulnerability struct {
	CVE     string `json:"cve"`
	Release string `json:"release_date"`
	CWE     struct {
		ID string `json:"id"`
	} `json:"cwe"`
	Status struct {
		Fixed         []string `json:"fixed"`
		Affected      []string `json:"known_affected"`
		NotAffected   []string `json:"known_not_affected"`
		Investigating []string `json:"under_investigation"`
	} `json:"product_status"`
	Remediations []struct {
		Category string   `json:"category"`
		Details  string   `json:"details"`
		URL      string   `json:"url"`
		Products []string `json:"product_ids"`
	} `json:"remediations"`
	Scores []struct {
		CVSS struct {
			Vector string  `json:"vectorString"`
			Score  float64 `json:"baseScore"`
		} `json:"cvss_v3"`
	} `json:"scores"`
	Threats []struct {
		Category string   `json:"category"`
		Details  string   `json:"details"`
		Products []string `json:"product_ids"`
	} `json:"threats"`
}

// parseVEX reads a file a CVE, or lines of them in a ".jsonl".
func parseVEX(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		var docs [][]byte
		switch path.Ext(f.Path) {
		case ".json":
			docs = [][]byte{f.Data}
		case ".jsonl":
			docs = bytes.Split(f.Data, []byte("\n"))
		}
		for _, b := range docs {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if path.Ext(f.Path) == ".jsonl" && len(bytes.TrimSpace(b)) == 0 {
				continue
			}
			var d csaf
			if err := json.Unmarshal(b, &d); err != nil {
				out.Problem(f.Path, fmt.Errorf("read VEX: %w", err))
				continue
			}
			if err := d.rows(out); err != nil {
				out.Problem(f.Path, fmt.Errorf("read VEX: %w", err))
			}
		}
	}
	return nil
}

func (d *csaf) rows(out sekisho.FeedSink) error {
	if d.Document.Category != "csaf_vex" {
		return fmt.Errorf("category %q: %w", d.Document.Category, errNoRecord)
	}
	if day := day(d.Document.Tracking.Current); day != "" {
		out.Date(day)
	}
	t := newTree(d)
	var bad error
	for i := range d.Vulnerabilities {
		v := &d.Vulnerabilities[i]
		if !cve.MatchString(v.CVE) {
			bad = errNoID
			continue
		}
		if err := v.rows(d, t, out); err != nil {
			bad = fmt.Errorf("%s: %w", v.CVE, err)
		}
	}
	return bad
}

// said is what a vulnerability says of a product beside its status.
type said struct {
	details, category, erratum, impact string
}

func (v *vulnerability) rows(d *csaf, t *tree, out sekisho.FeedSink) error {
	a := sekisho.Advisory{BySource: true, Published: day(v.Release), Modified: day(d.Document.Tracking.Current)}
	if a.Published == "" {
		a.Published = day(d.Document.Tracking.Initial)
	}
	c := sekisho.CVE{ID: v.CVE, Published: a.Published, CWEs: cwes(v.CWE.ID)}
	for _, s := range v.Scores {
		if strings.HasPrefix(s.CVSS.Vector, "CVSS:") && !slices.Contains(a.CVSS, s.CVSS.Vector) {
			a.CVSS = append(a.CVSS, s.CVSS.Vector)
			c.CVSS = append(c.CVSS, sekisho.CVSS{Source: "redhat", Vector: s.CVSS.Vector, Score: s.CVSS.Score})
		}
	}
	out.CVE(&c)

	type key struct{ world, module, name, id, evr, status string }
	seen := map[key]bool{}
	about := v.about()
	emit := func(ids []string, status func(said) (string, bool)) error {
		var bad error
		for _, id := range ids {
			p, ok := t.product(id)
			if !ok {
				continue
			}
			s := about[id]
			a.World, a.Module, a.Package = p.world, p.module, p.name
			a.Urgency = cmp.Or(s.impact, d.Document.Severity.Text)
			a.Severity = severity(a.Urgency)
			if a.Status, ok = status(s); !ok {
				bad = fmt.Errorf("%q: %w", s.details, errNoState)
				continue
			}
			a.ID, a.Aliases, a.Ranges = v.CVE, nil, nil
			if fixed := a.Status == sekisho.StatusFixed; fixed != (p.evr != "") {
				// A version says nothing of what is not fixed in it, and a fix
				// nothing without one.
				continue
			} else if fixed {
				a.Ranges = []sekisho.Range{{Fixed: p.evr}}
				if s.erratum != "" {
					a.ID, a.Aliases = s.erratum, []string{v.CVE}
				}
			}
			// One build is often in two repositories: one row.
			if k := (key{p.world, p.module, p.name, a.ID, p.evr, a.Status}); !seen[k] {
				seen[k] = true
				out.Advisory(&a)
			}
		}
		return bad
	}
	always := func(status string) func(said) (string, bool) {
		return func(said) (string, bool) { return status, true }
	}
	err := emit(v.Status.Affected, unfixed)
	_ = emit(v.Status.NotAffected, always(sekisho.StatusNotAffected))
	_ = emit(v.Status.Investigating, always(sekisho.StatusInvestigating))
	_ = emit(v.Status.Fixed, always(sekisho.StatusFixed))
	return err
}

// unfixed reads the state of an affected product from its remediation: Red
// Hat's own word, or the category where there is no such word.
func unfixed(s said) (string, bool) {
	if status, ok := state(s.details); ok {
		return status, true
	}
	switch s.category {
	case "no_fix_planned":
		return sekisho.StatusWillNotFix, true
	case "", "none_available":
		return sekisho.StatusAffected, true
	}
	return "", false
}

// about gathers remediations and impacts by product.
func (v *vulnerability) about() map[string]said {
	m := map[string]said{}
	for _, r := range v.Remediations {
		for _, id := range r.Products {
			s := m[id]
			switch r.Category {
			case "vendor_fix":
				s.erratum = ""
				if u, err := url.Parse(r.URL); err == nil && strings.HasPrefix(path.Base(u.Path), "RH") {
					s.erratum = path.Base(u.Path)
				}
			case "no_fix_planned", "none_available":
				s.category, s.details = r.Category, r.Details
			}
			m[id] = s
		}
	}
	for _, t := range v.Threats {
		if t.Category != "impact" {
			continue
		}
		for _, id := range t.Products {
			s := m[id]
			s.impact = t.Details
			m[id] = s
		}
	}
	return m
}
