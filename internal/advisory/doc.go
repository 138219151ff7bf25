// SPDX-License-Identifier: Apache-2.0

// Package advisory is the vulnerability database: compiled from feeds into
// shards, signed, fetched one by one, opened without being read whole, and
// queried by package. It knows no publisher's format and compares no versions.
package advisory
