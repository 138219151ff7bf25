// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"testing"

	"github.com/sekisho/sekisho/internal/check/checktest"
)

// Every rule that knows the right value has an example in which it is suggested.
func TestSuggestions(t *testing.T) {
	made := checktest.Suggestions(t, Rules(), "testdata", judge)
	for id := range members() {
		if made[id] == 0 {
			t.Errorf("no example of %s has a suggestion", id)
		}
	}
}
