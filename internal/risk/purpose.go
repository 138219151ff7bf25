// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// buildTools are packages that compile, link, package or debug, as distributions
// name them, without the numbers at the end.
var buildTools = []string{
	"abuild", "alpine-sdk", "autoconf", "automake", "autotools", "binutils", "bison", "build-base", "build-essential", "cargo", "clang", "cmake", "cpp",
	"debhelper", "devscripts", "dpkg-dev", "fakeroot", "flex", "fortify-headers", "g++", "gcc", "gcc-c++", "gcc-g++", "gcc-gfortran", "gdb", "gfortran",
	"ghc", "gmake", "go", "golang", "golang-go", "golang-src", "kernel-headers", "libtool", "libtool-bin", "linux-headers", "lld", "lldb", "llvm", "ltrace", "m4",
	"make", "meson", "nasm", "ninja", "ninja-build", "patch", "pkg-config", "pkgconf", "pkgconf-pkg-config", "rpm-build", "rust", "rustc", "samurai", "strace", "swig", "valgrind", "yasm",
	"python3-pip", "python3-wheel", "python-pip", "py3-pip", "py3-wheel", "pip",
}

// fetchTools download, unpack and check.
var fetchTools = []string{
	"apt-transport-https", "apt-utils", "aria2", "brz", "bzr", "curl", "cvs", "dirmngr", "git", "git-core", "gnupg", "gpg", "lsb-release", "mercurial",
	"rsync", "software-properties-common", "subversion", "unzip", "wget", "wget2",
}

// builds says whether a package is there to build others: a compiler, headers.
func builds(name string) bool {
	for _, end := range []string{"-dev", "-devel", "-headers"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	if strings.HasPrefix(name, "linux-headers-") || strings.HasPrefix(name, "binutils-") || strings.HasPrefix(name, "linux-libc-dev") {
		return true
	}
	s := stem(name)
	// "gcc-12-x86-64-linux-gnu" is a compiler, "gcc-12-base" is what its library
	// needs.
	for _, compiler := range []string{"gcc", "g++", "cpp", "gfortran", "clang"} {
		if rest, ok := strings.CutPrefix(name, compiler+"-"); ok && (strings.HasSuffix(rest, "-linux-gnu") || strings.HasSuffix(rest, "-linux-gnueabihf")) {
			return true
		}
	}
	return slices.Contains(buildTools, s)
}

// fetches says whether a package is there to fetch others.
func fetches(name string) bool { return slices.Contains(fetchTools, stem(name)) }

// stem is a name without the version at its end: "gcc-12", "llvm-14", "automake1.11".
func stem(name string) string {
	s := strings.TrimRight(name, "0123456789.")
	if len(s) == len(name) {
		return name
	}
	return strings.TrimSuffix(s, "-")
}

// temporary says whether groups of packages were made to be removed again, by
// the names that people give them: ".build-deps", ".fetch-deps".
func temporary(groups string) bool {
	if groups == "" {
		return false
	}
	for group := range strings.FieldsSeq(strings.ToLower(groups)) {
		known := false
		for _, word := range []string{"build", "fetch", "dev", "tmp", "temp", "compile"} {
			known = known || strings.Contains(group, word)
		}
		if !known || strings.Contains(group, "run") {
			return false
		}
	}
	return true
}

// runtimes are the packages that run what a world of packages brings, by the
// stem of their names.
var runtimes = map[string][]string{
	sekisho.EcosystemPyPI:     {"python", "pypy", "python-minimal"},
	sekisho.EcosystemGem:      {"ruby"},
	sekisho.EcosystemNPM:      {"nodejs", "node", "nodejs-current"},
	sekisho.EcosystemCPAN:     {"perl"},
	sekisho.EcosystemComposer: {"php", "php-cli", "php-fpm"},
	sekisho.EcosystemCRAN:     {"r-base-core", "r"},
	sekisho.EcosystemHex:      {"erlang-base", "erlang", "elixir"},
	sekisho.EcosystemLuaRocks: {"lua"},
	sekisho.EcosystemJulia:    {"julia"},
	sekisho.EcosystemMaven:    {},
	sekisho.EcosystemNuGet:    {},
}

// languages are the worlds of which something lies in the image that is no
// package of the distribution.
func (b *builder) languages() []string {
	var out []string
	for i := range b.r.Packages {
		p := &b.r.Packages[i]
		if _, ok := runtimes[p.Ecosystem]; ok && !p.Hidden && p.OwnedBy == "" && !slices.Contains(out, p.Ecosystem) {
			out = append(out, p.Ecosystem)
		}
	}
	return out
}

// runs says whether a package runs programs of one of the languages.
func runs(name string, languages []string) bool {
	for _, l := range languages {
		switch l {
		case sekisho.EcosystemMaven:
			if strings.Contains(name, "-jre") || strings.Contains(name, "-jdk") || strings.HasPrefix(name, "java-") {
				return true
			}
		case sekisho.EcosystemNuGet:
			if strings.HasPrefix(name, "dotnet") || strings.HasPrefix(name, "aspnetcore") || strings.HasPrefix(name, "mono-") {
				return true
			}
		}
		s := stem(name)
		if i := strings.IndexAny(s, "0123456789"); i > 0 && l != sekisho.EcosystemCRAN { // "python3.11-minimal", "php8.2-cli"
			s = s[:i] + strings.TrimLeft(s[i:], "0123456789.")
		}
		if slices.Contains(runtimes[l], s) {
			return true
		}
	}
	return false
}
