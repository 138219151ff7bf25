// SPDX-License-Identifier: Apache-2.0

//go:build race

package ecosystem

// raced says that the race detector watches, at some ten times the cost.
const raced = true
