// SPDX-License-Identifier: Apache-2.0

//go:build race

package fleet

// raced says that the race detector watches, at ten times the cost: it sees the
// small images.
const raced = true
