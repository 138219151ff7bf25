// SPDX-License-Identifier: Apache-2.0

package sekisho

import (
	"slices"
	"strings"
)

// Inventory is everything that was learned from reading. Facts only.
// A new field needs its line in Merge; a test over the fields says so.
type Inventory struct {
	// OS holds one entry for each os-release (or older equivalent) that was
	// found; after the layers are squashed the visible one stands first.
	OS       []OS      `json:"os,omitempty"`
	Packages []Package `json:"packages,omitempty"`
	// Owned says which files a package manager's package installed.
	Owned []Ownership `json:"-"`
	// Marks say which packages of a package manager were asked for.
	Marks []InstallMarks `json:"-"`
	// Uses are what programs and scripts need beside themselves.
	Uses []Use `json:"-"`
	// Licenses that a file other than the package's own record declares.
	Licenses []DeclaredLicense `json:"-"`
	// Resources are configuration files, with their text.
	Resources []Resource `json:"-"`
	// Files are entries that somebody noted.
	Files []FileNote `json:"-"`
	// Secrets that content was recognised as; never the values.
	Secrets []SecretFact `json:"-"`
	// Malware that content was recognised as.
	Malware []MalwareFact `json:"-"`
	// Hashes of programs, scripts and archives.
	Hashes []FileHash `json:"-"`
	// Problems are parts of a file that could not be understood.
	Problems []Problem `json:"problems,omitempty"`

	// Target, Image and Layers are the artifact's, for checkers: extractors leave
	// them empty, and they are not merged.
	Target Target       `json:"-"`
	Image  *ImageConfig `json:"-"`
	Layers []Layer      `json:"-"`
}

// Merge appends other's facts.
func (inv *Inventory) Merge(other Inventory) {
	inv.OS = append(inv.OS, other.OS...)
	inv.Packages = append(inv.Packages, other.Packages...)
	inv.Owned = append(inv.Owned, other.Owned...)
	inv.Marks = append(inv.Marks, other.Marks...)
	inv.Uses = append(inv.Uses, other.Uses...)
	inv.Licenses = append(inv.Licenses, other.Licenses...)
	inv.Resources = append(inv.Resources, other.Resources...)
	inv.Files = append(inv.Files, other.Files...)
	inv.Secrets = append(inv.Secrets, other.Secrets...)
	inv.Malware = append(inv.Malware, other.Malware...)
	inv.Hashes = append(inv.Hashes, other.Hashes...)
	inv.Problems = append(inv.Problems, other.Problems...)
}

// OS is a distribution's release as os-release(5) gives it.
type OS struct {
	// ID is os-release's ID, lower case: "debian", "rhel", "alpine".
	ID string `json:"id"`
	// Version is VERSION_ID, or the fullest that is known ("12.5", "3.18.9").
	Version    string   `json:"version"`
	Name       string   `json:"name,omitempty"`
	Codename   string   `json:"codename,omitempty"`
	IDLike     []string `json:"idLike,omitempty"`
	CPE        string   `json:"cpe,omitempty"`
	PrettyName string   `json:"prettyName,omitempty"`
	// Family is the distribution whose advisories apply: ID itself where it is
	// known, else the first known one of IDLike; empty when none is known.
	Family string `json:"family,omitempty"`
	// Derived is true when Family was chosen by IDLike.
	Derived bool `json:"derived,omitempty"`
	// EOL is the end of regular security support, "2026-06-10"; empty when
	// not known. EOLExtended is the end of long term support, where it exists.
	EOL         string   `json:"eol,omitempty"`
	EOLExtended string   `json:"eolExtended,omitempty"`
	Location    Location `json:"location,omitzero"`
}

// Location is where a fact was read.
type Location struct {
	// Layer is the diff id of the layer; empty for directories and SBOMs.
	Layer string `json:"layer,omitempty"`
	// Index of the layer, lowest 0; -1 is not used, a directory is layer 0.
	Index int `json:"index"`
	// Path within the artifact; "a.war!/WEB-INF/lib/b.jar" inside an archive.
	Path string `json:"path,omitempty"`
	// Line, 1 based; 0 when it has no meaning.
	Line int `json:"line,omitempty"`
	// Column, 1 based in bytes, and the place where it ends (EndColumn is the
	// column behind the last byte); 0 when not known.
	Column    int `json:"column,omitempty"`
	EndLine   int `json:"endLine,omitempty"`
	EndColumn int `json:"endColumn,omitempty"`
	// Hidden is true when a later layer removed or replaced the file.
	Hidden bool `json:"hidden,omitempty"`
}

// Relationship of a package to the project whose lockfile names it.
type Relationship string

// The relationships; empty means unknown.
const (
	Direct     Relationship = "direct"
	Transitive Relationship = "transitive"
	// Root is the project itself.
	Root Relationship = "root"
)

