// SPDX-License-Identifier: Apache-2.0

package julia

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Julia's VersionNumber
// (https://docs.julialang.org/en/v1/manual/strings/#man-version-number-literals):
// Semantic Versioning, but a version with build metadata, as the packages of
// binaries have, is above the one without: "3.0.8" < "3.0.8+1".
func Order() sekisho.Order {
	return sekisho.Order{Name: "julia", Compare: semver.Rules{Name: "julia", Build: true}.Compare}
}
