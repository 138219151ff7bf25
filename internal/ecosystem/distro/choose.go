// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// families are the distributions whose releases and advisories are known by
// their own ID.
var families = []string{
	"debian", "ubuntu", "alpine", "wolfi", "chainguard", "rhel", "centos", "fedora", "rocky", "almalinux", "ol", "amzn",
	"sles", "sled", "sle-micro", "sle_hpc", "opensuse-leap", "opensuse-tumbleweed", "photon", "azurelinux", "mariner", "arch",
}

// Choose makes one release of all that were found: os-release before the
// others, what a container sees before what is hidden, and the fullest version
// that a visible file gives. It returns nil when nothing visible names one.
func Choose(all []sekisho.OS) *sekisho.OS {
	var best *sekisho.OS
	for i := range all {
		o := &all[i]
		if o.Location.Hidden || o.ID == "" {
			continue
		}
		if best == nil || rank(o) > rank(best) {
			best = o
		}
	}
	if best == nil {
		return nil
	}
	o := *best
	for i := range all {
		c := &all[i]
		// "12" and "12.5", "7" and "7.9.2009": the same release, told in full.
		if !c.Location.Hidden && c.ID == o.ID && strings.HasPrefix(c.Version, o.Version+".") {
			o.Version = c.Version
		}
	}
	if o.Version == "" && o.ID == "debian" {
		for i := range all { // testing and sid say "trixie/sid" in debian_version only
			if c := &all[i]; c.ID == "debian" && !c.Location.Hidden {
				o.Version = c.Version
			}
		}
	}
	o.Family, o.Derived = family(&o)
	o.EOL, o.EOLExtended = supportEnd(&o)
	return &o
}

func rank(o *sekisho.OS) int {
	switch o.Location.Path {
	case "etc/os-release":
		return 4
	case "usr/lib/os-release", "": // an SBOM names no path
		return 3
	case "etc/lsb-release":
		return 2
	}
	return 1
}

func family(o *sekisho.OS) (string, bool) {
	if slices.Contains(families, o.ID) {
		return o.ID, false
	}
	for _, like := range o.IDLike {
		if slices.Contains(families, like) {
			return like, true
		}
		if like == "suse" || like == "opensuse" {
			return "sles", true
		}
	}
	return "", false
}

// supportEnd looks the release up, then its shorter forms: 3.18.9, 3.18, 3.
func supportEnd(o *sekisho.OS) (eol, extended string) {
	switch {
	case o.Derived, o.Family == "":
		return "", "" // a derivative has dates of its own
	case o.ID == "centos" && !strings.Contains(o.Name+o.PrettyName, "Stream") && strings.HasPrefix(o.Version, "8"):
		return "2021-12-31", "" // CentOS Linux 8; Stream 8 lived longer
	case o.ID == "mariner" && strings.HasPrefix(o.Version, "1."):
		return "2023-07-31", ""
	case o.ID == "mariner" && strings.HasPrefix(o.Version, "2."):
		return "2025-07-31", ""
	}
	for v := o.Version; v != ""; {
		if d, ok := supportEnds[o.ID+" "+v]; ok {
			return d[0], d[1]
		}
		i := strings.LastIndexByte(v, '.')
		if i < 0 {
			break
		}
		v = v[:i]
	}
	return "", ""
}
