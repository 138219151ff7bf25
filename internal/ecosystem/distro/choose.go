// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"slices"
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// families are the distributions whose advisories are known, by os-release ID.
var families = []string{
	"almalinux", "alpine", "amzn", "arch", "azurelinux", "centos", "chainguard", "debian", "fedora", "mariner", "ol",
	"opensuse-leap", "opensuse-tumbleweed", "photon", "rhel", "rocky", "sle-micro", "sles", "ubuntu", "wolfi",
}

// editions are other IDs of the same product, or of one with the same packages.
var editions = map[string]string{
	"opensuse":            "opensuse-leap",
	"opensuse-microos":    "opensuse-tumbleweed",
	"opensuse-slowroll":   "opensuse-tumbleweed",
	"sl-micro":            "sle-micro",
	"sle_hpc":             "sles",
	"sled":                "sles",
	"sles_sap":            "sles",
	"suse":                "sles",
	"suse-microos":        "sle-micro",
	"redhat":              "rhel",
	"oracle":              "ol",
	"amazon":              "amzn",
	"archlinux":           "arch",
	"opensuse-leap-micro": "sle-micro",
}

// Choose makes one release of all that were found, nil when no visible file
// names one: os-release goes before the others, which add what it does not say.
// The version is the fullest that a file of the same distribution gives for the
// same release. Family, Derived and the dates of support are filled in.
func Choose(all []sekisho.OS) *sekisho.OS {
	best := -1
	for i := range all {
		if o := &all[i]; !o.Location.Hidden && o.ID != "" && (best < 0 || rank(o) > rank(&all[best])) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	o := all[best]
	for i := range all {
		if c := &all[i]; !c.Location.Hidden && c.ID == o.ID {
			add(&o, c)
		}
	}
	o.Family, o.Derived = family(&o)
	o.EOL, o.EOLExtended = support(&o)
	return &o
}

// rank orders the files by how much their word counts.
func rank(o *sekisho.OS) int {
	switch o.Location.Path {
	case "etc/os-release":
		return 6
	case "usr/lib/os-release", "": // an SBOM has no path
		return 5
	case "etc/lsb-release":
		return 4
	case "etc/redhat-release": // derivatives keep one beside their own
		return 2
	case "etc/debian_version", "etc/system-release":
		return 1
	}
	return 3
}

// add fills in what another file of the same distribution knows.
func add(o, c *sekisho.OS) {
	// "12" and "12.5", "7" and "7.9.2009": the same release, told in full.
	if strings.HasPrefix(c.Version, o.Version+".") || o.Version == "" && o.Codename == "" {
		o.Version = c.Version
	}
	if o.Codename == "" && (o.Version == "" || c.Location.Path == "etc/lsb-release") {
		o.Codename = c.Codename
	}
	if o.PrettyName == "" {
		o.PrettyName = c.PrettyName
	}
	if o.Name == "" {
		o.Name = c.Name
	}
}

func family(o *sekisho.OS) (id string, derived bool) {
	for i, id := range append([]string{o.ID}, o.IDLike...) {
		if e, ok := editions[id]; ok {
			id = e
		}
		if slices.Contains(families, id) {
			return id, i > 0
		}
	}
	return "", false
}
