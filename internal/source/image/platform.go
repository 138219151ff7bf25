// SPDX-License-Identifier: Apache-2.0

package image

import (
	"runtime"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sekisho/sekisho/internal/message"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// PlatformError says that an image does not exist for the platform.
type PlatformError struct {
	Name string
	Want sekisho.Platform
	Have []sekisho.Platform
}

func (e *PlatformError) Error() string {
	_, _, english := e.Words()
	return english
}

// Words are its code in the catalogue, its arguments and its English.
func (e *PlatformError) Words() (code string, args []string, english string) {
	var have []string
	for _, p := range e.Have {
		s := p.String()
		if p.OSVersion != "" {
			s += " (" + p.OSVersion + ")"
		}
		if !slices.Contains(have, s) {
			have = append(have, s)
		}
	}
	switch len(have) {
	case 0:
		return message.Say("image %s has no platform %s and names no other: there is nothing to scan", e.Name, e.Want)
	case 1:
		return message.Say("image %s has no platform %s, it is for %s only: use --platform %s", e.Name, e.Want, have[0], e.Have[0])
	}
	return message.Say("image %s has no platform %s, it has %s: choose one with --platform, or all with --platform all", e.Name, e.Want, strings.Join(have, ", "))
}

// wanted gives the platform that was asked for, or Linux on this machine's
// architecture, and whether it was asked for.
func wanted(o Options) (sekisho.Platform, bool, error) {
	if o.Platform == "" {
		return normal(sekisho.Platform{OS: "linux", Architecture: runtime.GOARCH}), false, nil
	}
	p, err := sekisho.ParsePlatform(o.Platform)
	return normal(p), true, err
}

// normal rewrites what uname and Debian call an architecture into what images
// call it, and drops variants that say nothing.
func normal(p sekisho.Platform) sekisho.Platform {
	p.OS, p.Architecture, p.Variant = strings.ToLower(p.OS), strings.ToLower(p.Architecture), strings.ToLower(p.Variant)
	if p.OS == "macos" {
		p.OS = "darwin"
	}
	switch p.Architecture {
	case "x86_64", "x86-64":
		p.Architecture = "amd64"
	case "i386", "i686", "x86":
		p.Architecture = "386"
	case "aarch64":
		p.Architecture = "arm64"
	case "armhf":
		p.Architecture = "arm"
	case "armel":
		p.Architecture, p.Variant = "arm", "v6"
	}
	switch {
	case p.Architecture == "arm64" && (p.Variant == "8" || p.Variant == "v8"), p.Architecture == "amd64" && p.Variant == "v1":
		p.Variant = ""
	case p.Architecture == "arm" && len(p.Variant) == 1:
		p.Variant = "v" + p.Variant
	}
	return p
}

// rank says how well an image of platform have serves want: 0 not at all, else
// the higher the better. A machine of a later variant runs what was built for
// an earlier one; where no variant is named, the usual one is the best.
func rank(have, want sekisho.Platform) int {
	have, want = normal(have), normal(want)
	if have.OS != want.OS || have.Architecture != want.Architecture {
		return 0
	}
	if have.Variant == want.Variant {
		return 100
	}
	level := func(v string) int {
		if len(v) == 2 && v[0] == 'v' && v[1] >= '0' && v[1] <= '9' {
			return int(v[1] - '0')
		}
		return 0
	}
	limit := level(want.Variant)
	switch want.Architecture {
	case "arm":
		if want.Variant == "" {
			limit = 7
		}
	case "arm64":
		if want.Variant == "" {
			limit = 8
		}
	case "amd64":
		if want.Variant == "" {
			limit = 1
		}
	default:
		if want.Variant == "" {
			return 1 // another architecture's variant, and nobody asked for a certain one
		}
		return 0
	}
	got := level(have.Variant)
	if got == 0 && have.Variant != "" || limit == 0 {
		return 0
	}
	if got == 0 {
		got = map[string]int{"arm": 7, "arm64": 8, "amd64": 1}[want.Architecture]
	}
	if got <= limit {
		return 10 + got
	}
	if want.Variant == "" {
		return 10 - got // newer than usual, but not ruled out by the request
	}
	return 0
}

// choose picks the entry that serves want best; the first of equals.
func choose(entries []entry, want sekisho.Platform) (entry, bool) {
	best, at := 0, -1
	for i, e := range entries {
		if e.platform == nil {
			continue
		}
		if r := rank(*e.platform, want); r > best {
			best, at = r, i
		}
	}
	if at < 0 {
		return entry{}, false
	}
	return entries[at], true
}

func platformOf(p *v1.Platform) *sekisho.Platform {
	if p == nil || p.OS == "" && p.Architecture == "" {
		return nil
	}
	return &sekisho.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion}
}
