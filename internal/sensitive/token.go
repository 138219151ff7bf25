// SPDX-License-Identifier: Apache-2.0

// Package sensitive knows what secrets look like in any text: the shapes of
// well-known tokens, passwords in addresses, values that only stand for a secret,
// and how to hide one. It reads text alone: where a secret matters, how grave it
// is and what its variable is called, the rooms of rules say. It must not say or
// keep what it found.
package sensitive

import (
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
)

// Mask stands where a secret was.
const Mask = "****"

// Forms are kinds of tokens that are known by their shape.
type Forms uint8

// The kinds. Issued are tokens that are often handed out to everybody on
// purpose: to browsers, or for a demonstration.
const (
	// Services are the tokens of code hosts, clouds, registries and other
	// services, none of which is meant to be seen.
	Services Forms = 1 << iota
	// Issued are JSON Web Tokens (RFC 7519) and API keys of Google.
	Issued
	// Keys are private keys in the form of PEM (RFC 7468) and OpenPGP (RFC 9580).
	Keys

	All = Services | Issued | Keys
)

// form is how the tokens of one kind are found.
type form struct {
	kind Forms
	// marks are asked for first: most texts have none of them.
	marks []string
	shape *pattern.Pattern
}

// The shapes whose beginning is as good as unique may stand behind a letter (as
// an option's value does, "-pAKIA..."), when they are of the full length.
var forms = [...]form{
	// A private key is hidden to its end, or as far as it goes.
	{Keys, []string{"PRIVATE KEY"}, pattern.New(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?(?:-----)?(?:(?s:.*?)-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|(?:(?:\s|\\[nr])+[A-Za-z0-9+/=]{16,})*)`)},
	{Issued, []string{"eyJ", "AIza"}, pattern.New(`(?:\b|_)(?:AIza[A-Za-z0-9_-]{30,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*)|AIza[A-Za-z0-9_-]{35}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*`)},
	{Services, []string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA", "ASIA", "xox", "npm_", "k_live_", "dckr_pat_", "pypi-", "SG.", "hvs."}, pattern.New(`(?:\b|_)(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|A(?:KI|SI)A[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|[sr]k_live_[A-Za-z0-9]{16,}|dckr_pat_[A-Za-z0-9_-]{16,}|pypi-[A-Za-z0-9_-]{32,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|hvs\.[A-Za-z0-9_-]{20,})|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|dckr_pat_[A-Za-z0-9_-]{16,}`)},
}

// In says whether a text holds a token of the kinds.
func (f Forms) In(s string) bool {
	for i := range forms {
		if a := &forms[i]; f&a.kind != 0 && a.maybe(s) && a.shape.MatchString(s) {
			return true
		}
	}
	return false
}

// Hide writes Mask over each token of the kinds, and calls found, which may be
// nil, for each.
func (f Forms) Hide(s string, found func()) string {
	for i := range forms {
		a := &forms[i]
		if f&a.kind == 0 || !a.maybe(s) {
			continue
		}
		s = a.shape.ReplaceAllStringFunc(s, func(string) string {
			if found != nil {
				found()
			}
			return Mask
		})
	}
	return s
}

func (a *form) maybe(s string) bool {
	for _, mark := range a.marks {
		if strings.Contains(s, mark) {
			return true
		}
	}
	return false
}
