// SPDX-License-Identifier: Apache-2.0

//go:build !race

package truth

// raced says that the race detector watches.
const raced = false
