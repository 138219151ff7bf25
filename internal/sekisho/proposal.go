// SPDX-License-Identifier: Apache-2.0

package sekisho

import "time"

// Proposal is a change of files that closes findings, with what it brings: the
// document of "update-base", of "fix --deps" and of "fix --suggested".
type Proposal struct {
	SchemaVersion string    `json:"schemaVersion"`
	Tool          Tool      `json:"tool"`
	Created       time.Time `json:"created,omitzero"`
	// Base is about the line of a Dockerfile, Raises are about dependencies, and
	// Followed are the suggestions of findings that are edits here: one of them is
	// there.
	Base     *BaseProposal `json:"base,omitempty"`
	Raises   []Raise       `json:"raises,omitempty"`
	Followed []Followed    `json:"followed,omitzero"`
	// Edits of files, in the order of their paths. Written is true when they were
	// made and not only shown.
	Edits   []FileEdit `json:"edits"`
	Written bool       `json:"written"`
	// Commands that the user is to run for the change to be whole.
	Commands []Command `json:"commands,omitempty"`
	// Left is what stays and why.
	Left []LeftFinding `json:"left,omitempty"`
	// Stays are the suggestions that no edit was made of.
	Stays []Stay `json:"stays,omitempty"`
	// Comparison of before and after: nil where nothing was compared. Projected is
	// true when lockfiles are yet to be written: the packages are then those of
	// today with the new versions in their place, and what else the package manager
	// will move is not in it.
	Comparison *Comparison `json:"comparison,omitempty"`
	Projected  bool        `json:"projected,omitempty"`
}

// Followed is a suggestion that was made: by which rule of which kind of resource,
// and the line, as it was numbered in the round in which it was made.
type Followed struct {
	Rule   string `json:"rule"`
	Kind   string `json:"kind"`
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Unsafe bool   `json:"unsafe,omitempty"`
}

// Stay is a suggestion that was not made.
type Stay struct {
	Rule string `json:"rule"`
	Kind string `json:"kind"`
	Path string `json:"path"`
	Line int    `json:"line"`
	// Why is a code; see the Stay constants.
	Why Reason `json:"why"`
}

// The codes of Stay.Why.
const (
	StayUnsafe = "unsafe"     // what runs may behave differently, and nobody asked for it
	StayOthers = "others"     // the file is a dependency's
	StayLink   = "link"       // the file is a link, or above it is one
	StayUnread = "unread"     // the file could not be read with the edit
	StayStale  = "stale"      // the file is not what was scanned
	StayRounds = "rounds"     // too many edits of one place
	StayGone   = "unreadable" // the file cannot be read, or is too large
)

// BaseProposal is what could stand in FROM of one stage.
type BaseProposal struct {
	// File, Stage (by name or number, empty for the last) and Line of what changes.
	File  string `json:"file"`
	Stage string `json:"stage,omitempty"`
	Line  int    `json:"line"`
	// From is the reference as it is, To the chosen one; empty where none is better.
	From string `json:"from"`
	To   string `json:"to,omitempty"`
	// Packages and Size (the sum of the layers' blobs in bytes, 0 when unknown) of
	// the present base.
	Packages int   `json:"packages"`
	Size     int64 `json:"size,omitempty"`
	// Incomplete is true when the present base could not be read to the end, or gets
	// no fixes any more: it may have more findings than are known.
	Incomplete bool `json:"incomplete,omitempty"`
	// Moves are the candidates, the best one first.
	Moves []BaseMove `json:"moves"`
	// Why To was chosen, or none was; see the Move constants.
	Why Reason `json:"why"`
}

// BaseMove is one candidate in place of a base.
type BaseMove struct {
	BaseCandidate
	Packages int    `json:"packages"`
	Size     int64  `json:"size,omitempty"`
	Error    string `json:"error,omitempty"`
}

// The codes of BaseProposal.Why, with their arguments.
const (
	MoveBest       = "best"       // the most risk removed of several; risk
	MoveBetter     = "better"     // it removes more risk than it adds; risk
	MoveWorse      = "worse"      // asked for by name, and it adds more than it removes; risk
	MoveEqual      = "equal"      // asked for by name, and nothing is gained
	MoveUnassessed = "unassessed" // it could not be assessed as a whole
	MoveNoBetter   = "no-better"  // no candidate is better than what is there
	MoveCurrent    = "current"    // the tag is where it was
	MoveRebuild    = "rebuild"    // the tag moved, and FROM names a tag alone: a rebuild takes it
)

// FileEdit is the change of one file.
type FileEdit struct {
	Path string `json:"path"`
	// Diff as patch -p1 reads it.
	Diff string `json:"diff"`
	// Lock is true for a file that a package manager wrote.
	Lock bool `json:"lock,omitempty"`
}

// Command is what is to be run, in a directory of the tree.
type Command struct {
	Dir  string   `json:"dir"`
	Args []string `json:"args"`
	// Ran is true when it was run by us.
	Ran bool `json:"ran,omitempty"`
}

// Raise is one dependency that is raised.
type Raise struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	From      string `json:"from"`
	To        string `json:"to"`
	// Path of the manifest and the Line of the requirement, with its text before
	// and after; equal where the requirement allows the version already.
	Path  string `json:"path"`
	Line  int    `json:"line,omitempty"`
	Was   string `json:"was,omitempty"`
	Now   string `json:"now,omitempty"`
	Major bool   `json:"major,omitempty"`
	// Closes counts the findings that the version closes by their advisories.
	Closes int `json:"closes"`
}

// LeftFinding is a package whose findings stay, or some of them.
type LeftFinding struct {
	Ecosystem string `json:"ecosystem"`
	Name      string `json:"name"`
	Version   string `json:"version"`
	Path      string `json:"path,omitempty"`
	// Rules are the findings, the worst first.
	Rules []string `json:"rules"`
	// Why is a code with its arguments; see the Left constants.
	Why Reason `json:"why"`
}

// The codes of LeftFinding.Why, with their arguments.
const (
	LeftNoFix      = "no-fix"     // nobody published a fixed version
	LeftMajor      = "major"      // another major version fixes it; that version
	LeftTransitive = "transitive" // no manifest names it: its lockfile is to be refreshed; the lockfile
	LeftNoManifest = "no-manifest"
	LeftRefused    = "refused" // the requirement cannot be edited safely; the manifest, the reason
	LeftOrder      = "order"   // its versions cannot be compared
	LeftLock       = "lock"    // the package manager kept a version that has it
)
