// SPDX-License-Identifier: Apache-2.0

package sekisho

import "context"

// GitHistory is what the commits of a repository hold beside its files. Sniffers
// alone look through it: a package of an old commit is not in the program, a
// secret of an old commit is known to everybody who has a clone.
type GitHistory struct {
	// Layer streams each content once, whatever the number of commits that hold
	// it, with the path that it had first (and once more for each other file name).
	// File.Object names the content.
	Layer Layer
	// Trace says where contents were. It is called once, after the stream ended:
	// each group are the contents in which one secret was found. The answers are
	// in the order of the groups; one that cannot be given is nil.
	Trace func(ctx context.Context, groups [][]string) ([]*Past, error)
	// Coverage counts what was looked through, after the stream ended.
	Coverage func() HistoryCoverage
}

// Past is where in the history of a repository something was.
type Past struct {
	// Commit that brought it first, and the day its author states (2026-01-31).
	Commit string
	Date   string
	// Object is the content in which it came.
	Object string
	// Paths that it had, the first one first; twenty at most.
	Paths []string
	// AtHead is true when HEAD still holds it. Otherwise Refs names branches, tags
	// and stashes that do, three at most, and Removed is the latest commit that
	// took it away, with its day.
	AtHead      bool
	Refs        []string
	Removed     string
	RemovedDate string
}

// HistoryCoverage counts what was looked through of a repository's history.
type HistoryCoverage struct {
	// Refs are branches, tags, stashes and other names whose commits were read;
	// Since is the revision behind which they were, with --since.
	Refs    int    `json:"refs"`
	Since   string `json:"since,omitempty"`
	Commits int    `json:"commits"`
	// Contents are the different contents of files, Bytes their size.
	Contents int   `json:"contents"`
	Bytes    int64 `json:"bytes"`
}
