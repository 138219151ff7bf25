// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/sekisho/sekisho/internal/message"
)

// namedFiles is the source tree in the working directory, of which only the
// named files and directories are read: what tools that hand over changed files
// ask for.
func (a *App) namedFiles(args []string, f *scanFlags) (target, error) {
	switch {
	case len(args) == 0:
		return target{}, a.usage(message.FilesNone)
	case f.history:
		return target{}, a.usage(message.FilesHistory)
	}
	top, err := filepath.Abs(a.path("."))
	if err != nil {
		return target{}, err
	}
	for _, name := range args {
		p, err := filepath.Abs(a.path(name))
		if err != nil {
			return target{}, err
		}
		rel, err := filepath.Rel(top, p)
		if err != nil || !filepath.IsLocal(rel) {
			return target{}, a.usage(message.FilesOutside, name)
		}
		if _, err := os.Lstat(p); err != nil {
			return target{}, a.notThere(name, err)
		}
		f.only = append(f.only, filepath.ToSlash(rel))
	}
	slices.Sort(f.only)
	return target{"repo", "."}, nil
}
