// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"slices"
	"strings"
)

// Action is what a command asks of a package manager.
type Action uint8

// The actions. Update renews the index; Upgrade installs newer versions of what
// is there; Sync installs what a lock file or manifest of the project says.
const (
	OtherAction Action = iota
	Install
	Update
	Upgrade
	Sync
	Remove
	Clean
)

func (a Action) String() string {
	return [...]string{"other", "install", "update", "upgrade", "sync", "remove", "clean"}[a]
}

// Pin is how exactly a package is asked for.
type Pin uint8

// The ways. PinNone takes whatever is newest; PinRange what fits ("~=1.4",
// "^2", a distribution tag, a Git branch); PinExact one version or commit.
// PinLocal is a file or directory, PinURL an archive at an address. PinUnknown
// has a variable in its version or name and must not be judged.
const (
	PinNone Pin = iota
	PinRange
	PinExact
	PinLocal
	PinURL
	PinUnknown
)

func (p Pin) String() string {
	return [...]string{"none", "range", "exact", "local", "url", "unknown"}[p]
}

// Package is a package that a command names.
type Package struct {
	Name, Version string
	Pin           Pin
	// Word is where it is named.
	Word Word
}

// Use is one use of a package manager.
type Use struct {
	// Manager is the canonical name: "apt-get", "apt", "aptitude", "apk", "yum",
	// "dnf", "microdnf", "zypper", "pip", "uv", "npm", "yarn", "pnpm", "gem",
	// "bundle", "go", "cargo". Family groups those with one cache: "apt", "apk",
	// "yum", "dnf", "zypper", "pip", "npm", "yarn", "pnpm", "gem", "go", "cargo".
	Manager, Family string
	// Sub is the sub command as it is written.
	Sub     string
	Action  Action
	Command *Command
	// Packages that are named. Files are the requirements files ("-r x").
	Packages []Package
	Files    []Word
	// Yes is true when no question is asked; NoCache when nothing is left in the
	// manager's cache; Locked when only what a lock file says is installed.
	Yes, NoCache, Locked bool
	// Global is true for npm -g and the like.
	Global bool
}

// Use says what a command asks of a package manager; ok is false for others.
func (c *Command) Use() (u *Use, ok bool) {
	name, args, family := c.Name, c.Args, ""
	c2 := c
	switch name {
	case "apt-get", "apt", "aptitude":
		family = "apt"
	case "apk", "zypper", "npm", "yarn", "pnpm", "gem", "go", "cargo", "yum":
		family = name
	case "dnf", "dnf5", "microdnf", "tdnf":
		family = "dnf"
		if name == "dnf5" {
			name = "dnf"
		}
	case "bundle", "bundler":
		name, family = "bundle", "gem"
	case "uv":
		// uv pip install
		if len(args) == 0 || args[0].Text != "pip" && args[0].Text != "tool" {
			return nil, false
		}
		family, args = "pip", args[1:]
	default:
		switch {
		case pipName(name):
			name, family = "pip", "pip"
		case pythonName(name):
			i := slices.IndexFunc(args, func(w Word) bool { return w.Text == "-m" })
			if i < 0 || i+1 >= len(args) || args[i+1].Text != "pip" {
				return nil, false
			}
			name, family, args = "pip", "pip", args[i+2:]
		default:
			return nil, false
		}
	}
	if name != c.Name || len(args) != len(c.Args) {
		v := *c
		v.Name, v.Args = name, args
		c2 = &v
	}
	u = &Use{Manager: name, Family: family, Command: c}
	u.read(c2)
	return u, true
}

// Uses are the uses of package managers by the script's commands, in order.
func (s *Script) Uses() []*Use {
	var out []*Use
	for i := range s.Commands {
		if u, ok := s.Commands[i].Use(); ok {
			out = append(out, u)
		}
	}
	return out
}

func pipName(s string) bool    { return versioned(s, "pip") }
func pythonName(s string) bool { return versioned(s, "python") || versioned(s, "pypy") }

// versioned reports "pip", "pip3", "pip3.11".
func versioned(s, name string) bool {
	rest, ok := strings.CutPrefix(s, name)
	return ok && strings.Trim(rest, "0123456789.") == ""
}

