// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"testing"

	"github.com/sekisho/sekisho/internal/check/checktest"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Every rule that knows the right value has an example in which it is suggested.
func TestSuggestions(t *testing.T) {
	made := checktest.Suggestions(t, sets[sekisho.ResourceCompose].Rules(), "testdata/compose", judge)
	for id := range members() {
		if made[id] == 0 {
			t.Errorf("no example of %s has a suggestion", id)
		}
	}
}
