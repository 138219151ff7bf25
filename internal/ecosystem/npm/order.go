// SPDX-License-Identifier: Apache-2.0

package npm

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of npm's versions, which is Semantic Versioning's
// (https://docs.npmjs.com/about-semantic-versioning); build metadata does not
// count.
func Order() sekisho.Order {
	return sekisho.Order{Name: "semver", Compare: semver.Rules{Name: "npm"}.Compare}
}
