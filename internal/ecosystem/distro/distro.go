// SPDX-License-Identifier: Apache-2.0

// Package distro knows which release of which distribution a file system is:
// it reads os-release and the older files, makes one fact of many, and says
// whose advisories apply and until when the release is supported. It knows no
// package and no clock: whether a date has passed is for others to judge.
//
// Format: https://www.freedesktop.org/software/systemd/man/latest/os-release.html.
package distro

import (
	"context"
	"fmt"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// Extractors returns the extractors of this room.
func Extractors() []sekisho.Extractor { return []sekisho.Extractor{release{}} }

// release reads every file that names a release; each one is a fact of its own
// that [Choose] weighs.
type release struct{}

// maxRelease is the size of the largest file that is taken for a release file,
// in bytes. Real ones have a few hundred.
const maxRelease = 64 << 10

func (release) Name() string { return "distro/release" }
func (release) Version() int { return 2 }

func (release) Wants(f *sekisho.File) bool { return formatOf(f.Path) != notRelease }

// format is how a file tells a release.
type format uint8

const (
	notRelease  format = iota
	osRelease          // shell assignments, os-release(5)
	lsbRelease         // shell assignments, DISTRIB_*
	sentence           // "CentOS Linux release 7.9.2009 (Core)"
	suseRelease        // a sentence, then VERSION and PATCHLEVEL
	debianVersion
	alpineRelease
	archRelease // empty
)

func formatOf(path string) format {
	if !strings.HasPrefix(path, "etc/") && path != "usr/lib/os-release" {
		return notRelease
	}
	switch path {
	case "etc/os-release", "usr/lib/os-release":
		return osRelease
	case "etc/lsb-release":
		return lsbRelease
	case "etc/debian_version":
		return debianVersion
	case "etc/alpine-release":
		return alpineRelease
	case "etc/arch-release":
		return archRelease
	case "etc/SuSE-release":
		return suseRelease
	case "etc/redhat-release", "etc/centos-release", "etc/system-release", "etc/fedora-release", "etc/rocky-release",
		"etc/almalinux-release", "etc/oracle-release", "etc/enterprise-release", "etc/photon-release",
		"etc/mariner-release", "etc/azurelinux-release":
		return sentence
	}
	return notRelease
}

func (release) Extract(_ context.Context, in *sekisho.Input) (sekisho.Inventory, error) {
	if in.Size > maxRelease {
		return sekisho.Inventory{}, fmt.Errorf("the release file has %d bytes: no real one has more than %d", in.Size, maxRelease)
	}
	b, err := in.Bytes()
	if err != nil {
		return sekisho.Inventory{}, fmt.Errorf("read the release file: %w", err)
	}
	text := strings.ToValidUTF8(string(b), "\uFFFD")
	var os sekisho.OS
	switch formatOf(in.Path) {
	case notRelease:
	case osRelease:
		os = parseOSRelease(text)
	case lsbRelease:
		f := assignments(text)
		os = parseSentence(f["DISTRIB_ID"])
		if os.ID == "" {
			os.ID = strings.ToLower(f["DISTRIB_ID"])
		}
		os.Version, os.Codename, os.PrettyName = f["DISTRIB_RELEASE"], f["DISTRIB_CODENAME"], f["DISTRIB_DESCRIPTION"]
	case debianVersion:
		os = parseDebianVersion(firstLine(text))
	case alpineRelease:
		os = sekisho.OS{ID: "alpine", Version: firstLine(text)}
	case archRelease:
		os = sekisho.OS{ID: "arch"}
	case suseRelease:
		os = parseSuSE(text)
	case sentence:
		os = parseSentence(firstLine(text))
	}
	if os.ID == "" {
		return sekisho.Inventory{}, nil // a file that says nothing of a release: another will
	}
	os.Location.Path = in.Path
	return sekisho.Inventory{OS: []sekisho.OS{os}}, nil
}
