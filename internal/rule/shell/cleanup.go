// SPDX-License-Identifier: Apache-2.0

package shell

import "strings"

// leftovers are the directories where a family of package managers leaves what
// it downloaded: the package lists of apt (its archives are removed by the
// configuration of the official images), the caches of others.
var leftovers = map[string][]string{
	"apt":    {"/var/lib/apt/lists"},
	"apk":    {"/var/cache/apk", "/etc/apk/cache"},
	"yum":    {"/var/cache/yum", "/var/cache/dnf"},
	"dnf":    {"/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"},
	"zypper": {"/var/cache/zypp"},
	"pip":    {"/root/.cache/pip", "~/.cache/pip", "$HOME/.cache/pip", "${HOME}/.cache/pip"},
	"npm":    {"/root/.npm", "~/.npm", "$HOME/.npm", "${HOME}/.npm"},
	"yarn":   {"/usr/local/share/.cache/yarn", "/root/.cache/yarn", "~/.cache/yarn"},
	"pnpm":   {"/root/.local/share/pnpm/store", "~/.local/share/pnpm/store"},
	"gem":    {"/usr/local/bundle/cache", "/root/.gem", "~/.gem"},
	"go":     {"/root/.cache/go-build", "/go/pkg/mod"},
	"cargo":  {"/usr/local/cargo/registry", "/root/.cargo/registry", "~/.cargo/registry"},
}

// Cleans reports whether the command removes what the family's managers leave
// in the image: "rm -rf /var/lib/apt/lists/*", "dnf clean all".
func (c *Command) Cleans(family string) bool {
	if c.Name == "rm" || c.Name == "find" {
		if c.Name == "find" && !c.Has("-delete") && !c.Has("-exec") {
			return false
		}
		for _, w := range c.Operands() {
			if removes(w.Text, family) {
				return true
			}
		}
		return false
	}
	u, ok := c.Use()
	if !ok {
		if family == "go" && c.Name == "go" {
			return c.Is("go", "clean")
		}
		return false
	}
	if u.Family == "go" {
		return family == "go" && u.Sub == "clean"
	}
	if u.Action != Clean || u.Family != family && !(rpm(u.Family) && rpm(family)) {
		return false
	}
	switch family {
	case "apt":
		return u.Sub == "distclean" || u.Sub == "dist-clean"
	case "yum", "dnf":
		return c.Is(c.Name, "clean", "all")
	case "zypper":
		return true
	}
	return true
}

func rpm(family string) bool { return family == "yum" || family == "dnf" }

// removes reports whether removing a path removes the family's leftovers: the
// directory, all that is in it, or a directory above.
func removes(path, family string) bool {
	path = strings.TrimRight(path, "/*.")
	for _, dir := range leftovers[family] {
		if path == dir || len(path) > len("/var") && strings.HasPrefix(dir, path+"/") {
			return true
		}
	}
	return false
}
