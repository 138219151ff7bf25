// SPDX-License-Identifier: Apache-2.0

package truth

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// osvErratum is a record of the OSV schema (https://ossf.github.io/osv-schema/)
// about rpm packages.
type osvErratum struct {
	ID        string
	Summary   string
	Withdrawn string
	Related   []string
	Affected  []struct {
		Package struct{ Ecosystem, Name string }
		Ranges  []struct {
			Events []struct{ Introduced, Fixed string }
		}
		Specific struct {
			Binaries []map[string]string
		} `json:"ecosystem_specific"`
	}
}

// streamWords are the module streams that a title names: "virt:rhel",
// "httpd:2.4/mod_http2".
func streamWords(title string) (list []string) {
	for word := range strings.FieldsSeq(title) {
		if name, stream, ok := strings.Cut(strings.Trim(word, ","), ":"); ok && name != "" && stream != "" {
			stream, _, _ = strings.Cut(stream, "/")
			list = append(list, name+":"+stream)
		}
	}
	return list
}

// perStream gives the fix once for each stream that the title names, where the
// build is one of a module.
func perStream(f fix, title string) []fix {
	streams := streamWords(title)
	if !strings.Contains(f.fixed, ".module") || len(streams) == 0 {
		return []fix{f}
	}
	var list []fix
	for _, f.module = range streams {
		list = append(list, f)
	}
	return list
}

