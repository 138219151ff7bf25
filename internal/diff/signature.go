// SPDX-License-Identifier: Apache-2.0

package diff

import (
	"slices"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// signature compares how two images are signed, by the keys that were named for
// both: a signature of another key says nothing about the other side. It is nil
// where one was not asked, where they share no key, and where nothing differs.
func signature(before, after *sekisho.SignatureCheck) *sekisho.SignatureChange {
	if before == nil || after == nil {
		return nil
	}
	var keys []string
	for _, k := range before.Keys {
		if slices.Contains(after.Keys, k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	c := &sekisho.SignatureChange{From: signed(before, keys), To: signed(after, keys)}
	if c.From.State == c.To.State && slices.Equal(c.From.By, c.To.By) {
		return nil
	}
	return c
}

func signed(c *sekisho.SignatureCheck, keys []string) sekisho.SignatureState {
	by := slices.DeleteFunc(c.Signers(), func(k string) bool { return !slices.Contains(keys, k) })
	slices.Sort(by)
	switch {
	case c.Signed && len(by) > 0:
		return sekisho.SignatureState{State: sekisho.SignatureVerified, By: by}
	case !c.Checked:
		return sekisho.SignatureState{State: sekisho.SignatureNotKnown}
	case len(c.Signatures) == 0:
		return sekisho.SignatureState{State: sekisho.SignatureNone}
	}
	return sekisho.SignatureState{State: sekisho.SignatureUnverified}
}
