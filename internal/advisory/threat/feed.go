// SPDX-License-Identifier: Apache-2.0

// Package threat reads what publishers say of a flaw whatever package has it:
// whether it is exploited, how likely that is, where an exploit lies, how bad
// it is, and when a product's support ends. It knows formats alone: it fetches
// nothing, judges nothing, and takes no prose.
package threat

import (
	"context"
	"errors"
	"iter"
	"path"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feeds of this room, by name.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{
		{
			Name: "cvss-ssvc", Publisher: "CISA Vulnrichment and others", License: "CC0-1.0; vectors are facts", Starter: true,
			URL: "https://github.com/cisagov/vulnrichment", Parse: parseCVSS,
		},
		{
			Name: "eol", Publisher: "endoflife.date; Debian distro-info-data", License: "MIT; ISC", Starter: true,
			URL: "https://endoflife.date", Parse: parseEOL,
		},
		{
			Name: "epss", Publisher: "FIRST EPSS", License: "free with attribution", Starter: true,
			URL: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz", Parse: parseEPSS,
		},
		{
			Name: "kev", Publisher: "CISA", License: "CC0-1.0", Starter: true,
			URL:   "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
			Parse: parseKEV,
		},
		{
			Name: "metasploit", Publisher: "Rapid7 Metasploit Framework", License: "BSD-3-Clause", Starter: true,
			URL:   "https://raw.githubusercontent.com/rapid7/metasploit-framework/master/db/modules_metadata_base.json",
			Parse: parseMetasploit,
		},
		{
			Name: "nuclei-cves", Publisher: "ProjectDiscovery nuclei-templates", License: "MIT", Starter: true,
			URL:   "https://raw.githubusercontent.com/projectdiscovery/nuclei-templates/main/cves.json",
			Parse: parseNuclei,
		},
		{
			Name: "trickest-poc", Publisher: "Trickest CVE", License: "MIT",
			URL: "https://github.com/trickest/cve", Parse: parsePOC,
		},
	}
}

var (
	errNoID   = errors.New("not a CVE id")
	errNoDate = errors.New("not a date")
	errNumber = errors.New("not a number from 0 to 1")
	errHeader = errors.New("a column is missing in the header")
)

// cveID is the form of an id that https://www.cve.org assigns; the number of a
// year has no upper bound there, ours keeps ids short.
var cveID = pattern.New(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

var isoDay = pattern.New(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`)

// day is the date that an ISO 8601 date or time begins with; "" for others.
func day(s string) string { return isoDay.FindString(s) }

// eachFile hands each file to read, until the context or the iterator ends it.
func eachFile(ctx context.Context, files iter.Seq2[sekisho.FeedFile, error], read func(f sekisho.FeedFile, name string)) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		read(f, strings.ToLower(path.Base(f.Path)))
	}
	return ctx.Err()
}
