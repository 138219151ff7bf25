// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"context"
	"iter"
)

// The states of a package under an advisory, as findings and reports spell them.
const (
	// StatusFixed: versions in the range are affected and a fixed one exists.
	StatusFixed = "fixed"
	// StatusAffected: affected, and no fix exists yet.
	StatusAffected      = "affected"
	StatusNotAffected   = "not_affected"
	StatusWillNotFix    = "will_not_fix"
	StatusEndOfLife     = "end_of_life"
	StatusInvestigating = "under_investigation"
	StatusDeferred      = "fix_deferred"
)

// Advisory is what one source says of one package in one world: a row of the
// database. Facts only, but for Summary.
type Advisory struct {
	// World is the shard that holds the row: "debian/12", "alpine/3.20",
	// "redhat/9", "npm". Documented in docs/database.md.
	World string `json:"world"`
	// Package as the world's packages are looked up: normalised (PEP 503, lower
	// case where the ecosystem ignores case).
	Package string `json:"package"`
	// BySource is true when Package is a distribution's source package; it is
	// compared with Package.SourceName and SourceVersion.
	BySource bool `json:"bySource,omitempty"`
	// ID as the source names it: "DSA-5678-1", "GHSA-...", "CVE-2024-1".
	ID string `json:"id"`
	// Aliases are the other ids of the same flaw or flaws: every CVE first.
	Aliases []string `json:"aliases,omitempty"`
	// Feed that said so, by name; the build fills it in.
	Feed   string `json:"feed"`
	Status string `json:"status"`
	// Ranges of affected versions; a version in one of them, or in Versions, is
	// affected. Both empty: every version is.
	Ranges   []Range  `json:"ranges,omitempty"`
	Versions []string `json:"versions,omitempty"`
	// Severity is the source's own word as it maps to ours, Urgency the word.
	Severity Severity `json:"severity"`
	Urgency  string   `json:"urgency,omitempty"`
	// CVSS vectors that this source gives ("CVSS:3.1/AV:N/...").
	CVSS []string `json:"cvss,omitempty"`
	// Module is the rpm module stream "nodejs:18" that the row is about; a
	// package of another stream, or of none, is not.
	Module string `json:"module,omitempty"`
	// Arches that the row is about (rpm notation); empty for all.
	Arches []string `json:"arches,omitempty"`
	// Channel that the fixed version is published in, when it is not the
	// release's own: "esm-apps", "extras-php8.1".
	Channel string `json:"channel,omitempty"`
	// Malicious is true when the package itself is malware (OSV MAL-).
	Malicious bool `json:"malicious,omitempty"`
	// Informational advisories (unmaintained, unsound) are no vulnerabilities.
	Informational string `json:"informational,omitempty"`
	// Published and Modified are dates, "2024-05-06".
	Published string `json:"published,omitempty"`
	Modified  string `json:"modified,omitempty"`
	// Summary is the source's title. It is prose: never kept in the starter
	// database.
	Summary string `json:"summary,omitempty"`
}

// Range is a half open range of versions in the order of its world.
type Range struct {
	// Introduced is the first affected version; "" or "0" for the very first.
	Introduced string `json:"introduced,omitempty"`
	// Fixed is the first version that is not affected any more; LastAffected,
	// where Fixed is not known, the last that is. Both empty: no end.
	Fixed        string `json:"fixed,omitempty"`
	LastAffected string `json:"lastAffected,omitempty"`
}

// CVE holds what is known of a flaw whatever package has it. Feeds give parts;
// the build merges them by ID.
type CVE struct {
	// ID, mostly a CVE; another database's where it has none.
	ID   string   `json:"id"`
	CVSS []CVSS   `json:"cvss,omitempty"`
	CWEs []string `json:"cwes,omitempty"`
	EPSS *EPSS    `json:"epss,omitempty"`
	KEV  *KEV     `json:"kev,omitempty"`
	// Exploits names the public indexes that hold an exploit: "metasploit",
	// "nuclei", "poc", "ssvc-active", "ssvc-poc".
	Exploits  []string `json:"exploits,omitempty"`
	Published string   `json:"published,omitempty"`
	// Rejected CVEs are withdrawn: their advisories are dropped.
	Rejected bool `json:"rejected,omitempty"`
}

// FeedFile is one file of a feed, read whole. Data is valid until the next one
// is asked for.
type FeedFile struct {
	Path string
	Data []byte
}

// FeedSink takes what a feed says. Rows are encoded on arrival: nothing that is
// handed in is kept, so a parser may reuse it. It is called from one goroutine.
type FeedSink interface {
	Advisory(a *Advisory)
	CVE(c *CVE)
	// Date of the data, "2024-05-06": the latest one counts.
	Date(day string)
	// Problem says that a file or record could not be understood; the build
	// goes on, counts it and names the first ones.
	Problem(path string, err error)
}

// Feed knows one publisher's format. Parsing touches neither network nor clock.
type Feed struct {
	// Name of the entry in the directory of feeds: "debian-tracker".
	Name string
	// Publisher and License as reports and NOTICE name them; URL is where the
	// publisher serves the data.
	Publisher string
	License   string
	URL       string
	// Starter feeds may be compiled into the binary: their licence lets facts
	// be carried.
	Starter bool
	// YieldsTo names a feed that says the same and more: when both are built
	// from, this one is left out.
	YieldsTo string
	// Parse reads the files in the order of the archive and calls out for each
	// row. A file of no interest is passed over; a damaged one is a Problem. An
	// error ends the build: the context's, or the iterator's.
	Parse func(ctx context.Context, files iter.Seq2[FeedFile, error], out FeedSink) error
}

// Order compares two versions of a world: negative, zero or positive. An error
// says that one of them is no version of this world; it is then not assessed.
type Order struct {
	// Name as evidence cites it: "dpkg", "rpm", "pep440", "semver".
	Name    string
	Compare func(a, b string) (int, error)
}
