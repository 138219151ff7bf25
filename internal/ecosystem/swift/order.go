// SPDX-License-Identifier: Apache-2.0

package swift

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of the versions of Swift packages and of pods: Semantic
// Versioning, where build metadata does not count.
func Order() sekisho.Order {
	return sekisho.Order{Name: "semver", Compare: semver.Rules{Name: "swift"}.Compare}
}
