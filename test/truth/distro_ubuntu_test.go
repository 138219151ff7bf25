// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// uctLine is "esm-infra/focal_openssl: released (1.1.1f-1ubuntu2.20)".
var uctLine = regexp.MustCompile(`(?m)^([a-z-]+/)?([a-z]+)(/esm)?_([^: ]+): ([a-zA-Z-]+) ?(.*)$`)

// ubuntuStatus is what one line of the tracker says.
type ubuntuStatus struct{ id, word, detail, channel string }

// Ubuntu: each line of the tracker (ubuntu-cve-tracker, README) is about a
// source package of a release: "released" names the fixed version, "needed" and
// "pending" are open, "not-affected" and "DNE" are none. Lines of esm-infra and
// esm-apps carry the release's versions on, for subscribers.
//
// A state without a fix tells nothing of a package that has another line's
// fix, or that another line calls not affected; except that "not-affected" of
// esm means "as published there", where the release has a fix of its own.
func TestUbuntu(t *testing.T) {
	releases := map[string]string{"bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04"}
	lines := map[string]map[string][]ubuntuStatus{}
	for codename := range releases {
		lines[codename] = map[string][]ubuntuStatus{}
	}
	files := 0
	feedFiles(t, "ubuntu-uct", func(name string, data []byte) {
		id := path.Base(name)
		if !strings.HasPrefix(id, "CVE-") {
			return
		}
		files++
		for _, m := range uctLine.FindAllStringSubmatch(string(data), -1) {
			channel, of := strings.TrimSuffix(m[1], "/"), lines[m[2]]
			if of == nil || channel != "" && !strings.HasPrefix(channel, "esm-") {
				continue
			}
			of[m[4]] = append(of[m[4]], ubuntuStatus{id, m[5], strings.TrimSpace(m[6]), channel})
		}
	})
	t.Logf("%d files", files)
	db := database(t, "ubuntu-uct")
	for codename, release := range releases {
		fixes := map[string][]fix{}
		for pkg, list := range lines[codename] {
			for _, s := range list {
				if v, _, ok := strings.Cut(strings.TrimLeft(s.detail, "( "), ")"); ok && s.word == "released" && v != "" && !strings.Contains(v, " ") {
					fixes[pkg] = append(fixes[pkg], fix{id: s.id, fixed: v})
				}
			}
		}
		packages := drawBuilds(fixes, nil, 100)
		for i := range packages {
			packages[i].arch = "amd64"
		}
		naive := map[string]bool{}
		for _, p := range packages {
			byFlaw := map[string][]ubuntuStatus{}
			for _, s := range lines[codename][p.source] {
				byFlaw[s.id] = append(byFlaw[s.id], s)
			}
			for id, list := range byFlaw {
				for what := range ubuntuVerdict(list, p.version) {
					naive[statement("ubuntu-uct", id, id, p.name, p.version, what)] = true
				}
			}
		}
		t.Logf("%s: %d packages", codename, len(packages))
		compare(t, "ubuntu "+release, naive, evidenceSet(scan(t, db, bill(t, "deb", "ubuntu", release, packages)), "deb"), 1000)
	}
}

// ubuntuVerdict gives the fixes and states that hold for a version.
func ubuntuVerdict(list []ubuntuStatus, version string) map[string]bool {
	own := ""
	for _, s := range list {
		if s.channel == "" {
			own = s.word
		}
	}
	fixes, states, cleared := map[string]bool{}, map[string]bool{}, false
	for _, s := range list {
		switch s.word {
		case "released":
			v, _, _ := strings.Cut(strings.TrimLeft(s.detail, "( "), ")")
			if dpkgCompare(version, v) < 0 {
				fixes[v] = true
			} else {
				cleared = true
			}
		case "not-affected":
			cleared = cleared || s.channel == "" || own != "released" && own != "not-affected"
		case "needed", "pending":
			states["affected"] = true
		case "needs-triage":
			states["under_investigation"] = true
		case "deferred":
			states["fix_deferred"] = true
		case "ignored":
			reason := strings.ToLower(s.detail)
			if strings.Contains(reason, "end of") || strings.Contains(reason, "end-of-life") || strings.Contains(reason, "out of standard support") {
				states["end_of_life"] = true
			} else {
				states["will_not_fix"] = true
			}
		}
	}
	if !cleared {
		for s := range states {
			fixes[s] = true
		}
	}
	return fixes
}
