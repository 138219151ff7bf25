// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// SignatureText says in one line whether the image is signed and by whom; empty
// where nobody asked.
func SignatureText(r *sekisho.Result, l message.Lang) string {
	c := r.Signatures
	if c == nil {
		return ""
	}
	var parts []string
	switch signers := c.Signers(); {
	case c.Signed:
		parts = append(parts, l.Of(message.SignatureYes, some(signers)))
	case !c.Checked:
		parts = append(parts, l.Of(message.SignatureUnknown, l.Fault(c.Code, c.Args, c.Why)))
	case len(c.Signatures) == 0:
		parts = append(parts, l.Of(message.SignatureNothing))
	default:
		parts = append(parts, l.Of(message.SignatureNo))
	}
	if !c.Signed {
		counts, order := map[string]int{}, []string{}
		for i := range c.Signatures {
			s := &c.Signatures[i]
			if s.Verified {
				continue
			}
			why := l.Fault(s.Code, s.Args, s.Why)
			if counts[why]++; counts[why] == 1 {
				order = append(order, why)
			}
		}
		for _, why := range order {
			parts = append(parts, l.Of(message.SignatureRefused, fmt.Sprint(counts[why]), why))
		}
	}
	if attested := c.Attested(); len(attested) > 0 {
		parts = append(parts, l.Of(message.SignatureStates, some(attested)))
	}
	return clean(strings.Join(parts, l.Of(message.ListStop)))
}

// SignatureTexts are the signatures of an image, a line each, and one where there
// are none.
func SignatureTexts(c *sekisho.SignatureCheck, l message.Lang) []string {
	var out []string
	for i := range c.Signatures {
		s := &c.Signatures[i]
		what := s.Scheme + " " + cutTo(s.Manifest, 19)
		if s.PredicateType != "" {
			what += " " + s.PredicateType
		}
		line := l.Of(message.VerifyNot, what, l.Fault(s.Code, s.Args, s.Why))
		if s.Verified {
			over := message.VerifyManifest
			if len(c.Digests) > 1 && s.Digest == c.Digests[1] {
				over = message.VerifyIndex
			}
			line = l.Of(message.VerifyYes, what, l.Of(over), strings.Join(s.By, l.Of(message.ListComma)))
		}
		out = append(out, clean(line))
	}
	if len(c.Signatures) == 0 && c.Checked {
		out = append(out, l.Of(message.Signatures)+": "+l.Of(message.SignatureNothing))
	}
	return out
}

// Title names a target as reports do.
func Title(t *sekisho.Target) string { return title(t) }
