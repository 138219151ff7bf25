// SPDX-License-Identifier: Apache-2.0

package sekisho

import "time"

// Comparison says how two results differ; the JSON of `sekisho diff` is this
// type. The same two results give the same bytes, except for Created.
type Comparison struct {
	SchemaVersion string    `json:"schemaVersion"`
	Tool          Tool      `json:"tool"`
	Created       time.Time `json:"created,omitzero"`
	Old           Side      `json:"old"`
	New           Side      `json:"new"`
	// Remarks say what makes the two hard to compare.
	Remarks []Reason `json:"remarks,omitempty"`
	// Added findings are in the new result, and the old one looked at that part.
	// Appeared are those where it did not: nobody knows since when they are there.
	Added    []Finding `json:"added"`
	Appeared []Finding `json:"appeared,omitempty"`
	// Fixed findings are in the old result, and the new one looked at that part.
	// Vanished are no longer seen, where it was not assessed whether they are.
	Fixed    []Finding `json:"fixed"`
	Vanished []Finding `json:"vanished,omitempty"`
	// Unchanged findings, as the new result has them; those that Changed names too.
	Unchanged []Finding       `json:"unchanged"`
	Changed   []FindingChange `json:"changed,omitempty"`
	Packages  PackageChanges  `json:"packages"`
	Layers    *LayerChanges   `json:"layers,omitempty"`
	// Image names the settings of the image's configuration that differ, and Files
	// the files, where both sides are trees whose files are known.
	Image []FieldChange `json:"image,omitempty"`
	Files []FileChange  `json:"files,omitempty"`
	// Signature says how the two are signed, where both were asked with a key that
	// they share and the answers differ; nil otherwise.
	Signature *SignatureChange `json:"signature,omitempty"`
	// Rules are those of the findings of either side.
	Rules []Rule `json:"rules,omitempty"`
	// Platforms holds one comparison for each further platform of both.
	Platforms []Comparison `json:"platforms,omitempty"`
}

// Side is one of the two results of a comparison, without its parts.
type Side struct {
	Target   Target    `json:"target"`
	Tool     Tool      `json:"tool,omitzero"`
	Created  time.Time `json:"created,omitzero"`
	Database *Database `json:"database,omitempty"`
	Packages int       `json:"packages"`
	Findings int       `json:"findings"`
	Complete bool      `json:"complete"`
}

// The fields of a finding whose change is named.
const (
	FieldSeverity   = "severity"
	FieldFixed      = "fixed"
	FieldKEV        = "kev"
	FieldStatus     = "status"
	FieldVersion    = "version"
	FieldPath       = "path"
	FieldSuppressed = "suppressed"
)

// SignatureChange is how an image was signed and is signed now.
type SignatureChange struct {
	From SignatureState `json:"from"`
	To   SignatureState `json:"to"`
}

// SignatureState is one of the states below, by the keys that both sides named.
type SignatureState struct {
	State string `json:"state"`
	// By are the ids of the keys by which it verifies, sorted, see Signature.By.
	By []string `json:"by,omitempty"`
}

// The states of a signature: verified, there and not verified, none there, and not
// known where it could not be read.
const (
	SignatureVerified   = "verified"
	SignatureUnverified = "unverified"
	SignatureNone       = "none"
	SignatureNotKnown   = "unknown"
)

// FieldChange is one value that differs; empty for none.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// FindingChange is a finding that both results have, and what differs.
type FindingChange struct {
	// Finding as the new result has it.
	Finding Finding       `json:"finding"`
	Changes []FieldChange `json:"changes"`
}

// PackageChanges are the packages that differ. Those that a container does not
// see (of lower layers) take no part.
type PackageChanges struct {
	Added      []PackageChange `json:"added,omitempty"`
	Removed    []PackageChange `json:"removed,omitempty"`
	Upgraded   []PackageChange `json:"upgraded,omitempty"`
	Downgraded []PackageChange `json:"downgraded,omitempty"`
	// Changed are those whose versions have no order.
	Changed   []PackageChange `json:"changed,omitempty"`
	Unchanged int             `json:"unchanged"`
}

// PackageChange is a package and its versions before and after; empty for none.
type PackageChange struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	From      string `json:"from,omitempty"`
	To        string `json:"to,omitempty"`
	Path      string `json:"path,omitempty"`
}

// LayerChanges compare the layers of two images.
type LayerChanges struct {
	Unchanged int `json:"unchanged"`
	// Shared counts those of them that both begin with: the common base.
	Shared  int     `json:"shared"`
	Added   []Layer `json:"added,omitempty"`
	Removed []Layer `json:"removed,omitempty"`
}

// The states of a file in a FileChange.
const (
	FileAdded    = "added"
	FileRemoved  = "removed"
	FileModified = "modified"
	FileRenamed  = "renamed"
)

// FileChange is a file that differs between two trees.
type FileChange struct {
	Path  string `json:"path"`
	State string `json:"state"`
	// From is the path that a renamed file had.
	From string `json:"from,omitempty"`
}

// The codes of the remarks of a comparison, with their arguments.
const (
	// RemarkKinds: the kinds of the two targets.
	RemarkKinds = "kinds"
	// RemarkDatabases: the dates of the two databases.
	RemarkDatabases = "databases"
	// RemarkPlatforms: the platforms of the two, or one that only one has.
	RemarkPlatforms = "platforms"
	// RemarkScanners: the scanners that ran on the old side alone, and on the new.
	RemarkOldScanners = "old-scanners"
	RemarkNewScanners = "new-scanners"
	// RemarkIncomplete: parts of the old or the new side were not assessed.
	RemarkOldIncomplete = "old-incomplete"
	RemarkNewIncomplete = "new-incomplete"
	// RemarkRejudged: the packages of a report were judged again by the database
	// of this date.
	RemarkRejudged = "rejudged"
	// RemarkForeign: the names of the target of a baseline and of what is scanned.
	RemarkForeign = "foreign"
	// RemarkStale: the baseline and how many days old it is.
	RemarkStale = "stale"
	// RemarkJudges: the files by which the change is judged and that it edits.
	RemarkJudges = "judges"
)
