// SPDX-License-Identifier: Apache-2.0

//go:build race

package osv

// raced says that the race detector watches, at some eight times the cost: it
// sees a sample of the large data.
const raced = true
