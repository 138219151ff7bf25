// SPDX-License-Identifier: Apache-2.0

package threat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

var (
	errVector   = errors.New("not a CVSS vector")
	errDecision = errors.New("not a decision of SSVC")
)

// vector is the form of CVSS 3.0, 3.1 and 4.0. The build reads its metrics.
var vector = pattern.New(`^CVSS:[34]\.[01](/[A-Z]{1,3}:[A-Za-z]{1,6}){4,40}$`)

// parseCVSS reads two tables. One has a vector a row: cve, source, vector. The
// other has what CISA's Vulnrichment adds to a CVE record
// (https://github.com/cisagov/vulnrichment): exploitation (none, poc, active),
// cvss3_vector, cvss4_vector, cvss_source (adp for CISA's own, cna for the
// issuer's), and cwe, parted by blanks. Scores are left to the build.
func parseCVSS(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], out sekisho.FeedSink) error {
	return eachFile(ctx, files, func(f sekisho.FeedFile, name string) {
		if !strings.HasSuffix(name, ".csv") {
			return
		}
		problem := func(err error) { out.Problem(f.Path, err) }
		t, err := newTable(bytes.NewReader(f.Data), "cve")
		switch {
		case err != nil:
			problem(err)
		case t.has("vector"):
			t.each(func() error { return cvssRow(t, out) }, problem)
		case t.has("exploitation"):
			t.each(func() error { return ssvcRow(t, out) }, problem)
		default:
			problem(fmt.Errorf("vector or exploitation: %w", errHeader))
		}
	})
}

func cvssRow(t *table, out sekisho.FeedSink) error {
	id, v := t.get("cve"), t.get("vector")
	switch {
	case !cveID.MatchString(id):
		return fmt.Errorf("%q: %w", id, errNoID)
	case !vector.MatchString(v):
		return fmt.Errorf("%s: %q: %w", id, v, errVector)
	}
	out.CVE(&sekisho.CVE{ID: id, CVSS: []sekisho.CVSS{{Source: t.get("source"), Vector: v}}})
	return nil
}

// ssvcRow hands on what is sound in a row even where a part of it is not.
func ssvcRow(t *table, out sekisho.FeedSink) (err error) {
	c := sekisho.CVE{ID: t.get("cve")}
	if !cveID.MatchString(c.ID) {
		return fmt.Errorf("%q: %w", c.ID, errNoID)
	}
	switch e := strings.ToLower(t.get("exploitation")); e {
	case "active":
		c.Exploits = []string{ssvcActive}
	case "poc":
		c.Exploits = []string{ssvcPOC}
	case "none", "":
	default:
		err = fmt.Errorf("%s: exploitation %q: %w", c.ID, e, errDecision)
	}
	source := "vulnrichment"
	if s := t.get("cvss_source"); s != "" {
		source += "-" + s
	}
	for _, column := range []string{"cvss3_vector", "cvss4_vector"} {
		v := t.get(column)
		switch {
		case v == "":
		case vector.MatchString(v):
			c.CVSS = append(c.CVSS, sekisho.CVSS{Source: source, Vector: v})
		default:
			err = errors.Join(err, fmt.Errorf("%s: %q: %w", c.ID, v, errVector))
		}
	}
	c.CWEs = cweID.FindAllString(t.get("cwe"), -1)
	if len(c.Exploits)+len(c.CVSS)+len(c.CWEs) > 0 {
		out.CVE(&c)
	}
	return err
}
