// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sekisho/sekisho/internal/message"
)

// homeless is where data are kept of a user without a home: a directory of the
// system's temporary one with a name that everybody can guess. Another user may
// have made it first, and put facts or a database there: then an empty directory
// stands in for it until the program ends, and that is told.
func (a *App) homeless() string {
	if a.substitute != "" {
		return a.substitute
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("sekisho-%d", os.Getuid()))
	err := os.Mkdir(dir, 0o700)
	info, statErr := os.Lstat(dir)
	switch {
	case err == nil:
		return dir
	case statErr != nil: // there is none and none can be made
		return dir
	case private(info):
		// What an earlier version made could be read by others.
		if info.Mode().Perm() == 0o700 || os.Chmod(dir, 0o700) == nil { //nolint:gosec // a directory is entered
			return dir
		}
	}
	if a.substitute, err = os.MkdirTemp("", "sekisho-"); err != nil {
		a.substitute = filepath.Join(os.DevNull, "sekisho") // where nothing is
	}
	a.remark(message.DirectoryOfOthers, dir)
	return a.substitute
}

// leave removes what stood in for the directory of data.
func (a *App) leave() {
	if info, err := os.Lstat(a.substitute); a.substitute != "" && err == nil && info.Mode()&fs.ModeDir != 0 {
		_ = os.RemoveAll(a.substitute)
	}
}
