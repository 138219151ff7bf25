// SPDX-License-Identifier: Apache-2.0

package beam

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of Hex packages, which is that of Elixir's Version
// (https://hexdocs.pm/elixir/Version.html): Semantic Versioning, where build
// metadata does not count.
func Order() sekisho.Order {
	return sekisho.Order{Name: "semver", Compare: semver.Rules{Name: "hex"}.Compare}
}
