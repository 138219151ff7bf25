// SPDX-License-Identifier: Apache-2.0

// Package sekisho is the vocabulary of the checkpoint: the domain types and the
// few small interfaces that every other room speaks. It imports the standard
// library only, does no I/O and knows no file format.
//
// The idea in one line: facts, then judgement, then decision. An [Extractor]
// reads files and states facts (an [Inventory]); a [Checker] judges facts and
// never opens a file; a policy decides, purely. What could not be examined is
// data too: a [Problem], never silence.
package sekisho
