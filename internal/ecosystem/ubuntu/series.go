// SPDX-License-Identifier: Apache-2.0

package ubuntu

import "strings"

// series is a release, and the channel beside its own archive.
type series struct {
	// World is empty for what no installed release is judged by.
	world, channel string
	known          bool
}

// seriesOf reads the part of a status line before the underscore: "jammy",
// "esm-infra/focal", "trusty/esm".
//
// Known and of no world are "upstream", "devel" (the next release, whatever its
// name), snaps, the touch products, and the archives that one subscribes to for
// another build of a package (FIPS, real time, ROS, Bluefield): their word is
// about versions that the archive's are no earlier or later form of.
func seriesOf(key string) series {
	channel, codename, ok := strings.Cut(key, "/")
	if !ok {
		channel, codename = "", key
	} else if codename == "esm" {
		channel, codename = "esm-infra", channel
	}
	switch channel {
	case "", "esm-infra", "esm-apps", "esm-infra-legacy", "esm-apps-legacy":
	case "fips", "fips-updates", "fips-preview", "realtime", "bluefield", "ros-esm", "stig", "vendor", "ubuntu", "product",
		"stable-phone-overlay", "ubuntu-touch", "ubuntu-core", "touch", "snap", "ibmgt-esm", "intel-esm", "hwe":
		return series{known: true}
	default:
		return series{}
	}
	switch codename {
	case "upstream", "devel", "snap", "product", "touch", "vivid-overlay":
		return series{known: true}
	}
	number := releaseOf(codename)
	if number == "" {
		return series{}
	}
	return series{world: "ubuntu/" + number, channel: channel, known: true}
}

// releaseOf is the number of a release by the first word of its name.
func releaseOf(codename string) string {
	releases := [...]struct{ codename, number string }{
		{"warty", "4.10"},
		{"hoary", "5.04"},
		{"breezy", "5.10"},
		{"dapper", "6.06"},
		{"edgy", "6.10"},
		{"feisty", "7.04"},
		{"gutsy", "7.10"},
		{"hardy", "8.04"},
		{"intrepid", "8.10"},
		{"jaunty", "9.04"},
		{"karmic", "9.10"},
		{"lucid", "10.04"},
		{"maverick", "10.10"},
		{"natty", "11.04"},
		{"oneiric", "11.10"},
		{"precise", "12.04"},
		{"quantal", "12.10"},
		{"raring", "13.04"},
		{"saucy", "13.10"},
		{"trusty", "14.04"},
		{"utopic", "14.10"},
		{"vivid", "15.04"},
		{"wily", "15.10"},
		{"xenial", "16.04"},
		{"yakkety", "16.10"},
		{"zesty", "17.04"},
		{"artful", "17.10"},
		{"bionic", "18.04"},
		{"cosmic", "18.10"},
		{"disco", "19.04"},
		{"eoan", "19.10"},
		{"focal", "20.04"},
		{"groovy", "20.10"},
		{"hirsute", "21.04"},
		{"impish", "21.10"},
		{"jammy", "22.04"},
		{"kinetic", "22.10"},
		{"lunar", "23.04"},
		{"mantic", "23.10"},
		{"noble", "24.04"},
		{"oracular", "24.10"},
		{"plucky", "25.04"},
		{"questing", "25.10"},
		{"resolute", "26.04"},
	}
	for i := len(releases) - 1; i >= 0; i-- { // the newest are asked for most
		if releases[i].codename == codename {
			return releases[i].number
		}
	}
	return ""
}
