// SPDX-License-Identifier: Apache-2.0

//go:build race

package dockerfile

// raced says that the race detector watches, at many times the cost: it sees a
// part of the archives.
const raced = true
