// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"path/filepath"
	"strings"

	"github.com/sekisho/sekisho/internal/message"
)

// The sekisho.yaml of the working directory often lies in the tree that is
// scanned, and whoever changes the tree changes it. It may decide what is looked
// at and what passes, as exceptions there may. It may not run a program, write or
// print a file that lies elsewhere, send the files of the target away, or say
// whose signatures count.

// checkNear refuses settings of the file in the working directory that reach
// beyond the scan.
func (a *App) checkNear(m map[string]origin) error {
	for _, name := range trustFlags {
		if o, set := m[name]; set {
			return a.usage(message.SettingTrust, o.from, name)
		}
	}
	for _, name := range []string{"shellcheck", "yara", "clamd", "output", "template"} {
		for _, v := range m[name].values {
			if !a.harmless(name, v) {
				return a.usage(message.SettingNear, m[name].from, name, v)
			}
		}
	}
	return nil
}

func (a *App) harmless(name, value string) bool {
	switch name {
	case "shellcheck": // a path is a program
		return value == shellcheckOff || value == shellcheckAuto || value == ""
	case "yara": // compiled rules are a program
		return value == ""
	case "clamd": // the files go where it says
		return !strings.HasPrefix(value, "tcp:")
	case "template":
		file, ok := strings.CutPrefix(value, "@")
		return !ok || a.within(file)
	case "output": // FORMAT=FILE, or FILE
		_, file, ok := strings.Cut(value, "=")
		return a.within(value) && (!ok || a.within(file))
	}
	return true
}

// within says whether a file lies below the working directory, links followed.
func (a *App) within(file string) bool {
	if !filepath.IsLocal(file) {
		return file == ""
	}
	here, err := filepath.EvalSymlinks(a.path("."))
	if err != nil {
		return false
	}
	if here, err = filepath.Abs(here); err != nil {
		return false
	}
	for _, p := range []string{a.path(file), filepath.Dir(a.path(file))} {
		real, err := filepath.EvalSymlinks(p)
		if err != nil {
			continue // it is not there yet
		}
		if real, err = filepath.Abs(real); err != nil {
			return false
		}
		if rel, err := filepath.Rel(here, real); err != nil || !filepath.IsLocal(rel) {
			return false
		}
	}
	return true
}
