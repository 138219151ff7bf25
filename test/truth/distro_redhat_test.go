// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"cmp"
	"encoding/json"
	"path"
	"regexp"
	"strings"
	"testing"
)

// redHatCVE is a record of Red Hat's security data API
// (https://docs.redhat.com/en/documentation/red_hat_security_data_api/1.0).
type redHatCVE struct {
	Name     string
	Releases []struct{ CPE, Advisory, Package string } `json:"affected_release"`
	States   []struct {
		CPE     string
		State   string `json:"fix_state"`
		Package string `json:"package_name"`
	} `json:"package_state"`
}

// redHatMain is the product proper and its repositories, but for two that are
// products of their own.
var redHatMain = regexp.MustCompile(`^cpe:/[oa]:redhat:enterprise_linux:(\d+)(?:\.\d+)?(?:::(\w*))?$`)

var redHatStates = map[string]string{
	"Affected": "affected", "Will not fix": "will_not_fix", "Out of support scope": "end_of_life", "Fix deferred": "fix_deferred",
	"Under investigation": "under_investigation", "New": "under_investigation", "Not affected": "",
}

// Red Hat with the states of what is not fixed: a record lists, by source
// package of a product, the errata that fixed it and, under package_state, what
// is open. A state holds while no erratum's fix of that flaw is installed, and
// the product is not called "Not affected". Only packages of no module are
// taken here.
func TestRedHatStates(t *testing.T) {
	type row struct{ feed, flaw, id, fixed, state string }
	rows := map[string]map[string][]row{"8": {}, "9": {}}
	bounds := map[string]map[string][]fix{"8": {}, "9": {}}
	for release, names := range redHatErrata(t) {
		if rows[release] == nil {
			continue
		}
		for name, list := range names {
			for _, f := range list {
				for _, flaw := range f.flaws {
					if f.module == "" && !strings.Contains(f.fixed, ".module") {
						rows[release][name] = append(rows[release][name], row{"redhat-osv", flaw, f.id, f.fixed, ""})
					}
				}
			}
		}
	}
	build := regexp.MustCompile(`^(\S+)-(\d+:[^-]+-[^-]+)$`)
	records := 0
	feedFiles(t, "redhat-cve", func(name string, data []byte) {
		if path.Ext(name) != ".json" {
			return
		}
		var r redHatCVE
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		records++
		release := func(cpe string) string {
			m := redHatMain.FindStringSubmatch(cpe)
			if m == nil || m[2] == "fastdatapath" || strings.HasPrefix(m[2], "hypervisor") || rows[m[1]] == nil {
				return ""
			}
			return m[1]
		}
		for _, a := range r.Releases {
			m, to := build.FindStringSubmatch(a.Package), release(a.CPE)
			if m == nil || to == "" || a.Advisory == "" || strings.Contains(m[2], ".module") {
				continue
			}
			rows[to][m[1]] = append(rows[to][m[1]], row{"redhat-cve", r.Name, a.Advisory, m[2], ""})
			bounds[to][m[1]] = append(bounds[to][m[1]], fix{id: a.Advisory, fixed: m[2]})
		}
		for _, s := range r.States {
			to := release(s.CPE)
			state, known := redHatStates[s.State]
			if !known {
				t.Fatalf("%s: the state %q", name, s.State)
			}
			if to != "" && strings.HasPrefix(s.CPE, "cpe:/o:") && !strings.Contains(s.Package, "/") {
				rows[to][s.Package] = append(rows[to][s.Package], row{"redhat-cve", r.Name, r.Name, "", cmp.Or(state, "none")})
			}
		}
	})
	db := database(t, "redhat-osv", "redhat-cve")
	for release := range rows {
		packages := drawBuilds(bounds[release], nil, 200)
		naive, states := map[string]bool{}, 0
		for _, p := range packages {
			settled := map[string]bool{}
			for _, r := range rows[release][p.name] {
				if r.state == "none" || r.fixed != "" && rpmCompare(p.version, r.fixed) >= 0 {
					settled[r.flaw] = true
				}
			}
			for _, r := range rows[release][p.name] {
				switch {
				case r.fixed != "" && rpmCompare(p.version, r.fixed) < 0:
					naive[statement(r.feed, r.flaw, r.id, p.name, p.version, r.fixed)] = true
				case r.fixed == "" && r.state != "none" && !settled[r.flaw]:
					states++
					naive[statement(r.feed, r.flaw, r.id, p.name, p.version, r.state)] = true
				}
			}
		}
		t.Logf("rhel %s: %d records, %d packages, %d states without a fix", release, records, len(packages), states)
		compare(t, "rhel "+release+" with states", naive, evidenceSet(scan(t, db, bill(t, "rpm", "rhel", release, packages)), "rpm"), 1000)
	}
}
