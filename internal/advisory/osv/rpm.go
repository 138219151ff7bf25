// SPDX-License-Identifier: Apache-2.0

package osv

import (
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
)

// additions are the products of Red Hat that add to RHEL proper, under names of
// their own or by carrying its line on, and the channel that they are: their
// packages are built for one major version and judged with it.
var additions = map[string]string{
	"rhel_els": "els", "rhel_extras": "extras", "rhel_extras_rt": "extras-rt",
	"rhel_extras_other": "extras", "rhel_extras_oracle_java": "extras-oracle-java",
	"rhel_extras_sap": "extras-sap", "rhel_extras_sap_hana": "extras-sap-hana", "rhel_extras_rt_els": "els",
	"rhel_extras_sap_els": "els", "rhel_extras_sap_hana_els": "els",
	"rhel_software_collections": "software-collections", "rhel_dotnet": "dotnet",
}

// redhat reads the stream of a package, which is a CPE without its head:
// "enterprise_linux:9::appstream", "rhel_eus:9.2::baseos", "openshift:4.12::el8".
//
// A minor release under extended support (EUS, AUS, TUS, E4S) has fixes of lower
// versions than the main stream's: a world of its own, "redhat/9.2-eus". The
// layered products (OpenShift, JBoss, Satellite, ...: half of all rows) ship
// builds of RHEL's names that come from other repositories; what they say of
// RHEL's packages would be wrong, and no scan can ask for them: no world.
func redhat(rest string) (world, channel string) {
	parts := strings.Split(rest, ":")
	product := strings.ToLower(parts[0])
	version := ""
	if len(parts) > 1 {
		version = parts[1]
	}
	major, _, _ := strings.Cut(version, ".")
	switch product {
	case "enterprise_linux":
	case "rhel_eus", "rhel_aus", "rhel_tus", "rhel_e4s", "rhel_eus_long_life", "rhel_mission_critical":
		if version == "" {
			return "", ""
		}
		return "redhat/" + slug(version) + "-" + strings.TrimPrefix(product, "rhel_"), ""
	default:
		if product != "" && product[0] >= '0' && product[0] <= '9' { // "redhat:8"
			major, _, _ = strings.Cut(product, ".")
			break
		}
		var ok bool
		if channel, ok = additions[product]; !ok {
			return "", ""
		}
		if el, ok := strings.CutPrefix(parts[len(parts)-1], "el"); ok {
			major, _, _ = strings.Cut(el, "_")
		} else if len(parts) > 2 || product == "rhel_software_collections" || product == "rhel_dotnet" {
			return "", "" // the version is the product's own
		}
	}
	if major == "" {
		return "", ""
	}
	return "redhat/" + slug(major), channel
}

var (
	sle   = pattern.New(`^Linux (?:Enterprise )?(Micro )?(?:([A-Za-z].*?) )??(\d+(?:\.\d+)?)(?: SP(\d+))?(?:-([A-Za-z-]+))?$`)
	leap  = pattern.New(`^Leap (Micro )?(\d+(?:\.\d+)?)(?: NonFree)?$`)
	words = pattern.New(`[a-z0-9][A-Za-z0-9._+-]*:[A-Za-z0-9][A-Za-z0-9._-]*`)
)

// suse reads a product's name: "Linux Enterprise Module for Basesystem 15 SP5",
// "Linux Enterprise Server 15 SP2-LTSS", "Leap 15.5". Modules and editions of
// SUSE Linux Enterprise are repositories of the release of their service pack.
func suse(vendor, product string) (world, channel string) {
	if m := leap.FindStringSubmatch(product); m != nil && vendor == "opensuse" {
		if m[1] != "" {
			return "suse/leap-micro-" + m[2], ""
		}
		return "suse/leap-" + m[2], ""
	}
	if m := sle.FindStringSubmatch(product); m != nil && vendor == "suse" {
		switch channel = strings.ToLower(m[5]); channel {
		case "espos", "ltss-extended-security":
			channel = "ltss"
		}
		if m[1] != "" {
			return "suse/sle-micro-" + m[3], channel
		}
		if m[4] != "" {
			m[3] += "." + m[4]
		}
		return "suse/sles-" + m[3], channel
	}
	return release("suse", product, ""), ""
}

// modules finds the module streams that an advisory is about. Its rows name none,
// but its title does: "Moderate: virt:rhel and virt-devel:rhel security update".
// Empty where the title names the module only, or none.
func modules(title string) []string {
	title = strings.ReplaceAll(title, ":Rocky Linux", ":rhel")
	var out []string
	for _, m := range words.FindAllString(title, -1) {
		name, stream, _ := strings.Cut(m, ":")
		stream = strings.TrimRight(stream, "._-")
		if strings.Trim(name, "0123456789") == "" || stream == "" {
			continue // an advisory's number
		}
		out = append(out, name+":"+stream)
	}
	return out
}

// modular tells a version that was built in a module:
// "1:16.20.1-1.module+el8.8.0+19067", "2.module_el8".
func modular(version string) bool {
	return strings.Contains(version, ".module+") || strings.Contains(version, ".module_")
}
