// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package cli

import "io/fs"

// private is true for a directory: temporary directories belong to a user here.
func private(info fs.FileInfo) bool { return info.IsDir() }
