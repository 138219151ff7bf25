// SPDX-License-Identifier: Apache-2.0

package dart

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of pub's packages
// (https://dart.dev/tools/pub/versioning): Semantic Versioning, but a version
// with build metadata is above the one without, "1.0.0" < "1.0.0+1".
func Order() sekisho.Order {
	return sekisho.Order{Name: "pub", Compare: semver.Rules{Name: "pub", Build: true}.Compare}
}
