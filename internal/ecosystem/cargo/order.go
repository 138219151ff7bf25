// SPDX-License-Identifier: Apache-2.0

package cargo

import (
	"github.com/sekisho/sekisho/internal/ecosystem/semver"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Order is the order of crates' versions, which is the precedence of Semantic
// Versioning (https://doc.rust-lang.org/cargo/reference/semver.html). Build
// metadata does not count, as for Cargo's requirements.
func Order() sekisho.Order {
	return sekisho.Order{Name: "semver", Compare: semver.Rules{Name: "cargo"}.Compare}
}