// rpmOSV reads the errata of a feed by release and package; release tells which
// one an ecosystem is, "" for none that is looked at.
func rpmOSV(t *testing.T, feed string, release func(ecosystem string) string) map[string]map[string][]fix {
	t.Helper()
	all := map[string]map[string][]fix{}
	feedFiles(t, feed, func(name string, data []byte) {
		if path.Ext(name) != ".json" {
			return
		}
		var e osvErratum
		if err := json.Unmarshal(data, &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e.Withdrawn != "" || len(e.Related) == 0 && !strings.Contains(e.ID, "SA-") && !strings.Contains(e.ID, "-SU-") {
			return // an erratum that fixes bugs only
		}
		var flaws []string
		for _, id := range e.Related {
			if strings.HasPrefix(id, "CVE-") {
				flaws = append(flaws, id)
			}
		}
		for _, a := range e.Affected {
			to := release(a.Package.Ecosystem)
			if to == "" {
				continue
			}
			if all[to] == nil {
				all[to] = map[string][]fix{}
			}
			for _, r := range a.Ranges {
				for _, event := range r.Events {
					if event.Fixed == "" {
						continue
					}
					builds := map[string]string{a.Package.Name: event.Fixed}
					if len(a.Specific.Binaries) > 0 {
						builds = a.Specific.Binaries[0]
						if len(a.Specific.Binaries) > 1 {
							t.Fatalf("%s: several lists of binaries", name)
						}
					}
					for binary, version := range builds {
						all[to][binary] = append(all[to][binary], perStream(fix{id: e.ID, flaws: flaws, fixed: version}, e.Summary)...)
					}
				}
			}
		}
	})
	return all
}

// withoutStream are the names of which a build of a module names no stream:
// which one a package is of is then a guess, that the naive reading leaves out.
func withoutStream(fixes map[string][]fix) map[string]bool {
	leave := map[string]bool{}
	for name, list := range fixes {
		if slices.ContainsFunc(list, func(f fix) bool { return f.module == "" && strings.Contains(f.fixed, ".module") }) {
			leave[name] = true
		}
	}
	return leave
}

// errata compares bills of a distribution's releases.
func errata(t *testing.T, feed, distro string, all map[string]map[string][]fix, leave map[string]bool, releases ...string) {
	t.Helper()
	from := []string{feed}
	if feed == "redhat-osv" { // built once, for the states too
		from = append(from, "redhat-cve")
	}
	db := database(t, from...)
	for _, release := range releases {
		fixes := all[release]
		skip := withoutStream(fixes)
		for name := range leave {
			skip[name] = true
		}
		packages := drawBuilds(fixes, skip, 300)
		t.Logf("%s %s: %d packages drawn of %d names, %d left out", distro, release, len(packages), len(fixes), len(skip))
		naive := judge(feed, fixes, packages, false, rpmCompare)
		said := evidenceSet(scan(t, db, bill(t, "rpm", distro, release, packages)), "rpm")
		maps.DeleteFunc(said, func(s string, _ bool) bool { return !strings.HasPrefix(s, feed+" ") })
		compare(t, distro+" "+release, naive, said, 1000)
	}
}

func TestAlmaLinux(t *testing.T) {
	all := rpmOSV(t, "almalinux-osv", func(ecosystem string) string {
		release, _ := strings.CutPrefix(ecosystem, "AlmaLinux:")
		return release
	})
	errata(t, "almalinux-osv", "almalinux", all, nil, "8", "9", "10")
}

// redHatErrata reads what a release itself publishes. Extended support, and the
// layered products, are other repositories.
func redHatErrata(t *testing.T) map[string]map[string][]fix {
	t.Helper()
	redHat.once.Do(func() {
		redHat.fixes = rpmOSV(t, "redhat-osv", func(ecosystem string) string {
			rest, ok := strings.CutPrefix(ecosystem, "Red Hat:enterprise_linux:")
			if !ok {
				return ""
			}
			release, _, _ := strings.Cut(rest, ":")
			release, _, _ = strings.Cut(release, ".")
			return release
		})
	})
	return redHat.fixes
}

var redHat struct {
	once  sync.Once
	fixes map[string]map[string][]fix
}

func TestRedHat(t *testing.T) {
	all := redHatErrata(t)
	errata(t, "redhat-osv", "rhel", all, nil, "7", "8", "9")
}

var suseProduct = regexp.MustCompile(`^SUSE:Linux Enterprise (?:[A-Za-z].* )?([0-9]+)(?: SP([0-9]+))?(-LTSS|-ESPOS|-LTSS-Extended-Security)?$`)

// SUSE: modules and editions of one service pack share its packages; LTSS
// carries its line on. Other contracts (BCL, TERADATA) are lines of their own.
func suseFixes(t *testing.T) map[string]map[string][]fix {
	t.Helper()
	return rpmOSV(t, "suse-osv", func(ecosystem string) string {
		if leap, ok := strings.CutPrefix(ecosystem, "openSUSE:Leap "); ok && !strings.Contains(leap, "Micro") {
			return "leap-" + leap
		}
		m := suseProduct.FindStringSubmatch(ecosystem)
		switch {
		case m == nil, strings.HasPrefix(ecosystem, "SUSE:Linux Enterprise Micro"):
			return ""
		case m[2] == "":
			return m[1]
		}
		return m[1] + "." + m[2]
	})
}

func TestSUSE(t *testing.T) {
	all := suseFixes(t)
	root := shared + "/rootfs/sles-15"
	packages := ndbQuery(t, root+"/usr/lib/sysimage/rpm/Packages.db")
	t.Logf("%d packages", len(packages))
	naive := judge("suse-osv", all["15.3"], packages, false, rpmCompare)
	compare(t, "sles-15", naive, evidenceSet(scan(t, database(t, "suse-osv"), "dir:"+root), "rpm"), 80)
	errata(t, "suse-osv", "sles", all, nil, "12.5", "15.3", "15.6")
}

// rockyNVRA is "bash-0:5.1.8-6.el9.x86_64.rpm".
var rockyNVRA = regexp.MustCompile(`^(.+)-([0-9]+:[^-]+-[^-]+)\.([^.]+)\.rpm$`)

// Rocky: an erratum whose packages were built again names all builds; each has
// the fix, so that the lowest of an architecture is the first fixed one.
func TestRocky(t *testing.T) {
	all := map[string]map[string][]fix{}
	feedFiles(t, "rocky", func(name string, data []byte) {
		if !strings.HasPrefix(name, "rocky-errata/") || path.Ext(name) != ".json" {
			return
		}
		var e struct {
			Name, Type, Synopsis string
			CVEs                 []struct{ Name string }
			RPMs                 map[string]struct{ NVRAs []string }
		}
		if err := json.Unmarshal(data, &e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e.Type != "TYPE_SECURITY" {
			return
		}
		var flaws []string
		for _, c := range e.CVEs {
			flaws = append(flaws, c.Name)
		}
		for product, rpms := range e.RPMs {
			release, ok := strings.CutPrefix(product, "Rocky Linux ")
			if !ok || strings.Contains(release, "SIG") {
				continue
			}
			lowest := map[[2]string]string{}
			for _, nvra := range rpms.NVRAs {
				m := rockyNVRA.FindStringSubmatch(nvra)
				if m == nil || m[3] == "src" || strings.Contains(m[1], "-debug") {
					continue
				}
				k := [2]string{m[1], m[3]}
				if lowest[k] == "" || rpmCompare(m[2], lowest[k]) < 0 {
					lowest[k] = m[2]
				}
			}
			if all[release] == nil {
				all[release] = map[string][]fix{}
			}
			for k, version := range lowest {
				f := fix{id: e.Name, flaws: flaws, fixed: version}
				if k[1] != "noarch" {
					f.arches = []string{k[1]}
				}
				all[release][k[0]] = append(all[release][k[0]], perStream(f, e.Synopsis)...)
			}
		}
	})
	errata(t, "rocky", "rocky", all, nil, "8", "9")
}

// Amazon: the core repositories. A name that an extra (a topic of Amazon Linux
// 2) has as well is left out: whether an installed package came from there
// is nowhere in it.
func TestAmazon(t *testing.T) {
	all, extra := map[string]map[string][]fix{}, map[string]bool{}
	feedFiles(t, "amazon-updateinfo", func(name string, data []byte) {
		if path.Base(name) != "updateinfo.xml" {
			return
		}
		var doc struct {
			Updates []struct {
				Type       string `xml:"type,attr"`
				ID         string `xml:"id"`
				References []struct {
					ID   string `xml:"id,attr"`
					Type string `xml:"type,attr"`
				} `xml:"references>reference"`
				Packages []struct {
					Name    string `xml:"name,attr"`
					Epoch   string `xml:"epoch,attr"`
					Version string `xml:"version,attr"`
					Release string `xml:"release,attr"`
					Arch    string `xml:"arch,attr"`
				} `xml:"pkglist>collection>package"`
			} `xml:"update"`
		}
		if err := xml.Unmarshal(data, &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		release, topic, _ := strings.Cut(strings.TrimPrefix(path.Base(path.Dir(name)), "al"), "-")
		if all[release] == nil {
			all[release] = map[string][]fix{}
		}
		for _, u := range doc.Updates {
			var flaws []string
			for _, r := range u.References {
				if r.Type == "cve" {
					flaws = append(flaws, r.ID)
				}
			}
			for _, p := range u.Packages {
				switch {
				case topic != "" && topic != "core":
					extra[p.Name] = true
				case u.Type == "security" && !strings.Contains(p.Name, "-debug") && p.Arch != "src":
					f := fix{id: u.ID, flaws: flaws, fixed: cmp.Or(p.Epoch, "0") + ":" + p.Version + "-" + p.Release}
					if p.Arch != "noarch" {
						f.arches = []string{p.Arch}
					}
					all[release][p.Name] = append(all[release][p.Name], f)
				}
			}
		}
	})
	errata(t, "amazon-updateinfo", "amzn", all, extra, "1", "2", "2023")
}
