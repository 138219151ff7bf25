// SPDX-License-Identifier: Apache-2.0

package manifest

import (
	"path"
	"slices"
	"strings"
)

// Manager is a package manager, by the file that it writes or reads.
type Manager struct {
	// Name of its program, and the Kind of the manifests; Lock is the name of the
	// lockfile, empty where the versions are in the manifest itself.
	Name string
	Kind Kind
	Lock string
	// Runs is true for those that can be told to run nothing of the project's own
	// code while they write the lockfile.
	Runs bool
}

// ManagerOf tells the manager by a file that names packages with their versions;
// false for a file that is not one project's.
func ManagerOf(name string) (Manager, bool) {
	for dir := range strings.SplitSeq(path.Dir(name), "/") {
		if dir == "node_modules" || dir == "site-packages" || dir == "dist-packages" || dir == "vendor" {
			return Manager{}, false // installed, or somebody else's
		}
	}
	b := path.Base(name)
	m := Manager{Lock: b}
	switch b {
	case "package-lock.json", "npm-shrinkwrap.json":
		m.Name, m.Kind, m.Runs = "npm", NPM, true
	case "yarn.lock":
		m.Name, m.Kind = "yarn", NPM
	case "pnpm-lock.yaml":
		m.Name, m.Kind = "pnpm", NPM
	case "bun.lock":
		m.Name, m.Kind = "bun", NPM
	case "Cargo.lock":
		m.Name, m.Kind, m.Runs = "cargo", Cargo, true
	case "composer.lock":
		m.Name, m.Kind, m.Runs = "composer", Composer, true
	case "poetry.lock":
		m.Name, m.Kind = "poetry", PyProject
	case "uv.lock":
		m.Name, m.Kind = "uv", PyProject
	case "pdm.lock":
		m.Name, m.Kind = "pdm", PyProject
	case "Gemfile.lock":
		m.Name, m.Kind = "bundle", Gemfile
	case "gradle.lockfile":
		m.Name, m.Kind = "gradle", Catalog
	case "packages.lock.json":
		m.Name, m.Kind = "dotnet", MSBuild
	case "go.mod":
		m.Name, m.Kind, m.Lock, m.Runs = "go", GoMod, "go.sum", true
	default:
		m.Lock, m.Kind = "", KindOf(name)
		if m.Kind != Requirements && m.Kind != POM && m.Kind != MSBuild {
			return Manager{}, false
		}
	}
	return m, true
}

// Raised is a package whose lockfile is to be written anew.
type Raised struct {
	Name, From, To string
	// Moved is true when the requirement in the manifest allows From no more.
	Moved bool
	// Overridden is true when an override asks for To.
	Overridden bool
}

// Commands that write the lockfile of a project for packages whose requirements
// were raised, or that requirements allow.
func (m Manager) Commands(all []Raised) [][]string {
	var names, pinned []string
	for _, r := range all {
		names = append(names, r.Name)
		pinned = append(pinned, r.Name+"=="+r.To)
	}
	if slices.ContainsFunc(all, func(r Raised) bool { return r.Overridden }) {
		switch m.Name { // these take a changed override by an install, and npm also by its update
		case "yarn":
			return [][]string{{"yarn", "install"}}
		case "pnpm":
			return [][]string{{"pnpm", "install", "--lockfile-only", "--ignore-scripts", "--no-frozen-lockfile"}}
		}
	}
	with := func(args []string, more ...string) [][]string { return [][]string{append(args, more...)} }
	switch m.Name {
	case "npm":
		return with([]string{"npm", "update", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"}, names...)
	case "yarn":
		return with([]string{"yarn", "up", "--mode=update-lockfile"}, names...)
	case "pnpm":
		return with([]string{"pnpm", "update", "--lockfile-only", "--ignore-scripts"}, names...)
	case "bun":
		return with([]string{"bun", "update", "--lockfile-only", "--ignore-scripts"}, names...)
	case "cargo":
		// The first fits the lockfile to the manifests, and may take the newest.
		out := [][]string{{"cargo", "update", "--workspace"}}
		for _, r := range all {
			spec := r.Name
			if !r.Moved {
				spec += "@" + r.From
			}
			out = append(out, []string{"cargo", "update", "-p", spec, "--precise", r.To})
		}
		return out
	case "composer":
		return with([]string{"composer", "update", "--no-install", "--no-scripts", "--no-plugins", "--no-interaction"}, names...)
	case "poetry":
		return with([]string{"poetry", "update", "--lock"}, names...)
	case "uv":
		args := []string{"uv", "lock"}
		for _, p := range pinned {
			args = append(args, "--upgrade-package", p)
		}
		return [][]string{args}
	case "pdm":
		return with([]string{"pdm", "update", "--no-sync"}, names...)
	case "bundle":
		return with([]string{"bundle", "lock", "--conservative", "--update"}, names...)
	case "gradle":
		return [][]string{{"gradle", "dependencies", "--write-locks"}}
	case "dotnet":
		return [][]string{{"dotnet", "restore", "--force-evaluate"}}
	case "go":
		return [][]string{{"go", "mod", "tidy"}}
	}
	return nil
}

// Word says whether a name or a version may stand in a command: it is no flag, and
// nothing in it means something to a package manager but the name that it is.
func Word(s string) bool {
	return s != "" && s[0] != '-' && len(s) <= 300 && !strings.ContainsFunc(s, func(c rune) bool {
		return c > 127 || !isVersionByte(byte(c)) && !strings.ContainsRune("@/:~", c)
	})
}
