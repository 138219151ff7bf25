// SPDX-License-Identifier: Apache-2.0

package exception

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/document"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// purlTypes are the types of package URLs of what Grype and OSV call the kinds
// of packages.
var purlTypes = map[string]string{
	"java-archive": "maven", "jenkins-plugin": "maven", "python": "pypi", "go-module": "golang", "rust-crate": "cargo", "php-composer": "composer",
	"dotnet": "nuget", "npm": "npm", "gem": "gem", "deb": "deb", "apk": "apk", "rpm": "rpm", "alpm": "alpm", "binary": "generic", "hex": "hex", "dart-pub": "pub",
	"swift": "swift", "conan": "conan", "pod": "cocoapods", "hackage": "hackage", "R-package": "cran",
	"Go": "golang", "PyPI": "pypi", "crates.io": "cargo", "Maven": "maven", "NuGet": "nuget", "Packagist": "composer", "RubyGems": "gem", "Hex": "hex", "Pub": "pub",
	"Debian": "deb", "Ubuntu": "deb", "Alpine": "apk", "Red Hat": "rpm", "Rocky Linux": "rpm", "AlmaLinux": "rpm", "SUSE": "rpm", "openSUSE": "rpm", "CRAN": "cran",
	"ConanCenter": "conan", "SwiftURL": "swift", "Hackage": "hackage",
}

// grype reads the list "ignore" of Grype's configuration
// (https://github.com/anchore/grype#specifying-matches-to-ignore). A rule with a
// constraint that is not known here is passed over, so that it is not widened.
func (r *reader) grype(doc *document.Node) {
	for _, n := range r.list(doc.Get("ignore"), "ignore") {
		if n.Kind != document.Map {
			r.bad(n, "a rule of ignore is a map of fields")
			continue
		}
		r.grypeRule(n)
	}
}

func (r *reader) grypeRule(n *document.Node) {
	for key, v := range n.Members() {
		if !slices.Contains([]string{"vulnerability", "include-aliases", "reason", "fix-state", "package"}, key) && v.Present() && v.Str()+first(v) != "" {
			r.skip(n.Key(key), "the constraint %q of Grype is not known here", key)
			return
		}
	}
	pkg := n.Get("package")
	for key, v := range pkg.Members() {
		if !slices.Contains([]string{"name", "version", "type", "location"}, key) && v.Str() != "" {
			r.skip(pkg.Key(key), "the constraint \"package.%s\" of Grype is not known here", key)
			return
		}
	}
	e := sekisho.Exception{Rule: n.Get("vulnerability").Str(), Reason: n.Get("reason").Str(), FixState: n.Get("fix-state").Str(), Path: pkg.Get("location").Str()}
	if e.Rule == "" {
		e.Rule = string(sekisho.Vulnerability) + "/" + sekisho.AnyRule
	}
	if e.FixState != "" && !slices.Contains(fixStates, e.FixState) {
		r.bad(n.Get("fix-state"), "fix-state %q is none of %s", e.FixState, strings.Join(fixStates, ", "))
		return
	}
	if e.Path != "" && !goodPattern(e.Path) {
		r.bad(pkg.Get("location"), "location %q is no pattern", e.Path)
		return
	}
	// Names are regular expressions to Grype; those that "*" can say are read.
	name := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(pkg.Get("name").Str(), "^"), "$"), ".*", "*")
	if strings.ContainsAny(name, `[](){}|\^$?`) || strings.Count(pkg.Get("name").Str(), "*") != strings.Count(pkg.Get("name").Str(), ".*") {
		r.skip(pkg.Get("name"), "the name %q is a regular expression, only .* is known here", name)
		return
	}
	version := pkg.Get("version").Str()
	e.Package = name
	if version != "" {
		if name == "" {
			e.Package = "*"
		}
		e.Package += "@" + version
	}
	if t := pkg.Get("type").Str(); t != "" {
		if e.Type = purlTypes[t]; e.Type == "" {
			r.skip(pkg.Get("type"), "the type %q of packages is not known here", t)
			return
		}
	}
	if e.Rule == string(sekisho.Vulnerability)+"/"+sekisho.AnyRule && e.Package+e.Type+e.FixState+e.Path == "" {
		r.skip(n, "the rule would ignore everything")
		return
	}
	r.add(n, e)
}

// first is the text of the first item of a list.
func first(n *document.Node) string { return n.At(0).Str() }
