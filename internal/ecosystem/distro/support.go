// SPDX-License-Identifier: Apache-2.0

package distro

import (
	"strings"

	"github.com/sekisho/sekisho/internal/sekisho"
)

// streamName is os-release's NAME of CentOS Stream, which shares its ID with
// CentOS Linux and outlived it.
const streamName = "CentOS Stream"

// lifetime is when support ends: the last days, "2028-06-30", empty when not
// known or when there is no such support.
type lifetime struct{ regular, extended string }

// support looks the release up. A derivative has dates of its own, which are
// not known here, and rolling distributions have none.
func support(o *sekisho.OS) (regular, extended string) {
	if o.Derived || o.Family == "" || strings.ContainsAny(o.Version, "_~") {
		return "", "" // with "_alpha": not released yet
	}
	product := o.Family
	if o.ID == "centos" && strings.Contains(o.Name+" "+o.PrettyName, streamName) {
		product = "centos-stream"
	}
	l := lifetimes[product+" "+cycle(product, o.Version)]
	return l.regular, l.extended
}

// cycle is the part of a version by which a product counts its releases.
func cycle(product, version string) string {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	both := major + "." + minor
	switch product {
	case "alpine", "ubuntu", "photon", "mariner", "azurelinux":
		return both
	case "sles", "sle-micro", "opensuse-leap":
		if minor == "" {
			minor = "0"
		}
		return major + "." + minor
	case "debian": // 6.0 was the last with two numbers
		if len(major) == 1 && major <= "6" && minor != "" {
			return both
		}
	case "amzn": // 2018.03, then 2 and 2023
		if len(major) == 4 && major < "2019" && minor != "" {
			return both
		}
	}
	return major
}
