// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Signatures differ by the keys that both sides named, and by those alone.
func TestSignature(t *testing.T) {
	check := func(keys []string, by ...string) *sekisho.SignatureCheck {
		c := &sekisho.SignatureCheck{Checked: true, Keys: keys, Signed: len(by) > 0}
		for _, k := range by {
			c.Signatures = append(c.Signatures, sekisho.Signature{Kind: sekisho.SignatureOfImage, Verified: true, By: []string{k}})
		}
		return c
	}
	both := []string{"k1", "k2"}
	unverified, unread := check(both), check(both)
	unverified.Signatures = []sekisho.Signature{{Kind: sekisho.SignatureOfImage}}
	unread.Checked = false
	state := func(s string, by ...string) sekisho.SignatureState { return sekisho.SignatureState{State: s, By: by} }
	for name, tt := range map[string]struct {
		before, after *sekisho.SignatureCheck
		want          *sekisho.SignatureChange
	}{
		"not asked before": {nil, check(both, "k1"), nil},
		"not asked now":    {check(both, "k1"), nil, nil},
		"same":             {check(both, "k2", "k1"), check(both, "k1", "k2"), nil},
		"no key in common": {check([]string{"k1"}, "k1"), check([]string{"k2"}, "k2"), nil},
		"another key only": {check([]string{"k1"}, "k1"), check(both, "k1", "k2"), nil},
		"gone":             {check(both, "k1"), check(both), &sekisho.SignatureChange{From: state("verified", "k1"), To: state("none")}},
		"new":              {check(both), check(both, "k1"), &sekisho.SignatureChange{From: state("none"), To: state("verified", "k1")}},
		"other signer":     {check(both, "k1"), check(both, "k2"), &sekisho.SignatureChange{From: state("verified", "k1"), To: state("verified", "k2")}},
		"not verified":     {check(both, "k1"), unverified, &sekisho.SignatureChange{From: state("verified", "k1"), To: state("unverified")}},
		"not read":         {check(both, "k1"), unread, &sekisho.SignatureChange{From: state("verified", "k1"), To: state("unknown")}},
	} {
		c := Compare(&sekisho.Result{Signatures: tt.before}, &sekisho.Result{Signatures: tt.after}, Options{})
		if d := gocmp.Diff(tt.want, c.Signature); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
