// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"testing"

	"github.com/sekisho/sekisho/internal/check/checktest"
)

func TestSuggestions(t *testing.T) {
	got := checktest.Suggestions(t, Rules(), "testdata", judge)
	for _, id := range Fixable() {
		if got[id] == 0 && !guessed[id] {
			t.Errorf("no example of %s has a suggestion", id)
		}
	}
}
