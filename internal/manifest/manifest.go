// SPDX-License-Identifier: Apache-2.0

// Package manifest raises the versions that projects ask for, in the files in
// which people write them. It edits text: the version's own bytes are replaced
// and nothing else of the file changes. It opens no file, asks no registry, runs
// no package manager, and writes no lockfile: their hashes are not to be guessed.
package manifest

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is a format of manifests.
type Kind string

// The kinds. The empty one is for files that are no manifest.
const (
	NPM          Kind = "package.json"       // https://docs.npmjs.com/cli/configuring-npm/package-json
	Requirements Kind = "requirements.txt"   // https://pip.pypa.io/en/stable/reference/requirements-file-format/
	PyProject    Kind = "pyproject.toml"     // https://packaging.python.org/specifications/pyproject-toml/
	GoMod        Kind = "go.mod"             // https://go.dev/ref/mod#go-mod-file
	Cargo        Kind = "Cargo.toml"         // https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html
	POM          Kind = "pom.xml"            // https://maven.apache.org/pom.html
	Composer     Kind = "composer.json"      // https://getcomposer.org/doc/04-schema.md
	MSBuild      Kind = "msbuild"            // https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files
	Catalog      Kind = "libs.versions.toml" // https://docs.gradle.org/current/userguide/version_catalogs.html
	Gemfile      Kind = "Gemfile"            // https://bundler.io/man/gemfile.5.html
)

// KindOf tells the kind of a file by its name.
func KindOf(name string) Kind {
	b := path.Base(name)
	switch Kind(b) {
	case NPM, PyProject, GoMod, Cargo, POM, Composer, Catalog, Gemfile:
		return Kind(b)
	}
	lower := strings.ToLower(b)
	switch ext := path.Ext(lower); {
	case slices.Contains([]string{".csproj", ".fsproj", ".vbproj"}, ext), lower == "directory.packages.props":
		return MSBuild
	case ext == ".txt" && (strings.Contains(lower, "requirements") || path.Base(path.Dir(name)) == "requirements"):
		return Requirements
	}
	return ""
}

// MaxBytes bounds a manifest.
const MaxBytes = 4 << 20

// Want is what one edit is to do: raise Name to To at least.
type Want struct {
	// Name as advisories spell it, see sekisho.Package; From is the version that
	// is there, To the one to have.
	Name, From, To string
	// Property that holds the version for a module of this project, where another
	// file names the package: see Property.
	Property string
	// Order compares two versions of the ecosystem.
	Order func(a, b string) (n int, ok bool)
}

// Edit is what became of a manifest.
type Edit struct {
	// Text with the versions replaced; the given one when nothing was.
	Text []byte
	// Line of the first requirement of the package, 0 when the file names none;
	// Was and Now are its text. They are equal where it allows the version already.
	Line     int
	Was, Now string
	// Refused is empty, or says why the file is left alone: one of the constants.
	Refused string
}

// The reasons why a manifest is left alone.
const (
	RefusedUnreadable = "unreadable" // not in its format, too large, or not in UTF-8
	RefusedDuplicate  = "duplicate"  // one key is there twice
	RefusedRange      = "range"      // a requirement of several parts, or with an upper bound below
	RefusedHashes     = "hashes"     // the line has hashes of the files
	RefusedGenerated  = "generated"  // a tool wrote the file from another one
	RefusedElsewhere  = "elsewhere"  // the version stands in another file
	RefusedSource     = "source"     // a path, an address or a repository in place of a version
	RefusedReplaced   = "replaced"   // go.mod replaces the module
	RefusedMajorPath  = "major-path" // the other major version of a Go module has another path
	RefusedOverride   = "override"   // an override is there that is not to be raised, or cannot be said
	RefusedVersion    = "version"    // To is no version that can stand in the file
)

// site is a requirement in a text.
type site struct {
	from, to int
	style    style
	refused  string
}

// Raise edits the text of a manifest.
func Raise(kind Kind, text []byte, w Want) Edit {
	e := Edit{Text: text}
	if len(text) > MaxBytes || !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		e.Refused = RefusedUnreadable
		return e
	}
	if !version(w.To) {
		e.Refused = RefusedVersion
		return e
	}
	var sites []site
	var why string
	switch kind {
	case NPM:
		sites, why = packageJSON(text, w, []string{"dependencies", "devDependencies", "optionalDependencies"}, style{spaces: true, partial: true})
	case Composer:
		sites, why = packageJSON(text, w, []string{"require", "require-dev"}, style{commas: true, spaces: true, v: true, fold: true})
	case Requirements:
		sites, why = requirements(text, w)
	case PyProject:
		sites, why = pyProject(text, w)
	case GoMod:
		sites, why = goMod(text, &w)
	case Cargo:
		sites, why = cargo(text, w)
	case POM:
		sites, why = pom(text, w)
	case MSBuild:
		sites, why = msBuild(text, w)
	case Catalog:
		sites, why = catalog(text, w)
	case Gemfile:
		sites, why = gemfile(text, w)
	default:
		why = RefusedUnreadable
	}
	if why != "" {
		e.Refused = why
	}
	return apply(e, sites, w)
}

// apply rewrites the requirements, all or none.
func apply(e Edit, sites []site, w Want) Edit {
	text := e.Text
	slices.SortFunc(sites, func(a, b site) int { return a.from - b.from })
	var out []byte
	done := 0
	for i, s := range sites {
		if i == 0 {
			e.Line = 1 + bytes.Count(text[:s.from], []byte("\n"))
			e.Was = string(text[s.from:s.to])
			e.Now = e.Was
		}
		if e.Refused != "" {
			return e
		}
		if i > 0 && s.from < sites[i-1].to {
			if s == sites[i-1] {
				continue // two dependencies share a property
			}
			return Edit{Text: text, Line: e.Line, Was: e.Was, Now: e.Was, Refused: RefusedUnreadable}
		}
		r := rewrite(string(text[s.from:s.to]), w, s.style)
		if s.refused != "" {
			r.refused = s.refused
		}
		if r.refused != "" {
			return Edit{Text: text, Line: e.Line, Was: e.Was, Now: e.Was, Refused: r.refused}
		}
		out = append(out, text[done:s.from+r.from]...)
		out = append(out, r.version...)
		done = s.from + r.to
		if i == 0 || e.Was == e.Now {
			whole := string(text[s.from:s.from+r.from]) + r.version + string(text[done:s.to])
			if was := string(text[s.from:s.to]); was != whole {
				e.Line, e.Was, e.Now = 1+bytes.Count(text[:s.from], []byte("\n")), was, whole
			}
		}
	}
	if len(sites) > 0 {
		e.Text = append(out, text[done:]...)
	}
	return e
}

// version says whether a text can be a version in a file: nothing in it ends a
// string, begins a comment or is markup.
func version(s string) bool {
	if s == "" || len(s) > 100 || !isDigit(strings.TrimPrefix(s, "v")) {
		return false
	}
	return !strings.ContainsFunc(s, func(c rune) bool { return !isVersionByte(byte(c)) || c > 127 })
}

func isDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

func isVersionByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || strings.IndexByte(".-+_!", c) >= 0
}
