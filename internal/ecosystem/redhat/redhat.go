// SPDX-License-Identifier: Apache-2.0

// Package redhat knows Red Hat's own statements about the flaws of Red Hat
// Enterprise Linux: the security data API and CSAF VEX. It reads no package
// database, and not the errata in OSV's format.
package redhat

import (
	"errors"
	"strings"

	"github.com/sekisho/sekisho/internal/pattern"
	"github.com/sekisho/sekisho/internal/sekisho"
)

// Feeds returns the feeds "redhat-cve" and "redhat-vex", which say the same of
// worlds "redhat/7" and up: by source package, what is fixed in the main
// stream, and what is not and why. Layered products, container images and the
// extended update streams (EUS, AUS, E4S, TUS), whose versions are of another
// line, are left out.
//
// The fixed rows repeat those of redhat-osv by source package. They are the
// same version bound, so that a package in both is judged alike; they add the
// binary packages that an erratum does not list and let each of these feeds
// stand alone. A whole module's erratum ("php:7.3-8020020...") names no
// package and is left to redhat-osv.
func Feeds() []sekisho.Feed {
	return []sekisho.Feed{
		{
			Name:      "redhat-cve",
			Publisher: "Red Hat Product Security",
			License:   "CC-BY-4.0",
			URL:       "https://access.redhat.com/hydra/rest/securitydata/cve.json",
			YieldsTo:  "redhat-vex",
			Parse:     parseCVE,
		},
		{
			Name:      "redhat-vex",
			Publisher: "Red Hat Product Security",
			License:   "CC-BY-4.0",
			URL:       "https://security.access.redhat.com/data/csaf/v2/vex/",
			Parse:     parseVEX,
		},
	}
}

var (
	errNoID     = errors.New("no id")
	errNoState  = errors.New("unknown state")
	errNoRecord = errors.New("not a record of this format")

	// proper is the product itself: "cpe:/o:redhat:enterprise_linux:9", and
	// for what is fixed one of its repositories ("cpe:/a:...:9::appstream").
	// Other streams have other names ("rhel_eus"), and so have add-ons.
	proper = pattern.New(`^cpe:/[oa]:redhat:enterprise_linux:([0-9]+)(?:\.[0-9]+)?(?:::([a-z_]*))?$`)
	cve    = pattern.New(`^CVE-[0-9]{4}-[0-9]{4,}$`)
	cwe    = pattern.New(`CWE-[0-9]+`)
	date   = pattern.New(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)
	nevra  = pattern.New(`^([^\s:/]+)-([0-9]+):([^-\s:]+)-([^-\s:]+)$`)
)

// world of a product's cpe; "" for anything but the product proper.
func world(cpe string) string {
	m := proper.FindStringSubmatch(cpe)
	if m == nil {
		return ""
	}
	if m[2] == "fastdatapath" || strings.HasPrefix(m[2], "hypervisor") {
		// Products of their own, whatever their cpe.
		return ""
	}
	return "redhat/" + m[1]
}

// component splits "nodejs:18/nodejs" into module stream and source package.
// Neither "rhel9/ruby-33", an image, nor "org.example/jar" is a package.
func component(name string) (module, pkg string, ok bool) {
	if before, after, slash := strings.Cut(name, "/"); slash {
		m, s, colon := strings.Cut(before, ":")
		if !colon || m == "" || s == "" || after == "" || strings.ContainsAny(after, "/:@") {
			return "", "", false
		}
		return before, after, true
	}
	return "", name, name != "" && !strings.ContainsAny(name, ":@ \t\n")
}

// state maps the words that Red Hat has for what is not fixed.
func state(word string) (string, bool) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "affected":
		return sekisho.StatusAffected, true
	case "will not fix":
		return sekisho.StatusWillNotFix, true
	case "out of support scope":
		return sekisho.StatusEndOfLife, true
	case "not affected":
		return sekisho.StatusNotAffected, true
	case "under investigation", "new":
		return sekisho.StatusInvestigating, true
	case "fix deferred":
		return sekisho.StatusDeferred, true
	}
	return "", false
}

// severity maps the ratings of
// https://access.redhat.com/security/updates/classification/.
func severity(word string) sekisho.Severity {
	switch strings.ToLower(word) {
	case "critical":
		return sekisho.SeverityCritical
	case "important":
		return sekisho.SeverityHigh
	case "moderate":
		return sekisho.SeverityMedium
	case "low":
		return sekisho.SeverityLow
	}
	return sekisho.SeverityUnknown
}

func day(s string) string { return date.FindString(s) }
