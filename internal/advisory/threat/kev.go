// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// kevEntry is one flaw of the catalog, in JSON; the CSV has the same names for
// its columns, the CWEs joined by commas.
type kevEntry struct {
	ID         string   `json:"cveID"`
	Added      string   `json:"dateAdded"`
	Due        string   `json:"dueDate"`
	Ransomware string   `json:"knownRansomwareCampaignUse"`
	CWEs       []string `json:"cwes"`
}

var cweID = pattern.New(`CWE-[0-9]{1,9}\b`)

// parseKEV reads CISA's catalog of known exploited vulnerabilities, as JSON or
// CSV (https://www.cisa.gov/known-exploited-vulnerabilities-catalog).
func parseKEV(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	return eachFile(ctx, files, func(f sekisho.FeedFile, name string) {
		problem := func(err error) { out.Problem(f.Path, err) }
		switch {
		case strings.HasSuffix(name, ".csv"):
			kevCSV(f.Data, out, problem)
		case strings.HasSuffix(name, ".json") && !strings.HasSuffix(name, "_schema.json"):
			kevJSON(f.Data, out, problem)
		}
	})
}

func kevJSON(data []byte, out sekisho.FeedSink, problem func(error)) {
	var doc struct {
		Released string            `json:"dateReleased"`
		Entries  []json.RawMessage `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		problem(err)
		return
	}
	for i, raw := range doc.Entries {
		var e kevEntry
		err := json.Unmarshal(raw, &e)
		if err == nil {
			err = e.emit(out)
		}
		if err != nil {
			problem(fmt.Errorf("entry %d: %w", i, err))
		}
	}
	if d := day(doc.Released); d != "" {
		out.Date(d)
	} else {
		problem(fmt.Errorf("dateReleased %q: %w", doc.Released, errNoDate))
	}
}

func kevCSV(data []byte, out sekisho.FeedSink, problem func(error)) {
	t, err := newTable(bytes.NewReader(data), "cveid", "dateadded")
	if err != nil {
		problem(err)
		return
	}
	latest := ""
	t.each(func() error {
		e := kevEntry{
			ID: t.get("cveid"), Added: t.get("dateadded"), Due: t.get("duedate"),
			Ransomware: t.get("knownransomwarecampaignuse"), CWEs: cweID.FindAllString(t.get("cwes"), -1),
		}
		if err := e.emit(out); err != nil {
			return err
		}
		latest = max(latest, day(e.Added))
		return nil
	}, problem)
	if latest != "" {
		out.Date(latest)
	}
}

func (e *kevEntry) emit(out sekisho.FeedSink) error {
	if !cveID.MatchString(e.ID) {
		return fmt.Errorf("%q: %w", e.ID, errNoID)
	}
	if day(e.Added) == "" {
		return fmt.Errorf("%s was added on %q: %w", e.ID, e.Added, errNoDate)
	}
	c := sekisho.CVE{ID: e.ID, KEV: &sekisho.KEV{
		Added: day(e.Added), Due: day(e.Due), Ransomware: strings.EqualFold(e.Ransomware, "known"),
	}}
	for _, w := range e.CWEs {
		if cweID.FindString(w) == w && w != "" {
			c.CWEs = append(c.CWEs, w)
		}
	}
	out.CVE(&c)
	return nil
}