// The ecosystems. The values appear in reports and key the advisory database;
// they follow the purl types except where the field has a better known word.
const (
	EcosystemDeb      = "deb"
	EcosystemAPK      = "apk"
	EcosystemRPM      = "rpm"
	EcosystemALPM     = "alpm"
	EcosystemNPM      = "npm"
	EcosystemPyPI     = "pypi"
	EcosystemMaven    = "maven"
	EcosystemGo       = "golang"
	EcosystemCargo    = "cargo"
	EcosystemGem      = "gem"
	EcosystemComposer = "composer"
	EcosystemNuGet    = "nuget"
	EcosystemHex      = "hex"
	EcosystemPub      = "pub"
	EcosystemSwift    = "swift"
	EcosystemCocoa    = "cocoapods"
	EcosystemConan    = "conan"
	EcosystemCRAN     = "cran"
	EcosystemHackage  = "hackage"
	EcosystemCPAN     = "cpan"
	EcosystemLuaRocks = "luarocks"
	EcosystemJulia    = "julia"
	EcosystemOTP      = "otp"
	// EcosystemBinary is a well-known program that no package owns, known by
	// the version string inside it; its purl type is "generic".
	EcosystemBinary = "binary"
)

// Package is one installed or locked package.
type Package struct {
	// PURL as https://github.com/package-url/purl-spec has it. Extractors of
	// distributions leave it empty: the walk makes it when the OS is known.
	PURL      string `json:"purl"`
	Ecosystem string `json:"ecosystem"`
	// Name as the ecosystem's advisories spell it: "@babel/core",
	// "org.apache.logging.log4j:log4j-core", "golang.org/x/net", PyPI names
	// normalised (PEP 503).
	Name string `json:"name"`
	// Version in the ecosystem's own notation, with the epoch ("1:2.3-4").
	Version string `json:"version"`
	// SourceName and SourceVersion of a distribution's package: what its
	// advisories name. Equal to Name and Version where there is no other.
	SourceName    string `json:"sourceName,omitempty"`
	SourceVersion string `json:"sourceVersion,omitempty"`
	Arch          string `json:"arch,omitempty"`
	// Modularity label of an rpm: "nodejs:18:8080020230...:...".
	Modularity string `json:"modularity,omitempty"`
	// Vendor that built the package, where the database says.
	Vendor string `json:"vendor,omitempty"`
	// Licenses as declared, not normalised.
	Licenses []string `json:"licenses,omitempty"`
	// LicenseExpression is what they say as one SPDX expression, filled by the
	// walk: a name that is not known is a LicenseRef- in it. LicenseFile is set
	// when it was read out of a licence's text instead, in this file.
	LicenseExpression string       `json:"licenseExpression,omitempty"`
	LicenseFile       string       `json:"licenseFile,omitempty"`
	Relationship      Relationship `json:"relationship,omitempty"`
	// Dev is true for a dependency of development or test only.
	Dev bool `json:"dev,omitempty"`
	// Tree is set by a lock, for a package that installers may leave out (it is
	// optional, for another platform, or for development): the directory of the
	// packages installed for the lock's project. Where packages are in it, what
	// is installed is known, and the walk drops a package that only the lock
	// names; where there is no tree, the lock is all that is known.
	Tree string `json:"-"`
	// Installed says why a distribution's package is there, where its database
	// knows what the packages need; empty where that is not known, and then Needs
	// and the others say nothing. Extractors give InstalledEssential or
	// InstalledAsked; the walk learns from Marks which are InstalledAutomatic.
	Installed InstallReason `json:"installed,omitempty"`
	// Needs are the names of the installed packages without one of which this
	// one would be broken: all that satisfy a dependency, whatever their versions.
	// Suits are those with which it works better (recommended, suggested): they
	// are not dropped as unneeded while this one stays.
	Needs []string `json:"needs,omitempty"`
	Suits []string `json:"suits,omitempty"`
	// AskedAs are the names, with spaces between, under which it was asked for
	// together with others: ".build-deps" of apk add --virtual.
	AskedAs string `json:"askedAs,omitempty"`
	// UsedBy are what is no package's and needs one of its files: the image's
	// configuration ("config"), programs and scripts (their paths); the first few.
	UsedBy []string `json:"usedBy,omitempty"`
	// Provides are other names under which it can be asked for, for the walk.
	Provides []string `json:"-"`
	// Checksums of the file that is the package: "sha1:...".
	Checksums []string `json:"checksums,omitempty"`
	// Layer, Path and Line repeat Locations[0] for those who read the report
	// with a short query; filled by the walk.
	Layer     string     `json:"layer,omitempty"`
	Path      string     `json:"path,omitempty"`
	Line      int        `json:"line,omitempty"`
	Locations []Location `json:"locations,omitempty"`
	// Introduced says which layer brought this version in; filled by the walk.
	Introduced *Introduction `json:"introduced,omitempty"`
	// OwnedBy is the purl of the distribution's package that installed this
	// one: it is then matched by the distribution's advisories, not a second time.
	OwnedBy string `json:"ownedBy,omitempty"`
	// Hidden is true when no location is visible to a container: the package
	// was removed or upgraded by a later layer.
	Hidden bool `json:"hidden,omitempty"`
	// Extractor that found it, "npm/package-json".
	Extractor string `json:"extractor,omitempty"`
	// Witnesses are the other tools that list it; see Result.Witnesses. One that
	// only they list has the Extractor ExtractorWitness.
	Witnesses []string `json:"witnesses,omitempty"`
}