// actions are the sub commands by family.
var actions = map[string]map[string]Action{
	"apt": {
		"install": Install, "build-dep": Install, "reinstall": Install, "satisfy": Install, "update": Update, "upgrade": Upgrade, "dist-upgrade": Upgrade, "full-upgrade": Upgrade, "safe-upgrade": Upgrade,
		"remove": Remove, "purge": Remove, "autoremove": Remove, "auto-remove": Remove, "autopurge": Remove, "clean": Clean, "autoclean": Clean, "distclean": Clean, "dist-clean": Clean, "auto-clean": Clean,
	},
	"apk": {"add": Install, "update": Update, "upgrade": Upgrade, "del": Remove, "cache": OtherAction},
	"dnf": {
		"install": Install, "localinstall": Install, "groupinstall": Install, "reinstall": Install, "builddep": Install, "group": OtherAction, "module": OtherAction, "makecache": Update, "check-update": Update,
		"update": Upgrade, "upgrade": Upgrade, "upgrade-minimal": Upgrade, "update-minimal": Upgrade, "distro-sync": Upgrade, "remove": Remove, "erase": Remove, "autoremove": Remove, "clean": Clean,
	},
	"zypper": {
		"install": Install, "in": Install, "source-install": Install, "si": Install, "refresh": Update, "ref": Update, "update": Upgrade, "up": Upgrade, "patch": Upgrade, "dist-upgrade": Upgrade, "dup": Upgrade,
		"remove": Remove, "rm": Remove, "clean": Clean, "cc": Clean,
	},
	"pip":  {"install": Install, "download": OtherAction, "wheel": OtherAction, "uninstall": Remove, "sync": Sync},
	"npm":  {"install": Install, "i": Install, "add": Install, "in": Install, "ins": Install, "isntall": Install, "ci": Sync, "clean-install": Sync, "update": Upgrade, "up": Upgrade, "upgrade": Upgrade, "uninstall": Remove, "remove": Remove, "rm": Remove, "un": Remove, "cache": OtherAction},
	"yarn": {"install": Sync, "add": Install, "upgrade": Upgrade, "up": Upgrade, "remove": Remove, "cache": OtherAction, "global": OtherAction},
	"pnpm": {"install": Install, "i": Install, "add": Install, "ci": Sync, "update": Upgrade, "up": Upgrade, "remove": Remove, "rm": Remove, "un": Remove, "store": OtherAction},
	"gem":  {"install": Install, "i": Install, "update": Upgrade, "uninstall": Remove, "cleanup": Clean},
	"go":   {"install": Install, "get": Install},
	"cargo": {
		"install": Install, "update": Upgrade, "uninstall": Remove,
	},
}

func (u *Use) read(c *Command) {
	family := u.Family
	if family == "yum" {
		family = "dnf"
	}
	ops := c.Operands()
	if len(ops) > 0 {
		u.Sub, u.Action = ops[0].Text, actions[family][ops[0].Text]
	}
	rest := ops
	if len(rest) > 0 {
		rest = rest[1:]
	}
	next := func(want string) bool { return len(rest) > 0 && rest[0].Text == want }
	switch {
	case u.Manager == "bundle":
		u.Action = OtherAction
		if len(ops) == 0 || u.Sub == "install" {
			u.Action = Sync
		}
		u.Yes, u.Locked = true, c.Has("--frozen", "--deployment")
		return
	case u.Manager == "yarn" && len(ops) == 0:
		u.Action = Sync
	case u.Manager == "yarn" && u.Sub == "global" && next("add"):
		u.Action, u.Global, rest = Install, true, rest[1:]
	case u.Sub == "cache" && (next("clean") || next("clear") || next("rm") || next("purge")), u.Sub == "store" && next("prune"):
		u.Action = Clean
	case u.Family == "pip" && u.Sub == "cache" && next("purge"):
		u.Action = Clean
	case family == "dnf" && (u.Sub == "group" || u.Sub == "module") && next("install"):
		u.Action, rest = Install, rest[1:]
	}
	u.Yes, u.NoCache, u.Locked = u.flags(c)
	u.Global = u.Global || c.Has("-g", "--global", "--location=global")
	if u.Family == "pip" {
		u.Files = c.Values("-r", "--requirement", "--requirements")
	}
	if u.Action != Install {
		return
	}
	if (u.Manager == "npm" || u.Manager == "pnpm") && len(rest) == 0 {
		u.Action = Sync
	}
	for _, w := range rest {
		u.Packages = append(u.Packages, u.parse(c, w))
	}
	if u.Family == "pip" {
		for _, w := range c.Values("-e", "--editable") {
			u.Packages = append(u.Packages, u.parse(c, w))
		}
	}
}

// flags are the flags of each family that mean yes, no cache and locked.
func (u *Use) flags(c *Command) (yes, noCache, locked bool) {
	switch u.Family {
	case "apt":
		// -qq implies -y (apt-get(8)).
		q, _ := quiet(c)
		return c.Has("-y", "--yes", "--assume-yes", "--force-yes") || q >= 2, false, false
	case "apk":
		return !c.Has("-i", "--interactive"), c.Has("--no-cache"), false
	case "yum", "dnf":
		return c.Has("-y", "--assumeyes"), false, false
	case "zypper":
		return c.Has("-n", "--non-interactive", "-y", "--no-confirm"), false, false
	case "pip":
		return true, c.Has("--no-cache-dir", "--no-cache"), c.Has("--require-hashes")
	case "npm":
		return true, false, u.Action == Sync
	case "yarn", "pnpm":
		return true, false, c.Has("--frozen-lockfile", "--immutable", "--immutable-cache")
	case "cargo":
		return true, false, c.Has("--locked", "--frozen")
	}
	return true, false, false
}

// quiet counts the -q of apt-get: -qq, -q=2, -q -q.
func quiet(c *Command) (n int, ok bool) {
	for i := range c.Args {
		switch t := c.Args[i].Text; {
		case t == "-q=2" || t == "--quiet=2":
			n += 2
		case t == "--quiet":
			n++
		case len(t) > 1 && t[0] == '-' && t[1] != '-' && !strings.Contains(t, "=") && !strings.Contains(t, "o"):
			n += strings.Count(t, "q")
		}
	}
	return n, n > 0
}
