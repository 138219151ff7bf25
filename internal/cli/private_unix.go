// SPDX-License-Identifier: Apache-2.0

//go:build unix

package cli

import (
	"io/fs"
	"os"
	"syscall"
)

// private is true for a directory, and no link to one, that is ours and that
// nobody else may write to.
func private(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && int(st.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
