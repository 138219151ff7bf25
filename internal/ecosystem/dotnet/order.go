// SPDX-License-Identifier: Apache-2.0

package dotnet

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of NuGet's packages
// (https://learn.microsoft.com/nuget/concepts/package-versioning): Semantic
// Versioning with a fourth number, without regard to the case of prereleases.
func Order() sekisho.Order {
	return sekisho.Order{Name: "nuget", Compare: semver.Rules{Name: "nuget", Fold: true}.Compare}
}
