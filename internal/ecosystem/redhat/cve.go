// SPDX-License-Identifier: Apache-2.0

package redhat

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// record is a CVE of the security data API.
// https://docs.redhat.com/en/documentation/red_hat_security_data_api/1.0
type record struct {
	Name       string `json:"name"`
	PublicDate string `json:"public_date"`
	Severity   string `json:"threat_severity"`
	CVSS3      struct {
		Score  string `json:"cvss3_base_score"`
		Vector string `json:"cvss3_scoring_vector"`
	} `json:"cvss3"`
	CWE      string         `json:"cwe"`
	Releases list[release]  `json:"affected_release"`
	States   list[pkgState] `json:"package_state"`
}

type release struct {
	CPE      string `json:"cpe"`
	Advisory string `json:"advisory"`
	Package  string `json:"package"`
	Date     string `json:"release_date"`
}

type pkgState struct {
	CPE     string `json:"cpe"`
	State   string `json:"fix_state"`
	Package string `json:"package_name"`
}

// list is an array, or where it has one element the element alone: the service
// has served both.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		*l = make(list[T], 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]T)(l))
}

func parseCVE(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if path.Ext(f.Path) != ".json" {
			continue
		}
		var r record
		if err := json.Unmarshal(f.Data, &r); err != nil {
			out.Problem(f.Path, fmt.Errorf("read CVE: %w", err))
			continue
		}
		if err := r.rows(out); err != nil {
			out.Problem(f.Path, fmt.Errorf("read %q: %w", r.Name, err))
		}
	}
	return nil
}

func (r *record) rows(out sekisho.FeedSink) error {
	if !cve.MatchString(r.Name) {
		return errNoID
	}
	a := sekisho.Advisory{
		BySource:  true,
		Severity:  severity(r.Severity),
		Urgency:   r.Severity,
		Published: day(r.PublicDate),
	}
	c := sekisho.CVE{ID: r.Name, Published: a.Published, CWEs: cwes(r.CWE)}
	if score, err := strconv.ParseFloat(r.CVSS3.Score, 64); err == nil && strings.HasPrefix(r.CVSS3.Vector, "CVSS:") {
		c.CVSS = []sekisho.CVSS{{Source: "redhat", Vector: r.CVSS3.Vector, Score: score}}
		a.CVSS = []string{r.CVSS3.Vector}
	}
	out.CVE(&c)
	if a.Published != "" {
		out.Date(a.Published)
	}
	var bad error
	a.ID = r.Name
	for _, s := range r.States {
		var ok bool
		if a.World = world(s.CPE); a.World == "" || !strings.HasPrefix(s.CPE, "cpe:/o:") {
			continue
		}
		if a.Module, a.Package, ok = component(s.Package); !ok {
			continue
		}
		if a.Status, ok = state(s.State); !ok {
			bad = fmt.Errorf("%q: %w", s.State, errNoState)
			continue
		}
		out.Advisory(&a)
	}
	r.fixed(a, out)
	return bad
}

// fixed states what errata of the main stream fixed.
func (r *record) fixed(a sekisho.Advisory, out sekisho.FeedSink) {
	type key struct{ world, pkg, advisory string }
	seen := map[key]bool{}
	a.Status, a.Module, a.Aliases = sekisho.StatusFixed, "", []string{r.Name}
	for _, s := range r.Releases {
		m := nevra.FindStringSubmatch(s.Package)
		a.World = world(s.CPE)
		// One erratum is often in two repositories: one row.
		k := key{a.World, s.Package, s.Advisory}
		if m == nil || a.World == "" || s.Advisory == "" || seen[k] {
			continue
		}
		seen[k] = true
		if a.Published = day(s.Date); a.Published != "" {
			out.Date(a.Published)
		}
		a.ID, a.Package = s.Advisory, m[1]
		a.Ranges = []sekisho.Range{{Fixed: m[2] + ":" + m[3] + "-" + m[4]}}
		out.Advisory(&a)
	}
}

// cwes reads "CWE-20->CWE-787" and "(CWE-400|CWE-772)".
func cwes(s string) []string {
	ids := cwe.FindAllString(s, -1)
	slices.Sort(ids)
	return slices.Compact(ids)
}
