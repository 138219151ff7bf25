// SPDX-License-Identifier: Apache-2.0

//go:build race

package truth

// raced says that the race detector watches: it sees nothing of the program that
// these tests run, and costs them minutes. scripts/test runs the package a second
// time without it, and there every test runs.
const raced = true
