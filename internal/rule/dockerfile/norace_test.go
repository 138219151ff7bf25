// SPDX-License-Identifier: Apache-2.0

//go:build !race

package dockerfile

// raced says that the race detector watches; scripts/test runs this package a
// second time without it, over all there is.
const raced = false
