// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// short is as much of a commit's name as people write.
func short(commit string) string { return commit[:min(len(commit), 12)] }

func dated(commit, day string) string {
	if day == "" {
		return short(commit)
	}
	return short(commit) + " (" + day + ")"
}

// lifetime says since when and until when the history holds a secret, in no
// language: "1a2b3c (2026-01-02) → 4d5e6f (2026-02-03)".
func lifetime(p *sekisho.Past) string {
	from := dated(p.Commit, p.Date) + " → "
	switch {
	case p.AtHead:
		return from + "HEAD"
	case len(p.Refs) > 0:
		return from + strings.Join(p.Refs, ", ")
	case p.Removed != "":
		return from + dated(p.Removed, p.RemovedDate)
	}
	return from + "?"
}

// pastEvidence says the same in words.
func pastEvidence(source string, f *sekisho.SecretFact) sekisho.Evidence {
	p := f.Past
	text := fmt.Sprintf("%s, in the git history since commit %s", f.Excerpt, short(p.Commit))
	switch {
	case p.AtHead:
		text += ", still in HEAD"
	case len(p.Refs) > 0:
		text += ", still in " + strings.Join(p.Refs, ", ")
	case p.Removed != "":
		text += ", removed in " + dated(p.Removed, p.RemovedDate)
	}
	others := slices.DeleteFunc(slices.Clone(p.Paths), func(at string) bool { return at == f.Location.Path })
	if n := len(others); n > 0 {
		text += ", also as " + strings.Join(others[:min(n, 3)], ", ")
		if n > 3 {
			text += fmt.Sprintf(" and %d more", n-3)
		}
	}
	return sekisho.Evidence{Source: source, ID: f.Level, Date: p.Date, Text: text, Path: f.Location.Path, Line: f.Location.Line, Commit: p.Commit}
}