// ExtractorWitness is the Extractor of a package that only other tools list:
// nobody judged it but they.
const ExtractorWitness = "witness"

// InstallReason says why a package is installed.
type InstallReason string

// The reasons; empty means unknown.
const (
	// InstalledEssential: the distribution says that a system needs it.
	InstalledEssential InstallReason = "essential"
	// InstalledAsked: somebody asked for it by name.
	InstalledAsked InstallReason = "asked"
	// InstalledAutomatic: it came because another one needed it.
	InstalledAutomatic InstallReason = "automatic"
)

// UsedByConfig is the member of Package.UsedBy that stands for the command, the
// entry point and the health check of an image.
const UsedByConfig = "config"

// InstallMarks are one file in which a package manager keeps what was asked for.
// A name with an architecture is "libc6:amd64".
type InstallMarks struct {
	Ecosystem string
	// Asked is true when Names were asked for and all others were not; else Names
	// came automatically and all others were asked for.
	Asked    bool
	Names    []string
	Location Location
}

// Use is a program or a script, with what it needs beside itself.
type Use struct {
	// Libraries are names of shared objects: "libssl.so.3".
	Libraries []string
	// Program is the path of what runs it, without a leading slash, or the name
	// of a program that is looked for in the usual directories.
	Program  string
	Location Location
}

// Introduction is the layer and the build instruction that brought something in.
type Introduction struct {
	Layer       string `json:"layer,omitempty"`
	Index       int    `json:"index"`
	Instruction string `json:"instruction,omitempty"`
	// File and Line of the instruction, see Layer.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Ownership says that a package of a package manager installed files.
type Ownership struct {
	// Ecosystem and Name (with Arch and Version, where the list tells them)
	// find the package.
	Ecosystem string
	Name      string
	Arch      string
	Version   string
	Files     PathSet
	Location  Location
}

// DeclaredLicense gives the licences of a package whose own record is silent
// about them: Debian keeps them in usr/share/doc/NAME/copyright.
type DeclaredLicense struct {
	Ecosystem string
	Name      string
	Licenses  []string
	Location  Location
	// Text is true when they were recognised in the text of a licence. It is
	// about the packages read in the directory or archive Beside; where that is
	// empty, about those of the name and, if it is known, the version.
	Text    bool
	Beside  string
	Version string
}

// PathSet is a compact set of paths: sorted 64 bit hashes. A false member is
// possible in theory (one in 10^13 for a large image), a false absence is not.
type PathSet []uint64

// NewPathSet hashes paths, with or without a leading slash.
func NewPathSet(paths []string) PathSet {
	s := make(PathSet, 0, len(paths))
	for _, p := range paths {
		s = append(s, HashPath(p))
	}
	return s.Sorted()
}

// Sorted puts the set in order, as Has needs it, and returns it.
func (s PathSet) Sorted() PathSet {
	slices.Sort(s)
	return slices.Compact(s)
}

// Has reports whether path is in the (sorted) set.
func (s PathSet) Has(path string) bool { return s.HasHash(HashPath(path)) }

// HasHash reports whether a hashed path is in the (sorted) set.
func (s PathSet) HasHash(h uint64) bool {
	_, ok := slices.BinarySearch(s, h)
	return ok
}

// HashPath is FNV-1a over the path without leading slashes, where the
// directories that a merged /usr links (bin, sbin, lib, lib32, lib64) are
// spelled usr/...: package managers and images disagree which to name.
func HashPath(path string) uint64 {
	path = strings.TrimLeft(path, "/")
	h := uint64(14695981039346656037)
	if first, _, ok := strings.Cut(path, "/"); ok {
		switch first {
		case "bin", "sbin", "lib", "lib32", "lib64", "libx32":
			for _, c := range []byte("usr/") {
				h = (h ^ uint64(c)) * 1099511628211
			}
		}
	}
	for i := range len(path) {
		h = (h ^ uint64(path[i])) * 1099511628211
	}
	return h
}
